/* Evidence and failures as rows. What is sealed passes through unread.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_STORE_EVIDENCE_ROWS_H
#define CSN_SERVER_STORE_EVIDENCE_ROWS_H

#include "server/store/decision_rows.h"

#define CSN_EVIDENCE_PER_REASON 20 /* of one app: of more, the newest */

struct csn_evidence_row {
    struct csn_id id;
    struct csn_decision decision; /* as far as the table has it */
    struct csn_bytes sealed;
};
/* Adds it, and drops the oldest of its reason beyond the number. CSN_OK also where the app is gone.
 */
CSN_MUST_USE enum csn_status csn_store_evidence_add(struct csn_store *store,
                                                    const struct csn_evidence_row *row);
CSN_MUST_USE enum csn_status csn_store_evidence_get(struct csn_store *store, struct csn_id app,
                                                    struct csn_id id, struct csn_arena *arena,
                                                    struct csn_evidence_row *out);
/* Newest first, without what is sealed. Out: *count, at most `limit`. */
CSN_MUST_USE enum csn_status csn_store_evidence_list(struct csn_store *store, struct csn_id app,
                                                     struct csn_evidence_row *out, size_t limit,
                                                     size_t *count);
CSN_MUST_USE enum csn_status csn_store_evidence_forget(struct csn_store *store, struct csn_id app);
CSN_MUST_USE enum csn_status csn_store_evidence_purge(struct csn_store *store, int64_t before_ms,
                                                      size_t limit, size_t *dropped);

/* Decisions that were refused, or admitted all the same, out of the exact counters. */
struct csn_failure_filter {
    struct csn_id app;
    int64_t since_ms, until_ms; /* counted by the hour */
    enum csn_reason reason;     /* CSN_UNDECIDED: any */
};
struct csn_failure_group {
    struct csn_decision of; /* reason, key_number, platform, versions */
    int64_t count, refused;
    int64_t first_ms, last_ms;
};
/* Largest first. Out: at most `limit`; *more: there are others. */
CSN_MUST_USE enum csn_status csn_store_failures_group(struct csn_store *store,
                                                      const struct csn_failure_filter *filter,
                                                      struct csn_failure_group *out, size_t limit,
                                                      size_t *count, bool *more);
/* The newest rows of such decisions. Out: *count, at most `limit`. */
CSN_MUST_USE enum csn_status csn_store_failures_recent(struct csn_store *store,
                                                       const struct csn_failure_filter *filter,
                                                       struct csn_decision_row *out, size_t limit,
                                                       size_t *count);

#endif
