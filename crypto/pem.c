/* Key material out of PEM text: the block, its DER, the numbers in it.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "crypto/pem.h"

#include <openssl/pem.h>
#include <openssl/x509.h>
#include <string.h>

#include "crypto/memory.h"
#include "crypto/pkey_numbers.h"

/* --- DER: each reads one value at *at and steps past it --- */

static EVP_PKEY *
read_spki(const uint8_t **at, long len)
{
    return d2i_PUBKEY(NULL, at, len);
}

static EVP_PKEY *
read_rsa_public(const uint8_t **at, long len)
{
    return d2i_PublicKey(EVP_PKEY_RSA, NULL, at, len);
}

static EVP_PKEY *
read_certificate(const uint8_t **at, long len)
{
    X509 *certificate = d2i_X509(NULL, at, len);
    EVP_PKEY *key = certificate == NULL ? NULL : X509_get_pubkey(certificate);
    X509_free(certificate);
    return key;
}

static EVP_PKEY *
read_pkcs8(const uint8_t **at, long len)
{
    PKCS8_PRIV_KEY_INFO *info = d2i_PKCS8_PRIV_KEY_INFO(NULL, at, len);
    EVP_PKEY *key = info == NULL ? NULL : EVP_PKCS82PKEY(info);
    PKCS8_PRIV_KEY_INFO_free(info);
    return key;
}

static EVP_PKEY *
read_rsa_private(const uint8_t **at, long len)
{
    return d2i_PrivateKey(EVP_PKEY_RSA, NULL, at, len);
}

static EVP_PKEY *
read_ec_private(const uint8_t **at, long len)
{
    return d2i_PrivateKey(EVP_PKEY_EC, NULL, at, len);
}

static const struct label {
    const char *name;
    enum csn_jwk_purpose purpose;
    EVP_PKEY *(*read)(const uint8_t **at, long len); /* NULL: a form we do not do */
} labels[] = {
    {"PUBLIC KEY", CSN_JWK_TO_VERIFY, read_spki},
    {"RSA PUBLIC KEY", CSN_JWK_TO_VERIFY, read_rsa_public},
    {"CERTIFICATE", CSN_JWK_TO_VERIFY, read_certificate},
    {"PRIVATE KEY", CSN_JWK_TO_SIGN, read_pkcs8},
    {"RSA PRIVATE KEY", CSN_JWK_TO_SIGN, read_rsa_private},
    {"EC PRIVATE KEY", CSN_JWK_TO_SIGN, read_ec_private},
    {"ENCRYPTED PRIVATE KEY", CSN_JWK_TO_SIGN, NULL},
    {"OPENSSH PRIVATE KEY", CSN_JWK_TO_SIGN, NULL},
    {"DSA PRIVATE KEY", CSN_JWK_TO_SIGN, NULL},
};

static const struct label *
find_label(const char *name)
{
    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++)
        if (strcmp(labels[i].name, name) == 0)
            return &labels[i];
    return NULL;
}

/* --- the text --- */

static bool
is_space(uint8_t byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

/* RFC 7468 allows explanations outside the block; we do not, so that nothing hides there. */
static bool
is_plain_block(struct csn_bytes text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!is_space(text.ptr[i]) && (text.ptr[i] < 0x20 || text.ptr[i] > 0x7e))
            return false;
    return csn_bytes_starts_with(text, csn_bytes_text("-----BEGIN "));
}

/* Whatever else is wrong with the text: that a private key was pasted is what its owner must hear.
 */
static bool
mentions_private_key(struct csn_bytes text)
{
    struct csn_bytes mark = csn_bytes_text("PRIVATE KEY-----");
    for (size_t i = 0; i < text.len; i++)
        if (csn_bytes_starts_with(csn_bytes_slice(text, i, text.len), mark))
            return true;
    return false;
}

static struct csn_bytes
trim_start(struct csn_bytes text)
{
    size_t from = 0;
    while (from < text.len && is_space(text.ptr[from]))
        from++;
    return csn_bytes_slice(text, from, text.len);
}

static bool
only_space_is_left(BIO *text)
{
    uint8_t byte;
    while (BIO_read(text, &byte, 1) == 1)
        if (!is_space(byte))
            return false;
    return true;
}

/* One PEM block as the library hands it out. */
struct block {
    char *name, *header;
    uint8_t *der;
    long len;
};

static bool
next_block(BIO *text, struct block *block)
{
    *block = (struct block){0};
    return PEM_read_bio(text, &block->name, &block->header, &block->der, &block->len) == 1;
}

static void
free_block(struct block *block)
{
    OPENSSL_free(block->name);
    OPENSSL_free(block->header);
    csn_memory_free(block->der, (size_t)block->len);
}

/* --- putting it together --- */

/* Why the library would make no key of a block's DER. Its errors do not say; the frame around the
 * key does. */
static enum csn_key_problem
refused_der(const struct block *block)
{
    const uint8_t *at = block->der;
    X509_ALGOR *algorithm = NULL;
    const ASN1_OBJECT *type = NULL;
    enum csn_key_problem problem = CSN_KEY_MALFORMED;
    X509_PUBKEY *frame = d2i_X509_PUBKEY(NULL, &at, block->len);
    if (frame != NULL && X509_PUBKEY_get0_param(NULL, NULL, NULL, &algorithm, frame) == 1) {
        X509_ALGOR_get0(&type, NULL, NULL, algorithm);
        if (OBJ_obj2nid(type) == NID_X9_62_id_ecPublicKey)
            problem = CSN_KEY_POINT_INVALID;
    }
    X509_PUBKEY_free(frame);
    return problem;
}

static enum csn_status
read_key(const struct block *block, const struct label *label, EVP_PKEY **key,
         enum csn_key_problem *problem)
{
    const uint8_t *at = block->der;
    *key = label->read(&at, block->len);
    if (*key == NULL) {
        *problem = refused_der(block);
        return csn_openssl_failure(CSN_INVALID);
    }
    if (at == block->der + block->len)
        return CSN_OK;
    EVP_PKEY_free(*key);
    *key = NULL;
    *problem = CSN_KEY_MALFORMED;
    return CSN_INVALID;
}

/* Returns: how to read the block; NULL with *problem when it may not be read. */
static const struct label *
choose_label(const struct block *block, enum csn_jwk_purpose purpose, enum csn_key_problem *problem)
{
    const struct label *label = find_label(block->name);
    *problem = CSN_KEY_TYPE_UNSUPPORTED;
    if (label == NULL)
        return NULL;
    if (purpose == CSN_JWK_TO_SIGN && label->purpose != purpose) {
        *problem = CSN_KEY_PRIVATE_MISSING;
        return NULL;
    }
    bool is_encrypted = block->header[0] != '\0';
    return label->read == NULL || is_encrypted ? NULL : label;
}

static enum csn_status
read_block(BIO *text, enum csn_jwk_purpose purpose, EVP_PKEY **key, enum csn_key_problem *problem)
{
    struct block block;
    bool found = next_block(text, &block);
    if (found && purpose == CSN_JWK_TO_SIGN && strcmp(block.name, "EC PARAMETERS") == 0) {
        free_block(&block);
        found = next_block(text, &block);
    }
    *problem = CSN_KEY_MALFORMED;
    if (!found)
        return csn_openssl_failure(CSN_INVALID);

    enum csn_status status = CSN_INVALID;
    const struct label *label = NULL;
    if (only_space_is_left(text))
        label = choose_label(&block, purpose, problem);
    if (label != NULL)
        status = read_key(&block, label, key, problem);
    free_block(&block);
    return status;
}

enum csn_status
csn_pem_read(struct csn_bytes pem, enum csn_jwk_purpose purpose, enum csn_algorithm asked,
             struct csn_arena *arena, struct csn_jwk *out, enum csn_key_problem *problem)
{
    *out = (struct csn_jwk){0};
    *problem = CSN_KEY_TOO_LONG;
    if (pem.len > CSN_KEY_TEXT_MAX)
        return CSN_INVALID;
    struct csn_bytes plain = trim_start(pem);
    *problem = CSN_KEY_PRIVATE_MATERIAL;
    if (purpose == CSN_JWK_TO_VERIFY && mentions_private_key(plain))
        return CSN_INVALID;
    *problem = CSN_KEY_MALFORMED;
    if (!is_plain_block(plain))
        return CSN_INVALID;

    BIO *text = BIO_new_mem_buf(plain.ptr, (int)plain.len);
    if (text == NULL)
        return csn_openssl_failure(CSN_NO_MEMORY);
    EVP_PKEY *key = NULL;
    enum csn_status status = read_block(text, purpose, &key, problem);
    BIO_free(text);
    if (status == CSN_OK)
        status = csn_pkey_numbers(key, purpose, asked, arena, out, problem);
    EVP_PKEY_free(key);
    csn_openssl_forget();
    return status;
}
