/* The management endpoints of two compatible systems, in terms of ordinary apps and keys.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/domain/management_vendors.h"

#include "server/domain/id.h"
#include "server/domain/management_parts.h"

/* The scope's own app, else the account's oldest of `preset`, else its only one. */
static enum csn_status
choose_app(struct csn_management *m, const char *preset, struct csn_id *app)
{
    if (csn_id_is_none(&m->scope.account))
        return csn_refuse_unknown(m);
    *app = m->scope.app;
    if (!csn_id_is_none(app))
        return CSN_OK;
    enum csn_status status = csn_store_app_by_preset(m->store, m->scope.account, preset, app);
    if (status != CSN_NOT_FOUND)
        return status;
    struct csn_id ids[2];
    size_t count = 0;
    status = csn_store_app_ids(m->store, m->scope.account, (struct csn_id){0}, ids, 2, &count);
    if (status != CSN_OK)
        return status;
    if (count != 1)
        return csn_refuse(m, CSN_NOT_FOUND, "",
                          count == 0 ? "The account has no app yet."
                                     : "The account has several apps and none of this preset: "
                                       "use an API key of one app.");
    *app = ids[0];
    return CSN_OK;
}

/* --- Kustomer --- */

static bool
is_signing_secret(const struct csn_key_row *key, int64_t now_ms)
{
    return key->state == CSN_KEY_ACTIVE && key->algorithm == CSN_HS256 &&
           key->encoding == CSN_ENCODING_UTF8 && (key->expires_ms == 0 || key->expires_ms > now_ms);
}

static enum csn_status
find_secret(struct csn_management *m, struct csn_id app, struct csn_bytes *secret, int64_t now_ms)
{
    struct csn_key_row *rows = csn_management_alloc(m, CSN_KEYS_PER_APP_MAX * sizeof *rows);
    if (rows == NULL)
        return CSN_NO_SPACE;
    size_t count = 0;
    enum csn_status status = csn_store_key_list(m->store, app, m->arena, rows, &count);
    if (status != CSN_OK)
        return status;
    for (size_t i = 0; i < count; i++) {
        if (!is_signing_secret(&rows[i], now_ms))
            continue;
        status = csn_store_key_get(m->store, app, rows[i].id, m->arena, &rows[i]);
        return status != CSN_OK ? status : csn_key_row_open(m, &rows[i], secret);
    }
    return CSN_NOT_FOUND;
}

/* Only the app whose system hands its secret out this way: any other's is never shown again. */
static enum csn_status
choose_kustomer_app(struct csn_management *m, struct csn_id *app)
{
    struct csn_app_row row = {0};
    enum csn_status status = choose_app(m, "kustomer", app);
    if (status == CSN_OK)
        status = csn_management_find_app(m, *app, &row);
    if (status != CSN_OK || csn_bytes_equal_text(row.preset, "kustomer"))
        return status;
    return csn_refuse(m, CSN_NOT_FOUND, "", "The app is not of the preset kustomer.");
}

/* Calls that come at once are run one after the other, each in its transaction: the second finds
 * what the first made. */
enum csn_status
csn_management_kustomer_secret(struct csn_management *m, struct csn_id *app,
                               struct csn_bytes *secret, int64_t now_ms)
{
    *app = (struct csn_id){0};
    *secret = (struct csn_bytes){0};
    enum csn_status status = choose_kustomer_app(m, app);
    if (status != CSN_OK)
        return status;
    status = find_secret(m, *app, secret, now_ms);
    if (status != CSN_NOT_FOUND)
        return status;
    struct csn_key_request with = {.source = CSN_SOURCE_GENERATED, .algorithm = CSN_HS256};
    struct csn_key_made made;
    status = csn_management_key_create(m, *app, &with, &made, now_ms);
    *secret = made.secret_text;
    return status;
}

/* --- Appcues --- */

/* One's own app has the issuer, or nothing has: an API key of one app asks about no other. */
static enum csn_status
own_app_by_issuer(struct csn_management *m, struct csn_bytes issuer, struct csn_id *app)
{
    struct csn_app_row row;
    *app = m->scope.app;
    enum csn_status status = csn_management_find_app(m, *app, &row);
    if (status != CSN_OK)
        return status;
    return csn_bytes_equal(row.issuer, issuer) ? CSN_OK : CSN_NOT_FOUND;
}

static enum csn_status
app_by_issuer(struct csn_management *m, struct csn_bytes issuer, struct csn_id *app)
{
    if (issuer.len == 0 || csn_id_is_none(&m->scope.account))
        return CSN_NOT_FOUND;
    if (!csn_id_is_none(&m->scope.app))
        return own_app_by_issuer(m, issuer, app);
    enum csn_status status = csn_store_app_by_issuer(m->store, m->scope.account, issuer, app);
    if (status != CSN_CONFLICT)
        return status;
    return csn_refuse(m, CSN_CONFLICT, "",
                      "Several apps of the account have this issuer: say the app's id, or use an "
                      "API key of one app.");
}

enum csn_status
csn_management_appcues_app(struct csn_management *m, struct csn_bytes id, struct csn_id *app)
{
    struct csn_app_row row;
    if (csn_id_read(id, app)) {
        enum csn_status status = csn_management_find_app(m, *app, &row);
        if (status != CSN_NOT_FOUND)
            return status;
    }
    enum csn_status status = app_by_issuer(m, id, app);
    if (status == CSN_NOT_FOUND && !csn_id_is_none(&m->scope.account) &&
        csn_bytes_equal(id, csn_id_view(&m->scope.account)))
        status = choose_app(m, "appcues", app);
    if (status == CSN_OK)
        status = csn_management_find_app(m, *app, &row);
    if (status != CSN_OK)
        *app = (struct csn_id){0};
    return status == CSN_NOT_FOUND ? csn_refuse_unknown(m) : status;
}

enum csn_status
csn_management_sdk_key_delete(struct csn_management *m, struct csn_id app, struct csn_bytes key)
{
    struct csn_app_row row;
    enum csn_status status = csn_management_find_app(m, app, &row);
    if (status != CSN_OK)
        return status;
    struct csn_id id;
    if (!csn_id_read(key, &id)) {
        status = csn_store_key_by_kid(m->store, app, key, &id);
        if (status == CSN_NOT_FOUND)
            return csn_refuse_unknown(m);
        if (status != CSN_OK)
            return status;
    }
    return csn_management_key_delete(m, app, id, true);
}
