/* Keys as rows and as shown: sealing, opening, and whether one may go.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/domain/decisions.h"
#include "server/domain/id.h"
#include "server/domain/management_parts.h"
#include "server/domain/revocations.h"

#include <string.h>

static const char *const source_names[] = {"unset", "secret",   "pem",
                                           "jwk",   "jwks_url", "generated"};
#define SOURCE_COUNT (sizeof source_names / sizeof source_names[0])

const char *
csn_key_source_name(enum csn_key_source source)
{
    return (size_t)source < SOURCE_COUNT ? source_names[source] : source_names[0];
}

enum csn_key_source
csn_key_source_from_name(struct csn_bytes name)
{
    for (size_t i = 1; i < SOURCE_COUNT; i++) {
        if (csn_bytes_equal_text(name, source_names[i]))
            return (enum csn_key_source)i;
    }
    return CSN_SOURCE_UNSET;
}

/* --- material at rest --- */

enum csn_status
csn_key_row_add(struct csn_management *m, struct csn_key_row *row, struct csn_bytes text)
{
    struct csn_arena before = *m->arena;
    size_t cap = text.len + CSN_VAULT_OVERHEAD;
    void *memory = csn_management_alloc(m, cap);
    if (memory == NULL)
        return CSN_NO_SPACE;
    struct csn_buffer sealed = csn_buffer_over(memory, cap);
    struct csn_vault_place place = {.kind = "key", .app = row->app, .row = row->id};
    enum csn_status status = csn_vault_seal(m->registry->vault, m->random, &place, text, &sealed);
    row->material = csn_buffer_view(&sealed);
    if (status == CSN_OK)
        status = csn_store_key_add(m->store, row);
    row->material = (struct csn_bytes){0};
    *m->arena = before;
    return status;
}

enum csn_status
csn_key_row_open(struct csn_management *m, const struct csn_key_row *row, struct csn_bytes *text)
{
    *text = (struct csn_bytes){0};
    void *memory = csn_management_alloc(m, row->material.len);
    if (memory == NULL)
        return CSN_NO_SPACE;
    struct csn_buffer opened = csn_buffer_over(memory, row->material.len);
    struct csn_vault_place place = {.kind = "key", .app = row->app, .row = row->id};
    enum csn_status status = csn_vault_open(m->registry->vault, &place, row->material, &opened);
    if (status == CSN_OK)
        *text = csn_buffer_view(&opened);
    return status;
}

/* --- may it go? --- */

static struct csn_key_touch
touch_of(const struct csn_key_row *row)
{
    return (struct csn_key_touch){row->number, row->last_used_ms, row->tokens_end_ms,
                                  row->endless_used_ms};
}

static void
set_uses(struct csn_key_row *row, const struct csn_key_touch *use)
{
    row->last_used_ms = use->used_ms;
    row->tokens_end_ms = use->ends_ms;
    row->endless_used_ms = use->endless_ms;
}

/* A use is written down a second later; whether a key may go is asked of this very moment. */
static void
add_last_uses(struct csn_decisions *decisions, struct csn_key_row *rows, size_t count)
{
    struct csn_key_touch uses[CSN_KEYS_PER_APP_MAX];
    for (size_t i = 0; i < count; i++)
        uses[i] = touch_of(&rows[i]);
    csn_decisions_last_uses(decisions, uses, count);
    for (size_t i = 0; i < count; i++)
        set_uses(&rows[i], &uses[i]);
}

enum csn_status
csn_key_surroundings_read(struct csn_management *m, const struct csn_app_row *app,
                          struct csn_key_surroundings *out)
{
    *out = (struct csn_key_surroundings){0};
    struct csn_key_row *rows = csn_management_alloc(m, CSN_KEYS_PER_APP_MAX * sizeof *rows);
    if (rows == NULL)
        return CSN_NO_SPACE;
    out->keys = rows;
    struct csn_policy policy;
    struct csn_policy_error error;
    enum csn_status status = csn_policy_parse(app->policy, m->arena, &policy, &error);
    if (status != CSN_OK)
        return status == CSN_NO_SPACE ? status : CSN_UNAVAILABLE;
    out->bound_ms = csn_token_life_max(&policy);
    out->leeway_ms = policy.leeway_s * 1000;
    out->allowed = policy.algorithms;
    status = csn_store_key_list(m->store, app->id, m->arena, rows, &out->count);
    if (status == CSN_OK && m->decisions != NULL)
        add_last_uses(m->decisions, rows, out->count);
    return status;
}

void
csn_key_take_uses(const struct csn_key_surroundings *around, struct csn_key_row *key)
{
    for (size_t i = 0; i < around->count; i++) {
        struct csn_key_touch use = touch_of(&around->keys[i]);
        if (use.number == key->number)
            set_uses(key, &use);
    }
}

static bool
is_usable(const struct csn_key_row *key, int64_t now_ms)
{
    return key->state == CSN_KEY_ACTIVE && (key->expires_ms == 0 || key->expires_ms > now_ms);
}

static bool
is_another_active(const struct csn_key_surroundings *around, const struct csn_key_row *than,
                  int64_t now_ms)
{
    for (size_t i = 0; i < around->count; i++) {
        if (around->keys[i].number != than->number && is_usable(&around->keys[i], now_ms))
            return true;
    }
    return false;
}

/* Returns: from when on no token that the key has verified can be accepted; 0: it verified none. A
 * token's own end counts, and the policy's bound where that comes first: it may be a later policy.
 * One from a clock that runs ahead lives a leeway longer than its use tells. */
static int64_t
tokens_end(const struct csn_key_row *row, const struct csn_key_surroundings *around)
{
    int64_t ends_ms = row->tokens_end_ms > 0 ? row->tokens_end_ms + around->leeway_ms : 0;
    int64_t latest_ms = row->last_used_ms + around->bound_ms + around->leeway_ms;
    if (around->bound_ms > 0 && ends_ms > latest_ms)
        ends_ms = latest_ms;
    int64_t rest_ms = around->bound_ms > 0 ? around->bound_ms : CSN_KEY_QUIET_DEFAULT_MS;
    int64_t endless_ms = row->endless_used_ms > 0 ? row->endless_used_ms + rest_ms : 0;
    return endless_ms > ends_ms ? endless_ms : ends_ms;
}

static void
judge_safety(const struct csn_key_row *row, const struct csn_key_surroundings *around,
             struct csn_key_info *out, int64_t now_ms)
{
    out->safe_to_retire = true;
    out->unsafe_because = "";
    out->safe_after_ms = 0;
    if (row->state != CSN_KEY_ACTIVE && row->state != CSN_KEY_RETIRING)
        return;
    if (!is_another_active(around, row, now_ms)) {
        out->safe_to_retire = false;
        out->unsafe_because = "No other key of this app is active.";
        return;
    }
    int64_t end_ms = tokens_end(row, around);
    if (now_ms >= end_ms)
        return;
    out->safe_to_retire = false;
    out->unsafe_because =
        "Tokens signed with it were seen so recently that some may still be alive.";
    out->safe_after_ms = end_ms;
}

void
csn_key_info_fill(const struct csn_key_row *row, const struct csn_key_surroundings *around,
                  struct csn_key_info *out, int64_t now_ms)
{
    *out = (struct csn_key_info){
        .id = row->id,
        .number = row->number,
        .has_kid = row->kid.ptr != NULL,
        .kid = row->kid,
        .algorithm = row->algorithm,
        .state = row->state,
        .source = (enum csn_key_source)row->source,
        .encoding = row->encoding,
        .warning = row->warning,
        .is_excluded = (around->allowed & 1u << row->algorithm) == 0,
        .created_ms = row->created_ms,
        .state_changed_ms = row->state_changed_ms,
        .expires_ms = row->expires_ms,
        .last_used_ms = row->last_used_ms,
    };
    memcpy(out->fingerprint, row->fingerprint, sizeof out->fingerprint);
    judge_safety(row, around, out, now_ms);
}

enum csn_status
csn_key_check_room(struct csn_management *m, const struct csn_key_surroundings *around,
                   const struct csn_key_row *key)
{
    if (key->kid.ptr != NULL)
        return CSN_OK;
    size_t tried = 0;
    for (size_t i = 0; i < around->count; i++) {
        const struct csn_key_row *other = &around->keys[i];
        bool verifies = other->state == CSN_KEY_ACTIVE || other->state == CSN_KEY_RETIRING;
        tried += verifies && other->algorithm == key->algorithm && other->number != key->number;
    }
    if (tried < CSN_KEYS_TRIED_MAX)
        return CSN_OK;
    return csn_refuse(m, CSN_CONFLICT, "kid",
                      "A token without a kid is tried against %d keys at most: retire one, or "
                      "give the keys kids.",
                      CSN_KEYS_TRIED_MAX);
}
