/* Dry runs: a proposed enforcement or policy, tried on what was recorded. Nothing is changed.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/domain/dry_run.h"

#include "base/time.h"
#include "server/api/decode.h"
#include "server/api/handlers.h"
#include "server/api/manage.h"
#include "server/api/period.h"
#include "server/domain/enforcement.h"
#include "server/domain/management_apps.h"

struct dry_run {
    const struct csn_json_node *document;
    struct csn_bytes since, until;
    int64_t since_ms, until_ms;
    bool is_policy;
    struct csn_enforcement enforcement;
    struct csn_policy policy;
    struct csn_dry_run *found;
};

static enum csn_status
work_dry_run(struct csn_exchange *x, struct csn_store *store)
{
    struct dry_run *state = x->state;
    if (state->is_policy)
        return csn_dry_run_policy(store, x->app, &state->policy, state->since_ms, state->until_ms,
                                  state->found);
    return csn_dry_run_enforcement(store, x->app, &state->enforcement, state->since_ms,
                                   state->until_ms, state->found);
}

/* --- writing --- */

static void
write_requests(struct csn_json_writer *w, const struct csn_dry_run *found)
{
    csn_json_name(w, "requests");
    csn_json_open_object(w);
    csn_json_member_int(w, "looked_at", found->looked_at);
    csn_json_member_int(w, "unchanged", found->changed[CSN_CHANGE_NONE]);
    for (int kind = CSN_CHANGE_REFUSED; kind < CSN_CHANGE_COUNT; kind++)
        csn_json_member_int(w, csn_change_kind_name((enum csn_change_kind)kind),
                            found->changed[kind]);
    csn_json_close_object(w);
}

static void
write_groups(struct csn_json_writer *w, const struct csn_dry_run *found)
{
    csn_json_name(w, "items");
    csn_json_open_array(w);
    for (size_t i = 0; i < found->group_count; i++) {
        const struct csn_dry_run_group *group = &found->groups[i];
        bool told = group->becomes != CSN_UNDECIDED;
        csn_json_open_object(w);
        csn_json_member_text(w, "change", csn_change_kind_name(group->kind));
        csn_json_member_text(w, "was", csn_reason_name(group->was));
        csn_answer_text(w, "becomes", csn_bytes_text(told ? csn_reason_name(group->becomes) : ""));
        csn_answer_text(w, "platform", csn_bytes_text(group->platform));
        csn_answer_text(w, "app_version", csn_bytes_text(group->app_version));
        csn_json_member_int(w, "requests", group->requests);
        csn_json_close_object(w);
    }
    csn_json_close_array(w);
    csn_json_member_bool(w, "more_items", found->more_groups);
}

static void
write_notes(struct csn_json_writer *w, const struct csn_dry_run *found)
{
    csn_json_name(w, "not_known");
    csn_json_open_array(w);
    for (size_t i = 0; i < found->note_count; i++)
        csn_json_text(w, found->notes[i]);
    if (found->more_rows)
        csn_json_text(w, "More was recorded than one run reads: older rows were not looked at.");
    if (found->sampled)
        csn_json_text(w, "Rows were sampled: requests are estimates, customers at least so many.");
    csn_json_close_array(w);
}

static void
answer_dry_run(struct csn_exchange *x)
{
    const struct dry_run *state = x->state;
    const struct csn_dry_run *found = state->found;
    struct csn_json_writer w = csn_answer_open(x);
    csn_answer_time(&w, "since", state->since_ms);
    csn_answer_time(&w, "until", state->until_ms);
    csn_json_member_int(&w, "rows", found->rows);
    csn_json_member_bool(&w, "exact",
                         !found->sampled && !found->more_rows && found->refused.level == 0 &&
                             found->admitted.level == 0);
    write_requests(&w, found);
    csn_json_name(&w, "customers");
    csn_json_open_object(&w);
    csn_json_member_int(&w, "refused", (int64_t)found->refused.count << found->refused.level);
    csn_json_member_int(&w, "admitted", (int64_t)found->admitted.count << found->admitted.level);
    csn_json_close_object(&w);
    write_groups(&w, found);
    write_notes(&w, found);
    csn_answer_close(x, &w, 200);
}

/* --- reading --- */

static bool
refuse(struct csn_exchange *x, const char *prefix, const char *name, const char *sentence)
{
    csn_problem_field(x, CSN_FAULT_FIELD_INVALID, prefix, csn_bytes_text(name), sentence);
    return false;
}

static bool
read_policy(struct csn_exchange *x, struct dry_run *state, struct csn_bytes json)
{
    struct csn_policy_error error = {.field = ""};
    enum csn_status status = csn_policy_parse(json, &x->arena, &state->policy, &error);
    if (status == CSN_OK)
        return true;
    if (status != CSN_INVALID)
        return csn_problem_status(x, status), false;
    return refuse(x, "policy.", error.field, error.sentence);
}

static bool
read_enforcement(struct csn_exchange *x, struct dry_run *state, struct csn_bytes json)
{
    const char *wrong = "";
    enum csn_status status =
        csn_enforcement_parse(json, &x->arena, &state->enforcement, &wrong, x->now_ms);
    if (status == CSN_OK)
        return true;
    if (status != CSN_INVALID)
        return csn_problem_status(x, status), false;
    return refuse(x, "enforcement.", wrong, csn_enforcement_rule(wrong));
}

static enum csn_step
dry_run(struct csn_exchange *x, bool is_policy)
{
    const struct csn_field fields[] = {
        {is_policy ? "policy" : "enforcement", CSN_FIELD_OBJECT, true, 0, 0,
         offsetof(struct dry_run, document)},
        {"since", CSN_FIELD_TEXT, false, 0, CSN_TIME_TEXT_LENGTH, offsetof(struct dry_run, since)},
        {"until", CSN_FIELD_TEXT, false, 0, CSN_TIME_TEXT_LENGTH, offsetof(struct dry_run, until)},
    };
    struct dry_run *state = csn_manage_state(x, sizeof *state);
    struct csn_bytes json;
    if (state == NULL || !csn_decode(x, CSN_FIELDS(fields), state) ||
        !csn_manage_json(x, state->document, &json))
        return CSN_ANSWERED;
    state->is_policy = is_policy;
    bool read = is_policy ? read_policy(x, state, json) : read_enforcement(x, state, json);
    if (!read ||
        !csn_period_hours_said(x, state->since, state->until, &state->since_ms, &state->until_ms))
        return CSN_ANSWERED;
    state->found = csn_arena_alloc(&x->arena, sizeof *state->found);
    if (state->found == NULL)
        return csn_problem_fault(x, CSN_FAULT_INTERNAL, NULL);
    return csn_answer_later(x, work_dry_run, answer_dry_run);
}

enum csn_step
csn_dry_run_of_policy(struct csn_exchange *x)
{
    return dry_run(x, true);
}

enum csn_step
csn_dry_run_of_enforcement(struct csn_exchange *x)
{
    return dry_run(x, false);
}
