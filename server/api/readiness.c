/* Readiness: what the required mode would refuse, before anybody switches it on.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/domain/readiness.h"

#include <string.h>

#include "base/time.h"
#include "server/api/handlers.h"
#include "server/api/manage.h"
#include "server/api/period.h"
#include "server/api/query.h"

#define THRESHOLD_DEFAULT 1 /* percent of requests that may still be refused */

struct readiness {
    int64_t since_ms, until_ms, threshold;
    struct csn_readiness *found;
};

static enum csn_status
work_readiness(struct csn_exchange *x, struct csn_store *store)
{
    struct readiness *state = x->state;
    return csn_readiness_read(store, x->app, state->since_ms, state->until_ms, state->found);
}

/* --- writing --- */

static void
write_sum(struct csn_json_writer *w, const char *name, int64_t since_ms, int64_t until_ms,
          const struct csn_readiness_sum *sum)
{
    csn_json_name(w, name);
    csn_json_open_object(w);
    csn_answer_time(w, "since", since_ms);
    csn_answer_time(w, "until", until_ms);
    csn_json_member_int(w, "requests", sum->requests);
    csn_json_member_int(w, "would_refuse", sum->refused);
    csn_json_member_int(w, "refused_already", sum->refused_now);
    csn_json_member_int(w, "customers", sum->customers);
    csn_json_member_int(w, "devices", sum->devices);
    csn_json_close_object(w);
}

static void
write_days(struct csn_json_writer *w, const struct csn_readiness *r)
{
    csn_json_name(w, "days");
    csn_json_open_array(w);
    for (size_t i = 0; i < r->day_count; i++) {
        csn_json_open_object(w);
        csn_answer_time(w, "day", r->days[i].day_ms);
        csn_json_member_int(w, "requests", r->days[i].requests);
        csn_json_member_int(w, "would_refuse", r->days[i].refused);
        csn_json_member_int(w, "customers", r->days[i].customers);
        csn_json_member_int(w, "devices", r->days[i].devices);
        csn_json_close_object(w);
    }
    csn_json_close_array(w);
}

static void
write_groups(struct csn_json_writer *w, const struct csn_readiness *r)
{
    csn_json_name(w, "items");
    csn_json_open_array(w);
    for (size_t i = 0; i < r->group_count; i++) {
        const struct csn_readiness_group *group = &r->groups[i];
        csn_json_open_object(w);
        csn_json_member_text(w, "reason", csn_reason_name(group->reason));
        csn_answer_text(w, "platform", csn_bytes_text(group->platform));
        csn_answer_text(w, "app_version", csn_bytes_text(group->app_version));
        csn_answer_text(w, "sdk_version", csn_bytes_text(group->sdk_version));
        csn_json_member_int(w, "would_refuse", group->refused);
        csn_json_member_int(w, "would_refuse_before", group->refused_before);
        csn_json_member_int(w, "customers", group->customers);
        csn_json_member_int(w, "devices", group->devices);
        csn_json_close_object(w);
    }
    csn_json_close_array(w);
    csn_json_member_bool(w, "more_items", r->more_groups);
}

static void
write_minimum(struct csn_json_writer *w, const struct csn_readiness_version *versions, size_t count,
              int64_t permille, int64_t all_refused)
{
    struct csn_readiness_minimum minimum = csn_readiness_minimum_of(versions, count, permille);
    csn_json_name(w, "minimum");
    if (minimum.from == NULL) {
        csn_json_null(w);
        return;
    }
    csn_json_open_object(w);
    csn_json_member_text(w, "app_version", minimum.from->app_version);
    csn_json_member_int(w, "requests", minimum.requests);
    csn_json_member_int(w, "would_refuse", minimum.refused);
    csn_json_member_int(w, "saved", minimum.saved);
    csn_json_member_int(w, "saved_permille", csn_permille(minimum.saved, all_refused));
    csn_json_close_object(w);
}

/* One platform: its versions from the oldest on, and how many of those it would refuse are at each
 * or below. */
static void
write_platform(struct csn_json_writer *w, const struct csn_readiness_version *versions,
               size_t count, int64_t permille)
{
    struct csn_readiness_version all = {0}, so_far = {0};
    for (size_t i = 0; i < count; i++) {
        all.requests += versions[i].requests;
        all.refused += versions[i].refused;
        all.customers += versions[i].customers;
        all.devices += versions[i].devices;
    }
    csn_json_open_object(w);
    csn_answer_text(w, "platform", csn_bytes_text(versions->platform));
    csn_json_member_int(w, "requests", all.requests);
    csn_json_member_int(w, "would_refuse", all.refused);
    csn_json_member_int(w, "customers", all.customers);
    csn_json_member_int(w, "devices", all.devices);
    write_minimum(w, versions, count, permille, all.refused);
    csn_json_name(w, "versions");
    csn_json_open_array(w);
    for (size_t i = 0; i < count; i++) {
        so_far.refused += versions[i].refused;
        so_far.customers += versions[i].customers + versions[i].devices;
        csn_json_open_object(w);
        csn_answer_text(w, "app_version", csn_bytes_text(versions[i].app_version));
        csn_json_member_int(w, "requests", versions[i].requests);
        csn_json_member_int(w, "would_refuse", versions[i].refused);
        csn_json_member_int(w, "customers", versions[i].customers);
        csn_json_member_int(w, "devices", versions[i].devices);
        csn_json_member_int(w, "requests_up_to_permille",
                            csn_permille(so_far.refused, all.refused));
        csn_json_member_int(w, "customers_up_to_permille",
                            csn_permille(so_far.customers, all.customers + all.devices));
        csn_json_close_object(w);
    }
    csn_json_close_array(w);
    csn_json_close_object(w);
}

static void
write_platforms(struct csn_json_writer *w, const struct csn_readiness *r, int64_t permille)
{
    csn_json_name(w, "platforms");
    csn_json_open_array(w);
    for (size_t i = 0, end; i < r->version_count; i = end) {
        for (end = i + 1; end < r->version_count; end++) {
            if (strcmp(r->versions[end].platform, r->versions[i].platform) != 0)
                break;
        }
        write_platform(w, &r->versions[i], end - i, permille);
    }
    csn_json_close_array(w);
    csn_json_member_bool(w, "more_versions", r->more_versions);
}

static void
answer_readiness(struct csn_exchange *x)
{
    const struct readiness *state = x->state;
    const struct csn_readiness *r = state->found;
    struct csn_json_writer w = csn_answer_open(x);
    write_sum(&w, "now", r->since_ms, r->until_ms, &r->now);
    write_sum(&w, "before", r->before_ms, r->since_ms, &r->before);
    csn_json_member_bool(&w, "exact", r->exact);
    csn_json_member_int(&w, "error_permille", r->error_permille);
    csn_json_member_int(&w, "threshold", state->threshold);
    write_days(&w, r);
    write_groups(&w, r);
    write_platforms(&w, r, state->threshold * 10);
    csn_answer_close(x, &w, 200);
}

/* --- reading --- */

enum csn_step
csn_readiness_show(struct csn_exchange *x)
{
    struct readiness *state = csn_manage_state(x, sizeof *state);
    struct csn_bytes since, until, threshold;
    const struct csn_parameter known[] = {{"since", CSN_TIME_TEXT_LENGTH, &since},
                                          {"until", CSN_TIME_TEXT_LENGTH, &until},
                                          {"threshold", 3, &threshold},
                                          {0}};
    if (state == NULL || !csn_query_read(x, known) ||
        !csn_period_days(x, since, until, &state->since_ms, &state->until_ms))
        return CSN_ANSWERED;
    state->threshold = THRESHOLD_DEFAULT;
    bool given = threshold.len > 0;
    if (given && (csn_json_integer(threshold, &state->threshold) != CSN_OK ||
                  state->threshold < 0 || state->threshold > 100))
        return csn_problem_field(x, CSN_FAULT_FIELD_INVALID, "?", csn_bytes_text("threshold"),
                                 "A whole number of percent, 0 to 100.");
    state->found = csn_arena_alloc(&x->arena, sizeof *state->found);
    if (state->found == NULL)
        return csn_problem_fault(x, CSN_FAULT_INTERNAL, NULL);
    return csn_answer_later(x, work_readiness, answer_readiness);
}
