/* Appcues: enforcement and SDK keys, as its public API spells them.
 *
 *   POST   /v2/accounts/{account}/enforcement_mode/enable|disable    Basic API_KEY:API_SECRET
 *   GET    /v2/accounts/{account}/sdk_keys
 *   POST   /v2/accounts/{account}/sdk_keys
 *   DELETE /v2/accounts/{account}/sdk_keys/{key}
 *
 * {account} is whatever the tokens' `iss` says (management_vendors.h). Enforcement on is our
 * `required`; off is `optional`: missing passes, invalid is refused. Bodies are not looked at: curl
 * sends an empty one as a form. The form of the SDK keys is ours, for the documents print none; a
 * secret is shown once, where it is made.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/api/manage.h"
#include "server/api/trail.h"
#include "server/dialects/tables.h"
#include "server/domain/management_apps.h"
#include "server/domain/management_keys.h"
#include "server/domain/management_vendors.h"

#define BODY_MAX 4096 /* bytes that are taken and not looked at */

struct state {
    const char *enforcement; /* the document to set */
    struct csn_app_info app;
    struct csn_key_made made;
    const struct csn_key_info *keys;
    size_t key_count;
};

static void
write_problem(const struct csn_problem *problem, struct csn_json_writer *w)
{
    csn_json_member_bool(w, "error", true);
    csn_json_member_int(w, "status_code", problem->status);
    csn_json_name(w, "message");
    csn_json_open_object(w);
    csn_json_member_text(w, "title", problem->title);
    csn_json_member_text(w, "description", problem->detail);
    csn_json_member_text(w, "type", problem->name);
    csn_json_close_object(w);
}

/* Begins an operation on the app that {account} means. Out: *app. */
static enum csn_status
manage_app(struct csn_exchange *x, struct csn_store *store, struct csn_management **m,
           struct csn_id *app)
{
    *m = csn_manage(x, store);
    if (*m == NULL)
        return CSN_NO_SPACE;
    enum csn_status status = csn_management_appcues_app(*m, x->params[0], app);
    csn_trail_app(x, *app);
    return status;
}

/* --- enforcement --- */

static enum csn_status
work_enforce(struct csn_exchange *x, struct csn_store *store)
{
    struct state *state = x->state;
    struct csn_management *m;
    struct csn_id app;
    enum csn_status status = manage_app(x, store, &m, &app);
    if (status != CSN_OK)
        return status;
    return csn_management_enforcement_set(m, app, csn_bytes_text(state->enforcement), 0,
                                          &state->app, x->now_ms);
}

static void
answer_ok(struct csn_exchange *x)
{
    struct csn_json_writer w = csn_answer_open(x);
    csn_json_member_bool(&w, "ok", true);
    csn_answer_close(x, &w, 200);
}

static enum csn_step
set_enforcement(struct csn_exchange *x, const char *document)
{
    struct state *state = csn_manage_state(x, sizeof *state);
    if (state == NULL)
        return CSN_ANSWERED;
    state->enforcement = document;
    return csn_answer_later(x, work_enforce, answer_ok);
}

static enum csn_step
enable(struct csn_exchange *x)
{
    return set_enforcement(x, "{\"mode\":\"required\"}");
}

static enum csn_step
disable(struct csn_exchange *x)
{
    return set_enforcement(x, "{\"mode\":\"optional\"}");
}

/* --- SDK keys --- */

static void
write_key(struct csn_json_writer *w, const struct csn_key_info *key)
{
    csn_answer_id(w, "key", key->id);
    csn_json_member_text(w, "state", csn_key_state_name(key->state));
    csn_json_member_text(w, "algorithm", csn_algorithm_name(key->algorithm));
    csn_json_member_text(w, "fingerprint", key->fingerprint);
    csn_answer_time(w, "created_at", key->created_ms);
    csn_answer_time(w, "last_used_at", key->last_used_ms);
}

static enum csn_status
work_list(struct csn_exchange *x, struct csn_store *store)
{
    struct state *state = x->state;
    struct csn_management *m;
    struct csn_id app;
    enum csn_status status = manage_app(x, store, &m, &app);
    if (status != CSN_OK)
        return status;
    return csn_management_key_list(m, app, &state->keys, &state->key_count, x->now_ms);
}

static void
answer_list(struct csn_exchange *x)
{
    const struct state *state = x->state;
    struct csn_json_writer w = csn_answer_begin(x);
    csn_json_open_array(&w);
    for (size_t i = 0; i < state->key_count; i++) {
        csn_json_open_object(&w);
        write_key(&w, &state->keys[i]);
        csn_json_close_object(&w);
    }
    csn_json_close_array(&w);
    csn_answer_end(x, 200, "application/json");
}

static enum csn_step
list_keys(struct csn_exchange *x)
{
    if (csn_manage_state(x, sizeof(struct state)) == NULL)
        return CSN_ANSWERED;
    return csn_answer_later(x, work_list, answer_list);
}

static enum csn_status
work_create(struct csn_exchange *x, struct csn_store *store)
{
    struct state *state = x->state;
    struct csn_management *m;
    struct csn_id app;
    enum csn_status status = manage_app(x, store, &m, &app);
    if (status != CSN_OK)
        return status;
    struct csn_key_request request = {.source = CSN_SOURCE_GENERATED, .algorithm = CSN_HS256};
    status = csn_management_key_create(m, app, &request, &state->made, x->now_ms);
    csn_trail_target(x, state->made.info.id);
    return status;
}

static void
answer_created(struct csn_exchange *x)
{
    const struct csn_key_made *made = &((const struct state *)x->state)->made;
    struct csn_json_writer w = csn_answer_open(x);
    write_key(&w, &made->info);
    csn_json_member_string(&w, "secret", made->secret_text);
    csn_answer_close(x, &w, 201);
}

static enum csn_step
create_key(struct csn_exchange *x)
{
    x->sensitive = true;
    if (csn_manage_state(x, sizeof(struct state)) == NULL)
        return CSN_ANSWERED;
    return csn_answer_later(x, work_create, answer_created);
}

static enum csn_status
work_delete(struct csn_exchange *x, struct csn_store *store)
{
    struct csn_management *m;
    struct csn_id app;
    enum csn_status status = manage_app(x, store, &m, &app);
    if (status != CSN_OK)
        return status;
    return csn_management_sdk_key_delete(m, app, x->params[1]);
}

static void
answer_deleted(struct csn_exchange *x)
{
    csn_answer_empty(x, 204);
}

static enum csn_step
delete_key(struct csn_exchange *x)
{
    return csn_answer_later(x, work_delete, answer_deleted);
}

#define ACCOUNT "/v2/accounts/{account}/"

static const struct csn_route routes[] = {
    {CSN_POST, ACCOUNT "enforcement_mode/enable", "appcuesEnableEnforcement", CSN_ACCESS_ADMIN,
     .body_max = BODY_MAX, .handle = enable, .write_problem = write_problem},
    {CSN_POST, ACCOUNT "enforcement_mode/disable", "appcuesDisableEnforcement", CSN_ACCESS_ADMIN,
     .body_max = BODY_MAX, .handle = disable, .write_problem = write_problem},
    {CSN_GET, ACCOUNT "sdk_keys", "appcuesListSdkKeys", CSN_ACCESS_VIEWER, .handle = list_keys,
     .write_problem = write_problem},
    {CSN_POST, ACCOUNT "sdk_keys", "appcuesCreateSdkKey", CSN_ACCESS_ADMIN, .body_max = BODY_MAX,
     .handle = create_key, .write_problem = write_problem},
    {CSN_DELETE, ACCOUNT "sdk_keys/{key}", "appcuesDeleteSdkKey", CSN_ACCESS_ADMIN,
     .handle = delete_key, .write_problem = write_problem},
};

const struct csn_dialect csn_dialect_appcues = {routes, sizeof routes / sizeof routes[0]};
