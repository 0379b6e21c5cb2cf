/* The audit: who changed what, one row a change, in the transaction of the change itself.
 *
 * A row belongs to the account whose API key asked; what the program does by itself (first start,
 * restore, keys it fetched) to the account it was done to. Secrets are never in it: of a change the
 * names of its fields are kept, and of a few fields that cannot be secret the value.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_DOMAIN_AUDIT_H
#define CSN_SERVER_DOMAIN_AUDIT_H

#include "countersign/audit.h"
#include "server/domain/model.h"
#include "server/store/store.h"

#define CSN_AUDIT_DENIED_MAX 100       /* denials written down of an account in … */
#define CSN_AUDIT_DENIED_MS 86400000LL /* … this time; what is beyond is not */

/* What a row says. Empty texts and {0} are "none". */
struct csn_audit_entry {
    struct csn_id account;
    const char *request; /* its id */
    struct csn_id api_key;
    struct csn_bytes api_key_name;
    const char *operation;
    struct csn_id app;
    const char *target;
    const char *changed; /* JSON; NULL: {} */
    bool denied;         /* an API key without the role for it; nothing was changed */
};

/* Appends the row, inside the transaction. A denial beyond CSN_AUDIT_DENIED_MAX is passed over.
 * Returns: CSN_OK; CSN_TOO_LARGE; CSN_UNAVAILABLE. */
CSN_MUST_USE enum csn_status csn_audit_append(struct csn_store *store,
                                              const struct csn_audit_entry *entry, int64_t now_ms);

/* Checks the account's chain as the store has it. Out: *chain, whose `noted_*` the caller has set.
 * Returns: CSN_OK, with chain->fault; CSN_UNAVAILABLE. */
CSN_MUST_USE enum csn_status csn_audit_check(struct csn_store *store, struct csn_id account,
                                             struct csn_audit_chain *chain);

#endif
