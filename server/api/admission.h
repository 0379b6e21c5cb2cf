/* Admission: may this request reach its handler?
 *
 *   app      the one in the path, as a reference; an API key of another account gets exactly what a
 *            nonexistent app gives
 *   who      route.access: an API key with the role, or a bearer of the app
 *
 * Bad credentials are counted by source (throttle.h), tokens and API keys each for themselves.
 * Either is checked first, which costs a bounded little; a good one passes, however many bad ones
 * its source had, because many clients share one address. Only the answer to a bad one becomes
 * "wait". A token whose signature held is no bad credential, whatever else is wrong with it. The
 * gateway counts nothing: its source is the proxy.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_API_ADMISSION_H
#define CSN_SERVER_API_ADMISSION_H

#include "server/api/exchange.h"

/* Returns: the handler may run; x->app, x->api_key and x->caller are set as far as the route asks.
 * False: answered. */
bool csn_admit(struct csn_exchange *x);

/* Out: x->app of the path, when there is one. */
void csn_admit_app(struct csn_exchange *x);

/* Judges a bearer of the app into x->caller. Asks nothing else, answers nothing. */
void csn_admit_judge(struct csn_exchange *x, struct csn_bytes bearer);

/* What follows where the call is for x->claimed: a bearer of somebody else is `identity_mismatch`,
 * and what is not accepted is enforcement's to let in. Asked again when the body named somebody.
 * Returns: it may go on, accepted or admitted; false after it was recorded and answered. */
bool csn_admit_claimed(struct csn_exchange *x);

/* Answers a refused token: its problem, or "wait" when its source presented too many bad ones. */
enum csn_step csn_admit_refuse(struct csn_exchange *x, enum csn_reason reason,
                               const struct csn_verdict *verdict);

#endif
