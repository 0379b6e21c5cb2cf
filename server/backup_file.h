/* A backup as a file:
 *
 *   database │ manifest (JSON) │ magic (16) │ length of the database (8) │ of the manifest (8) │
 *   SHA-256 of everything before it (32)
 *
 * The trailer is last, because its hash is, so a file that was cut off has none. Integers are
 * big-endian.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_BACKUP_FILE_H
#define CSN_SERVER_BACKUP_FILE_H

#include "countersign/server.h"

#define CSN_BACKUP_HASH 32
#define CSN_BACKUP_MANIFEST_MAX 4096

/* Appends manifest and trailer to the database in `fd`, and makes the file durable.
 * Out: info->size, info->hash. Returns: CSN_OK, CSN_IO. */
CSN_MUST_USE enum csn_status csn_backup_seal(int fd, struct csn_backup_info *info);

/* A backup open for reading, its hash checked. {0} is none. */
struct csn_backup_file {
    const uint8_t *ptr; /* the whole file */
    size_t len;
    size_t database; /* bytes of it, from the start */
};

/* Out: *out, for csn_backup_close; *info. Returns: CSN_OK; CSN_INVALID; CSN_IO. */
CSN_MUST_USE enum csn_status csn_backup_open(const char *file, struct csn_backup_file *out,
                                             struct csn_backup_info *info);
void csn_backup_close(struct csn_backup_file *file);

/* Writes all of it. Returns: CSN_OK, CSN_IO. */
CSN_MUST_USE enum csn_status csn_backup_write(int fd, const void *bytes, size_t len);

#endif
