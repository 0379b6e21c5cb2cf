/* OpenSSL's keys and operations, as RSA and ECDSA use them.
 *
 * An operation is prepared once, when its key is loaded: algorithms fetched, padding and hash set.
 * Each use duplicates the prepared context (under 0.1 us), so that the prepared one stays as it is
 * and any number of threads may use it at once.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_CRYPTO_PKEY_H
#define CSN_CRYPTO_PKEY_H

#include <openssl/evp.h>

#include "core/jwk.h"

enum csn_pkey_operation {
    CSN_PKEY_VERIFY = 0,
    CSN_PKEY_SIGN,
};

/* Returns: a context ready for `operation`; it holds its own reference to `key`. NULL on failure,
 * with errors queued; also where the key's own restrictions forbid the algorithm. */
EVP_PKEY_CTX *csn_pkey_prepare(EVP_PKEY *key, enum csn_algorithm algorithm,
                               enum csn_pkey_operation operation);

/* Returns: the key of EC material, with its private part where asked for, for EVP_PKEY_free; NULL
 * on failure, with errors queued. */
EVP_PKEY *csn_pkey_ec(const struct csn_jwk *material, bool private_too);

/* Makes a key of RSA or EC material, with its private part where the operation needs it, and
 * prepares it. Out: *prepared, for EVP_PKEY_CTX_free; NULL unless CSN_OK.
 * Returns: CSN_OK; CSN_INVALID (an EC point is not on its curve); CSN_NO_MEMORY. */
CSN_MUST_USE enum csn_status csn_pkey_load(const struct csn_jwk *material,
                                           enum csn_algorithm algorithm,
                                           enum csn_pkey_operation operation,
                                           EVP_PKEY_CTX **prepared);

/* `digest` is the hash that the prepared algorithm signs. Leaves no error queued. */
bool csn_pkey_check(const EVP_PKEY_CTX *prepared, struct csn_bytes digest,
                    struct csn_bytes signature);

/* Out: the signature, appended. Returns: CSN_OK, CSN_NO_SPACE, CSN_CRYPTO, CSN_NO_MEMORY. Leaves no
 * error queued. */
CSN_MUST_USE enum csn_status csn_pkey_sign(const EVP_PKEY_CTX *prepared, struct csn_bytes digest,
                                           struct csn_buffer *out);

/* The curve's name as OpenSSL knows it ("prime256v1"); NULL for others than P-256, P-384, P-521. */
const char *csn_curve_group(enum csn_jwk_curve curve);
enum csn_jwk_curve csn_curve_from_group(const char *group);

/* Bytes of one coordinate; 0 for unset. */
size_t csn_curve_length(enum csn_jwk_curve curve);

#endif
