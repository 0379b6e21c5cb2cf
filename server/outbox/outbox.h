/* The one thread that sends what is due.
 *
 *   spread a slice of a broadcast, as far as its app's deliveries do not pile up
 *   look   what is due, lane by lane and as far as its app has a share (shares.h) ─► opened, in one
 * job send   composed and sent, off the store's thread; several at once note   what came of it, in
 * one job: over, or due again
 *
 * Off the hot path: nobody waits for it. What is being sent is still due in the store, so that a
 * crash at any moment repeats it under the same id and loses nothing. One server runs on a
 * database, and one of these in a server: nothing is sent by two at once.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_OUTBOX_OUTBOX_H
#define CSN_SERVER_OUTBOX_OUTBOX_H

#include "crypto/random.h"
#include "server/clock.h"
#include "server/domain/networks.h"
#include "server/domain/outbox.h"
#include "server/domain/outbox_counts.h"
#include "server/store/queue.h"

#define CSN_OUTBOX_LOOK_MS 250 /* how often it looks for what is newly due */

struct csn_sender;

/* What was given up, for the log: nothing of an address or a body is in it. */
struct csn_sender_event {
    struct csn_id app;
    struct csn_id delivery;
    enum csn_outcome outcome;
    bool disabled; /* the webhook was disabled with it */
};

struct csn_sender_options {
    const struct csn_sessions *sessions;
    struct csn_registry *registry;
    struct csn_queue *queue;
    struct csn_random random;
    struct csn_clock clock;
    const struct csn_networks *allowed; /* private addresses that may be sent to; NULL: none */
    const char *ca;                     /* PEM: trusted beside the system's; NULL: none */
    struct csn_outbox_counts *counts;   /* what it counts goes here */
    int64_t timeout_ms;                 /* of one transfer; 0: CSN_SEND_TIMEOUT_MS */
    void (*log)(void *state, const struct csn_sender_event *event); /* its thread; may be NULL */
    void *log_state;
};

/* Starts the thread. Borrows what the options point to until csn_sender_stop.
 * Returns: CSN_OK, CSN_NO_MEMORY, CSN_IO. */
CSN_MUST_USE enum csn_status csn_sender_start(const struct csn_sender_options *options,
                                              struct csn_sender **out);

/* Breaks off what is being sent, which stays due, and ends the thread. Accepts NULL. */
void csn_sender_stop(struct csn_sender *sender);

#endif
