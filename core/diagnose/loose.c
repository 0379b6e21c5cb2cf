/* Text as careless decoders read it: base64, hex digits, white space. The strict one, which judges,
 * is core/base64url.c.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/diagnose/work.h"

/* Returns: the six bits of a character, or 64. */
static unsigned
sextet(uint8_t c, enum csn_loose_rule rule)
{
    if (c >= 'A' && c <= 'Z')
        return (unsigned)(c - 'A');
    if (c >= 'a' && c <= 'z')
        return (unsigned)(c - 'a' + 26);
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0' + 52);
    if (c == '+' || (c == '-' && rule == CSN_LOOSE_BOTH))
        return 62;
    return c == '/' || (c == '_' && rule == CSN_LOOSE_BOTH) ? 63 : 64;
}

bool
csn_is_space(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

unsigned
csn_hex_value(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0');
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? (unsigned)(c - 'a' + 10) : 16;
}

struct csn_loose
csn_loose_decode(struct csn_bytes text, enum csn_loose_rule rule, uint8_t *out)
{
    struct csn_loose loose = {0};
    uint32_t bits = 0;
    unsigned count = 0, characters = 0;
    for (size_t i = 0; i < text.len && text.ptr[i] != '='; i++) {
        unsigned value = sextet(text.ptr[i], rule);
        if (value == 64) {
            loose.foreign += !csn_is_space(text.ptr[i]);
            continue;
        }
        bits = bits << 6 | value;
        count += 6;
        characters++;
        if (count >= 8) {
            count -= 8;
            out[loose.len++] = (uint8_t)(bits >> count);
        }
        if (characters % 4 == 0)
            loose.whole = loose.len;
    }
    loose.stray = count == 6 || (bits & ((1u << count) - 1)) != 0;
    return loose;
}
