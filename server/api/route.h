/* The table of all endpoints: what the router, the OpenAPI test, the tenant matrix, the metrics and
 * CORS are all driven by. A path is written as OpenAPI writes it: "/sdk/v1/apps/{app}/sessions".
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_API_ROUTE_H
#define CSN_SERVER_API_ROUTE_H

#include "server/api/exchange.h"

/* Who may call. Checked before the handler runs (admission.h). */
enum csn_access {
    CSN_ACCESS_UNSET = 0, /* nobody */
    CSN_ACCESS_PUBLIC,    /* anyone: health, challenge, session start */
    CSN_ACCESS_BEARER,    /* a session token or customer's token of the app in the path */
    CSN_ACCESS_GATEWAY,   /* the handler judges the bearer itself */
    CSN_ACCESS_VIEWER, /* an API key with that role, of the account that owns the app in the path */
    CSN_ACCESS_USER,
    CSN_ACCESS_ADMIN,
    CSN_ACCESS_ROOT, /* admin of the root account */
};

struct csn_problem;

struct csn_route {
    enum csn_method method; /* CSN_METHOD_OTHER: any method */
    const char *path;
    const char *operation; /* OpenAPI operationId and metrics label, e.g. "startSession" */
    enum csn_access access;
    bool app_param;  /* the first path parameter is an app id: resolved (and walled) before the
                        handler runs */
    bool browser;    /* answers CORS by the app's origins */
    size_t body_max; /* 0: no body is read */
    enum csn_step (*handle)(struct csn_exchange *x);
    enum csn_endpoint endpoint; /* what a decision about the bearer is recorded as */
    bool audited; /* a reading call that hands out a secret: the audit has it all the same */
    bool slow; /* finishing takes tens of milliseconds: not on an event loop where that matters */
    /* Writes the members of a "no" in a dialect's own form; NULL: RFC 9457. */
    void (*write_problem)(const struct csn_problem *problem, struct csn_json_writer *w);
};

/* The API's own endpoints and those of the dialects (dialects.h). */
size_t csn_route_count(void);
const struct csn_route *csn_route_at(size_t index);

/* Returns: the route, with params set in x; NULL and *allowed (bit 1 << method) where only the
 * method differs (0: no such path). Out: x->params; x->nearest, a route of that path, else NULL.
 * Cost: constant in the number of apps. */
const struct csn_route *csn_route_find(struct csn_exchange *x, unsigned *allowed);

#endif
