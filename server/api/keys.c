/* The keys of an app: shown, moved through their states, removed. keys_create.c makes them.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/api/decode.h"
#include "server/api/handlers.h"
#include "server/api/key_form.h"
#include "server/api/manage.h"
#include "server/api/query.h"

struct keys {
    struct csn_id id;
    struct csn_bytes to_name;
    enum csn_key_state to;
    bool force;
    struct csn_key_info one;
    const struct csn_key_info *all;
    size_t count;
};

static void
write_safety(struct csn_json_writer *w, const struct csn_key_info *key)
{
    csn_json_member_bool(w, "safe_to_retire", key->safe_to_retire);
    csn_answer_text(w, "unsafe_because", csn_bytes_text(key->unsafe_because));
    csn_answer_time(w, "safe_after", key->safe_after_ms);
}

#define EXCLUDED                                                                                   \
    "The app's policy does not allow this key's algorithm: as long as that is so, the key can "    \
    "verify no token."

/* What is doubtful about a key, in one text; null when nothing is. */
static void
write_warning(struct csn_json_writer *w, const struct csn_key_info *key)
{
    char memory[512];
    struct csn_buffer text = csn_buffer_over(memory, sizeof memory);
    bool doubtful = key->warning != CSN_KEY_PROBLEM_NONE;
    csn_buffer_text(&text, key->is_excluded ? EXCLUDED : "");
    csn_buffer_text(&text, key->is_excluded && doubtful ? " " : "");
    csn_buffer_text(&text, doubtful ? csn_key_problem_sentence(key->warning) : "");
    csn_answer_text(w, "warning", csn_buffer_view(&text));
}

void
csn_key_form_write(struct csn_json_writer *w, const struct csn_key_info *key)
{
    bool encoded = key->encoding != CSN_ENCODING_UNSET;
    csn_answer_id(w, "id", key->id);
    csn_json_member_int(w, "number", key->number);
    csn_json_name(w, "kid");
    if (key->has_kid)
        csn_json_string(w, key->kid);
    else
        csn_json_null(w);
    csn_json_member_text(w, "algorithm", csn_algorithm_name(key->algorithm));
    csn_json_member_text(w, "state", csn_key_state_name(key->state));
    csn_json_member_text(w, "source", csn_key_source_name(key->source));
    csn_answer_text(w, "encoding", csn_bytes_text(encoded ? csn_encoding_name(key->encoding) : ""));
    csn_json_member_text(w, "fingerprint", key->fingerprint);
    write_warning(w, key);
    csn_answer_text(w, "public", key->public_text);
    csn_answer_time(w, "created_at", key->created_ms);
    csn_answer_time(w, "state_changed_at", key->state_changed_ms);
    csn_answer_time(w, "expires_at", key->expires_ms);
    csn_answer_time(w, "last_used_at", key->last_used_ms);
    write_safety(w, key);
}

static void
answer_one(struct csn_exchange *x)
{
    const struct keys *state = x->state;
    struct csn_json_writer w = csn_answer_open(x);
    csn_key_form_write(&w, &state->one);
    csn_answer_close(x, &w, 200);
}

/* --- list --- */

static enum csn_status
work_list(struct csn_exchange *x, struct csn_store *store)
{
    struct keys *state = x->state;
    struct csn_management *m = csn_manage(x, store);
    if (m == NULL)
        return CSN_NO_SPACE;
    return csn_management_key_list(m, x->app->id, &state->all, &state->count, x->now_ms);
}

static void
write_row(struct csn_json_writer *w, const void *row)
{
    csn_key_form_write(w, row);
}

static void
answer_list(struct csn_exchange *x)
{
    const struct keys *state = x->state;
    struct csn_json_writer w = csn_answer_open(x);
    csn_answer_items(&w, state->all, state->count, sizeof *state->all, write_row);
    csn_answer_close(x, &w, 200);
}

enum csn_step
csn_keys_list(struct csn_exchange *x)
{
    if (csn_manage_state(x, sizeof(struct keys)) == NULL)
        return CSN_ANSWERED;
    return csn_answer_later(x, work_list, answer_list);
}

/* --- get --- */

static enum csn_status
work_get(struct csn_exchange *x, struct csn_store *store)
{
    struct keys *state = x->state;
    struct csn_management *m = csn_manage(x, store);
    if (m == NULL)
        return CSN_NO_SPACE;
    return csn_management_key_get(m, x->app->id, state->id, &state->one, x->now_ms);
}

enum csn_step
csn_keys_get(struct csn_exchange *x)
{
    struct keys *state = csn_manage_state(x, sizeof *state);
    if (state == NULL || !csn_manage_id(x, 1, &state->id))
        return CSN_ANSWERED;
    return csn_answer_later(x, work_get, answer_one);
}

/* --- state --- */

static enum csn_status
work_update(struct csn_exchange *x, struct csn_store *store)
{
    struct keys *state = x->state;
    struct csn_management *m = csn_manage(x, store);
    if (m == NULL)
        return CSN_NO_SPACE;
    return csn_management_key_state(m, x->app->id, state->id, state->to, state->force, &state->one,
                                    x->now_ms);
}

enum csn_step
csn_keys_update(struct csn_exchange *x)
{
    static const struct csn_field fields[] = {
        {"state", CSN_FIELD_TEXT, true, 0, 16, offsetof(struct keys, to_name)},
        {"force", CSN_FIELD_BOOL, false, 0, 0, offsetof(struct keys, force)},
    };
    struct keys *state = csn_manage_state(x, sizeof *state);
    if (state == NULL || !csn_manage_id(x, 1, &state->id) ||
        !csn_decode(x, CSN_FIELDS(fields), state))
        return CSN_ANSWERED;
    state->to = csn_key_state_from_name(state->to_name);
    if (state->to == CSN_KEY_STATE_UNSET)
        return csn_problem_field(x, CSN_FAULT_FIELD_INVALID, "", csn_bytes_text("state"),
                                 "A state is \"standby\", \"active\", \"retiring\" or "
                                 "\"retired\".");
    return csn_answer_later(x, work_update, answer_one);
}

/* --- remove --- */

static enum csn_status
work_delete(struct csn_exchange *x, struct csn_store *store)
{
    const struct keys *state = x->state;
    struct csn_management *m = csn_manage(x, store);
    if (m == NULL)
        return CSN_NO_SPACE;
    return csn_management_key_delete(m, x->app->id, state->id, state->force);
}

static void
answer_deleted(struct csn_exchange *x)
{
    csn_answer_empty(x, 204);
}

enum csn_step
csn_keys_delete(struct csn_exchange *x)
{
    struct keys *state = csn_manage_state(x, sizeof *state);
    struct csn_bytes force;
    const struct csn_parameter known[] = {{"force", 8, &force}, {0}};
    if (state == NULL || !csn_query_read(x, known) || !csn_manage_id(x, 1, &state->id))
        return CSN_ANSWERED;
    state->force = csn_bytes_equal_text(force, "true");
    if (force.len > 0 && !state->force && !csn_bytes_equal_text(force, "false"))
        return csn_problem_field(x, CSN_FAULT_FIELD_INVALID, "?", csn_bytes_text("force"), NULL);
    return csn_answer_later(x, work_delete, answer_deleted);
}
