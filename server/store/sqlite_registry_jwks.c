/* Addresses of JWKS documents as rows. The address is sealed and passes through unread.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/store/registry_rows.h"
#include "server/store/sqlite.h"

enum csn_status
csn_store_jwks_set(struct csn_store *store, const struct csn_jwks_row *row)
{
    struct csn_query q = csn_query(
        store, "INSERT INTO jwks (app, url, algorithm, due, attempted, fetched, failures, error)"
               " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (app) DO UPDATE SET"
               " url = excluded.url, algorithm = excluded.algorithm, due = excluded.due,"
               " attempted = excluded.attempted, fetched = excluded.fetched,"
               " failures = excluded.failures, error = excluded.error");
    csn_query_id(&q, row->app);
    csn_query_blob(&q, row->url);
    csn_query_int(&q, row->algorithm);
    csn_query_int(&q, row->due_ms);
    csn_query_int(&q, row->attempted_ms);
    csn_query_int(&q, row->fetched_ms);
    csn_query_int(&q, row->failures);
    csn_query_bytes(&q, row->error.ptr != NULL ? row->error : csn_bytes_text(""));
    return csn_query_done(&q);
}

static enum csn_status
read_jwks(struct csn_query *q, struct csn_arena *arena, struct csn_jwks_row *out)
{
    *out = (struct csn_jwks_row){0};
    enum csn_status status = csn_query_first(q);
    if (status != CSN_OK)
        return status;
    csn_row_id(q, &out->app);
    out->url = csn_row_copy(q, arena);
    out->algorithm = (enum csn_algorithm)csn_row_int(q);
    out->due_ms = csn_row_int(q);
    out->attempted_ms = csn_row_int(q);
    out->fetched_ms = csn_row_int(q);
    out->failures = csn_row_int(q);
    out->error = csn_row_copy(q, arena);
    return csn_query_end(q);
}

enum csn_status
csn_store_jwks_get(struct csn_store *store, struct csn_id app, struct csn_arena *arena,
                   struct csn_jwks_row *out)
{
    struct csn_query q = csn_query(store, "SELECT app, url, algorithm, due, attempted, fetched, "
                                          "failures, error FROM jwks WHERE app = ?");
    csn_query_id(&q, app);
    return read_jwks(&q, arena, out);
}

enum csn_status
csn_store_jwks_due(struct csn_store *store, struct csn_jwks_due *out, size_t limit, size_t *count)
{
    *count = 0;
    struct csn_query q = csn_query(store, "SELECT app, due FROM jwks ORDER BY due LIMIT ?");
    csn_query_int(&q, (int64_t)limit);
    while (csn_query_row(&q)) {
        csn_row_id(&q, &out[*count].app);
        out[*count].due_ms = csn_row_int(&q);
        ++*count;
    }
    return csn_query_end(&q);
}

enum csn_status
csn_store_jwks_remove(struct csn_store *store, struct csn_id app)
{
    struct csn_query q = csn_query(store, "DELETE FROM jwks WHERE app = ?");
    csn_query_id(&q, app);
    return csn_query_done(&q);
}
