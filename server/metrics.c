/* Metrics: a fixed table of series, each a few atomic counters. See metrics.h.
 *
 * An operation is found by the address of its static name, so counting is a short probe and three
 * increments; nothing is allocated and nothing can be made to grow from outside.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/metrics.h"

#include <stdatomic.h>
#include <stdlib.h>

#define SERIES_MAX 256 /* a power of two, well above the number of routes */
#define CLASSES 6      /* of status codes: other, 1xx .. 5xx */
#define BUCKETS 8

static const int64_t BUCKET_US[BUCKETS] = {100, 500, 1000, 5000, 20000, 100000, 500000, 2000000};
static const char *const BUCKET_TEXT[BUCKETS] = {"0.0001", "0.0005", "0.001", "0.005",
                                                 "0.02",   "0.1",    "0.5",   "2"};

struct series {
    _Atomic(const char *) operation;
    atomic_uint_fast64_t by_class[CLASSES];
    atomic_uint_fast64_t at_most[BUCKETS]; /* not cumulated */
    atomic_uint_fast64_t sum_us;
};

struct csn_metrics {
    struct series series[SERIES_MAX];
};

struct csn_metrics *
csn_metrics_create(void)
{
    return calloc(1, sizeof(struct csn_metrics));
}

void
csn_metrics_free(struct csn_metrics *metrics)
{
    free(metrics);
}

static struct series *
series_of(struct csn_metrics *metrics, const char *operation)
{
    size_t at = (size_t)((uintptr_t)operation * 0x9E3779B97F4A7C15u >> 32) & (SERIES_MAX - 1);
    for (size_t tried = 0; tried < SERIES_MAX; tried++) {
        struct series *s = &metrics->series[at];
        const char *known = NULL;
        if (atomic_load_explicit(&s->operation, memory_order_acquire) == operation ||
            atomic_compare_exchange_strong(&s->operation, &known, operation) || known == operation)
            return s;
        at = (at + 1) & (SERIES_MAX - 1);
    }
    return NULL;
}

static void
add(atomic_uint_fast64_t *counter, uint64_t by)
{
    atomic_fetch_add_explicit(counter, by, memory_order_relaxed);
}

void
csn_metrics_count(struct csn_metrics *metrics, const char *operation, int status,
                  int64_t duration_us)
{
    struct series *s = series_of(metrics, operation);
    if (s == NULL)
        return;
    add(&s->by_class[status >= 100 && status < 600 ? status / 100 : 0], 1);
    add(&s->sum_us, duration_us > 0 ? (uint64_t)duration_us : 0);
    for (size_t i = 0; i < BUCKETS; i++) {
        if (duration_us <= BUCKET_US[i]) {
            add(&s->at_most[i], 1);
            return;
        }
    }
}

static uint64_t
read_counter(atomic_uint_fast64_t *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

static void
write_requests(struct csn_buffer *out, struct series *s, const char *operation)
{
    for (unsigned class = 0; class < CLASSES; class ++) {
        uint64_t count = read_counter(&s->by_class[class]);
        if (count == 0)
            continue;
        csn_buffer_text(out, "countersign_requests_total{operation=\"");
        csn_buffer_text(out, operation);
        csn_buffer_text(out, "\",status=\"");
        csn_buffer_int(out, class);
        csn_buffer_text(out, "xx\"} ");
        csn_buffer_int(out, (int64_t)count);
        csn_buffer_byte(out, '\n');
    }
}

static void
write_bucket(struct csn_buffer *out, const char *operation, const char *le, uint64_t count)
{
    csn_buffer_text(out, "countersign_request_seconds_bucket{operation=\"");
    csn_buffer_text(out, operation);
    csn_buffer_text(out, "\",le=\"");
    csn_buffer_text(out, le);
    csn_buffer_text(out, "\"} ");
    csn_buffer_int(out, (int64_t)count);
    csn_buffer_byte(out, '\n');
}

static void
write_total(struct csn_buffer *out, const char *what, const char *operation, int64_t whole,
            int64_t millionths)
{
    csn_buffer_text(out, what);
    csn_buffer_text(out, "{operation=\"");
    csn_buffer_text(out, operation);
    csn_buffer_text(out, "\"} ");
    csn_buffer_int(out, whole);
    if (millionths >= 0) {
        csn_buffer_byte(out, '.');
        for (int64_t place = 100000; place > 0; place /= 10)
            csn_buffer_byte(out, (uint8_t)('0' + millionths / place % 10));
    }
    csn_buffer_byte(out, '\n');
}

static void
write_durations(struct csn_buffer *out, struct series *s, const char *operation)
{
    uint64_t cumulated = 0, all = 0;
    for (size_t i = 0; i < BUCKETS; i++) {
        cumulated += read_counter(&s->at_most[i]);
        write_bucket(out, operation, BUCKET_TEXT[i], cumulated);
    }
    for (unsigned class = 0; class < CLASSES; class ++)
        all += read_counter(&s->by_class[class]);
    int64_t sum_us = (int64_t)read_counter(&s->sum_us);
    write_bucket(out, operation, "+Inf", all);
    write_total(out, "countersign_request_seconds_sum", operation, sum_us / 1000000,
                sum_us % 1000000);
    write_total(out, "countersign_request_seconds_count", operation, (int64_t)all, -1);
}

static void
write_each(struct csn_metrics *metrics, struct csn_buffer *out,
           void (*write)(struct csn_buffer *, struct series *, const char *))
{
    for (size_t i = 0; i < SERIES_MAX; i++) {
        struct series *s = &metrics->series[i];
        const char *operation = atomic_load_explicit(&s->operation, memory_order_acquire);
        if (operation != NULL)
            write(out, s, operation);
    }
}

void
csn_metrics_write(struct csn_metrics *metrics, struct csn_buffer *out)
{
    csn_buffer_text(out, "# HELP countersign_requests_total Requests answered.\n"
                         "# TYPE countersign_requests_total counter\n");
    write_each(metrics, out, write_requests);
    csn_buffer_text(out, "# HELP countersign_request_seconds Time from the complete request to its "
                         "answer.\n# TYPE countersign_request_seconds histogram\n");
    write_each(metrics, out, write_durations);
}
