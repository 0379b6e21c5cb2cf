/* The verified-token cache: a token seen before is not verified again.
 *
 * Keyed by app, app generation and the full SHA-256 of the token, so a changed key or policy
 * misses. Holds positive results only. Times are judged and revocation is asked on every hit, by
 * the caller. Bounded; the oldest entry of a set goes first. Any thread.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_DOMAIN_CACHE_H
#define CSN_SERVER_DOMAIN_CACHE_H

#include "server/domain/authenticate.h"

struct csn_cache_key {
    const struct csn_app *app; /* its id and generation count */
    uint8_t token_sha256[32];
};

/* `entries` is rounded up to a power of two. Returns NULL when memory is out. */
struct csn_cache *csn_cache_create(size_t entries);
void csn_cache_free(struct csn_cache *cache);

/* Returns: true and *caller (wholly set, verdict.key and views valid for `app`) on a hit. */
bool csn_cache_get(struct csn_cache *cache, const struct csn_cache_key *key,
                   struct csn_caller *caller);
/* Keeps an accepted caller. Asserts that it is accepted. */
void csn_cache_put(struct csn_cache *cache, const struct csn_cache_key *key,
                   const struct csn_caller *caller);

#endif
