/* The heap of the registry: zeroed, wiped when freed, and able to fail on command.
 *
 * Everything of the server that lives longer than a request is taken from here, so that a test can
 * let each allocation fail in turn.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_DOMAIN_HEAP_H
#define CSN_SERVER_DOMAIN_HEAP_H

#include <stddef.h>
#include <stdint.h>

/* Returns: `size` zeroed bytes for csn_heap_free; NULL when memory is out. */
void *csn_heap_new(size_t size);

/* Wipes and frees. Accepts NULL. `size` as it was asked for. */
void csn_heap_free(void *memory, size_t size);

/* Tests only: the `nth` allocation from now on fails (1: the next), and every one after it.
 * 0: none fails any more. */
void csn_heap_fail_from(uint64_t nth);

/* Bytes not given back. */
uint64_t csn_heap_in_use(void);

#endif
