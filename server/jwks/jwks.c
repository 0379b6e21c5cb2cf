/* The thread that keeps fetched keys fresh.
 *
 * Its plan lives in the store (jwks.due), not here: a restart forgets nothing, and there is no list
 * to keep in step. All store work goes through the queue like anybody else's.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/jwks/jwks.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "server/domain/heap.h"
#include "server/domain/id.h"
#include "server/jwks/fetch.h"

#define WAIT_MAX_MS 30000             /* a change of the system's clock is noticed after this */
#define STORE_DOWN_WAIT_MS 1000       /* the store did not answer: no sooner than this again */
#define ARENA_BYTES (2 * 1024 * 1024) /* a document of CSN_KEY_TEXT_MAX as a tree, and its keys */

struct csn_jwks {
    struct csn_jwks_options options;
    struct csn_fetcher *fetcher;
    pthread_t thread;
    pthread_mutex_t lock; /* of hints and stop */
    struct csn_id hints[CSN_JWKS_HINTS_MAX];
    size_t hint_count;
    bool stop;
    atomic_uint_least64_t fetched, failed, hints_dropped;
    struct csn_id taken[CSN_JWKS_HINTS_MAX]; /* the thread's own copy of the hints */
    struct csn_arena arena;                  /* the thread's, wiped after each job */
    uint8_t memory[ARENA_BYTES];
};

/* --- hints --- */

static void
add_hint(struct csn_jwks *jwks, const struct csn_id *app)
{
    for (size_t i = 0; i < jwks->hint_count; i++) {
        if (csn_id_equal(&jwks->hints[i], app))
            return;
    }
    if (jwks->hint_count == CSN_JWKS_HINTS_MAX)
        atomic_fetch_add_explicit(&jwks->hints_dropped, 1, memory_order_relaxed);
    else
        jwks->hints[jwks->hint_count++] = *app;
}

static void
hint(void *state, struct csn_id app)
{
    struct csn_jwks *jwks = state;
    pthread_mutex_lock(&jwks->lock);
    add_hint(jwks, &app);
    pthread_mutex_unlock(&jwks->lock);
    csn_fetcher_wake(jwks->fetcher);
}

struct csn_jwks_hints
csn_jwks_hints_of(struct csn_jwks *jwks)
{
    return (struct csn_jwks_hints){.state = jwks, .hint = hint};
}

/* Returns: how many were taken over into `taken`. */
static size_t
take_hints(struct csn_jwks *jwks, bool *stop)
{
    pthread_mutex_lock(&jwks->lock);
    size_t count = jwks->hint_count;
    memcpy(jwks->taken, jwks->hints, count * sizeof jwks->taken[0]);
    jwks->hint_count = 0;
    *stop = jwks->stop;
    pthread_mutex_unlock(&jwks->lock);
    return count;
}

/* --- store work --- */

/* One job of this thread; `job` first, so that the queue hands it back. */
struct work {
    struct csn_job job;
    struct csn_jwks *jwks;
    struct csn_management m;
    int64_t now_ms;
    /* plan: */
    size_t hint_count;
    struct csn_jwks_target targets[CSN_FETCHES_MAX];
    size_t target_count;
    int64_t next_due_ms;
    /* apply: */
    struct csn_jwks_fetched fetched;
    struct csn_jwks_outcome outcome;
};

static enum csn_status
run(struct work *work, enum csn_status (*step)(struct csn_job *job, struct csn_store *store))
{
    struct csn_jwks *jwks = work->jwks;
    work->job.run = step;
    work->m = (struct csn_management){
        .registry = jwks->options.registry, .random = &jwks->options.random, .arena = &jwks->arena};
    jwks->arena.used = 0;
    enum csn_status status = csn_queue_run(jwks->options.queue, &work->job);
    csn_change_settle(&work->m.change, status);
    return status;
}

static enum csn_status
add_targets(struct work *work, const struct csn_id *apps, size_t count)
{
    const struct csn_fetcher *fetcher = work->jwks->fetcher;
    size_t slots = csn_fetcher_free_slots(fetcher);
    for (size_t i = 0; i < count && work->target_count < slots; i++) {
        if (csn_fetcher_is_busy(fetcher, &apps[i]))
            continue;
        enum csn_status status =
            csn_management_jwks_target(&work->m, apps[i], &work->targets[work->target_count]);
        if (status != CSN_OK)
            return status;
        work->target_count++;
    }
    return CSN_OK;
}

static enum csn_status
plan_step(struct csn_job *job, struct csn_store *store)
{
    struct work *work = (struct work *)job;
    work->m.store = store;
    for (size_t i = 0; i < work->hint_count; i++) {
        enum csn_status status =
            csn_management_jwks_hint(&work->m, work->jwks->taken[i], work->now_ms);
        if (status != CSN_OK)
            return status;
    }
    /* Those being fetched are still due in the rows: ask for so many more. */
    struct csn_id apps[2 * CSN_FETCHES_MAX];
    size_t count = 0;
    enum csn_status status = csn_management_jwks_due(store, apps, 2 * CSN_FETCHES_MAX, &count,
                                                     &work->next_due_ms, work->now_ms);
    return status != CSN_OK ? status : add_targets(work, apps, count);
}

static enum csn_status
apply_step(struct csn_job *job, struct csn_store *store)
{
    struct work *work = (struct work *)job;
    work->m.store = store;
    return csn_management_jwks_apply(&work->m, &work->fetched, &work->outcome, work->now_ms);
}

/* --- the round --- */

static void
wipe_arena(struct csn_jwks *jwks)
{
    csn_wipe(jwks->arena.ptr, jwks->arena.used);
    jwks->arena.used = 0;
}

static enum csn_status
apply_one(struct csn_jwks *jwks, const struct csn_fetch_result *result)
{
    struct work work = {.jwks = jwks, .now_ms = csn_clock_now(&jwks->options.clock)};
    work.fetched = (struct csn_jwks_fetched){
        .app = result->app,
        .url = result->url,
        .document = result->document,
        .error = result->error,
    };
    enum csn_status status = run(&work, apply_step);
    wipe_arena(jwks);
    if (status == CSN_NOT_FOUND)
        return CSN_OK; /* the address is another by now */
    if (status != CSN_OK)
        return status;
    atomic_fetch_add_explicit(work.outcome.good ? &jwks->fetched : &jwks->failed, 1,
                              memory_order_relaxed);
    struct csn_jwks_event event = {.app = result->app, .outcome = &work.outcome};
    if (jwks->options.log != NULL)
        jwks->options.log(jwks->options.log_state, &event);
    return CSN_OK;
}

static enum csn_status
apply_ended(struct csn_jwks *jwks)
{
    enum csn_status status = CSN_OK;
    for (struct csn_fetch_result result;
         status == CSN_OK && csn_fetcher_next(jwks->fetcher, &result);) {
        status = apply_one(jwks, &result);
        csn_fetcher_forget(jwks->fetcher, &result);
    }
    return status;
}

/* Begins what is due. Out: *wait_ms until the next round. */
static enum csn_status
begin_due(struct csn_jwks *jwks, size_t hint_count, int64_t *wait_ms)
{
    struct work work = {.jwks = jwks,
                        .now_ms = csn_clock_now(&jwks->options.clock),
                        .hint_count = hint_count,
                        .next_due_ms = INT64_MAX};
    enum csn_status status = run(&work, plan_step);
    for (size_t i = 0; i < work.target_count && status == CSN_OK; i++)
        status = csn_fetcher_begin(jwks->fetcher, work.targets[i].app, work.targets[i].url);
    wipe_arena(jwks);
    if (work.next_due_ms > work.now_ms && work.next_due_ms - work.now_ms < *wait_ms)
        *wait_ms = work.next_due_ms - work.now_ms;
    return status;
}

/* Lets transfers go on until there is something to do. Returns: how many hints were taken. */
static size_t
rest(struct csn_jwks *jwks, int64_t wait_ms, bool *stop)
{
    struct csn_fetch_result ended;
    int64_t until_ms = csn_clock_now(&jwks->options.clock) + wait_ms;
    size_t hints = take_hints(jwks, stop);
    while (!*stop && hints == 0 && wait_ms > 0 && !csn_fetcher_next(jwks->fetcher, &ended)) {
        csn_fetcher_wait(jwks->fetcher, wait_ms);
        hints = take_hints(jwks, stop);
        wait_ms = until_ms - csn_clock_now(&jwks->options.clock);
    }
    return hints;
}

static void *
live(void *state)
{
    struct csn_jwks *jwks = state;
    bool stop = false;
    size_t hints = take_hints(jwks, &stop);
    while (!stop) {
        int64_t wait_ms = WAIT_MAX_MS;
        enum csn_status status = apply_ended(jwks);
        if (status == CSN_OK)
            status = begin_due(jwks, hints, &wait_ms);
        if (status != CSN_OK)
            wait_ms = STORE_DOWN_WAIT_MS;
        hints = rest(jwks, wait_ms, &stop);
    }
    return NULL;
}

/* --- life --- */

enum csn_status
csn_jwks_start(const struct csn_jwks_options *options, struct csn_jwks **out)
{
    *out = csn_heap_new(sizeof **out);
    if (*out == NULL)
        return CSN_NO_MEMORY;
    struct csn_jwks *jwks = *out;
    jwks->options = *options;
    jwks->arena = csn_arena_over(jwks->memory, sizeof jwks->memory);
    pthread_mutex_init(&jwks->lock, NULL);
    enum csn_status status = csn_fetcher_create(options->timeout_ms, options->ca, &jwks->fetcher);
    if (status == CSN_OK && pthread_create(&jwks->thread, NULL, live, jwks) != 0)
        status = CSN_IO;
    if (status == CSN_OK)
        return CSN_OK;
    csn_fetcher_free(jwks->fetcher);
    pthread_mutex_destroy(&jwks->lock);
    csn_heap_free(jwks, sizeof *jwks);
    *out = NULL;
    return status;
}

void
csn_jwks_stop(struct csn_jwks *jwks)
{
    if (jwks == NULL)
        return;
    pthread_mutex_lock(&jwks->lock);
    jwks->stop = true;
    pthread_mutex_unlock(&jwks->lock);
    csn_fetcher_wake(jwks->fetcher);
    pthread_join(jwks->thread, NULL);
    csn_fetcher_free(jwks->fetcher);
    pthread_mutex_destroy(&jwks->lock);
    csn_heap_free(jwks, sizeof *jwks);
}

struct csn_jwks_counts
csn_jwks_counts(const struct csn_jwks *jwks)
{
    return (struct csn_jwks_counts){
        atomic_load_explicit(&jwks->fetched, memory_order_relaxed),
        atomic_load_explicit(&jwks->failed, memory_order_relaxed),
        atomic_load_explicit(&jwks->hints_dropped, memory_order_relaxed),
    };
}
