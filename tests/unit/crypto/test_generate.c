/* New keys: each loads again, as what it was made for.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

struct texts {
    uint8_t private_memory[8192], public_memory[4096], jwk_memory[4096];
    struct csn_buffer private_out, public_out, jwk_out;
};

static enum csn_status
generate(struct texts *texts, enum csn_algorithm algorithm, unsigned bits, struct csn_bytes kid)
{
    texts->private_out = csn_buffer_over(texts->private_memory, sizeof texts->private_memory);
    texts->public_out = csn_buffer_over(texts->public_memory, sizeof texts->public_memory);
    texts->jwk_out = csn_buffer_over(texts->jwk_memory, sizeof texts->jwk_memory);
    return csn_key_generate(algorithm, bits, kid, &texts->private_out, &texts->public_out,
                            &texts->jwk_out);
}

static void
expect_to_hold(const struct csn_signer *signer, const struct csn_verifier *verifier)
{
    uint8_t memory[CSN_SIGNATURE_MAX];
    struct csn_buffer signature = csn_buffer_over(memory, sizeof memory);
    assert_int_equal(csn_signer_sign(signer, TEXT("x"), &signature), CSN_OK);
    assert_true(csn_verifier_check(verifier, TEXT("x"), csn_buffer_view(&signature)));
}

static void
makes_pairs_whose_halves_belong_together(void **state)
{
    (void)state;
    static struct texts texts;
    for (int a = CSN_RS256; a < CSN_ALGORITHM_COUNT; a++) {
        enum csn_algorithm algorithm = (enum csn_algorithm)a;
        struct csn_verifier *from_pem = NULL, *from_jwk = NULL;
        struct csn_signer *signer = NULL;
        struct csn_key_report pem, jwk, private_report;
        assert_int_equal(generate(&texts, algorithm, 0, TEXT("2026 \"a\"")), CSN_OK);
        assert_int_equal(
            csn_verifier_from_pem(algorithm, csn_buffer_view(&texts.public_out), &from_pem, &pem),
            CSN_OK);
        assert_int_equal(csn_verifier_from_jwk(CSN_ALGORITHM_UNSET, csn_buffer_view(&texts.jwk_out),
                                               &from_jwk, &jwk),
                         CSN_OK);
        assert_int_equal(csn_signer_from_pem(algorithm, csn_buffer_view(&texts.private_out),
                                             &signer, &private_report),
                         CSN_OK);
        assert_int_equal(jwk.algorithm, algorithm);
        assert_string_equal(jwk.kid, "2026 \"a\"");
        assert_string_equal(jwk.fingerprint, pem.fingerprint);
        expect_to_hold(signer, from_pem);
        expect_to_hold(signer, from_jwk);
        csn_signer_free(signer);
        csn_verifier_free(from_pem);
        csn_verifier_free(from_jwk);
    }
}

static void
makes_secrets_as_long_as_the_hash_and_never_twice_the_same(void **state)
{
    (void)state;
    static struct texts a, b;
    for (int algorithm = CSN_HS256; algorithm <= CSN_HS512; algorithm++) {
        struct csn_verifier *verifier = NULL;
        struct csn_key_report report;
        struct csn_secret bytes;
        size_t hash = csn_algorithm_hash_length((enum csn_algorithm)algorithm);
        assert_int_equal(generate(&a, (enum csn_algorithm)algorithm, 0, TEXT("")), CSN_OK);
        assert_int_equal(generate(&b, (enum csn_algorithm)algorithm, 0, TEXT("")), CSN_OK);
        assert_false(
            csn_bytes_equal(csn_buffer_view(&a.private_out), csn_buffer_view(&b.private_out)));
        assert_int_equal(a.public_out.len, 0);
        assert_int_equal(a.jwk_out.len, 0);
        assert_int_equal(
            csn_secret_decode(csn_buffer_view(&a.private_out), CSN_ENCODING_BASE64URL, &bytes),
            CSN_OK);
        assert_int_equal(bytes.len, hash);
        assert_int_equal(csn_verifier_from_secret((enum csn_algorithm)algorithm,
                                                  csn_buffer_view(&a.private_out), &verifier,
                                                  &report),
                         CSN_OK);
        assert_int_equal(report.warning, CSN_KEY_PROBLEM_NONE);
        csn_verifier_free(verifier);
    }
}

static void
leaves_the_kid_out_when_there_is_none(void **state)
{
    (void)state;
    static struct texts texts;
    struct csn_verifier *verifier = NULL;
    struct csn_key_report report;
    assert_int_equal(generate(&texts, CSN_EDDSA, 0, (struct csn_bytes){0}), CSN_OK);
    assert_int_equal(
        csn_verifier_from_jwk(CSN_EDDSA, csn_buffer_view(&texts.jwk_out), &verifier, &report),
        CSN_OK);
    assert_false(report.has_kid);
    csn_verifier_free(verifier);
}

static void
makes_rsa_keys_of_the_size_asked_for(void **state)
{
    (void)state;
    static struct texts texts;
    struct csn_verifier *verifier = NULL;
    struct csn_key_report report;
    assert_int_equal(generate(&texts, CSN_RS256, 3072, TEXT("")), CSN_OK);
    assert_int_equal(
        csn_verifier_from_pem(CSN_RS256, csn_buffer_view(&texts.public_out), &verifier, &report),
        CSN_OK);
    assert_int_equal(csn_verifier_signature_length(verifier), 384);
    csn_verifier_free(verifier);
}

static void
refuses_what_would_not_load_again(void **state)
{
    (void)state;
    static struct texts texts;
    char kid[CSN_KID_MAX + 1];
    memset(kid, 'k', sizeof kid);
    assert_int_equal(generate(&texts, CSN_ALGORITHM_UNSET, 0, TEXT("")), CSN_INVALID);
    assert_int_equal(generate(&texts, CSN_ALGORITHM_COUNT, 0, TEXT("")), CSN_INVALID);
    assert_int_equal(generate(&texts, CSN_RS256, 2040, TEXT("")), CSN_INVALID);
    assert_int_equal(generate(&texts, CSN_RS256, 2049, TEXT("")), CSN_INVALID);
    assert_int_equal(generate(&texts, CSN_RS256, 8200, TEXT("")), CSN_INVALID);
    assert_int_equal(generate(&texts, CSN_ES256, 2048, TEXT("")), CSN_INVALID);
    assert_int_equal(generate(&texts, CSN_ES256, 0, TEXT("a\0b")), CSN_INVALID);
    assert_int_equal(generate(&texts, CSN_ES256, 0, TEXT("\xff")), CSN_INVALID);
    assert_int_equal(generate(&texts, CSN_ES256, 0, csn_bytes_of(kid, sizeof kid)), CSN_INVALID);
    assert_int_equal(generate(&texts, CSN_ES256, 0, csn_bytes_of(kid, sizeof kid - 1)), CSN_OK);
    assert_int_equal(texts.private_out.len > 0, true);
}

static void
says_when_a_buffer_is_too_small(void **state)
{
    (void)state;
    static struct texts full;
    static const size_t none = 0;
    assert_int_equal(generate(&full, CSN_ES256, 0, TEXT("")), CSN_OK);
    struct csn_buffer *const buffers[] = {&full.private_out, &full.public_out, &full.jwk_out};
    for (size_t small = 0; small < 3; small++) {
        for (size_t i = 0; i < 3; i++) {
            buffers[i]->len = none;
            buffers[i]->overflowed = false;
            buffers[i]->cap = i == small ? 16 : 2048;
        }
        assert_int_equal(csn_key_generate(CSN_ES256, 0, TEXT(""), &full.private_out,
                                          &full.public_out, &full.jwk_out),
                         CSN_NO_SPACE);
    }
    struct csn_buffer tiny = csn_buffer_over(full.private_memory, 42);
    assert_int_equal(
        csn_key_generate(CSN_HS256, 0, TEXT(""), &tiny, &full.public_out, &full.jwk_out),
        CSN_NO_SPACE);
    assert_true(queue_is_empty());
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(makes_pairs_whose_halves_belong_together),
        cmocka_unit_test(makes_secrets_as_long_as_the_hash_and_never_twice_the_same),
        cmocka_unit_test(leaves_the_kid_out_when_there_is_none),
        cmocka_unit_test(makes_rsa_keys_of_the_size_asked_for),
        cmocka_unit_test(refuses_what_would_not_load_again),
        cmocka_unit_test(says_when_a_buffer_is_too_small),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
