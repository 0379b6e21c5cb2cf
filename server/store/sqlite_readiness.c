/* Sums over what was recorded, in SQLite: see readiness_rows.h.
 *
 * Every statement here is bound alike: ?1 app, ?2 since, ?3 until, ?4 missing_is_anonymous, ?5
 * level.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/store/readiness_rows.h"

#include <string.h>

#include "server/store/sqlite.h"

#define DAY_MS 86400000
#define DAY "86400000"

_Static_assert(CSN_ENDPOINT_SESSION_START == 1 && CSN_ENDPOINT_SDK == 5, "in SUBJECT");
_Static_assert(CSN_REASON_ACCEPTED == 1 && CSN_REASON_MISSING == 2 &&
                   CSN_REASON_APP_UNKNOWN == 30 && CSN_REASON_APP_SUSPENDED == 31 &&
                   CSN_REASON_ENFORCEMENT_MISSING == 32 && CSN_REASON_RATE_LIMITED == 33 &&
                   CSN_REASON_UNAVAILABLE == 34 && CSN_ASSURANCE_ANONYMOUS == 1,
               "in REFUSED and REASON");

/* Where enforcement has a say; a visitor is noted of no other call under these endpoints. */
#define SUBJECT "endpoint IN (1, 5)"
#define REFUSED                                                                                    \
    "(reason > 1 AND reason NOT IN (30, 31, 33, 34)"                                               \
    " AND NOT (?4 AND reason = 2 AND assurance = 1))"
/* No token is one reason, whatever the mode made of it. */
#define REASON "iif(reason = 32, 2, reason)"

#define COUNTS " FROM decision_counts WHERE app = ?1 AND hour < ?3 AND mode > 0 AND " SUBJECT
#define VISITORS                                                                                   \
    " FROM decision_visitors WHERE app = ?1 AND day >= ?2 AND day < ?3 AND level >= ?5 "           \
    "AND " SUBJECT " AND " REFUSED
#define DISTINCT                                                                                   \
    "count(DISTINCT iif(by_device, NULL, visitor)), count(DISTINCT iif(by_device, visitor, NULL))"

static struct csn_query
ask(struct csn_store *store, const char *sql, const struct csn_readiness_filter *filter)
{
    struct csn_query q = csn_query(store, sql);
    csn_query_id(&q, filter->app);
    csn_query_int(&q, filter->since_ms);
    csn_query_int(&q, filter->until_ms);
    csn_query_int(&q, filter->missing_is_anonymous);
    csn_query_int(&q, filter->level);
    return q;
}

enum csn_status
csn_store_readiness_level(struct csn_store *store, struct csn_id app, int64_t since_ms,
                          int64_t until_ms, int64_t *level)
{
    struct csn_query q = csn_query(store, "SELECT coalesce(max(level), 0) FROM decision_days"
                                          " WHERE app = ? AND day >= ? AND day < ?");
    csn_query_id(&q, app);
    csn_query_int(&q, since_ms);
    csn_query_int(&q, until_ms);
    if (csn_query_row(&q))
        *level = csn_row_int(&q);
    return csn_query_end(&q);
}

enum csn_status
csn_store_readiness_sum(struct csn_store *store, const struct csn_readiness_filter *filter,
                        struct csn_readiness_sum *out)
{
    *out = (struct csn_readiness_sum){0};
    struct csn_query counts =
        ask(store,
            "SELECT sum(count), sum(iif(" REFUSED ", count, 0)),"
            " sum(iif(" REFUSED " AND NOT admitted, count, 0)), ?5" COUNTS " AND hour >= ?2",
            filter);
    if (csn_query_row(&counts)) {
        out->requests = csn_row_int(&counts);
        out->refused = csn_row_int(&counts);
        out->refused_now = csn_row_int(&counts);
    }
    enum csn_status status = csn_query_end(&counts);
    if (status != CSN_OK)
        return status;
    struct csn_query visitors = ask(store, "SELECT " DISTINCT VISITORS, filter);
    if (csn_query_row(&visitors)) {
        out->customers = csn_row_int(&visitors);
        out->devices = csn_row_int(&visitors);
    }
    out->sampled = out->customers + out->devices;
    return csn_query_end(&visitors);
}

/* --- by day --- */

static struct csn_readiness_day *
day_of(struct csn_readiness_day *days, size_t count, int64_t day_ms)
{
    for (size_t i = 0; i < count; i++) {
        if (days[i].day_ms == day_ms)
            return &days[i];
    }
    return NULL;
}

enum csn_status
csn_store_readiness_days(struct csn_store *store, const struct csn_readiness_filter *filter,
                         struct csn_readiness_day *out, size_t count)
{
    struct csn_query counts =
        ask(store,
            "SELECT hour - hour % " DAY ", sum(count),"
            " sum(iif(" REFUSED ", count, 0)), ?5" COUNTS " AND hour >= ?2 GROUP BY 1",
            filter);
    while (csn_query_row(&counts)) {
        struct csn_readiness_day *day = day_of(out, count, csn_row_int(&counts));
        if (day == NULL)
            continue;
        day->requests = csn_row_int(&counts);
        day->refused = csn_row_int(&counts);
    }
    enum csn_status status = csn_query_end(&counts);
    if (status != CSN_OK)
        return status;
    struct csn_query visitors = ask(store, "SELECT day, " DISTINCT VISITORS " GROUP BY 1", filter);
    while (csn_query_row(&visitors)) {
        struct csn_readiness_day *day = day_of(out, count, csn_row_int(&visitors));
        if (day == NULL)
            continue;
        day->customers = csn_row_int(&visitors);
        day->devices = csn_row_int(&visitors);
    }
    return csn_query_end(&visitors);
}

/* --- by reason, platform and versions --- */

static bool
is_same_group(const struct csn_readiness_group *a, const struct csn_readiness_group *b)
{
    return a->reason == b->reason && strcmp(a->platform, b->platform) == 0 &&
           strcmp(a->app_version, b->app_version) == 0 &&
           strcmp(a->sdk_version, b->sdk_version) == 0;
}

static void
read_group(struct csn_query *q, struct csn_readiness_group *out)
{
    *out = (struct csn_readiness_group){.reason = (enum csn_reason)csn_row_int(q)};
    csn_row_text(q, out->platform, sizeof out->platform);
    csn_row_text(q, out->app_version, sizeof out->app_version);
    csn_row_text(q, out->sdk_version, sizeof out->sdk_version);
}

static enum csn_status
add_visitors(struct csn_store *store, const struct csn_readiness_filter *filter,
             struct csn_readiness_group *groups, size_t count)
{
    struct csn_query q =
        ask(store,
            "SELECT " REASON ", platform, app_version, sdk_version, " DISTINCT VISITORS
            " GROUP BY 1, 2, 3, 4",
            filter);
    while (csn_query_row(&q)) {
        struct csn_readiness_group group;
        read_group(&q, &group);
        size_t at = 0;
        while (at < count && !is_same_group(&groups[at], &group))
            at++;
        if (at == count)
            continue;
        groups[at].customers = csn_row_int(&q);
        groups[at].devices = csn_row_int(&q);
    }
    return csn_query_end(&q);
}

enum csn_status
csn_store_readiness_groups(struct csn_store *store, const struct csn_readiness_filter *filter,
                           int64_t before_ms, struct csn_readiness_group *out, size_t limit,
                           size_t *count, bool *more)
{
    *count = 0;
    *more = false;
    struct csn_query q = ask(store,
                             "SELECT " REASON ", platform, app_version, sdk_version,"
                             " sum(iif(hour >= ?2, count, 0)) AS now,"
                             " sum(iif(hour < ?2, count, 0)), ?5" COUNTS
                             " AND hour >= ?6 AND " REFUSED " GROUP BY 1, 2, 3, 4 HAVING now > 0"
                             " ORDER BY now DESC, 1, 2, 3, 4 LIMIT ?7",
                             filter);
    csn_query_int(&q, before_ms);
    csn_query_int(&q, (int64_t)limit + 1);
    while (csn_query_row(&q)) {
        *more = *count == limit;
        if (*more)
            break;
        struct csn_readiness_group *group = &out[(*count)++];
        read_group(&q, group);
        group->refused = csn_row_int(&q);
        group->refused_before = csn_row_int(&q);
    }
    enum csn_status status = csn_query_end(&q);
    return status == CSN_OK ? add_visitors(store, filter, out, *count) : status;
}

/* --- by version --- */

static enum csn_status
add_last_refused(struct csn_store *store, const struct csn_readiness_filter *filter,
                 struct csn_readiness_version *versions, size_t count)
{
    /* Beside max(), SQLite takes the other columns from the row that has it. */
    struct csn_query q =
        ask(store,
            "SELECT platform, app_version, sum(NOT by_device), sum(by_device) FROM"
            " (SELECT platform, app_version, visitor, by_device, max(last)" VISITORS
            " GROUP BY platform, visitor, by_device) GROUP BY 1, 2",
            filter);
    while (csn_query_row(&q)) {
        struct csn_readiness_version one;
        csn_row_text(&q, one.platform, sizeof one.platform);
        csn_row_text(&q, one.app_version, sizeof one.app_version);
        size_t at = 0;
        while (at < count && (strcmp(versions[at].platform, one.platform) != 0 ||
                              strcmp(versions[at].app_version, one.app_version) != 0))
            at++;
        if (at == count)
            continue;
        versions[at].customers = csn_row_int(&q);
        versions[at].devices = csn_row_int(&q);
    }
    return csn_query_end(&q);
}

enum csn_status
csn_store_readiness_versions(struct csn_store *store, const struct csn_readiness_filter *filter,
                             struct csn_readiness_version *out, size_t limit, size_t *count,
                             bool *more)
{
    *count = 0;
    *more = false;
    struct csn_query q =
        ask(store,
            "SELECT platform, app_version, sum(count) AS requests,"
            " sum(iif(" REFUSED ", count, 0)) AS refused, ?5" COUNTS " AND hour >= ?2 GROUP BY 1, 2"
            " ORDER BY refused DESC, requests DESC, 1, 2 LIMIT ?6",
            filter);
    csn_query_int(&q, (int64_t)limit + 1);
    while (csn_query_row(&q)) {
        *more = *count == limit;
        if (*more)
            break;
        struct csn_readiness_version *version = &out[(*count)++];
        *version = (struct csn_readiness_version){0};
        csn_row_text(&q, version->platform, sizeof version->platform);
        csn_row_text(&q, version->app_version, sizeof version->app_version);
        version->requests = csn_row_int(&q);
        version->refused = csn_row_int(&q);
    }
    enum csn_status status = csn_query_end(&q);
    return status == CSN_OK ? add_last_refused(store, filter, out, *count) : status;
}
