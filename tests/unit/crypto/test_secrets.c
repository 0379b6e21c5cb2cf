/* Which shared secrets may be keys.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "crypto/weak_secret.h"
#include "support.h"

static struct csn_key_report
report_of(enum csn_algorithm algorithm, struct csn_bytes secret)
{
    struct csn_verifier *verifier = NULL;
    struct csn_key_report report;
    enum csn_status status = csn_verifier_from_secret(algorithm, secret, &verifier, &report);
    assert_int_equal(status == CSN_OK, verifier != NULL);
    assert_int_equal(status == CSN_OK, report.problem == CSN_KEY_PROBLEM_NONE);
    csn_verifier_free(verifier);
    return report;
}

/* A secret of `len` bytes that nothing is wrong with. */
static struct csn_bytes
good_secret(size_t len)
{
    static uint8_t bytes[1024];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * i * 31 + i * 7 + 3);
    return csn_bytes_of(bytes, len);
}

static void
refuses_fewer_than_16_bytes_and_more_than_512(void **state)
{
    (void)state;
    assert_int_equal(report_of(CSN_HS256, (struct csn_bytes){0}).problem, CSN_KEY_TOO_SHORT);
    assert_int_equal(report_of(CSN_HS256, good_secret(15)).problem, CSN_KEY_TOO_SHORT);
    assert_int_equal(report_of(CSN_HS256, good_secret(16)).problem, CSN_KEY_PROBLEM_NONE);
    assert_int_equal(report_of(CSN_HS256, good_secret(512)).problem, CSN_KEY_PROBLEM_NONE);
    assert_int_equal(report_of(CSN_HS256, good_secret(513)).problem, CSN_KEY_TOO_LONG);
}

static void
warns_of_a_secret_shorter_than_the_hash(void **state)
{
    (void)state;
    static const enum csn_algorithm algorithms[] = {CSN_HS256, CSN_HS384, CSN_HS512};
    for (size_t i = 0; i < 3; i++) {
        size_t hash = csn_algorithm_hash_length(algorithms[i]);
        assert_int_equal(report_of(algorithms[i], good_secret(hash - 1)).warning,
                         CSN_KEY_SHORT_FOR_HASH);
        assert_int_equal(report_of(algorithms[i], good_secret(hash)).warning, CSN_KEY_PROBLEM_NONE);
    }
}

static void
refuses_an_algorithm_that_takes_no_secret(void **state)
{
    (void)state;
    for (int a = CSN_HS256; a < CSN_ALGORITHM_COUNT; a++) {
        enum csn_key_problem due =
            a <= CSN_HS512 ? CSN_KEY_PROBLEM_NONE : CSN_KEY_ALGORITHM_CONFLICT;
        assert_int_equal(report_of((enum csn_algorithm)a, good_secret(64)).problem, due);
    }
    assert_int_equal(report_of(CSN_ALGORITHM_UNSET, good_secret(64)).problem,
                     CSN_KEY_ALGORITHM_UNSET);
}

static void
refuses_the_secrets_that_documents_print(void **state)
{
    (void)state;
    static const char *const known[] = {
        "your-256-bit-secret",
        "your-512-bit-secret",
        "Your 384 bit secret",
        "a-string-secret-at-least-256-bits-long",
        "a-valid-string-secret-that-is-at-least-512-bits-long-which-is-very-long",
        "apptentive_provided_secret",
        "secretsecretsecret",
        "secretsecretsecr",
        "SecretSecretSecret",
        "s-e-c-r-e-t-s-e-c-r-e-t",
        "SECRET_KEY_SECRET_KEY",
        "SECRET_KEYSECRET_KEY",
        "<Shared secret><Shared secret>",
        "changemechangeme",
        "changeme-before-production",
        "please-change-me-now",
        "replace_me_with_a_secret",
        "my_super_secret_key",
        "passwordpassword",
        "keyboard cat keyboard cat",
        "0123456789abcdef",
        "12345678901234567890",
        "abcdefghijklmnopqrstuvwxyz",
        "<YOUR_SDK_SECRET_HERE>",
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (csn_secret_judge(csn_bytes_text(known[i])) != CSN_KEY_WEAK_SECRET)
            fail_msg("not refused: %s", known[i]);
}

static void
refuses_short_samples_as_too_short(void **state)
{
    (void)state;
    assert_int_equal(csn_secret_judge(TEXT("SECRET_KEY")), CSN_KEY_TOO_SHORT);
    assert_int_equal(csn_secret_judge(TEXT("<Shared secret>")), CSN_KEY_TOO_SHORT);
    assert_int_equal(csn_secret_judge(TEXT("secret")), CSN_KEY_TOO_SHORT);
}

static void
refuses_repetition(void **state)
{
    (void)state;
    struct csn_bytes block = good_secret(64);
    uint8_t secret[128];
    for (size_t period = 1; period <= 16; period++) {
        for (size_t i = 0; i < sizeof secret; i++)
            secret[i] = block.ptr[i % period];
        enum csn_key_problem due = period < 16 ? CSN_KEY_WEAK_SECRET : CSN_KEY_PROBLEM_NONE;
        assert_int_equal(csn_secret_judge(csn_bytes_of(secret, sizeof secret)), due);
        secret[sizeof secret - 1] ^= 0x80; /* one byte that does not repeat */
        due = period <= 2 ? CSN_KEY_WEAK_SECRET : CSN_KEY_PROBLEM_NONE;
        assert_int_equal(csn_secret_judge(csn_bytes_of(secret, sizeof secret)), due);
    }
}

/* 16 random bytes begin and end alike once in 256 times. */
static void
accepts_a_secret_whose_ends_merely_meet(void **state)
{
    (void)state;
    assert_int_equal(csn_secret_judge(TEXT("k7Fq2ZxW9bTn4RcK")), CSN_KEY_PROBLEM_NONE);
    assert_int_equal(csn_secret_judge(TEXT("k7Fq2ZxW9bTn4Rck")), CSN_KEY_PROBLEM_NONE);
    assert_int_equal(csn_secret_judge(TEXT("k7Fq2ZxWk7Fq2ZxX")), CSN_KEY_PROBLEM_NONE);
    assert_int_equal(csn_secret_judge(TEXT("k7Fq2ZxWk7Fq2ZxW")), CSN_KEY_WEAK_SECRET);
}

static void
refuses_three_different_bytes_or_fewer(void **state)
{
    (void)state;
    assert_int_equal(csn_secret_judge(TEXT("aaaaaaaaaaaaaaaa")), CSN_KEY_WEAK_SECRET);
    assert_int_equal(csn_secret_judge(TEXT("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0")),
                     CSN_KEY_WEAK_SECRET);
    assert_int_equal(csn_secret_judge(TEXT("aaaaaaaaaaaaaabc")), CSN_KEY_WEAK_SECRET);
    assert_int_equal(csn_secret_judge(TEXT("aaaaaaaaaaaaabcd")), CSN_KEY_PROBLEM_NONE);
}

static void
refuses_the_text_of_a_public_key(void **state)
{
    (void)state;
    assert_int_equal(csn_secret_judge(key_file("rsa_public.pem")), CSN_KEY_WEAK_SECRET);
    assert_int_equal(csn_secret_judge(key_file("ec_p256_public.pem")), CSN_KEY_WEAK_SECRET);
}

static void
accepts_what_merely_holds_a_known_word(void **state)
{
    (void)state;
    static const char *const good[] = {
        "alch-80194f74581d4c5bd1948174d5b8bf225db5b9fa1cd029423451eaf54046ce66",
        "secret-9f3b1c77d2e84a60",
        "2f1e7a9c5b3d8046",
        "correct horse battery staple",
        "\xc3\xa9\xc3\xa0\xc3\xbc secret \xe2\x82\xac 8291",
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        if (csn_secret_judge(csn_bytes_text(good[i])) != CSN_KEY_PROBLEM_NONE)
            fail_msg("refused: %s", good[i]);
    /* Bytes that are no text: digits among them are chance. */
    uint8_t counting[64];
    for (size_t i = 0; i < sizeof counting; i++)
        counting[i] = (uint8_t)i;
    assert_int_equal(csn_secret_judge(csn_bytes_of(counting, sizeof counting)),
                     CSN_KEY_PROBLEM_NONE);
}

/* The value was computed with another program. */
static void
names_a_secret_by_a_fingerprint_that_gives_nothing_away(void **state)
{
    (void)state;
    struct csn_key_report a = report_of(CSN_HS256, TEXT("k7Fq2ZxW9bTn4RcK"));
    struct csn_key_report b = report_of(CSN_HS512, TEXT("k7Fq2ZxW9bTn4RcK"));
    struct csn_key_report c = report_of(CSN_HS256, TEXT("k7Fq2ZxW9bTn4RcL"));
    assert_string_equal(a.fingerprint, "hmac:9b0bee565d8ff35d");
    assert_string_equal(a.fingerprint, b.fingerprint);
    assert_string_not_equal(a.fingerprint, c.fingerprint);
    assert_int_equal(a.algorithm, CSN_HS256);
    assert_int_equal(b.algorithm, CSN_HS512);
    assert_false(a.has_kid);
    assert_string_equal(a.kid, "");
}

static void
refuses_to_sign_with_what_it_would_not_verify_with(void **state)
{
    (void)state;
    struct csn_signer *signer = NULL;
    struct csn_key_report report;
    assert_int_equal(csn_signer_from_secret(CSN_HS256, good_secret(15), &signer, &report),
                     CSN_INVALID);
    assert_null(signer);
    assert_int_equal(report.problem, CSN_KEY_TOO_SHORT);
    assert_int_equal(csn_signer_from_secret(CSN_RS256, good_secret(32), &signer, &report),
                     CSN_INVALID);
    assert_int_equal(report.problem, CSN_KEY_ALGORITHM_CONFLICT);
    csn_signer_free(NULL);
    csn_verifier_free(NULL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_fewer_than_16_bytes_and_more_than_512),
        cmocka_unit_test(warns_of_a_secret_shorter_than_the_hash),
        cmocka_unit_test(refuses_an_algorithm_that_takes_no_secret),
        cmocka_unit_test(refuses_the_secrets_that_documents_print),
        cmocka_unit_test(refuses_short_samples_as_too_short),
        cmocka_unit_test(refuses_repetition),
        cmocka_unit_test(accepts_a_secret_whose_ends_merely_meet),
        cmocka_unit_test(refuses_three_different_bytes_or_fewer),
        cmocka_unit_test(refuses_the_text_of_a_public_key),
        cmocka_unit_test(accepts_what_merely_holds_a_known_word),
        cmocka_unit_test(names_a_secret_by_a_fingerprint_that_gives_nothing_away),
        cmocka_unit_test(refuses_to_sign_with_what_it_would_not_verify_with),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
