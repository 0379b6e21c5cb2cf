/* The keys of sessions and customers. See session_keys.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/domain/session_keys.h"

#include <assert.h>
#include <string.h>

#include "base/panic.h"
#include "crypto/locked.h"
#include "server/domain/id.h"

/* What a hash or a box belongs to: kind, app, and the customer or device. */
#define PLACE_MAX (32 + CSN_ID_LENGTH + CSN_DEVICE_ID_MAX)

static struct csn_bytes
place(uint8_t memory[PLACE_MAX], const char *kind, const struct csn_id *app, struct csn_bytes whose)
{
    struct csn_buffer out = csn_buffer_over(memory, PLACE_MAX);
    csn_buffer_text(&out, kind);
    csn_buffer_byte(&out, 0);
    csn_buffer_append(&out, csn_bytes_of(app->text, CSN_ID_LENGTH));
    csn_buffer_append(&out, whose);
    CSN_ASSERT(!out.overflowed);
    return csn_buffer_view(&out);
}

enum csn_status
csn_sessions_create(const uint8_t master[32], const struct csn_random *random,
                    struct csn_sessions **out)
{
    *out = csn_locked_alloc(sizeof **out);
    if (*out == NULL)
        return CSN_NO_MEMORY;
    struct csn_seal_key root;
    memcpy(root.bytes, master, sizeof root.bytes);
    (*out)->random = random;
    csn_kdf_derive(&root, "session lookup", (struct csn_bytes){0}, &(*out)->lookup);
    csn_kdf_derive(&root, "customer data keys", (struct csn_bytes){0}, &(*out)->wrapping);
    csn_kdf_derive(&root, "push addresses", (struct csn_bytes){0}, &(*out)->push);
    csn_kdf_derive(&root, "app content", (struct csn_bytes){0}, &(*out)->content);
    csn_wipe(&root, sizeof root);
    return CSN_OK;
}

void
csn_sessions_free(struct csn_sessions *sessions)
{
    csn_locked_free(sessions);
}

static void
lookup_hash(const struct csn_sessions *sessions, const char *kind, const struct csn_id *app,
            struct csn_bytes name, uint8_t out[CSN_NAME_HASH])
{
    static_assert(CSN_NAME_HASH == CSN_KEYED_HASH_LENGTH, "the rows keep the whole hash");
    struct csn_seal_key key;
    uint8_t memory[PLACE_MAX];
    csn_kdf_derive(&sessions->lookup, kind, place(memory, kind, app, (struct csn_bytes){0}), &key);
    csn_keyed_hash(&key, name, out);
    csn_wipe(&key, sizeof key);
}

void
csn_identity_hash(const struct csn_sessions *sessions, const struct csn_id *app,
                  struct csn_bytes identity, uint8_t out[CSN_NAME_HASH])
{
    lookup_hash(sessions, "identity", app, identity, out);
}

void
csn_push_hash(const struct csn_sessions *sessions, const struct csn_id *app,
              const struct csn_push_address *address, uint8_t out[CSN_NAME_HASH])
{
    static const char *const kinds[] = {
        [CSN_PUSH_WEB] = "push web", [CSN_PUSH_FCM] = "push fcm", [CSN_PUSH_APNS] = "push apns"};
    CSN_ASSERT(address->kind > CSN_PUSH_NONE && address->kind <= CSN_PUSH_APNS);
    lookup_hash(sessions, kinds[address->kind], app, address->target, out);
}

void
csn_email_hash(const struct csn_sessions *sessions, const struct csn_id *app,
               struct csn_bytes folded, uint8_t out[CSN_NAME_HASH])
{
    lookup_hash(sessions, "email", app, folded, out);
}

void
csn_contact_id(const struct csn_sessions *sessions, const struct csn_id *app,
               struct csn_bytes folded, struct csn_id *out)
{
    uint8_t hash[CSN_NAME_HASH];
    lookup_hash(sessions, "contact", app, folded, hash);
    csn_id_from_bytes(hash, out);
}

/* Seals into memory that is large enough by construction. Returns: bytes written. */
static size_t
seal_into(const struct csn_sessions *sessions, const struct csn_seal_key *key,
          struct csn_bytes where, struct csn_bytes text, uint8_t *memory, size_t cap)
{
    uint8_t nonce[CSN_SEAL_NONCE_LENGTH];
    csn_random_fill(sessions->random, nonce, sizeof nonce);
    struct csn_buffer out = csn_buffer_over(memory, cap);
    enum csn_status status = csn_seal(key, where, text, nonce, &out);
    CSN_ASSERT(status == CSN_OK);
    return out.len;
}

static struct csn_bytes
id_view(const struct csn_id *id)
{
    return csn_bytes_of(id->text, CSN_ID_LENGTH);
}

void
csn_customer_key_make(const struct csn_sessions *sessions, const struct csn_id *app,
                      struct csn_bytes identity, struct csn_customer_row *row,
                      struct csn_seal_key *key)
{
    uint8_t memory[PLACE_MAX];
    csn_random_fill(sessions->random, key->bytes, sizeof key->bytes);
    row->key_sealed_len = seal_into(
        sessions, &sessions->wrapping, place(memory, "data key", app, id_view(&row->id)),
        csn_bytes_of(key->bytes, sizeof key->bytes), row->key_sealed, sizeof row->key_sealed);
    row->has_identity = identity.len > 0;
    if (!row->has_identity)
        return;
    struct csn_seal_key sealing;
    csn_identity_hash(sessions, app, identity, row->identity_hash);
    csn_kdf_derive(key, "identity", (struct csn_bytes){0}, &sealing);
    row->identity_sealed_len =
        seal_into(sessions, &sealing, place(memory, "identity", app, id_view(&row->id)), identity,
                  row->identity_sealed, sizeof row->identity_sealed);
    csn_wipe(&sealing, sizeof sealing);
}

enum csn_status
csn_customer_key_open(const struct csn_sessions *sessions, const struct csn_id *app,
                      const struct csn_customer_row *row, struct csn_seal_key *key)
{
    if (row->key_sealed_len == 0)
        return CSN_NOT_FOUND;
    uint8_t memory[PLACE_MAX];
    struct csn_buffer out = csn_buffer_over(key->bytes, sizeof key->bytes);
    enum csn_status status =
        csn_unseal(&sessions->wrapping, place(memory, "data key", app, id_view(&row->id)),
                   csn_bytes_of(row->key_sealed, row->key_sealed_len), &out);
    return status == CSN_OK && out.len == sizeof key->bytes ? CSN_OK : CSN_CRYPTO;
}

enum csn_status
csn_customer_identity_open(const struct csn_sessions *sessions, const struct csn_id *app,
                           const struct csn_customer_row *row, char out[CSN_IDENTITY_MAX + 1],
                           size_t *len)
{
    struct csn_seal_key key, sealing;
    uint8_t memory[PLACE_MAX];
    out[0] = '\0';
    *len = 0;
    if (!row->has_identity)
        return CSN_OK;
    enum csn_status status = csn_customer_key_open(sessions, app, row, &key);
    if (status != CSN_OK)
        return status;
    struct csn_buffer text = csn_buffer_over(out, CSN_IDENTITY_MAX);
    csn_kdf_derive(&key, "identity", (struct csn_bytes){0}, &sealing);
    status = csn_unseal(&sealing, place(memory, "identity", app, id_view(&row->id)),
                        csn_bytes_of(row->identity_sealed, row->identity_sealed_len), &text);
    csn_wipe(&key, sizeof key);
    csn_wipe(&sealing, sizeof sealing);
    out[text.len] = '\0';
    *len = text.len;
    return status == CSN_OK ? CSN_OK : CSN_CRYPTO;
}

void
csn_customer_vault_key(const struct csn_seal_key *key, enum csn_assurance assurance,
                       struct csn_bytes device, uint8_t out[32])
{
    bool claimed = assurance == CSN_ASSURANCE_CLAIMED;
    struct csn_seal_key vault;
    csn_kdf_derive(key, claimed ? "claimed vault" : "vault",
                   claimed ? device : (struct csn_bytes){0}, &vault);
    memcpy(out, vault.bytes, sizeof vault.bytes);
    csn_wipe(&vault, sizeof vault);
}

enum csn_status
csn_push_seal(const struct csn_sessions *sessions, const struct csn_id *app,
              struct csn_bytes device, struct csn_bytes address, struct csn_buffer *out)
{
    uint8_t memory[PLACE_MAX], nonce[CSN_SEAL_NONCE_LENGTH];
    csn_random_fill(sessions->random, nonce, sizeof nonce);
    return csn_seal(&sessions->push, place(memory, "push", app, device), address, nonce, out);
}

/* --- what is known of a customer --- */

static enum csn_status
customer_key_for(const struct csn_sessions *sessions, const struct csn_id *app,
                 const struct csn_customer_row *row, const char *kind, struct csn_seal_key *out)
{
    struct csn_seal_key key;
    enum csn_status status = csn_customer_key_open(sessions, app, row, &key);
    if (status == CSN_OK)
        csn_kdf_derive(&key, kind, (struct csn_bytes){0}, out);
    csn_wipe(&key, sizeof key);
    return status;
}

enum csn_status
csn_customer_seal(const struct csn_sessions *sessions, const struct csn_id *app,
                  const struct csn_customer_row *row, const char *kind, struct csn_bytes text,
                  struct csn_buffer *out)
{
    struct csn_seal_key key;
    uint8_t memory[PLACE_MAX], nonce[CSN_SEAL_NONCE_LENGTH];
    enum csn_status status = customer_key_for(sessions, app, row, kind, &key);
    if (status != CSN_OK)
        return status;
    csn_random_fill(sessions->random, nonce, sizeof nonce);
    status = csn_seal(&key, place(memory, kind, app, id_view(&row->id)), text, nonce, out);
    csn_wipe(&key, sizeof key);
    return status;
}

enum csn_status
csn_customer_open(const struct csn_sessions *sessions, const struct csn_id *app,
                  const struct csn_customer_row *row, const char *kind, struct csn_bytes sealed,
                  struct csn_buffer *out)
{
    struct csn_seal_key key;
    uint8_t memory[PLACE_MAX];
    enum csn_status status = customer_key_for(sessions, app, row, kind, &key);
    if (status != CSN_OK)
        return status;
    status = csn_unseal(&key, place(memory, kind, app, id_view(&row->id)), sealed, out);
    csn_wipe(&key, sizeof key);
    return status == CSN_INVALID ? CSN_CRYPTO : status;
}

enum csn_status
csn_push_open(const struct csn_sessions *sessions, const struct csn_id *app,
              struct csn_bytes device, struct csn_bytes sealed, struct csn_buffer *out)
{
    uint8_t memory[PLACE_MAX];
    enum csn_status status =
        csn_unseal(&sessions->push, place(memory, "push", app, device), sealed, out);
    return status == CSN_INVALID ? CSN_CRYPTO : status;
}

/* --- what the app itself says --- */

enum csn_status
csn_content_seal(const struct csn_sessions *sessions, const char *kind, const struct csn_id *app,
                 const struct csn_id *id, struct csn_bytes text, struct csn_buffer *out)
{
    struct csn_seal_key key;
    uint8_t memory[PLACE_MAX], nonce[CSN_SEAL_NONCE_LENGTH];
    csn_random_fill(sessions->random, nonce, sizeof nonce);
    csn_kdf_derive(&sessions->content, kind, id_view(app), &key);
    enum csn_status status =
        csn_seal(&key, place(memory, kind, app, id_view(id)), text, nonce, out);
    csn_wipe(&key, sizeof key);
    return status;
}

enum csn_status
csn_content_open(const struct csn_sessions *sessions, const char *kind, const struct csn_id *app,
                 const struct csn_id *id, struct csn_bytes sealed, struct csn_buffer *out)
{
    struct csn_seal_key key;
    uint8_t memory[PLACE_MAX];
    csn_kdf_derive(&sessions->content, kind, id_view(app), &key);
    enum csn_status status = csn_unseal(&key, place(memory, kind, app, id_view(id)), sealed, out);
    csn_wipe(&key, sizeof key);
    return status == CSN_INVALID ? CSN_CRYPTO : status;
}
