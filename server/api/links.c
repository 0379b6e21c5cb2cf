/* Links of anonymous customers: undone, and made by hand. A customer's links are shown with it.
 *
 *   DELETE .../customers/{customer}/links/{anonymous}   it was not that customer
 *   PUT    .../customers/{customer}/links/{anonymous}   it was
 *
 * A link that is made already stays as it is; one that is undone already is not found.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/api/links.h"

#include "server/api/answer.h"
#include "server/api/handlers.h"
#include "server/api/manage.h"

struct relink {
    struct csn_id customer, anonymous;
    struct csn_relink_outcome outcome;
};

/* --- shown --- */

void
csn_links_write(struct csn_json_writer *w, const struct csn_link_info *links, size_t count)
{
    csn_json_name(w, "links");
    csn_json_open_array(w);
    for (size_t i = 0; i < count; i++) {
        const struct csn_link_info *link = &links[i];
        csn_json_open_object(w);
        csn_answer_id(w, "anonymous", link->customer);
        csn_answer_id(w, "customer", link->owner);
        csn_json_member_text(w, "cause", csn_link_cause_name(link->cause));
        csn_answer_time(w, "linked_at", link->linked_ms);
        csn_answer_id(w, "linked_by", link->made_by);
        csn_json_member_int(w, "items", link->items);
        csn_json_member_int(w, "refused", link->refused);
        csn_answer_time(w, "undone_at", link->undone_ms);
        csn_answer_id(w, "undone_by", link->undone_by);
        csn_json_member_int(w, "returned", link->returned);
        csn_json_close_object(w);
    }
    csn_json_close_array(w);
}

/* --- undone, made --- */

static enum csn_status
work_undo(struct csn_exchange *x, struct csn_store *store)
{
    struct relink *state = x->state;
    return csn_customer_unlink(store, x->app->id, state->customer, state->anonymous, x->api_key.id,
                               &state->outcome, x->now_ms);
}

static enum csn_status
work_make(struct csn_exchange *x, struct csn_store *store)
{
    struct relink *state = x->state;
    return csn_customer_link(store, x->app->id, state->customer, state->anonymous, x->api_key.id,
                             &state->outcome, x->now_ms);
}

static void
answer_relinked(struct csn_exchange *x)
{
    const struct relink *state = x->state;
    struct csn_json_writer w = csn_answer_open(x);
    csn_answer_id(&w, "customer", state->customer);
    csn_answer_id(&w, "anonymous", state->anonymous);
    csn_json_member_int(&w, "items", state->outcome.items);
    csn_answer_close(x, &w, 200);
}

static void
answer_not_undone(struct csn_exchange *x, enum csn_status status)
{
    if (status == CSN_CONFLICT)
        csn_problem_fault(x, CSN_FAULT_CONFLICT, "The customer was erased.");
    else
        csn_problem_status(x, status);
}

static void
answer_not_made(struct csn_exchange *x, enum csn_status status)
{
    if (status == CSN_CONFLICT)
        csn_problem_fault(x, CSN_FAULT_CONFLICT,
                          "Only an anonymous customer is linked, to one with an identity, and to "
                          "one alone: undo its link first.");
    else
        csn_problem_status(x, status);
}

/* Returns: NULL after it answered a problem. */
static struct relink *
read_both(struct csn_exchange *x)
{
    struct relink *state = csn_manage_state(x, sizeof *state);
    if (state == NULL || !csn_manage_id(x, 1, &state->customer) ||
        !csn_manage_id(x, 2, &state->anonymous))
        return NULL;
    x->revoked = &state->outcome.revoked;
    x->news.customer = state->customer; /* who is told in vain only looks */
    return state;
}

enum csn_step
csn_links_delete(struct csn_exchange *x)
{
    if (read_both(x) == NULL)
        return CSN_ANSWERED;
    x->failed = answer_not_undone;
    return csn_answer_later(x, work_undo, answer_relinked);
}

enum csn_step
csn_links_put(struct csn_exchange *x)
{
    if (read_both(x) == NULL)
        return CSN_ANSWERED;
    x->failed = answer_not_made;
    return csn_answer_later(x, work_make, answer_relinked);
}
