/* A crowd of threads. See crowd.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "bench/served/crowd.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "bench/served/turns.h"

struct run {
    const struct csn_crowd *crowd;
    double from_us, until_us;
    atomic_size_t next; /* act to be begun */
    atomic_size_t done;
    atomic_bool failed;
};

struct member {
    struct run *run;
    size_t number;
    pthread_t thread;
};

static void
wait_until(double at_us)
{
    double left_us = at_us - csn_wall_us();
    if (left_us <= 0)
        return;
    time_t s = (time_t)(left_us / 1e6);
    struct timespec pause = {.tv_sec = s, .tv_nsec = (long)((left_us - (double)s * 1e6) * 1e3)};
    nanosleep(&pause, NULL);
}

/* Returns: it is to be done. Out: when it is due. */
static bool
take_turn(struct run *run, size_t *turn, double *due_us)
{
    const struct csn_crowd *crowd = run->crowd;
    *turn = atomic_fetch_add(&run->next, 1);
    if (crowd->acts_max > 0 && *turn >= crowd->acts_max)
        return false;
    *due_us = csn_wall_us();
    if (crowd->per_second > 0) {
        *due_us = run->from_us + (double)*turn * 1e6 / crowd->per_second;
        if (*due_us < run->until_us)
            wait_until(*due_us);
    }
    return crowd->acts_max > 0 || *due_us < run->until_us;
}

static void *
work(void *argument)
{
    struct member *member = argument;
    struct run *run = member->run;
    const struct csn_crowd *crowd = run->crowd;
    size_t turn;
    double due_us;
    while (!atomic_load(&run->failed) && take_turn(run, &turn, &due_us)) {
        if (!crowd->act(crowd->state, member->number)) {
            atomic_store(&run->failed, true);
            break;
        }
        atomic_fetch_add(&run->done, 1);
        if (crowd->latencies_us != NULL && turn < crowd->latencies_room)
            crowd->latencies_us[turn] = csn_wall_us() - due_us;
    }
    return NULL;
}

struct csn_crowd_result
csn_crowd_run(const struct csn_crowd *crowd)
{
    struct member members[CSN_CROWD_MAX];
    struct run run = {.crowd = crowd, .from_us = csn_wall_us()};
    double cpu_us = csn_cpu_us();
    run.until_us = run.from_us + crowd->seconds * 1e6;
    size_t started = 0;
    while (started < crowd->members && started < CSN_CROWD_MAX) {
        members[started] = (struct member){.run = &run, .number = started};
        if (pthread_create(&members[started].thread, NULL, work, &members[started]) != 0) {
            atomic_store(&run.failed, true);
            break;
        }
        started++;
    }
    for (size_t i = 0; i < started; i++)
        pthread_join(members[i].thread, NULL);
    return (struct csn_crowd_result){.held = !atomic_load(&run.failed),
                                     .acts = atomic_load(&run.done),
                                     .wall_us = csn_wall_us() - run.from_us,
                                     .cpu_us = csn_cpu_us() - cpu_us};
}
