/* The party of an SDK call: which customer it speaks for, on which device, with which assurance.
 * Everything an SDK asks of a customer's log, profile or device begins with it.
 *
 *   csn_party_admit    before the store: who is it, by its bearer?
 *   csn_party_meet     in the job, first: is it still true? The customer of an every-request token
 *                      is found, or made at its first contact
 *   csn_party_settle   after the commit: the decision is recorded, a refusal answered
 *
 * A session token says its customer itself; that the session has not ended is asked of the store,
 * in the same transaction as what the call does, so that nothing is ever done for a session after
 * its logout or for an anonymous log after its link. Where enforcement admits a call without proof,
 * the identity it claims, in Countersign-Identity or its body, makes it a claimed one; a proven
 * identity is not overruled by another claim (docs/decisions/0027-whom-a-call-is-for.md).
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_API_PARTY_H
#define CSN_SERVER_API_PARTY_H

#include "server/api/exchange.h"
#include "server/domain/customers.h"
#include "server/domain/rights.h"

struct csn_party {
    struct csn_id customer; /* {0} before csn_party_meet, where it was not in the bearer */
    struct csn_id session;  /* {0}: the token itself is the bearer */
    enum csn_assurance assurance;
    struct csn_bytes device; /* {0}: a token's call that does not say */
    enum csn_reason reason;  /* after csn_party_meet: accepted, or why not */
    struct csn_contact contact;
    struct csn_contact_outcome outcome;
};

/* `identity`: the one that the body claims, {0} none; Countersign-Identity was read at admission.
 * Returns: NULL after it answered a problem; else the party, in the arena. */
struct csn_party *csn_party_admit(struct csn_exchange *x, struct csn_bytes identity,
                                  enum csn_right right);

/* Out: party->customer, party->reason. Where that is not accepted, do nothing and return CSN_OK.
 * Returns: CSN_OK, CSN_CRYPTO, CSN_UNAVAILABLE. */
CSN_MUST_USE enum csn_status csn_party_meet(struct csn_exchange *x, struct csn_store *store,
                                            struct csn_party *party);

/* Returns: the call took effect and may be answered; false after it answered a problem. */
bool csn_party_settle(struct csn_exchange *x, struct csn_party *party);

#endif
