/* Broadcasts being spread under test: two apps, devices that can be reached, and one job at a time.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_TESTS_SERVER_SPREAD_WORLD_H
#define CSN_TESTS_SERVER_SPREAD_WORLD_H

#include "server/domain/spread.h"
#include "tests/unit/server/session_world.h"

struct spread_world {
    struct world w;
    struct csn_spread_turn turn; /* as the sender keeps it */
};

void spread_open(struct spread_world *s);           /* ":memory:" */
void spread_open_directory(struct spread_world *s); /* a new folder under /tmp */

/* Gives the device of the session a push address. */
void spread_give(struct spread_world *s, const struct csn_session_outcome *session,
                 const char *device);
/* Devices that can be reached, each of a customer of its own: one; "d-000000" and on. */
void spread_add(struct spread_world *s, const char *device);
void spread_add_many(struct spread_world *s, int count);

/* A broadcast that lives for an hour. */
struct csn_broadcast_info spread_make(struct spread_world *s, enum csn_item_kind kind);

/* One job. Returns: a slice was walked. */
bool spread_step(struct spread_world *s);
void spread_step_undone(struct spread_world *s); /* which then fails */
void spread_all(struct spread_world *s);         /* until nothing is walked */

/* What came of it: of the one broadcast there is, and all deliveries there are. */
int64_t spread_told(struct spread_world *s);
int64_t spread_state(struct spread_world *s);
int64_t spread_written(struct spread_world *s);
int64_t spread_devices(struct spread_world *s); /* different ones among the deliveries */

#endif
