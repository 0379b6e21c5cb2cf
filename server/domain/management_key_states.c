/* A key's life after it was made: shown, moved from state to state, removed. The drawing is in
 * management_keys.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/domain/id.h"
#include "server/domain/management_parts.h"
#include "server/domain/outbox.h"

/* --- showing --- */

enum csn_status
csn_management_key_list(struct csn_management *m, struct csn_id app,
                        const struct csn_key_info **out, size_t *count, int64_t now_ms)
{
    *out = NULL;
    *count = 0;
    struct csn_app_row row;
    struct csn_key_surroundings around;
    enum csn_status status = csn_management_find_app(m, app, &row);
    if (status == CSN_OK)
        status = csn_key_surroundings_read(m, &row, &around);
    if (status != CSN_OK)
        return status;
    struct csn_key_info *list = csn_management_alloc(m, around.count * sizeof *list);
    if (list == NULL)
        return CSN_NO_SPACE;
    for (size_t i = 0; i < around.count; i++)
        csn_key_info_fill(&around.keys[i], &around, &list[i], now_ms);
    *out = list;
    *count = around.count;
    return CSN_OK;
}

/* One key of an app the scope may see, and the keys around it. */
struct found {
    struct csn_app_row app;
    struct csn_key_row key;
    struct csn_key_surroundings around;
};

static enum csn_status
find(struct csn_management *m, struct csn_id app, struct csn_id key, struct found *out)
{
    enum csn_status status = csn_management_find_app(m, app, &out->app);
    if (status != CSN_OK)
        return status;
    status = csn_store_key_get(m->store, app, key, m->arena, &out->key);
    if (status == CSN_NOT_FOUND)
        return csn_refuse_unknown(m);
    if (status != CSN_OK)
        return status;
    status = csn_key_surroundings_read(m, &out->app, &out->around);
    if (status == CSN_OK)
        csn_key_take_uses(&out->around, &out->key);
    return status;
}

static enum csn_status
show(struct csn_management *m, const struct found *found, struct csn_key_info *out, int64_t now_ms)
{
    csn_key_info_fill(&found->key, &found->around, out, now_ms);
    if (csn_algorithm_family(found->key.algorithm) == CSN_FAMILY_HMAC)
        return CSN_OK;
    return csn_key_row_open(m, &found->key, &out->public_text);
}

enum csn_status
csn_management_key_get(struct csn_management *m, struct csn_id app, struct csn_id key,
                       struct csn_key_info *out, int64_t now_ms)
{
    *out = (struct csn_key_info){0};
    struct found found;
    enum csn_status status = find(m, app, key, &found);
    return status != CSN_OK ? status : show(m, &found, out, now_ms);
}

/* --- moving --- */

static const struct {
    enum csn_key_state from, to;
} steps[] = {
    {CSN_KEY_STANDBY, CSN_KEY_ACTIVE},   {CSN_KEY_ACTIVE, CSN_KEY_RETIRING},
    {CSN_KEY_RETIRING, CSN_KEY_RETIRED}, {CSN_KEY_RETIRING, CSN_KEY_ACTIVE}, /* undo */
    {CSN_KEY_RETIRED, CSN_KEY_RETIRING},                                     /* undo */
};

static bool
is_step(enum csn_key_state from, enum csn_key_state to)
{
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        if (steps[i].from == from && steps[i].to == to)
            return true;
    }
    return false;
}

/* Names the steps there are from here. */
static enum csn_status
refuse_step(struct csn_management *m, enum csn_key_state from, enum csn_key_state to)
{
    const char *one = "", * or = "", *other = "";
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        if (steps[i].from != from)
            continue;
        or = *one != '\0' ? " or " : "";
        *(*one != '\0' ? &other : &one) = csn_key_state_name(steps[i].to);
    }
    return csn_refuse(m, CSN_CONFLICT, "state", "A key cannot go from %s to %s, only to %s%s%s.",
                      csn_key_state_name(from), csn_key_state_name(to), one, or, other);
}

/* Taking a key from the issuers is unsafe when it is the last active one; taking it from the
 * verifiers also while tokens it signed may be alive. */
static enum csn_status
check_safe(struct csn_management *m, const struct csn_key_info *info, enum csn_key_state to)
{
    bool by_time = info->safe_after_ms != 0;
    if (info->safe_to_retire || (to == CSN_KEY_RETIRING && by_time))
        return CSN_OK;
    return csn_refuse(m, CSN_CONFLICT, "state", "%s Use force to do it nevertheless.",
                      info->unsafe_because);
}

static enum csn_status
check_step(struct csn_management *m, const struct found *found, enum csn_key_state to, bool force,
           int64_t now_ms)
{
    enum csn_key_state from = found->key.state;
    if (!is_step(from, to))
        return refuse_step(m, from, to);
    bool begins_to_verify = from == CSN_KEY_STANDBY || from == CSN_KEY_RETIRED;
    if (begins_to_verify)
        return csn_key_check_room(m, &found->around, &found->key);
    if (force || to == CSN_KEY_ACTIVE)
        return CSN_OK;
    struct csn_key_info info;
    csn_key_info_fill(&found->key, &found->around, &info, now_ms);
    return check_safe(m, &info, to);
}

static enum csn_status
tell(struct csn_management *m, struct csn_id app, const struct csn_key_row *key,
     enum csn_key_state to, int64_t now_ms)
{
    struct csn_telling telling = {.notice = CSN_NOTICE_KEY_STATE_CHANGED,
                                  .key = key->id,
                                  .from = csn_key_state_name(key->state),
                                  .to = csn_key_state_name(to)};
    return csn_outbox_tell(m->store, app, &telling, now_ms);
}

enum csn_status
csn_management_key_state(struct csn_management *m, struct csn_id app, struct csn_id key,
                         enum csn_key_state to, bool force, struct csn_key_info *out,
                         int64_t now_ms)
{
    *out = (struct csn_key_info){0};
    struct found found;
    enum csn_status status = find(m, app, key, &found);
    if (status == CSN_OK && found.key.state == to)
        return show(m, &found, out, now_ms);
    if (status == CSN_OK)
        status = check_step(m, &found, to, force, now_ms);
    if (status == CSN_OK)
        status = csn_store_key_set_state(m->store, app, key, to, now_ms);
    if (status == CSN_OK)
        status = tell(m, app, &found.key, to, now_ms);
    if (status == CSN_OK)
        status = csn_management_keys_changed(m, app);
    if (status == CSN_OK)
        status = find(m, app, key, &found);
    return status != CSN_OK ? status : show(m, &found, out, now_ms);
}

/* --- removing --- */

enum csn_status
csn_management_key_delete(struct csn_management *m, struct csn_id app, struct csn_id key,
                          bool force)
{
    struct found found;
    enum csn_status status = find(m, app, key, &found);
    if (status != CSN_OK)
        return status;
    if (found.key.source == CSN_SOURCE_JWKS_URL)
        return csn_refuse(m, CSN_CONFLICT, "",
                          "It is fetched and would come back: retire it, or remove the address.");
    bool idle = found.key.state == CSN_KEY_STANDBY || found.key.state == CSN_KEY_RETIRED;
    if (!idle && !force)
        return csn_refuse(m, CSN_CONFLICT, "state",
                          "It is %s: retire it first, or use force to do it nevertheless.",
                          csn_key_state_name(found.key.state));
    status = csn_store_key_remove(m->store, app, key);
    return status != CSN_OK ? status : csn_management_keys_changed(m, app);
}

/* --- last use --- */

enum csn_status
csn_management_touch_keys(struct csn_store *store, const struct csn_key_touch *touches,
                          size_t count)
{
    for (size_t i = 0; i < count; i++) {
        enum csn_status status = csn_store_key_touch(store, &touches[i]);
        if (status != CSN_OK)
            return status;
    }
    return CSN_OK;
}
