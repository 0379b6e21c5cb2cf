/* Broadcasts, for the app's people: made, listed, withdrawn. Customers read them with their log.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/domain/broadcasts.h"
#include "server/api/decode.h"
#include "server/api/handlers.h"
#include "server/api/manage.h"
#include "server/api/trail.h"

struct broadcasts {
    struct csn_page page;
    struct csn_broadcast_info *all;
    size_t count;

    struct csn_bytes kind;
    const struct csn_json_node *body;
    struct csn_broadcast_new in;
    struct csn_id id;
    struct csn_broadcast_info one;
};

static void
write_broadcast(struct csn_json_writer *w, const void *row)
{
    const struct csn_broadcast_info *broadcast = row;
    csn_answer_id(w, "id", broadcast->id);
    csn_json_member_text(w, "kind", csn_item_kind_name(broadcast->kind));
    csn_answer_time(w, "created_at", broadcast->created_ms);
    csn_answer_time(w, "expires_at", broadcast->expires_ms);
}

/* How far it has come on its way to push addresses; null: its kind is not pushed. */
static void
write_push(struct csn_json_writer *w, const struct csn_broadcast_info *broadcast)
{
    csn_json_name(w, "push");
    if (broadcast->spread == CSN_SPREAD_NONE) {
        csn_json_null(w);
        return;
    }
    csn_json_open_object(w);
    csn_json_member_int(w, "devices", broadcast->told);
    csn_json_member_bool(w, "done", broadcast->spread == CSN_SPREAD_DONE);
    csn_json_close_object(w);
}

static void
answer_one(struct csn_exchange *x, int status)
{
    const struct broadcasts *state = x->state;
    struct csn_json_writer w = csn_answer_open(x);
    write_broadcast(&w, &state->one);
    write_push(&w, &state->one);
    csn_json_name(&w, "body");
    csn_json_raw(&w, state->one.body);
    csn_answer_close(x, &w, status);
}

/* --- create --- */

static enum csn_status
work_create(struct csn_exchange *x, struct csn_store *store)
{
    struct broadcasts *state = x->state;
    enum csn_status status =
        csn_broadcast_create(x->service->sessions, store, &state->in, &state->one, x->now_ms);
    csn_trail_target(x, state->one.id);
    x->news.all = status == CSN_OK;
    return status;
}

static void
answer_created(struct csn_exchange *x)
{
    answer_one(x, 201);
}

static void
answer_not_created(struct csn_exchange *x, enum csn_status status)
{
    if (status == CSN_CONFLICT)
        csn_problem_fault(x, CSN_FAULT_CONFLICT,
                          "1000 broadcasts have not expired: withdraw one, or let them expire.");
    else if (status == CSN_INVALID)
        csn_problem_field(x, CSN_FAULT_FIELD_INVALID, "", csn_bytes_text("expires_at"),
                          "It lies ahead, at most 400 days.");
    else
        csn_problem_status(x, status);
}

/* What of the body can be said without the time. Returns: false after it answered a problem. */
static bool
read_new(struct csn_exchange *x, struct broadcasts *state)
{
    state->in.app = x->app->id;
    state->in.kind = csn_item_kind_from_name(state->kind);
    if (!csn_broadcast_kind_valid(state->in.kind)) {
        csn_problem_field(x, CSN_FAULT_FIELD_INVALID, "", csn_bytes_text("kind"),
                          "message, experience or push.");
        return false;
    }
    if (!csn_manage_json(x, state->body, &state->in.body))
        return false;
    if (state->in.body.len <= CSN_ITEM_BODY_MAX)
        return true;
    csn_problem_field(x, CSN_FAULT_FIELD_INVALID, "", csn_bytes_text("body"),
                      "At most 32 KiB of JSON.");
    return false;
}

enum csn_step
csn_broadcasts_create(struct csn_exchange *x)
{
    static const struct csn_field fields[] = {
        {"kind", CSN_FIELD_TEXT, true, 0, CSN_NAME_MAX, offsetof(struct broadcasts, kind)},
        {"body", CSN_FIELD_OBJECT, true, 0, 0, offsetof(struct broadcasts, body)},
        {"expires_at", CSN_FIELD_TIME, false, 0, 0, offsetof(struct broadcasts, in.expires_ms)}};
    struct broadcasts *state = csn_manage_state(x, sizeof *state);
    x->sensitive = true;
    if (state == NULL || !csn_decode(x, CSN_FIELDS(fields), state) || !read_new(x, state))
        return CSN_ANSWERED;
    x->failed = answer_not_created;
    return csn_answer_later(x, work_create, answer_created);
}

/* --- list --- */

static enum csn_status
work_list(struct csn_exchange *x, struct csn_store *store)
{
    struct broadcasts *state = x->state;
    return csn_broadcast_list(store, x->app->id, state->page.after, state->all, state->page.limit,
                              &state->count);
}

static void
answer_list(struct csn_exchange *x)
{
    const struct broadcasts *state = x->state;
    struct csn_json_writer w = csn_answer_open(x);
    csn_answer_items(&w, state->all, state->count, sizeof *state->all, write_broadcast);
    bool more = state->count == state->page.limit;
    csn_manage_next(&w, more, more ? state->all[state->count - 1].id : (struct csn_id){0});
    csn_answer_close(x, &w, 200);
}

enum csn_step
csn_broadcasts_list(struct csn_exchange *x)
{
    struct broadcasts *state = csn_manage_state(x, sizeof *state);
    if (state == NULL || !csn_manage_page(x, &state->page))
        return CSN_ANSWERED;
    state->all = csn_arena_alloc(&x->arena, state->page.limit * sizeof *state->all);
    if (state->all == NULL)
        return csn_problem_fault(x, CSN_FAULT_INTERNAL, NULL);
    return csn_answer_later(x, work_list, answer_list);
}

/* --- one --- */

static enum csn_status
work_get(struct csn_exchange *x, struct csn_store *store)
{
    struct broadcasts *state = x->state;
    return csn_broadcast_get(x->service->sessions, store, x->app->id, state->id, &x->arena,
                             &state->one);
}

static void
answer_got(struct csn_exchange *x)
{
    answer_one(x, 200);
}

enum csn_step
csn_broadcasts_get(struct csn_exchange *x)
{
    struct broadcasts *state = csn_manage_state(x, sizeof *state);
    x->sensitive = true;
    if (state == NULL || !csn_manage_id(x, 1, &state->id))
        return CSN_ANSWERED;
    return csn_answer_later(x, work_get, answer_got);
}

static enum csn_status
work_withdraw(struct csn_exchange *x, struct csn_store *store)
{
    const struct broadcasts *state = x->state;
    return csn_broadcast_withdraw(store, x->app->id, state->id);
}

static void
answer_withdrawn(struct csn_exchange *x)
{
    csn_answer_empty(x, 204);
}

enum csn_step
csn_broadcasts_withdraw(struct csn_exchange *x)
{
    struct broadcasts *state = csn_manage_state(x, sizeof *state);
    if (state == NULL || !csn_manage_id(x, 1, &state->id))
        return CSN_ANSWERED;
    return csn_answer_later(x, work_withdraw, answer_withdrawn);
}
