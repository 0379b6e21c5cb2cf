/* SHA-2 and HMAC by OpenSSL's plain block functions.
 *
 * The plain functions are marked deprecated since 3.0 in favour of EVP, which allocates per use and
 * costs 1.5 to 5 times the hash itself for a token-sized input. They are the same code underneath,
 * with the CPU's SHA instructions. This is the only file that may use them.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "crypto/sha2.h"

#include <string.h>

#include "base/panic.h"
#include "core/crypto.h"

enum { BLOCK_256 = SHA256_CBLOCK, BLOCK_512 = SHA512_CBLOCK };
enum { INNER_PAD = 0x36, OUTER_PAD = 0x5c }; /* RFC 2104 §2 */

static void
xor_all(uint8_t *block, size_t len, uint8_t with)
{
    for (size_t i = 0; i < len; i++)
        block[i] ^= with;
}

void
csn_hmac256_key(struct csn_hmac256 *keyed, struct csn_bytes secret)
{
    uint8_t block[BLOCK_256] = {0};
    if (secret.len > sizeof block)
        csn_sha256(secret, block);
    else if (secret.len > 0)
        memcpy(block, secret.ptr, secret.len);

    xor_all(block, sizeof block, INNER_PAD);
    SHA256_Init(&keyed->inner);
    SHA256_Update(&keyed->inner, block, sizeof block);
    xor_all(block, sizeof block, INNER_PAD ^ OUTER_PAD);
    SHA256_Init(&keyed->outer);
    SHA256_Update(&keyed->outer, block, sizeof block);
    csn_wipe(block, sizeof block);
}

static void
start_512(SHA512_CTX *state, enum csn_algorithm algorithm)
{
    if (csn_algorithm_hash_length(algorithm) == SHA384_DIGEST_LENGTH)
        SHA384_Init(state);
    else
        SHA512_Init(state);
}

void
csn_hmac512_key(struct csn_hmac512 *keyed, enum csn_algorithm algorithm, struct csn_bytes secret)
{
    uint8_t block[BLOCK_512] = {0};
    if (secret.len > sizeof block)
        csn_digest(algorithm, secret, block);
    else if (secret.len > 0)
        memcpy(block, secret.ptr, secret.len);

    xor_all(block, sizeof block, INNER_PAD);
    start_512(&keyed->inner, algorithm);
    SHA512_Update(&keyed->inner, block, sizeof block);
    xor_all(block, sizeof block, INNER_PAD ^ OUTER_PAD);
    start_512(&keyed->outer, algorithm);
    SHA512_Update(&keyed->outer, block, sizeof block);
    keyed->mac_length = csn_algorithm_hash_length(algorithm);
    csn_wipe(block, sizeof block);
}

/* The finished state holds the MAC: of a forged token, that is what the forger lacks. Its block is
 * wiped too where the library's Final does not. */
void
csn_hmac256_mac(const struct csn_hmac256 *keyed, struct csn_bytes input, uint8_t mac[32])
{
    SHA256_CTX state = keyed->inner;
    SHA256_Update(&state, input.ptr, input.len);
    SHA256_Final(mac, &state);
    state = keyed->outer;
    SHA256_Update(&state, mac, SHA256_DIGEST_LENGTH);
    SHA256_Final(mac, &state);
    csn_wipe(state.h, sizeof state.h);
}

void
csn_hmac512_mac(const struct csn_hmac512 *keyed, struct csn_bytes input, uint8_t mac[64])
{
    SHA512_CTX state = keyed->inner;
    SHA512_Update(&state, input.ptr, input.len);
    SHA512_Final(mac, &state);
    state = keyed->outer;
    SHA512_Update(&state, mac, keyed->mac_length);
    SHA512_Final(mac, &state);
    csn_wipe(&state, sizeof state);
}

void
csn_hmac(enum csn_algorithm algorithm, struct csn_bytes secret, struct csn_bytes input,
         uint8_t mac[64])
{
    CSN_ASSERT(csn_algorithm_family(algorithm) == CSN_FAMILY_HMAC);
    if (algorithm == CSN_HS256) {
        struct csn_hmac256 keyed;
        csn_hmac256_key(&keyed, secret);
        csn_hmac256_mac(&keyed, input, mac);
        csn_wipe(&keyed, sizeof keyed);
        return;
    }
    struct csn_hmac512 keyed;
    csn_hmac512_key(&keyed, algorithm, secret);
    csn_hmac512_mac(&keyed, input, mac);
    csn_wipe(&keyed, sizeof keyed);
}

void
csn_sha256(struct csn_bytes input, uint8_t digest[32])
{
    SHA256_CTX state;
    SHA256_Init(&state);
    SHA256_Update(&state, input.ptr, input.len);
    SHA256_Final(digest, &state);
}

static void
digest_512(enum csn_algorithm algorithm, struct csn_bytes input, uint8_t *digest)
{
    SHA512_CTX state;
    start_512(&state, algorithm);
    SHA512_Update(&state, input.ptr, input.len);
    SHA512_Final(digest, &state); /* writes 48 or 64 bytes, as it was started */
}

size_t
csn_digest(enum csn_algorithm algorithm, struct csn_bytes input, uint8_t digest[CSN_DIGEST_MAX])
{
    size_t length = csn_algorithm_hash_length(algorithm);
    if (length == SHA256_DIGEST_LENGTH)
        csn_sha256(input, digest);
    else if (length > 0)
        digest_512(algorithm, input, digest);
    return length;
}
