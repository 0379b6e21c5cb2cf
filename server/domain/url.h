/* URLs that we send to or fetch from: which are taken at all, and what of them may be shown.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_DOMAIN_URL_H
#define CSN_SERVER_DOMAIN_URL_H

#include "countersign/bytes.h"

#define CSN_URL_MAX 2048 /* bytes */

/* Returns: an https URL, or an http one to a loopback address, with a host, without a fragment,
 * white space or control characters. Whether that host's address may be reached is asked when it is
 * known. */
bool csn_url_is_valid(struct csn_bytes url);

/* Of a valid URL. Returns: it is an http one. */
bool csn_url_is_plain(struct csn_bytes url);

/* Of a valid URL. Returns: scheme and authority, "https://push.example.net:8443". Borrows. */
struct csn_bytes csn_url_origin(struct csn_bytes url);

/* Out: *shown, the URL with *** in place of a password; borrows it, or the arena. Returns: CSN_OK,
 * CSN_NO_SPACE. */
CSN_MUST_USE enum csn_status csn_url_show(struct csn_bytes url, struct csn_arena *arena,
                                          struct csn_bytes *shown);

#endif
