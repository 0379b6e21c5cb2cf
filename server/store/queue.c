/* The queue: one mutex, one list, one thread (queue.h). What gathers while a batch is being made
 * durable is the next batch, so the batch grows with the load and a lone job waits for nobody.
 *
 *      submit ──► first … last ──► take up to CSN_QUEUE_BATCH_MAX ──► run_batch ──► done of each
 *
 * A batch ends in one of three ways: committed (each job keeps its own status); the commit failed;
 * or SQLite gave the transaction up half-way. In the last two every job is CSN_UNAVAILABLE, also
 * those that had run, because nothing of them is left.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/store/queue.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

struct csn_queue {
    struct csn_store *store;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    struct csn_job *first, *last; /* under the mutex */
    bool stopping;                /* under the mutex */
    atomic_uint_least64_t waiting, jobs, batches, failed_commits;
};

/* Returns: the batch can go on. */
static bool
run_job(struct csn_store *store, struct csn_job *job)
{
    job->status = csn_store_savepoint(store);
    if (job->status != CSN_OK)
        return false;
    job->status = job->run(job, store);
    if (job->status == CSN_OK) {
        job->status = csn_store_release(store);
        return job->status == CSN_OK;
    }
    return csn_store_undo(store) == CSN_OK;
}

static enum csn_status
run_batch(struct csn_store *store, struct csn_job *batch)
{
    enum csn_status status = csn_store_begin(store);
    if (status != CSN_OK)
        return status;
    for (struct csn_job *job = batch; job != NULL; job = job->next) {
        if (!run_job(store, job)) {
            csn_store_rollback(store);
            return CSN_UNAVAILABLE;
        }
    }
    return csn_store_commit(store);
}

/* A job belongs to its submitter again the moment `done` is called: read `next` before. */
static uint64_t
finish_batch(struct csn_job *batch, enum csn_status committed)
{
    uint64_t count = 0;
    while (batch != NULL) {
        struct csn_job *job = batch;
        batch = job->next;
        job->next = NULL;
        if (committed != CSN_OK)
            job->status = CSN_UNAVAILABLE;
        job->done(job);
        count++;
    }
    return count;
}

void
csn_queue_inline(struct csn_store *store, struct csn_job *job)
{
    job->next = NULL;
    finish_batch(job, run_batch(store, job));
}

static struct csn_job *
take_batch(struct csn_queue *queue)
{
    struct csn_job *batch = queue->first;
    struct csn_job *last = batch;
    uint64_t count = 1;
    while (count < CSN_QUEUE_BATCH_MAX && last->next != NULL) {
        last = last->next;
        count++;
    }
    queue->first = last->next;
    if (queue->first == NULL)
        queue->last = NULL;
    last->next = NULL;
    atomic_fetch_sub(&queue->waiting, count);
    return batch;
}

static struct csn_job *
await_batch(struct csn_queue *queue)
{
    struct csn_job *batch = NULL;
    pthread_mutex_lock(&queue->mutex);
    while (queue->first == NULL && !queue->stopping)
        pthread_cond_wait(&queue->wake, &queue->mutex);
    if (queue->first != NULL)
        batch = take_batch(queue);
    pthread_mutex_unlock(&queue->mutex);
    return batch;
}

static void *
work(void *argument)
{
    struct csn_queue *queue = argument;
    struct csn_job *batch;
    while ((batch = await_batch(queue)) != NULL) {
        enum csn_status committed = run_batch(queue->store, batch);
        atomic_fetch_add(committed == CSN_OK ? &queue->batches : &queue->failed_commits, 1);
        uint64_t count = finish_batch(batch, committed);
        atomic_fetch_add(&queue->jobs, count);
    }
    return NULL;
}

enum csn_status
csn_queue_start(struct csn_store *store, struct csn_queue **out)
{
    *out = NULL;
    struct csn_queue *queue = calloc(1, sizeof *queue);
    if (queue == NULL)
        return CSN_NO_MEMORY;
    queue->store = store;
    pthread_mutex_init(&queue->mutex, NULL);
    pthread_cond_init(&queue->wake, NULL);
    if (pthread_create(&queue->thread, NULL, work, queue) != 0) {
        pthread_cond_destroy(&queue->wake);
        pthread_mutex_destroy(&queue->mutex);
        free(queue);
        return CSN_UNAVAILABLE;
    }
    *out = queue;
    return CSN_OK;
}

enum csn_status
csn_queue_submit(struct csn_queue *queue, struct csn_job *job)
{
    job->next = NULL;
    job->status = CSN_STATUS_UNSET;
    pthread_mutex_lock(&queue->mutex);
    bool refused = queue->stopping || atomic_load(&queue->waiting) >= CSN_QUEUE_JOBS_MAX;
    bool idle = queue->first == NULL;
    if (!refused) {
        *(idle ? &queue->first : &queue->last->next) = job;
        queue->last = job;
        atomic_fetch_add(&queue->waiting, 1);
    }
    pthread_mutex_unlock(&queue->mutex);
    if (refused)
        return CSN_UNAVAILABLE;
    if (idle)
        pthread_cond_signal(&queue->wake);
    return CSN_OK;
}

/* --- submit and wait --- */
struct waiting_job {
    struct csn_job job;
    struct csn_job *inner;
    pthread_mutex_t mutex;
    pthread_cond_t finished;
    bool is_finished;
};

static enum csn_status
run_inner(struct csn_job *job, struct csn_store *store)
{
    struct csn_job *inner = ((struct waiting_job *)job)->inner;
    return inner->run(inner, store);
}

static void
tell_waiter(struct csn_job *job)
{
    struct waiting_job *waiting = (struct waiting_job *)job;
    waiting->inner->status = job->status;
    if (waiting->inner->done != NULL)
        waiting->inner->done(waiting->inner);
    pthread_mutex_lock(&waiting->mutex);
    waiting->is_finished = true;
    pthread_cond_signal(&waiting->finished);
    pthread_mutex_unlock(&waiting->mutex);
}

enum csn_status
csn_queue_run(struct csn_queue *queue, struct csn_job *job)
{
    struct waiting_job waiting = {.job = {.run = run_inner, .done = tell_waiter}, .inner = job};
    job->status = CSN_UNAVAILABLE;
    pthread_mutex_init(&waiting.mutex, NULL);
    pthread_cond_init(&waiting.finished, NULL);
    if (csn_queue_submit(queue, &waiting.job) == CSN_OK) {
        pthread_mutex_lock(&waiting.mutex);
        while (!waiting.is_finished)
            pthread_cond_wait(&waiting.finished, &waiting.mutex);
        pthread_mutex_unlock(&waiting.mutex);
    }
    pthread_cond_destroy(&waiting.finished);
    pthread_mutex_destroy(&waiting.mutex);
    return job->status;
}

void
csn_queue_stop(struct csn_queue *queue)
{
    if (queue == NULL)
        return;
    pthread_mutex_lock(&queue->mutex);
    queue->stopping = true;
    pthread_mutex_unlock(&queue->mutex);
    pthread_cond_signal(&queue->wake);
    pthread_join(queue->thread, NULL);
    pthread_cond_destroy(&queue->wake);
    pthread_mutex_destroy(&queue->mutex);
    free(queue);
}

struct csn_queue_counts
csn_queue_counts(const struct csn_queue *queue)
{
    return (struct csn_queue_counts){
        .waiting = atomic_load(&queue->waiting),
        .jobs = atomic_load(&queue->jobs),
        .batches = atomic_load(&queue->batches),
        .failed_commits = atomic_load(&queue->failed_commits),
    };
}
