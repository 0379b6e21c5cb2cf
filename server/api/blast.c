/* The blast radius of a key: had it leaked, what would have been done with it, and what is to be
 * done.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/store/blast_rows.h"

#include "base/time.h"
#include "server/api/handlers.h"
#include "server/api/manage.h"
#include "server/api/query.h"
#include "server/domain/customers.h"
#include "server/domain/management_keys.h"

struct blast {
    struct csn_id id;
    int64_t since_ms;
    struct csn_key_info key;
    struct csn_blast found;
};

static enum csn_status
work_blast(struct csn_exchange *x, struct csn_store *store)
{
    struct blast *state = x->state;
    struct csn_management *m = csn_manage(x, store);
    if (m == NULL)
        return CSN_NO_SPACE;
    enum csn_status status =
        csn_management_key_get(m, x->app->id, state->id, &state->key, x->now_ms);
    if (status != CSN_OK)
        return status;
    return csn_store_key_blast(store, x->app->id, state->key.number, state->since_ms, &state->found,
                               x->now_ms);
}

/* What is to be done, first things first. */
static void
write_advice(struct csn_json_writer *w, const struct blast *state)
{
    const struct csn_key_info *key = &state->key;
    bool verifies = key->state == CSN_KEY_ACTIVE || key->state == CSN_KEY_RETIRING;
    csn_json_name(w, "advice");
    csn_json_open_array(w);
    if (verifies && !key->safe_to_retire && key->safe_after_ms == 0)
        csn_json_text(w, "Import another key first: without one, nobody can log in.");
    if (verifies)
        csn_json_text(w, "Set its state to retired, with force: from then on no token it signed is "
                         "accepted, also those in honest hands.");
    if (state->found.sessions > 0)
        csn_json_text(w,
                      "End the sessions it vouched for (revoke-sessions): they outlive the key.");
    if (!verifies && state->found.sessions == 0)
        csn_json_text(w, "Nothing: it verifies no token, and no session it vouched for is alive.");
    csn_json_close_array(w);
}

static void
write_platforms(struct csn_json_writer *w, const struct csn_blast *found)
{
    csn_json_name(w, "platforms");
    csn_json_open_array(w);
    for (size_t i = 0; i < found->platform_count; i++) {
        csn_json_open_object(w);
        csn_answer_text(w, "platform", csn_bytes_text(found->platforms[i].platform));
        csn_json_member_int(w, "requests", found->platforms[i].requests);
        csn_json_close_object(w);
    }
    csn_json_close_array(w);
}

static void
answer_blast(struct csn_exchange *x)
{
    const struct blast *state = x->state;
    const struct csn_blast *found = &state->found;
    struct csn_json_writer w = csn_answer_open(x);
    csn_answer_id(&w, "key", state->id);
    csn_json_member_int(&w, "key_number", state->key.number);
    csn_json_member_text(&w, "state", csn_key_state_name(state->key.state));
    csn_answer_time(&w, "since", state->since_ms);
    csn_json_member_int(&w, "requests", found->requests);
    csn_answer_time(&w, "first_at", found->first_ms);
    csn_answer_time(&w, "last_at", found->last_ms);
    csn_json_member_int(&w, "customers", found->customers << found->level);
    csn_json_member_bool(&w, "exact", found->level == 0);
    write_platforms(&w, found);
    csn_json_name(&w, "sessions");
    csn_json_open_object(&w);
    csn_json_member_int(&w, "alive", found->sessions);
    csn_json_member_int(&w, "customers", found->session_customers);
    csn_json_member_int(&w, "devices", found->session_devices);
    csn_json_close_object(&w);
    csn_json_member_bool(&w, "safe_to_retire", state->key.safe_to_retire);
    csn_answer_time(&w, "safe_after", state->key.safe_after_ms);
    write_advice(&w, state);
    csn_answer_close(x, &w, 200);
}

enum csn_step
csn_blast_show(struct csn_exchange *x)
{
    struct blast *state = csn_manage_state(x, sizeof *state);
    struct csn_bytes since;
    const struct csn_parameter known[] = {{"since", CSN_TIME_TEXT_LENGTH, &since}, {0}};
    if (state == NULL || !csn_manage_id(x, 1, &state->id) || !csn_query_read(x, known))
        return CSN_ANSWERED;
    if (since.len > 0 && csn_time_read_rfc3339(since, &state->since_ms) != CSN_OK)
        return csn_problem_field(x, CSN_FAULT_FIELD_INVALID, "?", csn_bytes_text("since"), NULL);
    return csn_answer_later(x, work_blast, answer_blast);
}

/* --- ending what it vouched for --- */

struct revocation {
    struct csn_id id;
    size_t ended;
    bool more;
    struct csn_revoked_list revoked;
};

static enum csn_status
work_revoke(struct csn_exchange *x, struct csn_store *store)
{
    struct revocation *state = x->state;
    struct csn_management *m = csn_manage(x, store);
    struct csn_key_info key;
    if (m == NULL)
        return CSN_NO_SPACE;
    enum csn_status status = csn_management_key_get(m, x->app->id, state->id, &key, x->now_ms);
    if (status != CSN_OK)
        return status;
    return csn_key_end_sessions(store, x->app->id, key.number, &state->ended, &state->more,
                                &state->revoked, x->now_ms);
}

static void
answer_revoked(struct csn_exchange *x)
{
    const struct revocation *state = x->state;
    struct csn_json_writer w = csn_answer_open(x);
    csn_answer_id(&w, "key", state->id);
    csn_json_member_int(&w, "ended", (int64_t)state->ended);
    csn_json_member_bool(&w, "more", state->more);
    csn_answer_close(x, &w, 200);
}

enum csn_step
csn_blast_revoke(struct csn_exchange *x)
{
    struct revocation *state = csn_manage_state(x, sizeof *state);
    if (state == NULL || !csn_manage_id(x, 1, &state->id))
        return CSN_ANSWERED;
    x->revoked = &state->revoked;
    return csn_answer_later(x, work_revoke, answer_revoked);
}
