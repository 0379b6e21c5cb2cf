/* Copying and checking database files. See backup.h.
 *
 * One step copies all pages under one read transaction: in WAL mode that holds up nobody, and what
 * is committed meanwhile is simply not in the copy.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/store/backup.h"

#include <string.h>

#include "server/store/migrations.h"
#include "server/store/sqlite.h"

static enum csn_status
copy_into(struct csn_store *from, sqlite3 *to)
{
    sqlite3_backup *copy = sqlite3_backup_init(to, "main", from->db, "main");
    if (copy == NULL)
        return CSN_UNAVAILABLE;
    int result = sqlite3_backup_step(copy, -1);
    int finished = sqlite3_backup_finish(copy);
    return result == SQLITE_DONE && finished == SQLITE_OK ? CSN_OK : CSN_UNAVAILABLE;
}

enum csn_status
csn_store_copy(const char *directory, const char *path)
{
    struct csn_store *from = NULL;
    enum csn_status status = csn_store_open_reading(directory, &from);
    if (status != CSN_OK)
        return status;
    sqlite3 *to = NULL;
    status = CSN_IO;
    if (sqlite3_open_v2(path, &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) == SQLITE_OK)
        status = copy_into(from, to);
    if (sqlite3_close(to) != SQLITE_OK && status == CSN_OK)
        status = CSN_IO;
    csn_store_close(from);
    return status;
}

/* --- the schema --- */

enum csn_status
csn_store_schema(struct csn_store *store, int64_t *version)
{
    struct csn_query q = csn_query(store, "SELECT coalesce(max(number), 0) FROM schema_version");
    enum csn_status status = csn_query_first(&q);
    if (status != CSN_OK)
        return status;
    *version = csn_row_int(&q);
    return csn_query_end(&q);
}

int64_t
csn_store_schema_known(void)
{
    int64_t newest = 0;
    for (size_t i = 0; i < csn_migration_count; i++)
        newest = csn_migrations[i].number > newest ? csn_migrations[i].number : newest;
    return newest;
}

/* --- checking --- */

static int
note_row(void *state, int count, char **values, char **names)
{
    (void)names;
    bool *sound = state;
    if (count < 1 || values[0] == NULL || strcmp(values[0], "ok") != 0)
        *sound = false;
    return 0;
}

static enum csn_status
check_pages(sqlite3 *db)
{
    bool sound = true;
    if (sqlite3_exec(db, "PRAGMA integrity_check", note_row, &sound, NULL) != SQLITE_OK)
        return CSN_INVALID;
    /* A row of this one is a reference to nothing. */
    if (sqlite3_exec(db, "PRAGMA foreign_key_check", note_row, &sound, NULL) != SQLITE_OK)
        return CSN_INVALID;
    return sound ? CSN_OK : CSN_INVALID;
}

static enum csn_status
check_schema(struct csn_store *store)
{
    int64_t version = 0;
    int result = sqlite3_table_column_metadata(store->db, "main", "schema_version", "number", NULL,
                                               NULL, NULL, NULL, NULL);
    if (result != SQLITE_OK)
        return CSN_INVALID;
    enum csn_status status = csn_store_schema(store, &version);
    if (status != CSN_OK)
        return status;
    return version > csn_store_schema_known() ? CSN_UNSUPPORTED : CSN_OK;
}

enum csn_status
csn_store_check(const char *path)
{
    struct csn_store store = {.lock_fd = -1};
    enum csn_status status = CSN_IO;
    if (sqlite3_open_v2(path, &store.db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) ==
        SQLITE_OK) {
        status = check_pages(store.db);
        if (status == CSN_OK)
            status = check_schema(&store);
    }
    csn_store_forget_statements(&store);
    sqlite3_close(store.db);
    return status;
}
