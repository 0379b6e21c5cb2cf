/* A policy: what an app accepts. It is data; `judge` alone acts on it.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef COUNTERSIGN_POLICY_H
#define COUNTERSIGN_POLICY_H

#include "countersign/algorithm.h"
#include "countersign/json.h"

#ifdef __cplusplus
extern "C" {
#endif

enum csn_nonce_rule { CSN_NONCE_RULE_NONE = 0, CSN_NONCE_RULE_REQUIRED };
enum csn_time_unit { CSN_TIME_SECONDS = 0, CSN_TIME_AUTO };
enum csn_use { CSN_USE_SESSION = 0, CSN_USE_EVERY_REQUEST };

/* A claim that must equal a text, e.g. scope = "user". */
struct csn_claim_equals {
    struct csn_bytes name;
    struct csn_bytes value;
};

/* {0} accepts nothing. All views point into the arena the policy was parsed with.
 * A claim is named by its top-level name, or, starting with '/', by a JSON Pointer of two steps
 * (RFC 6901, e.g. "/identity/external_id"). */
struct csn_policy {
    uint32_t algorithms; /* bit (1 << enum csn_algorithm) */
    struct csn_bytes identity[CSN_POLICY_IDENTITY_MAX];
    size_t identity_count;
    struct csn_bytes required[CSN_POLICY_REQUIRED_MAX];
    size_t required_count;
    struct csn_claim_equals equals[CSN_POLICY_EQUALS_MAX];
    size_t equals_count;
    struct csn_bytes issuer;   /* ptr NULL: unset */
    struct csn_bytes audience; /* ptr NULL: unset */
    struct csn_bytes type;     /* ptr NULL: unset; compared without case */
    int64_t issued_within_s;   /* -1: unset */
    int64_t lifetime_max_s;    /* -1: unset */
    int64_t leeway_s;
    enum csn_nonce_rule nonce;
    enum csn_time_unit time_unit;
    enum csn_use use;
    bool kid_required;
    bool identity_number;      /* a JSON integer is accepted and is its canonical text */
    bool logout_revokes_token; /* logging out refuses the token, and older ones, from then on */
    bool missing_is_anonymous; /* every_request: no token is an anonymous customer */
    int64_t session_ttl_s;     /* a session ends this long after login */
    int64_t session_idle_s;    /* or this long after its last use; 0: never */
    int64_t nonce_ttl_s;       /* a challenge is good for this long */
};

/* What was wrong with a policy document. */
struct csn_policy_error {
    char field[CSN_CLAIM_NAME_MAX + 1]; /* "" when the document as a whole */
    const char *sentence;               /* static text */
    bool unknown;                       /* there is no such field */
};

/* Compiles a policy document. Unknown fields refuse. A field "preset" names the preset whose values
 * stand where the document is silent.
 * Out: *out, borrowing `arena`. Returns: CSN_OK, CSN_INVALID with *error, CSN_NO_SPACE. */
CSN_MUST_USE enum csn_status csn_policy_parse(struct csn_bytes json, struct csn_arena *arena,
                                              struct csn_policy *out,
                                              struct csn_policy_error *error);

/* Writes the policy in full, every field, in a fixed order: what is stored, shown and compared. */
void csn_policy_write(const struct csn_policy *policy, struct csn_json_writer *w);

/* --- presets: named, dated, immutable documents --- */
struct csn_preset {
    const char *name;  /* "alchemer" */
    const char *date;  /* "2026-11-21": the day its rules were fixed */
    const char *title; /* one line */
    const char *json;  /* the policy document */
};
size_t csn_preset_count(void);
const struct csn_preset *csn_preset_at(size_t index);            /* NULL past the end */
const struct csn_preset *csn_preset_find(struct csn_bytes name); /* NULL when unknown */

#ifdef __cplusplus
}
#endif
#endif
