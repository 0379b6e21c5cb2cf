/* The housekeeper: one thread for what nobody waits for.
 *
 *   each second   decisions and last uses are written down; what was erased while somebody read the
 *                 database leaves its write-ahead log as soon as they are done
 *   each minute   what is over, and what was kept as long as it may be, is dropped (chores.h); that
 *                 takes at most half of each second
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_HOUSEKEEPER_H
#define CSN_SERVER_HOUSEKEEPER_H

#include "server/log.h"
#include "server/service.h"

struct csn_housekeeper;

/* Borrows both until csn_housekeeper_stop. Returns: CSN_OK, CSN_NO_MEMORY, CSN_IO. */
CSN_MUST_USE enum csn_status csn_housekeeper_start(struct csn_service *service,
                                                   const struct csn_log *log,
                                                   struct csn_housekeeper **out);

/* Does one last round, then ends the thread. Accepts NULL. */
void csn_housekeeper_stop(struct csn_housekeeper *housekeeper);

#endif
