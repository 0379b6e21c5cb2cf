/* Policy and enforcement of an app: documents that are judged when saved and stored in full.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/domain/enforcement.h"
#include "server/domain/management_app_rows.h"
#include "server/domain/outbox.h"

/* Returns: a buffer of the arena; its ptr is NULL when that is full. */
static struct csn_buffer
buffer_in(struct csn_management *m, size_t cap)
{
    void *memory = csn_management_alloc(m, cap);
    return csn_buffer_over(memory, memory == NULL ? 0 : cap);
}

/* --- policy --- */

static enum csn_status
refuse_policy(struct csn_management *m, const struct csn_policy_error *error)
{
    const char *sentence =
        error->sentence != NULL ? error->sentence : "The policy is not understood.";
    enum csn_status status = csn_refuse(m, CSN_INVALID, error->field, "%s", sentence);
    if (error->unknown)
        m->refusal.kind = CSN_REFUSED_UNKNOWN;
    return status;
}

/* Which preset the document itself names; {0} none. */
static struct csn_bytes
preset_named(struct csn_bytes json, struct csn_arena *arena)
{
    const struct csn_json_node *root = NULL;
    struct csn_bytes preset = {0};
    if (csn_json_parse(json, arena, &root) == CSN_OK)
        csn_json_get_text(root, "preset", &preset);
    return preset;
}

static enum csn_status
set_policy(struct csn_management *m, struct csn_bytes json, struct csn_app_row *row)
{
    if (json.len > CSN_POLICY_JSON_MAX)
        return csn_refuse(m, CSN_TOO_LARGE, "policy", "At most %d bytes.", CSN_POLICY_JSON_MAX);
    struct csn_policy policy;
    struct csn_policy_error error = {.field = ""};
    enum csn_status status = csn_policy_parse(json, m->arena, &policy, &error);
    if (status == CSN_INVALID)
        return refuse_policy(m, &error);
    if (status != CSN_OK)
        return status;
    struct csn_bytes preset = preset_named(json, m->arena);
    if (preset.len > 0)
        row->preset = preset;
    struct csn_buffer out = buffer_in(m, CSN_POLICY_JSON_MAX);
    if (out.ptr == NULL)
        return CSN_NO_SPACE;
    struct csn_json_writer w = csn_json_writer_over(&out);
    csn_policy_write(&policy, &w);
    if (out.overflowed)
        return csn_refuse(m, CSN_TOO_LARGE, "policy", "Written in full it is over %d bytes.",
                          CSN_POLICY_JSON_MAX);
    row->policy = csn_buffer_view(&out);
    row->issuer = policy.issuer;
    return CSN_OK;
}

/* Writes {"preset": ..., <members of the overrides>}. */
static enum csn_status
join(struct csn_management *m, const struct csn_app_request *with, struct csn_bytes *out)
{
    struct csn_bytes preset = with->preset;
    struct csn_bytes named = {0};
    const struct csn_json_node *overrides = NULL;
    enum csn_status status = csn_json_parse(with->policy, m->arena, &overrides);
    if (status == CSN_INVALID || (status == CSN_OK && overrides->kind != CSN_JSON_OBJECT))
        return csn_refuse(m, CSN_INVALID, "policy", "A policy is a JSON object.");
    if (status != CSN_OK)
        return status;
    if (csn_json_get_text(overrides, "preset", &named) && !csn_bytes_equal(named, preset))
        return csn_refuse(m, CSN_INVALID, "preset", "The policy names another preset.");
    struct csn_buffer joined = buffer_in(m, CSN_POLICY_JSON_MAX);
    if (joined.ptr == NULL)
        return CSN_NO_SPACE;
    struct csn_json_writer w = csn_json_writer_over(&joined);
    csn_json_open_object(&w);
    csn_json_member_string(&w, "preset", preset);
    for (const struct csn_json_node *n = overrides->first; n != NULL; n = n->next) {
        if (csn_bytes_equal_text(n->name, "preset"))
            continue;
        csn_json_name_bytes(&w, n->name);
        csn_json_node(&w, n);
    }
    csn_json_close_object(&w);
    *out = csn_buffer_view(&joined);
    return joined.overflowed
               ? csn_refuse(m, CSN_TOO_LARGE, "policy", "At most %d bytes.", CSN_POLICY_JSON_MAX)
               : CSN_OK;
}

enum csn_status
csn_app_row_set_first_policy(struct csn_management *m, const struct csn_app_request *with,
                             struct csn_app_row *row)
{
    if (with->preset.len == 0 && with->policy.len == 0)
        return csn_refuse(m, CSN_INVALID, "preset", "Name a preset, give a policy, or both.");
    if (with->policy.len > CSN_POLICY_JSON_MAX)
        return csn_refuse(m, CSN_TOO_LARGE, "policy", "At most %d bytes.", CSN_POLICY_JSON_MAX);
    if (with->preset.len == 0)
        return set_policy(m, with->policy, row);
    if (csn_preset_find(with->preset) == NULL)
        return csn_refuse(m, CSN_INVALID, "preset", "There is no preset of this name.");
    struct csn_app_request joined = *with;
    if (joined.policy.len == 0)
        joined.policy = csn_bytes_text("{}");
    struct csn_bytes json = {0};
    enum csn_status status = join(m, &joined, &json);
    return status != CSN_OK ? status : set_policy(m, json, row);
}

static enum csn_status
check_version(struct csn_management *m, int64_t from, int64_t at)
{
    if (from == 0 || from == at)
        return CSN_OK;
    return csn_refuse(m, CSN_CONFLICT, "If-Match",
                      "It has changed since version %lld and is at version %lld.", (long long)from,
                      (long long)at);
}

enum csn_status
csn_management_policy_set(struct csn_management *m, struct csn_id app, struct csn_bytes json,
                          int64_t from_version, struct csn_app_info *out)
{
    *out = (struct csn_app_info){0};
    struct csn_app_row row;
    enum csn_status status = csn_management_find_app(m, app, &row);
    if (status == CSN_OK)
        status = check_version(m, from_version, row.policy_version);
    if (status == CSN_OK)
        status = set_policy(m, json, &row);
    if (status != CSN_OK)
        return status;
    row.policy_version++;
    return csn_app_row_save(m, &row, out);
}

/* --- enforcement --- */

static enum csn_status
refuse_enforcement(struct csn_management *m, const char *wrong, bool has_mode)
{
    const char *rule = csn_enforcement_rule(wrong);
    if (wrong[0] == '\0')
        return csn_refuse(m, CSN_INVALID, "", "Enforcement is a strict JSON object.");
    enum csn_status status =
        csn_refuse(m, CSN_INVALID, wrong, "%s", rule != NULL ? rule : "There is no such member.");
    if (rule == NULL)
        m->refusal.kind = CSN_REFUSED_UNKNOWN;
    else if (!has_mode && csn_bytes_equal_text(csn_bytes_text(wrong), "mode"))
        m->refusal.kind = CSN_REFUSED_MISSING;
    return status;
}

/* Returns: the document, which is an object, has the member. */
static bool
has_member(struct csn_bytes json, struct csn_arena scratch, const char *name)
{
    const struct csn_json_node *root = NULL;
    return csn_json_parse(json, &scratch, &root) == CSN_OK && csn_json_get(root, name) != NULL;
}

enum csn_status
csn_app_row_set_enforcement(struct csn_management *m, struct csn_bytes json,
                            struct csn_app_row *row, int64_t now_ms)
{
    if (json.len > CSN_ENFORCEMENT_JSON_MAX)
        return csn_refuse(m, CSN_TOO_LARGE, "", "At most %d bytes.", CSN_ENFORCEMENT_JSON_MAX);
    struct csn_enforcement enforcement;
    const char *wrong = "";
    enum csn_status status = csn_enforcement_parse(json, m->arena, &enforcement, &wrong, now_ms);
    if (status == CSN_INVALID)
        return refuse_enforcement(m, wrong, has_member(json, *m->arena, "mode"));
    if (status != CSN_OK)
        return status;
    struct csn_buffer out = buffer_in(m, CSN_ENFORCEMENT_JSON_MAX);
    if (out.ptr == NULL)
        return CSN_NO_SPACE;
    struct csn_json_writer w = csn_json_writer_over(&out);
    csn_enforcement_write(&enforcement, &w);
    if (out.overflowed)
        return csn_refuse(m, CSN_TOO_LARGE, "", "Written in full it is over %d bytes.",
                          CSN_ENFORCEMENT_JSON_MAX);
    row->enforcement = csn_buffer_view(&out);
    return CSN_OK;
}

/* Returns: the name of the mode that a stored document has. */
static const char *
mode_of(struct csn_bytes json, struct csn_arena scratch)
{
    const struct csn_json_node *root = NULL;
    struct csn_bytes mode = {0};
    if (csn_json_parse(json, &scratch, &root) == CSN_OK)
        csn_json_get_text(root, "mode", &mode);
    return csn_enforcement_name(csn_enforcement_from_name(mode));
}

static enum csn_status
tell_enforcement(struct csn_management *m, struct csn_id app, struct csn_bytes before,
                 struct csn_bytes after, int64_t now_ms)
{
    struct csn_telling telling = {.notice = CSN_NOTICE_ENFORCEMENT_CHANGED,
                                  .from = mode_of(before, *m->arena),
                                  .to = mode_of(after, *m->arena)};
    return csn_outbox_tell(m->store, app, &telling, now_ms);
}

enum csn_status
csn_management_enforcement_set(struct csn_management *m, struct csn_id app, struct csn_bytes json,
                               int64_t from_version, struct csn_app_info *out, int64_t now_ms)
{
    *out = (struct csn_app_info){0};
    struct csn_app_row row;
    enum csn_status status = csn_management_find_app(m, app, &row);
    if (status == CSN_OK)
        status = check_version(m, from_version, row.enforcement_version);
    struct csn_bytes before = row.enforcement;
    if (status == CSN_OK)
        status = csn_app_row_set_enforcement(m, json, &row, now_ms);
    if (status != CSN_OK)
        return status;
    row.enforcement_version++;
    status = tell_enforcement(m, app, before, row.enforcement, now_ms);
    return status == CSN_OK ? csn_app_row_save(m, &row, out) : status;
}
