/* Where libjwt is not installed.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "bench/verify/subject.h"

const char *
csn_foreign_name(void)
{
    return NULL;
}

bool
csn_foreign_knows(enum csn_algorithm algorithm)
{
    (void)algorithm;
    return false;
}

bool
csn_run_foreign(const struct csn_subject *s, unsigned count)
{
    (void)s, (void)count;
    return false;
}
