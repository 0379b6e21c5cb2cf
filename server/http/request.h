/* From the HTTP library's request to ours: fields, target, body, all bounded.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_HTTP_REQUEST_H
#define CSN_SERVER_HTTP_REQUEST_H

#include "server/http/exchange_pool.h"

/* Copies the request line's target, still encoded. */
void csn_http_take_target(struct csn_http_exchange *e, const char *target);

/* Takes method and fields once the header is complete. Fields borrow the connection. */
void csn_http_take_header(struct csn_http_exchange *e, const char *method);

/* Appends to the body; past the limit it only notes that. Returns: false when memory is out. */
bool csn_http_take_body(struct csn_http_exchange *e, const char *bytes, size_t len);

/* Fills e->x.request. The exchange is prepared. */
void csn_http_fill_request(struct csn_http_exchange *e);

#endif
