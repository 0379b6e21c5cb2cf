/* The queue: order, batches, failures, and many threads at once.
 *
 * Where a test needs jobs to gather, a first job holds the store's thread until it is let go: no
 * test waits for time to pass.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "server/store/sqlite.h"
#include "tests/unit/server/session_world.h"

/* --- a job that adds one row, and one that holds the thread --- */

struct gate {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    bool reached, open;
    int done; /* jobs told of their outcome */
};

static void
gate_set(struct gate *gate, bool *flag)
{
    pthread_mutex_lock(&gate->mutex);
    *flag = true;
    pthread_cond_broadcast(&gate->changed);
    pthread_mutex_unlock(&gate->mutex);
}

static void
gate_await(struct gate *gate, const bool *flag)
{
    pthread_mutex_lock(&gate->mutex);
    while (!*flag) {
        pthread_cond_wait(&gate->changed, &gate->mutex);
    }
    pthread_mutex_unlock(&gate->mutex);
}

static void
gate_await_done(struct gate *gate, int count)
{
    pthread_mutex_lock(&gate->mutex);
    while (gate->done < count) {
        pthread_cond_wait(&gate->changed, &gate->mutex);
    }
    pthread_mutex_unlock(&gate->mutex);
}

struct row_job {
    struct csn_job job;
    struct gate *gate;
    int64_t number;
    enum csn_status answer; /* what `run` returns after it wrote */
    int told;
};

static enum csn_status
add_row(struct csn_job *job, struct csn_store *store)
{
    struct row_job *row = (struct row_job *)job;
    struct csn_query q = csn_query(store, "INSERT INTO row (number) VALUES (?)");
    csn_query_int(&q, row->number);
    enum csn_status status = csn_query_done(&q);
    return status == CSN_OK ? row->answer : status;
}

static enum csn_status
hold(struct csn_job *job, struct csn_store *store)
{
    struct row_job *row = (struct row_job *)job;
    (void)store;
    gate_set(row->gate, &row->gate->reached);
    gate_await(row->gate, &row->gate->open);
    return CSN_OK;
}

static void
tell(struct csn_job *job)
{
    struct row_job *row = (struct row_job *)job;
    pthread_mutex_lock(&row->gate->mutex);
    row->told++;
    row->gate->done++;
    pthread_cond_broadcast(&row->gate->changed);
    pthread_mutex_unlock(&row->gate->mutex);
}

static struct row_job
row_of(struct gate *gate, int64_t number)
{
    return (struct row_job){
        .job = {.run = add_row, .done = tell}, .gate = gate, .number = number, .answer = CSN_OK};
}

struct yard {
    struct world w;
    struct gate gate;
    struct csn_queue *queue;
    struct row_job holder;
};

static void
yard_open(struct yard *y, bool in_directory)
{
    memset(y, 0, sizeof *y);
    pthread_mutex_init(&y->gate.mutex, NULL);
    pthread_cond_init(&y->gate.changed, NULL);
    (in_directory ? world_open_directory : world_open)(&y->w);
    assert_int_equal(SQLITE_OK, sqlite3_exec(y->w.store->db,
                                             "CREATE TABLE row (seq INTEGER PRIMARY KEY, number "
                                             "INTEGER UNIQUE)",
                                             NULL, NULL, NULL));
    assert_ok(csn_queue_start(y->w.store, &y->queue));
}

/* Occupies the store's thread: what is submitted now gathers. */
static void
yard_hold(struct yard *y)
{
    y->holder = row_of(&y->gate, 0);
    y->holder.job.run = hold;
    assert_ok(csn_queue_submit(y->queue, &y->holder.job));
    gate_await(&y->gate, &y->gate.reached);
}

static void
yard_let_go(struct yard *y)
{
    gate_set(&y->gate, &y->gate.open);
}

static void
yard_close(struct yard *y)
{
    csn_queue_stop(y->queue);
    world_close(&y->w);
    pthread_cond_destroy(&y->gate.changed);
    pthread_mutex_destroy(&y->gate.mutex);
}

/* --- order and batches --- */

static void
a_job_hears_of_its_outcome_once_after_it_is_durable(void **state)
{
    (void)state;
    struct yard y;
    yard_open(&y, true);
    struct row_job job = row_of(&y.gate, 1);
    assert_ok(csn_queue_submit(y.queue, &job.job));
    gate_await_done(&y.gate, 1);
    assert_ok(job.job.status);
    assert_int_equal(1, job.told);
    csn_queue_stop(y.queue);
    y.queue = NULL;
    world_reopen(&y.w);
    assert_int_equal(1, world_number(&y.w, "SELECT count(*) FROM row"));
    yard_close(&y);
}

static void
what_gathers_is_committed_together_in_order(void **state)
{
    (void)state;
    struct yard y;
    struct row_job jobs[CSN_QUEUE_BATCH_MAX + 1];
    yard_open(&y, false);
    yard_hold(&y);
    for (int i = 0; i <= CSN_QUEUE_BATCH_MAX; i++) {
        jobs[i] = row_of(&y.gate, 1000 - i);
        assert_ok(csn_queue_submit(y.queue, &jobs[i].job));
    }
    assert_int_equal(CSN_QUEUE_BATCH_MAX + 1, csn_queue_counts(y.queue).waiting);
    yard_let_go(&y);
    gate_await_done(&y.gate, CSN_QUEUE_BATCH_MAX + 2);
    csn_queue_stop(y.queue);
    y.queue = NULL;
    assert_int_equal(CSN_QUEUE_BATCH_MAX + 1, world_number(&y.w, "SELECT count(*) FROM row"));
    assert_int_equal(0, world_number(&y.w, "SELECT count(*) FROM row WHERE number <> 1001 - seq"));
    yard_close(&y);
}

static void
counts_jobs_and_batches(void **state)
{
    (void)state;
    struct yard y;
    struct row_job jobs[CSN_QUEUE_BATCH_MAX + 1], last;
    yard_open(&y, false);
    yard_hold(&y);
    for (int i = 0; i <= CSN_QUEUE_BATCH_MAX; i++) {
        jobs[i] = row_of(&y.gate, i);
        assert_ok(csn_queue_submit(y.queue, &jobs[i].job));
    }
    yard_let_go(&y);
    gate_await_done(&y.gate, CSN_QUEUE_BATCH_MAX + 2);
    last = row_of(&y.gate, -1);
    assert_ok(csn_queue_run(y.queue, &last.job));
    struct csn_queue_counts counts = csn_queue_counts(y.queue);
    assert_int_equal(0, counts.waiting);
    assert_int_equal(4, counts.batches); /* the holder; 256; 1; the last */
    assert_int_equal(0, counts.failed_commits);
    yard_close(&y);
}

static void
a_job_that_fails_undoes_its_own_work_alone(void **state)
{
    (void)state;
    struct yard y;
    struct row_job jobs[3];
    yard_open(&y, false);
    yard_hold(&y);
    for (int i = 0; i < 3; i++) {
        jobs[i] = row_of(&y.gate, i);
        jobs[i].answer = i == 1 ? CSN_NOT_FOUND : CSN_OK;
        assert_ok(csn_queue_submit(y.queue, &jobs[i].job));
    }
    yard_let_go(&y);
    gate_await_done(&y.gate, 4);
    assert_ok(jobs[0].job.status);
    assert_int_equal(CSN_NOT_FOUND, jobs[1].job.status);
    assert_ok(jobs[2].job.status);
    csn_queue_stop(y.queue);
    y.queue = NULL;
    assert_int_equal(2, world_number(&y.w, "SELECT count(*) FROM row WHERE number <> 1"));
    assert_int_equal(2, world_number(&y.w, "SELECT count(*) FROM row"));
    yard_close(&y);
}

/* --- failures --- */

static bool
fails_once(void *state)
{
    int *steps = state;
    return --*steps == 0;
}

/* Steps of a batch of two: begin, savepoint, insert, release, savepoint, insert, release, commit.
 */
static void
a_failure_at_any_step_leaves_all_or_nothing(void **state)
{
    (void)state;
    for (int at = 1; at <= 9; at++) {
        struct yard y;
        struct row_job jobs[2];
        yard_open(&y, false);
        yard_hold(&y);
        for (int i = 0; i < 2; i++) {
            jobs[i] = row_of(&y.gate, i);
            assert_ok(csn_queue_submit(y.queue, &jobs[i].job));
        }
        int steps = at + 2; /* the holder's own release and commit come first */
        y.w.store->fault_state = &steps;
        y.w.store->fault = fails_once;
        yard_let_go(&y);
        gate_await_done(&y.gate, 3);
        csn_queue_stop(y.queue);
        y.queue = NULL;
        y.w.store->fault = NULL;
        for (int i = 0; i < 2; i++) {
            bool there = jobs[i].job.status == CSN_OK;
            assert_true(there || jobs[i].job.status == CSN_UNAVAILABLE);
            char sql[64];
            snprintf(sql, sizeof sql, "SELECT count(*) FROM row WHERE number = %d", i);
            assert_int_equal(there, world_number(&y.w, sql));
            assert_int_equal(1, jobs[i].told);
        }
        assert_int_equal(at == 9, jobs[0].job.status == CSN_OK && jobs[1].job.status == CSN_OK);
        yard_close(&y);
    }
}

static void
a_failed_commit_refuses_the_whole_batch_and_the_next_one_works(void **state)
{
    (void)state;
    struct yard y;
    struct row_job jobs[2], after;
    yard_open(&y, false);
    yard_hold(&y);
    for (int i = 0; i < 2; i++) {
        jobs[i] = row_of(&y.gate, i);
        assert_ok(csn_queue_submit(y.queue, &jobs[i].job));
    }
    int steps = 2 + 8;
    y.w.store->fault_state = &steps;
    y.w.store->fault = fails_once;
    yard_let_go(&y);
    gate_await_done(&y.gate, 3);
    assert_int_equal(CSN_UNAVAILABLE, jobs[0].job.status);
    assert_int_equal(CSN_UNAVAILABLE, jobs[1].job.status);
    after = row_of(&y.gate, 7);
    assert_ok(csn_queue_run(y.queue, &after.job));
    assert_int_equal(1, csn_queue_counts(y.queue).failed_commits);
    csn_queue_stop(y.queue);
    y.queue = NULL;
    assert_int_equal(1, world_number(&y.w, "SELECT count(*) FROM row"));
    yard_close(&y);
}

/* --- limits and the end --- */

static void
a_full_queue_refuses_and_never_calls_done(void **state)
{
    (void)state;
    struct yard y;
    yard_open(&y, false);
    struct row_job *jobs = calloc(CSN_QUEUE_JOBS_MAX, sizeof *jobs);
    assert_non_null(jobs);
    yard_hold(&y);
    for (int i = 0; i < CSN_QUEUE_JOBS_MAX; i++) {
        jobs[i] = row_of(&y.gate, i);
        assert_ok(csn_queue_submit(y.queue, &jobs[i].job));
    }
    struct row_job one_more = row_of(&y.gate, -1);
    assert_int_equal(CSN_UNAVAILABLE, csn_queue_submit(y.queue, &one_more.job));
    assert_int_equal(CSN_UNAVAILABLE, csn_queue_run(y.queue, &one_more.job));
    yard_let_go(&y);
    gate_await_done(&y.gate, CSN_QUEUE_JOBS_MAX + 1);
    assert_int_equal(0, one_more.told);
    assert_ok(csn_queue_run(y.queue, &one_more.job));
    yard_close(&y);
    free(jobs);
}

static void
stopping_finishes_what_waits(void **state)
{
    (void)state;
    struct yard y;
    struct row_job jobs[10];
    yard_open(&y, false);
    yard_hold(&y);
    for (int i = 0; i < 10; i++) {
        jobs[i] = row_of(&y.gate, i);
        assert_ok(csn_queue_submit(y.queue, &jobs[i].job));
    }
    yard_let_go(&y);
    csn_queue_stop(y.queue);
    y.queue = NULL;
    assert_int_equal(11, y.gate.done);
    assert_int_equal(10, world_number(&y.w, "SELECT count(*) FROM row"));
    yard_close(&y);
}

static void
stopping_nothing_is_fine(void **state)
{
    (void)state;
    csn_queue_stop(NULL);
}

static void
an_inline_job_is_a_batch_of_its_own(void **state)
{
    (void)state;
    struct yard y;
    yard_open(&y, false);
    csn_queue_stop(y.queue);
    y.queue = NULL;
    struct row_job kept = row_of(&y.gate, 1), undone = row_of(&y.gate, 2);
    undone.answer = CSN_CONFLICT;
    csn_queue_inline(y.w.store, &kept.job);
    csn_queue_inline(y.w.store, &undone.job);
    assert_ok(kept.job.status);
    assert_int_equal(CSN_CONFLICT, undone.job.status);
    assert_int_equal(1, undone.told);
    assert_int_equal(1, world_number(&y.w, "SELECT count(*) FROM row"));
    yard_close(&y);
}

/* --- many threads --- */

#define THREADS 16
#define JOBS_EACH 200

struct submitter {
    struct yard *yard;
    int first;
};

static void *
submit_many(void *argument)
{
    struct submitter *s = argument;
    for (int i = 0; i < JOBS_EACH; i++) {
        struct row_job job = row_of(&s->yard->gate, s->first + i);
        if (csn_queue_run(s->yard->queue, &job.job) != CSN_OK || job.told != 1) {
            return "a job failed";
        }
    }
    return NULL;
}

static void
many_threads_lose_nothing_and_double_nothing(void **state)
{
    (void)state;
    struct yard y;
    pthread_t threads[THREADS];
    struct submitter submitters[THREADS];
    yard_open(&y, false);
    for (int i = 0; i < THREADS; i++) {
        submitters[i] = (struct submitter){.yard = &y, .first = i * JOBS_EACH};
        assert_int_equal(0, pthread_create(&threads[i], NULL, submit_many, &submitters[i]));
    }
    for (int i = 0; i < THREADS; i++) {
        void *failed = NULL;
        pthread_join(threads[i], &failed);
        assert_null(failed);
    }
    csn_queue_stop(y.queue);
    y.queue = NULL;
    assert_int_equal(THREADS * JOBS_EACH, world_number(&y.w, "SELECT count(*) FROM row"));
    yard_close(&y);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_job_hears_of_its_outcome_once_after_it_is_durable),
        cmocka_unit_test(what_gathers_is_committed_together_in_order),
        cmocka_unit_test(counts_jobs_and_batches),
        cmocka_unit_test(a_job_that_fails_undoes_its_own_work_alone),
        cmocka_unit_test(a_failure_at_any_step_leaves_all_or_nothing),
        cmocka_unit_test(a_failed_commit_refuses_the_whole_batch_and_the_next_one_works),
        cmocka_unit_test(a_full_queue_refuses_and_never_calls_done),
        cmocka_unit_test(stopping_finishes_what_waits),
        cmocka_unit_test(stopping_nothing_is_fine),
        cmocka_unit_test(an_inline_job_is_a_batch_of_its_own),
        cmocka_unit_test(many_threads_lose_nothing_and_double_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
