/* The numbers inside one of OpenSSL's keys, as key material: the way back from csn_pkey_load.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_CRYPTO_PKEY_NUMBERS_H
#define CSN_CRYPTO_PKEY_NUMBERS_H

#include <openssl/evp.h>

#include "core/jwk.h"

/* Refuses types, curves and sizes we do not do, curves written out instead of named (RFC 5480
 * §2.1.1), and a key marked for PSS unless `asked` is a PS* that its parameters allow.
 * Out: *out, borrowing `arena`; *problem where CSN_INVALID. Returns: CSN_OK, CSN_INVALID,
 * CSN_NO_SPACE, CSN_NO_MEMORY. May leave errors queued. */
CSN_MUST_USE enum csn_status csn_pkey_numbers(EVP_PKEY *key, enum csn_jwk_purpose purpose,
                                              enum csn_algorithm asked, struct csn_arena *arena,
                                              struct csn_jwk *out, enum csn_key_problem *problem);

#endif
