/* The judge. A token is refused until every step has let it pass, and there is one line in the
 * product that says otherwise: the last one of csn_judge.
 *
 *   shape -> header -> algorithm -> key -> signature -> claims
 *
 * No claim is read before the signature holds. No I/O, no clock, no heap.
 * Source: RFC 7515 §5.2, RFC 7519 §7.2, RFC 8725 §3.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/crypto.h"
#include "core/judgement.h"
#include "core/jws.h"

static bool
is_presented(struct csn_judgement *j)
{
    struct csn_bytes token = j->presented->token;
    if (token.ptr == NULL || token.len == 0)
        return csn_refuse(j, CSN_REASON_MISSING);
    if (token.len > CSN_TOKEN_MAX)
        return csn_refuse(j, CSN_REASON_TOO_LARGE);
    return true;
}

static bool
has_the_shape(struct csn_judgement *j)
{
    enum csn_part bad = csn_jws_open(j->presented->token, j->workspace->decoded, &j->parts);
    if (bad != CSN_PART_NONE)
        return csn_refuse_part(j, bad);
    return true;
}

/* RFC 8725 §3.11: a token of another kind, such as "at+jwt", is not taken for a login token. */
static bool
type_fits(const struct csn_policy *policy, const struct csn_header *header)
{
    if (policy->type.ptr != NULL)
        return header->type_is_text && csn_bytes_equal_nocase(header->type, policy->type);
    if (!header->has_type)
        return true;
    return header->type_is_text &&
           (csn_bytes_equal_nocase(header->type, csn_bytes_of("JWT", 3)) ||
            csn_bytes_equal_nocase(header->type, csn_bytes_text("application/jwt")));
}

static bool
header_holds(struct csn_judgement *j)
{
    if (!csn_header_read(j->parts.header, &j->workspace->names, &j->scratch, &j->header))
        return csn_refuse_part(j, CSN_PART_HEADER);
    j->verdict->algorithm = j->header.algorithm;
    if (!type_fits(j->policy, &j->header))
        return csn_refuse(j, CSN_REASON_TYPE_MISMATCH);
    return true;
}

static bool
algorithm_is_allowed(struct csn_judgement *j)
{
    if (j->header.algorithm == CSN_ALGORITHM_UNSET)
        return csn_refuse(j, CSN_REASON_ALGORITHM_UNSUPPORTED);
    if ((j->policy->algorithms & 1u << j->header.algorithm) == 0)
        return csn_refuse(j, CSN_REASON_ALGORITHM_NOT_ALLOWED);
    return true;
}

static bool
key_is_chosen(struct csn_judgement *j)
{
    enum csn_reason found =
        csn_key_choose(j->keys, &j->header, j->policy->kid_required, j->now_ms, &j->candidates);
    if (found != CSN_REASON_ACCEPTED)
        return csn_refuse(j, found);
    return true;
}

static bool
signature_holds(struct csn_judgement *j)
{
    for (size_t i = 0; i < j->candidates.count; i++) {
        const struct csn_key *key = j->candidates.key[i];
        if (key->verifier != NULL &&
            csn_verifier_check(key->verifier, j->parts.signing_input, j->parts.signature)) {
            j->verdict->key = key;
            return true;
        }
    }
    return csn_refuse(j, CSN_REASON_SIGNATURE_INVALID);
}

void
csn_judge(const struct csn_policy *policy, const struct csn_keyring *keys,
          const struct csn_presentation *presented, struct csn_workspace *workspace,
          struct csn_verdict *verdict, int64_t now_ms)
{
    *verdict = (struct csn_verdict){0};
    struct csn_judgement j; /* not cleared: each step sets what it finds before the next looks */
    j.policy = policy;
    j.keys = keys;
    j.presented = presented;
    j.workspace = workspace;
    j.verdict = verdict;
    j.now_ms = now_ms;
    j.scratch = csn_buffer_over(workspace->unescaped, sizeof workspace->unescaped);
    bool holds = is_presented(&j) && has_the_shape(&j) && header_holds(&j) &&
                 algorithm_is_allowed(&j) && key_is_chosen(&j) && signature_holds(&j) &&
                 csn_judge_claims(&j);
    if (!holds)
        return;
    verdict->identity = j.identity;
    verdict->identity_claim = j.identity_claim;
    verdict->reason = CSN_REASON_ACCEPTED;
}
