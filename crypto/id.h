/* Ids of things: time-ordered, unguessable, 26 characters (a ULID).
 *
 *   01ARZ3NDEK TSV4RRFFQ69G5FAV      Crockford's base 32, upper case
 *   \________/ \______________/
 *    48 bits    80 bits
 *    ms         random
 *
 * The texts sort as the times do, so that new rows land beside each other in an index.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_CRYPTO_ID_H
#define CSN_CRYPTO_ID_H

#include "crypto/random.h"

#define CSN_ID_LENGTH 26
#define CSN_ID_SIZE (CSN_ID_LENGTH + 1) /* with the NUL */

/* Out: a new id and a NUL. now_ms must lie in 0 .. 2^48 - 1 (the year 10889). */
void csn_id_make(const struct csn_random *random, char out[CSN_ID_SIZE], int64_t now_ms);

/* Returns: `text` is an id as csn_id_make writes them. */
bool csn_id_valid(struct csn_bytes text);

/* Returns: the milliseconds in an id; -1 when it is none. */
int64_t csn_id_time_ms(struct csn_bytes text);

#endif
