/* See watch.h. A deadline is one atomic, so that a request on its way never takes the list's lock.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/http/watch.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#define ROUND_MS 250

struct csn_watched {
    int fd;
    atomic_int_fast64_t deadline_ms; /* monotonic; 0: none */
    struct csn_watched *previous, *next;
};

struct csn_watch {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool stopping;
    struct csn_watched *first;
};

static int64_t
monotonic_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* The library that owns the descriptor then sees the end of the stream and closes it. */
static void
cut_late_ones(struct csn_watch *watch, int64_t now_ms)
{
    for (struct csn_watched *w = watch->first; w != NULL; w = w->next) {
        int64_t deadline = atomic_load_explicit(&w->deadline_ms, memory_order_relaxed);
        if (deadline == 0 || now_ms < deadline)
            continue;
        shutdown(w->fd, SHUT_RDWR);
        atomic_store_explicit(&w->deadline_ms, 0, memory_order_relaxed);
    }
}

static void
wait_a_round(struct csn_watch *watch)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += ROUND_MS * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    pthread_cond_timedwait(&watch->wake, &watch->lock, &until);
}

static void *
run(void *state)
{
    struct csn_watch *watch = state;
    pthread_mutex_lock(&watch->lock);
    while (!watch->stopping) {
        cut_late_ones(watch, monotonic_ms());
        wait_a_round(watch);
    }
    pthread_mutex_unlock(&watch->lock);
    return NULL;
}

enum csn_status
csn_watch_start(struct csn_watch **out)
{
    struct csn_watch *watch = calloc(1, sizeof *watch);
    if (watch == NULL)
        return CSN_NO_MEMORY;
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&watch->wake, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pthread_mutex_init(&watch->lock, NULL);
    if (pthread_create(&watch->thread, NULL, run, watch) != 0) {
        free(watch);
        return CSN_IO;
    }
    *out = watch;
    return CSN_OK;
}

void
csn_watch_stop(struct csn_watch *watch)
{
    if (watch == NULL)
        return;
    pthread_mutex_lock(&watch->lock);
    watch->stopping = true;
    pthread_cond_signal(&watch->wake);
    pthread_mutex_unlock(&watch->lock);
    pthread_join(watch->thread, NULL);
    while (watch->first != NULL) {
        struct csn_watched *next = watch->first->next;
        free(watch->first);
        watch->first = next;
    }
    pthread_cond_destroy(&watch->wake);
    pthread_mutex_destroy(&watch->lock);
    free(watch);
}

struct csn_watched *
csn_watch_enter(struct csn_watch *watch, int fd, int64_t within_ms)
{
    struct csn_watched *watched = calloc(1, sizeof *watched);
    if (watched == NULL)
        return NULL;
    watched->fd = fd;
    csn_watch_expect(watched, within_ms);
    pthread_mutex_lock(&watch->lock);
    watched->next = watch->first;
    if (watch->first != NULL)
        watch->first->previous = watched;
    watch->first = watched;
    pthread_mutex_unlock(&watch->lock);
    return watched;
}

void
csn_watch_expect(struct csn_watched *watched, int64_t within_ms)
{
    int64_t deadline = within_ms == 0 ? 0 : monotonic_ms() + within_ms;
    atomic_store_explicit(&watched->deadline_ms, deadline, memory_order_relaxed);
}

void
csn_watch_leave(struct csn_watch *watch, struct csn_watched *watched)
{
    if (watched == NULL)
        return;
    pthread_mutex_lock(&watch->lock);
    if (watched->previous != NULL)
        watched->previous->next = watched->next;
    else
        watch->first = watched->next;
    if (watched->next != NULL)
        watched->next->previous = watched->previous;
    pthread_mutex_unlock(&watch->lock);
    free(watched);
}
