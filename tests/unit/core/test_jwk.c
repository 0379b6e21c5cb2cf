/* SPDX-License-Identifier: Apache-2.0
 * One JWK: what is read, and which problem each broken one has. */
#include "core/jwk.h"
#include "world.h"

#include <stdio.h>
#include <string.h>

static uint8_t memory[131072];
static struct csn_jwk jwk;
static enum csn_key_problem problem;

static enum csn_status
parse(const char *json, enum csn_jwk_purpose purpose)
{
    struct csn_arena arena = csn_arena_over(memory, sizeof memory);
    memset(&jwk, 0xA5, sizeof jwk);
    return csn_jwk_parse(csn_bytes_text(json), purpose, &arena, &jwk, &problem);
}

static void
must_refuse(const char *json, enum csn_jwk_purpose purpose, enum csn_key_problem want)
{
    static const struct csn_jwk empty;
    enum csn_status status = parse(json, purpose);
    if (status != CSN_INVALID || problem != want)
        fail_msg("%.200s: status %s, want %s, got %s", json, csn_status_name(status),
                 csn_key_problem_name(want), csn_key_problem_name(problem));
    assert_memory_equal(&jwk, &empty, sizeof jwk);
}

static void
reads_a_public_key_of_each_type(void **state)
{
    (void)state;
    assert_int_equal(parse(EC_PUBLIC, CSN_JWK_TO_VERIFY), CSN_OK);
    assert_int_equal(problem, CSN_KEY_PROBLEM_NONE);
    assert_int_equal(jwk.type, CSN_JWK_EC);
    assert_int_equal(jwk.curve, CSN_CURVE_P256);
    assert_int_equal(jwk.x.len, 32);
    assert_int_equal(jwk.y.len, 32);
    assert_int_equal(jwk.x.ptr[0], 0x7f);
    assert_false(jwk.has_kid || jwk.has_private);
    assert_int_equal(parse(ED_PUBLIC, CSN_JWK_TO_VERIFY), CSN_OK);
    assert_int_equal(jwk.type, CSN_JWK_OKP);
    assert_int_equal(jwk.curve, CSN_CURVE_ED25519);
    assert_int_equal(jwk.y.len, 0);
    assert_int_equal(parse(HS_KEY, CSN_JWK_TO_VERIFY), CSN_OK);
    assert_int_equal(jwk.type, CSN_JWK_OCT);
    assert_int_equal(jwk.k.len, 64);
    assert_false(jwk.has_private);
}

static void
reads_a_private_key_to_sign(void **state)
{
    (void)state;
    assert_int_equal(parse(EC_PRIVATE, CSN_JWK_TO_SIGN), CSN_OK);
    assert_int_equal(jwk.d.len, 32);
    assert_true(jwk.has_private);
    assert_int_equal(parse(ED_PRIVATE, CSN_JWK_TO_SIGN), CSN_OK);
    assert_int_equal(jwk.d.len, 32);
    assert_int_equal(parse(HS_KEY, CSN_JWK_TO_SIGN), CSN_OK);
}

static void
refuses_private_parts_where_a_public_key_is_due_and_the_reverse(void **state)
{
    (void)state;
    must_refuse(EC_PRIVATE, CSN_JWK_TO_VERIFY, CSN_KEY_PRIVATE_MATERIAL);
    must_refuse(ED_PRIVATE, CSN_JWK_TO_VERIFY, CSN_KEY_PRIVATE_MATERIAL);
    must_refuse("{" EC_PUBLIC_MEMBERS ",\"d\":null}", CSN_JWK_TO_VERIFY, CSN_KEY_PRIVATE_MATERIAL);
    must_refuse("{" EC_PUBLIC_MEMBERS ",\"k\":\"AAAA\"}", CSN_JWK_TO_VERIFY,
                CSN_KEY_PRIVATE_MATERIAL);
    must_refuse(EC_PUBLIC, CSN_JWK_TO_SIGN, CSN_KEY_PRIVATE_MISSING);
    must_refuse("{" ED_PUBLIC_MEMBERS ",\"p\":\"AQ\"}", CSN_JWK_TO_SIGN, CSN_KEY_PRIVATE_MISSING);
    must_refuse("{" ED_PUBLIC_MEMBERS ",\"d\":\"AQ\"}", CSN_JWK_TO_SIGN, CSN_KEY_MALFORMED);
}

static void
refuses_documents_that_are_no_jwk(void **state)
{
    (void)state;
    static const char *const documents[] = {
        "",
        "[]",
        "\"x\"",
        "{}",
        "{\"kty\":1}",
        "{\"kty\":\"EC\"}",
        "{" EC_PUBLIC_MEMBERS ",\"kty\":\"EC\"}",
        "{" EC_PUBLIC_MEMBERS ",\"x\\u0031\":1,\"x1\":1}",
        "{" EC_PUBLIC_MEMBERS "} x",
        "{" EC_PUBLIC_MEMBERS ",\"kid\":1}",
        "{" EC_PUBLIC_MEMBERS ",\"kid\":null}",
        "{" EC_PUBLIC_MEMBERS ",\"kid\":\"a\\u0000\"}",
        "{" EC_PUBLIC_MEMBERS ",\"use\":1}",
        "{" EC_PUBLIC_MEMBERS ",\"alg\":1}",
        "{" EC_PUBLIC_MEMBERS ",\"key_ops\":\"verify\"}",
        "{" EC_PUBLIC_MEMBERS ",\"key_ops\":[1]}",
        "{" EC_PUBLIC_MEMBERS ",\"key_ops\":[\"verify\",\"verify\"]}",
        "{" EC_PUBLIC_MEMBERS ",\"key_ops\":[\"verify\",\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\","
        "\"8\",\"9\",\"10\",\"11\",\"12\",\"13\",\"14\",\"15\",\"16\"]}",
        "{\"kty\":\"EC\",\"crv\":1}",
        "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AA\"}",
        "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\"}",
        "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
        "\"y\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEX\"}", /* stray bits */
        "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU=\","
        "\"y\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\"}",
        "{\"kty\":\"oct\"}",
        "{\"kty\":\"oct\",\"k\":1}",
        "{\"kty\":\"oct\",\"k\":\"A+A/\"}",
    };
    for (size_t i = 0; i < sizeof documents / sizeof *documents; i++)
        must_refuse(documents[i], CSN_JWK_TO_VERIFY, CSN_KEY_MALFORMED);
}

static void
refuses_types_and_curves_we_do_not_do(void **state)
{
    (void)state;
    must_refuse("{\"kty\":\"XYZ\"}", CSN_JWK_TO_VERIFY, CSN_KEY_TYPE_UNSUPPORTED);
    must_refuse("{\"kty\":\"rsa\"}", CSN_JWK_TO_VERIFY, CSN_KEY_TYPE_UNSUPPORTED);
    must_refuse("{\"kty\":\"EC\",\"crv\":\"secp256k1\"}", CSN_JWK_TO_VERIFY,
                CSN_KEY_CURVE_UNSUPPORTED);
    must_refuse("{\"kty\":\"EC\",\"crv\":\"Ed25519\"}", CSN_JWK_TO_VERIFY,
                CSN_KEY_CURVE_UNSUPPORTED);
    must_refuse("{\"kty\":\"OKP\",\"crv\":\"X25519\"}", CSN_JWK_TO_VERIFY,
                CSN_KEY_CURVE_UNSUPPORTED);
    must_refuse("{\"kty\":\"OKP\",\"crv\":\"P-256\"}", CSN_JWK_TO_VERIFY,
                CSN_KEY_CURVE_UNSUPPORTED);
}

static void
heeds_use_key_ops_and_alg(void **state)
{
    (void)state;
    static const char *const good[] = {
        "\"use\":\"sig\"",   "\"key_ops\":[\"verify\"]", "\"key_ops\":[\"sign\",\"verify\"]",
        "\"alg\":\"ES256\"", "\"unknown\":{\"a\":[1]}",
    };
    char json[512];
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        snprintf(json, sizeof json, "{" EC_PUBLIC_MEMBERS ",%s}", good[i]);
        assert_int_equal(parse(json, CSN_JWK_TO_VERIFY), CSN_OK);
    }
    assert_int_equal(parse("{" EC_PUBLIC_MEMBERS ",\"alg\":\"ES256\"}", CSN_JWK_TO_VERIFY), CSN_OK);
    assert_int_equal(jwk.algorithm, CSN_ES256);
    static const char *const no_use[] = {
        "\"use\":\"enc\"", "\"use\":\"\"",           "\"use\":\"SIG\"",
        "\"key_ops\":[]",  "\"key_ops\":[\"sign\"]", "\"key_ops\":[\"encrypt\",\"deriveKey\"]"};
    for (size_t i = 0; i < sizeof no_use / sizeof *no_use; i++) {
        snprintf(json, sizeof json, "{" EC_PUBLIC_MEMBERS ",%s}", no_use[i]);
        must_refuse(json, CSN_JWK_TO_VERIFY, CSN_KEY_USE_CONFLICT);
    }
    static const char *const algs[] = {"ES384", "RS256", "HS256", "EdDSA", "ECDH-ES", "none", ""};
    for (size_t i = 0; i < sizeof algs / sizeof *algs; i++) {
        snprintf(json, sizeof json, "{" EC_PUBLIC_MEMBERS ",\"alg\":\"%s\"}", algs[i]);
        must_refuse(json, CSN_JWK_TO_VERIFY, CSN_KEY_ALGORITHM_CONFLICT);
    }
    must_refuse("{\"kty\":\"oct\",\"k\":\"AAAA\",\"alg\":\"RS256\"}", CSN_JWK_TO_VERIFY,
                CSN_KEY_ALGORITHM_CONFLICT);
    must_refuse("{" EC_PUBLIC_MEMBERS ",\"key_ops\":[\"verify\"]}", CSN_JWK_TO_SIGN,
                CSN_KEY_USE_CONFLICT);
}

static void
takes_a_kid_of_256_bytes_and_not_of_257(void **state)
{
    (void)state;
    char json[600], kid[CSN_KID_MAX + 2];
    memset(kid, 'k', sizeof kid);
    snprintf(json, sizeof json, "{" EC_PUBLIC_MEMBERS ",\"kid\":\"%.256s\"}", kid);
    assert_int_equal(parse(json, CSN_JWK_TO_VERIFY), CSN_OK);
    assert_true(jwk.has_kid);
    assert_int_equal(jwk.kid.len, 256);
    snprintf(json, sizeof json, "{" EC_PUBLIC_MEMBERS ",\"kid\":\"%.257s\"}", kid);
    must_refuse(json, CSN_JWK_TO_VERIFY, CSN_KEY_MALFORMED);
    assert_int_equal(parse("{" EC_PUBLIC_MEMBERS ",\"kid\":\"\"}", CSN_JWK_TO_VERIFY), CSN_OK);
    assert_true(jwk.has_kid);
}

/* --- RSA --- */

/* base64url of a number of `len` bytes that begins with `first` and ends with `last` */
static const char *
number(size_t len, uint8_t first, uint8_t last, char *text, size_t cap)
{
    static uint8_t bytes[1100];
    memset(bytes, 0x5A, sizeof bytes);
    bytes[0] = first;
    bytes[len - 1] = last;
    struct csn_buffer out = csn_buffer_over(text, cap);
    csn_base64url_append(&out, csn_bytes_of(bytes, len));
    return csn_buffer_terminate(&out);
}

static void
expect_rsa(const char *n, const char *e, enum csn_key_problem want)
{
    static char json[4096];
    snprintf(json, sizeof json, "{\"kty\":\"RSA\",\"n\":\"%s\",\"e\":\"%s\"}", n, e);
    if (want == CSN_KEY_PROBLEM_NONE)
        assert_int_equal(parse(json, CSN_JWK_TO_VERIFY), CSN_OK);
    else
        must_refuse(json, CSN_JWK_TO_VERIFY, want);
}

static void
takes_rsa_of_2048_to_8192_bits(void **state)
{
    (void)state;
    char n[1600];
    expect_rsa(number(256, 0x80, 1, n, sizeof n), "AQAB", CSN_KEY_PROBLEM_NONE);
    expect_rsa(number(256, 0x7F, 1, n, sizeof n), "AQAB", CSN_KEY_TOO_SHORT);
    expect_rsa(number(1, 0x01, 1, n, sizeof n), "AQAB", CSN_KEY_TOO_SHORT);
    expect_rsa(number(1024, 0xFF, 1, n, sizeof n), "AQAB", CSN_KEY_PROBLEM_NONE);
    expect_rsa(number(1025, 0x01, 1, n, sizeof n), "AQAB", CSN_KEY_TOO_LONG);
    expect_rsa(number(257, 0x00, 1, n, sizeof n), "AQAB", CSN_KEY_MALFORMED);
    expect_rsa(number(256, 0x80, 2, n, sizeof n), "AQAB", CSN_KEY_MALFORMED);
    expect_rsa("", "AQAB", CSN_KEY_MALFORMED);
}

static void
takes_an_odd_exponent_from_65537_up(void **state)
{
    (void)state;
    char n[1600];
    number(256, 0x80, 1, n, sizeof n);
    static const struct {
        const char *e;
        enum csn_key_problem problem;
    } rows[] = {
        {"AQAB", CSN_KEY_PROBLEM_NONE},             /* 65537 */
        {"__________8", CSN_KEY_PROBLEM_NONE},      /* 2^64 - 1 */
        {"AQAAAAAAAAAB", CSN_KEY_EXPONENT_INVALID}, /* 2^64 + 1 */
        {"AQAA", CSN_KEY_EXPONENT_INVALID},         /* 65536 */
        {"__8", CSN_KEY_EXPONENT_INVALID},          /* 65535 */
        {"Aw", CSN_KEY_EXPONENT_INVALID},           /* 3 */
        {"AQ", CSN_KEY_EXPONENT_INVALID},           /* 1 */
        {"AQAC", CSN_KEY_EXPONENT_INVALID},         /* 65538 */
        {"AAEAAQ", CSN_KEY_MALFORMED},              /* a leading zero */
        {"", CSN_KEY_MALFORMED},
        {"AQAB=", CSN_KEY_MALFORMED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        expect_rsa(n, rows[i].e, rows[i].problem);
}

static void
takes_the_parts_of_a_private_rsa_key_together_or_not_at_all(void **state)
{
    (void)state;
    static char json[4096];
    char n[1600];
    number(256, 0x80, 1, n, sizeof n);
    static const struct {
        const char *more;
        enum csn_key_problem problem;
    } rows[] = {
        {"\"d\":\"AQ\"", CSN_KEY_PROBLEM_NONE},
        {"\"d\":\"AQ\",\"p\":\"Ag\",\"q\":\"Aw\",\"dp\":\"BA\",\"dq\":\"BQ\",\"qi\":\"Bg\"",
         CSN_KEY_PROBLEM_NONE},
        {"\"d\":\"AA\"", CSN_KEY_MALFORMED},
        {"\"d\":1", CSN_KEY_MALFORMED},
        {"\"p\":\"Ag\"", CSN_KEY_PRIVATE_MISSING},
        {"\"d\":\"AQ\",\"p\":\"Ag\"", CSN_KEY_MALFORMED},
        {"\"d\":\"AQ\",\"qi\":\"Ag\"", CSN_KEY_MALFORMED},
        {"\"d\":\"AQ\",\"p\":\"Ag\",\"q\":\"Aw\",\"dp\":\"BA\",\"dq\":\"BQ\",\"qi\":\"AA\"",
         CSN_KEY_MALFORMED},
        {"\"d\":\"AQ\",\"oth\":[]", CSN_KEY_TYPE_UNSUPPORTED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        snprintf(json, sizeof json, "{\"kty\":\"RSA\",\"n\":\"%s\",\"e\":\"AQAB\",%s}", n,
                 rows[i].more);
        must_refuse(json, CSN_JWK_TO_VERIFY, CSN_KEY_PRIVATE_MATERIAL);
        if (rows[i].problem != CSN_KEY_PROBLEM_NONE) {
            must_refuse(json, CSN_JWK_TO_SIGN, rows[i].problem);
            continue;
        }
        assert_int_equal(parse(json, CSN_JWK_TO_SIGN), CSN_OK);
        assert_int_equal(jwk.d.len, 1);
    }
}

static void
takes_a_secret_of_1_to_512_bytes(void **state)
{
    (void)state;
    static char json[1024], k[800];
    static const struct {
        size_t len;
        enum csn_key_problem problem;
    } rows[] = {{1, CSN_KEY_PROBLEM_NONE}, {512, CSN_KEY_PROBLEM_NONE}, {513, CSN_KEY_TOO_LONG}};
    must_refuse("{\"kty\":\"oct\",\"k\":\"\"}", CSN_JWK_TO_VERIFY, CSN_KEY_TOO_SHORT);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        snprintf(json, sizeof json, "{\"kty\":\"oct\",\"k\":\"%s\"}",
                 number(rows[i].len, 0, 0, k, sizeof k));
        if (rows[i].problem != CSN_KEY_PROBLEM_NONE) {
            must_refuse(json, CSN_JWK_TO_VERIFY, rows[i].problem);
            continue;
        }
        assert_int_equal(parse(json, CSN_JWK_TO_VERIFY), CSN_OK);
        assert_int_equal(jwk.k.len, rows[i].len);
    }
}

/* --- binding --- */

static void
binds_a_key_to_one_algorithm(void **state)
{
    (void)state;
    static const struct {
        struct csn_jwk jwk;
        enum csn_algorithm asked, bound;
        enum csn_key_problem problem;
    } rows[] = {
        {{.type = CSN_JWK_EC, .curve = CSN_CURVE_P256}, 0, CSN_ES256, 0},
        {{.type = CSN_JWK_EC, .curve = CSN_CURVE_P384}, 0, CSN_ES384, 0},
        {{.type = CSN_JWK_EC, .curve = CSN_CURVE_P521}, CSN_ES512, CSN_ES512, 0},
        {{.type = CSN_JWK_EC, .curve = CSN_CURVE_P256}, CSN_ES384, 0, CSN_KEY_ALGORITHM_CONFLICT},
        {{.type = CSN_JWK_EC, .curve = CSN_CURVE_P256}, CSN_HS256, 0, CSN_KEY_ALGORITHM_CONFLICT},
        {{.type = CSN_JWK_OKP, .curve = CSN_CURVE_ED25519}, 0, CSN_EDDSA, 0},
        {{.type = CSN_JWK_OKP, .curve = CSN_CURVE_ED25519},
         CSN_ES256,
         0,
         CSN_KEY_ALGORITHM_CONFLICT},
        {{.type = CSN_JWK_RSA}, 0, 0, CSN_KEY_ALGORITHM_UNSET},
        {{.type = CSN_JWK_RSA}, CSN_RS256, CSN_RS256, 0},
        {{.type = CSN_JWK_RSA}, CSN_PS512, CSN_PS512, 0},
        {{.type = CSN_JWK_RSA}, CSN_HS256, 0, CSN_KEY_ALGORITHM_CONFLICT},
        {{.type = CSN_JWK_RSA, .algorithm = CSN_PS256}, 0, CSN_PS256, 0},
        {{.type = CSN_JWK_RSA, .algorithm = CSN_PS256}, CSN_PS256, CSN_PS256, 0},
        {{.type = CSN_JWK_RSA, .algorithm = CSN_PS256}, CSN_RS256, 0, CSN_KEY_ALGORITHM_CONFLICT},
        {{.type = CSN_JWK_OCT}, 0, 0, CSN_KEY_ALGORITHM_UNSET},
        {{.type = CSN_JWK_OCT}, CSN_HS384, CSN_HS384, 0},
        {{.type = CSN_JWK_OCT}, CSN_RS256, 0, CSN_KEY_ALGORITHM_CONFLICT},
        {{.type = CSN_JWK_UNSET}, CSN_HS256, 0, CSN_KEY_ALGORITHM_CONFLICT},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        enum csn_algorithm bound = CSN_ALGORITHM_COUNT;
        assert_int_equal(csn_jwk_bind(&rows[i].jwk, rows[i].asked, &bound), rows[i].problem);
        assert_int_equal(bound, rows[i].bound);
    }
}

static void
says_so_when_the_arena_or_the_document_is_too_small_or_large(void **state)
{
    (void)state;
    enum csn_status status = CSN_NO_SPACE;
    for (size_t size = 0; status == CSN_NO_SPACE && size < sizeof memory; size += 16) {
        struct csn_arena arena = csn_arena_over(memory, size);
        status = csn_jwk_parse(csn_bytes_text(EC_PRIVATE), CSN_JWK_TO_SIGN, &arena, &jwk, &problem);
    }
    assert_int_equal(status, CSN_OK);
    static char large[CSN_KEY_TEXT_MAX + 2];
    memset(large, ' ', sizeof large - 1);
    memcpy(large, EC_PUBLIC, sizeof EC_PUBLIC - 1);
    assert_int_equal(parse(large, CSN_JWK_TO_VERIFY), CSN_TOO_LARGE);
    assert_int_equal(problem, CSN_KEY_TOO_LONG);
    large[CSN_KEY_TEXT_MAX] = '\0';
    assert_int_equal(parse(large, CSN_JWK_TO_VERIFY), CSN_OK);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_a_public_key_of_each_type),
        cmocka_unit_test(reads_a_private_key_to_sign),
        cmocka_unit_test(refuses_private_parts_where_a_public_key_is_due_and_the_reverse),
        cmocka_unit_test(refuses_documents_that_are_no_jwk),
        cmocka_unit_test(refuses_types_and_curves_we_do_not_do),
        cmocka_unit_test(heeds_use_key_ops_and_alg),
        cmocka_unit_test(takes_a_kid_of_256_bytes_and_not_of_257),
        cmocka_unit_test(takes_rsa_of_2048_to_8192_bits),
        cmocka_unit_test(takes_an_odd_exponent_from_65537_up),
        cmocka_unit_test(takes_the_parts_of_a_private_rsa_key_together_or_not_at_all),
        cmocka_unit_test(takes_a_secret_of_1_to_512_bytes),
        cmocka_unit_test(binds_a_key_to_one_algorithm),
        cmocka_unit_test(says_so_when_the_arena_or_the_document_is_too_small_or_large),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
