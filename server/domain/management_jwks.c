/* The address of an app's JWKS: named, forgotten, read for the fetcher.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/domain/management_jwks.h"

#include "server/domain/id.h"
#include "server/domain/management_app_rows.h"

/* --- sealed in its row --- */

static struct csn_vault_place
place_of(struct csn_id app)
{
    return (struct csn_vault_place){.kind = "jwks url", .app = app};
}

enum csn_status
csn_jwks_url_open(struct csn_management *m, const struct csn_jwks_row *row, struct csn_bytes *url)
{
    *url = (struct csn_bytes){0};
    void *memory = csn_management_alloc(m, row->url.len);
    if (memory == NULL)
        return CSN_NO_SPACE;
    struct csn_buffer out = csn_buffer_over(memory, row->url.len);
    struct csn_vault_place place = place_of(row->app);
    enum csn_status status = csn_vault_open(m->registry->vault, &place, row->url, &out);
    if (status == CSN_OK)
        *url = csn_buffer_view(&out);
    return status;
}

static enum csn_status
write_row(struct csn_management *m, struct csn_id app, struct csn_bytes url,
          enum csn_algorithm algorithm, int64_t now_ms)
{
    uint8_t memory[CSN_JWKS_URL_MAX + CSN_VAULT_OVERHEAD];
    struct csn_buffer sealed = csn_buffer_over(memory, sizeof memory);
    struct csn_vault_place place = place_of(app);
    enum csn_status status = csn_vault_seal(m->registry->vault, m->random, &place, url, &sealed);
    if (status != CSN_OK)
        return status;
    struct csn_jwks_row row = {
        .app = app, .url = csn_buffer_view(&sealed), .algorithm = algorithm, .due_ms = now_ms};
    return csn_store_jwks_set(m->store, &row);
}

enum csn_status
csn_management_jwks_target(struct csn_management *m, struct csn_id app, struct csn_jwks_target *out)
{
    *out = (struct csn_jwks_target){.app = app};
    struct csn_jwks_row row;
    enum csn_status status = csn_store_jwks_get(m->store, app, m->arena, &row);
    if (status != CSN_OK)
        return status;
    return csn_jwks_url_open(m, &row, &out->url);
}

/* --- when it is due --- */

#define DUE_MAX 32

enum csn_status
csn_management_jwks_due(struct csn_store *store, struct csn_id *apps, size_t limit, size_t *count,
                        int64_t *next_due_ms, int64_t now_ms)
{
    *count = 0;
    *next_due_ms = INT64_MAX;
    struct csn_jwks_due rows[DUE_MAX];
    size_t found = 0;
    size_t asked = limit < DUE_MAX ? limit + 1 : DUE_MAX;
    enum csn_status status = csn_store_jwks_due(store, rows, asked, &found);
    if (status != CSN_OK)
        return status;
    for (size_t i = 0; i < found; i++) {
        if (rows[i].due_ms > now_ms || *count == limit) {
            *next_due_ms = rows[i].due_ms;
            return CSN_OK;
        }
        apps[(*count)++] = rows[i].app;
    }
    return CSN_OK;
}

enum csn_status
csn_management_jwks_hint(struct csn_management *m, struct csn_id app, int64_t now_ms)
{
    struct csn_jwks_row row;
    enum csn_status status = csn_store_jwks_get(m->store, app, m->arena, &row);
    if (status != CSN_OK)
        return status == CSN_NOT_FOUND ? CSN_OK : status;
    int64_t cool_ms = row.attempted_ms + CSN_JWKS_COOL_DOWN_MS;
    int64_t due_ms = row.attempted_ms == 0 || cool_ms < now_ms ? now_ms : cool_ms;
    if (row.due_ms <= due_ms)
        return CSN_OK;
    row.due_ms = due_ms;
    return csn_store_jwks_set(m->store, &row);
}

/* --- naming it --- */

static enum csn_status
remove_fetched_keys(struct csn_management *m, struct csn_id app)
{
    struct csn_key_row *rows = csn_management_alloc(m, CSN_KEYS_PER_APP_MAX * sizeof *rows);
    if (rows == NULL)
        return CSN_NO_SPACE;
    size_t count = 0;
    enum csn_status status = csn_store_key_list(m->store, app, m->arena, rows, &count);
    for (size_t i = 0; i < count && status == CSN_OK; i++) {
        if (rows[i].source == CSN_SOURCE_JWKS_URL)
            status = csn_store_key_remove(m->store, app, rows[i].id);
    }
    return status;
}

/* With the address go its keys. */
static enum csn_status
forget(struct csn_management *m, struct csn_id app)
{
    enum csn_status status = remove_fetched_keys(m, app);
    return status != CSN_OK ? status : csn_store_jwks_remove(m->store, app);
}

enum csn_status
csn_management_jwks_set(struct csn_management *m, struct csn_id app, struct csn_bytes url,
                        enum csn_algorithm algorithm, int64_t now_ms)
{
    struct csn_app_row row;
    enum csn_status status = csn_management_find_app(m, app, &row);
    if (status != CSN_OK)
        return status;
    if (url.len > 0 && !csn_url_is_valid(url))
        return csn_refuse(m, CSN_INVALID, "url",
                          "An https URL is due (http only to a loopback address), of %d bytes at "
                          "most and without a fragment.",
                          CSN_JWKS_URL_MAX);
    status = url.len > 0 ? write_row(m, app, url, algorithm, now_ms) : forget(m, app);
    return status != CSN_OK ? status : csn_management_keys_changed(m, app);
}
