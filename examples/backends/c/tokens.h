/* The five systems' tokens, made with libjwt.
 *
 * Each function returns a token that the caller frees, or NULL when libjwt could
 * not make it. A secret is a text: its bytes are the key, as they are.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TOKENS_H
#define TOKENS_H

/* Everything secret, read once from the environment. NULL: not configured. */
struct config {
    const char *alchemer_secret;
    const char *kustomer_secret;
    char *moengage_private_key; /* PEM text */
    const char *appcues_account;
    const char *appcues_secret;
    const char *dotdigital_issuer;
    const char *dotdigital_audience;
    const char *dotdigital_secret;
};

char *alchemer_token(const struct config *config, const char *user, const char *nonce);
char *kustomer_token(const struct config *config, const char *user, const char *nonce);
char *moengage_token(const struct config *config, const char *user, const char *nonce);
char *appcues_token(const struct config *config, const char *user, const char *nonce);
char *dotdigital_token(const struct config *config, const char *user, const char *nonce);

#endif
