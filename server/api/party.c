/* The party of an SDK call. See party.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/api/party.h"

#include "server/api/admission.h"
#include "server/api/credential.h"
#include "server/api/problem.h"
#include "server/api/record.h"
#include "server/api/sdk_form.h"

static struct csn_party *
refuse(enum csn_step answered)
{
    (void)answered;
    return NULL;
}

static struct csn_bytes
identity_of(const struct csn_caller *caller)
{
    return csn_bytes_of(caller->identity, caller->identity_len);
}

/* --- before the store --- */

static void
take_session(const struct csn_caller *caller, struct csn_party *party)
{
    party->customer = caller->customer;
    party->session = caller->session;
    party->assurance = caller->assurance;
}

/* The token itself vouches for its customer, who may never have been here. */
static bool
take_token(struct csn_exchange *x, struct csn_party *party)
{
    struct csn_bytes bearer;
    if (!csn_credential_bearer(x, &bearer))
        return false;
    party->assurance = CSN_ASSURANCE_VERIFIED;
    party->contact.identity = identity_of(&x->caller);
    csn_sdk_token_facts(x, bearer, &x->caller.verdict, &party->contact.token);
    return true;
}

/* Enforcement let a call in that proves nothing: it is whom it claims to be, for what that is
 * worth. Without a claim it is nobody, and nobody has a log: an anonymous session has. */
static bool
take_claim(struct csn_exchange *x, struct csn_party *party)
{
    party->assurance = x->caller.assurance;
    party->contact.identity = x->claimed;
    if (party->assurance == CSN_ASSURANCE_CLAIMED)
        return true;
    x->enforced.admitted = false;
    csn_record_caller(x);
    const struct csn_verdict *verdict = &x->caller.verdict;
    if (verdict->reason != CSN_REASON_MISSING) {
        csn_admit_refuse(x, verdict->reason, verdict);
        return false;
    }
    csn_problem_reason_detail(x, CSN_REASON_MISSING,
                              "No token and no identity was presented: without a token, "
                              "Countersign-Identity (or `identity` in the body, where there is "
                              "one) says whom the call is for.");
    return false;
}

static bool
take(struct csn_exchange *x, struct csn_bytes identity, struct csn_party *party)
{
    const struct csn_caller *caller = &x->caller;
    if (!csn_sdk_identity_said(x, identity) || (identity.len > 0 && !csn_admit_claimed(x)))
        return false;
    if (caller->verdict.reason != CSN_REASON_ACCEPTED)
        return take_claim(x, party);
    if (caller->kind == CSN_BEARER_TOKEN)
        return take_token(x, party);
    take_session(caller, party);
    return true;
}

struct csn_party *
csn_party_admit(struct csn_exchange *x, struct csn_bytes identity, enum csn_right right)
{
    struct csn_party *party = csn_arena_alloc(&x->arena, sizeof *party);
    if (party == NULL)
        return refuse(csn_problem_fault(x, CSN_FAULT_INTERNAL, NULL));
    if (!take(x, identity, party))
        return NULL;
    party->device = csn_bytes_text(x->caller.device);
    x->revoked = &party->outcome.revoked;
    if (csn_may(party->assurance, right))
        return party;
    csn_record_caller(x);
    return refuse(
        csn_problem_fault(x, CSN_FAULT_FORBIDDEN, "It needs a session that a token has proved."));
}

/* --- in the job --- */

static enum csn_status
meet_contact(struct csn_exchange *x, struct csn_store *store, struct csn_party *party)
{
    party->contact.app = x->app;
    party->contact.assurance = party->assurance;
    party->contact.device = csn_sdk_device_of(&x->caller);
    enum csn_status status = csn_customer_contact(x->service->sessions, store, &party->contact,
                                                  &party->outcome, x->now_ms);
    party->reason = party->outcome.reason;
    party->customer = party->outcome.customer;
    csn_wipe(party->outcome.vault_key, sizeof party->outcome.vault_key);
    return status;
}

enum csn_status
csn_party_meet(struct csn_exchange *x, struct csn_store *store, struct csn_party *party)
{
    if (csn_id_is_none(&party->session))
        return meet_contact(x, store, party);
    return csn_session_use(store, x->app, party->session, &party->reason, x->now_ms);
}

/* --- after the commit --- */

bool
csn_party_settle(struct csn_exchange *x, struct csn_party *party)
{
    if (party->reason != CSN_REASON_ACCEPTED)
        x->caller.verdict.reason = party->reason;
    csn_record_caller(x);
    if (party->reason == CSN_REASON_ACCEPTED)
        return true;
    csn_problem_reason(x, party->reason, NULL);
    return false;
}
