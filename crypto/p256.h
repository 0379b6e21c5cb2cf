/* Key pairs on the curve P-256, as plain numbers: what Web Push agrees on secrets with (RFC 8291)
 * and signs with (RFC 8292). Tokens' keys are not these: they are key.h's.
 *
 * A private key is a number in 1..n-1, big-endian; a public key the point, uncompressed (SEC 1
 * §2.3.3). Randomness comes from the caller, so that published vectors can be reproduced.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_CRYPTO_P256_H
#define CSN_CRYPTO_P256_H

#include "crypto/random.h"

#define CSN_P256_PRIVATE_LENGTH 32
#define CSN_P256_PUBLIC_LENGTH 65
#define CSN_P256_SECRET_LENGTH 32

/* Wipe it with csn_wipe after use. */
struct csn_p256_pair {
    uint8_t private_key[CSN_P256_PRIVATE_LENGTH];
    uint8_t public_key[CSN_P256_PUBLIC_LENGTH];
};

/* Out: a new pair. Returns: CSN_OK, CSN_NO_MEMORY, CSN_CRYPTO. */
CSN_MUST_USE enum csn_status csn_p256_make(const struct csn_random *random,
                                           struct csn_p256_pair *out);

/* In: pair->private_key. Out: pair->public_key. Returns: CSN_OK; CSN_INVALID (the number is 0, or
 * not below n); CSN_NO_MEMORY. */
CSN_MUST_USE enum csn_status csn_p256_complete(struct csn_p256_pair *pair);

/* Returns: CSN_OK: the bytes are a point of the curve; CSN_INVALID; CSN_NO_MEMORY. */
CSN_MUST_USE enum csn_status csn_p256_check(struct csn_bytes public_key);

/* The shared secret of ECDH (NIST SP 800-56A §5.7.1.2), in time that does not depend on the private
 * number. Out: `secret`, wiped on failure. Returns: CSN_OK; CSN_INVALID (theirs is no point of the
 * curve); CSN_NO_MEMORY; CSN_CRYPTO. */
CSN_MUST_USE enum csn_status csn_p256_agree(const struct csn_p256_pair *ours,
                                            struct csn_bytes theirs,
                                            uint8_t secret[CSN_P256_SECRET_LENGTH]);

#endif
