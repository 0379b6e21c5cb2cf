/* The two documents of an app that have versions: policy and enforcement. Read with an ETag,
 * replaced under If-Match.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/api/decode.h"
#include "server/api/etag.h"
#include "server/api/handlers.h"
#include "server/api/manage.h"
#include "server/domain/erase.h"
#include "server/domain/management_apps.h"
#include "server/domain/revocations.h"
#include "server/domain/sessions.h"

struct document {
    bool enforcement; /* which of the two */
    struct csn_app_info app;
};

static int64_t
version_of(const struct document *state)
{
    return state->enforcement ? state->app.enforcement_version : state->app.policy_version;
}

static void
answer_document(struct csn_exchange *x)
{
    const struct document *state = x->state;
    csn_etag_set(x, version_of(state));
    struct csn_bytes body = state->enforcement ? state->app.enforcement : state->app.policy;
    csn_answer_body(x, 200, "application/json", body);
}

static void
answer_read(struct csn_exchange *x)
{
    int64_t version = version_of(x->state);
    if (!csn_etag_is_known(x, version)) {
        answer_document(x);
        return;
    }
    csn_etag_set(x, version);
    csn_answer_empty(x, 304);
}

static enum csn_status
work_get(struct csn_exchange *x, struct csn_store *store)
{
    struct document *state = x->state;
    struct csn_management *m = csn_manage(x, store);
    return m == NULL ? CSN_NO_SPACE : csn_management_app_get(m, x->app->id, &state->app);
}

static enum csn_step
get_document(struct csn_exchange *x, bool enforcement)
{
    struct document *state = csn_manage_state(x, sizeof *state);
    if (state == NULL)
        return CSN_ANSWERED;
    state->enforcement = enforcement;
    return csn_answer_later(x, work_get, answer_read);
}

/* Tokens that had ended under the policy before may live again under this one. */
static enum csn_status
recall_revoked(struct csn_exchange *x, struct csn_store *store, struct csn_bytes json)
{
    struct csn_policy policy;
    struct csn_policy_error error;
    int64_t before_ms = csn_token_life_max(&x->app->policy);
    enum csn_status status = csn_policy_parse(json, &x->arena, &policy, &error);
    if (status != CSN_OK)
        return status == CSN_NO_SPACE ? status : CSN_UNAVAILABLE;
    int64_t now_ms = csn_token_life_max(&policy);
    if (now_ms == before_ms)
        return CSN_OK;
    status = csn_erased_revocations_last(store, x->app->id, &policy);
    bool longer = before_ms > 0 && (now_ms == 0 || now_ms > before_ms);
    if (status != CSN_OK || !longer || x->service->revocations == NULL)
        return status;
    return csn_revocations_recall(store, x->service->revocations, x->app->id);
}

static enum csn_status
work_put(struct csn_exchange *x, struct csn_store *store)
{
    struct document *state = x->state;
    struct csn_management *m = csn_manage(x, store);
    if (m == NULL)
        return CSN_NO_SPACE;
    enum csn_status status = csn_management_app_get(m, x->app->id, &state->app);
    if (status != CSN_OK)
        return status;
    int64_t from = version_of(state);
    if (!csn_etag_permits(x, from))
        return CSN_CONFLICT;
    if (state->enforcement)
        return csn_management_enforcement_set(m, x->app->id, x->request.body, from, &state->app,
                                              x->now_ms);
    status = csn_management_policy_set(m, x->app->id, x->request.body, from, &state->app);
    return status == CSN_OK ? recall_revoked(x, store, state->app.policy) : status;
}

/* The one conflict a write can meet is another version than its conditions ask for. */
static void
answer_failed(struct csn_exchange *x, enum csn_status status)
{
    x->failed = NULL;
    if (status == CSN_CONFLICT)
        csn_problem_fault(x, CSN_FAULT_PRECONDITION_FAILED, NULL);
    else
        csn_api_finish(x);
}

static enum csn_step
put_document(struct csn_exchange *x, bool enforcement)
{
    struct document *state = csn_manage_state(x, sizeof *state);
    if (state == NULL)
        return CSN_ANSWERED;
    /* Strict JSON and its type are seen to here; what it means is the domain's. */
    size_t used = x->arena.used;
    if (csn_decode_body(x, false) == NULL)
        return CSN_ANSWERED;
    x->arena.used = used;
    state->enforcement = enforcement;
    x->failed = answer_failed;
    return csn_answer_later(x, work_put, answer_document);
}

enum csn_step
csn_policy_get(struct csn_exchange *x)
{
    return get_document(x, false);
}

enum csn_step
csn_policy_put(struct csn_exchange *x)
{
    return put_document(x, false);
}

enum csn_step
csn_enforcement_get(struct csn_exchange *x)
{
    return get_document(x, true);
}

enum csn_step
csn_enforcement_put(struct csn_exchange *x)
{
    return put_document(x, true);
}
