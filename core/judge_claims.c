/* What the policy asks of the claims, once the signature holds: a list, read from the top. The
 * nonce comes last, so that it is only used up by a token that is good in every other respect.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/claim_name.h"
#include "core/judgement.h"
#include "core/numeric_date.h"
#include "core/text.h"

static struct csn_bytes
word(const char *text)
{
    return csn_bytes_text(text);
}

static bool
payload_is_json(struct csn_judgement *j)
{
    if (!csn_claims_read(j->policy, j->parts.payload, &j->workspace->names, &j->claims))
        return csn_refuse_part(j, CSN_PART_PAYLOAD);
    return true;
}

static bool
required_are_present(struct csn_judgement *j)
{
    const struct csn_policy *policy = j->policy;
    for (size_t i = 0; i < policy->required_count; i++)
        if ((j->claims.required & 1u << i) == 0)
            return csn_refuse_claim(j, CSN_REASON_CLAIM_MISSING, policy->required[i]);
    return true;
}

/* --- times --- */

/* A time of the wrong type refuses; it is never "absent" (RFC 7519 §4.1.4: MUST be a number). */
static bool
read_time(struct csn_judgement *j, const char *name, const struct csn_claim *claim, bool *has,
          int64_t *us)
{
    *has = claim->kind != CSN_JSON_INVALID;
    *us = 0;
    if (!*has)
        return true;
    if (claim->kind != CSN_JSON_NUMBER)
        return csn_refuse_claim(j, CSN_REASON_CLAIM_INVALID, word(name));
    enum csn_numeric_date read = csn_numeric_date_read(claim->text.raw, j->policy->time_unit, us);
    if (read == CSN_DATE_IN_MILLISECONDS)
        return csn_refuse_claim(j, CSN_REASON_TIME_IN_MILLISECONDS, word(name));
    if (read != CSN_DATE_READ)
        return csn_refuse_claim(j, CSN_REASON_CLAIM_INVALID, word(name));
    return true;
}

static int64_t
ms_up(int64_t us)
{
    return (us + CSN_US_PER_MS - 1) / CSN_US_PER_MS;
}

static bool
times_are_readable(struct csn_judgement *j)
{
    struct csn_times *t = &j->times;
    bool readable =
        read_time(j, "exp", &j->claims.expires, &t->has_expires_at, &t->expires_at_us) &&
        read_time(j, "nbf", &j->claims.not_before, &t->has_not_before, &t->not_before_us) &&
        read_time(j, "iat", &j->claims.issued_at, &t->has_issued_at, &t->issued_at_us);
    if (!readable)
        return false;
    j->expiry_is_derived = !t->has_expires_at && t->has_issued_at && j->policy->lifetime_max_s >= 0;
    if (j->expiry_is_derived) {
        t->has_expires_at = true;
        t->expires_at_us = t->issued_at_us + j->policy->lifetime_max_s * CSN_US_PER_S;
    }
    struct csn_verdict *v = j->verdict;
    v->has_expires_at = t->has_expires_at;
    v->has_not_before = t->has_not_before;
    v->has_issued_at = t->has_issued_at;
    v->expires_at_ms = ms_up(t->expires_at_us);
    v->not_before_ms = ms_up(t->not_before_us);
    v->issued_at_ms = t->issued_at_us / CSN_US_PER_MS;
    return true;
}

static bool
clock_agrees(struct csn_judgement *j)
{
    enum csn_reason now = csn_times_judge(j->policy, &j->times, csn_times_now(j->now_ms));
    if (now != CSN_REASON_ACCEPTED)
        return csn_refuse(j, now);
    return true;
}

/* A login token must be fresh. One kept since a login need not be. */
static bool
is_issued_recently(struct csn_judgement *j)
{
    const struct csn_policy *policy = j->policy;
    if (policy->issued_within_s < 0 || j->presented->after_login)
        return true;
    if (!j->times.has_issued_at)
        return csn_refuse_claim(j, CSN_REASON_CLAIM_MISSING, word("iat"));
    int64_t window_us = (policy->issued_within_s + policy->leeway_s) * CSN_US_PER_S;
    /* the other edge, iat in the future, is the leeway alone: clock_agrees */
    if (csn_times_now(j->now_ms) - j->times.issued_at_us > window_us)
        return csn_refuse(j, CSN_REASON_ISSUED_TOO_LONG_AGO);
    return true;
}

static bool
lifetime_fits(struct csn_judgement *j)
{
    const struct csn_times *t = &j->times;
    if (t->has_issued_at && t->has_expires_at && t->expires_at_us < t->issued_at_us)
        return csn_refuse_claim(j, CSN_REASON_CLAIM_INVALID, word("exp"));
    if (j->policy->lifetime_max_s < 0 || j->expiry_is_derived)
        return true;
    if (!t->has_expires_at) /* neither exp nor iat: nothing would ever end it */
        return csn_refuse_claim(j, CSN_REASON_CLAIM_MISSING, word("exp"));
    int64_t max_us = j->policy->lifetime_max_s * CSN_US_PER_S;
    int64_t from_us = t->issued_at_us;
    if (!t->has_issued_at) /* then it cannot have been issued later than now, by its clock */
        from_us = csn_times_now(j->now_ms) + j->policy->leeway_s * CSN_US_PER_S;
    if (t->expires_at_us - from_us > max_us)
        return csn_refuse(j, CSN_REASON_LIFETIME_TOO_LONG);
    return true;
}

/* --- who made it, and for whom --- */

static bool
issuer_fits(struct csn_judgement *j)
{
    const struct csn_claim *claim = &j->claims.issuer;
    if (j->policy->issuer.ptr == NULL)
        return true;
    if (claim->kind == CSN_JSON_INVALID)
        return csn_refuse_claim(j, CSN_REASON_CLAIM_MISSING, word("iss"));
    if (claim->kind != CSN_JSON_STRING)
        return csn_refuse_claim(j, CSN_REASON_CLAIM_INVALID, word("iss"));
    if (!csn_json_text_is(claim->text, j->policy->issuer))
        return csn_refuse(j, CSN_REASON_ISSUER_MISMATCH);
    return true;
}

static bool
audience_fits(struct csn_judgement *j)
{
    if (j->policy->audience.ptr == NULL)
        return true;
    if (j->claims.audience == CSN_AUDIENCE_ABSENT)
        return csn_refuse_claim(j, CSN_REASON_CLAIM_MISSING, word("aud"));
    if (j->claims.audience == CSN_AUDIENCE_WRONG_TYPE)
        return csn_refuse_claim(j, CSN_REASON_CLAIM_INVALID, word("aud"));
    if (j->claims.audience != CSN_AUDIENCE_OURS)
        return csn_refuse(j, CSN_REASON_AUDIENCE_MISMATCH);
    return true;
}

static bool
equals_hold(struct csn_judgement *j)
{
    for (size_t i = 0; i < j->policy->equals_count; i++) {
        struct csn_bytes name = j->policy->equals[i].name;
        if ((j->claims.equals_present & 1u << i) == 0)
            return csn_refuse_claim(j, CSN_REASON_CLAIM_MISSING, name);
        if ((j->claims.equals_held & 1u << i) == 0)
            return csn_refuse_claim(j, CSN_REASON_CLAIM_INVALID, name);
    }
    return true;
}

/* --- whose it is --- */

/* A customer's name or a nonce: 1..`max` bytes (valid UTF-8, as the reader saw) and no control
 * characters, which no display and no log would show as they are. */
static bool
text_is_sound(struct csn_bytes text, size_t max)
{
    return text.len > 0 && text.len <= max && !csn_text_has_control(text);
}

/* The canonical text of a whole number, where the policy admits numbers: 5, 5.0 and 5e0 are the
 * customer "5" (docs/decisions/0002-identity-number.md). */
static bool
number_as_identity(struct csn_judgement *j, const struct csn_claim *claim)
{
    int64_t value = 0;
    if (!j->policy->identity_number || csn_json_integer(claim->text.raw, &value) != CSN_OK)
        return false;
    size_t from = j->scratch.len;
    csn_buffer_int(&j->scratch, value);
    j->identity = csn_bytes_of(j->scratch.ptr + from, j->scratch.len - from);
    return true;
}

static bool
text_as_identity(struct csn_judgement *j, const struct csn_claim *claim)
{
    j->identity = csn_text_value(&claim->text, &j->scratch);
    return text_is_sound(j->identity, CSN_IDENTITY_MAX);
}

/* The first claim that is present decides; a bad one never falls through to the next. */
static bool
identity_is_sound(struct csn_judgement *j)
{
    for (size_t i = 0; i < j->policy->identity_count; i++) {
        const struct csn_claim *claim = &j->claims.identity[i];
        if (claim->kind == CSN_JSON_INVALID)
            continue;
        j->identity_claim = j->policy->identity[i];
        bool sound = (claim->kind == CSN_JSON_STRING && text_as_identity(j, claim)) ||
                     (claim->kind == CSN_JSON_NUMBER && number_as_identity(j, claim));
        if (!sound)
            return csn_refuse_claim(j, CSN_REASON_CLAIM_INVALID, j->identity_claim);
        return true;
    }
    return csn_refuse(j, CSN_REASON_IDENTITY_MISSING);
}

static bool
identity_is_expected(struct csn_judgement *j)
{
    struct csn_bytes expected = j->presented->expected_identity;
    if (expected.ptr != NULL && !csn_bytes_equal(expected, j->identity))
        return csn_refuse(j, CSN_REASON_IDENTITY_MISMATCH);
    return true;
}

static bool
nonce_fits(struct csn_judgement *j)
{
    const struct csn_claim *claim = &j->claims.nonce;
    struct csn_bytes nonce = {0};
    if (claim->kind == CSN_JSON_STRING)
        nonce = csn_text_value(&claim->text, &j->scratch);
    bool sound = text_is_sound(nonce, CSN_CLAIM_TEXT_MAX);
    if (sound)
        j->verdict->nonce = nonce;
    if (j->policy->nonce == CSN_NONCE_RULE_NONE)
        return true;
    if (claim->kind == CSN_JSON_INVALID)
        return csn_refuse(j, CSN_REASON_NONCE_MISSING);
    if (!sound)
        return csn_refuse_claim(j, CSN_REASON_CLAIM_INVALID, word("nonce"));
    bool known = j->presented->nonce_check == CSN_NONCE_DEFER ||
                 (j->presented->nonce_check == CSN_NONCE_EQUAL &&
                  csn_bytes_equal(nonce, j->presented->expected_nonce));
    if (!known)
        return csn_refuse(j, CSN_REASON_NONCE_UNKNOWN);
    return true;
}

bool
csn_judge_claims(struct csn_judgement *j)
{
    return payload_is_json(j) && required_are_present(j) && times_are_readable(j) &&
           clock_agrees(j) && is_issued_recently(j) && lifetime_fits(j) && issuer_fits(j) &&
           audience_fits(j) && equals_hold(j) && identity_is_sound(j) && identity_is_expected(j) &&
           nonce_fits(j);
}
