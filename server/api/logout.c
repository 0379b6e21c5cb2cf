/* Logout: DELETE sessions/current. It always works: with a live bearer, with one that was revoked
 * (so it may be repeated), and with an expired one: a session's through its logout secret, the
 * customer's own token by itself (is_by_late_token).
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "server/api/admission.h"
#include "server/api/credential.h"
#include "server/api/decode.h"
#include "server/api/handlers.h"
#include "server/api/manage.h"
#include "server/api/record.h"
#include "server/api/sdk_form.h"

struct logout {
    struct csn_bytes session_text, secret, device;
    struct csn_logout in;
    struct csn_logout_outcome outcome;
};

static bool
read_body(struct csn_exchange *x, struct logout *state)
{
    static const struct csn_field fields[] = {
        {"session", CSN_FIELD_TEXT, false, 0, CSN_ID_LENGTH, offsetof(struct logout, session_text)},
        {"logout_secret", CSN_FIELD_TEXT, false, 0, CSN_LOGOUT_SECRET_LENGTH,
         offsetof(struct logout, secret)},
        {"device", CSN_FIELD_TEXT, false, 0, CSN_DEVICE_ID_MAX, offsetof(struct logout, device)},
    };
    const struct csn_json_node *body = csn_decode_body(x, true);
    return body != NULL && csn_decode_object(x, body, "", CSN_FIELDS(fields), state);
}

/* Out: state->in, by the bearer. Returns: the bearer proves enough. */
static bool
is_by_bearer(struct csn_exchange *x, struct logout *state, struct csn_bytes bearer)
{
    const struct csn_caller *caller = &x->caller;
    enum csn_reason reason = caller->verdict.reason;
    bool held = reason == CSN_REASON_ACCEPTED || reason == CSN_REASON_REVOKED;
    if (!held || caller->kind == CSN_BEARER_NONE)
        return false;
    state->in.by = caller->kind;
    state->in.session = caller->session;
    state->in.device = state->device;
    state->in.identity = csn_bytes_of(caller->identity, caller->identity_len);
    if (caller->kind == CSN_BEARER_TOKEN)
        csn_sdk_token_facts(x, bearer, &caller->verdict, &state->in.token);
    return true;
}

static bool
is_by_secret(struct logout *state)
{
    state->in.by = CSN_BEARER_NONE;
    state->in.secret = state->secret;
    return state->secret.len > 0 && csn_id_read(state->session_text, &state->in.session);
}

/* Returns: the signature held, under a key in use now, and time is the first thing at fault. */
static bool
is_late(const struct csn_caller *caller)
{
    const struct csn_verdict *verdict = &caller->verdict;
    return caller->kind == CSN_BEARER_TOKEN && verdict->key != NULL &&
           (verdict->reason == CSN_REASON_EXPIRED ||
            verdict->reason == CSN_REASON_ISSUED_TOO_LONG_AGO);
}

/* The customer's own token past its time. It opens nothing any more, but it still says whose it
 * was, and to unbind that customer's own device is all that is asked of it. A refused verdict names
 * nobody, so the token is judged once more, in everything, at the last moment of its own time: by
 * the key that made it alone, because others were in use then which are not now. What is recorded
 * claims no assurance for it.
 * Out: as is_by_bearer. Returns: time is its only fault. */
static bool
is_by_late_token(struct csn_exchange *x, struct logout *state, struct csn_bytes bearer)
{
    struct csn_caller *caller = &x->caller;
    if (!is_late(caller))
        return false;
    const struct csn_keyring its_own = {.keys = caller->verdict.key, .count = 1};
    const struct csn_presentation presented = {.token = bearer, .after_login = true};
    int64_t then_ms = x->now_ms;
    if (caller->verdict.reason == CSN_REASON_EXPIRED)
        then_ms = caller->verdict.expires_at_ms - 1;
    struct csn_verdict verdict;
    csn_judge(&x->app->policy, &its_own, &presented, x->workspace, &verdict, then_ms);
    if (verdict.reason != CSN_REASON_ACCEPTED)
        return false;
    memcpy(caller->identity, verdict.identity.ptr, verdict.identity.len);
    caller->identity_len = verdict.identity.len;
    caller->key_number = verdict.key->number;
    state->in.by = CSN_BEARER_TOKEN;
    state->in.device = state->device;
    state->in.identity = csn_bytes_of(caller->identity, caller->identity_len);
    csn_sdk_token_facts(x, bearer, &verdict, &state->in.token);
    return true;
}

/* Nothing proves the logout. Returns: the body meant to, and it was answered what that lacks. */
static bool
lacks_of_secret(struct csn_exchange *x, const struct logout *state)
{
    struct csn_id session;
    enum csn_fault fault = CSN_FAULT_FIELD_MISSING;
    const char *field = state->secret.len > 0 ? "session" : "logout_secret";
    if (state->session_text.len == 0 && state->secret.len == 0)
        return false;
    if (state->session_text.len > 0 && !csn_id_read(state->session_text, &session)) {
        fault = CSN_FAULT_FIELD_INVALID;
        field = "session";
    }
    csn_problem_field(x, fault, "", csn_bytes_text(field),
                      "Without a good bearer, a session's id and its logout secret end it.");
    return true;
}

static enum csn_status
work_logout(struct csn_exchange *x, struct csn_store *store)
{
    struct logout *state = x->state;
    return csn_session_logout(x->service->sessions, store, &state->in, &state->outcome, x->now_ms);
}

static void
answer_logout(struct csn_exchange *x)
{
    const struct logout *state = x->state;
    x->caller.verdict.reason = state->outcome.reason;
    csn_record_caller(x);
    if (state->outcome.reason != CSN_REASON_ACCEPTED)
        csn_problem_reason(x, state->outcome.reason, NULL);
    else
        csn_answer_empty(x, 204);
}

enum csn_step
csn_session_end(struct csn_exchange *x)
{
    struct logout *state = csn_manage_state(x, sizeof *state);
    struct csn_bytes bearer;
    if (state == NULL || !read_body(x, state) || !csn_credential_bearer(x, &bearer))
        return CSN_ANSWERED;
    csn_admit_judge(x, bearer);
    state->in.app = x->app;
    x->revoked = &state->outcome.revoked;
    if (is_by_bearer(x, state, bearer) || is_by_secret(state) || is_by_late_token(x, state, bearer))
        return csn_answer_later(x, work_logout, answer_logout);
    if (lacks_of_secret(x, state))
        return CSN_ANSWERED;
    csn_record_caller(x);
    return csn_admit_refuse(x, x->caller.verdict.reason, &x->caller.verdict);
}
