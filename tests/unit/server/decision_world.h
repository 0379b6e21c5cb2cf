/* A store, its queue and an empty gathering of decisions: what the tests of decisions share.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_TESTS_SERVER_DECISION_WORLD_H
#define CSN_TESTS_SERVER_DECISION_WORLD_H

#include "server/domain/decisions.h"
#include "server/store/decision_rows.h"
#include "tests/unit/server/session_world.h"

#define HOUR_MS 3600000LL
#define DAY_MS (24 * HOUR_MS)
#define NOW 1795219200000LL /* 2026-11-21T00:00:00Z: the first millisecond of a day */
#define ROWS_MAX 125        /* of one thread, between two flushes */

extern struct world w;
extern struct csn_queue *queue;
extern struct csn_decisions *decisions;

int decision_setup(void **state);
int decision_teardown(void **state);

/* A refusal with every member that a row keeps, 5 ms into the hour. */
struct csn_decision decision(void);
void record(const struct csn_decision *d, int times);
/* The usual one, by a version of the app that is this number. */
void record_version(int number);
void flush(void);

/* What the store has: decisions counted, their kinds, rows, and how many those stand for. */
int64_t counted(void);
int64_t kinds(void);
int64_t rows(void);
int64_t weight(void);

#endif
