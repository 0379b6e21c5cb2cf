/* Threads: tellers, a store that reads, rounds, and event loops that open, take and close, all at
 * once. Every stream must see its log to the end: what was written before a tell is delivered.
 * Run it under the thread sanitizer as well.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "server/live/live.h"

#define CUSTOMERS 7
#define LOOPS 3
#define STREAMS 16 /* of one loop */
#define TELLS 4000
#define REOPENED_AFTER 40 /* bytes, now and then: streams come and go */

/* A log is how many bytes were written; a reader stands at one of them. */
static struct {
    struct csn_live *live;
    atomic_int_fast64_t logs[CUSTOMERS];
    atomic_bool written, stop;
    atomic_int failures; /* cmocka's asserts belong to the main thread */
    pthread_mutex_t lock;
    pthread_cond_t wake;
    struct csn_live_stream *asked[CSN_LIVE_READS_MAX];
    struct csn_live_reader *readers[CSN_LIVE_READS_MAX];
    size_t asked_count;
} town;

static struct csn_id
customer_of(int number)
{
    struct csn_id id = {.text = "01CUST0000000000000000000"};
    id.text[CSN_ID_LENGTH - 1] = (char)('0' + number);
    return id;
}

static void
on_read(void *state, struct csn_live_stream *stream, struct csn_live_reader *reader)
{
    (void)state;
    pthread_mutex_lock(&town.lock);
    if (town.asked_count == CSN_LIVE_READS_MAX)
        atomic_fetch_add(&town.failures, 1);
    town.asked[town.asked_count] = stream;
    town.readers[town.asked_count++] = reader;
    pthread_cond_signal(&town.wake);
    pthread_mutex_unlock(&town.lock);
}

static enum csn_reason
on_judge(void *state, struct csn_live_reader *reader, int64_t now_ms)
{
    (void)state, (void)now_ms;
    return reader->seq >= 0 ? CSN_REASON_ACCEPTED : CSN_REASON_REVOKED;
}

/* --- the store's thread --- */

static void
read_for(struct csn_live_stream *stream, struct csn_live_reader *reader)
{
    int number = reader->customer.text[CSN_ID_LENGTH - 1] - '0';
    int64_t news = atomic_load(&town.logs[number]) - reader->seq;
    struct csn_live_page page = {0};
    if (news > 0) {
        page.len = news > 5 ? 5 : (size_t)news;
        page.more = news > 5;
        page.bytes = malloc(page.len);
        memset(page.bytes, 'x', page.len);
        page.items = 1;
        reader->seq += (int64_t)page.len;
    }
    csn_live_give(stream, &page);
}

static void *
store(void *state)
{
    (void)state;
    pthread_mutex_lock(&town.lock);
    while (!town.stop) {
        if (town.asked_count == 0) {
            pthread_cond_wait(&town.wake, &town.lock);
            continue;
        }
        struct csn_live_stream *stream = town.asked[--town.asked_count];
        struct csn_live_reader *reader = town.readers[town.asked_count];
        pthread_mutex_unlock(&town.lock);
        read_for(stream, reader);
        pthread_mutex_lock(&town.lock);
    }
    pthread_mutex_unlock(&town.lock);
    return NULL;
}

/* --- an event loop --- */

struct loop;
struct carried {
    struct loop *loop;
    struct csn_live_stream *stream;
    int customer;
    int64_t got; /* bytes of the log */
    int64_t until;
    bool paused; /* under the loop's lock */
};
struct loop {
    pthread_mutex_t lock;
    pthread_cond_t wake;
    struct carried carried[STREAMS];
};

static void
on_pause(void *state)
{
    struct carried *c = state;
    pthread_mutex_lock(&c->loop->lock);
    if (c->paused)
        atomic_fetch_add(&town.failures, 1);
    c->paused = true;
    pthread_mutex_unlock(&c->loop->lock);
}

static void
on_resume(void *state)
{
    struct carried *c = state;
    pthread_mutex_lock(&c->loop->lock);
    if (!c->paused)
        atomic_fetch_add(&town.failures, 1);
    c->paused = false;
    pthread_cond_signal(&c->loop->wake);
    pthread_mutex_unlock(&c->loop->lock);
}

static void
open_one(struct loop *loop, struct carried *c, int64_t after)
{
    struct csn_live_reader reader = {.app = customer_of(0), .seq = after};
    reader.customer = customer_of(c->customer);
    c->loop = loop;
    c->got = after;
    c->paused = false;
    if (csn_live_open(town.live, &reader, csn_bytes_text("h"), &c->stream, 1) != CSN_OK)
        abort();
    csn_live_carry(c->stream, &(struct csn_live_carrier){on_pause, on_resume, c});
}

/* Takes once; now and then the client has had enough, and comes again from where it stands. */
static void
serve(struct loop *loop, struct carried *c)
{
    char bytes[8];
    size_t len = 0;
    bool page = false;
    enum csn_live_step step = csn_live_take(c->stream, bytes, sizeof bytes, &len, &page);
    if (step == CSN_LIVE_OVER)
        atomic_fetch_add(&town.failures, 1);
    for (size_t i = 0; i < len; i++)
        c->got += bytes[i] == 'x';
    if (step == CSN_LIVE_TAKEN && !page && c->got > c->until) {
        c->until = c->got + REOPENED_AFTER;
        csn_live_close(c->stream);
        open_one(loop, c, c->got);
    }
}

/* Returns: a carried stream that runs; NULL when all have everything and none will run any more. */
static struct carried *
next_running(struct loop *loop, size_t *turn)
{
    struct carried *found = NULL;
    pthread_mutex_lock(&loop->lock);
    while (found == NULL) {
        bool complete = atomic_load(&town.written);
        for (size_t i = 0; i < STREAMS; i++) {
            struct carried *c = &loop->carried[(*turn + i) % STREAMS];
            if (!c->paused)
                found = c;
            complete = complete && c->paused && c->got == atomic_load(&town.logs[c->customer]);
        }
        ++*turn;
        if (found != NULL || complete)
            break;
        pthread_cond_wait(&loop->wake, &loop->lock);
    }
    pthread_mutex_unlock(&loop->lock);
    return found;
}

static void *
run_loop(void *state)
{
    struct loop *loop = state;
    size_t turn = 0;
    struct carried *c;
    while ((c = next_running(loop, &turn)) != NULL)
        serve(loop, c);
    return NULL;
}

/* --- news and time --- */

static void *
write_logs(void *state)
{
    (void)state;
    for (int i = 0; i < TELLS; i++) {
        int number = i % CUSTOMERS;
        atomic_fetch_add(&town.logs[number], 1);
        if (i % 50 == 49)
            csn_live_tell_app(town.live, customer_of(0));
        else
            csn_live_tell(town.live, customer_of(0), customer_of(number));
    }
    return NULL;
}

static void *
keep_time(void *state)
{
    (void)state;
    for (int64_t now_ms = 1; !atomic_load(&town.stop); now_ms += CSN_LIVE_BEAT_MS / 8)
        csn_live_round(town.live, now_ms);
    return NULL;
}

static void
delivers_everything_to_every_stream_whoever_does_what_meanwhile(void **state)
{
    (void)state;
    static struct loop loops[LOOPS];
    pthread_t threads[LOOPS], writers[2], storer, timer;
    pthread_mutex_init(&town.lock, NULL);
    pthread_cond_init(&town.wake, NULL);
    town.live = csn_live_create(&(struct csn_live_options){.read = on_read, .judge = on_judge});
    assert_non_null(town.live);
    pthread_create(&storer, NULL, store, NULL);
    pthread_create(&timer, NULL, keep_time, NULL);
    for (size_t i = 0; i < LOOPS; i++) {
        pthread_mutex_init(&loops[i].lock, NULL);
        pthread_cond_init(&loops[i].wake, NULL);
        for (size_t s = 0; s < STREAMS; s++) {
            loops[i].carried[s].customer = (int)((i + s) % CUSTOMERS);
            open_one(&loops[i], &loops[i].carried[s], 0);
        }
        pthread_create(&threads[i], NULL, run_loop, &loops[i]);
    }
    for (size_t i = 0; i < 2; i++)
        pthread_create(&writers[i], NULL, write_logs, NULL);
    for (size_t i = 0; i < 2; i++)
        pthread_join(writers[i], NULL);
    atomic_store(&town.written, true);
    csn_live_tell_app(town.live, customer_of(0));
    for (size_t i = 0; i < LOOPS; i++) {
        pthread_mutex_lock(&loops[i].lock);
        pthread_cond_signal(&loops[i].wake);
        pthread_mutex_unlock(&loops[i].lock);
        pthread_join(threads[i], NULL);
    }
    atomic_store(&town.stop, true);
    pthread_join(timer, NULL);
    pthread_mutex_lock(&town.lock);
    pthread_cond_signal(&town.wake);
    pthread_mutex_unlock(&town.lock);
    pthread_join(storer, NULL);
    assert_int_equal(atomic_load(&town.failures), 0);
    for (size_t i = 0; i < LOOPS; i++) {
        for (size_t s = 0; s < STREAMS; s++) {
            const struct carried *c = &loops[i].carried[s];
            assert_int_equal(c->got, atomic_load(&town.logs[c->customer]));
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(delivers_everything_to_every_stream_whoever_does_what_meanwhile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
