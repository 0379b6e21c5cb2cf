/* What login, continuing and refresh share: how long a session is good for, and what is handed out.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_DOMAIN_SESSION_GRANT_H
#define CSN_SERVER_DOMAIN_SESSION_GRANT_H

#include "server/domain/session_keys.h"

/* Returns: when a session token made now ends: by the policy's ttl, or sooner by its idle time.
 * Each renewal begins both again, because each needs the proof again. */
int64_t csn_grant_expires(const struct csn_app *app, int64_t now_ms);

void csn_grant_device(struct csn_session_row *row, struct csn_bytes device);
void csn_grant_token(struct csn_session_row *row, const struct csn_token_facts *token);

/* Makes the logout secret; the row keeps its hash. */
void csn_grant_logout_secret(const struct csn_sessions *sessions, struct csn_session_row *row,
                             char out[CSN_LOGOUT_SECRET_LENGTH + 1]);

/* Fills claims and vault key. The claims borrow `device` and `identity`. */
void csn_grant_outcome(const struct csn_session_row *row, const struct csn_seal_key *key,
                       struct csn_bytes device, struct csn_bytes identity,
                       struct csn_session_outcome *out, int64_t now_ms);

/* Notes that the customer was seen, no more often than CSN_SEEN_STEP_MS unless its assurance rises.
 */
CSN_MUST_USE enum csn_status csn_customer_saw(struct csn_store *store, struct csn_id app,
                                              const struct csn_customer_row *row,
                                              enum csn_assurance assurance, int64_t now_ms);

#endif
