/* What the hub is made with: whether a reader still may, and the read of one page. See stream.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "server/api/stream.h"
#include "server/domain/broadcasts.h"
#include "server/domain/customers.h"
#include "server/domain/registry.h"
#include "server/domain/revocations.h"

/* --- does the right still stand? --- */

static bool
is_revoked(const struct csn_service *service, const struct csn_live_reader *reader)
{
    struct csn_revocations *revocations = service->revocations;
    if (revocations == NULL || !csn_revocations_any(revocations))
        return false;
    if (!csn_id_is_none(&reader->session))
        return csn_is_session_revoked(revocations, &reader->app, &reader->session);
    return csn_is_token_revoked(revocations, &reader->app, reader->token_hash) ||
           reader->issued_ms < csn_customer_revoked_before(revocations, &reader->app, reader->who);
}

static bool
verifies(const struct csn_key *key, int64_t now_ms)
{
    bool in_use = key->state == CSN_KEY_ACTIVE || key->state == CSN_KEY_RETIRING;
    return in_use && (key->expires_ms == 0 || now_ms < key->expires_ms);
}

/* The key that vouched for a token may have been retired since. Looked up only after a change. For
 * a claim no key did: whether enforcement still lets it in, it learns when it comes again. */
static enum csn_reason
judge_key(const struct csn_app *app, struct csn_live_reader *reader, int64_t now_ms)
{
    if (!csn_id_is_none(&reader->session) || reader->app_generation == app->generation)
        return CSN_REASON_ACCEPTED;
    if (reader->key_number == 0)
        return CSN_REASON_ENFORCEMENT_MISSING;
    for (size_t i = 0; i < app->keys.count; i++) {
        if (app->keys.keys[i].number != reader->key_number || !verifies(&app->keys.keys[i], now_ms))
            continue;
        reader->app_generation = app->generation;
        return CSN_REASON_ACCEPTED;
    }
    return CSN_REASON_KEY_RETIRED;
}

static enum csn_reason
judge_app(const struct csn_app *app, struct csn_live_reader *reader, int64_t now_ms)
{
    if (app == NULL)
        return CSN_REASON_APP_UNKNOWN;
    if (app->suspended)
        return CSN_REASON_APP_SUSPENDED;
    return judge_key(app, reader, now_ms);
}

enum csn_reason
csn_stream_judge(void *state, struct csn_live_reader *reader, int64_t now_ms)
{
    const struct csn_service *service = state;
    if (reader->expires_ms != 0 && now_ms >= reader->expires_ms)
        return CSN_REASON_EXPIRED;
    if (is_revoked(service, reader))
        return CSN_REASON_REVOKED;
    const struct csn_app *app = csn_registry_app(service->registry, csn_id_view(&reader->app));
    enum csn_reason reason = judge_app(app, reader, now_ms);
    csn_app_release(app);
    return reason;
}

/* --- one page --- */

#define ARENA (2 * (CSN_ITEMS_READ_BYTES + CSN_STREAM_PAGE_ITEMS * 1024)) /* two reads */

struct reading {
    struct csn_job job; /* first */
    struct csn_service *service;
    struct csn_live_stream *stream;
    struct csn_live_reader *reader; /* ours until the page is given */
    struct csn_cursor cursor;
    struct csn_live_page page;
    struct csn_arena arena;
    uint8_t memory[ARENA];
};

/* Returns: the customer may still be read to, in this very transaction. */
static enum csn_status
ask(struct reading *reading, struct csn_store *store, bool *may, int64_t now_ms)
{
    const struct csn_live_reader *reader = reading->reader;
    enum csn_status status = CSN_OK;
    enum csn_reason reason = csn_stream_judge(reading->service, reading->reader, now_ms);
    if (reason == CSN_REASON_ACCEPTED && !csn_id_is_none(&reader->session))
        status = csn_session_is_live(store, reader->app, reader->session, &reason, now_ms);
    *may = reason == CSN_REASON_ACCEPTED;
    if (!*may)
        reading->page.over = reason;
    return status;
}

/* Returns: the most bytes that frames of these items take, as far as a page goes. */
static size_t
frames_max(const struct csn_read_out *read)
{
    size_t bytes = 0;
    for (size_t i = 0; i < read->count && bytes < CSN_STREAM_PAGE_BYTES; i++)
        bytes += csn_item_written_max(&read->items[i]) + CSN_STREAM_FRAME_MAX;
    return bytes;
}

static void
write_items(struct reading *reading, const struct csn_read_out *read, int64_t *place,
            struct csn_buffer *frames)
{
    struct csn_live_page *page = &reading->page;
    size_t written =
        csn_stream_items_write(read, reading->reader->customer, &reading->cursor, place, frames);
    page->items += written;
    if (written < read->count) {
        page->more = true;
        return;
    }
    *place = read->cursor;
    page->more = page->more || read->more;
}

/* What the app says to all comes after what is the customer's own. */
static enum csn_status
write_page(struct reading *reading, const struct csn_read_out *log,
           const struct csn_read_out *broadcasts)
{
    struct csn_live_page *page = &reading->page;
    size_t need = frames_max(log) + frames_max(broadcasts);
    size_t cap = need < CSN_STREAM_PAGE_BYTES ? need : CSN_STREAM_PAGE_BYTES;
    struct csn_buffer frames = {0};
    if (cap > 0) {
        page->bytes = malloc(cap);
        if (page->bytes == NULL)
            return CSN_NO_MEMORY;
        frames = csn_buffer_over(page->bytes, cap);
    }
    write_items(reading, log, &reading->cursor.seq, &frames);
    if (!page->more)
        write_items(reading, broadcasts, &reading->cursor.broadcast, &frames);
    page->len = frames.len;
    return CSN_OK;
}

static enum csn_status
read_page(struct reading *reading, struct csn_store *store, int64_t now_ms)
{
    const struct csn_live_reader *reader = reading->reader;
    const struct csn_sessions *sessions = reading->service->sessions;
    struct csn_read_in in = {.app = reader->app,
                             .customer = reader->customer,
                             .view = reader->view,
                             .device = csn_bytes_text(reader->device),
                             .after = reader->seq,
                             .limit = CSN_STREAM_PAGE_ITEMS};
    struct csn_broadcast_read_in to_all = {.app = reader->app,
                                           .customer = reader->customer,
                                           .view = reader->view,
                                           .after = reader->broadcast,
                                           .limit = CSN_STREAM_PAGE_ITEMS};
    struct csn_read_out log = {0}, broadcasts = {.cursor = reader->broadcast};
    enum csn_status status = csn_log_read(sessions, store, &in, &reading->arena, &log);
    if (status == CSN_OK && !log.more)
        status = csn_broadcast_read(sessions, store, &to_all, &reading->arena, &broadcasts, now_ms);
    return status == CSN_OK ? write_page(reading, &log, &broadcasts) : status;
}

static enum csn_status
run(struct csn_job *job, struct csn_store *store)
{
    struct reading *reading = (struct reading *)job;
    int64_t now_ms = csn_clock_now(&reading->service->clock);
    bool may = false;
    enum csn_status status = ask(reading, store, &may, now_ms);
    if (status != CSN_OK || !may)
        return status;
    status = read_page(reading, store, now_ms);
    if (status != CSN_NOT_FOUND)
        return status;
    reading->page.over = CSN_REASON_REVOKED; /* the customer was erased */
    return CSN_OK;
}

static void
drop_page(struct csn_live_page *page)
{
    if (page->bytes != NULL)
        csn_wipe(page->bytes, page->len);
    free(page->bytes);
    *page = (struct csn_live_page){.failed = true};
}

/* The reader moves on only by what was committed, and is given back with the page. */
static void
done(struct csn_job *job)
{
    struct reading *reading = (struct reading *)job;
    struct csn_live_stream *stream = reading->stream;
    if (job->status == CSN_OK) {
        reading->reader->seq = reading->cursor.seq;
        reading->reader->broadcast = reading->cursor.broadcast;
    } else {
        drop_page(&reading->page);
    }
    struct csn_live_page page = reading->page;
    csn_wipe(reading->memory, reading->arena.used);
    free(reading);
    csn_live_give(stream, &page);
}

void
csn_stream_read(void *state, struct csn_live_stream *stream, struct csn_live_reader *reader)
{
    struct csn_service *service = state;
    struct reading *reading = malloc(sizeof *reading);
    if (reading == NULL) {
        csn_live_give(stream, &(struct csn_live_page){.failed = true});
        return;
    }
    reading->job = (struct csn_job){.run = run, .done = done};
    reading->service = service;
    reading->stream = stream;
    reading->reader = reader;
    reading->cursor = (struct csn_cursor){reader->seq, reader->broadcast};
    reading->page = (struct csn_live_page){0};
    reading->arena = csn_arena_over(reading->memory, sizeof reading->memory);
    if (service->queue == NULL) {
        csn_queue_inline(service->store, &reading->job);
        return;
    }
    if (csn_queue_submit(service->queue, &reading->job) == CSN_OK)
        return;
    reading->job.status = CSN_UNAVAILABLE;
    done(&reading->job);
}
