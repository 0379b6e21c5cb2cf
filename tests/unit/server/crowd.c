/* See crowd.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/server/crowd.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct one {
    struct csn_job *job;
    struct csn_queue *queue;
    pthread_barrier_t *start;
};

static void *
act(void *argument)
{
    struct one *one = argument;
    pthread_barrier_wait(one->start);
    one->job->status = csn_queue_run(one->queue, one->job);
    return NULL;
}

void
crowd_run(struct csn_store *store, struct csn_job *const jobs[CROWD])
{
    pthread_t threads[CROWD];
    struct one all[CROWD];
    pthread_barrier_t start;
    struct csn_queue *queue = NULL;
    assert_int_equal(csn_queue_start(store, &queue), CSN_OK);
    assert_int_equal(0, pthread_barrier_init(&start, NULL, CROWD));
    for (int i = 0; i < CROWD; i++) {
        all[i] = (struct one){.job = jobs[i], .queue = queue, .start = &start};
        assert_int_equal(0, pthread_create(&threads[i], NULL, act, &all[i]));
    }
    for (int i = 0; i < CROWD; i++)
        pthread_join(threads[i], NULL);
    pthread_barrier_destroy(&start);
    csn_queue_stop(queue);
}
