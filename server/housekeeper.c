/* See housekeeper.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/housekeeper.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "server/chores.h"

#define CHORES_EVERY_MS 60000
#define CHORES_SHARE_MS 500 /* of each second: the rest of it belongs to others */

struct csn_housekeeper {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool stopping;
    bool failing;          /* the last flush failed: said once, not each second */
    struct timespec began; /* the round */
    int64_t begun_ms;      /* the chores: they are due again a minute later */
    struct csn_chores chores;
    struct csn_service *service;
    const struct csn_log *log;
};

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

static bool
is_stopping(struct csn_housekeeper *h)
{
    pthread_mutex_lock(&h->lock);
    bool stopping = h->stopping;
    pthread_mutex_unlock(&h->lock);
    return stopping;
}

/* What is left, the next second goes on with. */
static void
do_chores(struct csn_housekeeper *h, int64_t began_ms)
{
    int64_t now_ms = began_ms;
    while (now_ms - began_ms < CHORES_SHARE_MS && !is_stopping(h) &&
           csn_chores_slice(&h->chores, h->service, h->log, now_ms))
        now_ms = csn_clock_now(&h->service->clock);
}

static void
work(struct csn_housekeeper *h)
{
    int64_t now_ms = csn_clock_now(&h->service->clock);
    flush(h);
    if (now_ms - h->begun_ms >= CHORES_EVERY_MS) {
        h->begun_ms = now_ms;
        csn_revocations_expire(h->service->revocations, h->service->registry, now_ms);
        csn_chores_begin(&h->chores);
    }
    do_chores(h, now_ms);
}

/* A second after the last round began, so that rounds are a second apart however long they take. */
static void
wait_a_second(struct csn_housekeeper *h)
{
    struct timespec until = h->began;
    until.tv_sec += 1;
    pthread_cond_timedwait(&h->wake, &h->lock, &until);
    clock_gettime(CLOCK_MONOTONIC, &h->began);
}

static void *
run(void *state)
{
    struct csn_housekeeper *h = state;
    clock_gettime(CLOCK_MONOTONIC, &h->began);
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
    h->begun_ms = csn_clock_now(&service->clock);
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
