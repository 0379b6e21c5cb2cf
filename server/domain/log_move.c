/* The log of an anonymous customer, moved behind its owner's and back. See log.h.
 *
 *   log of `from`     1 2 3                          last 3
 *   log of `to`       1 2 ... 9                      last 9     the place of the move: 9
 *   after the move    1 2 ... 9  10 11 12            last 12
 *   items come        1 2 ... 9  10 11 12  13 14     last 14
 *   and back          1 2 ... 9            13 14     last 14;  1 2 3 in the log of `from`
 *
 * No seq is ever given twice, so every cursor into either log goes on to mean what it meant.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/domain/log.h"

static enum csn_status
get_both(struct csn_store *store, struct csn_id app, struct csn_id from, struct csn_id to,
         struct csn_log_row *source, struct csn_log_row *target)
{
    *target = (struct csn_log_row){0};
    enum csn_status status = csn_store_log_get(store, app, from, source);
    if (status != CSN_OK || source->last == 0)
        return status;
    return csn_store_log_get(store, app, to, target);
}

static enum csn_status
put_both(struct csn_store *store, struct csn_id app, struct csn_id from, struct csn_id to,
         const struct csn_log_row *source, const struct csn_log_row *target)
{
    enum csn_status status = csn_store_log_put(store, app, from, source);
    return status == CSN_OK ? csn_store_log_put(store, app, to, target) : status;
}

enum csn_status
csn_log_move(struct csn_store *store, struct csn_id app, struct csn_id from, struct csn_id to,
             struct csn_log_moved *out)
{
    struct csn_log_row source, target;
    *out = (struct csn_log_moved){0};
    enum csn_status status = get_both(store, app, from, to, &source, &target);
    if (status != CSN_OK || source.items == 0)
        return status;
    struct csn_items_move move = {
        .from = from, .to = to, .offset = target.last, .last = source.last};
    struct csn_items_sum moved;
    status = csn_store_items_move(store, app, &move, &moved);
    out->items = moved.items;
    if (status != CSN_OK || out->items == 0)
        return status;
    out->place = target.last;
    source.items -= moved.items;
    source.bytes -= moved.bytes;
    target.items += moved.items;
    target.bytes += moved.bytes;
    target.last += source.last;
    return put_both(store, app, from, to, &source, &target);
}

enum csn_status
csn_log_move_back(struct csn_store *store, struct csn_id app, struct csn_id from,
                  struct csn_id origin, int64_t place, int64_t *items)
{
    struct csn_log_row source, target;
    *items = 0;
    enum csn_status status = get_both(store, app, origin, from, &source, &target);
    if (status != CSN_OK || source.last == 0)
        return status;
    struct csn_items_move move = {.from = origin, .to = from, .offset = place, .last = source.last};
    struct csn_items_sum moved;
    status = csn_store_items_move_back(store, app, &move, &moved);
    *items = moved.items;
    if (status != CSN_OK || *items == 0)
        return status;
    source.items += moved.items;
    source.bytes += moved.bytes;
    target.items -= moved.items;
    target.bytes -= moved.bytes;
    return put_both(store, app, origin, from, &source, &target);
}
