/* Verifiers as the rest of the product sees them: length first, then the family's check.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "crypto/verifier.h"

#include "base/panic.h"
#include "crypto/memory.h"

struct csn_verifier *
csn_verifier_new(const struct csn_verifier_family *family, enum csn_algorithm algorithm,
                 size_t signature_length)
{
    struct csn_verifier *verifier = csn_memory_new(family->size);
    if (verifier == NULL)
        return NULL;
    verifier->family = family;
    verifier->algorithm = algorithm;
    verifier->signature_length = signature_length;
    return verifier;
}

void
csn_verifier_free(struct csn_verifier *verifier)
{
    if (verifier == NULL)
        return;
    const struct csn_verifier_family *family = verifier->family;
    if (family->release != NULL)
        family->release(verifier);
    csn_memory_free(verifier, family->size);
}

bool
csn_verifier_check(const struct csn_verifier *verifier, struct csn_bytes input,
                   struct csn_bytes signature)
{
    CSN_ASSERT(verifier != NULL);
    if (signature.len != verifier->signature_length)
        return false;
    return verifier->family->check(verifier, input, signature);
}

bool
csn_verifier_check_as(const struct csn_verifier *verifier, enum csn_algorithm algorithm, bool der,
                      struct csn_bytes input, struct csn_bytes signature)
{
    CSN_ASSERT(verifier != NULL);
    if (algorithm == verifier->algorithm && !der)
        return csn_verifier_check(verifier, input, signature);
    if (verifier->family->check_as == NULL || signature.len > CSN_SIGNATURE_MAX)
        return false;
    return verifier->family->check_as(verifier, algorithm, der, input, signature);
}

size_t
csn_verifier_signature_length(const struct csn_verifier *verifier)
{
    return verifier->signature_length;
}

enum csn_algorithm
csn_verifier_algorithm(const struct csn_verifier *verifier)
{
    return verifier->algorithm;
}
