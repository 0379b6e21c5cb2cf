/* The exchange: from a request to a response, in the order it happens.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/api/exchange.h"

#include <string.h>

#include "base/panic.h"
#include "server/api/admission.h"
#include "server/api/answer.h"
#include "server/api/cors.h"
#include "server/api/problem.h"
#include "server/api/replay.h"
#include "server/api/route.h"
#include "server/api/trail.h"
#include "server/live/live.h"

/* --- fields --- */

struct csn_bytes
csn_request_header(const struct csn_request *request, const char *name, bool *twice)
{
    struct csn_bytes wanted = csn_bytes_text(name), value = {0};
    bool found = false;
    *twice = false;
    for (size_t i = 0; i < request->header_count; i++) {
        const struct csn_header *header = &request->headers[i];
        if (!csn_bytes_equal_nocase(header->name, wanted))
            continue;
        *twice = found;
        if (found)
            return (struct csn_bytes){0};
        value = header->value;
        found = true;
    }
    return value;
}

void
csn_response_header(struct csn_exchange *x, const char *name, struct csn_bytes value)
{
    CSN_ASSERT(x->response.header_count < CSN_RESPONSE_HEADERS_MAX);
    x->response.headers[x->response.header_count++] =
        (struct csn_header){csn_bytes_text(name), value};
}

/* --- prepare and end --- */

static enum csn_status
run_work(struct csn_job *job, struct csn_store *store)
{
    struct csn_exchange *x = (struct csn_exchange *)job;
    return x->replay.given ? csn_replay_work(x, store) : csn_trail_work(x, store);
}

/* What every answer carries. */
static void
stamp(struct csn_exchange *x)
{
    x->now_ms = csn_clock_now(&x->service->clock);
    struct csn_id id;
    csn_id_make(&x->service->random, &id, x->now_ms);
    memcpy(x->request_id, id.text, sizeof x->request_id);
    csn_response_header(x, "Request-Id", csn_bytes_of(x->request_id, CSN_ID_LENGTH));
    csn_response_header(x, "Cache-Control", csn_bytes_text("no-store"));
}

void
csn_api_prepare(struct csn_exchange *x, struct csn_service *service, void *memory, size_t size)
{
    CSN_ASSERT(size >= CSN_EXCHANGE_MEMORY);
    *x = (struct csn_exchange){.job = {.run = run_work}, .service = service};
    x->arena = csn_arena_over(memory, size - CSN_PROBLEM_MAX);
    x->reserve = (uint8_t *)memory + x->arena.cap;
    stamp(x);
}

/* A request uses a few kilobytes of its arena: wiping all of it costs more than answering. Where a
 * body was begun and given up (it did not fit) nothing says how far it came. */
static void
wipe(struct csn_exchange *x)
{
    csn_wipe(x->arena.ptr, x->is_open ? x->arena.cap : x->arena.used);
}

/* What the others must hear of. Each is told once. */
static enum csn_status
tell(struct csn_exchange *x)
{
    enum csn_status (*after)(struct csn_exchange *) = x->after;
    const struct csn_revoked_list *revoked = x->revoked;
    x->after = NULL;
    x->revoked = NULL;
    enum csn_status status = CSN_OK;
    if (revoked != NULL)
        status = csn_revoked_announce(revoked, x->app->id, x->service->revocations);
    if (!csn_id_is_none(&x->news.customer))
        csn_live_tell(x->service->live, x->app->id, x->news.customer);
    if (x->news.all)
        csn_live_tell_app(x->service->live, x->app->id);
    x->news.customer = (struct csn_id){0};
    x->news.all = false;
    return status == CSN_OK && after != NULL ? after(x) : status;
}

/* A committed change is published even when nobody waits for its answer any more. Returns: what
 * there is to answer. */
static enum csn_status
settle(struct csn_exchange *x)
{
    if (x->management != NULL)
        csn_change_settle(&x->management->change, x->job.status);
    bool done = x->job.status == CSN_OK && !x->replay.replayed;
    return done ? tell(x) : x->job.status;
}

void
csn_api_end(struct csn_exchange *x)
{
    (void)settle(x);
    csn_live_close(x->response.stream);
    x->response.stream = NULL;
    csn_app_release(x->app);
    x->app = NULL;
    if (x->sensitive)
        wipe(x);
}

/* --- begin --- */

/* Names the methods of `allowed`, and those that come with them. */
static void
list_methods(struct csn_exchange *x, unsigned allowed)
{
    static const struct {
        enum csn_method method;
        const char *text;
    } names[] = {{CSN_GET, "GET, HEAD"}, {CSN_POST, "POST"},     {CSN_PUT, "PUT"},
                 {CSN_PATCH, "PATCH"},   {CSN_DELETE, "DELETE"}, {CSN_OPTIONS, "OPTIONS"}};
    const size_t cap = 64;
    void *memory = csn_arena_alloc(&x->arena, cap);
    if (memory == NULL)
        return;
    struct csn_buffer list = csn_buffer_over(memory, cap);
    allowed |= 1U << CSN_OPTIONS;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if ((allowed & 1U << names[i].method) == 0)
            continue;
        csn_buffer_text(&list, list.len > 0 ? ", " : "");
        csn_buffer_text(&list, names[i].text);
    }
    csn_response_header(x, "Allow", csn_buffer_view(&list));
}

/* The path exists, the method does not. */
static enum csn_step
answer_other_method(struct csn_exchange *x, unsigned allowed)
{
    bool browser = x->nearest->browser;
    if (browser)
        csn_admit_app(x);
    list_methods(x, allowed);
    if (x->request.method == CSN_OPTIONS && browser)
        return csn_cors_preflight(x);
    if (browser)
        csn_cors_allow(x);
    if (x->request.method == CSN_OPTIONS)
        return csn_answer_empty(x, 204);
    return csn_problem_fault(x, CSN_FAULT_METHOD_NOT_ALLOWED, NULL);
}

/* Whoever watches a server that drains must still see it. */
static bool
is_refused_by_drain(const struct csn_exchange *x)
{
    return x->service->draining &&
           (x->nearest == NULL || x->nearest->app_param || x->nearest->access != CSN_ACCESS_PUBLIC);
}

enum csn_step
csn_api_begin(struct csn_exchange *x)
{
    unsigned allowed = 0;
    x->route = csn_route_find(x, &allowed);
    if (is_refused_by_drain(x))
        return csn_problem_wait(x, CSN_REASON_UNAVAILABLE, 1000);
    if (x->route == NULL && allowed != 0)
        return answer_other_method(x, allowed);
    if (x->route == NULL)
        return csn_problem_fault(x, CSN_FAULT_NOT_FOUND, NULL);
    if (!csn_admit(x))
        return csn_trail_refused(x);
    if (x->request.body.len > x->route->body_max && x->route->body_max > 0)
        return csn_problem_fault(x, CSN_FAULT_BODY_TOO_LARGE, NULL);
    if (!csn_replay_read(x))
        return CSN_ANSWERED;
    return x->route->handle(x);
}

/* --- finish --- */

/* A management operation that refused says which field, and why. */
static bool
has_refusal(const struct csn_exchange *x, enum csn_status status)
{
    bool answer = status == CSN_INVALID || status == CSN_CONFLICT || status == CSN_TOO_LARGE ||
                  status == CSN_UNSUPPORTED;
    return answer && x->management != NULL && x->management->refusal.detail[0] != '\0';
}

static void
answer_refusal(struct csn_exchange *x, enum csn_status status)
{
    static const enum csn_fault of_kind[] = {[CSN_REFUSED_VALUE] = CSN_FAULT_FIELD_INVALID,
                                             [CSN_REFUSED_UNKNOWN] = CSN_FAULT_FIELD_UNKNOWN,
                                             [CSN_REFUSED_MISSING] = CSN_FAULT_FIELD_MISSING};
    const struct csn_refusal *refusal = &x->management->refusal;
    struct csn_bytes field = csn_bytes_text(refusal->field);
    enum csn_fault fault = CSN_FAULT_CONFLICT;
    if (status == CSN_INVALID || status == CSN_UNSUPPORTED)
        fault = field.len > 0 ? of_kind[refusal->kind] : CSN_FAULT_REQUEST_INVALID;
    if (field.len > 0)
        csn_problem_field(x, fault, "", field, refusal->detail);
    else
        csn_problem_fault(x, fault, refusal->detail);
}

static void
answer_failure(struct csn_exchange *x, enum csn_status status)
{
    if (x->replay.reused)
        csn_problem_fault(x, CSN_FAULT_IDEMPOTENCY_KEY_REUSED, NULL);
    else if (x->failed != NULL)
        x->failed(x, status);
    else if (has_refusal(x, status))
        answer_refusal(x, status);
    else
        csn_problem_status(x, status);
}

void
csn_api_finish(struct csn_exchange *x)
{
    enum csn_status status = settle(x);
    bool answered = csn_replay_settle(x, status);
    if (status != CSN_OK)
        answer_failure(x, status);
    else if (!answered)
        x->finish(x);
}

/* --- all of it, for callers that may wait --- */

static enum csn_status
run_inline(struct csn_exchange *x, struct csn_store *store)
{
    if (csn_store_begin(store) != CSN_OK)
        return CSN_UNAVAILABLE;
    enum csn_status status = x->job.run(&x->job, store);
    if (status != CSN_OK) {
        csn_store_rollback(store);
        return status;
    }
    return csn_store_commit(store) == CSN_OK ? CSN_OK : CSN_UNAVAILABLE;
}

void
csn_api_answer(struct csn_exchange *x)
{
    if (csn_api_begin(x) != CSN_NEEDS_STORE)
        return;
    struct csn_service *service = x->service;
    x->job.status = service->queue != NULL ? csn_queue_run(service->queue, &x->job)
                                           : run_inline(x, service->store);
    csn_api_finish(x);
}
