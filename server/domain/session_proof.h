/* What the store knows against a token whose signature and claims held: revoked, or its nonce
 * spent.
 *
 * A customer's `revoked_before` refuses every token issued before it (csn_token_issued_earliest).
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_DOMAIN_SESSION_PROOF_H
#define CSN_SERVER_DOMAIN_SESSION_PROOF_H

#include "server/domain/sessions.h"
#include "server/store/session_rows.h"

/* Finds the customer of an identity by its keyed hash. CSN_NOT_FOUND: there is none; *out has
 * nothing but revoked_before_ms then, where one of that identity was revoked and erased since:
 * whoever makes the new one hands it on. Returns: CSN_OK, CSN_NOT_FOUND, CSN_UNAVAILABLE. */
CSN_MUST_USE enum csn_status csn_proof_customer(struct csn_store *store, struct csn_id app,
                                                const uint8_t identity_hash[CSN_NAME_HASH],
                                                struct csn_customer_row *out);

/* Decides, and writes nothing. `customer` NULL: there is none yet.
 * Out: *reason (accepted or why not). Returns: CSN_OK, CSN_UNAVAILABLE. */
CSN_MUST_USE enum csn_status csn_proof_judge(struct csn_store *store, const struct csn_app *app,
                                             struct csn_bytes device,
                                             const struct csn_token_facts *token,
                                             const struct csn_customer_row *customer,
                                             enum csn_reason *reason, int64_t now_ms);

/* Spends the token's nonce, if it has one. Call after csn_proof_judge accepted, in the same job. */
CSN_MUST_USE enum csn_status csn_proof_spend(struct csn_store *store, const struct csn_app *app,
                                             struct csn_bytes device,
                                             const struct csn_token_facts *token, int64_t now_ms);

#endif
