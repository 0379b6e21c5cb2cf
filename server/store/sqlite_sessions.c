/* Rows of sessions, and their purge. See session_rows.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/store/session_rows.h"
#include "server/store/sqlite.h"

#define SESSION_SELECT                                                                             \
    "SELECT id, customer, device, assurance, generation, created, expires, ended, secret_hash, "   \
    "token_hash, token_expires, token_issued, key, idle FROM sessions "

static void
read_session(struct csn_query *q, struct csn_session_row *out)
{
    *out = (struct csn_session_row){0};
    csn_row_id(q, &out->id);
    csn_row_id(q, &out->customer);
    csn_row_text(q, out->device, sizeof out->device);
    out->assurance = (enum csn_assurance)csn_row_int(q);
    out->generation = (uint32_t)csn_row_int(q);
    out->created_ms = csn_row_int(q);
    out->expires_ms = csn_row_int(q);
    out->ended_ms = csn_row_int(q);
    csn_row_blob(q, out->secret_hash, sizeof out->secret_hash);
    out->has_token = !csn_row_null(q);
    csn_row_blob(q, out->token_hash, sizeof out->token_hash);
    out->token_expires_ms = csn_row_int(q);
    out->token_issued_ms = csn_row_int(q);
    out->key_number = csn_row_int(q);
    out->idle_ms = csn_row_int(q);
}

static enum csn_status
one_session(struct csn_query *q, struct csn_session_row *out)
{
    enum csn_status status = csn_query_first(q);
    if (status != CSN_OK)
        return status;
    read_session(q, out);
    return csn_query_end(q);
}

static struct csn_bytes
token_of(const struct csn_session_row *row)
{
    return row->has_token ? csn_bytes_of(row->token_hash, sizeof row->token_hash)
                          : (struct csn_bytes){0};
}

enum csn_status
csn_store_session_add(struct csn_store *store, struct csn_id app, const struct csn_session_row *row)
{
    struct csn_query q = csn_query(
        store, "INSERT INTO sessions (app, customer, id, device, assurance, generation, "
               "created, expires, secret_hash, token_hash, token_expires, "
               "token_issued, key, idle) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    csn_query_id(&q, app);
    csn_query_id(&q, row->customer);
    csn_query_id(&q, row->id);
    csn_query_bytes(&q, csn_bytes_text(row->device));
    csn_query_int(&q, row->assurance);
    csn_query_int(&q, row->generation);
    csn_query_int(&q, row->created_ms);
    csn_query_int(&q, row->expires_ms);
    csn_query_blob(&q, csn_bytes_of(row->secret_hash, sizeof row->secret_hash));
    csn_query_blob(&q, token_of(row));
    csn_query_int(&q, row->token_expires_ms);
    csn_query_int(&q, row->token_issued_ms);
    csn_query_int(&q, row->key_number);
    csn_query_int(&q, row->idle_ms);
    return csn_query_done(&q);
}

enum csn_status
csn_store_session_get(struct csn_store *store, struct csn_id app, struct csn_id id,
                      struct csn_session_row *out)
{
    struct csn_query q = csn_query(store, SESSION_SELECT "WHERE app = ? AND id = ?");
    csn_query_id(&q, app);
    csn_query_id(&q, id);
    return one_session(&q, out);
}

enum csn_status
csn_store_session_renew(struct csn_store *store, struct csn_id app,
                        const struct csn_session_row *row)
{
    struct csn_query q = csn_query(
        store,
        "UPDATE sessions SET assurance = ?, generation = ?, expires = ?, token_hash = ?, "
        "token_expires = ?, token_issued = ?, key = ?, idle = ? WHERE app = ? AND customer = ? AND "
        "id = ? AND ended = 0");
    csn_query_int(&q, row->assurance);
    csn_query_int(&q, row->generation);
    csn_query_int(&q, row->expires_ms);
    csn_query_blob(&q, token_of(row));
    csn_query_int(&q, row->token_expires_ms);
    csn_query_int(&q, row->token_issued_ms);
    csn_query_int(&q, row->key_number);
    csn_query_int(&q, row->idle_ms);
    csn_query_id(&q, app);
    csn_query_id(&q, row->customer);
    csn_query_id(&q, row->id);
    return csn_query_touched(&q);
}

enum csn_status
csn_store_session_end(struct csn_store *store, struct csn_id app, struct csn_id id, int64_t now_ms)
{
    struct csn_query q =
        csn_query(store, "UPDATE sessions SET ended = ? WHERE app = ? AND id = ? AND ended = 0");
    csn_query_int(&q, now_ms);
    csn_query_id(&q, app);
    csn_query_id(&q, id);
    return csn_query_touched(&q);
}

/* A live session is that of a device, so that few rows are looked at however many are over; and of
 * those that are over, as many as are shown and those few passed by. */
#define IS_LIVE "(ended = 0 AND expires > ?3) "

static const char *
each_sql(const struct csn_session_range *range)
{
    if (range->over) {
        return SESSION_SELECT "WHERE app = ?1 AND customer = ?2 AND NOT " IS_LIVE
                              "ORDER BY id DESC LIMIT ?4";
    }
    return SESSION_SELECT "WHERE app = ?1 AND customer = ?2 AND id IN (SELECT session FROM devices "
                          "INDEXED BY devices_by_customer WHERE app = ?1 AND customer = ?2) "
                          "AND " IS_LIVE "ORDER BY assurance DESC, id DESC LIMIT ?4";
}

enum csn_status
csn_store_session_each(struct csn_store *store, struct csn_id app,
                       const struct csn_session_range *range,
                       void (*each)(void *state, const struct csn_session_row *row), void *state,
                       int64_t now_ms)
{
    struct csn_query q = csn_query(store, each_sql(range));
    csn_query_id(&q, app);
    csn_query_id(&q, range->customer);
    csn_query_int(&q, now_ms);
    csn_query_int(&q, (int64_t)range->limit);
    while (csn_query_row(&q)) {
        struct csn_session_row row;
        read_session(&q, &row);
        each(state, &row);
    }
    return csn_query_end(&q);
}

enum csn_status
csn_store_session_of_key(struct csn_store *store, struct csn_id app, int64_t key_number,
                         struct csn_session_row *out)
{
    struct csn_query q = csn_query(store, SESSION_SELECT "INDEXED BY sessions_by_key WHERE app = ? "
                                                         "AND key = ? AND key > 0 AND ended = 0 "
                                                         "LIMIT 1");
    csn_query_id(&q, app);
    csn_query_int(&q, key_number);
    return one_session(&q, out);
}

/* --- idling --- */

enum csn_status
csn_store_session_used(struct csn_store *store, struct csn_id app, struct csn_id id,
                       int64_t idle_ms)
{
    struct csn_query q =
        csn_query(store, "UPDATE sessions SET idle = ? WHERE app = ? AND id = ? AND ended = 0");
    csn_query_int(&q, idle_ms);
    csn_query_id(&q, app);
    csn_query_id(&q, id);
    return csn_query_touched(&q);
}

enum csn_status
csn_store_session_idled(struct csn_store *store, int64_t before_ms, struct csn_id *app,
                        struct csn_id *id)
{
    struct csn_query q =
        csn_query(store, "SELECT app, id FROM sessions WHERE idle > 0 AND ended = 0 AND idle <= ? "
                         "ORDER BY idle LIMIT 1");
    csn_query_int(&q, before_ms);
    enum csn_status status = csn_query_first(&q);
    if (status != CSN_OK)
        return status;
    csn_row_id(&q, app);
    csn_row_id(&q, id);
    return csn_query_end(&q);
}

/* --- purge: a device that still names the session keeps its customer and has no session --- */

static enum csn_status
oldest_expired(struct csn_store *store, int64_t before_ms, struct csn_id *app, struct csn_id *id)
{
    struct csn_query q =
        csn_query(store, "SELECT app, id FROM sessions WHERE expires < ? ORDER BY expires LIMIT 1");
    csn_query_int(&q, before_ms);
    enum csn_status status = csn_query_first(&q);
    if (status != CSN_OK)
        return status;
    csn_row_id(&q, app);
    csn_row_id(&q, id);
    return csn_query_end(&q);
}

enum csn_status
csn_store_session_release(struct csn_store *store, struct csn_id app, struct csn_id id)
{
    struct csn_query q =
        csn_query(store, "UPDATE devices SET session = NULL WHERE app = ?1 AND session = ?2 AND "
                         "id = (SELECT device FROM sessions WHERE app = ?1 AND id = ?2)");
    csn_query_id(&q, app);
    csn_query_id(&q, id);
    return csn_query_done(&q);
}

static enum csn_status
forget_session(struct csn_store *store, struct csn_id app, struct csn_id id)
{
    enum csn_status status = csn_store_session_release(store, app, id);
    if (status != CSN_OK)
        return status;
    struct csn_query q = csn_query(store, "DELETE FROM sessions WHERE app = ? AND id = ?");
    csn_query_id(&q, app);
    csn_query_id(&q, id);
    return csn_query_done(&q);
}

enum csn_status
csn_store_purge_sessions(struct csn_store *store, int64_t before_ms, unsigned limit,
                         uint64_t *purged)
{
    for (unsigned i = 0; i < limit; i++) {
        struct csn_id app, id;
        enum csn_status status = oldest_expired(store, before_ms, &app, &id);
        if (status == CSN_NOT_FOUND)
            return CSN_OK;
        if (status == CSN_OK)
            status = forget_session(store, app, id);
        if (status != CSN_OK)
            return status;
        ++*purged;
    }
    return CSN_OK;
}
