/* See forwarded.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/http/forwarded.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

_Static_assert(CSN_SOURCE_MAX == INET6_ADDRSTRLEN, "any address fits");

/* --- addresses --- */

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
    return csn_address_read(text, out, &v4);
}

bool
csn_is_trusted_proxy(const struct csn_networks *trusted, struct csn_bytes address)
{
    uint8_t bytes[16];
    bool v4 = false;
    return trusted->count > 0 && csn_address_read(address, bytes, &v4) &&
           csn_networks_have(trusted, bytes);
}

/* --- the list, from the right --- */

static struct csn_bytes
trim(struct csn_bytes text)
{
    while (text.len > 0 && (text.ptr[0] == ' ' || text.ptr[0] == '\t'))
        text = csn_bytes_slice(text, 1, text.len);
    while (text.len > 0 && (text.ptr[text.len - 1] == ' ' || text.ptr[text.len - 1] == '\t'))
        text.len--;
    return text;
}

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
    const struct csn_networks *trusted;
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
        if (!csn_networks_have(walk->trusted, address))
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
csn_forwarded_source(const struct csn_networks *trusted, struct csn_bytes peer,
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
