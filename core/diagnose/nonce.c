/* The nonce: of which challenge is it, and was it changed on its way?
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/claim_name.h"
#include "core/diagnose/work.h"

/* What survives careless hands: percent escapes undone, one alphabet, no padding, no white space or
 * quotation marks, no capitals. */
static struct csn_bytes
worn(struct csn_bytes text, uint8_t out[CSN_CLAIM_TEXT_MAX])
{
    size_t len = 0;
    for (size_t i = 0; i < text.len && len < CSN_CLAIM_TEXT_MAX; i++) {
        uint8_t c = text.ptr[i];
        unsigned high = c == '%' && i + 2 < text.len ? csn_hex_value(text.ptr[i + 1]) : 16;
        unsigned low = high < 16 ? csn_hex_value(text.ptr[i + 2]) : 16;
        if (low < 16) {
            c = (uint8_t)(high << 4 | low);
            i += 2;
        }
        if (c <= ' ' || c == '=' || c == '"' || c == '\'')
            continue;
        if (c >= 'A' && c <= 'Z')
            c = (uint8_t)(c - 'A' + 'a');
        out[len++] = c == '+' ? '-' : c == '/' ? '_' : c;
    }
    return csn_bytes_of(out, len);
}

/* Returns: one of them decodes, in one of the usual ways, to the other, or both wear down to the
 * same. */
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
        if (csn_secret_decode(nonce, WAYS[i], &decoded) == CSN_OK &&
            csn_bytes_equal(csn_secret_view(&decoded), value))
            return true;
    }
    uint8_t one[CSN_CLAIM_TEXT_MAX], other[CSN_CLAIM_TEXT_MAX];
    struct csn_bytes bare = worn(value, one);
    return bare.len > 0 && csn_bytes_equal(bare, worn(nonce, other));
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

const struct csn_diagnosis_nonce *
csn_challenge_of(const struct csn_work *w, struct csn_bytes nonce)
{
    const struct csn_diagnosis_nonce *found = NULL;
    for (size_t i = 0; i < w->request->nonce_count; i++) {
        const struct csn_diagnosis_nonce *n = &w->request->nonces[i];
        if (csn_bytes_equal(n->nonce, nonce) && (found == NULL || found->other_device))
            found = n;
    }
    return found;
}

/* A challenge known here, which is not the one expected. */
static void
say_challenge(struct csn_work *w, const struct csn_diagnosis_nonce *challenge)
{
    if (challenge->other_device) {
        csn_find_text(w, CSN_FINDING_NONCE_OTHER_DEVICE, CSN_CONFIDENCE_CERTAIN,
                      "The nonce is of a challenge that another device was given.",
                      "A challenge is bound to the device that asked for it.",
                      "Sign the nonce that this very call of the challenge handler received.");
        return;
    }
    struct csn_bytes expected = w->request->expected_nonce;
    bool another_is_due = expected.len > 0 && !csn_bytes_equal(challenge->nonce, expected);
    if (challenge->used || challenge->expired || another_is_due)
        csn_find_text(w, CSN_FINDING_NONCE_EARLIER, CSN_CONFIDENCE_CERTAIN,
                      challenge->used      ? "The nonce was used before."
                      : challenge->expired ? "The challenge has expired."
                                           : "The nonce is of an earlier challenge.",
                      "Each challenge is good for one token, for a short time.",
                      "Mint a new token in each call of the challenge handler; keep none: "
                      "{nonce: options.nonce}");
}

static void
say_unknown(struct csn_work *w)
{
    bool blind = w->request->nonce_count == 0 && w->request->expected_nonce.len == 0;
    csn_find_text(w, CSN_FINDING_NONCE_UNKNOWN,
                  blind ? CSN_CONFIDENCE_POSSIBLE : CSN_CONFIDENCE_LIKELY,
                  blind ? "No challenge known here has exactly this nonce."
                        : "The nonce is of no challenge known here.",
                  blind ? "It was made up, shortened, changed in case or otherwise, belongs to "
                          "another app, or is long forgotten. Challenges are found by their exact "
                          "nonce alone."
                        : "It was made up, shortened, belongs to another app, or is long "
                          "forgotten.",
                  blind ? "Take it from the challenge: {nonce: options.nonce}\n"
                          "Diagnose again with the nonce of the challenge beside the token: then "
                          "it is said how the two differ."
                        : "Take it from the challenge: {nonce: options.nonce}");
}

static void
check_value(struct csn_work *w, struct csn_bytes value)
{
    const struct csn_diagnosis_nonce *challenge = csn_challenge_of(w, value);
    if (challenge == NULL && csn_bytes_equal(value, w->request->expected_nonce))
        return;
    if (challenge != NULL)
        say_challenge(w, challenge);
    else if (is_any_encoded(w, value))
        csn_find_text(w, CSN_FINDING_NONCE_ENCODED, CSN_CONFIDENCE_CERTAIN,
                      "The nonce is the right one, encoded or decoded once more, or in another "
                      "case.",
                      "It is compared exactly.",
                      "Copy it into the claim as it is: {nonce: options.nonce}");
    else
        say_unknown(w);
}

void
csn_diagnose_nonce(struct csn_work *w)
{
    struct csn_bytes name = csn_bytes_text("nonce");
    if (w->request->policy->nonce != CSN_NONCE_RULE_REQUIRED)
        return;
    const struct csn_json_node *claim = csn_claim_named(w, name);
    if (claim == NULL) {
        csn_say_missing(w, name);
        return;
    }
    if (!csn_claim_is_text(w, name, claim))
        return;
    if (claim->text.len <= CSN_CLAIM_TEXT_MAX && !csn_text_has_control(claim->text)) {
        check_value(w, claim->text);
        return;
    }
    struct csn_said seen;
    csn_said_start(&seen);
    csn_said_text(&seen, "The claim \"nonce\" is ");
    csn_said_value(&seen, claim->text);
    csn_said_text(&seen, ".");
    csn_find(w, CSN_FINDING_CLAIM_INVALID, CSN_CONFIDENCE_CERTAIN, csn_said_view(&seen),
             csn_bytes_text("A nonce has at most 255 bytes and no control characters."),
             csn_bytes_text("Copy it into the claim as it is: {nonce: options.nonce}"));
}
