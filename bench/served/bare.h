/* The reference: what a bare C program on SQLite reaches with the same rows.
 *
 * The database is made and opened as the server's is, by csn_store_open, so that tables, indexes
 * and pragmas are the same by construction; from then on sqlite3 alone is called. Threads hand rows
 * to one writer, which commits what has gathered, as many as the server's queue would. Nothing is
 * judged, looked up, sealed or answered.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_BENCH_BARE_H
#define CSN_BENCH_BARE_H

#include <semaphore.h>
#include <sqlite3.h>

#include "bench/served/turns.h"

#define CSN_BARE_STATEMENTS_MAX 8

struct csn_bare;

/* Rows to be written. Embed it; `write` runs on the writer's thread inside the transaction. */
struct csn_bare_rows {
    bool (*write)(struct csn_bare *bare, struct csn_bare_rows *rows);
    struct csn_bare_rows *next; /* the writer's */
    sem_t done;
    bool held;
};

/* In: the statements, prepared once, NULL behind the last. Returns: NULL after saying why. */
struct csn_bare *csn_bare_open(const char *where, const char *const *sql);
void csn_bare_close(struct csn_bare *bare); /* accepts NULL */

sqlite3_stmt *csn_bare_statement(struct csn_bare *bare, size_t index);
const char *csn_bare_folder(const struct csn_bare *bare);
/* Steps and resets. Returns: it was done. */
bool csn_bare_done(sqlite3_stmt *statement);

/* Returns, after the commit: it is durable. */
bool csn_bare_write(struct csn_bare *bare, struct csn_bare_rows *rows);

/* Returns: how many were committed at once, on average, since the last call. */
double csn_bare_batch(struct csn_bare *bare);

int64_t csn_bare_now_ms(void); /* by the system's clock */

/* One row of `customers`, made up: the same sizes as a real one. For filling; in a transaction. */
bool csn_bare_customer(sqlite3_stmt *statement, const char *app, const char *id,
                       const unsigned char identity_hash[16], int64_t now_ms);
#define CSN_BARE_CUSTOMER                                                                          \
    "INSERT INTO customers (app, id, identity_hash, identity_sealed, key_sealed, assurance, "      \
    "created, seen, revoked_before) VALUES (?, ?, ?, ?, ?, 3, ?, ?, 0)"

#endif
