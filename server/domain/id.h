/* Ids: ULIDs, time-ordered and random, in Crockford's base32 (26 characters, upper case).
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_DOMAIN_ID_H
#define CSN_SERVER_DOMAIN_ID_H

#include "server/domain/model.h"

struct csn_random;

/* Makes a new id: 48 bits of time, 80 bits of randomness. Two of one millisecond have no order.
 * Out: *out. Never fails. */
void csn_id_make(const struct csn_random *random, struct csn_id *out, int64_t now_ms);

/* Writes 128 bits as an id: for one that follows from something else, and says no time. */
void csn_id_from_bytes(const uint8_t bytes[16], struct csn_id *out);

/* Reads the text of an id, strictly: 26 characters of the alphabet, upper case, first at most '7'.
 * Out: *out, {0} when refused. Returns: it is one. */
bool csn_id_read(struct csn_bytes text, struct csn_id *out);

bool csn_id_equal(const struct csn_id *a, const struct csn_id *b);
bool csn_id_is_none(const struct csn_id *id);

/* Returns: the 26 characters; the empty view for "none". Borrows. */
struct csn_bytes csn_id_view(const struct csn_id *id);

#endif
