/* Key material out of PEM text (RFC 7468).
 *
 * Exactly one block, nothing but white space around it, DER that fills its block. Nothing is ever
 * asked of a person: a key under a passphrase is refused.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_CRYPTO_PEM_H
#define CSN_CRYPTO_PEM_H

#include "core/jwk.h"

/* Reads one block: for CSN_JWK_TO_VERIFY "PUBLIC KEY", "RSA PUBLIC KEY" or "CERTIFICATE" (its key
 * alone: dates, names, extensions and signature are not looked at; trust in it is the admin's act
 * of installing it); for CSN_JWK_TO_SIGN "PRIVATE KEY", "RSA PRIVATE KEY" or "EC PRIVATE KEY",
 * the last also after the "EC PARAMETERS" that the openssl program puts before it.
 *
 * `asked` matters only for an RSA key that is marked for PSS: it may be bound to a PS* algorithm
 * that its parameters allow, and to no other.
 *
 * Out: *out, borrowing `arena`, which must be wiped; *problem where CSN_INVALID. Returns: CSN_OK,
 * CSN_INVALID, CSN_NO_SPACE, CSN_NO_MEMORY. */
CSN_MUST_USE enum csn_status csn_pem_read(struct csn_bytes pem, enum csn_jwk_purpose purpose,
                                          enum csn_algorithm asked, struct csn_arena *arena,
                                          struct csn_jwk *out, enum csn_key_problem *problem);

#endif
