/* Eight bytes at a time, the same on every byte order: the first byte is the lowest.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_BASE_WORD_H
#define CSN_BASE_WORD_H

#include <stddef.h>
#include <stdint.h>

/* For the few functions that every byte of every token goes through: the call would cost more than
 * the body, and compilers left to themselves make the call. */
#ifndef CSN_HOT
#define CSN_HOT static inline __attribute__((always_inline))
#endif

#define CSN_WORD_OF(byte) (UINT64_C(0x0101010101010101) * (byte))
#define CSN_WORD_HIGH CSN_WORD_OF(0x80)

/* Spelled out so that it needs no byte order; compilers make one load of it. */
CSN_HOT uint64_t
csn_word_load(const uint8_t *at)
{
    return (uint64_t)at[0] | (uint64_t)at[1] << 8 | (uint64_t)at[2] << 16 | (uint64_t)at[3] << 24 |
           (uint64_t)at[4] << 32 | (uint64_t)at[5] << 40 | (uint64_t)at[6] << 48 |
           (uint64_t)at[7] << 56;
}

/* Returns: index of the lowest byte with its high bit set in `marks`, which is not 0. */
CSN_HOT size_t
csn_word_first(uint64_t marks)
{
    return (size_t)__builtin_ctzll(marks) / 8;
}

#endif
