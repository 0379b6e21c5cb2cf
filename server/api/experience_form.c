/* The form of an experience. See experience_form.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/api/experience_form.h"

#include "server/api/answer.h"
#include "server/api/decode.h"
#include "server/api/manage.h"

static bool
refuse(struct csn_exchange *x, const char *name, const char *sentence)
{
    csn_problem_field(x, CSN_FAULT_FIELD_INVALID, "", csn_bytes_text(name), sentence);
    return false;
}

/* The rule is kept as we write it, so it is measured so. */
static bool
read_rule(struct csn_exchange *x, struct csn_experience_form *form)
{
    struct csn_rule *rule = csn_arena_alloc(&x->arena, sizeof *rule);
    struct csn_rule_fault fault;
    struct csn_bytes text;
    if (form->rule == NULL)
        return true;
    if (rule == NULL)
        return csn_problem_fault(x, CSN_FAULT_INTERNAL, NULL), false;
    if (!csn_rule_read(form->rule, rule, &fault)) {
        struct csn_bytes path = csn_arena_copy(&x->arena, csn_bytes_text(fault.path));
        const char *prefix = path.len > 0 ? "rule." : "rule";
        csn_problem_field(x, CSN_FAULT_FIELD_INVALID, prefix, path, fault.sentence);
        return false;
    }
    size_t used = x->arena.used;
    bool fits = csn_manage_json(x, form->rule, &text);
    x->arena.used = used;
    if (fits && text.len > CSN_RULE_JSON_MAX)
        return refuse(x, "rule", "At most 4096 bytes of JSON.");
    form->given.rule = form->rule;
    return fits;
}

static bool
read_content(struct csn_exchange *x, struct csn_experience_form *form)
{
    if (form->content == NULL)
        return true;
    if (!csn_manage_json(x, form->content, &form->given.content))
        return false;
    return form->given.content.len <= CSN_EXPERIENCE_CONTENT_MAX ||
           refuse(x, "content", "At most 16384 bytes of JSON.");
}

static bool
read_frequency(struct csn_exchange *x, struct csn_experience_form *form)
{
    form->given.frequency = CSN_FREQUENCY_ONCE;
    if (form->frequency.len == 0)
        return true;
    form->given.frequency = csn_frequency_from_name(form->frequency);
    return form->given.frequency != CSN_FREQUENCY_UNSET ||
           refuse(x, "frequency", "once, session or always.");
}

bool
csn_experience_form_read(struct csn_exchange *x, bool is_new, struct csn_experience_form *out)
{
#define AT(member) offsetof(struct csn_experience_form, member)
    static const struct csn_field fields[] = {
        {"name", CSN_FIELD_TEXT, false, 0, CSN_NAME_MAX, AT(given.name)},
        {"content", CSN_FIELD_OBJECT, false, 0, 0, AT(content)},
        {"rule", CSN_FIELD_OBJECT, false, 0, 0, AT(rule)},
        {"enabled", CSN_FIELD_BOOL, false, 0, 0, AT(given.enabled)},
        {"priority", CSN_FIELD_INT, false, -CSN_EXPERIENCE_PRIORITY_MAX,
         CSN_EXPERIENCE_PRIORITY_MAX, AT(given.priority)},
        {"frequency", CSN_FIELD_TEXT, false, 0, 16, AT(frequency)},
        {"starts_at", CSN_FIELD_NULLABLE_TIME, false, 0, 0, AT(given.starts_ms)},
        {"ends_at", CSN_FIELD_NULLABLE_TIME, false, 0, 0, AT(given.ends_ms)},
    };
    *out = (struct csn_experience_form){.given = {.enabled = true}};
    out->body = csn_decode_body(x, false);
    if (out->body == NULL || !csn_decode_object(x, out->body, "", CSN_FIELDS(fields), out))
        return false;
    if (is_new && (out->given.name.len == 0 || out->content == NULL)) {
        const char *missing = out->given.name.len == 0 ? "name" : "content";
        csn_problem_field(x, CSN_FAULT_FIELD_MISSING, "", csn_bytes_text(missing), NULL);
        return false;
    }
    return read_rule(x, out) && read_frequency(x, out) && read_content(x, out);
}

/* Returns: the body names the member, and not by null. */
static bool
names(const struct csn_experience_form *form, const char *name)
{
    const struct csn_json_node *member = csn_json_get(form->body, name);
    return member != NULL && member->kind != CSN_JSON_NULL;
}

void
csn_experience_form_apply(const struct csn_experience_form *form, struct csn_experience *experience)
{
    const struct csn_experience *given = &form->given;
    if (names(form, "name"))
        experience->name = given->name;
    if (names(form, "content"))
        experience->content = given->content;
    if (csn_json_get(form->body, "rule") != NULL)
        experience->rule = given->rule;
    if (names(form, "enabled"))
        experience->enabled = given->enabled;
    if (names(form, "priority"))
        experience->priority = given->priority;
    if (names(form, "frequency"))
        experience->frequency = given->frequency;
    if (csn_json_get(form->body, "starts_at") != NULL)
        experience->starts_ms = given->starts_ms;
    if (csn_json_get(form->body, "ends_at") != NULL)
        experience->ends_ms = given->ends_ms;
}

void
csn_experience_write(struct csn_json_writer *w, const struct csn_experience *experience)
{
    csn_answer_id(w, "id", experience->id);
    csn_json_member_string(w, "name", experience->name);
    csn_json_member_bool(w, "enabled", experience->enabled);
    csn_json_member_int(w, "priority", experience->priority);
    csn_json_member_text(w, "frequency", csn_frequency_name(experience->frequency));
    csn_answer_time(w, "starts_at", experience->starts_ms);
    csn_answer_time(w, "ends_at", experience->ends_ms);
    csn_answer_time(w, "created_at", experience->created_ms);
    csn_answer_time(w, "changed_at", experience->changed_ms);
}
