/* Who is calling: judges the bearer of one request against its app. Needs no store.
 *
 * A bearer is either a session token of ours or the customer's own token; which one is told by the
 * token's header text alone, and each is checked only under its own keys. Asks the
 * revocations (revocations.h) on every call. A signature that costs more than a hash goes through
 * the verified-token cache (cache.h); an HMAC is cheaper to check again than to look up.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_DOMAIN_AUTHENTICATE_H
#define CSN_SERVER_DOMAIN_AUTHENTICATE_H

#include "server/domain/app.h"

struct csn_cache;
struct csn_revocations;
struct csn_sessions;

enum csn_bearer_kind { CSN_BEARER_NONE = 0, CSN_BEARER_SESSION, CSN_BEARER_TOKEN };

struct csn_caller {
    enum csn_bearer_kind kind;
    /* CSN_REASON_ACCEPTED: everything below holds. CSN_REASON_REVOKED: it held, and says whose it
     * was. Any other reason: nothing below says anything. */
    struct csn_verdict verdict;
    enum csn_assurance assurance;
    char identity[CSN_IDENTITY_MAX + 1]; /* "" for anonymous */
    size_t identity_len;
    struct csn_id customer;             /* session tokens only */
    struct csn_id session;              /* session tokens only */
    char device[CSN_DEVICE_ID_MAX + 1]; /* session tokens only */
    uint32_t generation;                /* session tokens only */
    /* What its SDK said of the device; "" unknown. Of a session token: at its login. */
    char platform[CSN_PLATFORM_MAX + 1];
    char app_version[CSN_VERSION_TEXT_MAX + 1];
    char sdk_version[CSN_VERSION_TEXT_MAX + 1];
    int64_t expires_ms;
    int64_t key_number; /* of the app's key that verified; 0 for session tokens */
};

struct csn_authenticator {
    struct csn_cache *cache;             /* NULL: none */
    struct csn_revocations *revocations; /* NULL: nothing is revoked */
    const struct csn_sessions
        *sessions;                   /* knows customers' keyed names; NULL with revocations NULL */
    struct csn_workspace *workspace; /* the calling thread's */
};

/* Out: *caller, wholly set; zero denies. `after_login`: an every-request token past its login. */
void csn_authenticate(const struct csn_authenticator *with, const struct csn_app *app,
                      struct csn_bytes bearer, bool after_login, struct csn_caller *caller,
                      int64_t now_ms);

/* --- session tokens of ours (JWT, HS256; the claims Dotdigital's clients read are in it) --- */
struct csn_session_claims {
    struct csn_id session, customer;
    struct csn_bytes device;                             /* <= CSN_DEVICE_ID_MAX */
    struct csn_bytes platform, app_version, sdk_version; /* for decisions; {0} unknown */
    struct csn_bytes identity;                           /* {0}: anonymous */
    enum csn_assurance assurance;
    uint32_t generation;
    int64_t issued_ms, expires_ms;
};
#define CSN_SESSION_TOKEN_MAX 6144 /* bytes */

/* Appends the token. Its payload segment holds neither '-' nor '_', because a published client
 * decodes it as plain base64: every character that could give one is written as a JSON escape.
 * Returns: CSN_OK, CSN_NO_SPACE, CSN_CRYPTO. */
CSN_MUST_USE enum csn_status csn_session_token_mint(const struct csn_app *app,
                                                    const struct csn_session_claims *claims,
                                                    struct csn_buffer *out);

/* Returns: the bearer has the form of our session tokens. Says nothing of its worth. */
bool csn_is_session_token(struct csn_bytes bearer);

/* Out: SHA-256 of the token's signing input, what a revocation speaks of: unlike a hash of the
 * whole token it survives a signature that was bent into another valid one. */
void csn_token_hash(struct csn_bytes token, uint8_t hash[32]);

/* Judges a session token of ours. Out: *caller as csn_authenticate fills it. */
void csn_session_token_judge(const struct csn_app *app, struct csn_bytes token,
                             struct csn_workspace *workspace, struct csn_caller *caller,
                             int64_t now_ms);

#endif
