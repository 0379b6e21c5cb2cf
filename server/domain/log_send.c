/* What the app's people send a customer. See log.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/crypto.h"
#include "server/domain/customers.h"
#include "server/domain/id.h"
#include "server/domain/log.h"
#include "server/domain/outbox.h"
#include "server/store/session_rows.h"

static enum csn_status
find_owner(const struct csn_sessions *sessions, struct csn_store *store,
           const struct csn_send_in *in, struct csn_send_out *out)
{
    struct csn_customer_info info;
    enum csn_status status = csn_customer_get(sessions, store, in->app, in->customer, &info);
    if (status == CSN_OK)
        out->customer = csn_id_is_none(&info.owner) ? in->customer : info.owner;
    csn_wipe(&info, sizeof info);
    return status;
}

/* Out: *assurance: CLAIMED where the item is for a device that only claims its customer. */
static enum csn_status
find_device(struct csn_store *store, const struct csn_send_in *in, struct csn_send_out *out,
            enum csn_assurance *assurance)
{
    struct csn_device_row row = {0};
    *assurance = CSN_ASSURANCE_VERIFIED;
    if (in->device.len == 0)
        return CSN_OK;
    enum csn_status status = csn_store_device_get(store, in->app, in->device, &row);
    if (status == CSN_OK && !csn_id_equal(&row.customer, &out->customer))
        status = CSN_NOT_FOUND;
    out->device_unknown = status == CSN_NOT_FOUND;
    if (status == CSN_OK && row.assurance == CSN_ASSURANCE_CLAIMED)
        *assurance = CSN_ASSURANCE_CLAIMED;
    return status;
}

enum csn_status
csn_log_send(const struct csn_sessions *sessions, struct csn_store *store,
             const struct csn_send_in *in, struct csn_send_out *out, int64_t now_ms)
{
    enum csn_assurance assurance;
    int64_t last = 0;
    *out = (struct csn_send_out){0};
    enum csn_status status = find_owner(sessions, store, in, out);
    if (status == CSN_OK)
        status = find_device(store, in, out, &assurance);
    if (status != CSN_OK)
        return status;
    struct csn_append_in append = {.app = in->app,
                                   .customer = out->customer,
                                   .direction = CSN_DOWN,
                                   .assurance = assurance,
                                   .device = in->device,
                                   .items = in->item,
                                   .count = 1};
    status = csn_log_append(sessions, store, &append, &out->result, &last, now_ms);
    bool is_push = in->item->kind == CSN_ITEM_PUSH && out->result.outcome == CSN_APPENDED;
    if (status != CSN_OK || !is_push)
        return status;
    return csn_outbox_push(store, in->app, out->customer, in->device, in->item->id, now_ms);
}
