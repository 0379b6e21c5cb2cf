/* The numbers inside one of OpenSSL's keys.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "crypto/pkey_numbers.h"

#include <openssl/core_names.h>

#include "crypto/memory.h"
#include "crypto/pkey.h"

/* One key under way. The first thing that fails stays in `status` and `problem`. */
struct taking {
    EVP_PKEY *key;
    struct csn_arena *arena;
    enum csn_status status;
    enum csn_key_problem problem;
};

static void
refuse(struct taking *taking, enum csn_key_problem problem)
{
    if (taking->status != CSN_OK)
        return;
    taking->status = CSN_INVALID;
    taking->problem = problem;
}

static void
copy_number(struct taking *taking, const BIGNUM *number, size_t width, struct csn_bytes *out)
{
    size_t len = width != 0 ? width : (size_t)BN_num_bytes(number);
    uint8_t *bytes = csn_arena_alloc(taking->arena, len);
    if (bytes == NULL)
        taking->status = CSN_NO_SPACE;
    else if (BN_bn2binpad(number, bytes, (int)len) != (int)len)
        refuse(taking, CSN_KEY_MALFORMED);
    else
        *out = csn_bytes_of(bytes, len);
}

/* `width` 0: as few bytes as hold it. */
static void
take(struct taking *taking, const char *name, size_t width, struct csn_bytes *out)
{
    if (taking->status != CSN_OK)
        return;
    BIGNUM *number = NULL;
    if (EVP_PKEY_get_bn_param(taking->key, name, &number) == 1) {
        copy_number(taking, number, width, out);
    } else {
        taking->status = csn_openssl_failure(CSN_INVALID);
        taking->problem = CSN_KEY_MALFORMED;
    }
    BN_clear_free(number);
}

static void
take_rsa(struct taking *taking, bool private_too, struct csn_jwk *out)
{
    out->type = CSN_JWK_RSA;
    take(taking, OSSL_PKEY_PARAM_RSA_N, 0, &out->n);
    take(taking, OSSL_PKEY_PARAM_RSA_E, 0, &out->e);
    if (!private_too)
        return;
    take(taking, OSSL_PKEY_PARAM_RSA_D, 0, &out->d);
    take(taking, OSSL_PKEY_PARAM_RSA_FACTOR1, 0, &out->p);
    take(taking, OSSL_PKEY_PARAM_RSA_FACTOR2, 0, &out->q);
    take(taking, OSSL_PKEY_PARAM_RSA_EXPONENT1, 0, &out->dp);
    take(taking, OSSL_PKEY_PARAM_RSA_EXPONENT2, 0, &out->dq);
    take(taking, OSSL_PKEY_PARAM_RSA_COEFFICIENT1, 0, &out->qi);
}

/* RFC 4055 §1.2: such a key is for PSS alone, perhaps with one hash and a least salt. */
static void
judge_pss(struct taking *taking, enum csn_algorithm asked, enum csn_jwk_purpose purpose)
{
    if (taking->status != CSN_OK)
        return;
    if (asked == CSN_ALGORITHM_UNSET) {
        refuse(taking, CSN_KEY_ALGORITHM_UNSET);
        return;
    }
    EVP_PKEY_CTX *allowed = NULL;
    if (csn_algorithm_family(asked) == CSN_FAMILY_RSA_PSS)
        allowed = csn_pkey_prepare(taking->key, asked,
                                   purpose == CSN_JWK_TO_SIGN ? CSN_PKEY_SIGN : CSN_PKEY_VERIFY);
    if (allowed == NULL) {
        taking->status = csn_openssl_failure(CSN_INVALID);
        taking->problem = CSN_KEY_ALGORITHM_CONFLICT;
    }
    EVP_PKEY_CTX_free(allowed);
}

static void
take_ec(struct taking *taking, bool private_too, struct csn_jwk *out)
{
    char group[64];
    int explicit = 0;
    out->type = CSN_JWK_EC;
    if (EVP_PKEY_get_int_param(taking->key, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS,
                               &explicit) != 1 ||
        explicit != 0 ||
        EVP_PKEY_get_utf8_string_param(taking->key, OSSL_PKEY_PARAM_GROUP_NAME, group, sizeof group,
                                       NULL) != 1) {
        taking->status = csn_openssl_failure(CSN_INVALID);
        taking->problem = CSN_KEY_CURVE_UNSUPPORTED;
        return;
    }
    out->curve = csn_curve_from_group(group);
    if (out->curve == CSN_CURVE_UNSET)
        refuse(taking, CSN_KEY_CURVE_UNSUPPORTED);
    size_t width = csn_curve_length(out->curve);
    take(taking, OSSL_PKEY_PARAM_EC_PUB_X, width, &out->x);
    take(taking, OSSL_PKEY_PARAM_EC_PUB_Y, width, &out->y);
    if (private_too)
        take(taking, OSSL_PKEY_PARAM_PRIV_KEY, width, &out->d);
}

static void
take_raw(struct taking *taking, int (*get)(const EVP_PKEY *, unsigned char *, size_t *),
         struct csn_bytes *out)
{
    if (taking->status != CSN_OK)
        return;
    size_t len = csn_curve_length(CSN_CURVE_ED25519);
    uint8_t *bytes = csn_arena_alloc(taking->arena, len);
    if (bytes == NULL)
        taking->status = CSN_NO_SPACE;
    else if (get(taking->key, bytes, &len) != 1)
        refuse(taking, CSN_KEY_MALFORMED);
    else
        *out = csn_bytes_of(bytes, len);
}

static void
take_ed25519(struct taking *taking, bool private_too, struct csn_jwk *out)
{
    out->type = CSN_JWK_OKP;
    out->curve = CSN_CURVE_ED25519;
    take_raw(taking, EVP_PKEY_get_raw_public_key, &out->x);
    if (private_too)
        take_raw(taking, EVP_PKEY_get_raw_private_key, &out->d);
}

static bool
is_other_okp(const EVP_PKEY *key)
{
    return EVP_PKEY_is_a(key, "ED448") || EVP_PKEY_is_a(key, "X25519") ||
           EVP_PKEY_is_a(key, "X448");
}

enum csn_status
csn_pkey_numbers(EVP_PKEY *key, enum csn_jwk_purpose purpose, enum csn_algorithm asked,
                 struct csn_arena *arena, struct csn_jwk *out, enum csn_key_problem *problem)
{
    struct taking taking = {.key = key, .arena = arena, .status = CSN_OK};
    bool private_too = purpose == CSN_JWK_TO_SIGN;
    *out = (struct csn_jwk){.has_private = private_too};
    if (EVP_PKEY_is_a(key, "RSA-PSS")) {
        take_rsa(&taking, private_too, out);
        judge_pss(&taking, asked, purpose);
    } else if (EVP_PKEY_is_a(key, "RSA")) {
        take_rsa(&taking, private_too, out);
    } else if (EVP_PKEY_is_a(key, "EC")) {
        take_ec(&taking, private_too, out);
    } else if (EVP_PKEY_is_a(key, "ED25519")) {
        take_ed25519(&taking, private_too, out);
    } else {
        refuse(&taking, is_other_okp(key) ? CSN_KEY_CURVE_UNSUPPORTED : CSN_KEY_TYPE_UNSUPPORTED);
    }
    *problem = taking.problem;
    return taking.status;
}
