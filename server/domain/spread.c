/* Spreading. See spread.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/domain/spread.h"

#include <string.h>

#include "server/domain/id.h"
#include "server/domain/outbox.h"

/* --- back-pressure --- */

static enum csn_status
find_held(struct csn_store *store, struct csn_id app, bool *held)
{
    size_t count = 0;
    enum csn_status status = csn_store_push_untried(store, app, CSN_SPREAD_UNTRIED_MAX + 1, &count);
    *held = count > CSN_SPREAD_UNTRIED_MAX;
    if (status != CSN_OK || *held)
        return status;
    status = csn_store_push_waiting(store, app, CSN_SPREAD_WAITING_MAX + 1, &count);
    *held = count > CSN_SPREAD_WAITING_MAX;
    return status;
}

/* --- one slice --- */

static enum csn_status
tell_device(struct csn_store *store, struct csn_spread_row *row, const struct csn_push_row *device,
            int64_t now_ms)
{
    bool is_for = false;
    if (!csn_may(device->assurance, CSN_RIGHT_RECEIVE))
        return CSN_OK;
    enum csn_status status =
        csn_broadcast_is_for(store, row->app, device->customer, row->created_ms, &is_for);
    if (status != CSN_OK || !is_for)
        return status == CSN_NOT_FOUND ? CSN_OK : status;
    struct csn_delivery_row delivery = {.app = row->app,
                                        .device = csn_bytes_text(device->device),
                                        .notice = CSN_NOTICE_PUSH_SEND,
                                        .customer = device->customer,
                                        .item = csn_id_view(&row->id),
                                        .broadcast = true,
                                        .created_ms = now_ms,
                                        .due_ms = now_ms};
    row->told++;
    return csn_store_delivery_add(store, &delivery);
}

static enum csn_status
walk_slice(struct csn_store *store, struct csn_spread_row *row, int64_t now_ms)
{
    struct csn_push_row found[CSN_SPREAD_SLICE];
    size_t count = 0;
    enum csn_status status = csn_store_push_walk(store, row->app, csn_bytes_text(row->place), found,
                                                 CSN_SPREAD_SLICE, &count);
    for (size_t i = 0; i < count && status == CSN_OK; i++)
        status = tell_device(store, row, &found[i], now_ms);
    if (status != CSN_OK)
        return status;
    if (count > 0)
        memcpy(row->place, found[count - 1].device, sizeof row->place);
    if (count < CSN_SPREAD_SLICE)
        row->state = CSN_SPREAD_DONE;
    return csn_store_spread_set(store, row);
}

/* Out: *walked. */
static enum csn_status
step_app(struct csn_store *store, struct csn_spread_row *row, bool *walked, int64_t now_ms)
{
    if (row->expires_ms <= now_ms) {
        row->state = CSN_SPREAD_DONE;
        return csn_store_spread_set(store, row);
    }
    bool held = false;
    enum csn_status status = find_held(store, row->app, &held);
    *walked = status == CSN_OK && !held;
    return *walked ? walk_slice(store, row, now_ms) : status;
}

/* --- whose turn it is --- */

/* The next app with something under way, after the last one the first again. */
static enum csn_status
find_next(struct csn_store *store, struct csn_id after, struct csn_spread_row *row)
{
    enum csn_status status = csn_store_spread_next(store, after, row);
    if (status != CSN_NOT_FOUND || csn_id_is_none(&after))
        return status;
    return csn_store_spread_next(store, (struct csn_id){0}, row);
}

enum csn_status
csn_spread_step(struct csn_store *store, struct csn_spread_turn *turn, int64_t now_ms)
{
    struct csn_id first = {0};
    turn->walked = false;
    for (size_t i = 0; i < CSN_SPREAD_APPS_MAX && !turn->walked; i++) {
        struct csn_spread_row row;
        enum csn_status status = find_next(store, turn->app, &row);
        if (status != CSN_OK)
            return status == CSN_NOT_FOUND ? CSN_OK : status;
        if (csn_id_equal(&row.app, &first))
            return CSN_OK; /* once around, and all are held */
        if (csn_id_is_none(&first))
            first = row.app;
        turn->app = row.app;
        status = step_app(store, &row, &turn->walked, now_ms);
        if (status != CSN_OK)
            return status;
    }
    return CSN_OK;
}
