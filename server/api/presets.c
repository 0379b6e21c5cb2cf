/* Presets: the named policies, as data.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/api/answer.h"
#include "server/api/handlers.h"
#include "server/api/problem.h"

/* In full: a preset's own document is silent where the defaults stand. */
static const struct csn_policy *
policy_of(struct csn_exchange *x, const struct csn_preset *preset)
{
    struct csn_policy *policy = csn_arena_alloc(&x->arena, sizeof *policy);
    struct csn_policy_error error;
    if (policy == NULL)
        return NULL;
    struct csn_bytes json = csn_bytes_text(preset->json);
    return csn_policy_parse(json, &x->arena, policy, &error) == CSN_OK ? policy : NULL;
}

static void
write_names(const struct csn_preset *preset, struct csn_json_writer *w)
{
    csn_json_member_text(w, "name", preset->name);
    csn_json_member_text(w, "date", preset->date);
    csn_json_member_text(w, "title", preset->title);
}

enum csn_step
csn_presets_list(struct csn_exchange *x)
{
    struct csn_json_writer w = csn_answer_open(x);
    csn_json_name(&w, "items");
    csn_json_open_array(&w);
    for (size_t i = 0; i < csn_preset_count(); i++) {
        csn_json_open_object(&w);
        write_names(csn_preset_at(i), &w);
        csn_json_close_object(&w);
    }
    csn_json_close_array(&w);
    return csn_answer_close(x, &w, 200);
}

enum csn_step
csn_presets_get(struct csn_exchange *x)
{
    const struct csn_preset *preset = csn_preset_find(x->params[0]);
    if (preset == NULL)
        return csn_problem_fault(x, CSN_FAULT_NOT_FOUND, NULL);
    const struct csn_policy *policy = policy_of(x, preset);
    if (policy == NULL)
        return csn_problem_fault(x, CSN_FAULT_INTERNAL, NULL);
    struct csn_json_writer w = csn_answer_open(x);
    write_names(preset, &w);
    csn_json_name(&w, "policy");
    csn_policy_write(policy, &w);
    return csn_answer_close(x, &w, 200);
}
