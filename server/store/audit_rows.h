/* Rows of the audit. Added and read, never changed: there is no operation that could.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_STORE_AUDIT_ROWS_H
#define CSN_SERVER_STORE_AUDIT_ROWS_H

#include "countersign/audit.h"
#include "server/store/store.h"

/* The account's last row. Returns: CSN_OK; CSN_NOT_FOUND (it has none); CSN_UNAVAILABLE. */
CSN_MUST_USE enum csn_status csn_store_audit_head(struct csn_store *store, struct csn_id account,
                                                  int64_t *number, uint8_t hash[CSN_AUDIT_HASH]);

CSN_MUST_USE enum csn_status csn_store_audit_add(struct csn_store *store,
                                                 const struct csn_audit_record *row);

/* Visits the account's rows beyond `from`, at most `limit`: newest first (from 0: the newest), or
 * oldest first (from 0: the oldest). A row's views hold only inside `visit`, which writes nothing.
 * Returns: what `visit` returned other than CSN_OK, which ends the walk; CSN_UNAVAILABLE. */
struct csn_audit_walk {
    struct csn_id account;
    int64_t from;
    bool oldest_first;
    size_t limit;
    enum csn_status (*visit)(void *state, const struct csn_audit_record *row);
    void *state;
};
CSN_MUST_USE enum csn_status csn_store_audit_each(struct csn_store *store,
                                                  const struct csn_audit_walk *walk);

/* How many denials the account has since then, counted up to `limit`. */
CSN_MUST_USE enum csn_status csn_store_audit_denials(struct csn_store *store, struct csn_id account,
                                                     int64_t since_ms, size_t limit, size_t *count);

#endif
