/* Keys from PEM. pem.h reads the text; material.c makes the key.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "crypto/memory.h"
#include "crypto/pem.h"
#include "crypto/signer.h"
#include "crypto/verifier.h"

/* The numbers of an RSA key of 8192 bits fill 5.5 KiB. */
#define PEM_ARENA 8192

/* Out: *material in the arena, which must be closed whatever is returned. */
static enum csn_status
read_material(struct csn_bytes pem, enum csn_jwk_purpose purpose, enum csn_algorithm asked,
              struct csn_arena *arena, struct csn_jwk *material, struct csn_key_report *report)
{
    *arena = (struct csn_arena){0};
    enum csn_status status = csn_report_begin(report);
    if (status == CSN_OK)
        status = csn_memory_open_arena(arena, PEM_ARENA);
    if (status != CSN_OK)
        return status;
    enum csn_key_problem problem = CSN_KEY_PROBLEM_NONE;
    status = csn_pem_read(pem, purpose, asked, arena, material, &problem);
    if (status == CSN_OK || status == CSN_NO_MEMORY)
        return status;
    return csn_report_document(report, status, problem);
}

enum csn_status
csn_verifier_from_pem(enum csn_algorithm algorithm, struct csn_bytes pem, struct csn_verifier **out,
                      struct csn_key_report *report)
{
    *out = NULL;
    struct csn_arena arena;
    struct csn_jwk material;
    enum csn_status status =
        read_material(pem, CSN_JWK_TO_VERIFY, algorithm, &arena, &material, report);
    if (status == CSN_OK)
        status = csn_verifier_from_material(&material, algorithm, out, report);
    csn_memory_close_arena(&arena);
    return status;
}

enum csn_status
csn_signer_from_pem(enum csn_algorithm algorithm, struct csn_bytes pem, struct csn_signer **out,
                    struct csn_key_report *report)
{
    *out = NULL;
    struct csn_arena arena;
    struct csn_jwk material;
    enum csn_status status =
        read_material(pem, CSN_JWK_TO_SIGN, algorithm, &arena, &material, report);
    if (status == CSN_OK)
        status = csn_signer_from_material(&material, algorithm, out, report);
    csn_memory_close_arena(&arena);
    return status;
}
