/* See period.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/api/period.h"

#include "base/time.h"
#include "server/api/problem.h"

#define HOUR_MS 3600000LL
#define DAY_MS (24 * HOUR_MS)

struct period {
    const char *prefix; /* how its two members are named to the client */
    struct csn_bytes since, until;
    int64_t step_ms;
};

static bool
refuse(struct csn_exchange *x, const struct period *period, const char *name, const char *detail)
{
    csn_problem_field(x, CSN_FAULT_FIELD_INVALID, period->prefix, csn_bytes_text(name), detail);
    return false;
}

static bool
read_period(struct csn_exchange *x, const struct period *period, int64_t *since_ms,
            int64_t *until_ms)
{
    int64_t step_ms = period->step_ms;
    *until_ms = x->now_ms;
    if (period->until.len > 0 && csn_time_read_rfc3339(period->until, until_ms) != CSN_OK)
        return refuse(x, period, "until", NULL);
    *since_ms = *until_ms - CSN_PERIOD_DAYS_DEFAULT * DAY_MS;
    if (step_ms == DAY_MS)
        *since_ms += DAY_MS; /* today is one of them */
    if (period->since.len > 0 && csn_time_read_rfc3339(period->since, since_ms) != CSN_OK)
        return refuse(x, period, "since", NULL);
    if (*since_ms >= *until_ms || *since_ms < 0)
        return refuse(x, period, "since", "It must lie before until.");
    *since_ms -= *since_ms % step_ms;
    *until_ms += (step_ms - *until_ms % step_ms) % step_ms;
    if (*until_ms - *since_ms <= CSN_PERIOD_DAYS_MAX * DAY_MS)
        return true;
    return refuse(x, period, "since", "At most 31 days.");
}

bool
csn_period_days(struct csn_exchange *x, struct csn_bytes since, struct csn_bytes until,
                int64_t *since_ms, int64_t *until_ms)
{
    struct period period = {.prefix = "?", .since = since, .until = until, .step_ms = DAY_MS};
    return read_period(x, &period, since_ms, until_ms);
}

bool
csn_period_hours(struct csn_exchange *x, struct csn_bytes since, struct csn_bytes until,
                 int64_t *since_ms, int64_t *until_ms)
{
    struct period period = {.prefix = "?", .since = since, .until = until, .step_ms = HOUR_MS};
    return read_period(x, &period, since_ms, until_ms);
}

bool
csn_period_hours_said(struct csn_exchange *x, struct csn_bytes since, struct csn_bytes until,
                      int64_t *since_ms, int64_t *until_ms)
{
    struct period period = {.prefix = "", .since = since, .until = until, .step_ms = HOUR_MS};
    return read_period(x, &period, since_ms, until_ms);
}
