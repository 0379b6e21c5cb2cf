/* The nonce: of which challenge is it, and was it changed on its way?
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/diagnose/work.h"

/* Returns: `value` decodes, in one of the usual ways, to `nonce`, or `nonce` decodes to it. */
static bool
is_encoded(struct csn_bytes value, struct csn_bytes nonce)
{
    static const enum csn_encoding WAYS[] = {CSN_ENCODING_BASE64, CSN_ENCODING_BASE64URL,
                                             CSN_ENCODING_HEX};
    struct csn_secret decoded;
    for (size_t i = 0; i < sizeof WAYS / sizeof WAYS[0]; i++) {
        if (csn_secret_decode(value, WAYS[i], &decoded) == CSN_OK &&
            csn_bytes_equal(csn_secret_view(&decoded), nonce))
            return true;
        if (csn_secret_decode(nonce, WAYS[i], &decoded) == CSN_OK && decoded.len > 0 &&
            csn_bytes_equal(csn_secret_view(&decoded), value))
            return true;
    }
    return csn_bytes_equal_nocase(value, nonce);
}

static bool
is_any_encoded(const struct csn_work *w, struct csn_bytes value)
{
    if (w->request->expected_nonce.len > 0 && is_encoded(value, w->request->expected_nonce))
        return true;
    for (size_t i = 0; i < w->request->nonce_count; i++) {
        if (is_encoded(value, w->request->nonces[i].nonce))
            return true;
    }
    return false;
}

static const struct csn_diagnosis_nonce *
challenge_of(const struct csn_work *w, struct csn_bytes value)
{
    for (size_t i = 0; i < w->request->nonce_count; i++) {
        if (csn_bytes_equal(w->request->nonces[i].nonce, value))
            return &w->request->nonces[i];
    }
    return NULL;
}

static void
say_challenge(struct csn_work *w, const struct csn_diagnosis_nonce *challenge)
{
    bool current = csn_bytes_equal(challenge->nonce, w->request->expected_nonce);
    if (challenge->other_device)
        csn_find_text(w, CSN_FINDING_NONCE_OTHER_DEVICE, CSN_CONFIDENCE_CERTAIN,
                      "The nonce is of a challenge that another device was given.",
                      "A challenge is bound to the device that asked for it.",
                      "Sign the nonce that this very call of the challenge handler received.");
    else if (challenge->used || challenge->expired || !current)
        csn_find_text(w, CSN_FINDING_NONCE_EARLIER, CSN_CONFIDENCE_CERTAIN,
                      challenge->used      ? "The nonce was used before."
                      : challenge->expired ? "The challenge has expired."
                                           : "The nonce is of an earlier challenge.",
                      "Each challenge is good for one token, for a short time.",
                      "Mint a new token in each call of the challenge handler; keep none: "
                      "{nonce: options.nonce}");
}

void
csn_diagnose_nonce(struct csn_work *w)
{
    if (w->request->policy->nonce != CSN_NONCE_RULE_REQUIRED)
        return;
    struct csn_bytes value;
    /* A missing one is the claims' business: `nonce` is among the required claims. */
    if (!csn_json_get_text(w->payload, "nonce", &value))
        return;
    const struct csn_diagnosis_nonce *challenge = challenge_of(w, value);
    if (challenge != NULL) {
        say_challenge(w, challenge);
        return;
    }
    if (csn_bytes_equal(value, w->request->expected_nonce))
        return;
    if (is_any_encoded(w, value))
        csn_find_text(w, CSN_FINDING_NONCE_ENCODED, CSN_CONFIDENCE_CERTAIN,
                      "The nonce is the right one, encoded or decoded once more, or in another "
                      "case.",
                      "It is compared exactly.",
                      "Copy it into the claim as it is: {nonce: options.nonce}");
    else
        csn_find_text(w, CSN_FINDING_NONCE_UNKNOWN, CSN_CONFIDENCE_LIKELY,
                      "The nonce is of no challenge known here.",
                      "It was made up, shortened, belongs to another app, or is long forgotten.",
                      "Take it from the challenge: {nonce: options.nonce}");
}
