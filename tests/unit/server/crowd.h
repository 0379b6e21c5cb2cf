/* A crowd: sixteen threads that hand one job each to the queue, all at once.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_TESTS_SERVER_CROWD_H
#define CSN_TESTS_SERVER_CROWD_H

#include "server/store/queue.h"

#define CROWD 16

/* Runs them and waits for all. Out: each job's status. */
void crowd_run(struct csn_store *store, struct csn_job *const jobs[CROWD]);

#endif
