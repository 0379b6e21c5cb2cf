/* Customers, their devices and their sessions: what the management API asks, and the first contact
 * of an every-request token. Run inside one job each, like sessions.h.
 *
 * Everything is found inside one app; of another app's things nothing can be learned, not even that
 * they exist: CSN_NOT_FOUND for both.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_DOMAIN_CUSTOMERS_H
#define CSN_SERVER_DOMAIN_CUSTOMERS_H

#include "crypto/p256.h"
#include "server/domain/push_address.h"
#include "server/domain/sessions.h"

struct csn_customer_info {
    struct csn_id id;
    char identity[CSN_IDENTITY_MAX + 1]; /* "" for anonymous */
    size_t identity_len;
    bool verified; /* a token has proved this identity at least once */
    int64_t created_ms;
    int64_t seen_ms;           /* last login, refresh or first contact */
    int64_t revoked_before_ms; /* tokens issued before are refused; 0: none */
    bool erased;               /* its key was destroyed */
    struct csn_id owner;       /* an anonymous customer's: to whom it was linked; {0} none */
    int64_t linked_ms;
};

struct csn_device_info {
    char id[CSN_DEVICE_ID_MAX + 1];
    char platform[CSN_PLATFORM_MAX + 1];
    char app_version[CSN_VERSION_TEXT_MAX + 1];
    char sdk_version[CSN_VERSION_TEXT_MAX + 1];
    struct csn_id session; /* {0}: none, every-request */
    enum csn_assurance assurance;
    enum csn_push_kind push; /* of its push address; NONE: it has none */
    int64_t bound_ms, seen_ms;
};

struct csn_session_info {
    struct csn_id id;
    char device[CSN_DEVICE_ID_MAX + 1];
    enum csn_assurance assurance;
    uint32_t generation;
    int64_t created_ms, expires_ms, ended_ms; /* ended_ms 0: not ended */
};

/* First contact of an every-request token: finds or creates the customer, binds the device when one
 * is given. Cost when nothing is new: one lookup, no write within a minute of the last. */
struct csn_contact {
    const struct csn_app *app;
    struct csn_bytes identity;
    enum csn_assurance assurance;
    struct csn_token_facts token;
    struct csn_device_facts device; /* id {0}: none */
};
struct csn_contact_outcome {
    enum csn_reason reason; /* accepted, or revoked */
    struct csn_id customer;
    bool created;
    uint8_t vault_key[32];
    struct csn_revoked_list revoked;
};
CSN_MUST_USE enum csn_status csn_customer_contact(const struct csn_sessions *sessions,
                                                  struct csn_store *store,
                                                  const struct csn_contact *in,
                                                  struct csn_contact_outcome *out, int64_t now_ms);

/* What a session token cannot say of itself: that its session goes on. Asked inside the job that
 * acts for it. Out: *reason: accepted; revoked (it ended, or there is none); expired (also when it
 * was not used for too long). Returns: CSN_OK, CSN_UNAVAILABLE. */
CSN_MUST_USE enum csn_status csn_session_is_live(struct csn_store *store, struct csn_id app,
                                                 struct csn_id session, enum csn_reason *reason,
                                                 int64_t now_ms);
/* The same, and it is being used: where it is live, it has the policy's `session_idle_s` from now
 * again; less by at most CSN_SEEN_STEP_MS, or a quarter of it if that is shorter, which is how
 * often it is written. */
CSN_MUST_USE enum csn_status csn_session_use(struct csn_store *store, const struct csn_app *app,
                                             struct csn_id session, enum csn_reason *reason,
                                             int64_t now_ms);

/* Ends sessions that idled out, of any app; at most CSN_IDLED_MAX. Their devices keep customer and
 * push address. Out: *out, to be told to the revocations once it is durable. */
#define CSN_IDLED_MAX 100
struct csn_idled_list {
    struct csn_id apps[CSN_IDLED_MAX];
    struct csn_revoked_list revoked; /* of apps[i] */
};
CSN_MUST_USE enum csn_status csn_sessions_idle_out(struct csn_store *store,
                                                   struct csn_idled_list *out, int64_t now_ms);

/* Returns: CSN_OK, CSN_NOT_FOUND, CSN_UNAVAILABLE. */
CSN_MUST_USE enum csn_status csn_customer_get(const struct csn_sessions *sessions,
                                              struct csn_store *store, struct csn_id app,
                                              struct csn_id customer,
                                              struct csn_customer_info *out);
CSN_MUST_USE enum csn_status csn_customer_find(const struct csn_sessions *sessions,
                                               struct csn_store *store, struct csn_id app,
                                               struct csn_bytes identity,
                                               struct csn_customer_info *out);

/* Lists: those after `after` ({0}: from the start), oldest first; *count of them, at most `limit`
 * (<= CSN_PAGE_MAX). The last one's id is the next cursor. */
CSN_MUST_USE enum csn_status csn_customer_list(const struct csn_sessions *sessions,
                                               struct csn_store *store, struct csn_id app,
                                               struct csn_id after, struct csn_customer_info *out,
                                               size_t limit, size_t *count);
/* A look at what matters most, at most `limit` (<= CSN_PAGE_MAX) of them: so that nobody hides a
 * customer's own by starting many. Sessions: live ones first, of these what proved most, then the
 * newest; then those that are over, newest first. */
CSN_MUST_USE enum csn_status csn_customer_sessions(struct csn_store *store, struct csn_id app,
                                                   struct csn_id customer,
                                                   struct csn_session_info *out, size_t limit,
                                                   size_t *count, int64_t now_ms);
/* Devices: first what proved most, then what was seen last. */
CSN_MUST_USE enum csn_status csn_customer_devices(struct csn_store *store, struct csn_id app,
                                                  struct csn_id customer,
                                                  struct csn_device_info *out, size_t limit,
                                                  size_t *count);

/* Ends one session; ended already is CSN_OK. Returns: CSN_OK, CSN_NOT_FOUND, CSN_UNAVAILABLE. */
CSN_MUST_USE enum csn_status csn_customer_revoke_session(struct csn_store *store, struct csn_id app,
                                                         struct csn_id customer,
                                                         struct csn_id session,
                                                         struct csn_revoked_list *revoked,
                                                         int64_t now_ms);
/* Unbinds the device and ends its session; what proved it may prove a new one. Returns: as above.
 */
CSN_MUST_USE enum csn_status csn_customer_revoke_device(struct csn_store *store, struct csn_id app,
                                                        struct csn_id customer,
                                                        struct csn_bytes device,
                                                        struct csn_revoked_list *revoked,
                                                        int64_t now_ms);
/* Refuses every token issued before `before_ms`, which is not later than now; ends the sessions
 * that began before it or were last proved by such a token, and unbinds their devices and those
 * bound before it that have none. */
CSN_MUST_USE enum csn_status csn_customer_revoke_before(struct csn_store *store,
                                                        const struct csn_app *app,
                                                        struct csn_id customer, int64_t before_ms,
                                                        struct csn_revoked_list *revoked,
                                                        int64_t now_ms);
/* Ends all sessions, unbinds all devices, and refuses every token issued before now. */
CSN_MUST_USE enum csn_status csn_customer_revoke(struct csn_store *store, struct csn_id app,
                                                 struct csn_id customer,
                                                 struct csn_revoked_list *revoked, int64_t now_ms);

/* --- links of anonymous customers (docs/decisions/0012-links.md) --- */
struct csn_link_info {
    struct csn_id customer, owner; /* anonymous, and who it turned out to be */
    enum csn_assurance cause;      /* of the login that made it; NONE: made by hand */
    int64_t linked_ms, items;      /* when, and how many items moved */
    struct csn_id made_by;         /* the API key, where it was made by hand */
    int64_t refused;               /* how often another customer wanted it */
    int64_t undone_ms;             /* 0: in force */
    struct csn_id undone_by;       /* the API key */
    int64_t returned;              /* items moved back */
};
/* Returns: "verified", "claimed", "by_hand". */
const char *csn_link_cause_name(enum csn_assurance cause);
/* The newest links of the customer, as owner or as the anonymous one, in force and undone; at most
 * `limit`. Returns: CSN_OK, CSN_NOT_FOUND, CSN_UNAVAILABLE. */
CSN_MUST_USE enum csn_status csn_customer_links(struct csn_store *store, struct csn_id app,
                                                struct csn_id customer, struct csn_link_info *out,
                                                size_t limit, size_t *count);

struct csn_relink_outcome {
    int64_t items; /* moved */
    struct csn_revoked_list revoked;
};
/* Undoes the link of `anonymous` to `customer`: exactly the items that came with it go back into
 * their own log. The session that made the link ends: who holds that device is in question. The
 * ledger keeps the link, with when and by which API key it was undone. The anonymous customer's
 * session stays ended, so no login makes the link again.
 * Returns: CSN_OK; CSN_NOT_FOUND (no such link in force); CSN_CONFLICT (the customer was erased);
 * CSN_UNAVAILABLE. */
CSN_MUST_USE enum csn_status csn_customer_unlink(struct csn_store *store, struct csn_id app,
                                                 struct csn_id customer, struct csn_id anonymous,
                                                 struct csn_id by, struct csn_relink_outcome *out,
                                                 int64_t now_ms);
/* Links by hand: as a login would, also again after an unlink. The anonymous customer's sessions
 * end. In force already is CSN_OK, with nothing moved.
 * Returns: CSN_OK; CSN_NOT_FOUND (one of the two is not there); CSN_CONFLICT (`anonymous` has an
 * identity or another owner or was erased, or `customer` has no identity); CSN_UNAVAILABLE. */
CSN_MUST_USE enum csn_status csn_customer_link(struct csn_store *store, struct csn_id app,
                                               struct csn_id customer, struct csn_id anonymous,
                                               struct csn_id by, struct csn_relink_outcome *out,
                                               int64_t now_ms);

#define CSN_KEY_SESSIONS_MAX 200 /* ended by one call */

/* Ends the sessions a key of the app vouched for, at most CSN_KEY_SESSIONS_MAX. Tokens of the key
 * are another thing: retiring it refuses them. Out: *ended; *more: there are others, so call again.
 * Returns: CSN_OK, CSN_UNAVAILABLE. */
CSN_MUST_USE enum csn_status csn_key_end_sessions(struct csn_store *store, struct csn_id app,
                                                  int64_t key_number, size_t *ended, bool *more,
                                                  struct csn_revoked_list *revoked, int64_t now_ms);

/* The device's push address, sealed. Moves from any other device of the app that had the same one.
 * NULL removes it. Returns: CSN_OK, CSN_NOT_FOUND (the device is not bound to this customer). */
CSN_MUST_USE enum csn_status csn_device_set_push(const struct csn_sessions *sessions,
                                                 struct csn_store *store, struct csn_id app,
                                                 struct csn_id customer, struct csn_bytes device,
                                                 const struct csn_push_address *address);

/* Called before a push address is given: the device is trusted no more than whoever says where it
 * is reached. Beside a start anew and a logout, the only thing that takes from what was proved on a
 * device. Returns: CSN_OK, CSN_NOT_FOUND (as above), CSN_UNAVAILABLE. */
CSN_MUST_USE enum csn_status csn_device_vouch(struct csn_store *store, struct csn_id app,
                                              struct csn_id customer, struct csn_bytes device,
                                              enum csn_assurance assurance,
                                              struct csn_revoked_list *revoked, int64_t now_ms);

/* How the device is reached, and what a browser subscribes with. */
struct csn_device_reach {
    enum csn_push_kind kind; /* of its address; NONE: it has none, or is not this customer's */
    bool has_key;            /* the app has a push key */
    uint8_t public_key[CSN_P256_PUBLIC_LENGTH];
};
/* `arena`: scratch. Returns: CSN_OK, CSN_NO_SPACE (the arena), CSN_UNAVAILABLE. */
CSN_MUST_USE enum csn_status csn_device_reach(struct csn_store *store, struct csn_id app,
                                              struct csn_id customer, struct csn_bytes device,
                                              struct csn_arena *arena,
                                              struct csn_device_reach *out);

#endif
