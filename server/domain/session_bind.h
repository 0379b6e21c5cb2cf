/* Binding: which device has which customer, and how a session ends. The one place that keeps the
 * invariants of 0002-sessions.sql: a live session is named by its device's row, and an ended one by
 * a revocation.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_DOMAIN_SESSION_BIND_H
#define CSN_SERVER_DOMAIN_SESSION_BIND_H

#include "server/domain/sessions.h"
#include "server/store/session_rows.h"

/* Ends the session if it is live, and revokes it. {0} and an ended one are fine. */
CSN_MUST_USE enum csn_status csn_bind_end_session(struct csn_store *store, struct csn_id app,
                                                  struct csn_id session,
                                                  struct csn_revoked_list *revoked, int64_t now_ms);

/* Takes the device from its customer: its session ends, its push address goes. */
CSN_MUST_USE enum csn_status csn_bind_remove(struct csn_store *store, struct csn_id app,
                                             const struct csn_device_row *device,
                                             struct csn_revoked_list *revoked, int64_t now_ms);

/* Logs a session out: it ends, and its device, where that is still its own, loses its customer. */
CSN_MUST_USE enum csn_status csn_bind_logout(struct csn_store *store, struct csn_id app,
                                             const struct csn_session_row *session,
                                             struct csn_revoked_list *revoked, int64_t now_ms);

/* Takes every device from the customer. */
CSN_MUST_USE enum csn_status csn_bind_remove_all(struct csn_store *store, struct csn_id app,
                                                 struct csn_id customer,
                                                 struct csn_revoked_list *revoked, int64_t now_ms);

/* Gives the device to a customer, with `session` ({0}: none) as its live one; the session it had
 * before ends, unless it is that one. Beyond CSN_DEVICES_MAX the customer's oldest device of that
 * assurance goes. The push address stays where the customer does, or came from `linked`. */
struct csn_binding {
    const struct csn_device_facts *device;
    struct csn_id customer, session;
    enum csn_assurance assurance;
    struct csn_id linked; /* the anonymous customer that becomes this one; {0} none */
};
CSN_MUST_USE enum csn_status csn_bind_put(struct csn_store *store, struct csn_id app,
                                          const struct csn_binding *binding,
                                          struct csn_revoked_list *revoked, int64_t now_ms);

/* Revokes a token until it has expired (0: for ever). */
CSN_MUST_USE enum csn_status csn_bind_revoke_token(struct csn_store *store, struct csn_id app,
                                                   const uint8_t hash[32], int64_t expires_ms,
                                                   struct csn_revoked_list *revoked);

#endif
