/* Our own session tokens: a JWT under a key derived for each app, checked by the same judge as
 * every other token. The header is one constant, so a bearer is told apart by its first characters.
 *
 * The payload is written in a narrow alphabet (session_token_write below): base64 of ASCII shows
 * '-' or '_' only for '>', '?', '~' and DEL in the third place of a triple, so those, and
 * everything beyond ASCII, become JSON escapes.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "core/crypto.h"
#include "server/domain/authenticate.h"

/* {"alg":"HS256","typ":"JWT","kid":"countersign-session"} */
#define HEADER "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6ImNvdW50ZXJzaWduLXNlc3Npb24ifQ"
#define PAYLOAD_MAX 4096

/* A session was issued by our own clock, so one of the future says only that the clock was set
 * back, or is another node's. This much is borne; the end of a session knows no leeway (judge
 * below). */
#define CLOCK_BACK_S 600

static const struct csn_policy SESSION_POLICY = {
    .algorithms = 1u << CSN_HS256,
    .identity = {{(const uint8_t *)"sid", 3}},
    .identity_count = 1,
    .required = {{(const uint8_t *)"exp", 3}, {(const uint8_t *)"iat", 3}},
    .required_count = 2,
    .issued_within_s = -1,
    .lifetime_max_s = -1,
    .leeway_s = CLOCK_BACK_S,
};

bool
csn_is_session_token(struct csn_bytes bearer)
{
    return csn_bytes_starts_with(bearer, csn_bytes_text(HEADER "."));
}

void
csn_token_hash(struct csn_bytes token, uint8_t hash[32])
{
    size_t end = token.len;
    while (end > 0 && token.ptr[end - 1] != '.')
        end--;
    csn_sha256(csn_bytes_slice(token, 0, end > 0 ? end - 1 : 0), hash);
}

/* --- writing --- */

static void
write_escape(struct csn_buffer *out, uint32_t unit)
{
    uint8_t big_endian[2] = {(uint8_t)(unit >> 8), (uint8_t)unit};
    csn_buffer_text(out, "\\u");
    csn_buffer_hex(out, csn_bytes_of(big_endian, sizeof big_endian));
}

/* Reads one code point of valid UTF-8. */
static uint32_t
next_code_point(struct csn_bytes text, size_t *at)
{
    uint8_t first = text.ptr[(*at)++];
    unsigned more = first < 0x80 ? 0 : first < 0xE0 ? 1 : first < 0xF0 ? 2 : 3;
    uint32_t point = more == 0 ? first : first & (0x3Fu >> more);
    for (; more > 0 && *at < text.len; more--)
        point = point << 6 | (text.ptr[(*at)++] & 0x3Fu);
    return point;
}

static bool
is_plain(uint32_t point)
{
    return point >= ' ' && point < '~' && point != '"' && point != '\\' && point != '>' &&
           point != '?';
}

static void
write_narrow_string(struct csn_buffer *out, struct csn_bytes text)
{
    csn_buffer_byte(out, '"');
    for (size_t at = 0; at < text.len;) {
        uint32_t point = next_code_point(text, &at);
        if (is_plain(point)) {
            csn_buffer_byte(out, (uint8_t)point);
        } else if (point < 0x10000) {
            write_escape(out, point);
        } else {
            write_escape(out, 0xD800 + ((point - 0x10000) >> 10));
            write_escape(out, 0xDC00 + ((point - 0x10000) & 0x3FF));
        }
    }
    csn_buffer_byte(out, '"');
}

static void
write_text_member(struct csn_buffer *out, const char *lead, struct csn_bytes text)
{
    csn_buffer_text(out, lead);
    write_narrow_string(out, text);
}

static void
write_int_member(struct csn_buffer *out, const char *lead, int64_t value)
{
    csn_buffer_text(out, lead);
    csn_buffer_int(out, value);
}

/* iat is cut and exp rounded up to the second, so the token never ends before its session. The
 * device's facts stand here for the decisions of later calls, which ask no store. */
static void
write_payload(struct csn_buffer *out, const struct csn_app *app,
              const struct csn_session_claims *claims)
{
    write_text_member(out, "{\"iss\":", csn_bytes_text("countersign"));
    write_text_member(out, ",\"apiSpaceId\":", csn_bytes_text(app->id.text));
    write_text_member(out, ",\"sid\":", csn_bytes_text(claims->session.text));
    write_text_member(out, ",\"sub\":", csn_bytes_text(claims->customer.text));
    write_text_member(out, ",\"did\":", claims->device);
    if (claims->platform.len > 0)
        write_text_member(out, ",\"plt\":", claims->platform);
    if (claims->app_version.len > 0)
        write_text_member(out, ",\"apv\":", claims->app_version);
    if (claims->sdk_version.len > 0)
        write_text_member(out, ",\"sdv\":", claims->sdk_version);
    if (claims->identity.len > 0)
        write_text_member(out, ",\"identity\":", claims->identity);
    write_int_member(out, ",\"asr\":", claims->assurance);
    write_int_member(out, ",\"gen\":", claims->generation);
    write_int_member(out, ",\"iat\":", claims->issued_ms / 1000);
    write_int_member(out, ",\"exp\":", (claims->expires_ms + 999) / 1000);
    csn_buffer_byte(out, '}');
}

enum csn_status
csn_session_token_mint(const struct csn_app *app, const struct csn_session_claims *claims,
                       struct csn_buffer *out)
{
    uint8_t payload_memory[PAYLOAD_MAX];
    struct csn_buffer payload = csn_buffer_over(payload_memory, sizeof payload_memory);
    write_payload(&payload, app, claims);
    if (payload.overflowed)
        return CSN_NO_SPACE;
    size_t start = out->len;
    csn_buffer_text(out, HEADER ".");
    csn_base64url_append(out, csn_buffer_view(&payload));
    if (out->overflowed)
        return CSN_NO_SPACE;
    uint8_t signature_memory[CSN_SIGNATURE_MAX];
    struct csn_buffer signature = csn_buffer_over(signature_memory, sizeof signature_memory);
    struct csn_bytes input = csn_bytes_slice(csn_buffer_view(out), start, out->len);
    enum csn_status status = csn_signer_sign(app->session_signer, input, &signature);
    if (status != CSN_OK)
        return status;
    csn_buffer_byte(out, '.');
    csn_base64url_append(out, csn_buffer_view(&signature));
    return out->overflowed ? CSN_NO_SPACE : CSN_OK;
}

/* --- reading, after the signature held: what stands there we wrote ourselves --- */

static bool
read_id(struct csn_json_text text, struct csn_id *out)
{
    if (text.escaped || text.raw.len != CSN_ID_LENGTH)
        return false;
    memcpy(out->text, text.raw.ptr, CSN_ID_LENGTH);
    out->text[CSN_ID_LENGTH] = '\0';
    return true;
}

static bool
read_text(struct csn_json_text text, char *memory, size_t cap, size_t *len)
{
    struct csn_buffer out = csn_buffer_over(memory, cap - 1);
    csn_json_text_append(text, &out);
    memory[out.len] = '\0';
    *len = out.len;
    return !out.overflowed;
}

static bool
read_uint32(struct csn_bytes text, uint32_t *out)
{
    int64_t value = 0;
    if (csn_json_integer(text, &value) != CSN_OK || value < 0 || value > UINT32_MAX)
        return false;
    *out = (uint32_t)value;
    return true;
}

static bool
name_is(const struct csn_json_item *item, const char *name)
{
    return csn_json_text_is(item->name, csn_bytes_text(name));
}

/* What the SDK said of its device. Out: *read, whether this member did. Returns: it is no other
 * than we write. */
static bool
read_facts(const struct csn_json_item *item, struct csn_caller *caller, bool *read)
{
    size_t unused = 0;
    *read = true;
    if (name_is(item, "did"))
        return read_text(item->text, caller->device, sizeof caller->device, &unused);
    if (name_is(item, "plt"))
        return read_text(item->text, caller->platform, sizeof caller->platform, &unused);
    if (name_is(item, "apv"))
        return read_text(item->text, caller->app_version, sizeof caller->app_version, &unused);
    if (name_is(item, "sdv"))
        return read_text(item->text, caller->sdk_version, sizeof caller->sdk_version, &unused);
    *read = false;
    return true;
}

static bool
read_member(const struct csn_json_item *item, const struct csn_app *app, struct csn_caller *caller)
{
    if (name_is(item, "apiSpaceId"))
        return csn_json_text_is(item->text, csn_bytes_text(app->id.text));
    if (name_is(item, "sid"))
        return read_id(item->text, &caller->session);
    if (name_is(item, "sub"))
        return read_id(item->text, &caller->customer);
    if (name_is(item, "identity"))
        return read_text(item->text, caller->identity, sizeof caller->identity,
                         &caller->identity_len);
    if (name_is(item, "gen"))
        return read_uint32(item->text.raw, &caller->generation);
    bool read = false;
    if (!read_facts(item, caller, &read))
        return false;
    uint32_t assurance = 0;
    if (read || !name_is(item, "asr"))
        return true;
    caller->assurance = CSN_ASSURANCE_NONE;
    if (!read_uint32(item->text.raw, &assurance) || assurance > CSN_ASSURANCE_VERIFIED)
        return false;
    caller->assurance = (enum csn_assurance)assurance;
    return true;
}

static bool
read_payload(struct csn_bytes payload, const struct csn_app *app, struct csn_json_names *names,
             struct csn_caller *caller)
{
    struct csn_json_reader reader;
    struct csn_json_item item;
    csn_json_reader_init(&reader, payload, names);
    while (csn_json_next(&reader, &item) != CSN_JSON_END) {
        if (item.kind == CSN_JSON_INVALID)
            return false;
        if (item.depth == 1 && item.named && !read_member(&item, app, caller))
            return false;
    }
    return caller->assurance != CSN_ASSURANCE_NONE && caller->session.text[0] != '\0' &&
           caller->customer.text[0] != '\0';
}

void
csn_session_token_judge(const struct csn_app *app, struct csn_bytes token,
                        struct csn_workspace *workspace, struct csn_caller *caller, int64_t now_ms)
{
    struct csn_presentation presented = {.token = token};
    struct csn_verdict verdict;
    csn_judge(&SESSION_POLICY, &app->session_keys, &presented, workspace, &verdict, now_ms);
    if (verdict.reason == CSN_REASON_ACCEPTED && now_ms >= verdict.expires_at_ms)
        verdict.reason = CSN_REASON_EXPIRED;
    *caller =
        (struct csn_caller){.kind = CSN_BEARER_SESSION, .verdict = {.reason = verdict.reason}};
    if (verdict.reason != CSN_REASON_ACCEPTED)
        return;
    caller->verdict.reason = CSN_UNDECIDED;
    struct csn_token_parts parts;
    if (csn_token_open(token, workspace, &parts) != CSN_OK)
        return;
    if (!read_payload(parts.payload, app, &workspace->names, caller))
        return;
    caller->expires_ms = verdict.expires_at_ms;
    caller->verdict = verdict;
    caller->verdict.identity = csn_bytes_of(caller->identity, caller->identity_len);
    caller->verdict.identity_claim = (struct csn_bytes){0};
}
