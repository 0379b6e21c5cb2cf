/* Public-key signatures: the RFCs' tokens, every kind of tampering, every form that is not JWS's.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "rfc_vectors.h"
#include "support.h"

static const struct pair {
    enum csn_algorithm algorithm;
    const char *private_file, *public_file;
    size_t signature_length;
} pairs[] = {
    {CSN_RS256, "rsa_private.pem", "rsa_public.pem", 256},
    {CSN_RS384, "rsa_private.pem", "rsa_public_pkcs1.pem", 256},
    {CSN_RS512, "rsa_private_pkcs1.pem", "rsa_certificate.pem", 256},
    {CSN_PS256, "rsa_private.pem", "rsa_public.pem", 256},
    {CSN_PS384, "rsa_pss_private.pem", "rsa_pss_public.pem", 256},
    {CSN_PS512, "rsa_private.pem", "rsa_public.pem", 256},
    {CSN_ES256, "ec_p256_private.pem", "ec_p256_public.pem", 64},
    {CSN_ES384, "ec_p384_private.pem", "ec_p384_public.pem", 96},
    {CSN_ES512, "ec_p521_private.pem", "ec_p521_public.pem", 132},
    {CSN_EDDSA, "ed25519_private.pem", "ed25519_public.pem", 64},
};
#define PAIRS (sizeof pairs / sizeof *pairs)

static const struct {
    enum csn_algorithm algorithm;
    const char *key, *token;
    bool reproducible; /* signing again gives the same bytes */
} rfc[] = {
    {CSN_HS256, rfc7515_a1_key, rfc7515_a1_token, true},
    {CSN_RS256, rfc7515_a2_key, rfc7515_a2_token, true},
    {CSN_ES256, rfc7515_a3_key, rfc7515_a3_token, false},
    {CSN_ES512, rfc7515_a4_key, rfc7515_a4_token, false},
    {CSN_EDDSA, rfc8037_a4_key, rfc8037_a4_token, true},
    {CSN_PS384, rfc7520_42_key, rfc7520_42_token, false},
};

static const char input_text[] = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ1c2VyLTEwMDEifQ";
static const struct csn_bytes input = {(const uint8_t *)input_text, sizeof input_text - 1};

static struct csn_bytes
sign(const struct csn_signer *signer, struct csn_bytes text)
{
    static uint8_t memory[CSN_SIGNATURE_MAX];
    struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
    assert_int_equal(csn_signer_sign(signer, text, &out), CSN_OK);
    return csn_buffer_view(&out);
}

static void
accepts_the_tokens_of_the_rfcs_and_makes_them_again(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rfc / sizeof *rfc; i++) {
        struct parts parts;
        struct csn_verifier *verifier = NULL;
        struct csn_signer *signer = NULL;
        struct csn_key_report report;
        struct csn_bytes key = csn_bytes_text(rfc[i].key);
        take_apart(rfc[i].token, &parts);
        assert_int_equal(
            csn_verifier_from_jwk(rfc[i].algorithm, public_part(key), &verifier, &report), CSN_OK);
        assert_int_equal(csn_signer_from_jwk(rfc[i].algorithm, key, &signer, &report), CSN_OK);
        assert_true(csn_verifier_check(verifier, parts.input, parts.signature));

        struct csn_bytes again = sign(signer, parts.input);
        assert_true(csn_verifier_check(verifier, parts.input, again));
        assert_int_equal(csn_bytes_equal(again, parts.signature), rfc[i].reproducible);
        csn_signer_free(signer);
        csn_verifier_free(verifier);
    }
}

static void
accepts_what_its_own_private_key_signed(void **state)
{
    (void)state;
    for (size_t i = 0; i < PAIRS; i++) {
        struct csn_signer *signer = signer_of_file(pairs[i].algorithm, pairs[i].private_file);
        struct csn_verifier *verifier = verifier_of_file(pairs[i].algorithm, pairs[i].public_file);
        assert_int_equal(csn_verifier_algorithm(verifier), pairs[i].algorithm);
        assert_int_equal(csn_signer_algorithm(signer), pairs[i].algorithm);
        assert_int_equal(csn_verifier_signature_length(verifier), pairs[i].signature_length);
        for (size_t len = 0; len <= input.len; len++) {
            struct csn_bytes text = csn_bytes_slice(input, 0, len);
            struct csn_bytes signature = sign(signer, text);
            assert_int_equal(signature.len, pairs[i].signature_length);
            assert_true(csn_verifier_check(verifier, text, signature));
            if (csn_algorithm_family(pairs[i].algorithm) != CSN_FAMILY_EDDSA)
                len += 7; /* RSA signing is slow */
        }
        csn_signer_free(signer);
        csn_verifier_free(verifier);
    }
}

static void
refuses_a_signature_with_any_bit_changed(void **state)
{
    (void)state;
    for (size_t i = 0; i < PAIRS; i++) {
        uint8_t changed[CSN_SIGNATURE_MAX];
        struct csn_signer *signer = signer_of_file(pairs[i].algorithm, pairs[i].private_file);
        struct csn_verifier *verifier = verifier_of_file(pairs[i].algorithm, pairs[i].public_file);
        struct csn_bytes signature = sign(signer, input);
        memcpy(changed, signature.ptr, signature.len);
        for (size_t bit = 0; bit < signature.len * 8; bit++) {
            changed[bit / 8] = (uint8_t)(changed[bit / 8] ^ (1u << bit % 8));
            assert_false(csn_verifier_check(verifier, input, csn_bytes_of(changed, signature.len)));
            changed[bit / 8] = (uint8_t)(changed[bit / 8] ^ (1u << bit % 8));
        }
        assert_true(csn_verifier_check(verifier, input, csn_bytes_of(changed, signature.len)));
        assert_true(queue_is_empty());
        csn_signer_free(signer);
        csn_verifier_free(verifier);
    }
}

static void
refuses_another_input_and_every_other_length(void **state)
{
    (void)state;
    for (size_t i = 0; i < PAIRS; i++) {
        uint8_t memory[CSN_SIGNATURE_MAX] = {0};
        struct csn_signer *signer = signer_of_file(pairs[i].algorithm, pairs[i].private_file);
        struct csn_verifier *verifier = verifier_of_file(pairs[i].algorithm, pairs[i].public_file);
        struct csn_bytes signature = sign(signer, input);
        memcpy(memory, signature.ptr, signature.len);
        assert_false(
            csn_verifier_check(verifier, TEXT("other"), csn_bytes_of(memory, signature.len)));
        assert_false(csn_verifier_check(verifier, csn_bytes_slice(input, 0, input.len - 1),
                                        csn_bytes_of(memory, signature.len)));
        for (size_t len = 0; len <= sizeof memory; len++)
            assert_int_equal(csn_verifier_check(verifier, input, csn_bytes_of(memory, len)),
                             len == signature.len);
        assert_true(queue_is_empty());
        csn_signer_free(signer);
        csn_verifier_free(verifier);
    }
}

/* The key chooses: one key's signature under one algorithm holds under no other. */
static void
refuses_a_sibling_algorithms_signature_of_the_same_key(void **state)
{
    (void)state;
    for (int a = CSN_RS256; a <= CSN_PS512; a++)
        for (int b = CSN_RS256; b <= CSN_PS512; b++) {
            struct csn_signer *signer = signer_of_file((enum csn_algorithm)a, "rsa_private.pem");
            struct csn_verifier *verifier =
                verifier_of_file((enum csn_algorithm)b, "rsa_public.pem");
            struct csn_bytes signature = sign(signer, input);
            assert_int_equal(csn_verifier_check(verifier, input, signature), a == b);
            /* Diagnosis asks the other way round, and is told. */
            assert_true(
                csn_verifier_check_as(verifier, (enum csn_algorithm)a, false, input, signature));
            assert_false(csn_verifier_check_as(verifier, CSN_ES256, false, input, signature));
            assert_false(
                csn_verifier_check_as(verifier, (enum csn_algorithm)a, true, input, signature));
            assert_true(queue_is_empty());
            csn_signer_free(signer);
            csn_verifier_free(verifier);
        }
}

/* --- ECDSA --- */

static struct csn_bytes
filled(size_t len, const uint8_t *r, const uint8_t *s)
{
    static uint8_t memory[132];
    memset(memory, 0, sizeof memory);
    if (r != NULL)
        memcpy(memory, r, len / 2);
    if (s != NULL)
        memcpy(memory + len / 2, s, len / 2);
    return csn_bytes_of(memory, len);
}

static void
refuses_r_or_s_of_zero_or_of_the_curves_order(void **state)
{
    (void)state;
    struct csn_bytes order =
        from_hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
    struct csn_signer *signer = signer_of_file(CSN_ES256, "ec_p256_private.pem");
    struct csn_verifier *verifier = verifier_of_file(CSN_ES256, "ec_p256_public.pem");
    uint8_t good[64];
    memcpy(good, sign(signer, input).ptr, sizeof good);
    const uint8_t *r = good, *s = good + 32;
    assert_true(csn_verifier_check(verifier, input, filled(64, r, s)));
    assert_false(csn_verifier_check(verifier, input, filled(64, NULL, NULL)));
    assert_false(csn_verifier_check(verifier, input, filled(64, r, NULL)));
    assert_false(csn_verifier_check(verifier, input, filled(64, NULL, s)));
    assert_false(csn_verifier_check(verifier, input, filled(64, order.ptr, s)));
    assert_false(csn_verifier_check(verifier, input, filled(64, r, order.ptr)));
    assert_false(csn_verifier_check(verifier, input, filled(64, order.ptr, order.ptr)));
    assert_true(queue_is_empty());
    csn_signer_free(signer);
    csn_verifier_free(verifier);
}

/* A number with its top bit set, and one with leading zeros, need care in DER. */
static void
converts_numbers_of_every_width(void **state)
{
    (void)state;
    struct csn_signer *signer = signer_of_file(CSN_ES256, "ec_p256_private.pem");
    struct csn_verifier *verifier = verifier_of_file(CSN_ES256, "ec_p256_public.pem");
    bool seen_zero = false, seen_high = false;
    for (unsigned i = 0; i < 2000; i++) {
        struct csn_bytes text = csn_bytes_of(&i, sizeof i);
        struct csn_bytes signature = sign(signer, text);
        assert_true(csn_verifier_check(verifier, text, signature));
        seen_zero = seen_zero || signature.ptr[0] == 0 || signature.ptr[32] == 0;
        seen_high = seen_high || signature.ptr[0] >= 0x80;
    }
    assert_true(seen_zero && seen_high);
    csn_signer_free(signer);
    csn_verifier_free(verifier);
}

/* Signs with the library alone. Out: its own form of a signature. */
static struct csn_bytes
sign_plainly(const char *file, const EVP_MD *hash, int padding, int salt)
{
    static uint8_t memory[CSN_SIGNATURE_MAX];
    struct csn_bytes pem = key_file(file);
    size_t len = sizeof memory;
    BIO *text = BIO_new_mem_buf(pem.ptr, (int)pem.len);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(text, NULL, NULL, NULL);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *operation = NULL;
    assert_int_equal(EVP_DigestSignInit(context, &operation, hash, NULL, key), 1);
    if (padding != 0)
        assert_true(EVP_PKEY_CTX_set_rsa_padding(operation, padding) == 1);
    if (salt != 0)
        assert_true(EVP_PKEY_CTX_set_rsa_pss_saltlen(operation, salt) == 1);
    assert_int_equal(EVP_DigestSign(context, memory, &len, input.ptr, input.len), 1);
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    BIO_free(text);
    return csn_bytes_of(memory, len);
}

static void
refuses_der_and_knows_it_only_for_diagnosis(void **state)
{
    (void)state;
    static const struct {
        enum csn_algorithm algorithm;
        const char *private_file, *public_file;
    } rows[] = {
        {CSN_ES256, "ec_p256_private.pem", "ec_p256_public.pem"},
        {CSN_ES384, "ec_p384_private.pem", "ec_p384_public.pem"},
        {CSN_ES512, "ec_p521_private.pem", "ec_p521_public.pem"},
    };
    const EVP_MD *hashes[] = {EVP_sha256(), EVP_sha384(), EVP_sha512()};
    for (size_t i = 0; i < 3; i++) {
        struct csn_verifier *verifier = verifier_of_file(rows[i].algorithm, rows[i].public_file);
        struct csn_bytes der = sign_plainly(rows[i].private_file, hashes[i], 0, 0);
        assert_false(csn_verifier_check(verifier, input, der));
        assert_false(csn_verifier_check_as(verifier, rows[i].algorithm, false, input, der));
        assert_true(csn_verifier_check_as(verifier, rows[i].algorithm, true, input, der));
        assert_false(csn_verifier_check_as(verifier, rows[i].algorithm, true, TEXT("x"), der));
        assert_false(
            csn_verifier_check_as(verifier, rows[(i + 1) % 3].algorithm, true, input, der));
        assert_true(queue_is_empty());
        csn_verifier_free(verifier);
    }
}

/* --- RSA --- */

static void
accepts_a_salt_as_long_as_the_hash_and_no_other(void **state)
{
    (void)state;
    static const int salts[] = {RSA_PSS_SALTLEN_MAX, 1, 20, 31, 32, 33, 48, 64};
    struct csn_verifier *verifier = verifier_of_file(CSN_PS256, "rsa_public.pem");
    for (size_t i = 0; i < sizeof salts / sizeof *salts; i++) {
        struct csn_bytes signature =
            sign_plainly("rsa_private.pem", EVP_sha256(), RSA_PKCS1_PSS_PADDING, salts[i]);
        assert_int_equal(csn_verifier_check(verifier, input, signature), salts[i] == 32);
    }
    assert_true(queue_is_empty());
    csn_verifier_free(verifier);
}

static void
refuses_an_rsa_signature_not_below_its_modulus(void **state)
{
    (void)state;
    uint8_t high[256];
    memset(high, 0xff, sizeof high);
    for (int a = CSN_RS256; a <= CSN_PS512; a++) {
        struct csn_verifier *verifier = verifier_of_file((enum csn_algorithm)a, "rsa_public.pem");
        assert_false(csn_verifier_check(verifier, input, csn_bytes_of(high, sizeof high)));
        memset(high, 0, sizeof high);
        assert_false(csn_verifier_check(verifier, input, csn_bytes_of(high, sizeof high)));
        high[255] = 1;
        assert_false(csn_verifier_check(verifier, input, csn_bytes_of(high, sizeof high)));
        memset(high, 0xff, sizeof high);
        assert_true(queue_is_empty());
        csn_verifier_free(verifier);
    }
}

/* --- Ed25519 --- */

/* RFC 8032 §5.1.7: s + L passes the equation, and must not pass the check. */
static void
refuses_an_ed25519_scalar_not_reduced(void **state)
{
    (void)state;
    struct csn_bytes order =
        from_hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
    struct parts parts;
    struct csn_verifier *verifier = NULL;
    struct csn_key_report report;
    take_apart(rfc8037_a4_token, &parts);
    assert_int_equal(csn_verifier_from_jwk(CSN_EDDSA, public_part(csn_bytes_text(rfc8037_a4_key)),
                                           &verifier, &report),
                     CSN_OK);
    unsigned carry = 0;
    for (size_t i = 0; i < 32; i++) {
        unsigned sum = parts.memory[32 + i] + order.ptr[i] + carry;
        parts.memory[32 + i] = (uint8_t)sum;
        carry = sum >> 8;
    }
    assert_int_equal(carry, 0);
    assert_false(csn_verifier_check(verifier, parts.input, parts.signature));
    assert_false(csn_verifier_check_as(verifier, CSN_EDDSA, true, parts.input, parts.signature));
    csn_verifier_free(verifier);
}

static void
refuses_to_overflow_the_signers_buffer(void **state)
{
    (void)state;
    for (size_t i = 0; i < PAIRS; i++) {
        uint8_t memory[CSN_SIGNATURE_MAX];
        struct csn_signer *signer = signer_of_file(pairs[i].algorithm, pairs[i].private_file);
        struct csn_buffer exact = csn_buffer_over(memory, pairs[i].signature_length);
        struct csn_buffer small = csn_buffer_over(memory, pairs[i].signature_length - 1);
        assert_int_equal(csn_signer_sign(signer, input, &exact), CSN_OK);
        assert_int_equal(csn_signer_sign(signer, input, &small), CSN_NO_SPACE);
        csn_signer_free(signer);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepts_the_tokens_of_the_rfcs_and_makes_them_again),
        cmocka_unit_test(accepts_what_its_own_private_key_signed),
        cmocka_unit_test(refuses_a_signature_with_any_bit_changed),
        cmocka_unit_test(refuses_another_input_and_every_other_length),
        cmocka_unit_test(refuses_a_sibling_algorithms_signature_of_the_same_key),
        cmocka_unit_test(refuses_r_or_s_of_zero_or_of_the_curves_order),
        cmocka_unit_test(converts_numbers_of_every_width),
        cmocka_unit_test(refuses_der_and_knows_it_only_for_diagnosis),
        cmocka_unit_test(accepts_a_salt_as_long_as_the_hash_and_no_other),
        cmocka_unit_test(refuses_an_rsa_signature_not_below_its_modulus),
        cmocka_unit_test(refuses_an_ed25519_scalar_not_reduced),
        cmocka_unit_test(refuses_to_overflow_the_signers_buffer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
