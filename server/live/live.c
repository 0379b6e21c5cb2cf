/* The hub: opening and closing, telling, the rounds. See live.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/panic.h"
#include "server/live/live_parts.h"

#define SLICE 256 /* streams looked at under one hold of the lock */

struct csn_live *
csn_live_create(const struct csn_live_options *options)
{
    struct csn_live *live = calloc(1, sizeof *live);
    if (live == NULL)
        return NULL;
    pthread_mutex_init(&live->lock, NULL);
    live->options = *options;
    return live;
}

void
csn_live_free(struct csn_live *live)
{
    if (live == NULL)
        return;
    CSN_ASSERT(live->counts.open == 0);
    pthread_mutex_destroy(&live->lock);
    free(live);
}

/* --- by customer --- */

/* FNV-1a. Ids are ours and end in randomness, so nobody chooses what collides. */
static struct csn_live_stream **
bucket_of(struct csn_live *live, const struct csn_id *app, const struct csn_id *customer)
{
    uint64_t hash = 0xCBF29CE484222325u;
    for (size_t i = 0; i < CSN_ID_LENGTH; i++)
        hash = (hash ^ (uint8_t)app->text[i]) * 0x100000001B3u;
    for (size_t i = 0; i < CSN_ID_LENGTH; i++)
        hash = (hash ^ (uint8_t)customer->text[i]) * 0x100000001B3u;
    return &live->buckets[(hash ^ hash >> 32) & (BUCKETS - 1)];
}

static bool
is_same(const struct csn_id *a, const struct csn_id *b)
{
    return memcmp(a->text, b->text, CSN_ID_LENGTH) == 0;
}

static bool
is_of(const struct csn_live_stream *stream, const struct csn_id *app, const struct csn_id *customer)
{
    return is_same(&stream->reader.customer, customer) && is_same(&stream->reader.app, app);
}

/* Those who only claim to be the customer are counted by themselves: anybody can. */
static bool
has_room(const struct csn_live_stream *first, const struct csn_live_reader *reader)
{
    size_t max =
        reader->view == CSN_VIEW_CLAIM ? CSN_LIVE_CLAIM_STREAMS_MAX : CSN_LIVE_CUSTOMER_STREAMS_MAX;
    bool has_session = reader->session.text[0] != '\0';
    size_t count = 0, of_session = 0;
    for (; first != NULL; first = first->after) {
        if (!is_of(first, &reader->app, &reader->customer) || first->reader.view != reader->view)
            continue;
        count++;
        if (has_session && is_same(&first->reader.session, &reader->session))
            of_session++;
    }
    return count < max && of_session < CSN_LIVE_SESSION_STREAMS_MAX;
}

/* --- open and close --- */

static void
carry_nothing(void *state)
{
    (void)state;
}

static struct csn_live_stream *
make(struct csn_live *live, const struct csn_live_reader *reader, struct csn_bytes hello)
{
    struct csn_live_stream *stream = calloc(1, sizeof *stream);
    uint8_t *bytes = malloc(hello.len + 1);
    if (stream == NULL || bytes == NULL) {
        free(stream);
        free(bytes);
        return NULL;
    }
    memcpy(bytes, hello.ptr, hello.len);
    *stream = (struct csn_live_stream){
        .live = live,
        .reader = *reader,
        .carrier = {.pause = carry_nothing, .resume = carry_nothing},
        .told = true, /* what came before it opened is new to it */
        .bytes = bytes,
        .len = hello.len,
    };
    return stream;
}

static bool
enter(struct csn_live *live, struct csn_live_stream *stream)
{
    struct csn_live_stream **bucket =
        bucket_of(live, &stream->reader.app, &stream->reader.customer);
    if (live->draining || live->counts.open >= CSN_LIVE_STREAMS_MAX ||
        !has_room(*bucket, &stream->reader)) {
        live->counts.refused++;
        return false;
    }
    stream->after = *bucket;
    if (*bucket != NULL)
        (*bucket)->before = stream;
    *bucket = stream;
    stream->index = live->counts.open;
    live->all[live->counts.open++] = stream;
    live->counts.opened++;
    return true;
}

enum csn_status
csn_live_open(struct csn_live *live, const struct csn_live_reader *reader, struct csn_bytes hello,
              struct csn_live_stream **out, int64_t now_ms)
{
    CSN_ASSERT(hello.len > 0);
    *out = make(live, reader, hello);
    if (*out == NULL)
        return CSN_NO_MEMORY;
    pthread_mutex_lock(&live->lock);
    bool entered = enter(live, *out);
    if (now_ms > live->now_ms)
        live->now_ms = now_ms;
    (*out)->beat_at_ms = live->now_ms + CSN_LIVE_BEAT_MS;
    pthread_mutex_unlock(&live->lock);
    if (entered)
        return CSN_OK;
    free((*out)->bytes);
    free(*out);
    *out = NULL;
    return CSN_UNAVAILABLE;
}

static void
leave(struct csn_live *live, struct csn_live_stream *stream)
{
    if (stream->before != NULL)
        stream->before->after = stream->after;
    else
        *bucket_of(live, &stream->reader.app, &stream->reader.customer) = stream->after;
    if (stream->after != NULL)
        stream->after->before = stream->before;
    struct csn_live_stream *last = live->all[--live->counts.open];
    live->all[stream->index] = last;
    last->index = stream->index;
}

void
csn_live_close(struct csn_live_stream *stream)
{
    if (stream == NULL)
        return;
    struct csn_live *live = stream->live;
    pthread_mutex_lock(&live->lock);
    CSN_ASSERT(stream->state == RUNNING);
    leave(live, stream);
    pthread_mutex_unlock(&live->lock);
    if (stream->bytes != NULL)
        csn_wipe(stream->bytes, stream->len);
    free(stream->bytes);
    csn_wipe(stream, sizeof *stream);
    free(stream);
}

void
csn_live_carry(struct csn_live_stream *stream, const struct csn_live_carrier *carrier)
{
    pthread_mutex_lock(&stream->live->lock);
    stream->carrier = *carrier;
    pthread_mutex_unlock(&stream->live->lock);
}

/* --- news --- */

static void
tell(struct csn_live_stream *stream)
{
    if (stream->state == RESTING)
        csn_live_line_up(stream);
    else if (stream->state != WAITING)
        stream->told = true;
}

void
csn_live_tell(struct csn_live *live, struct csn_id app, struct csn_id customer)
{
    if (live == NULL)
        return;
    pthread_mutex_lock(&live->lock);
    for (struct csn_live_stream *s = *bucket_of(live, &app, &customer); s != NULL; s = s->after) {
        if (is_of(s, &app, &customer))
            tell(s);
    }
    pthread_mutex_unlock(&live->lock);
    csn_live_dispatch(live);
}

void
csn_live_tell_app(struct csn_live *live, struct csn_id app)
{
    if (live == NULL)
        return;
    pthread_mutex_lock(&live->lock);
    for (size_t i = 0; i < live->counts.open; i++) {
        if (memcmp(live->all[i]->reader.app.text, app.text, CSN_ID_LENGTH) == 0)
            tell(live->all[i]);
    }
    pthread_mutex_unlock(&live->lock);
    csn_live_dispatch(live);
}

/* --- rounds --- */

/* A stream that reads is left alone: its reader is the reading's, which asks the store itself. */
static void
look_at(struct csn_live *live, struct csn_live_stream *stream)
{
    if (stream->over != CSN_UNDECIDED || stream->state == READING)
        return;
    enum csn_reason reason =
        live->options.judge(live->options.state, &stream->reader, live->now_ms);
    if (reason != CSN_REASON_ACCEPTED) {
        csn_live_end(stream, reason);
        return;
    }
    if (live->now_ms >= stream->beat_at_ms && stream->state != RUNNING) {
        stream->beat = true;
        csn_live_wake(stream);
    }
    if (stream->state == RESTING && stream->told)
        csn_live_line_up(stream);
}

/* In slices, so that nobody waits for all of them. A stream that moves to a place already passed is
 * seen in the next round. */
void
csn_live_round(struct csn_live *live, int64_t now_ms)
{
    bool more = true;
    for (size_t from = 0; more; from += SLICE) {
        pthread_mutex_lock(&live->lock);
        live->now_ms = now_ms;
        for (size_t i = from; i < from + SLICE && i < live->counts.open; i++)
            look_at(live, live->all[i]);
        more = from + SLICE < live->counts.open;
        pthread_mutex_unlock(&live->lock);
    }
    csn_live_dispatch(live);
}

void
csn_live_drain(struct csn_live *live)
{
    if (live == NULL)
        return;
    pthread_mutex_lock(&live->lock);
    live->draining = true;
    for (size_t i = 0; i < live->counts.open; i++)
        csn_live_end(live->all[i], CSN_REASON_UNAVAILABLE);
    pthread_mutex_unlock(&live->lock);
}

struct csn_live_counts
csn_live_counts(struct csn_live *live)
{
    if (live == NULL)
        return (struct csn_live_counts){0};
    pthread_mutex_lock(&live->lock);
    struct csn_live_counts counts = live->counts;
    pthread_mutex_unlock(&live->lock);
    return counts;
}
