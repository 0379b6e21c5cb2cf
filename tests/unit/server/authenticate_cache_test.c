/* The cache behind authenticate: a hit is worth what a fresh judgement would be, and no more.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/crypto.h"
#include "tests/unit/server/bearer_world.h"

#define EVERY                                                                                      \
    "{\"algorithms\":[\"ES256\",\"EdDSA\"],\"use\":\"every_request\",\"issued_within_s\":60,"      \
    "\"leeway_s\":10}"
#define T "1795219200" /* BEARER_NOW_S */

static struct bearer_world w;

static void
open_under(const char *policy, enum csn_algorithm algorithm)
{
    bearer_open(&w, BEARER_APP, policy);
    (void)bearer_add_key(&w, algorithm, NULL);
}

static int
setup(void **state)
{
    (void)state;
    open_under(EVERY, CSN_ES256);
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    bearer_close(&w);
    return 0;
}

static enum csn_reason
reason_of(struct csn_bytes bearer)
{
    return bearer_asked(&w, bearer, true).verdict.reason;
}

/* A key without a verifier makes no signature good: what is accepted then was remembered. */
static bool
is_remembered(struct csn_bytes bearer)
{
    const struct csn_verifier *verifier = w.keys[0].verifier;
    w.keys[0].verifier = NULL;
    enum csn_reason reason = reason_of(bearer);
    w.keys[0].verifier = verifier;
    return reason != CSN_REASON_SIGNATURE_INVALID;
}

static bool
is_kept(struct csn_bytes bearer)
{
    struct csn_cache_key key = {.app = &w.app};
    struct csn_caller caller;
    csn_sha256(bearer, key.token_sha256);
    return csn_cache_get(w.cache, &key, &caller);
}

/* --- what is remembered --- */

static void
a_token_seen_before_is_not_verified_again(void **state)
{
    (void)state;
    struct csn_bytes token = bearer_token_of(&w, 0, "ada");
    assert_false(is_remembered(token));
    assert_reason(CSN_REASON_ACCEPTED, reason_of(token));
    assert_true(is_remembered(token));
}

static void
nothing_is_remembered_without_a_cache(void **state)
{
    (void)state;
    csn_cache_free(w.cache);
    w.cache = NULL;
    struct csn_bytes token = bearer_token_of(&w, 0, "ada");
    assert_reason(CSN_REASON_ACCEPTED, reason_of(token));
    assert_false(is_remembered(token));
}

static void
what_is_cheaper_to_check_than_to_look_up_is_not_remembered(void **state)
{
    static const enum csn_algorithm hmacs[] = {CSN_HS256, CSN_HS384, CSN_HS512};
    for (size_t i = 0; i < 3; i++) {
        char policy[96];
        (void)teardown(state);
        snprintf(policy, sizeof policy, "{\"algorithms\":[\"%s\"],\"use\":\"every_request\"}",
                 csn_algorithm_name(hmacs[i]));
        open_under(policy, hmacs[i]);
        struct csn_bytes token = bearer_token_of(&w, 0, "ada");
        assert_reason(CSN_REASON_ACCEPTED, reason_of(token));
        assert_false(is_kept(token));
    }
}

static void
a_token_of_one_login_is_never_remembered(void **state)
{
    (void)state;
    struct csn_bytes token = bearer_token_of(&w, 0, "ada");
    assert_reason(CSN_REASON_ACCEPTED, bearer_asked(&w, token, false).verdict.reason);
    assert_false(is_kept(token));
    (void)teardown(state);
    open_under("{\"algorithms\":[\"ES256\"],\"use\":\"session\"}", CSN_ES256);
    token = bearer_token_of(&w, 0, "ada");
    assert_reason(CSN_REASON_ACCEPTED, reason_of(token));
    assert_false(is_kept(token));
}

static void
a_hit_never_stands_in_for_a_login(void **state)
{
    (void)state;
    struct csn_bytes token = bearer_token_of(&w, 0, "ada");
    assert_reason(CSN_REASON_ACCEPTED, reason_of(token));
    w.now_ms += 71000; /* issued_within_s and the leeway have passed */
    assert_reason(CSN_REASON_ACCEPTED, reason_of(token));
    assert_reason(CSN_REASON_ISSUED_TOO_LONG_AGO, bearer_asked(&w, token, false).verdict.reason);
}

static void
sessions_are_never_remembered(void **state)
{
    (void)state;
    struct csn_session_claims claims = bearer_claims(&w);
    struct csn_bytes session = bearer_session(&w, &claims);
    assert_reason(CSN_REASON_ACCEPTED, reason_of(session));
    assert_false(is_kept(session));
}

static void
nothing_refused_is_remembered(void **state)
{
    (void)state;
    static const char *refused[] = {
        "{\"sub\":\"ada\",\"exp\":1795219190}",                      /* expired */
        "{\"sub\":\"ada\",\"nbf\":1795219211}",                      /* not yet */
        "{\"sub\":\"ada\",\"iat\":1795219211}",                      /* in the future */
        "{\"sub\":\"\",\"exp\":1795219300}",                         /* nobody */
        "{\"exp\":1795219300}",                                      /* nobody at all */
        "{\"sub\":\"ada\",\"iat\":1795219200,\"exp\":1795219300000}" /* in milliseconds */
    };
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        struct csn_bytes token = bearer_token(&w, 0, "%s", refused[i]);
        assert_int_not_equal(reason_of(token), CSN_REASON_ACCEPTED);
        assert_false(is_kept(token));
    }
    struct csn_bytes token = bearer_token_of(&w, 0, "ada");
    struct csn_bytes forged = bearer_bent(token, token.len - 9, token.ptr[token.len - 9] ^ 1);
    assert_int_not_equal(reason_of(forged), CSN_REASON_ACCEPTED);
    assert_false(is_kept(forged));
    static uint8_t huge[CSN_TOKEN_MAX + 1];
    assert_int_not_equal(reason_of(csn_bytes_of(huge, sizeof huge)), CSN_REASON_ACCEPTED);
    assert_false(is_kept(csn_bytes_of(huge, sizeof huge)));
    assert_reason(CSN_REASON_MISSING, reason_of((struct csn_bytes){0}));
    assert_false(is_kept((struct csn_bytes){0}));
}

static void
a_token_refused_too_early_is_accepted_in_time(void **state)
{
    (void)state;
    struct csn_bytes token = bearer_token(&w, 0, "{\"sub\":\"ada\",\"nbf\":1795219211}");
    assert_reason(CSN_REASON_NOT_YET_VALID, reason_of(token));
    w.now_ms += 1000;
    assert_reason(CSN_REASON_ACCEPTED, reason_of(token));
}

/* --- what is judged on every hit --- */

static void
a_hit_ends_when_its_token_does(void **state)
{
    (void)state;
    struct csn_bytes token = bearer_token_of(&w, 0, "ada");
    assert_reason(CSN_REASON_ACCEPTED, reason_of(token));
    w.now_ms += 300000 + 10000 - 1; /* exp and the leeway */
    assert_true(is_remembered(token));
    assert_reason(CSN_REASON_ACCEPTED, reason_of(token));
    w.now_ms += 1;
    assert_true(is_remembered(token));
    assert_reason(CSN_REASON_EXPIRED, reason_of(token));
    w.now_ms += 1000000;
    assert_reason(CSN_REASON_EXPIRED, reason_of(token));
}

static void
a_hit_is_too_early_where_the_clock_was_set_back(void **state)
{
    (void)state;
    struct csn_bytes token = bearer_token(&w, 0, "{\"sub\":\"ada\",\"nbf\":" T "}");
    struct csn_bytes issued = bearer_token(&w, 0, "{\"sub\":\"ada\",\"iat\":" T "}");
    assert_reason(CSN_REASON_ACCEPTED, reason_of(token));
    assert_reason(CSN_REASON_ACCEPTED, reason_of(issued));
    w.now_ms -= 10000;
    assert_reason(CSN_REASON_ACCEPTED, reason_of(token));
    assert_reason(CSN_REASON_ACCEPTED, reason_of(issued));
    w.now_ms -= 1;
    assert_reason(CSN_REASON_NOT_YET_VALID, reason_of(token));
    assert_reason(CSN_REASON_ISSUED_IN_FUTURE, reason_of(issued));
}

static void
a_hit_ends_when_its_key_does(void **state)
{
    (void)state;
    w.keys[0].expires_ms = w.now_ms + 5000;
    struct csn_bytes token = bearer_token_of(&w, 0, "ada");
    assert_reason(CSN_REASON_ACCEPTED, reason_of(token));
    w.now_ms += 4999;
    assert_true(is_remembered(token));
    w.now_ms += 1;
    assert_reason(CSN_REASON_NO_KEY, reason_of(token));
    assert_false(csn_reason_http(CSN_REASON_NO_KEY) == 200);
}

static void
a_hit_whose_key_is_gone_is_judged_anew(void **state)
{
    (void)state;
    struct csn_bytes token = bearer_token_of(&w, 0, "ada");
    assert_reason(CSN_REASON_ACCEPTED, reason_of(token));
    w.keys[0].number = 7;
    assert_false(is_remembered(token));
    w.app.keys.count = 0;
    assert_reason(CSN_REASON_NO_KEY, reason_of(token));
    w.app.keys.count = 1;
}

static void
a_hit_ends_with_its_revocation(void **state)
{
    (void)state;
    struct csn_bytes token = bearer_token_of(&w, 0, "ada");
    assert_reason(CSN_REASON_ACCEPTED, reason_of(token));
    bearer_revoke(&w, token);
    assert_true(is_remembered(token));
    assert_reason(CSN_REASON_REVOKED, reason_of(token));
}

static void
a_revoked_token_is_refused_the_second_time_too(void **state)
{
    (void)state;
    struct csn_bytes token = bearer_token_of(&w, 0, "ada");
    bearer_revoke(&w, token);
    for (int i = 0; i < 3; i++)
        assert_reason(CSN_REASON_REVOKED, reason_of(token));
}

static void
a_change_of_the_app_forgets_its_tokens(void **state)
{
    (void)state;
    struct csn_bytes token = bearer_token_of(&w, 0, "ada");
    assert_reason(CSN_REASON_ACCEPTED, reason_of(token));
    w.app.generation++;
    assert_false(is_remembered(token));
    w.app.policy.issuer = csn_bytes_text("shop");
    assert_reason(CSN_REASON_CLAIM_MISSING, reason_of(token));
}

static void
a_token_of_one_app_is_no_hit_in_another(void **state)
{
    (void)state;
    static struct bearer_world other;
    struct csn_bytes token = bearer_token_of(&w, 0, "ada");
    assert_reason(CSN_REASON_ACCEPTED, reason_of(token));
    bearer_open(&other, BEARER_OTHER_APP, EVERY);
    (void)bearer_add_key(&other, CSN_ES256, NULL);
    struct csn_cache *own = other.cache;
    other.cache = w.cache;
    assert_reason(CSN_REASON_SIGNATURE_INVALID, bearer_asked(&other, token, true).verdict.reason);
    other.cache = own;
    bearer_close(&other);
}

static void
a_token_remembered_is_not_its_neighbour(void **state)
{
    (void)state;
    struct csn_bytes token = bearer_token_of(&w, 0, "ada");
    assert_reason(CSN_REASON_ACCEPTED, reason_of(token));
    for (size_t at = 0; at < token.len; at++)
        assert_int_not_equal(reason_of(bearer_bent(token, at, token.ptr[at] ^ 1)),
                             CSN_REASON_ACCEPTED);
}

/* --- with the cache and without it --- */

static void
assert_same_caller(const struct csn_caller *a, const struct csn_caller *b)
{
    assert_int_equal(a->kind, b->kind);
    assert_reason(a->verdict.reason, b->verdict.reason);
    assert_int_equal(a->assurance, b->assurance);
    assert_string_equal(a->identity, b->identity);
    assert_int_equal(a->identity_len, b->identity_len);
    assert_int_equal(a->key_number, b->key_number);
    assert_true(a->expires_ms == b->expires_ms);
    assert_string_equal(a->session.text, b->session.text);
    assert_string_equal(a->customer.text, b->customer.text);
    assert_string_equal(a->device, b->device);
    assert_ptr_equal(a->verdict.key, b->verdict.key);
    assert_int_equal(a->verdict.algorithm, b->verdict.algorithm);
    assert_int_equal(a->verdict.identity.len, b->verdict.identity.len);
    assert_true(a->verdict.issued_at_ms == b->verdict.issued_at_ms);
    assert_true(a->verdict.not_before_ms == b->verdict.not_before_ms);
    assert_true(a->verdict.expires_at_ms == b->verdict.expires_at_ms);
    assert_int_equal(a->verdict.has_issued_at, b->verdict.has_issued_at);
    assert_int_equal(a->verdict.has_not_before, b->verdict.has_not_before);
    assert_int_equal(a->verdict.has_expires_at, b->verdict.has_expires_at);
}

static void
a_hit_says_what_a_fresh_judgement_says_at_every_time(void **state)
{
    (void)state;
    static const int64_t moves_ms[] = {0, 60000, 309999, 310000, 99999999, -10000, -10001};
    struct csn_bytes token = bearer_token(
        &w, 0, "{\"sub\":\"ada\",\"iat\":" T ",\"nbf\":" T ",\"exp\":1795219500.0005}");
    struct csn_cache *cache = w.cache;
    int64_t start_ms = w.now_ms;
    for (int revoked = 0; revoked < 2; revoked++) {
        for (size_t i = 0; i < sizeof moves_ms / sizeof moves_ms[0]; i++) {
            w.now_ms = start_ms;
            (void)reason_of(token);
            w.now_ms = start_ms + moves_ms[i];
            struct csn_caller hit = bearer_asked(&w, token, true);
            w.cache = NULL;
            struct csn_caller fresh = bearer_asked(&w, token, true);
            w.cache = cache;
            assert_same_caller(&hit, &fresh);
        }
        bearer_revoke(&w, token);
    }
}

int
main(void)
{
#define SENTENCE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        SENTENCE(a_token_seen_before_is_not_verified_again),
        SENTENCE(nothing_is_remembered_without_a_cache),
        SENTENCE(what_is_cheaper_to_check_than_to_look_up_is_not_remembered),
        SENTENCE(a_token_of_one_login_is_never_remembered),
        SENTENCE(a_hit_never_stands_in_for_a_login),
        SENTENCE(sessions_are_never_remembered),
        SENTENCE(nothing_refused_is_remembered),
        SENTENCE(a_token_refused_too_early_is_accepted_in_time),
        SENTENCE(a_hit_ends_when_its_token_does),
        SENTENCE(a_hit_is_too_early_where_the_clock_was_set_back),
        SENTENCE(a_hit_ends_when_its_key_does),
        SENTENCE(a_hit_whose_key_is_gone_is_judged_anew),
        SENTENCE(a_hit_ends_with_its_revocation),
        SENTENCE(a_revoked_token_is_refused_the_second_time_too),
        SENTENCE(a_change_of_the_app_forgets_its_tokens),
        SENTENCE(a_token_of_one_app_is_no_hit_in_another),
        SENTENCE(a_token_remembered_is_not_its_neighbour),
        SENTENCE(a_hit_says_what_a_fresh_judgement_says_at_every_time),
    };
    return cmocka_run_group_tests_name("authenticate_cache", tests, NULL, NULL);
}
