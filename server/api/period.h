/* Periods: `since` and `until`, of the query or the body, of what is told from recorded decisions.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_API_PERIOD_H
#define CSN_SERVER_API_PERIOD_H

#include "server/api/exchange.h"

#define CSN_PERIOD_DAYS_MAX 31
#define CSN_PERIOD_DAYS_DEFAULT 7

/* Out: whole days (UTC), moved outward, at most CSN_PERIOD_DAYS_MAX of them; absent: the last
 * CSN_PERIOD_DAYS_DEFAULT, today among them. Returns: false after it answered a problem. */
bool csn_period_days(struct csn_exchange *x, struct csn_bytes since, struct csn_bytes until,
                     int64_t *since_ms, int64_t *until_ms);

/* The same in whole hours; absent: the last seven times 24 hours, and the hour that is now. */
bool csn_period_hours(struct csn_exchange *x, struct csn_bytes since, struct csn_bytes until,
                      int64_t *since_ms, int64_t *until_ms);
/* The same of `since` and `until` in the body. */
bool csn_period_hours_said(struct csn_exchange *x, struct csn_bytes since, struct csn_bytes until,
                           int64_t *since_ms, int64_t *until_ms);

#endif
