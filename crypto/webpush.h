/* Web Push: a message only one browser can read (RFC 8291 over RFC 8188), and the word of who sends
 * it (VAPID, RFC 8292).
 *
 *   subscription {p256dh, auth}, ours for this message alone {pair, salt}
 *       ECDH ─► HKDF under auth ─► HKDF under salt ─► AES-128-GCM ─► one record behind its header
 *
 * Nothing ambient: the pair, the salt and the time are arguments. A pair and a salt serve one
 * message.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_CRYPTO_WEBPUSH_H
#define CSN_CRYPTO_WEBPUSH_H

#include "crypto/p256.h"

#define CSN_WEBPUSH_AUTH_LENGTH 16
#define CSN_WEBPUSH_SALT_LENGTH 16
#define CSN_WEBPUSH_RECORD 4096 /* RFC 8291 §4: what every push service takes */
#define CSN_WEBPUSH_HEADER (CSN_WEBPUSH_SALT_LENGTH + 4 + 1 + CSN_P256_PUBLIC_LENGTH)
#define CSN_WEBPUSH_PLAIN_MAX (CSN_WEBPUSH_RECORD - CSN_WEBPUSH_HEADER - 16 - 1) /* 3993 bytes */

/* What a browser's PushSubscription says of its keys. */
struct csn_webpush_keys {
    uint8_t p256dh[CSN_P256_PUBLIC_LENGTH];
    uint8_t auth[CSN_WEBPUSH_AUTH_LENGTH];
};
/* Reads both from base64url without padding. Out: *out, {0} when refused. Returns: CSN_OK;
 * CSN_INVALID (of another length, or no point of the curve); CSN_NO_MEMORY. */
CSN_MUST_USE enum csn_status csn_webpush_keys_read(struct csn_bytes p256dh, struct csn_bytes auth,
                                                   struct csn_webpush_keys *out);

struct csn_webpush_fresh {
    struct csn_p256_pair pair;
    uint8_t salt[CSN_WEBPUSH_SALT_LENGTH];
};
/* Appends the body of the request: `plain` encrypted, of Content-Encoding aes128gcm.
 * Returns: CSN_OK; CSN_TOO_LARGE (over CSN_WEBPUSH_PLAIN_MAX); CSN_INVALID (p256dh is no point);
 * CSN_NO_SPACE, with nothing appended; CSN_NO_MEMORY; CSN_CRYPTO. Source: RFC 8291 §3.4, §4. */
CSN_MUST_USE enum csn_status csn_webpush_encrypt(const struct csn_webpush_keys *keys,
                                                 const struct csn_webpush_fresh *fresh,
                                                 struct csn_bytes plain, struct csn_buffer *out);

#define CSN_VAPID_LIFE_MS (12 * 3600000LL) /* RFC 8292 §2: a day at most */
#define CSN_VAPID_SUBJECT_MAX 256          /* bytes */

struct csn_vapid {
    const struct csn_p256_pair *pair;
    struct csn_bytes subject; /* "mailto:..." or an https URL; {0} none */
};
/* Appends the value of Authorization: "vapid t=..., k=...". `audience`: the push service's origin.
 * Returns: CSN_OK, CSN_NO_SPACE, CSN_NO_MEMORY, CSN_CRYPTO. Source: RFC 8292 §2, §3. */
CSN_MUST_USE enum csn_status csn_vapid_append(const struct csn_vapid *vapid,
                                              struct csn_bytes audience, struct csn_buffer *out,
                                              int64_t now_ms);

#endif
