/* Customers of an app: found, shown with their devices, sessions and links, revoked.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/domain/customers.h"
#include "server/api/decode.h"
#include "server/api/handlers.h"
#include "server/api/links.h"
#include "server/api/manage.h"
#include "server/api/query.h"
#include "server/domain/profile.h"

#define SESSIONS_SHOWN 100 /* of one customer */
#define LINKS_SHOWN 50     /* the newest */

struct customers {
    struct csn_page page;
    struct csn_bytes identity, email; /* of which one is {0} */
    struct csn_customer_info *all;
    size_t count;

    struct csn_id id;
    struct csn_customer_info one;
    struct csn_device_info *devices;
    size_t device_count;
    struct csn_session_info *sessions;
    size_t session_count;
    struct csn_link_info *links;
    size_t link_count;

    struct csn_bytes session_text;
    struct csn_bytes device;
    int64_t before_ms;
    struct csn_id session; /* {0}: all of them */
    struct csn_revoked_list *revoked;
};

static void
write_customer(struct csn_json_writer *w, const void *row)
{
    const struct csn_customer_info *customer = row;
    csn_answer_id(w, "id", customer->id);
    csn_answer_text(w, "identity", csn_bytes_of(customer->identity, customer->identity_len));
    csn_json_member_bool(w, "verified", customer->verified);
    csn_answer_time(w, "created_at", customer->created_ms);
    csn_answer_time(w, "seen_at", customer->seen_ms);
    csn_answer_time(w, "revoked_before", customer->revoked_before_ms);
    csn_answer_id(w, "linked_to", customer->owner);
    csn_answer_time(w, "linked_at", customer->linked_ms);
    csn_json_member_bool(w, "erased", customer->erased);
}

/* --- list --- */

static enum csn_status
work_list(struct csn_exchange *x, struct csn_store *store)
{
    struct customers *state = x->state;
    const struct csn_sessions *sessions = x->service->sessions;
    if (state->email.len > 0)
        return csn_profile_find(sessions, store, x->app->id, state->email, state->page.after,
                                state->all, state->page.limit, &state->count);
    if (state->identity.len == 0)
        return csn_customer_list(sessions, store, x->app->id, state->page.after, state->all,
                                 state->page.limit, &state->count);
    enum csn_status status =
        csn_customer_find(sessions, store, x->app->id, state->identity, state->all);
    state->count = status == CSN_OK;
    return status == CSN_NOT_FOUND ? CSN_OK : status;
}

static void
answer_list(struct csn_exchange *x)
{
    const struct customers *state = x->state;
    struct csn_json_writer w = csn_answer_open(x);
    csn_answer_items(&w, state->all, state->count, sizeof *state->all, write_customer);
    bool more = state->identity.len == 0 && state->count == state->page.limit;
    csn_manage_next(&w, more, more ? state->all[state->count - 1].id : (struct csn_id){0});
    csn_answer_close(x, &w, 200);
}

enum csn_step
csn_customers_list(struct csn_exchange *x)
{
    struct customers *state = csn_manage_state(x, sizeof *state);
    if (state == NULL)
        return CSN_ANSWERED;
    const struct csn_parameter filters[] = {{"identity", CSN_IDENTITY_MAX, &state->identity},
                                            {"email", CSN_EMAIL_MAX, &state->email},
                                            {0}};
    if (!csn_manage_page_filters(x, &state->page, filters))
        return CSN_ANSWERED;
    if (state->identity.len > 0 && state->email.len > 0)
        return csn_problem_field(x, CSN_FAULT_FIELD_INVALID, "?", csn_bytes_text("email"),
                                 "One filter at a time.");
    state->all = csn_arena_alloc(&x->arena, state->page.limit * sizeof *state->all);
    if (state->all == NULL)
        return csn_problem_fault(x, CSN_FAULT_INTERNAL, NULL);
    return csn_answer_later(x, work_list, answer_list);
}

/* --- get --- */

static enum csn_status
work_get(struct csn_exchange *x, struct csn_store *store)
{
    struct customers *state = x->state;
    struct csn_id app = x->app->id;
    enum csn_status status =
        csn_customer_get(x->service->sessions, store, app, state->id, &state->one);
    if (status == CSN_OK)
        status = csn_customer_devices(store, app, state->id, state->devices, CSN_DEVICES_MAX,
                                      &state->device_count);
    if (status == CSN_OK)
        status = csn_customer_sessions(store, app, state->id, state->sessions, SESSIONS_SHOWN,
                                       &state->session_count, x->now_ms);
    if (status == CSN_OK)
        status = csn_customer_links(store, app, state->id, state->links, LINKS_SHOWN,
                                    &state->link_count);
    return status;
}

static void
write_devices(struct csn_json_writer *w, const struct customers *state)
{
    csn_json_name(w, "devices");
    csn_json_open_array(w);
    for (size_t i = 0; i < state->device_count; i++) {
        const struct csn_device_info *device = &state->devices[i];
        csn_json_open_object(w);
        csn_json_member_text(w, "id", device->id);
        csn_answer_text(w, "platform", csn_bytes_text(device->platform));
        csn_answer_text(w, "app_version", csn_bytes_text(device->app_version));
        csn_answer_text(w, "sdk_version", csn_bytes_text(device->sdk_version));
        csn_answer_id(w, "session", device->session);
        csn_json_member_text(w, "assurance", csn_assurance_name(device->assurance));
        const char *push = device->push != CSN_PUSH_NONE ? csn_push_kind_name(device->push) : NULL;
        csn_answer_text(w, "push", csn_bytes_text(push));
        csn_answer_time(w, "bound_at", device->bound_ms);
        csn_answer_time(w, "seen_at", device->seen_ms);
        csn_json_close_object(w);
    }
    csn_json_close_array(w);
}

static void
write_sessions(struct csn_json_writer *w, const struct customers *state)
{
    csn_json_name(w, "sessions");
    csn_json_open_array(w);
    for (size_t i = 0; i < state->session_count; i++) {
        const struct csn_session_info *session = &state->sessions[i];
        csn_json_open_object(w);
        csn_answer_id(w, "id", session->id);
        csn_json_member_text(w, "device", session->device);
        csn_json_member_text(w, "assurance", csn_assurance_name(session->assurance));
        csn_json_member_int(w, "generation", session->generation);
        csn_answer_time(w, "created_at", session->created_ms);
        csn_answer_time(w, "expires_at", session->expires_ms);
        csn_answer_time(w, "ended_at", session->ended_ms);
        csn_json_close_object(w);
    }
    csn_json_close_array(w);
}

static void
answer_got(struct csn_exchange *x)
{
    const struct customers *state = x->state;
    struct csn_json_writer w = csn_answer_open(x);
    write_customer(&w, &state->one);
    write_devices(&w, state);
    write_sessions(&w, state);
    csn_links_write(&w, state->links, state->link_count);
    csn_answer_close(x, &w, 200);
}

enum csn_step
csn_customers_get(struct csn_exchange *x)
{
    struct customers *state = csn_manage_state(x, sizeof *state);
    if (state == NULL || !csn_manage_id(x, 1, &state->id))
        return CSN_ANSWERED;
    state->devices = csn_arena_alloc(&x->arena, CSN_DEVICES_MAX * sizeof *state->devices);
    state->sessions = csn_arena_alloc(&x->arena, SESSIONS_SHOWN * sizeof *state->sessions);
    state->links = csn_arena_alloc(&x->arena, LINKS_SHOWN * sizeof *state->links);
    if (state->devices == NULL || state->sessions == NULL || state->links == NULL)
        return csn_problem_fault(x, CSN_FAULT_INTERNAL, NULL);
    return csn_answer_later(x, work_get, answer_got);
}

/* --- revoke --- */

static enum csn_status
work_revoke(struct csn_exchange *x, struct csn_store *store)
{
    struct customers *state = x->state;
    struct csn_id app = x->app->id;
    if (state->device.len > 0)
        return csn_customer_revoke_device(store, app, state->id, state->device, state->revoked,
                                          x->now_ms);
    if (state->before_ms != 0)
        return csn_customer_revoke_before(store, x->app, state->id, state->before_ms,
                                          state->revoked, x->now_ms);
    if (csn_id_is_none(&state->session))
        return csn_customer_revoke(store, app, state->id, state->revoked, x->now_ms);
    return csn_customer_revoke_session(store, app, state->id, state->session, state->revoked,
                                       x->now_ms);
}

static void
answer_revoked(struct csn_exchange *x)
{
    csn_answer_empty(x, 204);
}

enum csn_step
csn_customers_revoke(struct csn_exchange *x)
{
    static const struct csn_field fields[] = {
        {"session", CSN_FIELD_TEXT, false, 0, CSN_ID_LENGTH,
         offsetof(struct customers, session_text)},
        {"device", CSN_FIELD_TEXT, false, 0, CSN_DEVICE_ID_MAX, offsetof(struct customers, device)},
        {"before", CSN_FIELD_TIME, false, 0, 0, offsetof(struct customers, before_ms)},
    };
    struct customers *state = csn_manage_state(x, sizeof *state);
    if (state == NULL || !csn_manage_id(x, 1, &state->id))
        return CSN_ANSWERED;
    const struct csn_json_node *body = csn_decode_body(x, true);
    if (body == NULL || !csn_decode_object(x, body, "", CSN_FIELDS(fields), state))
        return CSN_ANSWERED;
    if ((state->session_text.len > 0) + (state->device.len > 0) + (state->before_ms != 0) > 1)
        return csn_problem_fault(x, CSN_FAULT_REQUEST_INVALID,
                                 "Give at most one of session, device and before.");
    if (state->before_ms > x->now_ms)
        return csn_problem_field(x, CSN_FAULT_FIELD_INVALID, "", csn_bytes_text("before"),
                                 "What is not issued yet cannot be revoked.");
    if (state->session_text.len > 0 && !csn_id_read(state->session_text, &state->session))
        return csn_problem_fault(x, CSN_FAULT_NOT_FOUND, NULL);
    state->revoked = csn_arena_alloc(&x->arena, sizeof *state->revoked);
    if (state->revoked == NULL)
        return csn_problem_fault(x, CSN_FAULT_INTERNAL, NULL);
    x->revoked = state->revoked;
    return csn_answer_later(x, work_revoke, answer_revoked);
}
