/* Apps that were removed, swept. See removal_rows.h.
 *
 * The database overwrites what it deletes; the write-ahead log is cut after each slice, as after an
 * erasure (sqlite_erase.c).
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/store/removal_rows.h"
#include "server/store/sqlite.h"

struct removal {
    struct csn_store *store;
    struct csn_id app;
    int64_t removed_ms;
    bool has_keys;         /* some customers may: those behind */
    struct csn_id keyless; /* … this one; {0}: all */
    size_t limit;          /* of this slice */
};

static enum csn_status
find_due(struct removal *r, int64_t now_ms)
{
    struct csn_query q =
        csn_query(r->store, "SELECT app, removed, place IS NOT NULL, nullif(place, '') FROM "
                            "removed_apps WHERE due > 0 AND due <= ? ORDER BY due, app LIMIT 1");
    csn_query_int(&q, now_ms);
    enum csn_status status = csn_query_first(&q);
    if (status != CSN_OK)
        return status;
    csn_row_id(&q, &r->app);
    r->removed_ms = csn_row_int(&q);
    r->has_keys = csn_row_int(&q) != 0;
    csn_row_id(&q, &r->keyless);
    return csn_query_end(&q);
}

/* --- keys --- */

static enum csn_status
find_end_of_slice(struct removal *r, struct csn_id *until)
{
    struct csn_query q =
        csn_query(r->store, "SELECT max(id) FROM (SELECT id FROM customers WHERE app = ? AND "
                            "id > ? ORDER BY id LIMIT ?)");
    csn_query_id(&q, r->app);
    csn_query_bytes(&q, csn_bytes_text(r->keyless.text));
    csn_query_int(&q, (int64_t)r->limit);
    if (csn_query_row(&q))
        csn_row_id(&q, until);
    return csn_query_end(&q);
}

static enum csn_status
destroy_keys(struct removal *r, struct csn_id until)
{
    struct csn_query q =
        csn_query(r->store, "UPDATE customers SET identity_hash = NULL, identity_sealed = NULL, "
                            "key_sealed = x'', assurance = 1, revoked_before = 0 "
                            "WHERE app = ? AND id > ? AND id <= ?");
    csn_query_id(&q, r->app);
    csn_query_bytes(&q, csn_bytes_text(r->keyless.text));
    csn_query_id(&q, until);
    return csn_query_done(&q);
}

/* In: `place` {0}: no customer has a key. */
static enum csn_status
note_place(struct removal *r, struct csn_id place)
{
    struct csn_query q = csn_query(r->store, "UPDATE removed_apps SET place = ? WHERE app = ?");
    csn_query_id(&q, place);
    csn_query_id(&q, r->app);
    return csn_query_touched(&q);
}

static enum csn_status
sweep_keys(struct removal *r)
{
    struct csn_id until = {0};
    enum csn_status status = find_end_of_slice(r, &until);
    if (status == CSN_OK && until.text[0] != '\0')
        status = destroy_keys(r, until);
    return status == CSN_OK ? note_place(r, until) : status;
}

/* --- rows --- */

/* The key's columns are those behind `app`. With `app` among them SQLite finds each row by its
 * whole key; without, it walks over all rows of the app for some. */
#define SWEEP(table, key)                                                                          \
    "DELETE FROM " table " WHERE (app, " key ") IN (SELECT app, " key " FROM " table               \
    " WHERE app = ?1 LIMIT ?2)"
#define SWEEP_NUMBERED(table, which)                                                               \
    "DELETE FROM " table " WHERE number IN (SELECT number FROM " table " WHERE app = ?1" which     \
    " LIMIT ?2)"

#define DECISION_KEY                                                                               \
    "reason, endpoint, key, algorithm, assurance, mode, admitted, platform, app_version, "         \
    "sdk_version"

static const char *const deliveries[] = {
    SWEEP_NUMBERED("deliveries", " AND webhook IS NOT NULL"),
    SWEEP_NUMBERED("deliveries", " AND device IS NOT NULL"),
};

/* What refers to customers before them. A table that is neither here nor goes with its app's row
 * turns removal_test.c red. */
static const char *const tables[] = {
    SWEEP("devices", "id"),
    SWEEP("profiles", "customer"),
    SWEEP("challenges", "device, nonce_hash"),
    SWEEP("revocations", "subject"),
    SWEEP("items", "customer, seq"),
    SWEEP("sessions", "customer, id"),
    SWEEP("links", "customer"),
    SWEEP("links_undone", "customer, turn"),
    SWEEP("erasures", "customer"),
    SWEEP("logs", "customer"),
    SWEEP_NUMBERED("decision_rows", ""),
    SWEEP("decision_counts", "hour, " DECISION_KEY),
    SWEEP("decision_visitors", "day, level, visitor, reason, endpoint, key, assurance, admitted, "
                               "platform, app_version, sdk_version"),
    SWEEP("decision_days", "day"),
    SWEEP("customers", "id"),
};

static enum csn_status
delete_some(struct removal *r, const char *sql, size_t limit, size_t *deleted)
{
    struct csn_query q = csn_query(r->store, sql);
    csn_query_id(&q, r->app);
    csn_query_int(&q, (int64_t)(limit - *deleted));
    enum csn_status status = csn_query_done(&q);
    if (status == CSN_OK)
        *deleted += (size_t)csn_store_changes(r->store);
    return status;
}

/* Runs statements in turn until `limit` rows are deleted. */
static enum csn_status
sweep_rows(struct removal *r, const char *const *statements, size_t count, size_t limit,
           size_t *deleted)
{
    enum csn_status status = CSN_OK;
    for (size_t i = 0; i < count && *deleted < limit && status == CSN_OK; i++)
        status = delete_some(r, statements[i], limit, deleted);
    return status;
}

/* --- a slice --- */

/* What may have been written meanwhile is looked for when it has settled. */
static enum csn_status
note_end(struct removal *r, int64_t now_ms)
{
    int64_t settles_ms = r->removed_ms + CSN_REMOVED_SETTLES_MS;
    bool settled = now_ms >= settles_ms;
    struct csn_query q =
        csn_query(r->store, "UPDATE removed_apps SET due = ?, swept = ? WHERE app = ?");
    csn_query_int(&q, settled ? 0 : settles_ms);
    csn_query_int(&q, settled ? now_ms : 0);
    csn_query_id(&q, r->app);
    return csn_query_touched(&q);
}

static enum csn_status
sweep(struct removal *r, int64_t now_ms)
{
    size_t many = r->limit * CSN_REMOVED_DELIVERIES_FACTOR, delivered = 0, rows = 0;
    enum csn_status status =
        sweep_rows(r, deliveries, sizeof deliveries / sizeof deliveries[0], many, &delivered);
    if (status != CSN_OK)
        return status;
    if (r->has_keys)
        return sweep_keys(r);
    status = sweep_rows(r, tables, sizeof tables / sizeof tables[0], r->limit, &rows);
    if (status != CSN_OK || delivered == many || rows == r->limit)
        return status;
    return note_end(r, now_ms);
}

enum csn_status
csn_store_removed_app_sweep(struct csn_store *store, size_t limit, bool *more, int64_t now_ms)
{
    struct removal r = {.store = store, .limit = limit};
    enum csn_status status = find_due(&r, now_ms);
    *more = status == CSN_OK;
    if (status == CSN_NOT_FOUND)
        return CSN_OK;
    if (status != CSN_OK)
        return status;
    store->cut_due = true;
    return sweep(&r, now_ms);
}
