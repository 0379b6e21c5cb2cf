/* Lists of addresses and networks, as settings name them: the proxies we trust, the private
 * networks we may send to.
 *
 * An address is 16 bytes; IPv4 is ::ffff:a.b.c.d. Must not know sockets: addresses are bytes or
 * text.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_DOMAIN_NETWORKS_H
#define CSN_SERVER_DOMAIN_NETWORKS_H

#include "countersign/bytes.h"

#define CSN_NETWORKS_MAX 32
#define CSN_ADDRESS_TEXT_LENGTH 46 /* bytes of an address as text, with its end */

/* {0} has nobody. */
struct csn_networks {
    struct {
        uint8_t address[16];
        unsigned bits; /* of it that count */
    } networks[CSN_NETWORKS_MAX];
    size_t count;
};

/* Reads "127.0.0.1,10.0.0.0/8,fd00::/8"; an empty text is {0}. Returns: false when it is no such
 * list or has more than CSN_NETWORKS_MAX. */
bool csn_networks_read(const char *list, struct csn_networks *out);

bool csn_networks_have(const struct csn_networks *networks, const uint8_t address[16]);

/* Reads one address. Out: `out`; *v4: it was written as IPv4. Returns: it is one. */
bool csn_address_read(struct csn_bytes text, uint8_t out[16], bool *v4);

/* Returns: the address is one of the public Internet: not this machine's, not of a private, link
 * local, shared, documentation, multicast or reserved range (RFC 6890), also where IPv6 only wraps
 * such an IPv4 address (mapped, 6to4, NAT64, Teredo). */
bool csn_address_is_public(const uint8_t address[16]);

#endif
