/* A small world for tests of the hot path: one app made by hand, with keys that can sign, and a
 * clock that stands still until it is moved. No store, no registry.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_TESTS_SERVER_BEARER_WORLD_H
#define CSN_TESTS_SERVER_BEARER_WORLD_H

#include "server/domain/authenticate.h"
#include "server/domain/cache.h"
#include "server/domain/revocations.h"

#define BEARER_NOW_S 1795219200LL /* 2026-11-21 */
#define BEARER_KEYS 4
#define BEARER_APP "01JAPPAPPAPPAPPAPPAPPAPPAP"
#define BEARER_OTHER_APP "01JANTHERANTHERANTHERANTHE"

struct bearer_world {
    struct csn_app app;
    struct csn_key keys[BEARER_KEYS];
    struct csn_signer *signers[BEARER_KEYS]; /* of keys[] */
    struct csn_key session_key;
    struct csn_signer *session_signer;
    struct csn_workspace workspace;
    struct csn_cache *cache;
    struct csn_revocations *revocations;
    struct csn_caller last;
    uint8_t arena_memory[65536];
    struct csn_arena arena; /* of the policy */
    uint8_t texts[8][CSN_TOKEN_MAX + 512];
    size_t next_text;
    int64_t now_ms;
};

/* Out: *w with the app `id` under `policy` (JSON), without keys; its generation is 1. */
void bearer_open(struct bearer_world *w, const char *id, const char *policy);
void bearer_close(struct bearer_world *w);

/* Asks as a request does. The answer's views stay until the next. */
struct csn_caller bearer_asked(struct bearer_world *w, struct csn_bytes bearer, bool after_login);
/* Revokes for ever. */
void bearer_revoke(struct bearer_world *w, struct csn_bytes token);

/* Gives the app one more active key, new and its own; `kid` may be NULL. Its number is 1 for the
 * first. Returns: its index. */
size_t bearer_add_key(struct bearer_world *w, enum csn_algorithm algorithm, const char *kid);

/* Mints `payload`, a printf format, with key `index`. The token stays until seven later ones. */
struct csn_bytes bearer_token(struct bearer_world *w, size_t index, const char *payload, ...)
    __attribute__((format(printf, 3, 4)));
/* {"sub":…,"iat":now,"exp":now + 300}. */
struct csn_bytes bearer_token_of(struct bearer_world *w, size_t index, const char *sub);
/* `payload` under the app's session key and the session header, whatever it says. */
struct csn_bytes bearer_session_of(struct bearer_world *w, const char *payload, ...)
    __attribute__((format(printf, 2, 3)));
/* A session token as the server makes it. */
struct csn_bytes bearer_session(struct bearer_world *w, const struct csn_session_claims *claims);
/* A verified session of ada, one hour long from now. */
struct csn_session_claims bearer_claims(const struct bearer_world *w);

/* A copy of `token` in memory of its own size, so that a sanitizer sees a read past it; freed by
 * the next call. Byte `at` is replaced by `with`. */
struct csn_bytes bearer_bent(struct csn_bytes token, size_t at, uint8_t with);

#define assert_reason(wanted, got)                                                                 \
    assert_string_equal(csn_reason_name(wanted), csn_reason_name(got))
#define assert_bytes(wanted, got) assert_true(csn_bytes_equal_text((got), (wanted)))

#endif
