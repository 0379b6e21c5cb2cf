/* See keeper.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/live/keeper.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

struct csn_live_keeper {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool stopping;
    struct csn_live *live;
    struct csn_clock clock;
};

static void
wait_a_round(struct csn_live_keeper *keeper)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += CSN_LIVE_ROUND_MS * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    pthread_cond_timedwait(&keeper->wake, &keeper->lock, &until);
}

static void *
keep(void *state)
{
    struct csn_live_keeper *keeper = state;
    pthread_mutex_lock(&keeper->lock);
    while (!keeper->stopping) {
        wait_a_round(keeper);
        pthread_mutex_unlock(&keeper->lock);
        csn_live_round(keeper->live, csn_clock_now(&keeper->clock));
        pthread_mutex_lock(&keeper->lock);
    }
    pthread_mutex_unlock(&keeper->lock);
    return NULL;
}

enum csn_status
csn_live_keeper_start(struct csn_live *live, struct csn_clock clock, struct csn_live_keeper **out)
{
    struct csn_live_keeper *keeper = calloc(1, sizeof *keeper);
    if (keeper == NULL)
        return CSN_NO_MEMORY;
    keeper->live = live;
    keeper->clock = clock;
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&keeper->wake, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pthread_mutex_init(&keeper->lock, NULL);
    if (pthread_create(&keeper->thread, NULL, keep, keeper) != 0) {
        free(keeper);
        return CSN_IO;
    }
    *out = keeper;
    return CSN_OK;
}

void
csn_live_keeper_stop(struct csn_live_keeper *keeper)
{
    if (keeper == NULL)
        return;
    pthread_mutex_lock(&keeper->lock);
    keeper->stopping = true;
    pthread_cond_signal(&keeper->wake);
    pthread_mutex_unlock(&keeper->lock);
    pthread_join(keeper->thread, NULL);
    pthread_cond_destroy(&keeper->wake);
    pthread_mutex_destroy(&keeper->lock);
    free(keeper);
}
