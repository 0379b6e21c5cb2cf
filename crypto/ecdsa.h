/* ES256, ES384, ES512 (RFC 7518 §3.4): each on the one curve the RFC gives it.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_CRYPTO_ECDSA_H
#define CSN_CRYPTO_ECDSA_H

#include "crypto/signer.h"
#include "crypto/verifier.h"

/* In: EC material whose curve is the algorithm's. Returns: CSN_OK; CSN_INVALID (the point is not on
 * the curve); CSN_NO_MEMORY. That a private part is the point's is for the caller to try. */
CSN_MUST_USE enum csn_status csn_ecdsa_verifier_new(const struct csn_jwk *material,
                                                    enum csn_algorithm algorithm,
                                                    struct csn_verifier **out);
CSN_MUST_USE enum csn_status csn_ecdsa_signer_new(const struct csn_jwk *material,
                                                  enum csn_algorithm algorithm,
                                                  struct csn_signer **out);

#endif
