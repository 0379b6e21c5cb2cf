/* The text of what was presented: each way of mangling a token on its way is undone in turn, so
 * that the steps after this one see the token that was meant.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/diagnose/work.h"

#define MENDS_MAX 8 /* manglings one on top of the other */

static bool
is_space(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static size_t
count_of(struct csn_bytes text, uint8_t byte)
{
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++)
        count += text.ptr[i] == byte;
    return count;
}

/* Returns: a buffer of the arena for a text no longer than the token; cap 0 when it is full. */
static struct csn_buffer
room_for(struct csn_work *w, size_t len)
{
    void *memory = csn_arena_alloc(w->arena, len + 4);
    return csn_buffer_over(memory, memory != NULL ? len + 4 : 0);
}

/* --- each mend returns whether it changed w->token --- */

static bool
mend_quotes(struct csn_work *w)
{
    struct csn_bytes t = w->token;
    size_t from = 0, to = t.len;
    while (from < to && (t.ptr[from] == '"' || t.ptr[from] == '\'' || t.ptr[from] == '`'))
        from++;
    while (to > from && (t.ptr[to - 1] == '"' || t.ptr[to - 1] == '\'' || t.ptr[to - 1] == '`'))
        to--;
    if (from == 0 && to == t.len)
        return false;
    w->token = csn_bytes_slice(t, from, to);
    csn_find_text(w, CSN_FINDING_QUOTED_TOKEN, CSN_CONFIDENCE_CERTAIN,
                  "Quotation marks stand around the token.",
                  "They are no part of a token; usually a JSON string was passed on without being "
                  "parsed.",
                  "Parse the JSON answer of your backend and hand over the string's value:\n"
                  "const { token } = await response.json();");
    return true;
}

static bool
mend_bearer(struct csn_work *w)
{
    static const char *const SCHEMES[] = {"Bearer ", "Bearer:", "Bearer%20",
                                          "JWT ",    "Token ",  "Authorization: Bearer "};
    for (size_t i = 0; i < sizeof SCHEMES / sizeof SCHEMES[0]; i++) {
        struct csn_bytes scheme = csn_bytes_text(SCHEMES[i]);
        if (w->token.len <= scheme.len ||
            !csn_bytes_equal_nocase(csn_bytes_slice(w->token, 0, scheme.len), scheme))
            continue;
        w->token = csn_bytes_slice(w->token, scheme.len, w->token.len);
        csn_find_text(w, CSN_FINDING_BEARER_PREFIX, CSN_CONFIDENCE_CERTAIN,
                      "The text begins with an authentication scheme.",
                      "\"Bearer\" belongs to the Authorization header, not to the token "
                      "(RFC 6750 §2.1).",
                      "Hand over what follows it: header.replace(/^Bearer /, '')");
        return true;
    }
    return false;
}

static bool
mend_white_space(struct csn_work *w)
{
    struct csn_buffer out = room_for(w, w->token.len);
    for (size_t i = 0; i < w->token.len; i++) {
        if (!is_space(w->token.ptr[i]))
            csn_buffer_byte(&out, w->token.ptr[i]);
    }
    if (out.overflowed || out.len == w->token.len)
        return false;
    w->token = csn_buffer_view(&out);
    csn_find_text(w, CSN_FINDING_WHITESPACE, CSN_CONFIDENCE_CERTAIN,
                  "White space or line ends stand in or around the token.",
                  "A token has none (RFC 7515 §2). Line-wrapping base64 encoders, `echo` and "
                  "copying from a terminal put them there.",
                  "Trim it: token.trim(). On Android encode with Base64.NO_WRAP, in a shell use "
                  "printf %s instead of echo.");
    return true;
}

static int
hex_value(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool
mend_percent(struct csn_work *w)
{
    struct csn_bytes t = w->token;
    struct csn_buffer out = room_for(w, t.len);
    bool changed = false;
    for (size_t i = 0; i < t.len; i++) {
        int high = i + 2 < t.len && t.ptr[i] == '%' ? hex_value(t.ptr[i + 1]) : -1;
        int low = high >= 0 ? hex_value(t.ptr[i + 2]) : -1;
        csn_buffer_byte(&out, low >= 0 ? (uint8_t)(high * 16 + low) : t.ptr[i]);
        i += low >= 0 ? 2 : 0;
        changed = changed || low >= 0;
    }
    if (!changed || out.overflowed)
        return false;
    w->token = csn_buffer_view(&out);
    csn_find_text(w, CSN_FINDING_URL_ENCODED, CSN_CONFIDENCE_CERTAIN,
                  "The token holds percent escapes such as %2E or %3D.",
                  "It was encoded for a URL and not decoded again.",
                  "Decode it once where it arrives: decodeURIComponent(token)");
    return true;
}

static bool
looks_like_token(struct csn_bytes text)
{
    return csn_bytes_starts_with(text, csn_bytes_text("eyJ")) && count_of(text, '.') == 2;
}

/* Returns: the first string anywhere in the document that looks like a token. No recursion: the
 * tree is walked by depth through a short stack. */
static struct csn_bytes
token_inside(const struct csn_json_node *root)
{
    const struct csn_json_node *stack[CSN_JSON_DEPTH_MAX + 1];
    size_t depth = 0;
    const struct csn_json_node *node = root;
    while (node != NULL) {
        if (node->kind == CSN_JSON_STRING && looks_like_token(node->text))
            return node->text;
        if (node->first != NULL) {
            stack[depth++] = node;
            node = node->first;
            continue;
        }
        while (node != NULL && node->next == NULL)
            node = depth > 0 ? stack[--depth] : NULL;
        node = node != NULL && node != root ? node->next : NULL;
    }
    return (struct csn_bytes){0};
}

static bool
mend_json_body(struct csn_work *w)
{
    const struct csn_json_node *root = NULL;
    if (w->token.len == 0 || w->token.ptr[0] != '{' ||
        csn_json_parse(w->token, w->arena, &root) != CSN_OK)
        return false;
    csn_find_text(w, CSN_FINDING_JSON_BODY, CSN_CONFIDENCE_CERTAIN, "A JSON document was given.",
                  "Only the compact form header.payload.signature is a token here (RFC 7519 §3); a "
                  "whole answer of a backend, or a JWS in JSON form, is not.",
                  "Hand over the one string inside it: body.token");
    w->token = token_inside(root);
    return w->token.len > 0;
}

/* Standard or url-safe base64, with or without padding, of a text. */
static bool
decode_loosely(struct csn_work *w, struct csn_bytes text, struct csn_bytes *out)
{
    struct csn_buffer url = room_for(w, text.len), decoded = room_for(w, text.len);
    for (size_t i = 0; i < text.len && text.ptr[i] != '='; i++) {
        uint8_t c = text.ptr[i];
        csn_buffer_byte(&url, c == '+' ? '-' : c == '/' ? '_' : c);
    }
    if (url.overflowed || csn_base64url_decode(csn_buffer_view(&url), &decoded) != CSN_OK)
        return false;
    *out = csn_buffer_view(&decoded);
    return true;
}

static void
find_double(struct csn_work *w)
{
    csn_find_text(w, CSN_FINDING_DOUBLE_ENCODED, CSN_CONFIDENCE_CERTAIN,
                  "Decoding it once gives encoded text again.",
                  "The token, or each of its parts, was base64-encoded a second time.",
                  "Pass the library's token on as it is: jwt.sign(…) is encoded already.");
}

static bool
mend_double(struct csn_work *w)
{
    struct csn_bytes inner;
    if (count_of(w->token, '.') != 0 || !decode_loosely(w, w->token, &inner) ||
        !looks_like_token(inner))
        return false;
    w->token = inner;
    find_double(w);
    return true;
}

/* Everything that can stand around a good token, outermost first, again and again. */
static void
mend(struct csn_work *w)
{
    static bool (*const MENDS[])(struct csn_work *) = {
        mend_json_body, mend_quotes, mend_bearer, mend_white_space, mend_percent, mend_double,
    };
    for (unsigned round = 0; round < MENDS_MAX; round++) {
        bool changed = false;
        for (size_t i = 0; i < sizeof MENDS / sizeof MENDS[0] && !changed; i++)
            changed = MENDS[i](w);
        if (!changed)
            return;
    }
}

/* '+', '/' and '=' in the parts. The token as it was is kept: it may be what was signed. */
static void
mend_alphabet(struct csn_work *w)
{
    struct csn_buffer out = room_for(w, w->token.len);
    bool standard = false, padded = false;
    for (size_t i = 0; i < w->token.len; i++) {
        uint8_t c = w->token.ptr[i];
        standard = standard || c == '+' || c == '/';
        padded = padded || c == '=';
        if (c != '=')
            csn_buffer_byte(&out, c == '+' ? '-' : c == '/' ? '_' : c);
    }
    if (out.overflowed || (!standard && !padded))
        return;
    w->token = csn_buffer_view(&out);
    if (standard)
        csn_find_text(w, CSN_FINDING_BASE64_STANDARD, CSN_CONFIDENCE_CERTAIN,
                      "The parts hold '+' or '/'.",
                      "A token is base64url (RFC 4648 §5): '-' and '_' stand for them, and the "
                      "signature covers the encoded text.",
                      "Encode with the url-safe alphabet before signing: "
                      "Buffer.from(json).toString('base64url')");
    if (padded)
        csn_find_text(w, CSN_FINDING_BASE64_PADDING, CSN_CONFIDENCE_CERTAIN,
                      "The parts end in '='.",
                      "A token's base64url has no padding (RFC 7515 §2), and the signature covers "
                      "the encoded text.",
                      "Strip it before signing: Base64.getUrlEncoder().withoutPadding()");
}

/* --- the three parts --- */

static bool
say_cut(struct csn_work *w, const char *seen)
{
    csn_find_text(w, CSN_FINDING_TRUNCATED, CSN_CONFIDENCE_LIKELY, seen,
                  "A token has three parts, header.payload.signature; this one ends too early. "
                  "Short database columns, URL limits and log lines cut tokens.",
                  "Store and pass the whole token: allow 16,384 characters.");
    return false;
}

static bool
names_no_algorithm(struct csn_bytes token)
{
    uint8_t memory[128];
    struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
    struct csn_bytes header = csn_bytes_slice(token, 0, csn_bytes_find(token, '.'));
    if (csn_base64url_decode(header, &out) != CSN_OK)
        return false;
    for (size_t i = 0; i + 6 <= out.len; i++) {
        if (csn_bytes_equal_nocase(csn_bytes_of(memory + i, 6), csn_bytes_text("\"none\"")))
            return true;
    }
    return false;
}

static bool
check_shape(struct csn_work *w)
{
    size_t dots = count_of(w->token, '.');
    if (dots == 4) {
        csn_find_text(w, CSN_FINDING_ENCRYPTED_TOKEN, CSN_CONFIDENCE_CERTAIN,
                      "The text has five parts.",
                      "That is an encrypted token (JWE, RFC 7516); this server expects a signed "
                      "one (JWS).",
                      "Sign instead of encrypting: new jose.SignJWT(claims), not new "
                      "jose.EncryptJWT(claims)");
        return false;
    }
    bool begins_well = csn_bytes_starts_with(w->token, csn_bytes_text("eyJ"));
    bool signature_empty = dots == 2 && w->token.ptr[w->token.len - 1] == '.';
    if (begins_well && (dots < 2 || signature_empty) && !names_no_algorithm(w->token))
        return say_cut(w, "The signature is missing.");
    if (dots == 2 || (dots == 1 && begins_well))
        return true;
    csn_find_text(w, CSN_FINDING_OPAQUE_TOKEN, CSN_CONFIDENCE_LIKELY,
                  "The text does not have the three parts of a JWT.",
                  "It may be an access token, a session id or an API key of another system.",
                  "Mint a JWT on your backend and hand that over.");
    return false;
}

static const struct csn_json_node *
object_of(struct csn_work *w, struct csn_bytes text)
{
    const struct csn_json_node *node = NULL;
    if (csn_json_parse(text, w->arena, &node) != CSN_OK || node->kind != CSN_JSON_OBJECT)
        return NULL;
    return node;
}

static struct csn_bytes
decoded_part(struct csn_work *w, struct csn_bytes part)
{
    struct csn_bytes out = {0};
    return decode_loosely(w, part, &out) ? out : (struct csn_bytes){0};
}

static void
take_apart(struct csn_work *w)
{
    struct csn_bytes t = w->token;
    size_t first = csn_bytes_find(t, '.');
    struct csn_bytes rest =
        first < t.len ? csn_bytes_slice(t, first + 1, t.len) : (struct csn_bytes){0};
    size_t second = csn_bytes_find(rest, '.');
    w->header_text = decoded_part(w, csn_bytes_slice(t, 0, first));
    w->payload_text = decoded_part(w, csn_bytes_slice(rest, 0, second));
    if (second < rest.len)
        w->signature = decoded_part(w, csn_bytes_slice(rest, second + 1, rest.len));
    w->signing_input = csn_bytes_slice(t, 0, rest.len > 0 ? first + 1 + second : first);
    w->header = object_of(w, w->header_text);
    w->payload = object_of(w, w->payload_text);
}

static void
check_places(struct csn_work *w)
{
    if (w->header == NULL || w->payload == NULL || csn_json_get(w->header, "alg") != NULL ||
        csn_json_get(w->payload, "alg") == NULL)
        return;
    const struct csn_json_node *header = w->payload;
    w->payload = w->header;
    w->header = header;
    w->swapped = true;
    csn_find_text(w, CSN_FINDING_PARTS_SWAPPED, CSN_CONFIDENCE_CERTAIN,
                  "The second part holds `alg`, the first the claims.",
                  "The order is header.payload.signature (RFC 7515 §7.1).",
                  "Put the header first: sign(base64url(header) + '.' + base64url(payload))");
}

static bool
check_json(struct csn_work *w)
{
    if (w->header == NULL && csn_bytes_starts_with(w->header_text, csn_bytes_text("eyJ")))
        find_double(w);
    else if (w->header == NULL)
        csn_find_text(w, CSN_FINDING_HEADER_NOT_JSON, CSN_CONFIDENCE_CERTAIN,
                      "The first part does not decode to a strict JSON object.",
                      "The header must be JSON (RFC 8259) in UTF-8, without duplicate names.",
                      "Build it with a JSON library: JSON.stringify({alg: 'HS256', typ: 'JWT'})");
    if (w->header != NULL && w->payload == NULL)
        csn_find_text(w, CSN_FINDING_PAYLOAD_NOT_JSON, CSN_CONFIDENCE_CERTAIN,
                      "The second part does not decode to a strict JSON object.",
                      "The claims must be one JSON object (RFC 7519 §4) in UTF-8, without "
                      "duplicate names or a byte order mark.",
                      "Build them with a JSON library, and sign the object, not a string of it: "
                      "jwt.sign({sub: id}, secret)");
    return w->header != NULL && w->payload != NULL;
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

bool
csn_diagnose_text(struct csn_work *w)
{
    check_second(w);
    w->token = w->request->input;
    if (w->token.len == 0) {
        csn_find_text(w, CSN_FINDING_TOKEN_MISSING, CSN_CONFIDENCE_CERTAIN, "The token is empty.",
                      "Nothing was presented: the app called login before your backend had "
                      "answered, or under another field name.",
                      "Wait for the token: await login(await fetchToken())");
        return false;
    }
    mend(w);
    w->as_signed = w->token;
    if (w->token.len == 0 || !check_shape(w))
        return false;
    mend_alphabet(w);
    take_apart(w);
    check_places(w);
    return check_json(w);
}
