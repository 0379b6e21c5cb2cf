/* Whom decisions were about, in SQLite: see decision_rows.h and schema/0010-decision-visitors.sql.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/store/sqlite_visitors.h"

#include <string.h>

#define DAY_MS 86400000
#define LEVEL_MAX 32

static const uint8_t *
visitor_hash(const struct csn_decision_visitor *visitor, bool *by_device)
{
    uint8_t any = 0;
    for (size_t i = 0; i < sizeof visitor->of.pseudonym; i++)
        any |= visitor->of.pseudonym[i];
    *by_device = any == 0;
    return *by_device ? visitor->of.device : visitor->of.pseudonym;
}

unsigned
csn_visitor_level_of(const uint8_t hash[16])
{
    unsigned level = 0;
    while (level < LEVEL_MAX && (hash[level / 8] & 0x80 >> level % 8) == 0)
        level++;
    return level;
}

unsigned
csn_visitor_level(const struct csn_decision_visitor *visitor)
{
    bool by_device;
    return csn_visitor_level_of(visitor_hash(visitor, &by_device));
}

/* --- days --- */

static enum csn_status
read_day(struct csn_store *store, struct csn_decision_day *day)
{
    struct csn_query q = csn_query(
        store, "SELECT level, visitors, kinds FROM decision_days WHERE app = ? AND day = ?");
    csn_query_id(&q, day->app);
    csn_query_int(&q, day->day_ms);
    if (csn_query_row(&q)) {
        day->level = csn_row_int(&q);
        day->visitors = csn_row_int(&q);
        day->kinds = csn_row_int(&q);
    }
    return csn_query_end(&q);
}

static enum csn_status
write_day(struct csn_store *store, const struct csn_decision_day *day)
{
    if (day->app.text[0] == '\0')
        return CSN_OK;
    struct csn_query q =
        csn_query(store, "INSERT INTO decision_days (app, day, level, visitors, kinds)"
                         " VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET level = excluded.level,"
                         " visitors = excluded.visitors, kinds = excluded.kinds");
    csn_query_id(&q, day->app);
    csn_query_int(&q, day->day_ms);
    csn_query_int(&q, day->level);
    csn_query_int(&q, day->visitors);
    csn_query_int(&q, day->kinds);
    return csn_query_done(&q);
}

enum csn_status
csn_day_rows_get(struct csn_day_rows *days, struct csn_store *store, struct csn_id app,
                 int64_t at_ms, struct csn_decision_day **day)
{
    int64_t day_ms = at_ms - at_ms % DAY_MS;
    for (size_t i = 0; i < CSN_DAY_ROWS_HELD; i++) {
        *day = &days->held[i];
        if ((*day)->day_ms == day_ms && memcmp((*day)->app.text, app.text, CSN_ID_LENGTH) == 0)
            return CSN_OK;
    }
    *day = &days->held[days->next];
    days->next = (days->next + 1) % CSN_DAY_ROWS_HELD;
    enum csn_status status = write_day(store, *day);
    if (status != CSN_OK)
        return status;
    **day = (struct csn_decision_day){.app = app, .day_ms = day_ms};
    return read_day(store, *day);
}

enum csn_status
csn_day_rows_write(struct csn_day_rows *days, struct csn_store *store)
{
    enum csn_status status = CSN_OK;
    for (size_t i = 0; i < CSN_DAY_ROWS_HELD && status == CSN_OK; i++)
        status = write_day(store, &days->held[i]);
    return status;
}

/* --- visitors --- */

static enum csn_status
count_visitors(struct csn_store *store, struct csn_decision_day *day)
{
    struct csn_query q =
        csn_query(store, "SELECT count(*) FROM decision_visitors WHERE app = ? AND day = ?");
    csn_query_id(&q, day->app);
    csn_query_int(&q, day->day_ms);
    if (csn_query_row(&q))
        day->visitors = csn_row_int(&q);
    return csn_query_end(&q);
}

/* Drops the day's visitors below `level`. Cost: the rows of one day, which are bounded. */
static enum csn_status
raise_level(struct csn_store *store, struct csn_decision_day *day, int64_t level)
{
    struct csn_query q =
        csn_query(store, "DELETE FROM decision_visitors WHERE app = ? AND day = ? AND level < ?");
    csn_query_id(&q, day->app);
    csn_query_int(&q, day->day_ms);
    csn_query_int(&q, level);
    day->level = level;
    enum csn_status status = csn_query_done(&q);
    return status == CSN_OK ? count_visitors(store, day) : status;
}

static void
bind_kind(struct csn_query *q, const struct csn_decision_visitor *p)
{
    const struct csn_decision *of = &p->of;
    bool by_device;
    csn_query_id(q, of->app);
    csn_query_int(q, of->at_ms);
    csn_query_int(q, csn_visitor_level(p));
    csn_query_blob(q, csn_bytes_of(visitor_hash(p, &by_device), 16));
    csn_query_int(q, of->reason);
    csn_query_int(q, of->endpoint);
    csn_query_int(q, of->key_number);
    csn_query_int(q, of->assurance);
    csn_query_int(q, of->admitted);
    csn_query_bytes(q, csn_bytes_text(of->platform));
    csn_query_bytes(q, csn_bytes_text(of->app_version));
    csn_query_bytes(q, csn_bytes_text(of->sdk_version));
}

static enum csn_status
raise_count(struct csn_store *store, const struct csn_decision_visitor *p)
{
    struct csn_query q = csn_query(
        store, "UPDATE decision_visitors SET count = count + ?, first = min(first, ?),"
               " last = max(last, ?) WHERE app = ? AND day = ? AND level = ? AND visitor = ?"
               " AND reason = ? AND endpoint = ? AND key = ? AND assurance = ? AND admitted = ?"
               " AND platform = ? AND app_version = ? AND sdk_version = ?");
    csn_query_int(&q, (int64_t)p->count);
    csn_query_int(&q, p->first_ms);
    csn_query_int(&q, p->last_ms);
    bind_kind(&q, p);
    return csn_query_touched(&q);
}

static enum csn_status
insert(struct csn_store *store, const struct csn_decision_visitor *p)
{
    struct csn_query q = csn_query(
        store, "INSERT INTO decision_visitors (app, day, level, visitor, reason, endpoint, key,"
               " assurance, admitted, platform, app_version, sdk_version, by_device, percentile,"
               " count, first, last) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    bool by_device;
    (void)visitor_hash(p, &by_device);
    bind_kind(&q, p);
    csn_query_int(&q, by_device);
    csn_query_int(&q, p->of.percentile);
    csn_query_int(&q, (int64_t)p->count);
    csn_query_int(&q, p->first_ms);
    csn_query_int(&q, p->last_ms);
    return csn_query_done(&q);
}

enum csn_status
csn_store_visitor_level(struct csn_store *store, struct csn_day_rows *days, struct csn_id app,
                        int64_t at_ms, unsigned level)
{
    struct csn_decision_day *day = NULL;
    enum csn_status status = csn_day_rows_get(days, store, app, at_ms, &day);
    if (status != CSN_OK || day->level >= level)
        return status;
    return raise_level(store, day, level);
}

enum csn_status
csn_store_visitor_add(struct csn_store *store, struct csn_day_rows *days,
                      const struct csn_decision_visitor *visitor)
{
    struct csn_decision_day *day = NULL;
    enum csn_status status =
        csn_day_rows_get(days, store, visitor->of.app, visitor->of.at_ms, &day);
    if (status != CSN_OK || csn_visitor_level(visitor) < day->level)
        return status;
    status = raise_count(store, visitor);
    if (status != CSN_NOT_FOUND)
        return status;
    status = insert(store, visitor);
    day->visitors++;
    while (status == CSN_OK && day->visitors > CSN_DECISION_VISITORS_PER_DAY &&
           day->level < LEVEL_MAX)
        status = raise_level(store, day, day->level + 1);
    return status;
}
