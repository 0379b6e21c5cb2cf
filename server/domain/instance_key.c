/* The instance key: one sealed row.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "crypto/locked.h"
#include "crypto/random.h"
#include "crypto/seal.h"
#include "server/domain/master_key.h"
#include "server/store/registry_rows.h"

#define ROW "instance key"
#define PRINT_ROW "master key fingerprint"
#define SEALED_LENGTH (CSN_MASTER_KEY_LENGTH + CSN_SEAL_OVERHEAD)

static void
sealing_key(const struct csn_master_key *master, struct csn_seal_key *out)
{
    struct csn_seal_key root;
    memcpy(root.bytes, master->bytes, sizeof root.bytes);
    csn_kdf_derive(&root, ROW, (struct csn_bytes){0}, out);
    csn_wipe(&root, sizeof root);
}

/* Written down in clear, so that a backup can say which master key it needs. */
static void
print_of(const struct csn_master_key *master, char out[CSN_MASTER_KEY_PRINT + 1])
{
    struct csn_seal_key root, derived;
    memcpy(root.bytes, master->bytes, sizeof root.bytes);
    csn_kdf_derive(&root, PRINT_ROW, (struct csn_bytes){0}, &derived);
    struct csn_buffer text = csn_buffer_over(out, CSN_MASTER_KEY_PRINT);
    csn_buffer_hex(&text, csn_bytes_of(derived.bytes, CSN_MASTER_KEY_PRINT / 2));
    out[CSN_MASTER_KEY_PRINT] = '\0';
    csn_wipe(&root, sizeof root);
    csn_wipe(&derived, sizeof derived);
}

enum csn_status
csn_master_key_print_read(struct csn_store *store, char out[CSN_MASTER_KEY_PRINT + 1])
{
    uint8_t memory[CSN_MASTER_KEY_PRINT + 64];
    struct csn_arena arena = csn_arena_over(memory, sizeof memory);
    struct csn_bytes text;
    memset(out, 0, CSN_MASTER_KEY_PRINT + 1);
    enum csn_status status = csn_store_instance_get(store, PRINT_ROW, &arena, &text);
    if (status == CSN_OK && text.len == CSN_MASTER_KEY_PRINT)
        memcpy(out, text.ptr, CSN_MASTER_KEY_PRINT);
    return status == CSN_NOT_FOUND || status == CSN_NO_SPACE ? CSN_OK : status;
}

static enum csn_status
write_print(struct csn_store *store, const struct csn_master_key *master)
{
    char known[CSN_MASTER_KEY_PRINT + 1], print[CSN_MASTER_KEY_PRINT + 1];
    enum csn_status status = csn_master_key_print_read(store, known);
    print_of(master, print);
    if (status != CSN_OK || strcmp(known, print) == 0)
        return status;
    return csn_store_instance_set(store, PRINT_ROW, csn_bytes_text(print));
}

static enum csn_status
write_row(struct csn_store *store, const struct csn_master_key *master,
          const struct csn_random *random, const struct csn_master_key *instance)
{
    struct csn_seal_key key;
    uint8_t nonce[CSN_SEAL_NONCE_LENGTH];
    uint8_t sealed[SEALED_LENGTH];
    struct csn_buffer out = csn_buffer_over(sealed, sizeof sealed);
    csn_random_fill(random, nonce, sizeof nonce);
    sealing_key(master, &key);
    enum csn_status status =
        csn_seal(&key, csn_bytes_text(ROW), csn_bytes_of(instance->bytes, sizeof instance->bytes),
                 nonce, &out);
    csn_wipe(&key, sizeof key);
    return status != CSN_OK ? status : csn_store_instance_set(store, ROW, csn_buffer_view(&out));
}

static enum csn_status
read_row(struct csn_store *store, const struct csn_master_key *master,
         struct csn_master_key *instance)
{
    uint8_t memory[SEALED_LENGTH + 32]; /* the arena's NUL and alignment */
    struct csn_arena arena = csn_arena_over(memory, sizeof memory);
    struct csn_bytes sealed;
    enum csn_status status = csn_store_instance_get(store, ROW, &arena, &sealed);
    if (status == CSN_NO_SPACE)
        return CSN_CRYPTO;
    if (status != CSN_OK)
        return status;
    struct csn_seal_key key;
    struct csn_buffer out = csn_buffer_over(instance->bytes, sizeof instance->bytes);
    sealing_key(master, &key);
    status = csn_unseal(&key, csn_bytes_text(ROW), sealed, &out);
    csn_wipe(&key, sizeof key);
    return status == CSN_OK && out.len == sizeof instance->bytes ? CSN_OK : CSN_CRYPTO;
}

enum csn_status
csn_instance_key_exists(struct csn_store *store, bool *out)
{
    uint8_t memory[SEALED_LENGTH + 32];
    struct csn_arena arena = csn_arena_over(memory, sizeof memory);
    struct csn_bytes sealed;
    enum csn_status status = csn_store_instance_get(store, ROW, &arena, &sealed);
    *out = status == CSN_OK || status == CSN_NO_SPACE; /* damaged: there all the same */
    return *out || status == CSN_NOT_FOUND ? CSN_OK : status;
}

static enum csn_status
open_or_make(struct csn_store *store, const struct csn_master_key *master,
             const struct csn_random *random, struct csn_master_key *instance)
{
    enum csn_status status = read_row(store, master, instance);
    if (status != CSN_NOT_FOUND)
        return status;
    csn_random_fill(random, instance->bytes, sizeof instance->bytes);
    return write_row(store, master, random, instance);
}

enum csn_status
csn_instance_key_open(struct csn_store *store, const struct csn_master_key *master,
                      const struct csn_random *random, struct csn_master_key **out)
{
    *out = csn_locked_alloc(sizeof **out);
    if (*out == NULL)
        return CSN_NO_MEMORY;
    enum csn_status status = open_or_make(store, master, random, *out);
    if (status == CSN_OK)
        status = write_print(store, master);
    if (status != CSN_OK) {
        csn_master_key_free(*out);
        *out = NULL;
    }
    return status;
}

enum csn_status
csn_instance_key_rewrap(struct csn_store *store, const struct csn_master_key *master,
                        const struct csn_master_key *with, const struct csn_random *random)
{
    struct csn_master_key *instance = csn_locked_alloc(sizeof *instance);
    if (instance == NULL)
        return CSN_NO_MEMORY;
    enum csn_status status = read_row(store, master, instance);
    if (status == CSN_OK)
        status = write_row(store, with, random, instance);
    if (status == CSN_OK)
        status = write_print(store, with);
    csn_master_key_free(instance);
    return status;
}
