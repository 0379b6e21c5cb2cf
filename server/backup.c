/* Backup and restore of a data folder; see include/countersign/server.h. What comes to be is made
 * beside its place and moved there when it is whole: neither a half backup nor a half database is
 * ever found under its name.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/backup_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server/domain/audit.h"
#include "server/domain/master_key.h"
#include "server/store/audit_rows.h"
#include "server/store/backup.h"
#include "server/store/log_rows.h"
#include "server/store/registry_rows.h"

static enum csn_status refuse(struct csn_backup_info *info, enum csn_status status,
                              const char *format, ...) __attribute__((format(printf, 3, 4)));

static enum csn_status
refuse(struct csn_backup_info *info, enum csn_status status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(info->problem, sizeof info->problem, format, arguments);
    va_end(arguments);
    return status;
}

static bool
join(char out[PATH_MAX], const char *a, const char *b)
{
    int length = snprintf(out, PATH_MAX, "%s%s", a, b);
    return length > 0 && length < PATH_MAX;
}

/* The folder of `path` remembers its new name. */
static enum csn_status
sync_folder(const char *path)
{
    char folder[PATH_MAX];
    if (!join(folder, path, ""))
        return CSN_IO;
    char *slash = strrchr(folder, '/');
    if (slash != NULL)
        slash[slash == folder ? 1 : 0] = '\0';
    int fd = open(slash != NULL ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return CSN_IO;
    int synced = fsync(fd);
    close(fd);
    return synced == 0 ? CSN_OK : CSN_IO;
}

/* --- what is in the copy --- */

static enum csn_status
find_root(struct csn_store *store, struct csn_id *out)
{
    uint8_t memory[CSN_NAME_MAX + 64];
    struct csn_account_row row = {0};
    size_t count = 1;
    *out = (struct csn_id){0};
    while (count == 1) {
        struct csn_arena arena = csn_arena_over(memory, sizeof memory);
        enum csn_status status = csn_store_account_list(store, row.id, &arena, &row, 1, &count);
        if (status != CSN_OK)
            return status;
        if (count == 1 && row.root) {
            *out = row.id;
            return CSN_OK;
        }
    }
    return CSN_OK;
}

static enum csn_status
read_head(struct csn_store *store, struct csn_backup_info *info)
{
    struct csn_id root;
    int64_t number = 0;
    uint8_t hash[CSN_AUDIT_HASH];
    enum csn_status status = find_root(store, &root);
    if (status == CSN_OK)
        status = csn_store_audit_head(store, root, &number, hash);
    if (status != CSN_OK)
        return status == CSN_NOT_FOUND ? CSN_OK : status;
    struct csn_buffer text = csn_buffer_over(info->audit_head, sizeof info->audit_head - 1);
    csn_buffer_int(&text, number);
    csn_buffer_byte(&text, ':');
    csn_buffer_hex(&text, csn_bytes_of(hash, sizeof hash));
    info->audit_head[text.len] = '\0';
    return CSN_OK;
}

/* Of the folder, a moment before it is copied: what is noted is in the copy. */
static enum csn_status
describe(const char *data, struct csn_backup_info *info)
{
    struct csn_store *store = NULL;
    enum csn_status status = csn_store_open_reading(data, &store);
    if (status != CSN_OK)
        return status;
    status = csn_store_begin_reading(store);
    if (status == CSN_OK)
        status = csn_store_schema(store, &info->schema);
    if (status == CSN_OK)
        status = csn_master_key_print_read(store, info->master_key);
    if (status == CSN_OK)
        status = read_head(store, info);
    csn_store_rollback(store);
    csn_store_close(store);
    return status;
}

/* --- backup --- */

static enum csn_status
fill(const char *data, const char *path, struct csn_backup_info *info)
{
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return refuse(info, CSN_IO, "%.300s cannot be made: %s", path, strerror(errno));
    enum csn_status status = csn_store_copy(data, path);
    if (status == CSN_OK)
        status = csn_backup_seal(fd, info);
    if (close(fd) != 0 && status == CSN_OK)
        status = CSN_IO;
    if (status != CSN_OK)
        return refuse(info, status, "The copy could not be written to %.300s.", path);
    return CSN_OK;
}

enum csn_status
csn_backup_make(const char *data, const char *file, struct csn_backup_info *info, int64_t now_ms)
{
    char partial[PATH_MAX];
    *info = (struct csn_backup_info){.made_ms = now_ms};
    if (!join(partial, file, ".partial"))
        return refuse(info, CSN_INVALID, "The path is too long.");
    if (access(file, F_OK) == 0)
        return refuse(info, CSN_CONFLICT, "%.300s exists; a backup never overwrites.", file);
    enum csn_status status = describe(data, info);
    if (status == CSN_NOT_FOUND)
        return refuse(info, status, "There is no database in %.300s.", data);
    if (status == CSN_UNSUPPORTED)
        return refuse(info, status, "%.300s was made by another version of this program.", data);
    if (status != CSN_OK)
        return refuse(info, status, "%.300s cannot be read.", data);
    status = fill(data, partial, info);
    /* link() makes the name only where there is none. */
    if (status == CSN_OK && link(partial, file) != 0)
        status = refuse(info, errno == EEXIST ? CSN_CONFLICT : CSN_IO, "%.300s: %s", file,
                        strerror(errno));
    if (status == CSN_OK || access(partial, F_OK) == 0)
        unlink(partial);
    if (status == CSN_OK && sync_folder(file) != CSN_OK)
        status = refuse(info, CSN_IO, "The folder of %.300s cannot be synced.", file);
    return status;
}

/* --- restore --- */

/* Returns: there is nothing in it but, perhaps, the master key. */
static bool
is_empty(const char *data)
{
    DIR *folder = opendir(data);
    bool empty = folder != NULL;
    struct dirent *entry;
    while (empty && (entry = readdir(folder)) != NULL)
        empty = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
                strcmp(entry->d_name, "master.key") == 0;
    if (folder != NULL)
        closedir(folder);
    return empty;
}

static enum csn_status
unpack(const struct csn_backup_file *from, const char *path, struct csn_backup_info *info)
{
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return refuse(info, CSN_IO, "%.300s cannot be made: %s", path, strerror(errno));
    enum csn_status status = csn_backup_write(fd, from->ptr, from->database);
    if (fsync(fd) != 0 || close(fd) != 0 || status != CSN_OK)
        return refuse(info, CSN_IO, "%.300s cannot be written.", path);
    status = csn_store_check(path);
    if (status == CSN_UNSUPPORTED)
        return refuse(info, status, "The backup is of a newer version of this program.");
    if (status != CSN_OK)
        return refuse(info, CSN_INVALID, "The database in the backup is damaged.");
    return CSN_OK;
}

static enum csn_status
note_restore(struct csn_store *store, int64_t now_ms)
{
    struct csn_audit_entry entry = {.operation = "restore"};
    enum csn_status status = find_root(store, &entry.account);
    if (status != CSN_OK || entry.account.text[0] == '\0')
        return status;
    return csn_audit_append(store, &entry, now_ms);
}

/* Devices may have read further than the backup knows. Numbers they have read up to are never given
 * to other items, or those would not be shown to them. */
#define LEAP 1000000 /* items of one log in the time since the backup, at most */

static enum csn_status
note(struct csn_store *store, int64_t now_ms)
{
    enum csn_status status = csn_store_logs_leap(store, LEAP);
    return status == CSN_OK ? note_restore(store, now_ms) : status;
}

/* As a server opens it, so older schemas are brought up to date here. */
static enum csn_status
write_notes(const char *data, struct csn_backup_info *info, int64_t now_ms)
{
    struct csn_store *store = NULL;
    enum csn_status status = csn_store_open(data, &store);
    if (status == CSN_OK)
        status = csn_store_begin(store);
    if (status == CSN_OK) {
        status = note(store, now_ms);
        if (status == CSN_OK)
            status = csn_store_commit(store);
        else
            csn_store_rollback(store);
    }
    csn_store_close(store);
    return status == CSN_OK ? CSN_OK
                            : refuse(info, status, "The restored database cannot be opened.");
}

static enum csn_status
restore_into(const struct csn_backup_file *from, const char *data, struct csn_backup_info *info,
             int64_t now_ms)
{
    char partial[PATH_MAX], place[PATH_MAX];
    if (!join(partial, data, "/restore.partial") || !join(place, data, "/countersign.db"))
        return refuse(info, CSN_INVALID, "The path is too long.");
    if (mkdir(data, 0700) != 0 && errno != EEXIST)
        return refuse(info, CSN_IO, "%.300s cannot be made: %s", data, strerror(errno));
    if (!is_empty(data))
        return refuse(info, CSN_CONFLICT,
                      "%.300s is not empty; restore makes a new folder and changes none.", data);
    enum csn_status status = unpack(from, partial, info);
    if (status == CSN_OK && rename(partial, place) != 0)
        status = refuse(info, CSN_IO, "%.300s: %s", place, strerror(errno));
    if (status != CSN_OK) {
        unlink(partial);
        return status;
    }
    if (sync_folder(place) != CSN_OK)
        return refuse(info, CSN_IO, "%.300s cannot be synced.", data);
    return write_notes(data, info, now_ms);
}

enum csn_status
csn_backup_restore(const char *file, const char *data, struct csn_backup_info *info, int64_t now_ms)
{
    struct csn_backup_file from;
    *info = (struct csn_backup_info){0};
    enum csn_status status = csn_backup_open(file, &from, info);
    if (status == CSN_INVALID)
        return refuse(info, status, "%.300s is no backup, or it is damaged.", file);
    if (status != CSN_OK)
        return refuse(info, status, "%.300s cannot be read: %s", file, strerror(errno));
    if (info->schema > csn_store_schema_known())
        status = refuse(info, CSN_UNSUPPORTED, "The backup is of a newer version of this program.");
    else
        status = restore_into(&from, data, info, now_ms);
    csn_backup_close(&from);
    return status;
}
