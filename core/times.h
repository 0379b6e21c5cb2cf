/* The times of a token against the clock.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_CORE_TIMES_H
#define CSN_CORE_TIMES_H

#include "countersign/token.h"

/* Microseconds since 1970, cut; 0 where absent. */
struct csn_times {
    bool has_issued_at, has_not_before, has_expires_at;
    int64_t issued_at_us, not_before_us, expires_at_us;
};

/* Returns: `now_ms` in microseconds; a clock outside 1970..9999 counts as the nearer end. */
int64_t csn_times_now(int64_t now_ms);

/* The checks that hold or fail with the clock alone, in the order exp, nbf, iat.
 * Returns: CSN_REASON_ACCEPTED, or why not. */
enum csn_reason csn_times_judge(const struct csn_policy *policy, const struct csn_times *times,
                                int64_t now_us);

#endif
