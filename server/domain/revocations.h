/* What was revoked and has not expired by itself: sessions and customers' tokens, in memory.
 *
 * The store keeps them durable; this is the copy every request asks. Entries fall out when the
 * thing they revoke has expired anyway. Any thread; a question takes one short read lock.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_DOMAIN_REVOCATIONS_H
#define CSN_SERVER_DOMAIN_REVOCATIONS_H

#include "server/domain/model.h"

struct csn_revocations *csn_revocations_create(void); /* NULL when memory is out */
void csn_revocations_free(struct csn_revocations *revocations);

/* Revokes until `expires_ms`. Idempotent. Returns: CSN_OK, CSN_NO_MEMORY. */
CSN_MUST_USE enum csn_status csn_revoke_session(struct csn_revocations *r, struct csn_id app,
                                                struct csn_id session, int64_t expires_ms);
CSN_MUST_USE enum csn_status csn_revoke_token(struct csn_revocations *r, struct csn_id app,
                                              const uint8_t token_hash[32], int64_t expires_ms);

bool csn_is_session_revoked(struct csn_revocations *r, const struct csn_id *app,
                            const struct csn_id *session);
bool csn_is_token_revoked(struct csn_revocations *r, const struct csn_id *app,
                          const uint8_t token_hash[32]);

/* Returns: anything is revoked at all. One atomic load. */
bool csn_revocations_any(struct csn_revocations *r);

/* Forgets what expired before `now_ms`. Called by the housekeeper. */
void csn_revocations_expire(struct csn_revocations *r, int64_t now_ms);

#endif
