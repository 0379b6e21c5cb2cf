/* The database as a file: copied while a server uses it, and checked before it is used again.
 * Only reads the database it copies: the one connection that writes and checkpoints stays the one.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_STORE_BACKUP_H
#define CSN_SERVER_STORE_BACKUP_H

#include "server/store/store.h"

/* Copies the database of `directory`, as it is at one moment, to `path`, a file that exists and is
 * empty. Durable when it returns. Everything committed before the call is in it.
 * Returns: CSN_OK; as csn_store_open_reading; CSN_UNAVAILABLE (busy, or no space). */
CSN_MUST_USE enum csn_status csn_store_copy(const char *directory, const char *path);

/* Out: *version, the newest migration applied. */
CSN_MUST_USE enum csn_status csn_store_schema(struct csn_store *store, int64_t *version);
/* Returns: the newest migration this program knows. */
int64_t csn_store_schema_known(void);

/* Looks at every page, index and reference of the database file `path`, which nobody else uses.
 * Returns: CSN_OK; CSN_INVALID (something is wrong with it); CSN_UNSUPPORTED (its schema is newer);
 * CSN_IO. */
CSN_MUST_USE enum csn_status csn_store_check(const char *path);

#endif
