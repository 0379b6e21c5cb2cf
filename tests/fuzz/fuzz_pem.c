/* Any bytes as a PEM, and as the DER inside one. A key that loads as public holds nothing private
 * and loads the same way again; one that loads to sign signs what its own public half accepts.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <openssl/err.h>
#include <string.h>

#include "core/crypto.h"
#include "countersign/token.h"
#include "fuzz.h"

static const char *const labels[] = {"PUBLIC KEY",  "RSA PUBLIC KEY",  "CERTIFICATE",
                                     "PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY"};
#define LABELS (sizeof labels / sizeof *labels)

/* Standard base64 with padding, in lines of 64. */
static void
append_base64(struct csn_buffer *out, struct csn_bytes bytes)
{
    static uint8_t memory[CSN_KEY_TEXT_MAX];
    struct csn_buffer text = csn_buffer_over(memory, sizeof memory);
    csn_base64url_append(&text, bytes);
    while (text.len % 4 != 0)
        csn_buffer_byte(&text, '=');
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = memory[i];
        csn_buffer_byte(out, c == '-' ? '+' : c == '_' ? '/' : c);
        if (i % 64 == 63)
            csn_buffer_byte(out, '\n');
    }
}

static struct csn_bytes
wrapped(const char *label, struct csn_bytes der)
{
    static uint8_t memory[2 * CSN_KEY_TEXT_MAX];
    struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
    csn_buffer_text(&out, "-----BEGIN ");
    csn_buffer_text(&out, label);
    csn_buffer_text(&out, "-----\n");
    append_base64(&out, der);
    csn_buffer_text(&out, "\n-----END ");
    csn_buffer_text(&out, label);
    csn_buffer_text(&out, "-----\n");
    return csn_buffer_view(&out);
}

static void
try_public(enum csn_algorithm algorithm, struct csn_bytes pem)
{
    struct csn_verifier *verifier = NULL, *again = NULL;
    struct csn_key_report report, repeated;
    enum csn_status status = csn_verifier_from_pem(algorithm, pem, &verifier, &report);
    MUST(ERR_peek_error() == 0);
    MUST((status == CSN_OK) == (verifier != NULL));
    MUST((status == CSN_OK) == (report.problem == CSN_KEY_PROBLEM_NONE));
    if (verifier == NULL)
        return;
    MUST(csn_verifier_algorithm(verifier) == report.algorithm);
    MUST(algorithm == CSN_ALGORITHM_UNSET || algorithm == report.algorithm);
    MUST(strlen(report.fingerprint) == 43);
    MUST(csn_verifier_from_pem(report.algorithm, pem, &again, &repeated) == CSN_OK);
    MUST(strcmp(report.fingerprint, repeated.fingerprint) == 0);

    uint8_t zeros[CSN_SIGNATURE_MAX] = {0};
    size_t length = csn_verifier_signature_length(verifier);
    MUST(length <= sizeof zeros);
    MUST(!csn_verifier_check(verifier, pem, csn_bytes_of(zeros, length)));
    csn_verifier_free(verifier);
    csn_verifier_free(again);
}

static void
try_private(enum csn_algorithm algorithm, struct csn_bytes pem)
{
    struct csn_signer *signer = NULL;
    struct csn_key_report report;
    enum csn_status status = csn_signer_from_pem(algorithm, pem, &signer, &report);
    MUST(ERR_peek_error() == 0);
    MUST((status == CSN_OK) == (signer != NULL));
    if (signer == NULL)
        return;
    struct csn_verifier *verifier = NULL;
    MUST(csn_verifier_from_pem(algorithm, pem, &verifier, &report) == CSN_INVALID);
    MUST(report.problem == CSN_KEY_PRIVATE_MATERIAL);
    csn_signer_free(signer);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2 || size > 4096)
        return 0;
    enum csn_algorithm algorithm = (enum csn_algorithm)(data[0] % CSN_ALGORITHM_COUNT);
    struct csn_bytes rest = csn_bytes_of(data + 2, size - 2);
    unsigned form = data[1] % (LABELS + 1);
    struct csn_bytes pem = form == LABELS ? rest : wrapped(labels[form], rest);
    try_public(algorithm, pem);
    try_private(algorithm, pem);
    return 0;
}
