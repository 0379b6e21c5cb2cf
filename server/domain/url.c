/* URLs. See url.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/domain/url.h"

static bool
is_printable(struct csn_bytes url)
{
    for (size_t i = 0; i < url.len; i++) {
        if (url.ptr[i] <= 0x20 || url.ptr[i] >= 0x7f || url.ptr[i] == '#' || url.ptr[i] == '\\')
            return false;
    }
    return true;
}

/* scheme://[user[:password]@]host[:port][/...]: the host, with brackets where it has them. */
static struct csn_bytes
host_of(struct csn_bytes rest)
{
    size_t end = csn_bytes_find(rest, '/');
    size_t query = csn_bytes_find(rest, '?');
    struct csn_bytes authority = csn_bytes_slice(rest, 0, end < query ? end : query);
    for (size_t at; (at = csn_bytes_find(authority, '@')) < authority.len;)
        authority = csn_bytes_slice(authority, at + 1, authority.len);
    if (authority.len > 0 && authority.ptr[0] == '[') {
        size_t close = csn_bytes_find(authority, ']');
        return csn_bytes_slice(authority, 0, close < authority.len ? close + 1 : 0);
    }
    return csn_bytes_slice(authority, 0, csn_bytes_find(authority, ':'));
}

/* Where the password of `user:password@` begins and ends; both 0 when there is none. */
static void
find_password(struct csn_bytes url, size_t *from, size_t *to)
{
    *from = *to = 0;
    size_t start = csn_bytes_find(url, ':') + 3; /* behind "://" */
    for (size_t i = start; i < url.len && url.ptr[i] != '/' && url.ptr[i] != '?'; i++) {
        if (url.ptr[i] == ':' && *from == 0)
            *from = i + 1;
        if (url.ptr[i] == '@')
            *to = i;
    }
    if (*from == 0 || *to < *from)
        *from = *to = 0;
}

/* 127.0.0.0/8 in the usual four numbers: anything odder is no loopback address. */
static bool
is_loopback_v4(struct csn_bytes host)
{
    size_t dots = 0;
    size_t digits = 0;
    for (size_t i = 0; i < host.len; i++) {
        bool dot = host.ptr[i] == '.';
        if (!dot && (host.ptr[i] < '0' || host.ptr[i] > '9'))
            return false;
        if (dot && digits == 0)
            return false;
        digits = dot ? 0 : digits + 1;
        dots += dot;
        if (digits > 3)
            return false;
    }
    return dots == 3 && digits > 0 && csn_bytes_starts_with(host, csn_bytes_text("127."));
}

static bool
is_loopback(struct csn_bytes host)
{
    return csn_bytes_equal_text(host, "localhost") || csn_bytes_equal_text(host, "[::1]") ||
           is_loopback_v4(host);
}

bool
csn_url_is_plain(struct csn_bytes url)
{
    return csn_bytes_starts_with(url, csn_bytes_text("http://"));
}

bool
csn_url_is_valid(struct csn_bytes url)
{
    bool plain = csn_url_is_plain(url);
    struct csn_bytes scheme = csn_bytes_text(plain ? "http://" : "https://");
    if (url.len > CSN_URL_MAX || !csn_bytes_starts_with(url, scheme) || !is_printable(url))
        return false;
    struct csn_bytes host = host_of(csn_bytes_slice(url, scheme.len, url.len));
    return host.len > 0 && (!plain || is_loopback(host));
}

struct csn_bytes
csn_url_origin(struct csn_bytes url)
{
    size_t end = csn_url_is_plain(url) ? 7 : 8; /* behind "://" */
    while (end < url.len && url.ptr[end] != '/' && url.ptr[end] != '?')
        end++;
    return csn_bytes_slice(url, 0, end);
}

enum csn_status
csn_url_show(struct csn_bytes url, struct csn_arena *arena, struct csn_bytes *shown)
{
    size_t from = 0;
    size_t to = 0;
    find_password(url, &from, &to);
    *shown = url;
    if (to == 0)
        return CSN_OK;
    size_t cap = url.len + 3;
    void *memory = csn_arena_alloc(arena, cap);
    if (memory == NULL)
        return CSN_NO_SPACE;
    struct csn_buffer out = csn_buffer_over(memory, cap);
    csn_buffer_append(&out, csn_bytes_slice(url, 0, from));
    csn_buffer_text(&out, "***");
    csn_buffer_append(&out, csn_bytes_slice(url, to, url.len));
    *shown = csn_buffer_view(&out);
    return CSN_OK;
}
