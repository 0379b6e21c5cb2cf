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
 * A job that could not be handed over (csn_queue_submit) is finished with job.status
 * CSN_UNAVAILABLE, like one that failed.
 *
 * csn_api_answer(x) does all of it, waiting where needed.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_API_EXCHANGE_H
#define CSN_SERVER_API_EXCHANGE_H

#include "countersign/audit.h"
#include "server/domain/enforcement.h"
#include "server/domain/id.h"
#include "server/domain/idempotency.h"
#include "server/domain/management.h"
#include "server/live/live.h"
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
    struct csn_bytes source; /* the client's address, text: what bad credentials are counted by */
};

struct csn_response {
    int status;
    const char *content_type; /* static; NULL: no body */
    struct csn_bytes body; /* owned by the exchange, or static; to HEAD only its length is sent */
    struct csn_header headers[CSN_RESPONSE_HEADERS_MAX];
    size_t header_count;
    bool endless; /* its length is not known, and to HEAD none is told */
    /* What follows the header, as long as it lasts; NULL: `body`. Whoever takes it sets it NULL and
     * closes it; csn_api_end closes one that nobody took. */
    struct csn_live_stream *stream;
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
    struct csn_buffer out;  /* the JSON body being written: answer.h */
    uint8_t *reserve;       /* CSN_PROBLEM_MAX bytes kept back, so that "no" always fits */
    int64_t now_ms;         /* one time for the whole request */
    char request_id[CSN_ID_LENGTH + 1];
    const struct csn_route *route;                /* NULL: no route matched */
    const struct csn_route *nearest;              /* same path, where only the method differs */
    struct csn_bytes params[CSN_PATH_PARAMS_MAX]; /* percent-decoded path parameters, in order */
    const struct csn_app *app;  /* the app of the path, referenced; released by csn_api_end */
    struct csn_api_key api_key; /* management calls; roles 0: none */
    struct csn_caller caller;   /* SDK and gateway calls */
    struct csn_bytes claimed;   /* the identity the call claims beside its bearer; recorded */
    struct csn_bytes bearer;    /* what `caller` was judged from */
    /* What enforcement made of a bearer that was not accepted; {0}: it was not asked. */
    struct csn_enforcement_answer enforced;
    enum csn_status (*work)(struct csn_exchange *x, struct csn_store *store);
    /* What the work revoked, and whose log it made longer ({0}: nobody's; or something came for all
     * of the app): told to memory and to the open streams once it is durable, also when nobody
     * waits for the answer any more. Set by the handler and its work. */
    const struct csn_revoked_list *revoked;
    struct {
        struct csn_id customer;
        bool all;
    } news;
    /* What else must happen once the change is durable, and not before: told to memory, to other
     * threads. Runs exactly once, also when nobody waits for the answer any more. Returns anything
     * but CSN_OK to have that answered. NULL: nothing. */
    enum csn_status (*after)(struct csn_exchange *x);
    /* Encodes, and does nothing else: usually after the commit; under an Idempotency-Key before it,
     * on the store's thread. Not called when the work failed. */
    void (*finish)(struct csn_exchange *x);
    /* Answers when it failed; NULL: the problem that fits the status. */
    void (*failed)(struct csn_exchange *x, enum csn_status status);
    struct csn_management *management; /* a management operation ran: its change is settled here */
    /* What the audit says of this request, beside who, when and which operation (trail.h). */
    struct {
        char target[CSN_AUDIT_TARGET_MAX + 1];
        char changed[CSN_AUDIT_CHANGED_MAX + 1];
        struct csn_id app; /* {0}: the path's */
        bool denied;       /* the work is to write down that it was refused */
    } trail;
    struct { /* replay.h */
        struct csn_idempotent of;
        bool given;         /* the request has an Idempotency-Key */
        bool answered;      /* the response is encoded already, or taken from what was kept */
        bool replayed;      /* it was given before: nothing was done now */
        bool reused;        /* the key came with another request before */
        size_t own_headers; /* how many fields the response had before it was encoded */
    } replay;
    bool sensitive; /* the arena held a secret: csn_api_end wipes what was used of it */
    bool is_open;   /* something is being written behind what the arena counts */
    void *state;    /* the handler's own, in the arena */
    void *maker;    /* of whoever drives the exchange */
};

/* Prepares an exchange over `memory` (>= CSN_EXCHANGE_MEMORY bytes + the request's body) and gives
 * it its time and request id: from here on it can be refused (problem.h), also without being begun.
 */
#define CSN_EXCHANGE_MEMORY (384 * 1024)
#define CSN_PROBLEM_MAX 4096 /* bytes of a problem document; part of the above */
void csn_api_prepare(struct csn_exchange *x, struct csn_service *service, void *memory,
                     size_t size);

enum csn_step csn_api_begin(struct csn_exchange *x);
void csn_api_finish(struct csn_exchange *x);

/* Releases what the exchange references. The response must not be used afterwards. Call it for
 * every prepared exchange, and where work was handed to the store only after csn_api_finish. */
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
