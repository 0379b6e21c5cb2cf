/* A sharded map with chained buckets. Shards grow one by one, so no reader ever waits for a rehash
 * of the whole.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/domain/registry_table.h"

#include <string.h>

#include "base/panic.h"
#include "server/domain/heap.h"

/* FNV-1a, then a mix, so that both the low bits (bucket) and the high ones (shard) are good. Every
 * key in the table was made by us at random: nobody can choose colliding ones. */
static uint64_t
hash_of(struct csn_bytes key)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < key.len; i++)
        hash = (hash ^ key.ptr[i]) * UINT64_C(0x100000001b3);
    hash ^= hash >> 32;
    hash *= UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ hash >> 29;
}

static struct csn_table_shard *
shard_of(struct csn_table *table, uint64_t hash)
{
    return &table->shards[hash >> 58 & (CSN_TABLE_SHARDS - 1)];
}

void
csn_table_init(struct csn_table *table)
{
    memset(table, 0, sizeof *table);
    for (size_t i = 0; i < CSN_TABLE_SHARDS; i++) {
        struct csn_table_shard *shard = &table->shards[i];
        pthread_mutex_init(&shard->lock, NULL);
        shard->buckets = shard->first;
        shard->bucket_count = CSN_TABLE_BUCKETS_MIN;
    }
}

static void
free_buckets(struct csn_table_shard *shard)
{
    if (shard->buckets != shard->first)
        csn_heap_free(shard->buckets, shard->bucket_count * sizeof(void *));
}

static void
clear_chain(struct csn_table_entry *entry, void (*release)(struct csn_table_entry *entry))
{
    while (entry != NULL) {
        struct csn_table_entry *next = entry->next;
        release(entry);
        entry = next;
    }
}

void
csn_table_clear(struct csn_table *table, void (*release)(struct csn_table_entry *entry))
{
    for (size_t i = 0; i < CSN_TABLE_SHARDS; i++) {
        struct csn_table_shard *shard = &table->shards[i];
        for (size_t b = 0; b < shard->bucket_count; b++)
            clear_chain(shard->buckets[b], release);
        free_buckets(shard);
        pthread_mutex_destroy(&shard->lock);
    }
    memset(table, 0, sizeof *table);
}

void
csn_table_entry_init(struct csn_table_entry *entry, struct csn_bytes key, uint64_t generation)
{
    CSN_ASSERT(key.len > 0 && key.len <= CSN_TABLE_KEY_MAX);
    *entry = (struct csn_table_entry){.hash = hash_of(key), .generation = generation};
    memcpy(entry->key, key.ptr, key.len);
}

/* Returns: what points to the entry of `key`, or to the NULL where it would stand. */
static struct csn_table_entry **
find(const struct csn_table_shard *shard, uint64_t hash, struct csn_bytes key)
{
    struct csn_table_entry **at = &shard->buckets[hash & (shard->bucket_count - 1)];
    while (*at != NULL && ((*at)->hash != hash || !csn_bytes_equal_text(key, (*at)->key)))
        at = &(*at)->next;
    return at;
}

static void
link_entry(struct csn_table_entry **buckets, size_t bucket_count, struct csn_table_entry *entry)
{
    struct csn_table_entry **head = &buckets[entry->hash & (bucket_count - 1)];
    entry->next = *head;
    *head = entry;
}

/* Doubles the shard's buckets. Without memory it stays as it is. */
static void
grow(struct csn_table_shard *shard)
{
    size_t count = shard->bucket_count * 2;
    struct csn_table_entry **buckets = csn_heap_new(count * sizeof(void *));
    if (buckets == NULL)
        return;
    for (size_t b = 0; b < shard->bucket_count; b++) {
        struct csn_table_entry *entry = shard->buckets[b];
        while (entry != NULL) {
            struct csn_table_entry *next = entry->next;
            link_entry(buckets, count, entry);
            entry = next;
        }
    }
    free_buckets(shard);
    shard->buckets = buckets;
    shard->bucket_count = count;
}

/* Settles which of the two stays in `place`. Returns: the one that goes. */
static struct csn_table_entry *
replace(struct csn_table_entry **place, struct csn_table_entry *with)
{
    struct csn_table_entry *held = *place;
    if (held->generation >= with->generation)
        return with;
    with->next = held->next;
    *place = with;
    return held;
}

struct csn_table_entry *
csn_table_put(struct csn_table *table, struct csn_table_entry *entry)
{
    struct csn_table_shard *shard = shard_of(table, entry->hash);
    struct csn_table_entry *loser = NULL;
    pthread_mutex_lock(&shard->lock);
    struct csn_table_entry **place = find(shard, entry->hash, csn_bytes_text(entry->key));
    if (*place != NULL) {
        loser = replace(place, entry);
    } else {
        if (shard->entry_count >= shard->bucket_count / 2)
            grow(shard);
        link_entry(shard->buckets, shard->bucket_count, entry);
        shard->entry_count++;
    }
    pthread_mutex_unlock(&shard->lock);
    return loser;
}

bool
csn_table_use(struct csn_table *table, struct csn_bytes key,
              void (*use)(void *state, struct csn_table_entry *entry), void *state)
{
    uint64_t hash = hash_of(key);
    struct csn_table_shard *shard = shard_of(table, hash);
    pthread_mutex_lock(&shard->lock);
    struct csn_table_entry *entry = *find(shard, hash, key);
    bool found = entry != NULL && !entry->removed;
    if (found)
        use(state, entry);
    pthread_mutex_unlock(&shard->lock);
    return found;
}

void
csn_table_each(struct csn_table *table, void (*visit)(void *state, struct csn_table_entry *entry),
               void *state)
{
    for (size_t i = 0; i < CSN_TABLE_SHARDS; i++) {
        struct csn_table_shard *shard = &table->shards[i];
        pthread_mutex_lock(&shard->lock);
        for (size_t b = 0; b < shard->bucket_count; b++) {
            for (struct csn_table_entry *e = shard->buckets[b]; e != NULL; e = e->next) {
                if (!e->removed)
                    visit(state, e);
            }
        }
        pthread_mutex_unlock(&shard->lock);
    }
}
