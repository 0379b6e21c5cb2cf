/* The timeline of a customer: what happened and why, newest first. Also of an identity that nobody
 * ever got in with: then there is no customer, and decisions are all there is.
 *
 * A cursor is the place of the last event: "time.event.ref".
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/store/timeline_rows.h"

#include <string.h>

#include "server/api/handlers.h"
#include "server/api/manage.h"
#include "server/api/query.h"
#include "server/domain/customers.h"
#include "server/domain/pseudonym.h"

#define CURSOR_MAX 80 /* bytes */

static const char *const event_names[] = {
    [CSN_EVENT_NONE] = "none",
    [CSN_EVENT_CREATED] = "created",
    [CSN_EVENT_LINKED] = "linked",
    [CSN_EVENT_UNLINKED] = "unlinked",
    [CSN_EVENT_SESSION_STARTED] = "session_started",
    [CSN_EVENT_SESSION_ENDED] = "session_ended",
    [CSN_EVENT_REVOKED] = "revoked",
    [CSN_EVENT_DECISION] = "decision",
};
#define EVENTS (sizeof event_names / sizeof event_names[0])

struct timeline {
    struct csn_timeline_filter filter;
    struct csn_bytes identity; /* asked for; {0}: `filter.customer` is */
    struct csn_customer_info *customer;
    struct csn_timeline_row *rows;
    size_t count;
    bool more;
};

/* --- whose --- */

static enum csn_status
find_customer(struct csn_exchange *x, struct csn_store *store)
{
    struct timeline *state = x->state;
    const struct csn_sessions *sessions = x->service->sessions;
    struct csn_customer_info *customer = state->customer;
    if (state->identity.len == 0)
        return csn_customer_get(sessions, store, x->app->id, state->filter.customer, customer);
    enum csn_status status =
        csn_customer_find(sessions, store, x->app->id, state->identity, customer);
    if (status == CSN_OK)
        state->filter.customer = customer->id;
    return status == CSN_NOT_FOUND ? CSN_OK : status;
}

static enum csn_status
work_timeline(struct csn_exchange *x, struct csn_store *store)
{
    struct timeline *state = x->state;
    enum csn_status status = find_customer(x, store);
    if (status != CSN_OK)
        return status;
    struct csn_bytes identity = state->identity;
    if (identity.len == 0)
        identity = csn_bytes_of(state->customer->identity, state->customer->identity_len);
    state->filter.has_pseudonym = identity.len > 0;
    csn_pseudonym_of(x->app, identity, state->filter.pseudonym);
    return csn_store_timeline(store, &state->filter, state->rows, &state->count, &state->more);
}

/* --- what --- */

static void
write_decision(struct csn_json_writer *w, const struct csn_timeline_row *row)
{
    const struct csn_decision *d = &row->decision;
    csn_json_member_text(w, "endpoint", csn_endpoint_name(d->endpoint));
    csn_json_member_bool(w, "admitted", d->admitted);
    csn_json_member_text(w, "reason", csn_reason_name(d->reason));
    csn_json_member_text(w, "action", csn_action_name(csn_reason_action(d->reason)));
    bool decided = d->mode != CSN_ENFORCE_UNSET;
    csn_answer_text(
        w, "mode", decided ? csn_bytes_text(csn_enforcement_name(d->mode)) : (struct csn_bytes){0});
    csn_answer_text(w, "platform", csn_bytes_text(d->platform));
    csn_answer_text(w, "app_version", csn_bytes_text(d->app_version));
    csn_answer_text(w, "sdk_version", csn_bytes_text(d->sdk_version));
    if (d->key_number != 0)
        csn_json_member_int(w, "key_number", d->key_number);
    if (d->has_skew)
        csn_json_member_int(w, "skew_ms", d->skew_ms);
    if (d->lifetime_ms != 0)
        csn_json_member_int(w, "lifetime_ms", d->lifetime_ms);
    csn_json_member_int(w, "weight", row->weight);
}

/* Returns: why, in a sentence. */
static const char *
why(const struct csn_timeline_row *row)
{
    switch (row->place.event) {
    case CSN_EVENT_CREATED: return "The customer was seen for the first time.";
    case CSN_EVENT_LINKED: return "An anonymous customer turned out to be an identified one.";
    case CSN_EVENT_UNLINKED: return "A link was undone by hand.";
    case CSN_EVENT_SESSION_STARTED: return "A device began a session.";
    case CSN_EVENT_SESSION_ENDED:
        return "A logout, a revocation, or another login on the device ended it.";
    case CSN_EVENT_REVOKED: return "Everything issued before this time is refused.";
    case CSN_EVENT_DECISION: return csn_reason_sentence(row->decision.reason);
    default: return "";
    }
}

static void
write_event(struct csn_json_writer *w, const void *of)
{
    const struct csn_timeline_row *row = of;
    enum csn_event event = row->place.event;
    bool session = event == CSN_EVENT_SESSION_STARTED || event == CSN_EVENT_SESSION_ENDED;
    csn_answer_time(w, "at", row->place.at_ms);
    csn_json_member_text(w, "event", event_names[(size_t)event < EVENTS ? event : 0]);
    csn_json_member_text(w, "why", why(row));
    if (session) {
        csn_answer_id(w, "session", row->other);
        csn_json_member_text(w, "device", row->device);
        csn_json_member_text(w, "assurance", csn_assurance_name(row->assurance));
    }
    if (event == CSN_EVENT_LINKED || event == CSN_EVENT_UNLINKED)
        csn_answer_id(w, "other", row->other);
    if (event == CSN_EVENT_DECISION)
        write_decision(w, row);
}

static void
write_next(struct csn_json_writer *w, const struct timeline *state)
{
    char memory[CURSOR_MAX];
    struct csn_buffer text = csn_buffer_over(memory, sizeof memory);
    if (state->more) {
        const struct csn_timeline_place *last = &state->rows[state->count - 1].place;
        csn_buffer_int(&text, last->at_ms);
        csn_buffer_byte(&text, '.');
        csn_buffer_int(&text, last->event);
        csn_buffer_byte(&text, '.');
        csn_buffer_text(&text, last->ref);
    }
    csn_answer_text(w, "next", csn_buffer_view(&text));
}

static void
answer_timeline(struct csn_exchange *x)
{
    const struct timeline *state = x->state;
    struct csn_json_writer w = csn_answer_open(x);
    csn_answer_id(&w, "customer", state->filter.customer);
    csn_answer_items(&w, state->rows, state->count, sizeof *state->rows, write_event);
    write_next(&w, state);
    csn_answer_close(x, &w, 200);
}

/* --- asking --- */

static bool
read_cursor(struct csn_bytes text, struct csn_timeline_place *out)
{
    size_t first = csn_bytes_find(text, '.');
    struct csn_bytes rest = csn_bytes_slice(text, first == text.len ? first : first + 1, text.len);
    size_t second = csn_bytes_find(rest, '.');
    struct csn_bytes ref =
        csn_bytes_slice(rest, second == rest.len ? second : second + 1, rest.len);
    int64_t event = 0;
    bool good = csn_json_integer(csn_bytes_slice(text, 0, first), &out->at_ms) == CSN_OK &&
                csn_json_integer(csn_bytes_slice(rest, 0, second), &event) == CSN_OK &&
                out->at_ms > 0 && event > CSN_EVENT_NONE && event < (int64_t)EVENTS &&
                ref.len > 0 && ref.len <= CSN_EVENT_REF_MAX;
    if (!good)
        return false;
    out->event = (enum csn_event)event;
    memcpy(out->ref, ref.ptr, ref.len);
    return true;
}

static bool
refuse(struct csn_exchange *x, const char *name, const char *detail)
{
    csn_problem_field(x, CSN_FAULT_FIELD_INVALID, "?", csn_bytes_text(name), detail);
    return false;
}

static bool
read_query(struct csn_exchange *x, struct timeline *state, bool by_identity)
{
    struct csn_bytes cursor, limit, *identity = &state->identity;
    const struct csn_parameter known[] = {
        {"cursor", CURSOR_MAX, &cursor},
        {"limit", 8, &limit},
        {by_identity ? "identity" : NULL, CSN_IDENTITY_MAX, identity},
        {0}};
    if (!csn_query_read(x, known))
        return false;
    if (by_identity && identity->len == 0)
        return refuse(x, "identity", "Say whose timeline it is.");
    if (cursor.len > 0 && !read_cursor(cursor, &state->filter.before))
        return refuse(x, "cursor", NULL);
    return csn_query_limit(limit, &state->filter.limit) || refuse(x, "limit", NULL);
}

static enum csn_step
ask(struct csn_exchange *x, struct timeline *state)
{
    state->filter.app = x->app->id;
    state->customer = csn_arena_alloc(&x->arena, sizeof *state->customer);
    state->rows = csn_arena_alloc(&x->arena, state->filter.limit * sizeof *state->rows);
    if (state->customer == NULL || state->rows == NULL)
        return csn_problem_fault(x, CSN_FAULT_INTERNAL, NULL);
    return csn_answer_later(x, work_timeline, answer_timeline);
}

enum csn_step
csn_timeline_of_customer(struct csn_exchange *x)
{
    struct timeline *state = csn_manage_state(x, sizeof *state);
    if (state == NULL || !csn_manage_id(x, 1, &state->filter.customer) ||
        !read_query(x, state, false))
        return CSN_ANSWERED;
    return ask(x, state);
}

enum csn_step
csn_timeline_of_identity(struct csn_exchange *x)
{
    struct timeline *state = csn_manage_state(x, sizeof *state);
    if (state == NULL || !read_query(x, state, true))
        return CSN_ANSWERED;
    return ask(x, state);
}
