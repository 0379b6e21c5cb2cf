/* What a diagnosis may try, gathered under the tenant wall.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_DOMAIN_MANAGEMENT_DIAGNOSIS_H
#define CSN_SERVER_DOMAIN_MANAGEMENT_DIAGNOSIS_H

#include "countersign/diagnose.h"
#include "server/domain/management.h"
#include "server/domain/sessions.h"

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

/* What is asked of the store about one token. Nothing of it is consumed. */
struct csn_diagnosis_question {
    const struct csn_app *app;
    struct csn_bytes nonce;          /* its claim, whether or not it verifies; {0} none */
    struct csn_bytes expected_nonce; /* {0} none */
    struct csn_bytes device;         /* that presented it; {0}: any */
    struct csn_token_facts token;    /* given only where it verifies ... */
    struct csn_bytes identity;       /* ... and so says whose it is */
};

/* Each nonce as it stands, and as it may have stood before careless hands had it. */
#define CSN_DIAGNOSIS_NONCES_MAX 10

struct csn_diagnosis_past {
    struct csn_diagnosis_nonce nonces[CSN_DIAGNOSIS_NONCES_MAX]; /* that were given out here */
    size_t nonce_count;
    bool revoked;          /* the token, or all of its customer and time */
    bool revoked_customer; /* of these, the latter */
};
/* Out: *out, its views in the arena. Returns: CSN_OK, CSN_NO_SPACE, CSN_UNAVAILABLE. */
CSN_MUST_USE enum csn_status
csn_management_diagnosis_past(struct csn_management *m, const struct csn_sessions *sessions,
                              const struct csn_diagnosis_question *question,
                              struct csn_diagnosis_past *out, int64_t now_ms);

#endif
