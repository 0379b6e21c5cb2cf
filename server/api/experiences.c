/* Experiences: written by the app's people, with an ETag; and asked for by an SDK.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/domain/experiences.h"
#include "server/api/decode.h"
#include "server/api/etag.h"
#include "server/api/experience_form.h"
#include "server/api/handlers.h"
#include "server/api/manage.h"
#include "server/api/party.h"
#include "server/api/sdk_form.h"
#include "server/api/trail.h"

struct experiences {
    struct csn_page page;
    struct csn_experience *all;
    size_t count;

    struct csn_experience_form form;
    struct csn_id id;
    struct csn_experience one;
    bool stale;    /* the conditions name another version */
    bool backward; /* it would end before it starts */

    struct csn_party *party;
    struct csn_experiences_shown shown;
};

static void
answer_one(struct csn_exchange *x, int status)
{
    const struct experiences *state = x->state;
    const struct csn_experience *one = &state->one;
    csn_etag_set(x, one->version);
    struct csn_json_writer w = csn_answer_open(x);
    csn_experience_write(&w, one);
    csn_json_name(&w, "rule");
    if (one->rule != NULL)
        csn_json_node(&w, one->rule);
    else
        csn_json_null(&w);
    csn_json_name(&w, "content");
    csn_json_raw(&w, one->content);
    csn_answer_close(x, &w, status);
}

static void
answer_backward(struct csn_exchange *x)
{
    csn_problem_field(x, CSN_FAULT_FIELD_INVALID, "", csn_bytes_text("ends_at"),
                      "It ends after it starts.");
}

static bool
is_backward(const struct csn_experience *experience)
{
    return experience->ends_ms != 0 && experience->ends_ms <= experience->starts_ms;
}

/* --- create --- */

static enum csn_status
work_create(struct csn_exchange *x, struct csn_store *store)
{
    struct experiences *state = x->state;
    state->one = state->form.given;
    enum csn_status status =
        csn_experience_create(x->service->sessions, store, x->app->id, &state->one, x->now_ms);
    csn_trail_target(x, state->one.id);
    return status;
}

static void
answer_created(struct csn_exchange *x)
{
    answer_one(x, 201);
}

static void
answer_not_written(struct csn_exchange *x, enum csn_status status)
{
    if (status == CSN_CONFLICT)
        csn_problem_fault(x, CSN_FAULT_CONFLICT, "An app has at most 100 experiences.");
    else
        csn_problem_status(x, status);
}

enum csn_step
csn_experiences_create(struct csn_exchange *x)
{
    struct experiences *state = csn_manage_state(x, sizeof *state);
    x->sensitive = true;
    if (state == NULL || !csn_experience_form_read(x, true, &state->form))
        return CSN_ANSWERED;
    if (is_backward(&state->form.given)) {
        answer_backward(x);
        return CSN_ANSWERED;
    }
    x->failed = answer_not_written;
    return csn_answer_later(x, work_create, answer_created);
}

/* --- one --- */

static enum csn_status
work_get(struct csn_exchange *x, struct csn_store *store)
{
    struct experiences *state = x->state;
    return csn_experience_get(x->service->sessions, store, x->app->id, state->id, &x->arena,
                              &state->one);
}

static void
answer_got(struct csn_exchange *x)
{
    const struct experiences *state = x->state;
    if (!csn_etag_is_known(x, state->one.version)) {
        answer_one(x, 200);
        return;
    }
    csn_etag_set(x, state->one.version);
    csn_answer_empty(x, 304);
}

enum csn_step
csn_experiences_get(struct csn_exchange *x)
{
    struct experiences *state = csn_manage_state(x, sizeof *state);
    x->sensitive = true;
    if (state == NULL || !csn_manage_id(x, 1, &state->id))
        return CSN_ANSWERED;
    return csn_answer_later(x, work_get, answer_got);
}

/* --- change --- */

static enum csn_status
work_update(struct csn_exchange *x, struct csn_store *store)
{
    struct experiences *state = x->state;
    enum csn_status status = work_get(x, store);
    if (status != CSN_OK)
        return status;
    state->stale = !csn_etag_permits(x, state->one.version);
    csn_experience_form_apply(&state->form, &state->one);
    state->backward = is_backward(&state->one);
    if (state->stale || state->backward)
        return CSN_OK;
    return csn_experience_put(x->service->sessions, store, x->app->id, &state->one, x->now_ms);
}

static void
answer_updated(struct csn_exchange *x)
{
    const struct experiences *state = x->state;
    if (state->stale)
        csn_problem_fault(x, CSN_FAULT_PRECONDITION_FAILED, NULL);
    else if (state->backward)
        answer_backward(x);
    else
        answer_one(x, 200);
}

enum csn_step
csn_experiences_update(struct csn_exchange *x)
{
    struct experiences *state = csn_manage_state(x, sizeof *state);
    x->sensitive = true;
    if (state == NULL || !csn_manage_id(x, 1, &state->id) ||
        !csn_experience_form_read(x, false, &state->form))
        return CSN_ANSWERED;
    x->failed = answer_not_written;
    return csn_answer_later(x, work_update, answer_updated);
}

static enum csn_status
work_delete(struct csn_exchange *x, struct csn_store *store)
{
    const struct experiences *state = x->state;
    return csn_experience_remove(store, x->app->id, state->id);
}

static void
answer_deleted(struct csn_exchange *x)
{
    csn_answer_empty(x, 204);
}

enum csn_step
csn_experiences_delete(struct csn_exchange *x)
{
    struct experiences *state = csn_manage_state(x, sizeof *state);
    if (state == NULL || !csn_manage_id(x, 1, &state->id))
        return CSN_ANSWERED;
    return csn_answer_later(x, work_delete, answer_deleted);
}

/* --- list --- */

static enum csn_status
work_list(struct csn_exchange *x, struct csn_store *store)
{
    struct experiences *state = x->state;
    return csn_experience_list(x->service->sessions, store, x->app->id, state->page.after,
                               &x->arena, state->all, state->page.limit, &state->count);
}

static void
write_row(struct csn_json_writer *w, const void *row)
{
    csn_experience_write(w, row);
}

static void
answer_list(struct csn_exchange *x)
{
    const struct experiences *state = x->state;
    struct csn_json_writer w = csn_answer_open(x);
    csn_answer_items(&w, state->all, state->count, sizeof *state->all, write_row);
    bool more = state->count == state->page.limit;
    csn_manage_next(&w, more, more ? state->all[state->count - 1].id : (struct csn_id){0});
    csn_answer_close(x, &w, 200);
}

enum csn_step
csn_experiences_list(struct csn_exchange *x)
{
    struct experiences *state = csn_manage_state(x, sizeof *state);
    x->sensitive = true;
    if (state == NULL || !csn_manage_page(x, &state->page))
        return CSN_ANSWERED;
    state->all = csn_arena_alloc(&x->arena, state->page.limit * sizeof *state->all);
    if (state->all == NULL)
        return csn_problem_fault(x, CSN_FAULT_INTERNAL, NULL);
    return csn_answer_later(x, work_list, answer_list);
}

/* --- the SDK --- */

static enum csn_status
work_show(struct csn_exchange *x, struct csn_store *store)
{
    struct experiences *state = x->state;
    struct csn_party *party = state->party;
    enum csn_status status = csn_party_meet(x, store, party);
    if (status != CSN_OK || party->reason != CSN_REASON_ACCEPTED)
        return status;
    struct csn_experience_reader reader = {.app = x->app->id,
                                           .customer = party->customer,
                                           .session = party->session,
                                           .assurance = party->assurance,
                                           .device = csn_sdk_device_of(&x->caller)};
    return csn_experiences_select(x->service->sessions, store, &reader, &x->arena, &state->shown,
                                  x->now_ms);
}

static void
write_shown(struct csn_json_writer *w, const void *row)
{
    const struct csn_experience *experience = row;
    csn_answer_id(w, "id", experience->id);
    csn_json_member_text(w, "frequency", csn_frequency_name(experience->frequency));
    csn_json_member_int(w, "priority", experience->priority);
    csn_answer_time(w, "ends_at", experience->ends_ms);
    csn_json_name(w, "content");
    csn_json_raw(w, experience->content);
}

static void
answer_shown(struct csn_exchange *x)
{
    const struct experiences *state = x->state;
    if (!csn_party_settle(x, state->party))
        return;
    struct csn_json_writer w = csn_answer_open(x);
    csn_answer_items(&w, state->shown.all, state->shown.count, sizeof *state->shown.all,
                     write_shown);
    csn_sdk_told_write(x, &w);
    csn_answer_time(&w, "server_time", x->now_ms);
    csn_answer_close(x, &w, 200);
}

enum csn_step
csn_experiences_show(struct csn_exchange *x)
{
    struct experiences *state = csn_manage_state(x, sizeof *state);
    x->sensitive = true;
    if (state == NULL)
        return CSN_ANSWERED;
    state->party = csn_party_admit(x, (struct csn_bytes){0}, CSN_RIGHT_RECEIVE);
    if (state->party == NULL)
        return CSN_ANSWERED;
    return csn_answer_later(x, work_show, answer_shown);
}
