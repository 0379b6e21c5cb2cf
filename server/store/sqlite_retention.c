/* What was recorded leaves the store: by the age its app allows, beyond the most an app may have,
 * and with the app. See decision_rows.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/store/decision_rows.h"
#include "server/store/sqlite.h"

#define HOUR_MS 3600000LL
#define DAY_MS (24 * HOUR_MS)

struct dropping {
    struct csn_store *store;
    struct csn_id app;
    int64_t before_ms; /* what was recorded earlier goes */
    size_t limit;
    uint64_t dropped;
};

static enum csn_status
drop_old_rows(struct dropping *d)
{
    struct csn_query q = csn_query(
        d->store,
        "DELETE FROM decision_rows WHERE number IN (SELECT number FROM decision_rows"
        " INDEXED BY decision_rows_by_time WHERE app = ? AND at < ? ORDER BY at LIMIT ?)");
    csn_query_id(&q, d->app);
    csn_query_int(&q, d->before_ms);
    csn_query_int(&q, (int64_t)d->limit);
    return csn_query_counted(&q, &d->dropped);
}

static enum csn_status
drop_many_rows(struct dropping *d)
{
    struct csn_query q = csn_query(
        d->store, "DELETE FROM decision_rows WHERE number IN (SELECT number FROM decision_rows"
                  " INDEXED BY decision_rows_by_time WHERE app = ? ORDER BY at DESC, number DESC"
                  " LIMIT ? OFFSET ?)");
    csn_query_id(&q, d->app);
    csn_query_int(&q, (int64_t)d->limit);
    csn_query_int(&q, CSN_DECISION_ROWS_MAX);
    return csn_query_counted(&q, &d->dropped);
}

/* The oldest hour, once all of it is old. */
static enum csn_status
drop_counts(struct dropping *d)
{
    struct csn_query q =
        csn_query(d->store, "DELETE FROM decision_counts WHERE app = ?1 AND hour ="
                            " (SELECT min(hour) FROM decision_counts WHERE app = ?1)"
                            " AND hour + ?2 <= ?3");
    csn_query_id(&q, d->app);
    csn_query_int(&q, HOUR_MS);
    csn_query_int(&q, d->before_ms);
    return csn_query_counted(&q, &d->dropped);
}

/* The oldest day, the same. */
static enum csn_status
drop_visitors(struct dropping *d)
{
    struct csn_query q =
        csn_query(d->store, "DELETE FROM decision_visitors WHERE app = ?1 AND day ="
                            " (SELECT min(day) FROM decision_days WHERE app = ?1)"
                            " AND day + ?2 <= ?3");
    csn_query_id(&q, d->app);
    csn_query_int(&q, DAY_MS);
    csn_query_int(&q, d->before_ms);
    enum csn_status status = csn_query_counted(&q, &d->dropped);
    if (status != CSN_OK)
        return status;
    struct csn_query days = csn_query(
        d->store, "DELETE FROM decision_days WHERE app = ?1 AND day ="
                  " (SELECT min(day) FROM decision_days WHERE app = ?1) AND day + ?2 <= ?3");
    csn_query_id(&days, d->app);
    csn_query_int(&days, DAY_MS);
    csn_query_int(&days, d->before_ms);
    return csn_query_counted(&days, &d->dropped);
}

static enum csn_status
drop_evidence(struct dropping *d)
{
    struct csn_query q = csn_query(d->store, "DELETE FROM evidence WHERE app = ? AND at < ?");
    csn_query_id(&q, d->app);
    csn_query_int(&q, d->before_ms);
    return csn_query_counted(&q, &d->dropped);
}

/* Drops hour by hour and day by day until nothing is old, or enough was done. */
static enum csn_status
drop(struct dropping *d)
{
    enum csn_status status = drop_many_rows(d);
    if (status == CSN_OK)
        status = drop_evidence(d);
    for (uint64_t before = d->dropped + 1; status == CSN_OK && before != d->dropped;) {
        before = d->dropped;
        status = drop_old_rows(d);
        if (status == CSN_OK)
            status = drop_counts(d);
        if (status == CSN_OK)
            status = drop_visitors(d);
        if (d->dropped >= d->limit)
            break;
    }
    return status;
}

/* --- the walk --- */

static enum csn_status
next_app(struct csn_store *store, struct csn_retention_walk *walk, int64_t *retention_days)
{
    struct csn_query q =
        csn_query(store, "SELECT id, retention_days FROM apps WHERE id > ? ORDER BY id LIMIT 1");
    csn_query_bytes(&q, csn_bytes_text(walk->after.text));
    walk->ended = !csn_query_row(&q);
    if (!walk->ended) {
        csn_row_id(&q, &walk->after);
        *retention_days = csn_row_int(&q);
    }
    return csn_query_end(&q);
}

/* Out: *dropped, of the app the walk comes to. Where nothing more may go, that app may have more:
 * the walk stays before it. */
static enum csn_status
retain_next(struct csn_store *store, struct csn_retention_walk *walk, size_t limit, size_t *dropped,
            int64_t now_ms)
{
    struct csn_retention_walk before = *walk;
    int64_t days = 0;
    enum csn_status status = next_app(store, walk, &days);
    if (status != CSN_OK || walk->ended)
        return status;
    struct dropping d = {
        .store = store, .app = walk->after, .before_ms = now_ms - days * DAY_MS, .limit = limit};
    status = drop(&d);
    *dropped = (size_t)d.dropped;
    if (*dropped >= limit)
        *walk = before;
    return status;
}

enum csn_status
csn_store_decisions_retain(struct csn_store *store, struct csn_retention_walk *walk, size_t apps,
                           size_t limit, size_t *dropped, int64_t now_ms)
{
    if (walk->ended)
        *walk = (struct csn_retention_walk){0};
    size_t before = *dropped;
    enum csn_status status = CSN_OK;
    for (size_t i = 0; i < apps && status == CSN_OK && !walk->ended; i++) {
        size_t gone = 0;
        if (*dropped - before >= limit)
            return CSN_OK;
        status = retain_next(store, walk, limit - (*dropped - before), &gone, now_ms);
        *dropped += gone;
    }
    return status;
}
