/* HTTP: sockets, limits and TLS; everything else is the API's. The only floor that knows the HTTP
 * library.
 *
 *   connection -> request line -> header fields -> body -> csn_api_begin
 *        -> answered: send
 *        -> needs the store: suspend; the store's thread resumes; csn_api_finish; send
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_HTTP_HTTP_H
#define CSN_SERVER_HTTP_HTTP_H

#include "server/http/forwarded.h"
#include "server/log.h"

#define CSN_HTTP_CONNECTION_MEMORY 26624 /* bytes: request line (8 KiB), fields (16 KiB), room */
#define CSN_HTTP_FIELDS_MAX 16384        /* bytes of all header fields */
#define CSN_HTTP_HEADER_TIMEOUT_MS 5000  /* from connecting to the end of the first header */
#define CSN_HTTP_BODY_TIMEOUT_MS 30000   /* from the header to the end of the body */
#define CSN_HTTP_IDLE_TIMEOUT_MS 60000   /* from an answer to the end of the next header */
#define CSN_HTTP_CONNECTIONS_MAX 20000

struct csn_http;

struct csn_http_options {
    const char *address;              /* numeric, IPv4 or IPv6 */
    uint16_t port;                    /* 0: any free one */
    unsigned workers;                 /* event loops, 1..64 */
    unsigned connections_per_address; /* 0: no limit */
    struct csn_networks trusted_proxies;
    const char *tls_certificate; /* PEM text; NULL: no TLS */
    const char *tls_key;         /* PEM text */
    struct csn_service *service; /* borrowed until csn_http_stop */
    struct csn_log *log;         /* borrowed likewise */
};

/* Returns: CSN_OK and *out, listening; CSN_INVALID (address); CSN_CONFLICT (port in use); CSN_IO.
 */
CSN_MUST_USE enum csn_status csn_http_start(const struct csn_http_options *options,
                                            struct csn_http **out);

/* Returns: the port it listens on. */
uint16_t csn_http_port(const struct csn_http *http);

/* Stops accepting, waits for the requests under way (at most `patience_ms`), then stops and frees.
 * Accepts NULL. */
void csn_http_stop(struct csn_http *http, int64_t patience_ms);

#endif
