/* Rows of profiles. See profile_rows.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/store/profile_rows.h"
#include "server/store/sqlite.h"

enum csn_status
csn_store_profile_get(struct csn_store *store, struct csn_id app, struct csn_id customer,
                      struct csn_arena *arena, struct csn_profile_row *out)
{
    *out = (struct csn_profile_row){0};
    struct csn_query q = csn_query(store, "SELECT version, email_hash, sealed, changed FROM "
                                          "profiles WHERE app = ? AND customer = ?");
    csn_query_id(&q, app);
    csn_query_id(&q, customer);
    if (csn_query_row(&q)) {
        out->version = csn_row_int(&q);
        out->has_email = !csn_row_null(&q);
        csn_row_blob(&q, out->email_hash, sizeof out->email_hash);
        out->sealed = csn_row_copy(&q, arena);
        out->changed_ms = csn_row_int(&q);
    }
    return csn_query_end(&q);
}

enum csn_status
csn_store_profile_put(struct csn_store *store, struct csn_id app, struct csn_id customer,
                      const struct csn_profile_row *row)
{
    struct csn_query q = csn_query(
        store, "INSERT INTO profiles (app, customer, version, email_hash, sealed, changed) VALUES "
               "(?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (app, customer) DO UPDATE SET version = ?3, "
               "email_hash = ?4, sealed = ?5, changed = ?6");
    csn_query_id(&q, app);
    csn_query_id(&q, customer);
    csn_query_int(&q, row->version);
    csn_query_blob(&q, row->has_email ? csn_bytes_of(row->email_hash, sizeof row->email_hash)
                                      : (struct csn_bytes){0});
    csn_query_blob(&q, row->sealed);
    csn_query_int(&q, row->changed_ms);
    return csn_query_done(&q);
}

enum csn_status
csn_store_profile_next(struct csn_store *store, struct csn_id app,
                       const uint8_t email_hash[CSN_NAME_HASH], struct csn_id after,
                       struct csn_id *out)
{
    struct csn_query q =
        csn_query(store, "SELECT customer FROM profiles WHERE app = ? AND email_hash = ? AND "
                         "customer > ? ORDER BY customer LIMIT 1");
    csn_query_id(&q, app);
    csn_query_blob(&q, csn_bytes_of(email_hash, CSN_NAME_HASH));
    csn_query_bytes(&q, csn_bytes_text(after.text));
    enum csn_status status = csn_query_first(&q);
    if (status != CSN_OK)
        return status;
    csn_row_id(&q, out);
    return csn_query_end(&q);
}
