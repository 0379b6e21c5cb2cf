/* API keys: made, listed, revoked. The secret is in one answer, once.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/api/decode.h"
#include "server/api/handlers.h"
#include "server/api/manage.h"
#include "server/api/query.h"
#include "server/api/trail.h"
#include "server/domain/management_accounts.h"

#define ROLES_MAX 5 /* names there are */

struct body {
    struct csn_bytes name, app, account;
    const struct csn_json_node *roles;
    int64_t expires_ms;
};

struct api_keys {
    struct body body;
    struct csn_id account;
    struct csn_api_key_request request;
    struct csn_api_key_made made;
    struct csn_page page;
    const struct csn_api_key_info *all;
    size_t count;
    bool more;
};

static void
write_info(struct csn_json_writer *w, const void *row)
{
    const struct csn_api_key_info *info = row;
    csn_answer_id(w, "id", info->id);
    csn_json_member_text(w, "key", info->key);
    csn_json_member_string(w, "name", info->name);
    csn_json_name(w, "roles");
    csn_roles_write(info->roles, w);
    csn_answer_id(w, "app", info->app);
    csn_answer_time(w, "created_at", info->created_ms);
    csn_answer_time(w, "expires_at", info->expires_ms);
    csn_answer_time(w, "last_used_at", info->last_used_ms);
}

/* Out: *id; absent: `otherwise`. Returns: false after it answered a problem. */
static bool
read_id(struct csn_exchange *x, const char *prefix, const char *name, struct csn_bytes text,
        struct csn_id otherwise, struct csn_id *id)
{
    *id = otherwise;
    if (text.len == 0 || csn_id_read(text, id))
        return true;
    csn_problem_field(x, CSN_FAULT_FIELD_INVALID, prefix, csn_bytes_text(name), NULL);
    return false;
}

/* --- create --- */

static bool
read_roles(struct csn_exchange *x, const struct csn_json_node *names, unsigned *roles)
{
    for (const struct csn_json_node *n = names->first; n != NULL; n = n->next) {
        unsigned role = n->kind == CSN_JSON_STRING ? csn_role_from_name(n->text) : 0;
        *roles |= role;
        if (role != 0)
            continue;
        csn_problem_field(x, CSN_FAULT_FIELD_INVALID, "", csn_bytes_text("roles"),
                          "A role is \"admin\", \"user\", \"viewer\", \"org.admin\" or "
                          "\"org.user\".");
        return false;
    }
    if (*roles == 0)
        csn_problem_field(x, CSN_FAULT_FIELD_INVALID, "", csn_bytes_text("roles"),
                          "An API key needs at least one role.");
    return *roles != 0;
}

static enum csn_status
work_create(struct csn_exchange *x, struct csn_store *store)
{
    struct api_keys *state = x->state;
    struct csn_management *m = csn_manage(x, store);
    if (m == NULL)
        return CSN_NO_SPACE;
    enum csn_status status =
        csn_management_api_key_create(m, state->account, &state->request, &state->made, x->now_ms);
    csn_trail_target(x, state->made.info.id);
    return status;
}

static void
answer_created(struct csn_exchange *x)
{
    const struct api_keys *state = x->state;
    struct csn_json_writer w = csn_answer_open(x);
    write_info(&w, &state->made.info);
    csn_json_member_text(&w, "secret", state->made.secret);
    csn_answer_close(x, &w, 201);
}

enum csn_step
csn_api_keys_create(struct csn_exchange *x)
{
    static const struct csn_field fields[] = {
        {"name", CSN_FIELD_TEXT, true, 0, CSN_NAME_MAX, offsetof(struct body, name)},
        {"roles", CSN_FIELD_ARRAY, true, 0, ROLES_MAX, offsetof(struct body, roles)},
        {"app", CSN_FIELD_TEXT, false, 0, CSN_ID_LENGTH, offsetof(struct body, app)},
        {"account", CSN_FIELD_TEXT, false, 0, CSN_ID_LENGTH, offsetof(struct body, account)},
        {"expires_at", CSN_FIELD_TIME, false, 0, 0, offsetof(struct body, expires_ms)},
    };
    struct api_keys *state = csn_manage_state(x, sizeof *state);
    x->sensitive = true;
    if (state == NULL || !csn_decode(x, CSN_FIELDS(fields), &state->body))
        return CSN_ANSWERED;
    const struct body *body = &state->body;
    struct csn_api_key_request *request = &state->request;
    if (!read_id(x, "", "account", body->account, x->api_key.account, &state->account) ||
        !read_id(x, "", "app", body->app, x->api_key.app, &request->app) ||
        !read_roles(x, body->roles, &request->roles))
        return CSN_ANSWERED;
    request->name = body->name;
    request->expires_ms = body->expires_ms;
    return csn_answer_later(x, work_create, answer_created);
}

/* --- list --- */

static enum csn_status
work_list(struct csn_exchange *x, struct csn_store *store)
{
    struct api_keys *state = x->state;
    struct csn_management *m = csn_manage(x, store);
    if (m == NULL)
        return CSN_NO_SPACE;
    return csn_management_api_key_list(m, state->account, state->page, &state->all, &state->count,
                                       &state->more);
}

static void
answer_list(struct csn_exchange *x)
{
    const struct api_keys *state = x->state;
    struct csn_json_writer w = csn_answer_open(x);
    csn_answer_items(&w, state->all, state->count, sizeof *state->all, write_info);
    csn_manage_next(&w, state->more,
                    state->count > 0 ? state->all[state->count - 1].id : (struct csn_id){0});
    csn_answer_close(x, &w, 200);
}

enum csn_step
csn_api_keys_list(struct csn_exchange *x)
{
    struct api_keys *state = csn_manage_state(x, sizeof *state);
    if (state == NULL)
        return CSN_ANSWERED;
    struct csn_bytes account;
    if (!csn_manage_page_with(x, &state->page, "account", CSN_ID_LENGTH, &account) ||
        !read_id(x, "?", "account", account, x->api_key.account, &state->account))
        return CSN_ANSWERED;
    return csn_answer_later(x, work_list, answer_list);
}

/* --- revoke --- */

static enum csn_status
work_delete(struct csn_exchange *x, struct csn_store *store)
{
    const struct api_keys *state = x->state;
    struct csn_management *m = csn_manage(x, store);
    if (m == NULL)
        return CSN_NO_SPACE;
    return csn_management_api_key_revoke(m, state->account, x->params[0], x->now_ms);
}

static void
answer_deleted(struct csn_exchange *x)
{
    csn_answer_empty(x, 204);
}

enum csn_step
csn_api_keys_delete(struct csn_exchange *x)
{
    struct api_keys *state = csn_manage_state(x, sizeof *state);
    struct csn_bytes account;
    const struct csn_parameter known[] = {{"account", CSN_ID_LENGTH, &account}, {0}};
    if (state == NULL || !csn_query_read(x, known) ||
        !read_id(x, "?", "account", account, x->api_key.account, &state->account))
        return CSN_ANSWERED;
    return csn_answer_later(x, work_delete, answer_deleted);
}
