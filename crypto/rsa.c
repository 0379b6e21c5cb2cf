/* RS* and PS*: a prepared operation behind the common head.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "crypto/rsa.h"

#include "crypto/memory.h"
#include "crypto/pkey.h"
#include "crypto/sha2.h"

struct rsa_verifier {
    struct csn_verifier head;
    EVP_PKEY_CTX *prepared;
};
struct rsa_signer {
    struct csn_signer head;
    EVP_PKEY_CTX *prepared;
};

static bool
check(const struct csn_verifier *verifier, struct csn_bytes input, struct csn_bytes signature)
{
    uint8_t digest[CSN_DIGEST_MAX];
    size_t length = csn_digest(verifier->algorithm, input, digest);
    return csn_pkey_check(((const struct rsa_verifier *)verifier)->prepared,
                          csn_bytes_of(digest, length), signature);
}

static bool
is_rsa(enum csn_algorithm algorithm)
{
    enum csn_family family = csn_algorithm_family(algorithm);
    return family == CSN_FAMILY_RSA_PKCS1 || family == CSN_FAMILY_RSA_PSS;
}

static bool
check_as(const struct csn_verifier *verifier, enum csn_algorithm algorithm, bool der,
         struct csn_bytes input, struct csn_bytes signature)
{
    if (!is_rsa(algorithm) || der || signature.len != verifier->signature_length)
        return false;
    EVP_PKEY *key = EVP_PKEY_CTX_get0_pkey(((const struct rsa_verifier *)verifier)->prepared);
    EVP_PKEY_CTX *other = csn_pkey_prepare(key, algorithm, CSN_PKEY_VERIFY);
    if (other == NULL) {
        csn_openssl_forget();
        return false;
    }
    uint8_t digest[CSN_DIGEST_MAX];
    size_t length = csn_digest(algorithm, input, digest);
    bool holds = csn_pkey_check(other, csn_bytes_of(digest, length), signature);
    EVP_PKEY_CTX_free(other);
    return holds;
}

static void
release_verifier(struct csn_verifier *verifier)
{
    EVP_PKEY_CTX_free(((struct rsa_verifier *)verifier)->prepared);
}

static enum csn_status
sign(const struct csn_signer *signer, struct csn_bytes input, uint8_t *signature)
{
    uint8_t digest[CSN_DIGEST_MAX];
    size_t length = csn_digest(signer->algorithm, input, digest);
    struct csn_buffer out = csn_buffer_over(signature, signer->signature_length);
    enum csn_status status = csn_pkey_sign(((const struct rsa_signer *)signer)->prepared,
                                           csn_bytes_of(digest, length), &out);
    if (status != CSN_OK)
        return status;
    return out.len == signer->signature_length ? CSN_OK : CSN_CRYPTO;
}

static void
release_signer(struct csn_signer *signer)
{
    EVP_PKEY_CTX_free(((struct rsa_signer *)signer)->prepared);
}

static const struct csn_verifier_family verifies = {
    .check = check,
    .check_as = check_as,
    .release = release_verifier,
    .size = sizeof(struct rsa_verifier),
};
static const struct csn_signer_family signs = {
    .sign = sign,
    .release = release_signer,
    .size = sizeof(struct rsa_signer),
};

enum csn_status
csn_rsa_verifier_new(const struct csn_jwk *material, enum csn_algorithm algorithm,
                     struct csn_verifier **out)
{
    *out = csn_verifier_new(&verifies, algorithm, material->n.len);
    if (*out == NULL)
        return CSN_NO_MEMORY;
    enum csn_status status = csn_pkey_load(material, algorithm, CSN_PKEY_VERIFY,
                                           &((struct rsa_verifier *)*out)->prepared);
    if (status == CSN_OK)
        return CSN_OK;
    csn_verifier_free(*out);
    *out = NULL;
    return status;
}

enum csn_status
csn_rsa_signer_new(const struct csn_jwk *material, enum csn_algorithm algorithm,
                   struct csn_signer **out)
{
    *out = csn_signer_new(&signs, algorithm, material->n.len);
    if (*out == NULL)
        return CSN_NO_MEMORY;
    enum csn_status status =
        csn_pkey_load(material, algorithm, CSN_PKEY_SIGN, &((struct rsa_signer *)*out)->prepared);
    if (status == CSN_OK)
        return CSN_OK;
    csn_signer_free(*out);
    *out = NULL;
    return status;
}
