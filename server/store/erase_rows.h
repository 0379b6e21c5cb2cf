/* Rows of erasures (0017-erase.sql), and what an erasure takes away.
 *
 * All return CSN_OK, CSN_NOT_FOUND (no such row), or CSN_UNAVAILABLE.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_STORE_ERASE_ROWS_H
#define CSN_SERVER_STORE_ERASE_ROWS_H

#include "server/store/store.h"

struct csn_erasure_row {
    struct csn_id customer, owner; /* owner {0}: erased by itself */
    int64_t erased_ms, swept_ms;   /* swept_ms 0: rows are left */
    uint8_t key_hash[32];
    bool has_party;    /* written only */
    uint8_t party[16]; /* its pseudonym: what its decisions are found by until it is swept */
};

/* Overwrites key and identity, deletes the profile and the answers kept about it, and writes the
 * row. After the commit the log of writes is cut, so that no copy of the key is left in it.
 * CSN_NOT_FOUND: no such customer. */
CSN_MUST_USE enum csn_status csn_store_customer_erase(struct csn_store *store, struct csn_id app,
                                                      const struct csn_erasure_row *row);
CSN_MUST_USE enum csn_status csn_store_erasure_get(struct csn_store *store, struct csn_id app,
                                                   struct csn_id customer,
                                                   struct csn_erasure_row *out);
/* By id, those linked to `owner`, after `after`. CSN_NOT_FOUND past the last. */
CSN_MUST_USE enum csn_status csn_store_linked_next(struct csn_store *store, struct csn_id app,
                                                   struct csn_id owner, struct csn_id after,
                                                   struct csn_id *out);
/* The last of those linked to `owner` that was erased with it; {0}: none was. */
CSN_MUST_USE enum csn_status csn_store_linked_erased(struct csn_store *store, struct csn_id app,
                                                     struct csn_id owner, struct csn_id *out);
/* One that was erased before `before_ms` and has rows left, in any app. CSN_NOT_FOUND: none. */
CSN_MUST_USE enum csn_status csn_store_erasure_unswept(struct csn_store *store, int64_t before_ms,
                                                       struct csn_id *app, struct csn_id *customer);
/* Deletes rows of an erased customer, at most `limit` (and those of one visitor to the days'
 * figures together). Out: *swept of them: fewer than the limit means that none is left, and then
 * the row says so. */
CSN_MUST_USE enum csn_status csn_store_erasure_sweep(struct csn_store *store, struct csn_id app,
                                                     struct csn_id customer, size_t limit,
                                                     size_t *swept, int64_t now_ms);

/* --- what stays: an identity's revocation (0023-erased-revocations.sql) --- */
struct csn_erased_revocation_row {
    uint8_t identity_hash[CSN_NAME_HASH];
    int64_t revoked_before_ms, expires_ms;
};
/* Of two, the later times count. */
CSN_MUST_USE enum csn_status
csn_store_erased_revocation_add(struct csn_store *store, struct csn_id app,
                                const struct csn_erased_revocation_row *row);
/* Out: *revoked_before_ms; 0: nothing was left. Returns: CSN_OK, CSN_UNAVAILABLE. */
CSN_MUST_USE enum csn_status
csn_store_erased_revocation_get(struct csn_store *store, struct csn_id app,
                                const uint8_t identity_hash[CSN_NAME_HASH],
                                int64_t *revoked_before_ms);
/* Has all of the app last `life_ms` after their times; where that is 0, until `never_ms`. */
CSN_MUST_USE enum csn_status csn_store_erased_revocations_last(struct csn_store *store,
                                                               struct csn_id app, int64_t life_ms,
                                                               int64_t never_ms);
/* Deletes what expired before, at most `limit` rows. *purged grows by them. */
CSN_MUST_USE enum csn_status csn_store_purge_erased_revocations(struct csn_store *store,
                                                                int64_t before_ms, unsigned limit,
                                                                uint64_t *purged);

/* What there still is of a customer and of those linked to it: all 0 once they are erased and
 * swept. Cost: grows with their number. */
struct csn_remains {
    bool key, identity;
    int64_t items, devices, sessions;
    int64_t decisions; /* rows that know the erased one by its pseudonym */
};
CSN_MUST_USE enum csn_status csn_store_customer_remains(struct csn_store *store, struct csn_id app,
                                                        struct csn_id customer,
                                                        struct csn_remains *out);

#endif
