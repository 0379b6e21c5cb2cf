/* A small world for tests of the judge: one policy, some keys, one token, one clock.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_TESTS_WORLD_H
#define CSN_TESTS_WORLD_H

#include "countersign/token.h"

/* cmocka wants these before itself */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define NOW_S 1767312000LL
#define NOW_MS (NOW_S * 1000)
#define NOW "1767312000"

/* RFC 7515 A.1, A.3, A.2; RFC 8037 A.1 */
#define HS_KEY                                                                                     \
    "{\"kty\":\"oct\",\"k\":\"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0i"    \
    "PS4hcgUuTwjAzZr1Z9CAow\"}"
#define EC_PUBLIC_MEMBERS                                                                          \
    "\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","      \
    "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\""
#define EC_PUBLIC "{" EC_PUBLIC_MEMBERS "}"
#define EC_PRIVATE "{" EC_PUBLIC_MEMBERS ",\"d\":\"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI\"}"
#define ED_PUBLIC_MEMBERS                                                                          \
    "\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\""
#define ED_PUBLIC "{" ED_PUBLIC_MEMBERS "}"
#define ED_PRIVATE "{" ED_PUBLIC_MEMBERS ",\"d\":\"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A\"}"

/* A key to add. Of a symmetric key one document is both. */
struct world_key {
    const char *private_jwk, *public_jwk;
    enum csn_algorithm algorithm;
    const char *kid; /* NULL: none */
    enum csn_key_state state;
    int64_t expires_ms;
};
extern const struct world_key hs256_key, es256_key, eddsa_key;

struct world {
    struct csn_policy policy;
    struct csn_key keys[CSN_KEYS_PER_APP_MAX];
    struct csn_signer *signers[CSN_KEYS_PER_APP_MAX];
    struct csn_keyring ring;
    struct csn_presentation presented;
    struct csn_workspace workspace;
    struct csn_verdict verdict;
    int64_t now_ms;
    uint8_t policy_memory[65536];
    uint8_t token[4 * CSN_TOKEN_MAX];
    size_t token_len;
};

/* Returns: a world with this policy and nothing else, at NOW. The same one each time. */
struct world *world_open(const char *policy_json);
void world_close(struct world *w);

/* Returns: the key's index. */
size_t world_add_key(struct world *w, struct world_key key);

/* Makes the token to present: the two texts encoded, and a true signature of key `key` over them.
 */
void world_sign(struct world *w, size_t key, const char *header, const char *payload);

/* The same over any signing input, however broken. */
void world_sign_input(struct world *w, size_t key, const char *input);
void world_sign_bytes(struct world *w, size_t key, struct csn_bytes header,
                      struct csn_bytes payload);

/* Presents this text as it is. */
void world_present(struct world *w, const char *token);

enum csn_reason world_judge(struct world *w);

/* Judges what is presented and fails unless the reason is this one; `when` says which case. */
void world_expect(struct world *w, const char *when, enum csn_reason reason);

/* A world with the HS256 key and `policy_json`, and a signed token of `payload`, judged. */
#define HEADER "{\"alg\":\"HS256\",\"typ\":\"JWT\"}"
#define GENERIC "{\"preset\":\"generic\"}"

void assert_bytes_are(struct csn_bytes bytes, const char *text);

#endif
