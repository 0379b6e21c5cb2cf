/* Apps: made, shown, altered, removed. Policy and enforcement are in management_policy.c.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/domain/management_apps.h"

#include "server/domain/enforcement.h"
#include "server/domain/evidence.h"
#include "server/domain/id.h"
#include "server/domain/management_app_rows.h"

/* --- showing --- */

static enum csn_status
read_origins(struct csn_management *m, struct csn_bytes json, struct csn_app_info *out)
{
    const struct csn_json_node *root = NULL;
    enum csn_status status = csn_json_parse(json, m->arena, &root);
    if (status != CSN_OK)
        return status == CSN_NO_SPACE ? status : CSN_UNAVAILABLE;
    struct csn_bytes *origins = csn_management_alloc(m, root->count * sizeof *origins);
    if (origins == NULL)
        return CSN_NO_SPACE;
    out->origins = origins;
    for (const struct csn_json_node *o = root->first; o != NULL; o = o->next)
        origins[out->origin_count++] = o->text;
    return CSN_OK;
}

static enum csn_status
read_jwks(struct csn_management *m, struct csn_app_info *out)
{
    struct csn_jwks_row row;
    enum csn_status status = csn_store_jwks_get(m->store, out->id, m->arena, &row);
    if (status != CSN_OK)
        return status == CSN_NOT_FOUND ? CSN_OK : status;
    out->jwks_error = row.error.ptr != NULL ? row.error : csn_bytes_text("");
    out->jwks_fetched_ms = row.fetched_ms;
    struct csn_bytes url;
    status = csn_jwks_url_open(m, &row, &url);
    return status != CSN_OK ? status : csn_url_show(url, m->arena, &out->jwks_url);
}

static void
fill_plain(const struct csn_app_row *row, struct csn_app_info *out)
{
    *out = (struct csn_app_info){
        .id = row->id,
        .account = row->account,
        .name = row->name,
        .preset = row->preset,
        .suspended = row->suspended,
        .test_mode_until_ms = row->test_mode_until_ms,
        .retention_days = row->retention_days,
        .evidence_until_ms = row->evidence_until_ms,
        .created_ms = row->created_ms,
        .policy_version = row->policy_version,
        .enforcement_version = row->enforcement_version,
    };
}

static enum csn_status
fill_counted(struct csn_management *m, const struct csn_app_row *row, struct csn_app_info *out)
{
    fill_plain(row, out);
    int64_t keys = 0;
    enum csn_status status = csn_store_key_count(m->store, row->id, &keys);
    out->key_count = (size_t)keys;
    return status;
}

enum csn_status
csn_app_info_read(struct csn_management *m, const struct csn_app_row *row, struct csn_app_info *out)
{
    enum csn_status status = fill_counted(m, row, out);
    out->policy = row->policy;
    out->enforcement = row->enforcement;
    if (status == CSN_OK)
        status = read_origins(m, row->origins, out);
    if (status == CSN_OK)
        status = read_jwks(m, out);
    return status;
}

enum csn_status
csn_management_app_get(struct csn_management *m, struct csn_id app, struct csn_app_info *out)
{
    *out = (struct csn_app_info){0};
    struct csn_app_row row;
    enum csn_status status = csn_management_find_app(m, app, &row);
    return status != CSN_OK ? status : csn_app_info_read(m, &row, out);
}

/* --- listing --- */

/* Keeps of a row only what a list shows, so that the arena holds names and no policies. */
static enum csn_status
list_one(struct csn_management *m, struct csn_id id, struct csn_app_info *out)
{
    struct csn_arena before = *m->arena;
    struct csn_app_row row;
    enum csn_status status = csn_store_app_get(m->store, id, m->arena, &row);
    if (status == CSN_OK)
        status = fill_counted(m, &row, out);
    if (status != CSN_OK)
        return status;
    char name[CSN_NAME_MAX];
    char preset[CSN_NAME_MAX];
    struct csn_buffer kept_name = csn_buffer_over(name, sizeof name);
    struct csn_buffer kept_preset = csn_buffer_over(preset, sizeof preset);
    csn_buffer_append(&kept_name, row.name);
    csn_buffer_append(&kept_preset, row.preset);
    *m->arena = before;
    out->name = csn_arena_copy(m->arena, csn_buffer_view(&kept_name));
    if (row.preset.ptr != NULL)
        out->preset = csn_arena_copy(m->arena, csn_buffer_view(&kept_preset));
    return out->name.ptr == NULL ? CSN_NO_SPACE : CSN_OK;
}

static enum csn_status
list_ids(struct csn_management *m, struct csn_id after, struct csn_id *ids, size_t limit,
         size_t *found)
{
    if (csn_id_is_none(&m->scope.app))
        return csn_store_app_ids(m->store, m->scope.account, after, ids, limit, found);
    if (csn_id_is_none(&after))
        ids[(*found)++] = m->scope.app;
    return CSN_OK;
}

enum csn_status
csn_management_app_list(struct csn_management *m, struct csn_page page,
                        const struct csn_app_info **out, size_t *count, bool *more)
{
    *out = NULL;
    *count = 0;
    *more = false;
    if (csn_id_is_none(&m->scope.account))
        return csn_refuse_unknown(m);
    size_t limit = csn_page_limit(&page);
    size_t found = 0;
    struct csn_app_info *list = csn_management_alloc(m, limit * sizeof *list);
    struct csn_id *ids = csn_management_alloc(m, (limit + 1) * sizeof *ids);
    if (list == NULL || ids == NULL)
        return CSN_NO_SPACE;
    enum csn_status status = list_ids(m, page.after, ids, limit + 1, &found);
    *more = found > limit;
    size_t shown = *more ? limit : found;
    for (size_t i = 0; i < shown && status == CSN_OK; i++) {
        status = list_one(m, ids[i], &list[i]);
        *count = i + 1;
    }
    *out = list;
    return status;
}

/* --- making --- */

enum csn_status
csn_management_app_create(struct csn_management *m, const struct csn_app_request *with,
                          struct csn_app_info *out, int64_t now_ms)
{
    *out = (struct csn_app_info){0};
    if (!csn_id_is_none(&m->scope.app) || csn_id_is_none(&m->scope.account))
        return csn_refuse_unknown(m);
    enum csn_status status = csn_management_check_name(m, "name", with->name);
    if (status != CSN_OK)
        return status;
    struct csn_app_row row = {
        .account = m->scope.account,
        .name = csn_arena_copy(m->arena, with->name),
        .policy_version = 1,
        .enforcement_version = 1,
        .origins = csn_bytes_text("[]"),
        .retention_days = CSN_RETENTION_DAYS_DEFAULT,
        .created_ms = now_ms,
        .generation = 1,
    };
    if (row.name.ptr == NULL)
        return CSN_NO_SPACE;
    csn_id_make(m->random, &row.id, now_ms);
    status = csn_app_row_set_first_policy(m, with, &row);
    if (status == CSN_OK)
        status =
            csn_app_row_set_enforcement(m, csn_bytes_text("{\"mode\":\"optional\"}"), &row, now_ms);
    if (status == CSN_OK)
        status = csn_store_app_add(m->store, &row);
    if (status == CSN_OK)
        status = csn_management_stage_app(m, row.id);
    return status != CSN_OK ? status : csn_app_info_read(m, &row, out);
}

/* --- altering --- */

static enum csn_status
set_origins(struct csn_management *m, const struct csn_app_changes *changes,
            struct csn_app_row *row)
{
    if (changes->origin_count > CSN_ORIGINS_MAX)
        return csn_refuse(m, CSN_TOO_LARGE, "origins", "At most %d origins.", CSN_ORIGINS_MAX);
    size_t cap = 4 + changes->origin_count * (CSN_ORIGIN_MAX + 3);
    uint8_t *memory = csn_management_alloc(m, cap);
    if (memory == NULL)
        return CSN_NO_SPACE;
    struct csn_buffer out = csn_buffer_over(memory, cap);
    struct csn_json_writer w = csn_json_writer_over(&out);
    csn_json_open_array(&w);
    for (size_t i = 0; i < changes->origin_count; i++) {
        if (!csn_origin_is_valid(changes->origins[i]))
            return csn_refuse(m, CSN_INVALID, "origins",
                              "Entry %zu is no origin as a browser writes it: scheme://host or "
                              "scheme://host:port, in lower case, without a path.",
                              i + 1);
        csn_json_string(&w, changes->origins[i]);
    }
    csn_json_close_array(&w);
    row->origins = csn_buffer_view(&out);
    return out.overflowed ? CSN_NO_SPACE : CSN_OK;
}

static enum csn_status
set_test_mode(struct csn_management *m, int64_t until_ms, struct csn_app_row *row, int64_t now_ms)
{
    if (until_ms > now_ms + CSN_TEST_MODE_MAX_MS)
        return csn_refuse(m, CSN_INVALID, "test_mode_until", "At most 24 hours from now.");
    row->test_mode_until_ms = until_ms > now_ms ? until_ms : 0;
    return CSN_OK;
}

static enum csn_status
set_evidence(struct csn_management *m, int64_t until_ms, struct csn_app_row *row, int64_t now_ms)
{
    if (until_ms > now_ms + CSN_EVIDENCE_MAX_MS)
        return csn_refuse(m, CSN_INVALID, "evidence_until", "At most seven days from now.");
    row->evidence_until_ms = until_ms > now_ms ? until_ms : 0;
    return until_ms > now_ms ? CSN_OK : csn_store_evidence_forget(m->store, row->id);
}

static enum csn_status
apply(struct csn_management *m, const struct csn_app_changes *changes, struct csn_app_row *row,
      int64_t now_ms)
{
    enum csn_status status = CSN_OK;
    if (changes->set_name) {
        status = csn_management_check_name(m, "name", changes->name);
        row->name = changes->name;
    }
    if (changes->set_suspended)
        row->suspended = changes->suspended;
    if (status == CSN_OK && changes->set_test_mode)
        status = set_test_mode(m, changes->test_mode_until_ms, row, now_ms);
    if (status == CSN_OK && changes->set_retention) {
        if (changes->retention_days < 1 || changes->retention_days > CSN_RETENTION_DAYS_MAX)
            return csn_refuse(m, CSN_INVALID, "retention_days", "1 to %d days.",
                              CSN_RETENTION_DAYS_MAX);
        row->retention_days = changes->retention_days;
    }
    if (status == CSN_OK && changes->set_evidence)
        status = set_evidence(m, changes->evidence_until_ms, row, now_ms);
    if (status == CSN_OK && changes->set_origins)
        status = set_origins(m, changes, row);
    return status;
}

enum csn_status
csn_app_row_save(struct csn_management *m, struct csn_app_row *row, struct csn_app_info *out)
{
    row->generation++;
    enum csn_status status = csn_store_app_update(m->store, row);
    if (status == CSN_OK)
        status = csn_management_stage_app(m, row->id);
    return status != CSN_OK ? status : csn_app_info_read(m, row, out);
}

enum csn_status
csn_management_app_update(struct csn_management *m, struct csn_id app,
                          const struct csn_app_changes *changes, struct csn_app_info *out,
                          int64_t now_ms)
{
    *out = (struct csn_app_info){0};
    struct csn_app_row row;
    enum csn_status status = csn_management_find_app(m, app, &row);
    if (status == CSN_OK)
        status = apply(m, changes, &row, now_ms);
    return status != CSN_OK ? status : csn_app_row_save(m, &row, out);
}

/* --- removing --- */

/* The API keys of this app alone go with it, in the rows by themselves and in memory here. */
static enum csn_status
stage_api_keys_away(struct csn_management *m, struct csn_id app)
{
    struct csn_arena before = *m->arena;
    struct csn_api_key_row *rows = csn_management_alloc(m, CSN_PAGE_DEFAULT * sizeof *rows);
    if (rows == NULL)
        return CSN_NO_SPACE;
    struct csn_api_key_filter filter = {
        .account = m->scope.account, .app = app, .limit = CSN_PAGE_DEFAULT};
    enum csn_status status = CSN_OK;
    size_t count = 0;
    do {
        struct csn_arena names = *m->arena;
        status = csn_store_api_key_list(m->store, &filter, &names, rows, &count);
        for (size_t i = 0; i < count && status == CSN_OK; i++) {
            filter.after = rows[i].id;
            status = csn_change_stage_no_api_key(&m->change, m->registry, rows[i].key);
        }
    } while (status == CSN_OK && count == CSN_PAGE_DEFAULT);
    *m->arena = before;
    return status;
}

enum csn_status
csn_management_app_delete(struct csn_management *m, struct csn_id app, int64_t now_ms)
{
    struct csn_app_row row;
    enum csn_status status = csn_management_find_app(m, app, &row);
    if (status == CSN_OK)
        status = stage_api_keys_away(m, app);
    if (status == CSN_OK)
        status = csn_store_app_remove(m->store, app, now_ms);
    if (status == CSN_OK)
        status = csn_change_stage_no_app(&m->change, m->registry, app);
    return status;
}
