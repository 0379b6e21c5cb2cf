/* Key material as it was given becomes a verifier: one place for saving, loading and fetching.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/domain/management_keys.h"
#include "server/domain/registry_parts.h"

static enum csn_status
refuse(struct csn_key_report *report, enum csn_algorithm algorithm, enum csn_key_problem problem)
{
    *report = (struct csn_key_report){.problem = problem, .algorithm = algorithm};
    return CSN_INVALID;
}

static enum csn_status
load_secret(enum csn_encoding encoding, enum csn_algorithm algorithm, struct csn_bytes text,
            struct csn_verifier **out, struct csn_key_report *report)
{
    if (algorithm == CSN_ALGORITHM_UNSET)
        return refuse(report, algorithm, CSN_KEY_ALGORITHM_UNSET);
    if (csn_algorithm_family(algorithm) != CSN_FAMILY_HMAC)
        return refuse(report, algorithm, CSN_KEY_ALGORITHM_CONFLICT);
    struct csn_secret secret = {0};
    enum csn_status status = csn_secret_decode(text, encoding, &secret);
    if (status == CSN_TOO_LARGE)
        status = refuse(report, algorithm, CSN_KEY_TOO_LONG);
    else if (status == CSN_INVALID)
        status = refuse(report, algorithm, CSN_KEY_MALFORMED);
    else if (status == CSN_OK)
        status = csn_verifier_from_secret(algorithm, csn_secret_view(&secret), out, report);
    csn_secret_wipe(&secret);
    return status;
}

enum csn_status
csn_key_material_load(int source, enum csn_encoding encoding, enum csn_algorithm algorithm,
                      struct csn_bytes text, struct csn_verifier **out,
                      struct csn_key_report *report)
{
    *out = NULL;
    *report = (struct csn_key_report){0};
    if (encoding != CSN_ENCODING_UNSET)
        return load_secret(encoding, algorithm, text, out, report);
    if (source == CSN_SOURCE_JWK || source == CSN_SOURCE_JWKS_URL)
        return csn_verifier_from_jwk(algorithm, text, out, report);
    return csn_verifier_from_pem(algorithm, text, out, report);
}
