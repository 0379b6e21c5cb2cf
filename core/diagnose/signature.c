/* The signature: under which key, and by which mistake, does it hold after all?
 *
 * A hypothesis is proved by a signature check, so what is found here is certain. Only when every
 * one fails does it say, with less confidence, that no key of the app was used.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/crypto.h"
#include "core/diagnose/work.h"
#include "core/key_choice.h"

static bool
is_expired(const struct csn_work *w, const struct csn_key *key)
{
    return key->expires_ms != 0 && w->now_ms >= key->expires_ms;
}

bool
csn_key_is_in_use(const struct csn_work *w, const struct csn_diagnosis_key *k)
{
    return k->origin == CSN_ORIGIN_OWN && !is_expired(w, &k->key) &&
           (k->key.state == CSN_KEY_ACTIVE || k->key.state == CSN_KEY_RETIRING);
}

/* Returns: the signature holds under this key as it stands. */
static bool
holds(struct csn_work *w, const struct csn_diagnosis_key *k)
{
    if (k->key.verifier == NULL || csn_verifier_algorithm(k->key.verifier) != w->algorithm)
        return false;
    for (size_t i = 0; i < w->signed_count; i++) {
        if (csn_work_spend(w) &&
            csn_verifier_check(k->key.verifier, w->signed_texts[i], w->signature))
            return true;
    }
    return false;
}

/* Whether the judge tries this key for this header, asked of its own rule. */
static bool
is_tried(const struct csn_work *w, const struct csn_diagnosis_key *k)
{
    struct csn_header header = {.algorithm = w->algorithm};
    struct csn_candidates candidates;
    header.has_kid = csn_json_get_text(w->header, "kid", &header.kid);
    if (csn_key_choose(&w->ring, &header, w->request->policy->kid_required, w->now_ms,
                       &candidates) != CSN_REASON_ACCEPTED)
        return false;
    for (size_t i = 0; i < candidates.count; i++) {
        if (candidates.key[i]->verifier == k->key.verifier)
            return true;
    }
    return false;
}

/* Returns: how near a key is to being used: the judge tries it; it is in use; it is known. */
enum nearness { TRIED, IN_USE, KNOWN };
static enum nearness
nearness_of(const struct csn_work *w, const struct csn_diagnosis_key *k)
{
    if (!csn_key_is_in_use(w, k))
        return KNOWN;
    return is_tried(w, k) ? TRIED : IN_USE;
}

/* Returns: the key that made the signature as it stands, the nearest first; NULL for none. */
static const struct csn_diagnosis_key *
holder(struct csn_work *w)
{
    for (enum nearness n = TRIED; n <= KNOWN; n++) {
        for (size_t i = 0; i < w->request->key_count; i++) {
            const struct csn_diagnosis_key *k = &w->request->keys[i];
            if (nearness_of(w, k) == n && holds(w, k))
                return k;
        }
    }
    return NULL;
}

/* --- why a signature that holds is refused all the same --- */

static void
say_key(struct csn_work *w, const struct csn_diagnosis_key *k, enum csn_finding_code code,
        const char *seen, const char *after, const char *why, const char *fix)
{
    struct csn_said said;
    csn_said_start(&said);
    csn_said_text(&said, seen);
    csn_said_value(&said, k->label);
    csn_said_text(&said, after);
    csn_find(w, code, CSN_CONFIDENCE_CERTAIN, csn_said_view(&said), csn_bytes_text(why),
             csn_bytes_text(fix));
}

static void
explain_key_id(struct csn_work *w, const struct csn_diagnosis_key *k)
{
    if (is_tried(w, k))
        return;
    if (csn_json_get(w->header, "kid") != NULL)
        say_key(w, k, CSN_FINDING_KEY_ID_WRONG, "The signature holds under the key ", ".",
                "The header's kid names another key, or none of this app, so that one was not "
                "tried (RFC 7515 §4.1.4).",
                "Send the kid of the key that signs: jwt.sign(claims, key, {keyid: 'its id'})");
    else
        say_key(w, k, CSN_FINDING_KEY_ID_WRONG, "The signature holds under the key ",
                ", but there is no kid in the header.",
                "Without kid a key is found only where the policy asks for none, and only among "
                "the first eight.",
                "Send the kid of the key that signs: jwt.sign(claims, key, {keyid: 'its id'})");
}

void
csn_explain_holder(struct csn_work *w, const struct csn_diagnosis_key *k)
{
    if (k->origin == CSN_ORIGIN_OTHER_APP)
        say_key(w, k, CSN_FINDING_KEY_OF_OTHER_APP, "The signature holds under the key of the app ",
                ".", "Each app has keys of its own; another app's are not accepted here.",
                "Give your backend the signing key of this app, or log in to the other one: check "
                "which environment's settings it runs with.");
    else if (k->origin == CSN_ORIGIN_API_CREDENTIAL)
        say_key(w, k, CSN_FINDING_SECRET_IS_API_CREDENTIAL, "The signature holds under ", ".",
                "An API key manages apps; it never signs tokens. Treat it as leaked if it was "
                "given away to sign with.",
                "Sign with the app's signing key: countersign key list APP");
    else if (k->key.state == CSN_KEY_RETIRED || is_expired(w, &k->key))
        say_key(w, k, CSN_FINDING_KEY_RETIRED,
                "The signature holds under the retired or expired key ", ".",
                "It was taken out of use, so its tokens are refused.",
                "Deploy the active key to the backend that still uses the old one, or set it back "
                "for the time being: countersign key state APP KEY retiring");
    else if (!csn_key_is_in_use(w, k))
        say_key(w, k, CSN_FINDING_KEY_STANDBY, "The signature holds under the standby key ", ".",
                "A standby key is known but not in use yet.",
                "Put it in use: countersign key state APP KEY active");
    else
        explain_key_id(w, k);
}

/* --- forms of a signature --- */

/* Returns: the signature, or its part of the token, is hexadecimal text of one that holds. */
static bool
try_hex(struct csn_work *w)
{
    size_t dot = w->token.len;
    while (w->token.ptr[dot - 1] != '.')
        dot--;
    struct csn_bytes kept = w->signature;
    const struct csn_bytes texts[] = {kept, csn_bytes_slice(w->token, dot, w->token.len)};
    struct csn_secret raw;
    for (size_t i = 0; i < 2; i++) {
        if (texts[i].len < 64 || csn_secret_decode(texts[i], CSN_ENCODING_HEX, &raw) != CSN_OK)
            continue;
        w->signature = csn_secret_view(&raw);
        const struct csn_diagnosis_key *k = holder(w);
        w->signature = kept;
        if (k == NULL)
            continue;
        csn_find_text(w, CSN_FINDING_SIGNATURE_HEX, CSN_CONFIDENCE_CERTAIN,
                      "The signature is the right one, written as hexadecimal text.",
                      "The third part is base64url of the signature's bytes (RFC 7515 §3.1).",
                      "Encode the bytes: crypto.createHmac('sha256', "
                      "secret).update(input).digest('base64url')");
        csn_explain_holder(w, k);
        return true;
    }
    return false;
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
    bool other_hash = csn_algorithm_family(w->algorithm) == CSN_FAMILY_HMAC &&
                      csn_mac_algorithm(w) != CSN_ALGORITHM_UNSET;
    return w->signature.len < expected_length(w) && !other_hash;
}

static void
say_stray(struct csn_work *w, enum csn_confidence confidence)
{
    csn_find_text(w, CSN_FINDING_PAYLOAD_CHANGED, confidence,
                  "The last character of the signature carries bits that no encoder writes.",
                  "One value has one text (RFC 4648 §3.5); another text of it is refused.",
                  "Pass the token on untouched.");
}

/* --- when nothing explains it --- */

static bool
has_key_for(const struct csn_work *w)
{
    for (size_t i = 0; i < w->request->key_count; i++) {
        const struct csn_diagnosis_key *k = &w->request->keys[i];
        if (csn_key_is_in_use(w, k) && k->key.algorithm == w->algorithm)
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
    bool gave_up = w->out->checks == CSN_DIAGNOSIS_CHECKS_MAX;
    if (csn_algorithm_family(w->algorithm) == CSN_FAMILY_HMAC)
        csn_find_text(
            w, CSN_FINDING_KEY_UNKNOWN, gave_up ? CSN_CONFIDENCE_POSSIBLE : CSN_CONFIDENCE_LIKELY,
            gave_up ? "The signature holds under no key that was tried; there are too many to "
                      "try every disguise of each."
                    : "The signature holds under no key known here, in no usual disguise of "
                      "it.",
            "Another secret signed, or the token was changed afterwards.",
            "Compare the fingerprint of the secret your backend really uses: countersign "
            "key fingerprint --secret-env SECRET");
    else
        csn_find_text(w, CSN_FINDING_PUBLIC_KEY_MISMATCH, CSN_CONFIDENCE_LIKELY,
                      "The signature holds under no public key known here.",
                      "The private key that signed belongs to another public key than the one "
                      "configured: another environment's pair, or one made anew.",
                      "Compare them: openssl pkey -in private.pem -pubout | countersign key "
                      "fingerprint /dev/stdin\nand import that public key.");
    csn_find_text(w, CSN_FINDING_PAYLOAD_CHANGED, CSN_CONFIDENCE_POSSIBLE,
                  "Header or payload may have been edited or encoded anew after signing.",
                  "The signature covers every character of them.", "Pass the token on untouched.");
}

static bool
is_explained(struct csn_work *w)
{
    if (try_hex(w))
        return true;
    if (csn_algorithm_family(w->algorithm) == CSN_FAMILY_HMAC)
        return csn_diagnose_secret(w) || csn_diagnose_disguises(w);
    return csn_diagnose_key_pair(w);
}

void
csn_diagnose_signature(struct csn_work *w)
{
    const struct csn_diagnosis_key *k = holder(w);
    if (k != NULL) {
        if (w->signature_stray)
            say_stray(w, CSN_CONFIDENCE_CERTAIN);
        csn_explain_holder(w, k);
        return;
    }
    if (is_explained(w))
        return;
    bool allowed = (w->request->policy->algorithms & 1u << w->algorithm) != 0;
    if (is_cut(w)) {
        csn_find_text(w, CSN_FINDING_TRUNCATED, CSN_CONFIDENCE_LIKELY,
                      "The signature is shorter than this algorithm's.",
                      "The end of the token is missing. Short database columns, URL limits and log "
                      "lines cut tokens.",
                      "Store and pass the whole token: allow 16,384 characters.");
        return;
    }
    if (w->signature_stray)
        say_stray(w, CSN_CONFIDENCE_LIKELY);
    if (allowed)
        say_unknown(w);
}
