/* What the instance's key protects: sealed rows, keyed hashes, and keys derived for one purpose
 * each.
 *
 * The key itself (master_key.h) is never used directly: every purpose has its own key made from it,
 * and the names of the app and row are part of every derivation or seal, so that a blob copied from
 * one row to another does not open.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_DOMAIN_VAULT_H
#define CSN_SERVER_DOMAIN_VAULT_H

#include "server/domain/model.h"

struct csn_random;
struct csn_vault;

#define CSN_VAULT_OVERHEAD 40 /* bytes a sealed blob is longer than its text */

/* Out: *out, in locked memory, for csn_vault_free. Returns: CSN_OK, CSN_NO_MEMORY, CSN_CRYPTO. */
CSN_MUST_USE enum csn_status csn_vault_create(const uint8_t instance_key[32],
                                              struct csn_vault **out);
void csn_vault_free(struct csn_vault *vault); /* wipes; accepts NULL */

/* What a blob belongs to. Opening needs the very same. */
struct csn_vault_place {
    const char *kind; /* static: "key", "jwks-url" */
    struct csn_id app;
    struct csn_id row; /* {0}: the app's only one */
};

/* Appends the sealed `text`. Returns: CSN_OK, CSN_NO_SPACE. */
CSN_MUST_USE enum csn_status csn_vault_seal(const struct csn_vault *vault,
                                            const struct csn_random *random,
                                            const struct csn_vault_place *place,
                                            struct csn_bytes text, struct csn_buffer *out);
/* Appends the text: wipe it. Returns: CSN_OK; CSN_CRYPTO (another instance key, another place, or a
 * damaged blob); CSN_NO_SPACE. */
CSN_MUST_USE enum csn_status csn_vault_open(const struct csn_vault *vault,
                                            const struct csn_vault_place *place,
                                            struct csn_bytes sealed, struct csn_buffer *out);

/* Derives the app's own key for one purpose: "session", "pseudonym". */
void csn_vault_derive(const struct csn_vault *vault, const char *purpose, const struct csn_id *app,
                      uint8_t key[32]);

/* The keyed hash under which the secret of an API key is kept. */
void csn_vault_hash_api_secret(const struct csn_vault *vault, struct csn_bytes secret,
                               uint8_t hash[32]);

#endif
