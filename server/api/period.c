/* See period.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/api/period.h"

#include "base/time.h"
#include "server/api/problem.h"

#define HOUR_MS 3600000LL
#define DAY_MS (24 * HOUR_MS)

static bool
refuse(struct csn_exchange *x, const char *name, const char *detail)
{
    csn_problem_field(x, CSN_FAULT_FIELD_INVALID, "?", csn_bytes_text(name), detail);
    return false;
}

static bool
read_period(struct csn_exchange *x, struct csn_bytes since, struct csn_bytes until, int64_t step_ms,
            int64_t *since_ms, int64_t *until_ms)
{
    *until_ms = x->now_ms;
    if (until.len > 0 && csn_time_read_rfc3339(until, until_ms) != CSN_OK)
        return refuse(x, "until", NULL);
    *since_ms = *until_ms - CSN_PERIOD_DAYS_DEFAULT * DAY_MS;
    if (step_ms == DAY_MS)
        *since_ms += DAY_MS; /* today is one of them */
    if (since.len > 0 && csn_time_read_rfc3339(since, since_ms) != CSN_OK)
        return refuse(x, "since", NULL);
    if (*since_ms >= *until_ms || *since_ms < 0)
        return refuse(x, "since", "It must lie before until.");
    *since_ms -= *since_ms % step_ms;
    *until_ms += (step_ms - *until_ms % step_ms) % step_ms;
    if (*until_ms - *since_ms <= CSN_PERIOD_DAYS_MAX * DAY_MS)
        return true;
    return refuse(x, "since", "At most 31 days.");
}

bool
csn_period_days(struct csn_exchange *x, struct csn_bytes since, struct csn_bytes until,
                int64_t *since_ms, int64_t *until_ms)
{
    return read_period(x, since, until, DAY_MS, since_ms, until_ms);
}

bool
csn_period_hours(struct csn_exchange *x, struct csn_bytes since, struct csn_bytes until,
                 int64_t *since_ms, int64_t *until_ms)
{
    return read_period(x, since, until, HOUR_MS, since_ms, until_ms);
}
