/* The service: what every request is answered from. Made once by main (or by a test), then shared.
 * Nothing in it reads a clock, randomness or a socket by itself: those are members.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_SERVICE_H
#define CSN_SERVER_SERVICE_H

#include "crypto/random.h"
#include "server/clock.h"
#include "server/domain/authenticate.h"
#include "server/domain/cache.h"
#include "server/domain/decisions.h"
#include "server/domain/evidence.h"
#include "server/domain/jwks_hints.h"
#include "server/domain/outbox_counts.h"
#include "server/domain/registry.h"
#include "server/domain/revocations.h"
#include "server/domain/sessions.h"
#include "server/domain/throttle.h"
#include "server/store/queue.h"

struct csn_live;    /* server/live/live.h */
struct csn_metrics; /* server/metrics.h */

struct csn_service {
    struct csn_registry *registry;
    struct csn_cache *cache;
    struct csn_revocations *revocations;
    struct csn_decisions *decisions;
    struct csn_evidence *evidence; /* NULL: failing tokens are never kept */
    struct csn_sessions *sessions;
    struct csn_throttle *throttle; /* NULL: bad credentials are not counted */
    struct csn_metrics *metrics;
    struct csn_live *live;            /* NULL: nobody can follow a log */
    struct csn_jwks_hints jwks_hints; /* {0}: nobody fetches keys */
    struct csn_outbox_counts outbox_counts;
    struct csn_queue *queue; /* NULL in socketless tests: work then runs inline on `store` */
    struct csn_store *store; /* only where queue is NULL */
    struct csn_clock clock;
    struct csn_random random;
    _Atomic bool draining; /* /readyz says 503 and new work is refused */
};

#endif
