/* P-256 by OpenSSL. See p256.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "crypto/p256.h"

#include <openssl/ec.h>
#include <openssl/obj_mac.h>

#include "crypto/memory.h"
#include "crypto/pkey.h"

#define TRIES_MAX 16 /* a draw is not below n once in 2^32 */

enum { SEC1_UNCOMPRESSED = 4 };

/* Each of these owns its numbers and gives them back, whatever happened. */

static bool
multiply_base(const EC_GROUP *group, struct csn_p256_pair *pair)
{
    BIGNUM *number = BN_bin2bn(pair->private_key, CSN_P256_PRIVATE_LENGTH, NULL);
    EC_POINT *point = EC_POINT_new(group);
    bool in_range = number != NULL && point != NULL && !BN_is_zero(number) &&
                    BN_cmp(number, EC_GROUP_get0_order(group)) < 0;
    if (number != NULL)
        BN_set_flags(number, BN_FLG_CONSTTIME);
    bool done = in_range && EC_POINT_mul(group, point, number, NULL, NULL, NULL) == 1 &&
                EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, pair->public_key,
                                   CSN_P256_PUBLIC_LENGTH, NULL) == CSN_P256_PUBLIC_LENGTH;
    BN_clear_free(number);
    EC_POINT_clear_free(point);
    return done;
}

enum csn_status
csn_p256_complete(struct csn_p256_pair *pair)
{
    EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    bool done = group != NULL && multiply_base(group, pair);
    EC_GROUP_free(group);
    return done ? CSN_OK : csn_openssl_failure(CSN_INVALID);
}

enum csn_status
csn_p256_make(const struct csn_random *random, struct csn_p256_pair *out)
{
    for (int tried = 0; tried < TRIES_MAX; tried++) {
        csn_random_fill(random, out->private_key, sizeof out->private_key);
        enum csn_status status = csn_p256_complete(out);
        if (status != CSN_INVALID)
            return status;
    }
    return CSN_CRYPTO;
}

static bool
is_point(const EC_GROUP *group, struct csn_bytes bytes)
{
    EC_POINT *point = EC_POINT_new(group);
    bool is = point != NULL && EC_POINT_oct2point(group, point, bytes.ptr, bytes.len, NULL) == 1;
    EC_POINT_free(point);
    return is;
}

enum csn_status
csn_p256_check(struct csn_bytes public_key)
{
    if (public_key.len != CSN_P256_PUBLIC_LENGTH || public_key.ptr[0] != SEC1_UNCOMPRESSED)
        return CSN_INVALID;
    EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    bool is = group != NULL && is_point(group, public_key);
    EC_GROUP_free(group);
    return is ? CSN_OK : csn_openssl_failure(CSN_INVALID);
}

/* --- agreeing --- */

static struct csn_jwk
material_of(struct csn_bytes point, struct csn_bytes private_key)
{
    return (struct csn_jwk){.type = CSN_JWK_EC,
                            .curve = CSN_CURVE_P256,
                            .x = csn_bytes_slice(point, 1, 33),
                            .y = csn_bytes_slice(point, 33, CSN_P256_PUBLIC_LENGTH),
                            .d = private_key,
                            .has_private = private_key.len > 0};
}

static bool
derive(EVP_PKEY *ours, EVP_PKEY *theirs, uint8_t secret[CSN_P256_SECRET_LENGTH])
{
    size_t length = CSN_P256_SECRET_LENGTH;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, ours, NULL);
    bool done = context != NULL && EVP_PKEY_derive_init(context) == 1 &&
                EVP_PKEY_derive_set_peer(context, theirs) == 1 &&
                EVP_PKEY_derive(context, secret, &length) == 1 && length == CSN_P256_SECRET_LENGTH;
    EVP_PKEY_CTX_free(context);
    return done;
}

enum csn_status
csn_p256_agree(const struct csn_p256_pair *ours, struct csn_bytes theirs,
               uint8_t secret[CSN_P256_SECRET_LENGTH])
{
    enum csn_status status = csn_p256_check(theirs);
    if (status != CSN_OK)
        return status;
    struct csn_jwk their_material = material_of(theirs, (struct csn_bytes){0});
    struct csn_jwk our_material =
        material_of(csn_bytes_of(ours->public_key, sizeof ours->public_key),
                    csn_bytes_of(ours->private_key, sizeof ours->private_key));
    EVP_PKEY *their_key = csn_pkey_ec(&their_material, false);
    EVP_PKEY *our_key = csn_pkey_ec(&our_material, true);
    bool done = their_key != NULL && our_key != NULL && derive(our_key, their_key, secret);
    EVP_PKEY_free(their_key);
    EVP_PKEY_free(our_key);
    if (done)
        return CSN_OK;
    csn_wipe(secret, CSN_P256_SECRET_LENGTH);
    return csn_openssl_failure(CSN_CRYPTO);
}
