/* Staged values, and their one way into the registry's tables.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/domain/change.h"

#include <string.h>

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
    void (*release)(struct csn_table_entry *entry);
};

/* Takes over with.entry (NULL: it could not be made), also on failure. */
static enum csn_status
stage(struct csn_change *change, struct csn_staged with)
{
    struct csn_staged *staged = with.entry != NULL ? csn_heap_new(sizeof *staged) : NULL;
    if (staged == NULL) {
        if (with.entry != NULL)
            with.release(with.entry);
        return CSN_NO_MEMORY;
    }
    *staged = with;
    staged->next = change->first;
    change->first = staged;
    return CSN_OK;
}

/* Returns: an entry that says "removed"; NULL when memory is out. */
static struct csn_table_entry *
removal(struct csn_bytes key)
{
    struct csn_table_entry *entry = csn_heap_new(sizeof *entry);
    if (entry == NULL)
        return NULL;
    csn_table_entry_init(entry, key, GENERATION_REMOVED);
    entry->removed = true;
    return entry;
}

enum csn_status
csn_change_stage_app(struct csn_change *change, struct csn_registry *registry,
                     struct csn_app_box *box)
{
    csn_table_entry_init(&box->entry, csn_id_view(&box->app.id), box->app.generation);
    return stage(change, (struct csn_staged){.table = &registry->apps,
                                             .entry = &box->entry,
                                             .release = csn_registry_release_app});
}

enum csn_status
csn_change_stage_no_app(struct csn_change *change, struct csn_registry *registry, struct csn_id app)
{
    return stage(change, (struct csn_staged){.table = &registry->apps,
                                             .entry = removal(csn_id_view(&app)),
                                             .release = csn_registry_release_app});
}

enum csn_status
csn_change_stage_api_key(struct csn_change *change, struct csn_registry *registry,
                         const struct csn_api_key_row *row)
{
    struct csn_api_key_entry *made = csn_heap_new(sizeof *made);
    if (made == NULL)
        return CSN_NO_MEMORY;
    csn_table_entry_init(&made->entry, csn_bytes_text(row->key), GENERATION_MADE);
    made->key = (struct csn_api_key){
        .id = row->id,
        .account = row->account,
        .app = row->app,
        .roles = row->roles,
        .root = row->root && csn_id_is_none(&row->app), /* of one app: nobody outside it */
        .expires_ms = row->expires_ms,
    };
    memcpy(made->secret_hash, row->secret_hash, sizeof made->secret_hash);
    atomic_init(&made->last_used_ms, row->last_used_ms);
    atomic_init(&made->used, false);
    return stage(change, (struct csn_staged){.table = &registry->api_keys,
                                             .entry = &made->entry,
                                             .release = csn_registry_release_api_key});
}

enum csn_status
csn_change_stage_no_api_key(struct csn_change *change, struct csn_registry *registry,
                            const char *key)
{
    return stage(change, (struct csn_staged){.table = &registry->api_keys,
                                             .entry = removal(csn_bytes_text(key)),
                                             .release = csn_registry_release_api_key});
}

/* The one that loses, or the staged one that is dropped, is released. */
static void
settle_one(const struct csn_staged *staged, bool publish)
{
    struct csn_table_entry *loser = staged->entry;
    if (publish)
        loser = csn_table_put(staged->table, staged->entry);
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
