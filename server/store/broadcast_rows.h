/* Rows of broadcasts (0009-experiences.sql), and how far each has been spread (0019-spread.sql).
 *
 * Plain reads and writes; what they mean is server/domain/broadcasts.h's. Bodies pass through
 * sealed. Every operation takes the app first and sees nothing of any other, but for the purge and
 * the one that the sender asks across all apps. All return CSN_OK, CSN_NOT_FOUND (no such row),
 * CSN_CONFLICT (a constraint refused), or CSN_UNAVAILABLE.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_STORE_BROADCAST_ROWS_H
#define CSN_SERVER_STORE_BROADCAST_ROWS_H

#include "server/store/store.h"

/* A broadcast. `body` borrows the caller where it is written; where it is read it lives in the
 * query's row, or the arena. */
struct csn_broadcast_row {
    int64_t number;
    struct csn_id id;
    int kind; /* enum csn_item_kind */
    int64_t created_ms, expires_ms;
    struct csn_bytes body; /* sealed */
    int spread;            /* enum csn_spread_state */
    int64_t told;          /* deliveries written for it; read only */
};

/* Out: *last number the app ever gave; 0 none yet. */
CSN_MUST_USE enum csn_status csn_store_broadcast_last(struct csn_store *store, struct csn_id app,
                                                      int64_t *last);
/* Gives the row the app's next number and adds it. In and out: row->number. */
CSN_MUST_USE enum csn_status csn_store_broadcast_add(struct csn_store *store, struct csn_id app,
                                                     struct csn_broadcast_row *row);
CSN_MUST_USE enum csn_status csn_store_broadcast_remove(struct csn_store *store, struct csn_id app,
                                                        struct csn_id id);
/* Out: the row, its body in the arena (CSN_NO_SPACE). */
CSN_MUST_USE enum csn_status csn_store_broadcast_get(struct csn_store *store, struct csn_id app,
                                                     struct csn_id id, struct csn_arena *arena,
                                                     struct csn_broadcast_row *out);
/* By id, the one after `after`, without its body. CSN_NOT_FOUND past the last. */
CSN_MUST_USE enum csn_status csn_store_broadcast_next(struct csn_store *store, struct csn_id app,
                                                      struct csn_id after,
                                                      struct csn_broadcast_row *out);
/* Out: *count of those that have not expired. */
CSN_MUST_USE enum csn_status csn_store_broadcast_count(struct csn_store *store, struct csn_id app,
                                                       int64_t now_ms, size_t *count);

/* Tells `each` those that have a number above `after`, have not expired and were made at or after
 * `since_ms`, in their order, until it returns false or `limit` were told. Its row lives until it
 * returns. */
struct csn_broadcast_range {
    int64_t after, since_ms, now_ms;
    size_t limit;
};
CSN_MUST_USE enum csn_status csn_store_broadcast_each(
    struct csn_store *store, struct csn_id app, const struct csn_broadcast_range *range,
    bool (*each)(void *state, const struct csn_broadcast_row *row), void *state);

/* Out: *since_ms: when the customer, or the first anonymous one linked to it, was made.
 * CSN_NOT_FOUND. */
CSN_MUST_USE enum csn_status csn_store_customer_since(struct csn_store *store, struct csn_id app,
                                                      struct csn_id customer, int64_t *since_ms);

/* --- spreading --- */
/* A broadcast under way. */
struct csn_spread_row {
    struct csn_id app;
    int64_t number;
    struct csn_id id;
    int64_t created_ms, expires_ms;
    char place[CSN_DEVICE_ID_MAX + 1]; /* the last device looked at */
    int64_t told;
    int state; /* enum csn_spread_state */
};
/* Of any app: the oldest that is under way of the first app after `after` that has one.
 * CSN_NOT_FOUND past the last. */
CSN_MUST_USE enum csn_status csn_store_spread_next(struct csn_store *store, struct csn_id after,
                                                   struct csn_spread_row *out);
/* Writes place, told and state. CSN_NOT_FOUND: it was withdrawn. */
CSN_MUST_USE enum csn_status csn_store_spread_set(struct csn_store *store,
                                                  const struct csn_spread_row *row);

/* Deletes what expired before, at most `limit`. Adds to *purged. */
CSN_MUST_USE enum csn_status csn_store_purge_broadcasts(struct csn_store *store, int64_t before_ms,
                                                        unsigned limit, uint64_t *purged);

#endif
