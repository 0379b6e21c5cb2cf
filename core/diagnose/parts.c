/* The three parts of a token: are they there, and what do they decode to?
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/diagnose/work.h"

/* One part, decoded. */
struct part {
    struct csn_bytes text;
    bool foreign, stray;
};

static bool
decode(struct csn_work *w, struct csn_bytes encoded, struct part *part)
{
    uint8_t *memory = csn_work_room(w, encoded.len);
    if (memory == NULL)
        return false;
    struct csn_loose loose = csn_loose_decode(encoded, CSN_LOOSE_BOTH, memory);
    *part = (struct part){csn_bytes_of(memory, loose.len), loose.foreign > 0, loose.stray};
    return true;
}

static const struct csn_json_node *
object_of(struct csn_work *w, struct csn_bytes text)
{
    const struct csn_json_node *node = NULL;
    enum csn_status status = csn_json_parse(text, w->arena, &node);
    w->starved = w->starved || status == CSN_NO_SPACE;
    return status == CSN_OK && node->kind == CSN_JSON_OBJECT ? node : NULL;
}

/* --- the number of parts --- */

static void
say_cut(struct csn_work *w, const char *seen)
{
    csn_find_text(w, CSN_FINDING_TRUNCATED, CSN_CONFIDENCE_LIKELY, seen,
                  "A token has three parts, header.payload.signature, and every character counts. "
                  "Short database columns, URL limits and log lines cut tokens.",
                  "Store and pass the whole token: allow 16,384 characters.");
}

static void
say_opaque(struct csn_work *w)
{
    csn_find_text(w, CSN_FINDING_OPAQUE_TOKEN, CSN_CONFIDENCE_LIKELY,
                  "The text does not have the three parts of a JWT.",
                  "It may be an access token, a session id or an API key of another system.",
                  "Mint a JWT on your backend and hand that over.");
}

static void
say_changed(struct csn_work *w, const char *seen)
{
    csn_find_text(w, CSN_FINDING_PAYLOAD_CHANGED, CSN_CONFIDENCE_LIKELY, seen,
                  "The signature covers every character of a token.",
                  "Pass the token on untouched.");
}

/* Returns: the header of a token whose end is missing is there, and says alg "none" or no alg: then
 * nothing is missing at the end. */
static bool
is_whole_without_signature(struct csn_work *w, bool *opaque)
{
    struct part header;
    if (!decode(w, csn_bytes_slice(w->token, 0, csn_bytes_find(w->token, '.')), &header))
        return false;
    const struct csn_json_node *object = object_of(w, header.text);
    struct csn_bytes algorithm;
    *opaque = object != NULL && csn_json_get(object, "alg") == NULL;
    return csn_json_get_text(object, "alg", &algorithm) &&
           csn_bytes_equal_nocase(algorithm, csn_bytes_text("none"));
}

/* Four parts, two parts, one: returns whether the token can be taken apart all the same. */
static bool
check_unfinished(struct csn_work *w, size_t dots)
{
    bool opaque = false;
    if (is_whole_without_signature(w, &opaque) && dots > 0)
        return true;
    if (opaque && dots == 0)
        say_opaque(w); /* base64 of JSON, but no header: a cookie, perhaps */
    else
        say_cut(w, "The signature is missing.");
    return false;
}

static bool
check_shape(struct csn_work *w)
{
    size_t dots = csn_count_of(w->token, '.');
    bool begins_well = csn_begins_like_object(w->token);
    bool ends_empty = w->token.ptr[w->token.len - 1] == '.';
    if (begins_well && (dots < 2 || (dots == 2 && ends_empty)))
        return check_unfinished(w, dots);
    if (dots == 2)
        return true;
    if (begins_well && dots == 4)
        csn_find_text(w, CSN_FINDING_ENCRYPTED_TOKEN, CSN_CONFIDENCE_CERTAIN,
                      "The text has five parts.",
                      "That is an encrypted token (JWE, RFC 7516); this server expects a signed "
                      "one (JWS).",
                      "Sign instead of encrypting: new jose.SignJWT(claims), not new "
                      "jose.EncryptJWT(claims)");
    else if (begins_well)
        say_changed(w, "There are more dots than the two between three parts.");
    else
        say_opaque(w);
    return false;
}

static bool
check_length(struct csn_work *w)
{
    if (w->token.len <= CSN_TOKEN_MAX)
        return true;
    struct csn_said seen;
    csn_said_start(&seen);
    csn_said_text(&seen, "The token has ");
    csn_said_int(&seen, (int64_t)w->token.len);
    csn_said_text(&seen, " bytes.");
    csn_find(w, CSN_FINDING_TOKEN_TOO_LARGE, CSN_CONFIDENCE_CERTAIN, csn_said_view(&seen),
             csn_bytes_text("A token proves who the customer is; 16,384 bytes are the most that is "
                            "read of one."),
             csn_bytes_text("Sign only what the policy asks for; send the rest as profile or event "
                            "data: jwt.sign({sub: user.id}, secret)"));
    return false;
}

/* Somebody's lower() or upper(): base64 needs both. */
static bool
check_case(struct csn_work *w)
{
    bool upper = false, lower = false;
    for (size_t i = 0; i < w->token.len; i++) {
        uint8_t c = w->token.ptr[i];
        upper = upper || (c >= 'A' && c <= 'Z');
        lower = lower || (c >= 'a' && c <= 'z');
    }
    if ((upper && lower) || w->token.len < 64)
        return true;
    csn_find_text(w, CSN_FINDING_PAYLOAD_CHANGED, CSN_CONFIDENCE_LIKELY,
                  upper ? "There is not one lower-case letter." : "There is not one capital.",
                  "Upper and lower case carry meaning in base64url; something on the token's way "
                  "folded them.",
                  "Pass the token on untouched, and compare nothing of it without case.");
    return false;
}

/* --- the alphabet --- */

/* '+', '/' and '=' in the parts. The text as it was is kept: it may be what was signed. */
static void
mend_alphabet(struct csn_work *w)
{
    uint8_t *mended = csn_work_room(w, w->token.len);
    size_t len = 0;
    bool standard = false, padded = false;
    for (size_t i = 0; mended != NULL && i < w->token.len; i++) {
        uint8_t c = w->token.ptr[i];
        standard = standard || c == '+' || c == '/';
        padded = padded || c == '=';
        if (c != '=')
            mended[len++] = c == '+' ? '-' : c == '/' ? '_' : c;
    }
    if (!standard && !padded)
        return;
    w->token = csn_bytes_of(mended, len);
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

/* Adds header.payload of a whole token to what may have been signed. */
static void
add_signed(struct csn_work *w, struct csn_bytes token)
{
    size_t dot = token.len - 1;
    while (token.ptr[dot] != '.') /* there is one: check_shape */
        dot--;
    struct csn_bytes text = csn_bytes_slice(token, 0, dot);
    if (w->signed_count > 0 && csn_bytes_equal(text, w->signed_texts[0]))
        return;
    w->signed_texts[w->signed_count++] = text;
}

/* payload.header, as it stands, may have been signed as header.payload. */
static void
add_signed_swapped(struct csn_work *w)
{
    struct csn_bytes text = w->signed_texts[0];
    size_t dot = csn_bytes_find(text, '.');
    uint8_t *memory = csn_work_room(w, text.len);
    if (memory == NULL)
        return;
    struct csn_buffer out = csn_buffer_over(memory, text.len);
    csn_buffer_append(&out, csn_bytes_slice(text, dot + 1, text.len));
    csn_buffer_byte(&out, '.');
    csn_buffer_append(&out, csn_bytes_slice(text, 0, dot));
    w->signed_texts[w->signed_count++] = csn_buffer_view(&out);
}

/* --- what is in them --- */

static void
say_double(struct csn_work *w)
{
    csn_find_text(w, CSN_FINDING_DOUBLE_ENCODED, CSN_CONFIDENCE_CERTAIN,
                  "A part decodes to encoded text again.",
                  "Header or payload was base64-encoded a second time.",
                  "Give the library the claims themselves: jwt.sign(claims, secret) encodes them.");
}

static void
say_header_not_json(struct csn_work *w)
{
    csn_find_text(w, CSN_FINDING_HEADER_NOT_JSON, CSN_CONFIDENCE_CERTAIN,
                  "The first part does not decode to a strict JSON object.",
                  "The header must be JSON (RFC 8259) in UTF-8, without duplicate names.",
                  "Build it with a JSON library: JSON.stringify({alg: 'HS256', typ: 'JWT'})");
}

static bool
check_header_json(struct csn_work *w, const struct part *header)
{
    if (w->header != NULL)
        return true;
    bool begins_well = csn_begins_like_object(w->token);
    if (csn_begins_like_object(header->text))
        say_double(w);
    else if (!begins_well && w->payload != NULL)
        say_cut(w, "The beginning is missing.");
    else if (!begins_well)
        say_opaque(w);
    else
        say_header_not_json(w);
    return false;
}

static bool
check_payload_json(struct csn_work *w, const struct part *payload)
{
    if (w->payload != NULL)
        return true;
    if (csn_begins_like_object(payload->text))
        say_double(w);
    else
        csn_find_text(w, CSN_FINDING_PAYLOAD_NOT_JSON, CSN_CONFIDENCE_CERTAIN,
                      "The second part does not decode to a strict JSON object.",
                      "The claims must be one JSON object (RFC 7519 §4) in UTF-8, without "
                      "duplicate names or a byte order mark.",
                      "Build them with a JSON library, and sign the object, not a string of it: "
                      "jwt.sign({sub: id}, secret)");
    return false;
}

static void
check_places(struct csn_work *w)
{
    if (csn_json_get(w->header, "alg") != NULL || csn_json_get(w->payload, "alg") == NULL)
        return;
    const struct csn_json_node *header = w->payload;
    w->payload = w->header;
    w->header = header;
    add_signed_swapped(w);
    csn_find_text(w, CSN_FINDING_PARTS_SWAPPED, CSN_CONFIDENCE_CERTAIN,
                  "The second part holds `alg`, the first the claims.",
                  "The order is header.payload.signature (RFC 7515 §7.1).",
                  "Put the header first: sign(base64url(header) + '.' + base64url(payload))");
}

static bool
take_apart(struct csn_work *w)
{
    struct csn_bytes rest = w->token;
    struct part parts[3] = {{{0}, false, false}};
    for (size_t i = 0; i < 3; i++) {
        size_t dot = csn_bytes_find(rest, '.');
        if (!decode(w, csn_bytes_slice(rest, 0, dot), &parts[i]))
            return false;
        rest = dot < rest.len ? csn_bytes_slice(rest, dot + 1, rest.len) : (struct csn_bytes){0};
    }
    w->signature = parts[2].text;
    w->signature_stray = parts[2].stray;
    w->header = object_of(w, parts[0].text);
    w->payload = object_of(w, parts[1].text);
    if (w->starved || !check_header_json(w, &parts[0]) || !check_payload_json(w, &parts[1]))
        return false;
    if (parts[0].foreign || parts[1].foreign || parts[2].foreign)
        say_changed(w, "There is a character in it that base64url does not have.");
    if (parts[0].stray || parts[1].stray)
        say_changed(w, "The last character of a part carries bits that no encoder writes.");
    return true;
}

bool
csn_diagnose_parts(struct csn_work *w)
{
    if (!check_length(w) || !check_shape(w) || !check_case(w))
        return false;
    struct csn_bytes as_it_stood = w->token;
    mend_alphabet(w);
    add_signed(w, w->token);
    add_signed(w, as_it_stood);
    if (!take_apart(w))
        return false;
    check_places(w);
    return true;
}
