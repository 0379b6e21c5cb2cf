/* EdDSA with Ed25519 (RFC 8037 §3.1), by libsodium. Keys are 32 bytes; nothing here allocates but
 * the structs themselves.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_CRYPTO_EDDSA_H
#define CSN_CRYPTO_EDDSA_H

#include "crypto/signer.h"
#include "crypto/verifier.h"

/* In: Ed25519 material. Returns: CSN_OK; CSN_INVALID (verifier: the point is not canonical, not on
 * the curve, of small order, or outside the main subgroup; signer: `d` is not the seed of `x`);
 * CSN_NO_MEMORY. */
CSN_MUST_USE enum csn_status csn_eddsa_verifier_new(const struct csn_jwk *material,
                                                    struct csn_verifier **out);
CSN_MUST_USE enum csn_status csn_eddsa_signer_new(const struct csn_jwk *material,
                                                  struct csn_signer **out);

#endif
