/* The verified-token cache: sets of four ways, each set under its own small lock.
 *
 * An entry copies the caller; its views are not kept but made anew from the app at hand, so that an
 * entry never points into an app that has gone. The key includes the app's generation, which a
 * changed key or policy raises: old entries then simply never match and are overwritten.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/domain/cache.h"

#include <pthread.h>
#include <string.h>

#include "base/panic.h"
#include "server/domain/heap.h"

#define WAYS 4
#define SETS_MIN 64

struct entry {
    uint8_t token_sha256[32];
    struct csn_id app;
    uint64_t generation; /* of the app; 0: free */
    uint64_t used;       /* the set's tick at its last use */
    struct csn_caller caller;
};

struct set {
    pthread_spinlock_t lock;
    uint64_t tick;
    struct entry ways[WAYS];
};

struct csn_cache {
    size_t set_count; /* a power of two */
    struct set sets[];
};

static size_t
sets_for(size_t entries)
{
    size_t sets = SETS_MIN;
    while (sets * WAYS < entries)
        sets *= 2;
    return sets;
}

static size_t
size_with(size_t sets)
{
    return sizeof(struct csn_cache) + sets * sizeof(struct set);
}

struct csn_cache *
csn_cache_create(size_t entries)
{
    size_t sets = sets_for(entries);
    struct csn_cache *cache = csn_heap_new(size_with(sets));
    if (cache == NULL)
        return NULL;
    cache->set_count = sets;
    for (size_t i = 0; i < sets; i++)
        pthread_spin_init(&cache->sets[i].lock, PTHREAD_PROCESS_PRIVATE);
    return cache;
}

void
csn_cache_free(struct csn_cache *cache)
{
    if (cache == NULL)
        return;
    for (size_t i = 0; i < cache->set_count; i++)
        pthread_spin_destroy(&cache->sets[i].lock);
    csn_heap_free(cache, size_with(cache->set_count));
}

/* The token's hash is uniform: any of its words picks the set. */
static struct set *
set_of(struct csn_cache *cache, const struct csn_cache_key *key)
{
    uint64_t word;
    memcpy(&word, key->token_sha256, sizeof word);
    return &cache->sets[word & (cache->set_count - 1)];
}

static bool
is_entry_of(const struct entry *entry, const struct csn_cache_key *key)
{
    return entry->generation != 0 && entry->generation == key->app->generation &&
           memcmp(entry->token_sha256, key->token_sha256, sizeof entry->token_sha256) == 0 &&
           memcmp(&entry->app, &key->app->id, sizeof entry->app) == 0;
}

static struct entry *
find(struct set *set, const struct csn_cache_key *key)
{
    for (size_t i = 0; i < WAYS; i++) {
        if (is_entry_of(&set->ways[i], key))
            return &set->ways[i];
    }
    return NULL;
}

static struct entry *
oldest(struct set *set)
{
    struct entry *chosen = &set->ways[0];
    for (size_t i = 1; i < WAYS; i++) {
        if (set->ways[i].used < chosen->used)
            chosen = &set->ways[i];
    }
    return chosen;
}

/* Points the verdict's views into the app at hand. */
static void
attach(struct csn_caller *caller, const struct csn_app *app)
{
    caller->verdict.identity = csn_bytes_of(caller->identity, caller->identity_len);
    caller->verdict.key = NULL;
    const struct csn_keyring *ring =
        caller->kind == CSN_BEARER_SESSION ? &app->session_keys : &app->keys;
    for (size_t i = 0; i < ring->count; i++) {
        if (ring->keys[i].number == caller->key_number)
            caller->verdict.key = &ring->keys[i];
    }
}

bool
csn_cache_get(struct csn_cache *cache, const struct csn_cache_key *key, struct csn_caller *caller)
{
    struct set *set = set_of(cache, key);
    pthread_spin_lock(&set->lock);
    struct entry *entry = find(set, key);
    if (entry != NULL) {
        entry->used = ++set->tick;
        *caller = entry->caller;
    }
    pthread_spin_unlock(&set->lock);
    if (entry == NULL)
        return false;
    attach(caller, key->app);
    return true;
}

void
csn_cache_put(struct csn_cache *cache, const struct csn_cache_key *key,
              const struct csn_caller *caller)
{
    CSN_ASSERT(caller->verdict.reason == CSN_REASON_ACCEPTED);
    CSN_ASSERT(key->app->generation != 0);
    struct set *set = set_of(cache, key);
    pthread_spin_lock(&set->lock);
    struct entry *entry = find(set, key);
    if (entry == NULL)
        entry = oldest(set);
    memcpy(entry->token_sha256, key->token_sha256, sizeof entry->token_sha256);
    entry->app = key->app->id;
    entry->generation = key->app->generation;
    entry->used = ++set->tick;
    entry->caller = *caller;
    entry->caller.verdict.identity = (struct csn_bytes){0};
    entry->caller.verdict.identity_claim = (struct csn_bytes){0};
    entry->caller.verdict.nonce = (struct csn_bytes){0};
    entry->caller.verdict.claim = (struct csn_bytes){0};
    entry->caller.verdict.key = NULL;
    pthread_spin_unlock(&set->lock);
}
