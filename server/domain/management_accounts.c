/* Accounts, and the first start.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/domain/management_accounts.h"
#include "server/domain/audit.h"

#include "server/domain/id.h"
#include "server/domain/management_parts.h"

static struct csn_account_info
info_of(const struct csn_account_row *row)
{
    return (struct csn_account_info){row->id, row->name, row->root, row->created_ms};
}

static enum csn_status
add_account(struct csn_management *m, struct csn_bytes name, bool root,
            struct csn_account_info *out, int64_t now_ms)
{
    struct csn_account_row row = {.name = name, .root = root, .created_ms = now_ms};
    csn_id_make(m->random, &row.id, now_ms);
    *out = info_of(&row);
    return csn_store_account_add(m->store, &row);
}

/* What the program does by itself, at its start, is in the audit like what it is asked for. */
static enum csn_status
make_admin_key(struct csn_management *m, struct csn_id root, const char *operation,
               struct csn_api_key_made *made, int64_t now_ms)
{
    struct csn_api_key_request with = {.name = csn_bytes_text("admin key"),
                                       .roles = CSN_ROLE_ADMIN | CSN_ROLE_USER | CSN_ROLE_VIEWER};
    m->scope = (struct csn_scope){.account = root, .root = true};
    enum csn_status status = csn_management_api_key_create(m, root, &with, made, now_ms);
    if (status != CSN_OK)
        return status;
    struct csn_audit_entry entry = {
        .account = root, .operation = operation, .target = made->info.id.text};
    return csn_audit_append(m->store, &entry, now_ms);
}

enum csn_status
csn_management_admin_key(struct csn_management *m, struct csn_id root,
                         struct csn_api_key_made *made, int64_t now_ms)
{
    return make_admin_key(m, root, "newAdminKey", made, now_ms);
}

enum csn_status
csn_management_first_start(struct csn_management *m, bool *created, struct csn_api_key_made *made,
                           int64_t now_ms)
{
    *created = false;
    *made = (struct csn_api_key_made){0};
    struct csn_account_row any;
    size_t count = 0;
    enum csn_status status =
        csn_store_account_list(m->store, (struct csn_id){0}, m->arena, &any, 1, &count);
    if (status != CSN_OK || count > 0)
        return status;
    struct csn_account_info account;
    status = add_account(m, csn_bytes_text("root"), true, &account, now_ms);
    if (status != CSN_OK)
        return status;
    status = make_admin_key(m, account.id, "firstStart", made, now_ms);
    *created = status == CSN_OK;
    return status;
}

enum csn_status
csn_management_account_create(struct csn_management *m, struct csn_bytes name,
                              struct csn_account_info *out, int64_t now_ms)
{
    *out = (struct csn_account_info){0};
    if (!m->scope.root)
        return csn_refuse_unknown(m);
    enum csn_status status = csn_management_check_name(m, "name", name);
    if (status != CSN_OK)
        return status;
    struct csn_bytes kept = csn_arena_copy(m->arena, name);
    if (kept.ptr == NULL)
        return CSN_NO_SPACE;
    return add_account(m, kept, false, out, now_ms);
}

enum csn_status
csn_management_account_get(struct csn_management *m, struct csn_id account,
                           struct csn_account_info *out)
{
    *out = (struct csn_account_info){0};
    if (!m->scope.root && !csn_id_equal(&m->scope.account, &account))
        return csn_refuse_unknown(m);
    struct csn_account_row row;
    enum csn_status status = csn_store_account_get(m->store, account, m->arena, &row);
    if (status == CSN_NOT_FOUND)
        return csn_refuse_unknown(m);
    if (status == CSN_OK)
        *out = info_of(&row);
    return status;
}

static enum csn_status
list_own(struct csn_management *m, struct csn_page page, struct csn_account_info *list,
         size_t *count)
{
    struct csn_account_info own;
    enum csn_status status = csn_management_account_get(m, m->scope.account, &own);
    if (status != CSN_OK)
        return status;
    if (csn_id_is_none(&page.after))
        list[(*count)++] = own;
    return CSN_OK;
}

enum csn_status
csn_management_account_list(struct csn_management *m, struct csn_page page,
                            const struct csn_account_info **out, size_t *count, bool *more)
{
    size_t limit = csn_page_limit(&page);
    *count = 0;
    *more = false;
    struct csn_account_info *list = csn_management_alloc(m, limit * sizeof *list);
    struct csn_account_row *rows = csn_management_alloc(m, (limit + 1) * sizeof *rows);
    *out = list;
    if (list == NULL || rows == NULL)
        return CSN_NO_SPACE;
    if (!m->scope.root)
        return list_own(m, page, list, count);
    size_t found = 0;
    enum csn_status status =
        csn_store_account_list(m->store, page.after, m->arena, rows, limit + 1, &found);
    if (status != CSN_OK)
        return status;
    *more = found > limit;
    *count = *more ? limit : found;
    for (size_t i = 0; i < *count; i++)
        list[i] = info_of(&rows[i]);
    return CSN_OK;
}
