/* What was revoked and has not expired by itself: sessions, single tokens, and all tokens of a
 * customer issued before a time; in memory.
 *
 * The store keeps them durable; this is the copy every request asks. Entries fall out when the
 * thing they revoke has expired anyway. Any thread; a question takes one short read lock.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_DOMAIN_REVOCATIONS_H
#define CSN_SERVER_DOMAIN_REVOCATIONS_H

#include "server/domain/registry.h"

#define CSN_TOKEN_LIFETIME_ASSUMED_MS 3600000LL /* of a token that does not say */

struct csn_revocations *csn_revocations_create(void); /* NULL when memory is out */
void csn_revocations_free(struct csn_revocations *revocations);

/* Revokes until `expires_ms`. Idempotent. Returns: CSN_OK, CSN_NO_MEMORY. */
CSN_MUST_USE enum csn_status csn_revoke_session(struct csn_revocations *r, struct csn_id app,
                                                struct csn_id session, int64_t expires_ms);
CSN_MUST_USE enum csn_status csn_revoke_token(struct csn_revocations *r, struct csn_id app,
                                              const uint8_t token_hash[32], int64_t expires_ms);

/* Revokes the customer's own tokens issued before `before_ms`; the latest such time counts. It is
 * forgotten once the app's policy lets none of them live. `who`: csn_identity_hash. */
CSN_MUST_USE enum csn_status csn_revoke_customer(struct csn_revocations *r, struct csn_id app,
                                                 const uint8_t who[CSN_NAME_HASH],
                                                 int64_t before_ms);

bool csn_is_session_revoked(struct csn_revocations *r, const struct csn_id *app,
                            const struct csn_id *session);
bool csn_is_token_revoked(struct csn_revocations *r, const struct csn_id *app,
                          const uint8_t token_hash[32]);

/* Returns: the time before which the customer's tokens are revoked; 0: none is. */
int64_t csn_customer_revoked_before(struct csn_revocations *r, const struct csn_id *app,
                                    const uint8_t who[CSN_NAME_HASH]);

/* Returns: anything is revoked at all; any customer is. One atomic load. */
bool csn_revocations_any(struct csn_revocations *r);
bool csn_revocations_any_customer(struct csn_revocations *r);

/* Forgets what expired before `now_ms`; of a customer, where csn_token_life_max of the app as the
 * registry (NULL: none) has it now has passed, or the app is gone. Called by the housekeeper. */
void csn_revocations_expire(struct csn_revocations *r, struct csn_registry *registry,
                            int64_t now_ms);

/* Returns: the longest that a token is accepted after it was issued or, where it does not say when
 * that was, after it was first accepted; in ms, the leeway included. 0: the policy sets no bound.
 */
int64_t csn_token_life_max(const struct csn_policy *policy);

/* Returns: the earliest a customer's token can have been issued, in ms. One without `iat` (0)
 * counts as issued at the earliest its `exp` allows: the policy's lifetime_max_s before it, else
 * CSN_TOKEN_LIFETIME_ASSUMED_MS; without `exp` (0) too, at the beginning of time. So a customer
 * whose tokens say little can log in again an hour after a revocation, and not never. */
int64_t csn_token_issued_earliest(const struct csn_policy *policy, int64_t issued_ms,
                                  int64_t expires_ms);

#endif
