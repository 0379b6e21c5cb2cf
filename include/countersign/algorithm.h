/* The JWS algorithms (RFC 7518 §3.1, RFC 8037 §3.1). "none" does not exist here.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef COUNTERSIGN_ALGORITHM_H
#define COUNTERSIGN_ALGORITHM_H

#include "countersign/bytes.h"

#ifdef __cplusplus
extern "C" {
#endif

enum csn_algorithm {
    CSN_ALGORITHM_UNSET = 0,
    CSN_HS256,
    CSN_HS384,
    CSN_HS512,
    CSN_RS256,
    CSN_RS384,
    CSN_RS512,
    CSN_PS256,
    CSN_PS384,
    CSN_PS512,
    CSN_ES256,
    CSN_ES384,
    CSN_ES512,
    CSN_EDDSA, /* Ed25519 only */
    CSN_ALGORITHM_COUNT,
};

enum csn_family {
    CSN_FAMILY_UNSET = 0,
    CSN_FAMILY_HMAC,
    CSN_FAMILY_RSA_PKCS1,
    CSN_FAMILY_RSA_PSS,
    CSN_FAMILY_ECDSA,
    CSN_FAMILY_EDDSA,
};

/* Returns: the `alg` value, e.g. "HS256"; "" for unset. Never NULL. */
const char *csn_algorithm_name(enum csn_algorithm algorithm);

/* Returns: the algorithm with exactly this name (case counts, RFC 7515 §4.1.1), or unset. */
enum csn_algorithm csn_algorithm_from_name(struct csn_bytes name);

enum csn_family csn_algorithm_family(enum csn_algorithm algorithm);

/* Returns: bytes of the hash (32, 48, 64); 0 for EdDSA and unset. */
size_t csn_algorithm_hash_length(enum csn_algorithm algorithm);

/* Returns: bytes of a signature where the algorithm alone fixes it; 0 for RSA (the modulus does).
 */
size_t csn_algorithm_signature_length(enum csn_algorithm algorithm);

#ifdef __cplusplus
}
#endif
#endif
