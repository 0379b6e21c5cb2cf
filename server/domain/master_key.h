/* The master key, and the instance key it seals.
 *
 *   master key (the operator's: file, environment, or made here)
 *     └─ seals the instance key, one row of the database, made at random at the first start
 *          └─ every other key is derived from that (vault.h, sessions.h)
 *
 * So the master key can be exchanged by sealing one row anew, while API secrets, sessions and
 * pseudonyms, which exist only as hashes under derived keys, stay what they are.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_DOMAIN_MASTER_KEY_H
#define CSN_SERVER_DOMAIN_MASTER_KEY_H

#include "countersign/bytes.h"
#include "server/store/store.h"

struct csn_random;

#define CSN_MASTER_KEY_LENGTH 32
#define CSN_MASTER_KEY_PATH_MAX 4096

/* In locked memory. */
struct csn_master_key {
    uint8_t bytes[CSN_MASTER_KEY_LENGTH];
};

/* Where to look, first to last; NULL is passed over. */
struct csn_master_key_source {
    const char *file;   /* --master-key-file: must exist */
    const char *text;   /* COUNTERSIGN_MASTER_KEY */
    const char *folder; /* --data: FOLDER/master.key. ":memory:": a key for this run only */
    bool may_make; /* the folder's, when it does not exist: only where no database needs another */
};

/* What to tell the operator. */
struct csn_master_key_report {
    char path[CSN_MASTER_KEY_PATH_MAX]; /* of the file read or made; "" for the environment */
    bool made;                          /* just now: to be backed up, apart from the database */
    const char *problem;                /* static sentence when it was refused, else "" */
};

/* A key is 64 hex digits or 43 characters of base64url, and one line end at most. A file that
 * others may read, or its group may write, is refused.
 * Out: *out, for csn_master_key_free; *report, always set.
 * Returns: CSN_OK; CSN_NOT_FOUND, CSN_INVALID, CSN_IO, each with report->problem; CSN_NO_MEMORY. */
CSN_MUST_USE enum csn_status csn_master_key_load(const struct csn_master_key_source *source,
                                                 const struct csn_random *random,
                                                 struct csn_master_key **out,
                                                 struct csn_master_key_report *report);
void csn_master_key_free(struct csn_master_key *key); /* wipes; accepts NULL */

/* Out: *out, there is an instance key: the master key that sealed it is the only one that will do.
 * Inside a transaction. Returns: CSN_OK, CSN_UNAVAILABLE. */
CSN_MUST_USE enum csn_status csn_instance_key_exists(struct csn_store *store, bool *out);

/* Opens the instance key, or at the first start makes it; inside a transaction.
 * Out: *out, in locked memory, for csn_master_key_free. Returns: CSN_OK; CSN_CRYPTO (this is not
 * the master key the database was made with); CSN_NO_MEMORY; CSN_UNAVAILABLE. */
CSN_MUST_USE enum csn_status csn_instance_key_open(struct csn_store *store,
                                                   const struct csn_master_key *master,
                                                   const struct csn_random *random,
                                                   struct csn_master_key **out);

#define CSN_MASTER_KEY_PRINT 16 /* characters that tell master keys apart and give none away */
/* Which master key sealed the instance key; inside a transaction. Out: "" when it is not written
 * down: no server of a version that does has run on the database. Returns: CSN_OK; CSN_UNAVAILABLE.
 */
CSN_MUST_USE enum csn_status csn_master_key_print_read(struct csn_store *store,
                                                       char out[CSN_MASTER_KEY_PRINT + 1]);

/* Seals the instance key under `with` instead of `master`; inside a transaction. Once that is
 * committed, `master` opens nothing any more. Returns: as csn_instance_key_open; CSN_NOT_FOUND:
 * there is no instance key yet. */
CSN_MUST_USE enum csn_status csn_instance_key_rewrap(struct csn_store *store,
                                                     const struct csn_master_key *master,
                                                     const struct csn_master_key *with,
                                                     const struct csn_random *random);

#endif
