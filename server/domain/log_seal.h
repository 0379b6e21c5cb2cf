/* How a body of the log is sealed: under a key made from the data key of its origin, the customer
 * it was written for. The app's, the origin's and the item's id are in the seal, the log it lies in
 * is not: a link moves an item without touching it, and a body in the place of another does not
 * open.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_DOMAIN_LOG_SEAL_H
#define CSN_SERVER_DOMAIN_LOG_SEAL_H

#include "server/domain/log.h"
#include "server/domain/session_keys.h"

#define CSN_ITEM_SEALED_MAX (CSN_ITEM_BODY_MAX + CSN_SEAL_OVERHEAD)

/* Whose items, and their key. Wipe it. */
struct csn_item_key {
    struct csn_id app, origin;
    struct csn_seal_key key;
};

/* In: the row of the customer that is the origin. Out: *out. Returns: CSN_OK; CSN_NOT_FOUND (its
 * key was destroyed); CSN_CRYPTO (another master key, or a damaged row). */
CSN_MUST_USE enum csn_status csn_item_key_open(const struct csn_sessions *sessions,
                                               struct csn_id app,
                                               const struct csn_customer_row *row,
                                               struct csn_item_key *out);

/* Appends the sealed body. Returns: CSN_OK, CSN_NO_SPACE. */
CSN_MUST_USE enum csn_status csn_item_seal(const struct csn_random *random,
                                           const struct csn_item_key *key, struct csn_bytes id,
                                           struct csn_bytes body, struct csn_buffer *out);

/* Appends the body: wipe it. Returns: CSN_OK; CSN_CRYPTO (it is not the body of this item);
 * CSN_NO_SPACE. */
CSN_MUST_USE enum csn_status csn_item_open(const struct csn_item_key *key, struct csn_bytes id,
                                           struct csn_bytes sealed, struct csn_buffer *out);

#endif
