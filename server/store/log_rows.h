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
    int64_t items; /* how many there are … */
    int64_t bytes; /* … and of what length their bodies are, as they lie there: sealed */
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
/* CSN_CONFLICT: the id is there already in that direction (the row's seq is new by construction).
 */
CSN_MUST_USE enum csn_status csn_store_item_add(struct csn_store *store, struct csn_id app,
                                                struct csn_id customer,
                                                const struct csn_item_row *row);
/* Out: *seq of the item with that id in that direction. CSN_NOT_FOUND. */
CSN_MUST_USE enum csn_status csn_store_item_find(struct csn_store *store, struct csn_id app,
                                                 struct csn_id customer, int direction,
                                                 struct csn_bytes id, int64_t *seq);

/* Calls `each` for the items after `after` (or before `before`, newest first, where `backwards`),
 * until it returns false or `limit` were told. Its row lives until it returns. */
struct csn_item_range {
    int64_t after, before; /* exclusive; before 0: open */
    bool backwards;
    struct csn_bytes device; /* only what was sent to this device alone, as a claim; {0}: all */
    bool unclaimed;          /* of all: but for what a claim appended to this log */
    size_t limit;
};
CSN_MUST_USE enum csn_status
csn_store_item_each(struct csn_store *store, struct csn_id app, struct csn_id customer,
                    const struct csn_item_range *range,
                    bool (*each)(void *state, const struct csn_item_row *row), void *state);

/* A move between logs. Every item keeps its place in the order: seq + offset on the way there. */
struct csn_items_move {
    struct csn_id from, to;
    int64_t offset; /* `to`'s highest seq before: nothing of its own is overtaken */
    int64_t last;   /* the highest seq `from` ever gave */
};
/* Items that changed their place, or went. */
struct csn_items_sum {
    int64_t items, bytes; /* as in csn_log_row */
};
/* Items whose id `to` has already in their direction stay where they are. Out: *moved. One
 * statement, whatever the number. */
CSN_MUST_USE enum csn_status csn_store_items_move(struct csn_store *store, struct csn_id app,
                                                  const struct csn_items_move *move,
                                                  struct csn_items_sum *moved);
/* The same move undone: what came from `from` gets the seq that it had. */
CSN_MUST_USE enum csn_status csn_store_items_move_back(struct csn_store *store, struct csn_id app,
                                                       const struct csn_items_move *move,
                                                       struct csn_items_sum *moved);

/* What of a log is to go. */
struct csn_items_purge {
    int64_t before_ms;            /* what was received earlier … */
    struct csn_items_sum surplus; /* … and the oldest, until so many and so much are gone */
    size_t limit;                 /* no more items than that */
};
/* Deletes items of one log. Out: *purged. Cost: in proportion to the items deleted. */
CSN_MUST_USE enum csn_status csn_store_items_purge(struct csn_store *store, struct csn_id app,
                                                   struct csn_id customer,
                                                   const struct csn_items_purge *what,
                                                   struct csn_items_sum *purged);

/* Lets the next number of every log, and of every app's broadcasts, be `by` further on: cursors may
 * be out there that have read what this database does not know of. */
CSN_MUST_USE enum csn_status csn_store_logs_leap(struct csn_store *store, int64_t by);

/* A log, for whoever walks over those of all apps. */
struct csn_log_place {
    struct csn_id app, customer; /* {0}, {0}: before the first */
    struct csn_log_row log;
    int64_t retention_days; /* of its app; 0: without end */
};
/* In: *place. Out: *place, the next one. CSN_NOT_FOUND past the last. */
CSN_MUST_USE enum csn_status csn_store_log_next(struct csn_store *store,
                                                struct csn_log_place *place);

#endif
