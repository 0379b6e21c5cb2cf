/* The blast radius of a key in SQLite: see blast_rows.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/store/blast_rows.h"
#include "server/store/sqlite.h"

#define HOUR_MS 3600000LL
#define DAY_MS (24 * HOUR_MS)

_Static_assert(CSN_REASON_ACCEPTED == 1, "in ACCEPTED");
#define ACCEPTED " AND reason = 1"

static enum csn_status
read_requests(struct csn_store *store, struct csn_id app, int64_t key_number, int64_t since_ms,
              struct csn_blast *out)
{
    struct csn_query q = csn_query(
        store, "SELECT platform, sum(count) AS requests, min(first), max(last) FROM decision_counts"
               " WHERE app = ? AND hour >= ? AND key = ?" ACCEPTED
               " GROUP BY 1 ORDER BY requests DESC, 1");
    csn_query_id(&q, app);
    csn_query_int(&q, since_ms - since_ms % HOUR_MS);
    csn_query_int(&q, key_number);
    while (csn_query_row(&q)) {
        struct csn_blast_platform platform;
        csn_row_text(&q, platform.platform, sizeof platform.platform);
        platform.requests = csn_row_int(&q);
        int64_t first_ms = csn_row_int(&q), last_ms = csn_row_int(&q);
        out->requests += platform.requests;
        out->first_ms = out->first_ms == 0 || first_ms < out->first_ms ? first_ms : out->first_ms;
        out->last_ms = last_ms > out->last_ms ? last_ms : out->last_ms;
        if (out->platform_count < CSN_BLAST_PLATFORMS_MAX)
            out->platforms[out->platform_count++] = platform;
    }
    return csn_query_end(&q);
}

static enum csn_status
read_customers(struct csn_store *store, struct csn_id app, int64_t key_number, int64_t since_ms,
               struct csn_blast *out)
{
    int64_t day_ms = since_ms - since_ms % DAY_MS;
    struct csn_query level = csn_query(
        store, "SELECT coalesce(max(level), 0) FROM decision_days WHERE app = ? AND day >= ?");
    csn_query_id(&level, app);
    csn_query_int(&level, day_ms);
    if (csn_query_row(&level))
        out->level = csn_row_int(&level);
    enum csn_status status = csn_query_end(&level);
    if (status != CSN_OK)
        return status;
    struct csn_query q = csn_query(
        store, "SELECT count(DISTINCT visitor) FROM decision_visitors"
               " INDEXED BY decision_visitors_by_key WHERE app = ? AND key = ? AND key > 0"
               " AND day >= ? AND level >= ? AND NOT by_device" ACCEPTED);
    csn_query_id(&q, app);
    csn_query_int(&q, key_number);
    csn_query_int(&q, day_ms);
    csn_query_int(&q, out->level);
    if (csn_query_row(&q))
        out->customers = csn_row_int(&q);
    return csn_query_end(&q);
}

static enum csn_status
read_sessions(struct csn_store *store, struct csn_id app, int64_t key_number, struct csn_blast *out,
              int64_t now_ms)
{
    struct csn_query q = csn_query(
        store, "SELECT count(*), count(DISTINCT customer), count(DISTINCT device) FROM sessions"
               " WHERE app = ? AND key = ? AND key > 0 AND ended = 0 AND expires > ?");
    csn_query_id(&q, app);
    csn_query_int(&q, key_number);
    csn_query_int(&q, now_ms);
    if (csn_query_row(&q)) {
        out->sessions = csn_row_int(&q);
        out->session_customers = csn_row_int(&q);
        out->session_devices = csn_row_int(&q);
    }
    return csn_query_end(&q);
}

enum csn_status
csn_store_key_blast(struct csn_store *store, struct csn_id app, int64_t key_number,
                    int64_t since_ms, struct csn_blast *out, int64_t now_ms)
{
    *out = (struct csn_blast){0};
    enum csn_status status = read_requests(store, app, key_number, since_ms, out);
    if (status == CSN_OK)
        status = read_customers(store, app, key_number, since_ms, out);
    if (status == CSN_OK)
        status = read_sessions(store, app, key_number, out, now_ms);
    return status;
}
