/* HS256, HS384, HS512 (RFC 7518 §3.2): verifiers and signers of a shared secret.
 *
 * They judge no secret: weak_secret.h does, and secret.c asks it first.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_CRYPTO_HMAC_H
#define CSN_CRYPTO_HMAC_H

#include "crypto/signer.h"
#include "crypto/verifier.h"

/* Returns: CSN_OK, CSN_NO_MEMORY. */
CSN_MUST_USE enum csn_status csn_hmac_verifier_new(enum csn_algorithm algorithm,
                                                   struct csn_bytes secret,
                                                   struct csn_verifier **out);
CSN_MUST_USE enum csn_status csn_hmac_signer_new(enum csn_algorithm algorithm,
                                                 struct csn_bytes secret, struct csn_signer **out);

#endif
