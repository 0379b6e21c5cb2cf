/* ES*: JWS writes a signature as r || s of fixed length, the library as DER; one prepared operation
 * behind the common head, and the two conversions.
 *
 * Whether r and s lie in 1..n-1 is judged by the library, which knows n.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "crypto/ecdsa.h"

#include <openssl/ecdsa.h>
#include <string.h>

#include "crypto/memory.h"
#include "crypto/pkey.h"
#include "crypto/sha2.h"

/* SEQUENCE { INTEGER r, INTEGER s }: three bytes of head, two numbers of at most 66 bytes with two
 * of head and one of sign each. */
#define DER_MAX (3 + 2 * (3 + 66))

struct ecdsa_verifier {
    struct csn_verifier head;
    EVP_PKEY_CTX *prepared;
};
struct ecdsa_signer {
    struct csn_signer head;
    EVP_PKEY_CTX *prepared;
};

enum { DER_INTEGER = 0x02, DER_SEQUENCE = 0x30, DER_ONE_LENGTH_BYTE = 0x81 };

/* The shortest form (X.690 §8.3.2): no leading zeros but the one that keeps it positive. */
static void
append_integer(struct csn_buffer *out, struct csn_bytes number)
{
    size_t zeros = 0;
    while (zeros + 1 < number.len && number.ptr[zeros] == 0)
        zeros++;
    struct csn_bytes digits = csn_bytes_slice(number, zeros, number.len);
    bool needs_sign = digits.ptr[0] >= 0x80;
    csn_buffer_byte(out, DER_INTEGER);
    csn_buffer_byte(out, (uint8_t)(digits.len + needs_sign));
    if (needs_sign)
        csn_buffer_byte(out, 0);
    csn_buffer_append(out, digits);
}

/* In: r || s, both halves of equal length. Out: its DER form, at `memory`. */
static struct csn_bytes
der_of(struct csn_bytes signature, uint8_t memory[DER_MAX])
{
    uint8_t numbers[DER_MAX];
    struct csn_buffer body = csn_buffer_over(numbers, sizeof numbers);
    append_integer(&body, csn_bytes_slice(signature, 0, signature.len / 2));
    append_integer(&body, csn_bytes_slice(signature, signature.len / 2, signature.len));

    struct csn_buffer out = csn_buffer_over(memory, DER_MAX);
    csn_buffer_byte(&out, DER_SEQUENCE);
    if (body.len >= 0x80)
        csn_buffer_byte(&out, DER_ONE_LENGTH_BYTE);
    csn_buffer_byte(&out, (uint8_t)body.len);
    csn_buffer_append(&out, csn_buffer_view(&body));
    return csn_buffer_view(&out);
}

static bool
check_der(const struct csn_verifier *verifier, struct csn_bytes input, struct csn_bytes signature)
{
    uint8_t digest[CSN_DIGEST_MAX];
    size_t length = csn_digest(verifier->algorithm, input, digest);
    return csn_pkey_check(((const struct ecdsa_verifier *)verifier)->prepared,
                          csn_bytes_of(digest, length), signature);
}

static bool
check(const struct csn_verifier *verifier, struct csn_bytes input, struct csn_bytes signature)
{
    uint8_t memory[DER_MAX];
    return check_der(verifier, input, der_of(signature, memory));
}

static bool
check_as(const struct csn_verifier *verifier, enum csn_algorithm algorithm, bool der,
         struct csn_bytes input, struct csn_bytes signature)
{
    return der && algorithm == verifier->algorithm && check_der(verifier, input, signature);
}

static void
release_verifier(struct csn_verifier *verifier)
{
    EVP_PKEY_CTX_free(((struct ecdsa_verifier *)verifier)->prepared);
}

/* Out: r || s, each of `half` bytes. */
static bool
write_halves(struct csn_bytes der, size_t half, uint8_t *signature)
{
    const uint8_t *at = der.ptr;
    ECDSA_SIG *numbers = d2i_ECDSA_SIG(NULL, &at, (long)der.len);
    if (numbers == NULL)
        return false;
    int width = (int)half;
    bool written = BN_bn2binpad(ECDSA_SIG_get0_r(numbers), signature, width) == width &&
                   BN_bn2binpad(ECDSA_SIG_get0_s(numbers), signature + half, width) == width;
    ECDSA_SIG_free(numbers);
    return written;
}

static enum csn_status
sign(const struct csn_signer *signer, struct csn_bytes input, uint8_t *signature)
{
    uint8_t digest[CSN_DIGEST_MAX];
    size_t length = csn_digest(signer->algorithm, input, digest);
    uint8_t memory[DER_MAX];
    struct csn_buffer der = csn_buffer_over(memory, sizeof memory);
    enum csn_status status = csn_pkey_sign(((const struct ecdsa_signer *)signer)->prepared,
                                           csn_bytes_of(digest, length), &der);
    if (status != CSN_OK)
        return status;
    if (write_halves(csn_buffer_view(&der), signer->signature_length / 2, signature))
        return CSN_OK;
    return csn_openssl_failure(CSN_CRYPTO);
}

static void
release_signer(struct csn_signer *signer)
{
    EVP_PKEY_CTX_free(((struct ecdsa_signer *)signer)->prepared);
}

static const struct csn_verifier_family verifies = {
    .check = check,
    .check_as = check_as,
    .release = release_verifier,
    .size = sizeof(struct ecdsa_verifier),
};
static const struct csn_signer_family signs = {
    .sign = sign,
    .release = release_signer,
    .size = sizeof(struct ecdsa_signer),
};

enum csn_status
csn_ecdsa_verifier_new(const struct csn_jwk *material, enum csn_algorithm algorithm,
                       struct csn_verifier **out)
{
    *out = csn_verifier_new(&verifies, algorithm, csn_algorithm_signature_length(algorithm));
    if (*out == NULL)
        return CSN_NO_MEMORY;
    enum csn_status status = csn_pkey_load(material, algorithm, CSN_PKEY_VERIFY,
                                           &((struct ecdsa_verifier *)*out)->prepared);
    if (status == CSN_OK)
        return CSN_OK;
    csn_verifier_free(*out);
    *out = NULL;
    return status;
}

enum csn_status
csn_ecdsa_signer_new(const struct csn_jwk *material, enum csn_algorithm algorithm,
                     struct csn_signer **out)
{
    *out = csn_signer_new(&signs, algorithm, csn_algorithm_signature_length(algorithm));
    if (*out == NULL)
        return CSN_NO_MEMORY;
    enum csn_status status =
        csn_pkey_load(material, algorithm, CSN_PKEY_SIGN, &((struct ecdsa_signer *)*out)->prepared);
    if (status == CSN_OK)
        return CSN_OK;
    csn_signer_free(*out);
    *out = NULL;
    return status;
}
