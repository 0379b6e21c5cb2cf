/* A timeline in SQLite: one page of each source, merged by time; then what each event says.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/store/timeline_rows.h"

#include <stdlib.h>
#include <string.h>

#include "base/panic.h"
#include "server/store/session_rows.h"
#include "server/store/sqlite.h"

/* Every source: ?1 app, ?2 customer, ?3 pseudonym, and what comes before (?4, ?5, ?6); ?7 rows. */
#define BEFORE                                                                                     \
    " AND (at, event, ref) < (?4, ?5, ?6) ORDER BY at DESC, event DESC, ref DESC LIMIT ?7)"

static const char timeline_sql[] =
    "SELECT at, event, ref FROM ("
    " SELECT * FROM (SELECT created AS at, 1 AS event, id AS ref FROM customers"
    "  WHERE app = ?1 AND id = ?2" BEFORE
    " UNION ALL SELECT * FROM (SELECT linked AS at, 2 AS event, customer AS ref FROM links"
    "  WHERE app = ?1 AND owner = ?2" BEFORE
    " UNION ALL SELECT * FROM (SELECT linked AS at, 2 AS event, owner AS ref FROM links"
    "  WHERE app = ?1 AND customer = ?2" BEFORE
    " UNION ALL SELECT * FROM (SELECT linked AS at, 2 AS event, customer AS ref FROM links_undone"
    "  WHERE app = ?1 AND owner = ?2" BEFORE
    " UNION ALL SELECT * FROM (SELECT undone AS at, 3 AS event, customer AS ref FROM links_undone"
    "  WHERE app = ?1 AND owner = ?2" BEFORE
    " UNION ALL SELECT * FROM (SELECT created AS at, 4 AS event, id AS ref FROM sessions"
    "  WHERE app = ?1 AND customer = ?2" BEFORE
    " UNION ALL SELECT * FROM (SELECT ended AS at, 5 AS event, id AS ref FROM sessions"
    "  WHERE app = ?1 AND customer = ?2 AND ended > 0" BEFORE
    " UNION ALL SELECT * FROM (SELECT revoked_before AS at, 6 AS event, id AS ref FROM customers"
    "  WHERE app = ?1 AND id = ?2 AND revoked_before > 0" BEFORE
    " UNION ALL SELECT * FROM (SELECT at, 7 AS event, printf('%019d', number) AS ref"
    "  FROM decision_rows INDEXED BY decision_rows_by_visitor"
    "  WHERE app = ?1 AND pseudonym = ?3 AND at <= ?4" BEFORE
    ") ORDER BY at DESC, event DESC, ref DESC LIMIT ?7";

static enum csn_status
read_places(struct csn_store *store, const struct csn_timeline_filter *filter,
            struct csn_timeline_row *out, size_t *count, bool *more)
{
    const struct csn_timeline_place *before = &filter->before;
    bool begins = before->at_ms == 0;
    struct csn_query q = csn_query(store, timeline_sql);
    csn_query_id(&q, filter->app);
    csn_query_id(&q, filter->customer);
    csn_query_blob(&q, csn_bytes_of(filter->has_pseudonym ? filter->pseudonym : NULL,
                                    filter->has_pseudonym ? sizeof filter->pseudonym : 0));
    csn_query_int(&q, begins ? INT64_MAX : before->at_ms);
    csn_query_int(&q, before->event);
    csn_query_bytes(&q, csn_bytes_text(before->ref));
    csn_query_int(&q, (int64_t)filter->limit + 1);
    while (csn_query_row(&q)) {
        *more = *count == filter->limit;
        if (*more)
            break;
        struct csn_timeline_row *row = &out[(*count)++];
        memset(row, 0, sizeof *row);
        row->place.at_ms = csn_row_int(&q);
        row->place.event = (enum csn_event)csn_row_int(&q);
        csn_row_text(&q, row->place.ref, sizeof row->place.ref);
    }
    return csn_query_end(&q);
}

/* --- what each event says --- */

static enum csn_status
read_decision(struct csn_store *store, struct csn_timeline_row *row)
{
    struct csn_decision *d = &row->decision;
    struct csn_query q = csn_query(
        store, "SELECT at, reason, endpoint, key, assurance, mode, admitted, platform, app_version,"
               " sdk_version, skew, lifetime, weight FROM decision_rows WHERE number = ?");
    csn_query_int(&q, strtoll(row->place.ref, NULL, 10));
    if (csn_query_row(&q)) {
        d->at_ms = csn_row_int(&q);
        d->reason = (enum csn_reason)csn_row_int(&q);
        d->endpoint = (enum csn_endpoint)csn_row_int(&q);
        d->key_number = csn_row_int(&q);
        d->assurance = (enum csn_assurance)csn_row_int(&q);
        d->mode = (enum csn_enforcement_mode)csn_row_int(&q);
        d->admitted = csn_row_int(&q) != 0;
        csn_row_text(&q, d->platform, sizeof d->platform);
        csn_row_text(&q, d->app_version, sizeof d->app_version);
        csn_row_text(&q, d->sdk_version, sizeof d->sdk_version);
        d->has_skew = !csn_row_null(&q);
        d->skew_ms = csn_row_int(&q);
        d->lifetime_ms = csn_row_int(&q);
        row->weight = (uint32_t)csn_row_int(&q);
    }
    return csn_query_end(&q);
}

static enum csn_status
read_session(struct csn_store *store, struct csn_id app, struct csn_timeline_row *row)
{
    struct csn_session_row session;
    memcpy(row->other.text, row->place.ref, CSN_ID_LENGTH);
    enum csn_status status = csn_store_session_get(store, app, row->other, &session);
    if (status != CSN_OK)
        return status;
    memcpy(row->device, session.device, sizeof row->device);
    row->assurance = session.assurance;
    return CSN_OK;
}

static enum csn_status
read_event(struct csn_store *store, struct csn_id app, struct csn_timeline_row *row)
{
    switch (row->place.event) {
    case CSN_EVENT_SESSION_STARTED:
    case CSN_EVENT_SESSION_ENDED: return read_session(store, app, row);
    case CSN_EVENT_LINKED:
    case CSN_EVENT_UNLINKED: memcpy(row->other.text, row->place.ref, CSN_ID_LENGTH); return CSN_OK;
    case CSN_EVENT_DECISION: return read_decision(store, row);
    default: return CSN_OK;
    }
}

enum csn_status
csn_store_timeline(struct csn_store *store, const struct csn_timeline_filter *filter,
                   struct csn_timeline_row *out, size_t *count, bool *more)
{
    CSN_ASSERT(filter->limit >= 1 && filter->limit <= CSN_PAGE_MAX);
    *count = 0;
    *more = false;
    enum csn_status status = read_places(store, filter, out, count, more);
    for (size_t i = 0; i < *count && status == CSN_OK; i++)
        status = read_event(store, filter->app, &out[i]);
    return status;
}
