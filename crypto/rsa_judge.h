/* Judges an RSA public key by its two numbers, as they come, big-endian and without leading zeros.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_CRYPTO_RSA_JUDGE_H
#define CSN_CRYPTO_RSA_JUDGE_H

#include "countersign/key.h"

/* Returns: CSN_KEY_TOO_SHORT, CSN_KEY_TOO_LONG, CSN_KEY_MALFORMED (even), CSN_KEY_EXPONENT_INVALID,
 * CSN_KEY_WEAK_SECRET (made by the generator of CVE-2017-15361, "ROCA": the private key can be
 * computed), or NONE. Cost: under 1 us. */
enum csn_key_problem csn_rsa_judge(struct csn_bytes modulus, struct csn_bytes exponent);

#endif
