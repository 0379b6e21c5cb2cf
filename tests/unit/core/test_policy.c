/* SPDX-License-Identifier: Apache-2.0
 * Policies as documents: what is read, what is refused with which field named, what is written. */
#include "world.h"

#include <stdio.h>
#include <string.h>

static uint8_t memory[65536];
static struct csn_policy policy;
static struct csn_policy_error error;

static enum csn_status
parse(const char *json)
{
    struct csn_arena arena = csn_arena_over(memory, sizeof memory);
    memset(&policy, 0xA5, sizeof policy);
    memset(&error, 0xA5, sizeof error);
    return csn_policy_parse(csn_bytes_text(json), &arena, &policy, &error);
}

static void
must_parse(const char *json)
{
    if (parse(json) != CSN_OK)
        fail_msg("%s: %s %s", json, error.field, error.sentence);
}

static const char *
written(const struct csn_policy *p)
{
    static uint8_t text[8192];
    struct csn_buffer out = csn_buffer_over(text, sizeof text);
    struct csn_json_writer w = csn_json_writer_over(&out);
    csn_policy_write(p, &w);
    return csn_buffer_terminate(&out);
}

static void
fills_in_the_defaults(void **state)
{
    (void)state;
    must_parse("{\"algorithms\":[\"ES256\"]}");
    assert_string_equal(
        written(&policy),
        "{\"algorithms\":[\"ES256\"],\"identity\":[\"sub\"],\"identity_number\":false,"
        "\"required\":[],\"equals\":{},\"issuer\":null,\"audience\":null,\"type\":null,"
        "\"kid_required\":false,\"issued_within_s\":null,\"lifetime_max_s\":null,\"leeway_s\":60,"
        "\"time_unit\":\"seconds\",\"nonce\":\"none\",\"nonce_ttl_s\":300,\"use\":\"session\","
        "\"session_ttl_s\":2592000,\"session_idle_s\":0,\"missing_is_anonymous\":false,"
        "\"logout_revokes_token\":false}");
}

static void
reads_every_field(void **state)
{
    (void)state;
    static const char *const all =
        "{\"algorithms\":[\"HS256\",\"HS512\"],\"identity\":[\"email\",\"/a/b\"],"
        "\"identity_number\":true,\"required\":[\"iat\",\"exp\"],"
        "\"equals\":{\"scope\":\"user\",\"/x/y\":\"\"},\"issuer\":\"https:\\/\\/i\","
        "\"audience\":\"a\",\"type\":\"JWT\",\"kid_required\":true,\"issued_within_s\":1,"
        "\"lifetime_max_s\":315360000,\"leeway_s\":600,\"time_unit\":\"auto\","
        "\"nonce\":\"required\",\"nonce_ttl_s\":86400,\"use\":\"session\",\"session_ttl_s\":60,"
        "\"session_idle_s\":1e3,\"missing_is_anonymous\":true,\"logout_revokes_token\":true}";
    must_parse(all);
    assert_int_equal(policy.algorithms, 1u << CSN_HS256 | 1u << CSN_HS512);
    assert_int_equal(policy.identity_count, 2);
    assert_bytes_are(policy.identity[1], "/a/b");
    assert_int_equal(policy.required_count, 2);
    assert_bytes_are(policy.required[0], "iat");
    assert_int_equal(policy.equals_count, 2);
    assert_bytes_are(policy.equals[0].name, "scope");
    assert_bytes_are(policy.equals[0].value, "user");
    assert_bytes_are(policy.issuer, "https://i");
    assert_bytes_are(policy.audience, "a");
    assert_bytes_are(policy.type, "JWT");
    assert_int_equal(policy.issued_within_s, 1);
    assert_int_equal(policy.lifetime_max_s, 315360000);
    assert_int_equal(policy.leeway_s, 600);
    assert_int_equal(policy.nonce, CSN_NONCE_RULE_REQUIRED);
    assert_int_equal(policy.time_unit, CSN_TIME_AUTO);
    assert_int_equal(policy.use, CSN_USE_SESSION);
    assert_int_equal(policy.session_ttl_s, 60);
    assert_int_equal(policy.session_idle_s, 1000);
    assert_int_equal(policy.nonce_ttl_s, 86400);
    assert_true(policy.kid_required && policy.identity_number && policy.logout_revokes_token &&
                policy.missing_is_anonymous);
}

static void
reads_back_what_it_writes(void **state)
{
    (void)state;
    char once[8192];
    for (size_t i = 0; i < csn_preset_count(); i++) {
        must_parse(csn_preset_at(i)->json);
        snprintf(once, sizeof once, "%s", written(&policy));
        must_parse(once);
        assert_string_equal(written(&policy), once);
    }
}

static void
borrows_nothing_of_the_document(void **state)
{
    (void)state;
    char json[] = "{\"algorithms\":[\"HS256\"],\"issuer\":\"abc\",\"identity\":[\"uid\"]}";
    must_parse(json);
    memset(json, 'x', sizeof json - 1);
    assert_bytes_are(policy.issuer, "abc");
    assert_bytes_are(policy.identity[0], "uid");
}

static const struct {
    const char *more, *field;
} refused[] = {
    {"\"algoritms\":[\"HS256\"]", "algoritms"},
    {"\"Issuer\":\"i\"", "Issuer"},
    {"\"\":1", ""},
    {"\"identity\":[]", "identity"},
    {"\"identity\":null", "identity"},
    {"\"identity\":\"sub\"", "identity"},
    {"\"identity\":[1]", "identity"},
    {"\"identity\":[\"\"]", "identity"},
    {"\"identity\":[\"/a\"]", "identity"},
    {"\"identity\":[\"a\",\"a\"]", "identity"},
    {"\"identity\":[\"a\",\"b\",\"c\",\"d\",\"e\"]", "identity"},
    {"\"identity_number\":1", "identity_number"},
    {"\"identity_number\":null", "identity_number"},
    {"\"required\":{}", "required"},
    {"\"required\":[null]", "required"},
    {"\"required\":[\"a\",\"b\",\"a\"]", "required"},
    {"\"required\":[\"a\",\"b\",\"c\",\"d\",\"e\",\"f\",\"g\",\"h\",\"i\",\"j\",\"k\",\"l\","
     "\"m\"]",
     "required"},
    {"\"equals\":[]", "equals"},
    {"\"equals\":{\"a\":1}", "equals"},
    {"\"equals\":{\"a\":null}", "equals"},
    {"\"equals\":{\"/a\":\"x\"}", "equals"},
    {"\"equals\":{\"\":\"x\"}", "equals"},
    {"\"equals\":{\"a\":\"\",\"b\":\"\",\"c\":\"\",\"d\":\"\",\"e\":\"\"}", "equals"},
    {"\"issuer\":\"\"", "issuer"},
    {"\"issuer\":1", "issuer"},
    {"\"audience\":[\"a\"]", "audience"},
    {"\"type\":false", "type"},
    {"\"kid_required\":\"true\"", "kid_required"},
    {"\"issued_within_s\":0", "issued_within_s"},
    {"\"issued_within_s\":-1", "issued_within_s"},
    {"\"issued_within_s\":1.5", "issued_within_s"},
    {"\"issued_within_s\":\"900\"", "issued_within_s"},
    {"\"issued_within_s\":315360001", "issued_within_s"},
    {"\"lifetime_max_s\":0", "lifetime_max_s"},
    {"\"lifetime_max_s\":1e300", "lifetime_max_s"},
    {"\"leeway_s\":-1", "leeway_s"},
    {"\"leeway_s\":601", "leeway_s"},
    {"\"leeway_s\":null", "leeway_s"},
    {"\"time_unit\":\"milliseconds\"", "time_unit"},
    {"\"time_unit\":1", "time_unit"},
    {"\"nonce\":\"optional\"", "nonce"},
    {"\"nonce\":true", "nonce"},
    {"\"nonce_ttl_s\":0", "nonce_ttl_s"},
    {"\"nonce_ttl_s\":86401", "nonce_ttl_s"},
    {"\"use\":\"once\"", "use"},
    {"\"use\":null", "use"},
    {"\"session_ttl_s\":59", "session_ttl_s"},
    {"\"session_ttl_s\":315360001", "session_ttl_s"},
    {"\"session_idle_s\":-1", "session_idle_s"},
    {"\"session_idle_s\":315360001", "session_idle_s"},
    {"\"missing_is_anonymous\":0", "missing_is_anonymous"},
    {"\"logout_revokes_token\":\"\"", "logout_revokes_token"},
    {"\"preset\":\"unheard_of\"", "preset"},
    {"\"preset\":1", "preset"},
    {"\"nonce\":\"required\",\"use\":\"every_request\"", "nonce"},
};

static void
names_the_field_it_refuses(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        char json[512];
        snprintf(json, sizeof json, "{\"algorithms\":[\"HS256\"],%s}", refused[i].more);
        assert_int_equal(parse(json), CSN_INVALID);
        if (strcmp(error.field, refused[i].field) != 0)
            fail_msg("%s: want %s, got %s", json, refused[i].field, error.field);
        assert_true(strlen(error.sentence) > 10);
        static const struct csn_policy empty;
        assert_memory_equal(&policy, &empty, sizeof policy); /* which accepts nothing */
    }
}

static void
takes_texts_of_255_bytes_and_not_of_256(void **state)
{
    (void)state;
    char json[512], text[257];
    memset(text, 't', sizeof text);
    for (int len = 255; len <= 256; len++) {
        enum csn_status want = len == 255 ? CSN_OK : CSN_INVALID;
        snprintf(json, sizeof json, "{\"algorithms\":[\"HS256\"],\"issuer\":\"%.*s\"}", len, text);
        assert_int_equal(parse(json), want);
        snprintf(json, sizeof json, "{\"algorithms\":[\"HS256\"],\"equals\":{\"a\":\"%.*s\"}}", len,
                 text);
        assert_int_equal(parse(json), want);
    }
}

static void
refuses_algorithms_that_do_not_exist_or_do_not_go_together(void **state)
{
    (void)state;
    static const char *const lists[] = {
        "[]",
        "null",
        "\"HS256\"",
        "[\"none\"]",
        "[\"hs256\"]",
        "[\"HS256\",1]",
        "[\"Ed25519\"]",
        "[\"HS256\",\"HS256\"]",
        "{}",
        "[\"HS256\",\"RS256\"]",
        "[\"EdDSA\",\"HS512\"]",
        "[\"HS256\",\"none\"]",
    };
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        char json[128];
        snprintf(json, sizeof json, "{\"algorithms\":%s}", lists[i]);
        assert_int_equal(parse(json), CSN_INVALID);
        assert_string_equal(error.field, "algorithms");
    }
    assert_int_equal(parse("{}"), CSN_INVALID);
    assert_string_equal(error.field, "algorithms");
    must_parse("{\"algorithms\":[\"RS256\",\"PS256\",\"ES256\",\"EdDSA\"]}");
    must_parse("{\"algorithms\":[\"HS256\",\"HS384\",\"HS512\"]}");
}

static void
refuses_what_is_no_strict_object(void **state)
{
    (void)state;
    static const char *const documents[] = {
        "",
        "[]",
        "null",
        "{",
        "{\"algorithms\":[\"HS256\"]}}",
        "{\"algorithms\":[\"HS256\"],\"algorithms\":[\"HS256\"]}",
    };
    for (size_t i = 0; i < sizeof documents / sizeof *documents; i++) {
        assert_int_equal(parse(documents[i]), CSN_INVALID);
        assert_string_equal(error.field, "");
    }
}

static void
takes_a_document_of_8192_bytes_and_not_one_more(void **state)
{
    (void)state;
    static char json[CSN_POLICY_JSON_MAX + 2];
    memset(json, ' ', sizeof json - 1);
    memcpy(json, "{\"algorithms\":[\"HS256\"]}", 24);
    json[CSN_POLICY_JSON_MAX] = '\0';
    must_parse(json);
    json[CSN_POLICY_JSON_MAX] = ' ';
    assert_int_equal(parse(json), CSN_INVALID);
    assert_string_equal(error.field, "");
}

static void
cuts_the_name_of_an_unknown_field_at_a_character(void **state)
{
    (void)state;
    char json[256], name[128];
    memset(name, 'n', sizeof name);
    memcpy(name + 62, "\xe2\x82\xac", 3); /* its third byte would be the 65th */
    name[100] = '\0';
    snprintf(json, sizeof json, "{\"%s\":1}", name);
    assert_int_equal(parse(json), CSN_INVALID);
    assert_int_equal(strlen(error.field), 62);
    memcpy(name + 61, "\xe2\x82\xac\x6e", 4);
    snprintf(json, sizeof json, "{\"%s\":1}", name);
    assert_int_equal(parse(json), CSN_INVALID);
    assert_int_equal(strlen(error.field), 64);
}

static void
stands_on_a_preset_where_the_document_is_silent(void **state)
{
    (void)state;
    must_parse("{\"preset\":\"kustomer\"}");
    assert_int_equal(policy.issued_within_s, 900);
    assert_bytes_are(policy.type, "JWT");
    must_parse("{\"issued_within_s\":60,\"preset\":\"kustomer\",\"type\":null,\"required\":null,"
               "\"equals\":null}");
    assert_int_equal(policy.issued_within_s, 60);
    assert_null(policy.type.ptr);
    assert_int_equal(policy.required_count, 0);
    assert_bytes_are(policy.identity[0], "email");
    must_parse("{\"preset\":\"kustomer\",\"issued_within_s\":null,\"identity\":[\"uid\"]}");
    assert_int_equal(policy.issued_within_s, -1);
    assert_int_equal(policy.identity_count, 1);
    must_parse("{\"preset\":null,\"algorithms\":[\"HS256\"]}");
    assert_bytes_are(policy.identity[0], "sub");
    assert_int_equal(parse("{\"preset\":\"kustomer\",\"algorithms\":[\"HS256\",\"RS256\"]}"),
                     CSN_INVALID);
}

static void
says_so_when_the_arena_is_too_small(void **state)
{
    (void)state;
    static const char json[] = "{\"preset\":\"dotdigital\",\"issuer\":\"i\",\"audience\":\"a\"}";
    enum csn_status status = CSN_NO_SPACE;
    size_t size = 0;
    while (status == CSN_NO_SPACE && size < sizeof memory) {
        struct csn_arena arena = csn_arena_over(memory, size);
        status = csn_policy_parse(csn_bytes_text(json), &arena, &policy, &error);
        size += 16;
    }
    assert_int_equal(status, CSN_OK);
    assert_true(size > 1000 && size < 16384);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fills_in_the_defaults),
        cmocka_unit_test(reads_every_field),
        cmocka_unit_test(reads_back_what_it_writes),
        cmocka_unit_test(borrows_nothing_of_the_document),
        cmocka_unit_test(names_the_field_it_refuses),
        cmocka_unit_test(takes_texts_of_255_bytes_and_not_of_256),
        cmocka_unit_test(refuses_algorithms_that_do_not_exist_or_do_not_go_together),
        cmocka_unit_test(refuses_what_is_no_strict_object),
        cmocka_unit_test(takes_a_document_of_8192_bytes_and_not_one_more),
        cmocka_unit_test(cuts_the_name_of_an_unknown_field_at_a_character),
        cmocka_unit_test(stands_on_a_preset_where_the_document_is_silent),
        cmocka_unit_test(says_so_when_the_arena_is_too_small),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
