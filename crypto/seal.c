/* Sealing, deriving, keyed hashing, by libsodium.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "crypto/seal.h"

#include <sodium.h>
#include <string.h>

#include "base/panic.h"

_Static_assert(CSN_SEAL_KEY_LENGTH == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "key");
_Static_assert(CSN_SEAL_NONCE_LENGTH == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES, "nonce");
_Static_assert(CSN_SEAL_TAG_LENGTH == crypto_aead_xchacha20poly1305_ietf_ABYTES, "tag");
_Static_assert(CSN_KEYED_HASH_LENGTH >= crypto_generichash_BYTES_MIN, "hash");

static bool
has_room(const struct csn_buffer *out, size_t len)
{
    return !out->overflowed && len <= out->cap - out->len;
}

enum csn_status
csn_seal(const struct csn_seal_key *key, struct csn_bytes associated, struct csn_bytes plaintext,
         const uint8_t nonce[CSN_SEAL_NONCE_LENGTH], struct csn_buffer *out)
{
    if (plaintext.len > SIZE_MAX - CSN_SEAL_OVERHEAD ||
        !has_room(out, plaintext.len + CSN_SEAL_OVERHEAD))
        return CSN_NO_SPACE;
    csn_buffer_append(out, csn_bytes_of(nonce, CSN_SEAL_NONCE_LENGTH));
    unsigned long long written = 0;
    crypto_aead_xchacha20poly1305_ietf_encrypt(out->ptr + out->len, &written, plaintext.ptr,
                                               plaintext.len, associated.ptr, associated.len, NULL,
                                               nonce, key->bytes);
    out->len += (size_t)written;
    return CSN_OK;
}

enum csn_status
csn_unseal(const struct csn_seal_key *key, struct csn_bytes associated, struct csn_bytes box,
           struct csn_buffer *out)
{
    if (box.len < CSN_SEAL_OVERHEAD)
        return CSN_INVALID;
    if (!has_room(out, box.len - CSN_SEAL_OVERHEAD))
        return CSN_NO_SPACE;
    unsigned long long written = 0;
    int opened = crypto_aead_xchacha20poly1305_ietf_decrypt(
        out->ptr + out->len, &written, NULL, box.ptr + CSN_SEAL_NONCE_LENGTH,
        box.len - CSN_SEAL_NONCE_LENGTH, associated.ptr, associated.len, box.ptr, key->bytes);
    if (opened != 0)
        return CSN_INVALID;
    out->len += (size_t)written;
    return CSN_OK;
}

void
csn_kdf_derive(const struct csn_seal_key *master, const char *purpose, struct csn_bytes id,
               struct csn_seal_key *out)
{
    struct csn_bytes text = csn_bytes_text(purpose);
    CSN_ASSERT(text.len > 0 && text.len <= UINT8_MAX);
    uint8_t length = (uint8_t)text.len;
    crypto_generichash_state state;
    crypto_generichash_init(&state, master->bytes, sizeof master->bytes, sizeof out->bytes);
    crypto_generichash_update(&state, &length, sizeof length);
    crypto_generichash_update(&state, text.ptr, text.len);
    crypto_generichash_update(&state, id.ptr, id.len);
    crypto_generichash_final(&state, out->bytes, sizeof out->bytes);
    csn_wipe(&state, sizeof state);
}

void
csn_keyed_hash(const struct csn_seal_key *key, struct csn_bytes input,
               uint8_t out[CSN_KEYED_HASH_LENGTH])
{
    crypto_generichash(out, CSN_KEYED_HASH_LENGTH, input.ptr, input.len, key->bytes,
                       sizeof key->bytes);
}
