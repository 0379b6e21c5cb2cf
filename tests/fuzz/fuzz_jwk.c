/* Any bytes as one JWK, to verify and to sign. What is read keeps every promise of core/jwk.h; what
 * is refused has a problem and leaves nothing.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "core/jwk.h"
#include "fuzz.h"

static uint8_t memory[262144];

static size_t
field_of(enum csn_jwk_curve curve)
{
    return curve == CSN_CURVE_P384 ? 48 : curve == CSN_CURVE_P521 ? 66 : 32;
}

static void
check_key(const struct csn_jwk *jwk, enum csn_jwk_purpose purpose)
{
    bool elliptic = jwk->type == CSN_JWK_EC || jwk->type == CSN_JWK_OKP;
    bool pair = elliptic || jwk->type == CSN_JWK_RSA;
    MUST(pair || jwk->type == CSN_JWK_OCT);
    MUST(elliptic == (jwk->curve != CSN_CURVE_UNSET));
    MUST((jwk->curve == CSN_CURVE_ED25519) == (jwk->type == CSN_JWK_OKP));
    MUST(jwk->kid.len <= CSN_KID_MAX && (jwk->has_kid || jwk->kid.len == 0));
    if (jwk->type == CSN_JWK_RSA) {
        MUST(jwk->n.len >= CSN_RSA_BITS_MIN / 8 && jwk->n.len <= CSN_RSA_BITS_MAX / 8);
        MUST(jwk->n.ptr[0] != 0 && jwk->e.ptr[0] != 0 && jwk->e.len >= 3 && jwk->e.len <= 8);
    }
    if (elliptic)
        MUST(jwk->x.len == field_of(jwk->curve));
    MUST(jwk->y.len == (jwk->type == CSN_JWK_EC ? jwk->x.len : 0));
    MUST((jwk->k.len > 0) == (jwk->type == CSN_JWK_OCT) && jwk->k.len <= CSN_SECRET_MAX);
    MUST(!pair || jwk->has_private == (purpose == CSN_JWK_TO_SIGN));
    MUST((jwk->d.len > 0) == (pair && purpose == CSN_JWK_TO_SIGN));
}

static void
check_binding(const struct csn_jwk *jwk)
{
    for (unsigned asked = 0; asked < CSN_ALGORITHM_COUNT; asked++) {
        enum csn_algorithm bound = CSN_ALGORITHM_COUNT;
        enum csn_key_problem problem = csn_jwk_bind(jwk, (enum csn_algorithm)asked, &bound);
        MUST((problem == CSN_KEY_PROBLEM_NONE) == (bound != CSN_ALGORITHM_UNSET));
        if (bound == CSN_ALGORITHM_UNSET)
            continue;
        MUST(asked == CSN_ALGORITHM_UNSET || bound == asked);
        MUST(jwk->algorithm == CSN_ALGORITHM_UNSET || bound == jwk->algorithm);
        bool hmac = csn_algorithm_family(bound) == CSN_FAMILY_HMAC;
        MUST(hmac == (jwk->type == CSN_JWK_OCT)); /* no public key is ever a secret */
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct csn_jwk empty;
    for (int purpose = CSN_JWK_TO_VERIFY; purpose <= CSN_JWK_TO_SIGN; purpose++) {
        struct csn_jwk jwk;
        enum csn_key_problem problem;
        struct csn_arena arena = csn_arena_over(memory, sizeof memory);
        enum csn_status status = csn_jwk_parse(
            csn_bytes_of(data, size), (enum csn_jwk_purpose)purpose, &arena, &jwk, &problem);
        if (status == CSN_OK) {
            MUST(problem == CSN_KEY_PROBLEM_NONE);
            check_key(&jwk, (enum csn_jwk_purpose)purpose);
            check_binding(&jwk);
            continue;
        }
        MUST(status == CSN_INVALID || status == CSN_TOO_LARGE || status == CSN_NO_SPACE);
        MUST(status != CSN_INVALID || problem != CSN_KEY_PROBLEM_NONE);
        MUST(memcmp(&jwk, &empty, sizeof jwk) == 0);
    }
    return 0;
}
