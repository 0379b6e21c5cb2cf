/* Sealing what is stored, deriving the keys for it, and keyed names for what must not be named.
 *
 *   master key (32 bytes)
 *     └─ csn_kdf_derive(master, "customer data key", customer id) ─► a key for one purpose and
 * thing └─ csn_seal(key, associated data, plaintext, nonce)
 *
 * Sealing is XChaCha20-Poly1305 (IETF): its nonces are long enough to be random. The associated
 * data says what and whose the box is (app id, customer id, kind): a box moved elsewhere does not
 * open. Deriving and keyed hashing are BLAKE2b with a key.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_CRYPTO_SEAL_H
#define CSN_CRYPTO_SEAL_H

#include "countersign/bytes.h"

#define CSN_SEAL_KEY_LENGTH 32
#define CSN_SEAL_NONCE_LENGTH 24
#define CSN_SEAL_TAG_LENGTH 16
#define CSN_SEAL_OVERHEAD (CSN_SEAL_NONCE_LENGTH + CSN_SEAL_TAG_LENGTH)
#define CSN_KEYED_HASH_LENGTH 16

/* A key of one purpose. Wipe it with csn_wipe after use. */
struct csn_seal_key {
    uint8_t bytes[CSN_SEAL_KEY_LENGTH];
};

/* Appends nonce || ciphertext || tag: plaintext.len + CSN_SEAL_OVERHEAD bytes.
 * In: `nonce` fresh and random for every box under one key. `out` must not overlap `plaintext`.
 * Returns: CSN_OK; CSN_NO_SPACE, with nothing appended. */
CSN_MUST_USE enum csn_status csn_seal(const struct csn_seal_key *key, struct csn_bytes associated,
                                      struct csn_bytes plaintext,
                                      const uint8_t nonce[CSN_SEAL_NONCE_LENGTH],
                                      struct csn_buffer *out);

/* Appends the plaintext. `out` must not overlap `box`.
 * Returns: CSN_OK; CSN_INVALID (too short, another key, other associated data, or changed), with
 * nothing appended; CSN_NO_SPACE. */
CSN_MUST_USE enum csn_status csn_unseal(const struct csn_seal_key *key, struct csn_bytes associated,
                                        struct csn_bytes box, struct csn_buffer *out);

/* Derives the key for `purpose` (a constant text of ours, at most 255 bytes) and `id` (what it is
 * for; may be empty): BLAKE2b-256 under `master` of length(purpose) || purpose || id, so that no
 * two pairs give the same input. */
void csn_kdf_derive(const struct csn_seal_key *master, const char *purpose, struct csn_bytes id,
                    struct csn_seal_key *out);

/* A stable name for `input` that only a holder of the key can compute: BLAKE2b-128 under `key`. For
 * identity pseudonyms, and for looking up random API secrets without storing them. */
void csn_keyed_hash(const struct csn_seal_key *key, struct csn_bytes input,
                    uint8_t out[CSN_KEYED_HASH_LENGTH]);

#endif
