/* Every limit of the product that more than one file must know, by name, with its unit.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef COUNTERSIGN_LIMITS_H
#define COUNTERSIGN_LIMITS_H

/* Tokens (RFC 7515 compact form). */
#define CSN_TOKEN_MAX 16384         /* bytes of the compact form */
#define CSN_TOKEN_DECODED_MAX 12288 /* bytes of all three parts decoded: 3/4 of the above */
#define CSN_KID_MAX 256             /* bytes of a key id */
#define CSN_SIGNATURE_MAX 1024      /* bytes: RSA 8192 */

/* Claims. */
#define CSN_IDENTITY_MAX 255   /* bytes of UTF-8 */
#define CSN_CLAIM_NAME_MAX 64  /* bytes of a claim name a policy may mention */
#define CSN_CLAIM_TEXT_MAX 255 /* bytes of iss, aud, nonce, or a value a policy compares with */
#define CSN_TIME_END_S 253402300800LL /* first second of the year 10000 */

/* JSON (RFC 8259). */
#define CSN_JSON_DEPTH_MAX 32  /* nested arrays and objects */
#define CSN_JSON_NUMBER_MAX 40 /* characters of one number */
#define CSN_JSON_NAMES_MAX 512 /* member names of all objects open at once */

/* Policies. */
#define CSN_POLICY_JSON_MAX 8192
#define CSN_POLICY_IDENTITY_MAX 4
#define CSN_POLICY_REQUIRED_MAX 12
#define CSN_POLICY_EQUALS_MAX 4
#define CSN_POLICY_LEEWAY_MAX_S 600        /* seconds of clock tolerance */
#define CSN_POLICY_SECONDS_MAX 315360000LL /* ten years: every other span of a policy */
#define CSN_POLICY_SESSION_MIN_S 60        /* seconds a session lasts at least */
#define CSN_POLICY_NONCE_TTL_MAX_S 86400   /* seconds a challenge is good for at most */

/* Keys. */
#define CSN_KEYS_PER_APP_MAX 32
#define CSN_KEYS_TRIED_MAX 8   /* keys tried for a token without a kid */
#define CSN_SECRET_MIN 16      /* bytes: shorter is refused */
#define CSN_SECRET_MAX 512     /* bytes */
#define CSN_KEY_TEXT_MAX 32768 /* bytes of a PEM, JWK or JWKS document */
#define CSN_RSA_BITS_MIN 2048
#define CSN_RSA_BITS_MAX 8192
#define CSN_FINGERPRINT_MAX 64 /* characters with the final NUL */

#endif
