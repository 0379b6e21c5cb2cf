/* Key material becomes a key: bound to one algorithm, judged, named, made.
 *
 * Material has one form here, whether a JWK or a PEM held it, so that each rule stands once.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "crypto/ecdsa.h"
#include "crypto/eddsa.h"
#include "crypto/fingerprint.h"
#include "crypto/memory.h"
#include "crypto/rsa.h"
#include "crypto/rsa_judge.h"
#include "crypto/secret.h"

/* Everything a public key must be, but what only the library can tell. Out: report->algorithm and
 * fingerprint. */
static enum csn_status
judge(const struct csn_jwk *material, enum csn_algorithm asked, struct csn_key_report *report)
{
    enum csn_key_problem problem = csn_jwk_bind(material, asked, &report->algorithm);
    if (problem == CSN_KEY_PROBLEM_NONE && material->type == CSN_JWK_RSA)
        problem = csn_rsa_judge(material->n, material->e);
    if (problem != CSN_KEY_PROBLEM_NONE)
        return csn_report_refuse(report, problem);
    if (material->type != CSN_JWK_OCT)
        csn_fingerprint_public(material, report->fingerprint);
    return CSN_OK;
}

/* The library refuses an RSA number only where the document lies about it, anything else only for
 * its point. */
static enum csn_key_problem
library_problem(const struct csn_jwk *material)
{
    return material->type == CSN_JWK_RSA ? CSN_KEY_MALFORMED : CSN_KEY_POINT_INVALID;
}

enum csn_status
csn_verifier_from_material(const struct csn_jwk *material, enum csn_algorithm asked,
                           struct csn_verifier **out, struct csn_key_report *report)
{
    *out = NULL;
    enum csn_status status = judge(material, asked, report);
    if (status != CSN_OK)
        return status;
    switch (material->type) {
    case CSN_JWK_OCT: return csn_secret_verifier(report->algorithm, material->k, out, report);
    case CSN_JWK_RSA: status = csn_rsa_verifier_new(material, report->algorithm, out); break;
    case CSN_JWK_EC: status = csn_ecdsa_verifier_new(material, report->algorithm, out); break;
    case CSN_JWK_OKP: status = csn_eddsa_verifier_new(material, out); break;
    default: status = CSN_INVALID;
    }
    csn_openssl_forget();
    return status == CSN_INVALID ? csn_report_refuse(report, library_problem(material)) : status;
}

static enum csn_status
make_signer(const struct csn_jwk *material, enum csn_algorithm algorithm, struct csn_signer **out)
{
    switch (material->type) {
    case CSN_JWK_RSA: return csn_rsa_signer_new(material, algorithm, out);
    case CSN_JWK_EC: return csn_ecdsa_signer_new(material, algorithm, out);
    case CSN_JWK_OKP: return csn_eddsa_signer_new(material, out);
    default: return CSN_INVALID;
    }
}

/* Signs something and checks it with the public key. Returns: CSN_OK; CSN_INVALID when it does not
 * hold. */
static enum csn_status
try_pair(const struct csn_signer *signer, const struct csn_verifier *verifier)
{
    uint8_t memory[CSN_SIGNATURE_MAX];
    struct csn_buffer signature = csn_buffer_over(memory, sizeof memory);
    struct csn_bytes input = csn_bytes_text("do these two belong together?");
    enum csn_status status = csn_signer_sign(signer, input, &signature);
    if (status == CSN_NO_MEMORY)
        return status;
    bool holds =
        status == CSN_OK && csn_verifier_check(verifier, input, csn_buffer_view(&signature));
    return holds ? CSN_OK : CSN_INVALID;
}

enum csn_status
csn_signer_from_material(const struct csn_jwk *material, enum csn_algorithm asked,
                         struct csn_signer **out, struct csn_key_report *report)
{
    *out = NULL;
    if (material->type == CSN_JWK_OCT) {
        enum csn_status judged = judge(material, asked, report);
        return judged == CSN_OK ? csn_secret_signer(report->algorithm, material->k, out, report)
                                : judged;
    }
    struct csn_verifier *verifier = NULL;
    enum csn_status status = csn_verifier_from_material(material, asked, &verifier, report);
    if (status != CSN_OK)
        return status;
    status = make_signer(material, report->algorithm, out);
    if (status == CSN_OK)
        status = try_pair(*out, verifier);
    csn_verifier_free(verifier);
    csn_openssl_forget();
    if (status == CSN_OK)
        return CSN_OK;
    csn_signer_free(*out);
    *out = NULL;
    return status == CSN_INVALID ? csn_report_refuse(report, CSN_KEY_MALFORMED) : status;
}
