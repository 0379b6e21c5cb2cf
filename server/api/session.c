/* The session that is: who am I, refresh, logout.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/api/admission.h"
#include "server/api/credential.h"
#include "server/api/decode.h"
#include "server/api/handlers.h"
#include "server/api/manage.h"
#include "server/api/record.h"
#include "server/api/sdk_form.h"
#include "server/domain/customers.h"

static struct csn_bytes
identity_of(const struct csn_caller *caller)
{
    return csn_bytes_of(caller->identity, caller->identity_len);
}

/* --- who am I --- */

static enum csn_step
show_session(struct csn_exchange *x)
{
    const struct csn_caller *caller = &x->caller;
    struct csn_json_writer w = csn_answer_open(x);
    csn_json_name(&w, "session");
    csn_json_open_object(&w);
    csn_answer_id(&w, "id", caller->session);
    csn_json_member_text(&w, "device", caller->device);
    csn_answer_time(&w, "expires_at", caller->expires_ms);
    csn_json_member_int(&w, "generation", caller->generation);
    csn_json_close_object(&w);
    csn_sdk_customer_write(&w, caller->customer, identity_of(caller), caller->assurance);
    csn_sdk_told_write(x, &w);
    csn_answer_time(&w, "server_time", x->now_ms);
    return csn_answer_close(x, &w, 200);
}

/* Nobody in particular, or whom it claims: enforcement let a request in that proves nothing. */
static enum csn_step
show_nobody(struct csn_exchange *x)
{
    struct csn_json_writer w = csn_answer_open(x);
    csn_json_name(&w, "session");
    csn_json_null(&w);
    bool claims = x->caller.assurance == CSN_ASSURANCE_CLAIMED;
    csn_sdk_customer_write(&w, (struct csn_id){0}, claims ? x->claimed : (struct csn_bytes){0},
                           x->caller.assurance);
    csn_sdk_told_write(x, &w);
    csn_answer_time(&w, "server_time", x->now_ms);
    return csn_answer_close(x, &w, 200);
}

struct contact {
    struct csn_contact in;
    struct csn_contact_outcome outcome;
};

static enum csn_status
work_contact(struct csn_exchange *x, struct csn_store *store)
{
    struct contact *state = x->state;
    return csn_customer_contact(x->service->sessions, store, &state->in, &state->outcome,
                                x->now_ms);
}

static void
answer_contact(struct csn_exchange *x)
{
    const struct contact *state = x->state;
    x->caller.verdict.reason = state->outcome.reason;
    csn_record_caller(x);
    if (state->outcome.reason != CSN_REASON_ACCEPTED) {
        csn_problem_reason(x, state->outcome.reason, NULL);
        return;
    }
    struct csn_json_writer w = csn_answer_open(x);
    csn_json_name(&w, "session");
    csn_json_null(&w);
    csn_sdk_customer_write(&w, state->outcome.customer, state->in.identity, x->caller.assurance);
    csn_sdk_vault_write(&w, state->outcome.vault_key);
    csn_answer_time(&w, "expires_at", x->caller.expires_ms);
    csn_sdk_told_write(x, &w);
    csn_answer_time(&w, "server_time", x->now_ms);
    csn_answer_close(x, &w, 200);
}

static enum csn_step
show_token(struct csn_exchange *x, struct csn_bytes bearer)
{
    struct contact *state = csn_manage_state(x, sizeof *state);
    if (state == NULL)
        return CSN_ANSWERED;
    x->sensitive = true;
    state->in = (struct csn_contact){
        .app = x->app, .identity = identity_of(&x->caller), .assurance = x->caller.assurance};
    csn_sdk_token_facts(x, bearer, &x->caller.verdict, &state->in.token);
    x->revoked = &state->outcome.revoked;
    return csn_answer_later(x, work_contact, answer_contact);
}

enum csn_step
csn_session_show(struct csn_exchange *x)
{
    struct csn_bytes bearer;
    if (!csn_credential_bearer(x, &bearer))
        return CSN_ANSWERED;
    if (x->caller.verdict.reason == CSN_REASON_ACCEPTED && x->caller.kind == CSN_BEARER_TOKEN)
        return show_token(x, bearer);
    csn_record_caller(x);
    if (x->caller.verdict.reason != CSN_REASON_ACCEPTED)
        return show_nobody(x);
    return show_session(x);
}

/* --- refresh --- */

struct renewal {
    struct csn_bytes token;
    struct csn_verdict verdict;
    struct csn_refresh in;
    struct csn_session_outcome outcome;
};

static void
record_renewal(struct csn_exchange *x, const struct renewal *state, enum csn_reason reason)
{
    bool admitted = reason == CSN_REASON_ACCEPTED;
    const struct csn_key *key = state->verdict.key;
    csn_record(x, &(struct csn_judged){
                      .verdict = &state->verdict,
                      .reason = reason,
                      .endpoint = CSN_ENDPOINT_SESSION_REFRESH,
                      .assurance = admitted ? CSN_ASSURANCE_VERIFIED : CSN_ASSURANCE_NONE,
                      .admitted = admitted,
                      .key_number = key != NULL ? key->number : 0,
                      .token = state->token,
                      .identity = identity_of(&x->caller),
                      .device = csn_sdk_device_of(&x->caller),
                  });
}

static enum csn_status
work_renew(struct csn_exchange *x, struct csn_store *store)
{
    struct renewal *state = x->state;
    return csn_session_refresh(x->service->sessions, store, &state->in, &state->outcome, x->now_ms);
}

static void
answer_renewed(struct csn_exchange *x)
{
    const struct renewal *state = x->state;
    record_renewal(x, state, state->outcome.reason);
    if (state->outcome.reason != CSN_REASON_ACCEPTED) {
        csn_problem_reason(x, state->outcome.reason, NULL);
        return;
    }
    csn_sdk_session_answer(x, 200,
                           &(struct csn_sdk_session){.outcome = &state->outcome,
                                                     .device = csn_sdk_device_of(&x->caller),
                                                     .reason = CSN_REASON_ACCEPTED});
}

enum csn_step
csn_session_renew(struct csn_exchange *x)
{
    static const struct csn_field fields[] = {
        {"token", CSN_FIELD_RAW, true, 0, 2 * CSN_TOKEN_MAX, offsetof(struct renewal, token)}};
    struct renewal *state = csn_manage_state(x, sizeof *state);
    const struct csn_caller *caller = &x->caller;
    x->sensitive = true;
    if (state == NULL || !csn_decode(x, CSN_FIELDS(fields), state))
        return CSN_ANSWERED;
    if (caller->kind != CSN_BEARER_SESSION)
        return csn_problem_fault(x, CSN_FAULT_CONFLICT,
                                 "There is no session to refresh: the token itself is the bearer.");
    csn_sdk_token_judge(x, state->token, (struct csn_bytes){0}, &state->verdict);
    if (state->verdict.reason == CSN_REASON_ACCEPTED &&
        !csn_bytes_equal(state->verdict.identity, identity_of(caller)))
        state->verdict.reason = CSN_REASON_IDENTITY_MISMATCH;
    if (state->verdict.reason != CSN_REASON_ACCEPTED) {
        record_renewal(x, state, state->verdict.reason);
        return csn_admit_refuse(x, state->verdict.reason, &state->verdict);
    }
    state->in = (struct csn_refresh){.app = x->app,
                                     .session = caller->session,
                                     .customer = caller->customer,
                                     .device = csn_bytes_text(caller->device),
                                     .identity = state->verdict.identity};
    csn_sdk_token_facts(x, state->token, &state->verdict, &state->in.token);
    x->revoked = &state->outcome.revoked;
    return csn_answer_later(x, work_renew, answer_renewed);
}
