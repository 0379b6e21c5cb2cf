/* The housekeeper: one thread for what nobody waits for.
 *
 *   each second   decisions and last uses are written down
 *   each minute   ended sessions, challenges, revocations and old decisions are dropped; a walk
 * over the logs, for items older than their app keeps them, goes some slices further
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_HOUSEKEEPER_H
#define CSN_SERVER_HOUSEKEEPER_H

#include "server/log.h"
#include "server/service.h"

#define CSN_DECISION_ROWS_KEPT_MS (30 * 86400000LL)
#define CSN_DECISION_COUNTS_KEPT_MS (400 * 86400000LL)

struct csn_housekeeper;

/* Borrows both until csn_housekeeper_stop. Returns: CSN_OK, CSN_NO_MEMORY, CSN_IO. */
CSN_MUST_USE enum csn_status csn_housekeeper_start(struct csn_service *service,
                                                   const struct csn_log *log,
                                                   struct csn_housekeeper **out);

/* Does one last round, then ends the thread. Accepts NULL. */
void csn_housekeeper_stop(struct csn_housekeeper *housekeeper);

#endif
