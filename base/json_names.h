/* Names of the objects open now. Internal to the reader: the part every name goes through is here,
 * the rest in json_names.c, where the rule is explained.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_BASE_JSON_NAMES_H
#define CSN_BASE_JSON_NAMES_H

#include "countersign/json.h"

#include "base/word.h"

#define CSN_NAME_SHORT_MAX 7 /* bytes of a name that lies in one word with its length */
#define CSN_NAME_LENGTH_SHIFT                                                                      \
    56 /* the last word of a name has at most 7 bytes; its eighth is how many */
#define CSN_NAME_PRIME UINT64_C(0x9E3779B97F4A7C15)

CSN_HOT uint64_t
csn_json_name_mix(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * CSN_NAME_PRIME;
    return hash ^ hash >> 32;
}

/* In: `len` <= CSN_NAME_SHORT_MAX plain characters are the lowest of `word`. Returns: the same as
 * csn_json_names_hash of them. */
CSN_HOT uint32_t
csn_json_name_hash_short(uint64_t word, size_t len)
{
    uint64_t bytes = word & ((UINT64_C(1) << (8 * len)) - 1);
    return (uint32_t)csn_json_name_mix(0, bytes | (uint64_t)len << CSN_NAME_LENGTH_SHIFT);
}

/* Returns: a hash of the value of `name`, the same however it is escaped. */
uint32_t csn_json_names_hash(const struct csn_json_text *name);

/* Returns: no name of the innermost object from `index` on, where one has this hash, is `name`. */
bool csn_json_names_differ(struct csn_json_reader *reader, uint32_t index, uint32_t hash,
                           struct csn_bytes name);

/* Returns: the first index in [from, to) with this hash, or `to`. */
uint32_t csn_json_names_find(const uint32_t *hashes, uint32_t from, uint32_t to, uint32_t hash);

/* Adds the name of a member to those of the innermost object.
 * Returns: false when it is there already, or the table is full or under attack. */
CSN_HOT bool
csn_json_names_add(struct csn_json_reader *reader, struct csn_bytes name, uint32_t hash)
{
    struct csn_json_names *names = reader->names;
    uint32_t count = reader->name_count;
    if (count == CSN_JSON_NAMES_MAX)
        return false;
    uint32_t same =
        csn_json_names_find(names->hash, reader->first_name[reader->depth], count, hash);
    if (same < count && !csn_json_names_differ(reader, same, hash, name))
        return false;
    names->hash[count] = hash;
    names->offset[count] = (uint32_t)(name.ptr - reader->start);
    reader->name_count = count + 1;
    return true;
}

#endif
