/* What loading a key found.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/panic.h"
#include "crypto/init.h"
#include "crypto/verifier.h"

enum csn_status
csn_report_begin(struct csn_key_report *report)
{
    *report = (struct csn_key_report){0};
    return csn_crypto_init();
}

enum csn_status
csn_report_refuse(struct csn_key_report *report, enum csn_key_problem problem)
{
    report->problem = problem;
    return CSN_INVALID;
}

enum csn_status
csn_report_document(struct csn_key_report *report, enum csn_status status,
                    enum csn_key_problem problem)
{
    bool too_big = status == CSN_NO_SPACE || status == CSN_TOO_LARGE;
    return csn_report_refuse(report, too_big ? CSN_KEY_TOO_LONG : problem);
}

void
csn_report_kid(struct csn_key_report *report, const struct csn_jwk *jwk)
{
    CSN_ASSERT(jwk->kid.len <= CSN_KID_MAX);
    report->has_kid = jwk->has_kid;
    if (jwk->kid.len > 0)
        memcpy(report->kid, jwk->kid.ptr, jwk->kid.len);
}
