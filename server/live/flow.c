/* The flow of one stream: in line for a read, its page, its bytes, its end. See live.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/panic.h"
#include "server/live/frame.h"
#include "server/live/live_parts.h"

/* --- in line --- */

void
csn_live_line_up(struct csn_live_stream *stream)
{
    struct csn_live *live = stream->live;
    stream->state = WAITING;
    stream->told = false;
    stream->up = live->last_waiting;
    stream->down = NULL;
    if (live->last_waiting != NULL)
        live->last_waiting->down = stream;
    else
        live->first_waiting = stream;
    live->last_waiting = stream;
}

static void
leave_line(struct csn_live_stream *stream)
{
    struct csn_live *live = stream->live;
    if (stream->up != NULL)
        stream->up->down = stream->down;
    else
        live->first_waiting = stream->down;
    if (stream->down != NULL)
        stream->down->up = stream->up;
    else
        live->last_waiting = stream->up;
    stream->up = stream->down = NULL;
}

static struct csn_live_stream *
next_to_read(struct csn_live *live)
{
    struct csn_live_stream *stream = live->first_waiting;
    if (stream == NULL || live->counts.reads >= CSN_LIVE_READS_MAX)
        return NULL;
    leave_line(stream);
    stream->state = READING;
    live->counts.reads++;
    return stream;
}

/* A read may end inside the call that starts it (where there is no queue) and come back here: one
 * thread at a time starts them, and the others leave theirs in the line for it. It has other things
 * to do, so after a fill it leaves the rest to those that end the reads under way. */
void
csn_live_dispatch(struct csn_live *live)
{
    struct csn_live_stream *stream;
    pthread_mutex_lock(&live->lock);
    if (live->dispatching) {
        pthread_mutex_unlock(&live->lock);
        return;
    }
    live->dispatching = true;
    size_t started = 0;
    while ((started < CSN_LIVE_READS_MAX || live->counts.reads == 0) &&
           (stream = next_to_read(live)) != NULL) {
        pthread_mutex_unlock(&live->lock);
        live->options.read(live->options.state, stream, &stream->reader);
        started++;
        pthread_mutex_lock(&live->lock);
    }
    live->dispatching = false;
    pthread_mutex_unlock(&live->lock);
}

/* --- running again --- */

static void
run(struct csn_live_stream *stream)
{
    stream->state = RUNNING;
    stream->carrier.resume(stream->carrier.state);
}

void
csn_live_wake(struct csn_live_stream *stream)
{
    if (stream->state == WAITING) {
        leave_line(stream);
        stream->told = true;
        stream->state = RESTING;
    }
    if (stream->state == RESTING)
        run(stream);
}

void
csn_live_end(struct csn_live_stream *stream, enum csn_reason reason)
{
    if (stream->over != CSN_UNDECIDED)
        return;
    stream->over = reason;
    stream->live->counts.ended++;
    csn_live_wake(stream);
}

/* --- a page --- */

static void
take_page(struct csn_live_stream *stream, const struct csn_live_page *page)
{
    if (page->len == 0)
        free(page->bytes);
    if (page->len > 0) {
        stream->bytes = page->bytes;
        stream->len = page->len;
        stream->at = 0;
    }
    stream->live->counts.frames += page->items;
    stream->told = stream->told || page->more || page->failed;
    if (page->over != CSN_UNDECIDED)
        csn_live_end(stream, page->over);
}

/* What failed is not tried again at once: the store may be out of breath. */
static void
go_on(struct csn_live_stream *stream, bool failed)
{
    if (stream->bytes != NULL || stream->over != CSN_UNDECIDED || stream->beat)
        run(stream);
    else if (stream->told && !failed)
        csn_live_line_up(stream);
    else
        stream->state = RESTING;
}

void
csn_live_give(struct csn_live_stream *stream, const struct csn_live_page *page)
{
    struct csn_live *live = stream->live;
    pthread_mutex_lock(&live->lock);
    CSN_ASSERT(stream->state == READING && stream->bytes == NULL);
    live->counts.reads--;
    take_page(stream, page);
    go_on(stream, page->failed);
    pthread_mutex_unlock(&live->lock);
    csn_live_dispatch(live);
}

/* --- bytes --- */

static void
drop_page(struct csn_live_stream *stream)
{
    if (stream->bytes != NULL)
        csn_wipe(stream->bytes, stream->len);
    free(stream->bytes);
    stream->bytes = NULL;
    stream->len = stream->at = 0;
}

/* Where memory is out the stream ends without its last frame: the client comes again either way. */
static void
make_last_frame(struct csn_live_stream *stream)
{
    stream->ended = true;
    uint8_t *memory = malloc(CSN_LIVE_END_MAX);
    if (memory == NULL)
        return;
    struct csn_buffer frame = csn_buffer_over(memory, CSN_LIVE_END_MAX);
    csn_frame_end(&frame, stream->over);
    CSN_ASSERT(!frame.overflowed);
    stream->bytes = memory;
    stream->len = frame.len;
}

static size_t
take_bytes(struct csn_live_stream *stream, void *out, size_t max)
{
    size_t left = stream->len - stream->at;
    size_t len = left < max ? left : max;
    memcpy(out, stream->bytes + stream->at, len);
    stream->at += len;
    if (stream->at == stream->len)
        drop_page(stream);
    return len;
}

static size_t
take_beat(struct csn_live_stream *stream, void *out, size_t max)
{
    stream->beat = false;
    size_t len = sizeof CSN_FRAME_BEAT - 1;
    CSN_ASSERT(max >= len);
    memcpy(out, CSN_FRAME_BEAT, len);
    return len;
}

/* Nothing to send: it stands in line, or rests. Paused first, for both can make it run again. */
static void
rest(struct csn_live_stream *stream)
{
    stream->carrier.pause(stream->carrier.state);
    if (stream->told)
        csn_live_line_up(stream);
    else
        stream->state = RESTING;
}

static enum csn_live_step
take(struct csn_live_stream *stream, void *out, size_t max, size_t *len)
{
    CSN_ASSERT(stream->state == RUNNING);
    if (stream->bytes == NULL && stream->over != CSN_UNDECIDED && !stream->ended)
        make_last_frame(stream);
    if (stream->bytes != NULL)
        *len = take_bytes(stream, out, max);
    else if (stream->ended)
        return CSN_LIVE_OVER;
    else if (stream->beat)
        *len = take_beat(stream, out, max);
    if (*len > 0) {
        stream->beat = false; /* any byte is as good */
        stream->beat_at_ms = stream->live->now_ms + CSN_LIVE_BEAT_MS;
        return CSN_LIVE_TAKEN;
    }
    rest(stream);
    return CSN_LIVE_PAUSED;
}

enum csn_live_step
csn_live_take(struct csn_live_stream *stream, void *out, size_t max, size_t *len, bool *page)
{
    struct csn_live *live = stream->live;
    *len = 0;
    *page = false;
    pthread_mutex_lock(&live->lock);
    enum csn_live_step step = take(stream, out, max, len);
    /* Paused, the stream may be gone once the lock is given back. */
    bool waits = stream->state == WAITING;
    if (step == CSN_LIVE_TAKEN)
        *page = stream->bytes != NULL;
    pthread_mutex_unlock(&live->lock);
    if (waits)
        csn_live_dispatch(live);
    return step;
}
