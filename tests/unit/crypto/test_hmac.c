/* HMAC and the digests: the vectors of RFC 4231, every length, every bit of a MAC.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "crypto/sha2.h"
#include "rfc_vectors.h"
#include "support.h"

/* 131 bytes of 0xaa: longer than any block. */
#define CASE_131                                                                                   \
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"     \
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"     \
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

/* RFC 4231 §4, without the truncated case 5. */
static const struct {
    const char *key, *data, *mac256, *mac384, *mac512;
} rfc4231[] = {
    {"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "4869205468657265",
     "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
     "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59cfaea9ea9076ede7f4af152e8b2fa9"
     "cb6",
     "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cdedaa833b7d6b8a702038b274eaea3f"
     "4e4be9d914eeb61f1702e696c203a126854"},
    {"4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
     "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
     "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21"
     "649",
     "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e"
     "6fdcaeab1a34d4a6b4b636e070a38bce737"},
    {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
     "ddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd"
     "ddddddd",
     "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
     "88062608d3e6ad8a0aa2ace014c8a86f0aa635d947ac9febe83ef4e55966144b2a5ab39dc13814b94e3ab6e101a34"
     "f27",
     "fa73b0089d56a284efb0f0756c890be9b1b5dbdd8ee81a3655f83e33b2279d39bf3e848279a722c806b485a47e67c"
     "807b946a337bee8942674278859e13292fb"},
    {"0102030405060708090a0b0c0d0e0f10111213141516171819",
     "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdc"
     "dcdcdcd",
     "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
     "3e8a69b7783c25851933ab6290af6ca77a9981480850009cc5577c6e1f573b4e6801dd23c4a7d679ccf8a386c674c"
     "ffb",
     "b0ba465637458c6990e5a8c5f61d4af7e576d97ff94b872de76f8050361ee3dba91ca5c11aa25eb4d679275cc5788"
     "063a5f19741120c4f2de2adebeb10a298dd"},
    {CASE_131,
     "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b6579202d2048617368204b6"
     "579204669727374",
     "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
     "4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f3cd11f05033ac4c60c2ef6ab4030fe8296248df163f44"
     "952",
     "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f3526b56d037e05f2598bd0fd2215d6a1"
     "e5295e64f73f63f0aec8b915a985d786598"},
    {CASE_131,
     "5468697320697320612074657374207573696e672061206c6172676572207468616e20626c6f636b2d73697a65206"
     "b657920616e642061206c6172676572207468616e20626c6f636b2d73697a6520646174612e20546865206b657920"
     "6e6565647320746f20626520686173686564206265666f7265206265696e6720757365642062792074686520484d4"
     "14320616c676f726974686d2e",
     "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
     "6617178e941f020d351e2f254e8fd32c602420feb0b8fb9adccebb82461e99c5a678cc31e799176d3860e6110c465"
     "23e",
     "e37b6a775dc87dbaa4dfa9f96e5e3ffddebd71f8867289865df5a32d20cdc944b6022cac3c4982b10d5eeb55c3e4d"
     "e15134676fb6de0446065c97440fa8c6a58"},
};

static const enum csn_algorithm algorithms[] = {CSN_HS256, CSN_HS384, CSN_HS512};

static void
makes_the_macs_of_rfc_4231(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rfc4231 / sizeof *rfc4231; i++) {
        const char *macs[] = {rfc4231[i].mac256, rfc4231[i].mac384, rfc4231[i].mac512};
        struct csn_bytes key = from_hex(rfc4231[i].key), data = from_hex(rfc4231[i].data);
        for (size_t a = 0; a < 3; a++) {
            uint8_t mac[64];
            csn_hmac(algorithms[a], key, data, mac);
            struct csn_bytes due = from_hex(macs[a]);
            assert_int_equal(due.len, csn_algorithm_hash_length(algorithms[a]));
            assert_memory_equal(mac, due.ptr, due.len);
        }
    }
}

/* Both sides of every block boundary, of the key and of the input. */
static void
agrees_with_the_librarys_own_hmac_at_every_length(void **state)
{
    (void)state;
    static const size_t key_lengths[] = {0, 1, 16, 63, 64, 65, 127, 128, 129, 512};
    const EVP_MD *hashes[] = {EVP_sha256(), EVP_sha384(), EVP_sha512()};
    uint8_t key[512], input[300];
    for (size_t i = 0; i < sizeof key; i++)
        key[i] = (uint8_t)(i * 7 + 1);
    for (size_t i = 0; i < sizeof input; i++)
        input[i] = (uint8_t)(i * 13 + 5);
    for (size_t a = 0; a < 3; a++)
        for (size_t k = 0; k < sizeof key_lengths / sizeof *key_lengths; k++)
            for (size_t n = 0; n <= sizeof input; n++) {
                uint8_t mac[64], due[64];
                unsigned due_len = 0;
                csn_hmac(algorithms[a], csn_bytes_of(key, key_lengths[k]), csn_bytes_of(input, n),
                         mac);
                HMAC(hashes[a], key, (int)key_lengths[k], input, n, due, &due_len);
                assert_memory_equal(mac, due, due_len);
            }
}

static void
hashes_as_the_library_does_for_each_algorithm(void **state)
{
    (void)state;
    const uint8_t *input = (const uint8_t *)rfc7515_a1_token;
    static const enum csn_algorithm signing[] = {CSN_RS256, CSN_ES384, CSN_PS512};
    const EVP_MD *hashes[] = {EVP_sha256(), EVP_sha384(), EVP_sha512()};
    uint8_t digest[CSN_DIGEST_MAX], due[CSN_DIGEST_MAX];
    for (size_t a = 0; a < 3; a++)
        for (size_t n = 0; n < sizeof rfc7515_a1_token; n++) {
            unsigned due_len = 0;
            size_t len = csn_digest(signing[a], csn_bytes_of(input, n), digest);
            assert_int_equal(EVP_Digest(input, n, due, &due_len, hashes[a], NULL), 1);
            assert_int_equal(len, due_len);
            assert_memory_equal(digest, due, len);
        }
    assert_int_equal(csn_digest(CSN_EDDSA, TEXT("x"), digest), 0);
    assert_int_equal(csn_digest(CSN_ALGORITHM_UNSET, TEXT("x"), digest), 0);
}

static struct csn_verifier *
verifier_of(enum csn_algorithm algorithm, struct csn_bytes secret)
{
    struct csn_verifier *verifier = NULL;
    struct csn_key_report report;
    assert_int_equal(csn_verifier_from_secret(algorithm, secret, &verifier, &report), CSN_OK);
    return verifier;
}

static void
refuses_a_mac_with_any_bit_changed_or_of_any_other_length(void **state)
{
    (void)state;
    struct csn_bytes secret = TEXT("a secret of quite some length, as it should be");
    struct csn_bytes input = TEXT("header.payload");
    for (size_t a = 0; a < 3; a++) {
        uint8_t mac[128] = {0};
        size_t len = csn_algorithm_hash_length(algorithms[a]);
        struct csn_verifier *verifier = verifier_of(algorithms[a], secret);
        csn_hmac(algorithms[a], secret, input, mac);
        assert_int_equal(csn_verifier_signature_length(verifier), len);
        assert_int_equal(csn_verifier_algorithm(verifier), algorithms[a]);
        for (size_t n = 0; n <= sizeof mac; n++)
            assert_int_equal(csn_verifier_check(verifier, input, csn_bytes_of(mac, n)), n == len);
        for (size_t bit = 0; bit < len * 8; bit++) {
            mac[bit / 8] = (uint8_t)(mac[bit / 8] ^ (1u << bit % 8));
            assert_false(csn_verifier_check(verifier, input, csn_bytes_of(mac, len)));
            mac[bit / 8] = (uint8_t)(mac[bit / 8] ^ (1u << bit % 8));
        }
        assert_true(csn_verifier_check(verifier, input, csn_bytes_of(mac, len)));
        assert_false(csn_verifier_check(verifier, TEXT("header.payloae"), csn_bytes_of(mac, len)));
        assert_false(csn_verifier_check(verifier, TEXT(""), csn_bytes_of(mac, len)));
        csn_verifier_free(verifier);
    }
}

static void
refuses_the_mac_of_another_hash_under_the_same_secret(void **state)
{
    (void)state;
    struct csn_bytes secret = TEXT("a secret of quite some length, as it should be");
    struct csn_bytes input = TEXT("header.payload");
    for (size_t a = 0; a < 3; a++)
        for (size_t b = 0; b < 3; b++) {
            uint8_t mac[64];
            struct csn_verifier *verifier = verifier_of(algorithms[a], secret);
            csn_hmac(algorithms[b], secret, input, mac);
            struct csn_bytes given =
                csn_bytes_of(mac, csn_algorithm_hash_length(algorithms[a])); /* cut, or stale */
            assert_int_equal(csn_verifier_check(verifier, input, given), a == b);
            assert_false(csn_verifier_check_as(verifier, algorithms[b], true, input, given));
            csn_verifier_free(verifier);
        }
}

static void
signs_what_the_verifier_of_the_same_secret_accepts(void **state)
{
    (void)state;
    struct csn_bytes secret = TEXT("a secret of quite some length, as it should be");
    for (size_t a = 0; a < 3; a++) {
        uint8_t memory[64];
        struct csn_signer *signer = NULL;
        struct csn_key_report report;
        size_t len = csn_algorithm_hash_length(algorithms[a]);
        struct csn_verifier *verifier = verifier_of(algorithms[a], secret);
        assert_int_equal(csn_signer_from_secret(algorithms[a], secret, &signer, &report), CSN_OK);
        assert_int_equal(csn_signer_algorithm(signer), algorithms[a]);

        struct csn_buffer exact = csn_buffer_over(memory, len);
        assert_int_equal(csn_signer_sign(signer, TEXT("x"), &exact), CSN_OK);
        assert_true(csn_verifier_check(verifier, TEXT("x"), csn_buffer_view(&exact)));
        struct csn_buffer small = csn_buffer_over(memory, len - 1);
        assert_int_equal(csn_signer_sign(signer, TEXT("x"), &small), CSN_NO_SPACE);
        csn_signer_free(signer);
        csn_verifier_free(verifier);
    }
}

static void
equal_secrets_have_the_same_length_and_bytes(void **state)
{
    (void)state;
    assert_true(csn_equal_secret(TEXT(""), (struct csn_bytes){0}));
    assert_true(csn_equal_secret(TEXT("abc"), TEXT("abc")));
    assert_false(csn_equal_secret(TEXT("abc"), TEXT("abd")));
    assert_false(csn_equal_secret(TEXT("abc"), TEXT("bbc")));
    assert_false(csn_equal_secret(TEXT("abc"), TEXT("ab")));
    assert_false(csn_equal_secret(TEXT("abc"), TEXT("abc\0")));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(makes_the_macs_of_rfc_4231),
        cmocka_unit_test(agrees_with_the_librarys_own_hmac_at_every_length),
        cmocka_unit_test(hashes_as_the_library_does_for_each_algorithm),
        cmocka_unit_test(refuses_a_mac_with_any_bit_changed_or_of_any_other_length),
        cmocka_unit_test(refuses_the_mac_of_another_hash_under_the_same_secret),
        cmocka_unit_test(signs_what_the_verifier_of_the_same_secret_accepts),
        cmocka_unit_test(equal_secrets_have_the_same_length_and_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
