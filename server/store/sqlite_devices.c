/* Rows of devices and their push addresses. See session_rows.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/store/session_rows.h"
#include "server/store/sqlite.h"

#define DEVICE_SELECT                                                                              \
    "SELECT id, customer, session, assurance, platform, app_version, sdk_version, bound, seen, "   \
    "iif(push_hash IS NULL, 0, push_kind) FROM devices "

static void
read_device(struct csn_query *q, struct csn_device_row *out)
{
    *out = (struct csn_device_row){0};
    csn_row_text(q, out->id, sizeof out->id);
    csn_row_id(q, &out->customer);
    csn_row_id(q, &out->session);
    out->assurance = (enum csn_assurance)csn_row_int(q);
    csn_row_text(q, out->platform, sizeof out->platform);
    csn_row_text(q, out->app_version, sizeof out->app_version);
    csn_row_text(q, out->sdk_version, sizeof out->sdk_version);
    out->bound_ms = csn_row_int(q);
    out->seen_ms = csn_row_int(q);
    out->push_kind = (int)csn_row_int(q);
}

static enum csn_status
one_device(struct csn_query *q, struct csn_device_row *out)
{
    enum csn_status status = csn_query_first(q);
    if (status != CSN_OK)
        return status;
    read_device(q, out);
    return csn_query_end(q);
}

enum csn_status
csn_store_device_put(struct csn_store *store, struct csn_id app, const struct csn_device_row *row,
                     bool keeps_push)
{
    struct csn_query q = csn_query(
        store, "INSERT INTO devices (app, id, customer, session, assurance, platform, app_version, "
               "sdk_version, bound, seen) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) "
               "ON CONFLICT (app, id) DO UPDATE SET customer = ?3, session = ?4, assurance = ?5, "
               "platform = ?6, app_version = ?7, sdk_version = ?8, bound = ?9, seen = ?10, "
               "push_hash = iif(?11, push_hash, NULL), push_sealed = iif(?11, push_sealed, NULL)");
    csn_query_id(&q, app);
    csn_query_bytes(&q, csn_bytes_text(row->id));
    csn_query_id(&q, row->customer);
    csn_query_id(&q, row->session);
    csn_query_int(&q, row->assurance);
    csn_query_bytes(&q, csn_bytes_text(row->platform));
    csn_query_bytes(&q, csn_bytes_text(row->app_version));
    csn_query_bytes(&q, csn_bytes_text(row->sdk_version));
    csn_query_int(&q, row->bound_ms);
    csn_query_int(&q, row->seen_ms);
    csn_query_int(&q, keeps_push);
    return csn_query_done(&q);
}

enum csn_status
csn_store_device_get(struct csn_store *store, struct csn_id app, struct csn_bytes id,
                     struct csn_device_row *out)
{
    struct csn_query q = csn_query(store, DEVICE_SELECT "WHERE app = ? AND id = ?");
    csn_query_id(&q, app);
    csn_query_bytes(&q, id);
    return one_device(&q, out);
}

enum csn_status
csn_store_device_remove(struct csn_store *store, struct csn_id app, struct csn_bytes id)
{
    struct csn_query q = csn_query(store, "DELETE FROM devices WHERE app = ? AND id = ?");
    csn_query_id(&q, app);
    csn_query_bytes(&q, id);
    return csn_query_touched(&q);
}

/* Cost: the count walks an index that holds at most `limit` entries of one customer. */
enum csn_status
csn_store_device_count(struct csn_store *store, struct csn_id app, struct csn_id customer,
                       enum csn_assurance assurance, size_t limit, size_t *count,
                       struct csn_device_row *oldest)
{
    struct csn_query q = csn_query(store, "SELECT count(*) FROM devices WHERE app = ? AND "
                                          "customer = ? AND assurance = ?");
    csn_query_id(&q, app);
    csn_query_id(&q, customer);
    csn_query_int(&q, assurance);
    if (csn_query_row(&q))
        *count = (size_t)csn_row_int(&q);
    enum csn_status status = csn_query_end(&q);
    if (status != CSN_OK || *count < limit)
        return status;
    q = csn_query(store, DEVICE_SELECT "WHERE app = ? AND customer = ? AND assurance = ? "
                                       "ORDER BY seen, id LIMIT 1");
    csn_query_id(&q, app);
    csn_query_id(&q, customer);
    csn_query_int(&q, assurance);
    return one_device(&q, oldest);
}

/* The index is named: the order by id alone would lead the planner through all devices of the app.
 */
enum csn_status
csn_store_device_next(struct csn_store *store, struct csn_id app, struct csn_id customer,
                      struct csn_bytes after, struct csn_device_row *out)
{
    struct csn_query q =
        csn_query(store, DEVICE_SELECT "INDEXED BY devices_by_customer WHERE app = ? AND "
                                       "customer = ? AND id > ? ORDER BY id LIMIT 1");
    csn_query_id(&q, app);
    csn_query_id(&q, customer);
    csn_query_bytes(&q, after.ptr != NULL ? after : csn_bytes_text(""));
    return one_device(&q, out);
}

/* As many as a customer may have of each assurance, at most, are put in order. */
enum csn_status
csn_store_device_each(struct csn_store *store, struct csn_id app, struct csn_id customer,
                      size_t limit, void (*each)(void *state, const struct csn_device_row *row),
                      void *state)
{
    struct csn_query q = csn_query(store, DEVICE_SELECT
                                   "INDEXED BY devices_by_customer WHERE app = ? AND customer = ? "
                                   "ORDER BY assurance DESC, seen DESC, id LIMIT ?");
    csn_query_id(&q, app);
    csn_query_id(&q, customer);
    csn_query_int(&q, (int64_t)limit);
    while (csn_query_row(&q)) {
        struct csn_device_row row;
        read_device(&q, &row);
        each(state, &row);
    }
    return csn_query_end(&q);
}

enum csn_status
csn_store_push_take(struct csn_store *store, struct csn_id app,
                    const uint8_t push_hash[CSN_NAME_HASH])
{
    struct csn_query q = csn_query(store, "UPDATE devices SET push_hash = NULL, push_sealed = NULL "
                                          "WHERE app = ? AND push_hash = ?");
    csn_query_id(&q, app);
    csn_query_blob(&q, csn_bytes_of(push_hash, CSN_NAME_HASH));
    return csn_query_done(&q);
}

enum csn_status
csn_store_push_set(struct csn_store *store, struct csn_id app, struct csn_bytes device,
                   const uint8_t *push_hash, int push_kind, struct csn_bytes sealed)
{
    struct csn_query q = csn_query(store, "UPDATE devices SET push_hash = ?, push_kind = ?, "
                                          "push_sealed = ? WHERE app = ? AND id = ?");
    csn_query_blob(&q, csn_bytes_of(push_hash, push_hash != NULL ? CSN_NAME_HASH : 0));
    csn_query_int(&q, push_hash != NULL ? push_kind : 0);
    csn_query_blob(&q, push_hash != NULL ? sealed : (struct csn_bytes){0});
    csn_query_id(&q, app);
    csn_query_bytes(&q, device);
    return csn_query_touched(&q);
}
