/* libjwt, used as its documentation shows.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <jwt.h>
#include <string.h>

#include "bench/verify/subject.h"

const char *
csn_foreign_name(void)
{
    return "libjwt";
}

bool
csn_foreign_knows(enum csn_algorithm algorithm)
{
    return algorithm != CSN_EDDSA && csn_algorithm_family(algorithm) != CSN_FAMILY_RSA_PSS;
}

bool
csn_run_foreign(const struct csn_subject *s, unsigned count)
{
    bool hmac = csn_algorithm_family(s->algorithm) == CSN_FAMILY_HMAC;
    const char *key = hmac ? s->private_text : s->public_pem;
    bool held = true;
    for (unsigned i = 0; i < count; i++) {
        jwt_t *jwt = NULL;
        held = jwt_decode(&jwt, s->token, (const unsigned char *)key, (int)strlen(key)) == 0 &&
               jwt_get_grant(jwt, "sub") != NULL && held;
        jwt_free(jwt);
    }
    return held;
}
