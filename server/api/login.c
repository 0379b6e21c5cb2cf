/* Login and anonymous start: POST sessions.
 *
 *   decode ─► one credential? ─► judge the token ─► enforcement ─► [store] csn_session_login ─► 201
 *                                                       └─► refused: the reason's problem
 *
 * The store may still refuse (a nonce spent, a customer revoked); then enforcement is asked again,
 * because a mode that lets a bad token in as a claim does so for every reason.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/api/admission.h"
#include "server/api/credential.h"
#include "server/api/decode.h"
#include "server/api/handlers.h"
#include "server/api/manage.h"
#include "server/api/record.h"
#include "server/api/sdk_form.h"

#define TOKEN_FIELD_MAX (2 * CSN_TOKEN_MAX) /* longer ones are not even judged */

struct body {
    const struct csn_json_node *device;
    struct csn_bytes token, identity, anonymous;
};

struct start {
    struct body body;
    struct csn_device_facts device;
    struct csn_verdict verdict; /* of the token; reason MISSING when none came */
    struct csn_enforcement_answer answer;
    struct csn_login login;
    struct csn_session_outcome outcome;
};

/* --- what was presented --- */

static bool
read_body(struct csn_exchange *x, struct start *state)
{
    static const struct csn_field fields[] = {
        {"device", CSN_FIELD_OBJECT, true, 0, 0, offsetof(struct body, device)},
        {"token", CSN_FIELD_RAW, false, 0, TOKEN_FIELD_MAX, offsetof(struct body, token)},
        {"identity", CSN_FIELD_TEXT, false, 0, CSN_IDENTITY_MAX, offsetof(struct body, identity)},
        {"anonymous", CSN_FIELD_TEXT, false, 0, CSN_SESSION_TOKEN_MAX,
         offsetof(struct body, anonymous)},
    };
    if (!csn_decode(x, CSN_FIELDS(fields), &state->body) ||
        !csn_sdk_device_read(x, state->body.device, &state->device) || !csn_sdk_identity_field(x) ||
        !csn_sdk_identity_said(x, state->body.identity))
        return false;
    state->body.identity = x->claimed;
    return true;
}

/* A bearer is one of the two credentials of the body, in another place: which, its form tells. */
static bool
merge_bearer(struct csn_exchange *x, struct body *body, bool *from_header)
{
    struct csn_bytes bearer;
    *from_header = false;
    if (!csn_credential_bearer(x, &bearer))
        return false;
    if (bearer.len == 0) { /* "Bearer" alone: a token that is empty, unless the body has one */
        body->token = body->token.ptr != NULL ? body->token : bearer;
        return true;
    }
    bool ours = csn_is_session_token(bearer);
    struct csn_bytes *same = ours ? &body->anonymous : &body->token;
    if (!csn_credential_agree(x, bearer, *same))
        return false;
    *from_header = ours && same->len == 0;
    *same = bearer;
    return true;
}

static bool
refuse(enum csn_step answered)
{
    (void)answered;
    return false;
}

/* The anonymous session to link or continue. One that has expired links nothing and hinders
 * nothing; one that was revoked may be a login that comes again because its answer was lost, which
 * the store can tell. A session that is not anonymous cannot be given away: in the body that is a
 * mistake, in the header just the session the device has now. */
static bool
read_anonymous(struct csn_exchange *x, struct start *state, bool from_header)
{
    if (state->body.anonymous.len == 0)
        return true;
    if (!csn_is_session_token(state->body.anonymous))
        return refuse(csn_problem_field(x, CSN_FAULT_FIELD_INVALID, "", csn_bytes_text("anonymous"),
                                        "It is not a session token of this server."));
    csn_admit_judge(x, state->body.anonymous);
    const struct csn_caller *caller = &x->caller;
    enum csn_reason reason = caller->verdict.reason;
    if (reason == CSN_REASON_EXPIRED)
        return true;
    if (reason != CSN_REASON_ACCEPTED && reason != CSN_REASON_REVOKED)
        return refuse(csn_admit_refuse(x, reason, &caller->verdict));
    if (caller->assurance == CSN_ASSURANCE_ANONYMOUS) {
        state->login.anonymous_session = caller->session;
        state->login.anonymous_customer = caller->customer;
        return true;
    }
    if (from_header)
        return true;
    return refuse(csn_problem_field(x, CSN_FAULT_FIELD_INVALID, "", csn_bytes_text("anonymous"),
                                    "It is not the session of an anonymous customer."));
}

/* --- the decision --- */

static void
record(struct csn_exchange *x, const struct start *state)
{
    const struct csn_verdict *verdict = &state->verdict;
    csn_record(x, &(struct csn_judged){
                      .verdict = verdict,
                      .reason = state->answer.reason,
                      .endpoint = CSN_ENDPOINT_SESSION_START,
                      .assurance = state->answer.assurance,
                      .mode = state->answer.applied,
                      .admitted = state->answer.admitted,
                      .key_number = verdict->key != NULL ? verdict->key->number : 0,
                      .token = state->body.token,
                      .identity = state->login.identity,
                      .device = state->device,
                  });
}

/* Out: state->answer, and the login as far as it follows from it. */
static void
enforce(struct csn_exchange *x, struct start *state, enum csn_reason reason)
{
    struct csn_login *login = &state->login;
    bool proven = reason == CSN_REASON_ACCEPTED;
    struct csn_enforcement_case of = {.reason = reason,
                                      .identity =
                                          proven ? state->verdict.identity : state->body.identity,
                                      .device = state->device};
    state->answer = csn_enforce(x->app, &of, x->now_ms);
    login->assurance = state->answer.assurance;
    login->identity = (struct csn_bytes){0};
    if (login->assurance != CSN_ASSURANCE_ANONYMOUS)
        login->identity = of.identity;
    login->token = (struct csn_token_facts){0};
    if (proven)
        csn_sdk_token_facts(x, state->body.token, &state->verdict, &login->token);
}

static void
judge(struct csn_exchange *x, struct start *state)
{
    state->verdict = (struct csn_verdict){.reason = CSN_REASON_MISSING};
    if (state->body.token.ptr != NULL)
        csn_sdk_token_judge(x, state->body.token, state->body.identity, &state->verdict);
    x->caller = (struct csn_caller){.kind = CSN_BEARER_TOKEN, .verdict = state->verdict};
    enforce(x, state, state->verdict.reason);
}

/* --- the store --- */

/* A link makes the owner's log longer. */
static enum csn_status
log_in(struct csn_exchange *x, struct csn_store *store, struct start *state)
{
    enum csn_status status =
        csn_session_login(x->service->sessions, store, &state->login, &state->outcome, x->now_ms);
    if (status == CSN_OK && state->outcome.link == CSN_LINK_MADE)
        x->news.customer = state->outcome.claims.customer;
    return status;
}

static enum csn_status
work_login(struct csn_exchange *x, struct csn_store *store)
{
    struct start *state = x->state;
    enum csn_status status = log_in(x, store, state);
    enum csn_reason reason = state->outcome.reason;
    if (status != CSN_OK || reason == CSN_REASON_ACCEPTED || !state->login.token.given)
        return status;
    enforce(x, state, reason);
    return state->answer.admitted ? log_in(x, store, state) : CSN_OK;
}

static void
answer_login(struct csn_exchange *x)
{
    const struct start *state = x->state;
    const struct csn_session_outcome *outcome = &state->outcome;
    record(x, state);
    if (!state->answer.admitted || outcome->reason != CSN_REASON_ACCEPTED) {
        csn_admit_refuse(x, state->answer.admitted ? outcome->reason : state->answer.reason, NULL);
        return;
    }
    csn_sdk_session_answer(x, 201,
                           &(struct csn_sdk_session){.outcome = outcome,
                                                     .device = state->device,
                                                     .reason = state->answer.reason,
                                                     .tell = state->answer.tell});
}

enum csn_step
csn_session_start(struct csn_exchange *x)
{
    struct start *state = csn_manage_state(x, sizeof *state);
    x->sensitive = true;
    bool from_header = false;
    if (state == NULL || !read_body(x, state) || !merge_bearer(x, &state->body, &from_header) ||
        !read_anonymous(x, state, from_header))
        return CSN_ANSWERED;
    judge(x, state);
    if (!state->answer.admitted) {
        record(x, state);
        return csn_admit_refuse(x, state->answer.reason, &state->verdict);
    }
    state->login.app = x->app;
    state->login.device = state->device;
    x->revoked = &state->outcome.revoked;
    return csn_answer_later(x, work_login, answer_login);
}
