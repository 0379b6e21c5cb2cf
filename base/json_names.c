/* The duplicate rule: no two members of one object share a name, escapes resolved (RFC 8259 §4 says
 * SHOULD; a token read by two readers must mean one thing, so here it is MUST).
 *
 * Names of the objects open now lie in one array, innermost last; closing an object cuts the array.
 * A new name is compared with the 32-bit hashes of its object, and in full only where one is equal.
 * The hash is not keyed (core has no randomness), so a hostile document can make hashes equal. An
 * honest one of 512 names has one such pair in 30,000 documents; after COLLISIONS_MAX the document
 * is refused, and the cost stays that of comparing hashes.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/json_names.h"
#include "base/json_scan.h"

#define COLLISIONS_MAX 16

/* Four hashes in one register, in C that both compilers know; aligned like the array it lies in. */
typedef uint32_t lanes_of_four __attribute__((vector_size(16), aligned(4), may_alias));
#define STRIDE 16 /* hashes looked at between two branches */

static uint32_t
hash_plain(struct csn_bytes name)
{
    uint64_t hash = 0, word = 0;
    const uint8_t *at = name.ptr;
    size_t left = name.len;
    for (; left >= 8; left -= 8, at += 8)
        hash = csn_json_name_mix(hash, csn_word_load(at));
    for (size_t i = 0; i < left; i++)
        word |= (uint64_t)at[i] << (8 * i);
    word |= (uint64_t)left << CSN_NAME_LENGTH_SHIFT;
    return (uint32_t)csn_json_name_mix(hash, word);
}

/* The same words as hash_plain, of the value behind the escapes. */
static uint32_t
hash_escaped(struct csn_bytes name)
{
    struct csn_json_cursor cursor = {.at = name.ptr, .end = name.ptr + name.len};
    uint64_t hash = 0, word = 0;
    unsigned shift = 0;
    for (int c = csn_json_cursor_next(&cursor); c >= 0; c = csn_json_cursor_next(&cursor)) {
        word |= (uint64_t)(unsigned)c << shift;
        shift += 8;
        if (shift == 64) {
            hash = csn_json_name_mix(hash, word);
            word = 0;
            shift = 0;
        }
    }
    return (uint32_t)csn_json_name_mix(hash, word | (uint64_t)(shift / 8) << CSN_NAME_LENGTH_SHIFT);
}

uint32_t
csn_json_names_hash(const struct csn_json_text *name)
{
    return name->escaped ? hash_escaped(name->raw) : hash_plain(name->raw);
}

/* Returns: one of the STRIDE hashes from `hashes` on is `hash`. */
static inline bool
stride_has(const uint32_t *hashes, uint32_t hash)
{
    const lanes_of_four *four = (const lanes_of_four *)(const void *)hashes;
    lanes_of_four wanted = {hash, hash, hash, hash};
    lanes_of_four hits = (lanes_of_four)(four[0] == wanted) | (lanes_of_four)(four[1] == wanted) |
                         (lanes_of_four)(four[2] == wanted) | (lanes_of_four)(four[3] == wanted);
    return (hits[0] | hits[1] | hits[2] | hits[3]) != 0;
}

uint32_t
csn_json_names_find(const uint32_t *hashes, uint32_t from, uint32_t to, uint32_t hash)
{
    while (to - from >= STRIDE && !stride_has(hashes + from, hash))
        from += STRIDE;
    while (from < to && hashes[from] != hash)
        from++;
    return from;
}

static bool
names_equal(const uint8_t *known, const uint8_t *end, struct csn_bytes name)
{
    struct csn_json_cursor a = {.at = known, .end = end};
    struct csn_json_cursor b = {.at = name.ptr, .end = name.ptr + name.len};
    int c = 0, d = 0;
    do {
        c = csn_json_cursor_next(&a);
        d = csn_json_cursor_next(&b);
    } while (c == d && c >= 0);
    return c == d;
}

bool
csn_json_names_differ(struct csn_json_reader *reader, uint32_t index, uint32_t hash,
                      struct csn_bytes name)
{
    const struct csn_json_names *names = reader->names;
    while (index < reader->name_count) {
        if (names_equal(reader->start + names->offset[index], reader->end, name))
            return false;
        reader->collisions++;
        if (reader->collisions > COLLISIONS_MAX)
            return false;
        index = csn_json_names_find(names->hash, index + 1, reader->name_count, hash);
    }
    return true;
}
