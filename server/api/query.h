/* Query parameters and the percent-encoding of URLs (RFC 3986 §2.1).
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_API_QUERY_H
#define CSN_SERVER_API_QUERY_H

#include "server/api/exchange.h"

/* Decodes `raw`; `plus_is_space` as in a query (HTML forms). Borrows `raw` where there is nothing
 * to decode, else copies into `arena`. Returns: false for a broken escape, a control character,
 * invalid UTF-8, or a full arena. */
bool csn_query_decode(struct csn_arena *arena, struct csn_bytes raw, bool plus_is_space,
                      struct csn_bytes *out);

/* The first value of `name` in `query`, still encoded. Returns: false when it is absent; *twice is
 * set when it is there more than once. */
bool csn_query_raw(struct csn_bytes query, const char *name, struct csn_bytes *out, bool *twice);

/* The parameters an endpoint knows; zero-terminated by a NULL name. A list refuses what is not in
 * it, so that a misspelt filter is an error and not "everything". */
struct csn_parameter {
    const char *name;
    size_t max;            /* bytes, decoded */
    struct csn_bytes *out; /* {0} when absent */
};
/* Returns: false after it answered a problem that names the parameter. */
bool csn_query_read(struct csn_exchange *x, const struct csn_parameter *known);

/* Reads a page's size: absent means 50, at most CSN_PAGE_MAX. Returns: false for anything else. */
bool csn_query_limit(struct csn_bytes text, size_t *out);

#endif
