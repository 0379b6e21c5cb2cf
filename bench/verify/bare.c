/* The bare primitives: what a verification cannot be faster than.
 *
 * HMAC: an EVP_MAC context keyed once and reset for each message, the documented fast way. RSA and
 * ECDSA: a digest and EVP_PKEY_verify on one prepared context. Ed25519: libsodium.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "bench/verify/subject.h"

struct csn_bare {
    EVP_MAC *mac;
    EVP_MAC_CTX *mac_context;
    EVP_PKEY *key;
    EVP_PKEY_CTX *context;
    EVP_MD *digest;
    uint8_t der[1024];
    size_t der_len;
    uint8_t ed25519[32];
};

static const char *
digest_name(const struct csn_subject *s)
{
    switch (csn_algorithm_hash_length(s->algorithm)) {
    case 32: return "SHA256";
    case 48: return "SHA384";
    default: return "SHA512";
    }
}

static bool
make_mac(struct csn_bare *b, const struct csn_subject *s)
{
    char name[8];
    strcpy(name, digest_name(s));
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0),
        OSSL_PARAM_construct_end(),
    };
    b->mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    b->mac_context = EVP_MAC_CTX_new(b->mac);
    return EVP_MAC_init(b->mac_context, (const uint8_t *)s->private_text, strlen(s->private_text),
                        parameters) == 1;
}

static bool
make_context(struct csn_bare *b, const struct csn_subject *s)
{
    BIO *pem = BIO_new_mem_buf(s->public_pem, -1);
    b->key = PEM_read_bio_PUBKEY(pem, NULL, NULL, NULL);
    BIO_free(pem);
    if (csn_algorithm_family(s->algorithm) == CSN_FAMILY_EDDSA) {
        size_t len = sizeof b->ed25519;
        return EVP_PKEY_get_raw_public_key(b->key, b->ed25519, &len) == 1;
    }
    b->digest = EVP_MD_fetch(NULL, digest_name(s), NULL);
    b->context = EVP_PKEY_CTX_new(b->key, NULL);
    bool ready = EVP_PKEY_verify_init(b->context) == 1 &&
                 EVP_PKEY_CTX_set_signature_md(b->context, b->digest) == 1;
    if (ready && csn_algorithm_family(s->algorithm) == CSN_FAMILY_RSA_PSS)
        ready = EVP_PKEY_CTX_set_rsa_padding(b->context, RSA_PKCS1_PSS_PADDING) == 1 &&
                EVP_PKEY_CTX_set_rsa_pss_saltlen(b->context, RSA_PSS_SALTLEN_DIGEST) == 1;
    return ready;
}

static void
make_der(struct csn_bare *b, const struct csn_subject *s)
{
    int half = (int)s->signature_len / 2;
    ECDSA_SIG *signature = ECDSA_SIG_new();
    ECDSA_SIG_set0(signature, BN_bin2bn(s->signature, half, NULL),
                   BN_bin2bn(s->signature + half, half, NULL));
    uint8_t *out = b->der;
    b->der_len = (size_t)i2d_ECDSA_SIG(signature, &out);
    ECDSA_SIG_free(signature);
}

struct csn_bare *
csn_bare_make(const struct csn_subject *s)
{
    struct csn_bare *b = calloc(1, sizeof *b);
    enum csn_family family = csn_algorithm_family(s->algorithm);
    bool made = b != NULL && (family == CSN_FAMILY_HMAC ? make_mac(b, s) : make_context(b, s));
    if (!made) {
        csn_bare_free(b);
        return NULL;
    }
    memcpy(b->der, s->signature, s->signature_len);
    b->der_len = s->signature_len;
    if (family == CSN_FAMILY_ECDSA)
        make_der(b, s);
    return b;
}

void
csn_bare_free(struct csn_bare *b)
{
    if (b == NULL)
        return;
    EVP_MAC_CTX_free(b->mac_context);
    EVP_MAC_free(b->mac);
    EVP_PKEY_CTX_free(b->context);
    EVP_PKEY_free(b->key);
    EVP_MD_free(b->digest);
    free(b);
}

static bool
run_mac(struct csn_bare *b, const struct csn_subject *s)
{
    uint8_t mac[64];
    size_t len = 0;
    return EVP_MAC_init(b->mac_context, NULL, 0, NULL) == 1 &&
           EVP_MAC_update(b->mac_context, s->input.ptr, s->input.len) == 1 &&
           EVP_MAC_final(b->mac_context, mac, &len, sizeof mac) == 1 &&
           sodium_memcmp(mac, s->signature, len) == 0;
}

static bool
run_signature(struct csn_bare *b, const struct csn_subject *s)
{
    uint8_t hash[64];
    unsigned len = 0;
    return EVP_Digest(s->input.ptr, s->input.len, hash, &len, b->digest, NULL) == 1 &&
           EVP_PKEY_verify(b->context, b->der, b->der_len, hash, len) == 1;
}

static bool
run_once(struct csn_bare *b, const struct csn_subject *s)
{
    switch (csn_algorithm_family(s->algorithm)) {
    case CSN_FAMILY_HMAC: return run_mac(b, s);
    case CSN_FAMILY_EDDSA:
        return crypto_sign_verify_detached(s->signature, s->input.ptr, s->input.len, b->ed25519) ==
               0;
    default: return run_signature(b, s);
    }
}

bool
csn_run_bare(struct csn_bare *b, const struct csn_subject *s, unsigned count)
{
    bool held = true;
    for (unsigned i = 0; i < count; i++)
        held = run_once(b, s) && held;
    return held;
}
