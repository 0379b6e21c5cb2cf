/* What erased customers leave of their revocations. See erase_rows.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/store/erase_rows.h"
#include "server/store/sqlite.h"

enum csn_status
csn_store_erased_revocation_add(struct csn_store *store, struct csn_id app,
                                const struct csn_erased_revocation_row *row)
{
    struct csn_query q = csn_query(
        store, "INSERT INTO erased_revocations (app, identity_hash, revoked_before, expires) "
               "VALUES (?, ?, ?, ?) ON CONFLICT (app, identity_hash) DO UPDATE SET "
               "revoked_before = max(revoked_before, excluded.revoked_before), "
               "expires = max(expires, excluded.expires)");
    csn_query_id(&q, app);
    csn_query_blob(&q, csn_bytes_of(row->identity_hash, sizeof row->identity_hash));
    csn_query_int(&q, row->revoked_before_ms);
    csn_query_int(&q, row->expires_ms);
    return csn_query_done(&q);
}

enum csn_status
csn_store_erased_revocation_get(struct csn_store *store, struct csn_id app,
                                const uint8_t identity_hash[CSN_NAME_HASH],
                                int64_t *revoked_before_ms)
{
    *revoked_before_ms = 0;
    struct csn_query q = csn_query(store, "SELECT revoked_before FROM erased_revocations WHERE "
                                          "app = ? AND identity_hash = ?");
    csn_query_id(&q, app);
    csn_query_blob(&q, csn_bytes_of(identity_hash, CSN_NAME_HASH));
    if (csn_query_row(&q))
        *revoked_before_ms = csn_row_int(&q);
    return csn_query_end(&q);
}

enum csn_status
csn_store_erased_revocations_last(struct csn_store *store, struct csn_id app, int64_t life_ms,
                                  int64_t never_ms)
{
    struct csn_query q = csn_query(
        store, "UPDATE erased_revocations SET expires = CASE WHEN ?2 > 0 THEN revoked_before + ?2 "
               "ELSE ?3 END WHERE app = ?1");
    csn_query_id(&q, app);
    csn_query_int(&q, life_ms);
    csn_query_int(&q, never_ms);
    return csn_query_done(&q);
}

enum csn_status
csn_store_purge_erased_revocations(struct csn_store *store, int64_t before_ms, unsigned limit,
                                   uint64_t *purged)
{
    struct csn_query q = csn_query(
        store, "DELETE FROM erased_revocations WHERE (app, identity_hash) IN (SELECT app, "
               "identity_hash FROM erased_revocations WHERE expires < ? ORDER BY expires LIMIT ?)");
    csn_query_int(&q, before_ms);
    csn_query_int(&q, limit);
    return csn_query_counted(&q, purged);
}
