/* Inside the store: what is noted of each day of an app while a batch of decisions is written.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_STORE_SQLITE_VISITORS_H
#define CSN_STORE_SQLITE_VISITORS_H

#include "server/store/decision_rows.h"
#include "server/store/sqlite.h"

struct csn_decision_day {
    struct csn_id app; /* {0}: this place is free */
    int64_t day_ms;
    int64_t level, visitors, kinds;
};

/* The days of one batch that were looked at last; {0} is empty. */
#define CSN_DAY_ROWS_HELD 16
struct csn_day_rows {
    struct csn_decision_day held[CSN_DAY_ROWS_HELD];
    size_t next; /* the one to be written and given to another */
};

/* Out: *day, to be changed in place; good until the next call. */
CSN_MUST_USE enum csn_status csn_day_rows_get(struct csn_day_rows *days, struct csn_store *store,
                                              struct csn_id app, int64_t at_ms,
                                              struct csn_decision_day **day);
/* Writes what was changed. Call it once, at the end. */
CSN_MUST_USE enum csn_status csn_day_rows_write(struct csn_day_rows *days, struct csn_store *store);

/* Returns: how many zero bits a visitor's hash begins with, as far as levels go. */
unsigned csn_visitor_level_of(const uint8_t hash[16]);

/* Of this app's day, visitors below `level` were dropped before they came here. */
CSN_MUST_USE enum csn_status csn_store_visitor_level(struct csn_store *store,
                                                     struct csn_day_rows *days, struct csn_id app,
                                                     int64_t at_ms, unsigned level);
CSN_MUST_USE enum csn_status csn_store_visitor_add(struct csn_store *store,
                                                   struct csn_day_rows *days,
                                                   const struct csn_decision_visitor *visitor);

#endif
