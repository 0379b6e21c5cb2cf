/* exp, nbf and iat against the clock (RFC 7519 §4.1.4 - §4.1.6), for a new token and, by the same
 * lines, for one that was accepted before.
 *
 *      nbf - leeway              exp + leeway
 *  ---------[=========================)---------> now      iat <= now + leeway, always
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/times.h"
#include "core/numeric_date.h"

int64_t
csn_times_now(int64_t now_ms)
{
    const int64_t end_ms = CSN_TIME_END_S * 1000;
    int64_t within = now_ms < 0 ? 0 : now_ms > end_ms ? end_ms : now_ms;
    return within * CSN_US_PER_MS;
}

enum csn_reason
csn_times_judge(const struct csn_policy *policy, const struct csn_times *times, int64_t now_us)
{
    int64_t leeway_us = policy->leeway_s * CSN_US_PER_S;
    if (times->has_expires_at && now_us >= times->expires_at_us + leeway_us)
        return CSN_REASON_EXPIRED;
    if (times->has_not_before && now_us < times->not_before_us - leeway_us)
        return CSN_REASON_NOT_YET_VALID;
    if (times->has_issued_at && times->issued_at_us > now_us + leeway_us)
        return CSN_REASON_ISSUED_IN_FUTURE;
    return CSN_REASON_ACCEPTED;
}

enum csn_reason
csn_judge_times(const struct csn_policy *policy, const struct csn_verdict *kept, int64_t now_ms)
{
    struct csn_times times = {
        .has_issued_at = kept->has_issued_at,
        .has_not_before = kept->has_not_before,
        .has_expires_at = kept->has_expires_at,
        .issued_at_us = kept->issued_at_ms * CSN_US_PER_MS,
        .not_before_us = kept->not_before_ms * CSN_US_PER_MS,
        .expires_at_us = kept->expires_at_ms * CSN_US_PER_MS,
    };
    if (kept->reason != CSN_REASON_ACCEPTED) /* only what was accepted can go on being so */
        return kept->reason;
    return csn_times_judge(policy, &times, csn_times_now(now_ms));
}
