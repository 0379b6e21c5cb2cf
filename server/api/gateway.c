/* The gateway: one question a proxy asks before it lets a request through. The hottest path there
 * is: no JSON, no heap, no store.
 *
 * The bearer stands in Authorization. An operator who has it elsewhere says so in the URL that the
 * proxy is configured with: ?cookie=NAME, ?query=NAME (of the original URI, which the proxy passes
 * on in X-Original-URI or X-Forwarded-Uri). Two that differ are refused.
 *
 * Only a verified customer passes: nothing in the request can ask for less, because proxies differ
 * in whether they hand the client's own query on. For the same reason other parameters are passed
 * over. Enforcement has no say here: it is for SDKs in the field, and a gateway that lets unproven
 * requests through guards nothing.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/api/admission.h"
#include "server/api/answer.h"
#include "server/api/credential.h"
#include "server/api/handlers.h"
#include "server/api/problem.h"
#include "server/api/query.h"
#include "server/api/record.h"

#define PLACE_MAX 60 /* bytes of the name of a cookie or parameter, encoded */

static const char hex[] = "0123456789ABCDEF";

/* --- where the bearer is --- */

static bool
refuse(enum csn_step answered)
{
    (void)answered;
    return false;
}

static struct csn_bytes
unquoted(struct csn_bytes value)
{
    if (value.len >= 2 && value.ptr[0] == '"' && value.ptr[value.len - 1] == '"')
        return csn_bytes_slice(value, 1, value.len - 1);
    return value;
}

/* Finds the cookie `name` in one Cookie field (RFC 6265 §4.2.1). Returns: false when it is there
 * twice with different values. */
static bool
find_cookie(struct csn_bytes field, struct csn_bytes name, struct csn_bytes *value)
{
    while (field.len > 0) {
        size_t end = csn_bytes_find(field, ';');
        struct csn_bytes pair = csn_bytes_slice(field, 0, end);
        field = csn_bytes_slice(field, end == field.len ? end : end + 1, field.len);
        while (pair.len > 0 && pair.ptr[0] == ' ')
            pair = csn_bytes_slice(pair, 1, pair.len);
        size_t equals = csn_bytes_find(pair, '=');
        if (equals == pair.len || !csn_bytes_equal(csn_bytes_slice(pair, 0, equals), name))
            continue;
        struct csn_bytes found = unquoted(csn_bytes_slice(pair, equals + 1, pair.len));
        if (value->len > 0 && !csn_bytes_equal(*value, found))
            return false;
        *value = found;
    }
    return true;
}

static bool
read_cookie(struct csn_exchange *x, struct csn_bytes name, struct csn_bytes *value)
{
    *value = (struct csn_bytes){0};
    for (size_t i = 0; i < x->request.header_count; i++) {
        const struct csn_header *header = &x->request.headers[i];
        if (!csn_bytes_equal_nocase(header->name, csn_bytes_text("cookie")))
            continue;
        if (!find_cookie(header->value, name, value))
            return refuse(csn_problem_fault(x, CSN_FAULT_TWO_CREDENTIALS, NULL));
    }
    return true;
}

/* A parameter of the URI that the proxy was asked for. */
static bool
read_original(struct csn_exchange *x, struct csn_bytes name, struct csn_bytes *value)
{
    char text[64];
    bool twice = false;
    *value = (struct csn_bytes){0};
    struct csn_bytes uri = csn_request_header(&x->request, "x-original-uri", &twice);
    if (uri.len == 0 && !twice)
        uri = csn_request_header(&x->request, "x-forwarded-uri", &twice);
    struct csn_buffer wanted = csn_buffer_over(text, sizeof text);
    csn_buffer_append(&wanted, name);
    if (twice || csn_buffer_terminate(&wanted) == NULL)
        return refuse(csn_problem_fault(x, CSN_FAULT_REQUEST_INVALID, NULL));
    size_t mark = csn_bytes_find(uri, '?');
    struct csn_bytes raw;
    if (mark == uri.len ||
        !csn_query_raw(csn_bytes_slice(uri, mark + 1, uri.len), text, &raw, &twice))
        return true;
    if (twice)
        return refuse(csn_problem_fault(x, CSN_FAULT_TWO_CREDENTIALS, NULL));
    if (!csn_query_decode(&x->arena, raw, true, value))
        *value = raw; /* judged as it stands: malformed */
    return true;
}

/* Takes a bearer from one more place. Returns: false after it answered a problem. */
static bool
also(struct csn_exchange *x, struct csn_bytes *bearer, struct csn_bytes other)
{
    if (!csn_credential_agree(x, *bearer, other))
        return false;
    if (bearer->len == 0)
        *bearer = other;
    return true;
}

struct places {
    struct csn_bytes cookie, query;
};

static bool
read_bearer(struct csn_exchange *x, const struct places *places, struct csn_bytes *bearer)
{
    struct csn_bytes other;
    if (!csn_credential_bearer(x, bearer))
        return false;
    if (places->cookie.len > 0 &&
        (!read_cookie(x, places->cookie, &other) || !also(x, bearer, other)))
        return false;
    if (places->query.len > 0 &&
        (!read_original(x, places->query, &other) || !also(x, bearer, other)))
        return false;
    return true;
}

/* --- the answer --- */

/* Percent-encodes what is not plain in a field's value (RFC 3986 §2.3): a field holds no UTF-8. */
static struct csn_bytes
encoded(struct csn_exchange *x, struct csn_bytes text)
{
    size_t cap = text.len * 3;
    void *memory = csn_arena_alloc(&x->arena, cap);
    struct csn_buffer out = csn_buffer_over(memory, memory != NULL ? cap : 0);
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.ptr[i];
        bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                     c == '-' || c == '.' || c == '_' || c == '~' || c == '@';
        if (plain) {
            csn_buffer_byte(&out, c);
            continue;
        }
        csn_buffer_byte(&out, '%');
        csn_buffer_byte(&out, (uint8_t)hex[c >> 4]);
        csn_buffer_byte(&out, (uint8_t)hex[c & 15]);
    }
    return csn_buffer_view(&out);
}

static enum csn_step
answer_passed(struct csn_exchange *x)
{
    const struct csn_caller *caller = &x->caller;
    struct csn_bytes identity = csn_bytes_of(caller->identity, caller->identity_len);
    if (identity.len > 0)
        csn_response_header(x, "Countersign-Customer", encoded(x, identity));
    csn_response_header(x, "Countersign-Assurance",
                        csn_bytes_text(csn_assurance_name(caller->assurance)));
    void *memory = csn_arena_alloc(&x->arena, 24);
    struct csn_buffer number = csn_buffer_over(memory, memory != NULL ? 24 : 0);
    if (caller->key_number != 0) {
        csn_buffer_int(&number, caller->key_number);
        csn_response_header(x, "Countersign-Key", csn_buffer_view(&number));
    }
    return csn_answer_empty(x, 200);
}

static enum csn_step
answer_refused(struct csn_exchange *x, int status, const char *reason, bool given)
{
    csn_response_header(x, "Countersign-Reason", csn_bytes_text(reason));
    const char *challenge = "Bearer";
    if (given)
        challenge = status == 403 ? "Bearer error=\"insufficient_scope\""
                                  : "Bearer error=\"invalid_token\"";
    csn_response_header(x, "WWW-Authenticate", csn_bytes_text(challenge));
    return csn_answer_empty(x, status);
}

/* A place that the operator names in the URL. */
static bool
read_place(struct csn_exchange *x, const char *name, struct csn_bytes *place)
{
    struct csn_bytes raw;
    bool twice = false;
    *place = (struct csn_bytes){0};
    if (!csn_query_raw(x->request.query, name, &raw, &twice))
        return true;
    if (!twice && raw.len <= PLACE_MAX && csn_query_decode(&x->arena, raw, true, place))
        return true;
    return refuse(csn_problem_field(x, CSN_FAULT_FIELD_INVALID, "?", csn_bytes_text(name), NULL));
}

enum csn_step
csn_gateway_verify(struct csn_exchange *x)
{
    struct places places;
    struct csn_bytes bearer;
    if (!read_place(x, "cookie", &places.cookie) || !read_place(x, "query", &places.query) ||
        !read_bearer(x, &places, &bearer))
        return CSN_ANSWERED;
    csn_admit_judge(x, bearer);
    struct csn_caller *caller = &x->caller;
    bool unproven = caller->verdict.reason == CSN_REASON_ACCEPTED &&
                    caller->assurance != CSN_ASSURANCE_VERIFIED;
    if (unproven) /* a session of ours, and no token ever stood behind it */
        caller->verdict.reason = CSN_REASON_ENFORCEMENT_MISSING;
    csn_record_caller(x);
    enum csn_reason reason = caller->verdict.reason;
    if (reason == CSN_REASON_ACCEPTED)
        return answer_passed(x);
    bool forbidden = unproven || csn_reason_http(reason) == 403;
    return answer_refused(x, forbidden ? 403 : 401, csn_reason_name(reason), bearer.len > 0);
}
