/* Rows of experiences. See experience_rows.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/store/experience_rows.h"
#include "server/store/sqlite.h"

#define EXPERIENCE_SELECT                                                                          \
    "SELECT id, version, enabled, priority, frequency, starts, ends, created, changed, "           \
    "definition_sealed"

static void
read_facts(struct csn_query *q, struct csn_experience_row *out)
{
    *out = (struct csn_experience_row){0};
    csn_row_id(q, &out->id);
    out->version = csn_row_int(q);
    out->enabled = csn_row_int(q) != 0;
    out->priority = csn_row_int(q);
    out->frequency = (int)csn_row_int(q);
    out->starts_ms = csn_row_int(q);
    out->ends_ms = csn_row_int(q);
    out->created_ms = csn_row_int(q);
    out->changed_ms = csn_row_int(q);
}

/* --- writing --- */

static void
bind_facts(struct csn_query *q, struct csn_id app, const struct csn_experience_row *row)
{
    csn_query_id(q, app);
    csn_query_id(q, row->id);
    csn_query_int(q, row->version);
    csn_query_int(q, row->enabled);
    csn_query_int(q, row->priority);
    csn_query_int(q, row->frequency);
    csn_query_int(q, row->starts_ms);
    csn_query_int(q, row->ends_ms);
    csn_query_int(q, row->changed_ms);
    csn_query_blob(q, row->definition);
    csn_query_blob(q, row->content);
}

enum csn_status
csn_store_experience_add(struct csn_store *store, struct csn_id app,
                         const struct csn_experience_row *row)
{
    struct csn_query q = csn_query(
        store, "INSERT INTO experiences (app, id, version, enabled, priority, frequency, starts, "
               "ends, changed, definition_sealed, content_sealed, created) VALUES (?1, ?2, ?3, ?4, "
               "?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)");
    bind_facts(&q, app, row);
    csn_query_int(&q, row->created_ms);
    return csn_query_done(&q);
}

enum csn_status
csn_store_experience_set(struct csn_store *store, struct csn_id app,
                         const struct csn_experience_row *row)
{
    struct csn_query q = csn_query(
        store, "UPDATE experiences SET version = ?3, enabled = ?4, priority = ?5, frequency = ?6, "
               "starts = ?7, ends = ?8, changed = ?9, definition_sealed = ?10, content_sealed = "
               "?11 WHERE app = ?1 AND id = ?2");
    bind_facts(&q, app, row);
    return csn_query_touched(&q);
}

enum csn_status
csn_store_experience_remove(struct csn_store *store, struct csn_id app, struct csn_id id)
{
    struct csn_query q = csn_query(store, "DELETE FROM experiences WHERE app = ? AND id = ?");
    csn_query_id(&q, app);
    csn_query_id(&q, id);
    return csn_query_touched(&q);
}

/* --- reading --- */

enum csn_status
csn_store_experience_get(struct csn_store *store, struct csn_id app, struct csn_id id,
                         struct csn_arena *arena, struct csn_experience_row *out)
{
    struct csn_query q = csn_query(store, EXPERIENCE_SELECT
                                   ", content_sealed FROM experiences WHERE app = ? AND id = ?");
    csn_query_id(&q, app);
    csn_query_id(&q, id);
    enum csn_status status = csn_query_first(&q);
    if (status != CSN_OK)
        return status;
    read_facts(&q, out);
    out->definition = csn_row_copy(&q, arena);
    out->content = csn_row_copy(&q, arena);
    return csn_query_end(&q);
}

enum csn_status
csn_store_experience_next(struct csn_store *store, struct csn_id app, struct csn_id after,
                          struct csn_arena *arena, struct csn_experience_row *out)
{
    struct csn_query q = csn_query(
        store, EXPERIENCE_SELECT " FROM experiences WHERE app = ? AND id > ? ORDER BY id LIMIT 1");
    csn_query_id(&q, app);
    csn_query_bytes(&q, csn_bytes_text(after.text));
    enum csn_status status = csn_query_first(&q);
    if (status != CSN_OK)
        return status;
    read_facts(&q, out);
    out->definition = csn_row_copy(&q, arena);
    return csn_query_end(&q);
}

enum csn_status
csn_store_experience_count(struct csn_store *store, struct csn_id app, size_t *count)
{
    *count = 0;
    struct csn_query q = csn_query(store, "SELECT count(*) FROM experiences WHERE app = ?");
    csn_query_id(&q, app);
    if (csn_query_row(&q))
        *count = (size_t)csn_row_int(&q);
    return csn_query_end(&q);
}

enum csn_status
csn_store_experience_each_shown(struct csn_store *store, struct csn_id app, int64_t now_ms,
                                bool (*each)(void *state, const struct csn_experience_row *row),
                                void *state)
{
    struct csn_query q =
        csn_query(store, EXPERIENCE_SELECT
                  " FROM experiences INDEXED BY experiences_shown WHERE app = ?1 AND enabled = 1 "
                  "AND starts <= ?2 AND (ends = 0 OR ends > ?2) ORDER BY priority DESC, id");
    csn_query_id(&q, app);
    csn_query_int(&q, now_ms);
    for (bool goes_on = true; goes_on && csn_query_row(&q);) {
        struct csn_experience_row row;
        read_facts(&q, &row);
        row.definition = csn_row_view(&q);
        goes_on = each(state, &row);
    }
    return csn_query_end(&q);
}

/* The ids that begin with a prefix lie together: '.' + 1 is '/'. The prefix ends with a '.'. */
enum csn_status
csn_store_experience_outcome(struct csn_store *store, struct csn_id app,
                             const struct csn_outcome_query *query, bool *found)
{
    struct csn_query q = csn_query(
        store, "SELECT 1 FROM items WHERE app = ?1 AND customer = ?2 AND id >= ?3 AND id < "
               "substr(?3, 1, length(?3) - 1) || '/' AND kind = ?4 AND direction = ?5 AND "
               "(?6 = 0 OR unverified = 0 OR EXISTS (SELECT 1 FROM links WHERE links.app = ?1 AND "
               "links.customer = items.origin AND links.cause <> ?7)) LIMIT 1");
    csn_query_id(&q, app);
    csn_query_id(&q, query->customer);
    csn_query_bytes(&q, query->prefix);
    csn_query_int(&q, query->kind);
    csn_query_int(&q, query->direction);
    csn_query_int(&q, query->proven_only);
    csn_query_int(&q, CSN_ASSURANCE_CLAIMED);
    *found = csn_query_row(&q);
    return csn_query_end(&q);
}
