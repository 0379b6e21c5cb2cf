/* From the HTTP library's request to ours: fields, target, body, all bounded.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_HTTP_REQUEST_H
#define CSN_SERVER_HTTP_REQUEST_H

#include "server/http/exchange_pool.h"

/* Copies the request line's target, still encoded. */
void csn_http_take_target(struct csn_http_exchange *e, const char *target);

/* Takes method and fields once the header is complete, and judges its framing. All of it borrows
 * the connection. `target` is where the library keeps what csn_http_take_target copied. */
void csn_http_take_header(struct csn_http_exchange *e, const char *method, const char *target,
                          const char *version);

/* Returns: the library leaves lines where it received them, and does not judge their ends itself.
 */
bool csn_http_library_shows_lines(void);

/* Notes what is wrong with the request. The first stands. */
void csn_http_blame(struct csn_http_exchange *e, enum csn_fault fault, const char *detail);

/* Appends to the body; past the limit it only notes that. Returns: false when memory is out. */
bool csn_http_take_body(struct csn_http_exchange *e, const char *bytes, size_t len);

/* Fills e->x.request. The exchange is prepared. */
void csn_http_fill_request(struct csn_http_exchange *e);

#endif
