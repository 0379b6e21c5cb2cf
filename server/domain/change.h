/* A change: what an operation altered, held back from memory until its commit is known.
 *
 *   run (in the transaction)     rows are written, the new value is compiled and staged here
 *   commit                       durable, or not
 *   csn_change_settle            published, or dropped
 *
 * Every staged value carries the generation its row has, and publishing never replaces a newer one,
 * so changes may be settled on any thread and in any order. Publishing allocates nothing and cannot
 * fail: all memory was taken when the value was staged.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_DOMAIN_CHANGE_H
#define CSN_SERVER_DOMAIN_CHANGE_H

#include "countersign/status.h"

struct csn_staged;

/* {0} is a change of nothing. */
struct csn_change {
    struct csn_staged *first;
};

/* Publishes everything staged when `outcome` is CSN_OK, else drops it. Call exactly when the job's
 * outcome is known (its `done`, or right after a commit outside the queue); calling again does
 * nothing. Any thread. */
void csn_change_settle(struct csn_change *change, enum csn_status outcome);

#endif
