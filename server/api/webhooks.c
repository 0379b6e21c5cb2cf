/* Webhooks: where an app's backend is told what happens. The secret is in one answer, once.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/domain/webhooks.h"

#include "server/api/decode.h"
#include "server/api/handlers.h"
#include "server/api/item_form.h"
#include "server/api/manage.h"
#include "server/api/query.h"
#include "server/api/trail.h"

struct webhooks {
    struct csn_bytes url;
    const struct csn_json_node *events;
    struct csn_webhook_request request;
    struct csn_id id;
    struct csn_webhook_made made;
    const struct csn_webhook_info *all;
    size_t count;
    struct csn_id delivery;
    const struct csn_delivery_info *deliveries;
    struct csn_cursor before;
    size_t limit;
};

/* --- reading --- */

static bool
refuse_events(struct csn_exchange *x, const char *detail)
{
    csn_problem_field(x, CSN_FAULT_FIELD_INVALID, "", csn_bytes_text("events"), detail);
    return false;
}

static bool
read_events(struct csn_exchange *x, const struct csn_json_node *names, int64_t *notices)
{
    for (const struct csn_json_node *n = names->first; n != NULL; n = n->next) {
        enum csn_notice notice =
            n->kind == CSN_JSON_STRING ? csn_notice_from_name(n->text) : CSN_NOTICE_NONE;
        if (notice == CSN_NOTICE_NONE || notice == CSN_NOTICE_TEST)
            return refuse_events(x, "It names an event that there is not.");
        *notices |= csn_notice_bit(notice);
    }
    return *notices != 0 || refuse_events(x, "A webhook needs at least one event.");
}

static bool
read_request(struct csn_exchange *x, struct webhooks *state, bool is_new)
{
    struct csn_webhook_request *request = &state->request;
    const struct csn_field fields[] = {
        {"url", CSN_FIELD_TEXT, is_new, 0, CSN_URL_MAX, offsetof(struct webhooks, url)},
        {"events", CSN_FIELD_ARRAY, is_new, 0, CSN_NOTICE_COUNT, offsetof(struct webhooks, events)},
        {"enabled", CSN_FIELD_BOOL, false, 0, 0, offsetof(struct webhooks, request.enabled)},
        {"bodies", CSN_FIELD_BOOL, false, 0, 0, offsetof(struct webhooks, request.bodies)},
    };
    const struct csn_json_node *body = csn_decode_body(x, false);
    if (body == NULL || !csn_decode_object(x, body, "", CSN_FIELDS(fields), state))
        return false;
    bool unused = false;
    request->url = state->url;
    request->has_enabled = csn_json_get_bool(body, "enabled", &unused);
    request->has_bodies = csn_json_get_bool(body, "bodies", &unused);
    return state->events == NULL || read_events(x, state->events, &request->notices);
}

/* The state of a call on the webhook in the path. Returns: NULL after it answered. */
static struct webhooks *
begin_one(struct csn_exchange *x)
{
    struct webhooks *state = csn_manage_state(x, sizeof *state);
    x->sensitive = true;
    return state != NULL && csn_manage_id(x, 1, &state->id) ? state : NULL;
}

/* --- writing --- */

static void
write_events(struct csn_json_writer *w, int64_t notices)
{
    csn_json_name(w, "events");
    csn_json_open_array(w);
    for (int i = CSN_NOTICE_NONE + 1; i < CSN_NOTICE_COUNT; i++) {
        if ((notices & csn_notice_bit((enum csn_notice)i)) != 0)
            csn_json_text(w, csn_notice_name((enum csn_notice)i));
    }
    csn_json_close_array(w);
}

static void
write_info(struct csn_json_writer *w, const void *row)
{
    const struct csn_webhook_info *info = row;
    csn_answer_id(w, "id", info->id);
    csn_json_member_string(w, "url", info->url);
    write_events(w, info->notices);
    csn_json_member_bool(w, "enabled", info->state == CSN_WEBHOOK_ENABLED);
    csn_json_member_text(w, "state", csn_webhook_state_name(info->state));
    csn_answer_time(w, "state_changed_at", info->state_changed_ms);
    csn_json_member_bool(w, "bodies", info->bodies);
    csn_answer_time(w, "created_at", info->created_ms);
    csn_answer_time(w, "delivered_at", info->delivered_ms);
    csn_answer_time(w, "failing_since", info->failing_since_ms);
    csn_answer_time(w, "previous_secret_until", info->previous_until_ms);
    csn_json_member_int(w, "waiting", info->waiting);
    csn_json_member_int(w, "dropped", info->dropped);
}

static void
answer_one(struct csn_exchange *x)
{
    const struct webhooks *state = x->state;
    struct csn_json_writer w = csn_answer_open(x);
    write_info(&w, &state->made.info);
    csn_answer_close(x, &w, 200);
}

static void
answer_secret(struct csn_exchange *x, int status)
{
    const struct webhooks *state = x->state;
    struct csn_json_writer w = csn_answer_open(x);
    write_info(&w, &state->made.info);
    csn_json_member_text(&w, "secret", state->made.secret);
    csn_answer_close(x, &w, status);
}

static void
answer_empty(struct csn_exchange *x)
{
    csn_answer_empty(x, 204);
}

/* --- list, get --- */

static enum csn_status
work_list(struct csn_exchange *x, struct csn_store *store)
{
    struct webhooks *state = x->state;
    struct csn_management *m = csn_manage(x, store);
    return m == NULL ? CSN_NO_SPACE : csn_webhook_list(m, x->app->id, &state->all, &state->count);
}

static void
answer_list(struct csn_exchange *x)
{
    const struct webhooks *state = x->state;
    struct csn_json_writer w = csn_answer_open(x);
    csn_answer_items(&w, state->all, state->count, sizeof *state->all, write_info);
    csn_answer_close(x, &w, 200);
}

enum csn_step
csn_webhooks_list(struct csn_exchange *x)
{
    x->sensitive = true;
    if (csn_manage_state(x, sizeof(struct webhooks)) == NULL)
        return CSN_ANSWERED;
    return csn_answer_later(x, work_list, answer_list);
}

static enum csn_status
work_get(struct csn_exchange *x, struct csn_store *store)
{
    struct webhooks *state = x->state;
    struct csn_management *m = csn_manage(x, store);
    return m == NULL ? CSN_NO_SPACE : csn_webhook_get(m, x->app->id, state->id, &state->made.info);
}

enum csn_step
csn_webhooks_get(struct csn_exchange *x)
{
    return begin_one(x) == NULL ? CSN_ANSWERED : csn_answer_later(x, work_get, answer_one);
}

/* --- create, change, remove --- */

static enum csn_status
work_create(struct csn_exchange *x, struct csn_store *store)
{
    struct webhooks *state = x->state;
    struct csn_management *m = csn_manage(x, store);
    if (m == NULL)
        return CSN_NO_SPACE;
    enum csn_status status =
        csn_webhook_create(m, x->app->id, &state->request, &state->made, x->now_ms);
    csn_trail_target(x, state->made.info.id);
    return status;
}

static void
answer_created(struct csn_exchange *x)
{
    answer_secret(x, 201);
}

enum csn_step
csn_webhooks_create(struct csn_exchange *x)
{
    struct webhooks *state = csn_manage_state(x, sizeof *state);
    x->sensitive = true;
    if (state == NULL || !read_request(x, state, true))
        return CSN_ANSWERED;
    return csn_answer_later(x, work_create, answer_created);
}

static enum csn_status
work_update(struct csn_exchange *x, struct csn_store *store)
{
    struct webhooks *state = x->state;
    struct csn_management *m = csn_manage(x, store);
    return m == NULL ? CSN_NO_SPACE
                     : csn_webhook_update(m, x->app->id, state->id, &state->request,
                                          &state->made.info, x->now_ms);
}

enum csn_step
csn_webhooks_update(struct csn_exchange *x)
{
    struct webhooks *state = begin_one(x);
    if (state == NULL || !read_request(x, state, false))
        return CSN_ANSWERED;
    return csn_answer_later(x, work_update, answer_one);
}

static enum csn_status
work_delete(struct csn_exchange *x, struct csn_store *store)
{
    const struct webhooks *state = x->state;
    struct csn_management *m = csn_manage(x, store);
    return m == NULL ? CSN_NO_SPACE : csn_webhook_delete(m, x->app->id, state->id);
}

enum csn_step
csn_webhooks_delete(struct csn_exchange *x)
{
    return begin_one(x) == NULL ? CSN_ANSWERED : csn_answer_later(x, work_delete, answer_empty);
}

static enum csn_status
work_rotate(struct csn_exchange *x, struct csn_store *store)
{
    struct webhooks *state = x->state;
    struct csn_management *m = csn_manage(x, store);
    return m == NULL ? CSN_NO_SPACE
                     : csn_webhook_rotate(m, x->app->id, state->id, &state->made, x->now_ms);
}

static void
answer_rotated(struct csn_exchange *x)
{
    answer_secret(x, 200);
}

enum csn_step
csn_webhooks_rotate(struct csn_exchange *x)
{
    return begin_one(x) == NULL ? CSN_ANSWERED : csn_answer_later(x, work_rotate, answer_rotated);
}

/* --- test, deliveries --- */

static enum csn_status
work_test(struct csn_exchange *x, struct csn_store *store)
{
    struct webhooks *state = x->state;
    struct csn_management *m = csn_manage(x, store);
    return m == NULL ? CSN_NO_SPACE
                     : csn_webhook_test(m, x->app->id, state->id, &state->delivery, x->now_ms);
}

static void
answer_tested(struct csn_exchange *x)
{
    const struct webhooks *state = x->state;
    struct csn_json_writer w = csn_answer_open(x);
    csn_answer_id(&w, "delivery", state->delivery);
    csn_answer_close(x, &w, 202);
}

enum csn_step
csn_webhooks_test(struct csn_exchange *x)
{
    return begin_one(x) == NULL ? CSN_ANSWERED : csn_answer_later(x, work_test, answer_tested);
}

static enum csn_status
work_deliveries(struct csn_exchange *x, struct csn_store *store)
{
    struct webhooks *state = x->state;
    struct csn_management *m = csn_manage(x, store);
    return m == NULL ? CSN_NO_SPACE
                     : csn_webhook_deliveries(m, x->app->id, state->id, state->before.seq,
                                              state->limit + 1, &state->deliveries, &state->count);
}

static const char *
delivery_state(const struct csn_delivery_info *info)
{
    if (info->settled_ms == 0)
        return "waiting";
    return info->outcome == CSN_OUTCOME_TAKEN ? "delivered" : "given_up";
}

static void
write_delivery(struct csn_json_writer *w, const void *row)
{
    const struct csn_delivery_info *info = row;
    csn_answer_id(w, "id", info->id);
    csn_json_member_text(w, "event", csn_notice_name(info->notice));
    csn_answer_id(w, "customer", info->customer);
    csn_json_member_text(w, "state", delivery_state(info));
    csn_json_member_int(w, "attempts", info->attempts);
    bool tried = info->outcome != CSN_OUTCOME_NONE;
    csn_answer_text(w, "outcome", csn_bytes_text(tried ? csn_outcome_name(info->outcome) : ""));
    csn_answer_time(w, "created_at", info->created_ms);
    csn_answer_time(w, "due_at", info->due_ms);
    csn_answer_time(w, "settled_at", info->settled_ms);
}

static void
answer_deliveries(struct csn_exchange *x)
{
    const struct webhooks *state = x->state;
    struct csn_json_writer w = csn_answer_open(x);
    size_t shown = state->count < state->limit ? state->count : state->limit;
    csn_answer_items(&w, state->deliveries, shown, sizeof *state->deliveries, write_delivery);
    csn_json_name(&w, "next");
    if (state->count > shown)
        csn_cursor_value(&w, (struct csn_cursor){.seq = state->deliveries[shown - 1].number});
    else
        csn_json_null(&w);
    csn_answer_close(x, &w, 200);
}

enum csn_step
csn_webhooks_deliveries(struct csn_exchange *x)
{
    struct webhooks *state = begin_one(x);
    struct csn_bytes limit = {0}, cursor = {0};
    const struct csn_parameter known[] = {
        {"limit", 8, &limit}, {"cursor", CSN_CURSOR_TEXT_MAX, &cursor}, {0}};
    if (state == NULL || !csn_query_read(x, known))
        return CSN_ANSWERED;
    if (!csn_cursor_read(cursor, &state->before))
        return csn_problem_field(x, CSN_FAULT_FIELD_INVALID, "?", csn_bytes_text("cursor"), NULL);
    if (!csn_query_limit(limit, &state->limit))
        return csn_problem_field(x, CSN_FAULT_FIELD_INVALID, "?", csn_bytes_text("limit"), NULL);
    return csn_answer_later(x, work_deliveries, answer_deliveries);
}
