/* The push address of the caller's device: given, taken back, and what a browser makes one with.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/base64.h"
#include "server/api/answer.h"
#include "server/api/decode.h"
#include "server/api/handlers.h"
#include "server/api/manage.h"
#include "server/api/party.h"
#include "server/api/sdk_form.h"

struct push {
    struct csn_party *party;
    struct csn_push_address address; /* kind NONE: it is taken back */
    struct csn_device_reach reach;   /* of show */
};

static enum csn_status
work(struct csn_exchange *x, struct csn_store *store)
{
    const struct push *state = x->state;
    struct csn_party *party = state->party;
    enum csn_status status = csn_party_meet(x, store, party);
    if (status != CSN_OK || party->reason != CSN_REASON_ACCEPTED)
        return status;
    bool gives = state->address.kind != CSN_PUSH_NONE;
    if (gives) {
        status = csn_device_vouch(store, x->app->id, party->customer, party->device,
                                  party->assurance, &party->outcome.revoked, x->now_ms);
    }
    if (status != CSN_OK)
        return status;
    return csn_device_set_push(x->service->sessions, store, x->app->id, party->customer,
                               party->device, gives ? &state->address : NULL);
}

static void
answer(struct csn_exchange *x)
{
    const struct push *state = x->state;
    if (csn_party_settle(x, state->party))
        csn_answer_empty(x, 204);
}

/* Returns: false after it answered a problem. */
static bool
read_party(struct csn_exchange *x, struct push *state)
{
    state->party = csn_party_admit(x, (struct csn_bytes){0}, CSN_RIGHT_PUSH);
    if (state->party == NULL)
        return false;
    if (state->party->device.len > 0)
        return true;
    csn_problem_field(x, CSN_FAULT_FIELD_MISSING, "", csn_bytes_text("Countersign-Device"),
                      "Where the token itself is the bearer, this field says the device.");
    return false;
}

static bool
read_address(struct csn_exchange *x, struct push *state)
{
    const struct csn_json_node *body = csn_decode_body(x, false);
    if (body == NULL)
        return false;
    void *memory = csn_arena_alloc(&x->arena, CSN_PUSH_ADDRESS_MAX);
    if (memory == NULL)
        return csn_problem_fault(x, CSN_FAULT_INTERNAL, NULL), false;
    struct csn_buffer json = csn_buffer_over(memory, CSN_PUSH_ADDRESS_MAX);
    struct csn_push_fault fault;
    if (csn_push_address_read(body, &json, &state->address, &fault))
        return true;
    csn_problem_field(x, CSN_FAULT_FIELD_INVALID, fault.prefix, fault.name, fault.sentence);
    return false;
}

static enum csn_step
ask(struct csn_exchange *x, bool gives)
{
    struct push *state = csn_manage_state(x, sizeof *state);
    x->sensitive = true;
    if (state == NULL || !read_party(x, state) || (gives && !read_address(x, state)))
        return CSN_ANSWERED;
    return csn_answer_later(x, work, answer);
}

enum csn_step
csn_push_give(struct csn_exchange *x)
{
    return ask(x, true);
}

enum csn_step
csn_push_take(struct csn_exchange *x)
{
    return ask(x, false);
}

/* --- show --- */

static enum csn_status
work_show(struct csn_exchange *x, struct csn_store *store)
{
    struct push *state = x->state;
    struct csn_party *party = state->party;
    enum csn_status status = csn_party_meet(x, store, party);
    if (status != CSN_OK || party->reason != CSN_REASON_ACCEPTED)
        return status;
    return csn_device_reach(store, x->app->id, party->customer, party->device, &x->arena,
                            &state->reach);
}

static void
answer_shown(struct csn_exchange *x)
{
    const struct push *state = x->state;
    const struct csn_device_reach *reach = &state->reach;
    if (!csn_party_settle(x, state->party))
        return;
    char memory[(CSN_P256_PUBLIC_LENGTH * 4 + 2) / 3];
    struct csn_buffer text = csn_buffer_over(memory, sizeof memory);
    if (reach->has_key)
        csn_base64url_append(&text, csn_bytes_of(reach->public_key, sizeof reach->public_key));
    struct csn_json_writer w = csn_answer_open(x);
    csn_answer_text(&w, "public_key", csn_buffer_view(&text));
    csn_json_member_text(&w, "kind", csn_push_kind_name(reach->kind));
    csn_sdk_told_write(x, &w);
    csn_answer_close(x, &w, 200);
}

enum csn_step
csn_push_show(struct csn_exchange *x)
{
    struct push *state = csn_manage_state(x, sizeof *state);
    x->sensitive = true;
    if (state == NULL || !read_party(x, state))
        return CSN_ANSWERED;
    return csn_answer_later(x, work_show, answer_shown);
}
