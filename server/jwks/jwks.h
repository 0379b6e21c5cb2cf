/* Keys by URL, kept fresh: one thread that fetches each app's JWKS when it is due.
 *
 *   hint (unknown kid) ─► due now, or at the end of the cool-down ─┐
 *   an hour after a good fetch ────────────────────────────────────┼─► fetch ─► apply ─► swapped in
 *   1, 2, 4 ... minutes after a bad one ───────────────────────────┘
 *
 * Off the hot path: nobody waits for it. The last good keys stay in use whatever happens here. One
 * document is fetched once at a time, and no more often than the cool-down says.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_JWKS_JWKS_H
#define CSN_SERVER_JWKS_JWKS_H

#include "crypto/random.h"
#include "server/clock.h"
#include "server/domain/jwks_hints.h"
#include "server/domain/management_jwks.h"
#include "server/store/queue.h"

struct csn_jwks;

#define CSN_JWKS_HINTS_MAX 64 /* apps waiting to be looked at; more hints are dropped */

/* What came of one fetch, for the log: nothing of the URL is in it. */
struct csn_jwks_event {
    struct csn_id app;
    const struct csn_jwks_outcome *outcome;
};

struct csn_jwks_options {
    struct csn_registry *registry;
    struct csn_queue *queue;
    struct csn_random random;
    struct csn_clock clock;
    int64_t timeout_ms; /* of one transfer; 0: CSN_FETCH_TIMEOUT_MS */
    const char *ca;     /* PEM: trusted beside the system's; NULL: none */
    void (*log)(void *state, const struct csn_jwks_event *event); /* its own thread; may be NULL */
    void *log_state;
};

/* Starts the thread. Borrows what the options point to until csn_jwks_stop.
 * Returns: CSN_OK, CSN_NO_MEMORY, CSN_IO. */
CSN_MUST_USE enum csn_status csn_jwks_start(const struct csn_jwks_options *options,
                                            struct csn_jwks **out);

/* What to tell it, and how (jwks_hints.h): one short lock. Borrows until csn_jwks_stop. */
struct csn_jwks_hints csn_jwks_hints_of(struct csn_jwks *jwks);

/* Breaks off what is being fetched, ends the thread. Accepts NULL. */
void csn_jwks_stop(struct csn_jwks *jwks);

struct csn_jwks_counts {
    uint64_t fetched, failed, hints_dropped;
};
struct csn_jwks_counts csn_jwks_counts(const struct csn_jwks *jwks);

#endif
