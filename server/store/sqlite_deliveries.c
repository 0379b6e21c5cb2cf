/* Rows of deliveries, and the push addresses they go to. See outbox_rows.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/store/outbox_rows.h"
#include "server/store/sqlite.h"

/* --- push addresses --- */

static void
read_push(struct csn_query *q, struct csn_push_row *out)
{
    *out = (struct csn_push_row){0};
    csn_row_text(q, out->device, sizeof out->device);
    csn_row_id(q, &out->customer);
    out->assurance = (enum csn_assurance)csn_row_int(q);
    csn_row_blob(q, out->push_hash, sizeof out->push_hash);
}

enum csn_status
csn_store_push_get(struct csn_store *store, struct csn_id app, struct csn_bytes device,
                   struct csn_arena *arena, struct csn_push_row *out)
{
    struct csn_query q =
        csn_query(store, "SELECT id, customer, assurance, push_hash, push_sealed FROM devices "
                         "WHERE app = ? AND id = ? AND push_hash IS NOT NULL");
    csn_query_id(&q, app);
    csn_query_bytes(&q, device);
    enum csn_status status = csn_query_first(&q);
    if (status != CSN_OK)
        return status;
    read_push(&q, out);
    out->sealed = csn_row_copy(&q, arena);
    return csn_query_end(&q);
}

enum csn_status
csn_store_push_list(struct csn_store *store, struct csn_id app, struct csn_id customer,
                    struct csn_push_row *out, size_t limit, size_t *count)
{
    *count = 0;
    struct csn_query q =
        csn_query(store, "SELECT id, customer, assurance, push_hash FROM devices INDEXED BY "
                         "devices_by_customer WHERE app = ? AND customer = ? AND push_hash IS NOT "
                         "NULL ORDER BY id LIMIT ?");
    csn_query_id(&q, app);
    csn_query_id(&q, customer);
    csn_query_int(&q, (int64_t)limit);
    while (csn_query_row(&q))
        read_push(&q, &out[(*count)++]);
    return csn_query_end(&q);
}

/* The index holds all that is read. */
enum csn_status
csn_store_push_walk(struct csn_store *store, struct csn_id app, struct csn_bytes after,
                    struct csn_push_row *out, size_t limit, size_t *count)
{
    *count = 0;
    struct csn_query q =
        csn_query(store, "SELECT id, customer, assurance FROM devices INDEXED BY devices_with_push "
                         "WHERE app = ? AND id > ? AND push_hash IS NOT NULL ORDER BY id LIMIT ?");
    csn_query_id(&q, app);
    csn_query_bytes(&q, after);
    csn_query_int(&q, (int64_t)limit);
    while (csn_query_row(&q)) {
        struct csn_push_row *row = &out[(*count)++];
        *row = (struct csn_push_row){0};
        csn_row_text(&q, row->device, sizeof row->device);
        csn_row_id(&q, &row->customer);
        row->assurance = (enum csn_assurance)csn_row_int(&q);
    }
    return csn_query_end(&q);
}

/* --- deliveries --- */

static enum csn_status
count_waiting(struct csn_store *store, struct csn_id app, struct csn_id webhook, int64_t by)
{
    if (webhook.text[0] == '\0')
        return CSN_OK;
    struct csn_query q =
        csn_query(store, "UPDATE webhooks SET waiting = waiting + ? WHERE app = ? AND id = ?");
    csn_query_int(&q, by);
    csn_query_id(&q, app);
    csn_query_id(&q, webhook);
    return csn_query_done(&q);
}

enum csn_status
csn_store_delivery_add(struct csn_store *store, struct csn_delivery_row *row)
{
    struct csn_query q = csn_query(
        store, "INSERT INTO deliveries (app, webhook, device, notice, customer, item, broadcast, "
               "facts, created, due) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING number");
    csn_query_id(&q, row->app);
    csn_query_id(&q, row->webhook);
    csn_query_bytes(&q, row->device);
    csn_query_int(&q, row->notice);
    csn_query_id(&q, row->customer);
    csn_query_bytes(&q, row->item);
    csn_query_int(&q, row->broadcast);
    csn_query_bytes(&q, row->facts.ptr != NULL ? row->facts : csn_bytes_text(""));
    csn_query_int(&q, row->created_ms);
    csn_query_int(&q, row->due_ms);
    enum csn_status status = csn_query_first(&q);
    if (status != CSN_OK)
        return status;
    row->number = csn_row_int(&q);
    status = csn_query_end(&q);
    return status == CSN_OK ? count_waiting(store, row->app, row->webhook, 1) : status;
}

#define DELIVERY_SELECT                                                                            \
    "SELECT number, app, webhook, device, notice, customer, item, broadcast, facts, created, "     \
    "due, "                                                                                        \
    "settled, attempts, outcome FROM deliveries "

static void
read_delivery(struct csn_query *q, struct csn_arena *arena, struct csn_delivery_row *out)
{
    *out = (struct csn_delivery_row){0};
    out->number = csn_row_int(q);
    csn_row_id(q, &out->app);
    csn_row_id(q, &out->webhook);
    out->device = csn_row_copy(q, arena);
    out->notice = (int)csn_row_int(q);
    csn_row_id(q, &out->customer);
    out->item = csn_row_copy(q, arena);
    out->broadcast = csn_row_int(q) != 0;
    out->facts = csn_row_copy(q, arena);
    out->created_ms = csn_row_int(q);
    out->due_ms = csn_row_int(q);
    out->settled_ms = csn_row_int(q);
    out->attempts = csn_row_int(q);
    out->outcome = (int)csn_row_int(q);
}

enum csn_status
csn_store_delivery_get(struct csn_store *store, struct csn_id app, int64_t number,
                       struct csn_arena *arena, struct csn_delivery_row *out)
{
    struct csn_query q =
        csn_query(store, DELIVERY_SELECT "WHERE number = ? AND app = ? AND due > 0");
    csn_query_int(&q, number);
    csn_query_id(&q, app);
    enum csn_status status = csn_query_first(&q);
    if (status != CSN_OK)
        return status;
    read_delivery(&q, arena, out);
    return csn_query_end(&q);
}

enum csn_status
csn_store_delivery_list(struct csn_store *store, struct csn_id app, struct csn_id webhook,
                        int64_t before, struct csn_arena *arena, struct csn_delivery_row *out,
                        size_t limit, size_t *count)
{
    *count = 0;
    struct csn_query q = csn_query(
        store, DELIVERY_SELECT "INDEXED BY deliveries_by_webhook WHERE app = ? AND webhook = ? AND "
                               "number < ? ORDER BY number DESC LIMIT ?");
    csn_query_id(&q, app);
    csn_query_id(&q, webhook);
    csn_query_int(&q, before > 0 ? before : INT64_MAX);
    csn_query_int(&q, (int64_t)limit);
    while (csn_query_row(&q))
        read_delivery(&q, arena, &out[(*count)++]);
    return csn_query_end(&q);
}

/* The index's first row of a lane is the one that is due first. */
enum csn_status
csn_store_delivery_lane(struct csn_store *store, const struct csn_delivery_lane *after,
                        struct csn_delivery_lane *out)
{
    *out = (struct csn_delivery_lane){0};
    struct csn_query q =
        csn_query(store, "SELECT app, lane, due FROM deliveries INDEXED BY deliveries_due "
                         "WHERE due > 0 AND (app, lane) > (?, ?) ORDER BY app, lane, due LIMIT 1");
    csn_query_bytes(&q, csn_bytes_text(after->app.text));
    csn_query_bytes(&q, csn_bytes_text(after->webhook.text));
    enum csn_status status = csn_query_first(&q);
    if (status != CSN_OK)
        return status;
    csn_row_id(&q, &out->app);
    csn_row_id(&q, &out->webhook);
    out->due_ms = csn_row_int(&q);
    return csn_query_end(&q);
}

enum csn_status
csn_store_delivery_due(struct csn_store *store, const struct csn_delivery_lane *lane, int64_t *out,
                       size_t limit, size_t *count, int64_t now_ms)
{
    *count = 0;
    struct csn_query q = csn_query(
        store, "SELECT number FROM deliveries INDEXED BY deliveries_due WHERE app = ? AND lane = ? "
               "AND due > 0 AND due <= ? ORDER BY due, number LIMIT ?");
    csn_query_id(&q, lane->app);
    csn_query_bytes(&q, csn_bytes_text(lane->webhook.text));
    csn_query_int(&q, now_ms);
    csn_query_int(&q, (int64_t)limit);
    while (csn_query_row(&q))
        out[(*count)++] = csn_row_int(&q);
    return csn_query_end(&q);
}

static enum csn_status
read_count(struct csn_query *q, struct csn_id app, size_t limit, size_t *count)
{
    *count = 0;
    csn_query_id(q, app);
    csn_query_int(q, (int64_t)limit);
    if (csn_query_row(q))
        *count = (size_t)csn_row_int(q);
    return csn_query_end(q);
}

/* What was sent to a device is deleted: whatever is there waits. */
enum csn_status
csn_store_push_waiting(struct csn_store *store, struct csn_id app, size_t limit, size_t *count)
{
    struct csn_query q =
        csn_query(store, "SELECT count(*) FROM (SELECT 1 FROM deliveries INDEXED BY "
                         "deliveries_by_device WHERE app = ? AND device IS NOT NULL LIMIT ?)");
    return read_count(&q, app, limit, count);
}

enum csn_status
csn_store_push_untried(struct csn_store *store, struct csn_id app, size_t limit, size_t *count)
{
    struct csn_query q = csn_query(
        store, "SELECT count(*) FROM (SELECT 1 FROM deliveries INDEXED BY deliveries_untried "
               "WHERE app = ? AND device IS NOT NULL AND attempts = 0 LIMIT ?)");
    return read_count(&q, app, limit, count);
}

enum csn_status
csn_store_delivery_waiting(struct csn_store *store, unsigned limit, uint64_t *count)
{
    *count = 0;
    struct csn_query q =
        csn_query(store, "SELECT count(*) FROM (SELECT 1 FROM deliveries INDEXED BY deliveries_due "
                         "WHERE due > 0 LIMIT ?)");
    csn_query_int(&q, limit);
    if (csn_query_row(&q))
        *count = (uint64_t)csn_row_int(&q);
    return csn_query_end(&q);
}

enum csn_status
csn_store_delivery_again(struct csn_store *store, struct csn_id app, int64_t number, int64_t due_ms,
                         int outcome)
{
    struct csn_query q =
        csn_query(store, "UPDATE deliveries SET due = ?, outcome = ?, attempts = attempts + 1 "
                         "WHERE number = ? AND app = ? AND due > 0");
    csn_query_int(&q, due_ms);
    csn_query_int(&q, outcome);
    csn_query_int(&q, number);
    csn_query_id(&q, app);
    return csn_query_done(&q);
}

enum csn_status
csn_store_delivery_put_off(struct csn_store *store, struct csn_id app, int64_t number,
                           int64_t due_ms)
{
    struct csn_query q =
        csn_query(store, "UPDATE deliveries SET due = ? WHERE number = ? AND app = ? AND due > 0");
    csn_query_int(&q, due_ms);
    csn_query_int(&q, number);
    csn_query_id(&q, app);
    return csn_query_done(&q);
}

enum csn_status
csn_store_push_put_off(struct csn_store *store, struct csn_id app, struct csn_bytes device,
                       int64_t due_ms)
{
    struct csn_query q = csn_query(store, "UPDATE deliveries SET due = ? WHERE app = ? AND "
                                          "device = ? AND due > 0 AND due < ?");
    csn_query_int(&q, due_ms);
    csn_query_id(&q, app);
    csn_query_bytes(&q, device);
    csn_query_int(&q, due_ms);
    return csn_query_done(&q);
}

static enum csn_status
remove_delivery(struct csn_store *store, const struct csn_delivery_row *row)
{
    struct csn_query q = csn_query(store, "DELETE FROM deliveries WHERE number = ? AND app = ?");
    csn_query_int(&q, row->number);
    csn_query_id(&q, row->app);
    return csn_query_done(&q);
}

enum csn_status
csn_store_delivery_settle(struct csn_store *store, const struct csn_delivery_row *row)
{
    if (row->webhook.text[0] == '\0')
        return remove_delivery(store, row);
    struct csn_query q =
        csn_query(store, "UPDATE deliveries SET due = 0, settled = ?, outcome = ?, attempts = ? "
                         "WHERE number = ? AND app = ? AND due > 0");
    csn_query_int(&q, row->settled_ms);
    csn_query_int(&q, row->outcome);
    csn_query_int(&q, row->attempts);
    csn_query_int(&q, row->number);
    csn_query_id(&q, row->app);
    enum csn_status status = csn_query_touched(&q);
    if (status == CSN_OK)
        status = count_waiting(store, row->app, row->webhook, -1);
    return status == CSN_NOT_FOUND ? CSN_OK : status; /* the webhook was removed meanwhile */
}

enum csn_status
csn_store_purge_deliveries(struct csn_store *store, int64_t before_ms, unsigned limit,
                           uint64_t *purged)
{
    struct csn_query q =
        csn_query(store, "DELETE FROM deliveries WHERE number IN (SELECT number FROM deliveries "
                         "WHERE settled > 0 AND settled <= ? ORDER BY settled LIMIT ?)");
    csn_query_int(&q, before_ms);
    csn_query_int(&q, limit);
    return csn_query_counted(&q, purged);
}
