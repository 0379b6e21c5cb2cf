/* See tls_pair.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "crypto/tls_pair.h"

#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdbool.h>
#include <string.h>

#include "crypto/memory.h"

static X509 *
read_certificate(const char *text)
{
    BIO *from = BIO_new_mem_buf(text, (int)strlen(text));
    X509 *certificate = from != NULL ? PEM_read_bio_X509(from, NULL, NULL, NULL) : NULL;
    BIO_free(from);
    return certificate;
}

/* Without this, OpenSSL would ask on the terminal. */
static int
give_no_passphrase(char *out, int size, int writing, void *asked)
{
    (void)out, (void)size, (void)writing;
    *(bool *)asked = true;
    return -1;
}

static EVP_PKEY *
read_key(const char *text, bool *encrypted)
{
    BIO *from = BIO_new_mem_buf(text, (int)strlen(text));
    EVP_PKEY *key =
        from != NULL ? PEM_read_bio_PrivateKey(from, NULL, give_no_passphrase, encrypted) : NULL;
    BIO_free(from);
    return key;
}

enum csn_tls_pair
csn_tls_pair_check(const char *certificate_text, const char *key_text)
{
    bool encrypted = false;
    X509 *certificate = read_certificate(certificate_text);
    EVP_PKEY *key = read_key(key_text, &encrypted);
    enum csn_tls_pair pair = CSN_TLS_OTHER_KEY;
    if (certificate == NULL)
        pair = CSN_TLS_NO_CERTIFICATE;
    else if (key == NULL)
        pair = encrypted ? CSN_TLS_KEY_ENCRYPTED : CSN_TLS_NO_KEY;
    else if (X509_check_private_key(certificate, key) == 1)
        pair = CSN_TLS_PAIR;
    EVP_PKEY_free(key);
    X509_free(certificate);
    if (pair != CSN_TLS_PAIR && csn_openssl_failure(CSN_INVALID) == CSN_NO_MEMORY)
        pair = CSN_TLS_UNDECIDED;
    csn_openssl_forget();
    return pair;
}
