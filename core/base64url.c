/* base64url: four table look-ups for three bytes.
 *
 * Each table holds the six bits of a character where they belong in three bytes, first byte lowest,
 * and one mark of its own (bits 24..27). A character outside the alphabet is the tables' zero: it
 * lacks the mark. Four marks together say that all four characters were good.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/base64url.h"
#include "countersign/token.h"

/* RFC 4648 §5, table 2: the alphabet, once, for both directions. */
#define ALPHABET(X)                                                                                \
    X('A', 0)                                                                                      \
    X('B', 1)                                                                                      \
    X('C', 2)                                                                                      \
    X('D', 3)                                                                                      \
    X('E', 4)                                                                                      \
    X('F', 5)                                                                                      \
    X('G', 6)                                                                                      \
    X('H', 7)                                                                                      \
    X('I', 8)                                                                                      \
    X('J', 9)                                                                                      \
    X('K', 10)                                                                                     \
    X('L', 11)                                                                                     \
    X('M', 12)                                                                                     \
    X('N', 13)                                                                                     \
    X('O', 14)                                                                                     \
    X('P', 15)                                                                                     \
    X('Q', 16)                                                                                     \
    X('R', 17)                                                                                     \
    X('S', 18)                                                                                     \
    X('T', 19)                                                                                     \
    X('U', 20)                                                                                     \
    X('V', 21)                                                                                     \
    X('W', 22)                                                                                     \
    X('X', 23)                                                                                     \
    X('Y', 24)                                                                                     \
    X('Z', 25)                                                                                     \
    X('a', 26)                                                                                     \
    X('b', 27)                                                                                     \
    X('c', 28)                                                                                     \
    X('d', 29)                                                                                     \
    X('e', 30)                                                                                     \
    X('f', 31)                                                                                     \
    X('g', 32)                                                                                     \
    X('h', 33)                                                                                     \
    X('i', 34)                                                                                     \
    X('j', 35)                                                                                     \
    X('k', 36)                                                                                     \
    X('l', 37)                                                                                     \
    X('m', 38)                                                                                     \
    X('n', 39)                                                                                     \
    X('o', 40)                                                                                     \
    X('p', 41)                                                                                     \
    X('q', 42)                                                                                     \
    X('r', 43)                                                                                     \
    X('s', 44)                                                                                     \
    X('t', 45)                                                                                     \
    X('u', 46)                                                                                     \
    X('v', 47)                                                                                     \
    X('w', 48)                                                                                     \
    X('x', 49)                                                                                     \
    X('y', 50)                                                                                     \
    X('z', 51)                                                                                     \
    X('0', 52)                                                                                     \
    X('1', 53)                                                                                     \
    X('2', 54)                                                                                     \
    X('3', 55)                                                                                     \
    X('4', 56)                                                                                     \
    X('5', 57)                                                                                     \
    X('6', 58)                                                                                     \
    X('7', 59)                                                                                     \
    X('8', 60)                                                                                     \
    X('9', 61)                                                                                     \
    X('-', 62)                                                                                     \
    X('_', 63)

#define SYMBOL(c, v) [v] = c,
#define FIRST(c, v) [c] = (v##u << 2) | 1u << 24,
#define SECOND(c, v) [c] = (v##u >> 4) | (v##u & 15) << 12 | 1u << 25,
#define THIRD(c, v) [c] = (v##u >> 2) << 8 | (v##u & 3) << 22 | 1u << 26,
#define FOURTH(c, v) [c] = (v##u << 16) | 1u << 27,

static const uint8_t symbol[64] = {ALPHABET(SYMBOL)};
static const uint32_t first[256] = {ALPHABET(FIRST)};
static const uint32_t second[256] = {ALPHABET(SECOND)};
static const uint32_t third[256] = {ALPHABET(THIRD)};
static const uint32_t fourth[256] = {ALPHABET(FOURTH)};

#define ALL_GOOD 0x0F000000u /* the four marks */

/* Writes the three bytes and one more; compilers make one store of it. */
static inline void
write_quantum(uint8_t *to, uint32_t bits)
{
    to[0] = (uint8_t)bits;
    to[1] = (uint8_t)(bits >> 8);
    to[2] = (uint8_t)(bits >> 16);
    to[3] = (uint8_t)(bits >> 24);
}

/* The one, two or three characters after the last whole quantum (RFC 4648 §4), of which those up
 * to `good` are in the alphabet. */
static void
read_tail(const uint8_t *at, size_t good, uint8_t *out, struct csn_base64url_run *run)
{
    run->consumed += good;
    if (good == 0)
        return;
    if (good == 1) { /* six bits are no byte */
        run->canonical = false;
        return;
    }
    uint32_t bits = first[at[0]] | second[at[1]] | (good == 3 ? third[at[2]] : 0u);
    out[0] = (uint8_t)bits;
    if (good == 3)
        out[1] = (uint8_t)(bits >> 8);
    run->written += good - 1;
    /* RFC 4648 §3.5: bits that no byte takes must be zero, else two texts mean one value */
    run->canonical = (bits & (good == 3 ? 0xFF0000u : 0x00FF00u)) == 0;
}

struct csn_base64url_run
csn_base64url_read(struct csn_bytes text, uint8_t *out)
{
    if (text.len == 0)
        return (struct csn_base64url_run){.canonical = true};
    const uint8_t *at = text.ptr, *end = text.ptr + text.len;
    const uint8_t *whole = end - text.len % 4;
    uint8_t *to = out;
    for (; at != whole; at += 4, to += 3) {
        uint32_t bits = first[at[0]] | second[at[1]] | third[at[2]] | fourth[at[3]];
        if (bits < ALL_GOOD)
            break;
        write_quantum(to, bits);
    }
    struct csn_base64url_run run = {
        .consumed = (size_t)(at - text.ptr), .written = (size_t)(to - out), .canonical = true};
    size_t good = 0;
    while (at + good != end && first[at[good]] != 0)
        good++;
    read_tail(at, good, to, &run);
    return run;
}

enum csn_status
csn_base64url_decode(struct csn_bytes text, struct csn_buffer *out)
{
    if (text.len / 4 * 3 + 3 > out->cap - out->len)
        return CSN_NO_SPACE;
    struct csn_base64url_run run = csn_base64url_read(text, out->ptr + out->len);
    if (run.consumed != text.len || !run.canonical)
        return CSN_INVALID;
    out->len += run.written;
    return CSN_OK;
}

void
csn_base64url_append(struct csn_buffer *out, struct csn_bytes bytes)
{
    size_t whole = bytes.len / 3, rest = bytes.len % 3;
    size_t need = whole * 4 + (rest != 0 ? rest + 1 : 0);
    if (out->overflowed || need > out->cap - out->len) {
        out->overflowed = true;
        return;
    }
    const uint8_t *from = bytes.ptr;
    uint8_t *to = out->ptr + out->len;
    for (size_t i = 0; i < whole; i++, from += 3, to += 4) {
        uint32_t bits = (uint32_t)from[0] << 16 | (uint32_t)from[1] << 8 | from[2];
        to[0] = symbol[bits >> 18];
        to[1] = symbol[bits >> 12 & 63];
        to[2] = symbol[bits >> 6 & 63];
        to[3] = symbol[bits & 63];
    }
    if (rest != 0) {
        uint32_t bits = (uint32_t)from[0] << 16 | (rest == 2 ? (uint32_t)from[1] << 8 : 0u);
        to[0] = symbol[bits >> 18];
        to[1] = symbol[bits >> 12 & 63];
        if (rest == 2)
            to[2] = symbol[bits >> 6 & 63];
    }
    out->len += need;
}
