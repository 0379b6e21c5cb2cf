/* POST sync: what the SDK has, and what it has not seen.
 *
 *   decode ─► party ─► [store] party met ─► items appended ─► log read after the cursor ─► 200
 *
 * Append and read are one job, so that the answer shows the log as it was at one moment: with
 * everything this call appended, which is not sent back. Repeating a call whose answer was lost
 * changes nothing: each item is a duplicate, and duplicates count as done.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/api/answer.h"
#include "server/api/decode.h"
#include "server/api/handlers.h"
#include "server/api/manage.h"
#include "server/api/party.h"
#include "server/api/sdk_form.h"
#include "server/api/sync_read.h"
#include "server/domain/broadcasts.h"

struct sync {
    struct csn_sync_request request;
    struct csn_party *party;
    struct csn_appended *results;
    struct csn_read_out read, broadcasts;
    int64_t first, last; /* seqs given by this call; first 0: none */
    int64_t log_last;    /* highest seq of the log after this call */
};

/* --- in the job --- */

/* What this call appended lies together at the log's end. */
static void
note_appended(struct sync *state)
{
    for (size_t i = 0; i < state->request.count; i++) {
        if (state->results[i].outcome != CSN_APPENDED)
            continue;
        if (state->first == 0)
            state->first = state->results[i].seq;
        state->last = state->results[i].seq;
    }
}

static enum csn_status
append(struct csn_exchange *x, struct csn_store *store, struct sync *state)
{
    if (state->request.count == 0)
        return CSN_OK;
    struct csn_append_in in = {.app = x->app->id,
                               .customer = state->party->customer,
                               .direction = CSN_UP,
                               .assurance = state->party->assurance,
                               .device = state->party->device,
                               .items = state->request.items,
                               .count = state->request.count};
    enum csn_status status = csn_log_append(x->service->sessions, store, &in, state->results,
                                            &state->log_last, x->now_ms);
    if (status != CSN_OK)
        return status;
    note_appended(state);
    if (state->first != 0)
        x->news.customer = state->party->customer;
    return CSN_OK;
}

/* What this call appended is the log's end and is not sent back: who was up to date before it is so
 * after it, and nothing has to be read; for others the read ends where it begins. Only who sees the
 * whole log passes over it: another's cursor stays with what it was shown. */
static enum csn_status
read_after(struct csn_exchange *x, struct csn_store *store, struct sync *state)
{
    struct csn_read_in in = {.app = x->app->id,
                             .customer = state->party->customer,
                             .view = csn_view_of(state->party->assurance),
                             .device = state->party->device,
                             .after = state->request.cursor.seq,
                             .limit = state->request.limit};
    bool passes = in.view == CSN_VIEW_LOG && state->first != 0;
    if (passes)
        in.before = state->first;
    enum csn_status status = CSN_OK;
    state->read = (struct csn_read_out){.cursor = in.after};
    if (!passes || in.after + 1 != state->first)
        status = csn_log_read(x->service->sessions, store, &in, &x->arena, &state->read);
    if (passes && !state->read.more && state->read.cursor < state->last)
        state->read.cursor = state->last;
    return status;
}

/* What the app says to all comes after what is the customer's own, where there is room for a page
 * of it and its text; else with the next call. */
static enum csn_status
read_broadcasts(struct csn_exchange *x, struct csn_store *store, struct sync *state)
{
    size_t left = x->arena.cap - x->arena.used;
    state->broadcasts.cursor = state->request.cursor.broadcast;
    if (state->read.more || left < 2 * CSN_ITEMS_READ_BYTES) {
        state->broadcasts.more = true;
        return CSN_OK;
    }
    struct csn_broadcast_read_in in = {.app = x->app->id,
                                       .customer = state->party->customer,
                                       .view = csn_view_of(state->party->assurance),
                                       .after = state->request.cursor.broadcast,
                                       .limit = state->request.limit};
    return csn_broadcast_read(x->service->sessions, store, &in, &x->arena, &state->broadcasts,
                              x->now_ms);
}

static enum csn_status
work_sync(struct csn_exchange *x, struct csn_store *store)
{
    struct sync *state = x->state;
    enum csn_status status = csn_party_meet(x, store, state->party);
    if (status != CSN_OK || state->party->reason != CSN_REASON_ACCEPTED)
        return status;
    status = append(x, store, state);
    if (status == CSN_OK)
        status = read_after(x, store, state);
    return status == CSN_OK ? read_broadcasts(x, store, state) : status;
}

/* --- the answer --- */

/* Who only claims to be the customer learns nothing of the log: neither how long it is, nor that an
 * id is there already. */
static void
write_results(struct csn_json_writer *w, const struct sync *state)
{
    bool reads = csn_view_of(state->party->assurance) == CSN_VIEW_LOG;
    static const char *const names[] = {
        [CSN_APPENDED] = "accepted", [CSN_DUPLICATE] = "duplicate", [CSN_REFUSED] = "refused"};
    csn_json_name(w, "results");
    csn_json_open_array(w);
    for (size_t i = 0; i < state->request.count; i++) {
        const struct csn_appended *result = &state->results[i];
        struct csn_bytes id = state->request.items[i].id; /* of a refused one: any text */
        bool refused = result->outcome == CSN_REFUSED;
        csn_json_open_object(w);
        if (id.len <= CSN_ITEM_ID_MAX && csn_decode_is_clean(id))
            csn_json_member_string(w, "id", id);
        csn_json_member_text(w, "status", names[refused || reads ? result->outcome : CSN_APPENDED]);
        if (refused)
            csn_json_member_text(w, "reason", csn_item_fault_name(result->fault));
        else if (reads)
            csn_json_member_int(w, "seq", result->seq);
        csn_json_close_object(w);
    }
    csn_json_close_array(w);
}

#define ENDING_MAX 256 /* bytes of what follows the items */

/* Writes as many items as there is room for. In and out: *place, moved on past them. Returns: all.
 */
static bool
write_items(struct csn_json_writer *w, const struct sync *state, const struct csn_read_out *read,
            int64_t *place)
{
    for (size_t i = 0; i < read->count; i++) {
        const struct csn_read_item *item = &read->items[i];
        if (csn_item_written_max(item) + ENDING_MAX > w->out->cap - w->out->len)
            return false;
        *place = item->seq;
        csn_item_write(w, item, state->party->customer);
    }
    *place = read->cursor;
    return !read->more;
}

/* Returns: there is more to read. */
static bool
write_news(struct csn_json_writer *w, const struct sync *state, struct csn_cursor *cursor)
{
    csn_json_name(w, "items");
    csn_json_open_array(w);
    bool all = write_items(w, state, &state->read, &cursor->seq) &&
               write_items(w, state, &state->broadcasts, &cursor->broadcast);
    csn_json_close_array(w);
    return !all;
}

static void
answer_sync(struct csn_exchange *x)
{
    struct sync *state = x->state;
    if (!csn_party_settle(x, state->party))
        return;
    struct csn_cursor cursor = state->request.cursor;
    struct csn_json_writer w = csn_answer_open(x);
    write_results(&w, state);
    bool more = write_news(&w, state, &cursor);
    csn_cursor_member(&w, cursor);
    csn_json_member_bool(&w, "more", more);
    csn_sdk_told_write(x, &w);
    csn_answer_time(&w, "server_time", x->now_ms);
    csn_answer_close(x, &w, 200);
}

enum csn_step
csn_sync(struct csn_exchange *x)
{
    struct sync *state = csn_manage_state(x, sizeof *state);
    x->sensitive = true;
    if (state == NULL || !csn_sync_read(x, &state->request))
        return CSN_ANSWERED;
    state->party = csn_party_admit(x, state->request.identity, CSN_RIGHT_APPEND);
    if (state->party == NULL)
        return CSN_ANSWERED;
    state->results =
        csn_arena_alloc(&x->arena, (state->request.count + 1) * sizeof *state->results);
    if (state->results == NULL)
        return csn_problem_fault(x, CSN_FAULT_INTERNAL, NULL);
    return csn_answer_later(x, work_sync, answer_sync);
}
