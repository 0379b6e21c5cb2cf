/* Management: what an API key may do to accounts, apps, policies and keys.
 *
 * Each operation runs inside the store's transaction, on the store's thread, over one
 * `struct csn_management`, and ends in one of three ways:
 *
 *   CSN_OK            rows are written, results lie in the arena, the new in-memory value is staged
 *                     in `change`: settle it once the outcome of the commit is known
 *   CSN_INVALID, CSN_CONFLICT, CSN_TOO_LARGE, CSN_NOT_FOUND, CSN_UNSUPPORTED
 *                     `refusal` says why, for the owner's eyes
 *   anything else     the world failed
 *
 * The tenant wall: every operation looks things up under `scope` and answers CSN_NOT_FOUND alike
 * for what is not there and for what is somebody else's.
 *
 * The operations are declared beside their nouns: management_accounts.h, management_apps.h,
 * management_keys.h, management_vendors.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_DOMAIN_MANAGEMENT_H
#define CSN_SERVER_DOMAIN_MANAGEMENT_H

#include "server/domain/change.h"
#include "server/domain/registry.h"
#include "server/store/store.h"

struct csn_decisions;
struct csn_random;

#define CSN_REFUSAL_TEXT_MAX 256

/* Whose things may be seen. {0} sees nothing. */
struct csn_scope {
    struct csn_id account;
    struct csn_id app; /* {0}: every app of the account */
    bool root;         /* may also see and make other accounts */
};

/* Returns: what this API key may see. */
struct csn_scope csn_scope_of(const struct csn_api_key *key);

enum csn_refusal_kind {
    CSN_REFUSED_VALUE = 0,
    CSN_REFUSED_UNKNOWN, /* there is no such member */
    CSN_REFUSED_MISSING, /* it must be there */
};

/* Why an operation refused, for problem+json. `field` and `detail` never hold a secret. */
struct csn_refusal {
    char field[CSN_CLAIM_NAME_MAX + 1]; /* the member at fault, "" for none */
    char detail[CSN_REFUSAL_TEXT_MAX];  /* one English sentence */
    enum csn_refusal_kind kind;         /* of CSN_INVALID with a field */
    enum csn_key_problem key_problem;   /* what was wrong with key material, else NONE */
};

/* One operation under way. The caller fills the first part. */
struct csn_management {
    struct csn_registry *registry;
    struct csn_store *store; /* inside a transaction */
    const struct csn_random *random;
    struct csn_arena *arena; /* >= CSN_MANAGEMENT_ARENA bytes free; results lie here. Wipe it when
                                an operation returned a secret or private key */
    struct csn_scope scope;
    struct csn_decisions *decisions; /* knows uses of keys not written down yet; NULL: none */

    struct csn_change change;   /* to settle after the commit, whatever the operation returned */
    struct csn_refusal refusal; /* why, when it returned anything but CSN_OK */
};
#define CSN_MANAGEMENT_ARENA (160 * 1024)

/* A list answer asks for rows after `after` (an id; {0}: from the start), at most `limit`
 * (0: CSN_PAGE_DEFAULT; more than CSN_PAGE_MAX is cut to it). */
#define CSN_PAGE_DEFAULT 50
struct csn_page {
    struct csn_id after;
    size_t limit;
};

#endif
