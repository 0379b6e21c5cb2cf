/* What login, continuing and refresh share. See session_grant.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/domain/session_grant.h"

#include <string.h>

#include "base/panic.h"
#include "core/crypto.h"

#define LOGOUT_SECRET_BYTES 32

/* On a whole second, which is all that the token can say: row, answer and token agree. */
int64_t
csn_grant_expires(const struct csn_app *app, int64_t now_ms)
{
    int64_t ttl_s = app->policy.session_ttl_s;
    ttl_s = ttl_s < CSN_SESSION_TTL_MAX_S ? ttl_s : CSN_SESSION_TTL_MAX_S;
    return ((now_ms + 999) / 1000 + ttl_s) * 1000;
}

int64_t
csn_grant_idle(int64_t session_idle_s, int64_t now_ms)
{
    return session_idle_s > 0 ? now_ms + session_idle_s * 1000 : 0;
}

bool
csn_session_is_over(const struct csn_session_row *row, int64_t now_ms)
{
    bool idled = row->idle_ms != 0 && row->idle_ms <= now_ms;
    return row->ended_ms != 0 || row->expires_ms <= now_ms || idled;
}

void
csn_grant_device(struct csn_session_row *row, struct csn_bytes device)
{
    CSN_ASSERT(device.len > 0 && device.len < sizeof row->device);
    memcpy(row->device, device.ptr, device.len);
    row->device[device.len] = '\0';
}

void
csn_grant_token(struct csn_session_row *row, const struct csn_token_facts *token)
{
    row->has_token = token->given;
    memcpy(row->token_hash, token->hash, sizeof row->token_hash);
    row->token_expires_ms = token->expires_ms;
    row->token_issued_ms = token->issued_ms;
    row->key_number = token->key_number;
}

void
csn_grant_logout_secret(const struct csn_sessions *sessions, struct csn_session_row *row,
                        char out[CSN_LOGOUT_SECRET_LENGTH + 1])
{
    uint8_t random[LOGOUT_SECRET_BYTES];
    csn_random_fill(sessions->random, random, sizeof random);
    struct csn_buffer text = csn_buffer_over(out, CSN_LOGOUT_SECRET_LENGTH);
    csn_base64url_append(&text, csn_bytes_of(random, sizeof random));
    out[text.len] = '\0';
    csn_sha256(csn_buffer_view(&text), row->secret_hash);
    csn_wipe(random, sizeof random);
}

void
csn_grant_outcome(const struct csn_session_row *row, const struct csn_seal_key *key,
                  struct csn_bytes device, struct csn_bytes identity,
                  struct csn_session_outcome *out, int64_t now_ms)
{
    out->claims = (struct csn_session_claims){.session = row->id,
                                              .customer = row->customer,
                                              .device = device,
                                              .identity = identity,
                                              .assurance = row->assurance,
                                              .generation = row->generation,
                                              .issued_ms = now_ms,
                                              .expires_ms = row->expires_ms};
    csn_customer_vault_key(key, row->assurance, device, out->vault_key);
}

enum csn_status
csn_customer_saw(struct csn_store *store, struct csn_id app, const struct csn_customer_row *row,
                 enum csn_assurance assurance, int64_t now_ms)
{
    if (assurance <= row->assurance && now_ms - row->seen_ms < CSN_SEEN_STEP_MS)
        return CSN_OK;
    return csn_store_customer_seen(store, app, row->id, assurance, now_ms);
}
