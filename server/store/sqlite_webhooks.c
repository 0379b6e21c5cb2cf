/* Rows of webhooks and push keys. See outbox_rows.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/store/outbox_rows.h"
#include "server/store/sqlite.h"

/* --- webhooks --- */

enum csn_status
csn_store_webhook_add(struct csn_store *store, struct csn_id app, const struct csn_webhook_row *row)
{
    struct csn_query q = csn_query(
        store, "INSERT INTO webhooks (app, id, url_sealed, notices, bodies, state, state_changed, "
               "secret_sealed, created) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
    csn_query_id(&q, app);
    csn_query_id(&q, row->id);
    csn_query_blob(&q, row->url);
    csn_query_int(&q, row->notices);
    csn_query_int(&q, row->bodies);
    csn_query_int(&q, row->state);
    csn_query_int(&q, row->state_changed_ms);
    csn_query_blob(&q, row->secret);
    csn_query_int(&q, row->created_ms);
    return csn_query_done(&q);
}

enum csn_status
csn_store_webhook_set(struct csn_store *store, struct csn_id app, const struct csn_webhook_row *row)
{
    struct csn_query q = csn_query(
        store, "UPDATE webhooks SET url_sealed = ?, notices = ?, bodies = ?, state = ?, "
               "state_changed = ?, secret_sealed = ?, previous_sealed = ?, previous_until = ?, "
               "failing_since = ? WHERE app = ? AND id = ?");
    csn_query_blob(&q, row->url);
    csn_query_int(&q, row->notices);
    csn_query_int(&q, row->bodies);
    csn_query_int(&q, row->state);
    csn_query_int(&q, row->state_changed_ms);
    csn_query_blob(&q, row->secret);
    csn_query_blob(&q, row->previous);
    csn_query_int(&q, row->previous_until_ms);
    csn_query_int(&q, row->failing_since_ms);
    csn_query_id(&q, app);
    csn_query_id(&q, row->id);
    return csn_query_touched(&q);
}

#define WEBHOOK_SELECT                                                                             \
    "SELECT id, url_sealed, notices, bodies, state, state_changed, secret_sealed, "                \
    "previous_sealed, previous_until, created, delivered, failing_since, waiting, dropped "        \
    "FROM webhooks "

static void
read_webhook(struct csn_query *q, struct csn_arena *arena, struct csn_webhook_row *out)
{
    *out = (struct csn_webhook_row){0};
    csn_row_id(q, &out->id);
    out->url = csn_row_copy(q, arena);
    out->notices = csn_row_int(q);
    out->bodies = csn_row_int(q) != 0;
    out->state = (int)csn_row_int(q);
    out->state_changed_ms = csn_row_int(q);
    out->secret = csn_row_copy(q, arena);
    out->previous = csn_row_copy(q, arena);
    out->previous_until_ms = csn_row_int(q);
    out->created_ms = csn_row_int(q);
    out->delivered_ms = csn_row_int(q);
    out->failing_since_ms = csn_row_int(q);
    out->waiting = csn_row_int(q);
    out->dropped = csn_row_int(q);
}

enum csn_status
csn_store_webhook_get(struct csn_store *store, struct csn_id app, struct csn_id id,
                      struct csn_arena *arena, struct csn_webhook_row *out)
{
    struct csn_query q = csn_query(store, WEBHOOK_SELECT "WHERE app = ? AND id = ?");
    csn_query_id(&q, app);
    csn_query_id(&q, id);
    enum csn_status status = csn_query_first(&q);
    if (status != CSN_OK)
        return status;
    read_webhook(&q, arena, out);
    return csn_query_end(&q);
}

enum csn_status
csn_store_webhook_list(struct csn_store *store, struct csn_id app, struct csn_id after,
                       struct csn_arena *arena, struct csn_webhook_row *out, size_t limit,
                       size_t *count)
{
    *count = 0;
    struct csn_query q =
        csn_query(store, WEBHOOK_SELECT "WHERE app = ? AND id > ? ORDER BY id LIMIT ?");
    csn_query_id(&q, app);
    csn_query_bytes(&q, csn_bytes_text(after.text));
    csn_query_int(&q, (int64_t)limit);
    while (csn_query_row(&q))
        read_webhook(&q, arena, &out[(*count)++]);
    return csn_query_end(&q);
}

/* Out: *deleted, fewer than the limit where none is left. */
static enum csn_status
delete_deliveries(struct csn_store *store, struct csn_id app, struct csn_id webhook, unsigned limit,
                  uint64_t *deleted)
{
    struct csn_query q = csn_query(
        store, "DELETE FROM deliveries WHERE number IN (SELECT number FROM deliveries INDEXED BY "
               "deliveries_by_webhook WHERE app = ? AND webhook = ? LIMIT ?)");
    csn_query_id(&q, app);
    csn_query_id(&q, webhook);
    csn_query_int(&q, limit);
    return csn_query_counted(&q, deleted);
}

static enum csn_status
run_on_webhook(struct csn_store *store, const char *sql, struct csn_id app, struct csn_id webhook)
{
    struct csn_query q = csn_query(store, sql);
    csn_query_id(&q, app);
    csn_query_id(&q, webhook);
    return csn_query_touched(&q);
}

enum csn_status
csn_store_webhook_remove(struct csn_store *store, struct csn_id app, struct csn_id id)
{
    uint64_t deleted = 0;
    enum csn_status status =
        delete_deliveries(store, app, id, CSN_WEBHOOK_REMOVED_AT_ONCE, &deleted);
    if (status == CSN_OK && deleted == CSN_WEBHOOK_REMOVED_AT_ONCE)
        status = run_on_webhook(store, "INSERT INTO removed_webhooks (app, webhook) VALUES (?, ?)",
                                app, id);
    if (status != CSN_OK)
        return status;
    return run_on_webhook(store, "DELETE FROM webhooks WHERE app = ? AND id = ?", app, id);
}

enum csn_status
csn_store_purge_removed_webhooks(struct csn_store *store, unsigned limit, uint64_t *purged)
{
    struct csn_id app, webhook;
    uint64_t deleted = 0;
    struct csn_query q = csn_query(store, "SELECT app, webhook FROM removed_webhooks LIMIT 1");
    enum csn_status status = csn_query_first(&q);
    if (status != CSN_OK)
        return status == CSN_NOT_FOUND ? CSN_OK : status;
    csn_row_id(&q, &app);
    csn_row_id(&q, &webhook);
    status = csn_query_end(&q);
    if (status == CSN_OK)
        status = delete_deliveries(store, app, webhook, limit, &deleted);
    *purged += deleted;
    if (status != CSN_OK || deleted == limit)
        return status;
    return run_on_webhook(store, "DELETE FROM removed_webhooks WHERE app = ? AND webhook = ?", app,
                          webhook);
}

enum csn_status
csn_store_webhook_went(struct csn_store *store, struct csn_id app, struct csn_id id, bool failed,
                       int64_t now_ms)
{
    struct csn_query q =
        failed ? csn_query(store, "UPDATE webhooks SET failing_since = ? WHERE app = ? AND id = ? "
                                  "AND failing_since = 0")
               : csn_query(store, "UPDATE webhooks SET delivered = ?, failing_since = 0 WHERE "
                                  "app = ? AND id = ?");
    csn_query_int(&q, now_ms);
    csn_query_id(&q, app);
    csn_query_id(&q, id);
    return csn_query_done(&q);
}

enum csn_status
csn_store_webhook_for(struct csn_store *store, struct csn_id app, int64_t notice_bit, int state,
                      struct csn_webhook_brief *out, size_t limit, size_t *count)
{
    *count = 0;
    struct csn_query q =
        csn_query(store, "SELECT id, waiting FROM webhooks WHERE app = ? AND state = ? AND "
                         "notices & ? <> 0 ORDER BY id LIMIT ?");
    csn_query_id(&q, app);
    csn_query_int(&q, state);
    csn_query_int(&q, notice_bit);
    csn_query_int(&q, (int64_t)limit);
    while (csn_query_row(&q)) {
        csn_row_id(&q, &out[*count].id);
        out[*count].waiting = csn_row_int(&q);
        ++*count;
    }
    return csn_query_end(&q);
}

enum csn_status
csn_store_webhook_drop(struct csn_store *store, struct csn_id app, struct csn_id id)
{
    struct csn_query q =
        csn_query(store, "UPDATE webhooks SET dropped = dropped + 1 WHERE app = ? AND id = ?");
    csn_query_id(&q, app);
    csn_query_id(&q, id);
    return csn_query_done(&q);
}

/* --- push keys --- */

enum csn_status
csn_store_push_key_put(struct csn_store *store, struct csn_id app,
                       const struct csn_push_key_row *row)
{
    struct csn_query q = csn_query(
        store, "INSERT INTO push_keys (app, public_key, private_sealed, subject, created) "
               "VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (app) DO UPDATE SET public_key = ?2, "
               "private_sealed = ?3, subject = ?4, created = ?5");
    csn_query_id(&q, app);
    csn_query_blob(&q, csn_bytes_of(row->public_key, sizeof row->public_key));
    csn_query_blob(&q, row->private_key);
    csn_query_bytes(&q, row->subject.ptr != NULL ? row->subject : csn_bytes_text(""));
    csn_query_int(&q, row->created_ms);
    return csn_query_done(&q);
}

enum csn_status
csn_store_push_key_get(struct csn_store *store, struct csn_id app, struct csn_arena *arena,
                       struct csn_push_key_row *out)
{
    *out = (struct csn_push_key_row){0};
    struct csn_query q = csn_query(
        store, "SELECT public_key, private_sealed, subject, created FROM push_keys WHERE app = ?");
    csn_query_id(&q, app);
    enum csn_status status = csn_query_first(&q);
    if (status != CSN_OK)
        return status;
    csn_row_blob(&q, out->public_key, sizeof out->public_key);
    out->private_key = csn_row_copy(&q, arena);
    out->subject = csn_row_copy(&q, arena);
    out->created_ms = csn_row_int(&q);
    return csn_query_end(&q);
}

enum csn_status
csn_store_push_key_remove(struct csn_store *store, struct csn_id app)
{
    struct csn_query q = csn_query(store, "DELETE FROM push_keys WHERE app = ?");
    csn_query_id(&q, app);
    return csn_query_touched(&q);
}
