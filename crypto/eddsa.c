/* EdDSA: the bytes of a key behind the common head.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "crypto/eddsa.h"

#include <sodium.h>
#include <string.h>

#include "crypto/memory.h"

struct eddsa_verifier {
    struct csn_verifier head;
    uint8_t point[crypto_sign_PUBLICKEYBYTES];
};
struct eddsa_signer {
    struct csn_signer head;
    uint8_t secret[crypto_sign_SECRETKEYBYTES];
};

static bool
check(const struct csn_verifier *verifier, struct csn_bytes input, struct csn_bytes signature)
{
    const uint8_t *point = ((const struct eddsa_verifier *)verifier)->point;
    return crypto_sign_verify_detached(signature.ptr, input.ptr, input.len, point) == 0;
}

static enum csn_status
sign(const struct csn_signer *signer, struct csn_bytes input, uint8_t *signature)
{
    const uint8_t *secret = ((const struct eddsa_signer *)signer)->secret;
    int made = crypto_sign_detached(signature, NULL, input.ptr, input.len, secret);
    return made == 0 ? CSN_OK : CSN_CRYPTO;
}

static const struct csn_verifier_family verifies = {.check = check,
                                                    .size = sizeof(struct eddsa_verifier)};
static const struct csn_signer_family signs = {.sign = sign, .size = sizeof(struct eddsa_signer)};

enum csn_status
csn_eddsa_verifier_new(const struct csn_jwk *material, struct csn_verifier **out)
{
    *out = NULL;
    if (material->x.len != crypto_sign_PUBLICKEYBYTES ||
        crypto_core_ed25519_is_valid_point(material->x.ptr) != 1)
        return CSN_INVALID;
    *out = csn_verifier_new(&verifies, CSN_EDDSA, crypto_sign_BYTES);
    if (*out == NULL)
        return CSN_NO_MEMORY;
    memcpy(((struct eddsa_verifier *)*out)->point, material->x.ptr, crypto_sign_PUBLICKEYBYTES);
    return CSN_OK;
}

enum csn_status
csn_eddsa_signer_new(const struct csn_jwk *material, struct csn_signer **out)
{
    *out = NULL;
    if (material->d.len != crypto_sign_SEEDBYTES || material->x.len != crypto_sign_PUBLICKEYBYTES)
        return CSN_INVALID;
    *out = csn_signer_new(&signs, CSN_EDDSA, crypto_sign_BYTES);
    if (*out == NULL)
        return CSN_NO_MEMORY;
    uint8_t point[crypto_sign_PUBLICKEYBYTES];
    crypto_sign_seed_keypair(point, ((struct eddsa_signer *)*out)->secret, material->d.ptr);
    /* Signing with another point than the seed's would give the seed away. */
    if (memcmp(point, material->x.ptr, sizeof point) == 0)
        return CSN_OK;
    csn_signer_free(*out);
    *out = NULL;
    return CSN_INVALID;
}
