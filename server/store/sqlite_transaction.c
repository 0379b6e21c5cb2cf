/* Transactions and savepoints.
 *
 * Some failures (disk full, I/O, memory) make SQLite roll the whole transaction back by itself.
 * That is seen by its autocommit flag, and remembered as `lost`: nothing more runs, and commit
 * refuses, until rollback has been called.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/store/sqlite.h"

static enum csn_status
run(struct csn_store *store, const char *sql)
{
    struct csn_query q = csn_query(store, sql);
    return csn_query_done(&q);
}

enum csn_status
csn_store_begin(struct csn_store *store)
{
    enum csn_status status = run(store, "BEGIN IMMEDIATE");
    store->open_transaction = status == CSN_OK;
    return status;
}

/* Empties the write-ahead log, so that no page stays in it that held what was erased since. A
 * reader may need it for hours, and this is the one thread that writes: it does not wait. */
static void
cut(struct csn_store *store)
{
    sqlite3_busy_timeout(store->db, 0);
    int rc = sqlite3_wal_checkpoint_v2(store->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    sqlite3_busy_timeout(store->db, CSN_STORE_BUSY_TIMEOUT_MS);
    store->cut_due = false;
    store->cut_missed = rc != SQLITE_OK;
}

void
csn_store_cut_again(struct csn_store *store)
{
    store->cut_due = store->cut_due || store->cut_missed;
}

enum csn_status
csn_store_begin_reading(struct csn_store *store)
{
    enum csn_status status = run(store, "BEGIN");
    store->open_transaction = status == CSN_OK;
    return status;
}

enum csn_status
csn_store_commit(struct csn_store *store)
{
    if (!store->open_transaction)
        return CSN_UNAVAILABLE;
    enum csn_status status = run(store, "COMMIT");
    if (status != CSN_OK) {
        csn_store_rollback(store);
        return CSN_UNAVAILABLE;
    }
    store->open_transaction = false;
    if (store->cut_due)
        cut(store);
    return CSN_OK;
}

/* Not through csn_query: it must work whatever has failed before. */
void
csn_store_rollback(struct csn_store *store)
{
    if (!sqlite3_get_autocommit(store->db))
        sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
    store->open_transaction = false;
    store->lost = false;
}

enum csn_status
csn_store_savepoint(struct csn_store *store)
{
    return run(store, "SAVEPOINT operation");
}

enum csn_status
csn_store_release(struct csn_store *store)
{
    return run(store, "RELEASE operation");
}

enum csn_status
csn_store_undo(struct csn_store *store)
{
    if (store->lost || sqlite3_get_autocommit(store->db) ||
        sqlite3_exec(store->db, "ROLLBACK TO operation; RELEASE operation", NULL, NULL, NULL) !=
            SQLITE_OK) {
        store->lost = true;
        return CSN_UNAVAILABLE;
    }
    return CSN_OK;
}

int64_t
csn_store_total_changes(const struct csn_store *store)
{
    return sqlite3_total_changes64(store->db);
}
