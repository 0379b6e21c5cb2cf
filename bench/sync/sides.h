/* The two sides of bench sync: the same customers, the same items, told apart by who writes them.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_BENCH_SYNC_SIDES_H
#define CSN_BENCH_SYNC_SIDES_H

#include <stdbool.h>
#include <stddef.h>

#define CSN_SYNC_ITEMS_MAX 500
#define CSN_SYNC_BODY 160                                /* bytes of an item's JSON body */
#define CSN_SYNC_DEVICE "b6f1c8f2-2f0e-4c1c-9d3a-%012zu" /* as SDKs make them */

/* A server with that many logged-in customers. Returns: NULL after saying why. */
struct csn_sync_ours *csn_sync_ours_open(const char *where, size_t clients, size_t customers);
void csn_sync_ours_close(struct csn_sync_ours *ours); /* accepts NULL */
/* One call of one client, for the next of its customers. */
bool csn_sync_ours_append(struct csn_sync_ours *ours, size_t client, size_t items);
/* Returns: calls of one commit, on average, since it was asked last. */
double csn_sync_ours_batch(struct csn_sync_ours *ours);

struct csn_sync_bare *csn_sync_bare_open(const char *where, size_t clients, size_t customers);
void csn_sync_bare_close(struct csn_sync_bare *side);
bool csn_sync_bare_append(struct csn_sync_bare *side, size_t client, size_t items);
double csn_sync_bare_batch(struct csn_sync_bare *side);
const char *csn_sync_bare_folder(const struct csn_sync_bare *side);

#endif
