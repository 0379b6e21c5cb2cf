/* The text of what was presented: each way of wrapping up a token on its way is undone in turn, so
 * that the steps after this one see the token that was meant.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/diagnose/work.h"

#define MENDS_MAX 8 /* manglings one on top of the other */

/* A copy of the input that is mended in place: no mend makes it longer. */
struct mending {
    struct csn_work *w;
    uint8_t *ptr;
    size_t len;
};

static struct csn_bytes
view(const struct mending *m)
{
    return csn_bytes_of(m->ptr, m->len);
}

static void
keep(struct mending *m, size_t from, size_t to)
{
    m->ptr += from;
    m->len = to - from;
}

static bool
is_quote(uint8_t c)
{
    return c == '"' || c == '\'' || c == '`' || c == '\\';
}

size_t
csn_count_of(struct csn_bytes text, uint8_t byte)
{
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++)
        count += text.ptr[i] == byte;
    return count;
}

/* '{' is 01111011: 'e', then one of the sixteen characters from 'w' on. */
bool
csn_begins_like_object(struct csn_bytes text)
{
    if (text.len < 2 || text.ptr[0] != 'e')
        return false;
    uint8_t c = text.ptr[1];
    return (c >= 'w' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '+' ||
           c == '/';
}

static size_t
skip_spaces(struct csn_bytes text)
{
    size_t from = 0;
    while (from < text.len && csn_is_space(text.ptr[from]))
        from++;
    return from;
}

static bool
is_token_character(uint8_t c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.' || c == '+' || c == '/' || c == '=';
}

/* --- each mend returns whether it changed the text --- */

/* Returns: where b'… of a token begins, with which Python prints bytes; the length if nowhere. */
static size_t
find_bytes_literal(struct csn_bytes text)
{
    for (size_t i = 0; i + 2 < text.len; i++) {
        bool literal = text.ptr[i] == 'b' && (text.ptr[i + 1] == '\'' || text.ptr[i + 1] == '"');
        if (literal && (i == 0 || !is_token_character(text.ptr[i - 1])) &&
            csn_begins_like_object(csn_bytes_slice(text, i + 2, text.len)))
            return i;
    }
    return text.len;
}

/* The prefix goes, and the quotation marks at the end; a scheme before it is for the next mend. */
static bool
mend_bytes_literal(struct mending *m)
{
    size_t at = find_bytes_literal(view(m)), to = m->len;
    if (at == m->len)
        return false;
    while (csn_is_space(m->ptr[to - 1]) || is_quote(m->ptr[to - 1]))
        to--;
    for (size_t i = at; i + 2 < to; i++)
        m->ptr[i] = m->ptr[i + 2];
    m->len = to - 2;
    csn_find_text(m->w, CSN_FINDING_QUOTED_TOKEN, CSN_CONFIDENCE_CERTAIN,
                  "The token stands in b'…'.",
                  "That is how Python prints bytes: they were turned into text by str() or an "
                  "f-string instead of being decoded.",
                  "Python: token = jwt.encode(claims, secret, algorithm=\"HS256\").decode()\n"
                  "PyJWT 2 and later give a str already.");
    return true;
}

static bool
mend_quotes(struct mending *m)
{
    size_t from = 0, to = m->len;
    while (from < to && is_quote(m->ptr[from]))
        from++;
    while (to > from && is_quote(m->ptr[to - 1]))
        to--;
    if (from == 0 && to == m->len)
        return false;
    keep(m, from, to);
    csn_find_text(m->w, CSN_FINDING_QUOTED_TOKEN, CSN_CONFIDENCE_CERTAIN,
                  "Quotation marks stand around the token.",
                  "They are no part of a token; usually a JSON string was passed on without being "
                  "parsed.",
                  "Parse the JSON answer of your backend and hand over the string's value:\n"
                  "const { token } = await response.json();");
    return true;
}

/* What a program prints for a thing that is no string. */
struct printed {
    const char *begins;
    enum csn_finding_code code;
};

static const struct printed PRINTED[] = {
    {"[object Promise]", CSN_FINDING_NOT_AWAITED},
    {"Promise {", CSN_FINDING_NOT_AWAITED},
    {"<coroutine object", CSN_FINDING_NOT_AWAITED},
    {"[object ", CSN_FINDING_OBJECT_PRINTED},
};

static void
say_printed(struct csn_work *w, enum csn_finding_code code)
{
    if (code == CSN_FINDING_NOT_AWAITED)
        csn_find_text(w, code, CSN_CONFIDENCE_CERTAIN,
                      "The text is what a promise prints as, not what it promises.",
                      "The function that signs is asynchronous, and its answer was not awaited.",
                      "const token = await new SignJWT(claims).setProtectedHeader({alg: 'HS256'})"
                      ".sign(key)\nPython: token = await mint_token()");
    else
        csn_find_text(
            w, code, CSN_CONFIDENCE_CERTAIN, "The text is what a JavaScript object prints as.",
            "An object was joined to a string, or converted to one; the token is a string "
            "inside it.",
            "Hand over the string: const { token } = await response.json();");
}

/* Nothing of a token is in it: nothing is left. */
static bool
mend_printed(struct mending *m)
{
    size_t from = 0;
    while (from < m->len && (csn_is_space(m->ptr[from]) || is_quote(m->ptr[from])))
        from++;
    struct csn_bytes text = csn_bytes_slice(view(m), from, m->len);
    for (size_t i = 0; i < sizeof PRINTED / sizeof PRINTED[0]; i++) {
        if (!csn_bytes_starts_with(text, csn_bytes_text(PRINTED[i].begins)))
            continue;
        m->len = 0;
        say_printed(m->w, PRINTED[i].code);
        return true;
    }
    return false;
}

/* Returns: the length of an authentication scheme and what parts it from the token, or 0. */
static size_t
scheme_length(struct csn_bytes text)
{
    static const char *const SCHEMES[] = {"Authorization:", "Bearer", "JWT", "Token"};
    static const char *const BETWEEN[] = {" ", ":", "%20", "\t", "+"};
    for (size_t i = 0; i < sizeof SCHEMES / sizeof SCHEMES[0]; i++) {
        struct csn_bytes scheme = csn_bytes_text(SCHEMES[i]);
        if (text.len < scheme.len ||
            !csn_bytes_equal_nocase(csn_bytes_slice(text, 0, scheme.len), scheme))
            continue;
        struct csn_bytes rest = csn_bytes_slice(text, scheme.len, text.len);
        bool parted = i == 0 || csn_begins_like_object(rest);
        for (size_t b = 0; b < sizeof BETWEEN / sizeof BETWEEN[0]; b++) {
            struct csn_bytes between = csn_bytes_text(BETWEEN[b]);
            if (!csn_bytes_starts_with(rest, between))
                continue;
            parted = true;
            rest = csn_bytes_slice(rest, between.len, rest.len);
        }
        if (parted)
            return text.len - rest.len + skip_spaces(rest);
    }
    return 0;
}

static bool
mend_bearer(struct mending *m)
{
    size_t spaces = skip_spaces(view(m));
    size_t scheme = scheme_length(csn_bytes_slice(view(m), spaces, m->len));
    if (scheme == 0)
        return false;
    keep(m, spaces + scheme, m->len);
    csn_find_text(m->w, CSN_FINDING_BEARER_PREFIX, CSN_CONFIDENCE_CERTAIN,
                  "The text begins with an authentication scheme.",
                  "\"Bearer\" belongs to the Authorization header, not to the token "
                  "(RFC 6750 §2.1).",
                  "Hand over what follows it: header.replace(/^Bearer /, '')");
    return true;
}

/* Spaces are mended only in what looks like a token: a sentence is none. */
static bool
mend_white_space(struct mending *m)
{
    size_t len = 0, from = skip_spaces(view(m));
    if (!csn_begins_like_object(csn_bytes_slice(view(m), from, m->len)))
        return false;
    for (size_t i = 0; i < m->len; i++) {
        if (!csn_is_space(m->ptr[i]))
            m->ptr[len++] = m->ptr[i];
    }
    if (len == m->len)
        return false;
    m->len = len;
    csn_find_text(m->w, CSN_FINDING_WHITESPACE, CSN_CONFIDENCE_CERTAIN,
                  "White space or line ends stand in or around the token.",
                  "A token has none (RFC 7515 §2). Line-wrapping base64 encoders, `echo` and "
                  "copying from a terminal put them there.",
                  "Trim it: token.trim(). On Android encode with Base64.NO_WRAP, in a shell use "
                  "printf %s instead of echo.");
    return true;
}

static bool
mend_percent(struct mending *m)
{
    size_t len = 0;
    for (size_t i = 0; i < m->len; i++) {
        unsigned high = i + 2 < m->len && m->ptr[i] == '%' ? csn_hex_value(m->ptr[i + 1]) : 16;
        unsigned low = high < 16 ? csn_hex_value(m->ptr[i + 2]) : 16;
        m->ptr[len++] = low < 16 ? (uint8_t)(high << 4 | low) : m->ptr[i];
        i += low < 16 ? 2 : 0;
    }
    if (len == m->len)
        return false;
    m->len = len;
    csn_find_text(m->w, CSN_FINDING_URL_ENCODED, CSN_CONFIDENCE_CERTAIN,
                  "The token holds percent escapes such as %2E or %3D.",
                  "It was encoded for a URL and not decoded again.",
                  "Decode it once where it arrives: decodeURIComponent(token)");
    return true;
}

/* Keeps the first run of characters in a document that looks like a token, or nothing. */
static void
keep_token_inside(struct mending *m)
{
    size_t from = 0;
    while (from < m->len) {
        size_t to = from;
        while (to < m->len && is_token_character(m->ptr[to]))
            to++;
        struct csn_bytes run = csn_bytes_slice(view(m), from, to);
        if (csn_begins_like_object(run) && csn_count_of(run, '.') == 2) {
            keep(m, from, to);
            return;
        }
        from = to + 1;
    }
    m->len = 0;
}

static bool
mend_json_body(struct mending *m)
{
    size_t from = skip_spaces(view(m));
    if (from == m->len || (m->ptr[from] != '{' && m->ptr[from] != '['))
        return false;
    csn_find_text(m->w, CSN_FINDING_JSON_BODY, CSN_CONFIDENCE_CERTAIN, "A JSON document was given.",
                  "Only the compact form header.payload.signature is a token here (RFC 7519 §3); a "
                  "whole answer of a backend, or a JWS in JSON form, is not.",
                  "Hand over the one string inside it: body.token");
    keep_token_inside(m);
    return true;
}

#define PEEK_MAX 64 /* characters that tell whether all of them are base64 of a token */

static bool
is_token_text(struct csn_bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (!is_token_character(text.ptr[i]))
            return false;
    }
    return csn_begins_like_object(text);
}

/* Returns: decoded once, or more often, the text has the beginning of a token. */
static bool
hides_a_token(struct csn_bytes text)
{
    uint8_t memory[PEEK_MAX];
    struct csn_bytes front = csn_bytes_slice(text, 0, text.len < PEEK_MAX ? text.len : PEEK_MAX);
    for (unsigned round = 0; round < MENDS_MAX; round++) {
        struct csn_loose loose = csn_loose_decode(front, CSN_LOOSE_BOTH, memory);
        front = csn_bytes_of(memory, loose.len);
        if (loose.foreign > 0 || is_token_text(front))
            return loose.foreign == 0;
    }
    return false;
}

static bool
mend_double(struct mending *m)
{
    if (csn_count_of(view(m), '.') != 0 || !hides_a_token(view(m)))
        return false;
    /* in place: what is decoded is never ahead of what is read */
    m->len = csn_loose_decode(view(m), CSN_LOOSE_BOTH, m->ptr).len;
    csn_find_text(m->w, CSN_FINDING_DOUBLE_ENCODED, CSN_CONFIDENCE_CERTAIN,
                  "Decoding it once gives a token.", "The whole token was base64-encoded again.",
                  "Pass the library's token on as it is: jwt.sign(…) is encoded already.");
    return true;
}

/* Everything that can stand around a good token, outermost first, again and again. */
static void
mend(struct mending *m)
{
    static bool (*const MENDS[])(struct mending *) = {
        mend_printed, mend_json_body,   mend_bytes_literal, mend_quotes,
        mend_bearer,  mend_white_space, mend_percent,       mend_double,
    };
    for (unsigned round = 0; round < MENDS_MAX; round++) {
        bool changed = false;
        for (size_t i = 0; i < sizeof MENDS / sizeof MENDS[0] && !changed; i++)
            changed = MENDS[i](m);
        if (!changed)
            return;
    }
}

static void
check_second(struct csn_work *w)
{
    struct csn_bytes second = w->request->second;
    if (second.len == 0 || csn_bytes_equal(second, w->request->input))
        return;
    csn_find_text(w, CSN_FINDING_TWO_TOKENS, CSN_CONFIDENCE_CERTAIN,
                  "The request carries two different tokens.",
                  "Which of them is meant cannot be told, so both are refused.",
                  "Send one: either the Authorization header or the body's `token`.");
}

/* Nothing, or what a program prints for nothing. */
static bool
is_nothing(struct csn_bytes text)
{
    static const char *const WORDS[] = {"", "null", "undefined", "nil", "none", "(null)"};
    size_t from = 0, to = text.len;
    while (from < to && (csn_is_space(text.ptr[from]) || is_quote(text.ptr[from])))
        from++;
    while (to > from && (csn_is_space(text.ptr[to - 1]) || is_quote(text.ptr[to - 1])))
        to--;
    struct csn_bytes bare = csn_bytes_slice(text, from, to);
    for (size_t i = 0; i < sizeof WORDS / sizeof WORDS[0]; i++) {
        if (csn_bytes_equal_nocase(bare, csn_bytes_text(WORDS[i])))
            return true;
    }
    return false;
}

bool
csn_diagnose_text(struct csn_work *w)
{
    struct csn_bytes input = w->request->input;
    check_second(w);
    struct mending m = {.w = w, .ptr = csn_work_room(w, input.len), .len = input.len};
    if (m.ptr == NULL)
        return false;
    for (size_t i = 0; i < input.len; i++)
        m.ptr[i] = input.ptr[i];
    if (!is_nothing(input))
        mend(&m);
    w->token = view(&m);
    if (!is_nothing(w->token))
        return true;
    if (!csn_found(w, CSN_FINDING_JSON_BODY) && !csn_found(w, CSN_FINDING_NOT_AWAITED) &&
        !csn_found(w, CSN_FINDING_OBJECT_PRINTED))
        csn_find_text(w, CSN_FINDING_TOKEN_MISSING, CSN_CONFIDENCE_CERTAIN, "There is no token.",
                      "Nothing was presented: the app called login before your backend had "
                      "answered, or under another field name.",
                      "Wait for the token: await login(await fetchToken())");
    return false;
}
