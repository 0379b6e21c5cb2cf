/* The log: everything one customer and the app said to each other, in one order.
 *
 *   append   items with ids made by whoever says them; an id that is there already, in the same
 *            direction, is the same item: what a client says cannot stand in the app's way
 *   read     what comes after a cursor, as far as the reader may see (rights.h)
 *   link     an anonymous customer's items move behind those of the customer it turned out to be
 *   unlink   and back
 *
 * Each operation runs inside one job, like sessions.h, and takes effect wholly or not at all. A
 * body is JSON, sealed under the key of the customer it was written for; who holds the database
 * without the master key reads nothing, and erasing a customer is destroying that key.
 *
 * Order is the order of seq. A cursor is the seq up to which one has read; it is valid for ever, in
 * that log.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_DOMAIN_LOG_H
#define CSN_SERVER_DOMAIN_LOG_H

#include "server/domain/rights.h"
#include "server/domain/sessions.h"
#include "server/store/log_rows.h"

#define CSN_ITEMS_MAX 500           /* of one append */
#define CSN_ITEM_BODY_MAX 32768     /* bytes of one body, as JSON text */
#define CSN_ITEMS_READ_MAX 200      /* of one read */
#define CSN_ITEMS_READ_BYTES 131072 /* bytes of bodies of one read; one item always fits */

/* Of one customer's log: beyond either the oldest go, by housekeeping. */
#define CSN_LOG_ITEMS_MAX 5000000
#define CSN_LOG_BYTES_MAX 1073741824 /* bodies, sealed */

/* Of an anonymous one's: beyond either an item is refused. A link rewrites all of it in one
 * transaction, for which everybody waits, and whoever reaches the SDK API can fill it: 5,000 items
 * of the largest size would be 160 MB. Bytes are those of bodies as they lie there: sealed, each
 * with CSN_SEAL_OVERHEAD of ours. (docs/decisions/0026-how-much-a-log-holds.md) */
#define CSN_LOG_ANONYMOUS_ITEMS_MAX 5000
#define CSN_LOG_ANONYMOUS_BYTES_MAX 4194304

/* Stored: append only. */
enum csn_item_kind {
    CSN_ITEM_UNSET = 0,
    CSN_ITEM_MESSAGE,    /* of a conversation, either way */
    CSN_ITEM_EVENT,      /* what the customer did; up */
    CSN_ITEM_EXPERIENCE, /* up: what became of one that was shown; down: one for this customer */
    CSN_ITEM_PUSH,       /* down */
    CSN_ITEM_NOTE,       /* by the app's people about the customer; no SDK ever sees it */
};
const char *csn_item_kind_name(enum csn_item_kind kind); /* "message" */
enum csn_item_kind csn_item_kind_from_name(struct csn_bytes name);

enum csn_item_direction { CSN_DIRECTION_UNSET = 0, CSN_UP, CSN_DOWN };
const char *csn_item_direction_name(enum csn_item_direction direction); /* "up" */

/* --- append --- */
enum csn_item_fault {
    CSN_ITEM_FINE = 0,
    CSN_ITEM_ID_INVALID,
    CSN_ITEM_KIND_INVALID, /* unknown, or not to be sent in this direction */
    CSN_ITEM_BODY_TOO_LARGE,
    CSN_ITEM_TIME_INVALID,
    CSN_ITEM_LOG_FULL, /* of an anonymous customer: in items or, with this one, in bytes */
    CSN_ITEM_BODY_MISSING,
    CSN_ITEM_FIELD_UNKNOWN, /* whoever read it found a member that no item has */
    CSN_ITEM_MISSHAPEN,     /* or no object */
};
const char *csn_item_fault_name(enum csn_item_fault fault); /* "id_invalid" */

struct csn_item {
    struct csn_bytes id; /* 1..CSN_ITEM_ID_MAX of [A-Za-z0-9._-] */
    enum csn_item_kind kind;
    int64_t created_ms;          /* by the client's word; 0: now */
    struct csn_bytes body;       /* one JSON value, <= CSN_ITEM_BODY_MAX */
    enum csn_item_fault misread; /* what was wrong before it was an item; FINE: nothing */
};

enum csn_append {
    CSN_APPEND_UNSET = 0,
    CSN_APPENDED,
    CSN_DUPLICATE, /* its id is there, in this direction: nothing was written, it counts as done */
    CSN_REFUSED,   /* it can never succeed as it is */
};

struct csn_appended {
    enum csn_append outcome;
    enum csn_item_fault fault; /* of REFUSED */
    int64_t seq;               /* of APPENDED and DUPLICATE */
};

struct csn_append_in {
    struct csn_id app, customer;
    enum csn_item_direction direction;
    enum csn_assurance
        assurance;           /* of who appends; DOWN: VERIFIED, or CLAIMED for a device so bound */
    struct csn_bytes device; /* UP: it comes from; DOWN: it is for, {0}: every device */
    const struct csn_item *items;
    size_t count; /* <= CSN_ITEMS_MAX */
};
/* Out: out[i] for items[i], and *last, the log's highest seq now. An id twice in one append is the
 * same item twice. Returns: CSN_OK; CSN_NOT_FOUND (no such customer in the app); CSN_CONFLICT (it
 * was linked to another: its log takes nothing more, and its sessions are over; the same ids may be
 * sent again to the owner's log); CSN_CRYPTO (the customer's key does not open); CSN_UNAVAILABLE.
 * Cost: one customer read, the log's counters read and written once, one insert per item. */
CSN_MUST_USE enum csn_status csn_log_append(const struct csn_sessions *sessions,
                                            struct csn_store *store, const struct csn_append_in *in,
                                            struct csn_appended *out, int64_t *last,
                                            int64_t now_ms);

/* One item of the app's owner. A push goes to push addresses too (outbox.h). What is sent to a
 * device that only claims its customer is marked as unverified: it is all that a claim reads. */
struct csn_send_in {
    struct csn_id app, customer; /* an anonymous one that was linked means its owner */
    struct csn_bytes device;     /* {0}: every device */
    const struct csn_item *item;
};
struct csn_send_out {
    struct csn_id customer; /* in whose log it lies */
    bool device_unknown;    /* why CSN_NOT_FOUND: the customer has no such device */
    struct csn_appended result;
};
/* Returns: as csn_log_append, and CSN_NOT_FOUND for a device that is not the customer's. */
CSN_MUST_USE enum csn_status csn_log_send(const struct csn_sessions *sessions,
                                          struct csn_store *store, const struct csn_send_in *in,
                                          struct csn_send_out *out, int64_t now_ms);

/* Returns: what is wrong with an item that says so by itself, whoever appends it. */
enum csn_item_fault csn_item_check(const struct csn_item *item, enum csn_item_direction direction);

/* --- read --- */
struct csn_read_item {
    int64_t seq;
    struct csn_bytes id;
    enum csn_item_kind kind;
    enum csn_item_direction direction;
    bool unverified;
    bool broadcast;       /* it stands in nobody's log: seq is its number among the app's */
    struct csn_id origin; /* the linked anonymous customer it came with; else the customer */
    struct csn_bytes device;
    int64_t created_ms, received_ms;
    struct csn_bytes body; /* JSON */
};
struct csn_read_in {
    struct csn_id app, customer;
    enum csn_view view;      /* NOTHING reads nothing */
    struct csn_bytes device; /* of a reader with CSN_VIEW_CLAIM; {0}: it sees nothing */
    bool unclaimed;          /* passes over what a claim appended */
    int64_t after;           /* the reader's cursor: 0 from the beginning */
    bool backwards;          /* newest first, from `before` (0: the end) down to `after` */
    int64_t before;          /* exclusive; forwards too, 0: the end */
    size_t limit;            /* 1..CSN_ITEMS_READ_MAX */
};
struct csn_read_out {
    const struct csn_read_item *items; /* in the arena, as everything they view: wipe it */
    size_t count;
    int64_t cursor; /* the last seq read, also of what was not shown; in->after where none was:
                       forwards to go on after, backwards to go on before */
    bool more;      /* there is more to read at once */
    size_t damaged; /* items passed over because they do not open */
};
/* A customer without items reads as empty. An item whose key was destroyed is passed over, as is
 * one that does not open: a damaged row must not end the history behind it.
 * Returns: CSN_OK; CSN_NOT_FOUND (no such customer, or it was erased); CSN_CRYPTO (its key does not
 * open); CSN_NO_SPACE (the arena does not hold even the first); CSN_UNAVAILABLE. The arena may hold
 * bodies whatever it returns. */
CSN_MUST_USE enum csn_status csn_log_read(const struct csn_sessions *sessions,
                                          struct csn_store *store, const struct csn_read_in *in,
                                          struct csn_arena *arena, struct csn_read_out *out);

/* --- link and unlink: called by the operations of sessions.h and customers.h, in their job --- */
struct csn_log_moved {
    int64_t place; /* the seq of the owner's log behind which the items were put */
    int64_t items; /* how many */
};
/* Moves all items of the anonymous `from` behind those of `to`, in their order. One whose id is
 * there already is the same item: it stays where it is. Cost: without items, one read. */
CSN_MUST_USE enum csn_status csn_log_move(struct csn_store *store, struct csn_id app,
                                          struct csn_id from, struct csn_id to,
                                          struct csn_log_moved *out);
/* Takes what was moved behind `place` out of the log of `from`, back into that of `origin`, each
 * with the seq it had. Out: *items moved; what was purged meanwhile is gone. */
CSN_MUST_USE enum csn_status csn_log_move_back(struct csn_store *store, struct csn_id app,
                                               struct csn_id from, struct csn_id origin,
                                               int64_t place, int64_t *items);

/* --- retention --- */
#define CSN_LOGS_WALKED_MAX 200  /* logs of one slice */
#define CSN_ITEMS_PURGED_MAX 500 /* items of one slice: others wait for its end */

/* A walk over the logs of all apps, slice by slice. {0}: at the beginning. */
struct csn_log_walk {
    struct csn_id app, customer; /* the last log that is done */
    int64_t purged;              /* items, by this slice */
    bool ended;                  /* by this slice: the next one begins again */
};
/* One slice: items older than their app keeps them go, and the oldest of a log beyond
 * CSN_LOG_ITEMS_MAX or CSN_LOG_BYTES_MAX. An item is kept for its app's days to the millisecond,
 * counted from when it was received. Returns: CSN_OK; CSN_UNAVAILABLE, and the walk stays where it
 * was. */
CSN_MUST_USE enum csn_status csn_log_purge(struct csn_store *store, struct csn_log_walk *walk,
                                           int64_t now_ms);

#endif
