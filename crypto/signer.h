/* What every signer begins with. The counterpart of verifier.h, and as strictly apart from it: a
 * verifier never holds what could sign (an HMAC one excepted, whose secret is both).
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_CRYPTO_SIGNER_H
#define CSN_CRYPTO_SIGNER_H

#include "core/crypto.h"
#include "core/jwk.h"

struct csn_signer_family {
    /* Out: exactly signer->signature_length bytes. Returns: CSN_OK, CSN_CRYPTO, CSN_NO_MEMORY. */
    enum csn_status (*sign)(const struct csn_signer *signer, struct csn_bytes input,
                            uint8_t *signature);
    void (*release)(struct csn_signer *signer); /* NULL: nothing */
    size_t size;
};

struct csn_signer {
    const struct csn_signer_family *family;
    enum csn_algorithm algorithm;
    size_t signature_length;
};

/* Returns: a zeroed struct of `family` with its head set, for csn_signer_free; NULL: no memory. */
struct csn_signer *csn_signer_new(const struct csn_signer_family *family,
                                  enum csn_algorithm algorithm, size_t signature_length);

/* As csn_verifier_from_material; `material` must have its private members. A private part that does
 * not belong to the public one refuses: the new signer must satisfy the verifier of its key. */
CSN_MUST_USE enum csn_status csn_signer_from_material(const struct csn_jwk *material,
                                                      enum csn_algorithm asked,
                                                      struct csn_signer **out,
                                                      struct csn_key_report *report);

#endif
