/* Diagnosis: the judge's verdict, then the steps of work.h in the order of judgement.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/diagnose/work.h"
#include "core/numeric_date.h"
#include "core/times.h"

/* What the server takes a token's life for, where neither token nor policy says. */
#define LIFETIME_ASSUMED_S 3600

/* The ring that the judge sees: own keys only. Returns: the arena had room. */
static bool
own_ring(struct csn_work *w)
{
    size_t size = (w->request->key_count + 1) * sizeof(struct csn_key);
    struct csn_key *keys = (struct csn_key *)(void *)csn_work_room(w, size);
    size_t count = 0;
    if (keys == NULL)
        return false;
    for (size_t i = 0; i < w->request->key_count && count < CSN_KEYS_PER_APP_MAX; i++) {
        const struct csn_diagnosis_key *k = &w->request->keys[i];
        if (k->origin == CSN_ORIGIN_OWN && k->key.verifier != NULL)
            keys[count++] = k->key;
    }
    w->ring = (struct csn_keyring){keys, count};
    return true;
}

/* What the challenges known say of a nonce: nothing is consumed by asking. One that is expected may
 * be known to the asker alone. */
static enum csn_reason
judge_challenge(const struct csn_work *w, struct csn_bytes nonce)
{
    const struct csn_diagnosis_nonce *challenge = csn_challenge_of(w, nonce);
    if (challenge == NULL && w->request->expected_nonce.len > 0)
        return CSN_REASON_ACCEPTED;
    if (challenge == NULL || challenge->other_device)
        return CSN_REASON_NONCE_UNKNOWN;
    if (challenge->used)
        return CSN_REASON_NONCE_USED;
    return challenge->expired ? CSN_REASON_NONCE_EXPIRED : CSN_REASON_ACCEPTED;
}

static void
judge(struct csn_work *w)
{
    const struct csn_diagnosis_request *r = w->request;
    bool expected = r->expected_nonce.len > 0;
    struct csn_presentation presented = {
        .token = r->input,
        .expected_nonce = r->expected_nonce,
        .nonce_check = expected ? CSN_NONCE_EQUAL : CSN_NONCE_DEFER,
    };
    if (r->expected_identity.len > 0)
        presented.expected_identity = r->expected_identity;
    struct csn_verdict *v = &w->out->verdict;
    csn_judge(r->policy, &w->ring, &presented, w->workspace, v, w->now_ms);
    if (v->reason == CSN_REASON_ACCEPTED && r->revoked)
        v->reason = CSN_REASON_REVOKED;
    if (v->reason == CSN_REASON_ACCEPTED && r->policy->nonce == CSN_NONCE_RULE_REQUIRED)
        v->reason = judge_challenge(w, v->nonce);
    v->claim = v->identity = v->identity_claim = v->nonce = (struct csn_bytes){0};
    v->key = NULL;
}

static void
run_steps(struct csn_work *w)
{
    if (!csn_diagnose_text(w) || !csn_diagnose_parts(w) || !csn_diagnose_header(w))
        return;
    csn_diagnose_signature(w);
    csn_diagnose_claims(w);
    csn_diagnose_nonce(w);
}

/* Whatever was found in passing, a token that the judge accepts has nothing wrong with it but what
 * the judge cannot know: that it is not alone, or that its values are those of sample code. */
static void
keep_advice(struct csn_work *w)
{
    struct csn_diagnosis *out = w->out;
    size_t kept = 0;
    for (size_t i = 0; i < out->count; i++) {
        enum csn_finding_code code = out->findings[i].code;
        if (code == CSN_FINDING_TWO_TOKENS || code == CSN_FINDING_PLACEHOLDER)
            out->findings[kept++] = out->findings[i];
    }
    out->count = kept;
}

static void
settle_accepted(struct csn_work *w)
{
    keep_advice(w);
    if (!csn_found(w, CSN_FINDING_TWO_TOKENS))
        csn_find_text(w, CSN_FINDING_ACCEPTED, CSN_CONFIDENCE_CERTAIN,
                      "The token is genuine and meets the policy.",
                      "If it was refused earlier, that was before now: compare clocks and the "
                      "time of the failure.",
                      "Nothing to fix.");
}

/* A customer's revocation takes every token issued before it. One that does not say when it was is
 * taken as early as it can be, so that the next one, minted the same way, is refused as well. */
static void
say_revoked_undated(struct csn_work *w)
{
    int64_t max_s = w->request->policy->lifetime_max_s;
    struct csn_said why;
    csn_said_start(&why);
    if (csn_json_get(w->payload, "exp") == NULL) {
        csn_said_text(&why, "Without iat and exp it counts as issued before any revocation. ");
    } else {
        csn_said_text(&why,
                      "Without iat it counts as issued at the earliest that its exp allows: ");
        csn_said_duration(&why, max_s > 0 ? max_s : LIFETIME_ASSUMED_S);
        csn_said_text(&why, max_s > 0 ? " (the policy's lifetime_max_s)" : "");
        csn_said_text(&why, " before exp. ");
    }
    csn_said_text(&why, "A token of the next login counts so too, and is refused as well.");
    csn_find(w, CSN_FINDING_REVOKED, CSN_CONFIDENCE_CERTAIN,
             csn_bytes_text("The token is genuine and has no iat; everything that its customer had "
                            "was revoked."),
             csn_said_view(&why),
             csn_bytes_text("Add the time of issue: {iat: Math.floor(Date.now() / 1000)}\n"
                            "Then mint a new token."));
}

/* A revoked token is one that the judge accepts: nothing else is wrong with it. */
static void
settle_revoked(struct csn_work *w)
{
    w->out->count = 0;
    if (w->request->revoked_customer && csn_json_get(w->payload, "iat") == NULL) {
        say_revoked_undated(w);
        return;
    }
    csn_find_text(w, CSN_FINDING_REVOKED, CSN_CONFIDENCE_CERTAIN,
                  "The token is genuine, and was revoked.",
                  "Its user logged out and the policy has that revoke the token, or everything the "
                  "customer had was revoked after it was issued.",
                  "Mint a new token when the user logs in again; keep none across a logout.");
}

enum csn_status
csn_diagnose(const struct csn_diagnosis_request *request, struct csn_workspace *workspace,
             struct csn_arena *arena, struct csn_diagnosis *diagnosis, int64_t now_ms)
{
    *diagnosis = (struct csn_diagnosis){0};
    if (request->input.len > (size_t)4 * CSN_TOKEN_MAX ||
        request->key_count > CSN_DIAGNOSIS_KEYS_MAX)
        return CSN_TOO_LARGE;
    struct csn_work work = {
        .request = request,
        .workspace = workspace,
        .arena = arena,
        .out = diagnosis,
        .now_ms = now_ms,
        .now_us = csn_times_now(now_ms),
        .leeway_us = request->policy->leeway_s * CSN_US_PER_S,
    };
    if (!own_ring(&work))
        return CSN_NO_SPACE;
    judge(&work);
    run_steps(&work);
    if (work.starved) {
        *diagnosis = (struct csn_diagnosis){0};
        return CSN_NO_SPACE;
    }
    if (diagnosis->verdict.reason == CSN_REASON_ACCEPTED)
        settle_accepted(&work);
    if (diagnosis->verdict.reason == CSN_REASON_REVOKED)
        settle_revoked(&work);
    return CSN_OK;
}
