/* Who is calling: every kind of bearer, each reason with its HTTP answer, each enforcement mode.
 * What the cache adds is in authenticate_cache_test.c.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "server/domain/enforcement.h"
#include "tests/unit/server/bearer_world.h"

#define POLICY                                                                                     \
    "{\"algorithms\":[\"ES256\"],\"identity\":[\"sub\"],\"use\":\"every_request\","                \
    "\"issuer\":\"shop\",\"audience\":\"api\",\"required\":[\"exp\",\"iat\"],\"leeway_s\":0,"      \
    "\"lifetime_max_s\":600}"
#define NOW_S BEARER_NOW_S
#define NOW_MS (BEARER_NOW_S * 1000)
#define T "1795219200" /* NOW_S */
#define GOOD(more) "{\"iss\":\"shop\",\"aud\":\"api\",\"sub\":\"ada\"," more "}"
#define TIMES "\"iat\":" T ",\"exp\":1795219500"

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
    open_under(POLICY, CSN_ES256);
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    bearer_close(&w);
    return 0;
}

static struct csn_caller
asked(struct csn_bytes bearer, bool after_login)
{
    return bearer_asked(&w, bearer, after_login);
}

static enum csn_reason
reason_of(struct csn_bytes bearer)
{
    return asked(bearer, true).verdict.reason;
}

/* --- who is let in --- */

static void
a_good_token_is_its_identity_verified(void **state)
{
    (void)state;
    struct csn_caller caller = asked(bearer_token(&w, 0, GOOD(TIMES)), true);
    assert_reason(CSN_REASON_ACCEPTED, caller.verdict.reason);
    assert_int_equal(caller.kind, CSN_BEARER_TOKEN);
    assert_int_equal(caller.assurance, CSN_ASSURANCE_VERIFIED);
    assert_string_equal(caller.identity, "ada");
    assert_ptr_not_equal(caller.verdict.identity.ptr, w.workspace.unescaped);
    assert_bytes("ada", caller.verdict.identity);
    assert_int_equal(caller.key_number, 1);
    assert_true(caller.expires_ms == NOW_MS + 300000);
    assert_string_equal(caller.session.text, "");
    assert_string_equal(caller.customer.text, "");
    assert_string_equal(caller.device, "");
}

static void
a_token_without_an_end_never_expires(void **state)
{
    (void)teardown(state);
    open_under("{\"algorithms\":[\"ES256\"],\"use\":\"every_request\"}", CSN_ES256);
    struct csn_caller caller = asked(bearer_token(&w, 0, "{\"sub\":\"ada\"}"), true);
    assert_reason(CSN_REASON_ACCEPTED, caller.verdict.reason);
    assert_int_equal(caller.expires_ms, 0);
}

static void
the_longest_identity_is_kept_whole(void **state)
{
    (void)state;
    char sub[CSN_IDENTITY_MAX + 1] = {0};
    memset(sub, 'x', CSN_IDENTITY_MAX);
    struct csn_bytes token =
        bearer_token(&w, 0, "{\"iss\":\"shop\",\"aud\":\"api\"," TIMES ",\"sub\":\"%s\"}", sub);
    struct csn_caller caller = asked(token, true);
    assert_int_equal(caller.identity_len, CSN_IDENTITY_MAX);
    assert_string_equal(caller.identity, sub);
}

static void
a_session_is_good_whatever_the_policy_uses(void **state)
{
    static const char *policies[] = {
        "{\"algorithms\":[\"ES256\"],\"use\":\"every_request\"}",
        "{\"algorithms\":[\"ES256\"],\"use\":\"session\"}",
        "{\"algorithms\":[\"HS256\"],\"use\":\"session\"}",
    };
    for (size_t i = 0; i < 3; i++) {
        (void)teardown(state);
        open_under(policies[i], i < 2 ? CSN_ES256 : CSN_HS256);
        struct csn_session_claims claims = bearer_claims(&w);
        struct csn_caller caller = asked(bearer_session(&w, &claims), true);
        assert_reason(CSN_REASON_ACCEPTED, caller.verdict.reason);
        assert_int_equal(caller.kind, CSN_BEARER_SESSION);
        assert_string_equal(caller.session.text, claims.session.text);
    }
}

/* --- who is not: each reason, and what HTTP says of it --- */

static const struct {
    const char *payload;
    enum csn_reason reason;
    int http;
} payloads[] = {
    {GOOD(TIMES), CSN_REASON_ACCEPTED, 200},
    {GOOD("\"iat\":" T ",\"exp\":1795219201"), CSN_REASON_ACCEPTED, 200},
    {GOOD("\"iat\":" T ",\"exp\":1795219200"), CSN_REASON_EXPIRED, 401},
    {GOOD("\"nbf\":1795219201," TIMES), CSN_REASON_NOT_YET_VALID, 401},
    {GOOD("\"nbf\":1795219200," TIMES), CSN_REASON_ACCEPTED, 200},
    {GOOD("\"iat\":1795219201,\"exp\":1795219500"), CSN_REASON_ISSUED_IN_FUTURE, 401},
    {GOOD("\"iat\":" T ",\"exp\":1795219800"), CSN_REASON_ACCEPTED, 200},
    {GOOD("\"iat\":" T ",\"exp\":1795219801"), CSN_REASON_LIFETIME_TOO_LONG, 401},
    {GOOD("\"iat\":" T ",\"exp\":1795219500000"), CSN_REASON_TIME_IN_MILLISECONDS, 401},
    {GOOD("\"iat\":" T), CSN_REASON_CLAIM_MISSING, 401},
    {GOOD("\"iat\":\"now\",\"exp\":1795219500"), CSN_REASON_CLAIM_INVALID, 401},
    {"{\"iss\":\"other\",\"aud\":\"api\",\"sub\":\"ada\"," TIMES "}", CSN_REASON_ISSUER_MISMATCH,
     401},
    {"{\"iss\":\"shop\",\"aud\":\"other\",\"sub\":\"ada\"," TIMES "}", CSN_REASON_AUDIENCE_MISMATCH,
     401},
    {"{\"iss\":\"shop\",\"aud\":\"api\"," TIMES "}", CSN_REASON_IDENTITY_MISSING, 401},
    {"{\"iss\":\"shop\",\"aud\":\"api\",\"sub\":5," TIMES "}", CSN_REASON_CLAIM_INVALID, 401},
    {"{\"iss\":\"shop\",\"aud\":\"api\",\"sub\":\"\"," TIMES "}", CSN_REASON_CLAIM_INVALID, 401},
};
#define PAYLOADS (sizeof payloads / sizeof payloads[0])

static void
assert_refused(const struct csn_caller *caller, enum csn_reason reason, int http)
{
    assert_reason(reason, caller->verdict.reason);
    assert_int_equal(csn_reason_http(reason), http);
    assert_int_equal(caller->assurance, CSN_ASSURANCE_NONE);
    assert_int_equal(caller->identity_len, 0);
    assert_string_equal(caller->identity, "");
    assert_int_equal(caller->key_number, 0);
    assert_int_equal(caller->expires_ms, 0);
    assert_int_equal(caller->verdict.identity.len, 0);
}

static void
each_claim_is_judged_at_the_door(void **state)
{
    (void)state;
    for (size_t i = 0; i < PAYLOADS; i++) {
        struct csn_caller caller = asked(bearer_token(&w, 0, "%s", payloads[i].payload), true);
        if (caller.verdict.reason != payloads[i].reason)
            fail_msg("%s: %s", payloads[i].payload, csn_reason_name(caller.verdict.reason));
        if (payloads[i].reason != CSN_REASON_ACCEPTED)
            assert_refused(&caller, payloads[i].reason, payloads[i].http);
        assert_int_equal(csn_reason_http(payloads[i].reason), payloads[i].http);
    }
}

static void
what_is_no_token_says_so(void **state)
{
    (void)state;
    static const struct {
        const char *bearer;
        enum csn_reason reason;
    } cases[] = {
        {"", CSN_REASON_MISSING},
        {"opaque", CSN_REASON_MALFORMED},
        {"a.b.c.d.e", CSN_REASON_MALFORMED},
        {"..", CSN_REASON_MALFORMED},
        {"e30.e30.e30", CSN_REASON_MALFORMED},                               /* {} has no alg */
        {"eyJhbGciOiJub25lIn0.e30.AAAA", CSN_REASON_ALGORITHM_UNSUPPORTED},  /* none */
        {"eyJhbGciOiJIUzI1NiJ9.e30.AAAA", CSN_REASON_ALGORITHM_NOT_ALLOWED}, /* HS256 */
        {"eyJhbGciOiJFUzI1NiJ9.e30.AAAA", CSN_REASON_SIGNATURE_INVALID},     /* ES256 */
        {"eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9.e30.AAAA", CSN_REASON_TYPE_MISMATCH},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct csn_caller caller = asked(csn_bytes_text(cases[i].bearer), true);
        assert_refused(&caller, cases[i].reason, 401);
    }
    struct csn_caller nothing = asked((struct csn_bytes){0}, true);
    assert_refused(&nothing, CSN_REASON_MISSING, 401);
}

static void
each_state_of_the_keys_has_its_reason(void **state)
{
    (void)state;
    w.keys[0].kid = csn_bytes_text("k1");
    struct csn_bytes named = bearer_token(&w, 0, GOOD(TIMES));
    assert_reason(CSN_REASON_ACCEPTED, reason_of(named));
    w.app.generation++; /* as every change of the keys does */
    w.keys[0].state = CSN_KEY_RETIRING;
    assert_reason(CSN_REASON_ACCEPTED, reason_of(named));
    w.app.generation++;
    w.keys[0].state = CSN_KEY_RETIRED;
    assert_reason(CSN_REASON_KEY_RETIRED, reason_of(named));
    w.keys[0].state = CSN_KEY_STANDBY;
    assert_reason(CSN_REASON_KEY_UNKNOWN, reason_of(named));
    w.keys[0].state = CSN_KEY_ACTIVE;
    w.keys[0].kid = csn_bytes_text("k2");
    assert_reason(CSN_REASON_KEY_UNKNOWN, reason_of(named));
    w.keys[0].kid = csn_bytes_text("k1");
    w.keys[0].algorithm = CSN_ES384;
    assert_reason(CSN_REASON_ALGORITHM_MISMATCH, reason_of(named));
    w.app.keys.count = 0;
    assert_reason(CSN_REASON_NO_KEY, reason_of(named));
    w.app.keys.count = 1;
}

static void
a_token_is_as_long_as_its_limit_and_not_one_byte_longer(void **state)
{
    (void)state;
    static uint8_t memory[CSN_TOKEN_MAX + 1];
    memset(memory, 'A', sizeof memory);
    struct csn_caller caller = asked(csn_bytes_of(memory, CSN_TOKEN_MAX), true);
    assert_refused(&caller, CSN_REASON_MALFORMED, 401);
    caller = asked(csn_bytes_of(memory, CSN_TOKEN_MAX + 1), true);
    assert_refused(&caller, CSN_REASON_TOO_LARGE, 401);
    assert_int_equal(csn_reason_action(CSN_REASON_TOO_LARGE), CSN_ACTION_FIX_SETUP);
}

static void
a_suspended_app_knows_nobody(void **state)
{
    (void)state;
    struct csn_session_claims claims = bearer_claims(&w);
    struct csn_bytes bearers[] = {
        bearer_token(&w, 0, GOOD(TIMES)), bearer_session(&w, &claims), {0}};
    for (size_t i = 0; i < 2; i++)
        assert_reason(CSN_REASON_ACCEPTED, reason_of(bearers[i]));
    w.app.suspended = true;
    for (size_t i = 0; i < 3; i++) {
        struct csn_caller caller = asked(bearers[i], true);
        assert_refused(&caller, CSN_REASON_APP_SUSPENDED, 403);
        assert_int_equal(caller.kind, CSN_BEARER_NONE);
    }
    w.app.suspended = false;
    for (size_t i = 0; i < 2; i++)
        assert_reason(CSN_REASON_ACCEPTED, reason_of(bearers[i]));
}

static void
no_change_of_any_character_of_a_token_is_accepted(void **state)
{
    (void)state;
    struct csn_bytes token = bearer_token(&w, 0, GOOD(TIMES));
    static const char others[] = "Ab0-_.=";
    for (size_t at = 0; at < token.len; at++) {
        for (size_t i = 0; i < sizeof others; i++) { /* the final NUL too */
            if (token.ptr[at] != (uint8_t)others[i])
                assert_int_not_equal(reason_of(bearer_bent(token, at, (uint8_t)others[i])),
                                     CSN_REASON_ACCEPTED);
        }
    }
}

/* --- before the login and after it --- */

static enum csn_reason
aged(const char *use, bool after_login)
{
    char policy[160];
    void *none = NULL;
    (void)teardown(&none);
    snprintf(policy, sizeof policy,
             "{\"algorithms\":[\"ES256\"],\"use\":\"%s\",\"issued_within_s\":60,\"leeway_s\":0}",
             use);
    open_under(policy, CSN_ES256);
    struct csn_bytes token = bearer_token_of(&w, 0, "ada");
    w.now_ms += 60000;
    assert_reason(CSN_REASON_ACCEPTED, asked(token, after_login).verdict.reason);
    w.now_ms += 1;
    return asked(token, after_login).verdict.reason;
}

static void
only_a_token_of_every_request_may_grow_old_after_its_login(void **state)
{
    (void)state;
    assert_reason(CSN_REASON_ACCEPTED, aged("every_request", true));
    assert_reason(CSN_REASON_ISSUED_TOO_LONG_AGO, aged("every_request", false));
    assert_reason(CSN_REASON_ISSUED_TOO_LONG_AGO, aged("session", true));
    assert_reason(CSN_REASON_ISSUED_TOO_LONG_AGO, aged("session", false));
}

/* --- revoked --- */

static void
a_revoked_token_is_refused_and_still_says_whose_it_was(void **state)
{
    (void)state;
    struct csn_bytes token = bearer_token(&w, 0, GOOD(TIMES));
    struct csn_bytes another = bearer_token(&w, 0, GOOD("\"jti\":1," TIMES));
    bearer_revoke(&w, token);
    struct csn_caller caller = asked(token, true);
    assert_reason(CSN_REASON_REVOKED, caller.verdict.reason);
    assert_int_equal(csn_reason_http(CSN_REASON_REVOKED), 401);
    assert_string_equal(caller.identity, "ada");
    assert_reason(CSN_REASON_REVOKED, asked(token, false).verdict.reason);
    assert_reason(CSN_REASON_ACCEPTED, reason_of(another));
}

static void
a_token_is_revoked_in_its_own_app_alone(void **state)
{
    (void)state;
    struct csn_bytes token = bearer_token(&w, 0, GOOD(TIMES));
    struct csn_id other = {BEARER_OTHER_APP};
    uint8_t hash[32];
    csn_token_hash(token, hash);
    assert_int_equal(csn_revoke_token(w.revocations, other, hash, INT64_MAX), CSN_OK);
    assert_reason(CSN_REASON_ACCEPTED, reason_of(token));
}

/* The order of P-256 (FIPS 186-4 §D.1.2.3): where (r, s) verifies, so does (r, order - s). */
static struct csn_bytes
with_the_other_signature(struct csn_bytes token, struct csn_buffer *out)
{
    static const uint8_t order[32] = {0xFF, 0xFF, 0xFF, 0xFF, 0x00, 0x00, 0x00, 0x00,
                                      0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
                                      0xBC, 0xE6, 0xFA, 0xAD, 0xA7, 0x17, 0x9E, 0x84,
                                      0xF3, 0xB9, 0xCA, 0xC2, 0xFC, 0x63, 0x25, 0x51};
    uint8_t memory[96];
    struct csn_buffer signature = csn_buffer_over(memory, sizeof memory);
    size_t start = token.len - 86;
    assert_int_equal(csn_base64url_decode(csn_bytes_slice(token, start, token.len), &signature),
                     CSN_OK);
    for (int i = 31, borrow = 0; i >= 0; i--) {
        int digit = order[i] - memory[32 + i] - borrow;
        borrow = digit < 0;
        memory[32 + i] = (uint8_t)(digit + (borrow ? 256 : 0));
    }
    csn_buffer_append(out, csn_bytes_slice(token, 0, start));
    csn_base64url_append(out, csn_buffer_view(&signature));
    return csn_buffer_view(out);
}

static void
a_revoked_token_stays_revoked_under_its_other_valid_signature(void **state)
{
    (void)state;
    uint8_t memory[2048];
    struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
    struct csn_bytes token = bearer_token(&w, 0, GOOD(TIMES));
    struct csn_bytes twin = with_the_other_signature(token, &out);
    assert_false(csn_bytes_equal(token, twin));
    assert_reason(CSN_REASON_ACCEPTED, reason_of(twin));
    bearer_revoke(&w, token);
    assert_reason(CSN_REASON_REVOKED, reason_of(twin));
}

static void
a_revoked_session_is_refused_by_its_id_whatever_its_generation(void **state)
{
    (void)state;
    struct csn_session_claims claims = bearer_claims(&w);
    struct csn_bytes one = bearer_session(&w, &claims);
    claims.generation = 2;
    struct csn_bytes two = bearer_session(&w, &claims);
    struct csn_id session = claims.session;
    claims.session.text[25] = 'X';
    struct csn_bytes another = bearer_session(&w, &claims);
    assert_int_equal(csn_revoke_session(w.revocations, w.app.id, session, INT64_MAX), CSN_OK);
    assert_reason(CSN_REASON_REVOKED, reason_of(one));
    assert_reason(CSN_REASON_REVOKED, reason_of(two));
    assert_reason(CSN_REASON_ACCEPTED, reason_of(another));
    assert_string_equal(asked(one, true).session.text, session.text);
}

static void
what_was_refused_already_is_not_called_revoked(void **state)
{
    (void)state;
    struct csn_bytes token = bearer_token(&w, 0, GOOD(TIMES));
    bearer_revoke(&w, token);
    w.now_ms += 300000;
    assert_reason(CSN_REASON_EXPIRED, reason_of(token));
}

static void
without_revocations_nothing_is_revoked(void **state)
{
    (void)state;
    struct csn_bytes token = bearer_token(&w, 0, GOOD(TIMES));
    bearer_revoke(&w, token);
    struct csn_authenticator with = {.workspace = &w.workspace};
    struct csn_caller caller;
    csn_authenticate(&with, &w.app, token, true, &caller, w.now_ms);
    assert_reason(CSN_REASON_ACCEPTED, caller.verdict.reason);
}

/* --- what enforcement makes of each --- */

struct admitted {
    enum csn_assurance off, monitor, optional, required; /* NONE: refused */
};

static void
assert_admitted(enum csn_reason reason, const char *claim, struct admitted wanted)
{
    const enum csn_assurance each[] = {wanted.off, wanted.monitor, wanted.optional,
                                       wanted.required};
    for (size_t i = 0; i < 4; i++) {
        w.app.enforcement.mode = (enum csn_enforcement_mode)(CSN_ENFORCE_OFF + (int)i);
        struct csn_enforcement_case of = {.reason = reason, .identity = csn_bytes_text(claim)};
        struct csn_enforcement_answer answer = csn_enforce(&w.app, &of, w.now_ms);
        if (answer.assurance != each[i] || answer.admitted != (each[i] != CSN_ASSURANCE_NONE))
            fail_msg("%s claiming %s in %s: %s", csn_reason_name(reason), claim ? claim : "nobody",
                     csn_enforcement_name(w.app.enforcement.mode),
                     csn_assurance_name(answer.assurance));
    }
}

#define NOBODY CSN_ASSURANCE_NONE
#define ANONYMOUS CSN_ASSURANCE_ANONYMOUS
#define CLAIMED CSN_ASSURANCE_CLAIMED
#define VERIFIED CSN_ASSURANCE_VERIFIED

static void
each_mode_admits_what_it_says_from_bearer_to_assurance(void **state)
{
    (void)state;
    const struct admitted verified = {VERIFIED, VERIFIED, VERIFIED, VERIFIED};
    enum csn_reason none = reason_of((struct csn_bytes){0});
    assert_admitted(none, NULL, (struct admitted){ANONYMOUS, ANONYMOUS, ANONYMOUS, NOBODY});
    assert_admitted(none, "ada", (struct admitted){CLAIMED, CLAIMED, CLAIMED, NOBODY});
    for (size_t i = 0; i < PAYLOADS; i++) {
        enum csn_reason reason = reason_of(bearer_token(&w, 0, "%s", payloads[i].payload));
        if (reason == CSN_REASON_ACCEPTED) {
            assert_admitted(reason, "ada", verified);
            continue;
        }
        assert_admitted(reason, NULL, (struct admitted){ANONYMOUS, ANONYMOUS, NOBODY, NOBODY});
        assert_admitted(reason, "ada", (struct admitted){CLAIMED, CLAIMED, NOBODY, NOBODY});
    }
    struct csn_session_claims claims = bearer_claims(&w);
    assert_admitted(reason_of(bearer_session(&w, &claims)), NULL, verified);
    w.app.suspended = true;
    assert_admitted(reason_of(bearer_session(&w, &claims)), NULL, (struct admitted){0});
}

int
main(void)
{
#define SENTENCE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        SENTENCE(a_good_token_is_its_identity_verified),
        SENTENCE(a_token_without_an_end_never_expires),
        SENTENCE(the_longest_identity_is_kept_whole),
        SENTENCE(a_session_is_good_whatever_the_policy_uses),
        SENTENCE(each_claim_is_judged_at_the_door),
        SENTENCE(what_is_no_token_says_so),
        SENTENCE(each_state_of_the_keys_has_its_reason),
        SENTENCE(a_token_is_as_long_as_its_limit_and_not_one_byte_longer),
        SENTENCE(a_suspended_app_knows_nobody),
        SENTENCE(no_change_of_any_character_of_a_token_is_accepted),
        SENTENCE(only_a_token_of_every_request_may_grow_old_after_its_login),
        SENTENCE(a_revoked_token_is_refused_and_still_says_whose_it_was),
        SENTENCE(a_token_is_revoked_in_its_own_app_alone),
        SENTENCE(a_revoked_token_stays_revoked_under_its_other_valid_signature),
        SENTENCE(a_revoked_session_is_refused_by_its_id_whatever_its_generation),
        SENTENCE(what_was_refused_already_is_not_called_revoked),
        SENTENCE(without_revocations_nothing_is_revoked),
        SENTENCE(each_mode_admits_what_it_says_from_bearer_to_assurance),
    };
    return cmocka_run_group_tests_name("authenticate", tests, NULL, NULL);
}
