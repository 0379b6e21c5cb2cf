/* API keys as rows: a public name, and the keyed hash of the secret.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/store/registry_rows.h"
#include "server/store/sqlite.h"

#define COLUMNS                                                                                    \
    "SELECT k.id, k.account, k.app, a.root, k.key, k.secret_hash, k.name, k.roles, k.created,"     \
    " k.expires, k.last_used FROM api_keys k JOIN accounts a ON a.id = k.account "

enum csn_status
csn_store_api_key_add(struct csn_store *store, const struct csn_api_key_row *row)
{
    struct csn_query q =
        csn_query(store, "INSERT INTO api_keys (id, account, app, key, secret_hash, name, roles,"
                         " created, expires, last_used) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    csn_query_id(&q, row->id);
    csn_query_id(&q, row->account);
    csn_query_id(&q, row->app);
    csn_query_bytes(&q, csn_bytes_text(row->key));
    csn_query_blob(&q, csn_bytes_of(row->secret_hash, sizeof row->secret_hash));
    csn_query_bytes(&q, row->name);
    csn_query_int(&q, (int64_t)row->roles);
    csn_query_int(&q, row->created_ms);
    csn_query_int(&q, row->expires_ms);
    csn_query_int(&q, row->last_used_ms);
    return csn_query_done(&q);
}

static void
read_api_key(struct csn_query *q, struct csn_arena *arena, struct csn_api_key_row *out)
{
    *out = (struct csn_api_key_row){0};
    csn_row_id(q, &out->id);
    csn_row_id(q, &out->account);
    csn_row_id(q, &out->app);
    out->root = csn_row_int(q) != 0;
    csn_row_text(q, out->key, sizeof out->key);
    csn_row_blob(q, out->secret_hash, sizeof out->secret_hash);
    out->name = csn_row_copy(q, arena);
    out->roles = (unsigned)csn_row_int(q);
    out->created_ms = csn_row_int(q);
    out->expires_ms = csn_row_int(q);
    out->last_used_ms = csn_row_int(q);
}

enum csn_status
csn_store_api_key_get(struct csn_store *store, struct csn_id account, struct csn_bytes id_or_key,
                      struct csn_arena *arena, struct csn_api_key_row *out)
{
    struct csn_query q =
        csn_query(store, COLUMNS "WHERE k.account = ?1 AND (k.id = ?2 OR k.key = ?2)");
    csn_query_id(&q, account);
    csn_query_bytes(&q, id_or_key);
    enum csn_status status = csn_query_first(&q);
    if (status != CSN_OK)
        return status;
    read_api_key(&q, arena, out);
    return csn_query_end(&q);
}

static struct csn_query
list_query(struct csn_store *store, const struct csn_api_key_filter *filter)
{
    bool of_account = filter->account.text[0] != '\0';
    bool of_app = filter->app.text[0] != '\0';
    struct csn_query q;
    if (of_account && of_app) {
        q = csn_query(store, COLUMNS "WHERE k.account = ? AND k.app = ? AND k.id > ?"
                                     " ORDER BY k.id LIMIT ?");
        csn_query_id(&q, filter->account);
        csn_query_id(&q, filter->app);
    } else if (of_account) {
        q = csn_query(store, COLUMNS "WHERE k.account = ? AND k.id > ? ORDER BY k.id LIMIT ?");
        csn_query_id(&q, filter->account);
    } else {
        q = csn_query(store, COLUMNS "WHERE k.id > ? ORDER BY k.id LIMIT ?");
    }
    csn_query_bytes(&q, csn_bytes_text(filter->after.text));
    csn_query_int(&q, (int64_t)filter->limit);
    return q;
}

enum csn_status
csn_store_api_key_list(struct csn_store *store, const struct csn_api_key_filter *filter,
                       struct csn_arena *arena, struct csn_api_key_row *out, size_t *count)
{
    *count = 0;
    struct csn_query q = list_query(store, filter);
    while (csn_query_row(&q))
        read_api_key(&q, arena, &out[(*count)++]);
    return csn_query_end(&q);
}

enum csn_status
csn_store_api_key_remove(struct csn_store *store, struct csn_id id)
{
    struct csn_query q = csn_query(store, "DELETE FROM api_keys WHERE id = ?");
    csn_query_id(&q, id);
    enum csn_status status = csn_query_done(&q);
    if (status != CSN_OK)
        return status;
    return csn_store_changes(store) == 0 ? CSN_NOT_FOUND : CSN_OK;
}

enum csn_status
csn_store_api_key_count(struct csn_store *store, struct csn_id account, int64_t *count)
{
    struct csn_query q = csn_query(store, "SELECT count(*) FROM api_keys WHERE account = ?");
    csn_query_id(&q, account);
    if (csn_query_row(&q))
        *count = csn_row_int(&q);
    return csn_query_end(&q);
}

enum csn_status
csn_store_api_key_holders(struct csn_store *store, struct csn_id account, unsigned role,
                          int64_t now_ms, int64_t *count)
{
    struct csn_query q = csn_query(store, "SELECT count(*) FROM api_keys WHERE account = ?"
                                          " AND app IS NULL AND (roles & ?) != 0"
                                          " AND (expires = 0 OR expires > ?)");
    csn_query_id(&q, account);
    csn_query_int(&q, (int64_t)role);
    csn_query_int(&q, now_ms);
    if (csn_query_row(&q))
        *count = csn_row_int(&q);
    return csn_query_end(&q);
}

enum csn_status
csn_store_api_key_touch(struct csn_store *store, struct csn_id id, int64_t used_ms)
{
    struct csn_query q =
        csn_query(store, "UPDATE api_keys SET last_used = ?2 WHERE id = ?1 AND last_used < ?2");
    csn_query_id(&q, id);
    csn_query_int(&q, used_ms);
    return csn_query_done(&q);
}
