/* Accounts, and who the presented API key is.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/api/decode.h"
#include "server/api/handlers.h"
#include "server/api/manage.h"
#include "server/api/trail.h"
#include "server/domain/management_accounts.h"

struct accounts {
    struct csn_page page;
    struct csn_id id;
    struct csn_bytes name;
    struct csn_account_info one;
    const struct csn_account_info *all;
    size_t count;
    bool more;
};

static void
write_account(struct csn_json_writer *w, const void *row)
{
    const struct csn_account_info *account = row;
    csn_answer_id(w, "id", account->id);
    csn_json_member_string(w, "name", account->name);
    csn_json_member_bool(w, "root", account->root);
    csn_answer_time(w, "created_at", account->created_ms);
}

static void
answer_one(struct csn_exchange *x, int status)
{
    const struct accounts *state = x->state;
    struct csn_json_writer w = csn_answer_open(x);
    write_account(&w, &state->one);
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
    struct accounts *state = x->state;
    struct csn_management *m = csn_manage(x, store);
    if (m == NULL)
        return CSN_NO_SPACE;
    return csn_management_account_list(m, state->page, &state->all, &state->count, &state->more);
}

static void
answer_list(struct csn_exchange *x)
{
    const struct accounts *state = x->state;
    struct csn_json_writer w = csn_answer_open(x);
    csn_answer_items(&w, state->all, state->count, sizeof *state->all, write_account);
    csn_manage_next(&w, state->more,
                    state->count > 0 ? state->all[state->count - 1].id : (struct csn_id){0});
    csn_answer_close(x, &w, 200);
}

enum csn_step
csn_accounts_list(struct csn_exchange *x)
{
    struct accounts *state = csn_manage_state(x, sizeof *state);
    if (state == NULL || !csn_manage_page(x, &state->page))
        return CSN_ANSWERED;
    return csn_answer_later(x, work_list, answer_list);
}

/* --- create --- */

static enum csn_status
work_create(struct csn_exchange *x, struct csn_store *store)
{
    struct accounts *state = x->state;
    struct csn_management *m = csn_manage(x, store);
    if (m == NULL)
        return CSN_NO_SPACE;
    enum csn_status status = csn_management_account_create(m, state->name, &state->one, x->now_ms);
    csn_trail_target(x, state->one.id);
    return status;
}

enum csn_step
csn_accounts_create(struct csn_exchange *x)
{
    static const struct csn_field fields[] = {
        {"name", CSN_FIELD_TEXT, true, 0, CSN_NAME_MAX, offsetof(struct accounts, name)}};
    struct accounts *state = csn_manage_state(x, sizeof *state);
    if (state == NULL || !csn_decode(x, CSN_FIELDS(fields), state))
        return CSN_ANSWERED;
    return csn_answer_later(x, work_create, answer_created);
}

/* --- get --- */

static enum csn_status
work_get(struct csn_exchange *x, struct csn_store *store)
{
    struct accounts *state = x->state;
    struct csn_management *m = csn_manage(x, store);
    return m == NULL ? CSN_NO_SPACE : csn_management_account_get(m, state->id, &state->one);
}

enum csn_step
csn_accounts_get(struct csn_exchange *x)
{
    struct accounts *state = csn_manage_state(x, sizeof *state);
    if (state == NULL || !csn_manage_id(x, 0, &state->id))
        return CSN_ANSWERED;
    if (!csn_id_is_none(&x->api_key.app)) /* a key of one app is nobody outside it */
        return csn_problem_fault(x, CSN_FAULT_NOT_FOUND, NULL);
    return csn_answer_later(x, work_get, answer_got);
}

enum csn_step
csn_accounts_whoami(struct csn_exchange *x)
{
    const struct csn_api_key *key = &x->api_key;
    struct csn_json_writer w = csn_answer_open(x);
    csn_answer_id(&w, "api_key", key->id);
    csn_answer_id(&w, "account", key->account);
    csn_answer_id(&w, "app", key->app);
    csn_json_name(&w, "roles");
    csn_roles_write(key->roles, &w);
    csn_json_member_bool(&w, "root", key->root);
    csn_answer_time(&w, "expires_at", key->expires_ms);
    csn_answer_time(&w, "server_time", x->now_ms);
    return csn_answer_close(x, &w, 200);
}
