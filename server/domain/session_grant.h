/* What login, continuing and refresh share: how long a session is good for, and what is handed out.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_DOMAIN_SESSION_GRANT_H
#define CSN_SERVER_DOMAIN_SESSION_GRANT_H

#include "server/domain/session_keys.h"

/* Returns: when a session granted now ends at the latest, by the policy's ttl. A renewal begins it
 * again, because it needs the proof again; use never does. */
int64_t csn_grant_expires(const struct csn_app *app, int64_t now_ms);

/* Returns: when a session used now ends unless it is used before; 0: it does not. */
int64_t csn_grant_idle(int64_t session_idle_s, int64_t now_ms);

/* Returns: the session ended, or its time is over, or it idled out. */
bool csn_session_is_over(const struct csn_session_row *row, int64_t now_ms);

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
