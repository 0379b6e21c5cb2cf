/* Failures: what was refused, or admitted all the same, grouped by cause; and the diagnosis of a
 * failing token that was kept (evidence.h), never the token.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/time.h"

#include "server/api/diagnose.h"
#include "server/api/handlers.h"
#include "server/api/manage.h"
#include "server/api/period.h"
#include "server/api/query.h"
#include "server/domain/evidence.h"
#include "server/domain/pseudonym.h"

#define GROUPS_MAX 100
#define RECENT_MAX 200 /* rows looked through for samples */
#define EVIDENCE_MAX 200
#define SAMPLES_MAX 3 /* of one group, the newest */
#define REASON_MAX 64 /* bytes of a reason's name */

struct failures {
    struct csn_failure_filter filter;
    struct csn_failure_group *groups;
    struct csn_decision_row *recent;
    struct csn_evidence_row *evidence;
    size_t group_count, recent_count, evidence_count;
    bool more;
};

/* --- all of them --- */

static enum csn_status
work_list(struct csn_exchange *x, struct csn_store *store)
{
    struct failures *state = x->state;
    enum csn_status status = csn_store_failures_group(
        store, &state->filter, state->groups, GROUPS_MAX, &state->group_count, &state->more);
    if (status == CSN_OK)
        status = csn_store_failures_recent(store, &state->filter, state->recent, RECENT_MAX,
                                           &state->recent_count);
    if (status == CSN_OK)
        status = csn_store_evidence_list(store, x->app->id, state->evidence, EVIDENCE_MAX,
                                         &state->evidence_count);
    return status;
}

static bool
is_of(const struct csn_decision *group, const struct csn_decision *d)
{
    return group->reason == d->reason && group->key_number == d->key_number &&
           strcmp(group->platform, d->platform) == 0 &&
           strcmp(group->app_version, d->app_version) == 0 &&
           strcmp(group->sdk_version, d->sdk_version) == 0;
}

static void
write_sample(struct csn_json_writer *w, const struct csn_decision_row *row)
{
    const struct csn_decision *d = &row->decision;
    csn_json_open_object(w);
    csn_answer_time(w, "at", d->at_ms);
    csn_json_member_text(w, "endpoint", csn_endpoint_name(d->endpoint));
    csn_json_member_bool(w, "admitted", d->admitted);
    csn_answer_pseudonym(w, "pseudonym", d->pseudonym);
    csn_answer_int(w, "skew_ms", d->has_skew, d->skew_ms);
    csn_answer_int(w, "lifetime_ms", d->lifetime_ms != 0, d->lifetime_ms);
    csn_json_close_object(w);
}

static void
write_samples(struct csn_json_writer *w, const struct failures *state,
              const struct csn_decision *group)
{
    csn_json_name(w, "samples");
    csn_json_open_array(w);
    for (size_t i = 0, shown = 0; i < state->recent_count && shown < SAMPLES_MAX; i++) {
        if (!is_of(group, &state->recent[i].decision))
            continue;
        write_sample(w, &state->recent[i]);
        shown++;
    }
    csn_json_close_array(w);
    csn_json_name(w, "evidence");
    csn_json_open_array(w);
    for (size_t i = 0, shown = 0; i < state->evidence_count && shown < SAMPLES_MAX; i++) {
        if (!is_of(group, &state->evidence[i].decision))
            continue;
        csn_json_open_object(w);
        csn_answer_id(w, "id", state->evidence[i].id);
        csn_answer_time(w, "at", state->evidence[i].decision.at_ms);
        csn_json_close_object(w);
        shown++;
    }
    csn_json_close_array(w);
}

static void
write_kind(struct csn_json_writer *w, const struct csn_decision *of)
{
    csn_json_member_text(w, "reason", csn_reason_name(of->reason));
    csn_json_member_text(w, "action", csn_action_name(csn_reason_action(of->reason)));
    csn_answer_int(w, "key_number", of->key_number != 0, of->key_number);
    csn_answer_text(w, "platform", csn_bytes_text(of->platform));
    csn_answer_text(w, "app_version", csn_bytes_text(of->app_version));
    csn_answer_text(w, "sdk_version", csn_bytes_text(of->sdk_version));
}

static void
answer_list(struct csn_exchange *x)
{
    const struct failures *state = x->state;
    struct csn_json_writer w = csn_answer_open(x);
    csn_answer_time(&w, "since", state->filter.since_ms);
    csn_answer_time(&w, "until", state->filter.until_ms);
    bool kept = x->now_ms < x->app->evidence_until_ms;
    csn_answer_time(&w, "evidence_until", kept ? x->app->evidence_until_ms : 0);
    csn_json_name(&w, "items");
    csn_json_open_array(&w);
    for (size_t i = 0; i < state->group_count; i++) {
        const struct csn_failure_group *group = &state->groups[i];
        csn_json_open_object(&w);
        write_kind(&w, &group->of);
        csn_json_member_int(&w, "count", group->count);
        csn_json_member_int(&w, "refused", group->refused);
        csn_answer_time(&w, "first_at", group->first_ms);
        csn_answer_time(&w, "last_at", group->last_ms);
        write_samples(&w, state, &group->of);
        csn_json_close_object(&w);
    }
    csn_json_close_array(&w);
    csn_json_member_bool(&w, "more", state->more);
    csn_answer_close(x, &w, 200);
}

enum csn_step
csn_failures_list(struct csn_exchange *x)
{
    struct failures *state = csn_manage_state(x, sizeof *state);
    struct csn_bytes since, until, reason;
    const struct csn_parameter known[] = {{"since", CSN_TIME_TEXT_LENGTH, &since},
                                          {"until", CSN_TIME_TEXT_LENGTH, &until},
                                          {"reason", REASON_MAX, &reason},
                                          {0}};
    if (state == NULL || !csn_query_read(x, known) ||
        !csn_period_hours(x, since, until, &state->filter.since_ms, &state->filter.until_ms))
        return CSN_ANSWERED;
    state->filter.app = x->app->id;
    state->filter.reason = csn_reason_from_name(reason);
    if (reason.len > 0 && state->filter.reason == CSN_UNDECIDED)
        return csn_problem_field(x, CSN_FAULT_FIELD_INVALID, "?", csn_bytes_text("reason"), NULL);
    state->groups = csn_arena_alloc(&x->arena, GROUPS_MAX * sizeof *state->groups);
    state->recent = csn_arena_alloc(&x->arena, RECENT_MAX * sizeof *state->recent);
    state->evidence = csn_arena_alloc(&x->arena, EVIDENCE_MAX * sizeof *state->evidence);
    if (state->groups == NULL || state->recent == NULL || state->evidence == NULL)
        return csn_problem_fault(x, CSN_FAULT_INTERNAL, NULL);
    return csn_answer_later(x, work_list, answer_list);
}

/* --- one that was kept --- */

struct failure {
    struct csn_id id;
    struct csn_evidence_row row;
    struct csn_diagnosing diagnosing;
};

static enum csn_status
work_get(struct csn_exchange *x, struct csn_store *store)
{
    struct failure *state = x->state;
    struct csn_presented presented;
    enum csn_status status =
        csn_store_evidence_get(store, x->app->id, state->id, &x->arena, &state->row);
    if (status == CSN_OK)
        status = csn_evidence_open(x->service->evidence, &state->row, &x->arena, &presented);
    if (status != CSN_OK)
        return status;
    struct csn_workspace *workspace = csn_arena_alloc(&x->arena, sizeof *workspace);
    if (workspace == NULL)
        return CSN_NO_SPACE;
    state->diagnosing = (struct csn_diagnosing){.token = presented.token,
                                                .identity = presented.identity,
                                                .device = presented.device,
                                                .at_ms = state->row.decision.at_ms};
    csn_diagnosing_ask(x, workspace, &state->diagnosing);
    return csn_diagnosing_load(x, store, &state->diagnosing);
}

static void
answer_got(struct csn_exchange *x)
{
    struct failure *state = x->state;
    const struct csn_diagnosis *found = NULL;
    enum csn_status status = csn_diagnosing_answer(x, &state->diagnosing, &found);
    if (status != CSN_OK) {
        csn_problem_status(x, status);
        return;
    }
    const struct csn_decision *d = &state->row.decision;
    struct csn_json_writer w = csn_answer_open(x);
    csn_answer_id(&w, "id", state->row.id);
    csn_answer_time(&w, "at", d->at_ms);
    csn_json_member_text(&w, "endpoint", csn_endpoint_name(d->endpoint));
    csn_json_member_bool(&w, "admitted", d->admitted);
    write_kind(&w, d);
    csn_json_name(&w, "diagnosis");
    csn_diagnosis_write(found, &w);
    csn_answer_close(x, &w, 200);
}

static void
answer_failed(struct csn_exchange *x, enum csn_status status)
{
    csn_diagnosing_drop(&((struct failure *)x->state)->diagnosing);
    csn_problem_status(x, status);
}

enum csn_step
csn_failures_get(struct csn_exchange *x)
{
    struct failure *state = csn_manage_state(x, sizeof *state);
    x->sensitive = true;
    if (state == NULL || !csn_manage_id(x, 1, &state->id))
        return CSN_ANSWERED;
    if (x->service->evidence == NULL)
        return csn_problem_fault(x, CSN_FAULT_NOT_FOUND, NULL);
    x->failed = answer_failed;
    return csn_answer_later(x, work_get, answer_got);
}
