/* Entity tags (RFC 9110 §8.8.3): a document's version, so that nobody overwrites what they did not
 * read.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_API_ETAG_H
#define CSN_SERVER_API_ETAG_H

#include "server/api/exchange.h"

/* Adds ETag: "<version>". */
void csn_etag_set(struct csn_exchange *x, int64_t version);

/* Reads If-Match. Out: *version, 0 for "whatever it is" (absent, or "*"). Returns: false after it
 * answered 412: no version this server ever gave can match it. */
bool csn_etag_match(struct csn_exchange *x, int64_t *version);

#endif
