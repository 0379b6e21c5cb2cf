/* Keys: what verifies, what signs, and in which state each key is.
 *
 * The key chooses the algorithm; a token may only agree. A key has exactly one algorithm, bound to
 * its type and curve when it is loaded. Material lives behind two opaque types, one that checks and
 * one that signs, so that no code path can use a public key as a secret.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef COUNTERSIGN_KEY_H
#define COUNTERSIGN_KEY_H

#include "countersign/algorithm.h"
#include "countersign/json.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Key material made ready to check signatures of one algorithm. Immutable: any thread may use it.
 */
struct csn_verifier;
/* Key material made ready to sign with one algorithm. Immutable: any thread may use it. */
struct csn_signer;

enum csn_key_state {
    CSN_KEY_STATE_UNSET = 0, /* never verifies */
    CSN_KEY_STANDBY,         /* known, not in use: never verifies */
    CSN_KEY_ACTIVE,
    CSN_KEY_RETIRING, /* still verifies; new tokens should not use it */
    CSN_KEY_RETIRED,  /* never verifies; kept to explain */
};
const char *csn_key_state_name(enum csn_key_state state); /* "active"; "unset" */
enum csn_key_state csn_key_state_from_name(struct csn_bytes name);

/* One key of an app as `judge` sees it. Plain data. {0} verifies nothing. */
struct csn_key {
    struct csn_bytes kid; /* ptr NULL: the key declares none. Borrows */
    enum csn_algorithm algorithm;
    enum csn_key_state state;
    int64_t expires_ms; /* 0 = never; from then on the key counts as retired */
    int64_t number;     /* the owner's handle, e.g. a row id; judge only copies it */
    const struct csn_verifier *verifier; /* borrows */
};

struct csn_keyring {
    const struct csn_key *keys; /* borrows */
    size_t count;               /* <= CSN_KEYS_PER_APP_MAX */
};

/* How the text of a shared secret becomes bytes. */
enum csn_encoding {
    CSN_ENCODING_UNSET = 0,
    CSN_ENCODING_UTF8, /* the bytes of the text as they are: the default of every preset */
    CSN_ENCODING_BASE64,
    CSN_ENCODING_BASE64URL,
    CSN_ENCODING_HEX,
};
const char *csn_encoding_name(enum csn_encoding encoding); /* "utf8" */
enum csn_encoding csn_encoding_from_name(struct csn_bytes name);

/* Decodes the text of a secret. Base64 forms may carry padding or not, nothing else.
 * Returns: CSN_OK, CSN_INVALID (not in that encoding), CSN_TOO_LARGE (> CSN_SECRET_MAX bytes). */
CSN_MUST_USE enum csn_status csn_secret_decode(struct csn_bytes text, enum csn_encoding encoding,
                                               struct csn_secret *out);

/* Why key material was refused, or what is doubtful about it. */
enum csn_key_problem {
    CSN_KEY_PROBLEM_NONE = 0,
    CSN_KEY_MALFORMED,        /* not a JWK / PEM / JWKS at all */
    CSN_KEY_TYPE_UNSUPPORTED, /* kty or PEM type we do not do */
    CSN_KEY_CURVE_UNSUPPORTED,
    CSN_KEY_ALGORITHM_CONFLICT, /* the algorithm asked for does not fit the material, or `alg`
                                   differs */
    CSN_KEY_ALGORITHM_UNSET,    /* material fits several algorithms and none was named */
    CSN_KEY_USE_CONFLICT,       /* `use` or `key_ops` excludes verifying */
    CSN_KEY_PRIVATE_MATERIAL,   /* a private part where a public key is due */
    CSN_KEY_PRIVATE_MISSING,    /* a public key where a private one is due */
    CSN_KEY_TOO_SHORT,          /* RSA < 2048 bits, secret < 16 bytes */
    CSN_KEY_TOO_LONG,
    CSN_KEY_EXPONENT_INVALID, /* RSA e even or < 65537 */
    CSN_KEY_POINT_INVALID,    /* not on its curve, or a small-order point */
    CSN_KEY_WEAK_SECRET,      /* a known or repeated secret; an RSA key of a broken generator */
    CSN_KEY_SHORT_FOR_HASH,   /* WARNING: usable, but shorter than the hash (RFC 7518 §3.2) */
};
const char *csn_key_problem_name(enum csn_key_problem problem);
const char *csn_key_problem_sentence(enum csn_key_problem problem);

/* What loading a key found besides the key itself. */
struct csn_key_report {
    enum csn_key_problem problem; /* why it was refused; NONE when it was loaded */
    enum csn_key_problem warning; /* NONE or CSN_KEY_SHORT_FOR_HASH */
    enum csn_algorithm algorithm; /* the one the key is bound to */
    char kid[CSN_KID_MAX + 1];    /* of a JWK, else "" */
    bool has_kid;
    char fingerprint[CSN_FINGERPRINT_MAX]; /* see csn_fingerprint below */
};

/* Judges a shared secret and makes its verifier.
 * Out: *out, owned by the caller (csn_verifier_free); *report, always filled.
 * Returns: CSN_OK; CSN_INVALID with report->problem; CSN_NO_MEMORY; CSN_CRYPTO.
 * The fingerprint of a secret is "hmac:" and 16 hex digits of HMAC-SHA256(secret, "countersign
 * fingerprint"): it tells two secrets apart and gives none away. Of a public key it is the RFC 7638
 * SHA-256 thumbprint in base64url. */
CSN_MUST_USE enum csn_status csn_verifier_from_secret(enum csn_algorithm algorithm,
                                                      struct csn_bytes secret,
                                                      struct csn_verifier **out,
                                                      struct csn_key_report *report);

/* Loads a PUBLIC key: PEM (SPKI, PKCS#1 "RSA PUBLIC KEY", or the key of a certificate).
 * `algorithm` may be UNSET where the material allows just one (EC curves, Ed25519); RSA must name
 * one. */
CSN_MUST_USE enum csn_status csn_verifier_from_pem(enum csn_algorithm algorithm,
                                                   struct csn_bytes pem, struct csn_verifier **out,
                                                   struct csn_key_report *report);

/* Loads a public JWK, or an `oct` JWK (RFC 7517, RFC 7518 §6). `algorithm` UNSET takes the JWK's
 * `alg`, else the one its type allows; given, it must agree with `alg`. `json` must be a strict
 * JSON object. */
CSN_MUST_USE enum csn_status csn_verifier_from_jwk(enum csn_algorithm algorithm,
                                                   struct csn_bytes json, struct csn_verifier **out,
                                                   struct csn_key_report *report);

/* Loads each key of a JWK set (RFC 7517 §5). Keys of unknown type, `use` or `alg` are passed over
 * (§5: SHOULD be ignored); a malformed set, a duplicate kid, or a set without any usable key
 * refuses, as do a malformed or private key for signatures, a secret beside public keys, and more
 * than `cap` usable keys. Out: verifiers with their reports, *count of them. On failure nothing is
 * left to free and reports[0] says why. `algorithm`: for keys that name none and that it fits. */
CSN_MUST_USE enum csn_status csn_verifiers_from_jwks(enum csn_algorithm algorithm,
                                                     struct csn_bytes json,
                                                     struct csn_verifier **out,
                                                     struct csn_key_report *reports, size_t cap,
                                                     size_t *count);

enum csn_algorithm csn_verifier_algorithm(const struct csn_verifier *verifier);
void csn_verifier_free(struct csn_verifier *verifier); /* wipes; accepts NULL */

/* --- signers: the CLI, tests, and the tokens we mint ourselves --- */
CSN_MUST_USE enum csn_status csn_signer_from_secret(enum csn_algorithm algorithm,
                                                    struct csn_bytes secret,
                                                    struct csn_signer **out,
                                                    struct csn_key_report *report);
/* PKCS#8, PKCS#1 or SEC1 PEM without a passphrase. */
CSN_MUST_USE enum csn_status csn_signer_from_pem(enum csn_algorithm algorithm, struct csn_bytes pem,
                                                 struct csn_signer **out,
                                                 struct csn_key_report *report);
CSN_MUST_USE enum csn_status csn_signer_from_jwk(enum csn_algorithm algorithm,
                                                 struct csn_bytes json, struct csn_signer **out,
                                                 struct csn_key_report *report);
enum csn_algorithm csn_signer_algorithm(const struct csn_signer *signer);
void csn_signer_free(struct csn_signer *signer); /* wipes; accepts NULL */

/* Makes a new key. Out, all appended, text:
 *   private_out  HMAC: base64url of hash-length random bytes (itself the utf8 secret text);
 *                else PKCS#8 PEM. Wipe it after use.
 *   public_out   HMAC: nothing; else SPKI PEM.
 *   jwk_out      HMAC: nothing; else the public JWK with `alg` and, where kid is not empty, `kid`.
 * Randomness comes from the crypto library. rsa_bits: 2048..8192, RSA only (0 = 2048). */
CSN_MUST_USE enum csn_status csn_key_generate(enum csn_algorithm algorithm, unsigned rsa_bits,
                                              struct csn_bytes kid, struct csn_buffer *private_out,
                                              struct csn_buffer *public_out,
                                              struct csn_buffer *jwk_out);

#ifdef __cplusplus
}
#endif
#endif
