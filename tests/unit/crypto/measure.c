/* What a check costs against the bare operation of the library, in turns in one run: the numbers
 * behind docs/decisions/0005-prekeyed-hmac.md. No test; timing decides none.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#define _POSIX_C_SOURCE 200809L
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <sodium.h>
#include <time.h>

#include "support.h"

#define INPUT_LENGTH 200
#define TURNS 401

static uint8_t input_bytes[1024];
static const struct csn_bytes input = {input_bytes, INPUT_LENGTH};
static unsigned sink; /* so that nothing measured is optimised away */

static struct {
    struct csn_verifier *verifier;
    uint8_t signature[CSN_SIGNATURE_MAX], der[160];
    size_t length, der_length;
    SHA256_CTX state_256;
    SHA512_CTX state_512;
    EVP_MAC_CTX *mac;
    EVP_PKEY *key;
    RSA *rsa;
    EC_KEY *ec;
    uint8_t point[32];
} given;

static double
now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void
ours(void)
{
    sink += csn_verifier_check(given.verifier, input, csn_bytes_of(given.signature, given.length));
}

/* 200 bytes and their padding are 4 blocks of 64, the outer hash one more. */
static void
compressions_256(void)
{
    SHA256_CTX state = given.state_256;
    SHA256_Update(&state, input_bytes, 4 * 64);
    SHA256_Update(&state, input_bytes, 64);
    sink += state.h[0];
}

static void
compressions_512(void)
{
    SHA512_CTX state = given.state_512;
    SHA512_Update(&state, input_bytes, 2 * 128);
    SHA512_Update(&state, input_bytes, 128);
    sink += (unsigned)state.h[0];
}

static void
mac_kept(void)
{
    uint8_t mac[64];
    size_t len;
    EVP_MAC_init(given.mac, NULL, 0, NULL);
    EVP_MAC_update(given.mac, input_bytes, INPUT_LENGTH);
    EVP_MAC_final(given.mac, mac, &len, sizeof mac);
    sink += mac[0];
}

static void
mac_copied(void)
{
    uint8_t mac[64];
    size_t len;
    EVP_MAC_CTX *copy = EVP_MAC_CTX_dup(given.mac);
    EVP_MAC_update(copy, input_bytes, INPUT_LENGTH);
    EVP_MAC_final(copy, mac, &len, sizeof mac);
    EVP_MAC_CTX_free(copy);
    sink += mac[0];
}

static void
mac_one_shot(void)
{
    uint8_t mac[64];
    unsigned len;
    HMAC(EVP_sha256(), "k7Fq2ZxW9bTn4RcKk7Fq2ZxW9bTn4RcK", 32, input_bytes, INPUT_LENGTH, mac,
         &len);
    sink += mac[0];
}

static void
bare_rsa(void)
{
    uint8_t digest[32];
    csn_sha256(input, digest);
    sink += (unsigned)RSA_verify(NID_sha256, digest, 32, given.signature, (unsigned)given.length,
                                 given.rsa);
}

static void
bare_pss(void)
{
    uint8_t digest[32], encoded[CSN_SIGNATURE_MAX];
    csn_sha256(input, digest);
    RSA_public_decrypt((int)given.length, given.signature, encoded, given.rsa, RSA_NO_PADDING);
    sink += (unsigned)RSA_verify_PKCS1_PSS(given.rsa, digest, EVP_sha256(), encoded, 32);
}

static void
bare_ecdsa(void)
{
    uint8_t digest[32];
    csn_sha256(input, digest);
    sink += (unsigned)ECDSA_verify(0, digest, 32, given.der, (int)given.der_length, given.ec);
}

static void
bare_eddsa(void)
{
    sink += (unsigned)crypto_sign_verify_detached(given.signature, input_bytes, INPUT_LENGTH,
                                                  given.point);
}

static void
digest_verify(void)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_DigestVerifyInit_ex(context, NULL, "SHA256", NULL, NULL, given.key, NULL);
    sink += (unsigned)EVP_DigestVerify(context, given.signature, given.length, input_bytes,
                                       INPUT_LENGTH);
    EVP_MD_CTX_free(context);
}

static double
one_turn(void (*operation)(void), unsigned times)
{
    double start = now_ns();
    for (unsigned i = 0; i < times; i++)
        operation();
    return (now_ns() - start) / times;
}

/* The least of many short turns, each right after the other's. */
static void
compare(const char *what, void (*operation)(void), const char *reference, void (*bare)(void),
        unsigned times)
{
    double least = 1e18, least_bare = 1e18;
    for (unsigned turn = 0; turn < TURNS; turn++) {
        double a = one_turn(operation, times), b = one_turn(bare, times);
        least = a < least ? a : least;
        least_bare = b < least_bare ? b : least_bare;
    }
    printf("%-34s %9.0f ns   %-34s %9.0f ns   ratio %.3f\n", what, least, reference, least_bare,
           least / least_bare);
}

static void
measure_hmac(void)
{
    struct csn_key_report report;
    struct csn_bytes secret = TEXT("k7Fq2ZxW9bTn4RcKk7Fq2ZxW9bTn4Rcq");
    OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string("digest", "SHA256", 0),
                               OSSL_PARAM_construct_end()};
    EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    given.mac = EVP_MAC_CTX_new(hmac);
    EVP_MAC_init(given.mac, secret.ptr, secret.len, parameters);
    SHA256_Init(&given.state_256);
    SHA512_Init(&given.state_512);

    given.length = 32;
    csn_hmac(CSN_HS256, secret, input, given.signature);
    if (csn_verifier_from_secret(CSN_HS256, secret, &given.verifier, &report) != CSN_OK)
        return;
    compare("HS256 check", ours, "5 compressions", compressions_256, 1000);
    compare("HS256 by EVP_MAC, kept", mac_kept, "HS256 check", ours, 1000);
    compare("HS256 by EVP_MAC, copied", mac_copied, "HS256 check", ours, 1000);
    compare("HS256 by HMAC(), from the secret", mac_one_shot, "HS256 check", ours, 1000);
    csn_verifier_free(given.verifier);

    given.length = 64;
    csn_hmac(CSN_HS512, secret, input, given.signature);
    if (csn_verifier_from_secret(CSN_HS512, secret, &given.verifier, &report) != CSN_OK)
        return;
    compare("HS512 check", ours, "3 compressions", compressions_512, 1000);
    csn_verifier_free(given.verifier);
    EVP_MAC_CTX_free(given.mac);
    EVP_MAC_free(hmac);
}

/* Leaves the key, its verifier and a signature in `given`. */
static void
prepare(enum csn_algorithm algorithm, const char *private_file, const char *public_file)
{
    struct csn_signer *signer = signer_of_file(algorithm, private_file);
    struct csn_buffer out = csn_buffer_over(given.signature, sizeof given.signature);
    if (csn_signer_sign(signer, input, &out) != CSN_OK)
        abort();
    given.length = out.len;
    given.verifier = verifier_of_file(algorithm, public_file);
    struct csn_bytes pem = key_file(public_file);
    BIO *text = BIO_new_mem_buf(pem.ptr, (int)pem.len);
    given.key = PEM_read_bio_PUBKEY(text, NULL, NULL, NULL);
    BIO_free(text);
    csn_signer_free(signer);
}

static void
put_away(void)
{
    csn_verifier_free(given.verifier);
    EVP_PKEY_free(given.key);
}

static void
measure_public_keys(void)
{
    prepare(CSN_RS256, "rsa_private.pem", "rsa_public.pem");
    given.rsa = EVP_PKEY_get1_RSA(given.key);
    compare("RS256 check", ours, "digest, RSA_verify", bare_rsa, 20);
    compare("RS256 by EVP_DigestVerify", digest_verify, "RS256 check", ours, 20);
    RSA_free(given.rsa);
    put_away();

    prepare(CSN_PS256, "rsa_private.pem", "rsa_public.pem");
    given.rsa = EVP_PKEY_get1_RSA(given.key);
    compare("PS256 check", ours, "digest, RSA_verify_PKCS1_PSS", bare_pss, 20);
    RSA_free(given.rsa);
    put_away();

    prepare(CSN_ES256, "ec_p256_private.pem", "ec_p256_public.pem");
    given.ec = EVP_PKEY_get1_EC_KEY(given.key);
    ECDSA_SIG *numbers = ECDSA_SIG_new();
    uint8_t *at = given.der;
    ECDSA_SIG_set0(numbers, BN_bin2bn(given.signature, 32, NULL),
                   BN_bin2bn(given.signature + 32, 32, NULL));
    given.der_length = (size_t)i2d_ECDSA_SIG(numbers, &at);
    ECDSA_SIG_free(numbers);
    compare("ES256 check", ours, "digest, ECDSA_verify", bare_ecdsa, 10);
    EC_KEY_free(given.ec);
    put_away();

    prepare(CSN_EDDSA, "ed25519_private.pem", "ed25519_public.pem");
    size_t length = sizeof given.point;
    EVP_PKEY_get_raw_public_key(given.key, given.point, &length);
    compare("EdDSA check", ours, "crypto_sign_verify_detached", bare_eddsa, 10);
    put_away();
}

int
main(void)
{
    for (size_t i = 0; i < sizeof input_bytes; i++)
        input_bytes[i] = (uint8_t)('a' + i % 26);
    measure_hmac();
    measure_public_keys();
    return sink == 0;
}
