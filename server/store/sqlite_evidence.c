/* Evidence and failures in SQLite: see evidence_rows.h and schema/0011-evidence.sql.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/store/evidence_rows.h"
#include "server/store/sqlite.h"

_Static_assert(CSN_REASON_ACCEPTED == 1, "in FAILED");
#define FAILED "reason <> 1" /* as the index decision_rows_failed says it */

static void
read_client(struct csn_query *q, struct csn_decision *d)
{
    csn_row_text(q, d->platform, sizeof d->platform);
    csn_row_text(q, d->app_version, sizeof d->app_version);
    csn_row_text(q, d->sdk_version, sizeof d->sdk_version);
}

/* --- evidence --- */

static enum csn_status
trim(struct csn_store *store, const struct csn_decision *d)
{
    struct csn_query q =
        csn_query(store, "DELETE FROM evidence WHERE app = ?1 AND id IN (SELECT id FROM evidence"
                         " WHERE app = ?1 AND reason = ?2 ORDER BY id DESC LIMIT -1 OFFSET ?3)");
    csn_query_id(&q, d->app);
    csn_query_int(&q, d->reason);
    csn_query_int(&q, CSN_EVIDENCE_PER_REASON);
    return csn_query_done(&q);
}

enum csn_status
csn_store_evidence_add(struct csn_store *store, const struct csn_evidence_row *row)
{
    const struct csn_decision *d = &row->decision;
    struct csn_query q = csn_query(
        store, "INSERT INTO evidence (app, id, at, reason, key, endpoint, admitted, platform,"
               " app_version, sdk_version, sealed)"
               " SELECT id, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11 FROM apps WHERE id = ?1");
    csn_query_id(&q, d->app);
    csn_query_id(&q, row->id);
    csn_query_int(&q, d->at_ms);
    csn_query_int(&q, d->reason);
    csn_query_int(&q, d->key_number);
    csn_query_int(&q, d->endpoint);
    csn_query_int(&q, d->admitted);
    csn_query_bytes(&q, csn_bytes_text(d->platform));
    csn_query_bytes(&q, csn_bytes_text(d->app_version));
    csn_query_bytes(&q, csn_bytes_text(d->sdk_version));
    csn_query_blob(&q, row->sealed);
    enum csn_status status = csn_query_done(&q);
    return status == CSN_OK ? trim(store, d) : status;
}

static void
read_evidence(struct csn_query *q, struct csn_evidence_row *out)
{
    *out = (struct csn_evidence_row){0};
    struct csn_decision *d = &out->decision;
    csn_row_id(q, &d->app);
    csn_row_id(q, &out->id);
    d->at_ms = csn_row_int(q);
    d->reason = (enum csn_reason)csn_row_int(q);
    d->key_number = csn_row_int(q);
    d->endpoint = (enum csn_endpoint)csn_row_int(q);
    d->admitted = csn_row_int(q) != 0;
    read_client(q, d);
}

enum csn_status
csn_store_evidence_get(struct csn_store *store, struct csn_id app, struct csn_id id,
                       struct csn_arena *arena, struct csn_evidence_row *out)
{
    struct csn_query q = csn_query(
        store, "SELECT app, id, at, reason, key, endpoint, admitted, platform, app_version,"
               " sdk_version, sealed FROM evidence WHERE app = ? AND id = ?");
    csn_query_id(&q, app);
    csn_query_id(&q, id);
    enum csn_status status = csn_query_first(&q);
    if (status != CSN_OK)
        return status;
    read_evidence(&q, out);
    out->sealed = csn_row_copy(&q, arena);
    return csn_query_end(&q);
}

enum csn_status
csn_store_evidence_list(struct csn_store *store, struct csn_id app, struct csn_evidence_row *out,
                        size_t limit, size_t *count)
{
    *count = 0;
    struct csn_query q = csn_query(
        store, "SELECT app, id, at, reason, key, endpoint, admitted, platform, app_version,"
               " sdk_version FROM evidence WHERE app = ? ORDER BY id DESC LIMIT ?");
    csn_query_id(&q, app);
    csn_query_int(&q, (int64_t)limit);
    while (*count < limit && csn_query_row(&q))
        read_evidence(&q, &out[(*count)++]);
    return csn_query_end(&q);
}

enum csn_status
csn_store_evidence_forget(struct csn_store *store, struct csn_id app)
{
    struct csn_query q = csn_query(store, "DELETE FROM evidence WHERE app = ?");
    csn_query_id(&q, app);
    return csn_query_done(&q);
}

enum csn_status
csn_store_evidence_purge(struct csn_store *store, int64_t before_ms, size_t limit, size_t *dropped)
{
    struct csn_query q =
        csn_query(store, "DELETE FROM evidence WHERE (app, id) IN"
                         " (SELECT app, id FROM evidence WHERE at < ? ORDER BY at LIMIT ?)");
    csn_query_int(&q, before_ms);
    csn_query_int(&q, (int64_t)limit);
    enum csn_status status = csn_query_done(&q);
    if (status == CSN_OK)
        *dropped += (size_t)csn_store_changes(store);
    return status;
}

/* --- failures --- */

enum csn_status
csn_store_failures_group(struct csn_store *store, const struct csn_failure_filter *filter,
                         struct csn_failure_group *out, size_t limit, size_t *count, bool *more)
{
    *count = 0;
    *more = false;
    struct csn_query q = csn_query(
        store, "SELECT reason, key, platform, app_version, sdk_version, sum(count) AS total,"
               " sum(iif(admitted, 0, count)), min(first), max(last) FROM decision_counts"
               " WHERE app = ?1 AND hour >= ?2 AND hour < ?3 AND " FAILED
               " AND (?4 = 0 OR reason = ?4) GROUP BY 1, 2, 3, 4, 5"
               " ORDER BY total DESC, 1, 2, 3, 4, 5 LIMIT ?5");
    csn_query_id(&q, filter->app);
    csn_query_int(&q, filter->since_ms);
    csn_query_int(&q, filter->until_ms);
    csn_query_int(&q, filter->reason);
    csn_query_int(&q, (int64_t)limit + 1);
    while (csn_query_row(&q)) {
        *more = *count == limit;
        if (*more)
            break;
        struct csn_failure_group *group = &out[(*count)++];
        *group = (struct csn_failure_group){0};
        group->of.reason = (enum csn_reason)csn_row_int(&q);
        group->of.key_number = csn_row_int(&q);
        read_client(&q, &group->of);
        group->count = csn_row_int(&q);
        group->refused = csn_row_int(&q);
        group->first_ms = csn_row_int(&q);
        group->last_ms = csn_row_int(&q);
    }
    return csn_query_end(&q);
}

enum csn_status
csn_store_failures_recent(struct csn_store *store, const struct csn_failure_filter *filter,
                          struct csn_decision_row *out, size_t limit, size_t *count)
{
    *count = 0;
    struct csn_query q = csn_query(
        store, "SELECT at, reason, key, endpoint, assurance, admitted, platform, app_version,"
               " sdk_version, pseudonym, skew, lifetime, weight FROM decision_rows"
               " INDEXED BY decision_rows_failed WHERE app = ?1 AND " FAILED
               " AND at >= ?2 AND at < ?3 AND (?4 = 0 OR reason = ?4)"
               " ORDER BY at DESC, number DESC LIMIT ?5");
    csn_query_id(&q, filter->app);
    csn_query_int(&q, filter->since_ms);
    csn_query_int(&q, filter->until_ms);
    csn_query_int(&q, filter->reason);
    csn_query_int(&q, (int64_t)limit);
    while (*count < limit && csn_query_row(&q)) {
        struct csn_decision_row *row = &out[(*count)++];
        *row = (struct csn_decision_row){0};
        struct csn_decision *d = &row->decision;
        d->at_ms = csn_row_int(&q);
        d->reason = (enum csn_reason)csn_row_int(&q);
        d->key_number = csn_row_int(&q);
        d->endpoint = (enum csn_endpoint)csn_row_int(&q);
        d->assurance = (enum csn_assurance)csn_row_int(&q);
        d->admitted = csn_row_int(&q) != 0;
        read_client(&q, d);
        (void)csn_row_blob_upto(&q, d->pseudonym, sizeof d->pseudonym);
        d->has_skew = !csn_row_null(&q);
        d->skew_ms = csn_row_int(&q);
        d->lifetime_ms = csn_row_int(&q);
        row->weight = (uint32_t)csn_row_int(&q);
    }
    return csn_query_end(&q);
}
