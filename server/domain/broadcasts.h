/* Broadcasts: what an app says to all its customers at once. One row, however many they are.
 *
 * A broadcast reaches every device of every customer that was there when it was made, until it
 * expires or is withdrawn. It stands in nobody's log: whoever reads a log reads the broadcasts
 * beside it, with a place of its own in the cursor. Its body is sealed under a key of the app.
 * One of the kind push reaches push addresses too (spread.h).
 *
 * Run inside one job each, like sessions.h. The order is that of `number`, which grows with each
 * broadcast of the app and is never given twice.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_DOMAIN_BROADCASTS_H
#define CSN_SERVER_DOMAIN_BROADCASTS_H

#include "server/domain/log.h"
#include "server/store/broadcast_rows.h"

#define CSN_BROADCASTS_MAX 1000                 /* of one app that have not expired */
#define CSN_BROADCAST_LIFE_MS (30 * 86400000LL) /* where none is said */
#define CSN_BROADCAST_LIFE_MAX_MS (400 * 86400000LL)

/* Where the spreading to push addresses is (spread.h). Stored: append only. */
enum csn_spread_state {
    CSN_SPREAD_NONE = 0, /* its kind does not push */
    CSN_SPREAD_UNDER_WAY,
    CSN_SPREAD_DONE,
};

struct csn_broadcast_info {
    struct csn_id id;
    int64_t number;
    enum csn_item_kind kind;
    int64_t created_ms, expires_ms;
    enum csn_spread_state spread;
    int64_t told;          /* devices that a delivery was written for */
    struct csn_bytes body; /* JSON; {0} in a list */
};

/* Returns: a broadcast may be of this kind: message, experience or push. */
bool csn_broadcast_kind_valid(enum csn_item_kind kind);

struct csn_broadcast_new {
    struct csn_id app;
    enum csn_item_kind kind;
    struct csn_bytes body; /* one JSON value, 1..CSN_ITEM_BODY_MAX */
    int64_t expires_ms;    /* 0: CSN_BROADCAST_LIFE_MS from now */
};
/* Out: *out; its body borrows the input. Returns: CSN_OK; CSN_INVALID (kind, body, or it expires
 * in the past or beyond CSN_BROADCAST_LIFE_MAX_MS); CSN_CONFLICT (CSN_BROADCASTS_MAX are there);
 * CSN_UNAVAILABLE. */
CSN_MUST_USE enum csn_status csn_broadcast_create(const struct csn_sessions *sessions,
                                                  struct csn_store *store,
                                                  const struct csn_broadcast_new *in,
                                                  struct csn_broadcast_info *out, int64_t now_ms);

/* Withdraws it: whoever has not read it never will. Returns: CSN_OK, CSN_NOT_FOUND. */
CSN_MUST_USE enum csn_status csn_broadcast_withdraw(struct csn_store *store, struct csn_id app,
                                                    struct csn_id id);

/* Out: the body in the arena. Returns: CSN_OK, CSN_NOT_FOUND, CSN_CRYPTO, CSN_NO_SPACE. */
CSN_MUST_USE enum csn_status csn_broadcast_get(const struct csn_sessions *sessions,
                                               struct csn_store *store, struct csn_id app,
                                               struct csn_id id, struct csn_arena *arena,
                                               struct csn_broadcast_info *out);

/* Those after `after` ({0}: from the first), in the order of their ids, without bodies; expired
 * ones too, until housekeeping takes them. */
CSN_MUST_USE enum csn_status csn_broadcast_list(struct csn_store *store, struct csn_id app,
                                                struct csn_id after, struct csn_broadcast_info *out,
                                                size_t limit, size_t *count);

/* Out: *out: the customer may see what was made then: it was there by then, or the first anonymous
 * one linked to it was. Returns: CSN_OK, CSN_NOT_FOUND (no such customer), CSN_UNAVAILABLE. */
CSN_MUST_USE enum csn_status csn_broadcast_is_for(struct csn_store *store, struct csn_id app,
                                                  struct csn_id customer, int64_t created_ms,
                                                  bool *out);

/* --- reading, beside csn_log_read --- */
/* A broadcast as an item for the customer: seq is its number. Borrows the body, and the id from
 * `info`. */
struct csn_read_item csn_broadcast_item(const struct csn_broadcast_info *info,
                                        struct csn_id customer);

struct csn_broadcast_read_in {
    struct csn_id app, customer;
    enum csn_view view; /* NOTHING reads nothing */
    int64_t after;      /* the reader's place: 0 from the first */
    size_t limit;       /* 1..CSN_ITEMS_READ_MAX */
};
/* Out: as csn_log_read gives items, forwards: seq is the number, direction down, for every device,
 * origin the customer; at most CSN_ITEMS_READ_BYTES of bodies, and one always fits. `cursor` is the
 * place to go on from, also past what was not shown.
 * A customer reads those made since it was, or since the first anonymous one linked to it was.
 * Returns: CSN_OK, CSN_NOT_FOUND (no such customer), CSN_CRYPTO, CSN_NO_SPACE (the arena),
 * CSN_UNAVAILABLE. */
CSN_MUST_USE enum csn_status csn_broadcast_read(const struct csn_sessions *sessions,
                                                struct csn_store *store,
                                                const struct csn_broadcast_read_in *in,
                                                struct csn_arena *arena, struct csn_read_out *out,
                                                int64_t now_ms);

#endif
