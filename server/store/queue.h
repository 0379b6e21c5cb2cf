/* The store's queue: many threads hand in jobs, one thread runs them in batches, one transaction a
 * batch (group commit). A job is told of its outcome only after the batch is durable.
 *
 *   submit -> [queue] -> begin; for each: savepoint, run, release|undo; commit -> done(job)
 *
 * When the commit fails every job of the batch gets CSN_UNAVAILABLE. Order of submission is kept.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_STORE_QUEUE_H
#define CSN_SERVER_STORE_QUEUE_H

#include "server/store/store.h"

#define CSN_QUEUE_BATCH_MAX 256  /* jobs of one transaction */
#define CSN_QUEUE_JOBS_MAX 16384 /* jobs waiting: more are refused with CSN_UNAVAILABLE */

/* Embed it in what waits; owned by the submitter until `done` is called. */
struct csn_job {
    /* Runs on the store's thread inside the transaction. */
    enum csn_status (*run)(struct csn_job *job, struct csn_store *store);
    /* Called once, on the store's thread, after commit or failure. Must not block. */
    void (*done)(struct csn_job *job);
    enum csn_status status; /* set before `done`: what `run` returned, or CSN_UNAVAILABLE */
    struct csn_job *next;   /* the queue's */
};

struct csn_queue;

/* Starts the store's thread. Borrows `store` until csn_queue_stop. */
CSN_MUST_USE enum csn_status csn_queue_start(struct csn_store *store, struct csn_queue **out);

/* Returns: CSN_OK (done will be called, from the store's thread) or CSN_UNAVAILABLE (full or
 * stopping; done will not be called). */
CSN_MUST_USE enum csn_status csn_queue_submit(struct csn_queue *queue, struct csn_job *job);

/* Submits and waits: for start-up, background work and tests. `done` may be NULL.
 * Returns: the job's status; CSN_UNAVAILABLE, without `done`, when it was not taken. */
CSN_MUST_USE enum csn_status csn_queue_run(struct csn_queue *queue, struct csn_job *job);

/* Runs one job as a batch of its own on the calling thread, then its `done`: where there is no
 * queue. */
void csn_queue_inline(struct csn_store *store, struct csn_job *job);

/* Finishes what waits, then ends the thread. Accepts NULL. */
void csn_queue_stop(struct csn_queue *queue);

/* Jobs waiting and batches committed, for metrics. Safe from any thread. */
struct csn_queue_counts {
    uint64_t waiting, jobs, batches, failed_commits;
};
struct csn_queue_counts csn_queue_counts(const struct csn_queue *queue);

#endif
