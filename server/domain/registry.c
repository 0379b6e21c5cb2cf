/* The registry: two maps and a vault.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/domain/registry.h"

#include <stddef.h>
#include <string.h>

#include "base/panic.h"
#include "core/crypto.h"
#include "server/domain/heap.h"
#include "server/domain/id.h"
#include "server/domain/registry_parts.h"

enum csn_status
csn_registry_create(const uint8_t instance_key[32], struct csn_registry **out)
{
    *out = NULL;
    struct csn_registry *registry = csn_heap_new(sizeof *registry);
    if (registry == NULL)
        return CSN_NO_MEMORY;
    enum csn_status status = csn_vault_create(instance_key, &registry->vault);
    if (status != CSN_OK) {
        csn_heap_free(registry, sizeof *registry);
        return status;
    }
    csn_table_init(&registry->apps);
    csn_table_init(&registry->api_keys);
    *out = registry;
    return CSN_OK;
}

/* An entry that says "removed" is nothing but that. */
void
csn_registry_release_api_key(struct csn_table_entry *entry)
{
    csn_heap_free(entry, entry->removed ? sizeof *entry : sizeof(struct csn_api_key_entry));
}

void
csn_registry_release_app(struct csn_table_entry *entry)
{
    if (entry->removed)
        csn_heap_free(entry, sizeof *entry);
    else
        csn_app_box_release((struct csn_app_box *)entry);
}

const struct csn_vault *
csn_registry_vault(const struct csn_registry *registry)
{
    return registry->vault;
}

void
csn_registry_free(struct csn_registry *registry)
{
    if (registry == NULL)
        return;
    csn_table_clear(&registry->apps, csn_registry_release_app);
    csn_table_clear(&registry->api_keys, csn_registry_release_api_key);
    csn_vault_free(registry->vault);
    csn_heap_free(registry, sizeof *registry);
}

/* --- apps --- */

static void
take_reference(void *state, struct csn_table_entry *entry)
{
    struct csn_app_box *box = (struct csn_app_box *)entry;
    atomic_fetch_add_explicit(&box->references, 1, memory_order_relaxed);
    *(const struct csn_app **)state = &box->app;
}

const struct csn_app *
csn_registry_app(struct csn_registry *registry, struct csn_bytes id)
{
    const struct csn_app *app = NULL;
    if (id.len == CSN_ID_LENGTH)
        csn_table_use(&registry->apps, id, take_reference, &app);
    return app;
}

/* The last one out frees. Acquire-release: every use of the app happened before. */
void
csn_app_box_release(struct csn_app_box *box)
{
    unsigned before = atomic_fetch_sub_explicit(&box->references, 1, memory_order_acq_rel);
    CSN_ASSERT(before > 0);
    if (before > 1)
        return;
    for (size_t i = 0; i < box->app.keys.count; i++)
        csn_verifier_free(box->verifiers[i]);
    csn_verifier_free(box->session_verifier);
    csn_signer_free(box->session_signer);
    csn_heap_free(box, box->size);
}

void
csn_app_release(const struct csn_app *app)
{
    if (app == NULL)
        return;
    uintptr_t box = (uintptr_t)app - offsetof(struct csn_app_box, app);
    csn_app_box_release((struct csn_app_box *)box);
}

/* --- API keys --- */

struct api_key_question {
    uint8_t hash[32]; /* of the secret presented */
    int64_t now_ms;
    struct csn_api_key answer;
    bool good;
};

static void
judge_api_key(void *state, struct csn_table_entry *found)
{
    struct api_key_question *question = state;
    struct csn_api_key_entry *entry = (struct csn_api_key_entry *)found;
    struct csn_bytes presented = csn_bytes_of(question->hash, sizeof question->hash);
    struct csn_bytes kept = csn_bytes_of(entry->secret_hash, sizeof entry->secret_hash);
    if (!csn_equal_secret(presented, kept))
        return;
    if (entry->key.expires_ms != 0 && question->now_ms >= entry->key.expires_ms)
        return;
    atomic_store_explicit(&entry->last_used_ms, question->now_ms, memory_order_relaxed);
    atomic_store_explicit(&entry->used, true, memory_order_relaxed);
    question->answer = entry->key;
    question->good = true;
}

/* The secret is hashed whether or not the key exists, so that both take the same time. */
enum csn_status
csn_registry_api_key(struct csn_registry *registry, struct csn_bytes key, struct csn_bytes secret,
                     struct csn_api_key *out, int64_t now_ms)
{
    *out = (struct csn_api_key){0};
    struct api_key_question question = {.now_ms = now_ms};
    csn_vault_hash_api_secret(registry->vault, secret, question.hash);
    if (key.len > 0 && key.len <= CSN_TABLE_KEY_MAX)
        csn_table_use(&registry->api_keys, key, judge_api_key, &question);
    if (!question.good)
        return CSN_NOT_FOUND;
    *out = question.answer;
    return CSN_OK;
}

/* --- last use of API keys, written down now and then --- */

#define USED_BATCH 256

struct used_list {
    struct {
        struct csn_id id;
        int64_t used_ms;
    } items[USED_BATCH];
    size_t count;
};

static void
gather_used(void *state, struct csn_table_entry *found)
{
    struct used_list *list = state;
    struct csn_api_key_entry *entry = (struct csn_api_key_entry *)found;
    if (list->count == USED_BATCH)
        return;
    if (!atomic_exchange_explicit(&entry->used, false, memory_order_relaxed))
        return;
    list->items[list->count].id = entry->key.id;
    list->items[list->count].used_ms =
        atomic_load_explicit(&entry->last_used_ms, memory_order_relaxed);
    list->count++;
}

enum csn_status
csn_registry_flush_api_keys(struct csn_registry *registry, struct csn_store *store)
{
    struct used_list list = {.count = 0};
    csn_table_each(&registry->api_keys, gather_used, &list);
    for (size_t i = 0; i < list.count; i++) {
        enum csn_status status =
            csn_store_api_key_touch(store, list.items[i].id, list.items[i].used_ms);
        if (status != CSN_OK)
            return status;
    }
    return CSN_OK;
}

static void
count_one(void *state, struct csn_table_entry *entry)
{
    (void)entry;
    ++*(size_t *)state;
}

struct csn_registry_counts
csn_registry_counts(struct csn_registry *registry)
{
    struct csn_registry_counts counts = {0};
    csn_table_each(&registry->apps, count_one, &counts.apps);
    csn_table_each(&registry->api_keys, count_one, &counts.api_keys);
    return counts;
}
