/* What can happen to a good token on its way.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "scene.h"

#include <string.h>

/* --- around it. `with`: what stands in front, a tab, what stands behind --- */

static void
wrap(struct scene *s, const struct row *row)
{
    uint8_t memory[4 * CSN_TOKEN_MAX];
    struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
    size_t front = strcspn(row->with, "\f");
    csn_buffer_append(&out, csn_bytes_of(row->with, front));
    csn_buffer_append(&out, scene_token(s));
    csn_buffer_text(&out, row->with + front + 1);
    scene_replace(s, csn_buffer_view(&out));
}

static void
replace(struct scene *s, const struct row *row)
{
    scene_replace(s, csn_bytes_text(row->with));
}

/* --- inside it --- */

static void
break_lines(struct scene *s, const struct row *row)
{
    uint8_t memory[4096];
    struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
    for (size_t i = 0; i < s->token.len; i++) {
        if (i > 0 && i % 64 == 0)
            csn_buffer_text(&out, row->with);
        csn_buffer_byte(&out, s->token.ptr[i]);
    }
    scene_replace(s, csn_buffer_view(&out));
}

/* `with`: one character to escape, as %XX. */
static void
percent_encode(struct scene *s, const struct row *row)
{
    uint8_t memory[4096];
    struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
    for (size_t i = 0; i < s->token.len; i++) {
        uint8_t c = s->token.ptr[i];
        if (strchr(row->with, c) == NULL) {
            csn_buffer_byte(&out, c);
            continue;
        }
        csn_buffer_byte(&out, '%');
        csn_buffer_hex(&out, csn_bytes_of(&c, 1));
    }
    scene_replace(s, csn_buffer_view(&out));
}

static void
to_lower_case(struct scene *s, const struct row *row)
{
    (void)row;
    for (size_t i = 0; i < s->token.len; i++) {
        uint8_t *c = &s->token.ptr[i];
        if (*c >= 'A' && *c <= 'Z')
            *c = (uint8_t)(*c - 'A' + 'a');
    }
}

static void
to_upper_case(struct scene *s, const struct row *row)
{
    (void)row;
    for (size_t i = 0; i < s->token.len; i++) {
        uint8_t *c = &s->token.ptr[i];
        if (*c >= 'a' && *c <= 'z')
            *c = (uint8_t)(*c - 'a' + 'A');
    }
}

/* --- cut. `with`: how many characters of which part stay --- */

static void
cut(struct scene *s, const struct row *row)
{
    size_t at = 0;
    for (char part = row->with[0]; part > '1'; part--)
        at += csn_bytes_find(csn_bytes_slice(scene_token(s), at, s->token.len), '.') + 1;
    size_t keep = 0;
    for (const char *digit = row->with + 2; *digit != '\0'; digit++)
        keep = keep * 10 + (size_t)(*digit - '0');
    s->token.len = at + keep;
}

static void
behead(struct scene *s, const struct row *row)
{
    (void)row;
    scene_replace(s, csn_bytes_slice(scene_token(s), 5, s->token.len));
}

/* --- encoded otherwise --- */

/* Another base64 than a token's: the standard alphabet, padding, or both. */
static void
append_other(struct scene *s, struct csn_bytes bytes, bool standard, bool padded)
{
    size_t from = s->token.len;
    csn_base64url_append(&s->token, bytes);
    for (size_t i = from; standard && i < s->token.len; i++) {
        uint8_t *c = &s->token.ptr[i];
        *c = *c == '-' ? '+' : *c == '_' ? '/' : *c;
    }
    while (padded && (s->token.len - from) % 4 != 0)
        csn_buffer_byte(&s->token, '=');
}

#define STANDARD_HEADER "{\"alg\":\"HS256\",\"typ\":\"JWT\",\"x\":\"\xC3\xBB\xC3\xBF>>>???\"}"
#define PLAIN_HEADER "{\"alg\":\"HS256\",\"typ\":\"JWT\" }"

/* `with`: "s" for the standard alphabet, "p" for padding, "." to sign what a good token would be */
static void
sign_standard(struct scene *s, const struct row *row)
{
    uint8_t payload_memory[1024], mac[64];
    struct csn_buffer payload = csn_buffer_over(payload_memory, sizeof payload_memory);
    bool standard = strchr(row->with, 's') != NULL, padded = strchr(row->with, 'p') != NULL;
    scene_write(&payload, "{'sub':'user-4711','exp':@+900 }");
    s->token.len = 0;
    append_other(s, csn_bytes_text(standard ? STANDARD_HEADER : PLAIN_HEADER), standard, padded);
    csn_buffer_byte(&s->token, '.');
    append_other(s, csn_buffer_view(&payload), standard, padded);
    uint8_t memory[2048];
    struct csn_buffer good = csn_buffer_over(memory, sizeof memory);
    for (size_t i = 0; i < s->token.len; i++) {
        uint8_t c = s->token.ptr[i];
        if (c != '=')
            csn_buffer_byte(&good, c == '+' ? '-' : c == '/' ? '_' : c);
    }
    bool as_good = strchr(row->with, '.') != NULL;
    size_t len = scene_mac(CSN_HS256, s->keys[OWN].secret,
                           as_good ? csn_buffer_view(&good) : scene_token(s), mac);
    csn_buffer_byte(&s->token, '.');
    append_other(s, csn_bytes_of(mac, len), standard, padded);
}

static void
encode_whole(struct scene *s, const struct row *row)
{
    uint8_t memory[2048];
    memcpy(memory, s->token.ptr, s->token.len);
    struct csn_bytes token = csn_bytes_of(memory, s->token.len);
    s->token.len = 0;
    if (row->with != NULL)
        append_other(s, token, true, true);
    else
        csn_base64url_append(&s->token, token);
}

static void
encode_twice(struct scene *s, const struct row *row)
{
    encode_whole(s, row);
    encode_whole(s, row);
}

/* A character that carries no bits at all, behind a payload that is whole. */
static void
sign_lone_character(struct scene *s, const struct row *row)
{
    (void)row;
    uint8_t mac[64];
    csn_buffer_byte(&s->token, 'A');
    size_t len = scene_mac(CSN_HS256, s->keys[OWN].secret, scene_token(s), mac);
    scene_append_signature(s, csn_bytes_of(mac, len));
}

static void
encode_parts(struct scene *s, const struct row *row)
{
    uint8_t memory[2048];
    memcpy(memory, s->token.ptr, s->token.len);
    struct csn_bytes rest = csn_bytes_of(memory, s->token.len);
    s->token.len = 0;
    for (int part = 0; part < 3; part++) {
        size_t dot = csn_bytes_find(rest, '.');
        bool encode = row->with == NULL || row->with[0] == '0' + part;
        if (encode)
            csn_base64url_append(&s->token, csn_bytes_slice(rest, 0, dot));
        else
            csn_buffer_append(&s->token, csn_bytes_slice(rest, 0, dot));
        if (part == 2)
            return;
        csn_buffer_byte(&s->token, '.');
        rest = csn_bytes_slice(rest, dot + 1, rest.len);
    }
}

/* payload.header, signed so. `with`: signed the right way round. */
static void
swap(struct scene *s, const struct row *row)
{
    uint8_t memory[2048], mac[64];
    size_t second = 0;
    for (size_t i = 0; i < s->token.len; i++)
        second = s->token.ptr[i] == '.' ? i : second;
    struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
    struct csn_bytes signed_text = csn_bytes_slice(scene_token(s), 0, second);
    size_t first = csn_bytes_find(signed_text, '.');
    csn_buffer_append(&out, csn_bytes_slice(signed_text, first + 1, signed_text.len));
    csn_buffer_byte(&out, '.');
    csn_buffer_append(&out, csn_bytes_slice(signed_text, 0, first));
    size_t len = scene_mac(CSN_HS256, s->keys[OWN].secret,
                           row->with != NULL ? signed_text : csn_buffer_view(&out), mac);
    scene_replace(s, csn_buffer_view(&out));
    scene_append_signature(s, csn_bytes_of(mac, len));
}

/* --- whole requests --- */

static void
two_tokens(struct scene *s, const struct row *row)
{
    (void)row;
    s->request.second = csn_bytes_text("eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl");
}

/* A payload of so many bytes that the token is too long. */
static void
sign_long(struct scene *s, const struct row *row)
{
    static char claims[CSN_TOKEN_MAX];
    (void)row;
    strcpy(claims, "{'sub':'user-4711','exp':@+900,'roles':'");
    size_t len = strlen(claims);
    memset(claims + len, 'x', 13000);
    strcpy(claims + len + 13000, "'}");
    s->token.len = 0;
    scene_append_part(s, "{'alg':'HS256'}");
    csn_buffer_byte(&s->token, '.');
    scene_append_part(s, claims);
    uint8_t mac[64];
    size_t mac_len = scene_mac(CSN_HS256, s->keys[OWN].secret, scene_token(s), mac);
    scene_append_signature(s, csn_bytes_of(mac, mac_len));
}

#define MALFORMED(title, code)                                                                     \
    .name = title, .first = CSN_FINDING_##code, .reason = CSN_REASON_MALFORMED

static const struct row text_rows[] = {
    {MALFORMED("Bearer in front", BEARER_PREFIX), .count = 1, .mangle = wrap, .with = "Bearer \f"},
    {MALFORMED("bearer in lower case", BEARER_PREFIX), .mangle = wrap, .with = "bearer \f"},
    {MALFORMED("a whole Authorization header", BEARER_PREFIX), .mangle = wrap,
     .with = "Authorization: Bearer \f"},
    {MALFORMED("Bearer after a space", BEARER_PREFIX), .mangle = wrap, .with = " Bearer \f"},
    {MALFORMED("Bearer twice", BEARER_PREFIX), .mangle = wrap, .with = "Bearer Bearer \f"},
    {MALFORMED("Bearer without its space", BEARER_PREFIX), .mangle = wrap, .with = "Bearer\f"},
    {MALFORMED("Bearer, the space escaped", BEARER_PREFIX), .mangle = wrap, .with = "Bearer%20\f"},
    {MALFORMED("JWT in front", BEARER_PREFIX), .mangle = wrap, .with = "JWT \f"},
    {MALFORMED("double quotes", QUOTED_TOKEN), .count = 1, .mangle = wrap, .with = "\"\f\""},
    {MALFORMED("single quotes", QUOTED_TOKEN), .mangle = wrap, .with = "'\f'"},
    {MALFORMED("bytes printed by Python", QUOTED_TOKEN), .count = 1, .mangle = wrap,
     .with = "b'\f'", .seen = "b'", .fix = ".decode()"},
    {MALFORMED("bytes printed by Python, double quotes", QUOTED_TOKEN), .count = 1, .mangle = wrap,
     .with = "b\"\f\"\n", .fix = ".decode()"},
    {MALFORMED("bytes printed by Python, in quotes", QUOTED_TOKEN), .count = 1, .mangle = wrap,
     .with = "\"b'\f'\"", .fix = ".decode()"},
    {MALFORMED("bytes printed by Python after Bearer", QUOTED_TOKEN), .count = 2, .mangle = wrap,
     .with = "Bearer b'\f'", .fix = ".decode()"},
    {MALFORMED("bytes printed by Python, the end lost", QUOTED_TOKEN), .count = 1, .mangle = wrap,
     .with = "b'\f", .fix = ".decode()"},
    {MALFORMED("escaped quotes", QUOTED_TOKEN), .mangle = wrap, .with = "\\\"\f\\\""},
    {MALFORMED("quotes and a line end", QUOTED_TOKEN), .mangle = wrap, .with = "\"\f\"\n"},
    {MALFORMED("Bearer in quotes", QUOTED_TOKEN), .mangle = wrap, .with = "\"Bearer \f\""},
    {MALFORMED("a line end behind", WHITESPACE), .count = 1, .mangle = wrap, .with = "\f\n"},
    {MALFORMED("a CRLF behind", WHITESPACE), .mangle = wrap, .with = "\f\r\n"},
    {MALFORMED("a space in front", WHITESPACE), .mangle = wrap, .with = " \f"},
    {MALFORMED("lines of 64", WHITESPACE), .count = 1, .mangle = break_lines, .with = "\n"},
    {MALFORMED("lines of 64, CRLF", WHITESPACE), .mangle = break_lines, .with = "\r\n"},
    {MALFORMED("spaces inside", WHITESPACE), .mangle = break_lines, .with = " "},
    {MALFORMED("dots percent-encoded", URL_ENCODED), .count = 1, .mangle = percent_encode,
     .with = "."},
    {MALFORMED("every letter percent-encoded", URL_ENCODED), .mangle = percent_encode,
     .with = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"},
    {MALFORMED("no capital stays", PAYLOAD_CHANGED), .mangle = to_lower_case, .seen = "capital"},
    {MALFORMED("no small letter stays", PAYLOAD_CHANGED), .mangle = to_upper_case,
     .seen = "lower-case"},
    {MALFORMED("Bearer ten times", BEARER_PREFIX), .mangle = wrap,
     .with = "Bearer Bearer Bearer Bearer Bearer Bearer Bearer Bearer Bearer Bearer \f"},
    {MALFORMED("an unsigned header alone", TRUNCATED), .mangle = replace,
     .with = "eyJhbGciOiJub25lIn0"},
    {MALFORMED("base64 of JSON that is no header", OPAQUE_TOKEN), .mangle = replace,
     .with = "eyJ1c2VyIjoiYW5uIn0"},
    {MALFORMED("a word that begins like a scheme", OPAQUE_TOKEN), .mangle = replace,
     .with = "tokenized-0123456789"},
    {MALFORMED("a character that base64 does not have", PAYLOAD_CHANGED), .mangle = wrap,
     .with = "\f!", .seen = "character"},
    {MALFORMED("a lone character behind the payload", PAYLOAD_CHANGED), .sign = sign_lone_character,
     .claims = "{'sub':'u','exp':1767312900  }", .count = 1},
    {MALFORMED("one dot too many", PAYLOAD_CHANGED), .mangle = wrap, .with = "\f.x",
     .seen = "dots"},
    {MALFORMED("a percent sign that escapes nothing", PAYLOAD_CHANGED), .mangle = wrap,
     .with = "\f%zz%4"},
    {MALFORMED("JSON with text like a token before it", JSON_BODY), .mangle = wrap,
     .with = "{\"kind\":\"eyJ+/=_-\",\"token\":\"\f\"}"},
    {MALFORMED("cut inside the header", TRUNCATED), .mangle = cut, .with = "1:17"},
    {MALFORMED("cut behind the header", TRUNCATED), .mangle = cut, .with = "2:0"},
    {MALFORMED("cut inside the payload", TRUNCATED), .mangle = cut, .with = "2:21"},
    {MALFORMED("cut before the signature", TRUNCATED), .mangle = cut, .with = "3:0"},
    {MALFORMED("cut inside the signature, a lone character left", TRUNCATED), .mangle = cut,
     .with = "3:21"},
    {.name = "cut inside the signature",
     .first = CSN_FINDING_TRUNCATED,
     .reason = CSN_REASON_SIGNATURE_INVALID,
     .mangle = cut,
     .with = "3:20"},
    {.name = "the last four characters cut",
     .first = CSN_FINDING_TRUNCATED,
     .reason = CSN_REASON_SIGNATURE_INVALID,
     .mangle = cut,
     .with = "3:40"},
    {.name = "an RSA signature cut",
     .first = CSN_FINDING_TRUNCATED,
     .reason = CSN_REASON_SIGNATURE_INVALID,
     .mangle = cut,
     .with = "3:128",
     .policy = "{'algorithms':['RS256'],'required':['sub','exp']}",
     .algorithm = CSN_RS256},
    {MALFORMED("the beginning is missing", TRUNCATED), .mangle = behead},
    {.name = "standard base64, signed so",
     .first = CSN_FINDING_BASE64_STANDARD,
     .reason = CSN_REASON_MALFORMED,
     .sign = sign_standard,
     .with = "s"},
    {.name = "standard base64 after signing",
     .first = CSN_FINDING_BASE64_STANDARD,
     .reason = CSN_REASON_MALFORMED,
     .sign = sign_standard,
     .with = "s."},
    {.name = "standard base64 and padding",
     .first = CSN_FINDING_BASE64_STANDARD,
     .reason = CSN_REASON_MALFORMED,
     .sign = sign_standard,
     .with = "sp"},
    {.name = "padding, signed so",
     .first = CSN_FINDING_BASE64_PADDING,
     .reason = CSN_REASON_MALFORMED,
     .sign = sign_standard,
     .with = "p"},
    {.name = "padding after signing",
     .first = CSN_FINDING_BASE64_PADDING,
     .reason = CSN_REASON_MALFORMED,
     .sign = sign_standard,
     .with = "p."},
    {MALFORMED("encoded whole a second time", DOUBLE_ENCODED), .count = 1, .mangle = encode_whole},
    {MALFORMED("encoded whole in standard base64", DOUBLE_ENCODED), .count = 1,
     .mangle = encode_whole, .with = "standard"},
    {MALFORMED("encoded whole, twice more", DOUBLE_ENCODED), .count = 1, .mangle = encode_twice},
    {MALFORMED("each part encoded a second time", DOUBLE_ENCODED), .mangle = encode_parts},
    {.name = "the payload encoded a second time",
     .first = CSN_FINDING_DOUBLE_ENCODED,
     .reason = CSN_REASON_SIGNATURE_INVALID,
     .mangle = encode_parts,
     .with = "1"},
    {.name = "a JWE",
     .first = CSN_FINDING_ENCRYPTED_TOKEN,
     .reason = CSN_REASON_MALFORMED,
     .mangle = replace,
     .with = "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..48V1_ALb6US04U3b."
             "5eym8TW_c8SuK0ltJ3rpYIzOeDQz7TALvtu6UG9oMo4vpzs9tX_EFShS8iB7j6ji.XFBoMYUZodetZdvTiFv"
             "SkQ"},
    {.name = "an opaque token",
     .first = CSN_FINDING_OPAQUE_TOKEN,
     .reason = CSN_REASON_MALFORMED,
     .mangle = replace,
     .with = "gho_16C7e42F292c6912E7710c838347Ae178B4a"},
    {.name = "a UUID",
     .first = CSN_FINDING_OPAQUE_TOKEN,
     .reason = CSN_REASON_MALFORMED,
     .mangle = replace,
     .with = "7f0c1e0a-33c2-4a5b-9b1e-2f54a9a3b1aa"},
    {.name = "a PASETO",
     .first = CSN_FINDING_OPAQUE_TOKEN,
     .reason = CSN_REASON_MALFORMED,
     .mangle = replace,
     .with = "v4.public.eyJkYXRhIjoidGhpcyBpcyBhIHNpZ25lZCBtZXNzYWdlIn0"},
    {.name = "a sentence",
     .first = CSN_FINDING_OPAQUE_TOKEN,
     .reason = CSN_REASON_MALFORMED,
     .mangle = replace,
     .with = "Internal Server Error"},
    {.name = "five words with dots",
     .first = CSN_FINDING_OPAQUE_TOKEN,
     .reason = CSN_REASON_MALFORMED,
     .mangle = replace,
     .with = "a.b.c.d.e"},
    {MALFORMED("payload before header, signed so", PARTS_SWAPPED), .mangle = swap},
    {MALFORMED("payload before header, signed right", PARTS_SWAPPED), .mangle = swap,
     .with = "right"},
    {MALFORMED("await forgotten", NOT_AWAITED), .count = 1, .mangle = replace,
     .with = "[object Promise]", .fix = "await new SignJWT"},
    {MALFORMED("await forgotten, in quotes", NOT_AWAITED), .count = 1, .mangle = replace,
     .with = " \"[object Promise]\""},
    {MALFORMED("await forgotten, printed", NOT_AWAITED), .count = 1, .mangle = replace,
     .with = "Promise { <pending> }"},
    {MALFORMED("await forgotten in Python", NOT_AWAITED), .count = 1, .mangle = replace,
     .with = "<coroutine object mint at 0x7f>"},
    {MALFORMED("await forgotten after Bearer", BEARER_PREFIX), .count = 2, .mangle = replace,
     .with = "Bearer [object Promise]"},
    {MALFORMED("an object for its token", OBJECT_PRINTED), .count = 1, .mangle = replace,
     .with = "[object Object]", .fix = "const { token }"},
    {MALFORMED("the backend's whole answer", JSON_BODY), .count = 1, .mangle = wrap,
     .with = "{\"token\":\"\f\"}"},
    {MALFORMED("the backend's answer, indented", JSON_BODY), .mangle = wrap,
     .with = "{\n  \"data\": {\n    \"id\": 5,\n    \"jwt\": \"\f\"\n  }\n}\n"},
    {MALFORMED("an array with the token", JSON_BODY), .count = 1, .mangle = wrap,
     .with = "[\"\f\"]"},
    {MALFORMED("JSON that is none", JSON_BODY), .mangle = wrap, .with = "{token: '\f'}"},
    {.name = "a JWS in JSON form",
     .first = CSN_FINDING_JSON_BODY,
     .reason = CSN_REASON_MALFORMED,
     .mangle = replace,
     .with = "{\"payload\":\"e30\",\"protected\":\"e30\",\"signature\":\"AA\"}"},
    {.name = "the claims themselves",
     .first = CSN_FINDING_JSON_BODY,
     .reason = CSN_REASON_MALFORMED,
     .mangle = replace,
     .with = "{\"sub\":\"user-4711\"}"},
    {MALFORMED("a header that is no JSON", HEADER_NOT_JSON), .header = "{alg:'HS256'}"},
    {MALFORMED("a header with a name twice", HEADER_NOT_JSON),
     .header = "{'alg':'HS256','alg':'HS256'}"},
    {MALFORMED("a payload that is no object", PAYLOAD_NOT_JSON), .claims = "'user-4711'"},
    {MALFORMED("a payload with a name twice", PAYLOAD_NOT_JSON),
     .claims = "{'sub':'a','sub':'b','exp':@+900}"},
    {MALFORMED("a payload behind a byte order mark", PAYLOAD_NOT_JSON),
     .claims = "\xEF\xBB\xBF{'sub':'a','exp':@+900}"},
    {.name = "nothing",
     .first = CSN_FINDING_TOKEN_MISSING,
     .reason = CSN_REASON_MISSING,
     .mangle = replace,
     .with = ""},
    {.name = "only white space",
     .first = CSN_FINDING_TOKEN_MISSING,
     .reason = CSN_REASON_MALFORMED,
     .mangle = replace,
     .with = " \n"},
    {.name = "the word null",
     .first = CSN_FINDING_TOKEN_MISSING,
     .reason = CSN_REASON_MALFORMED,
     .mangle = replace,
     .with = "null"},
    {.name = "the word undefined behind Bearer",
     .first = CSN_FINDING_BEARER_PREFIX,
     .reason = CSN_REASON_MALFORMED,
     .mangle = replace,
     .with = "Bearer undefined"},
    {.name = "two tokens",
     .first = CSN_FINDING_TWO_TOKENS,
     .reason = CSN_REASON_ACCEPTED,
     .mangle = two_tokens,
     .accepted_too = true},
    {.name = "more than 16,384 bytes",
     .first = CSN_FINDING_TOKEN_TOO_LARGE,
     .reason = CSN_REASON_TOO_LARGE,
     .sign = sign_long},
};
const struct table text_table = TABLE(text_rows);
