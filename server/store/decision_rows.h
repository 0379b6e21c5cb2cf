/* Decisions as the store keeps them: exact counters by the hour, rows (sampled above a rate), and
 * by the day whom they were about (sampled above a number, by customer and not by request).
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_STORE_DECISION_ROWS_H
#define CSN_SERVER_STORE_DECISION_ROWS_H

#include "server/domain/decisions.h"
#include "server/store/store.h"

/* One counter: everything countable of a decision, in the hour it fell in. `of` has at_ms = the
 * hour's first millisecond, and nothing of one request alone: no pseudonym, skew or lifetime. */
struct csn_decision_count {
    struct csn_decision of;
    uint64_t count;
    int64_t first_ms, latest_ms; /* when the first and the last of them were made */
    struct csn_key_touch tokens; /* of the key, if it is one that accepted; goes to its row */
    unsigned visitor_level;      /* visitors of its app below that are not in this batch */
};

/* Whom decisions were about: a customer by pseudonym or, where no identity was named, a device.
 * `of` has at_ms = the day's first millisecond (UTC), and exactly one of pseudonym and device. */
struct csn_decision_visitor {
    struct csn_decision of;
    uint64_t count;
    int64_t first_ms, last_ms;
};

/* Visitors are thinned by halves: those below a level go. A keyed hash is as good as random, so one
 * in 2^level remains, the same ones wherever they occur: what is counted of them, times 2^level,
 * estimates the whole, with a relative standard error of 1/sqrt(how many were counted).
 * Returns: the number of zero bits the visitor begins with, at most 32. */
unsigned csn_visitor_level(const struct csn_decision_visitor *visitor);

struct csn_decision_row {
    struct csn_decision decision;
    uint32_t weight; /* how many decisions this row stands for */
};

struct csn_decision_batch {
    const struct csn_decision_count *counts;
    size_t count_count;
    const struct csn_decision_row *rows;
    size_t row_count;
    const struct csn_decision_visitor *visitors;
    size_t visitor_count;
};

#define CSN_DECISION_KINDS_PER_DAY 50000 /* of one app; of more, versions are folded into one */
#define CSN_DECISION_VISITORS_PER_DAY                                                              \
    16384 /* rows of one app; of more, a sample of the visitors                                    \
           */

/* Adds the counts to the counters, appends the rows, notes the visitors. */
CSN_MUST_USE enum csn_status csn_store_decisions_add(struct csn_store *store,
                                                     const struct csn_decision_batch *batch);

/* Where a row stands among an app's: by time, and by number within a millisecond. */
struct csn_decision_place {
    int64_t at_ms, number;
};

/* Which decisions are asked for. Unset members do not filter. */
struct csn_decision_filter {
    struct csn_id app;
    enum csn_reason reason;     /* CSN_UNDECIDED: any */
    int64_t since_ms, until_ms; /* 0: open */
    bool has_pseudonym;
    uint8_t pseudonym[16];
    struct csn_decision_place before; /* cursor: what is older than this; {0}: the newest */
    size_t limit;                     /* 1..CSN_PAGE_MAX */
};

struct csn_decision_page {
    struct csn_decision_row rows[CSN_PAGE_MAX];
    size_t count;
    struct csn_decision_place last; /* of the rows: the cursor of what follows */
    bool more;
};

/* Newest first. */
CSN_MUST_USE enum csn_status csn_store_decisions_list(struct csn_store *store,
                                                      const struct csn_decision_filter *filter,
                                                      struct csn_decision_page *out);

/* Exact sums of the counters, by reason, admitted, platform, app version, SDK version and endpoint.
 */
struct csn_decision_sums {
    struct csn_decision_count *counts; /* of the largest groups, largest first; in the arena */
    size_t count;
    bool more;      /* there are smaller groups */
    uint64_t total; /* of all groups */
};
/* Since `since_ms`, at most `limit` groups. */
CSN_MUST_USE enum csn_status csn_store_decisions_sum(struct csn_store *store, struct csn_id app,
                                                     int64_t since_ms, size_t limit,
                                                     struct csn_arena *arena,
                                                     struct csn_decision_sums *out);

/* Tells `each` the rows of a period, newest first, with what a dry run goes by; at most `limit`.
 * Out: *more, there are older ones. */
CSN_MUST_USE enum csn_status csn_store_decisions_each(
    struct csn_store *store, struct csn_id app, int64_t since_ms, int64_t until_ms, size_t limit,
    void (*each)(void *state, const struct csn_decision_row *row), void *state, bool *more);

#define CSN_DECISION_ROWS_MAX 200000 /* of one app: of more, the newest */

/* A walk over the apps, one after the other, again and again. {0} begins. */
struct csn_retention_walk {
    struct csn_id after;
    bool ended; /* the last app was passed: the next call begins anew */
};

/* Drops what the next `apps` of the walk may no longer keep: everything that is older than their
 * retention_days (counters by whole hours, visitors by whole days), rows beyond
 * CSN_DECISION_ROWS_MAX, and whatever is left of an app that is gone. At most about `limit` rows of
 * each kind; an app that may have more then is visited again by the next call. Out: *dropped grows.
 */
CSN_MUST_USE enum csn_status csn_store_decisions_retain(struct csn_store *store,
                                                        struct csn_retention_walk *walk,
                                                        size_t apps, size_t limit, size_t *dropped,
                                                        int64_t now_ms);

#endif
