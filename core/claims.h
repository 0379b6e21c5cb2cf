/* The claims of a payload that a policy can look at, gathered in one pass. Nothing is judged here.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_CORE_CLAIMS_H
#define CSN_CORE_CLAIMS_H

#include "countersign/token.h"

/* One claim as written. A zero kind (CSN_JSON_INVALID): absent. */
struct csn_claim {
    enum csn_json_kind kind;
    struct csn_json_text text;
};

enum csn_audience {
    CSN_AUDIENCE_ABSENT = 0,
    CSN_AUDIENCE_WRONG_TYPE, /* neither a string nor an array of strings (RFC 7519 §4.1.3) */
    CSN_AUDIENCE_OTHER,
    CSN_AUDIENCE_OURS,
};

struct csn_claims {
    struct csn_claim issuer, expires, not_before, issued_at, nonce;
    struct csn_claim identity[CSN_POLICY_IDENTITY_MAX]; /* in the policy's order */
    enum csn_audience audience; /* looked at only where the policy names one */
    uint32_t required;          /* bit i: policy->required[i] is present and not null */
    uint32_t equals_present;    /* bit i: policy->equals[i] is present */
    uint32_t equals_held;       /* bit i: and is a string of exactly that value */
};

/* Returns: `payload` is a strict JSON object. Out: *claims, borrowing payload. */
bool csn_claims_read(const struct csn_policy *policy, struct csn_bytes payload,
                     struct csn_json_names *names, struct csn_claims *claims);

#endif
