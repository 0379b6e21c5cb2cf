/* See forwarded.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/http/forwarded.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "countersign/json.h"

_Static_assert(CSN_SOURCE_MAX == INET6_ADDRSTRLEN, "any address fits");

#define MAPPED_BITS 96 /* of ::ffff:a.b.c.d before the IPv4 address */

/* --- addresses --- */

/* Out: IPv4 as ::ffff:a.b.c.d; *v4. */
static bool
read_address(struct csn_bytes text, uint8_t out[16], bool *v4)
{
    static const uint8_t mapped[12] = {[10] = 0xFF, [11] = 0xFF};
    char memory[CSN_SOURCE_MAX];
    if (text.len == 0 || text.len >= sizeof memory || memchr(text.ptr, 0, text.len) != NULL)
        return false;
    memcpy(memory, text.ptr, text.len);
    memory[text.len] = '\0';
    memcpy(out, mapped, sizeof mapped);
    *v4 = inet_pton(AF_INET, memory, out + sizeof mapped) == 1;
    return *v4 || inet_pton(AF_INET6, memory, out) == 1;
}

/* What proxies write: "192.0.2.1", "192.0.2.1:4711", "2001:db8::1", "[2001:db8::1]:4711". */
static bool
read_node(struct csn_bytes text, uint8_t out[16])
{
    bool v4 = false;
    size_t bracket = csn_bytes_find(text, ']');
    if (bracket < text.len && text.ptr[0] == '[')
        text = csn_bytes_slice(text, 1, bracket);
    else if (csn_bytes_find(text, '.') < csn_bytes_find(text, ':'))
        text = csn_bytes_slice(text, 0, csn_bytes_find(text, ':'));
    return read_address(text, out, &v4);
}

static bool
is_within(const uint8_t address[16], const uint8_t network[16], unsigned bits)
{
    unsigned whole = bits / 8, rest = bits % 8;
    if (memcmp(address, network, whole) != 0)
        return false;
    return rest == 0 || (address[whole] ^ network[whole]) >> (8 - rest) == 0;
}

static bool
is_trusted(const struct csn_trusted_proxies *trusted, const uint8_t address[16])
{
    for (size_t i = 0; i < trusted->count; i++) {
        if (is_within(address, trusted->networks[i].address, trusted->networks[i].bits))
            return true;
    }
    return false;
}

bool
csn_is_trusted_proxy(const struct csn_trusted_proxies *trusted, struct csn_bytes address)
{
    uint8_t bytes[16];
    bool v4 = false;
    return trusted->count > 0 && read_address(address, bytes, &v4) && is_trusted(trusted, bytes);
}

/* --- the setting --- */

/* "10.0.0.0/8". Bits past the length are not looked at. */
static bool
add_network(struct csn_trusted_proxies *out, struct csn_bytes text)
{
    if (out->count == CSN_TRUSTED_PROXIES_MAX)
        return false;
    size_t slash = csn_bytes_find(text, '/');
    uint8_t *address = out->networks[out->count].address;
    bool v4 = false;
    if (!read_address(csn_bytes_slice(text, 0, slash), address, &v4))
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
csn_trusted_proxies_read(const char *list, struct csn_trusted_proxies *out)
{
    *out = (struct csn_trusted_proxies){0};
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

/* --- the list, from the right --- */

/* Takes the last element off. Returns: false when there is none. */
static bool
take_last(struct csn_bytes *list, struct csn_bytes *element)
{
    if (list->len == 0)
        return false;
    size_t from = list->len;
    while (from > 0 && list->ptr[from - 1] != ',')
        from--;
    *element = trim(csn_bytes_slice(*list, from, list->len));
    list->len = from > 0 ? from - 1 : 0;
    return true;
}

struct walk {
    const struct csn_trusted_proxies *trusted;
    uint8_t source[16];
    bool found; /* `source` is set */
};

/* Returns: walk on: everyone in this field is a proxy of ours. */
static bool
walk_field(struct walk *walk, struct csn_bytes list)
{
    struct csn_bytes element;
    while (take_last(&list, &element)) {
        uint8_t address[16];
        if (element.len == 0)
            continue; /* RFC 9110 §5.6.1: empty elements are passed over */
        if (!read_node(element, address))
            return false; /* "unknown": the proxy that says so is all we know */
        memcpy(walk->source, address, sizeof walk->source);
        walk->found = true;
        if (!is_trusted(walk->trusted, address))
            return false;
    }
    return true;
}

static struct csn_bytes
write_address(const uint8_t address[16], char memory[CSN_SOURCE_MAX])
{
    struct in6_addr v6;
    memcpy(&v6, address, sizeof v6);
    if (IN6_IS_ADDR_V4MAPPED(&v6))
        inet_ntop(AF_INET, address + 12, memory, CSN_SOURCE_MAX);
    else
        inet_ntop(AF_INET6, address, memory, CSN_SOURCE_MAX);
    return csn_bytes_text(memory);
}

struct csn_bytes
csn_forwarded_source(const struct csn_trusted_proxies *trusted, struct csn_bytes peer,
                     const struct csn_header *fields, size_t count, char memory[CSN_SOURCE_MAX])
{
    struct walk walk = {.trusted = trusted};
    struct csn_bytes name = csn_bytes_text("x-forwarded-for");
    bool more = true;
    /* Several fields are one list (RFC 9110 §5.3). */
    for (size_t i = count; i > 0 && more; i--) {
        if (csn_bytes_equal_nocase(fields[i - 1].name, name))
            more = walk_field(&walk, fields[i - 1].value);
    }
    return walk.found ? write_address(walk.source, memory) : peer;
}
