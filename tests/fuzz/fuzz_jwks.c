/* Any bytes as a JWK, to verify and to sign, and as a set of them. What loads tells the truth about
 * itself; a set never holds two keys of one kid, nor a secret beside a public key; a key that loads
 * alone loads as a set of one.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <openssl/err.h>
#include <string.h>

#include "core/crypto.h"
#include "fuzz.h"

#define CAP 8

static void
check_loaded(enum csn_status status, const struct csn_verifier *verifier,
             const struct csn_key_report *report)
{
    MUST(ERR_peek_error() == 0);
    MUST(status == CSN_OK || status == CSN_INVALID);
    MUST((status == CSN_OK) == (verifier != NULL));
    MUST((status == CSN_OK) == (report->problem == CSN_KEY_PROBLEM_NONE));
    if (verifier == NULL)
        return;
    bool is_secret = csn_algorithm_family(report->algorithm) == CSN_FAMILY_HMAC;
    MUST(csn_verifier_algorithm(verifier) == report->algorithm);
    MUST(is_secret == (strncmp(report->fingerprint, "hmac:", 5) == 0));
    MUST(report->has_kid || report->kid[0] == '\0');
    uint8_t zeros[CSN_SIGNATURE_MAX] = {0};
    size_t length = csn_verifier_signature_length(verifier);
    MUST(length <= sizeof zeros);
    MUST(!csn_verifier_check(verifier, csn_bytes_text("x"), csn_bytes_of(zeros, length)));
}

/* Returns: it loads alone. */
static bool
try_one(enum csn_algorithm algorithm, struct csn_bytes json)
{
    struct csn_verifier *verifier = NULL;
    struct csn_signer *signer = NULL;
    struct csn_key_report report;
    enum csn_status status = csn_verifier_from_jwk(algorithm, json, &verifier, &report);
    check_loaded(status, verifier, &report);
    bool loaded = verifier != NULL;
    csn_verifier_free(verifier);

    status = csn_signer_from_jwk(algorithm, json, &signer, &report);
    MUST(ERR_peek_error() == 0);
    MUST((status == CSN_OK) == (signer != NULL));
    bool is_public = csn_algorithm_family(report.algorithm) != CSN_FAMILY_HMAC;
    MUST(!(loaded && signer != NULL && is_public)); /* private and public at once */
    csn_signer_free(signer);
    return loaded;
}

static size_t
try_set(enum csn_algorithm algorithm, struct csn_bytes json)
{
    struct csn_verifier *verifiers[CAP] = {NULL};
    struct csn_key_report reports[CAP];
    size_t count = 0, secrets = 0;
    enum csn_status status =
        csn_verifiers_from_jwks(algorithm, json, verifiers, reports, CAP, &count);
    MUST(ERR_peek_error() == 0);
    MUST((status == CSN_OK) == (count > 0) && count <= CAP);
    for (size_t i = 0; i < count; i++) {
        check_loaded(CSN_OK, verifiers[i], &reports[i]);
        secrets += csn_algorithm_family(reports[i].algorithm) == CSN_FAMILY_HMAC;
        for (size_t j = 0; j < i; j++)
            MUST(!(reports[i].has_kid && reports[j].has_kid &&
                   strcmp(reports[i].kid, reports[j].kid) == 0));
        csn_verifier_free(verifiers[i]);
    }
    MUST(secrets == 0 || secrets == count);
    return count;
}

/* Inside a set, a key is two levels deeper and one name later: at the edges that may be too much.
 */
static bool
is_far_from_limits(struct csn_bytes json)
{
    size_t opened = 0;
    for (size_t i = 0; i < json.len; i++)
        opened += json.ptr[i] == '[' || json.ptr[i] == '{';
    return opened < CSN_JSON_DEPTH_MAX - 2 && json.len < 1500;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t memory[8192];
    if (size < 1 || size > 4096)
        return 0;
    enum csn_algorithm algorithm = (enum csn_algorithm)(data[0] % CSN_ALGORITHM_COUNT);
    struct csn_bytes json = csn_bytes_of(data + 1, size - 1);
    bool loads = try_one(algorithm, json);
    try_set(algorithm, json);

    struct csn_buffer set = csn_buffer_over(memory, sizeof memory);
    csn_buffer_text(&set, "{\"keys\":[");
    csn_buffer_append(&set, json);
    csn_buffer_text(&set, "]}");
    size_t count = try_set(algorithm, csn_buffer_view(&set));
    MUST(!loads || count == 1 || !is_far_from_limits(json));
    return 0;
}
