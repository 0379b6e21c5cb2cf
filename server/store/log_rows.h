/* Rows of logs and their items (0006-log.sql).
 *
 * Plain reads and writes; what they mean is server/domain/log.h's. Bodies pass through sealed.
 * Every operation takes the app first and sees nothing of any other. All return CSN_OK,
 * CSN_NOT_FOUND (no such row), CSN_CONFLICT (a constraint refused), or CSN_UNAVAILABLE.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_STORE_LOG_ROWS_H
#define CSN_SERVER_STORE_LOG_ROWS_H

#include "server/store/store.h"

#define CSN_ITEM_ID_MAX 64 /* bytes of an item's id */

struct csn_log_row {
    int64_t last;  /* highest seq ever given; 0: none */
    int64_t items; /* how many there are */
};
/* Out: {0} where the customer has no log yet: that is CSN_OK. */
CSN_MUST_USE enum csn_status csn_store_log_get(struct csn_store *store, struct csn_id app,
                                               struct csn_id customer, struct csn_log_row *out);
CSN_MUST_USE enum csn_status csn_store_log_put(struct csn_store *store, struct csn_id app,
                                               struct csn_id customer,
                                               const struct csn_log_row *row);

/* An item. Views borrow the caller where it is written, and the query's row where it is read. */
struct csn_item_row {
    int64_t seq;
    struct csn_bytes id;
    struct csn_id origin;
    int kind, direction; /* enum csn_item_kind, enum csn_item_direction */
    bool unverified;
    struct csn_bytes device; /* {0}: for every device */
    int64_t created_ms, received_ms;
    struct csn_bytes body; /* sealed */
};
/* CSN_CONFLICT: the id is there already (the row's seq is new by construction). */
CSN_MUST_USE enum csn_status csn_store_item_add(struct csn_store *store, struct csn_id app,
                                                struct csn_id customer,
                                                const struct csn_item_row *row);
/* Out: *seq of the item with that id. CSN_NOT_FOUND. */
CSN_MUST_USE enum csn_status csn_store_item_find(struct csn_store *store, struct csn_id app,
                                                 struct csn_id customer, struct csn_bytes id,
                                                 int64_t *seq);

/* Calls `each` for the items after `after` (or before `before`, newest first, where `backwards`),
 * until it returns false or `limit` were told. Its row lives until it returns. */
struct csn_item_range {
    int64_t after, before; /* exclusive; before 0: open */
    bool backwards;
    struct csn_bytes device; /* only what is sent down to this device; {0}: all */
    size_t limit;
};
CSN_MUST_USE enum csn_status
csn_store_item_each(struct csn_store *store, struct csn_id app, struct csn_id customer,
                    const struct csn_item_range *range,
                    bool (*each)(void *state, const struct csn_item_row *row), void *state);

/* Moves every item of `from` behind `offset`: seq becomes seq + offset, in the log of `to`. Items
 * whose id `to` has already stay where they are. Out: *moved. One statement, whatever the number.
 */
CSN_MUST_USE enum csn_status csn_store_items_move(struct csn_store *store, struct csn_id app,
                                                  struct csn_id from, struct csn_id to,
                                                  int64_t offset, int64_t *moved);
/* The way back: only those of `origin`. */
CSN_MUST_USE enum csn_status csn_store_items_move_back(struct csn_store *store, struct csn_id app,
                                                       struct csn_id from, struct csn_id origin,
                                                       int64_t offset, int64_t *moved);

/* Deletes the items of one log received before `before_ms`, oldest first, at most `limit`; and what
 * lies beyond the newest `keep` (0: no such bound). Out: *purged. Cost: in proportion to *purged.
 */
CSN_MUST_USE enum csn_status csn_store_items_purge(struct csn_store *store, struct csn_id app,
                                                   struct csn_id customer, int64_t before_ms,
                                                   int64_t keep, size_t limit, size_t *purged);
/* The log after this one, in any app, for whoever walks over all of them. {0}, {0}: the first.
 * CSN_NOT_FOUND past the last. In and out: *app, *customer. */
CSN_MUST_USE enum csn_status csn_store_log_next(struct csn_store *store, struct csn_id *app,
                                                struct csn_id *customer);

#endif
