/* Idempotency-Key: a change asked for twice under one key is made once, and answered twice.
 *
 *   the header is read     after admission, before the handler            csn_replay_read
 *   on the store's thread  the answer is there: it is taken, and nothing runs
 *                          it is not: the work runs, its answer is encoded and kept in the same
 *                          transaction                                    csn_replay_work
 *   after the commit       the kept answer goes out                       csn_api_finish
 *
 * So a request with a key is answered by the time its change is durable, and there is no moment at
 * which one is and the other is not. Two of the same key at the same time stand in one queue: the
 * second finds the answer of the first. What was refused or changed nothing is not kept: it may be
 * asked again and be judged anew.
 *
 * Source: draft-ietf-httpapi-idempotency-key-header. docs/decisions/0020-idempotency.md.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_API_REPLAY_H
#define CSN_SERVER_API_REPLAY_H

#include "server/api/exchange.h"

/* Reads the header, where the route is a change by an API key. Returns: false after it answered. */
bool csn_replay_read(struct csn_exchange *x);

/* Runs the work once for its key. Inside the transaction. Returns: as x->work; CSN_CONFLICT with
 * x->replay.reused. */
enum csn_status csn_replay_work(struct csn_exchange *x, struct csn_store *store);

/* The outcome is known: drops what was encoded when it is a bad one. Returns: the answer is there.
 */
bool csn_replay_settle(struct csn_exchange *x, enum csn_status outcome);

#endif
