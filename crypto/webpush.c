/* Web Push encryption. See webpush.h; the names of the keys are RFC 8291's.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "crypto/webpush.h"

#include <openssl/evp.h>
#include <string.h>

#include "base/panic.h"
#include "countersign/token.h"
#include "crypto/memory.h"
#include "crypto/sha2.h"

#define KEY_LENGTH 16
#define NONCE_LENGTH 12
#define TAG_LENGTH 16
#define INFO_MAX (16 + 2 * CSN_P256_PUBLIC_LENGTH)

enum { LAST_RECORD = 2 }; /* the delimiter of RFC 8188 §2 */

/* --- the subscription --- */

static bool
read_exactly(struct csn_bytes text, uint8_t *out, size_t len)
{
    uint8_t memory[CSN_P256_PUBLIC_LENGTH + 3];
    struct csn_buffer decoded = csn_buffer_over(memory, sizeof memory);
    if (csn_base64url_decode(text, &decoded) != CSN_OK || decoded.len != len)
        return false;
    memcpy(out, memory, len);
    return true;
}

enum csn_status
csn_webpush_keys_read(struct csn_bytes p256dh, struct csn_bytes auth, struct csn_webpush_keys *out)
{
    *out = (struct csn_webpush_keys){0};
    struct csn_webpush_keys read = {0};
    if (!read_exactly(p256dh, read.p256dh, sizeof read.p256dh) ||
        !read_exactly(auth, read.auth, sizeof read.auth))
        return CSN_INVALID;
    enum csn_status status = csn_p256_check(csn_bytes_of(read.p256dh, sizeof read.p256dh));
    if (status == CSN_OK)
        *out = read;
    return status;
}

/* --- the keys of one message --- */

/* HKDF (RFC 5869) where one block of output is enough. `info` comes with its counter byte. */
static void
derive(struct csn_bytes salt, struct csn_bytes secret, struct csn_bytes info, uint8_t out[32])
{
    struct csn_hmac256 keyed;
    uint8_t extracted[32];
    csn_hmac256_key(&keyed, salt);
    csn_hmac256_mac(&keyed, secret, extracted);
    csn_hmac256_key(&keyed, csn_bytes_of(extracted, sizeof extracted));
    csn_hmac256_mac(&keyed, info, out);
    csn_wipe(extracted, sizeof extracted);
    csn_wipe(&keyed, sizeof keyed);
}

struct content_keys {
    uint8_t key[32], nonce[32]; /* KEY_LENGTH and NONCE_LENGTH of them count */
};

/* RFC 8291 §3.3: IKM, from the agreed secret and both public keys. */
static void
mix(const struct csn_webpush_keys *keys, const struct csn_webpush_fresh *fresh,
    const uint8_t agreed[CSN_P256_SECRET_LENGTH], uint8_t ikm[32])
{
    uint8_t memory[INFO_MAX];
    struct csn_buffer info = csn_buffer_over(memory, sizeof memory);
    csn_buffer_text(&info, "WebPush: info");
    csn_buffer_byte(&info, 0);
    csn_buffer_append(&info, csn_bytes_of(keys->p256dh, sizeof keys->p256dh));
    csn_buffer_append(&info, csn_bytes_of(fresh->pair.public_key, sizeof fresh->pair.public_key));
    csn_buffer_byte(&info, 1);
    CSN_ASSERT(!info.overflowed);
    derive(csn_bytes_of(keys->auth, sizeof keys->auth),
           csn_bytes_of(agreed, CSN_P256_SECRET_LENGTH), csn_buffer_view(&info), ikm);
}

static enum csn_status
make_keys(const struct csn_webpush_keys *keys, const struct csn_webpush_fresh *fresh,
          struct content_keys *out)
{
    /* With the ending zero of a C text, and the counter behind it (RFC 8188 §2.2, §2.3). */
    static const char key_info[] = "Content-Encoding: aes128gcm\0\1";
    static const char nonce_info[] = "Content-Encoding: nonce\0\1";
    uint8_t agreed[CSN_P256_SECRET_LENGTH], ikm[32];
    enum csn_status status =
        csn_p256_agree(&fresh->pair, csn_bytes_of(keys->p256dh, sizeof keys->p256dh), agreed);
    if (status != CSN_OK)
        return status;
    mix(keys, fresh, agreed, ikm);
    struct csn_bytes salt = csn_bytes_of(fresh->salt, sizeof fresh->salt);
    struct csn_bytes secret = csn_bytes_of(ikm, sizeof ikm);
    derive(salt, secret, csn_bytes_of(key_info, sizeof key_info - 1), out->key);
    derive(salt, secret, csn_bytes_of(nonce_info, sizeof nonce_info - 1), out->nonce);
    csn_wipe(agreed, sizeof agreed);
    csn_wipe(ikm, sizeof ikm);
    return CSN_OK;
}

/* --- the record --- */

static bool
encrypt(EVP_CIPHER_CTX *context, const struct content_keys *keys, struct csn_bytes plain,
        uint8_t *out)
{
    static const uint8_t delimiter[1] = {LAST_RECORD};
    int len = 0;
    int more = 0;
    return EVP_EncryptInit_ex2(context, EVP_aes_128_gcm(), keys->key, keys->nonce, NULL) == 1 &&
           EVP_EncryptUpdate(context, out, &len, plain.ptr, (int)plain.len) == 1 &&
           EVP_EncryptUpdate(context, out + len, &more, delimiter, 1) == 1 &&
           EVP_EncryptFinal_ex(context, out + len + more, &more) == 1 &&
           EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, TAG_LENGTH, out + plain.len + 1) ==
               1;
}

static enum csn_status
append_record(const struct content_keys *keys, struct csn_bytes plain, struct csn_buffer *out)
{
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    bool done = context != NULL && encrypt(context, keys, plain, out->ptr + out->len);
    EVP_CIPHER_CTX_free(context);
    if (!done)
        return csn_openssl_failure(CSN_CRYPTO);
    out->len += plain.len + 1 + TAG_LENGTH;
    return CSN_OK;
}

static void
append_header(const struct csn_webpush_fresh *fresh, struct csn_buffer *out)
{
    static const uint8_t record_and_length[] = {0, 0, CSN_WEBPUSH_RECORD >> 8,
                                                CSN_WEBPUSH_RECORD & 0xFF, CSN_P256_PUBLIC_LENGTH};
    csn_buffer_append(out, csn_bytes_of(fresh->salt, sizeof fresh->salt));
    csn_buffer_append(out, csn_bytes_of(record_and_length, sizeof record_and_length));
    csn_buffer_append(out, csn_bytes_of(fresh->pair.public_key, sizeof fresh->pair.public_key));
}

enum csn_status
csn_webpush_encrypt(const struct csn_webpush_keys *keys, const struct csn_webpush_fresh *fresh,
                    struct csn_bytes plain, struct csn_buffer *out)
{
    if (plain.len > CSN_WEBPUSH_PLAIN_MAX)
        return CSN_TOO_LARGE;
    if (out->cap - out->len < CSN_WEBPUSH_HEADER + plain.len + 1 + TAG_LENGTH)
        return CSN_NO_SPACE;
    struct content_keys content;
    size_t before = out->len;
    enum csn_status status = make_keys(keys, fresh, &content);
    if (status != CSN_OK)
        return status;
    append_header(fresh, out);
    status = append_record(&content, plain, out);
    if (status != CSN_OK)
        out->len = before;
    csn_wipe(&content, sizeof content);
    return status;
}
