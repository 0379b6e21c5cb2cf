/* Inside the hub: what live.c and flow.c share. Everything here is read and changed under the one
 * lock, but a stream's reader while it is READING: then it is the reading's.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_LIVE_LIVE_PARTS_H
#define CSN_SERVER_LIVE_LIVE_PARTS_H

#include <pthread.h>

#include "server/live/live.h"

#define BUCKETS 8192 /* of streams by customer; a power of two */

enum state { RUNNING = 0, RESTING, WAITING, READING };

struct csn_live_stream {
    struct csn_live *live;
    struct csn_live_reader reader;
    struct csn_live_carrier carrier;
    enum state state;
    bool told;            /* something may have come since its last read */
    bool beat;            /* a comment is due */
    bool ended;           /* the last frame is made: nothing follows it */
    enum csn_reason over; /* it is to end for this reason; UNDECIDED: it is not */
    int64_t beat_at_ms;
    uint8_t *bytes; /* heap: the page being taken; NULL: none */
    size_t len, at;
    size_t index;                           /* in live->all */
    struct csn_live_stream *before, *after; /* in its bucket */
    struct csn_live_stream *up, *down;      /* in the line of those who wait to read */
};

struct csn_live {
    pthread_mutex_t lock;
    struct csn_live_options options;
    struct csn_live_counts counts;
    int64_t now_ms; /* of the last round or opening */
    bool draining;
    bool dispatching; /* some thread is starting reads */
    struct csn_live_stream *first_waiting, *last_waiting;
    struct csn_live_stream *buckets[BUCKETS];
    struct csn_live_stream *all[CSN_LIVE_STREAMS_MAX]; /* [0, counts.open) */
};

/* Under the lock: it stands in line for a read. */
void csn_live_line_up(struct csn_live_stream *stream);
/* Under the lock: it runs, so that it can send what is due. A read under way is waited for. */
void csn_live_wake(struct csn_live_stream *stream);
/* Under the lock: it ends, once what was begun is taken. */
void csn_live_end(struct csn_live_stream *stream, enum csn_reason reason);
/* Without the lock: starts as many reads as may be under way. */
void csn_live_dispatch(struct csn_live *live);

#endif
