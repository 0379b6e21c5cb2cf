/* Accounts, and the instance's named values, as rows.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/store/registry_rows.h"
#include "server/store/sqlite.h"

enum csn_status
csn_store_instance_get(struct csn_store *store, const char *name, struct csn_arena *arena,
                       struct csn_bytes *value)
{
    struct csn_query q = csn_query(store, "SELECT value FROM instance WHERE name = ?");
    csn_query_bytes(&q, csn_bytes_text(name));
    enum csn_status status = csn_query_first(&q);
    if (status != CSN_OK)
        return status;
    *value = csn_row_copy(&q, arena);
    return csn_query_end(&q);
}

enum csn_status
csn_store_instance_set(struct csn_store *store, const char *name, struct csn_bytes value)
{
    struct csn_query q =
        csn_query(store, "INSERT INTO instance (name, value) VALUES (?, ?)"
                         " ON CONFLICT (name) DO UPDATE SET value = excluded.value");
    csn_query_bytes(&q, csn_bytes_text(name));
    csn_query_blob(&q, value);
    return csn_query_done(&q);
}

enum csn_status
csn_store_account_add(struct csn_store *store, const struct csn_account_row *row)
{
    struct csn_query q =
        csn_query(store, "INSERT INTO accounts (id, name, root, created) VALUES (?, ?, ?, ?)");
    csn_query_id(&q, row->id);
    csn_query_bytes(&q, row->name);
    csn_query_int(&q, row->root);
    csn_query_int(&q, row->created_ms);
    return csn_query_done(&q);
}

static void
read_account(struct csn_query *q, struct csn_arena *arena, struct csn_account_row *out)
{
    *out = (struct csn_account_row){0};
    csn_row_id(q, &out->id);
    out->name = csn_row_copy(q, arena);
    out->root = csn_row_int(q) != 0;
    out->created_ms = csn_row_int(q);
}

enum csn_status
csn_store_account_get(struct csn_store *store, struct csn_id id, struct csn_arena *arena,
                      struct csn_account_row *out)
{
    struct csn_query q =
        csn_query(store, "SELECT id, name, root, created FROM accounts WHERE id = ?");
    csn_query_id(&q, id);
    enum csn_status status = csn_query_first(&q);
    if (status != CSN_OK)
        return status;
    read_account(&q, arena, out);
    return csn_query_end(&q);
}

enum csn_status
csn_store_account_list(struct csn_store *store, struct csn_id after, struct csn_arena *arena,
                       struct csn_account_row *out, size_t limit, size_t *count)
{
    *count = 0;
    struct csn_query q = csn_query(store, "SELECT id, name, root, created FROM accounts"
                                          " WHERE id > ? ORDER BY id LIMIT ?");
    csn_query_bytes(&q, csn_bytes_text(after.text));
    csn_query_int(&q, (int64_t)limit);
    while (csn_query_row(&q))
        read_account(&q, arena, &out[(*count)++]);
    return csn_query_end(&q);
}
