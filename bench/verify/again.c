/* The same token again, as the bearer of every request: through csn_authenticate with the
 * verified-token cache, while something else is revoked, so that every step of a hit is taken.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "bench/verify/again.h"

#include <string.h>

#include "server/domain/cache.h"
#include "server/domain/revocations.h"

#define ENTRIES 65536 /* as `serve --cache` has it unless told */

static struct csn_cache *cache;
static struct csn_revocations *revocations;
static struct csn_app app;

bool
csn_again_open(const struct csn_subject *s)
{
    static const struct csn_id nobody = {"01ARZ3NDEKTSV4RRFFQ69G5FAV"};
    app = (struct csn_app){.id = nobody, .policy = s->policy, .keys = s->ring, .generation = 1};
    app.policy.use = CSN_USE_EVERY_REQUEST;
    cache = csn_cache_create(ENTRIES);
    revocations = csn_revocations_create();
    return cache != NULL && revocations != NULL &&
           csn_revoke_session(revocations, nobody, nobody, INT64_MAX) == CSN_OK;
}

void
csn_again_close(void)
{
    csn_cache_free(cache);
    csn_revocations_free(revocations);
}

bool
csn_run_again(const struct csn_subject *s, unsigned count)
{
    static struct csn_workspace workspace;
    struct csn_authenticator with = {
        .cache = cache, .revocations = revocations, .workspace = &workspace};
    bool held = true;
    for (unsigned i = 0; i < count; i++) {
        struct csn_caller caller;
        csn_authenticate(&with, &app, csn_bytes_of(s->token, s->token_len), true, &caller,
                         s->now_ms);
        held = held && caller.verdict.reason == CSN_REASON_ACCEPTED;
    }
    return held;
}
