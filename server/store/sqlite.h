/* Inside the store: the handle, and how a statement is written.
 *
 * An operation reads straight down. Parameters and columns are taken in the order the SQL names
 * them; the first failure sticks, so one check at the end suffices:
 *
 *     struct csn_query q = csn_query(store, "SELECT name, born FROM person WHERE app = ? AND id =
 * ?"); csn_query_id(&q, app); csn_query_bytes(&q, id); if (csn_query_row(&q)) { csn_row_text(&q,
 * out->name, sizeof out->name); out->born_ms = csn_row_int(&q);
 *     }
 *     return csn_query_end(&q);
 *
 * The SQL must be a string literal (or live as long as the store): statements are prepared once and
 * kept by its address. Every query is ended exactly once. A statement may not be begun again before
 * its query ended. Nothing here outlives the transaction it ran in.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_STORE_SQLITE_H
#define CSN_STORE_SQLITE_H

#include "server/store/store.h"
#include <sqlite3.h>

#define CSN_STATEMENTS_MAX 512         /* different statements of one store; a power of two */
#define CSN_STORE_BUSY_TIMEOUT_MS 2000 /* of a reader beside us, such as a backup */

struct csn_statement {
    const char *sql;
    sqlite3_stmt *handle;
};

struct csn_store {
    sqlite3 *db;
    int lock_fd; /* holds the lock on the directory; -1 for ":memory:" */
    bool open_transaction;
    bool cut_due;    /* something was erased: the write-ahead log is cut after the next commit */
    bool cut_missed; /* and could not be: csn_store_cut_again makes it due again */
    bool lost;       /* SQLite gave the transaction up: everything since begin is gone */
    struct csn_statement statements[CSN_STATEMENTS_MAX];
    /* Tests only: asked before each step, begin, savepoint, release and commit. True: it fails. */
    bool (*fault)(void *state);
    void *fault_state;
};

/* A statement on its way. {0} has failed. */
struct csn_query {
    struct csn_store *store;
    sqlite3_stmt *handle;
    int parameter;          /* the last one bound */
    int column;             /* the next one read */
    enum csn_status status; /* CSN_OK until something fails */
};

struct csn_query csn_query(struct csn_store *store, const char *sql);

/* Bind the next parameter. Bytes and text are borrowed until the query ended. */
void csn_query_id(struct csn_query *q, struct csn_id id);         /* TEXT; NULL for {0} */
void csn_query_bytes(struct csn_query *q, struct csn_bytes text); /* TEXT; NULL when ptr is NULL */
void csn_query_blob(struct csn_query *q, struct csn_bytes blob);  /* BLOB; NULL when ptr is NULL */
void csn_query_int(struct csn_query *q, int64_t value);

/* Returns: the next row is there. False at the end of the rows, and on failure. */
bool csn_query_row(struct csn_query *q);

/* Read the next column of the row. NULL reads as {0}, "", 0. A value that does not fit its place
 * was not written by us: the query fails. */
void csn_row_id(struct csn_query *q, struct csn_id *out);
void csn_row_text(struct csn_query *q, char *out, size_t cap);    /* terminated */
void csn_row_blob(struct csn_query *q, uint8_t *out, size_t len); /* exactly len bytes */
/* At most cap bytes. Returns: how many. */
size_t csn_row_blob_upto(struct csn_query *q, uint8_t *out, size_t cap);
struct csn_bytes csn_row_copy(struct csn_query *q, struct csn_arena *arena); /* TEXT or BLOB */
/* TEXT or BLOB, borrowed until the next row or the end. */
struct csn_bytes csn_row_view(struct csn_query *q);
int64_t csn_row_int(struct csn_query *q);
bool csn_row_null(const struct csn_query *q); /* the next column is NULL; does not pass it */

/* Ends the query. Returns: CSN_OK; CSN_CONFLICT (a constraint refused); CSN_NO_SPACE (the arena of
 * csn_row_copy is full); CSN_UNAVAILABLE (anything else). */
CSN_MUST_USE enum csn_status csn_query_end(struct csn_query *q);

/* Runs a statement that answers no rows, then ends it. Returns: as csn_query_end. */
CSN_MUST_USE enum csn_status csn_query_done(struct csn_query *q);

/* The same for one that must find something. Returns: CSN_NOT_FOUND when it answered no row (and
 * csn_query_first, having a row, leaves the query to be read and ended). */
CSN_MUST_USE enum csn_status csn_query_first(struct csn_query *q);

/* As csn_query_done, for a change: CSN_NOT_FOUND when no row was touched; or *count grows by the
 * rows touched. */
CSN_MUST_USE enum csn_status csn_query_touched(struct csn_query *q);
CSN_MUST_USE enum csn_status csn_query_counted(struct csn_query *q, uint64_t *count);

/* Returns: rows the last INSERT, UPDATE or DELETE touched. */
int64_t csn_store_changes(const struct csn_store *store);

/* What an SQLite result is to us. */
enum csn_status csn_store_status(int result);

/* schema.c: applies what is missing of csn_migrations. */
CSN_MUST_USE enum csn_status csn_store_migrate(struct csn_store *store);

/* Returns: CSN_OK when exactly csn_migrations are applied, else CSN_UNSUPPORTED; CSN_UNAVAILABLE.
 */
CSN_MUST_USE enum csn_status csn_store_is_current(struct csn_store *store);

/* statement.c: gives every prepared statement back. */
void csn_store_forget_statements(struct csn_store *store);

#endif
