/* Metrics: what the process counted since it started, as Prometheus text.
 *
 * Counters only; any thread. Labels come from the route table (an operation's name), never from a
 * request, so that nobody outside decides how many series there are.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_METRICS_H
#define CSN_SERVER_METRICS_H

#include "countersign/bytes.h"

struct csn_metrics;

struct csn_metrics *csn_metrics_create(void); /* NULL when memory is out */
void csn_metrics_free(struct csn_metrics *metrics);

/* Counts one answered request. `operation`: csn_route.operation, or "none" where no route matched;
 * static. */
void csn_metrics_count(struct csn_metrics *metrics, const char *operation, int status,
                       int64_t duration_us);

/* Appends everything in the Prometheus text format, version 0.0.4. */
void csn_metrics_write(struct csn_metrics *metrics, struct csn_buffer *out);

#endif
