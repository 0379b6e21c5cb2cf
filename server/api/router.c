/* The router: which endpoint a method and a path mean.
 *
 * Path and pattern are walked side by side, so an endpoint that is not meant is passed over at its
 * first differing character. A parameter is one non-empty segment, percent-decoded (RFC 3986 §2.1)
 * into the arena only where there is something to decode; a segment that decodes to a slash, a
 * control character or broken UTF-8 names nothing.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/api/query.h"
#include "server/api/route.h"

/* Returns: the segment up to the next '/' or the end. */
static struct csn_bytes
segment(const uint8_t *at, const uint8_t *end)
{
    struct csn_bytes rest = csn_bytes_of(at, (size_t)(end - at));
    return csn_bytes_slice(rest, 0, csn_bytes_find(rest, '/'));
}

/* Returns: the path fits the pattern; *count raw segments stand for its parameters. */
static bool
fits(const char *pattern, struct csn_bytes path, struct csn_bytes raw[CSN_PATH_PARAMS_MAX],
     size_t *count)
{
    const uint8_t *at = path.ptr, *end = path.ptr + path.len;
    *count = 0;
    while (*pattern != 0) {
        if (*pattern != '{') {
            if (at == end || *at++ != (uint8_t)*pattern++)
                return false;
            continue;
        }
        struct csn_bytes value = segment(at, end);
        if (value.len == 0 || *count == CSN_PATH_PARAMS_MAX)
            return false;
        raw[(*count)++] = value;
        at += value.len;
        while (*pattern++ != '}')
            ;
    }
    return at == end;
}

static bool
decode_params(struct csn_exchange *x, const struct csn_bytes *raw, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!csn_query_decode(&x->arena, raw[i], false, &x->params[i]))
            return false;
        for (size_t b = 0; b < x->params[i].len; b++)
            if (x->params[i].ptr[b] == '/')
                return false;
    }
    return true;
}

static bool
method_fits(const struct csn_route *route, enum csn_method method)
{
    if (route->method == CSN_METHOD_OTHER || route->method == method)
        return true;
    return method == CSN_HEAD && route->method == CSN_GET;
}

const struct csn_route *
csn_route_find(struct csn_exchange *x, unsigned *allowed)
{
    *allowed = 0;
    x->nearest = NULL;
    for (size_t i = 0; i < csn_route_count(); i++) {
        const struct csn_route *route = csn_route_at(i);
        struct csn_bytes raw[CSN_PATH_PARAMS_MAX];
        size_t count = 0;
        if (!fits(route->path, x->request.path, raw, &count))
            continue;
        if (x->nearest == NULL) {
            if (!decode_params(x, raw, count))
                return NULL;
            x->nearest = route;
        }
        if (method_fits(route, x->request.method))
            return route;
        *allowed |= 1U << route->method;
    }
    return NULL;
}
