/* Which keys of an app may have made a token.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_CORE_KEY_CHOICE_H
#define CSN_CORE_KEY_CHOICE_H

#include "core/header.h"

struct csn_candidates {
    const struct csn_key *key[CSN_KEYS_TRIED_MAX]; /* each of the token's algorithm, in use */
    size_t count;
};

/* Out: *out, at least one key, when CSN_REASON_ACCEPTED is returned; else the reason is
 * CSN_REASON_KEY_UNKNOWN, CSN_REASON_KEY_RETIRED, CSN_REASON_NO_KEY or
 * CSN_REASON_ALGORITHM_MISMATCH. Ids are unique in a ring; of two equal ones the first counts. */
enum csn_reason csn_key_choose(const struct csn_keyring *ring, const struct csn_header *header,
                               bool kid_required, int64_t now_ms, struct csn_candidates *out);

#endif
