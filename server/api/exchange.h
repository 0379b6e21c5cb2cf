/* An exchange: one request on its way to one response. The API is a function over this, without
 * sockets: server/http fills the request and sends the response; tests and the simulation do the
 * same.
 *
 *   csn_api_begin(x)        route, authenticate, decode, judge      [any thread]
 *       -> CSN_ANSWERED     x->response is ready
 *       -> CSN_NEEDS_STORE  hand x->job to the queue; x->job.run works inside the transaction,
 *                           and after `done`:
 *   csn_api_finish(x)       encode; x->response is ready            [any thread]
 *
 * csn_api_answer(x) does all of it, waiting where needed.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_API_EXCHANGE_H
#define CSN_SERVER_API_EXCHANGE_H

#include "server/service.h"

#define CSN_REQUEST_TARGET_MAX 8192 /* bytes of the request line's target */
#define CSN_REQUEST_HEADERS_MAX 64  /* fields */
#define CSN_REQUEST_BODY_MAX 262144 /* bytes; POST sync: CSN_REQUEST_SYNC_BODY_MAX */
#define CSN_REQUEST_SYNC_BODY_MAX 1048576
#define CSN_RESPONSE_HEADERS_MAX 24
#define CSN_PATH_PARAMS_MAX 4

enum csn_method {
    CSN_METHOD_UNSET = 0,
    CSN_GET,
    CSN_HEAD,
    CSN_POST,
    CSN_PUT,
    CSN_PATCH,
    CSN_DELETE,
    CSN_OPTIONS,
    CSN_METHOD_OTHER,
};

struct csn_header {
    struct csn_bytes name; /* as received; compared without case */
    struct csn_bytes value;
};

/* Everything borrows memory of whoever made the exchange, until the response is sent. */
struct csn_request {
    enum csn_method method;
    struct csn_bytes path;  /* still percent-encoded, without the query */
    struct csn_bytes query; /* without '?' */
    const struct csn_header *headers;
    size_t header_count;
    struct csn_bytes body;
    struct csn_bytes source; /* the peer's address, text */
};

struct csn_response {
    int status;
    const char *content_type; /* static; NULL: no body */
    struct csn_bytes body;    /* owned by the exchange's arena, or static */
    struct csn_header headers[CSN_RESPONSE_HEADERS_MAX];
    size_t header_count;
};

enum csn_step { CSN_STEP_UNSET = 0, CSN_ANSWERED, CSN_NEEDS_STORE };

struct csn_route;

struct csn_exchange {
    struct csn_job job; /* first: the queue hands it back */
    struct csn_service *service;
    struct csn_workspace *workspace; /* the calling thread's; only valid inside begin */
    struct csn_request request;
    struct csn_response response;
    struct csn_arena arena; /* owned by the maker; everything of this request lives here */
    int64_t now_ms;         /* one time for the whole request */
    char request_id[CSN_ID_LENGTH + 1];
    const struct csn_route *route;                /* NULL: no route matched */
    struct csn_bytes params[CSN_PATH_PARAMS_MAX]; /* percent-decoded path parameters, in order */
    const struct csn_app *app;  /* the app of the path, referenced; released by csn_api_end */
    struct csn_api_key api_key; /* management calls; roles 0: none */
    struct csn_caller caller;   /* SDK and gateway calls */
    enum csn_status (*work)(struct csn_exchange *x, struct csn_store *store);
    void (*finish)(
        struct csn_exchange *x); /* encodes after the commit; not called when it failed */
    void *state;                 /* the handler's own, in the arena */
    void *maker;                 /* of whoever drives the exchange */
};

/* Prepares an exchange over `memory` (>= CSN_EXCHANGE_MEMORY bytes + the request's body). */
#define CSN_EXCHANGE_MEMORY (192 * 1024)
void csn_api_prepare(struct csn_exchange *x, struct csn_service *service, void *memory,
                     size_t size);

enum csn_step csn_api_begin(struct csn_exchange *x);
void csn_api_finish(struct csn_exchange *x);

/* Releases what the exchange references. The response must not be used afterwards. */
void csn_api_end(struct csn_exchange *x);

/* begin, work, finish in one call: through the queue when the service has one, else inline. */
void csn_api_answer(struct csn_exchange *x);

/* Returns: the value of the header, or {0}; `name` in lower case. Two of them: {0} and *twice =
 * true. */
struct csn_bytes csn_request_header(const struct csn_request *request, const char *name,
                                    bool *twice);

/* Sets a response header. Name static; value owned by the arena or static. */
void csn_response_header(struct csn_exchange *x, const char *name, struct csn_bytes value);

#endif
