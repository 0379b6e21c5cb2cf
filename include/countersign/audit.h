/* The audit as a chain: what one row holds, how it is hashed, and how a chain is checked. Pure; the
 * server appends by it, and the CLI checks by it what a server, a data folder or a file shows.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef COUNTERSIGN_AUDIT_H
#define COUNTERSIGN_AUDIT_H

#include "countersign/json.h"

#ifdef __cplusplus
extern "C" {
#endif

#define CSN_AUDIT_HASH 32         /* bytes: SHA-256 */
#define CSN_AUDIT_TARGET_MAX 64   /* bytes */
#define CSN_AUDIT_CHANGED_MAX 512 /* bytes of JSON */

/* One row. Views borrow whatever it was read from; an empty view is "none". */
struct csn_audit_record {
    struct csn_bytes account;
    int64_t number; /* 1, 2, 3 … of the account */
    int64_t at_ms;
    struct csn_bytes request, api_key, api_key_name, operation, app, target, outcome;
    struct csn_bytes changed; /* JSON without spaces */
    uint8_t previous[CSN_AUDIT_HASH];
    uint8_t hash[CSN_AUDIT_HASH];
};

/* The row's hash: SHA-256 over "countersign audit 1\n" and then, in the order of the struct up to
 * `previous`, each text as its length in 8 bytes and its bytes, each number in 8 bytes (big-endian,
 * two's complement), and the 32 bytes of `previous`. Returns: false, and zeroes, when the texts are
 * longer together than any row's. */
bool csn_audit_hash(const struct csn_audit_record *record, uint8_t hash[CSN_AUDIT_HASH]);

/* As the API and the export show it; `read` takes what `write` gave, and borrows the tree and the
 * arena. Returns: it is one. */
void csn_audit_write(const struct csn_audit_record *record, struct csn_json_writer *w);
bool csn_audit_read(const struct csn_json_node *node, struct csn_arena *arena,
                    struct csn_audit_record *out);

/* --- checking a chain, row by row, oldest first --- */
enum csn_audit_fault {
    CSN_AUDIT_SOUND = 0,
    CSN_AUDIT_CHANGED,   /* the row is not what was hashed */
    CSN_AUDIT_MISSING,   /* the row is not there, later ones are */
    CSN_AUDIT_REORDERED, /* the row comes after a later one, or twice */
    CSN_AUDIT_UNLINKED,  /* sound by itself, and not the successor of the row before it */
    CSN_AUDIT_CUT_OFF,   /* the row was noted elsewhere, and the chain ends before it */
    CSN_AUDIT_NOT_NOTED, /* the row has another hash than was noted elsewhere */
};
/* One sentence for a person, without the row's number. */
const char *csn_audit_fault_sentence(enum csn_audit_fault fault);

/* {0} is a chain before its first row. */
struct csn_audit_chain {
    int64_t number; /* the last row's */
    uint8_t hash[CSN_AUDIT_HASH];
    int64_t noted_number; /* 0: no head was noted */
    uint8_t noted_hash[CSN_AUDIT_HASH];
    enum csn_audit_fault fault;
    int64_t fault_number; /* of the row at fault */
};

/* Reads "NUMBER:HASH" (hexadecimal), as audit head prints it. Returns: it is one. */
bool csn_audit_note(struct csn_audit_chain *chain, struct csn_bytes text);
/* Returns: sound so far. After a fault nothing more is looked at. */
bool csn_audit_add(struct csn_audit_chain *chain, const struct csn_audit_record *record);
/* After the last row. Returns: the chain is sound, and reaches what was noted. */
bool csn_audit_end(struct csn_audit_chain *chain);

#ifdef __cplusplus
}
#endif
#endif
