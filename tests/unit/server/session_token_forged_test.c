/* Session tokens that are not ours, or not whole: none is ever accepted.
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

static struct bearer_world w, other;

static int
setup(void **state)
{
    (void)state;
    bearer_open(&w, BEARER_APP, POLICY);
    bearer_open(&other, BEARER_OTHER_APP, POLICY);
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    bearer_close(&w);
    bearer_close(&other);
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

/* The same through the door every request takes. */
static enum csn_reason
authenticated(struct csn_bytes token)
{
    struct csn_caller caller;
    struct csn_authenticator with = {.workspace = &w.workspace};
    csn_authenticate(&with, &w.app, token, true, &caller, w.now_ms);
    return caller.verdict.reason;
}

/* --- nothing else --- */

static void
no_change_of_any_byte_is_accepted(void **state)
{
    (void)state;
    struct csn_session_claims claims = bearer_claims(&w);
    struct csn_bytes token = bearer_session(&w, &claims);
    struct csn_bytes bent = bearer_bent(token, 0, token.ptr[0]);
    uint8_t *byte = (uint8_t *)(uintptr_t)bent.ptr;
    assert_reason(CSN_REASON_ACCEPTED, reason_of(bent));
    for (size_t at = 0; at < token.len; at++) {
        for (unsigned c = 0; c < 256; c++) {
            byte[at] = (uint8_t)c;
            bool same = byte[at] == token.ptr[at];
            assert_int_equal(reason_of(bent) == CSN_REASON_ACCEPTED, same);
            if (c % 16 == 0) /* by the front door, a sixteenth of them */
                assert_int_equal(authenticated(bent) == CSN_REASON_ACCEPTED, same);
        }
        byte[at] = token.ptr[at];
    }
}

static void
no_part_of_it_and_nothing_longer_is_accepted(void **state)
{
    (void)state;
    struct csn_session_claims claims = bearer_claims(&w);
    struct csn_bytes token = bearer_session(&w, &claims);
    for (size_t len = 0; len < token.len; len++)
        assert_int_not_equal(authenticated(csn_bytes_slice(token, 0, len)), CSN_REASON_ACCEPTED);
    for (size_t from = 1; from < token.len; from++)
        assert_int_not_equal(authenticated(csn_bytes_slice(token, from, token.len)),
                             CSN_REASON_ACCEPTED);
    char longer[CSN_SESSION_TOKEN_MAX];
    static const char more[] = {'A', '.', '=', ' ', '\n', '\0'};
    memcpy(longer, token.ptr, token.len);
    for (size_t i = 0; i < sizeof more; i++) {
        longer[token.len] = more[i];
        assert_int_not_equal(authenticated(csn_bytes_of(longer, token.len + 1)),
                             CSN_REASON_ACCEPTED);
    }
}

static void
a_session_of_another_app_is_refused(void **state)
{
    (void)state;
    struct csn_session_claims claims = bearer_claims(&other);
    struct csn_bytes token = bearer_session(&other, &claims);
    assert_reason(CSN_REASON_ACCEPTED, judged_in(&other, token).verdict.reason);
    assert_reason(CSN_REASON_SIGNATURE_INVALID, reason_of(token));
}

static void
a_session_that_names_another_app_is_refused_whatever_signed_it(void **state)
{
    (void)state;
    struct csn_app foreign = w.app;
    memcpy(foreign.id.text, BEARER_OTHER_APP, CSN_ID_LENGTH);
    uint8_t memory[CSN_SESSION_TOKEN_MAX];
    struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
    struct csn_session_claims claims = bearer_claims(&w);
    assert_int_equal(csn_session_token_mint(&foreign, &claims, &out), CSN_OK);
    assert_reason(CSN_UNDECIDED, reason_of(csn_buffer_view(&out)));
}

static void
a_key_of_the_customer_signs_no_session(void **state)
{
    (void)state;
    size_t key = bearer_add_key(&w, CSN_HS256, "countersign-session");
    struct csn_bytes forged = bearer_token(
        &w, key,
        "{\"iss\":\"countersign\",\"sid\":\"01JSESSESSESSESSESSESSESSE\","
        "\"sub\":\"01JCSTCSTCSTCSTCSTCSTCSTCS\",\"asr\":3,\"gen\":1,\"iat\":%lld,\"exp\":%lld}",
        NOW_S, NOW_S + 60);
    assert_true(csn_is_session_token(forged));
    assert_reason(CSN_REASON_SIGNATURE_INVALID, authenticated(forged));
}

static struct csn_bytes
by_session_key(const char *header, struct csn_buffer *out)
{
    struct csn_session_claims claims = bearer_claims(&w);
    struct csn_bytes token = bearer_session(&w, &claims);
    size_t first = csn_bytes_find(token, '.');
    struct csn_bytes payload = csn_bytes_slice(token, first, token.len - 44);
    uint8_t memory[64];
    struct csn_buffer signature = csn_buffer_over(memory, sizeof memory);
    csn_base64url_append(out, csn_bytes_text(header));
    csn_buffer_append(out, payload);
    assert_int_equal(csn_signer_sign(w.session_signer, csn_buffer_view(out), &signature), CSN_OK);
    csn_buffer_byte(out, '.');
    csn_base64url_append(out, csn_buffer_view(&signature));
    return csn_buffer_view(out);
}

static void
the_session_key_under_any_other_header_opens_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *header;
        enum csn_reason reason;
    } cases[] = {
        {"{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":\"another\"}", CSN_REASON_SIGNATURE_INVALID},
        {"{\"alg\":\"HS256\",\"typ\":\"JWT\"}", CSN_REASON_SIGNATURE_INVALID},
        {"{\"alg\":\"HS256\",\"kid\":\"countersign-session\",\"typ\":\"JWT\"}",
         CSN_REASON_SIGNATURE_INVALID},
        {"{\"alg\":\"HS512\",\"typ\":\"JWT\",\"kid\":\"countersign-session\"}",
         CSN_REASON_ALGORITHM_NOT_ALLOWED},
        {"{\"alg\":\"none\",\"typ\":\"JWT\",\"kid\":\"countersign-session\"}",
         CSN_REASON_ALGORITHM_UNSUPPORTED},
        {"{\"alg\":\"ES256\",\"typ\":\"JWT\",\"kid\":\"countersign-session\"}",
         CSN_REASON_ALGORITHM_NOT_ALLOWED},
    };
    (void)bearer_add_key(&w, CSN_HS256, NULL);
    uint8_t memory[CSN_SESSION_TOKEN_MAX];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
        struct csn_bytes token = by_session_key(cases[i].header, &out);
        assert_false(csn_is_session_token(token));
        assert_reason(cases[i].reason, authenticated(token));
    }
    struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
    assert_reason(
        CSN_REASON_ACCEPTED,
        authenticated(by_session_key(
            "{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":\"countersign-session\"}", &out)));
}

static void
an_app_without_a_session_key_accepts_no_session(void **state)
{
    (void)state;
    struct csn_session_claims claims = bearer_claims(&w);
    struct csn_bytes token = bearer_session(&w, &claims);
    w.app.session_keys = (struct csn_keyring){0};
    assert_reason(CSN_REASON_NO_KEY, authenticated(token));
}

/* --- payloads that only a bug of ours could sign: refused all the same --- */

#define SID "\"sid\":\"01JSESSESSESSESSESSESSESSE\""
#define SUB "\"sub\":\"01JCSTCSTCSTCSTCSTCSTCSTCS\""
#define TIMES "\"iat\":1795219200,\"exp\":1795219260"
#define REST "," SUB ",\"asr\":3," TIMES

static void
a_payload_says_all_that_a_caller_is_made_of(void **state)
{
    (void)state;
    static const struct {
        const char *payload;
        enum csn_reason reason;
    } cases[] = {
        {"{" SID REST "}", CSN_REASON_ACCEPTED},
        {"{" SUB ",\"asr\":3," TIMES "}", CSN_REASON_IDENTITY_MISSING},
        {"{\"sid\":5" REST "}", CSN_REASON_CLAIM_INVALID},
        {"{\"sid\":\"01JSESSESSESSESSESSESSESS\"" REST "}", CSN_UNDECIDED},
        {"{\"sid\":\"01JSESSESSESSESSESSESSESSEE\"" REST "}", CSN_UNDECIDED},
        {"{\"sid\":\"\\u0030JSESSESSESSESSESSESS\"" REST "}", CSN_UNDECIDED},
        {"{" SID ",\"asr\":3," TIMES "}", CSN_UNDECIDED},
        {"{" SID ",\"sub\":\"ada\",\"asr\":3," TIMES "}", CSN_UNDECIDED},
        {"{" SID "," SUB ",\"asr\":3,\"iat\":1795219200}", CSN_REASON_CLAIM_MISSING},
        {"{" SID "," SUB ",\"asr\":3,\"exp\":1795219260}", CSN_REASON_CLAIM_MISSING},
        {"{" SID "," SUB "," TIMES "}", CSN_UNDECIDED},
        {"{" SID "," SUB ",\"asr\":0," TIMES "}", CSN_UNDECIDED},
        {"{" SID "," SUB ",\"asr\":4," TIMES "}", CSN_UNDECIDED},
        {"{" SID "," SUB ",\"asr\":-1," TIMES "}", CSN_UNDECIDED},
        {"{" SID "," SUB ",\"asr\":null," TIMES "}", CSN_UNDECIDED},
        {"{" SID "," SUB ",\"asr\":1.5," TIMES "}", CSN_UNDECIDED},
        {"{" SID "," SUB ",\"asr\":4294967299," TIMES "}", CSN_UNDECIDED},
        {"{" SID "," SUB ",\"x\":{\"asr\":3}," TIMES "}", CSN_UNDECIDED},
        {"{" SID "," SUB ",\"x\":[3,\"asr\"]," TIMES "}", CSN_UNDECIDED},
        {"{" SID ",\"gen\":0" REST "}", CSN_REASON_ACCEPTED},
        {"{" SID ",\"gen\":4294967295" REST "}", CSN_REASON_ACCEPTED},
        {"{" SID ",\"gen\":4294967296" REST "}", CSN_UNDECIDED},
        {"{" SID ",\"gen\":-1" REST "}", CSN_UNDECIDED},
        {"{" SID ",\"gen\":{}" REST "}", CSN_UNDECIDED},
        {"{" SID ",\"apiSpaceId\":\"" BEARER_APP "\"" REST "}", CSN_REASON_ACCEPTED},
        {"{" SID ",\"apiSpaceId\":\"" BEARER_OTHER_APP "\"" REST "}", CSN_UNDECIDED},
        {"{" SID ",\"apiSpaceId\":\"\"" REST "}", CSN_UNDECIDED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        enum csn_reason reason = reason_of(bearer_session_of(&w, "%s", cases[i].payload));
        if (reason != cases[i].reason)
            fail_msg("%s: %s", cases[i].payload, csn_reason_name(reason));
    }
}

static void
texts_longer_than_a_caller_holds_are_refused(void **state)
{
    (void)state;
    char text[CSN_IDENTITY_MAX + 2];
    static const struct {
        const char *name;
        size_t max;
    } members[] = {{"did", CSN_DEVICE_ID_MAX}, {"identity", CSN_IDENTITY_MAX}};
    for (size_t m = 0; m < 2; m++) {
        for (size_t more = 0; more < 2; more++) {
            size_t len = members[m].max + more;
            memset(text, 'x', len);
            struct csn_bytes token = bearer_session_of(&w, "{" SID ",\"%s\":\"%.*s\"" REST "}",
                                                       members[m].name, (int)len, text);
            assert_reason(more == 0 ? CSN_REASON_ACCEPTED : CSN_UNDECIDED, reason_of(token));
        }
    }
}

int
main(void)
{
#define SENTENCE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        SENTENCE(no_change_of_any_byte_is_accepted),
        SENTENCE(no_part_of_it_and_nothing_longer_is_accepted),
        SENTENCE(a_session_of_another_app_is_refused),
        SENTENCE(a_session_that_names_another_app_is_refused_whatever_signed_it),
        SENTENCE(a_key_of_the_customer_signs_no_session),
        SENTENCE(the_session_key_under_any_other_header_opens_nothing),
        SENTENCE(an_app_without_a_session_key_accepts_no_session),
        SENTENCE(a_payload_says_all_that_a_caller_is_made_of),
        SENTENCE(texts_longer_than_a_caller_holds_are_refused),
    };
    return cmocka_run_group_tests_name("session_token_forged", tests, NULL, NULL);
}
