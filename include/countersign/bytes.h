/* Views, buffers, arenas, secrets: who owns a byte is its type.
 *
 *   csn_bytes   borrows. It is copied freely and never freed.
 *   csn_buffer  fills memory of its caller and remembers when that was too small.
 *   csn_arena   hands out memory of its caller, all given back at once.
 *   csn_secret  owns key material of bounded length and must be wiped.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef COUNTERSIGN_BYTES_H
#define COUNTERSIGN_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "countersign/limits.h"
#include "countersign/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* --- a view: `len` bytes at `ptr`, not terminated. {0} is the empty view. --- */
struct csn_bytes {
    const uint8_t *ptr;
    size_t len;
};

/* Returns: a view of `len` bytes at `ptr`. Borrows. */
struct csn_bytes csn_bytes_of(const void *ptr, size_t len);

/* Returns: a view of a NUL-terminated text without its NUL; the empty view for NULL. Borrows. */
struct csn_bytes csn_bytes_text(const char *text);

/* Returns: same length and same bytes. NOT constant time: never for secrets (see crypto.h). */
bool csn_bytes_equal(struct csn_bytes a, struct csn_bytes b);
bool csn_bytes_equal_text(struct csn_bytes a, const char *text);

/* Returns: equal when ASCII letters are folded. */
bool csn_bytes_equal_nocase(struct csn_bytes a, struct csn_bytes b);

bool csn_bytes_starts_with(struct csn_bytes whole, struct csn_bytes start);

/* Returns: index of the first `byte`, or whole.len. */
size_t csn_bytes_find(struct csn_bytes whole, uint8_t byte);

/* Returns: bytes [from, to). Asserts from <= to <= whole.len. */
struct csn_bytes csn_bytes_slice(struct csn_bytes whole, size_t from, size_t to);

/* Returns: well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates, <= U+10FFFF). */
bool csn_utf8_valid(struct csn_bytes text);

/* --- a buffer: append until full; `overflowed` stays set, so one check at the end suffices. --- */
struct csn_buffer {
    uint8_t *ptr;
    size_t cap;
    size_t len;
    bool overflowed;
};

struct csn_buffer csn_buffer_over(void *memory, size_t cap);
void csn_buffer_append(struct csn_buffer *out, struct csn_bytes bytes);
void csn_buffer_text(struct csn_buffer *out, const char *text);
void csn_buffer_byte(struct csn_buffer *out, uint8_t byte);
void csn_buffer_int(struct csn_buffer *out, int64_t value);          /* decimal */
void csn_buffer_hex(struct csn_buffer *out, struct csn_bytes bytes); /* lower case */
struct csn_bytes csn_buffer_view(const struct csn_buffer *out);

/* Terminates with NUL inside the capacity. Returns: the text, or NULL when it overflowed. */
const char *csn_buffer_terminate(struct csn_buffer *out);

/* --- an arena: bump allocation, 16-byte aligned, zeroed. --- */
struct csn_arena {
    uint8_t *ptr;
    size_t cap;
    size_t used;
};

struct csn_arena csn_arena_over(void *memory, size_t cap);

/* Returns: `size` zeroed bytes, or NULL when the arena is full. Owned by the arena. */
void *csn_arena_alloc(struct csn_arena *arena, size_t size);

/* Returns: a copy of `bytes` owned by the arena, followed by a NUL that is not counted;
 * {NULL,0} when the arena is full (a copy of the empty view has a non-NULL ptr). */
struct csn_bytes csn_arena_copy(struct csn_arena *arena, struct csn_bytes bytes);

/* --- a secret: owned bytes that must be wiped. --- */
struct csn_secret {
    uint8_t bytes[CSN_SECRET_MAX];
    size_t len;
};

struct csn_bytes csn_secret_view(const struct csn_secret *secret);

/* Overwrites in a way the compiler may not remove. Accepts an empty secret. */
void csn_secret_wipe(struct csn_secret *secret);
void csn_wipe(void *memory, size_t len);

#ifdef __cplusplus
}
#endif
#endif
