/* Makes new keys. All randomness is the crypto library's own.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <sodium.h>

#include "countersign/token.h"
#include "crypto/fingerprint.h"
#include "crypto/init.h"
#include "crypto/memory.h"
#include "crypto/pkey.h"
#include "crypto/pkey_numbers.h"

#define RSA_BITS_DEFAULT 2048
#define NUMBERS_ARENA 8192

static enum csn_status
generate_secret(enum csn_algorithm algorithm, struct csn_buffer *out)
{
    uint8_t bytes[64];
    size_t len = csn_algorithm_hash_length(algorithm); /* RFC 7518 §3.2: as long as the hash */
    randombytes_buf(bytes, len);
    csn_base64url_append(out, csn_bytes_of(bytes, len));
    csn_wipe(bytes, sizeof bytes);
    return out->overflowed ? CSN_NO_SPACE : CSN_OK;
}

static EVP_PKEY *
generate_pair(enum csn_algorithm algorithm, unsigned rsa_bits)
{
    size_t bits = rsa_bits == 0 ? RSA_BITS_DEFAULT : rsa_bits;
    switch (algorithm) {
    case CSN_ES256: return EVP_EC_gen("P-256");
    case CSN_ES384: return EVP_EC_gen("P-384");
    case CSN_ES512: return EVP_EC_gen("P-521");
    case CSN_EDDSA: return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    default: return EVP_RSA_gen((unsigned)bits);
    }
}

static int
write_private(BIO *text, EVP_PKEY *key)
{
    return PEM_write_bio_PKCS8PrivateKey(text, key, NULL, NULL, 0, NULL, NULL);
}

static int
write_public(BIO *text, EVP_PKEY *key)
{
    return PEM_write_bio_PUBKEY(text, key);
}

/* The library's own memory behind the text is wiped when it is freed. */
static enum csn_status
append_pem(EVP_PKEY *key, int (*write)(BIO *, EVP_PKEY *), struct csn_buffer *out)
{
    char *text = NULL;
    BIO *memory = BIO_new(BIO_s_mem());
    enum csn_status status = CSN_CRYPTO;
    if (memory != NULL && write(memory, key) == 1) {
        long len = BIO_get_mem_data(memory, &text);
        csn_buffer_append(out, csn_bytes_of(text, len < 0 ? 0 : (size_t)len));
        status = out->overflowed ? CSN_NO_SPACE : CSN_OK;
    }
    BIO_free(memory);
    return status == CSN_CRYPTO ? csn_openssl_failure(CSN_CRYPTO) : status;
}

static enum csn_status
append_jwk(EVP_PKEY *key, enum csn_algorithm algorithm, struct csn_bytes kid,
           struct csn_buffer *out)
{
    uint8_t memory[NUMBERS_ARENA];
    struct csn_arena arena = csn_arena_over(memory, sizeof memory);
    struct csn_jwk material;
    enum csn_key_problem problem;
    enum csn_status status =
        csn_pkey_numbers(key, CSN_JWK_TO_VERIFY, algorithm, &arena, &material, &problem);
    if (status != CSN_OK)
        return status == CSN_NO_MEMORY ? status : CSN_CRYPTO;
    struct csn_json_writer w = csn_json_writer_over(out);
    csn_json_open_object(&w);
    csn_jwk_write_public(&material, &w);
    csn_json_member_text(&w, "alg", csn_algorithm_name(algorithm));
    csn_json_member_text(&w, "use", "sig");
    if (kid.len > 0)
        csn_json_member_string(&w, "kid", kid);
    csn_json_close_object(&w);
    return out->overflowed ? CSN_NO_SPACE : CSN_OK;
}

static enum csn_status
generate_public_key(enum csn_algorithm algorithm, unsigned rsa_bits, struct csn_bytes kid,
                    struct csn_buffer *private_out, struct csn_buffer *public_out,
                    struct csn_buffer *jwk_out)
{
    EVP_PKEY *key = generate_pair(algorithm, rsa_bits);
    if (key == NULL)
        return csn_openssl_failure(CSN_CRYPTO);
    enum csn_status status = append_pem(key, write_private, private_out);
    if (status == CSN_OK)
        status = append_pem(key, write_public, public_out);
    if (status == CSN_OK)
        status = append_jwk(key, algorithm, kid, jwk_out);
    EVP_PKEY_free(key);
    csn_openssl_forget();
    return status;
}

/* The limits that the same key must pass when it is loaded again. */
static bool
may_generate(enum csn_algorithm algorithm, unsigned rsa_bits, struct csn_bytes kid)
{
    enum csn_family family = csn_algorithm_family(algorithm);
    bool is_rsa = family == CSN_FAMILY_RSA_PKCS1 || family == CSN_FAMILY_RSA_PSS;
    bool bits_fit = rsa_bits == 0 || (is_rsa && rsa_bits >= CSN_RSA_BITS_MIN &&
                                      rsa_bits <= CSN_RSA_BITS_MAX && rsa_bits % 8 == 0);
    bool kid_fits =
        kid.len <= CSN_KID_MAX && csn_utf8_valid(kid) && csn_bytes_find(kid, 0) == kid.len;
    return family != CSN_FAMILY_UNSET && bits_fit && kid_fits;
}

enum csn_status
csn_key_generate(enum csn_algorithm algorithm, unsigned rsa_bits, struct csn_bytes kid,
                 struct csn_buffer *private_out, struct csn_buffer *public_out,
                 struct csn_buffer *jwk_out)
{
    if (!may_generate(algorithm, rsa_bits, kid))
        return CSN_INVALID;
    enum csn_status status = csn_crypto_init();
    if (status != CSN_OK)
        return status;
    if (csn_algorithm_family(algorithm) == CSN_FAMILY_HMAC)
        return generate_secret(algorithm, private_out);
    return generate_public_key(algorithm, rsa_bits, kid, private_out, public_out, jwk_out);
}
