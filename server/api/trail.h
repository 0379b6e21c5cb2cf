/* The trail of a management request: one row of the audit, in the transaction of what it changed.
 *
 * Driven by the route table and by what the store says was changed, so that no handler can forget
 * it: an API key's request whose work changed at least one row leaves exactly one audit row; one
 * that was refused, failed, or changed nothing leaves none. Handlers may name what they made; else
 * the last parameter of the path is the target.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_API_TRAIL_H
#define CSN_SERVER_API_TRAIL_H

#include "server/api/exchange.h"

/* Runs x->work and leaves the row. Inside the transaction. Returns: what x->work returned, or why
 * the row could not be written, which undoes the work. */
enum csn_status csn_trail_work(struct csn_exchange *x, struct csn_store *store);

/* Names what was made or changed, when the path does not. Inside x->work. */
void csn_trail_target(struct csn_exchange *x, struct csn_id id);

/* Names the app, when the path does not. Inside x->work. */
void csn_trail_app(struct csn_exchange *x, struct csn_id app);

/* Takes down which fields the body has. Values are kept of those alone that cannot be secret. */
void csn_trail_body(struct csn_exchange *x, const struct csn_json_node *body);

/* Admission has refused. An API key that lacks the role for a change leaves a row that says so, of
 * which an account has at most CSN_AUDIT_DENIED_MAX a day. Returns: CSN_NEEDS_STORE for that, else
 * CSN_ANSWERED; the answer stays what admission made it. */
enum csn_step csn_trail_refused(struct csn_exchange *x);

#endif
