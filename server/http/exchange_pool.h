/* The exchanges of a server, kept and used again: the memory of a request is taken once.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_HTTP_EXCHANGE_POOL_H
#define CSN_SERVER_HTTP_EXCHANGE_POOL_H

#include "server/http/forwarded.h"
#include "server/http/framing.h"

#define CSN_POOL_KEPT_MAX 1024 /* idle exchanges kept; more are freed */

struct MHD_Connection;
struct csn_http;

enum csn_http_phase {
    CSN_HTTP_FRESH = 0, /* the request line was read */
    CSN_HTTP_RECEIVING, /* the fields were read; the body is coming */
    CSN_HTTP_WORKING,   /* suspended: the store works */
    CSN_HTTP_WORKED,    /* resumed: to be finished and sent */
    CSN_HTTP_SENDING,
};

/* One request on its connection. */
struct csn_http_exchange {
    struct csn_exchange x; /* first: the API hands this back */
    struct csn_http *http;
    struct MHD_Connection *connection;
    enum csn_http_phase phase;
    bool begun;               /* csn_api_prepare was called: csn_api_end is due */
    bool closes;              /* nothing after this request is read */
    enum csn_fault fault;     /* the first thing wrong with it, before the API was asked */
    const char *fault_detail; /* static; NULL: the fault says it */
    struct csn_framing framing;
    const char *method;
    int64_t started_us; /* monotonic, when the request was complete */
    struct csn_header fields[CSN_REQUEST_HEADERS_MAX];
    size_t field_count;
    size_t field_bytes;
    char target[CSN_REQUEST_TARGET_MAX + 1];
    size_t target_len;                  /* as received; more than fits is a fault */
    const char *source;                 /* the peer's address, text; the connection's */
    const struct csn_networks *trusted; /* the peer is one of these; NULL: it is none */
    char forwarded[CSN_SOURCE_MAX];     /* memory of the source, where it is not the peer */
    uint8_t *body;                      /* heap; grows up to the limit */
    size_t body_len, body_cap;
    struct csn_http_exchange *next; /* in the pool */
    uint8_t memory[CSN_EXCHANGE_MEMORY];
};

struct csn_pool;

struct csn_pool *csn_pool_create(void); /* NULL when memory is out */
void csn_pool_free(struct csn_pool *pool);

/* Returns: an exchange in phase FRESH; NULL when memory is out. Any thread. */
struct csn_http_exchange *csn_pool_take(struct csn_pool *pool);
/* Wipes what the request left and keeps or frees it. Accepts NULL. */
void csn_pool_give(struct csn_pool *pool, struct csn_http_exchange *exchange);

/* Returns: exchanges taken and not yet given back. */
size_t csn_pool_taken(struct csn_pool *pool);

#endif
