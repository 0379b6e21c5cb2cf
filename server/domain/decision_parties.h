/* Whom decisions were about, gathered in memory between two flushes.
 *
 * A set of bounded size: when it is full, the lower half of the parties goes (csn_party_level in
 * decision_rows.h), the same half wherever it is done, so that what remains can be merged with what
 * others kept. Not safe for several threads: its shard's lock guards it.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_DOMAIN_DECISION_PARTIES_H
#define CSN_SERVER_DOMAIN_DECISION_PARTIES_H

#include "server/store/decision_rows.h"

#define CSN_PARTY_SET_MAX 1024 /* entries of one shard: party x kind */

struct csn_party_set;

struct csn_party_set *csn_party_set_create(void); /* NULL when memory is out */
void csn_party_set_free(struct csn_party_set *set);

/* Out: *party, one request of it. Returns: false where nobody is to be counted: neither identity
 * nor device is known, or the request came under a session that a login was counted for. */
bool csn_party_of(const struct csn_decision *decision, struct csn_decision_party *party);

void csn_party_set_add(struct csn_party_set *set, const struct csn_decision_party *party);
void csn_party_set_merge(struct csn_party_set *to, const struct csn_party_set *from);
void csn_party_set_clear(struct csn_party_set *set);

/* All that are in the set, at least of this level each. */
const struct csn_decision_party *csn_party_set_all(const struct csn_party_set *set);
size_t csn_party_set_count(const struct csn_party_set *set);
unsigned csn_party_set_level(const struct csn_party_set *set);

#endif
