/* The registry: every app and API key, in memory, found in constant time, swapped one by one.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_DOMAIN_REGISTRY_H
#define CSN_SERVER_DOMAIN_REGISTRY_H

#include "server/domain/app.h"

struct csn_registry;
struct csn_store;
struct csn_vault;

struct csn_api_key {
    struct csn_id id; /* internal id */
    struct csn_id account;
    struct csn_id app;  /* {0}: every app of the account */
    unsigned roles;     /* enum csn_role bits */
    bool root;          /* of the account that may make accounts */
    int64_t expires_ms; /* 0 = never */
};

/* Out: *out. `instance_key` as csn_instance_key_open gave it (master_key.h); not kept, only keys
 * made from it, in locked memory. */
CSN_MUST_USE enum csn_status csn_registry_create(const uint8_t instance_key[32],
                                                 struct csn_registry **out);
void csn_registry_free(struct csn_registry *registry);

/* Returns: what seals rows of this instance. Borrows the registry. */
const struct csn_vault *csn_registry_vault(const struct csn_registry *registry);

/* Returns: the app with a reference that csn_app_release gives back; NULL when there is none.
 * Cost: constant, one short lock. Any thread. */
const struct csn_app *csn_registry_app(struct csn_registry *registry, struct csn_bytes id);
void csn_app_release(const struct csn_app *app); /* accepts NULL */

/* Judges an API credential: `key` is the public name "csk_…", `secret` what belongs to it. As a
 * bearer the two are written "key.secret". Compared in constant time.
 * Returns: CSN_OK and *out; CSN_NOT_FOUND (unknown, wrong, expired or revoked: one answer for all).
 */
CSN_MUST_USE enum csn_status csn_registry_api_key(struct csn_registry *registry,
                                                  struct csn_bytes key, struct csn_bytes secret,
                                                  struct csn_api_key *out, int64_t now_ms);

/* At start, inside a transaction: compiles every app and API key of the store.
 * Out: on failure *wrong is one static sentence for the operator, and *app the app at fault or {0}.
 * Returns: CSN_OK; CSN_CRYPTO (material does not open under this instance key); CSN_INVALID (an
 * app's rows make no app); CSN_NO_MEMORY; CSN_UNAVAILABLE. */
CSN_MUST_USE enum csn_status csn_registry_load(struct csn_registry *registry,
                                               struct csn_store *store, struct csn_id *app,
                                               const char **wrong);

/* Writes down when API keys were last used; inside a transaction. Called by the housekeeper. */
CSN_MUST_USE enum csn_status csn_registry_flush_api_keys(struct csn_registry *registry,
                                                         struct csn_store *store);

/* How many there are, for metrics. Cost: linear; not for the hot path. */
struct csn_registry_counts {
    size_t apps, api_keys;
};
struct csn_registry_counts csn_registry_counts(struct csn_registry *registry);

#endif
