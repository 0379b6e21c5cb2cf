/* One JSON Web Key, read strictly (RFC 7517, RFC 7518 §6, RFC 8037 §2). Pure: it knows the rules of
 * the document, not of curves or moduli; whether a point lies on its curve is for crypto/.
 *
 * Refused here already: anything but a strict JSON object (duplicate names included), base64url
 * that is not canonical, coordinates of another length than the curve's, a modulus with a leading
 * zero or outside CSN_RSA_BITS_MIN..MAX, an exponent that is even, below 65537 or over 64 bits,
 * `use` other than "sig", `key_ops` without the operation asked for, an `alg` that does not fit.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_CORE_JWK_H
#define CSN_CORE_JWK_H

#include "countersign/key.h"

#define CSN_JWK_OPERATIONS_MAX 16 /* elements of `key_ops` */

enum csn_jwk_type {
    CSN_JWK_UNSET = 0,
    CSN_JWK_RSA,
    CSN_JWK_EC,
    CSN_JWK_OKP,
    CSN_JWK_OCT,
};

enum csn_jwk_curve {
    CSN_CURVE_UNSET = 0,
    CSN_CURVE_P256,
    CSN_CURVE_P384,
    CSN_CURVE_P521,
    CSN_CURVE_ED25519,
};

/* What the key is wanted for. Zero is the harmless one. */
enum csn_jwk_purpose {
    CSN_JWK_TO_VERIFY = 0, /* a private part refuses: CSN_KEY_PRIVATE_MATERIAL */
    CSN_JWK_TO_SIGN,       /* a missing private part refuses: CSN_KEY_PRIVATE_MISSING */
};

/* A key as written. Numbers are big-endian, decoded, without leading zeros (RSA) or of the curve's
 * full length (EC, OKP). All views point into the arena. Members that a type lacks are {0}. */
struct csn_jwk {
    enum csn_jwk_type type;
    enum csn_jwk_curve curve;     /* EC, OKP */
    enum csn_algorithm algorithm; /* `alg`, which fits type and curve; unset when absent */
    bool has_kid;
    struct csn_bytes kid;  /* <= CSN_KID_MAX bytes, no NUL */
    struct csn_bytes n, e; /* RSA */
    struct csn_bytes x, y; /* EC; OKP: x alone */
    struct csn_bytes k;    /* oct: 1..CSN_SECRET_MAX bytes; its strength is not judged here */
    bool has_private;      /* RSA, EC, OKP: any private member is present, whatever its value */
    /* Only with CSN_JWK_TO_SIGN: */
    struct csn_bytes d;                /* RSA: no leading zero; EC, OKP: full length */
    struct csn_bytes p, q, dp, dq, qi; /* RSA: all or none */
};

/* Reads one JWK document.
 * Out: *out, borrowing `arena` (128 KiB hold any honest key; WIPE it after use: it may hold `k` and
 * `d`); *problem, always set. Returns: CSN_OK; CSN_INVALID with *problem; CSN_TOO_LARGE (over
 * CSN_KEY_TEXT_MAX; *problem = CSN_KEY_TOO_LONG); CSN_NO_SPACE (arena full). */
CSN_MUST_USE enum csn_status csn_jwk_parse(struct csn_bytes json, enum csn_jwk_purpose purpose,
                                           struct csn_arena *arena, struct csn_jwk *out,
                                           enum csn_key_problem *problem);

/* The same for a value already read, e.g. a member of `keys` of a JWK set. */
CSN_MUST_USE enum csn_status csn_jwk_read(const struct csn_json_node *value,
                                          enum csn_jwk_purpose purpose, struct csn_arena *arena,
                                          struct csn_jwk *out, enum csn_key_problem *problem);

/* Chooses the one algorithm a key is bound to: `asked` if given, which must fit the material and
 * agree with `alg`; else `alg`; else the only one its type allows (EC, OKP).
 * Out: *bound. Returns: CSN_KEY_PROBLEM_NONE, CSN_KEY_ALGORITHM_CONFLICT, CSN_KEY_ALGORITHM_UNSET.
 */
enum csn_key_problem csn_jwk_bind(const struct csn_jwk *jwk, enum csn_algorithm asked,
                                  enum csn_algorithm *bound);

#endif
