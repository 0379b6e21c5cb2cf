/* SPDX-License-Identifier: Apache-2.0
 * The header: what is looked at, what refuses, what is ignored. Each token here is truly signed, so
 * that nothing but the header can be the reason. */
#include "core/header.h"
#include "world.h"

#include <stdio.h>
#include <string.h>

#define PAYLOAD "{\"sub\":\"user-1001\",\"exp\":1767312900}"

struct row {
    const char *when, *header;
    enum csn_reason reason;
};

static void
judge_headers(const char *policy, const struct row *rows, size_t count)
{
    struct world *w = world_open(policy);
    size_t key = world_add_key(w, hs256_key);
    for (size_t i = 0; i < count; i++) {
        world_sign(w, key, rows[i].header, PAYLOAD);
        world_expect(w, rows[i].when, rows[i].reason);
        if (rows[i].reason == CSN_REASON_MALFORMED)
            assert_int_equal(w->verdict.part, CSN_PART_HEADER);
    }
    world_close(w);
}
#define JUDGE_HEADERS(policy, rows) judge_headers(policy, rows, sizeof(rows) / sizeof *(rows))

static void
refuses_a_header_that_is_no_strict_object_with_an_alg(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"plain", "{\"alg\":\"HS256\"}", CSN_REASON_ACCEPTED},
        {"white space", " {\n\"alg\" : \"HS256\"\t}\r\n", CSN_REASON_ACCEPTED},
        {"an escaped name is the name", "{\"\\u0061lg\":\"HS256\"}", CSN_REASON_ACCEPTED},
        {"an escaped value is the value", "{\"alg\":\"HS\\u003256\"}", CSN_REASON_ACCEPTED},
        {"no alg", "{\"typ\":\"JWT\"}", CSN_REASON_MALFORMED},
        {"empty object", "{}", CSN_REASON_MALFORMED},
        {"an array", "[\"HS256\"]", CSN_REASON_MALFORMED},
        {"a string", "\"HS256\"", CSN_REASON_MALFORMED},
        {"cut", "{\"alg\":\"HS256\"", CSN_REASON_MALFORMED},
        {"something behind", "{\"alg\":\"HS256\"}x", CSN_REASON_MALFORMED},
        {"byte order mark", "\xef\xbb\xbf{\"alg\":\"HS256\"}", CSN_REASON_MALFORMED},
        {"alg twice", "{\"alg\":\"HS256\",\"alg\":\"HS256\"}", CSN_REASON_MALFORMED},
        {"alg twice, once escaped", "{\"alg\":\"HS256\",\"\\u0061lg\":\"none\"}",
         CSN_REASON_MALFORMED},
        {"another member twice", "{\"alg\":\"HS256\",\"x\":1,\"x\":1}", CSN_REASON_MALFORMED},
        {"alg null", "{\"alg\":null}", CSN_REASON_MALFORMED},
        {"alg a number", "{\"alg\":256}", CSN_REASON_MALFORMED},
        {"alg an array", "{\"alg\":[\"HS256\"]}", CSN_REASON_MALFORMED},
        {"alg only nested", "{\"x\":{\"alg\":\"HS256\"}}", CSN_REASON_MALFORMED},
    };
    JUDGE_HEADERS(GENERIC, rows);
}

static void
knows_an_algorithm_by_its_exact_name_only(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"none", "{\"alg\":\"none\"}", CSN_REASON_ALGORITHM_UNSUPPORTED},
        {"empty", "{\"alg\":\"\"}", CSN_REASON_ALGORITHM_UNSUPPORTED},
        {"lower case", "{\"alg\":\"hs256\"}", CSN_REASON_ALGORITHM_UNSUPPORTED},
        {"a NUL behind", "{\"alg\":\"HS256\\u0000\"}", CSN_REASON_ALGORITHM_UNSUPPORTED},
        {"known, not allowed", "{\"alg\":\"HS384\"}", CSN_REASON_ALGORITHM_NOT_ALLOWED},
        {"of another family", "{\"alg\":\"RS256\"}", CSN_REASON_ALGORITHM_NOT_ALLOWED},
    };
    JUDGE_HEADERS(GENERIC, rows);
}

static void
refuses_what_it_would_have_to_understand(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"crit", "{\"alg\":\"HS256\",\"crit\":[\"x\"],\"x\":1}", CSN_REASON_MALFORMED},
        {"crit empty", "{\"alg\":\"HS256\",\"crit\":[]}", CSN_REASON_MALFORMED},
        {"crit null", "{\"alg\":\"HS256\",\"crit\":null}", CSN_REASON_MALFORMED},
        {"crit escaped", "{\"alg\":\"HS256\",\"cri\\u0074\":[\"x\"]}", CSN_REASON_MALFORMED},
        {"b64 false", "{\"alg\":\"HS256\",\"b64\":false}", CSN_REASON_MALFORMED},
        {"b64 true", "{\"alg\":\"HS256\",\"b64\":true}", CSN_REASON_MALFORMED},
        {"zip", "{\"alg\":\"HS256\",\"zip\":\"DEF\"}", CSN_REASON_MALFORMED},
        {"cty", "{\"alg\":\"HS256\",\"cty\":\"JWT\"}", CSN_REASON_MALFORMED},
        {"nested they mean nothing", "{\"alg\":\"HS256\",\"x\":{\"crit\":1,\"zip\":1}}",
         CSN_REASON_ACCEPTED},
        {"another case is another name", "{\"alg\":\"HS256\",\"Crit\":1,\"B64\":1}",
         CSN_REASON_ACCEPTED},
    };
    JUDGE_HEADERS(GENERIC, rows);
}

static void
ignores_members_that_name_a_key_elsewhere(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"jku", "{\"alg\":\"HS256\",\"jku\":\"https://example.com/\"}", CSN_REASON_ACCEPTED},
        {"jwk", "{\"alg\":\"HS256\",\"jwk\":{\"kty\":\"oct\",\"k\":\"AAAA\"}}",
         CSN_REASON_ACCEPTED},
        {"x5u, x5c, x5t", "{\"alg\":\"HS256\",\"x5u\":\"u\",\"x5c\":[\"c\"],\"x5t\":\"t\"}",
         CSN_REASON_ACCEPTED},
        {"unknown ones", "{\"x\":{\"a\":[1,{\"b\":null}]},\"alg\":\"HS256\"}", CSN_REASON_ACCEPTED},
    };
    JUDGE_HEADERS(GENERIC, rows);
}

static void
takes_jwt_for_a_type_and_nothing_else(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"absent", "{\"alg\":\"HS256\"}", CSN_REASON_ACCEPTED},
        {"JWT", "{\"alg\":\"HS256\",\"typ\":\"JWT\"}", CSN_REASON_ACCEPTED},
        {"jwt", "{\"alg\":\"HS256\",\"typ\":\"jwt\"}", CSN_REASON_ACCEPTED},
        {"escaped", "{\"alg\":\"HS256\",\"typ\":\"J\\u0057T\"}", CSN_REASON_ACCEPTED},
        {"application/jwt", "{\"alg\":\"HS256\",\"typ\":\"application/JWT\"}", CSN_REASON_ACCEPTED},
        {"an access token", "{\"alg\":\"HS256\",\"typ\":\"at+jwt\"}", CSN_REASON_TYPE_MISMATCH},
        {"empty", "{\"alg\":\"HS256\",\"typ\":\"\"}", CSN_REASON_TYPE_MISMATCH},
        {"a space behind", "{\"alg\":\"HS256\",\"typ\":\"JWT \"}", CSN_REASON_TYPE_MISMATCH},
        {"null", "{\"alg\":\"HS256\",\"typ\":null}", CSN_REASON_TYPE_MISMATCH},
        {"a number", "{\"alg\":\"HS256\",\"typ\":1}", CSN_REASON_TYPE_MISMATCH},
    };
    JUDGE_HEADERS(GENERIC, rows);
}

static void
asks_for_the_type_the_policy_names(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"equal", "{\"alg\":\"HS256\",\"typ\":\"JWT\"}", CSN_REASON_ACCEPTED},
        {"equal without case", "{\"alg\":\"HS256\",\"typ\":\"jwt\"}", CSN_REASON_ACCEPTED},
        {"absent", "{\"alg\":\"HS256\"}", CSN_REASON_TYPE_MISMATCH},
        {"null", "{\"alg\":\"HS256\",\"typ\":null}", CSN_REASON_TYPE_MISMATCH},
        {"longer", "{\"alg\":\"HS256\",\"typ\":\"application/jwt\"}", CSN_REASON_TYPE_MISMATCH},
    };
    JUDGE_HEADERS("{\"preset\":\"generic\",\"type\":\"JWT\"}", rows);
    static const struct row other[] = {
        {"the policy's own", "{\"alg\":\"HS256\",\"typ\":\"AT+jwt\"}", CSN_REASON_ACCEPTED},
        {"JWT", "{\"alg\":\"HS256\",\"typ\":\"JWT\"}", CSN_REASON_TYPE_MISMATCH},
    };
    JUDGE_HEADERS("{\"preset\":\"generic\",\"type\":\"at+JWT\"}", other);
}

static void
takes_a_kid_that_is_a_string_of_256_bytes_at_most(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"empty", "{\"alg\":\"HS256\",\"kid\":\"\"}", CSN_REASON_ACCEPTED},
        {"null", "{\"alg\":\"HS256\",\"kid\":null}", CSN_REASON_MALFORMED},
        {"a number", "{\"alg\":\"HS256\",\"kid\":1}", CSN_REASON_MALFORMED},
        {"an object", "{\"alg\":\"HS256\",\"kid\":{}}", CSN_REASON_MALFORMED},
        {"an array", "{\"alg\":\"HS256\",\"kid\":[\"k\"]}", CSN_REASON_MALFORMED},
    };
    JUDGE_HEADERS(GENERIC, rows);
    char header[400], escaped[400], kid[CSN_KID_MAX + 2];
    memset(kid, 'k', sizeof kid);
    kid[CSN_KID_MAX + 1] = '\0';
    snprintf(header, sizeof header, "{\"alg\":\"HS256\",\"kid\":\"%s\"}", kid + 1);
    snprintf(escaped, sizeof escaped, "{\"alg\":\"HS256\",\"kid\":\"\\u006b%s\"}", kid + 2);
    const struct row good[] = {
        {"256 bytes", header, CSN_REASON_ACCEPTED},
        {"256 bytes of more characters", escaped, CSN_REASON_ACCEPTED},
    };
    JUDGE_HEADERS(GENERIC, good);
    snprintf(header, sizeof header, "{\"alg\":\"HS256\",\"kid\":\"%s\"}", kid);
    const struct row bad[] = {{"257 bytes", header, CSN_REASON_MALFORMED}};
    JUDGE_HEADERS(GENERIC, bad);
}

/* Usual headers are known by their letters. Whatever they say, the reader must see the same in
 * them: a space in front makes it read the very same header for itself. */
static void
sees_in_a_usual_header_what_reading_it_shows(void **state)
{
    (void)state;
    static const char *const forms[] = {
        "{\"alg\":\"%s\",\"typ\":\"JWT\"}", "{\"typ\":\"JWT\",\"alg\":\"%s\"}", "{\"alg\":\"%s\"}",
        "{\"alg\":\"%s\",\"typ\":\"jwt\"}", "{\"typ\":\"JWT\",\"akg\":\"%s\"}", "{\"alg\":\"%s\"]",
        "[\"alg\":\"%s\",\"typ\":\"JWT\"}",
    };
    static const char *const names[] = {
        "HS256",  "HS384",  "HS512",  "RS256",   "PS512",
        "ES256",  "EdDSA",  "none",   "HS999",   "HS2\"6",
        "HS25\\", "hs256",  "\\u004", "a\",\"b", "\x01\x02\x03\x04\x05",
        "",       "HS2567",
    };
    for (size_t f = 0; f < sizeof forms / sizeof *forms; f++) {
        for (size_t n = 0; n < sizeof names / sizeof *names; n++) {
            static struct csn_json_names open;
            uint8_t memory[2][64];
            char text[2][64];
            struct csn_header seen[2];
            bool good[2];
            text[1][0] = ' ';
            snprintf(text[0], sizeof text[0], forms[f], names[n]);
            snprintf(text[1] + 1, sizeof text[1] - 1, forms[f], names[n]);
            for (size_t i = 0; i < 2; i++) {
                struct csn_buffer scratch = csn_buffer_over(memory[i], sizeof memory[i]);
                good[i] = csn_header_read(csn_bytes_text(text[i]), &open, &scratch, &seen[i]);
            }
            assert_int_equal(good[0], good[1]);
            if (!good[0])
                continue;
            assert_int_equal(seen[0].algorithm, seen[1].algorithm);
            assert_int_equal(seen[0].has_type, seen[1].has_type);
            assert_int_equal(seen[0].type_is_text, seen[1].type_is_text);
            assert_false(seen[0].has_kid || seen[1].has_kid);
            assert_true(csn_bytes_equal(seen[0].type, seen[1].type));
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_a_header_that_is_no_strict_object_with_an_alg),
        cmocka_unit_test(knows_an_algorithm_by_its_exact_name_only),
        cmocka_unit_test(refuses_what_it_would_have_to_understand),
        cmocka_unit_test(ignores_members_that_name_a_key_elsewhere),
        cmocka_unit_test(takes_jwt_for_a_type_and_nothing_else),
        cmocka_unit_test(asks_for_the_type_the_policy_names),
        cmocka_unit_test(sees_in_a_usual_header_what_reading_it_shows),
        cmocka_unit_test(takes_a_kid_that_is_a_string_of_256_bytes_at_most),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
