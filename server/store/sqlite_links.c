/* Rows of links, in force and undone. See session_rows.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/store/session_rows.h"
#include "server/store/sqlite.h"

enum csn_status
csn_store_link_add(struct csn_store *store, struct csn_id app, const struct csn_link_row *row)
{
    struct csn_query q = csn_query(
        store, "INSERT INTO links (app, customer, owner, cause, linked, session, made_by, place, "
               "items) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
    csn_query_id(&q, app);
    csn_query_id(&q, row->customer);
    csn_query_id(&q, row->owner);
    csn_query_int(&q, row->cause);
    csn_query_int(&q, row->linked_ms);
    csn_query_id(&q, row->session);
    csn_query_id(&q, row->made_by);
    csn_query_int(&q, row->place);
    csn_query_int(&q, row->items);
    return csn_query_done(&q);
}

enum csn_status
csn_store_link_count(struct csn_store *store, struct csn_id app, struct csn_id owner,
                     enum csn_assurance cause, size_t limit, size_t *count)
{
    *count = 0;
    struct csn_query q = csn_query(
        store, "SELECT count(*) FROM (SELECT 1 FROM links INDEXED BY links_by_cause WHERE app = ? "
               "AND owner = ? AND cause = ? LIMIT ?)");
    csn_query_id(&q, app);
    csn_query_id(&q, owner);
    csn_query_int(&q, cause);
    csn_query_int(&q, (int64_t)limit);
    if (csn_query_row(&q))
        *count = (size_t)csn_row_int(&q);
    return csn_query_end(&q);
}

/* Both tables, told alike. A link in force has no turn yet: it is the newest. */
#define LINK_IN_FORCE                                                                              \
    "SELECT customer, owner, cause, linked, session, made_by, place, items, refused, 0 AS undone," \
    " NULL AS undone_by, 0 AS returned, 9223372036854775807 AS turn FROM links "
#define LINK_UNDONE                                                                                \
    "SELECT customer, owner, cause, linked, NULL, made_by, 0, items, refused, undone, undone_by, " \
    "returned, turn FROM links_undone "

static void
read_link(struct csn_query *q, struct csn_link_row *out)
{
    *out = (struct csn_link_row){0};
    csn_row_id(q, &out->customer);
    csn_row_id(q, &out->owner);
    out->cause = (enum csn_assurance)csn_row_int(q);
    out->linked_ms = csn_row_int(q);
    csn_row_id(q, &out->session);
    csn_row_id(q, &out->made_by);
    out->place = csn_row_int(q);
    out->items = csn_row_int(q);
    out->refused = csn_row_int(q);
    out->undone_ms = csn_row_int(q);
    csn_row_id(q, &out->undone_by);
    out->returned = csn_row_int(q);
}

enum csn_status
csn_store_link_get(struct csn_store *store, struct csn_id app, struct csn_id customer,
                   struct csn_link_row *out)
{
    struct csn_query q = csn_query(store, LINK_IN_FORCE "WHERE app = ? AND customer = ?");
    csn_query_id(&q, app);
    csn_query_id(&q, customer);
    enum csn_status status = csn_query_first(&q);
    if (status != CSN_OK)
        return status;
    read_link(&q, out);
    return csn_query_end(&q);
}

enum csn_status
csn_store_link_refuse(struct csn_store *store, struct csn_id app, struct csn_id customer,
                      struct csn_id wanted, int64_t now_ms)
{
    struct csn_query q =
        csn_query(store, "UPDATE links SET refused = refused + 1, refused_owner = ?, "
                         "refused_last = ? WHERE app = ? AND customer = ?");
    csn_query_id(&q, wanted);
    csn_query_int(&q, now_ms);
    csn_query_id(&q, app);
    csn_query_id(&q, customer);
    return csn_query_touched(&q);
}

/* --- undoing --- */

static enum csn_status
copy_undone(struct csn_store *store, struct csn_id app, const struct csn_link_row *row)
{
    struct csn_query q = csn_query(
        store, "INSERT INTO links_undone (app, customer, turn, owner, cause, linked, made_by, "
               "items, refused, undone, undone_by, returned) SELECT app, customer, (SELECT "
               "ifnull(max(turn), 0) + 1 FROM links_undone WHERE app = ?1 AND customer = ?2), "
               "owner, cause, linked, made_by, items, refused, ?3, ?4, ?5 FROM links WHERE "
               "app = ?1 AND customer = ?2");
    csn_query_id(&q, app);
    csn_query_id(&q, row->customer);
    csn_query_int(&q, row->undone_ms);
    csn_query_id(&q, row->undone_by);
    csn_query_int(&q, row->returned);
    return csn_query_touched(&q);
}

enum csn_status
csn_store_link_undo(struct csn_store *store, struct csn_id app, const struct csn_link_row *row)
{
    enum csn_status status = copy_undone(store, app, row);
    if (status != CSN_OK)
        return status;
    struct csn_query q = csn_query(store, "DELETE FROM links WHERE app = ? AND customer = ?");
    csn_query_id(&q, app);
    csn_query_id(&q, row->customer);
    return csn_query_touched(&q);
}

enum csn_status
csn_store_link_each(struct csn_store *store, struct csn_id app, struct csn_id customer,
                    size_t limit, bool (*each)(void *state, const struct csn_link_row *row),
                    void *state)
{
    struct csn_query q =
        csn_query(store, LINK_IN_FORCE "WHERE app = ?1 AND owner = ?2 UNION ALL " LINK_IN_FORCE
                                       "WHERE app = ?1 AND customer = ?2 UNION ALL " LINK_UNDONE
                                       "WHERE app = ?1 AND owner = ?2 UNION ALL " LINK_UNDONE
                                       "WHERE app = ?1 AND customer = ?2 "
                                       "ORDER BY linked DESC, customer DESC, turn DESC LIMIT ?3");
    csn_query_id(&q, app);
    csn_query_id(&q, customer);
    csn_query_int(&q, (int64_t)limit);
    bool going = true;
    while (going && csn_query_row(&q)) {
        struct csn_link_row row;
        read_link(&q, &row);
        going = q.status == CSN_OK && each(state, &row);
    }
    return csn_query_end(&q);
}
