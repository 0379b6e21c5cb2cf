/* The vault: three keys in locked memory, one per kind of work.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/domain/vault.h"

#include <string.h>

#include "core/crypto.h"
#include "crypto/locked.h"
#include "crypto/random.h"
#include "crypto/seal.h"
#include "server/domain/id.h"

struct csn_vault {
    struct csn_seal_key rows;       /* seals rows */
    struct csn_seal_key derivation; /* makes the apps' own keys */
    struct csn_seal_key api_secret; /* hashes API secrets */
};

_Static_assert(CSN_VAULT_OVERHEAD == CSN_SEAL_OVERHEAD, "a sealed blob's overhead");

enum csn_status
csn_vault_create(const uint8_t instance_key[32], struct csn_vault **out)
{
    *out = csn_locked_alloc(sizeof **out);
    if (*out == NULL)
        return CSN_NO_MEMORY;
    struct csn_seal_key root;
    memcpy(root.bytes, instance_key, sizeof root.bytes);
    csn_kdf_derive(&root, "registry rows", (struct csn_bytes){0}, &(*out)->rows);
    csn_kdf_derive(&root, "registry derivation", (struct csn_bytes){0}, &(*out)->derivation);
    csn_kdf_derive(&root, "registry api secret", (struct csn_bytes){0}, &(*out)->api_secret);
    csn_wipe(&root, sizeof root);
    return CSN_OK;
}

void
csn_vault_free(struct csn_vault *vault)
{
    csn_locked_free(vault);
}

/* kind NUL app NUL row: kinds hold no NUL and ids have a fixed alphabet, so no two places give the
 * same text. */
#define PLACE_MAX (32 + 2 * (CSN_ID_LENGTH + 1))

static struct csn_bytes
write_place(const struct csn_vault_place *place, struct csn_buffer *out)
{
    csn_buffer_text(out, place->kind);
    csn_buffer_byte(out, 0);
    csn_buffer_append(out, csn_id_view(&place->app));
    csn_buffer_byte(out, 0);
    csn_buffer_append(out, csn_id_view(&place->row));
    return csn_buffer_view(out);
}

enum csn_status
csn_vault_seal(const struct csn_vault *vault, const struct csn_random *random,
               const struct csn_vault_place *place, struct csn_bytes text, struct csn_buffer *out)
{
    uint8_t memory[PLACE_MAX];
    struct csn_buffer associated = csn_buffer_over(memory, sizeof memory);
    uint8_t nonce[CSN_SEAL_NONCE_LENGTH];
    csn_random_fill(random, nonce, sizeof nonce);
    return csn_seal(&vault->rows, write_place(place, &associated), text, nonce, out);
}

enum csn_status
csn_vault_open(const struct csn_vault *vault, const struct csn_vault_place *place,
               struct csn_bytes sealed, struct csn_buffer *out)
{
    uint8_t memory[PLACE_MAX];
    struct csn_buffer associated = csn_buffer_over(memory, sizeof memory);
    enum csn_status status = csn_unseal(&vault->rows, write_place(place, &associated), sealed, out);
    return status == CSN_INVALID ? CSN_CRYPTO : status;
}

void
csn_vault_derive(const struct csn_vault *vault, const char *purpose, const struct csn_id *app,
                 uint8_t key[32])
{
    struct csn_seal_key derived;
    csn_kdf_derive(&vault->derivation, purpose, csn_id_view(app), &derived);
    memcpy(key, derived.bytes, sizeof derived.bytes);
    csn_wipe(&derived, sizeof derived);
}

void
csn_vault_hash_api_secret(const struct csn_vault *vault, struct csn_bytes secret, uint8_t hash[32])
{
    uint8_t mac[64] = {0};
    struct csn_bytes key = csn_bytes_of(vault->api_secret.bytes, sizeof vault->api_secret.bytes);
    csn_hmac(CSN_HS256, key, secret, mac);
    memcpy(hash, mac, 32);
    csn_wipe(mac, sizeof mac);
}
