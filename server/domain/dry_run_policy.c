/* What a proposed policy makes of a decision made under the current one, by the facts recorded:
 * algorithm, age (now - iat), lifetime (exp - iat), whether there was a nonce or an end.
 *
 * The order is the judge's. What would refuse for certain comes before what is not known.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/domain/dry_run_parts.h"

#define MS_PER_S 1000

/* --- which parts differ, and were not recorded --- */

static bool
same_text(struct csn_bytes a, struct csn_bytes b)
{
    return (a.ptr == NULL) == (b.ptr == NULL) && csn_bytes_equal(a, b);
}

/* Returns: every name of `of` is in `in`. */
static bool
are_all_in(const struct csn_bytes *of, size_t of_count, const struct csn_bytes *in, size_t in_count)
{
    for (size_t i = 0; i < of_count; i++) {
        bool found = false;
        for (size_t k = 0; k < in_count && !found; k++)
            found = csn_bytes_equal(of[i], in[k]);
        if (!found)
            return false;
    }
    return true;
}

static bool
are_equals_in(const struct csn_policy *of, const struct csn_policy *in)
{
    for (size_t i = 0; i < of->equals_count; i++) {
        bool found = false;
        for (size_t k = 0; k < in->equals_count && !found; k++)
            found = csn_bytes_equal(of->equals[i].name, in->equals[k].name) &&
                    csn_bytes_equal(of->equals[i].value, in->equals[k].value);
        if (!found)
            return false;
    }
    return true;
}

static bool
is_same_identity(const struct csn_policy *a, const struct csn_policy *b)
{
    if (a->identity_count != b->identity_count)
        return false;
    for (size_t i = 0; i < a->identity_count; i++) {
        if (!csn_bytes_equal(a->identity[i], b->identity[i]))
            return false;
    }
    return true;
}

static bool
asks_for_another(struct csn_bytes proposed, struct csn_bytes current)
{
    return proposed.ptr != NULL && !same_text(proposed, current);
}

struct unrecorded {
    const char *note;
    bool (*tightened)(const struct csn_policy *current, const struct csn_policy *proposed);
};

#define TIGHTENED(name, condition)                                                                 \
    static bool name(const struct csn_policy *c, const struct csn_policy *p)                       \
    {                                                                                              \
        return condition;                                                                          \
    }
TIGHTENED(issuer_tightened, asks_for_another(p->issuer, c->issuer))
TIGHTENED(audience_tightened, asks_for_another(p->audience, c->audience))
TIGHTENED(type_tightened, !same_text(p->type, c->type))
TIGHTENED(required_tightened,
          !are_all_in(p->required, p->required_count, c->required, c->required_count))
TIGHTENED(equals_tightened, !are_equals_in(p, c))
TIGHTENED(kid_tightened, p->kid_required && !c->kid_required)
TIGHTENED(identity_tightened, !is_same_identity(p, c))
TIGHTENED(number_tightened, c->identity_number && !p->identity_number)
TIGHTENED(unit_tightened, c->time_unit == CSN_TIME_AUTO && p->time_unit != CSN_TIME_AUTO)

static const struct unrecorded unrecorded[] = {
    {"The issuer of a token is not recorded.", issuer_tightened},
    {"The audience of a token is not recorded.", audience_tightened},
    {"The typ of a token is not recorded.", type_tightened},
    {"Which other claims a token has is not recorded.", required_tightened},
    {"What the claims of a token say is not recorded.", equals_tightened},
    {"Whether a token named its key by kid is not recorded.", kid_tightened},
    {"Which claim named the customer is not recorded.", identity_tightened},
    {"Whether the identity was a number is not recorded.", number_tightened},
    {"Whether times were in milliseconds is not recorded.", unit_tightened},
};
#define UNRECORDED (sizeof unrecorded / sizeof unrecorded[0])

void
csn_dry_run_notes(const struct csn_policy *current, const struct csn_policy *proposed,
                  struct csn_dry_run *out)
{
    for (size_t i = 0; i < UNRECORDED; i++) {
        if (unrecorded[i].tightened(current, proposed))
            out->notes[out->note_count++] = unrecorded[i].note;
    }
    if (proposed->leeway_s < current->leeway_s)
        out->notes[out->note_count++] =
            "nbf is not recorded: tokens that only the wider leeway made valid count as unchanged.";
    if (proposed->nonce == CSN_NONCE_RULE_REQUIRED && current->nonce != CSN_NONCE_RULE_REQUIRED)
        out->notes[out->note_count++] =
            "Whether a nonce was given out here and not used before is not recorded.";
    out->notes[out->note_count++] =
        "A refused token was judged no further than the step that refused it: possible is the most "
        "that would be accepted.";
}

static bool
is_unrecorded(const struct csn_policy *current, const struct csn_policy *proposed)
{
    for (size_t i = 0; i < UNRECORDED; i++) {
        if (unrecorded[i].tightened(current, proposed))
            return true;
    }
    return false;
}

/* --- accepted tokens --- */

static bool
is_login(const struct csn_decision *d)
{
    return d->endpoint == CSN_ENDPOINT_SESSION_START || d->endpoint == CSN_ENDPOINT_SESSION_REFRESH;
}

/* The policy may have given the token its end: then another lifetime_max gives it another. */
static bool
is_end_perhaps_derived(const struct csn_policy *current, const struct csn_decision *d)
{
    return current->lifetime_max_s >= 0 && d->lifetime_ms == current->lifetime_max_s * MS_PER_S;
}

static enum csn_reason
refused_by_times(const struct csn_policy *p, const struct csn_decision *d)
{
    int64_t leeway_ms = p->leeway_s * MS_PER_S;
    if (d->has_skew && d->lifetime_ms != 0 && d->skew_ms - d->lifetime_ms >= leeway_ms)
        return CSN_REASON_EXPIRED;
    if (d->has_skew && -d->skew_ms > leeway_ms)
        return CSN_REASON_ISSUED_IN_FUTURE;
    if (p->issued_within_s >= 0 && is_login(d)) {
        if (!d->has_skew)
            return CSN_REASON_CLAIM_MISSING;
        if (d->skew_ms > p->issued_within_s * MS_PER_S + leeway_ms)
            return CSN_REASON_ISSUED_TOO_LONG_AGO;
    }
    return CSN_REASON_ACCEPTED;
}

/* Out: *known, false where the recorded lifetime does not tell. */
static enum csn_reason
refused_by_lifetime(const struct csn_policy *c, const struct csn_policy *p,
                    const struct csn_decision *d, bool *known)
{
    *known = true;
    if (p->lifetime_max_s < 0 || p->lifetime_max_s == c->lifetime_max_s)
        return CSN_REASON_ACCEPTED;
    bool has_end = (d->facts & CSN_FACT_EXPIRY) != 0;
    if (!has_end && !d->has_skew)
        return CSN_REASON_CLAIM_MISSING;
    *known = has_end && d->has_skew && !is_end_perhaps_derived(c, d);
    bool longer = *known && d->lifetime_ms > p->lifetime_max_s * MS_PER_S;
    return longer ? CSN_REASON_LIFETIME_TOO_LONG : CSN_REASON_ACCEPTED;
}

static enum csn_change_kind
judge_accepted(const struct csn_policy *c, const struct csn_policy *p, const struct csn_decision *d,
               enum csn_reason *becomes)
{
    bool lifetime_known = true;
    *becomes = CSN_REASON_ACCEPTED;
    if (d->algorithm != CSN_ALGORITHM_UNSET && (p->algorithms & 1u << d->algorithm) == 0)
        *becomes = CSN_REASON_ALGORITHM_NOT_ALLOWED;
    if (*becomes == CSN_REASON_ACCEPTED)
        *becomes = refused_by_times(p, d);
    if (*becomes == CSN_REASON_ACCEPTED)
        *becomes = refused_by_lifetime(c, p, d, &lifetime_known);
    bool nonce_new = p->nonce == CSN_NONCE_RULE_REQUIRED && c->nonce != CSN_NONCE_RULE_REQUIRED;
    if (*becomes == CSN_REASON_ACCEPTED && nonce_new && (d->facts & CSN_FACT_NONCE) == 0)
        *becomes = CSN_REASON_NONCE_MISSING;
    if (*becomes != CSN_REASON_ACCEPTED)
        return CSN_CHANGE_REFUSED;
    if (lifetime_known && !nonce_new && !is_unrecorded(c, p))
        return CSN_CHANGE_NONE;
    *becomes = CSN_UNDECIDED;
    return CSN_CHANGE_UNKNOWN;
}

/* --- refused tokens --- */

/* Returns: something that a missing or wrong claim can be refused for was loosened. */
static bool
are_claims_loosened(const struct csn_policy *c, const struct csn_policy *p)
{
    return !are_all_in(c->required, c->required_count, p->required, p->required_count) ||
           !are_equals_in(c, p) || !is_same_identity(c, p) ||
           asks_for_another(c->issuer, p->issuer) || asks_for_another(c->audience, p->audience) ||
           (p->identity_number && !c->identity_number) ||
           (p->lifetime_max_s < 0 && c->lifetime_max_s >= 0) ||
           (p->issued_within_s < 0 && c->issued_within_s >= 0) || p->nonce != c->nonce;
}

/* Returns: what refused the token would no longer. */
static bool
is_lifted(const struct csn_policy *c, const struct csn_policy *p, const struct csn_decision *d)
{
    int64_t leeway_ms = p->leeway_s * MS_PER_S;
    switch (d->reason) {
    case CSN_REASON_ALGORITHM_NOT_ALLOWED: return (p->algorithms & 1u << d->algorithm) != 0;
    case CSN_REASON_TYPE_MISMATCH: return !same_text(c->type, p->type);
    case CSN_REASON_EXPIRED:
        if (d->has_skew && d->lifetime_ms != 0 && !is_end_perhaps_derived(c, d))
            return d->skew_ms - d->lifetime_ms < leeway_ms;
        return p->leeway_s > c->leeway_s || p->lifetime_max_s != c->lifetime_max_s;
    case CSN_REASON_ISSUED_IN_FUTURE: return !d->has_skew || -d->skew_ms <= leeway_ms;
    case CSN_REASON_NOT_YET_VALID: return p->leeway_s > c->leeway_s;
    case CSN_REASON_ISSUED_TOO_LONG_AGO:
        return p->issued_within_s < 0 || !d->has_skew ||
               d->skew_ms <= p->issued_within_s * MS_PER_S + leeway_ms;
    case CSN_REASON_LIFETIME_TOO_LONG:
        return p->lifetime_max_s < 0 ||
               (d->lifetime_ms == 0 && p->lifetime_max_s > c->lifetime_max_s) ||
               (d->lifetime_ms != 0 && d->lifetime_ms <= p->lifetime_max_s * MS_PER_S);
    case CSN_REASON_TIME_IN_MILLISECONDS: return p->time_unit == CSN_TIME_AUTO;
    case CSN_REASON_CLAIM_MISSING:
    case CSN_REASON_CLAIM_INVALID: return are_claims_loosened(c, p);
    case CSN_REASON_ISSUER_MISMATCH: return asks_for_another(c->issuer, p->issuer);
    case CSN_REASON_AUDIENCE_MISMATCH: return asks_for_another(c->audience, p->audience);
    case CSN_REASON_IDENTITY_MISSING: return !is_same_identity(c, p);
    case CSN_REASON_KEY_UNKNOWN: return c->kid_required && !p->kid_required;
    case CSN_REASON_NONCE_MISSING:
    case CSN_REASON_NONCE_UNKNOWN:
    case CSN_REASON_NONCE_USED:
    case CSN_REASON_NONCE_EXPIRED: return p->nonce == CSN_NONCE_RULE_NONE;
    default: return false;
    }
}

enum csn_change_kind
csn_dry_run_judge(const struct csn_policy *current, const struct csn_policy *proposed,
                  const struct csn_decision *recorded, enum csn_reason *becomes)
{
    if (recorded->reason == CSN_REASON_ACCEPTED)
        return judge_accepted(current, proposed, recorded, becomes);
    bool lifted = is_lifted(current, proposed, recorded);
    *becomes = lifted ? CSN_UNDECIDED : recorded->reason;
    return lifted ? CSN_CHANGE_POSSIBLE : CSN_CHANGE_NONE;
}
