/* The store: one SQLite database, one connection that does all writes and checkpoints
 * (3.40.1 lies in the range of the WAL-reset race, so a second writer is not an option).
 *
 * Work reaches it as semantic operations (login, add key, ...), each one function over this handle
 * that runs inside the transaction of the queue (queue.h). The operations themselves are declared
 * beside the rows they speak of: registry_rows.h, session_rows.h, decision_rows.h. No caller above
 * this folder writes SQL.
 *
 * Every operation is atomic by itself: the queue wraps it in a savepoint and rolls that back when
 * it returns anything but CSN_OK. Operations return CSN_UNAVAILABLE for a busy, full or failing
 * database.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_STORE_STORE_H
#define CSN_SERVER_STORE_STORE_H

#include "server/domain/model.h"

struct csn_store;

/* Opens (and creates, 0600) `directory`/countersign.db: WAL, synchronous=FULL, foreign keys on;
 * takes an exclusive lock so that a second server on the same directory is refused (CSN_CONFLICT);
 * applies the numbered migrations of server/store/schema/ in order, each in one transaction.
 * `directory` ":memory:" opens a private database without a file, for tests.
 * Returns: CSN_OK; CSN_CONFLICT; CSN_UNSUPPORTED (the database is newer than this program); CSN_IO;
 * CSN_NO_MEMORY.
 */
CSN_MUST_USE enum csn_status csn_store_open(const char *directory, struct csn_store **out);

/* Opens the database of `directory` for reading, also beside the server that has it open: takes no
 * lock, writes nothing, checkpoints nothing. Returns: as csn_store_open; CSN_NOT_FOUND (there is no
 * database); CSN_UNSUPPORTED (another schema than this program's: start the server on it first, or
 * use its own program). */
CSN_MUST_USE enum csn_status csn_store_open_reading(const char *directory, struct csn_store **out);
/* Begins a transaction that sees one state throughout; ends with csn_store_rollback. */
CSN_MUST_USE enum csn_status csn_store_begin_reading(struct csn_store *store);

/* Checkpoints and closes. Accepts NULL. */
void csn_store_close(struct csn_store *store);

/* One transaction around many operations; a savepoint around each. Used by the queue and by tests.
 */
CSN_MUST_USE enum csn_status csn_store_begin(struct csn_store *store);
CSN_MUST_USE enum csn_status csn_store_commit(struct csn_store *store);
void csn_store_rollback(struct csn_store *store);
CSN_MUST_USE enum csn_status csn_store_savepoint(struct csn_store *store);
CSN_MUST_USE enum csn_status
csn_store_release(struct csn_store *store); /* keep since the savepoint */
/* Returns: rows changed through this handle since it was opened, also those undone later: what an
 * operation changed is seen by asking before and after. */
int64_t csn_store_total_changes(const struct csn_store *store);
/* A commit that erased something empties the write-ahead log at once, and waits for nobody: where a
 * reader still needs that log, it stays. Then this, inside a transaction, makes its commit try
 * again; it does nothing where nothing waits to be cut. For the housekeeper. */
void csn_store_cut_again(struct csn_store *store);

/* Forgets what was done since the savepoint. Returns: CSN_OK; CSN_UNAVAILABLE when the transaction
 * itself is lost and has to be rolled back. */
CSN_MUST_USE enum csn_status csn_store_undo(struct csn_store *store);

#endif
