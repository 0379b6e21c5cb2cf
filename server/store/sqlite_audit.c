/* The audit as rows. See audit_rows.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/store/audit_rows.h"
#include "server/store/sqlite.h"

#define AUDIT_SELECT                                                                               \
    "SELECT account, number, at, request, api_key, api_key_name, operation, app, target, "         \
    "outcome, "                                                                                    \
    "changed, previous, hash FROM audit WHERE account = ? "

enum csn_status
csn_store_audit_head(struct csn_store *store, struct csn_id account, int64_t *number,
                     uint8_t hash[CSN_AUDIT_HASH])
{
    struct csn_query q = csn_query(store, "SELECT number, hash FROM audit WHERE account = ? "
                                          "ORDER BY number DESC LIMIT 1");
    csn_query_id(&q, account);
    enum csn_status status = csn_query_first(&q);
    if (status != CSN_OK)
        return status;
    *number = csn_row_int(&q);
    csn_row_blob(&q, hash, CSN_AUDIT_HASH);
    return csn_query_end(&q);
}

/* A NULL would not be the empty text that was hashed. */
static void
bind_text(struct csn_query *q, struct csn_bytes text)
{
    csn_query_bytes(q, text.ptr != NULL ? text : csn_bytes_text(""));
}

enum csn_status
csn_store_audit_add(struct csn_store *store, const struct csn_audit_record *row)
{
    struct csn_query q = csn_query(
        store, "INSERT INTO audit (account, number, at, request, api_key, api_key_name, operation, "
               "app, target, outcome, changed, previous, hash) "
               "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    bind_text(&q, row->account);
    csn_query_int(&q, row->number);
    csn_query_int(&q, row->at_ms);
    bind_text(&q, row->request);
    bind_text(&q, row->api_key);
    bind_text(&q, row->api_key_name);
    bind_text(&q, row->operation);
    bind_text(&q, row->app);
    bind_text(&q, row->target);
    bind_text(&q, row->outcome);
    bind_text(&q, row->changed);
    csn_query_blob(&q, csn_bytes_of(row->previous, sizeof row->previous));
    csn_query_blob(&q, csn_bytes_of(row->hash, sizeof row->hash));
    return csn_query_done(&q);
}

static void
read_row(struct csn_query *q, struct csn_audit_record *out)
{
    out->account = csn_row_view(q);
    out->number = csn_row_int(q);
    out->at_ms = csn_row_int(q);
    out->request = csn_row_view(q);
    out->api_key = csn_row_view(q);
    out->api_key_name = csn_row_view(q);
    out->operation = csn_row_view(q);
    out->app = csn_row_view(q);
    out->target = csn_row_view(q);
    out->outcome = csn_row_view(q);
    out->changed = csn_row_view(q);
    csn_row_blob(q, out->previous, sizeof out->previous);
    csn_row_blob(q, out->hash, sizeof out->hash);
}

enum csn_status
csn_store_audit_each(struct csn_store *store, const struct csn_audit_walk *walk)
{
    struct csn_query q =
        walk->oldest_first
            ? csn_query(store, AUDIT_SELECT "AND number > ? ORDER BY number LIMIT ?")
            : csn_query(store, AUDIT_SELECT "AND number < ? ORDER BY number DESC LIMIT ?");
    csn_query_id(&q, walk->account);
    csn_query_int(&q, walk->from == 0 && !walk->oldest_first ? INT64_MAX : walk->from);
    csn_query_int(&q, (int64_t)walk->limit);
    enum csn_status visited = CSN_OK;
    while (visited == CSN_OK && csn_query_row(&q)) {
        struct csn_audit_record row = {0};
        read_row(&q, &row);
        if (q.status == CSN_OK)
            visited = walk->visit(walk->state, &row);
    }
    enum csn_status status = csn_query_end(&q);
    return visited == CSN_OK ? status : visited;
}

enum csn_status
csn_store_audit_denials(struct csn_store *store, struct csn_id account, int64_t since_ms,
                        size_t limit, size_t *count)
{
    struct csn_query q =
        csn_query(store, "SELECT count(*) FROM (SELECT 1 FROM audit WHERE account = ? AND at >= ? "
                         "AND outcome = 'denied' LIMIT ?)");
    csn_query_id(&q, account);
    csn_query_int(&q, since_ms);
    csn_query_int(&q, (int64_t)limit);
    enum csn_status status = csn_query_first(&q);
    if (status != CSN_OK)
        return status;
    *count = (size_t)csn_row_int(&q);
    return csn_query_end(&q);
}
