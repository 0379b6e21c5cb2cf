/* Tokens: `judge` decides, `mint` makes. Neither does I/O, reads a clock, or allocates.
 *
 * Order of judgement (each step only after the one before it holds):
 *   shape -> header -> algorithm allowed -> key -> key's algorithm equals the token's -> signature
 *   -> claims
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef COUNTERSIGN_TOKEN_H
#define COUNTERSIGN_TOKEN_H

#include "countersign/key.h"
#include "countersign/policy.h"
#include "countersign/reason.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Scratch of one judgement; one per thread serves all. No need to clear. Never on a small stack. */
struct csn_workspace {
    uint8_t decoded[CSN_TOKEN_DECODED_MAX + 16];
    uint8_t unescaped[CSN_TOKEN_DECODED_MAX + 16];
    struct csn_json_names names;
};

/* What to do about the nonce where the policy requires one. Zero refuses. */
enum csn_nonce_check {
    CSN_NONCE_REFUSE = 0, /* no challenge is known: nonce_unknown */
    CSN_NONCE_EQUAL,      /* it must equal `expected_nonce` */
    CSN_NONCE_DEFER,      /* the caller WILL consume verdict.nonce as part of its own decision */
};

/* What was presented, and with which expectations. */
struct csn_presentation {
    struct csn_bytes token;             /* ptr NULL or empty: missing */
    struct csn_bytes expected_identity; /* ptr NULL: any. Else identity_mismatch when it differs */
    struct csn_bytes expected_nonce;
    enum csn_nonce_check nonce_check;
    bool after_login; /* the login was judged before: issued_within_s does not apply again */
};

/* The answer. {0} denies. Views borrow the workspace until its next use. */
struct csn_verdict {
    enum csn_reason reason; /* CSN_REASON_ACCEPTED admits, everything else denies */
    enum csn_part part;     /* of CSN_REASON_MALFORMED */
    struct csn_bytes claim; /* of CSN_REASON_CLAIM_*, CSN_REASON_TIME_IN_MILLISECONDS: its name.
                               Static or policy's */
    enum csn_algorithm algorithm; /* the header's, once known */
    const struct csn_key
        *key; /* that made the signature; set only once it holds. Borrows the ring */
    /* Only once the signature holds: */
    struct csn_bytes identity;       /* the customer; set only when accepted */
    struct csn_bytes identity_claim; /* the claim it came from. The policy's view */
    struct csn_bytes nonce;          /* unescaped; {0} when absent */
    bool has_issued_at, has_not_before, has_expires_at;
    int64_t issued_at_ms;  /* cut to the millisecond */
    int64_t not_before_ms; /* first millisecond at or after nbf */
    int64_t expires_at_ms; /* first millisecond at or after exp, or iat + lifetime_max_s where the
                              policy ends it so */
};

/* Judges a token. Never reads a claim before the signature holds.
 * Out: *verdict, always wholly set. Cost: no heap (RSA/EC: the crypto library's own), no recursion,
 * stack under 16 KiB. Source: RFC 7515 §5.2, RFC 7519 §7.2, RFC 8725 §3. */
void csn_judge(const struct csn_policy *policy, const struct csn_keyring *keys,
               const struct csn_presentation *presented, struct csn_workspace *workspace,
               struct csn_verdict *verdict, int64_t now_ms);

/* Judges again what changes with time: for a verdict kept from an earlier, accepted judgement of
 * the very same token under the same policy. Returns: CSN_REASON_ACCEPTED or the time reason. Cost:
 * a few ns. */
enum csn_reason csn_judge_times(const struct csn_policy *policy, const struct csn_verdict *kept,
                                int64_t now_ms);

/* Makes a compact JWS of a JSON object.
 * In: kid {0} = none; type {0} = no `typ` member. `payload` is signed as it stands, after a strict
 * read. Out: appended to `out`. Returns: CSN_OK, CSN_INVALID (payload no strict JSON object, kid
 * too long), CSN_NO_SPACE, CSN_CRYPTO. Source: RFC 7515 §5.1. */
struct csn_mint_request {
    const struct csn_signer *signer;
    struct csn_bytes kid;
    struct csn_bytes type;
    struct csn_bytes payload;
};
CSN_MUST_USE enum csn_status csn_mint(const struct csn_mint_request *request,
                                      struct csn_buffer *out);

/* --- looking without believing: for showing, never for deciding --- */
struct csn_token_parts {
    struct csn_bytes header; /* decoded JSON text, unverified. Borrow the workspace */
    struct csn_bytes payload;
    struct csn_bytes signature;     /* decoded */
    struct csn_bytes signing_input; /* borrows the token */
};
/* Returns: CSN_OK, CSN_INVALID (not three canonical base64url parts; *parts as far as it got). */
CSN_MUST_USE enum csn_status csn_token_open(struct csn_bytes token, struct csn_workspace *workspace,
                                            struct csn_token_parts *parts);

/* base64url without padding (RFC 4648 §5), canonical, no white space. */
void csn_base64url_append(struct csn_buffer *out, struct csn_bytes bytes);
/* Out: decoded into `out`, which needs 3/4 of text.len (+3). Returns: CSN_OK, CSN_INVALID,
 * CSN_NO_SPACE. */
CSN_MUST_USE enum csn_status csn_base64url_decode(struct csn_bytes text, struct csn_buffer *out);

#ifdef __cplusplus
}
#endif
#endif
