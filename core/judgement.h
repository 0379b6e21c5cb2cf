/* One judgement under way: what each step hands to the next.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_CORE_JUDGEMENT_H
#define CSN_CORE_JUDGEMENT_H

#include "core/claims.h"
#include "core/header.h"
#include "core/key_choice.h"
#include "core/times.h"

struct csn_judgement {
    const struct csn_policy *policy;
    const struct csn_keyring *keys;
    const struct csn_presentation *presented;
    struct csn_workspace *workspace;
    struct csn_verdict *verdict;
    int64_t now_ms;
    struct csn_buffer scratch;    /* unescaped text, over workspace->unescaped */
    struct csn_token_parts parts; /* from here on: set by the step that finds it */
    struct csn_header header;
    struct csn_candidates candidates;
    struct csn_claims claims;
    struct csn_times times;
    bool expiry_is_derived; /* times.expires_at is iat + lifetime_max_s */
    struct csn_bytes identity, identity_claim;
};

/* A step returns whether the token may go on. Where it may not, it has set the reason. */
static inline bool
csn_refuse(struct csn_judgement *j, enum csn_reason reason)
{
    j->verdict->reason = reason;
    return false;
}

static inline bool
csn_refuse_part(struct csn_judgement *j, enum csn_part part)
{
    j->verdict->part = part;
    return csn_refuse(j, CSN_REASON_MALFORMED);
}

static inline bool
csn_refuse_claim(struct csn_judgement *j, enum csn_reason reason, struct csn_bytes name)
{
    j->verdict->claim = name;
    return csn_refuse(j, reason);
}

/* The steps after the signature: payload to nonce. */
bool csn_judge_claims(struct csn_judgement *j);

#endif
