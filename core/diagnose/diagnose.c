/* Diagnosis: the judge's verdict, then the steps of work.h in the order of judgement.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/diagnose/work.h"

#define ARENA_MIN (128 * 1024)

/* The ring that the judge sees: own keys only. Out: *ring over the arena. */
static bool
own_ring(struct csn_work *w, struct csn_keyring *ring)
{
    struct csn_key *keys = csn_arena_alloc(w->arena, (w->request->key_count + 1) * sizeof *keys);
    size_t count = 0;
    if (keys == NULL)
        return false;
    for (size_t i = 0; i < w->request->key_count && count < CSN_KEYS_PER_APP_MAX; i++) {
        const struct csn_diagnosis_key *k = &w->request->keys[i];
        if (k->origin == CSN_ORIGIN_OWN && k->key.verifier != NULL)
            keys[count++] = k->key;
    }
    *ring = (struct csn_keyring){keys, count};
    return true;
}

static bool
is_fresh_challenge(const struct csn_work *w, struct csn_bytes nonce)
{
    for (size_t i = 0; i < w->request->nonce_count; i++) {
        const struct csn_diagnosis_nonce *n = &w->request->nonces[i];
        if (csn_bytes_equal(n->nonce, nonce))
            return !n->used && !n->expired && !n->other_device;
    }
    return false;
}

/* Where no nonce is expected but challenges are known, any fresh one of them will do: nothing is
 * consumed by asking. */
static void
judge(struct csn_work *w, const struct csn_keyring *ring)
{
    const struct csn_diagnosis_request *r = w->request;
    bool expected = r->expected_nonce.len > 0;
    struct csn_presentation presented = {
        .token = r->input,
        .expected_identity =
            r->expected_identity.len > 0 ? r->expected_identity : (struct csn_bytes){0},
        .expected_nonce = r->expected_nonce,
        .nonce_check = expected ? CSN_NONCE_EQUAL : CSN_NONCE_DEFER,
    };
    struct csn_verdict *v = &w->out->verdict;
    csn_judge(r->policy, ring, &presented, w->workspace, v, w->now_ms);
    bool asks = r->policy->nonce == CSN_NONCE_RULE_REQUIRED && !expected;
    if (v->reason == CSN_REASON_ACCEPTED && asks && !is_fresh_challenge(w, v->nonce))
        v->reason = CSN_REASON_NONCE_UNKNOWN;
    v->claim = v->identity = v->identity_claim = v->nonce = (struct csn_bytes){0};
    v->key = NULL;
}

static void
run_steps(struct csn_work *w)
{
    if (!csn_diagnose_text(w) || !csn_diagnose_header(w))
        return;
    csn_diagnose_signature(w);
    csn_diagnose_claims(w);
    csn_diagnose_nonce(w);
}

static void
say_accepted(struct csn_work *w)
{
    csn_find_text(w, CSN_FINDING_ACCEPTED, CSN_CONFIDENCE_CERTAIN,
                  "The token is genuine and meets the policy.",
                  "If it was refused earlier, that was before now: compare clocks and the time of "
                  "the failure.",
                  "Nothing to fix.");
}

/* Whatever was found in passing, a token that the judge accepts has nothing wrong with it, unless
 * another came with it. */
static void
settle(struct csn_work *w)
{
    bool two = csn_found(w, CSN_FINDING_TWO_TOKENS);
    if (w->out->verdict.reason == CSN_REASON_ACCEPTED && !two) {
        w->out->count = 0;
        say_accepted(w);
    }
    if (w->out->count > 0)
        return;
    struct csn_said seen;
    csn_said_start(&seen);
    csn_said_text(&seen, csn_reason_sentence(w->out->verdict.reason));
    csn_find(w, CSN_FINDING_CLAIM_INVALID, CSN_CONFIDENCE_POSSIBLE, csn_said_view(&seen),
             csn_bytes_text("The rule is known, the mistake behind it is not one of the usual."),
             csn_bytes_text("Compare the token with the app's policy: countersign app policy APP"));
}

enum csn_status
csn_diagnose(const struct csn_diagnosis_request *request, struct csn_workspace *workspace,
             struct csn_arena *arena, struct csn_diagnosis *diagnosis, int64_t now_ms)
{
    *diagnosis = (struct csn_diagnosis){0};
    if (request->input.len > 4 * CSN_TOKEN_MAX || request->key_count > CSN_DIAGNOSIS_KEYS_MAX)
        return CSN_TOO_LARGE;
    if (arena->cap - arena->used < ARENA_MIN)
        return CSN_NO_SPACE;
    struct csn_work work = {
        .request = request,
        .workspace = workspace,
        .arena = arena,
        .out = diagnosis,
        .now_ms = now_ms,
    };
    struct csn_keyring ring;
    if (!own_ring(&work, &ring))
        return CSN_NO_SPACE;
    judge(&work, &ring);
    run_steps(&work);
    settle(&work);
    return CSN_OK;
}
