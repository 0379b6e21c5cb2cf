/* The form of a backup. See backup_file.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/backup_file.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/time.h"
#include "crypto/sha2.h"

#define MAGIC "countersign-bak1"
#define MAGIC_LENGTH 16
#define TRAILER (MAGIC_LENGTH + 8 + 8 + CSN_BACKUP_HASH)
#define MANIFEST_ARENA (64 * 1024)

enum csn_status
csn_backup_write(int fd, const void *bytes, size_t len)
{
    const uint8_t *at = bytes;
    while (len > 0) {
        ssize_t written = write(fd, at, len);
        if (written <= 0)
            return CSN_IO;
        at += written;
        len -= (size_t)written;
    }
    return CSN_OK;
}

static void
append_length(struct csn_buffer *out, uint64_t value)
{
    for (int shift = 56; shift >= 0; shift -= 8)
        csn_buffer_byte(out, (uint8_t)(value >> shift));
}

static uint64_t
read_length(const uint8_t *at)
{
    uint64_t value = 0;
    for (int i = 0; i < 8; i++)
        value = value << 8 | at[i];
    return value;
}

/* --- the manifest --- */

static void
write_manifest(const struct csn_backup_info *info, struct csn_buffer *out)
{
    char memory[CSN_TIME_TEXT_LENGTH];
    struct csn_buffer time = csn_buffer_over(memory, sizeof memory);
    csn_time_write_rfc3339(info->made_ms, &time);
    struct csn_json_writer w = csn_json_writer_over(out);
    csn_json_open_object(&w);
    csn_json_member_int(&w, "schema", info->schema);
    csn_json_member_string(&w, "made_at", csn_buffer_view(&time));
    csn_json_member_text(&w, "master_key", info->master_key);
    csn_json_member_text(&w, "audit_head", info->audit_head);
    csn_json_close_object(&w);
}

static bool
copy_member(const struct csn_json_node *root, const char *name, char *out, size_t cap)
{
    struct csn_bytes text;
    if (!csn_json_get_text(root, name, &text) || text.len >= cap)
        return false;
    if (text.len > 0)
        memcpy(out, text.ptr, text.len);
    out[text.len] = '\0';
    return true;
}

static bool
read_manifest(struct csn_bytes text, struct csn_backup_info *info)
{
    static uint8_t memory[MANIFEST_ARENA];
    struct csn_arena arena = csn_arena_over(memory, sizeof memory);
    const struct csn_json_node *root = NULL;
    char made[CSN_TIME_TEXT_LENGTH + 1];
    return csn_json_parse(text, &arena, &root) == CSN_OK && root->kind == CSN_JSON_OBJECT &&
           csn_json_get_int(root, "schema", &info->schema) &&
           copy_member(root, "made_at", made, sizeof made) &&
           csn_time_read_rfc3339(csn_bytes_text(made), &info->made_ms) == CSN_OK &&
           copy_member(root, "master_key", info->master_key, sizeof info->master_key) &&
           copy_member(root, "audit_head", info->audit_head, sizeof info->audit_head);
}

/* --- the hash --- */

static void
hash_of(struct csn_bytes bytes, uint8_t hash[CSN_BACKUP_HASH], struct csn_backup_info *info)
{
    uint8_t digest[CSN_DIGEST_MAX];
    csn_digest(CSN_HS256, bytes, digest);
    memcpy(hash, digest, CSN_BACKUP_HASH);
    struct csn_buffer hex = csn_buffer_over(info->hash, sizeof info->hash - 1);
    csn_buffer_hex(&hex, csn_bytes_of(hash, CSN_BACKUP_HASH));
    info->hash[hex.len] = '\0';
}

/* Out: the whole file, mapped. */
static enum csn_status
map(int fd, struct csn_backup_file *out)
{
    struct stat about;
    if (fstat(fd, &about) != 0)
        return CSN_IO;
    if (!S_ISREG(about.st_mode) || about.st_size == 0)
        return CSN_INVALID;
    out->len = (size_t)about.st_size;
    void *at = mmap(NULL, out->len, PROT_READ, MAP_PRIVATE, fd, 0);
    if (at == MAP_FAILED)
        return CSN_IO;
    out->ptr = at;
    return CSN_OK;
}

void
csn_backup_close(struct csn_backup_file *file)
{
    if (file->ptr != NULL)
        munmap((void *)(uintptr_t)file->ptr, file->len);
    *file = (struct csn_backup_file){0};
}

/* --- both ways --- */

enum csn_status
csn_backup_seal(int fd, struct csn_backup_info *info)
{
    uint8_t memory[CSN_BACKUP_MANIFEST_MAX + TRAILER], hash[CSN_BACKUP_HASH];
    struct csn_buffer end = csn_buffer_over(memory, sizeof memory);
    off_t size = lseek(fd, 0, SEEK_END);
    if (size <= 0)
        return CSN_IO;
    info->size = (uint64_t)size;
    write_manifest(info, &end);
    uint64_t manifest = end.len;
    csn_buffer_text(&end, MAGIC);
    append_length(&end, info->size);
    append_length(&end, manifest);
    struct csn_backup_file whole = {0};
    if (end.overflowed || csn_backup_write(fd, end.ptr, end.len) != CSN_OK ||
        map(fd, &whole) != CSN_OK)
        return CSN_IO;
    hash_of(csn_bytes_of(whole.ptr, whole.len), hash, info);
    csn_backup_close(&whole);
    if (csn_backup_write(fd, hash, sizeof hash) != CSN_OK)
        return CSN_IO;
    return fsync(fd) == 0 ? CSN_OK : CSN_IO;
}

static enum csn_status
check(struct csn_backup_file *file, struct csn_backup_info *info)
{
    uint8_t hash[CSN_BACKUP_HASH];
    if (file->len < TRAILER)
        return CSN_INVALID;
    const uint8_t *trailer = file->ptr + file->len - TRAILER;
    if (memcmp(trailer, MAGIC, MAGIC_LENGTH) != 0)
        return CSN_INVALID;
    uint64_t database = read_length(trailer + MAGIC_LENGTH);
    uint64_t manifest = read_length(trailer + MAGIC_LENGTH + 8);
    uint64_t before = file->len - TRAILER;
    if (manifest > CSN_BACKUP_MANIFEST_MAX || manifest > before || database != before - manifest)
        return CSN_INVALID;
    hash_of(csn_bytes_of(file->ptr, file->len - CSN_BACKUP_HASH), hash, info);
    if (memcmp(hash, trailer + TRAILER - CSN_BACKUP_HASH, sizeof hash) != 0)
        return CSN_INVALID;
    file->database = (size_t)database;
    info->size = database;
    return read_manifest(csn_bytes_of(file->ptr + database, (size_t)manifest), info) ? CSN_OK
                                                                                     : CSN_INVALID;
}

enum csn_status
csn_backup_open(const char *file, struct csn_backup_file *out, struct csn_backup_info *info)
{
    *out = (struct csn_backup_file){0};
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return CSN_IO;
    enum csn_status status = map(fd, out);
    close(fd);
    if (status == CSN_OK)
        status = check(out, info);
    if (status != CSN_OK)
        csn_backup_close(out);
    return status;
}
