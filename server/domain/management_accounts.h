/* Accounts and their API keys.
 *
 * An API key is a public name "csk_" + 22 characters and a secret of 43 characters, both base64url.
 * Only a keyed hash of the secret is kept: it is shown once, when it is made.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_DOMAIN_MANAGEMENT_ACCOUNTS_H
#define CSN_SERVER_DOMAIN_MANAGEMENT_ACCOUNTS_H

#include "server/domain/management.h"

#define CSN_API_KEY_NAME_LENGTH 26   /* "csk_" + 22 */
#define CSN_API_KEY_SECRET_LENGTH 43 /* 32 random bytes in base64url */
#define CSN_API_KEYS_PER_ACCOUNT_MAX 1000

struct csn_account_info {
    struct csn_id id;
    struct csn_bytes name;
    bool root;
    int64_t created_ms;
};

struct csn_api_key_info {
    struct csn_id id;
    char key[CSN_API_KEY_NAME_LENGTH + 1]; /* the public name */
    struct csn_bytes name;
    unsigned roles;    /* enum csn_role bits */
    struct csn_id app; /* {0}: every app of the account */
    int64_t created_ms;
    int64_t expires_ms;   /* 0 = never */
    int64_t last_used_ms; /* 0 = never; exact to a few seconds */
};

struct csn_api_key_request {
    struct csn_bytes name; /* 1..CSN_NAME_MAX bytes */
    unsigned roles;        /* at least one bit */
    struct csn_id app;     /* {0}: every app of the account */
    int64_t expires_ms;    /* 0 = never; must lie in the future */
};

/* A new API key with the secret that is shown this once. */
struct csn_api_key_made {
    struct csn_api_key_info info;
    char secret[CSN_API_KEY_SECRET_LENGTH + 1]; /* wipe after use */
};

/* "admin", "user", "viewer", "org.admin", "org.user". Returns: the bit, 0 when unknown. */
unsigned csn_role_from_name(struct csn_bytes name);
/* Writes an array of the names: ["admin","user"]. */
void csn_roles_write(unsigned set, struct csn_json_writer *w);

/* Makes one more admin key of the root account, that never expires. Looks at no scope. */
CSN_MUST_USE enum csn_status csn_management_admin_key(struct csn_management *m, struct csn_id root,
                                                      struct csn_api_key_made *made,
                                                      int64_t now_ms);

/* First start: where there is no account, makes the root account and one admin key that never
 * expires. Looks at no scope. Out: *made and *created = true, or *created = false. */
CSN_MUST_USE enum csn_status csn_management_first_start(struct csn_management *m, bool *created,
                                                        struct csn_api_key_made *made,
                                                        int64_t now_ms);

/* Root only; CSN_NOT_FOUND for others. */
CSN_MUST_USE enum csn_status csn_management_account_create(struct csn_management *m,
                                                           struct csn_bytes name,
                                                           struct csn_account_info *out,
                                                           int64_t now_ms);
/* The scope's own account, or for root any. */
CSN_MUST_USE enum csn_status csn_management_account_get(struct csn_management *m,
                                                        struct csn_id account,
                                                        struct csn_account_info *out);
/* Root: every account; others: their own. Out: *out, *count entries in the
 * arena; *more: there are further ones. */
CSN_MUST_USE enum csn_status csn_management_account_list(struct csn_management *m,
                                                         struct csn_page page,
                                                         const struct csn_account_info **out,
                                                         size_t *count, bool *more);

/* Makes a key of `account`: the scope's own, or for root any. A scope with an app makes only keys
 * with that app. */
CSN_MUST_USE enum csn_status csn_management_api_key_create(struct csn_management *m,
                                                           struct csn_id account,
                                                           const struct csn_api_key_request *with,
                                                           struct csn_api_key_made *made,
                                                           int64_t now_ms);
CSN_MUST_USE enum csn_status
csn_management_api_key_list(struct csn_management *m, struct csn_id account, struct csn_page page,
                            const struct csn_api_key_info **out, size_t *count, bool *more);
/* Revokes by id ("01H…") or public name ("csk_…"): gone for good, refused from the moment the
 * change is settled. The last admin key of the root account is refused (CSN_CONFLICT). */
CSN_MUST_USE enum csn_status csn_management_api_key_revoke(struct csn_management *m,
                                                           struct csn_id account,
                                                           struct csn_bytes id_or_key,
                                                           int64_t now_ms);

#endif
