/* Shared secrets as keys: the one place where a secret becomes a verifier or a signer.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_CRYPTO_SECRET_H
#define CSN_CRYPTO_SECRET_H

#include "countersign/key.h"

/* As csn_verifier_from_secret and csn_signer_from_secret, with a report already begun. */
CSN_MUST_USE enum csn_status csn_secret_verifier(enum csn_algorithm algorithm,
                                                 struct csn_bytes secret, struct csn_verifier **out,
                                                 struct csn_key_report *report);
CSN_MUST_USE enum csn_status csn_secret_signer(enum csn_algorithm algorithm,
                                               struct csn_bytes secret, struct csn_signer **out,
                                               struct csn_key_report *report);

#endif
