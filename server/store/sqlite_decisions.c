/* Decisions in SQLite: see decision_rows.h and schema/0003-decisions.sql.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/panic.h"
#include "server/store/decision_rows.h"
#include "server/store/sqlite.h"
#include "server/store/sqlite_visitors.h"

static struct csn_bytes
text_of(const char *text)
{
    return csn_bytes_text(text);
}

static void
bind_kind(struct csn_query *q, const struct csn_decision *d)
{
    csn_query_int(q, d->reason);
    csn_query_int(q, d->endpoint);
    csn_query_int(q, d->key_number);
    csn_query_int(q, d->algorithm);
    csn_query_int(q, d->assurance);
    csn_query_int(q, d->mode);
    csn_query_int(q, d->admitted);
}

static void
bind_client(struct csn_query *q, const struct csn_decision *d)
{
    csn_query_bytes(q, text_of(d->platform));
    csn_query_bytes(q, text_of(d->app_version));
    csn_query_bytes(q, text_of(d->sdk_version));
}

static void
read_kind(struct csn_query *q, struct csn_decision *d)
{
    d->reason = (enum csn_reason)csn_row_int(q);
    d->endpoint = (enum csn_endpoint)csn_row_int(q);
    d->key_number = csn_row_int(q);
    d->algorithm = (enum csn_algorithm)csn_row_int(q);
    d->assurance = (enum csn_assurance)csn_row_int(q);
    d->mode = (enum csn_enforcement_mode)csn_row_int(q);
    d->admitted = csn_row_int(q) != 0;
}

static void
read_client(struct csn_query *q, struct csn_decision *d)
{
    csn_row_text(q, d->platform, sizeof d->platform);
    csn_row_text(q, d->app_version, sizeof d->app_version);
    csn_row_text(q, d->sdk_version, sizeof d->sdk_version);
}

static enum csn_status
raise_count(struct csn_store *store, const struct csn_decision_count *c)
{
    struct csn_query q = csn_query(
        store, "UPDATE decision_counts SET count = count + ?, first = min(first, ?),"
               " last = max(last, ?) WHERE app = ? AND hour = ? AND reason = ? AND endpoint = ?"
               " AND key = ? AND algorithm = ? AND assurance = ? AND mode = ? AND admitted = ?"
               " AND platform = ? AND app_version = ? AND sdk_version = ?");
    csn_query_int(&q, (int64_t)c->count);
    csn_query_int(&q, c->first_ms);
    csn_query_int(&q, c->latest_ms);
    csn_query_id(&q, c->of.app);
    csn_query_int(&q, c->of.at_ms);
    bind_kind(&q, &c->of);
    bind_client(&q, &c->of);
    return csn_query_touched(&q);
}

static enum csn_status
add_kind(struct csn_store *store, const struct csn_decision_count *c)
{
    struct csn_query q =
        csn_query(store, "INSERT INTO decision_counts (app, hour, reason, endpoint, key, algorithm,"
                         " assurance, mode, admitted, platform, app_version, sdk_version, count,"
                         " first, last) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    csn_query_id(&q, c->of.app);
    csn_query_int(&q, c->of.at_ms);
    bind_kind(&q, &c->of);
    bind_client(&q, &c->of);
    csn_query_int(&q, (int64_t)c->count);
    csn_query_int(&q, c->first_ms);
    csn_query_int(&q, c->latest_ms);
    return csn_query_done(&q);
}

/* Strangers choose platform and versions: beyond a bound these are folded into one kind without. */
static enum csn_status
add_count(struct csn_store *store, struct csn_day_rows *days, const struct csn_decision_count *c)
{
    enum csn_status status = raise_count(store, c);
    if (status != CSN_NOT_FOUND)
        return status;
    struct csn_decision_day *day = NULL;
    status = csn_day_rows_get(days, store, c->of.app, c->of.at_ms, &day);
    if (status != CSN_OK)
        return status;
    if (day->kinds < CSN_DECISION_KINDS_PER_DAY) {
        day->kinds++;
        return add_kind(store, c);
    }
    struct csn_decision_count folded = *c;
    folded.of.platform[0] = folded.of.app_version[0] = folded.of.sdk_version[0] = '\0';
    status = raise_count(store, &folded);
    return status == CSN_NOT_FOUND ? add_kind(store, &folded) : status;
}

/* Returns: the keyed hash; {0} for zero, which stands for nobody. */
static struct csn_bytes
hash_or_none(const uint8_t hash[16])
{
    uint8_t any = 0;
    for (size_t i = 0; i < 16; i++)
        any |= hash[i];
    return any != 0 ? csn_bytes_of(hash, 16) : (struct csn_bytes){0};
}

static void
bind_skew(struct csn_query *q, const struct csn_decision *d)
{
    if (d->has_skew)
        csn_query_int(q, d->skew_ms);
    else
        csn_query_bytes(q, (struct csn_bytes){0}); /* NULL */
}

static enum csn_status
add_row(struct csn_store *store, const struct csn_decision_row *row)
{
    const struct csn_decision *d = &row->decision;
    struct csn_query q = csn_query(
        store, "INSERT INTO decision_rows (app, at, reason, endpoint, key, algorithm, assurance,"
               " mode, admitted, pseudonym, platform, app_version, sdk_version, skew, lifetime,"
               " weight, device, percentile, facts)"
               " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    csn_query_id(&q, d->app);
    csn_query_int(&q, d->at_ms);
    bind_kind(&q, d);
    csn_query_blob(&q, hash_or_none(d->pseudonym));
    bind_client(&q, d);
    bind_skew(&q, d);
    csn_query_int(&q, d->lifetime_ms);
    csn_query_int(&q, row->weight);
    csn_query_blob(&q, hash_or_none(d->device));
    csn_query_int(&q, d->percentile);
    csn_query_int(&q, d->facts);
    return csn_query_done(&q);
}

static enum csn_status
note_level(struct csn_store *store, struct csn_day_rows *days, const struct csn_decision_count *c)
{
    if (c->visitor_level == 0)
        return CSN_OK;
    return csn_store_visitor_level(store, days, c->of.app, c->of.at_ms, c->visitor_level);
}

enum csn_status
csn_store_decisions_add(struct csn_store *store, const struct csn_decision_batch *batch)
{
    struct csn_day_rows days = {0};
    enum csn_status status = CSN_OK;
    for (size_t i = 0; i < batch->count_count && status == CSN_OK; i++)
        status = add_count(store, &days, &batch->counts[i]);
    /* Also of an app none of whose visitors is left. */
    for (size_t i = 0; i < batch->count_count && status == CSN_OK; i++)
        status = note_level(store, &days, &batch->counts[i]);
    for (size_t i = 0; i < batch->visitor_count && status == CSN_OK; i++)
        status = csn_store_visitor_add(store, &days, &batch->visitors[i]);
    for (size_t i = 0; i < batch->row_count && status == CSN_OK; i++)
        status = add_row(store, &batch->rows[i]);
    return status == CSN_OK ? csn_day_rows_write(&days, store) : status;
}

static void
read_row(struct csn_query *q, struct csn_decision_page *out)
{
    struct csn_decision_row *row = &out->rows[out->count];
    struct csn_decision *d = &row->decision;
    *row = (struct csn_decision_row){0};
    out->last.number = csn_row_int(q);
    csn_row_id(q, &d->app);
    out->last.at_ms = d->at_ms = csn_row_int(q);
    read_kind(q, d);
    (void)csn_row_blob_upto(q, d->pseudonym, sizeof d->pseudonym);
    read_client(q, d);
    d->has_skew = !csn_row_null(q);
    d->skew_ms = csn_row_int(q);
    d->lifetime_ms = csn_row_int(q);
    row->weight = (uint32_t)csn_row_int(q);
    out->count++;
}

/* Whom it is about is asked by the index that begins with them; ?1 app, ?2 ?3 what comes before. */
#define LIST                                                                                       \
    "SELECT number, app, at, reason, endpoint, key, algorithm, assurance, mode, admitted,"         \
    " pseudonym, platform, app_version, sdk_version, skew, lifetime, weight FROM decision_rows"    \
    " INDEXED BY "
#define PAGE                                                                                       \
    " AND at >= ?5 AND at <= ?2 AND (at, number) < (?2, ?3) AND (?4 = 0 OR reason = ?4)"           \
    " ORDER BY at DESC, number DESC LIMIT ?6"

static const char list_sql[] = LIST "decision_rows_by_time WHERE app = ?1" PAGE;
static const char list_of_one_sql[] =
    LIST "decision_rows_by_visitor WHERE app = ?1 AND pseudonym = ?7" PAGE;

/* Returns: where the page begins: at the cursor or, if that is earlier, at the end of the period.
 * No row has number 0, so that is what lies before all of its millisecond. */
static struct csn_decision_place
first_place(const struct csn_decision_filter *filter)
{
    struct csn_decision_place before = filter->before;
    if (before.at_ms == 0)
        before = (struct csn_decision_place){.at_ms = INT64_MAX};
    if (filter->until_ms > 0 && filter->until_ms <= before.at_ms)
        before = (struct csn_decision_place){.at_ms = filter->until_ms};
    return before;
}

enum csn_status
csn_store_decisions_list(struct csn_store *store, const struct csn_decision_filter *filter,
                         struct csn_decision_page *out)
{
    CSN_ASSERT(filter->limit >= 1 && filter->limit <= CSN_PAGE_MAX);
    struct csn_decision_place before = first_place(filter);
    struct csn_query q = csn_query(store, filter->has_pseudonym ? list_of_one_sql : list_sql);
    csn_query_id(&q, filter->app);
    csn_query_int(&q, before.at_ms);
    csn_query_int(&q, before.number);
    csn_query_int(&q, filter->reason);
    csn_query_int(&q, filter->since_ms);
    csn_query_int(&q, (int64_t)filter->limit + 1);
    if (filter->has_pseudonym)
        csn_query_blob(&q, csn_bytes_of(filter->pseudonym, sizeof filter->pseudonym));
    out->count = 0;
    out->more = false;
    while (csn_query_row(&q)) {
        out->more = out->count == filter->limit;
        if (out->more)
            break;
        read_row(&q, out);
    }
    return csn_query_end(&q);
}

static enum csn_status
sum_all(struct csn_store *store, struct csn_id app, int64_t since_ms, uint64_t *total)
{
    struct csn_query q =
        csn_query(store, "SELECT coalesce(sum(count), 0) FROM decision_counts WHERE app = ? "
                         "AND hour >= ?");
    csn_query_id(&q, app);
    csn_query_int(&q, since_ms);
    if (csn_query_row(&q))
        *total = (uint64_t)csn_row_int(&q);
    return csn_query_end(&q);
}

static void
read_sum(struct csn_query *q, struct csn_decision_count *c)
{
    c->of.reason = (enum csn_reason)csn_row_int(q);
    c->of.endpoint = (enum csn_endpoint)csn_row_int(q);
    c->of.admitted = csn_row_int(q) != 0;
    read_client(q, &c->of);
    c->count = (uint64_t)csn_row_int(q);
}

enum csn_status
csn_store_decisions_sum(struct csn_store *store, struct csn_id app, int64_t since_ms, size_t limit,
                        struct csn_arena *arena, struct csn_decision_sums *out)
{
    *out =
        (struct csn_decision_sums){.counts = csn_arena_alloc(arena, limit * sizeof *out->counts)};
    if (out->counts == NULL)
        return CSN_NO_SPACE;
    struct csn_query q = csn_query(
        store, "SELECT reason, endpoint, admitted, platform, app_version, sdk_version,"
               " sum(count) AS total FROM decision_counts WHERE app = ? AND hour >= ?"
               " GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY total DESC, 1, 2, 3, 4, 5, 6 LIMIT ?");
    csn_query_id(&q, app);
    csn_query_int(&q, since_ms);
    csn_query_int(&q, (int64_t)limit + 1);
    while (csn_query_row(&q)) {
        out->more = out->count == limit;
        if (out->more)
            break;
        out->counts[out->count].of.app = app;
        read_sum(&q, &out->counts[out->count++]);
    }
    enum csn_status status = csn_query_end(&q);
    return status == CSN_OK ? sum_all(store, app, since_ms, &out->total) : status;
}

static void
read_replay(struct csn_query *q, struct csn_decision_row *row)
{
    struct csn_decision *d = &row->decision;
    *row = (struct csn_decision_row){0};
    d->at_ms = csn_row_int(q);
    read_kind(q, d);
    read_client(q, d);
    (void)csn_row_blob_upto(q, d->pseudonym, sizeof d->pseudonym);
    (void)csn_row_blob_upto(q, d->device, sizeof d->device);
    d->percentile = (int8_t)csn_row_int(q);
    d->facts = (uint8_t)csn_row_int(q);
    d->has_skew = !csn_row_null(q);
    d->skew_ms = csn_row_int(q);
    d->lifetime_ms = csn_row_int(q);
    row->weight = (uint32_t)csn_row_int(q);
}

enum csn_status
csn_store_decisions_each(struct csn_store *store, struct csn_id app, int64_t since_ms,
                         int64_t until_ms, size_t limit,
                         void (*each)(void *state, const struct csn_decision_row *row), void *state,
                         bool *more)
{
    size_t told = 0;
    *more = false;
    struct csn_query q = csn_query(
        store, "SELECT at, reason, endpoint, key, algorithm, assurance, mode, admitted, platform,"
               " app_version, sdk_version, pseudonym, device, percentile, facts, skew, lifetime,"
               " weight FROM decision_rows INDEXED BY decision_rows_by_time"
               " WHERE app = ? AND at >= ? AND at < ? ORDER BY at DESC, number DESC LIMIT ?");
    csn_query_id(&q, app);
    csn_query_int(&q, since_ms);
    csn_query_int(&q, until_ms);
    csn_query_int(&q, (int64_t)limit + 1);
    while (csn_query_row(&q)) {
        *more = told++ == limit;
        if (*more)
            break;
        struct csn_decision_row row;
        read_replay(&q, &row);
        each(state, &row);
    }
    return csn_query_end(&q);
}
