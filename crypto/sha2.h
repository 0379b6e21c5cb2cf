/* SHA-2, and HMAC (RFC 2104) over it with the key's two blocks hashed beforehand.
 *
 * A keyed state is an immutable value: any thread copies it to its stack, goes on from there, and
 * never locks, allocates or touches the original. docs/decisions/0005-prekeyed-hmac.md has the
 * numbers behind this. Two types, for two block sizes; nothing here is a union.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_CRYPTO_SHA2_H
#define CSN_CRYPTO_SHA2_H

#include <openssl/sha.h>

#include "countersign/algorithm.h"

#define CSN_DIGEST_MAX 64

/* After the key's block: of the inner hash (key ^ 0x36..), of the outer (key ^ 0x5c..). */
struct csn_hmac256 {
    SHA256_CTX inner, outer;
};

/* SHA-384 and SHA-512: the same compression from other starting values. */
struct csn_hmac512 {
    SHA512_CTX inner, outer;
    size_t mac_length; /* 48 or 64 */
};

/* In: a secret of any length. */
void csn_hmac256_key(struct csn_hmac256 *keyed, struct csn_bytes secret);
void csn_hmac512_key(struct csn_hmac512 *keyed, enum csn_algorithm algorithm,
                     struct csn_bytes secret);

/* Cost: the compressions of `input` and two of padding. No heap, no lock. */
void csn_hmac256_mac(const struct csn_hmac256 *keyed, struct csn_bytes input, uint8_t mac[32]);
void csn_hmac512_mac(const struct csn_hmac512 *keyed, struct csn_bytes input, uint8_t mac[64]);

/* The hash that `algorithm` signs. Returns: its length; 0 where there is none. No heap. */
size_t csn_digest(enum csn_algorithm algorithm, struct csn_bytes input,
                  uint8_t digest[CSN_DIGEST_MAX]);

#endif
