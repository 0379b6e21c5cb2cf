/* The words for what concerns keys: states, encodings, problems.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "countersign/key.h"

static const char *const states[] = {
    [CSN_KEY_STATE_UNSET] = "unset", [CSN_KEY_STANDBY] = "standby", [CSN_KEY_ACTIVE] = "active",
    [CSN_KEY_RETIRING] = "retiring", [CSN_KEY_RETIRED] = "retired",
};
#define STATES (sizeof states / sizeof *states)

static const char *const encodings[] = {
    [CSN_ENCODING_UNSET] = "unset",   [CSN_ENCODING_UTF8] = "utf8",
    [CSN_ENCODING_BASE64] = "base64", [CSN_ENCODING_BASE64URL] = "base64url",
    [CSN_ENCODING_HEX] = "hex",
};
#define ENCODINGS (sizeof encodings / sizeof *encodings)

static const struct problem {
    const char *name, *sentence;
} problems[] = {
    [CSN_KEY_PROBLEM_NONE] = {"none", "The key is usable."},
    [CSN_KEY_MALFORMED] = {"malformed", "This is not a well-formed JWK, JWK set or PEM document."},
    [CSN_KEY_TYPE_UNSUPPORTED] = {"type_unsupported", "Keys of this type cannot be used here."},
    [CSN_KEY_CURVE_UNSUPPORTED] = {"curve_unsupported",
                                   "The curve is none of P-256, P-384, P-521 and Ed25519."},
    [CSN_KEY_ALGORITHM_CONFLICT] = {"algorithm_conflict",
                                    "The key does not fit the algorithm it is meant for."},
    [CSN_KEY_ALGORITHM_UNSET] = {"algorithm_unset",
                                 "The key fits several algorithms; name the one it is for."},
    [CSN_KEY_USE_CONFLICT] = {"use_conflict", "The key's use or key_ops excludes this purpose."},
    [CSN_KEY_PRIVATE_MATERIAL] = {"private_material",
                                  "This is a private key; only its public part may be given here."},
    [CSN_KEY_PRIVATE_MISSING] = {"private_missing",
                                 "This is a public key; signing needs the private one."},
    [CSN_KEY_TOO_SHORT] =
        {"too_short", "The key is too short: a secret needs 16 bytes, an RSA modulus 2048 bits."},
    [CSN_KEY_TOO_LONG] = {"too_long",
                          "The key is too long: a secret has at most 512 bytes, RSA 8192 bits."},
    [CSN_KEY_EXPONENT_INVALID] = {"exponent_invalid",
                                  "The RSA exponent must be odd and at least 65537."},
    [CSN_KEY_POINT_INVALID] = {"point_invalid", "The public point is not a good one of its curve."},
    [CSN_KEY_WEAK_SECRET] = {"weak_secret", "The secret is well known or repeats itself."},
    [CSN_KEY_SHORT_FOR_HASH] = {"short_for_hash",
                                "The secret is shorter than the hash (RFC 7518 section 3.2)."},
};

const char *
csn_key_state_name(enum csn_key_state state)
{
    return (unsigned)state < STATES ? states[state] : states[CSN_KEY_STATE_UNSET];
}

enum csn_key_state
csn_key_state_from_name(struct csn_bytes name)
{
    for (unsigned i = 1; i < STATES; i++)
        if (csn_bytes_equal_text(name, states[i]))
            return (enum csn_key_state)i;
    return CSN_KEY_STATE_UNSET;
}

const char *
csn_encoding_name(enum csn_encoding encoding)
{
    return (unsigned)encoding < ENCODINGS ? encodings[encoding] : encodings[CSN_ENCODING_UNSET];
}

enum csn_encoding
csn_encoding_from_name(struct csn_bytes name)
{
    for (unsigned i = 1; i < ENCODINGS; i++)
        if (csn_bytes_equal_text(name, encodings[i]))
            return (enum csn_encoding)i;
    return CSN_ENCODING_UNSET;
}

/* A problem nobody has words for is no reason to call a key usable. */
static const struct problem *
problem_of(enum csn_key_problem problem)
{
    return (unsigned)problem < sizeof problems / sizeof *problems ? &problems[problem]
                                                                  : &problems[CSN_KEY_MALFORMED];
}

const char *
csn_key_problem_name(enum csn_key_problem problem)
{
    return problem_of(problem)->name;
}

const char *
csn_key_problem_sentence(enum csn_key_problem problem)
{
    return problem_of(problem)->sentence;
}
