/* What the required mode would refuse, summed up from what was recorded. Requests are exact;
 * visitors (decision_rows.h) are those at `level` and above, to be multiplied by 2^level.
 *
 * Counted are the requests on which enforcement has a say: logins, and calls under a customer's own
 * token. Refused would be each that was not accepted, but for a token missing where the policy lets
 * the anonymous in without one.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_STORE_READINESS_ROWS_H
#define CSN_SERVER_STORE_READINESS_ROWS_H

#include "server/domain/decisions.h"
#include "server/store/store.h"

/* Both ends are whole days, UTC. */
struct csn_readiness_filter {
    struct csn_id app;
    int64_t since_ms, until_ms;
    bool missing_is_anonymous; /* the policy's */
    int64_t level;             /* csn_store_readiness_level */
};

struct csn_readiness_sum {
    int64_t requests, refused;
    int64_t refused_now;        /* of these, those that are refused as things are */
    int64_t customers, devices; /* distinct, whom it would refuse */
    int64_t sampled;            /* visitors counted for these two */
};

struct csn_readiness_day {
    int64_t day_ms;
    int64_t requests, refused, customers, devices;
};

struct csn_readiness_group {
    enum csn_reason reason;
    char platform[CSN_PLATFORM_MAX + 1];
    char app_version[CSN_VERSION_TEXT_MAX + 1];
    char sdk_version[CSN_VERSION_TEXT_MAX + 1];
    int64_t refused;        /* in the period; groups come by this, largest first */
    int64_t refused_before; /* since `before_ms`, in the period before it */
    int64_t customers, devices;
};

struct csn_readiness_version {
    char platform[CSN_PLATFORM_MAX + 1];
    char app_version[CSN_VERSION_TEXT_MAX + 1];
    int64_t requests, refused;
    int64_t customers, devices; /* each at the version it was last refused with: so they add up */
};

/* Out: *level, the highest of the days. */
CSN_MUST_USE enum csn_status csn_store_readiness_level(struct csn_store *store, struct csn_id app,
                                                       int64_t since_ms, int64_t until_ms,
                                                       int64_t *level);
CSN_MUST_USE enum csn_status csn_store_readiness_sum(struct csn_store *store,
                                                     const struct csn_readiness_filter *filter,
                                                     struct csn_readiness_sum *out);
/* In: out has a place for every day of the period, in order, with its day_ms. */
CSN_MUST_USE enum csn_status csn_store_readiness_days(struct csn_store *store,
                                                      const struct csn_readiness_filter *filter,
                                                      struct csn_readiness_day *out, size_t count);
/* Out: at most `limit`; *more: there are others. */
CSN_MUST_USE enum csn_status csn_store_readiness_groups(struct csn_store *store,
                                                        const struct csn_readiness_filter *filter,
                                                        int64_t before_ms,
                                                        struct csn_readiness_group *out,
                                                        size_t limit, size_t *count, bool *more);
CSN_MUST_USE enum csn_status csn_store_readiness_versions(struct csn_store *store,
                                                          const struct csn_readiness_filter *filter,
                                                          struct csn_readiness_version *out,
                                                          size_t limit, size_t *count, bool *more);

#endif
