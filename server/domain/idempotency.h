/* Idempotency: an answer is kept in the transaction of what it answers, and given again to whoever
 * asks the same under the same key. Sealed, because some answers hold a secret that is shown once;
 * bound to the account, the API key, the idempotency key and the request.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_DOMAIN_IDEMPOTENCY_H
#define CSN_SERVER_DOMAIN_IDEMPOTENCY_H

#include "server/domain/registry.h"
#include "server/store/store.h"

struct csn_random;

#define CSN_IDEMPOTENCY_KEY_MAX 255           /* printable ASCII characters */
#define CSN_IDEMPOTENCY_KEPT_MS 86400000LL    /* then the key is free again */
#define CSN_IDEMPOTENCY_PER_ACCOUNT_MAX 10000 /* kept at once: the oldest go first */
#define CSN_IDEMPOTENCY_ANSWER_MAX 131072     /* bytes of an answer, encoded */

/* One key as one API key uses it, and the request it came with. */
struct csn_idempotent {
    struct csn_id account, api_key;
    struct csn_id customer; /* about whom the answer is, and with whom it goes; {0}: nobody */
    uint8_t name[32];
    uint8_t request[32];
};

/* Fills `name` and `request`. `method` is any number that tells methods apart. */
void csn_idempotency_of(struct csn_idempotent *out, struct csn_bytes key, unsigned method,
                        struct csn_bytes path, struct csn_bytes query, struct csn_bytes body);

/* Looks for the answer. Out: *answer, in the arena; wipe it. Returns: CSN_OK; CSN_NOT_FOUND (none,
 * or it expired); CSN_CONFLICT (the key came with another request before); CSN_CRYPTO;
 * CSN_NO_SPACE; CSN_UNAVAILABLE. */
CSN_MUST_USE enum csn_status csn_idempotency_find(const struct csn_registry *registry,
                                                  struct csn_store *store,
                                                  const struct csn_idempotent *of,
                                                  struct csn_arena *arena, struct csn_bytes *answer,
                                                  int64_t now_ms);

/* Keeps the answer, inside the transaction of what it answers; the arena is scratch.
 * Returns: CSN_OK; CSN_NO_SPACE (it is too long, or the arena is full); CSN_UNAVAILABLE. */
CSN_MUST_USE enum csn_status
csn_idempotency_keep(const struct csn_registry *registry, struct csn_store *store,
                     const struct csn_random *random, const struct csn_idempotent *of,
                     struct csn_bytes answer, struct csn_arena *arena, int64_t now_ms);

/* Drops what expired. Called by the housekeeper; *dropped grows. */
CSN_MUST_USE enum csn_status csn_idempotency_purge(struct csn_store *store, unsigned limit,
                                                   uint64_t *dropped, int64_t now_ms);

#endif
