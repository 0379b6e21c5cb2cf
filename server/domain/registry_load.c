/* Loading at start: every app and API key, a page at a time.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/domain/heap.h"
#include "server/domain/registry_parts.h"

#define PAGE CSN_PAGE_MAX

static enum csn_status
load_app(struct csn_registry *registry, struct csn_store *store, struct csn_id id,
         struct csn_arena scratch)
{
    struct csn_app_box *box = NULL;
    enum csn_status status = csn_app_compile_in(registry, store, id, scratch, &box);
    if (status != CSN_OK)
        return status;
    struct csn_change change = {0};
    status = csn_change_stage_app(&change, registry, box);
    csn_change_settle(&change, status);
    return status;
}

static enum csn_status
load_apps(struct csn_registry *registry, struct csn_store *store, struct csn_arena scratch,
          struct csn_id *last)
{
    struct csn_id ids[PAGE];
    size_t count = 0;
    do {
        enum csn_status status =
            csn_store_app_ids(store, (struct csn_id){0}, *last, ids, PAGE, &count);
        for (size_t i = 0; i < count && status == CSN_OK; i++) {
            *last = ids[i];
            status = load_app(registry, store, ids[i], scratch);
        }
        if (status != CSN_OK)
            return status;
    } while (count == PAGE);
    return CSN_OK;
}

/* The arena holds the names of one page, which the registry does not keep. */
static enum csn_status
load_api_keys(struct csn_registry *registry, struct csn_store *store, struct csn_arena arena)
{
    struct csn_api_key_row *rows = csn_arena_alloc(&arena, PAGE * sizeof *rows);
    struct csn_api_key_filter filter = {.limit = PAGE};
    size_t count = 0;
    do {
        struct csn_arena names = arena;
        enum csn_status status = csn_store_api_key_list(store, &filter, &names, rows, &count);
        struct csn_change change = {0};
        for (size_t i = 0; i < count && status == CSN_OK; i++) {
            status = csn_change_stage_api_key(&change, registry, &rows[i]);
            filter.after = rows[i].id;
        }
        csn_change_settle(&change, status);
        if (status != CSN_OK)
            return status;
    } while (count == PAGE);
    return CSN_OK;
}

static const char *
sentence_for(enum csn_status status)
{
    switch (status) {
    case CSN_CRYPTO: return "A key does not open: this is not the master key it was sealed under.";
    case CSN_INVALID: return "An app in the database is damaged.";
    case CSN_NO_MEMORY: return "There is not enough memory for all apps.";
    default: return "The database cannot be read.";
    }
}

_Static_assert((sizeof(struct csn_api_key_row) + CSN_NAME_MAX + 33) * PAGE < CSN_APP_SCRATCH,
               "a page of API keys fits the scratch memory");

enum csn_status
csn_registry_load(struct csn_registry *registry, struct csn_store *store, struct csn_id *app,
                  const char **wrong)
{
    *app = (struct csn_id){0};
    *wrong = "";
    void *memory = csn_heap_new(CSN_APP_SCRATCH);
    struct csn_arena scratch = csn_arena_over(memory, CSN_APP_SCRATCH);
    enum csn_status status = memory == NULL ? CSN_NO_MEMORY : CSN_OK;
    if (status == CSN_OK)
        status = load_apps(registry, store, scratch, app);
    if (status == CSN_OK) {
        *app = (struct csn_id){0};
        status = load_api_keys(registry, store, scratch);
    }
    csn_heap_free(memory, CSN_APP_SCRATCH);
    if (status != CSN_OK)
        *wrong = sentence_for(status);
    return status;
}
