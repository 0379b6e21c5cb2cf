/* Reading and making the master key.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/domain/master_key.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "countersign/key.h"
#include "crypto/locked.h"
#include "crypto/random.h"

#define TEXT_MAX 128 /* more than any form of the key */
#define HEX_LENGTH (2 * CSN_MASTER_KEY_LENGTH)
/* Others may not read it, the group may not write it. The group may read: a service manager that
 * hands a credential over does so by an access list, which shows as that. */
#define FORBIDDEN_MODE (S_IRWXO | S_IWGRP)

static enum csn_status
refuse(struct csn_master_key_report *report, enum csn_status status, const char *problem)
{
    report->problem = problem;
    return status;
}

/* --- the text of a key --- */

static struct csn_bytes
without_line_end(struct csn_bytes text)
{
    if (text.len > 0 && text.ptr[text.len - 1] == '\n')
        text.len--;
    if (text.len > 0 && text.ptr[text.len - 1] == '\r')
        text.len--;
    return text;
}

static enum csn_status
read_text(struct csn_bytes text, struct csn_master_key *key, struct csn_master_key_report *report)
{
    text = without_line_end(text);
    enum csn_encoding encoding = text.len == HEX_LENGTH ? CSN_ENCODING_HEX : CSN_ENCODING_BASE64URL;
    struct csn_secret decoded = {0};
    enum csn_status status = csn_secret_decode(text, encoding, &decoded);
    if (status == CSN_OK && decoded.len == sizeof key->bytes)
        memcpy(key->bytes, decoded.bytes, sizeof key->bytes);
    else
        status = refuse(report, CSN_INVALID, "The master key is not 32 bytes in hex or base64url.");
    csn_secret_wipe(&decoded);
    return status;
}

/* --- the file --- */

static enum csn_status
check_file(int fd, struct csn_master_key_report *report)
{
    struct stat facts;
    if (fstat(fd, &facts) != 0 || !S_ISREG(facts.st_mode))
        return refuse(report, CSN_IO, "The master key file is no regular file.");
    if ((facts.st_mode & FORBIDDEN_MODE) != 0)
        return refuse(report, CSN_INVALID,
                      "Others may use the master key file: take their permissions (chmod 600).");
    return CSN_OK;
}

static enum csn_status
read_file(int fd, struct csn_master_key *key, struct csn_master_key_report *report)
{
    enum csn_status status = check_file(fd, report);
    if (status != CSN_OK)
        return status;
    uint8_t text[TEXT_MAX];
    ssize_t len = read(fd, text, sizeof text);
    if (len < 0)
        status = refuse(report, CSN_IO, "The master key file cannot be read.");
    else
        status = read_text(csn_bytes_of(text, (size_t)len), key, report);
    csn_wipe(text, sizeof text);
    return status;
}

static enum csn_status
open_file(struct csn_master_key *key, struct csn_master_key_report *report)
{
    int fd = open(report->path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0 && errno == ENOENT)
        return refuse(report, CSN_NOT_FOUND, "There is no such master key file.");
    if (fd < 0)
        return refuse(report, CSN_IO, "The master key file cannot be opened.");
    enum csn_status status = read_file(fd, key, report);
    close(fd);
    return status;
}

static bool
write_durably(int fd, const struct csn_master_key *key)
{
    uint8_t text[TEXT_MAX];
    struct csn_buffer out = csn_buffer_over(text, sizeof text);
    csn_buffer_hex(&out, csn_bytes_of(key->bytes, sizeof key->bytes));
    csn_buffer_byte(&out, '\n');
    bool written = write(fd, out.ptr, out.len) == (ssize_t)out.len && fsync(fd) == 0;
    csn_wipe(text, sizeof text);
    return written;
}

/* The name must last as well as the content, or a crash could leave a database nobody can open. */
static bool
sync_folder(const char *folder)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool synced = fsync(fd) == 0;
    close(fd);
    return synced;
}

/* Written beside and then linked, so that the name never stands for less than a whole key. */
static bool
make_whole(const char *beside, const char *path, const struct csn_master_key *key)
{
    unlink(beside); /* of a start that was cut off */
    int fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (fd < 0)
        return false;
    bool made = write_durably(fd, key);
    made = close(fd) == 0 && made;
    made = made && link(beside, path) == 0;
    unlink(beside);
    return made;
}

static enum csn_status
make_file(const char *folder, const struct csn_random *random, struct csn_master_key *key,
          struct csn_master_key_report *report)
{
    char beside[CSN_MASTER_KEY_PATH_MAX + 8];
    snprintf(beside, sizeof beside, "%s.new", report->path);
    csn_random_fill(random, key->bytes, sizeof key->bytes);
    if (!make_whole(beside, report->path, key) || !sync_folder(folder))
        return refuse(report, CSN_IO, "The master key file cannot be made.");
    report->made = true;
    return CSN_OK;
}

static enum csn_status
set_path(struct csn_master_key_report *report, const char *folder, const char *name)
{
    int len = snprintf(report->path, sizeof report->path, "%s%s", folder, name);
    if (len < 0 || (size_t)len >= sizeof report->path)
        return refuse(report, CSN_INVALID, "The path of the master key file is too long.");
    return CSN_OK;
}

/* --- where it comes from --- */

static enum csn_status
from_folder(const struct csn_master_key_source *source, const struct csn_random *random,
            struct csn_master_key *key, struct csn_master_key_report *report)
{
    const char *folder = source->folder;
    if (strcmp(folder, ":memory:") == 0) {
        csn_random_fill(random, key->bytes, sizeof key->bytes);
        return CSN_OK;
    }
    enum csn_status status = set_path(report, folder, "/master.key");
    if (status != CSN_OK)
        return status;
    status = open_file(key, report);
    if (status != CSN_NOT_FOUND)
        return status;
    if (!source->may_make)
        return refuse(
            report, CSN_NOT_FOUND,
            "The master key that the database was made with is missing. Put its file back, "
            "or name it with --master-key-file or COUNTERSIGN_MASTER_KEY.");
    report->problem = "";
    return make_file(folder, random, key, report);
}

static enum csn_status
load(const struct csn_master_key_source *source, const struct csn_random *random,
     struct csn_master_key *key, struct csn_master_key_report *report)
{
    if (source->file != NULL) {
        enum csn_status status = set_path(report, source->file, "");
        return status != CSN_OK ? status : open_file(key, report);
    }
    if (source->text != NULL)
        return read_text(csn_bytes_text(source->text), key, report);
    if (source->folder != NULL)
        return from_folder(source, random, key, report);
    return refuse(report, CSN_NOT_FOUND, "There is no master key.");
}

enum csn_status
csn_master_key_load(const struct csn_master_key_source *source, const struct csn_random *random,
                    struct csn_master_key **out, struct csn_master_key_report *report)
{
    *report = (struct csn_master_key_report){.problem = ""};
    *out = csn_locked_alloc(sizeof **out);
    if (*out == NULL)
        return CSN_NO_MEMORY;
    enum csn_status status = load(source, random, *out, report);
    if (status != CSN_OK) {
        csn_master_key_free(*out);
        *out = NULL;
    }
    return status;
}

void
csn_master_key_free(struct csn_master_key *key)
{
    csn_locked_free(key);
}
