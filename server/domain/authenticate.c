/* Who is calling: one straight path from a bearer to a caller. See authenticate.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/domain/authenticate.h"

#include <string.h>

#include "core/crypto.h"
#include "server/domain/cache.h"
#include "server/domain/revocations.h"
#include "server/domain/session_keys.h"

#define HMAC_ALGORITHMS (1u << CSN_HS256 | 1u << CSN_HS384 | 1u << CSN_HS512)

/* A policy never mixes families, so one look tells whether its signatures are worth remembering. */
static bool
is_worth_caching(const struct csn_authenticator *with, const struct csn_app *app)
{
    return with->cache != NULL && (app->policy.algorithms & HMAC_ALGORITHMS) == 0;
}

static bool
is_key_expired(const struct csn_key *key, int64_t now_ms)
{
    return key->expires_ms != 0 && now_ms >= key->expires_ms;
}

static void
judge_token(const struct csn_app *app, struct csn_bytes token, bool after_login,
            struct csn_workspace *workspace, struct csn_caller *caller, int64_t now_ms)
{
    struct csn_presentation presented = {.token = token, .after_login = after_login};
    *caller = (struct csn_caller){.kind = CSN_BEARER_TOKEN};
    csn_judge(&app->policy, &app->keys, &presented, workspace, &caller->verdict, now_ms);
    if (caller->verdict.reason != CSN_REASON_ACCEPTED)
        return;
    caller->assurance = CSN_ASSURANCE_VERIFIED;
    caller->identity_len = caller->verdict.identity.len;
    memcpy(caller->identity, caller->verdict.identity.ptr, caller->identity_len);
    caller->verdict.identity = csn_bytes_of(caller->identity, caller->identity_len);
    caller->key_number = caller->verdict.key->number;
    caller->expires_ms = caller->verdict.has_expires_at ? caller->verdict.expires_at_ms : 0;
}

/* What csn_judge leaves of a token whose time is not now: it verified, and it is nobody. */
static void
forget_identity(struct csn_caller *caller)
{
    *caller = (struct csn_caller){.kind = caller->kind, .verdict = caller->verdict};
    caller->verdict.identity = (struct csn_bytes){0};
}

/* A hit is judged again in all that changes with time. Returns: false when it must be judged anew.
 */
static bool
judge_from_cache(struct csn_cache *cache, const struct csn_cache_key *key,
                 struct csn_caller *caller, int64_t now_ms)
{
    if (!csn_cache_get(cache, key, caller))
        return false;
    if (caller->verdict.key == NULL || is_key_expired(caller->verdict.key, now_ms))
        return false;
    caller->verdict.reason = csn_judge_times(&key->app->policy, &caller->verdict, now_ms);
    if (caller->verdict.reason != CSN_REASON_ACCEPTED)
        forget_identity(caller);
    return true;
}

static void
judge_cached(const struct csn_authenticator *with, const struct csn_app *app,
             struct csn_bytes token, struct csn_caller *caller, int64_t now_ms)
{
    struct csn_cache_key key = {.app = app};
    csn_sha256(token, key.token_sha256);
    if (judge_from_cache(with->cache, &key, caller, now_ms))
        return;
    judge_token(app, token, true, with->workspace, caller, now_ms);
    if (caller->verdict.reason == CSN_REASON_ACCEPTED)
        csn_cache_put(with->cache, &key, caller);
}

static bool
is_customer_revoked(const struct csn_authenticator *with, const struct csn_app *app,
                    const struct csn_verdict *verdict)
{
    if (!csn_revocations_any_customer(with->revocations))
        return false;
    uint8_t who[CSN_NAME_HASH];
    csn_identity_hash(with->sessions, &app->id, verdict->identity, who);
    int64_t issued_ms =
        csn_token_issued_earliest(&app->policy, verdict->has_issued_at ? verdict->issued_at_ms : 0,
                                  verdict->has_expires_at ? verdict->expires_at_ms : 0);
    return issued_ms < csn_customer_revoked_before(with->revocations, &app->id, who);
}

static bool
is_revoked(const struct csn_authenticator *with, const struct csn_app *app, struct csn_bytes bearer,
           const struct csn_caller *caller)
{
    if (with->revocations == NULL || !csn_revocations_any(with->revocations))
        return false;
    if (caller->kind == CSN_BEARER_SESSION)
        return csn_is_session_revoked(with->revocations, &app->id, &caller->session);
    uint8_t hash[32];
    csn_token_hash(bearer, hash);
    return csn_is_token_revoked(with->revocations, &app->id, hash) ||
           is_customer_revoked(with, app, &caller->verdict);
}

void
csn_authenticate(const struct csn_authenticator *with, const struct csn_app *app,
                 struct csn_bytes bearer, bool after_login, struct csn_caller *caller,
                 int64_t now_ms)
{
    if (app->suspended) {
        *caller = (struct csn_caller){.verdict = {.reason = CSN_REASON_APP_SUSPENDED}};
        return;
    }
    /* Only a token that is the bearer of every request is ever "past its login". */
    bool past_login = after_login && app->policy.use == CSN_USE_EVERY_REQUEST;
    if (csn_is_session_token(bearer))
        csn_session_token_judge(app, bearer, with->workspace, caller, now_ms);
    else if (past_login && bearer.len > 0 && bearer.len <= CSN_TOKEN_MAX &&
             is_worth_caching(with, app))
        judge_cached(with, app, bearer, caller, now_ms);
    else
        judge_token(app, bearer, past_login, with->workspace, caller, now_ms);
    if (caller->verdict.reason != CSN_REASON_ACCEPTED)
        return;
    if (is_revoked(with, app, bearer, caller))
        caller->verdict.reason = CSN_REASON_REVOKED;
}
