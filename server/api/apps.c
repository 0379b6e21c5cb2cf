/* Apps: made, listed, changed, removed. Policy, enforcement and keys have endpoints of their own.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/api/decode.h"
#include "server/api/handlers.h"
#include "server/api/manage.h"
#include "server/api/trail.h"
#include "server/domain/management_apps.h"

struct apps {
    struct csn_page page;
    struct csn_app_request request;
    const struct csn_json_node *policy;
    const struct csn_json_node *origins;
    struct csn_app_changes changes;
    struct csn_app_info one;
    const struct csn_app_info *all;
    size_t count;
    bool more;
};

static void
write_summary(struct csn_json_writer *w, const void *row)
{
    const struct csn_app_info *app = row;
    csn_answer_id(w, "id", app->id);
    csn_answer_id(w, "account", app->account);
    csn_json_member_string(w, "name", app->name);
    csn_answer_text(w, "preset", app->preset);
    csn_json_member_bool(w, "suspended", app->suspended);
    csn_answer_time(w, "test_mode_until", app->test_mode_until_ms);
    csn_json_member_int(w, "retention_days", app->retention_days);
    csn_answer_time(w, "evidence_until", app->evidence_until_ms);
    csn_json_member_int(w, "key_count", (int64_t)app->key_count);
    csn_answer_time(w, "created_at", app->created_ms);
}

static void
write_jwks(struct csn_json_writer *w, const struct csn_app_info *app)
{
    csn_json_name(w, "jwks");
    if (app->jwks_url.len == 0) {
        csn_json_null(w);
        return;
    }
    csn_json_open_object(w);
    csn_json_member_string(w, "url", app->jwks_url);
    csn_answer_text(w, "error", app->jwks_error);
    csn_answer_time(w, "fetched_at", app->jwks_fetched_ms);
    csn_json_close_object(w);
}

static void
write_whole(struct csn_json_writer *w, const struct csn_app_info *app)
{
    write_summary(w, app);
    csn_json_name(w, "policy");
    csn_json_raw(w, app->policy);
    csn_json_name(w, "enforcement");
    csn_json_raw(w, app->enforcement);
    csn_json_name(w, "origins");
    csn_json_open_array(w);
    for (size_t i = 0; i < app->origin_count; i++)
        csn_json_string(w, app->origins[i]);
    csn_json_close_array(w);
    write_jwks(w, app);
}

static void
answer_one(struct csn_exchange *x, int status)
{
    const struct apps *state = x->state;
    struct csn_json_writer w = csn_answer_open(x);
    write_whole(&w, &state->one);
    csn_answer_close(x, &w, status);
}

static void
answer_got(struct csn_exchange *x)
{
    answer_one(x, 200);
}

static void
answer_created(struct csn_exchange *x)
{
    answer_one(x, 201);
}

/* --- list --- */

static enum csn_status
work_list(struct csn_exchange *x, struct csn_store *store)
{
    struct apps *state = x->state;
    struct csn_management *m = csn_manage(x, store);
    if (m == NULL)
        return CSN_NO_SPACE;
    return csn_management_app_list(m, state->page, &state->all, &state->count, &state->more);
}

static void
answer_list(struct csn_exchange *x)
{
    const struct apps *state = x->state;
    struct csn_json_writer w = csn_answer_open(x);
    csn_answer_items(&w, state->all, state->count, sizeof *state->all, write_summary);
    csn_manage_next(&w, state->more,
                    state->count > 0 ? state->all[state->count - 1].id : (struct csn_id){0});
    csn_answer_close(x, &w, 200);
}

enum csn_step
csn_apps_list(struct csn_exchange *x)
{
    struct apps *state = csn_manage_state(x, sizeof *state);
    if (state == NULL || !csn_manage_page(x, &state->page))
        return CSN_ANSWERED;
    return csn_answer_later(x, work_list, answer_list);
}

/* --- create --- */

static enum csn_status
work_create(struct csn_exchange *x, struct csn_store *store)
{
    struct apps *state = x->state;
    struct csn_management *m = csn_manage(x, store);
    if (m == NULL)
        return CSN_NO_SPACE;
    enum csn_status status = csn_management_app_create(m, &state->request, &state->one, x->now_ms);
    csn_trail_app(x, state->one.id);
    return status;
}

enum csn_step
csn_apps_create(struct csn_exchange *x)
{
    static const struct csn_field fields[] = {
        {"name", CSN_FIELD_TEXT, true, 0, CSN_NAME_MAX, offsetof(struct apps, request.name)},
        {"preset", CSN_FIELD_TEXT, false, 0, 64, offsetof(struct apps, request.preset)},
        {"policy", CSN_FIELD_OBJECT, false, 0, 0, offsetof(struct apps, policy)},
    };
    struct apps *state = csn_manage_state(x, sizeof *state);
    if (state == NULL || !csn_decode(x, CSN_FIELDS(fields), state))
        return CSN_ANSWERED;
    if (state->policy != NULL && !csn_manage_json(x, state->policy, &state->request.policy))
        return CSN_ANSWERED;
    return csn_answer_later(x, work_create, answer_created);
}

/* --- get --- */

static enum csn_status
work_get(struct csn_exchange *x, struct csn_store *store)
{
    struct apps *state = x->state;
    struct csn_management *m = csn_manage(x, store);
    return m == NULL ? CSN_NO_SPACE : csn_management_app_get(m, x->app->id, &state->one);
}

enum csn_step
csn_apps_get(struct csn_exchange *x)
{
    if (csn_manage_state(x, sizeof(struct apps)) == NULL)
        return CSN_ANSWERED;
    return csn_answer_later(x, work_get, answer_got);
}

/* --- change --- */

static enum csn_status
work_update(struct csn_exchange *x, struct csn_store *store)
{
    struct apps *state = x->state;
    struct csn_management *m = csn_manage(x, store);
    if (m == NULL)
        return CSN_NO_SPACE;
    return csn_management_app_update(m, x->app->id, &state->changes, &state->one, x->now_ms);
}

static bool
read_origins(struct csn_exchange *x, struct apps *state)
{
    const struct csn_json_node *list = state->origins;
    struct csn_bytes *origins = csn_arena_alloc(&x->arena, (list->count + 1) * sizeof *origins);
    size_t count = 0;
    for (const struct csn_json_node *n = list->first; n != NULL && origins != NULL; n = n->next) {
        if (n->kind != CSN_JSON_STRING || !csn_origin_is_valid(n->text)) {
            csn_problem_field(x, CSN_FAULT_FIELD_INVALID, "", csn_bytes_text("origins"),
                              "An origin is scheme://host or scheme://host:port, as a browser "
                              "sends it.");
            return false;
        }
        origins[count++] = n->text;
    }
    state->changes.origins = origins;
    state->changes.origin_count = count;
    return origins != NULL;
}

/* Which members the body named, and so are to be altered. */
static void
mark_changes(struct csn_app_changes *changes, const struct csn_json_node *body)
{
    const struct csn_json_node *name = csn_json_get(body, "name");
    const struct csn_json_node *suspended = csn_json_get(body, "suspended");
    const struct csn_json_node *retention = csn_json_get(body, "retention_days");
    changes->set_name = name != NULL && name->kind != CSN_JSON_NULL;
    changes->set_suspended = suspended != NULL && suspended->kind != CSN_JSON_NULL;
    changes->set_retention = retention != NULL && retention->kind != CSN_JSON_NULL;
    /* null means something here: off. */
    changes->set_test_mode = csn_json_get(body, "test_mode_until") != NULL;
    changes->set_evidence = csn_json_get(body, "evidence_until") != NULL;
}

enum csn_step
csn_apps_update(struct csn_exchange *x)
{
    static const struct csn_field fields[] = {
        {"name", CSN_FIELD_TEXT, false, 0, CSN_NAME_MAX, offsetof(struct apps, changes.name)},
        {"suspended", CSN_FIELD_BOOL, false, 0, 0, offsetof(struct apps, changes.suspended)},
        {"test_mode_until", CSN_FIELD_NULLABLE_TIME, false, 0, 0,
         offsetof(struct apps, changes.test_mode_until_ms)},
        {"retention_days", CSN_FIELD_INT, false, 1, CSN_RETENTION_DAYS_MAX,
         offsetof(struct apps, changes.retention_days)},
        {"evidence_until", CSN_FIELD_NULLABLE_TIME, false, 0, 0,
         offsetof(struct apps, changes.evidence_until_ms)},
        {"origins", CSN_FIELD_ARRAY, false, 0, CSN_ORIGINS_MAX, offsetof(struct apps, origins)},
    };
    struct apps *state = csn_manage_state(x, sizeof *state);
    if (state == NULL)
        return CSN_ANSWERED;
    const struct csn_json_node *body = csn_decode_body(x, false);
    if (body == NULL || !csn_decode_object(x, body, "", CSN_FIELDS(fields), state))
        return CSN_ANSWERED;
    mark_changes(&state->changes, body);
    state->changes.set_origins = state->origins != NULL;
    if (state->origins != NULL && !read_origins(x, state))
        return CSN_ANSWERED;
    return csn_answer_later(x, work_update, answer_got);
}

/* --- remove --- */

static enum csn_status
work_delete(struct csn_exchange *x, struct csn_store *store)
{
    struct csn_management *m = csn_manage(x, store);
    return m == NULL ? CSN_NO_SPACE : csn_management_app_delete(m, x->app->id, x->now_ms);
}

static void
answer_deleted(struct csn_exchange *x)
{
    csn_answer_empty(x, 204);
}

enum csn_step
csn_apps_delete(struct csn_exchange *x)
{
    return csn_answer_later(x, work_delete, answer_deleted);
}
