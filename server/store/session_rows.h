/* Rows of customers, devices, sessions, challenges, links and revocations (0002-sessions.sql).
 *
 * Plain reads and writes; what they mean is server/domain's. Sealed blobs and hashes pass through
 * unread. Every operation takes the app first and sees nothing of any other. Views in a row borrow
 * the caller where it is written, and nothing where it is read: read rows own their bytes.
 *
 * All return CSN_OK, CSN_NOT_FOUND (no such row), CSN_CONFLICT (a constraint refused), or
 * CSN_UNAVAILABLE.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_STORE_SESSION_ROWS_H
#define CSN_SERVER_STORE_SESSION_ROWS_H

#include "server/store/store.h"

#define CSN_SEALED_OVERHEAD_MAX 64
#define CSN_SEALED_KEY_MAX (32 + CSN_SEALED_OVERHEAD_MAX)
#define CSN_SEALED_IDENTITY_MAX (CSN_IDENTITY_MAX + CSN_SEALED_OVERHEAD_MAX)

/* --- customers --- */
struct csn_customer_row {
    struct csn_id id;
    bool has_identity;
    uint8_t identity_hash[CSN_NAME_HASH];
    uint8_t identity_sealed[CSN_SEALED_IDENTITY_MAX];
    size_t identity_sealed_len;
    uint8_t key_sealed[CSN_SEALED_KEY_MAX];
    size_t key_sealed_len;
    enum csn_assurance assurance; /* the highest any login had */
    int64_t created_ms, seen_ms, revoked_before_ms;
    struct csn_id owner; /* read only: to whom it is linked; {0} none */
    int64_t linked_ms;   /* read only */
};
CSN_MUST_USE enum csn_status csn_store_customer_add(struct csn_store *store, struct csn_id app,
                                                    const struct csn_customer_row *row);
CSN_MUST_USE enum csn_status csn_store_customer_get(struct csn_store *store, struct csn_id app,
                                                    struct csn_id id, struct csn_customer_row *out);
CSN_MUST_USE enum csn_status csn_store_customer_find(struct csn_store *store, struct csn_id app,
                                                     const uint8_t identity_hash[CSN_NAME_HASH],
                                                     struct csn_customer_row *out);
CSN_MUST_USE enum csn_status csn_store_customer_seen(struct csn_store *store, struct csn_id app,
                                                     struct csn_id id, enum csn_assurance assurance,
                                                     int64_t seen_ms);
CSN_MUST_USE enum csn_status csn_store_customer_revoke(struct csn_store *store, struct csn_id app,
                                                       struct csn_id id, int64_t before_ms);
/* Tells `each` every customer with an identity that was ever revoked, and what erased ones have
 * left of theirs, of the app or, where that is {0}, of all; stops at its first failure. Cost: walks
 * an index of these alone. */
CSN_MUST_USE enum csn_status csn_store_customer_each_revoked(
    struct csn_store *store, struct csn_id app,
    enum csn_status (*each)(void *state, struct csn_id app,
                            const uint8_t identity_hash[CSN_NAME_HASH], int64_t before_ms),
    void *state);
/* By id, those after `after`. Out: *out. Returns CSN_NOT_FOUND past the last. */
CSN_MUST_USE enum csn_status csn_store_customer_next(struct csn_store *store, struct csn_id app,
                                                     struct csn_id after,
                                                     struct csn_customer_row *out);

/* --- links (0007-links.sql) --- */
struct csn_link_row {
    struct csn_id customer, owner;
    enum csn_assurance cause; /* of the login that made it; NONE: made by hand */
    int64_t linked_ms;
    struct csn_id session;   /* of that login; {0}: made by hand, */
    struct csn_id made_by;   /* by this API key */
    int64_t place, items;    /* behind which seq of the owner's log how many items were put */
    int64_t refused;         /* read only: how often another customer wanted it */
    int64_t undone_ms;       /* 0: it is in force */
    struct csn_id undone_by; /* the API key */
    int64_t returned;        /* items moved back */
};
CSN_MUST_USE enum csn_status csn_store_link_add(struct csn_store *store, struct csn_id app,
                                                const struct csn_link_row *row);
/* The one in force of an anonymous customer. */
CSN_MUST_USE enum csn_status csn_store_link_get(struct csn_store *store, struct csn_id app,
                                                struct csn_id customer, struct csn_link_row *out);
/* Out: *count of those in force to the owner that a login of this assurance made, at most `limit`.
 */
CSN_MUST_USE enum csn_status csn_store_link_count(struct csn_store *store, struct csn_id app,
                                                  struct csn_id owner, enum csn_assurance cause,
                                                  size_t limit, size_t *count);
/* Records that `wanted` asked for a customer that is another's. */
CSN_MUST_USE enum csn_status csn_store_link_refuse(struct csn_store *store, struct csn_id app,
                                                   struct csn_id customer, struct csn_id wanted,
                                                   int64_t now_ms);
/* Puts the one in force among those undone. In: customer, undone_ms, undone_by, returned. */
CSN_MUST_USE enum csn_status csn_store_link_undo(struct csn_store *store, struct csn_id app,
                                                 const struct csn_link_row *row);
/* Calls `each` for the newest links of a customer, as owner or as the anonymous one, in force and
 * undone, newest first; until it returns false or `limit` were told. */
CSN_MUST_USE enum csn_status
csn_store_link_each(struct csn_store *store, struct csn_id app, struct csn_id customer,
                    size_t limit, bool (*each)(void *state, const struct csn_link_row *row),
                    void *state);

/* --- sessions --- */
struct csn_session_row {
    struct csn_id id, customer;
    char device[CSN_DEVICE_ID_MAX + 1];
    enum csn_assurance assurance;
    uint32_t generation;
    int64_t created_ms, expires_ms, ended_ms;
    int64_t idle_ms; /* when it ends unless it is used before; 0: it does not */
    uint8_t secret_hash[32];
    bool has_token;
    uint8_t token_hash[32];
    int64_t token_expires_ms;
    int64_t token_issued_ms; /* 0: it does not say */
    int64_t key_number;      /* of the app's key that the last token was signed with; 0: none */
};
CSN_MUST_USE enum csn_status csn_store_session_add(struct csn_store *store, struct csn_id app,
                                                   const struct csn_session_row *row);
CSN_MUST_USE enum csn_status csn_store_session_get(struct csn_store *store, struct csn_id app,
                                                   struct csn_id id, struct csn_session_row *out);
/* Writes assurance, generation, expires and token of a live session. */
CSN_MUST_USE enum csn_status csn_store_session_renew(struct csn_store *store, struct csn_id app,
                                                     const struct csn_session_row *row);
/* Marks a live session ended. CSN_NOT_FOUND when it is not live. */
CSN_MUST_USE enum csn_status csn_store_session_end(struct csn_store *store, struct csn_id app,
                                                   struct csn_id id, int64_t now_ms);
/* Calls `each` for a customer's sessions, at most `limit`: of those that are live first what proved
 * most, then the newest; or (`over`) of the others the newest. Its row lives until it returns. */
struct csn_session_range {
    struct csn_id customer;
    bool over;
    size_t limit;
};
CSN_MUST_USE enum csn_status csn_store_session_each(
    struct csn_store *store, struct csn_id app, const struct csn_session_range *range,
    void (*each)(void *state, const struct csn_session_row *row), void *state, int64_t now_ms);

/* Writes idle of a live session. CSN_NOT_FOUND when it is not live. */
CSN_MUST_USE enum csn_status csn_store_session_used(struct csn_store *store, struct csn_id app,
                                                    struct csn_id id, int64_t idle_ms);
/* One live session, of any app, that idled out before `before_ms`. CSN_NOT_FOUND: none. */
CSN_MUST_USE enum csn_status csn_store_session_idled(struct csn_store *store, int64_t before_ms,
                                                     struct csn_id *app, struct csn_id *id);
/* Takes the session from its device, which keeps its customer and its push address. */
CSN_MUST_USE enum csn_status csn_store_session_release(struct csn_store *store, struct csn_id app,
                                                       struct csn_id id);
/* One live session that this key of the app vouched for. CSN_NOT_FOUND: none. */
CSN_MUST_USE enum csn_status csn_store_session_of_key(struct csn_store *store, struct csn_id app,
                                                      int64_t key_number,
                                                      struct csn_session_row *out);

/* --- devices: a row exists while the device is bound --- */
struct csn_device_row {
    char id[CSN_DEVICE_ID_MAX + 1];
    struct csn_id customer;
    struct csn_id session; /* {0}: none */
    enum csn_assurance assurance;
    char platform[CSN_PLATFORM_MAX + 1];
    char app_version[CSN_VERSION_TEXT_MAX + 1];
    char sdk_version[CSN_VERSION_TEXT_MAX + 1];
    int64_t bound_ms, seen_ms;
    int push_kind; /* read only: enum csn_push_kind; 0: it has no push address */
};
/* Binds the device, in place of what was bound before; with or without the push address it had. */
CSN_MUST_USE enum csn_status csn_store_device_put(struct csn_store *store, struct csn_id app,
                                                  const struct csn_device_row *row,
                                                  bool keeps_push);
CSN_MUST_USE enum csn_status csn_store_device_get(struct csn_store *store, struct csn_id app,
                                                  struct csn_bytes id, struct csn_device_row *out);
CSN_MUST_USE enum csn_status csn_store_device_remove(struct csn_store *store, struct csn_id app,
                                                     struct csn_bytes id);
/* Out: *count of the customer's devices of this assurance, and *oldest: the one seen longest ago,
 * read only where the count has reached `limit`. */
CSN_MUST_USE enum csn_status csn_store_device_count(struct csn_store *store, struct csn_id app,
                                                    struct csn_id customer,
                                                    enum csn_assurance assurance, size_t limit,
                                                    size_t *count, struct csn_device_row *oldest);
/* Of one customer, by id, after `after`. CSN_NOT_FOUND past the last. */
CSN_MUST_USE enum csn_status csn_store_device_next(struct csn_store *store, struct csn_id app,
                                                   struct csn_id customer, struct csn_bytes after,
                                                   struct csn_device_row *out);
/* Calls `each` for the customer's devices, at most `limit`: first what proved most, then what was
 * seen last. */
CSN_MUST_USE enum csn_status
csn_store_device_each(struct csn_store *store, struct csn_id app, struct csn_id customer,
                      size_t limit, void (*each)(void *state, const struct csn_device_row *row),
                      void *state);
/* Takes the address from every device of the app that has it. */
CSN_MUST_USE enum csn_status csn_store_push_take(struct csn_store *store, struct csn_id app,
                                                 const uint8_t push_hash[CSN_NAME_HASH]);
/* Sets the address of a bound device; hash NULL removes it. */
CSN_MUST_USE enum csn_status csn_store_push_set(struct csn_store *store, struct csn_id app,
                                                struct csn_bytes device, const uint8_t *push_hash,
                                                int push_kind, struct csn_bytes sealed);

/* --- challenges --- */
struct csn_challenge_row {
    struct csn_bytes device;
    uint8_t nonce_hash[32];
    int64_t created_ms, expires_ms, used_ms;
};
CSN_MUST_USE enum csn_status csn_store_challenge_add(struct csn_store *store, struct csn_id app,
                                                     const struct csn_challenge_row *row);
/* Deletes the oldest of the device's challenges beyond `keep`. */
CSN_MUST_USE enum csn_status csn_store_challenge_trim(struct csn_store *store, struct csn_id app,
                                                      struct csn_bytes device, size_t keep);
/* In: device, nonce_hash. Out: the rest. */
CSN_MUST_USE enum csn_status csn_store_challenge_get(struct csn_store *store, struct csn_id app,
                                                     struct csn_challenge_row *row);
/* The app's challenge of that nonce, whichever device was given it. In: nonce_hash. Out: the rest,
 * the device in the arena. */
CSN_MUST_USE enum csn_status csn_store_challenge_find(struct csn_store *store, struct csn_id app,
                                                      struct csn_arena *arena,
                                                      struct csn_challenge_row *row);
/* Marks it used. CSN_NOT_FOUND when it is not there or used before. */
CSN_MUST_USE enum csn_status csn_store_challenge_use(struct csn_store *store, struct csn_id app,
                                                     const struct csn_challenge_row *row,
                                                     int64_t now_ms);

/* --- revocations: `subject` is a session's id (26 bytes) or a token's SHA-256 (32) --- */
CSN_MUST_USE enum csn_status csn_store_revocation_add(struct csn_store *store, struct csn_id app,
                                                      struct csn_bytes subject, int64_t expires_ms);
CSN_MUST_USE enum csn_status csn_store_revocation_get(struct csn_store *store, struct csn_id app,
                                                      struct csn_bytes subject);
/* Calls `each` for every one that has not expired; stops at the first that is not CSN_OK. */
CSN_MUST_USE enum csn_status
csn_store_revocation_each(struct csn_store *store, int64_t now_ms,
                          enum csn_status (*each)(void *state, struct csn_id app,
                                                  struct csn_bytes subject, int64_t expires_ms),
                          void *state);

/* --- housekeeping: deletes what expired before, at most `limit` rows of each. Adds to *purged ---
 */
CSN_MUST_USE enum csn_status csn_store_purge_sessions(struct csn_store *store, int64_t before_ms,
                                                      unsigned limit, uint64_t *purged);
CSN_MUST_USE enum csn_status csn_store_purge_challenges(struct csn_store *store, int64_t before_ms,
                                                        unsigned limit, uint64_t *purged);
CSN_MUST_USE enum csn_status csn_store_purge_revocations(struct csn_store *store, int64_t before_ms,
                                                         unsigned limit, uint64_t *purged);

#endif
