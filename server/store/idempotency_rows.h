/* Answers kept under their idempotency keys, as rows. The answers pass through sealed.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_STORE_IDEMPOTENCY_ROWS_H
#define CSN_SERVER_STORE_IDEMPOTENCY_ROWS_H

#include "server/store/store.h"

struct csn_idempotency_row {
    struct csn_id account, api_key;
    struct csn_id customer; /* written only: about whom it is; {0}: nobody */
    uint8_t name[32];       /* SHA-256 of the key */
    uint8_t request[32];    /* of the request */
    int64_t expires_ms;
    struct csn_bytes answer; /* sealed */
};

/* In: row->account, api_key, name. Out: the rest, the answer in the arena. Returns: CSN_OK;
 * CSN_NOT_FOUND; CSN_NO_SPACE; CSN_UNAVAILABLE. */
CSN_MUST_USE enum csn_status csn_store_idempotency_get(struct csn_store *store,
                                                       struct csn_arena *arena,
                                                       struct csn_idempotency_row *row);

/* Keeps the row in place of one of the same name; the account's oldest beyond `most` go. */
CSN_MUST_USE enum csn_status csn_store_idempotency_put(struct csn_store *store,
                                                       const struct csn_idempotency_row *row,
                                                       int64_t most);

/* Drops what expired before, at most `limit` rows. *dropped grows by them. */
CSN_MUST_USE enum csn_status csn_store_idempotency_purge(struct csn_store *store, int64_t before_ms,
                                                         unsigned limit, uint64_t *dropped);

#endif
