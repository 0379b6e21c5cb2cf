/* Keys that are fetched: the address of an app's JWKS, and what a fetch changes.
 *
 * Nothing here touches the network: server/jwks fetches, off the hot path and off the store's
 * thread, and hands the document in. The last good keys stay until a better document comes.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_DOMAIN_MANAGEMENT_JWKS_H
#define CSN_SERVER_DOMAIN_MANAGEMENT_JWKS_H

#include "server/domain/management.h"
#include "server/domain/url.h"

#define CSN_JWKS_URL_MAX CSN_URL_MAX
#define CSN_JWKS_REFRESH_MS (3600 * 1000LL) /* a good document is fetched again after this */
#define CSN_JWKS_COOL_DOWN_MS (60 * 1000LL) /* no address is fetched more often than this */

/* Names the address of the app's JWKS: keys of the address before stay until the new one delivers a
 * good document, which replaces them. Hint the fetcher after the commit. With an empty url forgets
 * the address, and all fetched keys at once. `algorithm`: for RSA keys that name none;
 * UNSET: the only one for RSA that the policy allows. */
CSN_MUST_USE enum csn_status csn_management_jwks_set(struct csn_management *m, struct csn_id app,
                                                     struct csn_bytes url,
                                                     enum csn_algorithm algorithm, int64_t now_ms);

/* --- for the fetcher; these look at no scope --- */

struct csn_jwks_target {
    struct csn_id app;
    struct csn_bytes url; /* with its password, if any: wipe the arena */
};

/* What is to be fetched by now, longest due first. Out: `apps`, at most `limit`, *count of them;
 * *next_due_ms: when the first of the others is due, INT64_MAX when there is none. */
CSN_MUST_USE enum csn_status csn_management_jwks_due(struct csn_store *store, struct csn_id *apps,
                                                     size_t limit, size_t *count,
                                                     int64_t *next_due_ms, int64_t now_ms);

CSN_MUST_USE enum csn_status csn_management_jwks_target(struct csn_management *m, struct csn_id app,
                                                        struct csn_jwks_target *out);

/* Somebody missed a key of this app: its document is due at once, or at the end of its cool-down.
 * Returns: CSN_OK, also when the app has no address. */
CSN_MUST_USE enum csn_status csn_management_jwks_hint(struct csn_management *m, struct csn_id app,
                                                      int64_t now_ms);

/* What came of one fetch. */
struct csn_jwks_fetched {
    struct csn_id app;
    struct csn_bytes url;      /* the one fetched: another one by now makes this void */
    struct csn_bytes document; /* {0}: it failed */
    const char *error;         /* static sentence, when it failed */
};
struct csn_jwks_outcome {
    bool good; /* the document was one, and is now the last good one */
    size_t added, removed, kept;
    size_t passed_over;               /* unusable, or in the way of a key made by hand */
    char error[CSN_REFUSAL_TEXT_MAX]; /* when not good */
};
/* Makes the app's fetched keys those of the document: new ones are active, known ones keep their
 * state and last use, vanished ones go. Out: *outcome. Returns: CSN_OK, also for a bad document,
 * which changes no key; CSN_NOT_FOUND (the address is another by now, or gone). */
CSN_MUST_USE enum csn_status csn_management_jwks_apply(struct csn_management *m,
                                                       const struct csn_jwks_fetched *fetched,
                                                       struct csn_jwks_outcome *outcome,
                                                       int64_t now_ms);

#endif
