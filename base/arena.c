/* Bump allocation out of memory of the caller.
 *
 * Invariants: used <= cap; every pointer handed out is a multiple of 16, whatever the memory's own
 * alignment; a request that does not fit changes nothing.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "countersign/bytes.h"

#define ALIGNMENT 16

struct csn_arena
csn_arena_over(void *memory, size_t cap)
{
    return (struct csn_arena){.ptr = memory, .cap = cap};
}

/* Returns: `size` bytes that are not cleared, or NULL. */
static uint8_t *
take(struct csn_arena *arena, size_t size)
{
    size_t left = arena->cap - arena->used;
    size_t gap = (size_t)(0 - ((uintptr_t)arena->ptr + arena->used)) % ALIGNMENT;
    if (gap > left || size > left - gap)
        return NULL;
    uint8_t *taken = arena->ptr + arena->used + gap;
    arena->used += gap + size;
    return taken;
}

void *
csn_arena_alloc(struct csn_arena *arena, size_t size)
{
    /* Nothing still takes one byte: the answer is not NULL, and nobody else's. */
    size_t taken = size == 0 ? 1 : size;
    uint8_t *memory = take(arena, taken);
    if (memory == NULL)
        return NULL;
    __builtin_memset(memory, 0, taken);
    return memory;
}

struct csn_bytes
csn_arena_copy(struct csn_arena *arena, struct csn_bytes bytes)
{
    if (bytes.len == SIZE_MAX) /* no room for the NUL in the count itself */
        return (struct csn_bytes){0};
    uint8_t *memory = take(arena, bytes.len + 1);
    if (memory == NULL)
        return (struct csn_bytes){0};
    if (bytes.len != 0)
        __builtin_memcpy(memory, bytes.ptr, bytes.len);
    memory[bytes.len] = '\0';
    return csn_bytes_of(memory, bytes.len);
}
