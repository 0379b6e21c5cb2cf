/* Views. Nothing here is constant time: secrets are compared by core/crypto.h.
 *
 * Invariant: a view of length 0 is never dereferenced, so its pointer may be NULL.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "countersign/bytes.h"

#include "base/panic.h"

struct csn_bytes
csn_bytes_of(const void *ptr, size_t len)
{
    return (struct csn_bytes){.ptr = ptr, .len = len};
}

struct csn_bytes
csn_bytes_text(const char *text)
{
    if (text == NULL)
        return (struct csn_bytes){0};
    size_t len = 0;
    while (text[len] != '\0')
        len++;
    return csn_bytes_of(text, len);
}

bool
csn_bytes_equal(struct csn_bytes a, struct csn_bytes b)
{
    if (a.len != b.len)
        return false;
    return a.len == 0 || __builtin_memcmp(a.ptr, b.ptr, a.len) == 0;
}

bool
csn_bytes_equal_text(struct csn_bytes a, const char *text)
{
    return csn_bytes_equal(a, csn_bytes_text(text));
}

static uint8_t
fold(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c + ('a' - 'A')) : c;
}

bool
csn_bytes_equal_nocase(struct csn_bytes a, struct csn_bytes b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++) {
        if (fold(a.ptr[i]) != fold(b.ptr[i]))
            return false;
    }
    return true;
}

bool
csn_bytes_starts_with(struct csn_bytes whole, struct csn_bytes start)
{
    return whole.len >= start.len && csn_bytes_equal(csn_bytes_of(whole.ptr, start.len), start);
}

size_t
csn_bytes_find(struct csn_bytes whole, uint8_t byte)
{
    size_t i = 0;
    while (i < whole.len && whole.ptr[i] != byte)
        i++;
    return i;
}

struct csn_bytes
csn_bytes_slice(struct csn_bytes whole, size_t from, size_t to)
{
    CSN_ASSERT(from <= to && to <= whole.len);
    if (from == 0) /* also for the empty view: no arithmetic on NULL */
        return csn_bytes_of(whole.ptr, to);
    return csn_bytes_of(whole.ptr + from, to - from);
}
