/* Shared secrets: whose secret made the MAC, used as it should be? The secrets of the app itself
 * come first, then those of other apps, API credentials, sample code, and public keys.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/crypto.h"
#include "core/diagnose/work.h"

enum csn_algorithm
csn_mac_algorithm(const struct csn_work *w)
{
    switch (w->signature.len) {
    case 32: return CSN_HS256;
    case 48: return CSN_HS384;
    case 64: return CSN_HS512;
    default: return CSN_ALGORITHM_UNSET;
    }
}

bool
csn_mac_matches(struct csn_work *w, struct csn_bytes secret)
{
    enum csn_algorithm algorithm = csn_mac_algorithm(w);
    bool same = false;
    uint8_t mac[64];
    for (size_t i = 0; i < w->signed_count && algorithm != CSN_ALGORITHM_UNSET && !same; i++) {
        if (!csn_work_spend(w))
            return false;
        csn_hmac(algorithm, secret, w->signed_texts[i], mac);
        same = csn_equal_secret(csn_bytes_of(mac, w->signature.len), w->signature);
    }
    csn_wipe(mac, sizeof mac);
    return same;
}

static void
say_hash(struct csn_work *w, const struct csn_diagnosis_key *k)
{
    struct csn_said seen, fix;
    csn_said_start(&seen);
    csn_said_text(&seen, "The MAC is right under ");
    csn_said_value(&seen, k->label);
    csn_said_text(&seen, " with SHA-");
    csn_said_int(&seen, (int64_t)w->signature.len * 8);
    csn_said_text(&seen, "; the header says ");
    csn_said_text(&seen, csn_algorithm_name(w->algorithm));
    csn_said_text(&seen, ", the key is for ");
    csn_said_text(&seen, csn_algorithm_name(k->key.algorithm));
    csn_said_text(&seen, ".");
    csn_said_start(&fix);
    csn_said_text(&fix, "Name the app's algorithm: jwt.sign(claims, secret, {algorithm: '");
    csn_said_text(&fix, csn_algorithm_name(k->key.algorithm));
    csn_said_text(&fix, "'})");
    csn_find(w, CSN_FINDING_HMAC_HASH_DIFFERS, CSN_CONFIDENCE_CERTAIN, csn_said_view(&seen),
             csn_bytes_text("A key is for one algorithm; the same secret under another hash is "
                            "refused (RFC 8725 §3.1)."),
             csn_said_view(&fix));
}

/* A secret known here, exactly as it is. */
static bool
try_raw(struct csn_work *w)
{
    for (size_t i = 0; i < w->request->key_count; i++) {
        const struct csn_diagnosis_key *k = &w->request->keys[i];
        if (k->secret.len == 0 || !csn_mac_matches(w, k->secret))
            continue;
        enum csn_algorithm truly = csn_mac_algorithm(w);
        bool right_hash = truly == k->key.algorithm && truly == w->algorithm;
        if (csn_key_is_in_use(w, k) && !right_hash)
            say_hash(w, k);
        else
            csn_explain_holder(w, k);
        return true;
    }
    return false;
}

static bool
try_empty(struct csn_work *w)
{
    if (!csn_mac_matches(w, (struct csn_bytes){0}))
        return false;
    csn_find_text(w, CSN_FINDING_SECRET_EMPTY, CSN_CONFIDENCE_CERTAIN,
                  "The signature holds under an empty secret.",
                  "The variable that should hold the secret was empty or unset when the token was "
                  "signed.",
                  "Set it, and refuse to start without it: if (!process.env.SECRET) throw new "
                  "Error('SECRET is not set')");
    return true;
}

/* What documents and READMEs sign with: of the five systems, and of the common libraries. */
static bool
try_samples(struct csn_work *w)
{
    static const char *const SAMPLES[] = {
        "SECRET_KEY",
        "<Shared secret>",
        "apptentive_provided_secret",
        "YOUR_SECRET",
        "YOUR_SECRET_KEY",
        "your-256-bit-secret",
        "your-384-bit-secret",
        "your-512-bit-secret",
        "a-string-secret-at-least-256-bits-long",
        "secret",
        "shhhhh",
        "undefined",
        "null",
    };
    for (size_t i = 0; i < sizeof SAMPLES / sizeof SAMPLES[0]; i++) {
        if (!csn_mac_matches(w, csn_bytes_text(SAMPLES[i])))
            continue;
        struct csn_said seen;
        csn_said_start(&seen);
        csn_said_text(&seen, "The signature holds under the text ");
        csn_said_value(&seen, csn_bytes_text(SAMPLES[i]));
        csn_said_text(&seen, ".");
        csn_find(w, CSN_FINDING_PLACEHOLDER, CSN_CONFIDENCE_CERTAIN, csn_said_view(&seen),
                 csn_bytes_text("That is what sample code has in place of the secret."),
                 csn_bytes_text("Read the app's own secret: jwt.sign(claims, process.env.SECRET)"));
        return true;
    }
    return false;
}

/* --- a public key's text --- */

#define PEM_MAX 4096 /* bytes: an RSA key of 8192 bits, or a certificate, with CRLF */

/* The text as tools print it, its line ends lost, doubled or gone altogether. */
static bool
matches_pem(struct csn_work *w, struct csn_bytes pem)
{
    static const char *const LINE_ENDS[] = {"\n", "\r\n", ""};
    uint8_t memory[PEM_MAX];
    for (size_t form = 0; form < 3; form++) {
        struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
        size_t bare = 0;
        for (size_t i = 0; i < pem.len; i++) {
            if (pem.ptr[i] == '\n')
                csn_buffer_text(&out, LINE_ENDS[form]);
            else if (pem.ptr[i] != '\r')
                csn_buffer_byte(&out, pem.ptr[i]);
            bare = pem.ptr[i] > ' ' ? out.len : bare;
        }
        bool ends = bare == out.len;
        if (ends)
            csn_buffer_text(&out, LINE_ENDS[form]);
        if (out.overflowed)
            return false;
        if (csn_mac_matches(w, csn_bytes_of(memory, bare)) ||
            (out.len > bare && csn_mac_matches(w, csn_buffer_view(&out))))
            return true;
    }
    return false;
}

static bool
try_pem(struct csn_work *w)
{
    for (size_t i = 0; i < w->request->key_count; i++) {
        const struct csn_diagnosis_key *k = &w->request->keys[i];
        if (k->public_pem.len == 0 || !matches_pem(w, k->public_pem))
            continue;
        struct csn_said seen;
        csn_said_start(&seen);
        csn_said_text(&seen, "The MAC holds under the text of the public key ");
        csn_said_value(&seen, k->label);
        csn_said_text(&seen, ".");
        csn_find(w, CSN_FINDING_SECRET_IS_PEM, CSN_CONFIDENCE_CERTAIN, csn_said_view(&seen),
                 csn_bytes_text("Everybody knows a public key, so such a token proves nothing "
                                "(RFC 8725 §2.1)."),
                 csn_bytes_text("Sign with the private key and its own algorithm: jwt.sign(claims, "
                                "privateKey, {algorithm: 'RS256'})"));
        return true;
    }
    return false;
}

bool
csn_diagnose_secret(struct csn_work *w)
{
    return try_empty(w) || try_raw(w) || try_samples(w) || try_pem(w);
}
