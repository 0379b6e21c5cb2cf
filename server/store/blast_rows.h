/* What was done with the tokens of one key, out of what was recorded.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_STORE_BLAST_ROWS_H
#define CSN_SERVER_STORE_BLAST_ROWS_H

#include "server/store/decision_rows.h"

#define CSN_BLAST_PLATFORMS_MAX 20

struct csn_blast_platform {
    char platform[CSN_PLATFORM_MAX + 1];
    int64_t requests;
};

struct csn_blast {
    int64_t requests; /* accepted with a token of the key; exact */
    int64_t first_ms, last_ms;
    int64_t customers; /* distinct; those at `level` and above, to be multiplied by 2^level */
    int64_t level;
    int64_t sessions, session_customers, session_devices; /* alive, last proved by the key */
    struct csn_blast_platform platforms[CSN_BLAST_PLATFORMS_MAX]; /* largest first */
    size_t platform_count;
};

/* Since `since_ms`, by whole hours; customers by whole days (UTC). */
CSN_MUST_USE enum csn_status csn_store_key_blast(struct csn_store *store, struct csn_id app,
                                                 int64_t key_number, int64_t since_ms,
                                                 struct csn_blast *out, int64_t now_ms);

#endif
