/* Dry runs: what a proposed enforcement or policy would have made of what was recorded.
 *
 * Enforcement can be told of every recorded decision: mode, versions, percentile and pseudonym are
 * all it goes by. A policy can be told only as far as facts of the token were recorded; the rest is
 * counted as unknown, and `not_known` says which parts. A token that was refused is judged no
 * further than the step that refused it: whether it would pass the steps behind is not known, so it
 * is counted as possible, never as admitted.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_DOMAIN_DRY_RUN_H
#define CSN_SERVER_DOMAIN_DRY_RUN_H

#include "server/domain/app.h"
#include "server/store/decision_rows.h"

#define CSN_DRY_RUN_ROWS_MAX 50000 /* rows read, the newest of the period */
#define CSN_DRY_RUN_GROUPS_MAX 100
#define CSN_DRY_RUN_VISITORS_MAX 2048 /* of one change; of more, a sample */
#define CSN_DRY_RUN_NOTES_MAX 16

enum csn_change_kind {
    CSN_CHANGE_NONE = 0,
    CSN_CHANGE_REFUSED,  /* was admitted, would be refused */
    CSN_CHANGE_ADMITTED, /* the other way round */
    CSN_CHANGE_POSSIBLE, /* was refused, and what refused it would no longer */
    CSN_CHANGE_UNKNOWN,  /* was accepted, and what was recorded does not tell */
    CSN_CHANGE_COUNT,
};
const char *csn_change_kind_name(enum csn_change_kind kind);

struct csn_dry_run_group {
    enum csn_change_kind kind;
    enum csn_reason was, becomes; /* becomes ACCEPTED: admitted; CSN_UNDECIDED: not known */
    char platform[CSN_PLATFORM_MAX + 1];
    char app_version[CSN_VERSION_TEXT_MAX + 1];
    int64_t requests;
};

/* Distinct visitors; thinned by halves when full (decision_rows.h). */
struct csn_dry_run_visitors {
    uint8_t all[CSN_DRY_RUN_VISITORS_MAX][16];
    size_t count;
    unsigned level;
};

struct csn_dry_run {
    int64_t looked_at; /* requests that enforcement, or the policy, has a say about */
    int64_t changed[CSN_CHANGE_COUNT];
    struct csn_dry_run_visitors refused, admitted;
    struct csn_dry_run_group groups[CSN_DRY_RUN_GROUPS_MAX];
    size_t group_count;
    bool more_groups;
    bool sampled; /* a row stood for more than itself: figures are estimates */
    int64_t rows; /* read */
    bool more_rows;
    const char *notes[CSN_DRY_RUN_NOTES_MAX]; /* what cannot be known, a sentence each */
    size_t note_count;
};

/* The period is that of the rows' time. Out: *out, wholly set. Returns: CSN_OK, CSN_UNAVAILABLE. */
CSN_MUST_USE enum csn_status csn_dry_run_enforcement(struct csn_store *store,
                                                     const struct csn_app *app,
                                                     const struct csn_enforcement *proposed,
                                                     int64_t since_ms, int64_t until_ms,
                                                     struct csn_dry_run *out);
CSN_MUST_USE enum csn_status csn_dry_run_policy(struct csn_store *store, const struct csn_app *app,
                                                const struct csn_policy *proposed, int64_t since_ms,
                                                int64_t until_ms, struct csn_dry_run *out);

/* What the proposed policy makes of one recorded decision. Out: *becomes. Pure. */
enum csn_change_kind csn_dry_run_judge(const struct csn_policy *current,
                                       const struct csn_policy *proposed,
                                       const struct csn_decision *recorded,
                                       enum csn_reason *becomes);

#endif
