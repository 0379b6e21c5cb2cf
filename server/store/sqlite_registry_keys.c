/* The keys of apps as rows. `material` is sealed and passes through unread.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/store/registry_rows.h"
#include "server/store/sqlite.h"

#define COLUMNS                                                                                    \
    "number, id, app, kid, algorithm, state, source, encoding, fingerprint, warning, created,"     \
    " state_changed, expires, last_used, tokens_end, endless_used"

enum csn_status
csn_store_key_add(struct csn_store *store, struct csn_key_row *row)
{
    struct csn_query q =
        csn_query(store, "INSERT INTO keys (id, app, kid, algorithm, state, source, encoding,"
                         " material, fingerprint, warning, created, state_changed, expires,"
                         " last_used) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                         " RETURNING number");
    csn_query_id(&q, row->id);
    csn_query_id(&q, row->app);
    csn_query_bytes(&q, row->kid);
    csn_query_int(&q, row->algorithm);
    csn_query_int(&q, row->state);
    csn_query_int(&q, row->source);
    csn_query_int(&q, row->encoding);
    csn_query_blob(&q, row->material);
    csn_query_bytes(&q, csn_bytes_text(row->fingerprint));
    csn_query_int(&q, row->warning);
    csn_query_int(&q, row->created_ms);
    csn_query_int(&q, row->state_changed_ms);
    csn_query_int(&q, row->expires_ms);
    csn_query_int(&q, row->last_used_ms);
    if (csn_query_row(&q))
        row->number = csn_row_int(&q);
    return csn_query_done(&q);
}

/* Reads COLUMNS. The kid is left to the caller: copied or borrowed. */
static void
read_plain(struct csn_query *q, struct csn_arena *arena, struct csn_key_row *out)
{
    *out = (struct csn_key_row){0};
    out->number = csn_row_int(q);
    csn_row_id(q, &out->id);
    csn_row_id(q, &out->app);
    out->kid = arena != NULL ? csn_row_copy(q, arena) : csn_row_view(q);
    out->algorithm = (enum csn_algorithm)csn_row_int(q);
    out->state = (enum csn_key_state)csn_row_int(q);
    out->source = (int)csn_row_int(q);
    out->encoding = (enum csn_encoding)csn_row_int(q);
    csn_row_text(q, out->fingerprint, sizeof out->fingerprint);
    out->warning = (enum csn_key_problem)csn_row_int(q);
    out->created_ms = csn_row_int(q);
    out->state_changed_ms = csn_row_int(q);
    out->expires_ms = csn_row_int(q);
    out->last_used_ms = csn_row_int(q);
    out->tokens_end_ms = csn_row_int(q);
    out->endless_used_ms = csn_row_int(q);
}

enum csn_status
csn_store_key_get(struct csn_store *store, struct csn_id app, struct csn_id id,
                  struct csn_arena *arena, struct csn_key_row *out)
{
    struct csn_query q =
        csn_query(store, "SELECT " COLUMNS ", material FROM keys WHERE id = ? AND app = ?");
    csn_query_id(&q, id);
    csn_query_id(&q, app);
    enum csn_status status = csn_query_first(&q);
    if (status != CSN_OK)
        return status;
    read_plain(&q, arena, out);
    out->material = csn_row_copy(&q, arena);
    return csn_query_end(&q);
}

enum csn_status
csn_store_key_by_kid(struct csn_store *store, struct csn_id app, struct csn_bytes kid,
                     struct csn_id *out)
{
    struct csn_query q = csn_query(store, "SELECT id FROM keys WHERE app = ? AND kid = ?");
    csn_query_id(&q, app);
    csn_query_bytes(&q, kid);
    enum csn_status status = csn_query_first(&q);
    if (status != CSN_OK)
        return status;
    csn_row_id(&q, out);
    return csn_query_end(&q);
}

enum csn_status
csn_store_key_by_fingerprint(struct csn_store *store, struct csn_id app, const char *fingerprint,
                             struct csn_id *out)
{
    struct csn_query q = csn_query(store, "SELECT id FROM keys WHERE app = ? AND fingerprint = ?");
    csn_query_id(&q, app);
    csn_query_bytes(&q, csn_bytes_text(fingerprint));
    enum csn_status status = csn_query_first(&q);
    if (status != CSN_OK)
        return status;
    csn_row_id(&q, out);
    return csn_query_end(&q);
}

enum csn_status
csn_store_key_list(struct csn_store *store, struct csn_id app, struct csn_arena *arena,
                   struct csn_key_row *out, size_t *count)
{
    *count = 0;
    struct csn_query q =
        csn_query(store, "SELECT " COLUMNS " FROM keys WHERE app = ? ORDER BY number LIMIT ?");
    csn_query_id(&q, app);
    csn_query_int(&q, CSN_KEYS_PER_APP_MAX);
    while (csn_query_row(&q))
        read_plain(&q, arena, &out[(*count)++]);
    return csn_query_end(&q);
}

enum csn_status
csn_store_key_each(struct csn_store *store, struct csn_id app,
                   enum csn_status (*visit)(void *state, const struct csn_key_row *row),
                   void *state)
{
    struct csn_query q = csn_query(store, "SELECT " COLUMNS ", material FROM keys WHERE app = ?"
                                          " ORDER BY number LIMIT ?");
    csn_query_id(&q, app);
    csn_query_int(&q, CSN_KEYS_PER_APP_MAX);
    enum csn_status visited = CSN_OK;
    while (visited == CSN_OK && csn_query_row(&q)) {
        struct csn_key_row row;
        read_plain(&q, NULL, &row);
        row.material = csn_row_view(&q);
        if (q.status == CSN_OK)
            visited = visit(state, &row);
    }
    enum csn_status status = csn_query_end(&q);
    return visited != CSN_OK ? visited : status;
}

static enum csn_status
one_changed(struct csn_store *store, struct csn_query *q)
{
    enum csn_status status = csn_query_done(q);
    if (status != CSN_OK)
        return status;
    return csn_store_changes(store) == 0 ? CSN_NOT_FOUND : CSN_OK;
}

enum csn_status
csn_store_key_set_state(struct csn_store *store, struct csn_id app, struct csn_id id,
                        enum csn_key_state state, int64_t changed_ms)
{
    struct csn_query q =
        csn_query(store, "UPDATE keys SET state = ?, state_changed = ? WHERE id = ? AND app = ?");
    csn_query_int(&q, state);
    csn_query_int(&q, changed_ms);
    csn_query_id(&q, id);
    csn_query_id(&q, app);
    return one_changed(store, &q);
}

enum csn_status
csn_store_key_remove(struct csn_store *store, struct csn_id app, struct csn_id id)
{
    struct csn_query q = csn_query(store, "DELETE FROM keys WHERE id = ? AND app = ?");
    csn_query_id(&q, id);
    csn_query_id(&q, app);
    return one_changed(store, &q);
}

enum csn_status
csn_store_key_count(struct csn_store *store, struct csn_id app, int64_t *count)
{
    struct csn_query q = csn_query(store, "SELECT count(*) FROM keys WHERE app = ?");
    csn_query_id(&q, app);
    if (csn_query_row(&q))
        *count = csn_row_int(&q);
    return csn_query_end(&q);
}

enum csn_status
csn_store_key_touch(struct csn_store *store, const struct csn_key_touch *touch)
{
    struct csn_query q = csn_query(
        store, "UPDATE keys SET last_used = max(last_used, ?2), tokens_end = max(tokens_end, ?3),"
               " endless_used = max(endless_used, ?4) WHERE number = ?1"
               " AND (last_used < ?2 OR tokens_end < ?3 OR endless_used < ?4)");
    csn_query_int(&q, touch->number);
    csn_query_int(&q, touch->used_ms);
    csn_query_int(&q, touch->ends_ms);
    csn_query_int(&q, touch->endless_ms);
    return csn_query_done(&q);
}
