/* The heap of the registry.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/domain/heap.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

#include "countersign/bytes.h"

static atomic_uint_least64_t until_failure; /* 0: never */
static atomic_uint_least64_t in_use;

/* Counts down to 1 and stays there: from then on everything fails. */
static bool
is_to_fail(void)
{
    uint_least64_t left = atomic_load_explicit(&until_failure, memory_order_relaxed);
    if (left == 0)
        return false;
    if (left == 1)
        return true;
    atomic_store_explicit(&until_failure, left - 1, memory_order_relaxed);
    return false;
}

void *
csn_heap_new(size_t size)
{
    if (is_to_fail())
        return NULL;
    void *memory = calloc(1, size > 0 ? size : 1);
    if (memory != NULL)
        atomic_fetch_add_explicit(&in_use, size, memory_order_relaxed);
    return memory;
}

void
csn_heap_free(void *memory, size_t size)
{
    if (memory == NULL)
        return;
    csn_wipe(memory, size);
    atomic_fetch_sub_explicit(&in_use, size, memory_order_relaxed);
    free(memory);
}

void
csn_heap_fail_from(uint64_t nth)
{
    atomic_store(&until_failure, nth);
}

uint64_t
csn_heap_in_use(void)
{
    return atomic_load(&in_use);
}
