/* See request.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/http/request.h"

#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "server/http/http.h"

void
csn_http_blame(struct csn_http_exchange *e, enum csn_fault fault, const char *detail)
{
    if (e->fault != CSN_FAULT_NONE)
        return;
    e->fault = fault;
    e->fault_detail = detail;
}

void
csn_http_take_target(struct csn_http_exchange *e, const char *target)
{
    size_t len = strlen(target);
    e->target_len = len;
    if (len > CSN_REQUEST_TARGET_MAX) {
        csn_http_blame(e, CSN_FAULT_TARGET_TOO_LONG, NULL);
        len = 0;
    }
    memcpy(e->target, target, len);
    e->target[len] = '\0';
}

static enum MHD_Result
take_field(void *state, enum MHD_ValueKind kind, const char *name, size_t name_len,
           const char *value, size_t value_len)
{
    (void)kind;
    struct csn_http_exchange *e = state;
    e->field_bytes += name_len + value_len + 4; /* ": " and the line end */
    if (e->field_count == CSN_REQUEST_HEADERS_MAX || e->field_bytes > CSN_HTTP_FIELDS_MAX) {
        csn_http_blame(e, CSN_FAULT_FIELDS_TOO_LARGE, NULL);
        return MHD_NO;
    }
    struct csn_header *field = &e->fields[e->field_count++];
    field->name = csn_bytes_of(name, name_len);
    field->value = csn_bytes_of(value, value_len);
    csn_framing_field(&e->framing, field->name, field->value);
    return MHD_YES;
}

/* From 1.0 on the library refuses what its strictness forbids, and lays texts out as it likes. */
bool
csn_http_library_shows_lines(void)
{
    return strncmp(MHD_get_version(), "0.9.", 4) == 0;
}

void
csn_http_take_header(struct csn_http_exchange *e, const char *method, const char *target,
                     const char *version)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(e->connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    e->method = method;
    struct csn_framing_line line = {.method = method,
                                    .version = version,
                                    .target_at = target,
                                    .target = csn_bytes_text(e->target),
                                    .target_len = e->target_len};
    csn_framing_begin(&e->framing, &line, csn_http_library_shows_lines());
    MHD_get_connection_values_n(e->connection, MHD_HEADER_KIND, take_field, e);
    enum csn_fault fault =
        csn_framing_end(&e->framing, method, info != NULL ? info->header_size : 0);
    if (fault != CSN_FAULT_NONE)
        csn_http_blame(e, fault, e->framing.wrong);
    e->closes = e->framing.codings > 0;
}

static bool
grow(struct csn_http_exchange *e, size_t needed)
{
    size_t cap = e->body_cap == 0 ? 4096 : e->body_cap;
    while (cap < needed)
        cap *= 2;
    uint8_t *body = malloc(cap);
    if (body == NULL)
        return false;
    if (e->body != NULL) {
        memcpy(body, e->body, e->body_len);
        csn_wipe(e->body, e->body_len);
        free(e->body);
    }
    e->body = body;
    e->body_cap = cap;
    return true;
}

bool
csn_http_take_body(struct csn_http_exchange *e, const char *bytes, size_t len)
{
    if (len > CSN_REQUEST_SYNC_BODY_MAX - e->body_len)
        csn_http_blame(e, CSN_FAULT_BODY_TOO_LARGE, NULL);
    if (e->fault != CSN_FAULT_NONE)
        return true;
    if (e->body_len + len > e->body_cap && !grow(e, e->body_len + len))
        return false;
    memcpy(e->body + e->body_len, bytes, len);
    e->body_len += len;
    return true;
}

static enum csn_method
method_of(const char *name)
{
    static const struct {
        const char *name;
        enum csn_method method;
    } METHODS[] = {
        {"GET", CSN_GET},     {"POST", CSN_POST},     {"PUT", CSN_PUT},         {"HEAD", CSN_HEAD},
        {"PATCH", CSN_PATCH}, {"DELETE", CSN_DELETE}, {"OPTIONS", CSN_OPTIONS},
    };
    for (size_t i = 0; i < sizeof METHODS / sizeof METHODS[0]; i++) {
        if (strcmp(name, METHODS[i].name) == 0)
            return METHODS[i].method;
    }
    return CSN_METHOD_OTHER;
}

/* The absolute form (RFC 9112 §3.2.2) without what it begins with: a request for another host is
 * answered like any, as with Host. Returns: path and query; only "/" where there is no path. */
static struct csn_bytes
origin_form(struct csn_bytes target)
{
    static const char *const SCHEMES[] = {"http://", "https://"};
    for (size_t i = 0; i < sizeof SCHEMES / sizeof SCHEMES[0]; i++) {
        size_t len = strlen(SCHEMES[i]);
        if (target.len <= len || strncasecmp((const char *)target.ptr, SCHEMES[i], len) != 0)
            continue;
        struct csn_bytes rest = csn_bytes_slice(target, len, target.len);
        size_t slash = csn_bytes_find(rest, '/'), question = csn_bytes_find(rest, '?');
        if (slash == 0 || question == 0)
            return target; /* without a host it is no such form */
        return slash < question ? csn_bytes_slice(rest, slash, rest.len) : csn_bytes_text("/");
    }
    return target;
}

void
csn_http_fill_request(struct csn_http_exchange *e)
{
    struct csn_request *r = &e->x.request;
    struct csn_bytes target = origin_form(csn_bytes_text(e->target));
    size_t question = csn_bytes_find(target, '?');
    r->method = method_of(e->method);
    r->path = csn_bytes_slice(target, 0, question);
    r->query = question < target.len ? csn_bytes_slice(target, question + 1, target.len)
                                     : (struct csn_bytes){0};
    r->headers = e->fields;
    r->header_count = e->field_count;
    r->body = csn_bytes_of(e->body, e->body_len);
    r->source = csn_bytes_text(e->source);
    if (e->trusted != NULL)
        r->source =
            csn_forwarded_source(e->trusted, r->source, e->fields, e->field_count, e->forwarded);
}
