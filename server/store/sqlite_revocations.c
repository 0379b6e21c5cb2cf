/* Rows of what was revoked, and their purge. See session_rows.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/store/session_rows.h"
#include "server/store/sqlite.h"

enum csn_status
csn_store_revocation_add(struct csn_store *store, struct csn_id app, struct csn_bytes subject,
                         int64_t expires_ms)
{
    struct csn_query q = csn_query(
        store, "INSERT INTO revocations (app, subject, expires) VALUES (?, ?, ?) "
               "ON CONFLICT (app, subject) DO UPDATE SET expires = max(expires, excluded.expires)");
    csn_query_id(&q, app);
    csn_query_blob(&q, subject);
    csn_query_int(&q, expires_ms);
    return csn_query_done(&q);
}

enum csn_status
csn_store_revocation_get(struct csn_store *store, struct csn_id app, struct csn_bytes subject)
{
    struct csn_query q =
        csn_query(store, "SELECT 1 FROM revocations WHERE app = ? AND subject = ?");
    csn_query_id(&q, app);
    csn_query_blob(&q, subject);
    enum csn_status status = csn_query_first(&q);
    return status == CSN_OK ? csn_query_end(&q) : status;
}

enum csn_status
csn_store_revocation_each(struct csn_store *store, int64_t now_ms,
                          enum csn_status (*each)(void *state, struct csn_id app,
                                                  struct csn_bytes subject, int64_t expires_ms),
                          void *state)
{
    enum csn_status told = CSN_OK;
    struct csn_query q =
        csn_query(store, "SELECT app, subject, expires FROM revocations WHERE expires > ?");
    csn_query_int(&q, now_ms);
    while (told == CSN_OK && csn_query_row(&q)) {
        struct csn_id app;
        csn_row_id(&q, &app);
        struct csn_bytes subject = csn_row_view(&q);
        told = each(state, app, subject, csn_row_int(&q));
    }
    enum csn_status status = csn_query_end(&q);
    return status == CSN_OK ? told : status;
}

enum csn_status
csn_store_purge_revocations(struct csn_store *store, int64_t before_ms, unsigned limit,
                            uint64_t *purged)
{
    struct csn_query q = csn_query(
        store, "DELETE FROM revocations WHERE (app, subject) IN (SELECT app, subject FROM "
               "revocations WHERE expires < ? ORDER BY expires LIMIT ?)");
    csn_query_int(&q, before_ms);
    csn_query_int(&q, limit);
    return csn_query_counted(&q, purged);
}
