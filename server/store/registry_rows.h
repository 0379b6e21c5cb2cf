/* Rows of the registry: accounts, API keys, apps, keys, JWKS addresses. Plain reads and writes;
 * what they mean, and who may ask, is the domain's. Sealed blobs pass through unread.
 *
 * Texts of a row are owned by the arena it was read with, or borrow the caller where it is written.
 * All operations return CSN_OK, CSN_NOT_FOUND (no such row), CSN_CONFLICT (a constraint refused),
 * CSN_NO_SPACE (arena full), or CSN_UNAVAILABLE.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_STORE_REGISTRY_ROWS_H
#define CSN_SERVER_STORE_REGISTRY_ROWS_H

#include "server/domain/decisions.h"
#include "server/store/store.h"

/* --- the instance: a few named values --- */
CSN_MUST_USE enum csn_status csn_store_instance_get(struct csn_store *store, const char *name,
                                                    struct csn_arena *arena,
                                                    struct csn_bytes *value);
CSN_MUST_USE enum csn_status csn_store_instance_set(struct csn_store *store, const char *name,
                                                    struct csn_bytes value);

/* --- accounts --- */
struct csn_account_row {
    struct csn_id id;
    struct csn_bytes name;
    bool root;
    int64_t created_ms;
};
CSN_MUST_USE enum csn_status csn_store_account_add(struct csn_store *store,
                                                   const struct csn_account_row *row);
CSN_MUST_USE enum csn_status csn_store_account_get(struct csn_store *store, struct csn_id id,
                                                   struct csn_arena *arena,
                                                   struct csn_account_row *out);
/* By id, those after `after`; *count of them, at most `limit`. */
CSN_MUST_USE enum csn_status csn_store_account_list(struct csn_store *store, struct csn_id after,
                                                    struct csn_arena *arena,
                                                    struct csn_account_row *out, size_t limit,
                                                    size_t *count);

/* --- API keys --- */
#define CSN_API_KEY_TEXT_MAX 32
struct csn_api_key_row {
    struct csn_id id;
    struct csn_id account;
    struct csn_id app; /* {0}: every app */
    bool root;         /* read: the account's */
    char key[CSN_API_KEY_TEXT_MAX + 1];
    uint8_t secret_hash[32];
    struct csn_bytes name;
    unsigned roles;
    int64_t created_ms, expires_ms, last_used_ms;
};
CSN_MUST_USE enum csn_status csn_store_api_key_add(struct csn_store *store,
                                                   const struct csn_api_key_row *row);
/* Finds by id or by public name, inside the account. */
CSN_MUST_USE enum csn_status csn_store_api_key_get(struct csn_store *store, struct csn_id account,
                                                   struct csn_bytes id_or_key,
                                                   struct csn_arena *arena,
                                                   struct csn_api_key_row *out);
/* Out: up to `limit` rows by id, those after `after`. account {0}: of every account; app {0}: of
 * every app and of none. */
struct csn_api_key_filter {
    struct csn_id account, app, after;
    size_t limit;
};
CSN_MUST_USE enum csn_status csn_store_api_key_list(struct csn_store *store,
                                                    const struct csn_api_key_filter *filter,
                                                    struct csn_arena *arena,
                                                    struct csn_api_key_row *out, size_t *count);
CSN_MUST_USE enum csn_status csn_store_api_key_remove(struct csn_store *store, struct csn_id id);
CSN_MUST_USE enum csn_status csn_store_api_key_count(struct csn_store *store, struct csn_id account,
                                                     int64_t *count);
/* Keys of the account, for every app, with `role`, that have not expired. */
CSN_MUST_USE enum csn_status csn_store_api_key_holders(struct csn_store *store,
                                                       struct csn_id account, unsigned role,
                                                       int64_t now_ms, int64_t *count);
/* Later use wins; an unknown id is passed over. */
CSN_MUST_USE enum csn_status csn_store_api_key_touch(struct csn_store *store, struct csn_id id,
                                                     int64_t used_ms);

/* --- apps --- */
struct csn_app_row {
    struct csn_id id;
    struct csn_id account;
    struct csn_bytes name;
    struct csn_bytes preset; /* {0}: none */
    struct csn_bytes policy;
    int64_t policy_version;
    struct csn_bytes issuer; /* {0}: none */
    struct csn_bytes enforcement;
    int64_t enforcement_version;
    struct csn_bytes origins; /* JSON array */
    bool suspended;
    int64_t test_mode_until_ms;
    int64_t retention_days;
    int64_t evidence_until_ms;
    int64_t created_ms;
    int64_t generation;
    bool has_jwks; /* read only */
};
CSN_MUST_USE enum csn_status csn_store_app_add(struct csn_store *store,
                                               const struct csn_app_row *row);
CSN_MUST_USE enum csn_status csn_store_app_get(struct csn_store *store, struct csn_id id,
                                               struct csn_arena *arena, struct csn_app_row *out);
/* Writes everything but id, account and created. */
CSN_MUST_USE enum csn_status csn_store_app_update(struct csn_store *store,
                                                  const struct csn_app_row *row);
/* Adds one to its generation: its keys have changed. */
CSN_MUST_USE enum csn_status csn_store_app_bump(struct csn_store *store, struct csn_id id);
/* Its keys, JWKS address, API keys and whatever else it has a bounded number of go with it; what
 * its customers have is swept afterwards (removal_rows.h). No app ever gets this id again. */
CSN_MUST_USE enum csn_status csn_store_app_remove(struct csn_store *store, struct csn_id id,
                                                  int64_t now_ms);
/* Ids in order, those after `after`. account {0}: of every account. */
CSN_MUST_USE enum csn_status csn_store_app_ids(struct csn_store *store, struct csn_id account,
                                               struct csn_id after, struct csn_id *out,
                                               size_t limit, size_t *count);
/* The account's oldest app made from `preset`. */
CSN_MUST_USE enum csn_status csn_store_app_by_preset(struct csn_store *store, struct csn_id account,
                                                     const char *preset, struct csn_id *out);
/* The account's app whose policy's issuer this is; several: CSN_CONFLICT. */
CSN_MUST_USE enum csn_status csn_store_app_by_issuer(struct csn_store *store, struct csn_id account,
                                                     struct csn_bytes issuer, struct csn_id *out);

/* --- keys --- */
struct csn_key_row {
    int64_t number; /* given by the store */
    struct csn_id id;
    struct csn_id app;
    struct csn_bytes kid; /* ptr NULL: none */
    enum csn_algorithm algorithm;
    enum csn_key_state state;
    int source; /* enum csn_key_source */
    enum csn_encoding encoding;
    struct csn_bytes material; /* sealed */
    char fingerprint[CSN_FINGERPRINT_MAX];
    enum csn_key_problem warning;
    int64_t created_ms, state_changed_ms, expires_ms, last_used_ms;
    int64_t tokens_end_ms, endless_used_ms; /* csn_key_touch */
};
/* Out: row->number. */
CSN_MUST_USE enum csn_status csn_store_key_add(struct csn_store *store, struct csn_key_row *row);
CSN_MUST_USE enum csn_status csn_store_key_get(struct csn_store *store, struct csn_id app,
                                               struct csn_id id, struct csn_arena *arena,
                                               struct csn_key_row *out);
/* Which of the app's keys has this kid. */
CSN_MUST_USE enum csn_status csn_store_key_by_kid(struct csn_store *store, struct csn_id app,
                                                  struct csn_bytes kid, struct csn_id *out);
CSN_MUST_USE enum csn_status csn_store_key_by_fingerprint(struct csn_store *store,
                                                          struct csn_id app,
                                                          const char *fingerprint,
                                                          struct csn_id *out);
/* All keys of the app, oldest first, without their material; at most CSN_KEYS_PER_APP_MAX. */
CSN_MUST_USE enum csn_status csn_store_key_list(struct csn_store *store, struct csn_id app,
                                                struct csn_arena *arena, struct csn_key_row *out,
                                                size_t *count);
CSN_MUST_USE enum csn_status csn_store_key_set_state(struct csn_store *store, struct csn_id app,
                                                     struct csn_id id, enum csn_key_state state,
                                                     int64_t changed_ms);
CSN_MUST_USE enum csn_status csn_store_key_remove(struct csn_store *store, struct csn_id app,
                                                  struct csn_id id);
CSN_MUST_USE enum csn_status csn_store_key_count(struct csn_store *store, struct csn_id app,
                                                 int64_t *count);
/* Later use wins; an unknown number is passed over. */
CSN_MUST_USE enum csn_status csn_store_key_touch(struct csn_store *store,
                                                 const struct csn_key_touch *touch);
/* Visits the keys of an app, oldest first. The row and its views hold only inside `visit`, which
 * must not visit itself. What `visit` returns other than CSN_OK ends the walk and is returned. */
CSN_MUST_USE enum csn_status
csn_store_key_each(struct csn_store *store, struct csn_id app,
                   enum csn_status (*visit)(void *state, const struct csn_key_row *row),
                   void *state);
/* --- JWKS addresses --- */
struct csn_jwks_row {
    struct csn_id app;
    struct csn_bytes url; /* sealed */
    enum csn_algorithm algorithm;
    int64_t due_ms;
    int64_t attempted_ms;
    int64_t fetched_ms;
    int64_t failures;
    struct csn_bytes error;
};
CSN_MUST_USE enum csn_status csn_store_jwks_set(struct csn_store *store,
                                                const struct csn_jwks_row *row);
CSN_MUST_USE enum csn_status csn_store_jwks_get(struct csn_store *store, struct csn_id app,
                                                struct csn_arena *arena, struct csn_jwks_row *out);
CSN_MUST_USE enum csn_status csn_store_jwks_remove(struct csn_store *store, struct csn_id app);
/* Those that are due longest, at most `limit`, whether or not their time has come. */
struct csn_jwks_due {
    struct csn_id app;
    int64_t due_ms;
};
CSN_MUST_USE enum csn_status csn_store_jwks_due(struct csn_store *store, struct csn_jwks_due *out,
                                                size_t limit, size_t *count);

#endif
