/* What all management operations share: the wall, refusals, and the way into memory.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/domain/management.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "server/domain/id.h"
#include "server/domain/management_parts.h"

/* A key of one app is no root key, whoever's account it is of. */
struct csn_scope
csn_scope_of(const struct csn_api_key *key)
{
    bool whole_account = csn_id_is_none(&key->app);
    return (struct csn_scope){key->account, key->app, key->root && whole_account};
}

/* Cuts a text that was shortened inside a character back to the last whole one. */
static void
end_at_a_character(char *text)
{
    size_t len = strlen(text);
    for (int back = 0; back < 4 && len > 0; back++) {
        if (csn_utf8_valid(csn_bytes_of(text, len)))
            break;
        len--;
    }
    text[len] = '\0';
}

enum csn_status
csn_refuse(struct csn_management *m, enum csn_status status, const char *field, const char *detail,
           ...)
{
    va_list arguments;
    va_start(arguments, detail);
    snprintf(m->refusal.field, sizeof m->refusal.field, "%s", field);
    vsnprintf(m->refusal.detail, sizeof m->refusal.detail, detail, arguments);
    va_end(arguments);
    end_at_a_character(m->refusal.field);
    end_at_a_character(m->refusal.detail);
    m->refusal.key_problem = CSN_KEY_PROBLEM_NONE;
    m->refusal.kind = CSN_REFUSED_VALUE;
    return status;
}

enum csn_status
csn_refuse_unknown(struct csn_management *m)
{
    return csn_refuse(m, CSN_NOT_FOUND, "", "There is no such thing here.");
}

void *
csn_management_alloc(struct csn_management *m, size_t size)
{
    return csn_arena_alloc(m->arena, size);
}

enum csn_status
csn_management_find_app(struct csn_management *m, struct csn_id app, struct csn_app_row *out)
{
    bool other_app = !csn_id_is_none(&m->scope.app) && !csn_id_equal(&m->scope.app, &app);
    if (other_app || csn_id_is_none(&m->scope.account))
        return csn_refuse_unknown(m);
    enum csn_status status = csn_store_app_get(m->store, app, m->arena, out);
    if (status == CSN_NOT_FOUND)
        return csn_refuse_unknown(m);
    if (status != CSN_OK)
        return status;
    if (!csn_id_equal(&out->account, &m->scope.account)) {
        *out = (struct csn_app_row){0};
        return csn_refuse_unknown(m);
    }
    return CSN_OK;
}

enum csn_status
csn_management_stage_app(struct csn_management *m, struct csn_id app)
{
    struct csn_app_box *box = NULL;
    enum csn_status status = csn_app_compile(m->registry, m->store, app, &box);
    if (status == CSN_INVALID)
        return csn_refuse(m, CSN_INVALID, "", "The app would not work with these settings.");
    if (status != CSN_OK)
        return status;
    return csn_change_stage_app(&m->change, m->registry, box);
}

enum csn_status
csn_management_keys_changed(struct csn_management *m, struct csn_id app)
{
    enum csn_status status = csn_store_app_bump(m->store, app);
    return status != CSN_OK ? status : csn_management_stage_app(m, app);
}

static bool
has_controls(struct csn_bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < 0x20 || text.ptr[i] == 0x7f)
            return true;
    }
    return false;
}

enum csn_status
csn_management_check_name(struct csn_management *m, const char *field, struct csn_bytes name)
{
    if (name.len == 0 || name.len > CSN_NAME_MAX)
        return csn_refuse(m, CSN_INVALID, field, "Give it 1 to %d bytes.", CSN_NAME_MAX);
    if (!csn_utf8_valid(name) || has_controls(name))
        return csn_refuse(m, CSN_INVALID, field, "It holds characters that cannot be shown.");
    return CSN_OK;
}

enum csn_status
csn_management_check_expiry(struct csn_management *m, int64_t expires_ms, int64_t now_ms)
{
    if (expires_ms == 0)
        return CSN_OK;
    if (expires_ms <= now_ms)
        return csn_refuse(m, CSN_INVALID, "expires_at", "It must lie in the future.");
    if (expires_ms >= CSN_TIME_END_S * 1000)
        return csn_refuse(m, CSN_INVALID, "expires_at", "It must lie before the year 10000.");
    return CSN_OK;
}

size_t
csn_page_limit(const struct csn_page *page)
{
    if (page->limit == 0)
        return CSN_PAGE_DEFAULT;
    return page->limit < CSN_PAGE_MAX ? page->limit : CSN_PAGE_MAX;
}
