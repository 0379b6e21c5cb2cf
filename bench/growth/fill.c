/* Filling by SQL. See fill.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "bench/growth/fill.h"

#include "base/panic.h"
#include "server/store/sqlite.h"

#define STATEMENTS_MAX 8
#define CACHE_FULL "PRAGMA cache_size=-1048576" /* KiB; only while filling */
#define CACHE_USUAL "PRAGMA cache_size=-32768"  /* as server/store/sqlite_open.c sets it */

struct csn_fill {
    struct csn_job job; /* first */
    bool (*write)(struct csn_fill *fill, void *state);
    void *state;
    sqlite3 *db;
    struct {
        const char *sql;
        sqlite3_stmt *statement;
    } statements[STATEMENTS_MAX];
};

static enum csn_status
run(struct csn_job *job, struct csn_store *store)
{
    struct csn_fill *fill = (struct csn_fill *)job;
    fill->db = store->db;
    sqlite3_exec(fill->db, CACHE_FULL, NULL, NULL, NULL);
    bool held = fill->write(fill, fill->state);
    for (size_t i = 0; i < STATEMENTS_MAX; i++)
        sqlite3_finalize(fill->statements[i].statement);
    sqlite3_exec(fill->db, CACHE_USUAL, NULL, NULL, NULL);
    return held ? CSN_OK : CSN_UNAVAILABLE;
}

bool
csn_fill_run(struct csn_served *served, bool (*write)(struct csn_fill *fill, void *state),
             void *state)
{
    struct csn_fill fill = {.job = {.run = run}, .write = write, .state = state};
    return csn_queue_run(served->server.service.queue, &fill.job) == CSN_OK;
}

sqlite3_stmt *
csn_fill_statement(struct csn_fill *fill, const char *sql)
{
    size_t at = 0;
    while (at < STATEMENTS_MAX && fill->statements[at].sql != NULL &&
           fill->statements[at].sql != sql)
        at++;
    CSN_ASSERT(at < STATEMENTS_MAX);
    if (fill->statements[at].sql == NULL) {
        int result = sqlite3_prepare_v2(fill->db, sql, -1, &fill->statements[at].statement, NULL);
        CSN_ASSERT(result == SQLITE_OK);
        fill->statements[at].sql = sql;
    }
    return fill->statements[at].statement;
}

void
csn_fill_text(sqlite3_stmt *statement, int at, const char *text)
{
    sqlite3_bind_text(statement, at, text, -1, SQLITE_STATIC);
}

bool
csn_fill_done(sqlite3_stmt *statement)
{
    int result = sqlite3_step(statement);
    sqlite3_reset(statement);
    return result == SQLITE_DONE;
}
