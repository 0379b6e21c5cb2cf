/* Rows of logs: counting them, adding to them, reading them. See log_rows.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/store/log_rows.h"
#include "server/store/sqlite.h"

enum csn_status
csn_store_log_get(struct csn_store *store, struct csn_id app, struct csn_id customer,
                  struct csn_log_row *out)
{
    *out = (struct csn_log_row){0};
    struct csn_query q =
        csn_query(store, "SELECT last, items, bytes FROM logs WHERE app = ? AND customer = ?");
    csn_query_id(&q, app);
    csn_query_id(&q, customer);
    if (csn_query_row(&q)) {
        out->last = csn_row_int(&q);
        out->items = csn_row_int(&q);
        out->bytes = csn_row_int(&q);
    }
    return csn_query_end(&q);
}

enum csn_status
csn_store_log_put(struct csn_store *store, struct csn_id app, struct csn_id customer,
                  const struct csn_log_row *row)
{
    struct csn_query q =
        csn_query(store, "INSERT INTO logs (app, customer, last, items, bytes) VALUES (?, ?, ?, ?, "
                         "?) ON CONFLICT (app, customer) DO UPDATE SET last = excluded.last, "
                         "items = excluded.items, bytes = excluded.bytes");
    csn_query_id(&q, app);
    csn_query_id(&q, customer);
    csn_query_int(&q, row->last);
    csn_query_int(&q, row->items);
    csn_query_int(&q, row->bytes);
    return csn_query_done(&q);
}

enum csn_status
csn_store_item_add(struct csn_store *store, struct csn_id app, struct csn_id customer,
                   const struct csn_item_row *row)
{
    struct csn_query q = csn_query(
        store, "INSERT INTO items (app, customer, seq, id, origin, kind, direction, unverified, "
               "device, created, received, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
               "ON CONFLICT (app, customer, direction, id) DO NOTHING");
    csn_query_id(&q, app);
    csn_query_id(&q, customer);
    csn_query_int(&q, row->seq);
    csn_query_bytes(&q, row->id);
    csn_query_id(&q, row->origin);
    csn_query_int(&q, row->kind);
    csn_query_int(&q, row->direction);
    csn_query_int(&q, row->unverified);
    csn_query_bytes(&q, row->device);
    csn_query_int(&q, row->created_ms);
    csn_query_int(&q, row->received_ms);
    csn_query_blob(&q, row->body);
    enum csn_status status = csn_query_touched(&q);
    return status == CSN_NOT_FOUND ? CSN_CONFLICT : status;
}

enum csn_status
csn_store_item_find(struct csn_store *store, struct csn_id app, struct csn_id customer,
                    int direction, struct csn_bytes id, int64_t *seq)
{
    struct csn_query q = csn_query(store, "SELECT seq FROM items WHERE app = ? AND customer = ? "
                                          "AND direction = ? AND id = ?");
    csn_query_id(&q, app);
    csn_query_id(&q, customer);
    csn_query_int(&q, direction);
    csn_query_bytes(&q, id);
    enum csn_status status = csn_query_first(&q);
    if (status != CSN_OK)
        return status;
    *seq = csn_row_int(&q);
    return csn_query_end(&q);
}

/* --- reading on --- */

#define ITEM_SELECT                                                                                \
    "SELECT seq, id, origin, kind, direction, unverified, device, created, received, body "        \
    "FROM items "
#define ITEM_RANGE "WHERE app = ? AND customer = ? AND seq > ? AND seq < ? "
#define ITEM_UNCLAIMED "AND (? = 0 OR unverified = 0 OR origin <> customer) "
#define ITEM_CLAIM "AND direction = 2 AND unverified = 1 AND device = ? "

static const char *
range_sql(const struct csn_item_range *range)
{
    bool device = range->device.ptr != NULL;
    if (device && range->backwards) {
        return ITEM_SELECT "INDEXED BY items_to_claim " ITEM_RANGE ITEM_CLAIM
                           "ORDER BY seq DESC LIMIT ?";
    }
    if (device)
        return ITEM_SELECT "INDEXED BY items_to_claim " ITEM_RANGE ITEM_CLAIM
                           "ORDER BY seq LIMIT ?";
    if (range->backwards)
        return ITEM_SELECT ITEM_RANGE ITEM_UNCLAIMED "ORDER BY seq DESC LIMIT ?";
    return ITEM_SELECT ITEM_RANGE ITEM_UNCLAIMED "ORDER BY seq LIMIT ?";
}

static struct csn_item_row
read_item(struct csn_query *q)
{
    struct csn_item_row row = {.seq = csn_row_int(q)};
    row.id = csn_row_view(q);
    csn_row_id(q, &row.origin);
    row.kind = (int)csn_row_int(q);
    row.direction = (int)csn_row_int(q);
    row.unverified = csn_row_int(q) != 0;
    row.device = csn_row_view(q);
    row.created_ms = csn_row_int(q);
    row.received_ms = csn_row_int(q);
    row.body = csn_row_view(q);
    return row;
}

enum csn_status
csn_store_item_each(struct csn_store *store, struct csn_id app, struct csn_id customer,
                    const struct csn_item_range *range,
                    bool (*each)(void *state, const struct csn_item_row *row), void *state)
{
    struct csn_query q = csn_query(store, range_sql(range));
    csn_query_id(&q, app);
    csn_query_id(&q, customer);
    csn_query_int(&q, range->after);
    csn_query_int(&q, range->before == 0 ? INT64_MAX : range->before);
    if (range->device.ptr != NULL)
        csn_query_bytes(&q, range->device);
    else
        csn_query_int(&q, range->unclaimed);
    csn_query_int(&q, (int64_t)range->limit);
    bool going = true;
    while (going && csn_query_row(&q)) {
        struct csn_item_row row = read_item(&q);
        going = q.status == CSN_OK && each(state, &row);
    }
    return csn_query_end(&q);
}
