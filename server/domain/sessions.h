/* Sessions: who is logged in on which device, from the first contact to the logout.
 *
 * Each operation is one function over the store, run inside one job: it takes effect wholly or not
 * at all. It returns CSN_OK when it could decide, and then `reason` is the decision: anything but
 * CSN_REASON_ACCEPTED changed nothing. CSN_UNAVAILABLE: the store failed, nothing was changed.
 *
 *   - A customer of a verified or claimed identity exists once, however many devices log in at
 * once.
 *   - A device has one customer and one live session at a time. A login ends the session the device
 *     had before; a session never changes its customer.
 *   - Whoever names a device id speaks for that device, so the SDK makes it of 128 random bits.
 *   - An anonymous customer is linked by its own session only, to one owner, and its sessions end.
 *   - A vault key is given to a verified identity and to an anonymous customer of its own. A
 * claimed one gets the key of its device alone, because anyone can claim.
 *
 * Inputs borrow until the job is done. Outcomes are plain data; `claims` in them borrow the input.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_DOMAIN_SESSIONS_H
#define CSN_SERVER_DOMAIN_SESSIONS_H

#include "server/domain/authenticate.h"
#include "server/store/store.h"

struct csn_random;
struct csn_sessions; /* the keys of the operations below, derived from the master key */

#define CSN_CHALLENGES_MAX 16       /* kept per device: the oldest goes first */
#define CSN_DEVICES_MAX 100         /* per customer and assurance: the oldest is unbound */
#define CSN_NONCE_LENGTH 32         /* base64url of CSN_NONCE_BYTES */
#define CSN_LOGOUT_SECRET_LENGTH 43 /* base64url of 32 bytes */
#define CSN_SESSION_KEPT_MS                                                                        \
    (30 * 86400000LL)                        /* an ended session is remembered, for late logouts   \
                                              */
#define CSN_REVOKED_MARGIN_MS 86400000LL     /* a revocation outlives its token by this: leeways */
#define CSN_SEEN_STEP_MS 60000               /* "seen" is written at most this often */
#define CSN_NEVER_MS (CSN_TIME_END_S * 1000) /* when something without an end ends */

/* Out: *out. `master` (32 bytes) is not kept, only keys made from it. Borrows `random`. */
CSN_MUST_USE enum csn_status csn_sessions_create(const uint8_t master[32],
                                                 const struct csn_random *random,
                                                 struct csn_sessions **out);
void csn_sessions_free(struct csn_sessions *sessions); /* wipes; accepts NULL */

/* Links in force to one owner that were made by logins which proved nothing. Anybody can make
 * these: beyond so many such a login links nothing, and is else as before
 * (docs/decisions/0012-links.md). */
#define CSN_LINKS_CLAIMED_MAX 256

/* --- what an operation revoked: to be told to the revocations in memory once it is durable --- */
struct csn_revoked {
    struct csn_id session;  /* {0}: a token, or a customer's tokens */
    uint8_t token_hash[32]; /* of a token */
    int64_t expires_ms;
    int64_t before_ms;          /* of a customer's tokens: those issued before; else 0 */
    uint8_t who[CSN_NAME_HASH]; /* of that customer: csn_identity_hash */
};
#define CSN_REVOKED_MAX (2 * CSN_DEVICES_MAX + 8)
struct csn_revoked_list {
    struct csn_revoked items[CSN_REVOKED_MAX];
    size_t count;
};
/* Call after the commit, before the answer leaves. Returns: CSN_OK, CSN_NO_MEMORY. */
CSN_MUST_USE enum csn_status csn_revoked_announce(const struct csn_revoked_list *list,
                                                  struct csn_id app,
                                                  struct csn_revocations *revocations);
/* At start: tells `revocations` everything revoked and not expired. */
CSN_MUST_USE enum csn_status
csn_revocations_load(struct csn_store *store, struct csn_revocations *revocations, int64_t now_ms);
/* Before a policy that lets tokens live longer: tells again which customers of the app were
 * revoked, of whom memory may have forgotten some. Cost: a walk over those of the app. */
CSN_MUST_USE enum csn_status csn_revocations_recall(struct csn_store *store,
                                                    struct csn_revocations *revocations,
                                                    struct csn_id app);

/* --- challenge: a nonce for one token, single use, bound to app and device --- */
struct csn_challenge_outcome {
    char nonce[CSN_NONCE_LENGTH + 1];
    int64_t expires_ms;
};
CSN_MUST_USE enum csn_status
csn_challenge_create(const struct csn_sessions *sessions, struct csn_store *store,
                     const struct csn_app *app, struct csn_bytes device,
                     struct csn_challenge_outcome *out, int64_t now_ms);

/* --- what a judged token contributes. {0}: there was none --- */
struct csn_token_facts {
    bool given;
    uint8_t hash[32];       /* csn_token_hash */
    int64_t issued_ms;      /* 0: it does not say */
    int64_t expires_ms;     /* 0: it does not end */
    int64_t key_number;     /* of the app's key that it was signed with; 0: unknown */
    struct csn_bytes nonce; /* to be consumed now; {0} where the policy asks for none */
};

/* --- login and anonymous start: POST sessions --- */
struct csn_login {
    const struct csn_app *app;
    struct csn_device_facts device;
    enum csn_assurance assurance; /* as enforcement admitted it; NONE asserts */
    struct csn_bytes identity;    /* {0} exactly when anonymous */
    struct csn_token_facts token;
    /* The anonymous session presented by its own valid bearer, or {0}. With an identity it is
     * linked; without one it is continued: same customer, same session, next generation. */
    struct csn_id anonymous_session;
    struct csn_id anonymous_customer;
};

enum csn_link {
    CSN_LINK_NONE = 0, /* none was presented, or it has ended or is no anonymous one; or claims have
                          made CSN_LINKS_CLAIMED_MAX */
    CSN_LINK_MADE,     /* by this login */
    CSN_LINK_SAME,     /* it already belonged to this customer */
    CSN_LINK_OF_OTHER, /* it belongs to another customer and stays there; the attempt is recorded */
};

struct csn_session_outcome {
    enum csn_reason reason;
    struct csn_session_claims claims; /* for csn_session_token_mint */
    bool customer_created;
    bool continued; /* the session presented goes on: no new logout secret */
    uint8_t vault_key[32];
    char logout_secret[CSN_LOGOUT_SECRET_LENGTH + 1]; /* given once; "" on refresh and continuing */
    enum csn_link link;
    struct csn_id linked; /* the anonymous customer, when MADE or SAME */
    int64_t linked_items; /* of its log, that came along; MADE only */
    int64_t cursor;       /* where the customer's log is read from: 0, its beginning */
    struct csn_revoked_list revoked;
};
CSN_MUST_USE enum csn_status csn_session_login(const struct csn_sessions *sessions,
                                               struct csn_store *store, const struct csn_login *in,
                                               struct csn_session_outcome *out, int64_t now_ms);

/* --- refresh: PATCH sessions/current, a fresh token for the same identity --- */
struct csn_refresh {
    const struct csn_app *app;
    struct csn_id session, customer; /* of the session bearer */
    struct csn_bytes device;         /* of the session bearer */
    struct csn_bytes identity;       /* of the fresh token */
    struct csn_token_facts token;
};
/* Another identity, or an anonymous session: identity_mismatch. Ended or expired: revoked. */
CSN_MUST_USE enum csn_status csn_session_refresh(const struct csn_sessions *sessions,
                                                 struct csn_store *store,
                                                 const struct csn_refresh *in,
                                                 struct csn_session_outcome *out, int64_t now_ms);

/* --- logout: DELETE sessions/current. Repeating it gives the same answer --- */
struct csn_logout {
    const struct csn_app *app;
    /* SESSION: the bearer of `session` held. TOKEN: the customer's own token held, or had no
     * fault but that its time is over; `identity`, `token` and (optional) `device` are set. NONE:
     * `secret` must be the logout secret of `session`; works when its token has expired. */
    enum csn_bearer_kind by;
    struct csn_id session;
    struct csn_bytes secret;
    struct csn_bytes identity;
    struct csn_token_facts token;
    struct csn_bytes device;
};
struct csn_logout_outcome {
    enum csn_reason reason; /* revoked: no such session, or not its secret */
    struct csn_id customer; /* {0} when it never had any session here */
    struct csn_revoked_list revoked;
};
CSN_MUST_USE enum csn_status csn_session_logout(const struct csn_sessions *sessions,
                                                struct csn_store *store,
                                                const struct csn_logout *in,
                                                struct csn_logout_outcome *out, int64_t now_ms);

/* --- housekeeping: purges what ended, at most `limit` rows of each kind --- */
/* Out: *purged rows; call again at once while it is >= limit. */
CSN_MUST_USE enum csn_status csn_sessions_housekeep(struct csn_store *store, unsigned limit,
                                                    uint64_t *purged, int64_t now_ms);

#endif
