/* A map from a short text (an app's id, an API key's name) to a value, for many readers.
 *
 * Sharded: a look-up takes one shard's lock for a few dozen nanoseconds, and a change to one entry
 * disturbs no other shard. An entry carries a generation, and a put never replaces a newer one; an
 * entry without a value says "removed", and stays, so that a late put cannot bring it back.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_DOMAIN_REGISTRY_TABLE_H
#define CSN_SERVER_DOMAIN_REGISTRY_TABLE_H

#include <pthread.h>

#include "countersign/bytes.h"

#define CSN_TABLE_SHARDS 64      /* a power of two */
#define CSN_TABLE_BUCKETS_MIN 16 /* of one shard; a power of two */
#define CSN_TABLE_KEY_MAX 31

struct csn_table_entry {
    struct csn_table_entry *next;
    uint64_t hash;
    uint64_t generation;
    void *value; /* NULL: removed */
    char key[CSN_TABLE_KEY_MAX + 1];
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

/* Gives every value to `release` (once, NULL not), then everything else back. */
void csn_table_clear(struct csn_table *table, void (*release)(void *value));

/* Makes an entry, not yet in any table. Asserts key.len <= CSN_TABLE_KEY_MAX. NULL: no memory. */
struct csn_table_entry *csn_table_entry_new(struct csn_bytes key, uint64_t generation, void *value);
void csn_table_entry_free(struct csn_table_entry *entry); /* not its value; accepts NULL */

/* Puts `entry`, which the table owns from here on. Fails never: a table that cannot grow is merely
 * slower. Returns: the value that lost its place, for the caller to release: the old one, or, when
 * the table holds a newer generation, the entry's own; NULL when there was none. */
void *csn_table_put(struct csn_table *table, struct csn_table_entry *entry);

/* Finds the value of `key` and calls `use` on it while the shard is locked; not for a removed one.
 * Returns: it was found. Cost: constant. */
bool csn_table_use(struct csn_table *table, struct csn_bytes key,
                   void (*use)(void *state, void *value), void *state);

/* Visits every value, one shard locked at a time; `visit` must not use the table. */
void csn_table_each(struct csn_table *table, void (*visit)(void *state, void *value), void *state);

#endif
