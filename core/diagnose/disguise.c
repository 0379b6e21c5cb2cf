/* Every usual way of turning the text of a secret into the wrong bytes is made again, and the MAC
 * under those bytes compared with the one in the token.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/diagnose/work.h"

#define TEXT_MAX (2 * CSN_SECRET_MAX) /* of a secret in hex, the longest encoding there is */
#define DISGUISED_MAX (2 * TEXT_MAX + 16)

/* A secret on trial. */
struct trial {
    struct csn_work *w;
    struct csn_bytes secret;
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
    return csn_mac_matches(t->w, csn_buffer_view(&t->out));
}

/* --- decoded where it should be raw --- */

static bool
is_hex_decoded(struct trial *t)
{
    struct csn_secret decoded;
    bool same = csn_secret_decode(t->text, CSN_ENCODING_HEX, &decoded) == CSN_OK &&
                csn_mac_matches(t->w, csn_secret_view(&decoded));
    csn_secret_wipe(&decoded);
    return same;
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
has_url_characters(const struct trial *t)
{
    return csn_count_of(t->text, '-') > 0 || csn_count_of(t->text, '_') > 0;
}

static bool
is_base64url_decoded(struct trial *t)
{
    return has_url_characters(t) && matches_loosely(t, CSN_LOOSE_BOTH);
}

/* Where '-' and '_' do not stand for anything, some decoders skip them. */
static bool
is_base64_decoded(struct trial *t)
{
    return matches_loosely(t, CSN_LOOSE_STANDARD_ALONE);
}

static bool
is_not_decoded(struct trial *t)
{
    return !csn_bytes_equal(t->text, t->secret) && csn_mac_matches(t->w, t->text);
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
    while (padded && (out->len - from) % 4 != 0)
        csn_buffer_byte(out, '=');
}

static bool
is_base64_encoded(struct trial *t)
{
    bool same = false;
    for (unsigned form = 0; form < 8 && !same; form++) {
        restart(t);
        append_base64(&t->out, t->secret, (form & 1) != 0, (form & 2) != 0);
        if ((form & 4) != 0)
            csn_buffer_byte(&t->out, '\n'); /* Android's Base64.DEFAULT ends a line */
        same = matches_out(t);
    }
    return same;
}

static bool
is_hex_encoded(struct trial *t)
{
    restart(t);
    csn_buffer_hex(&t->out, t->secret);
    if (matches_out(t))
        return true;
    for (size_t i = 0; i < t->out.len; i++) {
        if (t->out.ptr[i] >= 'a')
            t->out.ptr[i] = (uint8_t)(t->out.ptr[i] - 'a' + 'A');
    }
    return matches_out(t);
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
is_spaced(struct trial *t)
{
    static const char *const AROUND[][2] = {
        {"", "\n"}, {"", "\r\n"}, {"", "\r"}, {"", " "},  {" ", ""},
        {" ", " "}, {"", "\t"},   {"\t", ""}, {"\n", ""}, {"", "\n\n"},
    };
    bool same = matches_trimmed(t);
    for (size_t i = 0; i < sizeof AROUND / sizeof AROUND[0] && !same; i++)
        same = matches_wrapped(t, AROUND[i][0], AROUND[i][1]);
    return same;
}

static bool
is_quoted(struct trial *t)
{
    static const char *const QUOTES[] = {"\"", "'", "`"};
    size_t len = t->text.len;
    bool same = false;
    for (size_t i = 0; i < sizeof QUOTES / sizeof QUOTES[0] && !same; i++) {
        bool inside = len > 2 && t->text.ptr[0] == (uint8_t)QUOTES[i][0] &&
                      t->text.ptr[len - 1] == t->text.ptr[0];
        same = matches_wrapped(t, QUOTES[i], QUOTES[i]) ||
               (inside && csn_mac_matches(t->w, csn_bytes_slice(t->text, 1, len - 1)));
    }
    return same;
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
is_utf16(struct trial *t)
{
    bool same = false;
    for (unsigned form = 0; form < 4 && !same; form++) {
        bool big_endian = (form & 1) != 0;
        restart(t);
        if ((form & 2) != 0)
            append_unit(&t->out, 0xFEFF, big_endian); /* the byte order mark */
        append_utf16(&t->out, t->text, big_endian);
        same = matches_out(t);
    }
    return same;
}

/* --- all of them --- */

struct disguise {
    bool (*is_it)(struct trial *t);
    enum csn_finding_code code;
    const char *why, *fix;
};

static const struct disguise DISGUISES[] = {
    {is_hex_decoded, CSN_FINDING_SECRET_HEX_DECODED,
     "Your library took the secret for hexadecimal and decoded it; it is to be used as the UTF-8 "
     "bytes of its text.",
     "jsrsasign: KJUR.jws.JWS.sign('HS256', header, payload, {utf8: secret})"},
    {is_base64url_decoded, CSN_FINDING_SECRET_BASE64URL_DECODED,
     "Your library, or your code, base64url-decoded the secret; it is to be used as the UTF-8 "
     "bytes of its text.",
     "jose: new TextEncoder().encode(secret), not jose.base64url.decode(secret) or a JWK's k"},
    {is_base64_decoded, CSN_FINDING_SECRET_BASE64_DECODED,
     "Your library, or your code, base64-decoded the secret; it is to be used as the UTF-8 bytes "
     "of its text.",
     "jjwt: signWith(SignatureAlgorithm.HS256, secret.getBytes(StandardCharsets.UTF_8)) instead "
     "of the String, which it decodes\nNode: jwt.sign(claims, secret), not Buffer.from(secret, "
     "'base64')"},
    {is_not_decoded, CSN_FINDING_SECRET_NOT_DECODED,
     "The key is declared as base64 or hex here, but the text itself was used as the secret.",
     "Decode it first: Buffer.from(secret, 'base64'), or declare the key as utf8 here."},
    {is_base64_encoded, CSN_FINDING_SECRET_BASE64_ENCODED,
     "The secret was base64-encoded before it was used; it is to be used as it is.",
     "Pass the secret itself: jwt.sign(claims, secret), not btoa(secret)"},
    {is_hex_encoded, CSN_FINDING_SECRET_HEX_ENCODED,
     "The secret was hex-encoded before it was used; it is to be used as it is.",
     "Pass the secret itself: jwt.sign(claims, secret), not Buffer.from(secret).toString('hex')"},
    {is_spaced, CSN_FINDING_SECRET_WHITESPACE,
     "A space or line end is part of the secret on one side only, as a secret read from a file or "
     "pasted into a form often has.",
     "Trim it where it is read: fs.readFileSync(path, 'utf8').trim()\nand write it with printf %s "
     "instead of echo."},
    {is_quoted, CSN_FINDING_SECRET_QUOTED,
     "Quotation marks are part of the secret on one side only, as an .env file or docker "
     "--env-file leaves them.",
     "Write the variable without quotes: SECRET=value"},
    {is_utf16, CSN_FINDING_SECRET_UTF16,
     "The secret's text was turned into bytes as UTF-16; UTF-8 is due.",
     "C#: Encoding.UTF8.GetBytes(secret), not Encoding.Unicode.GetBytes(secret)"},
};
#define DISGUISE_COUNT (sizeof DISGUISES / sizeof DISGUISES[0])

static const struct disguise *
disguise_of(struct trial *t)
{
    for (size_t i = 0; i < DISGUISE_COUNT; i++) {
        if (DISGUISES[i].is_it(t))
            return &DISGUISES[i];
    }
    return NULL;
}

static void
say(struct csn_work *w, const struct csn_diagnosis_key *k, const struct disguise *d)
{
    struct csn_said seen;
    csn_said_start(&seen);
    csn_said_text(&seen, "The signature verifies if ");
    csn_said_value(&seen, k->label);
    csn_said_text(&seen, " is used that way.");
    csn_find(w, d->code, CSN_CONFIDENCE_CERTAIN, csn_said_view(&seen), csn_bytes_text(d->why),
             csn_bytes_text(d->fix));
}

bool
csn_diagnose_disguises(struct csn_work *w)
{
    struct trial t = {.w = w};
    const struct disguise *found = NULL;
    for (size_t i = 0; i < w->request->key_count && found == NULL; i++) {
        const struct csn_diagnosis_key *k = &w->request->keys[i];
        t.secret = k->secret;
        t.text = k->secret_text.len > 0 ? k->secret_text : k->secret;
        if (k->origin != CSN_ORIGIN_OWN || k->secret.len == 0 || t.text.len > TEXT_MAX)
            continue;
        found = disguise_of(&t);
        if (found != NULL)
            say(w, k, found);
    }
    csn_wipe(t.memory, sizeof t.memory);
    return found != NULL;
}
