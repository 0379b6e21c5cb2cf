/* Challenges: a nonce for one token, single use, bound to one device of one app.
 *
 * The store keeps its hash only: a copied database answers no challenge.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/crypto.h"
#include "server/domain/session_keys.h"

enum csn_status
csn_challenge_create(const struct csn_sessions *sessions, struct csn_store *store,
                     const struct csn_app *app, struct csn_bytes device,
                     struct csn_challenge_outcome *out, int64_t now_ms)
{
    *out = (struct csn_challenge_outcome){.expires_ms = now_ms + app->policy.nonce_ttl_s * 1000};
    uint8_t random[CSN_NONCE_BYTES];
    csn_random_fill(sessions->random, random, sizeof random);
    struct csn_buffer nonce = csn_buffer_over(out->nonce, sizeof out->nonce);
    csn_base64url_append(&nonce, csn_bytes_of(random, sizeof random));
    struct csn_challenge_row row = {
        .device = device, .created_ms = now_ms, .expires_ms = out->expires_ms};
    csn_sha256(csn_buffer_view(&nonce), row.nonce_hash);
    enum csn_status status =
        csn_store_challenge_trim(store, app->id, device, CSN_CHALLENGES_MAX - 1);
    return status == CSN_OK ? csn_store_challenge_add(store, app->id, &row) : status;
}
