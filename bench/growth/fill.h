/* Filling a served store with rows by SQL, in one transaction on the store's own connection.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_BENCH_FILL_H
#define CSN_BENCH_FILL_H

#include <sqlite3.h>

#include "bench/served/served.h"

struct csn_fill;

/* Runs `write` inside one transaction, with memory enough that indexes are built in it. Returns: it
 * was committed. */
bool csn_fill_run(struct csn_served *served, bool (*write)(struct csn_fill *fill, void *state),
                  void *state);

/* Prepares once, by the literal's address. Ends the program where the SQL is wrong. */
sqlite3_stmt *csn_fill_statement(struct csn_fill *fill, const char *sql);
void csn_fill_text(sqlite3_stmt *statement, int at, const char *text); /* borrowed until done */
bool csn_fill_done(sqlite3_stmt *statement);

#endif
