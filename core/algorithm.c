/* The table of JWS algorithms (RFC 7518 §3.1, RFC 8037 §3.1). What is not in it does not exist.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "countersign/algorithm.h"

struct facts {
    const char *name;
    enum csn_family family;
    uint8_t hash;      /* bytes */
    uint8_t signature; /* bytes; 0: the modulus decides */
};

static const struct facts table[CSN_ALGORITHM_COUNT] = {
    [CSN_ALGORITHM_UNSET] = {"", CSN_FAMILY_UNSET, 0, 0},
    [CSN_HS256] = {"HS256", CSN_FAMILY_HMAC, 32, 32},
    [CSN_HS384] = {"HS384", CSN_FAMILY_HMAC, 48, 48},
    [CSN_HS512] = {"HS512", CSN_FAMILY_HMAC, 64, 64},
    [CSN_RS256] = {"RS256", CSN_FAMILY_RSA_PKCS1, 32, 0},
    [CSN_RS384] = {"RS384", CSN_FAMILY_RSA_PKCS1, 48, 0},
    [CSN_RS512] = {"RS512", CSN_FAMILY_RSA_PKCS1, 64, 0},
    [CSN_PS256] = {"PS256", CSN_FAMILY_RSA_PSS, 32, 0},
    [CSN_PS384] = {"PS384", CSN_FAMILY_RSA_PSS, 48, 0},
    [CSN_PS512] = {"PS512", CSN_FAMILY_RSA_PSS, 64, 0},
    [CSN_ES256] = {"ES256", CSN_FAMILY_ECDSA, 32, 64},
    [CSN_ES384] = {"ES384", CSN_FAMILY_ECDSA, 48, 96},
    [CSN_ES512] = {"ES512", CSN_FAMILY_ECDSA, 64, 132},
    [CSN_EDDSA] = {"EdDSA", CSN_FAMILY_EDDSA, 0, 64},
};

/* Any number, even one cast from outside the enum, finds a row. */
static const struct facts *
facts_of(enum csn_algorithm algorithm)
{
    return (unsigned)algorithm < CSN_ALGORITHM_COUNT ? &table[algorithm] : &table[0];
}

const char *
csn_algorithm_name(enum csn_algorithm algorithm)
{
    return facts_of(algorithm)->name;
}

#define NAME_LENGTH 5 /* of every name; another length would come with a new row */

enum csn_algorithm
csn_algorithm_from_name(struct csn_bytes name)
{
    if (name.len != NAME_LENGTH)
        return CSN_ALGORITHM_UNSET;
    for (unsigned i = 1; i < CSN_ALGORITHM_COUNT; i++)
        if (__builtin_memcmp(name.ptr, table[i].name, NAME_LENGTH) == 0)
            return (enum csn_algorithm)i;
    return CSN_ALGORITHM_UNSET;
}

enum csn_family
csn_algorithm_family(enum csn_algorithm algorithm)
{
    return facts_of(algorithm)->family;
}

size_t
csn_algorithm_hash_length(enum csn_algorithm algorithm)
{
    return facts_of(algorithm)->hash;
}

size_t
csn_algorithm_signature_length(enum csn_algorithm algorithm)
{
    return facts_of(algorithm)->signature;
}
