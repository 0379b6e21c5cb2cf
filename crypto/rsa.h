/* RS* (RSASSA-PKCS1-v1_5) and PS* (RSASSA-PSS), RFC 7518 §3.3 and §3.5.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_CRYPTO_RSA_H
#define CSN_CRYPTO_RSA_H

#include "crypto/signer.h"
#include "crypto/verifier.h"

/* In: material that rsa_judge.h passed. Returns: CSN_OK, CSN_INVALID (the library refuses it),
 * CSN_NO_MEMORY. */
CSN_MUST_USE enum csn_status csn_rsa_verifier_new(const struct csn_jwk *material,
                                                  enum csn_algorithm algorithm,
                                                  struct csn_verifier **out);
CSN_MUST_USE enum csn_status csn_rsa_signer_new(const struct csn_jwk *material,
                                                enum csn_algorithm algorithm,
                                                struct csn_signer **out);

#endif
