/* Admission: the wall between apps and accounts, in one file.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/api/admission.h"

#include "server/api/cors.h"
#include "server/api/credential.h"
#include "server/api/problem.h"
#include "server/api/query.h"
#include "server/api/record.h"
#include "server/api/route.h"
#include "server/api/sdk_form.h"

void
csn_admit_app(struct csn_exchange *x)
{
    struct csn_id id;
    if (csn_id_read(x->params[0], &id))
        x->app = csn_registry_app(x->service->registry, csn_id_view(&id));
}

static bool
refuse(enum csn_step answered)
{
    (void)answered;
    return false;
}

/* --- the SDK and the gateway: anyone may know that an app exists --- */

static bool
admit_public(struct csn_exchange *x)
{
    if (!x->route->app_param)
        return true;
    csn_admit_app(x);
    if (x->route->browser)
        csn_cors_allow(x);
    if (x->app == NULL)
        return refuse(csn_problem_reason(x, CSN_REASON_APP_UNKNOWN, NULL));
    if (x->app->suspended)
        return refuse(csn_problem_reason(x, CSN_REASON_APP_SUSPENDED, NULL));
    return true;
}

void
csn_admit_judge(struct csn_exchange *x, struct csn_bytes bearer)
{
    struct csn_authenticator with = {.cache = x->service->cache,
                                     .revocations = x->service->revocations,
                                     .sessions = x->service->sessions,
                                     .workspace = x->workspace};
    x->bearer = bearer;
    csn_authenticate(&with, x->app, bearer, true, &x->caller, x->now_ms);
    if (x->caller.kind == CSN_BEARER_TOKEN)
        csn_jwks_judged(&x->service->jwks_hints, x->app, x->caller.verdict.reason);
}

/* Returns: no key of the app made this, so it may be a guess. */
static bool
is_guess(enum csn_reason reason, const struct csn_verdict *verdict)
{
    if (reason == CSN_REASON_MISSING || reason == CSN_REASON_ENFORCEMENT_MISSING)
        return false;
    return verdict != NULL && verdict->reason != CSN_REASON_ACCEPTED && verdict->key == NULL &&
           (reason <= CSN_REASON_SIGNATURE_INVALID);
}

enum csn_step
csn_admit_refuse(struct csn_exchange *x, enum csn_reason reason, const struct csn_verdict *verdict)
{
    if (!is_guess(reason, verdict))
        return csn_problem_reason(x, reason, verdict);
    int64_t wait_ms =
        csn_throttle_count(x->service->throttle, CSN_BUDGET_TOKENS, x->request.source, x->now_ms);
    if (wait_ms > 0)
        return csn_problem_wait(x, CSN_REASON_RATE_LIMITED, wait_ms);
    return csn_problem_reason(x, reason, verdict);
}

/* Where the token itself is the bearer, enforcement (narrowed by what the SDK's fields say of the
 * device: docs/decisions/0011-narrowing-without-a-device.md) says what follows from a bad or
 * missing one: who is let in is whom they claim to be, or anonymous. */
static bool
enforcement_admits(struct csn_exchange *x, enum csn_reason *reason)
{
    *reason = x->caller.verdict.reason;
    if (x->app->policy.use != CSN_USE_EVERY_REQUEST || x->caller.kind == CSN_BEARER_SESSION)
        return false;
    struct csn_enforcement_case of = {
        .reason = *reason, .identity = x->claimed, .device = csn_sdk_device_of(&x->caller)};
    x->enforced = csn_enforce(x->app, &of, x->now_ms);
    *reason = x->enforced.reason;
    x->caller.assurance = x->enforced.assurance;
    return x->enforced.admitted;
}

/* A token of somebody else proves nothing of whom the call is for: not even whose it is counts. */
static void
match_claim(struct csn_exchange *x)
{
    struct csn_caller *caller = &x->caller;
    struct csn_bytes proven = csn_bytes_of(caller->identity, caller->identity_len);
    if (caller->verdict.reason != CSN_REASON_ACCEPTED || x->claimed.len == 0 ||
        csn_bytes_equal(x->claimed, proven))
        return;
    caller->verdict.reason = CSN_REASON_IDENTITY_MISMATCH;
    caller->verdict.identity = (struct csn_bytes){0};
    caller->identity_len = 0;
}

bool
csn_admit_claimed(struct csn_exchange *x)
{
    match_claim(x);
    enum csn_reason reason = x->caller.verdict.reason;
    if (reason == CSN_REASON_ACCEPTED || enforcement_admits(x, &reason))
        return true;
    csn_record_caller(x);
    return refuse(csn_admit_refuse(x, reason, &x->caller.verdict));
}

static bool
admit_bearer(struct csn_exchange *x)
{
    struct csn_bytes bearer, other = {0};
    bool twice = false;
    if (!csn_credential_bearer(x, &bearer) || !csn_sdk_identity_field(x))
        return false;
    bool in_query = csn_query_raw(x->request.query, "access_token", &other, &twice);
    if (in_query && bearer.len == 0)
        return refuse(csn_problem_field(x, CSN_FAULT_REQUEST_INVALID, "?",
                                        csn_bytes_text("access_token"),
                                        "A token is not taken from the query, where logs keep it: "
                                        "send it as Authorization: Bearer (RFC 6750, 2.3)."));
    if (in_query && !csn_bytes_equal(bearer, other))
        return refuse(csn_problem_fault(x, CSN_FAULT_TWO_CREDENTIALS, NULL));
    csn_admit_judge(x, bearer);
    if (x->caller.verdict.reason == CSN_REASON_MISSING && csn_credential_is_strange(x))
        x->caller.verdict.reason = CSN_REASON_MALFORMED; /* whoever sent it must hear of it */
    if (x->caller.kind == CSN_BEARER_TOKEN && !csn_sdk_device_fields(x))
        return false;
    return csn_admit_claimed(x);
}

/* --- management: nobody may know of anything that is not theirs --- */

static bool
authenticate_api_key(struct csn_exchange *x)
{
    struct csn_api_credential given;
    if (!csn_credential_api_key(x, &given))
        return false;
    if (!given.given)
        return refuse(csn_problem_fault(x, CSN_FAULT_CREDENTIAL_MISSING, NULL));
    enum csn_status status =
        csn_registry_api_key(x->service->registry, given.key, given.secret, &x->api_key, x->now_ms);
    csn_secret_wipe(&given.memory);
    if (status == CSN_OK)
        return true;
    x->api_key = (struct csn_api_key){0};
    int64_t wait_ms =
        csn_throttle_count(x->service->throttle, CSN_BUDGET_API_KEYS, x->request.source, x->now_ms);
    if (wait_ms > 0)
        return refuse(csn_problem_wait(x, CSN_REASON_RATE_LIMITED, wait_ms));
    return refuse(csn_problem_fault(x, CSN_FAULT_CREDENTIAL_INVALID, NULL));
}

static bool
is_within_wall(const struct csn_exchange *x)
{
    const struct csn_api_key *key = &x->api_key;
    if (x->app == NULL || !csn_id_equal(&x->app->account, &key->account))
        return false;
    return csn_id_is_none(&key->app) || csn_id_equal(&key->app, &x->app->id);
}

static bool
has_role(const struct csn_exchange *x)
{
    unsigned roles = x->api_key.roles;
    switch (x->route->access) {
    case CSN_ACCESS_VIEWER: return roles != 0;
    case CSN_ACCESS_USER: return (roles & (CSN_ROLE_USER | CSN_ROLE_ADMIN)) != 0;
    case CSN_ACCESS_ADMIN: return (roles & CSN_ROLE_ADMIN) != 0;
    case CSN_ACCESS_ROOT: return (roles & CSN_ROLE_ADMIN) != 0 && x->api_key.root;
    default: return false;
    }
}

static bool
admit_api_key(struct csn_exchange *x)
{
    if (!authenticate_api_key(x))
        return false;
    if (x->route->app_param)
        csn_admit_app(x);
    if (x->route->app_param && !is_within_wall(x)) {
        csn_app_release(x->app);
        x->app = NULL;
        return refuse(csn_problem_reason(x, CSN_REASON_APP_UNKNOWN, NULL));
    }
    if (!has_role(x))
        return refuse(csn_problem_fault(x, CSN_FAULT_FORBIDDEN, NULL));
    return true;
}

bool
csn_admit(struct csn_exchange *x)
{
    switch (x->route->access) {
    case CSN_ACCESS_PUBLIC:
    case CSN_ACCESS_GATEWAY: return admit_public(x);
    case CSN_ACCESS_BEARER: return admit_public(x) && admit_bearer(x);
    case CSN_ACCESS_VIEWER:
    case CSN_ACCESS_USER:
    case CSN_ACCESS_ADMIN:
    case CSN_ACCESS_ROOT: return admit_api_key(x);
    default: return refuse(csn_problem_fault(x, CSN_FAULT_FORBIDDEN, NULL));
    }
}
