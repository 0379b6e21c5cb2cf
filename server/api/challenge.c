/* Challenges: a nonce for one token, bound to app and device.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/api/answer.h"
#include "server/api/decode.h"
#include "server/api/handlers.h"
#include "server/api/manage.h"
#include "server/api/sdk_form.h"

struct challenge {
    const struct csn_json_node *device_node;
    struct csn_device_facts device;
    struct csn_challenge_outcome outcome;
};

static enum csn_status
work_create(struct csn_exchange *x, struct csn_store *store)
{
    struct challenge *state = x->state;
    return csn_challenge_create(x->service->sessions, store, x->app, state->device.id,
                                &state->outcome, x->now_ms);
}

static void
answer_created(struct csn_exchange *x)
{
    const struct challenge *state = x->state;
    struct csn_json_writer w = csn_answer_open(x);
    csn_json_member_text(&w, "nonce", state->outcome.nonce);
    csn_answer_time(&w, "expires_at", state->outcome.expires_ms);
    csn_answer_time(&w, "server_time", x->now_ms);
    csn_answer_close(x, &w, 201);
}

enum csn_step
csn_challenge_issue(struct csn_exchange *x)
{
    static const struct csn_field fields[] = {
        {"device", CSN_FIELD_OBJECT, true, 0, 0, offsetof(struct challenge, device_node)}};
    struct challenge *state = csn_manage_state(x, sizeof *state);
    if (state == NULL || !csn_decode(x, CSN_FIELDS(fields), state) ||
        !csn_sdk_device_read(x, state->device_node, &state->device))
        return CSN_ANSWERED;
    return csn_answer_later(x, work_create, answer_created);
}
