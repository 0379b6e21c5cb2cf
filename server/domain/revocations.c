/* What was revoked: an open-addressing set under one read-write lock. While nothing is revoked, a
 * question is one atomic load.
 *
 * An entry is keyed by its kind, its app and the thing itself, so an id of one app says nothing
 * about another's. Expired entries leave by rebuilding the table, which also bounds its size.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/domain/revocations.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "server/domain/heap.h"

#define FIRST_CAPACITY 64

enum kind { KIND_NONE = 0, KIND_SESSION = 's', KIND_TOKEN = 't', KIND_CUSTOMER = 'c' };

/* Compared byte by byte: no padding, unused bytes zero. */
struct name {
    char kind;
    char app[CSN_ID_LENGTH];
    uint8_t thing[32];
};

struct entry {
    struct name name;   /* kind KIND_NONE: free */
    int64_t expires_ms; /* of a customer: as far as is known, never (find_ends) */
    int64_t before_ms;  /* of a customer: the tokens meant */
};

struct csn_revocations {
    pthread_rwlock_t lock;
    atomic_size_t count;
    atomic_bool any_customer;
    size_t capacity; /* a power of two, at most half full */
    struct entry *entries;
};

/* The things are random already (ULID tail, SHA-256), so folding their bytes is a good hash. */
static size_t
hash_of(const struct name *name)
{
    uint64_t words[4];
    memcpy(words, name->thing, sizeof words);
    uint64_t mixed = (words[0] ^ words[1] * 0x9E3779B97F4A7C15u) + (words[2] ^ words[3]);
    return (size_t)(mixed ^ mixed >> 29);
}

static struct name
session_name(const struct csn_id *app, const struct csn_id *session)
{
    struct name name = {.kind = KIND_SESSION};
    memcpy(name.app, app->text, sizeof name.app);
    memcpy(name.thing, session->text, CSN_ID_LENGTH);
    return name;
}

static struct name
token_name(const struct csn_id *app, const uint8_t token_hash[32])
{
    struct name name = {.kind = KIND_TOKEN};
    memcpy(name.app, app->text, sizeof name.app);
    memcpy(name.thing, token_hash, sizeof name.thing);
    return name;
}

static struct name
customer_name(const struct csn_id *app, const uint8_t who[CSN_NAME_HASH])
{
    struct name name = {.kind = KIND_CUSTOMER};
    memcpy(name.app, app->text, sizeof name.app);
    memcpy(name.thing, who, CSN_NAME_HASH);
    return name;
}

/* Returns: the entry of this name, or the free place where it belongs. */
static struct entry *
place_of(struct entry *entries, size_t capacity, const struct name *name)
{
    size_t at = hash_of(name) & (capacity - 1);
    while (entries[at].name.kind != KIND_NONE && memcmp(&entries[at].name, name, sizeof *name) != 0)
        at = (at + 1) & (capacity - 1);
    return &entries[at];
}

static struct entry *
table_new(size_t capacity)
{
    return csn_heap_new(capacity * sizeof(struct entry));
}

static void
table_free(struct entry *entries, size_t capacity)
{
    csn_heap_free(entries, capacity * sizeof *entries);
}

struct csn_revocations *
csn_revocations_create(void)
{
    struct csn_revocations *r = csn_heap_new(sizeof *r);
    if (r == NULL)
        return NULL;
    r->capacity = FIRST_CAPACITY;
    r->entries = table_new(r->capacity);
    if (r->entries == NULL || pthread_rwlock_init(&r->lock, NULL) != 0) {
        table_free(r->entries, r->capacity);
        csn_heap_free(r, sizeof *r);
        return NULL;
    }
    return r;
}

void
csn_revocations_free(struct csn_revocations *r)
{
    if (r == NULL)
        return;
    pthread_rwlock_destroy(&r->lock);
    table_free(r->entries, r->capacity);
    csn_heap_free(r, sizeof *r);
}

/* Moves what expires after `now_ms` into a table of `capacity`. The lock is held. */
static enum csn_status
rebuild(struct csn_revocations *r, size_t capacity, int64_t now_ms)
{
    struct entry *entries = table_new(capacity);
    if (entries == NULL)
        return CSN_NO_MEMORY;
    size_t count = 0;
    bool any_customer = false;
    for (size_t i = 0; i < r->capacity; i++) {
        const struct entry *old = &r->entries[i];
        if (old->name.kind == KIND_NONE || old->expires_ms <= now_ms)
            continue;
        *place_of(entries, capacity, &old->name) = *old;
        any_customer = any_customer || old->name.kind == KIND_CUSTOMER;
        count++;
    }
    table_free(r->entries, r->capacity);
    r->entries = entries;
    r->capacity = capacity;
    atomic_store_explicit(&r->any_customer, any_customer, memory_order_release);
    atomic_store_explicit(&r->count, count, memory_order_release);
    return CSN_OK;
}

static enum csn_status
add(struct csn_revocations *r, const struct name *name, int64_t expires_ms, int64_t before_ms)
{
    size_t count = atomic_load_explicit(&r->count, memory_order_relaxed);
    if ((count + 1) * 2 > r->capacity) {
        enum csn_status status = rebuild(r, r->capacity * 2, INT64_MIN);
        if (status != CSN_OK)
            return status;
    }
    struct entry *entry = place_of(r->entries, r->capacity, name);
    bool known = entry->name.kind != KIND_NONE;
    entry->name = *name;
    if (!known || entry->expires_ms < expires_ms)
        entry->expires_ms = expires_ms;
    if (!known || entry->before_ms < before_ms)
        entry->before_ms = before_ms;
    if (!known)
        atomic_store_explicit(&r->count, count + 1, memory_order_release);
    return CSN_OK;
}

static enum csn_status
add_locked(struct csn_revocations *r, const struct name *name, int64_t expires_ms,
           int64_t before_ms)
{
    pthread_rwlock_wrlock(&r->lock);
    enum csn_status status = add(r, name, expires_ms, before_ms);
    if (status == CSN_OK && name->kind == KIND_CUSTOMER)
        atomic_store_explicit(&r->any_customer, true, memory_order_release);
    pthread_rwlock_unlock(&r->lock);
    return status;
}

static bool
holds(struct csn_revocations *r, const struct name *name)
{
    pthread_rwlock_rdlock(&r->lock);
    bool found = place_of(r->entries, r->capacity, name)->name.kind != KIND_NONE;
    pthread_rwlock_unlock(&r->lock);
    return found;
}

bool
csn_revocations_any(struct csn_revocations *r)
{
    return atomic_load_explicit(&r->count, memory_order_acquire) > 0;
}

enum csn_status
csn_revoke_session(struct csn_revocations *r, struct csn_id app, struct csn_id session,
                   int64_t expires_ms)
{
    struct name name = session_name(&app, &session);
    return add_locked(r, &name, expires_ms, 0);
}

enum csn_status
csn_revoke_token(struct csn_revocations *r, struct csn_id app, const uint8_t token_hash[32],
                 int64_t expires_ms)
{
    struct name name = token_name(&app, token_hash);
    return add_locked(r, &name, expires_ms, 0);
}

enum csn_status
csn_revoke_customer(struct csn_revocations *r, struct csn_id app, const uint8_t who[CSN_NAME_HASH],
                    int64_t before_ms)
{
    struct name name = customer_name(&app, who);
    return add_locked(r, &name, INT64_MAX, before_ms);
}

bool
csn_revocations_any_customer(struct csn_revocations *r)
{
    return atomic_load_explicit(&r->any_customer, memory_order_acquire);
}

int64_t
csn_customer_revoked_before(struct csn_revocations *r, const struct csn_id *app,
                            const uint8_t who[CSN_NAME_HASH])
{
    if (!csn_revocations_any_customer(r))
        return 0;
    struct name name = customer_name(app, who);
    pthread_rwlock_rdlock(&r->lock);
    int64_t before_ms = place_of(r->entries, r->capacity, &name)->before_ms;
    pthread_rwlock_unlock(&r->lock);
    return before_ms;
}

bool
csn_is_session_revoked(struct csn_revocations *r, const struct csn_id *app,
                       const struct csn_id *session)
{
    if (!csn_revocations_any(r))
        return false;
    struct name name = session_name(app, session);
    return holds(r, &name);
}

bool
csn_is_token_revoked(struct csn_revocations *r, const struct csn_id *app,
                     const uint8_t token_hash[32])
{
    if (!csn_revocations_any(r))
        return false;
    struct name name = token_name(app, token_hash);
    return holds(r, &name);
}

static size_t
capacity_for(const struct csn_revocations *r, int64_t now_ms)
{
    size_t alive = 0;
    for (size_t i = 0; i < r->capacity; i++)
        alive += r->entries[i].name.kind != KIND_NONE && r->entries[i].expires_ms > now_ms;
    size_t capacity = FIRST_CAPACITY;
    while (capacity < alive * 2 + 2)
        capacity *= 2;
    return capacity;
}

/* Returns: when the last token that the entry is about has ended, by the policy of now: one that
 * came later may let them live longer, and is then told of them again (csn_revocations_recall). */
static int64_t
customer_end(const struct entry *entry, struct csn_registry *registry)
{
    const struct csn_app *app =
        csn_registry_app(registry, csn_bytes_of(entry->name.app, sizeof entry->name.app));
    if (app == NULL)
        return INT64_MIN;
    int64_t life_ms = csn_token_life_max(&app->policy);
    csn_app_release(app);
    return life_ms > 0 ? entry->before_ms + life_ms : INT64_MAX;
}

static void
find_ends(struct csn_revocations *r, struct csn_registry *registry)
{
    for (size_t i = 0; i < r->capacity; i++) {
        struct entry *entry = &r->entries[i];
        if (entry->name.kind == KIND_CUSTOMER)
            entry->expires_ms = customer_end(entry, registry);
    }
}

void
csn_revocations_expire(struct csn_revocations *r, struct csn_registry *registry, int64_t now_ms)
{
    if (!csn_revocations_any(r))
        return;
    pthread_rwlock_wrlock(&r->lock);
    if (registry != NULL)
        find_ends(r, registry);
    /* Out of memory keeps the old table: entries that linger deny what has expired anyway. */
    (void)!rebuild(r, capacity_for(r, now_ms), now_ms);
    pthread_rwlock_unlock(&r->lock);
}

/* --- how long tokens live --- */

int64_t
csn_token_life_max(const struct csn_policy *policy)
{
    bool by_age = policy->issued_within_s >= 0 && policy->use == CSN_USE_SESSION;
    int64_t max_s = policy->lifetime_max_s;
    if (by_age && (max_s < 0 || policy->issued_within_s < max_s))
        max_s = policy->issued_within_s;
    return max_s >= 0 ? (max_s + policy->leeway_s) * 1000 : 0;
}

int64_t
csn_token_issued_earliest(const struct csn_policy *policy, int64_t issued_ms, int64_t expires_ms)
{
    if (issued_ms > 0)
        return issued_ms;
    if (expires_ms == 0)
        return 0;
    int64_t lifetime_max_s = policy->lifetime_max_s;
    return expires_ms -
           (lifetime_max_s > 0 ? lifetime_max_s * 1000 : CSN_TOKEN_LIFETIME_ASSUMED_MS);
}
