/* Customers: the first contact of an every-request token, revoking, and push addresses.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <string.h>

#include "base/panic.h"
#include "server/domain/customers.h"
#include "server/domain/id.h"
#include "server/domain/outbox.h"
#include "server/domain/revocations.h"
#include "server/domain/session_bind.h"
#include "server/domain/session_grant.h"
#include "server/domain/session_proof.h"
#include "server/store/outbox_rows.h"

/* --- first contact --- */

static enum csn_status
contact_customer(const struct csn_sessions *sessions, struct csn_store *store,
                 const struct csn_contact *in, struct csn_customer_row *row,
                 struct csn_seal_key *key, bool *created, int64_t now_ms)
{
    uint8_t hash[CSN_NAME_HASH];
    csn_identity_hash(sessions, &in->app->id, in->identity, hash);
    enum csn_status status = csn_proof_customer(store, in->app->id, hash, row);
    *created = status == CSN_NOT_FOUND;
    if (status == CSN_OK)
        return csn_customer_key_open(sessions, &in->app->id, row, key);
    if (!*created)
        return status;
    *row = (struct csn_customer_row){.assurance = in->assurance,
                                     .created_ms = now_ms,
                                     .seen_ms = now_ms,
                                     .revoked_before_ms = row->revoked_before_ms};
    csn_id_make(sessions->random, &row->id, now_ms);
    csn_customer_key_make(sessions, &in->app->id, in->identity, row, key);
    return CSN_OK;
}

/* A device that is this customer's already keeps its session, and what was proved on it: a call
 * that proves less takes nothing from it. It is written once a minute, or when it proved more. */
static enum csn_status
contact_device(struct csn_store *store, const struct csn_contact *in,
               struct csn_contact_outcome *out, int64_t now_ms)
{
    if (in->device.id.len == 0)
        return CSN_OK;
    struct csn_device_row row;
    struct csn_binding binding = {
        .device = &in->device, .customer = out->customer, .assurance = in->assurance};
    enum csn_status status = csn_store_device_get(store, in->app->id, in->device.id, &row);
    if (status != CSN_OK && status != CSN_NOT_FOUND)
        return status;
    if (status == CSN_OK && csn_id_equal(&row.customer, &out->customer)) {
        if (now_ms - row.seen_ms < CSN_SEEN_STEP_MS && row.assurance >= in->assurance)
            return CSN_OK;
        binding.session = row.session;
        if (row.assurance > in->assurance)
            binding.assurance = row.assurance;
    }
    return csn_bind_put(store, in->app->id, &binding, &out->revoked, now_ms);
}

static enum csn_status
tell_created(struct csn_store *store, const struct csn_contact *in,
             const struct csn_contact_outcome *out, int64_t now_ms)
{
    struct csn_telling telling = {.notice = CSN_NOTICE_CUSTOMER_CREATED,
                                  .customer = out->customer,
                                  .assurance = csn_assurance_name(in->assurance)};
    return csn_outbox_tell(store, in->app->id, &telling, now_ms);
}

static enum csn_status
contact_write(struct csn_store *store, const struct csn_contact *in,
              const struct csn_customer_row *row, struct csn_contact_outcome *out, int64_t now_ms)
{
    enum csn_status status = csn_proof_spend(store, in->app, in->device.id, &in->token, now_ms);
    if (status == CSN_OK) {
        status = out->created ? csn_store_customer_add(store, in->app->id, row)
                              : csn_customer_saw(store, in->app->id, row, in->assurance, now_ms);
    }
    if (status == CSN_OK && out->created)
        status = tell_created(store, in, out, now_ms);
    return status == CSN_OK ? contact_device(store, in, out, now_ms) : status;
}

enum csn_status
csn_customer_contact(const struct csn_sessions *sessions, struct csn_store *store,
                     const struct csn_contact *in, struct csn_contact_outcome *out, int64_t now_ms)
{
    CSN_ASSERT(in->identity.len > 0 && in->assurance > CSN_ASSURANCE_ANONYMOUS);
    *out = (struct csn_contact_outcome){0};
    struct csn_customer_row row;
    struct csn_seal_key key = {0};
    bool created = false;
    enum csn_status status = contact_customer(sessions, store, in, &row, &key, &created, now_ms);
    if (status == CSN_OK) {
        status =
            csn_proof_judge(store, in->app, in->device.id, &in->token, &row, &out->reason, now_ms);
    }
    if (status == CSN_OK && out->reason == CSN_REASON_ACCEPTED) {
        out->customer = row.id;
        out->created = created;
        csn_customer_vault_key(&key, in->assurance, in->device.id, out->vault_key);
        status = contact_write(store, in, &row, out, now_ms);
    }
    csn_wipe(&key, sizeof key);
    return status;
}

/* --- revoking --- */

enum csn_status
csn_customer_revoke_session(struct csn_store *store, struct csn_id app, struct csn_id customer,
                            struct csn_id session, struct csn_revoked_list *revoked, int64_t now_ms)
{
    *revoked = (struct csn_revoked_list){0};
    struct csn_session_row row;
    enum csn_status status = csn_store_session_get(store, app, session, &row);
    if (status != CSN_OK || !csn_id_equal(&row.customer, &customer))
        return status == CSN_OK ? CSN_NOT_FOUND : status;
    return row.ended_ms == 0 ? csn_bind_logout(store, app, &row, revoked, now_ms) : CSN_OK;
}

enum csn_status
csn_customer_revoke_device(struct csn_store *store, struct csn_id app, struct csn_id customer,
                           struct csn_bytes device, struct csn_revoked_list *revoked,
                           int64_t now_ms)
{
    *revoked = (struct csn_revoked_list){0};
    struct csn_device_row row;
    enum csn_status status = csn_store_device_get(store, app, device, &row);
    if (status != CSN_OK || !csn_id_equal(&row.customer, &customer))
        return status == CSN_OK ? CSN_NOT_FOUND : status;
    return csn_bind_remove(store, app, &row, revoked, now_ms);
}

/* A session is as old as the token it was last proved with, where that is older: what refuses the
 * token ends what the token made. */
static int64_t
session_began(const struct csn_app *app, const struct csn_session_row *session)
{
    if (!session->has_token)
        return session->created_ms;
    int64_t issued_ms = csn_token_issued_earliest(&app->policy, session->token_issued_ms,
                                                  session->token_expires_ms);
    return issued_ms < session->created_ms ? issued_ms : session->created_ms;
}

/* Out: when what the device has began: its session, or where it has none its binding. */
static enum csn_status
began(struct csn_store *store, const struct csn_app *app, const struct csn_device_row *device,
      int64_t *out)
{
    *out = device->bound_ms;
    if (csn_id_is_none(&device->session))
        return CSN_OK;
    struct csn_session_row session;
    enum csn_status status = csn_store_session_get(store, app->id, device->session, &session);
    if (status == CSN_OK)
        *out = session_began(app, &session);
    return status == CSN_NOT_FOUND ? CSN_OK : status;
}

static enum csn_status
remove_older(struct csn_store *store, const struct csn_app *app, struct csn_id customer,
             int64_t before_ms, struct csn_revoked_list *revoked, int64_t now_ms)
{
    struct csn_device_row device = {0};
    for (;;) {
        struct csn_bytes after = csn_bytes_text(device.id);
        struct csn_device_row next;
        enum csn_status status = csn_store_device_next(store, app->id, customer, after, &next);
        if (status != CSN_OK)
            return status == CSN_NOT_FOUND ? CSN_OK : status;
        int64_t began_ms = 0;
        device = next;
        status = began(store, app, &device, &began_ms);
        if (status == CSN_OK && began_ms < before_ms)
            status = csn_bind_remove(store, app->id, &device, revoked, now_ms);
        if (status != CSN_OK)
            return status;
    }
}

/* Tokens issued before then, of a customer who has an identity to put into one. */
static enum csn_status
refuse_tokens(struct csn_store *store, struct csn_id app, struct csn_id customer, int64_t before_ms,
              struct csn_revoked_list *revoked)
{
    struct csn_customer_row row = {0};
    enum csn_status status = csn_store_customer_revoke(store, app, customer, before_ms);
    if (status == CSN_OK)
        status = csn_store_customer_get(store, app, customer, &row);
    if (status != CSN_OK || !row.has_identity)
        return status;
    struct csn_revoked item = {.before_ms = row.revoked_before_ms};
    memcpy(item.who, row.identity_hash, sizeof item.who);
    revoked->items[revoked->count++] = item;
    return CSN_OK;
}

enum csn_status
csn_customer_revoke_before(struct csn_store *store, const struct csn_app *app,
                           struct csn_id customer, int64_t before_ms,
                           struct csn_revoked_list *revoked, int64_t now_ms)
{
    CSN_ASSERT(before_ms <= now_ms);
    *revoked = (struct csn_revoked_list){0};
    enum csn_status status = refuse_tokens(store, app->id, customer, before_ms, revoked);
    if (status != CSN_OK)
        return status;
    return remove_older(store, app, customer, before_ms, revoked, now_ms);
}

enum csn_status
csn_customer_revoke(struct csn_store *store, struct csn_id app, struct csn_id customer,
                    struct csn_revoked_list *revoked, int64_t now_ms)
{
    *revoked = (struct csn_revoked_list){0};
    enum csn_status status = refuse_tokens(store, app, customer, now_ms, revoked);
    if (status != CSN_OK)
        return status;
    return csn_bind_remove_all(store, app, customer, revoked, now_ms);
}

/* --- by key --- */

enum csn_status
csn_key_end_sessions(struct csn_store *store, struct csn_id app, int64_t key_number, size_t *ended,
                     bool *more, struct csn_revoked_list *revoked, int64_t now_ms)
{
    static_assert(CSN_KEY_SESSIONS_MAX <= CSN_REVOKED_MAX, "each ends one session");
    *revoked = (struct csn_revoked_list){0};
    *more = false;
    for (*ended = 0;; ++*ended) {
        struct csn_session_row row = {0};
        enum csn_status status = csn_store_session_of_key(store, app, key_number, &row);
        if (status == CSN_NOT_FOUND)
            return CSN_OK;
        *more = status == CSN_OK && *ended == CSN_KEY_SESSIONS_MAX;
        if (status != CSN_OK || *more)
            return status;
        status = csn_bind_logout(store, app, &row, revoked, now_ms);
        if (status != CSN_OK)
            return status;
    }
}

/* --- push addresses --- */

enum csn_status
csn_device_set_push(const struct csn_sessions *sessions, struct csn_store *store, struct csn_id app,
                    struct csn_id customer, struct csn_bytes device,
                    const struct csn_push_address *address)
{
    struct csn_device_row row;
    enum csn_status status = csn_store_device_get(store, app, device, &row);
    if (status != CSN_OK || !csn_id_equal(&row.customer, &customer))
        return status == CSN_OK ? CSN_NOT_FOUND : status;
    if (address == NULL)
        return csn_store_push_set(store, app, device, NULL, 0, (struct csn_bytes){0});
    CSN_ASSERT(address->kind != CSN_PUSH_NONE && address->json.len <= CSN_PUSH_ADDRESS_MAX);
    uint8_t hash[CSN_NAME_HASH], memory[CSN_PUSH_ADDRESS_MAX + CSN_SEAL_OVERHEAD];
    struct csn_buffer sealed = csn_buffer_over(memory, sizeof memory);
    csn_push_hash(sessions, &app, address, hash);
    status = csn_push_seal(sessions, &app, device, address->json, &sealed);
    if (status == CSN_OK)
        status = csn_store_push_take(store, app, hash);
    if (status != CSN_OK)
        return status;
    return csn_store_push_set(store, app, device, hash, (int)address->kind,
                              csn_buffer_view(&sealed));
}

enum csn_status
csn_device_vouch(struct csn_store *store, struct csn_id app, struct csn_id customer,
                 struct csn_bytes device, enum csn_assurance assurance,
                 struct csn_revoked_list *revoked, int64_t now_ms)
{
    struct csn_device_row row;
    enum csn_status status = csn_store_device_get(store, app, device, &row);
    if (status != CSN_OK || !csn_id_equal(&row.customer, &customer))
        return status == CSN_OK ? CSN_NOT_FOUND : status;
    if (row.assurance <= assurance)
        return CSN_OK;
    struct csn_device_facts facts = {.id = csn_bytes_text(row.id),
                                     .platform = csn_bytes_text(row.platform),
                                     .app_version = csn_bytes_text(row.app_version),
                                     .sdk_version = csn_bytes_text(row.sdk_version)};
    struct csn_binding binding = {
        .device = &facts, .customer = customer, .session = row.session, .assurance = assurance};
    return csn_bind_put(store, app, &binding, revoked, now_ms);
}

enum csn_status
csn_device_reach(struct csn_store *store, struct csn_id app, struct csn_id customer,
                 struct csn_bytes device, struct csn_arena *arena, struct csn_device_reach *out)
{
    *out = (struct csn_device_reach){0};
    struct csn_device_row row;
    struct csn_push_key_row key;
    enum csn_status status = csn_store_device_get(store, app, device, &row);
    if (status == CSN_OK && csn_id_equal(&row.customer, &customer))
        out->kind = (enum csn_push_kind)row.push_kind;
    if (status != CSN_OK && status != CSN_NOT_FOUND)
        return status;
    status = csn_store_push_key_get(store, app, arena, &key);
    out->has_key = status == CSN_OK;
    if (out->has_key)
        memcpy(out->public_key, key.public_key, sizeof out->public_key);
    return status == CSN_NOT_FOUND ? CSN_OK : status;
}
