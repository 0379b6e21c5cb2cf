/* Keys from one JWK. core/jwk.h reads the document; material.c makes the key.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "crypto/memory.h"
#include "crypto/signer.h"
#include "crypto/verifier.h"

#define JWK_ARENA (128 * 1024)

enum csn_status
csn_verifier_from_jwk(enum csn_algorithm algorithm, struct csn_bytes json,
                      struct csn_verifier **out, struct csn_key_report *report)
{
    *out = NULL;
    struct csn_arena arena;
    enum csn_status status = csn_report_begin(report);
    if (status == CSN_OK)
        status = csn_memory_open_arena(&arena, JWK_ARENA);
    if (status != CSN_OK)
        return status;

    struct csn_jwk jwk;
    enum csn_key_problem problem = CSN_KEY_PROBLEM_NONE;
    status = csn_jwk_parse(json, CSN_JWK_TO_VERIFY, &arena, &jwk, &problem);
    if (status == CSN_OK) {
        csn_report_kid(report, &jwk);
        status = csn_verifier_from_material(&jwk, algorithm, out, report);
    } else {
        status = csn_report_document(report, status, problem);
    }
    csn_memory_close_arena(&arena);
    return status;
}

enum csn_status
csn_signer_from_jwk(enum csn_algorithm algorithm, struct csn_bytes json, struct csn_signer **out,
                    struct csn_key_report *report)
{
    *out = NULL;
    struct csn_arena arena;
    enum csn_status status = csn_report_begin(report);
    if (status == CSN_OK)
        status = csn_memory_open_arena(&arena, JWK_ARENA);
    if (status != CSN_OK)
        return status;

    struct csn_jwk jwk;
    enum csn_key_problem problem = CSN_KEY_PROBLEM_NONE;
    status = csn_jwk_parse(json, CSN_JWK_TO_SIGN, &arena, &jwk, &problem);
    if (status == CSN_OK) {
        csn_report_kid(report, &jwk);
        status = csn_signer_from_material(&jwk, algorithm, out, report);
    } else {
        status = csn_report_document(report, status, problem);
    }
    csn_memory_close_arena(&arena);
    return status;
}
