/* A map from a short text (an app's id, an API key's name) to the entry that begins with it, for
 * many readers.
 *
 * Sharded: a look-up takes one shard's lock for a few dozen nanoseconds, and a change to one entry
 * disturbs no other shard. Intrusive: the node of the chain is part of the entry, so that finding
 * one among 100,000 touches its bucket and itself. An entry carries a generation, and a put never
 * replaces a newer one; an entry that says "removed" stays, so that a late put cannot bring it
 * back.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_DOMAIN_REGISTRY_TABLE_H
#define CSN_SERVER_DOMAIN_REGISTRY_TABLE_H

#include <pthread.h>

#include "countersign/bytes.h"

#define CSN_TABLE_SHARDS 64      /* a power of two */
#define CSN_TABLE_BUCKETS_MIN 16 /* of one shard; a power of two */
#define CSN_TABLE_KEY_MAX 26

/* The beginning of every entry. Filled by csn_table_entry_init. */
struct csn_table_entry {
    struct csn_table_entry *next;
    uint64_t hash;
    uint64_t generation;
    char key[CSN_TABLE_KEY_MAX + 1];
    bool removed;
};

struct csn_table_shard {
    pthread_mutex_t lock;
    struct csn_table_entry **buckets; /* `first` until it has grown */
    size_t bucket_count;              /* a power of two */
    size_t entry_count;
    struct csn_table_entry *first[CSN_TABLE_BUCKETS_MIN];
};

struct csn_table {
    struct csn_table_shard shards[CSN_TABLE_SHARDS];
};

void csn_table_init(struct csn_table *table);

/* Hands every entry to `release`, once, and gives everything else back. */
void csn_table_clear(struct csn_table *table, void (*release)(struct csn_table_entry *entry));

/* Prepares an entry for a table. Asserts key.len <= CSN_TABLE_KEY_MAX. */
void csn_table_entry_init(struct csn_table_entry *entry, struct csn_bytes key, uint64_t generation);

/* Puts `entry`. Fails never: a table that cannot grow is merely slower. Returns: the entry that
 * lost its place, for the caller to release: the old one, or, when the table holds a newer
 * generation, `entry` itself; NULL when there was none. */
struct csn_table_entry *csn_table_put(struct csn_table *table, struct csn_table_entry *entry);

/* Finds the entry of `key` and calls `use` on it while its shard is locked; not on a removed one.
 * Returns: it was found. Cost: constant. */
bool csn_table_use(struct csn_table *table, struct csn_bytes key,
                   void (*use)(void *state, struct csn_table_entry *entry), void *state);

/* Visits every entry but the removed, one shard locked at a time; `visit` must not use the table.
 */
void csn_table_each(struct csn_table *table,
                    void (*visit)(void *state, struct csn_table_entry *entry), void *state);

#endif
