/* The signature: under which key, and by which mistake, does it hold after all?
 *
 * A hypothesis is proved by a signature check, so what is found here is certain. Only when every
 * one fails does it say, with less confidence, that no key of the app was used.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/crypto.h"
#include "core/diagnose/work.h"

static bool
is_expired(const struct csn_work *w, const struct csn_key *key)
{
    return key->expires_ms != 0 && w->now_ms >= key->expires_ms;
}

static bool
is_in_use(const struct csn_work *w, const struct csn_diagnosis_key *k)
{
    return k->origin == CSN_ORIGIN_OWN && !is_expired(w, &k->key) &&
           (k->key.state == CSN_KEY_ACTIVE || k->key.state == CSN_KEY_RETIRING);
}

/* Returns: the signature holds under this key as it stands, over the token or over what was perhaps
 * signed before its alphabet was mended. */
static bool
holds(struct csn_work *w, const struct csn_diagnosis_key *k)
{
    if (k->key.verifier == NULL || csn_verifier_algorithm(k->key.verifier) != w->algorithm ||
        !csn_work_spend(w))
        return false;
    if (csn_verifier_check(k->key.verifier, w->signing_input, w->signature))
        return true;
    size_t end = w->as_signed.len;
    while (end > 0 && w->as_signed.ptr[end - 1] != '.')
        end--;
    return end > 1 && csn_work_spend(w) &&
           csn_verifier_check(k->key.verifier, csn_bytes_slice(w->as_signed, 0, end - 1),
                              w->signature);
}

static void
say_key(struct csn_work *w, const struct csn_diagnosis_key *k, enum csn_finding_code code,
        const char *seen, const char *why, const char *fix)
{
    struct csn_said said;
    csn_said_start(&said);
    csn_said_text(&said, seen);
    csn_said_value(&said, k->label);
    csn_said_text(&said, ".");
    csn_find(w, code, CSN_CONFIDENCE_CERTAIN, csn_said_view(&said), csn_bytes_text(why),
             csn_bytes_text(fix));
}

static void
explain_holding_key(struct csn_work *w, const struct csn_diagnosis_key *k)
{
    if (k->origin == CSN_ORIGIN_OTHER_APP)
        say_key(w, k, CSN_FINDING_KEY_OF_OTHER_APP, "The signature holds under the key of the app ",
                "Each app has keys of its own; another app's are not accepted here.",
                "Give your backend the signing key of this app, or log in to the other one: check "
                "which environment's settings it runs with.");
    else if (k->origin == CSN_ORIGIN_API_CREDENTIAL)
        say_key(w, k, CSN_FINDING_SECRET_IS_API_CREDENTIAL, "The signature holds under ",
                "An API key manages apps; it never signs tokens. Treat it as leaked if it was "
                "given to other people to sign with.",
                "Sign with the app's signing key: countersign key list APP");
    else if (k->key.state == CSN_KEY_RETIRED || is_expired(w, &k->key))
        say_key(w, k, CSN_FINDING_KEY_RETIRED,
                "The signature holds under the retired or expired key ",
                "It was taken out of use, so its tokens are refused.",
                "Deploy the active key to the backend that still uses the old one, or set it back "
                "for the time being: countersign key state APP KEY retiring");
    else if (k->key.state == CSN_KEY_STANDBY)
        say_key(w, k, CSN_FINDING_KEY_STANDBY, "The signature holds under the standby key ",
                "A standby key is known but not in use yet.",
                "Put it in use: countersign key state APP KEY active");
    else
        say_key(w, k, CSN_FINDING_KEY_ID_WRONG, "The signature holds under the key ",
                "The header's kid names another key, or none of this app, so that one was not "
                "tried (RFC 7515 §4.1.4).",
                "Send the kid of the key that signs, or none: jwt.sign(claims, key, {keyid: '…'})");
}

static bool
has_key_for(const struct csn_work *w)
{
    for (size_t i = 0; i < w->request->key_count; i++) {
        const struct csn_diagnosis_key *k = &w->request->keys[i];
        if (is_in_use(w, k) && k->key.algorithm == w->algorithm)
            return true;
    }
    return false;
}

/* Own keys in use first: where one holds, the signature is in order (or its kid is wrong). */
static bool
try_keys_as_they_are(struct csn_work *w)
{
    enum csn_reason reason = w->out->verdict.reason;
    bool key_was_chosen = reason != CSN_REASON_KEY_UNKNOWN && reason != CSN_REASON_KEY_RETIRED &&
                          reason != CSN_REASON_ALGORITHM_MISMATCH &&
                          reason != CSN_REASON_SIGNATURE_INVALID;
    for (size_t i = 0; i < w->request->key_count; i++) {
        const struct csn_diagnosis_key *k = &w->request->keys[i];
        if (!holds(w, k))
            continue;
        w->signature_held = is_in_use(w, k);
        bool mangled = w->out->count > 0;
        if (!w->signature_held || (!key_was_chosen && !mangled))
            explain_holding_key(w, k);
        return true;
    }
    return false;
}

/* Returns: the signature part is hexadecimal text of a signature. */
static bool
try_hex(struct csn_work *w)
{
    struct csn_bytes text = w->signature;
    struct csn_secret raw;
    /* Either the part decodes to hex digits, or it is the hex digits themselves. */
    size_t dot = w->token.len;
    while (dot > 0 && w->token.ptr[dot - 1] != '.')
        dot--;
    struct csn_bytes part = csn_bytes_slice(w->token, dot, w->token.len);
    for (int as_part = 0; as_part < 2; as_part++) {
        struct csn_bytes hex = as_part == 0 ? text : part;
        if (hex.len < 64 || hex.len % 2 != 0 ||
            csn_secret_decode(hex, CSN_ENCODING_HEX, &raw) != CSN_OK)
            continue;
        struct csn_bytes kept = w->signature;
        w->signature = csn_secret_view(&raw);
        bool held = try_keys_as_they_are(w);
        w->signature = kept;
        if (!held)
            continue;
        csn_find_text(w, CSN_FINDING_SIGNATURE_HEX, CSN_CONFIDENCE_CERTAIN,
                      "The signature is the right one, written as hexadecimal text.",
                      "The third part is base64url of the signature's bytes (RFC 7515 §3.1).",
                      "Encode the bytes: crypto.createHmac('sha256', "
                      "secret).update(input).digest('base64url')");
        return true;
    }
    return false;
}

static void
say_unknown(struct csn_work *w)
{
    if (!has_key_for(w)) {
        csn_find_text(w, CSN_FINDING_NO_KEY, CSN_CONFIDENCE_CERTAIN,
                      "This app has no key in use for the token's algorithm.",
                      "Nothing can verify the signature.",
                      "Add the key: countersign key import APP --secret-file FILE --alg HS256");
        return;
    }
    if (csn_algorithm_family(w->algorithm) != CSN_FAMILY_HMAC) {
        csn_find_text(w, CSN_FINDING_PUBLIC_KEY_MISMATCH, CSN_CONFIDENCE_LIKELY,
                      "The signature holds under no public key known here.",
                      "The private key that signed belongs to another public key than the one "
                      "configured: another environment's pair, or one made anew.",
                      "Compare them: openssl pkey -in private.pem -pubout | countersign key "
                      "fingerprint /dev/stdin\nand import that public key.");
        return;
    }
    csn_find_text(w, CSN_FINDING_KEY_UNKNOWN, CSN_CONFIDENCE_LIKELY,
                  "The signature holds under no key known here, in no usual disguise of it.",
                  "Another secret signed, or the token was changed afterwards.",
                  "Compare the fingerprint of the secret your backend really uses: countersign key "
                  "fingerprint --secret-env SECRET");
    csn_find_text(w, CSN_FINDING_PAYLOAD_CHANGED, CSN_CONFIDENCE_POSSIBLE,
                  "Header or payload may have been edited or encoded anew after signing.",
                  "The signature covers every character of them.", "Pass the token on untouched.");
}

static size_t
expected_length(const struct csn_work *w)
{
    size_t length = csn_algorithm_signature_length(w->algorithm);
    for (size_t i = 0; i < w->request->key_count && length == 0; i++) {
        const struct csn_diagnosis_key *k = &w->request->keys[i];
        if (k->key.verifier != NULL && k->key.algorithm == w->algorithm)
            length = csn_verifier_signature_length(k->key.verifier);
    }
    return length;
}

/* A MAC of another hash's length is no cut token. */
static bool
is_cut(const struct csn_work *w)
{
    size_t got = w->signature.len;
    bool other_hash = csn_algorithm_family(w->algorithm) == CSN_FAMILY_HMAC &&
                      (got == 32 || got == 48 || got == 64);
    return got < expected_length(w) && !other_hash;
}

void
csn_diagnose_signature(struct csn_work *w)
{
    if (try_keys_as_they_are(w) || try_hex(w))
        return;
    size_t before = w->out->count;
    if (csn_algorithm_family(w->algorithm) == CSN_FAMILY_HMAC)
        csn_diagnose_secret(w);
    else
        csn_diagnose_key_pair(w);
    if (w->out->count > before)
        return;
    bool allowed = (w->request->policy->algorithms & 1u << w->algorithm) != 0;
    if (is_cut(w))
        csn_find_text(w, CSN_FINDING_TRUNCATED, CSN_CONFIDENCE_LIKELY,
                      "The signature is shorter than this algorithm's.",
                      "The end of the token is missing. Short database columns, URL limits and log "
                      "lines cut tokens.",
                      "Store and pass the whole token: allow 16,384 characters.");
    else if (allowed)
        say_unknown(w);
}
