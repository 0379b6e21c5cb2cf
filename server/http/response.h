/* Our response becomes the library's.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_HTTP_RESPONSE_H
#define CSN_SERVER_HTTP_RESPONSE_H

#include "server/http/exchange_pool.h"

struct MHD_Response;
struct csn_watched;

/* Returns: what answers the exchange, to be queued and destroyed; NULL when memory is out. A body
 * is borrowed until the request is completed; a stream is taken over, and nothing of the exchange
 * is borrowed then. `watched`: of the connection, or NULL. */
struct MHD_Response *csn_http_response_make(struct csn_http_exchange *e,
                                            struct csn_watched *watched);

#endif
