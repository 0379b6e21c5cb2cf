/* What tests of links say often: this one was that one, and no, it was not.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_TESTS_SERVER_LINK_WORLD_H
#define CSN_TESTS_SERVER_LINK_WORLD_H

#include "tests/unit/server/session_world.h"

struct csn_id api_key_of_tests(void); /* by which these do it */

enum csn_status world_link(struct world *w, struct csn_id customer, struct csn_id anonymous,
                           struct csn_relink_outcome *out);
enum csn_status world_unlink(struct world *w, struct csn_id customer, struct csn_id anonymous,
                             struct csn_relink_outcome *out);
/* Returns: how many of the customer's links there are in out[]. */
size_t world_links(struct world *w, struct csn_id customer, struct csn_link_info *out,
                   size_t limit);

#endif
