/* Logout: always possible, also late and again.
 *
 *   by session bearer   the session of the bearer
 *   by logout secret    the same, when the token has expired (nothing else proves it then)
 *   by the token itself the device named, where it is this customer's; also when it has expired
 *
 * A session that another login has ended already is left alone with its device: a logout that was
 * queued offline must not log out whoever uses the device now.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/panic.h"
#include "core/crypto.h"
#include "server/domain/id.h"
#include "server/domain/session_bind.h"
#include "server/domain/session_keys.h"

static bool
is_secret_of(const struct csn_session_row *row, struct csn_bytes secret)
{
    uint8_t hash[32];
    csn_sha256(secret, hash);
    return csn_equal_secret(csn_bytes_of(hash, sizeof hash),
                            csn_bytes_of(row->secret_hash, sizeof row->secret_hash));
}

/* The token itself is refused from now on, and with it every token of the customer that was issued
 * no later: whoever kept an older one cannot go on with it. A newer one is, as is one of a customer
 * nobody knows, or one that does not say when it was issued, left alone.
 * docs/decisions/0021-logout-and-older-tokens.md */
static enum csn_status
revoke_up_to(struct csn_store *store, const struct csn_logout *in,
             const struct csn_token_facts *token, struct csn_logout_outcome *out)
{
    struct csn_id app = in->app->id;
    enum csn_status status =
        csn_bind_revoke_token(store, app, token->hash, token->expires_ms, &out->revoked);
    if (status != CSN_OK || token->issued_ms <= 0 || csn_id_is_none(&out->customer))
        return status;
    struct csn_customer_row row = {0};
    status = csn_store_customer_revoke(store, app, out->customer, token->issued_ms + 1);
    if (status == CSN_OK)
        status = csn_store_customer_get(store, app, out->customer, &row);
    if (status != CSN_OK || !row.has_identity)
        return status;
    struct csn_revoked item = {.before_ms = row.revoked_before_ms};
    memcpy(item.who, row.identity_hash, sizeof item.who);
    CSN_ASSERT(out->revoked.count < CSN_REVOKED_MAX);
    out->revoked.items[out->revoked.count++] = item;
    return CSN_OK;
}

static enum csn_status
end_session(struct csn_store *store, const struct csn_logout *in, const struct csn_session_row *row,
            struct csn_logout_outcome *out, int64_t now_ms)
{
    enum csn_status status = csn_bind_logout(store, in->app->id, row, &out->revoked, now_ms);
    if (status != CSN_OK || !in->app->policy.logout_revokes_token || !row->has_token)
        return status;
    struct csn_token_facts token = {.issued_ms = row->token_issued_ms,
                                    .expires_ms = row->token_expires_ms};
    memcpy(token.hash, row->token_hash, sizeof token.hash);
    return revoke_up_to(store, in, &token, out);
}

static enum csn_status
logout_session(struct csn_store *store, const struct csn_logout *in, struct csn_logout_outcome *out,
               int64_t now_ms)
{
    struct csn_session_row row;
    bool proven = in->by == CSN_BEARER_SESSION;
    enum csn_status status = csn_store_session_get(store, in->app->id, in->session, &row);
    if (status != CSN_OK && status != CSN_NOT_FOUND)
        return status;
    bool found = status == CSN_OK;
    if (!proven && (!found || !is_secret_of(&row, in->secret))) {
        out->reason = CSN_REASON_REVOKED;
        return CSN_OK;
    }
    out->reason = CSN_REASON_ACCEPTED;
    if (!found)
        return CSN_OK;
    out->customer = row.customer;
    return row.ended_ms == 0 ? end_session(store, in, &row, out, now_ms) : CSN_OK;
}

static enum csn_status
remove_device(struct csn_store *store, const struct csn_logout *in, struct csn_logout_outcome *out,
              int64_t now_ms)
{
    if (in->device.len == 0)
        return CSN_OK;
    struct csn_device_row device;
    enum csn_status status = csn_store_device_get(store, in->app->id, in->device, &device);
    if (status != CSN_OK || !csn_id_equal(&device.customer, &out->customer))
        return status == CSN_NOT_FOUND ? CSN_OK : status;
    return csn_bind_remove(store, in->app->id, &device, &out->revoked, now_ms);
}

static enum csn_status
logout_token(const struct csn_sessions *sessions, struct csn_store *store,
             const struct csn_logout *in, struct csn_logout_outcome *out, int64_t now_ms)
{
    uint8_t hash[CSN_NAME_HASH];
    struct csn_customer_row customer;
    csn_identity_hash(sessions, &in->app->id, in->identity, hash);
    enum csn_status status = csn_store_customer_find(store, in->app->id, hash, &customer);
    if (status == CSN_OK) {
        out->customer = customer.id;
        status = remove_device(store, in, out, now_ms);
    }
    if (status != CSN_OK && status != CSN_NOT_FOUND)
        return status;
    out->reason = CSN_REASON_ACCEPTED;
    if (!in->app->policy.logout_revokes_token || !in->token.given)
        return CSN_OK;
    return revoke_up_to(store, in, &in->token, out);
}

enum csn_status
csn_session_logout(const struct csn_sessions *sessions, struct csn_store *store,
                   const struct csn_logout *in, struct csn_logout_outcome *out, int64_t now_ms)
{
    *out = (struct csn_logout_outcome){0};
    if (in->by == CSN_BEARER_TOKEN)
        return logout_token(sessions, store, in, out, now_ms);
    return logout_session(store, in, out, now_ms);
}
