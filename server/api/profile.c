/* Profiles: a customer's own, by the SDK; and anybody's, by the app's people. Read with an ETag,
 * changed by a JSON merge (RFC 7396) under If-Match where one is given: a merge names what it
 * changes, so it may well be laid over a version that nobody read.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/domain/profile.h"
#include "server/api/decode.h"
#include "server/api/etag.h"
#include "server/api/handlers.h"
#include "server/api/manage.h"
#include "server/api/party.h"

struct profile {
    struct csn_party *party;           /* NULL: the app's people ask */
    struct csn_id customer;            /* theirs to name */
    const struct csn_json_node *patch; /* NULL: it is only read */
    struct csn_profile profile;
    bool stale;     /* the conditions name another version */
    bool too_large; /* what would follow is more than a profile holds */
};

/* --- answers --- */

static void
write_properties(struct csn_json_writer *w, const struct csn_json_node *properties)
{
    csn_json_name(w, "properties");
    if (properties != NULL) {
        csn_json_node(w, properties);
        return;
    }
    csn_json_open_object(w);
    csn_json_close_object(w);
}

static void
answer_profile(struct csn_exchange *x)
{
    const struct profile *state = x->state;
    const struct csn_profile *profile = &state->profile;
    csn_etag_set(x, profile->version);
    if (state->patch == NULL && csn_etag_is_known(x, profile->version)) {
        csn_answer_empty(x, 304);
        return;
    }
    struct csn_json_writer w = csn_answer_open(x);
    csn_answer_text(&w, "email", profile->email);
    csn_answer_id(&w, "contact", profile->contact);
    write_properties(&w, profile->properties);
    csn_answer_time(&w, "changed_at", profile->changed_ms);
    csn_answer_close(x, &w, 200);
}

static void
answer(struct csn_exchange *x)
{
    struct profile *state = x->state;
    if (state->party != NULL && !csn_party_settle(x, state->party))
        return;
    if (state->stale)
        csn_problem_fault(x, CSN_FAULT_PRECONDITION_FAILED, NULL);
    else if (state->too_large)
        csn_problem_field(x, CSN_FAULT_FIELD_INVALID, "", csn_bytes_text("properties"),
                          "A profile has at most 100 properties, and 16384 bytes in all.");
    else
        answer_profile(x);
}

/* --- work --- */

static enum csn_status
change(struct csn_exchange *x, struct csn_store *store, struct profile *state)
{
    state->stale = !csn_etag_permits(x, state->profile.version);
    if (state->stale)
        return CSN_OK;
    enum csn_status status =
        csn_profile_patch(x->service->sessions, store, x->app->id, state->customer, state->patch,
                          &x->arena, &state->profile, x->now_ms);
    state->too_large = status == CSN_TOO_LARGE;
    return state->too_large ? CSN_OK : status;
}

static enum csn_status
work(struct csn_exchange *x, struct csn_store *store)
{
    struct profile *state = x->state;
    if (state->party != NULL) {
        enum csn_status status = csn_party_meet(x, store, state->party);
        if (status != CSN_OK || state->party->reason != CSN_REASON_ACCEPTED)
            return status;
        state->customer = state->party->customer;
    }
    enum csn_status status = csn_profile_get(x->service->sessions, store, x->app->id,
                                             state->customer, &x->arena, &state->profile);
    return status == CSN_OK && state->patch != NULL ? change(x, store, state) : status;
}

/* --- questions --- */

static bool
read_patch(struct csn_exchange *x, struct profile *state)
{
    struct csn_profile_fault fault;
    state->patch = csn_decode_body(x, false);
    if (state->patch == NULL)
        return false;
    if (csn_profile_check(state->patch, &fault))
        return true;
    csn_problem_field(x, fault.unknown ? CSN_FAULT_FIELD_UNKNOWN : CSN_FAULT_FIELD_INVALID,
                      fault.prefix, fault.name, fault.sentence);
    return false;
}

static enum csn_step
ask_as_owner(struct csn_exchange *x, bool changes)
{
    struct profile *state = csn_manage_state(x, sizeof *state);
    x->sensitive = true;
    if (state == NULL || !csn_manage_id(x, 1, &state->customer) ||
        (changes && !read_patch(x, state)))
        return CSN_ANSWERED;
    return csn_answer_later(x, work, answer);
}

static enum csn_step
ask_as_customer(struct csn_exchange *x, bool changes)
{
    struct profile *state = csn_manage_state(x, sizeof *state);
    x->sensitive = true;
    if (state == NULL)
        return CSN_ANSWERED;
    state->party = csn_party_admit(x, (struct csn_bytes){0}, CSN_RIGHT_PROFILE);
    if (state->party == NULL || (changes && !read_patch(x, state)))
        return CSN_ANSWERED;
    return csn_answer_later(x, work, answer);
}

enum csn_step
csn_profile_show(struct csn_exchange *x)
{
    return ask_as_owner(x, false);
}

enum csn_step
csn_profile_change(struct csn_exchange *x)
{
    return ask_as_owner(x, true);
}

enum csn_step
csn_profile_own_show(struct csn_exchange *x)
{
    return ask_as_customer(x, false);
}

enum csn_step
csn_profile_own_change(struct csn_exchange *x)
{
    return ask_as_customer(x, true);
}
