/* What the store knows against a token. See session_proof.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/domain/session_proof.h"

#include "core/crypto.h"
#include "server/domain/revocations.h"
#include "server/store/erase_rows.h"

static struct csn_challenge_row
challenge_of(struct csn_bytes device, const struct csn_token_facts *token)
{
    struct csn_challenge_row row = {.device = device};
    csn_sha256(token->nonce, row.nonce_hash);
    return row;
}

static enum csn_status
judge_nonce(struct csn_store *store, const struct csn_app *app, struct csn_bytes device,
            const struct csn_token_facts *token, enum csn_reason *reason, int64_t now_ms)
{
    struct csn_challenge_row row = challenge_of(device, token);
    enum csn_status status = csn_store_challenge_get(store, app->id, &row);
    if (status == CSN_NOT_FOUND) {
        *reason = CSN_REASON_NONCE_UNKNOWN;
        return CSN_OK;
    }
    if (status != CSN_OK)
        return status;
    *reason = row.used_ms != 0           ? CSN_REASON_NONCE_USED
              : row.expires_ms <= now_ms ? CSN_REASON_NONCE_EXPIRED
                                         : CSN_REASON_ACCEPTED;
    return CSN_OK;
}

enum csn_status
csn_proof_customer(struct csn_store *store, struct csn_id app,
                   const uint8_t identity_hash[CSN_NAME_HASH], struct csn_customer_row *out)
{
    enum csn_status status = csn_store_customer_find(store, app, identity_hash, out);
    if (status != CSN_NOT_FOUND)
        return status;
    *out = (struct csn_customer_row){0};
    status = csn_store_erased_revocation_get(store, app, identity_hash, &out->revoked_before_ms);
    return status == CSN_OK ? CSN_NOT_FOUND : status;
}

enum csn_status
csn_proof_judge(struct csn_store *store, const struct csn_app *app, struct csn_bytes device,
                const struct csn_token_facts *token, const struct csn_customer_row *customer,
                enum csn_reason *reason, int64_t now_ms)
{
    *reason = CSN_REASON_ACCEPTED;
    if (!token->given)
        return CSN_OK;
    *reason = CSN_REASON_REVOKED;
    if (customer != NULL &&
        csn_token_issued_earliest(&app->policy, token->issued_ms, token->expires_ms) <
            customer->revoked_before_ms) {
        return CSN_OK;
    }
    enum csn_status status =
        csn_store_revocation_get(store, app->id, csn_bytes_of(token->hash, sizeof token->hash));
    if (status != CSN_NOT_FOUND)
        return status;
    *reason = CSN_REASON_ACCEPTED;
    if (token->nonce.len == 0)
        return CSN_OK;
    return judge_nonce(store, app, device, token, reason, now_ms);
}

enum csn_status
csn_proof_spend(struct csn_store *store, const struct csn_app *app, struct csn_bytes device,
                const struct csn_token_facts *token, int64_t now_ms)
{
    if (!token->given || token->nonce.len == 0)
        return CSN_OK;
    struct csn_challenge_row row = challenge_of(device, token);
    return csn_store_challenge_use(store, app->id, &row, now_ms);
}
