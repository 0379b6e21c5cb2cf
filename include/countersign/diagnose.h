/* Diagnosis: names the exact mistake behind a refused token, and the line that fixes it.
 *
 * For the owner of the app only. It runs off the hot path, under a budget of signature checks, and
 * its result cannot be mistaken for a verdict: there is no way from a finding to "accepted".
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef COUNTERSIGN_DIAGNOSE_H
#define COUNTERSIGN_DIAGNOSE_H

#include "countersign/token.h"

#ifdef __cplusplus
extern "C" {
#endif

#define CSN_FINDINGS_MAX 16
#define CSN_FINDING_TEXT_MAX 512
#define CSN_DIAGNOSIS_KEYS_MAX 64
#define CSN_DIAGNOSIS_CHECKS_MAX 2000 /* signature checks one diagnosis may spend */

enum csn_finding_code {
    CSN_FINDING_NONE = 0,
#define CSN_FINDING(id, name, title) CSN_FINDING_##id,
#include "countersign/finding.def"
#undef CSN_FINDING
    CSN_FINDING_COUNT,
};
const char *csn_finding_name(enum csn_finding_code code);  /* "secret_base64_decoded" */
const char *csn_finding_title(enum csn_finding_code code); /* one line */

enum csn_confidence {
    CSN_CONFIDENCE_NONE = 0,
    CSN_CONFIDENCE_POSSIBLE,
    CSN_CONFIDENCE_LIKELY,
    CSN_CONFIDENCE_CERTAIN
};
const char *csn_confidence_name(enum csn_confidence confidence);

struct csn_finding {
    enum csn_finding_code code;
    enum csn_confidence confidence;  /* CERTAIN: proved by a signature or by the text itself */
    char seen[CSN_FINDING_TEXT_MAX]; /* what was seen; never a secret, a MAC or a whole token */
    char why[CSN_FINDING_TEXT_MAX];  /* why that fails */
    char fix[CSN_FINDING_TEXT_MAX];  /* how to fix it: one or more lines, code where one applies */
};

enum csn_key_origin {
    CSN_ORIGIN_OWN = 0,        /* a key of this app, in any state */
    CSN_ORIGIN_OTHER_APP,      /* a key of another app of the same owner */
    CSN_ORIGIN_API_CREDENTIAL, /* an API key or API secret */
};

/* One key to try. */
struct csn_diagnosis_key {
    struct csn_key key; /* verifier may be NULL when only a secret is known */
    struct csn_bytes
        secret; /* HMAC: the raw secret, so that mistakes with it can be re-made. Borrows */
    struct csn_bytes
        secret_text; /* the text as the admin typed it; {0} when it is the secret itself */
    struct csn_bytes public_pem; /* asymmetric: SPKI PEM text, for "PEM used as HMAC key" */
    enum csn_key_origin origin;
    struct csn_bytes label; /* how to speak of it: key id or app name */
};

/* A challenge the app issued, to explain a wrong nonce. */
struct csn_diagnosis_nonce {
    struct csn_bytes nonce;
    bool used, expired, other_device;
    int64_t issued_ms; /* when the challenge was given out; 0 unknown */
};

/* What other apps of the same owner expect, to explain a wrong iss or aud. */
struct csn_diagnosis_expectation {
    struct csn_bytes app;
    struct csn_bytes issuer;
    struct csn_bytes audience;
};

struct csn_diagnosis_request {
    const struct csn_policy *policy;
    const struct csn_diagnosis_key *keys; /* own keys first; <= CSN_DIAGNOSIS_KEYS_MAX */
    size_t key_count;
    const struct csn_diagnosis_nonce *nonces;
    size_t nonce_count;
    const struct csn_diagnosis_expectation *others;
    size_t other_count;
    struct csn_bytes input;  /* exactly what was presented, however mangled */
    struct csn_bytes second; /* another token of the same request; {0} when none */
    struct csn_bytes expected_identity;
    struct csn_bytes expected_nonce;
    bool revoked; /* it, or every token of its customer and time: what only the store knows */
    bool revoked_customer; /* of these, the latter */
};

struct csn_diagnosis {
    struct csn_verdict
        verdict; /* what `judge` says of the input as presented; its views are cleared */
    struct csn_finding
        findings[CSN_FINDINGS_MAX]; /* most certain first; the first is the root cause */
    size_t count;
    unsigned checks; /* signature checks spent */
};

/* Out: *diagnosis, wholly set. `arena` is scratch (>= 128 KiB). Allocates only inside the crypto
 * library. Returns: CSN_OK; CSN_NO_SPACE; CSN_TOO_LARGE (input over 4 * CSN_TOKEN_MAX). */
CSN_MUST_USE enum csn_status csn_diagnose(const struct csn_diagnosis_request *request,
                                          struct csn_workspace *workspace, struct csn_arena *arena,
                                          struct csn_diagnosis *diagnosis, int64_t now_ms);

/* Writes {"verdict":{...},"findings":[{code,title,confidence,seen,why,fix},...]}. */
void csn_diagnosis_write(const struct csn_diagnosis *diagnosis, struct csn_json_writer *w);

#ifdef __cplusplus
}
#endif
#endif
