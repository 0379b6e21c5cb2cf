/* Signers as the rest of the product sees them.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "crypto/signer.h"

#include "base/panic.h"
#include "crypto/memory.h"

struct csn_signer *
csn_signer_new(const struct csn_signer_family *family, enum csn_algorithm algorithm,
               size_t signature_length)
{
    struct csn_signer *signer = csn_memory_new(family->size);
    if (signer == NULL)
        return NULL;
    signer->family = family;
    signer->algorithm = algorithm;
    signer->signature_length = signature_length;
    return signer;
}

void
csn_signer_free(struct csn_signer *signer)
{
    if (signer == NULL)
        return;
    const struct csn_signer_family *family = signer->family;
    if (family->release != NULL)
        family->release(signer);
    csn_memory_free(signer, family->size);
}

enum csn_status
csn_signer_sign(const struct csn_signer *signer, struct csn_bytes input, struct csn_buffer *out)
{
    CSN_ASSERT(signer != NULL);
    CSN_ASSERT(signer->signature_length <= CSN_SIGNATURE_MAX);
    uint8_t signature[CSN_SIGNATURE_MAX];
    enum csn_status status = signer->family->sign(signer, input, signature);
    if (status != CSN_OK)
        return status;
    csn_buffer_append(out, csn_bytes_of(signature, signer->signature_length));
    return out->overflowed ? CSN_NO_SPACE : CSN_OK;
}

enum csn_algorithm
csn_signer_algorithm(const struct csn_signer *signer)
{
    return signer->algorithm;
}
