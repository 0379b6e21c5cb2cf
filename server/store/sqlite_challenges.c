/* Rows of challenges, and their purge. See session_rows.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/store/session_rows.h"
#include "server/store/sqlite.h"

enum csn_status
csn_store_challenge_add(struct csn_store *store, struct csn_id app,
                        const struct csn_challenge_row *row)
{
    struct csn_query q = csn_query(store, "INSERT INTO challenges (app, device, nonce_hash, "
                                          "created, expires) VALUES (?, ?, ?, ?, ?)");
    csn_query_id(&q, app);
    csn_query_bytes(&q, row->device);
    csn_query_blob(&q, csn_bytes_of(row->nonce_hash, sizeof row->nonce_hash));
    csn_query_int(&q, row->created_ms);
    csn_query_int(&q, row->expires_ms);
    return csn_query_done(&q);
}

enum csn_status
csn_store_challenge_trim(struct csn_store *store, struct csn_id app, struct csn_bytes device,
                         size_t keep)
{
    struct csn_query q =
        csn_query(store, "DELETE FROM challenges WHERE app = ?1 AND device = ?2 AND nonce_hash IN "
                         "(SELECT nonce_hash FROM challenges WHERE app = ?1 AND device = ?2 "
                         "ORDER BY used = 0 DESC, created DESC LIMIT -1 OFFSET ?3)");
    csn_query_id(&q, app);
    csn_query_bytes(&q, device);
    csn_query_int(&q, (int64_t)keep);
    return csn_query_done(&q);
}

enum csn_status
csn_store_challenge_get(struct csn_store *store, struct csn_id app, struct csn_challenge_row *row)
{
    struct csn_query q = csn_query(store, "SELECT created, expires, used FROM challenges WHERE "
                                          "app = ? AND device = ? AND nonce_hash = ?");
    csn_query_id(&q, app);
    csn_query_bytes(&q, row->device);
    csn_query_blob(&q, csn_bytes_of(row->nonce_hash, sizeof row->nonce_hash));
    enum csn_status status = csn_query_first(&q);
    if (status != CSN_OK)
        return status;
    row->created_ms = csn_row_int(&q);
    row->expires_ms = csn_row_int(&q);
    row->used_ms = csn_row_int(&q);
    return csn_query_end(&q);
}

enum csn_status
csn_store_challenge_find(struct csn_store *store, struct csn_id app, struct csn_arena *arena,
                         struct csn_challenge_row *row)
{
    struct csn_query q =
        csn_query(store, "SELECT device, created, expires, used FROM challenges WHERE app = ? AND "
                         "nonce_hash = ? ORDER BY created DESC LIMIT 1");
    csn_query_id(&q, app);
    csn_query_blob(&q, csn_bytes_of(row->nonce_hash, sizeof row->nonce_hash));
    enum csn_status status = csn_query_first(&q);
    if (status != CSN_OK)
        return status;
    row->device = csn_row_copy(&q, arena);
    row->created_ms = csn_row_int(&q);
    row->expires_ms = csn_row_int(&q);
    row->used_ms = csn_row_int(&q);
    return csn_query_end(&q);
}

enum csn_status
csn_store_challenge_use(struct csn_store *store, struct csn_id app,
                        const struct csn_challenge_row *row, int64_t now_ms)
{
    struct csn_query q = csn_query(store, "UPDATE challenges SET used = ? WHERE app = ? AND "
                                          "device = ? AND nonce_hash = ? AND used = 0");
    csn_query_int(&q, now_ms);
    csn_query_id(&q, app);
    csn_query_bytes(&q, row->device);
    csn_query_blob(&q, csn_bytes_of(row->nonce_hash, sizeof row->nonce_hash));
    return csn_query_touched(&q);
}

enum csn_status
csn_store_purge_challenges(struct csn_store *store, int64_t before_ms, unsigned limit,
                           uint64_t *purged)
{
    struct csn_query q = csn_query(store, "DELETE FROM challenges WHERE (app, device, nonce_hash) "
                                          "IN (SELECT app, device, nonce_hash FROM challenges "
                                          "WHERE expires < ? ORDER BY expires LIMIT ?)");
    csn_query_int(&q, before_ms);
    csn_query_int(&q, limit);
    return csn_query_counted(&q, purged);
}
