/* Judges an RSA public key by its two numbers.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "crypto/rsa_judge.h"

static size_t
bit_length(struct csn_bytes number)
{
    if (number.len == 0 || number.ptr[0] == 0)
        return 0;
    size_t bits = number.len * 8;
    for (unsigned top = number.ptr[0]; top < 0x80; top <<= 1)
        bits--;
    return bits;
}

/* Every prime the broken generator makes is k*M + (65537^a mod M) for an M that these primes
 * divide, so a modulus of two such primes is, modulo each of them, a power of 65537 (Nemec et al.,
 * "The Return of Coppersmith's Attack", 2017, section 5). A random modulus is so for all of them
 * with a probability of 2^-154; most fail at the second or third. */
static const uint8_t roca_primes[] = {
    3,  5,  7,  11, 13, 17,  19,  23,  29,  31,  37,  41,  43,  47,  53,  59,  61,  67,  71,
    73, 79, 83, 89, 97, 101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167};
#define ROCA_GENERATOR 65537u

static unsigned
remainder_of(struct csn_bytes number, unsigned divisor)
{
    unsigned rest = 0;
    for (size_t i = 0; i < number.len; i++)
        rest = (rest * 256 + number.ptr[i]) % divisor;
    return rest;
}

static bool
is_power(unsigned value, unsigned base, unsigned modulus)
{
    unsigned power = 1;
    do {
        if (power == value)
            return true;
        power = power * base % modulus;
    } while (power != 1);
    return false;
}

static bool
is_roca(struct csn_bytes modulus)
{
    for (size_t i = 0; i < sizeof roca_primes; i++) {
        unsigned prime = roca_primes[i];
        if (!is_power(remainder_of(modulus, prime), ROCA_GENERATOR % prime, prime))
            return false;
    }
    return true;
}

enum csn_key_problem
csn_rsa_judge(struct csn_bytes modulus, struct csn_bytes exponent)
{
    size_t bits = bit_length(modulus);
    if (bits < CSN_RSA_BITS_MIN)
        return CSN_KEY_TOO_SHORT;
    if (bits > CSN_RSA_BITS_MAX)
        return CSN_KEY_TOO_LONG;
    if (modulus.ptr[modulus.len - 1] % 2 == 0)
        return CSN_KEY_MALFORMED; /* no product of two primes */
    size_t exponent_bits = bit_length(exponent);
    if (exponent_bits < 17 || exponent_bits > 64 || exponent.ptr[exponent.len - 1] % 2 == 0)
        return CSN_KEY_EXPONENT_INVALID; /* 65537 is the first odd number of 17 bits */
    return is_roca(modulus) ? CSN_KEY_WEAK_SECRET : CSN_KEY_PROBLEM_NONE;
}
