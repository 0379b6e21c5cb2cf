/* Keys from PEM: what may stand in the file, and what the key in it must be.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

struct row {
    const char *file;
    enum csn_algorithm asked;
    enum csn_key_problem problem;
    enum csn_algorithm bound;
};
#define COUNT(table) (sizeof(table) / sizeof *(table))

static struct csn_key_report
load(enum csn_algorithm asked, struct csn_bytes pem)
{
    struct csn_verifier *verifier = NULL;
    struct csn_key_report report;
    enum csn_status status = csn_verifier_from_pem(asked, pem, &verifier, &report);
    assert_true(status == CSN_OK || status == CSN_INVALID);
    assert_int_equal(status == CSN_OK, report.problem == CSN_KEY_PROBLEM_NONE);
    assert_int_equal(status == CSN_OK, verifier != NULL);
    assert_true(queue_is_empty());
    csn_verifier_free(verifier);
    return report;
}

static struct csn_key_report
load_to_sign(enum csn_algorithm asked, struct csn_bytes pem)
{
    struct csn_signer *signer = NULL;
    struct csn_key_report report;
    enum csn_status status = csn_signer_from_pem(asked, pem, &signer, &report);
    assert_true(status == CSN_OK || status == CSN_INVALID);
    assert_int_equal(status == CSN_OK, report.problem == CSN_KEY_PROBLEM_NONE);
    assert_int_equal(status == CSN_OK, signer != NULL);
    assert_true(queue_is_empty());
    csn_signer_free(signer);
    return report;
}

static void
expect(const struct row *row, struct csn_key_report report)
{
    if (report.problem != row->problem)
        fail_msg("%s as %s: %s", row->file, csn_algorithm_name(row->asked),
                 csn_key_problem_name(report.problem));
    if (row->problem == CSN_KEY_PROBLEM_NONE)
        assert_int_equal(report.algorithm, row->bound);
}

static void
loads_every_form_of_a_public_key(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"rsa_public.pem", CSN_RS256, CSN_KEY_PROBLEM_NONE, CSN_RS256},
        {"rsa_public.pem", CSN_PS512, CSN_KEY_PROBLEM_NONE, CSN_PS512},
        {"rsa_public_pkcs1.pem", CSN_RS384, CSN_KEY_PROBLEM_NONE, CSN_RS384},
        {"rsa_certificate.pem", CSN_RS512, CSN_KEY_PROBLEM_NONE, CSN_RS512},
        {"rsa_pss_public.pem", CSN_PS256, CSN_KEY_PROBLEM_NONE, CSN_PS256},
        {"rsa_pss_sha384_public.pem", CSN_PS384, CSN_KEY_PROBLEM_NONE, CSN_PS384},
        {"ec_p256_public.pem", CSN_ALGORITHM_UNSET, CSN_KEY_PROBLEM_NONE, CSN_ES256},
        {"ec_p384_public.pem", CSN_ALGORITHM_UNSET, CSN_KEY_PROBLEM_NONE, CSN_ES384},
        {"ec_p521_public.pem", CSN_ES512, CSN_KEY_PROBLEM_NONE, CSN_ES512},
        {"ed25519_public.pem", CSN_ALGORITHM_UNSET, CSN_KEY_PROBLEM_NONE, CSN_EDDSA},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        expect(&rows[i], load(rows[i].asked, key_file(rows[i].file)));
}

static void
binds_a_key_to_no_algorithm_its_type_does_not_have(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"rsa_public.pem", CSN_ALGORITHM_UNSET, CSN_KEY_ALGORITHM_UNSET, 0},
        {"rsa_public.pem", CSN_ES256, CSN_KEY_ALGORITHM_CONFLICT, 0},
        {"rsa_public.pem", CSN_HS256, CSN_KEY_ALGORITHM_CONFLICT, 0},
        {"rsa_pss_public.pem", CSN_RS256, CSN_KEY_ALGORITHM_CONFLICT, 0},
        {"rsa_pss_public.pem", CSN_ALGORITHM_UNSET, CSN_KEY_ALGORITHM_UNSET, 0},
        {"rsa_pss_sha384_public.pem", CSN_PS256, CSN_KEY_ALGORITHM_CONFLICT, 0},
        {"rsa_pss_sha384_public.pem", CSN_PS512, CSN_KEY_ALGORITHM_CONFLICT, 0},
        {"rsa_pss_mgf1_sha1_public.pem", CSN_PS256, CSN_KEY_ALGORITHM_CONFLICT, 0},
        {"rsa_pss_salt_33_public.pem", CSN_PS256, CSN_KEY_ALGORITHM_CONFLICT, 0},
        {"ec_p256_public.pem", CSN_ES384, CSN_KEY_ALGORITHM_CONFLICT, 0},
        {"ec_p256_public.pem", CSN_HS256, CSN_KEY_ALGORITHM_CONFLICT, 0},
        {"ec_p521_public.pem", CSN_ES256, CSN_KEY_ALGORITHM_CONFLICT, 0},
        {"ed25519_public.pem", CSN_ES256, CSN_KEY_ALGORITHM_CONFLICT, 0},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        expect(&rows[i], load(rows[i].asked, key_file(rows[i].file)));
}

static void
refuses_keys_of_another_kind_size_or_shape(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"rsa_1024_public.pem", CSN_RS256, CSN_KEY_TOO_SHORT, 0},
        {"rsa_2047_public.pem", CSN_RS256, CSN_KEY_TOO_SHORT, 0},
        {"rsa_e3_public.pem", CSN_RS256, CSN_KEY_EXPONENT_INVALID, 0},
        {"dsa_public.pem", CSN_RS256, CSN_KEY_TYPE_UNSUPPORTED, 0},
        {"ec_secp256k1_public.pem", CSN_ES256, CSN_KEY_CURVE_UNSUPPORTED, 0},
        {"ec_p256_explicit_public.pem", CSN_ES256, CSN_KEY_CURVE_UNSUPPORTED, 0},
        {"ed448_public.pem", CSN_EDDSA, CSN_KEY_CURVE_UNSUPPORTED, 0},
        {"x25519_public.pem", CSN_EDDSA, CSN_KEY_CURVE_UNSUPPORTED, 0},
        {"ec_p256_off_curve_public.pem", CSN_ES256, CSN_KEY_POINT_INVALID, 0},
        {"ed25519_small_order_public.pem", CSN_EDDSA, CSN_KEY_POINT_INVALID, 0},
        {"ec_p256_trailing_der_public.pem", CSN_ES256, CSN_KEY_MALFORMED, 0},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        expect(&rows[i], load(rows[i].asked, key_file(rows[i].file)));
    assert_int_not_equal(load(CSN_ES256, key_file("ec_p256_infinity_public.pem")).problem,
                         CSN_KEY_PROBLEM_NONE);
}

static void
refuses_a_private_key_where_a_public_one_is_due(void **state)
{
    (void)state;
    static const char *const files[] = {
        "rsa_private.pem",     "rsa_private_pkcs1.pem",    "rsa_private_encrypted.pem",
        "ec_p256_private.pem", "ec_p256_private_sec1.pem", "ec_p256_private_with_parameters.pem",
        "ed25519_private.pem", "rsa_pss_private.pem",      "rsa_private_pkcs1_encrypted.pem",
    };
    for (size_t i = 0; i < COUNT(files); i++) {
        struct row row = {files[i], CSN_RS256, CSN_KEY_PRIVATE_MATERIAL, 0};
        expect(&row, load(CSN_RS256, key_file(files[i])));
    }
}

static struct csn_bytes
joined(struct csn_bytes a, struct csn_bytes b, struct csn_bytes c)
{
    static char text[2 * CSN_KEY_TEXT_MAX];
    struct csn_buffer out = csn_buffer_over(text, sizeof text);
    csn_buffer_append(&out, a);
    csn_buffer_append(&out, b);
    csn_buffer_append(&out, c);
    return csn_buffer_view(&out);
}

static void
takes_one_block_with_white_space_around_it_and_nothing_else(void **state)
{
    (void)state;
    static const struct {
        const char *before, *after;
        enum csn_key_problem problem;
    } rows[] = {
        {"", "", CSN_KEY_PROBLEM_NONE},
        {"\n \t\r\n", "", CSN_KEY_PROBLEM_NONE},
        {"", "\n\n  \r\n\t", CSN_KEY_PROBLEM_NONE},
        {"", "x", CSN_KEY_MALFORMED},
        {"", "\n-----BEGIN PUBLIC KEY-----\n", CSN_KEY_MALFORMED},
        {"x", "", CSN_KEY_MALFORMED},
        {"comment\n", "", CSN_KEY_MALFORMED},
        {"\xef\xbb\xbf", "", CSN_KEY_MALFORMED},
        {"", "\xff", CSN_KEY_MALFORMED},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct csn_bytes pem =
            joined(csn_bytes_text(rows[i].before), key_file("ec_p256_public.pem"),
                   csn_bytes_text(rows[i].after));
        if (load(CSN_ES256, pem).problem != rows[i].problem)
            fail_msg("row %zu", i);
    }
    struct csn_bytes twice =
        joined(key_file("ec_p256_public.pem"), key_file("ec_p256_public.pem"), TEXT(""));
    assert_int_equal(load(CSN_ES256, twice).problem, CSN_KEY_MALFORMED);
    struct csn_bytes nul = joined(key_file("ec_p256_public.pem"), TEXT("\0"), TEXT(""));
    assert_int_equal(load(CSN_ES256, nul).problem, CSN_KEY_MALFORMED);
}

static void
reads_lines_that_end_as_windows_ends_them(void **state)
{
    (void)state;
    char text[1024];
    struct csn_buffer out = csn_buffer_over(text, sizeof text);
    struct csn_bytes pem = key_file("ec_p256_public.pem");
    for (size_t i = 0; i < pem.len; i++) {
        if (pem.ptr[i] == '\n')
            csn_buffer_byte(&out, '\r');
        csn_buffer_byte(&out, pem.ptr[i]);
    }
    assert_int_equal(load(CSN_ES256, csn_buffer_view(&out)).problem, CSN_KEY_PROBLEM_NONE);
}

static void
refuses_a_file_cut_at_any_length(void **state)
{
    (void)state;
    static char text[2048];
    struct csn_bytes pem = key_file("ec_p256_public.pem");
    memcpy(text, pem.ptr, pem.len);
    size_t end = pem.len - 1; /* the last line feed is white space */
    for (size_t len = 0; len < end; len++)
        assert_int_equal(load(CSN_ES256, csn_bytes_of(text, len)).problem, CSN_KEY_MALFORMED);
    assert_int_equal(load(CSN_ES256, csn_bytes_of(text, end)).problem, CSN_KEY_PROBLEM_NONE);
}

static void
refuses_a_text_over_the_limit(void **state)
{
    (void)state;
    static char text[CSN_KEY_TEXT_MAX + 1];
    memset(text, '\n', sizeof text);
    struct csn_bytes pem = key_file("ec_p256_public.pem");
    memcpy(text, pem.ptr, pem.len);
    assert_int_equal(load(CSN_ES256, csn_bytes_of(text, CSN_KEY_TEXT_MAX)).problem,
                     CSN_KEY_PROBLEM_NONE);
    assert_int_equal(load(CSN_ES256, csn_bytes_of(text, CSN_KEY_TEXT_MAX + 1)).problem,
                     CSN_KEY_TOO_LONG);
}

static void
signs_with_every_form_of_a_private_key(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"rsa_private.pem", CSN_RS256, CSN_KEY_PROBLEM_NONE, CSN_RS256},
        {"rsa_private_pkcs1.pem", CSN_PS256, CSN_KEY_PROBLEM_NONE, CSN_PS256},
        {"rsa_pss_private.pem", CSN_PS384, CSN_KEY_PROBLEM_NONE, CSN_PS384},
        {"ec_p256_private.pem", CSN_ALGORITHM_UNSET, CSN_KEY_PROBLEM_NONE, CSN_ES256},
        {"ec_p256_private_sec1.pem", CSN_ES256, CSN_KEY_PROBLEM_NONE, CSN_ES256},
        {"ec_p256_private_with_parameters.pem", CSN_ES256, CSN_KEY_PROBLEM_NONE, CSN_ES256},
        {"ec_p384_private.pem", CSN_ALGORITHM_UNSET, CSN_KEY_PROBLEM_NONE, CSN_ES384},
        {"ec_p521_private.pem", CSN_ALGORITHM_UNSET, CSN_KEY_PROBLEM_NONE, CSN_ES512},
        {"ed25519_private.pem", CSN_ALGORITHM_UNSET, CSN_KEY_PROBLEM_NONE, CSN_EDDSA},
        {"rsa_private.pem", CSN_ALGORITHM_UNSET, CSN_KEY_ALGORITHM_UNSET, 0},
        {"rsa_private.pem", CSN_ES256, CSN_KEY_ALGORITHM_CONFLICT, 0},
        {"rsa_pss_private.pem", CSN_RS256, CSN_KEY_ALGORITHM_CONFLICT, 0},
        {"ec_p256_private.pem", CSN_ES512, CSN_KEY_ALGORITHM_CONFLICT, 0},
        {"rsa_public.pem", CSN_RS256, CSN_KEY_PRIVATE_MISSING, 0},
        {"rsa_certificate.pem", CSN_RS256, CSN_KEY_PRIVATE_MISSING, 0},
        {"ed25519_public.pem", CSN_EDDSA, CSN_KEY_PRIVATE_MISSING, 0},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        expect(&rows[i], load_to_sign(rows[i].asked, key_file(rows[i].file)));
}

/* Were a passphrase asked for, this would wait for a person. */
static void
refuses_a_key_under_a_passphrase_without_asking_for_it(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"rsa_private_encrypted.pem", CSN_RS256, CSN_KEY_TYPE_UNSUPPORTED, 0},
        {"rsa_private_pkcs1_encrypted.pem", CSN_RS256, CSN_KEY_TYPE_UNSUPPORTED, 0},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        expect(&rows[i], load_to_sign(rows[i].asked, key_file(rows[i].file)));
}

static void
gives_all_forms_of_one_key_the_same_fingerprint(void **state)
{
    (void)state;
    struct csn_key_report a = load(CSN_RS256, key_file("rsa_public.pem"));
    struct csn_key_report b = load(CSN_PS512, key_file("rsa_public_pkcs1.pem"));
    struct csn_key_report c = load(CSN_RS256, key_file("rsa_certificate.pem"));
    struct csn_key_report d = load_to_sign(CSN_RS256, key_file("rsa_private.pem"));
    assert_int_equal(strlen(a.fingerprint), 43);
    assert_string_equal(a.fingerprint, b.fingerprint);
    assert_string_equal(a.fingerprint, c.fingerprint);
    assert_string_equal(a.fingerprint, d.fingerprint);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loads_every_form_of_a_public_key),
        cmocka_unit_test(binds_a_key_to_no_algorithm_its_type_does_not_have),
        cmocka_unit_test(refuses_keys_of_another_kind_size_or_shape),
        cmocka_unit_test(refuses_a_private_key_where_a_public_one_is_due),
        cmocka_unit_test(takes_one_block_with_white_space_around_it_and_nothing_else),
        cmocka_unit_test(reads_lines_that_end_as_windows_ends_them),
        cmocka_unit_test(refuses_a_file_cut_at_any_length),
        cmocka_unit_test(refuses_a_text_over_the_limit),
        cmocka_unit_test(signs_with_every_form_of_a_private_key),
        cmocka_unit_test(refuses_a_key_under_a_passphrase_without_asking_for_it),
        cmocka_unit_test(gives_all_forms_of_one_key_the_same_fingerprint),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
