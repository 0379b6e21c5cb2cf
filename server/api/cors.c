/* CORS: one comparison, and the fields that follow from it.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/api/cors.h"

#include "server/api/answer.h"

/* What the SDKs of the compatible systems send from browsers; the same list for every endpoint, so
 * that a preflight tells nothing apart. */
#define METHODS "GET, PUT, PATCH, POST, DELETE"
#define HEADERS                                                                                    \
    "authorization, cache-control, content-type, countersign-app-version, countersign-device, "    \
    "countersign-identity, countersign-platform, countersign-sdk-version, if-match, "              \
    "if-modified-since, if-none-match, last-event-id, pragma"
#define EXPOSED "ETag, Request-Id, Retry-After, WWW-Authenticate"
#define PREFLIGHT_KEPT_S "600"

static void
add(struct csn_exchange *x, const char *name, const char *value)
{
    csn_response_header(x, name, csn_bytes_text(value));
}

/* Adds the origin's permission where it has one. */
static bool
allow_origin(struct csn_exchange *x)
{
    add(x, "Vary", "Origin");
    bool twice = false;
    struct csn_bytes origin = csn_request_header(&x->request, "origin", &twice);
    if (x->app == NULL || origin.len == 0)
        return false;
    for (size_t i = 0; i < x->app->origin_count; i++) {
        if (!csn_bytes_equal(origin, x->app->origins[i]))
            continue;
        /* The app's own bytes, not the request's: nothing of a stranger is sent back. */
        csn_response_header(x, "Access-Control-Allow-Origin", x->app->origins[i]);
        return true;
    }
    return false;
}

void
csn_cors_allow(struct csn_exchange *x)
{
    if (allow_origin(x))
        add(x, "Access-Control-Expose-Headers", EXPOSED);
}

enum csn_step
csn_cors_preflight(struct csn_exchange *x)
{
    if (allow_origin(x)) {
        add(x, "Access-Control-Allow-Methods", METHODS);
        add(x, "Access-Control-Allow-Headers", HEADERS);
        add(x, "Access-Control-Max-Age", PREFLIGHT_KEPT_S);
    }
    return csn_answer_empty(x, 204);
}
