/* What the sender counts since it started, for whoever shows it: it adds, others read. Any thread.
 * Nothing of an app or an address is in it. {0}: nothing was sent yet.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_DOMAIN_OUTBOX_COUNTS_H
#define CSN_SERVER_DOMAIN_OUTBOX_COUNTS_H

#include <stdatomic.h>

#define CSN_OUTBOX_COUNTED_MAX 10000 /* deliveries waiting: as many or more */
#define CSN_OUTBOX_COUNT_MS 1000     /* how often they are counted */

struct csn_outbox_counts {
    atomic_uint_least64_t taken;    /* deliveries */
    atomic_uint_least64_t failed;   /* attempts */
    atomic_uint_least64_t given_up; /* deliveries */
    atomic_uint_least64_t waiting;  /* now, to be sent or sent again */
};

#endif
