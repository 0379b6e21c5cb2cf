/* Appending to memory of the caller.
 *
 * Invariants: len <= cap. An append that does not fit writes nothing and sets `overflowed`; from
 * then on nothing is written any more, so that what stands is always a prefix of what was meant.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "countersign/bytes.h"

#define INT64_TEXT_MAX 20 /* "-9223372036854775808" */

struct csn_buffer
csn_buffer_over(void *memory, size_t cap)
{
    return (struct csn_buffer){.ptr = memory, .cap = cap};
}

/* Returns: room for `len` bytes is left, and nothing was lost before. */
static bool
has_room(struct csn_buffer *out, size_t len)
{
    if (len > out->cap - out->len)
        out->overflowed = true;
    return !out->overflowed;
}

void
csn_buffer_append(struct csn_buffer *out, struct csn_bytes bytes)
{
    if (!has_room(out, bytes.len) || bytes.len == 0)
        return;
    __builtin_memcpy(out->ptr + out->len, bytes.ptr, bytes.len);
    out->len += bytes.len;
}

void
csn_buffer_text(struct csn_buffer *out, const char *text)
{
    csn_buffer_append(out, csn_bytes_text(text));
}

void
csn_buffer_byte(struct csn_buffer *out, uint8_t byte)
{
    if (!has_room(out, 1))
        return;
    out->ptr[out->len] = byte;
    out->len++;
}

void
csn_buffer_int(struct csn_buffer *out, int64_t value)
{
    uint8_t text[INT64_TEXT_MAX];
    size_t from = sizeof text;
    /* Unsigned, because -INT64_MIN has no signed value. */
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    do {
        from--;
        text[from] = (uint8_t)('0' + rest % 10);
        rest /= 10;
    } while (rest != 0);
    if (value < 0) {
        from--;
        text[from] = '-';
    }
    csn_buffer_append(out, csn_bytes_of(text + from, sizeof text - from));
}

void
csn_buffer_hex(struct csn_buffer *out, struct csn_bytes bytes)
{
    static const char digits[] = "0123456789abcdef";
    if (bytes.len > SIZE_MAX / 2) {
        out->overflowed = true;
        return;
    }
    if (!has_room(out, 2 * bytes.len))
        return;
    for (size_t i = 0; i < bytes.len; i++) {
        out->ptr[out->len] = (uint8_t)digits[bytes.ptr[i] >> 4];
        out->ptr[out->len + 1] = (uint8_t)digits[bytes.ptr[i] & 15];
        out->len += 2;
    }
}

struct csn_bytes
csn_buffer_view(const struct csn_buffer *out)
{
    return csn_bytes_of(out->ptr, out->len);
}

const char *
csn_buffer_terminate(struct csn_buffer *out)
{
    if (!has_room(out, 1))
        return NULL;
    out->ptr[out->len] = '\0';
    return (const char *)out->ptr;
}
