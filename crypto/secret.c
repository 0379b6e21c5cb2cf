/* Shared secrets as keys: judged, bound to one algorithm, named by their fingerprint.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "crypto/secret.h"

#include "crypto/fingerprint.h"
#include "crypto/hmac.h"
#include "crypto/weak_secret.h"

static enum csn_status
judge(enum csn_algorithm algorithm, struct csn_bytes secret, struct csn_key_report *report)
{
    if (algorithm == CSN_ALGORITHM_UNSET)
        return csn_report_refuse(report, CSN_KEY_ALGORITHM_UNSET);
    if (csn_algorithm_family(algorithm) != CSN_FAMILY_HMAC)
        return csn_report_refuse(report, CSN_KEY_ALGORITHM_CONFLICT);
    enum csn_key_problem problem = csn_secret_judge(secret);
    if (problem != CSN_KEY_PROBLEM_NONE)
        return csn_report_refuse(report, problem);

    report->algorithm = algorithm;
    if (secret.len < csn_algorithm_hash_length(algorithm))
        report->warning = CSN_KEY_SHORT_FOR_HASH;
    csn_fingerprint_secret(secret, report->fingerprint);
    return CSN_OK;
}

enum csn_status
csn_secret_verifier(enum csn_algorithm algorithm, struct csn_bytes secret,
                    struct csn_verifier **out, struct csn_key_report *report)
{
    *out = NULL;
    enum csn_status status = judge(algorithm, secret, report);
    return status == CSN_OK ? csn_hmac_verifier_new(algorithm, secret, out) : status;
}

enum csn_status
csn_secret_signer(enum csn_algorithm algorithm, struct csn_bytes secret, struct csn_signer **out,
                  struct csn_key_report *report)
{
    *out = NULL;
    enum csn_status status = judge(algorithm, secret, report);
    return status == CSN_OK ? csn_hmac_signer_new(algorithm, secret, out) : status;
}

enum csn_status
csn_verifier_from_secret(enum csn_algorithm algorithm, struct csn_bytes secret,
                         struct csn_verifier **out, struct csn_key_report *report)
{
    *out = NULL;
    enum csn_status status = csn_report_begin(report);
    return status == CSN_OK ? csn_secret_verifier(algorithm, secret, out, report) : status;
}

enum csn_status
csn_signer_from_secret(enum csn_algorithm algorithm, struct csn_bytes secret,
                       struct csn_signer **out, struct csn_key_report *report)
{
    *out = NULL;
    enum csn_status status = csn_report_begin(report);
    return status == CSN_OK ? csn_secret_signer(algorithm, secret, out, report) : status;
}
