/* What every transfer that leaves the server by itself has in common. See README.md.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_OUTBOUND_OUTBOUND_H
#define CSN_SERVER_OUTBOUND_OUTBOUND_H

#include <curl/curl.h>

#include "server/domain/networks.h"

/* Borrowed until the transfer ended. */
struct csn_outbound_rules {
    int64_t timeout_ms;
    bool guarded; /* only to public addresses, and those of `allowed`; and past no proxy, which
                     would resolve the name by itself */
    const struct csn_networks *allowed; /* may be NULL: none */
    const char *ca; /* PEM: authorities trusted beside the system's; may be NULL: none */
};

/* Sets up a transfer to a valid URL (server/domain/url.h), copied. Returns: false: out of memory.
 */
bool csn_outbound_prepare(CURL *easy, const char *url, const struct csn_outbound_rules *rules);

/* Returns: a static sentence for a transfer that failed, with nothing of the URL in it (libcurl's
 * own may hold it); NULL for CURLE_OK. */
const char *csn_outbound_sentence(CURLcode result);

#endif
