/* The throttle of bad credentials: how often one source may be wrong.
 *
 * One token bucket a source, in a table of fixed size: an attacker with many addresses costs no
 * memory, it only makes the table forget the sources that were quiet longest. An IPv6 source is its
 * /64 network, because that is what one subscriber has. Tokens and API keys have budgets of their
 * own, so that a phone with a bad token cannot keep the administrator behind the same address out.
 * A credential is always checked first and only a bad one counted: a good one never waits. Any
 * thread; one short lock.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_DOMAIN_THROTTLE_H
#define CSN_SERVER_DOMAIN_THROTTLE_H

#include "countersign/bytes.h"

#define CSN_THROTTLE_BURST 20      /* bad credentials a source has at once */
#define CSN_THROTTLE_REFILL_MS 500 /* and one more each */
#define CSN_THROTTLE_SOURCES 16384 /* remembered; 24 bytes each */

struct csn_throttle;
struct csn_random;

/* `sources` is rounded up to a power of two. Returns NULL when memory is out. */
struct csn_throttle *csn_throttle_create(size_t sources, const struct csn_random *random);
void csn_throttle_free(struct csn_throttle *throttle); /* accepts NULL */

enum csn_throttle_budget {
    CSN_BUDGET_TOKENS = 1,
    CSN_BUDGET_API_KEYS,
};

/* Counts one bad credential of `source`. Returns: 0 while the source has some left, else the
 * milliseconds until it has one again; what is over the limit is not counted. NULL: always 0. */
int64_t csn_throttle_count(struct csn_throttle *throttle, enum csn_throttle_budget budget,
                           struct csn_bytes source, int64_t now_ms);

#endif
