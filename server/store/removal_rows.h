/* What an app that was removed leaves behind (0020-removed-apps-and-log-bytes.sql).
 *
 *   removed   the app's row, and with it its keys, API keys, webhooks, experiences, broadcasts and
 *             evidence, go in the transaction of the request (csn_store_app_remove): each of these
 *             has a bound. After the commit the write-ahead log is cut
 *   swept     what has no bound goes afterwards, slice by slice: the customers' keys first, so that
 *             nothing sealed with them can be read, then the rows, customers last
 *   settled   a request that held the app while it was removed may write yet: what comes late is
 *             looked for once more. From then on nothing carries the id but the audit and the row
 *             of the removal, which keeps the id from being used again
 *
 * How far it has come lies in the store: a restart in the middle goes on.
 * Not found here: answers kept under an Idempotency-Key. They name no app, and expire in a day.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_STORE_REMOVAL_ROWS_H
#define CSN_SERVER_STORE_REMOVAL_ROWS_H

#include "server/store/store.h"

#define CSN_REMOVED_SETTLES_MS                                                                     \
    3600000LL /* what may still be written for an app, has been by then */
#define CSN_REMOVED_DELIVERIES_FACTOR 10 /* they are small, and others wait behind those due */

/* One slice of one app: at most `limit` customers or rows, and as many deliveries times the factor.
 * Out: *more: there was one, so call again. Returns: CSN_OK; CSN_UNAVAILABLE.
 * Cost: in proportion to the limit, whatever the app has. */
CSN_MUST_USE enum csn_status csn_store_removed_app_sweep(struct csn_store *store, size_t limit,
                                                         bool *more, int64_t now_ms);

#endif
