/* Networks. See networks.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/domain/networks.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "countersign/json.h"

_Static_assert(CSN_ADDRESS_TEXT_LENGTH == INET6_ADDRSTRLEN, "any address fits");

#define MAPPED_BITS 96 /* of ::ffff:a.b.c.d before the IPv4 address */

bool
csn_address_read(struct csn_bytes text, uint8_t out[16], bool *v4)
{
    static const uint8_t mapped[12] = {[10] = 0xFF, [11] = 0xFF};
    char memory[CSN_ADDRESS_TEXT_LENGTH];
    if (text.len == 0 || text.len >= sizeof memory || memchr(text.ptr, 0, text.len) != NULL)
        return false;
    memcpy(memory, text.ptr, text.len);
    memory[text.len] = '\0';
    memcpy(out, mapped, sizeof mapped);
    *v4 = inet_pton(AF_INET, memory, out + sizeof mapped) == 1;
    return *v4 || inet_pton(AF_INET6, memory, out) == 1;
}

static bool
is_within(const uint8_t address[16], const uint8_t network[16], unsigned bits)
{
    unsigned whole = bits / 8, rest = bits % 8;
    if (memcmp(address, network, whole) != 0)
        return false;
    return rest == 0 || (address[whole] ^ network[whole]) >> (8 - rest) == 0;
}

bool
csn_networks_have(const struct csn_networks *networks, const uint8_t address[16])
{
    for (size_t i = 0; i < networks->count; i++) {
        if (is_within(address, networks->networks[i].address, networks->networks[i].bits))
            return true;
    }
    return false;
}

/* --- the setting --- */

/* "10.0.0.0/8". Bits past the length are not looked at. */
static bool
add_network(struct csn_networks *out, struct csn_bytes text)
{
    if (out->count == CSN_NETWORKS_MAX)
        return false;
    size_t slash = csn_bytes_find(text, '/');
    uint8_t *address = out->networks[out->count].address;
    bool v4 = false;
    if (!csn_address_read(csn_bytes_slice(text, 0, slash), address, &v4))
        return false;
    int64_t most = v4 ? 32 : 128, bits = most;
    if (slash < text.len &&
        csn_json_integer(csn_bytes_slice(text, slash + 1, text.len), &bits) != CSN_OK)
        return false;
    if (bits < 0 || bits > most)
        return false;
    out->networks[out->count++].bits = (unsigned)bits + (v4 ? MAPPED_BITS : 0);
    return true;
}

static struct csn_bytes
trim(struct csn_bytes text)
{
    while (text.len > 0 && (text.ptr[0] == ' ' || text.ptr[0] == '\t'))
        text = csn_bytes_slice(text, 1, text.len);
    while (text.len > 0 && (text.ptr[text.len - 1] == ' ' || text.ptr[text.len - 1] == '\t'))
        text.len--;
    return text;
}

bool
csn_networks_read(const char *list, struct csn_networks *out)
{
    *out = (struct csn_networks){0};
    struct csn_bytes rest = csn_bytes_text(list);
    bool more = rest.len > 0;
    while (more) {
        size_t comma = csn_bytes_find(rest, ',');
        if (!add_network(out, trim(csn_bytes_slice(rest, 0, comma))))
            return false;
        more = comma < rest.len;
        rest = csn_bytes_slice(rest, more ? comma + 1 : comma, rest.len);
    }
    return true;
}

/* --- what is public --- */

/* RFC 6890 and its registries; of IPv6 only 2000::/3 is given out at all. */
static const char private_networks[] =
    "0.0.0.0/8,10.0.0.0/8,100.64.0.0/10,127.0.0.0/8,169.254.0.0/16,172.16.0.0/12,192.0.0.0/24,"
    "192.0.2.0/24,192.88.99.0/24,192.168.0.0/16,198.18.0.0/15,198.51.100.0/24,203.0.113.0/24,"
    "224.0.0.0/3,2001::/23,2001:db8::/32,2002::/16,3fff::/20";

bool
csn_address_is_public(const uint8_t address[16])
{
    static const uint8_t mapped[12] = {[10] = 0xFF, [11] = 0xFF};
    struct csn_networks closed;
    if (!csn_networks_read(private_networks, &closed) || csn_networks_have(&closed, address))
        return false;
    return memcmp(address, mapped, sizeof mapped) == 0 || (address[0] & 0xE0) == 0x20;
}
