/* The five systems' tokens. See tokens.h.
 *
 * libjwt writes `typ: JWT` by itself. Its calls answer 0 or an errno; `wrong` gathers them, so that
 * each function reads as the token it makes.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "tokens.h"

#include <jwt.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MINUTE 60
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

static char *
sign(jwt_t *jwt, int wrong, jwt_alg_t algorithm, const char *key)
{
    wrong |= jwt_set_alg(jwt, algorithm, (const unsigned char *)key, (int)strlen(key));
    char *token = wrong ? NULL : jwt_encode_str(jwt);
    jwt_free(jwt);
    return token;
}

/* HS512, sub and iat; exp is optional and at most 30 days after iat. */
char *
alchemer_token(const struct config *config, const char *user, const char *nonce)
{
    (void)nonce;
    jwt_t *jwt;
    if (jwt_new(&jwt))
        return NULL;
    long now = (long)time(NULL);
    int wrong = jwt_add_grant(jwt, "sub", user);
    wrong |= jwt_add_grant_int(jwt, "iat", now);
    wrong |= jwt_add_grant_int(jwt, "exp", now + 3 * DAY);
    return sign(jwt, wrong, JWT_ALG_HS512, config->alchemer_secret);
}

/* HS256 with typ JWT; externalId (or email, which wins); iat within 15 minutes. */
char *
kustomer_token(const struct config *config, const char *user, const char *nonce)
{
    (void)nonce;
    jwt_t *jwt;
    if (jwt_new(&jwt))
        return NULL;
    int wrong = jwt_add_grant(jwt, "externalId", user);
    wrong |= jwt_add_grant_int(jwt, "iat", (long)time(NULL));
    return sign(jwt, wrong, JWT_ALG_HS256, config->kustomer_secret);
}

/* RS256 with your own key pair; only the public key is in the dashboard. */
char *
moengage_token(const struct config *config, const char *user, const char *nonce)
{
    (void)nonce;
    jwt_t *jwt;
    if (jwt_new(&jwt))
        return NULL;
    long now = (long)time(NULL);
    int wrong = jwt_add_grant(jwt, "sub", user);
    wrong |= jwt_add_grant_int(jwt, "iat", now);
    wrong |= jwt_add_grant_int(jwt, "exp", now + HOUR);
    return sign(jwt, wrong, JWT_ALG_RS256, config->moengage_private_key);
}

/* HS256; iss is the account, sub the user; nothing else is needed. */
char *
appcues_token(const struct config *config, const char *user, const char *nonce)
{
    (void)nonce;
    jwt_t *jwt;
    if (jwt_new(&jwt))
        return NULL;
    int wrong = jwt_add_grant(jwt, "iss", config->appcues_account);
    wrong |= jwt_add_grant(jwt, "sub", user);
    wrong |= jwt_add_grant_int(jwt, "exp", (long)time(NULL) + 15 * MINUTE);
    return sign(jwt, wrong, JWT_ALG_HS256, config->appcues_secret);
}

/* HS256; the nonce is the one the SDK got with its challenge. */
char *
dotdigital_token(const struct config *config, const char *user, const char *nonce)
{
    jwt_t *jwt;
    if (jwt_new(&jwt))
        return NULL;
    long now = (long)time(NULL);
    int wrong = jwt_add_grant(jwt, "nonce", nonce);
    wrong |= jwt_add_grant(jwt, "sub", user);
    wrong |= jwt_add_grant(jwt, "aud", config->dotdigital_audience);
    wrong |= jwt_add_grant(jwt, "iss", config->dotdigital_issuer);
    wrong |= jwt_add_grant_int(jwt, "iat", now);
    wrong |= jwt_add_grant_int(jwt, "exp", now + 30 * DAY);
    return sign(jwt, wrong, JWT_ALG_HS256, config->dotdigital_secret);
}
