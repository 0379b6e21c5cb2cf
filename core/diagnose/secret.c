/* Shared secrets: every usual way of turning the text of a secret into the wrong bytes is made
 * again, and the MAC under those bytes compared with the one in the token.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/crypto.h"
#include "core/diagnose/work.h"

#define VARIANT_MAX (4 * CSN_SECRET_MAX + 16)

/* A secret on trial. */
struct trial {
    struct csn_work *w;
    const struct csn_diagnosis_key *k;
    struct csn_bytes text; /* as the admin typed it */
    uint8_t memory[VARIANT_MAX];
    struct csn_buffer out;
};

/* Compares under the hash that the MAC's length tells; the header may name another. */
static bool
matches(struct csn_work *w, struct csn_bytes secret)
{
    enum csn_algorithm by_length = w->signature.len == 32   ? CSN_HS256
                                   : w->signature.len == 48 ? CSN_HS384
                                   : w->signature.len == 64 ? CSN_HS512
                                                            : CSN_ALGORITHM_UNSET;
    if (by_length == CSN_ALGORITHM_UNSET || !csn_work_spend(w))
        return false;
    uint8_t mac[64];
    csn_hmac(by_length, secret, w->signing_input, mac);
    bool same = csn_equal_secret(csn_bytes_of(mac, w->signature.len), w->signature);
    csn_wipe(mac, sizeof mac);
    return same;
}

static bool
matches_out(struct trial *t)
{
    return !t->out.overflowed && matches(t->w, csn_buffer_view(&t->out));
}

static void
restart(struct trial *t)
{
    t->out = csn_buffer_over(t->memory, sizeof t->memory);
}

static void
say(struct trial *t, enum csn_finding_code code, const char *why, const char *fix)
{
    struct csn_said seen;
    csn_said_start(&seen);
    csn_said_text(&seen, "The signature verifies if ");
    csn_said_value(&seen, t->k->label);
    csn_said_text(&seen, " is used that way.");
    csn_find(t->w, code, CSN_CONFIDENCE_CERTAIN, csn_said_view(&seen), csn_bytes_text(why),
             csn_bytes_text(fix));
}

/* --- decoded where it should be raw --- */

static bool
matches_decoded(struct trial *t, enum csn_encoding encoding)
{
    struct csn_secret decoded;
    bool same = csn_secret_decode(t->text, encoding, &decoded) == CSN_OK && decoded.len > 0 &&
                !csn_bytes_equal(csn_secret_view(&decoded), t->k->secret) &&
                matches(t->w, csn_secret_view(&decoded));
    csn_secret_wipe(&decoded);
    return same;
}

static bool
try_decoded(struct trial *t)
{
    if (matches_decoded(t, CSN_ENCODING_HEX)) {
        say(t, CSN_FINDING_SECRET_HEX_DECODED,
            "Your library took the secret for hexadecimal and decoded it; it is to be used as the "
            "UTF-8 bytes of its text.",
            "jsrsasign: KJUR.jws.JWS.sign('HS256', header, payload, {utf8: secret})");
        return true;
    }
    if (matches_decoded(t, CSN_ENCODING_BASE64)) {
        say(t, CSN_FINDING_SECRET_BASE64_DECODED,
            "Your library, or your code, base64-decoded the secret; it is to be used as the UTF-8 "
            "bytes of its text.",
            "jjwt: signWith(SignatureAlgorithm.HS256, secret.getBytes(StandardCharsets.UTF_8)) "
            "instead of the String, which it decodes\nNode: jwt.sign(claims, secret), not "
            "Buffer.from(secret, 'base64')");
        return true;
    }
    if (!matches_decoded(t, CSN_ENCODING_BASE64URL))
        return false;
    say(t, CSN_FINDING_SECRET_BASE64URL_DECODED,
        "Your library, or your code, base64url-decoded the secret; it is to be used as the UTF-8 "
        "bytes of its text.",
        "jose: new TextEncoder().encode(secret), not jose.base64url.decode(secret) or a JWK's k");
    return true;
}

static bool
try_not_decoded(struct trial *t)
{
    if (csn_bytes_equal(t->text, t->k->secret) || !matches(t->w, t->text))
        return false;
    say(t, CSN_FINDING_SECRET_NOT_DECODED,
        "The key is declared as base64 or hex here, but the text itself was used as the secret.",
        "Decode it first: Buffer.from(secret, 'base64'), or declare the key as utf8 here.");
    return true;
}

/* --- encoded where it should be raw --- */

static void
append_base64(struct csn_buffer *out, struct csn_bytes bytes, bool url, bool padded)
{
    size_t from = out->len;
    csn_base64url_append(out, bytes);
    for (size_t i = from; !url && i < out->len; i++) {
        if (out->ptr[i] == '-')
            out->ptr[i] = '+';
        if (out->ptr[i] == '_')
            out->ptr[i] = '/';
    }
    while (padded && (out->len - from) % 4 != 0 && !out->overflowed)
        csn_buffer_byte(out, '=');
}

static bool
try_base64_encoded(struct trial *t)
{
    for (unsigned form = 0; form < 8; form++) {
        restart(t);
        append_base64(&t->out, t->k->secret, (form & 1) != 0, (form & 2) != 0);
        if ((form & 4) != 0)
            csn_buffer_byte(&t->out, '\n'); /* Android's Base64.DEFAULT ends a line */
        if (!matches_out(t))
            continue;
        say(t, CSN_FINDING_SECRET_BASE64_ENCODED,
            "The secret was base64-encoded before it was used; it is to be used as it is.",
            "Pass the secret itself: jwt.sign(claims, secret), not btoa(secret)");
        return true;
    }
    return false;
}

static bool
try_hex_encoded(struct trial *t)
{
    for (int upper = 0; upper < 2; upper++) {
        restart(t);
        csn_buffer_hex(&t->out, t->k->secret);
        for (size_t i = 0; upper == 1 && i < t->out.len; i++) {
            if (t->out.ptr[i] >= 'a')
                t->out.ptr[i] = (uint8_t)(t->out.ptr[i] - 'a' + 'A');
        }
        if (!matches_out(t))
            continue;
        say(t, CSN_FINDING_SECRET_HEX_ENCODED,
            "The secret was hex-encoded before it was used; it is to be used as it is.",
            "Pass the secret itself: jwt.sign(claims, secret), not "
            "Buffer.from(secret).toString('hex')");
        return true;
    }
    return false;
}

/* --- with something around it --- */

static bool
matches_wrapped(struct trial *t, const char *before, const char *after)
{
    restart(t);
    csn_buffer_text(&t->out, before);
    csn_buffer_append(&t->out, t->text);
    csn_buffer_text(&t->out, after);
    return matches_out(t);
}

static bool
matches_trimmed(struct trial *t)
{
    size_t from = 0, to = t->text.len;
    while (from < to && t->text.ptr[from] <= ' ')
        from++;
    while (to > from && t->text.ptr[to - 1] <= ' ')
        to--;
    return to - from < t->text.len && matches(t->w, csn_bytes_slice(t->text, from, to));
}

static bool
try_white_space(struct trial *t)
{
    static const char *const AROUND[][2] = {
        {"", "\n"}, {"", "\r\n"}, {"", "\r"}, {"", " "},  {" ", ""},
        {" ", " "}, {"", "\t"},   {"\t", ""}, {"\n", ""}, {"", "\n\n"},
    };
    bool same = matches_trimmed(t);
    for (size_t i = 0; i < sizeof AROUND / sizeof AROUND[0] && !same; i++)
        same = matches_wrapped(t, AROUND[i][0], AROUND[i][1]);
    if (!same)
        return false;
    say(t, CSN_FINDING_SECRET_WHITESPACE,
        "A space or line end was part of what signed, as a secret read from a file or pasted into "
        "a form often has.",
        "Trim it where it is read: fs.readFileSync(path, 'utf8').trim()\nand write it with printf "
        "%s instead of echo.");
    return true;
}

static bool
try_quotes(struct trial *t)
{
    static const char *const MARKS[] = {"\"", "'", "`"};
    for (size_t i = 0; i < sizeof MARKS / sizeof MARKS[0]; i++) {
        if (!matches_wrapped(t, MARKS[i], MARKS[i]))
            continue;
        say(t, CSN_FINDING_SECRET_QUOTED,
            "Quotation marks were part of what signed, as an .env file or docker --env-file leaves "
            "them.",
            "Write the variable without quotes: SECRET=value");
        return true;
    }
    return false;
}

/* UTF-16 of the text's bytes taken as Latin-1 or, where they are UTF-8, of its characters. */
static void
append_utf16(struct csn_buffer *out, struct csn_bytes text, bool big_endian, bool mark)
{
    if (mark)
        csn_buffer_append(out, csn_bytes_of(big_endian ? "\xFE\xFF" : "\xFF\xFE", 2));
    for (size_t i = 0; i < text.len; i++) {
        uint32_t unit = text.ptr[i];
        if (unit >= 0xE0 && i + 2 < text.len) {
            unit = (unit & 0x0F) << 12 | (text.ptr[i + 1] & 0x3Fu) << 6 | (text.ptr[i + 2] & 0x3Fu);
            i += 2;
        } else if (unit >= 0xC0 && i + 1 < text.len) {
            unit = (unit & 0x1F) << 6 | (text.ptr[i + 1] & 0x3Fu);
            i += 1;
        }
        uint8_t high = (uint8_t)(unit >> 8), low = (uint8_t)unit;
        csn_buffer_byte(out, big_endian ? high : low);
        csn_buffer_byte(out, big_endian ? low : high);
    }
}

static bool
try_utf16(struct trial *t)
{
    for (unsigned form = 0; form < 4; form++) {
        restart(t);
        append_utf16(&t->out, t->text, (form & 1) != 0, (form & 2) != 0);
        if (!matches_out(t))
            continue;
        say(t, CSN_FINDING_SECRET_UTF16,
            "The secret's text was turned into bytes as UTF-16; UTF-8 is due.",
            "C#: Encoding.UTF8.GetBytes(secret), not Encoding.Unicode.GetBytes(secret)");
        return true;
    }
    return false;
}

/* --- the right secret, another hash --- */

static bool
try_other_hash(struct trial *t)
{
    if (!matches(t->w, t->k->secret))
        return false;
    struct csn_said seen;
    csn_said_start(&seen);
    csn_said_text(&seen, "The MAC is right under ");
    csn_said_value(&seen, t->k->label);
    csn_said_text(&seen, " with SHA-");
    csn_said_int(&seen, (int64_t)t->w->signature.len * 8);
    csn_said_text(&seen, "; the header says ");
    csn_said_text(&seen, csn_algorithm_name(t->w->algorithm));
    csn_said_text(&seen, ", the key is for ");
    csn_said_text(&seen, csn_algorithm_name(t->k->key.algorithm));
    csn_said_text(&seen, ".");
    csn_find(t->w, CSN_FINDING_HMAC_HASH_DIFFERS, CSN_CONFIDENCE_CERTAIN, csn_said_view(&seen),
             csn_bytes_text("A key is for one algorithm; the same secret under another hash is "
                            "refused (RFC 8725 §3.1)."),
             csn_bytes_text("Name the app's algorithm: jwt.sign(claims, secret, {algorithm: "
                            "'HS512'})"));
    return true;
}

/* --- a key on trial --- */

static void
say_whose(struct csn_work *w, const struct csn_diagnosis_key *k)
{
    bool api = k->origin == CSN_ORIGIN_API_CREDENTIAL;
    struct csn_said seen;
    csn_said_start(&seen);
    csn_said_text(&seen, "The signature holds under ");
    csn_said_value(&seen, k->label);
    csn_said_text(&seen, ".");
    csn_find(w, api ? CSN_FINDING_SECRET_IS_API_CREDENTIAL : CSN_FINDING_KEY_OF_OTHER_APP,
             CSN_CONFIDENCE_CERTAIN, csn_said_view(&seen),
             csn_bytes_text(api ? "An API key manages apps; it never signs tokens. Treat it as "
                                  "leaked if it was given away to sign with."
                                : "Each app has keys of its own; another app's are not accepted."),
             csn_bytes_text(api ? "Sign with the app's signing key: countersign key list APP"
                                : "Give your backend the signing key of this app."));
}

static bool
try_secret(struct trial *t)
{
    if (t->k->origin != CSN_ORIGIN_OWN) {
        bool same = matches(t->w, t->k->secret);
        if (same)
            say_whose(t->w, t->k);
        return same;
    }
    return try_other_hash(t) || try_decoded(t) || try_not_decoded(t) || try_base64_encoded(t) ||
           try_hex_encoded(t) || try_white_space(t) || try_quotes(t) || try_utf16(t);
}

/* The text of a public key, as tools print it and with its line ends lost or doubled. */
static bool
try_pem(struct trial *t)
{
    struct csn_bytes pem = t->k->public_pem;
    size_t end = pem.len;
    while (end > 0 && pem.ptr[end - 1] <= ' ')
        end--;
    struct csn_bytes bare = csn_bytes_slice(pem, 0, end);
    bool same = pem.len > 0 && (matches(t->w, pem) || matches(t->w, bare));
    restart(t);
    csn_buffer_append(&t->out, bare);
    csn_buffer_byte(&t->out, '\n');
    if (!same && !(pem.len > 0 && matches_out(t)))
        return false;
    say(t, CSN_FINDING_SECRET_IS_PEM,
        "The public key's text was used as an HMAC secret. Everybody knows a public key, so such a "
        "token proves nothing (RFC 8725 §2.1).",
        "Sign with the private key and its own algorithm: jwt.sign(claims, privateKey, {algorithm: "
        "'RS256'})");
    return true;
}

void
csn_diagnose_secret(struct csn_work *w)
{
    if (matches(w, (struct csn_bytes){0})) {
        csn_find_text(w, CSN_FINDING_SECRET_EMPTY, CSN_CONFIDENCE_CERTAIN,
                      "The signature holds under an empty secret.",
                      "The variable that should hold the secret was empty or unset when the token "
                      "was signed.",
                      "Set it, and refuse to start without it: if (!process.env.SECRET) throw "
                      "new Error('SECRET is not set')");
        return;
    }
    struct trial t = {.w = w};
    bool found = false;
    for (size_t i = 0; i < w->request->key_count && !found; i++) {
        t.k = &w->request->keys[i];
        t.text = t.k->secret_text.len > 0 ? t.k->secret_text : t.k->secret;
        found = (t.k->secret.len > 0 && try_secret(&t)) || try_pem(&t);
    }
    csn_wipe(t.memory, sizeof t.memory);
}
