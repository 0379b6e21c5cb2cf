/* Rows of logs: moved by a link and back, purged, walked over. See log_rows.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/store/log_rows.h"
#include "server/store/sqlite.h"

/* Runs a change that returns the length of each body, and sums it up. */
static enum csn_status
sum_up(struct csn_query *q, struct csn_items_sum *sum)
{
    while (csn_query_row(q)) {
        sum->items++;
        sum->bytes += csn_row_int(q);
    }
    return csn_query_end(q);
}

enum csn_status
csn_store_items_move(struct csn_store *store, struct csn_id app, const struct csn_items_move *move,
                     struct csn_items_sum *moved)
{
    *moved = (struct csn_items_sum){0};
    struct csn_query q = csn_query(
        store, "UPDATE items SET customer = ?3, seq = seq + ?4 WHERE app = ?1 AND customer = ?2 "
               "AND NOT EXISTS (SELECT 1 FROM items there WHERE there.app = ?1 AND "
               "there.customer = ?3 AND there.direction = items.direction AND "
               "there.id = items.id) RETURNING length(body)");
    csn_query_id(&q, app);
    csn_query_id(&q, move->from);
    csn_query_id(&q, move->to);
    csn_query_int(&q, move->offset);
    return sum_up(&q, moved);
}

enum csn_status
csn_store_items_move_back(struct csn_store *store, struct csn_id app,
                          const struct csn_items_move *move, struct csn_items_sum *moved)
{
    *moved = (struct csn_items_sum){0};
    struct csn_query q = csn_query(
        store, "UPDATE items SET customer = ?2, seq = seq - ?4 WHERE app = ?1 AND customer = ?3 "
               "AND seq > ?4 AND seq <= ?4 + ?5 AND origin = ?2 RETURNING length(body)");
    csn_query_id(&q, app);
    csn_query_id(&q, move->from);
    csn_query_id(&q, move->to);
    csn_query_int(&q, move->offset);
    csn_query_int(&q, move->last);
    return sum_up(&q, moved);
}

/* A log has no row before its first item, and an app none before its first broadcast. */
enum csn_status
csn_store_logs_leap(struct csn_store *store, int64_t by)
{
    struct csn_query logs =
        csn_query(store, "INSERT INTO logs (app, customer, last, items) SELECT app, id, ?1, 0 FROM "
                         "customers WHERE true ON CONFLICT (app, customer) DO UPDATE SET "
                         "last = last + ?1");
    csn_query_int(&logs, by);
    enum csn_status status = csn_query_done(&logs);
    if (status != CSN_OK)
        return status;
    struct csn_query numbers =
        csn_query(store, "INSERT INTO broadcast_numbers (app, last) SELECT id, ?1 FROM apps WHERE "
                         "true ON CONFLICT (app) DO UPDATE SET last = last + ?1");
    csn_query_int(&numbers, by);
    return csn_query_done(&numbers);
}

/* --- purging --- */

/* Out: *until, the seq up to which the log's beginning is to go; 0: none of it. */
static enum csn_status
find_end_of_old(struct csn_store *store, struct csn_id app, struct csn_id customer,
                const struct csn_items_purge *what, int64_t *until)
{
    *until = 0;
    struct csn_items_sum going = {0};
    struct csn_query q = csn_query(store, "SELECT seq, received, length(body) FROM items WHERE "
                                          "app = ? AND customer = ? ORDER BY seq LIMIT ?");
    csn_query_id(&q, app);
    csn_query_id(&q, customer);
    csn_query_int(&q, (int64_t)what->limit);
    while (csn_query_row(&q)) {
        int64_t seq = csn_row_int(&q), received_ms = csn_row_int(&q);
        if (going.items >= what->surplus.items && going.bytes >= what->surplus.bytes &&
            received_ms >= what->before_ms)
            break;
        going.items++;
        going.bytes += csn_row_int(&q);
        *until = seq;
    }
    return csn_query_end(&q);
}

static enum csn_status
purge_beginning(struct csn_store *store, struct csn_id app, struct csn_id customer, int64_t until,
                struct csn_items_sum *purged)
{
    struct csn_query q = csn_query(store, "DELETE FROM items WHERE app = ? AND customer = ? AND "
                                          "seq <= ? RETURNING length(body)");
    csn_query_id(&q, app);
    csn_query_id(&q, customer);
    csn_query_int(&q, until);
    return sum_up(&q, purged);
}

/* What a link moved here stands behind items that were received later. */
static enum csn_status
purge_linked(struct csn_store *store, struct csn_id app, struct csn_id customer,
             const struct csn_items_purge *what, struct csn_items_sum *purged)
{
    struct csn_query q = csn_query(
        store, "DELETE FROM items WHERE app = ?1 AND customer = ?2 AND seq IN (SELECT seq FROM "
               "items INDEXED BY items_linked_by_age WHERE app = ?1 AND customer = ?2 AND "
               "origin <> customer AND received < ?3 ORDER BY received LIMIT ?4) "
               "RETURNING length(body)");
    csn_query_id(&q, app);
    csn_query_id(&q, customer);
    csn_query_int(&q, what->before_ms);
    csn_query_int(&q, (int64_t)what->limit - purged->items);
    return sum_up(&q, purged);
}

enum csn_status
csn_store_items_purge(struct csn_store *store, struct csn_id app, struct csn_id customer,
                      const struct csn_items_purge *what, struct csn_items_sum *purged)
{
    int64_t until = 0;
    *purged = (struct csn_items_sum){0};
    enum csn_status status = find_end_of_old(store, app, customer, what, &until);
    if (status == CSN_OK && until > 0)
        status = purge_beginning(store, app, customer, until, purged);
    if (status == CSN_OK && purged->items < (int64_t)what->limit)
        status = purge_linked(store, app, customer, what, purged);
    return status;
}

enum csn_status
csn_store_log_next(struct csn_store *store, struct csn_log_place *place)
{
    struct csn_query q = csn_query(
        store, "SELECT l.app, l.customer, l.last, l.items, l.bytes, a.retention_days FROM logs l "
               "LEFT JOIN apps a ON a.id = l.app WHERE (l.app, l.customer) > (?, ?) "
               "ORDER BY l.app, l.customer LIMIT 1");
    struct csn_log_place before = *place;
    csn_query_bytes(&q, csn_bytes_text(before.app.text));
    csn_query_bytes(&q, csn_bytes_text(before.customer.text));
    enum csn_status status = csn_query_first(&q);
    if (status != CSN_OK)
        return status;
    csn_row_id(&q, &place->app);
    csn_row_id(&q, &place->customer);
    place->log.last = csn_row_int(&q);
    place->log.items = csn_row_int(&q);
    place->log.bytes = csn_row_int(&q);
    place->retention_days = csn_row_int(&q);
    return csn_query_end(&q);
}
