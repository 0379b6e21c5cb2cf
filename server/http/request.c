/* See request.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/http/request.h"

#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>

#include "server/http/http.h"

void
csn_http_take_target(struct csn_http_exchange *e, const char *target)
{
    size_t len = strlen(target);
    e->target_too_long = len > CSN_REQUEST_TARGET_MAX;
    if (e->target_too_long)
        len = 0;
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
        e->fields_too_many = true;
        return MHD_NO;
    }
    e->fields[e->field_count++] = (struct csn_header){
        .name = csn_bytes_of(name, name_len),
        .value = csn_bytes_of(value, value_len),
    };
    return MHD_YES;
}

void
csn_http_take_header(struct csn_http_exchange *e, const char *method)
{
    e->method = method;
    MHD_get_connection_values_n(e->connection, MHD_HEADER_KIND, take_field, e);
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
    if (e->body_too_large || len > CSN_REQUEST_SYNC_BODY_MAX - e->body_len) {
        e->body_too_large = true;
        return true;
    }
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

void
csn_http_fill_request(struct csn_http_exchange *e)
{
    struct csn_request *r = &e->x.request;
    struct csn_bytes target = csn_bytes_text(e->target);
    size_t question = csn_bytes_find(target, '?');
    r->method = method_of(e->method);
    r->path = csn_bytes_slice(target, 0, question);
    r->query = question < target.len ? csn_bytes_slice(target, question + 1, target.len)
                                     : (struct csn_bytes){0};
    r->headers = e->fields;
    r->header_count = e->field_count;
    r->body = csn_bytes_of(e->body, e->body_len);
    r->source = csn_bytes_text(e->source);
}
