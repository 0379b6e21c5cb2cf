/* API keys: made once, shown once, gone at once.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/panic.h"
#include "crypto/random.h"
#include "server/domain/id.h"
#include "server/domain/management_accounts.h"
#include "server/domain/management_parts.h"

#define NAME_PREFIX "csk_"
#define NAME_BYTES 16
#define SECRET_BYTES 32

_Static_assert(CSN_API_KEY_NAME_LENGTH <= CSN_API_KEY_TEXT_MAX, "a name fits its row");

/* --- roles --- */

static const struct {
    const char *name;
    unsigned role;
} roles[] = {
    {"admin", CSN_ROLE_ADMIN},     {"user", CSN_ROLE_USER},     {"viewer", CSN_ROLE_VIEWER},
    {"org.admin", CSN_ROLE_ADMIN}, {"org.user", CSN_ROLE_USER},
};
#define ROLES_OURS 3 /* the first ones are our own names */

unsigned
csn_role_from_name(struct csn_bytes name)
{
    for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++) {
        if (csn_bytes_equal_text(name, roles[i].name))
            return roles[i].role;
    }
    return 0;
}

void
csn_roles_write(unsigned set, struct csn_json_writer *w)
{
    csn_json_open_array(w);
    for (size_t i = 0; i < ROLES_OURS; i++) {
        if ((set & roles[i].role) != 0)
            csn_json_text(w, roles[i].name);
    }
    csn_json_close_array(w);
}

/* --- reading --- */

static void
fill_info(const struct csn_api_key_row *row, struct csn_api_key_info *out)
{
    *out = (struct csn_api_key_info){
        .id = row->id,
        .name = row->name,
        .roles = row->roles,
        .app = row->app,
        .created_ms = row->created_ms,
        .expires_ms = row->expires_ms,
        .last_used_ms = row->last_used_ms,
    };
    snprintf(out->key, sizeof out->key, "%.*s", CSN_API_KEY_NAME_LENGTH, row->key);
}

/* The wall: the scope's own account, or for root any that exists. */
static enum csn_status
check_account(struct csn_management *m, struct csn_id account)
{
    struct csn_account_info info;
    if (csn_id_is_none(&account))
        return csn_refuse_unknown(m);
    return csn_management_account_get(m, account, &info);
}

enum csn_status
csn_management_api_key_list(struct csn_management *m, struct csn_id account, struct csn_page page,
                            const struct csn_api_key_info **out, size_t *count, bool *more)
{
    *out = NULL;
    *count = 0;
    *more = false;
    enum csn_status status = check_account(m, account);
    if (status != CSN_OK)
        return status;
    size_t limit = csn_page_limit(&page);
    struct csn_api_key_info *list = csn_management_alloc(m, limit * sizeof *list);
    struct csn_api_key_row *rows = csn_management_alloc(m, (limit + 1) * sizeof *rows);
    if (list == NULL || rows == NULL)
        return CSN_NO_SPACE;
    struct csn_api_key_filter filter = {
        .account = account, .app = m->scope.app, .after = page.after, .limit = limit + 1};
    size_t found = 0;
    status = csn_store_api_key_list(m->store, &filter, m->arena, rows, &found);
    if (status != CSN_OK)
        return status;
    *more = found > limit;
    *count = *more ? limit : found;
    for (size_t i = 0; i < *count; i++)
        fill_info(&rows[i], &list[i]);
    *out = list;
    return CSN_OK;
}

/* --- making --- */

static void
write_text(char *out, size_t cap, const char *prefix, const uint8_t *bytes, size_t len)
{
    struct csn_buffer text = csn_buffer_over(out, cap);
    csn_buffer_text(&text, prefix);
    csn_base64url_append(&text, csn_bytes_of(bytes, len));
    const char *whole = csn_buffer_terminate(&text);
    CSN_ASSERT(whole != NULL);
}

static enum csn_status
check_request(struct csn_management *m, struct csn_id account,
              const struct csn_api_key_request *with, int64_t now_ms)
{
    enum csn_status status = csn_management_check_name(m, "name", with->name);
    if (status != CSN_OK)
        return status;
    if (with->roles == 0)
        return csn_refuse(m, CSN_INVALID, "roles", "Name at least one role.");
    status = csn_management_check_expiry(m, with->expires_ms, now_ms);
    if (status != CSN_OK)
        return status;
    if (!csn_id_is_none(&m->scope.app) && !csn_id_equal(&m->scope.app, &with->app))
        return csn_refuse(m, CSN_INVALID, "app", "A key of one app makes only keys of that app.");
    if (!csn_id_is_none(&with->app)) {
        struct csn_app_row app;
        status = csn_store_app_get(m->store, with->app, m->arena, &app);
        if (status == CSN_NOT_FOUND || (status == CSN_OK && !csn_id_equal(&app.account, &account)))
            return csn_refuse(m, CSN_INVALID, "app", "The account has no such app.");
        if (status != CSN_OK)
            return status;
    }
    int64_t count = 0;
    status = csn_store_api_key_count(m->store, account, &count);
    if (status == CSN_OK && count >= CSN_API_KEYS_PER_ACCOUNT_MAX)
        return csn_refuse(m, CSN_CONFLICT, "", "The account has %d API keys already.",
                          CSN_API_KEYS_PER_ACCOUNT_MAX);
    return status;
}

static void
make_credential(const struct csn_management *m, struct csn_api_key_row *row,
                struct csn_api_key_made *made)
{
    uint8_t name[NAME_BYTES];
    uint8_t secret[SECRET_BYTES];
    csn_random_fill(m->random, name, sizeof name);
    csn_random_fill(m->random, secret, sizeof secret);
    write_text(row->key, sizeof row->key, NAME_PREFIX, name, sizeof name);
    write_text(made->secret, sizeof made->secret, "", secret, sizeof secret);
    csn_wipe(secret, sizeof secret);
    csn_vault_hash_api_secret(m->registry->vault, csn_bytes_text(made->secret), row->secret_hash);
}

enum csn_status
csn_management_api_key_create(struct csn_management *m, struct csn_id account,
                              const struct csn_api_key_request *with, struct csn_api_key_made *made,
                              int64_t now_ms)
{
    *made = (struct csn_api_key_made){0};
    struct csn_account_info owner;
    enum csn_status status = csn_management_account_get(m, account, &owner);
    if (status == CSN_OK)
        status = check_request(m, account, with, now_ms);
    if (status != CSN_OK)
        return status;
    struct csn_api_key_row row = {
        .account = account,
        .app = with->app,
        .root = owner.root,
        .name = csn_arena_copy(m->arena, with->name),
        .roles = with->roles,
        .created_ms = now_ms,
        .expires_ms = with->expires_ms,
    };
    if (row.name.ptr == NULL)
        return CSN_NO_SPACE;
    csn_id_make(m->random, &row.id, now_ms);
    make_credential(m, &row, made);
    status = csn_store_api_key_add(m->store, &row);
    if (status == CSN_OK)
        status = csn_change_stage_api_key(&m->change, m->registry, &row);
    if (status == CSN_OK)
        fill_info(&row, &made->info);
    else
        csn_wipe(made, sizeof *made);
    return status;
}

/* --- revoking --- */

/* Without an admin key of the root account nobody could ever manage the instance again. */
static enum csn_status
check_not_last(struct csn_management *m, const struct csn_api_key_row *row, int64_t now_ms)
{
    bool holds_all = row->root && csn_id_is_none(&row->app) && (row->roles & CSN_ROLE_ADMIN) != 0;
    bool alive = row->expires_ms == 0 || row->expires_ms > now_ms;
    if (!holds_all || !alive)
        return CSN_OK;
    int64_t count = 0;
    enum csn_status status =
        csn_store_api_key_holders(m->store, row->account, CSN_ROLE_ADMIN, now_ms, &count);
    if (status == CSN_OK && count <= 1)
        return csn_refuse(m, CSN_CONFLICT, "", "This is the last admin key of the root account.");
    return status;
}

enum csn_status
csn_management_api_key_revoke(struct csn_management *m, struct csn_id account,
                              struct csn_bytes id_or_key, int64_t now_ms)
{
    enum csn_status status = check_account(m, account);
    if (status != CSN_OK)
        return status;
    struct csn_api_key_row row;
    status = csn_store_api_key_get(m->store, account, id_or_key, m->arena, &row);
    bool other_app = status == CSN_OK && !csn_id_is_none(&m->scope.app) &&
                     !csn_id_equal(&m->scope.app, &row.app);
    if (status == CSN_NOT_FOUND || other_app)
        return csn_refuse_unknown(m);
    if (status == CSN_OK)
        status = check_not_last(m, &row, now_ms);
    if (status == CSN_OK)
        status = csn_store_api_key_remove(m->store, row.id);
    if (status == CSN_OK)
        status = csn_change_stage_no_api_key(&m->change, m->registry, row.key);
    return status;
}
