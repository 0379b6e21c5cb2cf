/* Rows of profiles (0008-profile.sql).
 *
 * Plain reads and writes; what they mean is server/domain/profile.h's. What is sealed passes
 * through unread. Every operation takes the app first and sees nothing of any other. All return
 * CSN_OK, CSN_NOT_FOUND (no such row), CSN_CONFLICT (a constraint refused), or CSN_UNAVAILABLE.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_STORE_PROFILE_ROWS_H
#define CSN_SERVER_STORE_PROFILE_ROWS_H

#include "server/store/session_rows.h"

struct csn_profile_row {
    int64_t version;
    bool has_email;
    uint8_t email_hash[CSN_NAME_HASH];
    struct csn_bytes sealed; /* borrows the caller; in the arena where it is read */
    int64_t changed_ms;
};
/* Out: {0} where the customer has no profile: that is CSN_OK. CSN_NO_SPACE: the arena is full. */
CSN_MUST_USE enum csn_status csn_store_profile_get(struct csn_store *store, struct csn_id app,
                                                   struct csn_id customer, struct csn_arena *arena,
                                                   struct csn_profile_row *out);
CSN_MUST_USE enum csn_status csn_store_profile_put(struct csn_store *store, struct csn_id app,
                                                   struct csn_id customer,
                                                   const struct csn_profile_row *row);
/* The customer after `after` (by id) whose profile has that e-mail. CSN_NOT_FOUND past the last. */
CSN_MUST_USE enum csn_status csn_store_profile_next(struct csn_store *store, struct csn_id app,
                                                    const uint8_t email_hash[CSN_NAME_HASH],
                                                    struct csn_id after, struct csn_id *out);

#endif
