/* Staged values, and their one way into the registry's tables.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/domain/change.h"

#include <string.h>

#include "base/panic.h"
#include "server/domain/heap.h"
#include "server/domain/id.h"
#include "server/domain/registry_parts.h"

/* API keys never change, they only come and go; what is gone stays gone. */
#define GENERATION_MADE 1
#define GENERATION_REMOVED UINT64_MAX

struct csn_staged {
    struct csn_staged *next;
    struct csn_table *table;
    struct csn_table_entry *entry;
    void (*release)(void *value);
};

static void
release_api_key(void *value)
{
    csn_heap_free(value, sizeof(struct csn_api_key_entry));
}

/* Takes over `value` (NULL: a removal), also on failure. */
static enum csn_status
stage(struct csn_change *change, struct csn_staged with, struct csn_bytes key, uint64_t generation,
      void *value)
{
    struct csn_staged *staged = csn_heap_new(sizeof *staged);
    struct csn_table_entry *entry = csn_table_entry_new(key, generation, value);
    if (staged == NULL || entry == NULL) {
        if (value != NULL)
            with.release(value);
        csn_table_entry_free(entry);
        csn_heap_free(staged, sizeof *staged);
        return CSN_NO_MEMORY;
    }
    *staged = with;
    staged->entry = entry;
    staged->next = change->first;
    change->first = staged;
    return CSN_OK;
}

enum csn_status
csn_change_stage_app(struct csn_change *change, struct csn_registry *registry,
                     struct csn_app_box *box)
{
    struct csn_staged with = {.table = &registry->apps, .release = csn_app_box_release};
    return stage(change, with, csn_id_view(&box->app.id), box->app.generation, box);
}

enum csn_status
csn_change_stage_no_app(struct csn_change *change, struct csn_registry *registry, struct csn_id app)
{
    struct csn_staged with = {.table = &registry->apps, .release = csn_app_box_release};
    return stage(change, with, csn_id_view(&app), GENERATION_REMOVED, NULL);
}

enum csn_status
csn_change_stage_api_key(struct csn_change *change, struct csn_registry *registry,
                         const struct csn_api_key_row *row)
{
    struct csn_api_key_entry *entry = csn_heap_new(sizeof *entry);
    if (entry == NULL)
        return CSN_NO_MEMORY;
    entry->key = (struct csn_api_key){
        .id = row->id,
        .account = row->account,
        .app = row->app,
        .roles = row->roles,
        .root = row->root,
        .expires_ms = row->expires_ms,
    };
    memcpy(entry->secret_hash, row->secret_hash, sizeof entry->secret_hash);
    atomic_init(&entry->last_used_ms, row->last_used_ms);
    atomic_init(&entry->used, false);
    struct csn_staged with = {.table = &registry->api_keys, .release = release_api_key};
    return stage(change, with, csn_bytes_text(row->key), GENERATION_MADE, entry);
}

enum csn_status
csn_change_stage_no_api_key(struct csn_change *change, struct csn_registry *registry,
                            const char *key)
{
    struct csn_staged with = {.table = &registry->api_keys, .release = release_api_key};
    return stage(change, with, csn_bytes_text(key), GENERATION_REMOVED, NULL);
}

static void
settle_one(const struct csn_staged *staged, bool publish)
{
    void *loser = staged->entry->value;
    if (publish)
        loser = csn_table_put(staged->table, staged->entry);
    else
        csn_table_entry_free(staged->entry);
    if (loser != NULL)
        staged->release(loser);
}

void
csn_change_settle(struct csn_change *change, enum csn_status outcome)
{
    struct csn_staged *staged = change->first;
    change->first = NULL;
    while (staged != NULL) {
        struct csn_staged *next = staged->next;
        settle_one(staged, outcome == CSN_OK);
        csn_heap_free(staged, sizeof *staged);
        staged = next;
    }
}
