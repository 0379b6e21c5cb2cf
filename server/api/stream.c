/* GET stream: a customer's log as it grows (WHATWG HTML §9.2).
 *
 *   where does it stand? ─► who is it? ─► [store] is that still true? ─► open, say hello
 *
 * What follows the hello is not this request's any more: the stream is handed on in the response.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/api/stream.h"

#include <string.h>

#include "server/api/admission.h"
#include "server/api/handlers.h"
#include "server/api/manage.h"
#include "server/api/party.h"
#include "server/api/query.h"
#include "server/domain/revocations.h"
#include "server/domain/session_keys.h"

struct opening {
    struct csn_cursor cursor;
    struct csn_party *party;
};

/* --- where it stands --- */

/* A browser that reconnects repeats the address it was given, cursor and all: the header is newer.
 */
static bool
read_cursor(struct csn_exchange *x, struct csn_cursor *out)
{
    struct csn_bytes parameter = {0};
    const struct csn_parameter known[] = {{"cursor", CSN_CURSOR_TEXT_MAX, &parameter}, {0}};
    if (!csn_query_read(x, known))
        return false;
    bool twice = false;
    struct csn_bytes last = csn_request_header(&x->request, "last-event-id", &twice);
    if (!twice && csn_cursor_read(last.len > 0 ? last : parameter, out))
        return true;
    bool in_field = last.len > 0 || twice;
    csn_problem_field(x, CSN_FAULT_FIELD_INVALID, in_field ? "" : "?",
                      csn_bytes_text(in_field ? "last-event-id" : "cursor"),
                      "A cursor is the id of an event of this stream, or a cursor of POST sync.");
    return false;
}

/* --- by what right --- */

static bool
is_claim(const struct csn_exchange *x)
{
    return x->caller.verdict.reason != CSN_REASON_ACCEPTED;
}

/* A session ends at a time; the customer's own token is good until the policy's leeway is over. A
 * claim without a session goes by nothing that ends by itself, while what lets it in may. */
static int64_t
end_of_right(const struct csn_exchange *x)
{
    const struct csn_verdict *verdict = &x->caller.verdict;
    if (x->caller.kind == CSN_BEARER_SESSION)
        return x->caller.expires_ms;
    if (is_claim(x))
        return x->now_ms + CSN_STREAM_CLAIM_MS;
    if (!verdict->has_expires_at)
        return 0;
    return verdict->expires_at_ms + x->app->policy.leeway_s * 1000;
}

/* A claim is as old as its call: revoking its customer ends it, and refuses no later one. */
static void
describe_token(const struct csn_exchange *x, const struct csn_party *party,
               struct csn_live_reader *reader)
{
    const struct csn_token_facts *token = &party->contact.token;
    memcpy(reader->token_hash, token->hash, sizeof reader->token_hash);
    csn_identity_hash(x->service->sessions, &x->app->id, party->contact.identity, reader->who);
    reader->issued_ms = is_claim(x) ? x->now_ms
                                    : csn_token_issued_earliest(&x->app->policy, token->issued_ms,
                                                                token->expires_ms);
    reader->key_number = x->caller.key_number;
    reader->app_generation = x->app->generation;
}

static struct csn_live_reader
reader_of(const struct csn_exchange *x, const struct opening *state)
{
    const struct csn_party *party = state->party;
    struct csn_live_reader reader = {
        .app = x->app->id,
        .customer = party->customer,
        .view = csn_view_of(party->assurance),
        .seq = state->cursor.seq,
        .broadcast = state->cursor.broadcast,
        .session = party->session,
        .expires_ms = end_of_right(x),
    };
    memcpy(reader.device, x->caller.device, sizeof reader.device);
    if (csn_id_is_none(&party->session))
        describe_token(x, party, &reader);
    return reader;
}

/* --- open --- */

static enum csn_status
open_stream(struct csn_exchange *x, const struct opening *state)
{
    uint8_t memory[CSN_STREAM_HELLO_MAX];
    struct csn_buffer hello = csn_buffer_over(memory, sizeof memory);
    uint16_t chance = 0;
    csn_random_fill(&x->service->random, &chance, sizeof chance);
    unsigned retry_ms = CSN_STREAM_RETRY_MS + chance % CSN_STREAM_RETRY_SPREAD_MS;
    csn_stream_hello_write(x, state->cursor, retry_ms, &hello);
    struct csn_live_reader reader = reader_of(x, state);
    if (x->service->live == NULL)
        return CSN_UNAVAILABLE;
    return csn_live_open(x->service->live, &reader, csn_buffer_view(&hello), &x->response.stream,
                         x->now_ms);
}

static void
answer_stream(struct csn_exchange *x)
{
    struct opening *state = x->state;
    if (!csn_party_settle(x, state->party))
        return;
    bool only_head = x->request.method == CSN_HEAD;
    if (!only_head && open_stream(x, state) != CSN_OK) {
        csn_problem_wait(x, CSN_REASON_UNAVAILABLE, CSN_STREAM_WAIT_MS);
        return;
    }
    csn_response_header(x, "X-Accel-Buffering", csn_bytes_text("no")); /* nginx would gather it */
    (void)csn_answer_body(x, 200, "text/event-stream", (struct csn_bytes){0});
    x->response.endless = true;
}

static enum csn_status
work_meet(struct csn_exchange *x, struct csn_store *store)
{
    const struct opening *state = x->state;
    return csn_party_meet(x, store, state->party);
}

enum csn_step
csn_stream_open(struct csn_exchange *x)
{
    struct opening *state = csn_manage_state(x, sizeof *state);
    if (state == NULL || !read_cursor(x, &state->cursor))
        return CSN_ANSWERED;
    state->party = csn_party_admit(x, (struct csn_bytes){0}, CSN_RIGHT_RECEIVE);
    if (state->party == NULL)
        return CSN_ANSWERED;
    return csn_answer_later(x, work_meet, answer_stream);
}
