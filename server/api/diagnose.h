/* Diagnosing one token for its app's owner: what the pasted and the kept ones have in common.
 *
 *   csn_diagnosing_ask      what is asked of the store; needs the token, and a workspace
 *   csn_diagnosing_load     in the store's job
 *   csn_diagnosing_answer   after it: the signature checks; gives back what was borrowed
 *
 * The exchange is to be marked `sensitive`: raw secrets lie in its arena.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_API_DIAGNOSE_H
#define CSN_SERVER_API_DIAGNOSE_H

#include "server/api/exchange.h"
#include "server/domain/management_diagnosis.h"

struct csn_diagnosing {
    struct csn_bytes token, second, identity, nonce, device;
    int64_t at_ms; /* when it was presented: it is judged by that time */
    struct csn_diagnosis_question question;
    struct csn_diagnosis_material material;
    struct csn_diagnosis_past past;
    bool loaded;
};

void csn_diagnosing_ask(struct csn_exchange *x, struct csn_workspace *workspace,
                        struct csn_diagnosing *state);
CSN_MUST_USE enum csn_status csn_diagnosing_load(struct csn_exchange *x, struct csn_store *store,
                                                 struct csn_diagnosing *state);
/* Out: *found in the arena. Returns: CSN_OK, CSN_NO_SPACE, CSN_INVALID. */
CSN_MUST_USE enum csn_status csn_diagnosing_answer(struct csn_exchange *x,
                                                   struct csn_diagnosing *state,
                                                   const struct csn_diagnosis **found);
/* Gives back what was borrowed, where there is nothing to be answered. */
void csn_diagnosing_drop(struct csn_diagnosing *state);

#endif
