/* Retention: the housekeeper walks over all logs in slices, each one job. See log.h.
 *
 * A slice ends after so many logs or so many items, whichever comes first; a log that has more to
 * give is visited again by the next slice. Where nothing is old a log costs two short reads.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/domain/log.h"

#define DAY_MS 86400000LL

/* What was received before then goes. */
static int64_t
keeps_since(const struct csn_log_place *place, int64_t now_ms)
{
    return place->retention_days == 0 ? 0 : now_ms - place->retention_days * DAY_MS;
}

static int64_t
above(int64_t value, int64_t max)
{
    return value > max ? value - max : 0;
}

/* Out: *purged, of this log. */
static enum csn_status
purge_log(struct csn_store *store, const struct csn_log_place *place, size_t limit,
          struct csn_items_sum *purged, int64_t now_ms)
{
    struct csn_log_row log = place->log;
    *purged = (struct csn_items_sum){0};
    if (log.items == 0)
        return CSN_OK;
    struct csn_items_purge what = {.before_ms = keeps_since(place, now_ms),
                                   .surplus = {.items = above(log.items, CSN_LOG_ITEMS_MAX),
                                               .bytes = above(log.bytes, CSN_LOG_BYTES_MAX)},
                                   .limit = limit};
    enum csn_status status =
        csn_store_items_purge(store, place->app, place->customer, &what, purged);
    if (status != CSN_OK || purged->items == 0)
        return status;
    log.items -= purged->items;
    log.bytes -= purged->bytes;
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
        struct csn_items_sum purged = {0};
        size_t limit = (size_t)(CSN_ITEMS_PURGED_MAX - walk->purged);
        if (status == CSN_OK)
            status = purge_log(store, &place, limit, &purged, now_ms);
        if (status != CSN_OK)
            return status;
        walk->purged += purged.items;
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
