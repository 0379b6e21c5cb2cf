/* Opening: one directory, one server, one connection; and how that connection is set.
 *
 * The directory is locked before SQLite sees the file, on a file of its own: SQLite's own locks are
 * the process's, and closing any other descriptor of the database would drop them. The database is
 * made here, 0600, before SQLite opens it; its -wal and -shm files take the same mode.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#define _DEFAULT_SOURCE /* flock */
#include "server/store/sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* synchronous=FULL: an answered commit survives a power cut (WAL with NORMAL does not promise it).
 * secure_delete: what is deleted is overwritten. The rest bounds memory and files. */
static const char settings[] = "PRAGMA journal_mode=WAL;"
                               "PRAGMA synchronous=FULL;"
                               "PRAGMA foreign_keys=ON;"
                               "PRAGMA secure_delete=ON;"
                               "PRAGMA trusted_schema=OFF;"
                               "PRAGMA temp_store=MEMORY;"
                               "PRAGMA cache_size=-32768;"
                               "PRAGMA wal_autocheckpoint=4096;"
                               "PRAGMA journal_size_limit=67108864;";

static enum csn_status
lock_directory(const char *directory, int *lock_fd)
{
    char path[PATH_MAX];
    int length = snprintf(path, sizeof path, "%s/countersign.lock", directory);
    if (length < 0 || (size_t)length >= sizeof path)
        return CSN_IO;
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return CSN_IO;
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        enum csn_status status = errno == EWOULDBLOCK ? CSN_CONFLICT : CSN_IO;
        close(fd);
        return status;
    }
    *lock_fd = fd;
    return CSN_OK;
}

static enum csn_status
make_file(const char *directory, char *path, size_t cap)
{
    int length = snprintf(path, cap, "%s/countersign.db", directory);
    if (length < 0 || (size_t)length >= cap)
        return CSN_IO;
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return CSN_IO;
    close(fd);
    return CSN_OK;
}

static enum csn_status
connect_to(struct csn_store *store, const char *path)
{
    int flags =
        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
    if (sqlite3_open_v2(path, &store->db, flags, NULL) != SQLITE_OK)
        return CSN_IO;
    sqlite3_extended_result_codes(store->db, 1);
    sqlite3_busy_timeout(store->db, CSN_STORE_BUSY_TIMEOUT_MS);
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    if (sqlite3_exec(store->db, settings, NULL, NULL, NULL) != SQLITE_OK)
        return CSN_IO;
    enum csn_status status = csn_store_migrate(store);
    return status == CSN_OK || status == CSN_UNSUPPORTED ? status : CSN_IO;
}

static enum csn_status
open_directory(struct csn_store *store, const char *directory)
{
    char path[PATH_MAX];
    if (mkdir(directory, 0700) != 0 && errno != EEXIST)
        return CSN_IO;
    enum csn_status status = lock_directory(directory, &store->lock_fd);
    if (status != CSN_OK)
        return status;
    status = make_file(directory, path, sizeof path);
    return status == CSN_OK ? connect_to(store, path) : status;
}

enum csn_status
csn_store_open(const char *directory, struct csn_store **out)
{
    *out = NULL;
    struct csn_store *store = calloc(1, sizeof *store);
    if (store == NULL)
        return CSN_NO_MEMORY;
    store->lock_fd = -1;
    store->cut_missed = true; /* whoever wrote before may have been killed in between */
    bool memory = strcmp(directory, ":memory:") == 0;
    enum csn_status status =
        memory ? connect_to(store, ":memory:") : open_directory(store, directory);
    if (status != CSN_OK) {
        csn_store_close(store);
        return status;
    }
    *out = store;
    return CSN_OK;
}

static enum csn_status
connect_reading(struct csn_store *store, const char *path)
{
    if (sqlite3_open_v2(path, &store->db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL) !=
        SQLITE_OK)
        return CSN_IO;
    sqlite3_extended_result_codes(store->db, 1);
    sqlite3_busy_timeout(store->db, CSN_STORE_BUSY_TIMEOUT_MS);
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    if (sqlite3_exec(store->db, "PRAGMA trusted_schema=OFF;PRAGMA temp_store=MEMORY;", NULL, NULL,
                     NULL) != SQLITE_OK)
        return CSN_IO;
    return csn_store_is_current(store);
}

enum csn_status
csn_store_open_reading(const char *directory, struct csn_store **out)
{
    char path[PATH_MAX];
    *out = NULL;
    int length = snprintf(path, sizeof path, "%s/countersign.db", directory);
    if (length < 0 || (size_t)length >= sizeof path)
        return CSN_IO;
    if (access(path, R_OK) != 0)
        return errno == ENOENT || errno == ENOTDIR ? CSN_NOT_FOUND : CSN_IO;
    struct csn_store *store = calloc(1, sizeof *store);
    if (store == NULL)
        return CSN_NO_MEMORY;
    store->lock_fd = -1;
    enum csn_status status = connect_reading(store, path);
    if (status != CSN_OK) {
        csn_store_close(store);
        return status;
    }
    *out = store;
    return CSN_OK;
}

void
csn_store_close(struct csn_store *store)
{
    if (store == NULL)
        return;
    csn_store_forget_statements(store);
    sqlite3_close(store->db);
    if (store->lock_fd >= 0)
        close(store->lock_fd);
    free(store);
}
