/* Readiness: what the required mode, for everybody, would refuse, told from what was recorded.
 *
 * Requests are exact. Customers are distinct: by pseudonym or, where a request named no identity,
 * by device. They are exact until a day has more of them than is kept of a day; beyond that they
 * are estimated from a sample, and the answer says so and how sure it is.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_DOMAIN_READINESS_H
#define CSN_SERVER_DOMAIN_READINESS_H

#include "server/domain/app.h"
#include "server/store/readiness_rows.h"

#define CSN_DAY_MS 86400000LL
#define CSN_READINESS_DAYS_MAX 31
#define CSN_READINESS_GROUPS_MAX 150
#define CSN_READINESS_VERSIONS_MAX 300 /* platform x app version */

struct csn_readiness {
    int64_t before_ms, since_ms, until_ms; /* whole days, UTC; before_ms: of the period before */
    struct csn_readiness_sum now, before;
    struct csn_readiness_day days[CSN_READINESS_DAYS_MAX];
    size_t day_count;
    struct csn_readiness_group groups[CSN_READINESS_GROUPS_MAX];
    size_t group_count;
    bool more_groups;
    /* By platform; within one from the oldest version on, the unknown one first. */
    struct csn_readiness_version versions[CSN_READINESS_VERSIONS_MAX];
    size_t version_count;
    bool more_versions;
    bool exact;             /* customers and devices are counted, not estimated */
    int64_t error_permille; /* relative standard error of now.customers + now.devices; 0: exact */
};

/* In: since_ms < until_ms, at most CSN_READINESS_DAYS_MAX days apart once each is moved outward to
 * a whole day. Out: *out. Cost: reads every counter of two such periods, and every visitor. */
CSN_MUST_USE enum csn_status csn_readiness_read(struct csn_store *store, const struct csn_app *app,
                                                int64_t since_ms, int64_t until_ms,
                                                struct csn_readiness *out);

/* Out: how the days of since and until are moved outward. */
void csn_readiness_days(int64_t *since_ms, int64_t *until_ms);

/* What a minimum version would save, on one platform. */
struct csn_readiness_minimum {
    const struct csn_readiness_version *from; /* NULL: no version brings the share down so far */
    int64_t requests, refused;                /* from that version on */
    int64_t saved;                            /* refused below it, which would no longer be */
};

/* The lowest version from which on at most `permille` of the requests would be refused. In:
 * versions of one platform, in the order of csn_readiness. */
struct csn_readiness_minimum csn_readiness_minimum_of(const struct csn_readiness_version *versions,
                                                      size_t count, int64_t permille);

/* Returns: part of whole in permille, rounded down; 0 of nothing. */
int64_t csn_permille(int64_t part, int64_t whole);

#endif
