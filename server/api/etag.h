/* Entity tags (RFC 9110 §8.8.3): a document's version, so that nobody overwrites what they did not
 * read.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_API_ETAG_H
#define CSN_SERVER_API_ETAG_H

#include "server/api/exchange.h"

/* Adds ETag: "<version>". */
void csn_etag_set(struct csn_exchange *x, int64_t version);

/* Returns: a document of this version may be replaced, as far as If-Match (RFC 9110 §13.1.1, strong
 * comparison) and If-None-Match (§13.1.2) say. */
bool csn_etag_permits(const struct csn_exchange *x, int64_t version);

/* Returns: whoever asks has this version already (§13.1.2, weak comparison): 304 says so. */
bool csn_etag_is_known(const struct csn_exchange *x, int64_t version);

#endif
