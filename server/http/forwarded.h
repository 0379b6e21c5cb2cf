/* Who a request is from, where a proxy of ours stands in front.
 *
 * A proxy appends the address it was asked from to X-Forwarded-For, and anything left of that the
 * asker may have invented. So the list counts only when the peer is a proxy we trust, is read from
 * the right, and the first address that is none of ours is the source. RFC 7239's Forwarded is not
 * read: proxies write it seldom, and one that writes the other would pass a client's own on.
 *
 * Must not know the library or sockets: addresses are texts.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_HTTP_FORWARDED_H
#define CSN_SERVER_HTTP_FORWARDED_H

#include "server/api/exchange.h"
#include "server/domain/networks.h"

#define CSN_SOURCE_MAX CSN_ADDRESS_TEXT_LENGTH

/* {0} trusts nobody. */
bool csn_is_trusted_proxy(const struct csn_networks *trusted, struct csn_bytes address);

/* The source of a request that `peer`, a trusted proxy, sent. Out: `memory`, the address, in the
 * form RFC 5952 gives it. Returns: a view of it, or `peer` where the list names nobody. Cost: the
 * addresses that trusted proxies appended, and one more. */
struct csn_bytes csn_forwarded_source(const struct csn_networks *trusted, struct csn_bytes peer,
                                      const struct csn_header *fields, size_t count,
                                      char memory[CSN_SOURCE_MAX]);

#endif
