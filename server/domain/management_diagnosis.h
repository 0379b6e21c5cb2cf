/* What a diagnosis may try, gathered under the tenant wall.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_DOMAIN_MANAGEMENT_DIAGNOSIS_H
#define CSN_SERVER_DOMAIN_MANAGEMENT_DIAGNOSIS_H

#include "countersign/diagnose.h"
#include "server/domain/management.h"

/* Everything a diagnosis may try: the app's own keys in every state, then those of the owner's
 * other apps, and what these expect of iss and aud. */
struct csn_diagnosis_material {
    struct csn_diagnosis_key *keys;
    size_t key_count;
    struct csn_diagnosis_expectation *others;
    size_t other_count;
    const struct csn_app **held; /* the apps whose verifiers are borrowed */
    size_t held_count;
};
/* Out: *out in the arena, secrets among it: wipe the arena after csn_management_diagnosis_release.
 */
CSN_MUST_USE enum csn_status csn_management_diagnosis_load(struct csn_management *m,
                                                           struct csn_id app,
                                                           struct csn_diagnosis_material *out);
void csn_management_diagnosis_release(struct csn_diagnosis_material *material);

#endif
