/* Apps as rows.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/store/registry_rows.h"
#include "server/store/sqlite.h"

/* name .. generation, without id, account and created: what add and update share. */
static void
bind_changeable(struct csn_query *q, const struct csn_app_row *row)
{
    csn_query_bytes(q, row->name);
    csn_query_bytes(q, row->preset);
    csn_query_bytes(q, row->policy);
    csn_query_int(q, row->policy_version);
    csn_query_bytes(q, row->issuer);
    csn_query_bytes(q, row->enforcement);
    csn_query_int(q, row->enforcement_version);
    csn_query_bytes(q, row->origins);
    csn_query_int(q, row->suspended);
    csn_query_int(q, row->test_mode_until_ms);
    csn_query_int(q, row->retention_days);
    csn_query_int(q, row->evidence_until_ms);
    csn_query_int(q, row->generation);
}

enum csn_status
csn_store_app_add(struct csn_store *store, const struct csn_app_row *row)
{
    struct csn_query q = csn_query(
        store, "INSERT INTO apps (name, preset, policy, policy_version, issuer, enforcement,"
               " enforcement_version, origins, suspended, test_mode_until, retention_days,"
               " evidence_until, generation, id, account, created)"
               " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    bind_changeable(&q, row);
    csn_query_id(&q, row->id);
    csn_query_id(&q, row->account);
    csn_query_int(&q, row->created_ms);
    return csn_query_done(&q);
}

enum csn_status
csn_store_app_update(struct csn_store *store, const struct csn_app_row *row)
{
    struct csn_query q = csn_query(
        store, "UPDATE apps SET name = ?, preset = ?, policy = ?, policy_version = ?, issuer = ?,"
               " enforcement = ?, enforcement_version = ?, origins = ?, suspended = ?,"
               " test_mode_until = ?, retention_days = ?, evidence_until = ?, generation = ?"
               " WHERE id = ?");
    bind_changeable(&q, row);
    csn_query_id(&q, row->id);
    enum csn_status status = csn_query_done(&q);
    if (status != CSN_OK)
        return status;
    return csn_store_changes(store) == 0 ? CSN_NOT_FOUND : CSN_OK;
}

enum csn_status
csn_store_app_get(struct csn_store *store, struct csn_id id, struct csn_arena *arena,
                  struct csn_app_row *out)
{
    *out = (struct csn_app_row){0};
    struct csn_query q = csn_query(
        store,
        "SELECT id, account, name, preset, policy, policy_version, issuer, enforcement,"
        " enforcement_version, origins, suspended, test_mode_until, retention_days, evidence_until,"
        " created,"
        " generation, EXISTS (SELECT 1 FROM jwks WHERE jwks.app = apps.id) FROM apps WHERE id = ?");
    csn_query_id(&q, id);
    enum csn_status status = csn_query_first(&q);
    if (status != CSN_OK)
        return status;
    csn_row_id(&q, &out->id);
    csn_row_id(&q, &out->account);
    out->name = csn_row_copy(&q, arena);
    out->preset = csn_row_copy(&q, arena);
    out->policy = csn_row_copy(&q, arena);
    out->policy_version = csn_row_int(&q);
    out->issuer = csn_row_copy(&q, arena);
    out->enforcement = csn_row_copy(&q, arena);
    out->enforcement_version = csn_row_int(&q);
    out->origins = csn_row_copy(&q, arena);
    out->suspended = csn_row_int(&q) != 0;
    out->test_mode_until_ms = csn_row_int(&q);
    out->retention_days = csn_row_int(&q);
    out->evidence_until_ms = csn_row_int(&q);
    out->created_ms = csn_row_int(&q);
    out->generation = csn_row_int(&q);
    out->has_jwks = csn_row_int(&q) != 0;
    return csn_query_end(&q);
}

enum csn_status
csn_store_app_bump(struct csn_store *store, struct csn_id id)
{
    struct csn_query q =
        csn_query(store, "UPDATE apps SET generation = generation + 1 WHERE id = ?");
    csn_query_id(&q, id);
    enum csn_status status = csn_query_done(&q);
    if (status != CSN_OK)
        return status;
    return csn_store_changes(store) == 0 ? CSN_NOT_FOUND : CSN_OK;
}

enum csn_status
csn_store_app_remove(struct csn_store *store, struct csn_id id, int64_t now_ms)
{
    struct csn_query q = csn_query(store, "DELETE FROM apps WHERE id = ?");
    csn_query_id(&q, id);
    enum csn_status status = csn_query_touched(&q);
    if (status != CSN_OK)
        return status;
    store->cut_due = true;
    struct csn_query removed =
        csn_query(store, "INSERT INTO removed_apps (app, removed, due) VALUES (?1, ?2, ?2)");
    csn_query_id(&removed, id);
    csn_query_int(&removed, now_ms);
    return csn_query_done(&removed);
}

enum csn_status
csn_store_app_ids(struct csn_store *store, struct csn_id account, struct csn_id after,
                  struct csn_id *out, size_t limit, size_t *count)
{
    *count = 0;
    struct csn_query q;
    if (account.text[0] != '\0') {
        q = csn_query(store,
                      "SELECT id FROM apps WHERE account = ? AND id > ? ORDER BY id LIMIT ?");
        csn_query_id(&q, account);
    } else {
        q = csn_query(store, "SELECT id FROM apps WHERE id > ? ORDER BY id LIMIT ?");
    }
    csn_query_bytes(&q, csn_bytes_text(after.text));
    csn_query_int(&q, (int64_t)limit);
    while (csn_query_row(&q))
        csn_row_id(&q, &out[(*count)++]);
    return csn_query_end(&q);
}

enum csn_status
csn_store_app_by_preset(struct csn_store *store, struct csn_id account, const char *preset,
                        struct csn_id *out)
{
    struct csn_query q = csn_query(
        store, "SELECT id FROM apps WHERE account = ? AND preset = ? ORDER BY id LIMIT 1");
    csn_query_id(&q, account);
    csn_query_bytes(&q, csn_bytes_text(preset));
    enum csn_status status = csn_query_first(&q);
    if (status != CSN_OK)
        return status;
    csn_row_id(&q, out);
    return csn_query_end(&q);
}

enum csn_status
csn_store_app_by_issuer(struct csn_store *store, struct csn_id account, struct csn_bytes issuer,
                        struct csn_id *out)
{
    struct csn_query q = csn_query(
        store, "SELECT id FROM apps WHERE account = ? AND issuer = ? ORDER BY id LIMIT 2");
    csn_query_id(&q, account);
    csn_query_bytes(&q, issuer);
    enum csn_status status = csn_query_first(&q);
    if (status != CSN_OK)
        return status;
    csn_row_id(&q, out);
    bool several = csn_query_row(&q);
    status = csn_query_end(&q);
    return status == CSN_OK && several ? CSN_CONFLICT : status;
}
