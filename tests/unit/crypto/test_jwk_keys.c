/* Keys from a JWK, beyond what its reader already refuses: the material itself, and sets of keys.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "countersign/token.h"
#include "crypto/rsa_judge.h"
#include "rfc_vectors.h"
#include "support.h"

#define CAP 4

#define EC_X "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4"
#define EC_Y "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"
#define EC_MEMBERS "\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" EC_X "\",\"y\":\"" EC_Y "\""
#define ED_MEMBERS                                                                                 \
    "\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\""
#define OCT_MEMBERS "\"kty\":\"oct\",\"k\":\"-ebuDNsVZ2iJtoZ-akfXTSCt4UO2cruLCsbWlBinggE\""
#define ENCRYPTION_KEY "{" EC_MEMBERS ",\"use\":\"enc\"}"
#define SET(keys) "{\"keys\":[" keys "]}"

static struct csn_key_report
load(enum csn_algorithm asked, struct csn_bytes jwk)
{
    struct csn_verifier *verifier = NULL;
    struct csn_key_report report;
    enum csn_status status = csn_verifier_from_jwk(asked, jwk, &verifier, &report);
    assert_true(status == CSN_OK || status == CSN_INVALID);
    assert_int_equal(status == CSN_OK, report.problem == CSN_KEY_PROBLEM_NONE);
    assert_int_equal(status == CSN_OK, verifier != NULL);
    assert_true(queue_is_empty());
    csn_verifier_free(verifier);
    return report;
}

static enum csn_key_problem
problem_to_sign(const char *jwk)
{
    struct csn_signer *signer = NULL;
    struct csn_key_report report;
    enum csn_status status =
        csn_signer_from_jwk(CSN_ALGORITHM_UNSET, csn_bytes_text(jwk), &signer, &report);
    assert_int_equal(status == CSN_OK, signer != NULL);
    assert_int_equal(status == CSN_OK, report.problem == CSN_KEY_PROBLEM_NONE);
    assert_true(queue_is_empty());
    csn_signer_free(signer);
    return report.problem;
}

static void
names_public_keys_by_their_rfc_7638_thumbprint(void **state)
{
    (void)state;
    struct csn_key_report rsa = load(CSN_ALGORITHM_UNSET, csn_bytes_text(rfc7638_key));
    assert_string_equal(rsa.fingerprint, RFC7638_THUMBPRINT);
    assert_string_equal(rsa.kid, "2011-04-29");
    assert_int_equal(rsa.algorithm, CSN_RS256);
    struct csn_key_report okp = load(CSN_ALGORITHM_UNSET, TEXT("{" ED_MEMBERS "}"));
    assert_string_equal(okp.fingerprint, RFC8037_THUMBPRINT);
    assert_false(okp.has_kid);
    assert_int_equal(okp.algorithm, CSN_EDDSA);
}

static void
gives_a_jwk_and_a_pem_of_one_key_the_same_fingerprint(void **state)
{
    (void)state;
    uint8_t private_text[512], public_text[512], jwk_text[512];
    struct csn_buffer private_out = csn_buffer_over(private_text, sizeof private_text);
    struct csn_buffer public_out = csn_buffer_over(public_text, sizeof public_text);
    struct csn_buffer jwk_out = csn_buffer_over(jwk_text, sizeof jwk_text);
    assert_int_equal(csn_key_generate(CSN_ES256, 0, TEXT("k"), &private_out, &public_out, &jwk_out),
                     CSN_OK);
    struct csn_verifier *verifier = NULL;
    struct csn_key_report pem;
    assert_int_equal(
        csn_verifier_from_pem(CSN_ES256, csn_buffer_view(&public_out), &verifier, &pem), CSN_OK);
    csn_verifier_free(verifier);
    struct csn_key_report jwk = load(CSN_ES256, csn_buffer_view(&jwk_out));
    assert_string_equal(jwk.fingerprint, pem.fingerprint);
}

static void
refuses_points_that_are_not_on_their_curve(void **state)
{
    (void)state;
    static const char *const bad[] = {
        /* one bit of y */
        "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" EC_X
        "\",\"y\":\"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyI\"}",
        /* x and y zero */
        "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\","
        "\"y\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}",
        /* x over the field's prime */
        "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"__________________________________________8\","
        "\"y\":\"" EC_Y "\"}",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(load(CSN_ES256, csn_bytes_text(bad[i])).problem, CSN_KEY_POINT_INVALID);
    assert_int_equal(load(CSN_ES256, TEXT("{" EC_MEMBERS "}")).problem, CSN_KEY_PROBLEM_NONE);
}

static void
refuses_ed25519_points_of_small_order_or_not_canonical(void **state)
{
    (void)state;
    static const char *const points[] = {
        "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", /* the neutral element */
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", /* order 4 */
        "7P_______________________________________38", /* order 2: y = -1 */
        "7f_______________________________________38", /* y = p, the neutral one's twin */
        "7v_______________________________________38", /* y = p + 1 */
        "__________________________________________8", /* y over p */
        "AgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", /* not on the curve */
    };
    for (size_t i = 0; i < sizeof points / sizeof *points; i++) {
        char jwk[160];
        snprintf(jwk, sizeof jwk, "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"%s\"}", points[i]);
        if (load(CSN_EDDSA, csn_bytes_text(jwk)).problem != CSN_KEY_POINT_INVALID)
            fail_msg("point %zu", i);
    }
}

/* An odd number of exactly so many bits, which is enough for a public key to load. */
static struct csn_bytes
modulus(size_t bits)
{
    static uint8_t bytes[1100];
    size_t len = (bits + 7) / 8;
    for (size_t i = 0; i < len; i++)
        bytes[i] = (uint8_t)(i * i * 31 + i * 7 + 3);
    unsigned top = (unsigned)((bits - 1) % 8);
    bytes[0] = (uint8_t)((bytes[0] & ((1u << top) - 1)) | 1u << top);
    bytes[len - 1] |= 1;
    return csn_bytes_of(bytes, len);
}

static void
takes_rsa_moduli_of_2048_to_8192_bits(void **state)
{
    (void)state;
    static const struct {
        size_t bits;
        enum csn_key_problem problem;
    } rows[] = {
        {2047, CSN_KEY_TOO_SHORT},    {2048, CSN_KEY_PROBLEM_NONE}, {2049, CSN_KEY_PROBLEM_NONE},
        {4096, CSN_KEY_PROBLEM_NONE}, {8192, CSN_KEY_PROBLEM_NONE}, {8193, CSN_KEY_TOO_LONG},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[1600], jwk[1800];
        struct csn_verifier *verifier = NULL;
        struct csn_key_report report;
        struct csn_buffer n = csn_buffer_over(text, sizeof text);
        csn_base64url_append(&n, modulus(rows[i].bits));
        int len = snprintf(jwk, sizeof jwk, "{\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"%.*s\"}",
                           (int)n.len, text);
        enum csn_status status =
            csn_verifier_from_jwk(CSN_RS256, csn_bytes_of(jwk, (size_t)len), &verifier, &report);
        assert_int_equal(report.problem, rows[i].problem);
        assert_int_equal(csn_rsa_judge(modulus(rows[i].bits), TEXT("\1\0\1")), rows[i].problem);
        if (status != CSN_OK)
            continue;
        uint8_t signature[CSN_SIGNATURE_MAX] = {0, 1};
        size_t length = csn_verifier_signature_length(verifier);
        assert_int_equal(length, (rows[i].bits + 7) / 8);
        assert_false(csn_verifier_check(verifier, TEXT("x"), csn_bytes_of(signature, length)));
        assert_true(queue_is_empty());
        csn_verifier_free(verifier);
    }
}

static void
takes_odd_rsa_exponents_from_65537_to_64_bits(void **state)
{
    (void)state;
    static const struct {
        const char *hex;
        enum csn_key_problem problem;
    } rows[] = {
        {"01", CSN_KEY_EXPONENT_INVALID},
        {"03", CSN_KEY_EXPONENT_INVALID},
        {"ffff", CSN_KEY_EXPONENT_INVALID},
        {"010000", CSN_KEY_EXPONENT_INVALID},
        {"010001", CSN_KEY_PROBLEM_NONE},
        {"010002", CSN_KEY_EXPONENT_INVALID},
        {"010003", CSN_KEY_PROBLEM_NONE},
        {"ffffffffffffffff", CSN_KEY_PROBLEM_NONE},
        {"fffffffffffffffe", CSN_KEY_EXPONENT_INVALID},
        {"010000000000000001", CSN_KEY_EXPONENT_INVALID},
        {"", CSN_KEY_EXPONENT_INVALID},
    };
    struct csn_bytes n = modulus(2048);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(csn_rsa_judge(n, from_hex(rows[i].hex)), rows[i].problem);
    uint8_t even[256];
    memcpy(even, n.ptr, sizeof even);
    even[255] &= 0xfe;
    assert_int_equal(csn_rsa_judge(csn_bytes_of(even, sizeof even), TEXT("\1\0\1")),
                     CSN_KEY_MALFORMED);
    assert_int_equal(csn_rsa_judge((struct csn_bytes){0}, TEXT("\1\0\1")), CSN_KEY_TOO_SHORT);
}

static void
refuses_a_modulus_of_the_broken_generator(void **state)
{
    (void)state;
    assert_int_equal(load(CSN_RS256, csn_bytes_text(roca_key)).problem, CSN_KEY_WEAK_SECRET);
}

static void
refuses_a_private_part_that_is_not_the_points(void **state)
{
    (void)state;
    assert_int_equal(problem_to_sign(rfc7515_a3_key), CSN_KEY_PROBLEM_NONE);
    assert_int_equal(problem_to_sign(rfc8037_a4_key), CSN_KEY_PROBLEM_NONE);
    assert_int_equal(
        problem_to_sign("{" EC_MEMBERS ",\"d\":\"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI\"}"),
        CSN_KEY_MALFORMED);
    assert_int_equal(
        problem_to_sign("{" EC_MEMBERS ",\"d\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}"),
        CSN_KEY_MALFORMED);
    assert_int_equal(
        problem_to_sign("{" EC_MEMBERS ",\"d\":\"__________________________________________8\"}"),
        CSN_KEY_MALFORMED);
    assert_int_equal(
        problem_to_sign("{" ED_MEMBERS ",\"d\":\"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2E\"}"),
        CSN_KEY_MALFORMED);
    assert_int_equal(problem_to_sign("{" ED_MEMBERS "}"), CSN_KEY_PRIVATE_MISSING);
}

static void
refuses_an_rsa_private_part_of_another_key(void **state)
{
    (void)state;
    char jwk[4096];
    snprintf(jwk, sizeof jwk, "%s", rfc7515_a2_key);
    struct csn_signer *signer = NULL;
    struct csn_key_report report;
    char *d = strstr(jwk, "\"d\":\"");
    assert_non_null(d);
    assert_int_equal(csn_signer_from_jwk(CSN_RS256, csn_bytes_text(jwk), &signer, &report), CSN_OK);
    csn_signer_free(signer);
    char *n = strstr(jwk, "\"n\":\"");
    n[5 + 100] = n[5 + 100] == 'A' ? 'B' : 'A';
    assert_int_equal(csn_signer_from_jwk(CSN_RS256, csn_bytes_text(jwk), &signer, &report),
                     CSN_INVALID);
    assert_null(signer);
    assert_int_equal(report.problem, CSN_KEY_MALFORMED);
}

static void
refuses_what_is_no_jwk(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "{}", "[]", "null", "{\"kty\":7}", "-----BEGIN "};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_int_equal(load(CSN_RS256, csn_bytes_text(texts[i])).problem, CSN_KEY_MALFORMED);
    static char big[CSN_KEY_TEXT_MAX + 1];
    memset(big, ' ', sizeof big);
    memcpy(big, "{" EC_MEMBERS "}", sizeof "{" EC_MEMBERS "}" - 1);
    assert_int_equal(load(CSN_ES256, csn_bytes_of(big, CSN_KEY_TEXT_MAX)).problem,
                     CSN_KEY_PROBLEM_NONE);
    assert_int_equal(load(CSN_ES256, csn_bytes_of(big, CSN_KEY_TEXT_MAX + 1)).problem,
                     CSN_KEY_TOO_LONG);
}

/* --- sets --- */

struct loaded {
    enum csn_status status;
    struct csn_verifier *keys[CAP];
    struct csn_key_report reports[CAP];
    size_t count;
};

/* Loads a set and frees its keys: the reports stay. */
static struct loaded
load_set_text(enum csn_algorithm algorithm, struct csn_bytes json)
{
    struct loaded set = {0};
    set.status = csn_verifiers_from_jwks(algorithm, json, set.keys, set.reports, CAP, &set.count);
    assert_int_equal(set.status == CSN_OK, set.count > 0);
    assert_true(queue_is_empty());
    for (size_t i = 0; i < set.count; i++)
        csn_verifier_free(set.keys[i]);
    return set;
}

static struct loaded
load_set(const char *json)
{
    return load_set_text(CSN_RS256, csn_bytes_text(json));
}

static void
loads_every_usable_key_of_a_set_in_order(void **state)
{
    (void)state;
    struct loaded set = load_set(SET("{" EC_MEMBERS ",\"kid\":\"a\"},{" ED_MEMBERS "}"));
    assert_int_equal(set.count, 2);
    assert_int_equal(set.reports[0].algorithm, CSN_ES256);
    assert_string_equal(set.reports[0].kid, "a");
    assert_true(set.reports[0].has_kid);
    assert_int_equal(set.reports[1].algorithm, CSN_EDDSA);
    assert_false(set.reports[1].has_kid);
}

static void
passes_over_keys_that_are_for_others(void **state)
{
    (void)state;
    static const char *const others[] = {
        "{\"kty\":\"future\"}",
        ENCRYPTION_KEY,
        "{" EC_MEMBERS ",\"key_ops\":[\"deriveKey\"]}",
        "{" EC_MEMBERS ",\"alg\":\"ECDH-ES\"}",
        "{\"kty\":\"EC\",\"crv\":\"secp256k1\",\"x\":\"AA\",\"y\":\"AA\"}",
        "{\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"rJBIp6T1YK-RtPyv\"}",
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        char json[1024];
        snprintf(json, sizeof json, SET("%s,{" ED_MEMBERS "}"), others[i]);
        struct loaded set = load_set(json);
        if (set.count != 1)
            fail_msg("%s: %s", others[i], csn_key_problem_name(set.reports[0].problem));
        assert_int_equal(set.reports[0].algorithm, CSN_EDDSA);
        snprintf(json, sizeof json, SET("%s"), others[i]);
        assert_int_equal(load_set(json).status, CSN_INVALID);
    }
}

static void
refuses_the_set_for_one_key_that_is_a_mistake_or_an_attack(void **state)
{
    (void)state;
    static const struct {
        const char *key;
        enum csn_key_problem problem;
    } rows[] = {
        {"7", CSN_KEY_MALFORMED},
        {"{}", CSN_KEY_MALFORMED},
        {"{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AA\",\"y\":\"AA\"}", CSN_KEY_MALFORMED},
        {"{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" EC_X "\",\"y\":\"" EC_X "\"}",
         CSN_KEY_POINT_INVALID},
        {"{" EC_MEMBERS ",\"d\":\"AA\"}", CSN_KEY_PRIVATE_MATERIAL},
        {"{" OCT_MEMBERS ",\"alg\":\"HS256\"}", CSN_KEY_PRIVATE_MATERIAL}, /* beside a public one */
        {"{" EC_MEMBERS ",\"kid\":\"same\"}", CSN_KEY_MALFORMED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char json[1024];
        snprintf(json, sizeof json, SET("{" ED_MEMBERS ",\"kid\":\"same\"},%s"), rows[i].key);
        struct loaded set = load_set(json);
        assert_int_equal(set.status, CSN_INVALID);
        if (set.reports[0].problem != rows[i].problem)
            fail_msg("%s: %s", rows[i].key, csn_key_problem_name(set.reports[0].problem));
    }
}

static void
takes_keys_without_kid_and_kids_that_differ(void **state)
{
    (void)state;
    assert_int_equal(load_set(SET("{" ED_MEMBERS "},{" EC_MEMBERS "}")).count, 2);
    assert_int_equal(
        load_set(SET("{" ED_MEMBERS ",\"kid\":\"a\"},{" EC_MEMBERS ",\"kid\":\"A\"}")).count, 2);
    assert_int_equal(
        load_set(SET("{" ED_MEMBERS ",\"kid\":\"\"},{" EC_MEMBERS ",\"kid\":\"\"}")).status,
        CSN_INVALID);
    /* One that is passed over may share it: nothing can be mistaken for it. */
    assert_int_equal(load_set(SET("{" ED_MEMBERS ",\"kid\":\"a\"}," //
                                  "{\"kty\":\"future\",\"kid\":\"a\"}"))
                         .count,
                     1);
}

static void
uses_the_given_algorithm_only_for_keys_that_leave_it_open(void **state)
{
    (void)state;
    char json[4096];
    struct csn_bytes rsa = public_part(csn_bytes_text(rfc7515_a2_key));
    snprintf(json, sizeof json, SET("{" EC_MEMBERS "},%.*s"), (int)rsa.len, (const char *)rsa.ptr);
    struct loaded set = load_set_text(CSN_PS384, csn_bytes_text(json));
    assert_int_equal(set.count, 2);
    assert_int_equal(set.reports[0].algorithm, CSN_ES256);
    assert_int_equal(set.reports[1].algorithm, CSN_PS384);
    set = load_set_text(CSN_ALGORITHM_UNSET, csn_bytes_text(json));
    assert_int_equal(set.count, 1);
    set = load_set_text(CSN_HS256, csn_bytes_text(json));
    assert_int_equal(set.count, 1);

    snprintf(json, sizeof json, SET("%.*s"), (int)rsa.len, (const char *)rsa.ptr);
    set = load_set_text(CSN_ALGORITHM_UNSET, csn_bytes_text(json));
    assert_int_equal(set.status, CSN_INVALID);
    assert_int_equal(set.reports[0].problem, CSN_KEY_ALGORITHM_UNSET);
}

static void
loads_a_set_of_secrets_alone(void **state)
{
    (void)state;
    struct loaded set = load_set(SET("{" OCT_MEMBERS ",\"alg\":\"HS256\"},"
                                     "{" OCT_MEMBERS ",\"alg\":\"HS512\"}"));
    assert_int_equal(set.count, 2);
    assert_int_equal(set.reports[1].warning, CSN_KEY_SHORT_FOR_HASH);
}

static void
refuses_more_usable_keys_than_there_is_room_for(void **state)
{
    (void)state;
    static const char key[] = "{" ED_MEMBERS "}";
    for (size_t keys = CAP; keys <= CAP + 1; keys++) {
        char json[1024];
        struct csn_buffer out = csn_buffer_over(json, sizeof json);
        csn_buffer_text(&out, "{\"keys\":[");
        for (size_t i = 0; i < keys; i++) {
            csn_buffer_text(&out, i == 0 ? "" : ",");
            csn_buffer_text(&out, key);
        }
        csn_buffer_text(&out, "]}");
        struct loaded set = load_set_text(CSN_ALGORITHM_UNSET, csn_buffer_view(&out));
        assert_int_equal(set.status, keys <= CAP ? CSN_OK : CSN_INVALID);
    }
}

static void
refuses_what_is_no_set(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "[]",
        "{}",
        "{\"keys\":{}}",
        "{\"keys\":{\"a\":{" ED_MEMBERS "}}}",
        "{\"keys\":[]}",
        "{\"keys\":null}",
        "{" ED_MEMBERS "}",
        SET("{" ED_MEMBERS "}") "x",
        "{\"keys\":[],\"keys\":[]}",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct loaded set = load_set(texts[i]);
        assert_int_equal(set.status, CSN_INVALID);
        assert_int_equal(set.reports[0].problem, CSN_KEY_MALFORMED);
    }
    static char big[CSN_KEY_TEXT_MAX + 1];
    memset(big, ' ', sizeof big);
    memcpy(big, SET("{" ED_MEMBERS "}"), sizeof SET("{" ED_MEMBERS "}") - 1);
    assert_int_equal(load_set_text(CSN_EDDSA, csn_bytes_of(big, sizeof big - 1)).status, CSN_OK);
    assert_int_equal(load_set_text(CSN_EDDSA, csn_bytes_of(big, sizeof big)).status, CSN_INVALID);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_public_keys_by_their_rfc_7638_thumbprint),
        cmocka_unit_test(gives_a_jwk_and_a_pem_of_one_key_the_same_fingerprint),
        cmocka_unit_test(refuses_points_that_are_not_on_their_curve),
        cmocka_unit_test(refuses_ed25519_points_of_small_order_or_not_canonical),
        cmocka_unit_test(takes_rsa_moduli_of_2048_to_8192_bits),
        cmocka_unit_test(takes_odd_rsa_exponents_from_65537_to_64_bits),
        cmocka_unit_test(refuses_a_modulus_of_the_broken_generator),
        cmocka_unit_test(refuses_a_private_part_that_is_not_the_points),
        cmocka_unit_test(refuses_an_rsa_private_part_of_another_key),
        cmocka_unit_test(refuses_what_is_no_jwk),
        cmocka_unit_test(loads_every_usable_key_of_a_set_in_order),
        cmocka_unit_test(passes_over_keys_that_are_for_others),
        cmocka_unit_test(refuses_the_set_for_one_key_that_is_a_mistake_or_an_attack),
        cmocka_unit_test(takes_keys_without_kid_and_kids_that_differ),
        cmocka_unit_test(uses_the_given_algorithm_only_for_keys_that_leave_it_open),
        cmocka_unit_test(loads_a_set_of_secrets_alone),
        cmocka_unit_test(refuses_more_usable_keys_than_there_is_room_for),
        cmocka_unit_test(refuses_what_is_no_set),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
