/* Binding. See session_bind.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/domain/session_bind.h"

#include <string.h>

#include "base/panic.h"
#include "server/domain/id.h"
#include "server/domain/outbox.h"

/* The list has room for all that CSN_DEVICES_MAX lets one operation end. */
static void
list(struct csn_revoked_list *revoked, const struct csn_revoked *item)
{
    CSN_ASSERT(revoked->count < CSN_REVOKED_MAX);
    revoked->items[revoked->count++] = *item;
}

static enum csn_status
tell_ended(struct csn_store *store, struct csn_id app, const struct csn_session_row *row,
           int64_t now_ms)
{
    struct csn_telling telling = {.notice = CSN_NOTICE_SESSION_ENDED,
                                  .customer = row->customer,
                                  .session = row->id,
                                  .device = csn_bytes_text(row->device),
                                  .assurance = csn_assurance_name(row->assurance)};
    return csn_outbox_tell(store, app, &telling, now_ms);
}

enum csn_status
csn_bind_end_session(struct csn_store *store, struct csn_id app, struct csn_id session,
                     struct csn_revoked_list *revoked, int64_t now_ms)
{
    if (csn_id_is_none(&session))
        return CSN_OK;
    struct csn_session_row row;
    enum csn_status status = csn_store_session_get(store, app, session, &row);
    if (status != CSN_OK || row.ended_ms != 0)
        return status;
    status = csn_store_session_end(store, app, session, now_ms);
    if (status == CSN_OK)
        status = tell_ended(store, app, &row, now_ms);
    int64_t until_ms = row.expires_ms + CSN_REVOKED_MARGIN_MS;
    if (status != CSN_OK || until_ms <= now_ms)
        return status;
    list(revoked, &(struct csn_revoked){.session = session, .expires_ms = until_ms});
    return csn_store_revocation_add(store, app, csn_id_view(&session), until_ms);
}

enum csn_status
csn_bind_revoke_token(struct csn_store *store, struct csn_id app, const uint8_t hash[32],
                      int64_t expires_ms, struct csn_revoked_list *revoked)
{
    struct csn_revoked item = {.expires_ms = expires_ms == 0 ? CSN_NEVER_MS
                                                             : expires_ms + CSN_REVOKED_MARGIN_MS};
    memcpy(item.token_hash, hash, sizeof item.token_hash);
    list(revoked, &item);
    return csn_store_revocation_add(store, app, csn_bytes_of(hash, 32), item.expires_ms);
}

enum csn_status
csn_bind_remove(struct csn_store *store, struct csn_id app, const struct csn_device_row *device,
                struct csn_revoked_list *revoked, int64_t now_ms)
{
    enum csn_status status = csn_bind_end_session(store, app, device->session, revoked, now_ms);
    if (status != CSN_OK)
        return status;
    return csn_store_device_remove(store, app, csn_bytes_text(device->id));
}

enum csn_status
csn_bind_logout(struct csn_store *store, struct csn_id app, const struct csn_session_row *session,
                struct csn_revoked_list *revoked, int64_t now_ms)
{
    struct csn_device_row device;
    enum csn_status status =
        csn_store_device_get(store, app, csn_bytes_text(session->device), &device);
    if (status == CSN_OK && csn_id_equal(&device.session, &session->id))
        return csn_bind_remove(store, app, &device, revoked, now_ms);
    if (status != CSN_OK && status != CSN_NOT_FOUND)
        return status;
    return csn_bind_end_session(store, app, session->id, revoked, now_ms);
}

enum csn_status
csn_bind_remove_all(struct csn_store *store, struct csn_id app, struct csn_id customer,
                    struct csn_revoked_list *revoked, int64_t now_ms)
{
    for (;;) {
        struct csn_device_row device;
        enum csn_status status =
            csn_store_device_next(store, app, customer, (struct csn_bytes){0}, &device);
        if (status == CSN_NOT_FOUND)
            return CSN_OK;
        if (status == CSN_OK)
            status = csn_bind_remove(store, app, &device, revoked, now_ms);
        if (status != CSN_OK)
            return status;
    }
}

/* Called before the device is bound anew: when it is full without it, the oldest goes. */
static enum csn_status
make_room(struct csn_store *store, struct csn_id app, const struct csn_binding *binding,
          struct csn_revoked_list *revoked, int64_t now_ms)
{
    size_t count = 0;
    struct csn_device_row oldest;
    enum csn_status status = csn_store_device_count(
        store, app, binding->customer, binding->assurance, CSN_DEVICES_MAX, &count, &oldest);
    if (status != CSN_OK || count < CSN_DEVICES_MAX)
        return status;
    return csn_bind_remove(store, app, &oldest, revoked, now_ms);
}

static void
copy_text(char *out, size_t cap, struct csn_bytes text)
{
    CSN_ASSERT(text.len < cap);
    if (text.len > 0)
        memcpy(out, text.ptr, text.len);
    out[text.len] = '\0';
}

static struct csn_device_row
row_of(const struct csn_binding *binding, int64_t bound_ms, int64_t now_ms)
{
    struct csn_device_row row = {.customer = binding->customer,
                                 .session = binding->session,
                                 .assurance = binding->assurance,
                                 .bound_ms = bound_ms,
                                 .seen_ms = now_ms};
    copy_text(row.id, sizeof row.id, binding->device->id);
    copy_text(row.platform, sizeof row.platform, binding->device->platform);
    copy_text(row.app_version, sizeof row.app_version, binding->device->app_version);
    copy_text(row.sdk_version, sizeof row.sdk_version, binding->device->sdk_version);
    return row;
}

enum csn_status
csn_bind_put(struct csn_store *store, struct csn_id app, const struct csn_binding *binding,
             struct csn_revoked_list *revoked, int64_t now_ms)
{
    struct csn_device_row before;
    enum csn_status status = csn_store_device_get(store, app, binding->device->id, &before);
    if (status != CSN_OK && status != CSN_NOT_FOUND)
        return status;
    bool was_bound = status == CSN_OK;
    bool same_customer = was_bound && csn_id_equal(&before.customer, &binding->customer);
    bool same_session = was_bound && csn_id_equal(&before.session, &binding->session);
    bool was_linked = was_bound && !csn_id_is_none(&binding->linked) &&
                      csn_id_equal(&before.customer, &binding->linked);
    status = CSN_OK;
    if (was_bound && !same_session)
        status = csn_bind_end_session(store, app, before.session, revoked, now_ms);
    if (status == CSN_OK && !(same_customer && before.assurance == binding->assurance))
        status = make_room(store, app, binding, revoked, now_ms);
    if (status != CSN_OK)
        return status;
    struct csn_device_row row = row_of(binding, same_customer ? before.bound_ms : now_ms, now_ms);
    return csn_store_device_put(store, app, &row, same_customer || was_linked);
}
