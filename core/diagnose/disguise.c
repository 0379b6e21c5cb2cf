/* Every usual way of turning the text of a secret into the wrong bytes is made again, and the MAC
 * under those bytes compared with the one in the token.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/diagnose/work.h"

#define DISGUISED_MAX (4 * CSN_SECRET_MAX + 16)

/* A secret on trial. */
struct trial {
    struct csn_work *w;
    const struct csn_diagnosis_key *k;
    struct csn_bytes text; /* as the admin typed it */
    uint8_t memory[DISGUISED_MAX];
    struct csn_buffer out;
};

static void
restart(struct trial *t)
{
    t->out = csn_buffer_over(t->memory, sizeof t->memory);
}

static bool
matches_out(struct trial *t)
{
    return !t->out.overflowed && csn_mac_matches(t->w, csn_buffer_view(&t->out));
}

static bool
say(struct trial *t, enum csn_finding_code code, const char *why, const char *fix)
{
    struct csn_said seen;
    csn_said_start(&seen);
    csn_said_text(&seen, "The signature verifies if ");
    csn_said_value(&seen, t->k->label);
    csn_said_text(&seen, " is used that way.");
    csn_find(t->w, code, CSN_CONFIDENCE_CERTAIN, csn_said_view(&seen), csn_bytes_text(why),
             csn_bytes_text(fix));
    return true;
}

/* --- decoded where it should be raw --- */

static bool
try_hex_decoded(struct trial *t)
{
    struct csn_secret decoded;
    bool same = csn_secret_decode(t->text, CSN_ENCODING_HEX, &decoded) == CSN_OK &&
                decoded.len > 0 && csn_mac_matches(t->w, csn_secret_view(&decoded));
    csn_secret_wipe(&decoded);
    return same && say(t, CSN_FINDING_SECRET_HEX_DECODED,
                       "Your library took the secret for hexadecimal and decoded it; it is to be "
                       "used as the UTF-8 bytes of its text.",
                       "jsrsasign: KJUR.jws.JWS.sign('HS256', header, payload, {utf8: secret})");
}

static bool
matches_loosely(struct trial *t, enum csn_loose_rule rule)
{
    struct csn_loose loose = csn_loose_decode(t->text, rule, t->memory);
    bool same = loose.len > 0 && csn_mac_matches(t->w, csn_bytes_of(t->memory, loose.len));
    /* Some decoders drop a last group that is not whole. */
    bool cut = loose.whole > 0 && loose.whole < loose.len;
    return same || (cut && csn_mac_matches(t->w, csn_bytes_of(t->memory, loose.whole)));
}

static bool
try_base64_decoded(struct trial *t)
{
    bool both = t->text.len <= CSN_SECRET_MAX * 2 && matches_loosely(t, CSN_LOOSE_BOTH);
    bool url = csn_count_of(t->text, '-') > 0 || csn_count_of(t->text, '_') > 0;
    if (both && url)
        return say(t, CSN_FINDING_SECRET_BASE64URL_DECODED,
                   "Your library, or your code, base64url-decoded the secret; it is to be used as "
                   "the UTF-8 bytes of its text.",
                   "jose: new TextEncoder().encode(secret), not jose.base64url.decode(secret) or a "
                   "JWK's k");
    bool alone = !both && url && t->text.len <= CSN_SECRET_MAX * 2 &&
                 matches_loosely(t, CSN_LOOSE_STANDARD_ALONE);
    return (both || alone) &&
           say(t, CSN_FINDING_SECRET_BASE64_DECODED,
               "Your library, or your code, base64-decoded the secret; it is to be used as the "
               "UTF-8 bytes of its text.",
               "jjwt: signWith(SignatureAlgorithm.HS256, secret.getBytes(StandardCharsets.UTF_8)) "
               "instead of the String, which it decodes\nNode: jwt.sign(claims, secret), not "
               "Buffer.from(secret, 'base64')");
}

static bool
try_not_decoded(struct trial *t)
{
    return !csn_bytes_equal(t->text, t->k->secret) && csn_mac_matches(t->w, t->text) &&
           say(t, CSN_FINDING_SECRET_NOT_DECODED,
               "The key is declared as base64 or hex here, but the text itself was used as the "
               "secret.",
               "Decode it first: Buffer.from(secret, 'base64'), or declare the key as utf8 here.");
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
        if (matches_out(t))
            return say(t, CSN_FINDING_SECRET_BASE64_ENCODED,
                       "The secret was base64-encoded before it was used; it is to be used as it "
                       "is.",
                       "Pass the secret itself: jwt.sign(claims, secret), not btoa(secret)");
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
        if (matches_out(t))
            return say(t, CSN_FINDING_SECRET_HEX_ENCODED,
                       "The secret was hex-encoded before it was used; it is to be used as it is.",
                       "Pass the secret itself: jwt.sign(claims, secret), not "
                       "Buffer.from(secret).toString('hex')");
    }
    return false;
}

/* --- with something around it, here or there --- */

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
    return to - from < t->text.len && csn_mac_matches(t->w, csn_bytes_slice(t->text, from, to));
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
    return same && say(t, CSN_FINDING_SECRET_WHITESPACE,
                       "A space or line end is part of the secret on one side only, as a secret "
                       "read from a file or pasted into a form often has.",
                       "Trim it where it is read: fs.readFileSync(path, 'utf8').trim()\nand write "
                       "it with printf %s instead of echo.");
}

static bool
matches_unquoted(struct trial *t)
{
    size_t len = t->text.len;
    return len > 2 && t->text.ptr[0] == t->text.ptr[len - 1] &&
           (t->text.ptr[0] == '"' || t->text.ptr[0] == '\'' || t->text.ptr[0] == '`') &&
           csn_mac_matches(t->w, csn_bytes_slice(t->text, 1, len - 1));
}

static bool
try_quotes(struct trial *t)
{
    bool same = matches_unquoted(t) || matches_wrapped(t, "\"", "\"") ||
                matches_wrapped(t, "'", "'") || matches_wrapped(t, "`", "`");
    return same && say(t, CSN_FINDING_SECRET_QUOTED,
                       "Quotation marks are part of the secret on one side only, as an .env file "
                       "or docker --env-file leaves them.",
                       "Write the variable without quotes: SECRET=value");
}

/* --- as UTF-16 --- */

/* Returns: the character at `at`, of valid UTF-8; else the byte there, as Latin-1. */
static uint32_t
next_character(struct csn_bytes text, bool utf8, size_t *at)
{
    uint32_t c = text.ptr[(*at)++];
    unsigned more = !utf8 || c < 0xC0 ? 0 : c < 0xE0 ? 1 : c < 0xF0 ? 2 : 3;
    if (more > 0)
        c &= 0x3Fu >> more;
    for (; more > 0; more--)
        c = c << 6 | (text.ptr[(*at)++] & 0x3Fu);
    return c;
}

static void
append_unit(struct csn_buffer *out, uint32_t unit, bool big_endian)
{
    uint8_t high = (uint8_t)(unit >> 8), low = (uint8_t)unit;
    csn_buffer_byte(out, big_endian ? high : low);
    csn_buffer_byte(out, big_endian ? low : high);
}

static void
append_utf16(struct csn_buffer *out, struct csn_bytes text, bool big_endian)
{
    bool utf8 = csn_utf8_valid(text);
    size_t at = 0;
    while (at < text.len) {
        uint32_t c = next_character(text, utf8, &at);
        if (c > 0xFFFF) {
            append_unit(out, 0xD800 + ((c - 0x10000) >> 10), big_endian);
            c = 0xDC00 + ((c - 0x10000) & 0x3FF);
        }
        append_unit(out, c, big_endian);
    }
}

static bool
try_utf16(struct trial *t)
{
    for (unsigned form = 0; form < 4; form++) {
        bool big_endian = (form & 1) != 0;
        restart(t);
        if ((form & 2) != 0)
            append_unit(&t->out, 0xFEFF, big_endian); /* the byte order mark */
        append_utf16(&t->out, t->text, big_endian);
        if (matches_out(t))
            return say(t, CSN_FINDING_SECRET_UTF16,
                       "The secret's text was turned into bytes as UTF-16; UTF-8 is due.",
                       "C#: Encoding.UTF8.GetBytes(secret), not Encoding.Unicode.GetBytes(secret)");
    }
    return false;
}

bool
csn_diagnose_disguises(struct csn_work *w)
{
    static bool (*const TRIES[])(struct trial *) = {
        try_hex_decoded, try_base64_decoded, try_not_decoded, try_base64_encoded,
        try_hex_encoded, try_white_space,    try_quotes,      try_utf16,
    };
    struct trial t = {.w = w};
    bool found = false;
    for (size_t i = 0; i < w->request->key_count && !found; i++) {
        t.k = &w->request->keys[i];
        t.text = t.k->secret_text.len > 0 ? t.k->secret_text : t.k->secret;
        bool own = t.k->origin == CSN_ORIGIN_OWN && t.k->secret.len > 0;
        for (size_t f = 0; own && f < sizeof TRIES / sizeof TRIES[0] && !found; f++)
            found = TRIES[f](&t);
    }
    csn_wipe(t.memory, sizeof t.memory);
    return found;
}
