/* Whom to tell that a key was missed, so that the app's JWKS is fetched again: what the callers of
 * `authenticate` know of server/jwks.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_DOMAIN_JWKS_HINTS_H
#define CSN_SERVER_DOMAIN_JWKS_HINTS_H

#include "server/domain/app.h"

/* {0} tells nobody. */
struct csn_jwks_hints {
    void *state;
    void (*hint)(void *state, struct csn_id app); /* any thread; does not block */
};

/* The address of this app's JWKS was named just now: call it after the commit. */
static inline void
csn_jwks_named(const struct csn_jwks_hints *hints, struct csn_id app)
{
    if (hints->hint != NULL)
        hints->hint(hints->state, app);
}

/* A token of this app was judged. Cost: nothing, unless it missed a key. */
static inline void
csn_jwks_judged(const struct csn_jwks_hints *hints, const struct csn_app *app,
                enum csn_reason reason)
{
    bool missed = reason == CSN_REASON_KEY_UNKNOWN || reason == CSN_REASON_NO_KEY;
    if (missed && app->has_jwks)
        csn_jwks_named(hints, app->id);
}

#endif
