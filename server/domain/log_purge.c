/* Retention: the housekeeper walks over all logs in slices, each one job. See log.h.
 *
 * A slice ends after so many logs or so many items, whichever comes first; a log that has more to
 * give is visited again by the next slice. Where nothing is old a log costs two short reads.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/domain/log.h"

#define DAY_MS 86400000LL

/* What was received before then goes. What a removed app leaves behind nobody can read: all of it.
 */
static int64_t
keeps_since(const struct csn_log_place *place, int64_t now_ms)
{
    if (place->app_removed)
        return INT64_MAX;
    return place->retention_days == 0 ? 0 : now_ms - place->retention_days * DAY_MS;
}

/* Out: *purged, of this log. */
static enum csn_status
purge_log(struct csn_store *store, const struct csn_log_place *place, size_t limit, int64_t *purged,
          int64_t now_ms)
{
    *purged = 0;
    struct csn_log_row log = place->log;
    if (log.items == 0)
        return CSN_OK;
    int64_t surplus = log.items > CSN_LOG_ITEMS_MAX ? log.items - CSN_LOG_ITEMS_MAX : 0;
    enum csn_status status = csn_store_items_purge(
        store, place->app, place->customer, keeps_since(place, now_ms), surplus, limit, purged);
    if (status != CSN_OK || *purged == 0)
        return status;
    log.items -= *purged;
    return csn_store_log_put(store, place->app, place->customer, &log);
}

static enum csn_status
walk_slice(struct csn_store *store, struct csn_log_walk *walk, int64_t now_ms)
{
    struct csn_log_place place = {.app = walk->app, .customer = walk->customer};
    for (int visited = 0; visited < CSN_LOGS_WALKED_MAX; visited++) {
        enum csn_status status = csn_store_log_next(store, &place);
        if (status == CSN_NOT_FOUND) {
            *walk = (struct csn_log_walk){.purged = walk->purged, .ended = true};
            return CSN_OK;
        }
        int64_t purged = 0;
        size_t limit = (size_t)(CSN_ITEMS_PURGED_MAX - walk->purged);
        if (status == CSN_OK)
            status = purge_log(store, &place, limit, &purged, now_ms);
        if (status != CSN_OK)
            return status;
        walk->purged += purged;
        if (walk->purged >= CSN_ITEMS_PURGED_MAX)
            return CSN_OK; /* this log may have more: it is not done */
        walk->app = place.app;
        walk->customer = place.customer;
    }
    return CSN_OK;
}

enum csn_status
csn_log_purge(struct csn_store *store, struct csn_log_walk *walk, int64_t now_ms)
{
    struct csn_log_walk next = {.app = walk->app, .customer = walk->customer};
    enum csn_status status = walk_slice(store, &next, now_ms);
    if (status == CSN_OK)
        *walk = next;
    return status;
}
