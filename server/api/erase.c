/* Erasing a customer, and showing that nothing is left.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/domain/erase.h"

#include "server/api/answer.h"
#include "server/api/handlers.h"
#include "server/api/manage.h"

struct erase {
    struct csn_id customer;
    struct csn_erasure erasure;
    struct csn_revoked_list revoked;
};

static void
write_hash(struct csn_json_writer *w, const uint8_t hash[32])
{
    char memory[64];
    struct csn_buffer hex = csn_buffer_over(memory, sizeof memory);
    csn_buffer_hex(&hex, csn_bytes_of(hash, 32));
    csn_json_member_string(w, "sealed_key_sha256", csn_buffer_view(&hex));
}

static void
write_linked(struct csn_json_writer *w, const struct csn_erasure *erasure)
{
    csn_json_name(w, "linked");
    csn_json_open_array(w);
    for (size_t i = 0; i < erasure->linked_count; i++) {
        csn_json_open_object(w);
        csn_answer_id(w, "customer", erasure->linked[i].customer);
        write_hash(w, erasure->linked[i].key_hash);
        csn_json_close_object(w);
    }
    csn_json_close_array(w);
}

static void
write_remains(struct csn_json_writer *w, const struct csn_remains *remains)
{
    csn_json_name(w, "remains");
    csn_json_open_object(w);
    csn_json_member_bool(w, "key", remains->key);
    csn_json_member_bool(w, "identity", remains->identity);
    csn_json_member_int(w, "items", remains->items);
    csn_json_member_int(w, "devices", remains->devices);
    csn_json_member_int(w, "sessions", remains->sessions);
    csn_json_member_int(w, "decisions", remains->decisions);
    csn_json_close_object(w);
}

static void
answer_erasure(struct csn_exchange *x)
{
    const struct erase *state = x->state;
    const struct csn_erasure *erasure = &state->erasure;
    struct csn_json_writer w = csn_answer_open(x);
    csn_answer_id(&w, "customer", erasure->of.customer);
    csn_answer_time(&w, "erased_at", erasure->of.erased_ms);
    write_hash(&w, erasure->of.key_hash);
    write_linked(&w, erasure);
    write_remains(&w, &erasure->remains);
    csn_answer_close(x, &w, 200);
}

static void
answer_not_erased(struct csn_exchange *x, enum csn_status status)
{
    if (status == CSN_CONFLICT)
        csn_problem_fault(x, CSN_FAULT_CONFLICT,
                          "It is linked to another customer: erase that one, or unlink it.");
    else
        csn_problem_status(x, status);
}

static enum csn_status
work_erase(struct csn_exchange *x, struct csn_store *store)
{
    struct erase *state = x->state;
    return csn_customer_erase(x->service->sessions, store, x->app, state->customer, &state->erasure,
                              &state->revoked, x->now_ms);
}

static enum csn_status
work_show(struct csn_exchange *x, struct csn_store *store)
{
    struct erase *state = x->state;
    return csn_customer_erasure(store, x->app->id, state->customer, &state->erasure);
}

enum csn_step
csn_erasure_make(struct csn_exchange *x)
{
    struct erase *state = csn_manage_state(x, sizeof *state);
    if (state == NULL || !csn_manage_id(x, 1, &state->customer))
        return CSN_ANSWERED;
    x->failed = answer_not_erased;
    x->revoked = &state->revoked;
    x->news.customer = state->customer; /* its streams look, and end */
    return csn_answer_later(x, work_erase, answer_erasure);
}

enum csn_step
csn_erasure_get(struct csn_exchange *x)
{
    struct erase *state = csn_manage_state(x, sizeof *state);
    if (state == NULL || !csn_manage_id(x, 1, &state->customer))
        return CSN_ANSWERED;
    return csn_answer_later(x, work_show, answer_erasure);
}
