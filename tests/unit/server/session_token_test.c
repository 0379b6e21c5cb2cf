/* Session tokens of ours: what is minted is read back, and nothing else ever is.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/crypto.h"
#include "tests/unit/server/bearer_world.h"

#define POLICY "{\"algorithms\":[\"HS256\"],\"use\":\"every_request\"}"
#define NOW_S BEARER_NOW_S
#define NOW_MS (BEARER_NOW_S * 1000)

static struct bearer_world w;

static int
setup(void **state)
{
    (void)state;
    bearer_open(&w, BEARER_APP, POLICY);
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    bearer_close(&w);
    return 0;
}

/* The views of what it returns stay until the next. */
static struct csn_caller
judged_in(struct bearer_world *in, struct csn_bytes token)
{
    static struct csn_caller caller;
    memset(&caller, 0xAA, sizeof caller);
    csn_session_token_judge(&in->app, token, &in->workspace, &caller, in->now_ms);
    return caller;
}

static enum csn_reason
reason_of(struct csn_bytes token)
{
    return judged_in(&w, token).verdict.reason;
}

/* --- there and back --- */

static void
a_session_is_read_back_as_it_was_minted(void **state)
{
    (void)state;
    struct csn_session_claims claims = bearer_claims(&w);
    claims.generation = UINT32_MAX;
    struct csn_bytes token = bearer_session(&w, &claims);
    assert_true(csn_is_session_token(token));
    struct csn_caller caller = judged_in(&w, token);
    assert_reason(CSN_REASON_ACCEPTED, caller.verdict.reason);
    assert_int_equal(caller.kind, CSN_BEARER_SESSION);
    assert_int_equal(caller.assurance, CSN_ASSURANCE_VERIFIED);
    assert_string_equal(caller.session.text, claims.session.text);
    assert_string_equal(caller.customer.text, claims.customer.text);
    assert_string_equal(caller.device, "phone");
    assert_string_equal(caller.identity, "ada");
    assert_int_equal(caller.identity_len, 3);
    assert_int_equal(caller.generation, UINT32_MAX);
    assert_true(caller.expires_ms == claims.expires_ms);
    assert_int_equal(caller.key_number, 0);
    assert_bytes("ada", caller.verdict.identity);
    assert_null(caller.verdict.identity_claim.ptr);
}

static void
each_assurance_is_read_back_and_none_is_refused(void **state)
{
    (void)state;
    struct csn_session_claims claims = bearer_claims(&w);
    for (int a = CSN_ASSURANCE_ANONYMOUS; a <= CSN_ASSURANCE_VERIFIED; a++) {
        claims.assurance = (enum csn_assurance)a;
        assert_int_equal(judged_in(&w, bearer_session(&w, &claims)).assurance, a);
    }
    claims.assurance = CSN_ASSURANCE_NONE;
    assert_reason(CSN_UNDECIDED, reason_of(bearer_session(&w, &claims)));
}

static void
an_anonymous_session_carries_no_identity(void **state)
{
    (void)state;
    struct csn_session_claims claims = bearer_claims(&w);
    claims.identity = (struct csn_bytes){0};
    claims.assurance = CSN_ASSURANCE_ANONYMOUS;
    struct csn_caller caller = judged_in(&w, bearer_session(&w, &claims));
    assert_reason(CSN_REASON_ACCEPTED, caller.verdict.reason);
    assert_string_equal(caller.identity, "");
    assert_int_equal(caller.verdict.identity.len, 0);
}

/* Appends the UTF-8 of `point` (RFC 3629 §3). */
static size_t
encode(uint32_t point, char *out)
{
    if (point < 0x80) {
        out[0] = (char)point;
        return 1;
    }
    size_t more = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
    for (size_t i = more; i > 0; i--, point >>= 6)
        out[i] = (char)(0x80 | (point & 0x3F));
    static const uint8_t lead[] = {0, 0xC0, 0xE0, 0xF0};
    out[0] = (char)(lead[more] | point);
    return more + 1;
}

static void
assert_kept(const char *identity, size_t len)
{
    struct csn_session_claims claims = bearer_claims(&w);
    claims.identity = claims.device = csn_bytes_of(identity, len);
    struct csn_bytes token = bearer_session(&w, &claims);
    struct csn_bytes signed_part = csn_bytes_slice(token, 0, token.len - 44);
    assert_int_equal(csn_bytes_find(signed_part, '-'), signed_part.len);
    assert_int_equal(csn_bytes_find(signed_part, '_'), signed_part.len);
    struct csn_caller caller = judged_in(&w, token);
    assert_reason(CSN_REASON_ACCEPTED, caller.verdict.reason);
    assert_int_equal(caller.identity_len, len);
    assert_memory_equal(caller.identity, identity, len);
    assert_memory_equal(caller.device, identity, len);
}

static void
every_character_is_kept_and_none_makes_the_payload_url_only(void **state)
{
    (void)state;
    static const uint32_t points[] = {0x7F,   0x80,   0x7FF,   0x800,   0xD7FF,  0xE000,
                                      0xFFFD, 0xFFFF, 0x10000, 0x1F600, 0x10FFFF};
    char text[64];
    for (size_t lead = 0; lead < 3; lead++) { /* in each place of a triple of base64 */
        memcpy(text, "aaa", lead);
        for (uint32_t point = 1; point < 0x7F; point++)
            assert_kept(text, lead + encode(point, text + lead));
        for (size_t i = 0; i < sizeof points / sizeof points[0]; i++)
            assert_kept(text, lead + encode(points[i], text + lead));
    }
}

static void
a_text_cut_within_a_character_is_read_no_further(void **state)
{
    (void)state;
    static const char *cut[] = {"a\xC3", "a\xE2\x82", "a\xF0\x9F\x98"};
    for (size_t i = 0; i < 3; i++) {
        struct csn_session_claims claims = bearer_claims(&w);
        struct csn_bytes whole = csn_bytes_text(cut[i]);
        claims.device = bearer_bent(whole, 0, 'a'); /* ends where its memory ends */
        assert_reason(CSN_REASON_ACCEPTED,
                      judged_in(&w, bearer_session(&w, &claims)).verdict.reason);
    }
}

static void
the_longest_identity_and_device_fit_even_where_each_byte_is_escaped(void **state)
{
    (void)state;
    char identity[CSN_IDENTITY_MAX], device[CSN_DEVICE_ID_MAX];
    memset(identity, '~', sizeof identity);
    memset(device, '?', sizeof device);
    struct csn_session_claims claims = bearer_claims(&w);
    claims.identity = csn_bytes_of(identity, sizeof identity);
    claims.device = csn_bytes_of(device, sizeof device);
    struct csn_bytes token = bearer_session(&w, &claims);
    assert_true(token.len <= CSN_SESSION_TOKEN_MAX);
    struct csn_caller caller = judged_in(&w, token);
    assert_reason(CSN_REASON_ACCEPTED, caller.verdict.reason);
    assert_int_equal(caller.identity_len, CSN_IDENTITY_MAX);
    assert_int_equal(strlen(caller.device), CSN_DEVICE_ID_MAX);
}

static void
minting_says_when_the_buffer_is_too_small_at_every_size(void **state)
{
    (void)state;
    struct csn_session_claims claims = bearer_claims(&w);
    size_t whole = bearer_session(&w, &claims).len;
    for (size_t cap = 0; cap <= whole; cap++) {
        uint8_t *memory = malloc(cap + 1);
        struct csn_buffer out = csn_buffer_over(memory, cap);
        enum csn_status wanted = cap < whole ? CSN_NO_SPACE : CSN_OK;
        assert_int_equal(csn_session_token_mint(&w.app, &claims, &out), wanted);
        free(memory);
    }
}

static void
minting_refuses_claims_that_no_payload_holds(void **state)
{
    (void)state;
    static char huge[4096];
    static uint8_t memory[16384];
    struct csn_session_claims claims = bearer_claims(&w);
    struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
    memset(huge, 'a', sizeof huge);
    claims.identity = csn_bytes_of(huge, sizeof huge);
    assert_int_equal(csn_session_token_mint(&w.app, &claims, &out), CSN_NO_SPACE);
    assert_int_equal(out.len, 0);
}

static void
minting_appends_and_signs_its_own_part_alone(void **state)
{
    (void)state;
    uint8_t memory[CSN_SESSION_TOKEN_MAX];
    struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
    struct csn_session_claims claims = bearer_claims(&w);
    csn_buffer_text(&out, "Bearer ");
    assert_int_equal(csn_session_token_mint(&w.app, &claims, &out), CSN_OK);
    struct csn_bytes token = csn_bytes_slice(csn_buffer_view(&out), 7, out.len);
    assert_reason(CSN_REASON_ACCEPTED, reason_of(token));
}

/* --- until when --- */

static enum csn_reason
reason_at(struct csn_bytes token, int64_t now_ms)
{
    w.now_ms = now_ms;
    return reason_of(token);
}

static void
a_session_ends_at_its_moment_without_any_leeway(void **state)
{
    (void)state;
    struct csn_session_claims claims = bearer_claims(&w);
    claims.expires_ms = NOW_MS + 60000;
    struct csn_bytes token = bearer_session(&w, &claims);
    assert_reason(CSN_REASON_ACCEPTED, reason_at(token, NOW_MS + 59999));
    assert_reason(CSN_REASON_EXPIRED, reason_at(token, NOW_MS + 60000));
    assert_int_equal(judged_in(&w, token).assurance, CSN_ASSURANCE_NONE);
}

static void
a_session_that_ends_within_a_second_is_good_to_the_end_of_that_second(void **state)
{
    (void)state;
    struct csn_session_claims claims = bearer_claims(&w);
    claims.expires_ms = NOW_MS + 60001;
    struct csn_bytes token = bearer_session(&w, &claims);
    assert_reason(CSN_REASON_ACCEPTED, reason_at(token, NOW_MS + 60999));
    assert_reason(CSN_REASON_EXPIRED, reason_at(token, NOW_MS + 61000));
    claims.expires_ms = NOW_MS + 60999;
    token = bearer_session(&w, &claims);
    assert_reason(CSN_REASON_EXPIRED, reason_at(token, NOW_MS + 61000));
}

static void
a_clock_set_back_by_ten_minutes_ends_no_session(void **state)
{
    (void)state;
    struct csn_session_claims claims = bearer_claims(&w);
    claims.issued_ms = NOW_MS + 999;
    struct csn_bytes token = bearer_session(&w, &claims);
    assert_reason(CSN_REASON_ISSUED_IN_FUTURE, reason_at(token, NOW_MS - 600001));
    assert_reason(CSN_REASON_ACCEPTED, reason_at(token, NOW_MS - 600000));
    assert_reason(CSN_REASON_ACCEPTED, reason_at(token, NOW_MS));
}

/* --- what a revocation speaks of --- */

static bool
has_hash_of(const char *token, const char *input)
{
    uint8_t hash[32], wanted[32];
    csn_token_hash(csn_bytes_text(token), hash);
    csn_sha256(csn_bytes_text(input), wanted);
    return memcmp(hash, wanted, sizeof hash) == 0;
}

static void
a_tokens_hash_is_that_of_what_was_signed(void **state)
{
    (void)state;
    assert_true(has_hash_of("a.b.c", "a.b"));
    assert_true(has_hash_of("a.b.", "a.b"));
    assert_true(has_hash_of("a.b.d", "a.b"));
    assert_false(has_hash_of("a.c.c", "a.b"));
    assert_true(has_hash_of(".", ""));
    assert_true(has_hash_of("no dot", ""));
    assert_true(has_hash_of("", ""));
}

int
main(void)
{
#define SENTENCE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        SENTENCE(a_session_is_read_back_as_it_was_minted),
        SENTENCE(each_assurance_is_read_back_and_none_is_refused),
        SENTENCE(an_anonymous_session_carries_no_identity),
        SENTENCE(every_character_is_kept_and_none_makes_the_payload_url_only),
        SENTENCE(a_text_cut_within_a_character_is_read_no_further),
        SENTENCE(the_longest_identity_and_device_fit_even_where_each_byte_is_escaped),
        SENTENCE(minting_says_when_the_buffer_is_too_small_at_every_size),
        SENTENCE(minting_refuses_claims_that_no_payload_holds),
        SENTENCE(minting_appends_and_signs_its_own_part_alone),
        SENTENCE(a_session_ends_at_its_moment_without_any_leeway),
        SENTENCE(a_session_that_ends_within_a_second_is_good_to_the_end_of_that_second),
        SENTENCE(a_clock_set_back_by_ten_minutes_ends_no_session),
        SENTENCE(a_tokens_hash_is_that_of_what_was_signed),
    };
    return cmocka_run_group_tests_name("session_token", tests, NULL, NULL);
}
