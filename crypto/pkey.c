/* OpenSSL's keys and operations.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "crypto/pkey.h"

#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <string.h>

#include "crypto/memory.h"

static const struct curve {
    const char *group;
    size_t length;
} curves[] = {
    [CSN_CURVE_UNSET] = {NULL, 0},        [CSN_CURVE_P256] = {"prime256v1", 32},
    [CSN_CURVE_P384] = {"secp384r1", 48}, [CSN_CURVE_P521] = {"secp521r1", 66},
    [CSN_CURVE_ED25519] = {NULL, 32},
};

const char *
csn_curve_group(enum csn_jwk_curve curve)
{
    return curves[curve].group;
}

enum csn_jwk_curve
csn_curve_from_group(const char *group)
{
    for (size_t i = 0; i < sizeof curves / sizeof *curves; i++)
        if (curves[i].group != NULL && strcmp(curves[i].group, group) == 0)
            return (enum csn_jwk_curve)i;
    return CSN_CURVE_UNSET;
}

size_t
csn_curve_length(enum csn_jwk_curve curve)
{
    return curves[curve].length;
}

/* --- making keys --- */

/* The numbers of one key. The builder borrows them until it has made its parameters. */
struct numbers {
    OSSL_PARAM_BLD *build;
    BIGNUM *kept[8];
    size_t count;
    bool failed;
};

static void
add_number(struct numbers *numbers, const char *name, struct csn_bytes value)
{
    if (numbers->failed || value.len == 0)
        return;
    BIGNUM *number = BN_bin2bn(value.ptr, (int)value.len, NULL);
    if (number == NULL) {
        numbers->failed = true;
        return;
    }
    numbers->kept[numbers->count++] = number;
    if (OSSL_PARAM_BLD_push_BN(numbers->build, name, number) != 1)
        numbers->failed = true;
}

static void
free_numbers(struct numbers *numbers)
{
    for (size_t i = 0; i < numbers->count; i++)
        BN_clear_free(numbers->kept[i]);
    OSSL_PARAM_BLD_free(numbers->build);
}

static EVP_PKEY *
key_from(const char *type, int selection, struct numbers *numbers)
{
    if (numbers->failed)
        return NULL;
    EVP_PKEY *key = NULL;
    OSSL_PARAM *parameters = OSSL_PARAM_BLD_to_param(numbers->build);
    EVP_PKEY_CTX *maker = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    if (parameters != NULL && maker != NULL && EVP_PKEY_fromdata_init(maker) == 1 &&
        EVP_PKEY_fromdata(maker, &key, selection, parameters) != 1)
        key = NULL;
    EVP_PKEY_CTX_free(maker);
    OSSL_PARAM_free(parameters);
    return key;
}

static EVP_PKEY *
rsa_key(const struct csn_jwk *material, bool private_too)
{
    struct numbers numbers = {.build = OSSL_PARAM_BLD_new()};
    numbers.failed = numbers.build == NULL;
    add_number(&numbers, OSSL_PKEY_PARAM_RSA_N, material->n);
    add_number(&numbers, OSSL_PKEY_PARAM_RSA_E, material->e);
    if (private_too) {
        add_number(&numbers, OSSL_PKEY_PARAM_RSA_D, material->d);
        add_number(&numbers, OSSL_PKEY_PARAM_RSA_FACTOR1, material->p);
        add_number(&numbers, OSSL_PKEY_PARAM_RSA_FACTOR2, material->q);
        add_number(&numbers, OSSL_PKEY_PARAM_RSA_EXPONENT1, material->dp);
        add_number(&numbers, OSSL_PKEY_PARAM_RSA_EXPONENT2, material->dq);
        add_number(&numbers, OSSL_PKEY_PARAM_RSA_COEFFICIENT1, material->qi);
    }
    EVP_PKEY *key = key_from("RSA", private_too ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY, &numbers);
    free_numbers(&numbers);
    return key;
}

EVP_PKEY *
csn_pkey_ec(const struct csn_jwk *material, bool private_too)
{
    /* SEC 1 §2.3.3: 4, x, y. The library refuses a point that is not on the curve. */
    uint8_t point[1 + 2 * 66] = {4};
    memcpy(point + 1, material->x.ptr, material->x.len);
    memcpy(point + 1 + material->x.len, material->y.ptr, material->y.len);
    size_t point_length = 1 + material->x.len + material->y.len;

    struct numbers numbers = {.build = OSSL_PARAM_BLD_new()};
    numbers.failed = numbers.build == NULL ||
                     OSSL_PARAM_BLD_push_utf8_string(numbers.build, OSSL_PKEY_PARAM_GROUP_NAME,
                                                     csn_curve_group(material->curve), 0) != 1 ||
                     OSSL_PARAM_BLD_push_octet_string(numbers.build, OSSL_PKEY_PARAM_PUB_KEY, point,
                                                      point_length) != 1;
    if (private_too)
        add_number(&numbers, OSSL_PKEY_PARAM_PRIV_KEY, material->d);
    EVP_PKEY *key = key_from("EC", private_too ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY, &numbers);
    free_numbers(&numbers);
    return key;
}

/* --- operations --- */

static const EVP_MD *
hash_of(enum csn_algorithm algorithm)
{
    switch (csn_algorithm_hash_length(algorithm)) {
    case 32: return EVP_sha256();
    case 48: return EVP_sha384();
    case 64: return EVP_sha512();
    default: return NULL;
    }
}

/* RFC 7518 §3.5: MGF1 with the same hash, a salt as long as the hash. */
static bool
set_pss(EVP_PKEY_CTX *context, const EVP_MD *hash)
{
    return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
           EVP_PKEY_CTX_set_signature_md(context, hash) == 1 &&
           EVP_PKEY_CTX_set_rsa_mgf1_md(context, hash) == 1 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(context, EVP_MD_get_size(hash)) == 1;
}

static bool
set_algorithm(EVP_PKEY_CTX *context, enum csn_algorithm algorithm)
{
    const EVP_MD *hash = hash_of(algorithm);
    switch (csn_algorithm_family(algorithm)) {
    case CSN_FAMILY_RSA_PKCS1:
        return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1 &&
               EVP_PKEY_CTX_set_signature_md(context, hash) == 1;
    case CSN_FAMILY_RSA_PSS: return set_pss(context, hash);
    case CSN_FAMILY_ECDSA: return EVP_PKEY_CTX_set_signature_md(context, hash) == 1;
    default: return false;
    }
}

EVP_PKEY_CTX *
csn_pkey_prepare(EVP_PKEY *key, enum csn_algorithm algorithm, enum csn_pkey_operation operation)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
    if (context == NULL)
        return NULL;
    int started =
        operation == CSN_PKEY_SIGN ? EVP_PKEY_sign_init(context) : EVP_PKEY_verify_init(context);
    if (started == 1 && set_algorithm(context, algorithm))
        return context;
    EVP_PKEY_CTX_free(context);
    return NULL;
}

enum csn_status
csn_pkey_load(const struct csn_jwk *material, enum csn_algorithm algorithm,
              enum csn_pkey_operation operation, EVP_PKEY_CTX **prepared)
{
    bool private_too = operation == CSN_PKEY_SIGN;
    EVP_PKEY *key = material->type == CSN_JWK_RSA ? rsa_key(material, private_too)
                                                  : csn_pkey_ec(material, private_too);
    *prepared = key == NULL ? NULL : csn_pkey_prepare(key, algorithm, operation);
    EVP_PKEY_free(key);
    return *prepared == NULL ? csn_openssl_failure(CSN_INVALID) : CSN_OK;
}

bool
csn_pkey_check(const EVP_PKEY_CTX *prepared, struct csn_bytes digest, struct csn_bytes signature)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_dup(prepared);
    bool holds = context != NULL && EVP_PKEY_verify(context, signature.ptr, signature.len,
                                                    digest.ptr, digest.len) == 1;
    EVP_PKEY_CTX_free(context);
    csn_openssl_forget(); /* a success may have been a second try */
    return holds;
}

enum csn_status
csn_pkey_sign(const EVP_PKEY_CTX *prepared, struct csn_bytes digest, struct csn_buffer *out)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_dup(prepared);
    if (context == NULL)
        return csn_openssl_failure(CSN_NO_MEMORY);
    size_t room = out->cap - out->len;
    size_t length = 0;
    bool made = EVP_PKEY_sign(context, NULL, &length, digest.ptr, digest.len) == 1;
    bool fits = made && length <= room;
    made = fits && EVP_PKEY_sign(context, out->ptr + out->len, &room, digest.ptr, digest.len) == 1;
    EVP_PKEY_CTX_free(context);
    if (made) {
        out->len += room;
        csn_openssl_forget();
        return CSN_OK;
    }
    enum csn_status failure = csn_openssl_failure(CSN_CRYPTO);
    return failure == CSN_CRYPTO && length > 0 && !fits ? CSN_NO_SPACE : failure;
}
