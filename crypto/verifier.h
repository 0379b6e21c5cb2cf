/* What every verifier begins with, and how one is made of key material.
 *
 * Each family of algorithms has its own struct, which begins with this head; there is no union of
 * key types. The functions that may look at the rest are named by the head's table, which is set
 * when the key is loaded and never again: no code path can take one family's key for another's.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_CRYPTO_VERIFIER_H
#define CSN_CRYPTO_VERIFIER_H

#include "core/crypto.h"
#include "core/jwk.h"

/* What one family does. Constant tables, one per struct type. */
struct csn_verifier_family {
    /* Returns: `signature`, which has the key's length, holds over `input`. */
    bool (*check)(const struct csn_verifier *verifier, struct csn_bytes input,
                  struct csn_bytes signature);
    /* The same under a sibling algorithm, for diagnosis. NULL: there is none. */
    bool (*check_as)(const struct csn_verifier *verifier, enum csn_algorithm algorithm, bool der,
                     struct csn_bytes input, struct csn_bytes signature);
    /* Frees what the struct owns besides itself. NULL: nothing. */
    void (*release)(struct csn_verifier *verifier);
    size_t size; /* of the whole struct */
};

struct csn_verifier {
    const struct csn_verifier_family *family;
    enum csn_algorithm algorithm;
    size_t signature_length;
};

/* Returns: a zeroed struct of `family` with its head set, for csn_verifier_free; NULL: no memory.
 */
struct csn_verifier *csn_verifier_new(const struct csn_verifier_family *family,
                                      enum csn_algorithm algorithm, size_t signature_length);

/* Judges key material, from whatever document it came, and makes its verifier. `material` needs no
 * more than its public members, or `k`. Out and Returns: as csn_verifier_from_jwk. `report` must be
 * begun. */
CSN_MUST_USE enum csn_status csn_verifier_from_material(const struct csn_jwk *material,
                                                        enum csn_algorithm asked,
                                                        struct csn_verifier **out,
                                                        struct csn_key_report *report);

/* --- reports --- */

/* Empties the report and readies the libraries: the first step of every load. */
CSN_MUST_USE enum csn_status csn_report_begin(struct csn_key_report *report);

/* Returns: CSN_INVALID, with the problem noted. */
CSN_MUST_USE enum csn_status csn_report_refuse(struct csn_key_report *report,
                                               enum csn_key_problem problem);

/* The same for a document that did not read: one too big for its arena breaks the same limit as one
 * too long. */
CSN_MUST_USE enum csn_status csn_report_document(struct csn_key_report *report,
                                                 enum csn_status status,
                                                 enum csn_key_problem problem);

void csn_report_kid(struct csn_key_report *report, const struct csn_jwk *jwk);

#endif
