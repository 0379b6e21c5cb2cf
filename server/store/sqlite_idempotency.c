/* Kept answers as rows. See idempotency_rows.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/store/idempotency_rows.h"
#include "server/store/sqlite.h"

enum csn_status
csn_store_idempotency_get(struct csn_store *store, struct csn_arena *arena,
                          struct csn_idempotency_row *row)
{
    struct csn_query q = csn_query(store, "SELECT request, expires, answer_sealed FROM idempotency "
                                          "WHERE account = ? AND api_key = ? AND name = ?");
    csn_query_id(&q, row->account);
    csn_query_id(&q, row->api_key);
    csn_query_blob(&q, csn_bytes_of(row->name, sizeof row->name));
    enum csn_status status = csn_query_first(&q);
    if (status != CSN_OK)
        return status;
    csn_row_blob(&q, row->request, sizeof row->request);
    row->expires_ms = csn_row_int(&q);
    row->answer = csn_row_copy(&q, arena);
    return csn_query_end(&q);
}

static enum csn_status
last_number(struct csn_store *store, struct csn_id account, int64_t *out)
{
    struct csn_query q =
        csn_query(store, "SELECT coalesce(max(number), 0) FROM idempotency WHERE account = ?");
    csn_query_id(&q, account);
    enum csn_status status = csn_query_first(&q);
    if (status != CSN_OK)
        return status;
    *out = csn_row_int(&q);
    return csn_query_end(&q);
}

static enum csn_status
drop_up_to(struct csn_store *store, struct csn_id account, int64_t number)
{
    struct csn_query q =
        csn_query(store, "DELETE FROM idempotency WHERE account = ? AND number <= ?");
    csn_query_id(&q, account);
    csn_query_int(&q, number);
    return csn_query_done(&q);
}

enum csn_status
csn_store_idempotency_put(struct csn_store *store, const struct csn_idempotency_row *row,
                          int64_t most)
{
    int64_t number = 0;
    enum csn_status status = last_number(store, row->account, &number);
    if (status != CSN_OK)
        return status;
    struct csn_query q = csn_query(
        store, "INSERT OR REPLACE INTO idempotency (account, api_key, name, request, number, "
               "expires, answer_sealed, customer) VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
    csn_query_id(&q, row->account);
    csn_query_id(&q, row->api_key);
    csn_query_blob(&q, csn_bytes_of(row->name, sizeof row->name));
    csn_query_blob(&q, csn_bytes_of(row->request, sizeof row->request));
    csn_query_int(&q, number + 1);
    csn_query_int(&q, row->expires_ms);
    csn_query_blob(&q, row->answer);
    csn_query_bytes(&q, csn_bytes_text(row->customer.text));
    status = csn_query_done(&q);
    return status == CSN_OK ? drop_up_to(store, row->account, number + 1 - most) : status;
}

enum csn_status
csn_store_idempotency_purge(struct csn_store *store, int64_t before_ms, unsigned limit,
                            uint64_t *dropped)
{
    struct csn_query q = csn_query(
        store, "DELETE FROM idempotency WHERE (account, api_key, name) IN (SELECT account, "
               "api_key, name FROM idempotency WHERE expires < ? ORDER BY expires LIMIT ?)");
    csn_query_int(&q, before_ms);
    csn_query_int(&q, limit);
    return csn_query_counted(&q, dropped);
}
