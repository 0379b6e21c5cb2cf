/* Whom decisions were about, gathered in memory between two flushes.
 *
 * A set of bounded size, in which each app has a level of its own: when it is full, the lower half
 * of the visitors of the app that has most goes (csn_visitor_level in decision_rows.h), the same
 * half wherever it is done, so that what remains can be merged with what others kept. Whoever fills
 * it with visitors of one app takes none from another that has fewer. Not safe for several threads:
 * its shard's lock guards it.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_DOMAIN_DECISION_VISITORS_H
#define CSN_SERVER_DOMAIN_DECISION_VISITORS_H

#include "server/store/decision_rows.h"

#define CSN_VISITOR_SET_MAX 1024 /* entries of one shard: visitor x kind */

struct csn_visitor_set;

struct csn_visitor_set *csn_visitor_set_create(void); /* NULL when memory is out */
void csn_visitor_set_free(struct csn_visitor_set *set);

/* Out: *visitor, one request of it. Returns: false where nobody is to be counted: neither identity
 * nor device is known, or the request came under a session that a login was counted for. */
bool csn_visitor_of(const struct csn_decision *decision, struct csn_decision_visitor *visitor);

void csn_visitor_set_add(struct csn_visitor_set *set, const struct csn_decision_visitor *visitor);
void csn_visitor_set_merge(struct csn_visitor_set *to, const struct csn_visitor_set *from);
void csn_visitor_set_clear(struct csn_visitor_set *set);

/* All that are in the set, at least of their app's level each. */
const struct csn_decision_visitor *csn_visitor_set_all(const struct csn_visitor_set *set);
size_t csn_visitor_set_count(const struct csn_visitor_set *set);
unsigned csn_visitor_set_level(const struct csn_visitor_set *set, const struct csn_id *app);

#endif
