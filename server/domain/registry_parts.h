/* Inside the registry: what its files share. Nothing outside registry_*.c, app_compile.c,
 * change.c, management_*.c and the outbox's files, which open what the vault sealed, includes this.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_DOMAIN_REGISTRY_PARTS_H
#define CSN_SERVER_DOMAIN_REGISTRY_PARTS_H

#include <stdatomic.h>

#include "server/domain/change.h"
#include "server/domain/registry.h"
#include "server/domain/registry_table.h"
#include "server/domain/vault.h"
#include "server/store/registry_rows.h"

struct csn_registry {
    struct csn_vault *vault;
    struct csn_table apps;     /* by id: struct csn_app_box */
    struct csn_table api_keys; /* by public name: struct csn_api_key_entry */
};

/* A compiled app with what it owns, in one allocation (its verifiers and signer besides). What a
 * look-up touches comes first. */
struct csn_app_box {
    struct csn_table_entry entry;
    atomic_uint references;
    struct csn_app app; /* what everybody else sees */
    size_t size;        /* of the whole allocation */
    struct csn_verifier *session_verifier;
    struct csn_key session_key;
    struct csn_signer *session_signer;
    struct csn_verifier **verifiers; /* app.keys.count of them */
    struct csn_arena arena;          /* over `memory`: all the rest */
    uint8_t memory[];
};

/* Gives one reference back; the last one frees. */
void csn_app_box_release(struct csn_app_box *box);

struct csn_api_key_entry {
    struct csn_table_entry entry;
    struct csn_api_key key;
    uint8_t secret_hash[32];
    atomic_int_least64_t last_used_ms;
    atomic_bool used; /* since it was last written down */
};

/* What each table does with an entry that lost its place, removed ones among them. */
void csn_registry_release_app(struct csn_table_entry *entry);
void csn_registry_release_api_key(struct csn_table_entry *entry);

/* Compiles the app of these rows, as the store has them now. Out: *out with one reference.
 * Returns: CSN_OK; CSN_NOT_FOUND; CSN_CRYPTO (material does not open: another master key);
 * CSN_INVALID (the rows make no app); CSN_NO_MEMORY; CSN_UNAVAILABLE. */
CSN_MUST_USE enum csn_status csn_app_compile(const struct csn_registry *registry,
                                             struct csn_store *store, struct csn_id app,
                                             struct csn_app_box **out);

/* The same over scratch memory of the caller, who compiles many: the rows of one app, its JSON
 * trees, one key's material. Holds no secret afterwards. */
#define CSN_APP_SCRATCH (512 * 1024)
CSN_MUST_USE enum csn_status csn_app_compile_in(const struct csn_registry *registry,
                                                struct csn_store *store, struct csn_id app,
                                                struct csn_arena scratch, struct csn_app_box **out);

/* Copies everything but the keys. Out: *to, borrowing `arena` alone. CSN_OK, CSN_NO_SPACE. */
CSN_MUST_USE enum csn_status csn_app_copy(const struct csn_app *from, struct csn_arena *arena,
                                          struct csn_app *to);

/* Makes the verifier of key material as it was given. Out: as csn_verifier_from_pem. */
CSN_MUST_USE enum csn_status csn_key_material_load(int source, enum csn_encoding encoding,
                                                   enum csn_algorithm algorithm,
                                                   struct csn_bytes text, struct csn_verifier **out,
                                                   struct csn_key_report *report);

/* --- staging: each takes all memory publishing will need. On failure nothing is staged. --- */
/* Takes over the reference in `box`, also on failure. */
CSN_MUST_USE enum csn_status csn_change_stage_app(struct csn_change *change,
                                                  struct csn_registry *registry,
                                                  struct csn_app_box *box);
CSN_MUST_USE enum csn_status csn_change_stage_no_app(struct csn_change *change,
                                                     struct csn_registry *registry,
                                                     struct csn_id app);
CSN_MUST_USE enum csn_status csn_change_stage_api_key(struct csn_change *change,
                                                      struct csn_registry *registry,
                                                      const struct csn_api_key_row *row);
CSN_MUST_USE enum csn_status csn_change_stage_no_api_key(struct csn_change *change,
                                                         struct csn_registry *registry,
                                                         const char *key);

#endif
