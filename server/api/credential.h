/* Credentials as HTTP carries them (RFC 9110 §11.4, RFC 6750 §2.1, RFC 7617).
 *
 * One request has one credential. Two Authorization fields, or the same credential in two places
 * that differ, are refused: which of them a proxy in front looked at cannot be known.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_API_CREDENTIAL_H
#define CSN_SERVER_API_CREDENTIAL_H

#include "server/api/exchange.h"

/* Out: *bearer, what follows "Bearer ", empty (ptr not NULL) where nothing does; {0} where there is
 * no Authorization, or another scheme.
 * Returns: false after it answered a problem: two fields. */
bool csn_credential_bearer(struct csn_exchange *x, struct csn_bytes *bearer);

/* Returns: there is an Authorization field with no bearer in it, and it is not Basic: a token sent
 * bare, or as "Token ...", or "Bearer" with nothing behind it. It is never judged. */
bool csn_credential_is_strange(const struct csn_exchange *x);

/* An API key: "Bearer key.secret" or Basic "key:secret". */
struct csn_api_credential {
    bool given; /* some credential was; key and secret are {0} when it is none of ours */
    struct csn_bytes key, secret;
    struct csn_secret memory; /* of a Basic one: wipe it after use */
};
/* Returns: false after it answered a problem: two fields. */
bool csn_credential_api_key(struct csn_exchange *x, struct csn_api_credential *out);

/* Returns: false after it answered two_credentials, when both are given and differ. */
bool csn_credential_agree(struct csn_exchange *x, struct csn_bytes a, struct csn_bytes b);

#endif
