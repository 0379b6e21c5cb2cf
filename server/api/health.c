/* Health: alive, ready, and what was counted. None of it names a tenant.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/api/answer.h"
#include "server/api/handlers.h"
#include "server/api/problem.h"
#include "server/metrics.h"

enum csn_step
csn_health_alive(struct csn_exchange *x)
{
    struct csn_json_writer w = csn_answer_open(x);
    csn_json_member_text(&w, "status", "alive");
    csn_answer_time(&w, "server_time", x->now_ms);
    return csn_answer_close(x, &w, 200);
}

/* A transaction that commits is the proof that the store can be written. */
static enum csn_status
reach_store(struct csn_exchange *x, struct csn_store *store)
{
    (void)x;
    (void)store;
    return CSN_OK;
}

static void
answer_ready(struct csn_exchange *x)
{
    struct csn_json_writer w = csn_answer_open(x);
    csn_json_member_text(&w, "status", "ready");
    csn_answer_time(&w, "server_time", x->now_ms);
    csn_answer_close(x, &w, 200);
}

enum csn_step
csn_health_ready(struct csn_exchange *x)
{
    if (x->service->draining)
        return csn_problem_wait(x, CSN_REASON_UNAVAILABLE, 1000);
    return csn_answer_later(x, reach_store, answer_ready);
}

enum csn_step
csn_health_metrics(struct csn_exchange *x)
{
    (void)csn_answer_begin(x);
    csn_metrics_write(x->service->metrics, &x->out);
    return csn_answer_end(x, 200, "text/plain; version=0.0.4; charset=utf-8");
}
