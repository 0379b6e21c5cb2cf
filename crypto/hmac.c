/* HS256, HS384, HS512: a keyed state behind the common head.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "crypto/hmac.h"

#include "crypto/memory.h"
#include "crypto/sha2.h"

struct verifier_256 {
    struct csn_verifier head;
    struct csn_hmac256 keyed;
};
struct verifier_512 {
    struct csn_verifier head;
    struct csn_hmac512 keyed;
};
struct signer_256 {
    struct csn_signer head;
    struct csn_hmac256 keyed;
};
struct signer_512 {
    struct csn_signer head;
    struct csn_hmac512 keyed;
};

static bool
check_256(const struct csn_verifier *verifier, struct csn_bytes input, struct csn_bytes signature)
{
    uint8_t mac[32];
    csn_hmac256_mac(&((const struct verifier_256 *)verifier)->keyed, input, mac);
    bool holds = csn_equal_secret(csn_bytes_of(mac, sizeof mac), signature);
    csn_wipe(mac, sizeof mac); /* of a forged token, it is what the forger lacks */
    return holds;
}

static bool
check_512(const struct csn_verifier *verifier, struct csn_bytes input, struct csn_bytes signature)
{
    uint8_t mac[64];
    csn_hmac512_mac(&((const struct verifier_512 *)verifier)->keyed, input, mac);
    bool holds = csn_equal_secret(csn_bytes_of(mac, verifier->signature_length), signature);
    csn_wipe(mac, sizeof mac);
    return holds;
}

static enum csn_status
sign_256(const struct csn_signer *signer, struct csn_bytes input, uint8_t *signature)
{
    csn_hmac256_mac(&((const struct signer_256 *)signer)->keyed, input, signature);
    return CSN_OK;
}

static enum csn_status
sign_512(const struct csn_signer *signer, struct csn_bytes input, uint8_t *signature)
{
    csn_hmac512_mac(&((const struct signer_512 *)signer)->keyed, input, signature);
    return CSN_OK;
}

static const struct csn_verifier_family verifies_256 = {.check = check_256,
                                                        .size = sizeof(struct verifier_256)};
static const struct csn_verifier_family verifies_512 = {.check = check_512,
                                                        .size = sizeof(struct verifier_512)};
static const struct csn_signer_family signs_256 = {.sign = sign_256,
                                                   .size = sizeof(struct signer_256)};
static const struct csn_signer_family signs_512 = {.sign = sign_512,
                                                   .size = sizeof(struct signer_512)};

enum csn_status
csn_hmac_verifier_new(enum csn_algorithm algorithm, struct csn_bytes secret,
                      struct csn_verifier **out)
{
    bool is_256 = algorithm == CSN_HS256;
    *out = csn_verifier_new(is_256 ? &verifies_256 : &verifies_512, algorithm,
                            csn_algorithm_signature_length(algorithm));
    if (*out == NULL)
        return CSN_NO_MEMORY;
    if (is_256)
        csn_hmac256_key(&((struct verifier_256 *)*out)->keyed, secret);
    else
        csn_hmac512_key(&((struct verifier_512 *)*out)->keyed, algorithm, secret);
    return CSN_OK;
}

enum csn_status
csn_hmac_signer_new(enum csn_algorithm algorithm, struct csn_bytes secret, struct csn_signer **out)
{
    bool is_256 = algorithm == CSN_HS256;
    *out = csn_signer_new(is_256 ? &signs_256 : &signs_512, algorithm,
                          csn_algorithm_signature_length(algorithm));
    if (*out == NULL)
        return CSN_NO_MEMORY;
    if (is_256)
        csn_hmac256_key(&((struct signer_256 *)*out)->keyed, secret);
    else
        csn_hmac512_key(&((struct signer_512 *)*out)->keyed, algorithm, secret);
    return CSN_OK;
}
