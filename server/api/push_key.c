/* The key pair of an app's Web Push: its public part is what a browser subscribes with.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/api/decode.h"
#include "server/api/handlers.h"
#include "server/api/manage.h"
#include "server/domain/webhooks.h"

struct push_key {
    struct csn_bytes subject;
    struct csn_push_key_info info;
};

static void
answer(struct csn_exchange *x)
{
    const struct push_key *state = x->state;
    bool there = state->info.created_ms != 0;
    char memory[(CSN_P256_PUBLIC_LENGTH * 4 + 2) / 3];
    struct csn_buffer text = csn_buffer_over(memory, sizeof memory);
    if (there)
        csn_base64url_append(&text,
                             csn_bytes_of(state->info.public_key, sizeof state->info.public_key));
    struct csn_json_writer w = csn_answer_open(x);
    csn_answer_text(&w, "public_key", csn_buffer_view(&text));
    csn_answer_text(&w, "subject", state->info.subject);
    csn_answer_time(&w, "created_at", state->info.created_ms);
    csn_answer_close(x, &w, 200);
}

static enum csn_status
work_get(struct csn_exchange *x, struct csn_store *store)
{
    struct push_key *state = x->state;
    struct csn_management *m = csn_manage(x, store);
    return m == NULL ? CSN_NO_SPACE : csn_push_key_get(m, x->app->id, &state->info);
}

enum csn_step
csn_push_keys_get(struct csn_exchange *x)
{
    if (csn_manage_state(x, sizeof(struct push_key)) == NULL)
        return CSN_ANSWERED;
    return csn_answer_later(x, work_get, answer);
}

static enum csn_status
work_put(struct csn_exchange *x, struct csn_store *store)
{
    struct push_key *state = x->state;
    struct csn_management *m = csn_manage(x, store);
    if (m == NULL)
        return CSN_NO_SPACE;
    return csn_push_key_put(m, x->app->id, state->subject, &state->info, x->now_ms);
}

enum csn_step
csn_push_keys_put(struct csn_exchange *x)
{
    static const struct csn_field fields[] = {{"subject", CSN_FIELD_TEXT, false, 0,
                                               CSN_VAPID_SUBJECT_MAX,
                                               offsetof(struct push_key, subject)}};
    struct push_key *state = csn_manage_state(x, sizeof *state);
    x->sensitive = true; /* the private part passes through the arena */
    if (state == NULL)
        return CSN_ANSWERED;
    const struct csn_json_node *body = csn_decode_body(x, true);
    if (body == NULL || !csn_decode_object(x, body, "", CSN_FIELDS(fields), state))
        return CSN_ANSWERED;
    return csn_answer_later(x, work_put, answer);
}

static enum csn_status
work_delete(struct csn_exchange *x, struct csn_store *store)
{
    struct csn_management *m = csn_manage(x, store);
    return m == NULL ? CSN_NO_SPACE : csn_push_key_delete(m, x->app->id);
}

static void
answer_empty(struct csn_exchange *x)
{
    csn_answer_empty(x, 204);
}

enum csn_step
csn_push_keys_delete(struct csn_exchange *x)
{
    if (csn_manage_state(x, sizeof(struct push_key)) == NULL)
        return CSN_ANSWERED;
    return csn_answer_later(x, work_delete, answer_empty);
}
