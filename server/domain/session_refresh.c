/* Refresh: a fresh token for the same identity lengthens the session, and may prove what was only
 * claimed. The session keeps its id and its logout secret; its generation grows.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "server/domain/id.h"
#include "server/domain/session_bind.h"
#include "server/domain/session_grant.h"
#include "server/domain/session_proof.h"

/* Out: *row and *customer; *reason: revoked when the session ended or is none, expired when its
 * time is over. One that idled out goes on: the fresh token proves as much as a login would. */
static enum csn_status
read_session(struct csn_store *store, const struct csn_refresh *in, struct csn_session_row *row,
             struct csn_customer_row *customer, enum csn_reason *reason, int64_t now_ms)
{
    *reason = CSN_REASON_REVOKED;
    enum csn_status status = csn_store_session_get(store, in->app->id, in->session, row);
    if (status != CSN_OK)
        return status == CSN_NOT_FOUND ? CSN_OK : status;
    if (row->ended_ms != 0 || !csn_id_equal(&row->customer, &in->customer))
        return CSN_OK;
    *reason = CSN_REASON_EXPIRED;
    if (row->expires_ms <= now_ms)
        return CSN_OK;
    *reason = CSN_REASON_ACCEPTED;
    return csn_store_customer_get(store, in->app->id, row->customer, customer);
}

static bool
is_same_identity(const struct csn_sessions *sessions, const struct csn_refresh *in,
                 const struct csn_customer_row *customer)
{
    uint8_t hash[CSN_NAME_HASH];
    csn_identity_hash(sessions, &in->app->id, in->identity, hash);
    return customer->has_identity && memcmp(hash, customer->identity_hash, sizeof hash) == 0;
}

/* The device follows the session's assurance. */
static enum csn_status
write_binding(struct csn_store *store, const struct csn_refresh *in,
              const struct csn_session_row *row, struct csn_session_outcome *out, int64_t now_ms)
{
    struct csn_device_row device;
    enum csn_status status =
        csn_store_device_get(store, in->app->id, csn_bytes_text(row->device), &device);
    if (status != CSN_OK)
        return status;
    struct csn_device_facts facts = {.id = csn_bytes_text(device.id),
                                     .platform = csn_bytes_text(device.platform),
                                     .app_version = csn_bytes_text(device.app_version),
                                     .sdk_version = csn_bytes_text(device.sdk_version)};
    struct csn_binding binding = {.device = &facts,
                                  .customer = row->customer,
                                  .session = row->id,
                                  .assurance = row->assurance};
    return csn_bind_put(store, in->app->id, &binding, &out->revoked, now_ms);
}

static enum csn_status
write_all(struct csn_store *store, const struct csn_refresh *in, struct csn_session_row *row,
          const struct csn_customer_row *customer, struct csn_session_outcome *out, int64_t now_ms)
{
    row->assurance = CSN_ASSURANCE_VERIFIED;
    row->generation++;
    row->expires_ms = csn_grant_expires(in->app, now_ms);
    row->idle_ms = csn_grant_idle(in->app->policy.session_idle_s, now_ms);
    csn_grant_token(row, &in->token);
    enum csn_status status =
        csn_proof_spend(store, in->app, csn_bytes_text(row->device), &in->token, now_ms);
    if (status == CSN_OK)
        status = csn_store_session_renew(store, in->app->id, row);
    if (status == CSN_OK)
        status = write_binding(store, in, row, out, now_ms);
    if (status == CSN_OK)
        status = csn_customer_saw(store, in->app->id, customer, row->assurance, now_ms);
    return status;
}

enum csn_status
csn_session_refresh(const struct csn_sessions *sessions, struct csn_store *store,
                    const struct csn_refresh *in, struct csn_session_outcome *out, int64_t now_ms)
{
    *out = (struct csn_session_outcome){0};
    struct csn_session_row row;
    struct csn_customer_row customer;
    enum csn_status status = read_session(store, in, &row, &customer, &out->reason, now_ms);
    if (status != CSN_OK || out->reason != CSN_REASON_ACCEPTED)
        return status;
    if (!is_same_identity(sessions, in, &customer)) {
        out->reason = CSN_REASON_IDENTITY_MISMATCH;
        return CSN_OK;
    }
    status = csn_proof_judge(store, in->app, csn_bytes_text(row.device), &in->token, &customer,
                             &out->reason, now_ms);
    if (status != CSN_OK || out->reason != CSN_REASON_ACCEPTED)
        return status;
    struct csn_seal_key key;
    status = csn_customer_key_open(sessions, &in->app->id, &customer, &key);
    if (status == CSN_OK)
        status = write_all(store, in, &row, &customer, out, now_ms);
    if (status == CSN_OK)
        csn_grant_outcome(&row, &key, in->device, in->identity, out, now_ms);
    csn_wipe(&key, sizeof key);
    return status;
}
