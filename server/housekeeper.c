/* See housekeeper.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/housekeeper.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "server/domain/customers.h"
#include "server/domain/erase.h"
#include "server/domain/idempotency.h"
#include "server/domain/log.h"
#include "server/domain/outbox.h"
#include "server/store/broadcast_rows.h"
#include "server/store/decision_rows.h"

#define PURGE_EVERY_MS 60000
#define PURGE_BATCH 1000    /* rows of one transaction: others must not wait long */
#define PURGE_ROUNDS_MAX 50 /* transactions of one purge */
#define LOG_SLICES_MAX 50   /* of the walk over the logs, which goes on a minute later */
#define PURGE_APPS 32       /* looked through in one transaction */

struct csn_housekeeper {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool stopping;
    bool failing; /* the last flush failed: said once, not each second */
    int64_t purged_ms;
    struct csn_log_walk walk;                 /* how far retention of logs has come */
    struct csn_retention_walk decisions_walk; /* a purge goes on where the last one ended */
    struct csn_service *service;
    const struct csn_log *log;
};

struct purge {
    struct csn_job job; /* first */
    int64_t now_ms;
    uint64_t purged;
    bool erasures; /* something erased had rows left */
    struct csn_retention_walk walk;
};

static enum csn_status
run_purge(struct csn_job *job, struct csn_store *store)
{
    struct purge *purge = (struct purge *)job;
    uint64_t sessions = 0, answers = 0;
    size_t decisions = 0;
    enum csn_status status = csn_sessions_housekeep(store, PURGE_BATCH, &sessions, purge->now_ms);
    if (status == CSN_OK)
        status = csn_store_purge_broadcasts(store, purge->now_ms, PURGE_BATCH, &sessions);
    if (status == CSN_OK)
        status = csn_store_purge_deliveries(store, purge->now_ms - CSN_DELIVERY_KEPT_MS,
                                            PURGE_BATCH, &sessions);
    if (status == CSN_OK)
        status = csn_store_purge_removed_webhooks(store, PURGE_BATCH, &sessions);
    if (status != CSN_OK)
        return status;
    status = csn_store_evidence_purge(store, purge->now_ms - CSN_EVIDENCE_KEPT_MS, PURGE_BATCH,
                                      &decisions);
    if (status == CSN_OK)
        status = csn_store_decisions_retain(store, &purge->walk, PURGE_APPS, PURGE_BATCH,
                                            &decisions, purge->now_ms);
    if (status == CSN_OK)
        status = csn_erasures_sweep(store, PURGE_BATCH, &purge->erasures, purge->now_ms);
    if (status == CSN_OK)
        status = csn_idempotency_purge(store, PURGE_BATCH, &answers, purge->now_ms);
    purge->purged = sessions > decisions ? sessions : decisions;
    purge->purged = purge->purged > answers ? purge->purged : answers;
    return status;
}

static void
purge(struct csn_housekeeper *h, int64_t now_ms)
{
    csn_revocations_expire(h->service->revocations, h->service->registry, now_ms);
    for (unsigned round = 0; round < PURGE_ROUNDS_MAX; round++) {
        struct purge one = {.job = {.run = run_purge}, .now_ms = now_ms, .walk = h->decisions_walk};
        if (csn_queue_run(h->service->queue, &one.job) != CSN_OK)
            return;
        h->decisions_walk = one.walk;
        if (one.purged < PURGE_BATCH && !one.erasures && one.walk.ended)
            return;
    }
}

struct idling {
    struct csn_job job; /* first */
    int64_t now_ms;
    struct csn_idled_list idled;
};

static enum csn_status
run_idling(struct csn_job *job, struct csn_store *store)
{
    struct idling *idling = (struct idling *)job;
    return csn_sessions_idle_out(store, &idling->idled, idling->now_ms);
}

/* What memory cannot be told now, it is told at the next start; the store refuses it already. */
static void
tell_idled(struct csn_housekeeper *h, const struct csn_idled_list *idled)
{
    for (size_t i = 0; i < idled->revoked.count; i++) {
        const struct csn_revoked *ended = &idled->revoked.items[i];
        if (csn_revoke_session(h->service->revocations, idled->apps[i], ended->session,
                               ended->expires_ms) != CSN_OK)
            csn_log_error(h->log, "idle_session_not_told", idled->apps[i].text);
    }
}

/* Ends what was not used for too long; calls that ask no store hear of it from memory. */
static void
end_idle_sessions(struct csn_housekeeper *h, int64_t now_ms)
{
    for (unsigned round = 0; round < PURGE_ROUNDS_MAX; round++) {
        struct idling one = {.job = {.run = run_idling}, .now_ms = now_ms};
        if (csn_queue_run(h->service->queue, &one.job) != CSN_OK)
            return;
        tell_idled(h, &one.idled);
        if (one.idled.revoked.count < CSN_IDLED_MAX)
            return;
    }
}

struct log_slice {
    struct csn_job job; /* first */
    struct csn_log_walk walk;
    int64_t now_ms;
};

static enum csn_status
run_log_slice(struct csn_job *job, struct csn_store *store)
{
    struct log_slice *slice = (struct log_slice *)job;
    return csn_log_purge(store, &slice->walk, slice->now_ms);
}

/* The walk moves on only when what it did is durable. */
static void
walk_logs(struct csn_housekeeper *h, int64_t now_ms)
{
    for (unsigned i = 0; i < LOG_SLICES_MAX; i++) {
        struct log_slice slice = {.job = {.run = run_log_slice}, .walk = h->walk, .now_ms = now_ms};
        if (csn_queue_run(h->service->queue, &slice.job) != CSN_OK)
            return;
        h->walk = slice.walk;
        if (h->walk.ended)
            return;
    }
}

struct last_uses {
    struct csn_job job; /* first */
    struct csn_registry *registry;
};

/* And what was erased while somebody read the database leaves its log, once they are done. */
static enum csn_status
run_last_uses(struct csn_job *job, struct csn_store *store)
{
    csn_store_cut_again(store);
    return csn_registry_flush_api_keys(((struct last_uses *)job)->registry, store);
}

static void
flush(struct csn_housekeeper *h)
{
    struct last_uses uses = {.job = {.run = run_last_uses}, .registry = h->service->registry};
    bool failed = csn_decisions_flush(h->service->decisions, h->service->queue) != CSN_OK ||
                  csn_evidence_flush(h->service->evidence, h->service->queue) != CSN_OK ||
                  csn_queue_run(h->service->queue, &uses.job) != CSN_OK;
    if (failed && !h->failing)
        csn_log_error(h->log, "decisions_not_written", "kept in memory; trying again each second");
    h->failing = failed;
}

static void
work(struct csn_housekeeper *h)
{
    int64_t now_ms = csn_clock_now(&h->service->clock);
    flush(h);
    if (now_ms - h->purged_ms < PURGE_EVERY_MS)
        return;
    h->purged_ms = now_ms;
    purge(h, now_ms);
    end_idle_sessions(h, now_ms);
    walk_logs(h, now_ms);
}

static void
wait_a_second(struct csn_housekeeper *h)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += 1;
    pthread_cond_timedwait(&h->wake, &h->lock, &until);
}

static void *
run(void *state)
{
    struct csn_housekeeper *h = state;
    pthread_mutex_lock(&h->lock);
    while (!h->stopping) {
        wait_a_second(h);
        pthread_mutex_unlock(&h->lock);
        work(h);
        pthread_mutex_lock(&h->lock);
    }
    pthread_mutex_unlock(&h->lock);
    return NULL;
}

enum csn_status
csn_housekeeper_start(struct csn_service *service, const struct csn_log *log,
                      struct csn_housekeeper **out)
{
    struct csn_housekeeper *h = calloc(1, sizeof *h);
    if (h == NULL)
        return CSN_NO_MEMORY;
    h->service = service;
    h->log = log;
    h->purged_ms = csn_clock_now(&service->clock);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&h->wake, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pthread_mutex_init(&h->lock, NULL);
    if (pthread_create(&h->thread, NULL, run, h) != 0) {
        free(h);
        return CSN_IO;
    }
    *out = h;
    return CSN_OK;
}

void
csn_housekeeper_stop(struct csn_housekeeper *h)
{
    if (h == NULL)
        return;
    pthread_mutex_lock(&h->lock);
    h->stopping = true;
    pthread_cond_signal(&h->wake);
    pthread_mutex_unlock(&h->lock);
    pthread_join(h->thread, NULL);
    flush(h);
    pthread_cond_destroy(&h->wake);
    pthread_mutex_destroy(&h->lock);
    free(h);
}
