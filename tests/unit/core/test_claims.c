/* SPDX-License-Identifier: Apache-2.0
 * What the policy asks of the claims. Every token here is truly signed: nothing but its claims can
 * be the reason. Payloads are put together by P: P("...") adds sub and exp. */
#include "world.h"

#include <stdio.h>
#include <string.h>

#define P(more) "{\"sub\":\"user-1001\",\"exp\":1767312900" more "}"

struct row {
    const char *when, *payload;
    enum csn_reason reason;
    const char *claim; /* the one the verdict must name; NULL: none */
};

static void
judge_payloads(const char *policy, const struct row *rows, size_t count)
{
    struct world *w = world_open(policy);
    size_t key = world_add_key(w, hs256_key);
    for (size_t i = 0; i < count; i++) {
        world_sign(w, key, HEADER, rows[i].payload);
        world_expect(w, rows[i].when, rows[i].reason);
        assert_bytes_are(w->verdict.claim, rows[i].claim == NULL ? "" : rows[i].claim);
        assert_ptr_equal(w->verdict.key, &w->keys[key]); /* the signature did hold */
        enum csn_part part =
            rows[i].reason == CSN_REASON_MALFORMED ? CSN_PART_PAYLOAD : CSN_PART_NONE;
        assert_int_equal(w->verdict.part, part);
    }
    world_close(w);
}
#define JUDGE(policy, rows) judge_payloads(policy, rows, sizeof(rows) / sizeof *(rows))
#define OK CSN_REASON_ACCEPTED
#define MISSING CSN_REASON_CLAIM_MISSING
#define INVALID CSN_REASON_CLAIM_INVALID

static void
refuses_a_payload_that_is_no_strict_object(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"plain", P(""), OK, NULL},
        {"white space around", " \n" P("") "\r\n\t", OK, NULL},
        {"unknown claims of any shape",
         P(",\"x\":{\"a\":[1,[2,{\"b\":null}]]},\"y\":[],\"z\":-0.5e9"), OK, NULL},
        {"an array", "[]", CSN_REASON_MALFORMED, NULL},
        {"a string", "\"user-1001\"", CSN_REASON_MALFORMED, NULL},
        {"no JSON", "user-1001", CSN_REASON_MALFORMED, NULL},
        {"cut", "{\"sub\":\"user-1001\"", CSN_REASON_MALFORMED, NULL},
        {"two objects", P("") "{}", CSN_REASON_MALFORMED, NULL},
        {"trailing comma", P(","), CSN_REASON_MALFORMED, NULL},
        {"sub twice", P(",\"sub\":\"user-1001\""), CSN_REASON_MALFORMED, NULL},
        {"sub twice, once escaped", P(",\"s\\u0075b\":\"admin\""), CSN_REASON_MALFORMED, NULL},
        {"an unknown claim twice", P(",\"x\":1,\"x\":2"), CSN_REASON_MALFORMED, NULL},
        {"a lone surrogate", P(",\"x\":\"\\ud800\""), CSN_REASON_MALFORMED, NULL},
        {"not UTF-8", P(",\"x\":\"\xff\""), CSN_REASON_MALFORMED, NULL},
        {"a good claim, then a break", P(",\"x\":tru"), CSN_REASON_MALFORMED, NULL},
    };
    JUDGE(GENERIC, rows);
}

static void
needs_the_required_claims_present_and_not_null(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"all there", P(",\"a\":1,\"b\":{\"c\":false}"), OK, NULL},
        {"empty values are present", P(",\"a\":\"\",\"b\":{\"c\":[]}"), OK, NULL},
        {"the first missing", "{\"exp\":1767312900}", MISSING, "sub"},
        {"the second missing", P(",\"b\":{\"c\":1}"), MISSING, "a"},
        {"null", P(",\"a\":null,\"b\":{\"c\":1}"), MISSING, "a"},
        {"only nested", P(",\"x\":{\"a\":1},\"b\":{\"c\":1}"), MISSING, "a"},
        {"in another case", P(",\"A\":1,\"b\":{\"c\":1}"), MISSING, "a"},
        {"escaped it is the same", P(",\"\\u0061\":1,\"b\":{\"c\":1}"), OK, NULL},
        {"the pointed one missing", P(",\"a\":1,\"b\":{\"d\":1}"), MISSING, "/b/c"},
        {"the pointed one null", P(",\"a\":1,\"b\":{\"c\":null}"), MISSING, "/b/c"},
        {"too deep", P(",\"a\":1,\"b\":{\"x\":{\"c\":1}}"), MISSING, "/b/c"},
        {"in another object", P(",\"a\":1,\"b\":{},\"x\":{\"c\":1}"), MISSING, "/b/c"},
        {"literally so called", P(",\"a\":1,\"/b/c\":1"), MISSING, "/b/c"},
        {"through an array", P(",\"a\":1,\"b\":[{\"c\":1}]"), MISSING, "/b/c"},
        {"nothing at all", "{}", MISSING, "sub"},
        {"a name of nothing", P(",\"\":1,\"a\":1,\"b\":{\"c\":1,\"\":2}"), OK, NULL},
        {"a name longer than any we ask for",
         P(",\"a\":1,\"b\":{\"c\":1},"
           "\"\\u0061aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
           "aaaaaaaaaaaaaaaaaaaaaa\":2"),
         OK, NULL},
    };
    JUDGE("{\"algorithms\":[\"HS256\"],\"required\":[\"sub\",\"a\",\"/b/c\"]}", rows);
    /* a name of the same length and first letter, as far as the look at a name goes */
    static const struct row alike[] = {
        {"literally so called", P(",\"grant\":1,\"/b/c\":1"), MISSING, "/b/c"},
        {"the pointed one", P(",\"grant\":1,\"b\":{\"c\":1}"), OK, NULL},
        {"told apart by the rest", P(",\"grand\":1,\"b\":{\"c\":1}"), MISSING, "grant"},
    };
    JUDGE("{\"algorithms\":[\"HS256\"],\"required\":[\"grant\",\"/b/c\"]}", alike);
}

static void
refuses_times_that_are_no_numbers(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"exp a string", "{\"sub\":\"u\",\"exp\":\"1767312900\"}", INVALID, "exp"},
        {"exp null", "{\"sub\":\"u\",\"exp\":null}", INVALID, "exp"},
        {"exp true", "{\"sub\":\"u\",\"exp\":true}", INVALID, "exp"},
        {"exp an object", "{\"sub\":\"u\",\"exp\":{}}", INVALID, "exp"},
        {"exp an array", "{\"sub\":\"u\",\"exp\":[1767312900]}", INVALID, "exp"},
        {"exp negative", "{\"sub\":\"u\",\"exp\":-1}", INVALID, "exp"},
        {"exp beyond the calendar", "{\"sub\":\"u\",\"exp\":1e300}", INVALID, "exp"},
        {"nbf a string", P(",\"nbf\":\"\""), INVALID, "nbf"},
        {"nbf null", P(",\"nbf\":null"), INVALID, "nbf"},
        {"iat a string", P(",\"iat\":\"" NOW "\""), INVALID, "iat"},
        {"iat null", P(",\"iat\":null"), INVALID, "iat"},
        {"nested it is no time", P(",\"x\":{\"nbf\":\"\",\"iat\":null,\"exp\":1}"), OK, NULL},
    };
    JUDGE("{\"algorithms\":[\"HS256\"]}", rows);
}

static void
tells_milliseconds_apart(void **state)
{
    (void)state;
    static const struct row seconds[] = {
        {"exp", "{\"sub\":\"u\",\"exp\":1767312900000}", CSN_REASON_TIME_IN_MILLISECONDS, "exp"},
        {"nbf", P(",\"nbf\":1767311900000"), CSN_REASON_TIME_IN_MILLISECONDS, "nbf"},
        {"iat", P(",\"iat\":1767311900000"), CSN_REASON_TIME_IN_MILLISECONDS, "iat"},
    };
    JUDGE(GENERIC, seconds);
    static const struct row either[] = {
        {"seconds", P(",\"iat\":1767311995"), OK, NULL},
        {"milliseconds", "{\"sub\":\"u\",\"exp\":1767312900000,\"iat\":1767311995123}", OK, NULL},
        {"expired", "{\"sub\":\"u\",\"exp\":1767311940000}", CSN_REASON_EXPIRED, NULL},
        {"a millisecond left", "{\"sub\":\"u\",\"exp\":1767311940001}", OK, NULL},
    };
    JUDGE("{\"preset\":\"generic\",\"time_unit\":\"auto\"}", either);
}

static void
compares_the_issuer_exactly(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"equal", P(",\"iss\":\"https://a.example/\""), OK, NULL},
        {"equal, escaped", P(",\"iss\":\"https:\\/\\/a.example/\""), OK, NULL},
        {"absent", P(""), MISSING, "iss"},
        {"no slash", P(",\"iss\":\"https://a.example\""), CSN_REASON_ISSUER_MISMATCH, NULL},
        {"another case", P(",\"iss\":\"https://A.example/\""), CSN_REASON_ISSUER_MISMATCH, NULL},
        {"longer", P(",\"iss\":\"https://a.example/x\""), CSN_REASON_ISSUER_MISMATCH, NULL},
        {"empty", P(",\"iss\":\"\""), CSN_REASON_ISSUER_MISMATCH, NULL},
        {"null", P(",\"iss\":null"), INVALID, "iss"},
        {"an array", P(",\"iss\":[\"https://a.example/\"]"), INVALID, "iss"},
    };
    JUDGE("{\"preset\":\"generic\",\"issuer\":\"https://a.example/\"}", rows);
    static const struct row unset[] = {{"not asked for, not looked at", P(",\"iss\":7"), OK, NULL}};
    JUDGE(GENERIC, unset);
}

static void
finds_the_audience_alone_or_in_a_list(void **state)
{
    (void)state;
    const enum csn_reason other = CSN_REASON_AUDIENCE_MISMATCH;
    const struct row rows[] = {
        {"alone", P(",\"aud\":\"us\""), OK, NULL},
        {"alone, escaped", P(",\"aud\":\"\\u0075s\""), OK, NULL},
        {"the only one", P(",\"aud\":[\"us\"]"), OK, NULL},
        {"first", P(",\"aud\":[\"us\",\"them\"]"), OK, NULL},
        {"last", P(",\"aud\":[\"them\",\"others\",\"us\"]"), OK, NULL},
        {"absent", P(""), MISSING, "aud"},
        {"another", P(",\"aud\":\"them\""), other, NULL},
        {"others", P(",\"aud\":[\"them\",\"others\"]"), other, NULL},
        {"nobody", P(",\"aud\":[]"), other, NULL},
        {"part of a text", P(",\"aud\":\"us them\""), other, NULL},
        {"null", P(",\"aud\":null"), INVALID, "aud"},
        {"a number", P(",\"aud\":1"), INVALID, "aud"},
        {"an object", P(",\"aud\":{\"us\":\"us\"}"), INVALID, "aud"},
        {"a list with a number behind ours", P(",\"aud\":[\"us\",1]"), INVALID, "aud"},
        {"a list with a number before ours", P(",\"aud\":[1,\"us\"]"), INVALID, "aud"},
        {"a list in a list", P(",\"aud\":[[\"us\"]]"), INVALID, "aud"},
        {"a list of objects", P(",\"aud\":[{\"aud\":\"us\"}]"), INVALID, "aud"},
        {"in a list of another name", P(",\"aud\":\"them\",\"x\":[\"us\"]"), other, NULL},
        {"a list behind", P(",\"aud\":[\"them\"],\"x\":[\"us\"]"), other, NULL},
    };
    JUDGE("{\"preset\":\"generic\",\"audience\":\"us\"}", rows);
    static const struct row unset[] = {
        {"not asked for, not looked at", P(",\"aud\":[7]"), OK, NULL}};
    JUDGE(GENERIC, unset);
}

static void
asks_claims_to_equal_texts(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"equal", P(",\"scope\":\"user\",\"a\":{\"b\":\"\"}"), OK, NULL},
        {"absent", P(",\"a\":{\"b\":\"\"}"), MISSING, "scope"},
        {"another", P(",\"scope\":\"admin\",\"a\":{\"b\":\"\"}"), INVALID, "scope"},
        {"another case", P(",\"scope\":\"User\",\"a\":{\"b\":\"\"}"), INVALID, "scope"},
        {"null", P(",\"scope\":null,\"a\":{\"b\":\"\"}"), INVALID, "scope"},
        {"a list of it", P(",\"scope\":[\"user\"],\"a\":{\"b\":\"\"}"), INVALID, "scope"},
        {"pointed, absent", P(",\"scope\":\"user\",\"a\":{}"), MISSING, "/a/b"},
        {"pointed, another", P(",\"scope\":\"user\",\"a\":{\"b\":\"c\"}"), INVALID, "/a/b"},
    };
    JUDGE("{\"preset\":\"generic\",\"equals\":{\"scope\":\"user\",\"/a/b\":\"\"}}", rows);
}

/* --- identity --- */

static void
expect_identity(struct world *w, size_t key, const char *payload, const char *identity,
                const char *claim)
{
    world_sign(w, key, HEADER, payload);
    world_expect(w, payload, CSN_REASON_ACCEPTED);
    assert_bytes_are(w->verdict.identity, identity);
    assert_bytes_are(w->verdict.identity_claim, claim);
}

static void
takes_the_first_identity_claim_that_is_present(void **state)
{
    (void)state;
    struct world *w = world_open("{\"algorithms\":[\"HS256\"],\"identity\":[\"email\",\"/x/id\","
                                 "\"externalId\"]}");
    size_t key = world_add_key(w, hs256_key);
    expect_identity(w, key, "{\"externalId\":\"e\",\"email\":\"a@b\",\"x\":{\"id\":\"i\"}}", "a@b",
                    "email");
    expect_identity(w, key, "{\"externalId\":\"e\",\"x\":{\"id\":\"i\"}}", "i", "/x/id");
    expect_identity(w, key, "{\"externalId\":\"e\"}", "e", "externalId");
    expect_identity(w, key, "{\"externalId\":\"e\",\"x\":\"id\"}", "e", "externalId");
    world_close(w);
}

static void
never_falls_through_from_a_bad_identity_claim(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"null", "{\"email\":null,\"externalId\":\"e\"}", INVALID, "email"},
        {"empty", "{\"email\":\"\",\"externalId\":\"e\"}", INVALID, "email"},
        {"a number", "{\"email\":5,\"externalId\":\"e\"}", INVALID, "email"},
        {"an object", "{\"email\":{},\"externalId\":\"e\"}", INVALID, "email"},
        {"an array", "{\"email\":[\"a\"],\"externalId\":\"e\"}", INVALID, "email"},
        {"true", "{\"email\":true,\"externalId\":\"e\"}", INVALID, "email"},
        {"the second", "{\"externalId\":false}", INVALID, "externalId"},
        {"none", "{\"Email\":\"a\"}", CSN_REASON_IDENTITY_MISSING, NULL},
    };
    JUDGE("{\"algorithms\":[\"HS256\"],\"identity\":[\"email\",\"externalId\"]}", rows);
}

static void
takes_an_identity_of_255_bytes_without_control_characters(void **state)
{
    (void)state;
    struct world *w = world_open("{\"algorithms\":[\"HS256\"]}");
    size_t key = world_add_key(w, hs256_key);
    expect_identity(w, key, "{\"sub\":\" x \"}", " x ", "sub");
    expect_identity(w, key, "{\"sub\":\"us\xc3\xa9r-\xf0\x9f\x98\x80\"}",
                    "us\xc3\xa9r-\xf0\x9f\x98\x80", "sub");
    expect_identity(w, key, "{\"sub\":\"\\u0041\\ud83d\\ude00\\\\\"}", "A\xf0\x9f\x98\x80\\",
                    "sub");
    world_close(w);
}

static void
refuses_an_identity_nobody_could_see_in_full(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"a NUL", "{\"sub\":\"user\\u0000admin\"}", INVALID, "sub"},
        {"a line end", "{\"sub\":\"user\\n\"}", INVALID, "sub"},
        {"an escape", "{\"sub\":\"\\u001b[2J\"}", INVALID, "sub"},
        {"DEL", "{\"sub\":\"user\\u007f\"}", INVALID, "sub"},
        {"DEL as it is", "{\"sub\":\"user\x7f\"}", INVALID, "sub"},
        {"C1", "{\"sub\":\"user\\u0085\"}", INVALID, "sub"},
        {"C1 as it is", "{\"sub\":\"user\xc2\x9f\"}", INVALID, "sub"},
        {"just above C1", "{\"sub\":\"user\\u00a0\"}", OK, NULL},
    };
    JUDGE("{\"algorithms\":[\"HS256\"]}", rows);

    struct world *w = world_open("{\"algorithms\":[\"HS256\"]}");
    size_t key = world_add_key(w, hs256_key);
    char payload[400], name[CSN_IDENTITY_MAX + 2];
    memset(name, 'u', sizeof name);
    for (size_t len = CSN_IDENTITY_MAX; len <= CSN_IDENTITY_MAX + 1; len++) {
        snprintf(payload, sizeof payload, "{\"sub\":\"%.*s\"}", (int)len, name);
        world_sign(w, key, HEADER, payload);
        world_expect(w, payload, len > CSN_IDENTITY_MAX ? INVALID : OK);
    }
    world_close(w);
}

static void
takes_whole_numbers_for_identities_only_where_the_policy_says_so(void **state)
{
    (void)state;
    static const struct row by_default[] = {
        {"a number is none", "{\"sub\":5}", INVALID, "sub"},
        {"a text is one", "{\"sub\":\"5\"}", OK, NULL},
    };
    JUDGE("{\"algorithms\":[\"HS256\"]}", by_default);
    static const struct row admitted[] = {
        {"a fraction is none", "{\"sub\":5.5}", INVALID, "sub"},
        {"one beyond 64 bits is none", "{\"sub\":9223372036854775808}", INVALID, "sub"},
        {"true is none", "{\"sub\":true}", INVALID, "sub"},
    };
    JUDGE("{\"algorithms\":[\"HS256\"],\"identity_number\":true}", admitted);
    struct world *w = world_open("{\"algorithms\":[\"HS256\"],\"identity_number\":true}");
    size_t key = world_add_key(w, hs256_key);
    expect_identity(w, key, "{\"sub\":5}", "5", "sub");
    expect_identity(w, key, "{\"sub\":5.0}", "5", "sub");
    expect_identity(w, key, "{\"sub\":5e3}", "5000", "sub");
    expect_identity(w, key, "{\"sub\":-9223372036854775808}", "-9223372036854775808", "sub");
    expect_identity(w, key, "{\"sub\":\"5\"}", "5", "sub");
    world_sign(w, key, "{\"alg\":\"HS\\u003256\"}", "{\"sub\":55}");
    world_expect(w, "behind other unescaped text", OK);
    assert_bytes_are(w->verdict.identity, "55");
    world_close(w);
}

static void
refuses_a_token_for_another_user_than_expected(void **state)
{
    (void)state;
    struct world *w = world_open("{\"algorithms\":[\"HS256\"]}");
    size_t key = world_add_key(w, hs256_key);
    world_sign(w, key, HEADER, "{\"sub\":\"user-\\u0031\"}");
    static const struct {
        const char *expected;
        enum csn_reason reason;
    } rows[] = {
        {NULL, OK},
        {"user-1", OK},
        {"user-2", CSN_REASON_IDENTITY_MISMATCH},
        {"User-1", CSN_REASON_IDENTITY_MISMATCH},
        {"user-1 ", CSN_REASON_IDENTITY_MISMATCH},
        {"user-", CSN_REASON_IDENTITY_MISMATCH},
        {"", CSN_REASON_IDENTITY_MISMATCH},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        w->presented.expected_identity = csn_bytes_text(rows[i].expected);
        world_expect(w, rows[i].expected == NULL ? "anyone" : rows[i].expected, rows[i].reason);
    }
    world_close(w);
}

/* --- nonce --- */

static void
needs_the_nonce_it_gave(void **state)
{
    (void)state;
    struct world *w = world_open("{\"algorithms\":[\"HS256\"],\"nonce\":\"required\"}");
    size_t key = world_add_key(w, hs256_key);
    w->presented.expected_nonce = csn_bytes_text("n-1");
    w->presented.nonce_check = CSN_NONCE_EQUAL;
    static const struct {
        const char *payload;
        enum csn_reason reason;
    } rows[] = {
        {"{\"sub\":\"u\",\"nonce\":\"n-1\"}", OK},
        {"{\"sub\":\"u\",\"nonce\":\"n\\u002d1\"}", OK},
        {"{\"sub\":\"u\",\"nonce\":\"n-2\"}", CSN_REASON_NONCE_UNKNOWN},
        {"{\"sub\":\"u\",\"nonce\":\"N-1\"}", CSN_REASON_NONCE_UNKNOWN},
        {"{\"sub\":\"u\",\"nonce\":\"n-1 \"}", CSN_REASON_NONCE_UNKNOWN},
        {"{\"sub\":\"u\"}", CSN_REASON_NONCE_MISSING},
        {"{\"sub\":\"u\",\"x\":{\"nonce\":\"n-1\"}}", CSN_REASON_NONCE_MISSING},
        {"{\"sub\":\"u\",\"nonce\":null}", INVALID},
        {"{\"sub\":\"u\",\"nonce\":\"\"}", INVALID},
        {"{\"sub\":\"u\",\"nonce\":[\"n-1\"]}", INVALID},
        {"{\"sub\":\"u\",\"nonce\":1}", INVALID},
        {"{\"sub\":\"u\",\"nonce\":\"n-1\\n\"}", INVALID},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        world_sign(w, key, HEADER, rows[i].payload);
        world_expect(w, rows[i].payload, rows[i].reason);
        assert_bytes_are(w->verdict.claim, rows[i].reason == INVALID ? "nonce" : "");
    }
    world_close(w);
}

static void
takes_a_nonce_of_255_bytes_and_not_of_256(void **state)
{
    (void)state;
    struct world *w = world_open("{\"algorithms\":[\"HS256\"],\"nonce\":\"required\"}");
    size_t key = world_add_key(w, hs256_key);
    w->presented.nonce_check = CSN_NONCE_DEFER;
    char payload[400], nonce[257];
    memset(nonce, 'n', sizeof nonce);
    for (int len = 255; len <= 256; len++) {
        snprintf(payload, sizeof payload, "{\"sub\":\"u\",\"nonce\":\"%.*s\"}", len, nonce);
        world_sign(w, key, HEADER, payload);
        world_expect(w, payload, len == 255 ? OK : INVALID);
    }
    world_close(w);
}

static void
refuses_every_nonce_unless_told_what_to_do(void **state)
{
    (void)state;
    struct world *w = world_open("{\"algorithms\":[\"HS256\"],\"nonce\":\"required\"}");
    size_t key = world_add_key(w, hs256_key);
    world_sign(w, key, HEADER, "{\"sub\":\"u\",\"nonce\":\"n-1\"}");
    world_expect(w, "nothing known", CSN_REASON_NONCE_UNKNOWN);
    w->presented.expected_nonce = csn_bytes_text("n-1");
    world_expect(w, "a nonce, and no word to compare it", CSN_REASON_NONCE_UNKNOWN);
    w->presented.nonce_check = (enum csn_nonce_check)9;
    world_expect(w, "an unknown word", CSN_REASON_NONCE_UNKNOWN);
    w->presented.nonce_check = CSN_NONCE_EQUAL;
    w->presented.expected_nonce = (struct csn_bytes){0};
    world_expect(w, "equal to nothing", CSN_REASON_NONCE_UNKNOWN);
    w->presented.nonce_check = CSN_NONCE_DEFER;
    world_expect(w, "the caller will see to it", OK);
    assert_bytes_are(w->verdict.nonce, "n-1");
    world_close(w);
}

static void
shows_the_nonce_even_where_none_is_required(void **state)
{
    (void)state;
    struct world *w = world_open("{\"algorithms\":[\"HS256\"]}");
    size_t key = world_add_key(w, hs256_key);
    world_sign(w, key, HEADER, "{\"sub\":\"u\",\"nonce\":\"n\\u002d1\"}");
    world_expect(w, "not required", OK);
    assert_bytes_are(w->verdict.nonce, "n-1");
    static const char *const unusable[] = {"1", "null", "\"\"", "\"\\n\"", "{}"};
    for (size_t i = 0; i < sizeof unusable / sizeof *unusable; i++) {
        char payload[100];
        snprintf(payload, sizeof payload, "{\"sub\":\"u\",\"nonce\":%s}", unusable[i]);
        world_sign(w, key, HEADER, payload);
        world_expect(w, payload, OK);
        assert_null(w->verdict.nonce.ptr);
    }
    world_close(w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_a_payload_that_is_no_strict_object),
        cmocka_unit_test(needs_the_required_claims_present_and_not_null),
        cmocka_unit_test(refuses_times_that_are_no_numbers),
        cmocka_unit_test(tells_milliseconds_apart),
        cmocka_unit_test(compares_the_issuer_exactly),
        cmocka_unit_test(finds_the_audience_alone_or_in_a_list),
        cmocka_unit_test(asks_claims_to_equal_texts),
        cmocka_unit_test(takes_the_first_identity_claim_that_is_present),
        cmocka_unit_test(never_falls_through_from_a_bad_identity_claim),
        cmocka_unit_test(takes_an_identity_of_255_bytes_without_control_characters),
        cmocka_unit_test(refuses_an_identity_nobody_could_see_in_full),
        cmocka_unit_test(takes_whole_numbers_for_identities_only_where_the_policy_says_so),
        cmocka_unit_test(refuses_a_token_for_another_user_than_expected),
        cmocka_unit_test(needs_the_nonce_it_gave),
        cmocka_unit_test(takes_a_nonce_of_255_bytes_and_not_of_256),
        cmocka_unit_test(refuses_every_nonce_unless_told_what_to_do),
        cmocka_unit_test(shows_the_nonce_even_where_none_is_required),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
