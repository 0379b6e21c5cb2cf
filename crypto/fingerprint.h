/* What a key may be called in public.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_CRYPTO_FINGERPRINT_H
#define CSN_CRYPTO_FINGERPRINT_H

#include "core/jwk.h"

/* RFC 7638: base64url of the SHA-256 of the required members in order. RSA, EC, OKP. */
void csn_fingerprint_public(const struct csn_jwk *material, char out[CSN_FINGERPRINT_MAX]);

/* "hmac:" and 16 hex digits of HMAC-SHA256(secret, "countersign fingerprint"): tells two secrets
 * apart and, a secret being at least 16 bytes, gives none away. */
void csn_fingerprint_secret(struct csn_bytes secret, char out[CSN_FINGERPRINT_MAX]);

/* Appends the public members of a JWK ("kty", then those of its type) to an open object: the one
 * place that spells them. */
void csn_jwk_write_public(const struct csn_jwk *material, struct csn_json_writer *w);

/* "P-256"; "" for unset. */
const char *csn_curve_name(enum csn_jwk_curve curve);

#endif
