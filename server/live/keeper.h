/* The keeper: the one thread that keeps the time of all streams (csn_live_round).
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_LIVE_KEEPER_H
#define CSN_SERVER_LIVE_KEEPER_H

#include "server/clock.h"
#include "server/live/live.h"

struct csn_live_keeper;

/* Borrows `live` until csn_live_keeper_stop. Returns: CSN_OK, CSN_NO_MEMORY, CSN_IO. */
CSN_MUST_USE enum csn_status csn_live_keeper_start(struct csn_live *live, struct csn_clock clock,
                                                   struct csn_live_keeper **out);
void csn_live_keeper_stop(struct csn_live_keeper *keeper); /* accepts NULL */

#endif
