/* Rows of broadcasts. See broadcast_rows.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/store/broadcast_rows.h"
#include "server/store/sqlite.h"

#define FACTS "number, id, kind, created, expires, spread, spread_told"

static void
read_facts(struct csn_query *q, struct csn_broadcast_row *out)
{
    *out = (struct csn_broadcast_row){0};
    out->number = csn_row_int(q);
    csn_row_id(q, &out->id);
    out->kind = (int)csn_row_int(q);
    out->created_ms = csn_row_int(q);
    out->expires_ms = csn_row_int(q);
    out->spread = (int)csn_row_int(q);
    out->told = csn_row_int(q);
}

/* --- writing --- */

enum csn_status
csn_store_broadcast_last(struct csn_store *store, struct csn_id app, int64_t *last)
{
    *last = 0;
    struct csn_query q = csn_query(store, "SELECT last FROM broadcast_numbers WHERE app = ?");
    csn_query_id(&q, app);
    if (csn_query_row(&q))
        *last = csn_row_int(&q);
    return csn_query_end(&q);
}

static enum csn_status
next_number(struct csn_store *store, struct csn_id app, int64_t *number)
{
    struct csn_query q =
        csn_query(store, "INSERT INTO broadcast_numbers (app, last) VALUES (?, 1) "
                         "ON CONFLICT (app) DO UPDATE SET last = last + 1 RETURNING last");
    csn_query_id(&q, app);
    enum csn_status status = csn_query_first(&q);
    if (status != CSN_OK)
        return status;
    *number = csn_row_int(&q);
    return csn_query_done(&q);
}

enum csn_status
csn_store_broadcast_add(struct csn_store *store, struct csn_id app, struct csn_broadcast_row *row)
{
    enum csn_status status = next_number(store, app, &row->number);
    if (status != CSN_OK)
        return status;
    struct csn_query q =
        csn_query(store, "INSERT INTO broadcasts (app, number, id, kind, created, expires, "
                         "body_sealed, spread) VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
    csn_query_id(&q, app);
    csn_query_int(&q, row->number);
    csn_query_id(&q, row->id);
    csn_query_int(&q, row->kind);
    csn_query_int(&q, row->created_ms);
    csn_query_int(&q, row->expires_ms);
    csn_query_blob(&q, row->body);
    csn_query_int(&q, row->spread);
    return csn_query_done(&q);
}

enum csn_status
csn_store_broadcast_remove(struct csn_store *store, struct csn_id app, struct csn_id id)
{
    struct csn_query q = csn_query(store, "DELETE FROM broadcasts WHERE app = ? AND id = ?");
    csn_query_id(&q, app);
    csn_query_id(&q, id);
    return csn_query_touched(&q);
}

enum csn_status
csn_store_purge_broadcasts(struct csn_store *store, int64_t before_ms, unsigned limit,
                           uint64_t *purged)
{
    struct csn_query q =
        csn_query(store, "DELETE FROM broadcasts WHERE (app, number) IN (SELECT app, number FROM "
                         "broadcasts WHERE expires <= ? ORDER BY expires LIMIT ?)");
    csn_query_int(&q, before_ms);
    csn_query_int(&q, limit);
    return csn_query_counted(&q, purged);
}

/* --- reading --- */

enum csn_status
csn_store_broadcast_get(struct csn_store *store, struct csn_id app, struct csn_id id,
                        struct csn_arena *arena, struct csn_broadcast_row *out)
{
    struct csn_query q =
        csn_query(store, "SELECT " FACTS ", body_sealed FROM broadcasts WHERE app = ? AND id = ?");
    csn_query_id(&q, app);
    csn_query_id(&q, id);
    enum csn_status status = csn_query_first(&q);
    if (status != CSN_OK)
        return status;
    read_facts(&q, out);
    out->body = csn_row_copy(&q, arena);
    return csn_query_end(&q);
}

enum csn_status
csn_store_broadcast_next(struct csn_store *store, struct csn_id app, struct csn_id after,
                         struct csn_broadcast_row *out)
{
    struct csn_query q =
        csn_query(store, "SELECT " FACTS " FROM broadcasts INDEXED BY broadcasts_by_id WHERE "
                         " app = ? AND id > ? ORDER BY id LIMIT 1");
    csn_query_id(&q, app);
    csn_query_bytes(&q, csn_bytes_text(after.text));
    enum csn_status status = csn_query_first(&q);
    if (status != CSN_OK)
        return status;
    read_facts(&q, out);
    return csn_query_end(&q);
}

enum csn_status
csn_store_broadcast_count(struct csn_store *store, struct csn_id app, int64_t now_ms, size_t *count)
{
    *count = 0;
    struct csn_query q =
        csn_query(store, "SELECT count(*) FROM broadcasts WHERE app = ? AND expires > ?");
    csn_query_id(&q, app);
    csn_query_int(&q, now_ms);
    if (csn_query_row(&q))
        *count = (size_t)csn_row_int(&q);
    return csn_query_end(&q);
}

enum csn_status
csn_store_broadcast_each(struct csn_store *store, struct csn_id app,
                         const struct csn_broadcast_range *range,
                         bool (*each)(void *state, const struct csn_broadcast_row *row),
                         void *state)
{
    struct csn_query q =
        csn_query(store, "SELECT " FACTS ", body_sealed FROM broadcasts "
                         "WHERE app = ? AND number > ? AND expires > ? AND created >= ? "
                         "ORDER BY number LIMIT ?");
    csn_query_id(&q, app);
    csn_query_int(&q, range->after);
    csn_query_int(&q, range->now_ms);
    csn_query_int(&q, range->since_ms);
    csn_query_int(&q, (int64_t)range->limit);
    for (bool goes_on = true; goes_on && csn_query_row(&q);) {
        struct csn_broadcast_row row;
        read_facts(&q, &row);
        row.body = csn_row_view(&q);
        goes_on = each(state, &row);
    }
    return csn_query_end(&q);
}

enum csn_status
csn_store_customer_since(struct csn_store *store, struct csn_id app, struct csn_id customer,
                         int64_t *since_ms)
{
    struct csn_query q = csn_query(
        store, "SELECT min(c.created, ifnull((SELECT min(a.created) FROM links l JOIN customers a "
               "ON a.app = l.app AND a.id = l.customer WHERE l.app = c.app AND l.owner = c.id), "
               "c.created)) FROM customers c WHERE c.app = ? AND c.id = ?");
    csn_query_id(&q, app);
    csn_query_id(&q, customer);
    enum csn_status status = csn_query_first(&q);
    if (status != CSN_OK)
        return status;
    *since_ms = csn_row_int(&q);
    return csn_query_end(&q);
}

/* --- spreading --- */

enum csn_status
csn_store_spread_next(struct csn_store *store, struct csn_id after, struct csn_spread_row *out)
{
    *out = (struct csn_spread_row){0};
    struct csn_query q = csn_query(
        store, "SELECT app, number, id, created, expires, spread_place, spread_told, spread FROM "
               "broadcasts INDEXED BY broadcasts_under_way WHERE spread = 1 AND app > ? "
               "ORDER BY app, number LIMIT 1");
    csn_query_bytes(&q, csn_bytes_text(after.text));
    enum csn_status status = csn_query_first(&q);
    if (status != CSN_OK)
        return status;
    csn_row_id(&q, &out->app);
    out->number = csn_row_int(&q);
    csn_row_id(&q, &out->id);
    out->created_ms = csn_row_int(&q);
    out->expires_ms = csn_row_int(&q);
    csn_row_text(&q, out->place, sizeof out->place);
    out->told = csn_row_int(&q);
    out->state = (int)csn_row_int(&q);
    return csn_query_end(&q);
}

enum csn_status
csn_store_spread_set(struct csn_store *store, const struct csn_spread_row *row)
{
    struct csn_query q =
        csn_query(store, "UPDATE broadcasts SET spread = ?, spread_place = ?, spread_told = ? "
                         "WHERE app = ? AND number = ?");
    csn_query_int(&q, row->state);
    csn_query_bytes(&q, csn_bytes_text(row->place));
    csn_query_int(&q, row->told);
    csn_query_id(&q, row->app);
    csn_query_int(&q, row->number);
    return csn_query_touched(&q);
}
