/* Health: alive, ready, and what was counted. None of it names a tenant.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/api/answer.h"
#include "server/api/handlers.h"
#include "server/api/problem.h"
#include "server/live/live.h"
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

static void
write_metric(struct csn_buffer *out, const char *name, const char *type, const char *help,
             uint64_t value)
{
    const char *const parts[] = {"# HELP ", name, " ",  help, "\n# TYPE ", name,
                                 " ",       type, "\n", name, " "};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        csn_buffer_text(out, parts[i]);
    csn_buffer_int(out, (int64_t)value);
    csn_buffer_byte(out, '\n');
}

static void
write_streams(struct csn_live *live, struct csn_buffer *out)
{
    struct csn_live_counts counts = csn_live_counts(live);
    write_metric(out, "countersign_streams_open", "gauge", "Streams open now.", counts.open);
    write_metric(out, "countersign_stream_reads", "gauge", "Reads under way for streams.",
                 counts.reads);
    write_metric(out, "countersign_streams_opened_total", "counter", "Streams opened.",
                 counts.opened);
    write_metric(out, "countersign_streams_refused_total", "counter",
                 "Streams refused because of a limit.", counts.refused);
    write_metric(out, "countersign_streams_ended_total", "counter", "Streams ended by the server.",
                 counts.ended);
    write_metric(out, "countersign_stream_items_total", "counter", "Items sent on streams.",
                 counts.frames);
}

static void
write_outbox(const struct csn_outbox_counts *counts, struct csn_buffer *out)
{
    write_metric(out, "countersign_deliveries_waiting", "gauge",
                 "Deliveries to be sent or sent again, counted up to 10000.",
                 atomic_load_explicit(&counts->waiting, memory_order_relaxed));
    write_metric(out, "countersign_deliveries_taken_total", "counter",
                 "Deliveries taken by whom they were for.",
                 atomic_load_explicit(&counts->taken, memory_order_relaxed));
    write_metric(out, "countersign_delivery_attempts_failed_total", "counter",
                 "Attempts to deliver that failed.",
                 atomic_load_explicit(&counts->failed, memory_order_relaxed));
    write_metric(out, "countersign_deliveries_given_up_total", "counter", "Deliveries given up.",
                 atomic_load_explicit(&counts->given_up, memory_order_relaxed));
}

enum csn_step
csn_health_metrics(struct csn_exchange *x)
{
    (void)csn_answer_begin(x);
    csn_metrics_write(x->service->metrics, &x->out);
    write_streams(x->service->live, &x->out);
    write_outbox(&x->service->outbox_counts, &x->out);
    return csn_answer_end(x, 200, "text/plain; version=0.0.4; charset=utf-8");
}
