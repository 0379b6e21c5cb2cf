/* See bearer_world.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/server/bearer_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SESSION_KID "countersign-session"

/* --- the app --- */

static void
make_session_key(struct bearer_world *w, const char *id)
{
    char secret[64];
    struct csn_key_report report;
    struct csn_verifier *verifier = NULL;
    snprintf(secret, sizeof secret, "session secret of %s", id);
    struct csn_bytes view = csn_bytes_text(secret);
    assert_int_equal(csn_verifier_from_secret(CSN_HS256, view, &verifier, &report), CSN_OK);
    assert_int_equal(csn_signer_from_secret(CSN_HS256, view, &w->session_signer, &report), CSN_OK);
    w->session_key =
        (struct csn_key){.algorithm = CSN_HS256, .state = CSN_KEY_ACTIVE, .verifier = verifier};
    w->app.session_keys = (struct csn_keyring){&w->session_key, 1};
    w->app.session_signer = w->session_signer;
}

void
bearer_open(struct bearer_world *w, const char *id, const char *policy)
{
    memset(w, 0, sizeof *w);
    w->now_ms = BEARER_NOW_S * 1000;
    w->arena = csn_arena_over(w->arena_memory, sizeof w->arena_memory);
    struct csn_policy_error error = {0};
    if (csn_policy_parse(csn_bytes_text(policy), &w->arena, &w->app.policy, &error) != CSN_OK)
        fail_msg("%s: %s", error.field, error.sentence);
    memcpy(w->app.id.text, id, CSN_ID_LENGTH);
    w->app.generation = 1;
    w->app.keys.keys = w->keys;
    w->app.enforcement = (struct csn_enforcement){
        .mode = CSN_ENFORCE_OPTIONAL, .otherwise = CSN_ENFORCE_OPTIONAL, .percentage = 100};
    make_session_key(w, id);
    w->revocations = csn_revocations_create();
    w->cache = csn_cache_create(1);
    assert_non_null(w->revocations);
    assert_non_null(w->cache);
}

static void
free_verifier(const struct csn_key *key)
{
    /* The ring borrows it; this world made it. */
    union {
        const struct csn_verifier *borrowed;
        struct csn_verifier *owned;
    } verifier = {.borrowed = key->verifier};
    csn_verifier_free(verifier.owned);
}

void
bearer_close(struct bearer_world *w)
{
    for (size_t i = 0; i < w->app.keys.count; i++) {
        free_verifier(&w->keys[i]);
        csn_signer_free(w->signers[i]);
    }
    csn_cache_free(w->cache);
    csn_revocations_free(w->revocations);
    free_verifier(&w->session_key);
    csn_signer_free(w->session_signer);
    (void)bearer_bent((struct csn_bytes){0}, 0, 0);
}

static void
load_pair(struct bearer_world *w, size_t at, enum csn_algorithm algorithm, struct csn_bytes private,
          struct csn_bytes public)
{
    struct csn_key_report report;
    struct csn_verifier *verifier = NULL;
    if (csn_algorithm_family(algorithm) == CSN_FAMILY_HMAC) {
        assert_int_equal(csn_verifier_from_secret(algorithm, private, &verifier, &report), CSN_OK);
        assert_int_equal(csn_signer_from_secret(algorithm, private, &w->signers[at], &report),
                         CSN_OK);
    } else {
        assert_int_equal(csn_verifier_from_pem(algorithm, public, &verifier, &report), CSN_OK);
        assert_int_equal(csn_signer_from_pem(algorithm, private, &w->signers[at], &report), CSN_OK);
    }
    w->keys[at].verifier = verifier;
}

size_t
bearer_add_key(struct bearer_world *w, enum csn_algorithm algorithm, const char *kid)
{
    uint8_t private_memory[4096], public_memory[4096], jwk_memory[4096];
    struct csn_buffer private = csn_buffer_over(private_memory, sizeof private_memory);
    struct csn_buffer public = csn_buffer_over(public_memory, sizeof public_memory);
    struct csn_buffer jwk = csn_buffer_over(jwk_memory, sizeof jwk_memory);
    size_t at = w->app.keys.count;
    assert_true(at < BEARER_KEYS);
    assert_int_equal(csn_key_generate(algorithm, 0, csn_bytes_text(kid), &private, &public, &jwk),
                     CSN_OK);
    w->keys[at] = (struct csn_key){.kid = csn_bytes_text(kid),
                                   .algorithm = algorithm,
                                   .state = CSN_KEY_ACTIVE,
                                   .number = (int64_t)at + 1};
    load_pair(w, at, algorithm, csn_buffer_view(&private), csn_buffer_view(&public));
    w->app.keys.count++;
    return at;
}

/* --- asking --- */

struct csn_caller
bearer_asked(struct bearer_world *w, struct csn_bytes bearer, bool after_login)
{
    struct csn_authenticator with = {
        .cache = w->cache, .revocations = w->revocations, .workspace = &w->workspace};
    memset(&w->last, 0xAA, sizeof w->last); /* so that what is not set shows */
    csn_authenticate(&with, &w->app, bearer, after_login, &w->last, w->now_ms);
    return w->last;
}

void
bearer_revoke(struct bearer_world *w, struct csn_bytes token)
{
    uint8_t hash[32];
    csn_token_hash(token, hash);
    assert_int_equal(csn_revoke_token(w->revocations, w->app.id, hash, INT64_MAX), CSN_OK);
}

/* --- tokens --- */

static struct csn_buffer
next_text(struct bearer_world *w)
{
    size_t at = w->next_text++ % (sizeof w->texts / sizeof w->texts[0]);
    return csn_buffer_over(w->texts[at], sizeof w->texts[at]);
}

static struct csn_bytes
mint(struct bearer_world *w, const struct csn_mint_request *request)
{
    struct csn_buffer out = next_text(w);
    assert_int_equal(csn_mint(request, &out), CSN_OK);
    return csn_buffer_view(&out);
}

struct csn_bytes
bearer_token(struct bearer_world *w, size_t index, const char *payload, ...)
{
    static char text[CSN_TOKEN_MAX];
    va_list arguments;
    va_start(arguments, payload);
    /* va_start is the line above; the checker loses sight of it.
     * NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized) */
    vsnprintf(text, sizeof text, payload, arguments);
    va_end(arguments);
    return mint(w, &(struct csn_mint_request){.signer = w->signers[index],
                                              .kid = w->keys[index].kid,
                                              .type = csn_bytes_text("JWT"),
                                              .payload = csn_bytes_text(text)});
}

struct csn_bytes
bearer_token_of(struct bearer_world *w, size_t index, const char *sub)
{
    long long now_s = w->now_ms / 1000;
    return bearer_token(w, index, "{\"sub\":\"%s\",\"iat\":%lld,\"exp\":%lld}", sub, now_s,
                        now_s + 300);
}

struct csn_bytes
bearer_session_of(struct bearer_world *w, const char *payload, ...)
{
    static char text[8192];
    va_list arguments;
    va_start(arguments, payload);
    /* va_start is the line above; the checker loses sight of it.
     * NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized) */
    vsnprintf(text, sizeof text, payload, arguments);
    va_end(arguments);
    return mint(w, &(struct csn_mint_request){.signer = w->session_signer,
                                              .kid = csn_bytes_text(SESSION_KID),
                                              .type = csn_bytes_text("JWT"),
                                              .payload = csn_bytes_text(text)});
}

struct csn_bytes
bearer_session(struct bearer_world *w, const struct csn_session_claims *claims)
{
    struct csn_buffer out = next_text(w);
    assert_int_equal(csn_session_token_mint(&w->app, claims, &out), CSN_OK);
    return csn_buffer_view(&out);
}

struct csn_session_claims
bearer_claims(const struct bearer_world *w)
{
    return (struct csn_session_claims){
        .session = {"01JSESSESSESSESSESSESSESSE"},
        .customer = {"01JCSTCSTCSTCSTCSTCSTCSTCS"},
        .device = csn_bytes_text("phone"),
        .identity = csn_bytes_text("ada"),
        .assurance = CSN_ASSURANCE_VERIFIED,
        .generation = 1,
        .issued_ms = w->now_ms,
        .expires_ms = w->now_ms + 3600 * 1000LL,
    };
}

struct csn_bytes
bearer_bent(struct csn_bytes token, size_t at, uint8_t with)
{
    static uint8_t *copy;
    free(copy);
    copy = NULL;
    if (token.len == 0)
        return token;
    copy = malloc(token.len);
    assert_non_null(copy);
    memcpy(copy, token.ptr, token.len);
    copy[at] = with;
    return csn_bytes_of(copy, token.len);
}
