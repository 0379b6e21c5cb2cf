/* Live: which streams are open, whose they are, and what each is doing now. A stream is one reader
 * of one customer's log, told of what comes as it comes.
 *
 *                 take, nothing left                  tell
 *     RUNNING ─────────────────────────► RESTING ──────────────► WAITING ────────► READING
 *        ▲       (paused)                   │    its turn to read   │    a free read   │
 *        └──────── resumed ◄──── beat, end ─┴───────────────────────┘ ◄──── its page ──┘
 *
 * RUNNING belongs to whoever carries its bytes (server/http), who takes them as the peer does; the
 * others to the hub. So nothing is read before the last page was taken: that is the back-pressure,
 * and a stream costs a page of memory only while it sends one. At most CSN_LIVE_READS_MAX reads are
 * under way; the others stand in line, so that news for everybody cannot fill the store's queue.
 *
 * How a page is read and whether a reader still may are two functions it is made with. It knows
 * neither SQL nor HTTP, nor what a page says. Any thread; one lock, held shortly.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_LIVE_LIVE_H
#define CSN_SERVER_LIVE_LIVE_H

#include "countersign/reason.h"
#include "server/domain/rights.h"

#define CSN_LIVE_STREAMS_MAX 16384        /* open in all: more are refused */
#define CSN_LIVE_CUSTOMER_STREAMS_MAX 256 /* of one customer */
#define CSN_LIVE_CLAIM_STREAMS_MAX 64   /* of all who claim to be one: they take no other's place */
#define CSN_LIVE_SESSION_STREAMS_MAX 16 /* of one session */
#define CSN_LIVE_READS_MAX 32           /* reads under way at once, of all streams */
#define CSN_LIVE_BEAT_MS 15000          /* after so long without a byte a comment is sent */
#define CSN_LIVE_ROUND_MS 250           /* how often rights and beats are looked at */
#define CSN_LIVE_END_MAX 160            /* bytes of the last frame */

struct csn_live;
struct csn_live_stream;

/* Who reads, and by what right: plain data. The hub uses `app` and `customer`; the rest is for the
 * two functions below, one of which at a time may change it. */
struct csn_live_reader {
    struct csn_id app, customer;
    enum csn_view view;
    char device[CSN_DEVICE_ID_MAX + 1]; /* "" unknown */
    int64_t seq, broadcast;             /* where it stands: up to here it has read */
    struct csn_id session;              /* {0}: a token or a claim speaks; the rest is of it */
    int64_t expires_ms;                 /* its right ends by itself; 0: it does not */
    int64_t issued_ms;                  /* the earliest the token can have been */
    uint8_t token_hash[32];
    uint8_t who[CSN_NAME_HASH];
    int64_t key_number;      /* 0: a claim, for which no key vouched */
    uint64_t app_generation; /* at which `key_number` last verified, or the claim was let in */
};

/* What a read ended with. {0}: nothing new. */
struct csn_live_page {
    uint8_t *bytes; /* heap; the hub's from now on, who wipes it once it was taken */
    size_t len;
    size_t items;         /* in it, for the counts */
    bool more;            /* read on at once when it was taken */
    bool failed;          /* nothing was read: again in the next round */
    enum csn_reason over; /* the stream ends after this, for this reason; UNDECIDED: it goes on */
};

struct csn_live_options {
    /* Reads a page after where the reader stands, moves it on, and says what it read by
     * csn_live_give, once: from any thread, inside this call or later. */
    void (*read)(void *state, struct csn_live_stream *stream, struct csn_live_reader *reader);
    /* Returns: ACCEPTED, or why this reader's right has ended. Called under the hub's lock. */
    enum csn_reason (*judge)(void *state, struct csn_live_reader *reader, int64_t now_ms);
    void *state;
};

/* Returns: NULL when memory is out. */
struct csn_live *csn_live_create(const struct csn_live_options *options);
void csn_live_free(struct csn_live *live); /* accepts NULL; no stream may be open */

/* --- news: after the commit that made them. All accept NULL: nobody listens --- */
/* The log of that customer grew: who reads it looks again. Cost: its streams. */
void csn_live_tell(struct csn_live *live, struct csn_id app, struct csn_id customer);
/* Something came for every customer of the app. Cost: all streams. */
void csn_live_tell_app(struct csn_live *live, struct csn_id app);

/* --- a stream, by who opened it --- */
/* Copies `reader` and `hello`, its first bytes. Out: *out, RUNNING.
 * Returns: CSN_OK; CSN_UNAVAILABLE (a limit is reached, or it drains); CSN_NO_MEMORY. */
CSN_MUST_USE enum csn_status csn_live_open(struct csn_live *live,
                                           const struct csn_live_reader *reader,
                                           struct csn_bytes hello, struct csn_live_stream **out,
                                           int64_t now_ms);
/* Ends and frees a stream that is RUNNING. Accepts NULL. */
void csn_live_close(struct csn_live_stream *stream);

/* Whoever carries it. Both are called under the hub's lock and must not call back. */
struct csn_live_carrier {
    void (*pause)(void *state);  /* no take until `resume`; called inside csn_live_take */
    void (*resume)(void *state); /* any thread */
    void *state;
};
/* Call before the first take. */
void csn_live_carry(struct csn_live_stream *stream, const struct csn_live_carrier *carrier);

enum csn_live_step {
    CSN_LIVE_PAUSED = 0, /* nothing now: `pause` was called */
    CSN_LIVE_TAKEN,
    CSN_LIVE_OVER, /* nothing any more: close it */
};
/* Out: the next 1..max bytes and *len; *page, whether more of the same page is left. */
enum csn_live_step csn_live_take(struct csn_live_stream *stream, void *out, size_t max, size_t *len,
                                 bool *page);

/* --- by whoever reads --- */
void csn_live_give(struct csn_live_stream *stream, const struct csn_live_page *page);

/* --- by whoever keeps the time --- */
/* Ends the streams whose right has ended, sends the beats that are due, reads again what failed. */
void csn_live_round(struct csn_live *live, int64_t now_ms);
/* Ends every stream, with reason `unavailable`, and opens none any more. */
void csn_live_drain(struct csn_live *live);

struct csn_live_counts {
    uint64_t open, reads;                    /* now */
    uint64_t opened, refused, ended, frames; /* since the start; ended: by the server */
};
struct csn_live_counts csn_live_counts(struct csn_live *live); /* of NULL: {0} */

#endif
