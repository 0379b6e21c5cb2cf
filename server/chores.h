/* Chores: what is dropped each minute, because it is over or because it was kept as long as it may
 * be. Each is done slice by slice, one slice one job of the queue, so that whoever waits for the
 * store has their turn in between; the chores take turns as well.
 *
 *   csn_chores_begin ──► all are due ──► slice, slice, … ──► nothing is left: not due
 *                                          │       └─► full: there is more, it is due still
 *                                          └─► a walk that found little: due for so many slices
 *
 * What is dropped keeps up with what is written: a chore that finds its slices full ends only with
 * what there is to drop. A walk over what there is nothing to drop of has a pace.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_CHORES_H
#define CSN_SERVER_CHORES_H

#include "server/domain/log.h"
#include "server/log.h"
#include "server/service.h"
#include "server/store/decision_rows.h"

#define CSN_CHORES_MAX 16
#define CSN_CHORE_ROWS_MAX 1000 /* of one slice: others wait for its end */
#define CSN_CHORE_WALKS_MAX 50  /* slices a minute that found less than they might have dropped */

/* {0}: nothing is due. */
struct csn_chores {
    bool due[CSN_CHORES_MAX];
    unsigned walks[CSN_CHORES_MAX]; /* since they were due */
    size_t next;                    /* whose turn it is */
    struct csn_log_walk logs;       /* a walk goes on where its last slice ended */
    struct csn_retention_walk decisions;
};

/* A minute has passed. */
void csn_chores_begin(struct csn_chores *chores);

/* One slice of the chore whose turn it is, as one job. One that fails is due again a minute later.
 * Returns: there was one; false: nothing is due. */
bool csn_chores_slice(struct csn_chores *chores, struct csn_service *service,
                      const struct csn_log *log, int64_t now_ms);

#endif
