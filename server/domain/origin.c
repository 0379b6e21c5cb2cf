/* Browser origins, exactly as a browser writes them (RFC 6454 §6.2): then comparing bytes is
 * enough.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/domain/management_apps.h"

static bool
is_host_char(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
}

static bool
is_ipv6_char(uint8_t c)
{
    return (c >= 'a' && c <= 'f') || (c >= '0' && c <= '9') || c == ':' || c == '.';
}

/* Returns: length of the host at the start of `text`; 0 when there is none. */
static size_t
host_length(struct csn_bytes text)
{
    size_t at = 0;
    if (text.len > 0 && text.ptr[0] == '[') {
        for (at = 1; at < text.len && is_ipv6_char(text.ptr[at]); at++) {
        }
        return at > 1 && at < text.len && text.ptr[at] == ']' ? at + 1 : 0;
    }
    while (at < text.len && is_host_char(text.ptr[at])) {
        bool label_start = at == 0 || text.ptr[at - 1] == '.';
        if (label_start && (text.ptr[at] == '.' || text.ptr[at] == '-'))
            return 0;
        at++;
    }
    return at > 0 && text.ptr[at - 1] != '.' && text.ptr[at - 1] != '-' ? at : 0;
}

/* ":1" to ":65535" without leading zeros, and not the scheme's own port, which browsers leave out.
 */
static bool
is_port(struct csn_bytes text, unsigned own)
{
    if (text.len < 2 || text.len > 6 || text.ptr[0] != ':' || text.ptr[1] == '0')
        return false;
    unsigned port = 0;
    for (size_t i = 1; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
        port = port * 10 + (unsigned)(text.ptr[i] - '0');
    }
    return port <= 65535 && port != own;
}

bool
csn_origin_is_valid(struct csn_bytes origin)
{
    struct csn_bytes https = csn_bytes_text("https://");
    struct csn_bytes http = csn_bytes_text("http://");
    bool secure = csn_bytes_starts_with(origin, https);
    if (origin.len > CSN_ORIGIN_MAX || (!secure && !csn_bytes_starts_with(origin, http)))
        return false;
    struct csn_bytes rest = csn_bytes_slice(origin, secure ? https.len : http.len, origin.len);
    size_t host = host_length(rest);
    if (host == 0)
        return false;
    if (host == rest.len)
        return true;
    return is_port(csn_bytes_slice(rest, host, rest.len), secure ? 443 : 80);
}
