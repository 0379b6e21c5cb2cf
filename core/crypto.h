/* The crypto operations that core needs. Declared here, defined in crypto/: core knows no library.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_CORE_CRYPTO_H
#define CSN_CORE_CRYPTO_H

#include "countersign/key.h"

/* Returns: `signature` over `input` holds under this key. A signature of the wrong length is
 * refused before the library sees it. MACs are compared in constant time. Leaves no error in the
 * library's queue. Cost: HMAC no heap; EdDSA no heap. Source: RFC 7518 §3, RFC 8037 §3.1. */
bool csn_verifier_check(const struct csn_verifier *verifier, struct csn_bytes input,
                        struct csn_bytes signature);

/* Returns: bytes of every signature of this key (RSA: of its modulus). */
size_t csn_verifier_signature_length(const struct csn_verifier *verifier);

/* Out: the raw JWS signature appended to `out`. Returns: CSN_OK, CSN_NO_SPACE, CSN_CRYPTO. */
CSN_MUST_USE enum csn_status csn_signer_sign(const struct csn_signer *signer,
                                             struct csn_bytes input, struct csn_buffer *out);

/* One HMAC with any secret, of any length. `mac` takes hash-length bytes. */
void csn_hmac(enum csn_algorithm algorithm, struct csn_bytes secret, struct csn_bytes input,
              uint8_t mac[64]);

/* The check of an asymmetric key under a sibling algorithm of the same material, for diagnosis
 * only: RS* <-> PS*, any hash; ES* with a DER signature when `der` is set. */
bool csn_verifier_check_as(const struct csn_verifier *verifier, enum csn_algorithm algorithm,
                           bool der, struct csn_bytes input, struct csn_bytes signature);

void csn_sha256(struct csn_bytes input, uint8_t digest[32]);

/* Returns: same length and bytes, in time that depends on the length alone. */
bool csn_equal_secret(struct csn_bytes a, struct csn_bytes b);

#endif
