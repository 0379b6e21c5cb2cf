/* UTF-8 as RFC 3629 §4 defines it: the shortest form only, no surrogates, nothing over U+10FFFF.
 * Noncharacters such as U+FFFF are characters like any other.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/utf8.h"

#include "base/word.h"

static bool
is_tail(uint8_t byte)
{
    return (byte & 0xC0) == 0x80;
}

/* The second byte carries the rules: its range depends on the first (RFC 3629 §4). */
static bool
second_fits(uint8_t first, uint8_t second)
{
    switch (first) {
    case 0xE0: return second >= 0xA0 && second <= 0xBF; /* overlong below */
    case 0xED: return second >= 0x80 && second <= 0x9F; /* surrogates above */
    case 0xF0: return second >= 0x90 && second <= 0xBF; /* overlong below */
    case 0xF4: return second >= 0x80 && second <= 0x8F; /* over U+10FFFF above */
    default: return is_tail(second);
    }
}

static size_t
announced_length(uint8_t first)
{
    if (first < 0x80)
        return 1;
    if (first < 0xC2) /* a tail, or C0/C1: overlong */
        return 0;
    if (first < 0xE0)
        return 2;
    if (first < 0xF0)
        return 3;
    return first < 0xF5 ? 4 : 0;
}

size_t
csn_utf8_length(const uint8_t *at, const uint8_t *end)
{
    size_t len = announced_length(at[0]);
    if (len <= 1)
        return len;
    if ((size_t)(end - at) < len || !second_fits(at[0], at[1]))
        return 0;
    for (size_t i = 2; i < len; i++) {
        if (!is_tail(at[i]))
            return 0;
    }
    return len;
}

bool
csn_utf8_valid(struct csn_bytes text)
{
    size_t i = 0;
    while (i < text.len) {
        if (text.len - i >= 8 && (csn_word_load(text.ptr + i) & CSN_WORD_HIGH) == 0) {
            i += 8;
            continue;
        }
        size_t len = csn_utf8_length(text.ptr + i, text.ptr + text.len);
        if (len == 0)
            return false;
        i += len;
    }
    return true;
}

size_t
csn_utf8_write(uint32_t code, uint8_t out[4])
{
    if (code < 0x80) {
        out[0] = (uint8_t)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (uint8_t)(0xC0 | code >> 6);
        out[1] = (uint8_t)(0x80 | (code & 0x3F));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (uint8_t)(0xE0 | code >> 12);
        out[1] = (uint8_t)(0x80 | (code >> 6 & 0x3F));
        out[2] = (uint8_t)(0x80 | (code & 0x3F));
        return 3;
    }
    out[0] = (uint8_t)(0xF0 | code >> 18);
    out[1] = (uint8_t)(0x80 | (code >> 12 & 0x3F));
    out[2] = (uint8_t)(0x80 | (code >> 6 & 0x3F));
    out[3] = (uint8_t)(0x80 | (code & 0x3F));
    return 4;
}
