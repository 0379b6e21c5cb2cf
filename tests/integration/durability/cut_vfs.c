/* A file system that can lose its power. See cut_vfs.h.
 *
 * Only what SQLite asks of a file is passed on; xSync besides remembers the content. The memory is
 * one table of paths, used by one thread at a time.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "tests/integration/durability/cut_vfs.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/integration/durability/acts.h"

#define PATH_LENGTH 256
#define FILES_MAX 64
#define SECTOR 512

struct content {
    uint8_t *bytes;
    size_t size;
};

struct remembered {
    char path[PATH_LENGTH];
    struct content synced;
};

struct cut_file {
    sqlite3_file base;
    char path[PATH_LENGTH];
    sqlite3_file *real; /* behind this struct, in SQLite's memory */
};

static struct remembered memory[FILES_MAX];
static sqlite3_vfs cut_vfs, *real_vfs;
static void (*before_change)(void *state);
static void *before_state;

/* --- memory --- */

static struct content
read_whole(const char *path)
{
    struct content content = {0};
    struct stat found;
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return content;
    }
    require(fstat(fileno(file), &found) == 0, "no size of", path);
    content.size = (size_t)found.st_size;
    content.bytes = malloc(content.size + 1);
    require(content.bytes != NULL && fread(content.bytes, 1, content.size, file) == content.size,
            "cannot read", path);
    fclose(file);
    return content;
}

static struct remembered *
memory_of(const char *path)
{
    for (int i = 0; i < FILES_MAX; i++) {
        if (memory[i].path[0] == '\0' || strcmp(memory[i].path, path) == 0) {
            snprintf(memory[i].path, sizeof memory[i].path, "%s", path);
            return &memory[i];
        }
    }
    fail("too many files", path);
}

static void
remember(const char *path)
{
    struct remembered *entry = memory_of(path);
    free(entry->synced.bytes);
    entry->synced = read_whole(path);
}

/* --- the cut --- */

/* Sector by sector: as synced, or as written since. */
static void
write_mixed(const char *path, const struct content *synced, const struct content *now,
            uint64_t *dice_state)
{
    size_t size = dice(dice_state, 2) == 0 ? synced->size : now->size;
    FILE *file = fopen(path, "wb");
    require(file != NULL, "cannot write", path);
    for (size_t at = 0; at < size; at += SECTOR) {
        const struct content *from = dice(dice_state, 2) == 0 ? synced : now;
        from = at < from->size ? from : at < synced->size ? synced : now;
        size_t end = at + SECTOR < size ? at + SECTOR : size;
        end = end < from->size ? end : from->size;
        require(end > at && fwrite(from->bytes + at, 1, end - at, file) == end - at, "cannot write",
                path);
    }
    fclose(file);
}

void
cut_vfs_take(const char *directory, const char *into, uint64_t *dice_state)
{
    static const char *const names[] = {"countersign.db", "countersign.db-wal"};
    require(mkdir(into, 0700) == 0, "no directory", into);
    for (int i = 0; i < 2; i++) {
        char from[PATH_LENGTH], to[PATH_LENGTH];
        snprintf(from, sizeof from, "%s/%s", directory, names[i]);
        snprintf(to, sizeof to, "%s/%s", into, names[i]);
        struct content now = read_whole(from);
        write_mixed(to, &memory_of(from)->synced, &now, dice_state);
        free(now.bytes);
    }
}

/* --- passing on --- */

static sqlite3_file *
real(sqlite3_file *file)
{
    return ((struct cut_file *)file)->real;
}

static int
cut_close(sqlite3_file *f)
{
    return real(f)->pMethods->xClose(real(f));
}

static int
cut_read(sqlite3_file *f, void *out, int amount, sqlite3_int64 at)
{
    return real(f)->pMethods->xRead(real(f), out, amount, at);
}

static int
cut_write(sqlite3_file *f, const void *bytes, int amount, sqlite3_int64 at)
{
    before_change(before_state);
    return real(f)->pMethods->xWrite(real(f), bytes, amount, at);
}

static int
cut_truncate(sqlite3_file *f, sqlite3_int64 size)
{
    return real(f)->pMethods->xTruncate(real(f), size);
}

static int
cut_sync(sqlite3_file *f, int flags)
{
    before_change(before_state);
    int result = real(f)->pMethods->xSync(real(f), flags);
    remember(((struct cut_file *)f)->path);
    return result;
}

static int
cut_size(sqlite3_file *f, sqlite3_int64 *size)
{
    return real(f)->pMethods->xFileSize(real(f), size);
}

static int
cut_lock(sqlite3_file *f, int level)
{
    return real(f)->pMethods->xLock(real(f), level);
}

static int
cut_unlock(sqlite3_file *f, int level)
{
    return real(f)->pMethods->xUnlock(real(f), level);
}

static int
cut_check_lock(sqlite3_file *f, int *out)
{
    return real(f)->pMethods->xCheckReservedLock(real(f), out);
}

static int
cut_control(sqlite3_file *f, int op, void *argument)
{
    return real(f)->pMethods->xFileControl(real(f), op, argument);
}

static int
cut_sector_size(sqlite3_file *f)
{
    return real(f)->pMethods->xSectorSize(real(f));
}

static int
cut_characteristics(sqlite3_file *f)
{
    return real(f)->pMethods->xDeviceCharacteristics(real(f));
}

static int
cut_shm_map(sqlite3_file *f, int page, int size, int extend, void volatile **out)
{
    return real(f)->pMethods->xShmMap(real(f), page, size, extend, out);
}

static int
cut_shm_lock(sqlite3_file *f, int offset, int n, int flags)
{
    return real(f)->pMethods->xShmLock(real(f), offset, n, flags);
}

static void
cut_shm_barrier(sqlite3_file *f)
{
    real(f)->pMethods->xShmBarrier(real(f));
}

static int
cut_shm_unmap(sqlite3_file *f, int delete_it)
{
    return real(f)->pMethods->xShmUnmap(real(f), delete_it);
}

static const sqlite3_io_methods cut_methods = {
    .iVersion = 2,
    .xClose = cut_close,
    .xRead = cut_read,
    .xWrite = cut_write,
    .xTruncate = cut_truncate,
    .xSync = cut_sync,
    .xFileSize = cut_size,
    .xLock = cut_lock,
    .xUnlock = cut_unlock,
    .xCheckReservedLock = cut_check_lock,
    .xFileControl = cut_control,
    .xSectorSize = cut_sector_size,
    .xDeviceCharacteristics = cut_characteristics,
    .xShmMap = cut_shm_map,
    .xShmLock = cut_shm_lock,
    .xShmBarrier = cut_shm_barrier,
    .xShmUnmap = cut_shm_unmap,
};

static int
cut_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *f, int flags, int *out_flags)
{
    (void)vfs;
    struct cut_file *file = (struct cut_file *)f;
    *file = (struct cut_file){.real = (sqlite3_file *)(file + 1)};
    snprintf(file->path, sizeof file->path, "%s", name != NULL ? name : "");
    int result = real_vfs->xOpen(real_vfs, name, file->real, flags, out_flags);
    file->base.pMethods = file->real->pMethods != NULL ? &cut_methods : NULL;
    return result;
}

void
cut_vfs_install(void (*before)(void *state), void *state)
{
    before_change = before;
    before_state = state;
    real_vfs = sqlite3_vfs_find(NULL);
    cut_vfs = *real_vfs;
    cut_vfs.zName = "cut";
    cut_vfs.szOsFile = (int)sizeof(struct cut_file) + real_vfs->szOsFile;
    cut_vfs.xOpen = cut_open;
    require(sqlite3_vfs_register(&cut_vfs, 1) == SQLITE_OK, "cannot register", "the file system");
}
