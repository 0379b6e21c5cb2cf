/* Judges a shared secret by its bytes alone.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_CRYPTO_WEAK_SECRET_H
#define CSN_CRYPTO_WEAK_SECRET_H

#include "countersign/key.h"

/* Returns: CSN_KEY_TOO_SHORT, CSN_KEY_TOO_LONG, CSN_KEY_WEAK_SECRET, or NONE.
 *
 * Weak is a secret that others know or would guess first: the samples of well-known documents and
 * the placeholders people forget to replace (case, spaces and punctuation do not help), a short
 * block repeated, three different bytes or fewer, the text of a public key. Not weak is what merely
 * looks odd: the judge cannot see how a secret was made, and refuses none that a generator would
 * make in the lifetime of anyone. */
enum csn_key_problem csn_secret_judge(struct csn_bytes secret);

#endif
