/* What comes of an attempt. See outbox.h.
 *
 *   taken                       over
 *   gone (a browser)            over, and the address with it
 *   gone (push.send got a 410)  the same: the app's sender speaks of the device, not of itself
 *   gone (else, a 410)          over, and the webhook is told nothing more
 *   refused (a browser)         over: the same message would be refused again
 *   no way, moot                over
 *   anything else               again, until its life ends
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/domain/audit.h"
#include "server/domain/id.h"
#include "server/domain/registry_parts.h"
#include "server/domain/webhooks.h"
#include "server/store/session_rows.h"

static bool
is_push(const struct csn_parcel *parcel)
{
    return parcel->row.device.len > 0;
}

/* 404 of an app's own sender may be an error that passes. */
static bool
is_address_gone(const struct csn_parcel *parcel, const struct csn_sent *sent)
{
    bool browser = parcel->carrier == CSN_CARRIER_WEB_PUSH;
    return is_push(parcel) && sent->outcome == CSN_OUTCOME_GONE && (browser || sent->is_final);
}

/* --- webhooks that fail --- */

static enum csn_status
note_audit(const struct csn_outbox *box, const struct csn_parcel *parcel, int64_t now_ms)
{
    struct csn_app_row app;
    enum csn_status status = csn_store_app_get(box->store, parcel->row.app, box->arena, &app);
    if (status != CSN_OK)
        return status;
    struct csn_audit_entry entry = {.account = app.account,
                                    .request = "",
                                    .operation = "webhookDisabledItself",
                                    .app = parcel->row.app,
                                    .target = parcel->webhook.text};
    return csn_audit_append(box->store, &entry, now_ms);
}

static enum csn_status
disable(const struct csn_outbox *box, const struct csn_parcel *parcel, struct csn_webhook_row *row,
        enum csn_webhook_state state, int64_t now_ms)
{
    row->state = (int)state;
    row->state_changed_ms = now_ms;
    enum csn_status status = csn_store_webhook_set(box->store, parcel->row.app, row);
    return status == CSN_OK ? note_audit(box, parcel, now_ms) : status;
}

static enum csn_status
note_failure(const struct csn_outbox *box, const struct csn_parcel *parcel, struct csn_sent *sent,
             int64_t now_ms)
{
    struct csn_id app = parcel->row.app;
    struct csn_webhook_row row;
    enum csn_status status = csn_store_webhook_went(box->store, app, parcel->webhook, true, now_ms);
    if (status == CSN_OK)
        status = csn_store_webhook_get(box->store, app, parcel->webhook, box->arena, &row);
    if (status != CSN_OK)
        return status == CSN_NOT_FOUND ? CSN_OK : status;
    bool gone = sent->outcome == CSN_OUTCOME_GONE && sent->is_final;
    bool patience_ends = now_ms - row.failing_since_ms >= CSN_WEBHOOK_PATIENCE_MS;
    if (row.state != CSN_WEBHOOK_ENABLED || (!gone && !patience_ends))
        return CSN_OK;
    sent->disabled = true;
    return disable(box, parcel, &row, gone ? CSN_WEBHOOK_GONE : CSN_WEBHOOK_FAILED, now_ms);
}

static enum csn_status
note_webhook(const struct csn_outbox *box, const struct csn_parcel *parcel, struct csn_sent *sent,
             int64_t now_ms)
{
    if (parcel->carrier != CSN_CARRIER_WEBHOOK)
        return CSN_OK;
    if (sent->outcome != CSN_OUTCOME_TAKEN && !is_address_gone(parcel, sent))
        return note_failure(box, parcel, sent, now_ms);
    return csn_store_webhook_went(box->store, parcel->row.app, parcel->webhook, false, now_ms);
}

/* --- over, or again --- */

static bool
is_over(const struct csn_parcel *parcel, const struct csn_sent *sent)
{
    bool browser = parcel->carrier == CSN_CARRIER_WEB_PUSH;
    switch (sent->outcome) {
    case CSN_OUTCOME_TAKEN:
    case CSN_OUTCOME_NO_WAY:
    case CSN_OUTCOME_MOOT: return true;
    case CSN_OUTCOME_REDIRECTED:
    case CSN_OUTCOME_REFUSED: return browser;
    case CSN_OUTCOME_GONE: return browser || sent->is_final;
    default: return false;
    }
}

static enum csn_status
give_up(const struct csn_outbox *box, const struct csn_parcel *parcel, struct csn_sent *sent,
        int64_t now_ms)
{
    sent->gave_up = sent->outcome != CSN_OUTCOME_MOOT;
    if (!is_push(parcel) || !sent->gave_up)
        return CSN_OK;
    struct csn_telling telling = {.notice = CSN_NOTICE_PUSH_GAVE_UP,
                                  .customer = parcel->row.customer,
                                  .item = parcel->row.item,
                                  .broadcast = parcel->row.broadcast,
                                  .delivery = parcel->id,
                                  .device = parcel->row.device,
                                  .cause = csn_outcome_name(sent->outcome)};
    return csn_outbox_tell(box->store, parcel->row.app, &telling, now_ms);
}

static enum csn_status
end(const struct csn_outbox *box, const struct csn_parcel *parcel, struct csn_sent *sent,
    int64_t now_ms)
{
    enum csn_status status = CSN_OK;
    if (is_address_gone(parcel, sent))
        status = csn_store_push_take(box->store, parcel->row.app, parcel->push_hash);
    if (status == CSN_OK && sent->outcome != CSN_OUTCOME_TAKEN)
        status = give_up(box, parcel, sent, now_ms);
    if (status != CSN_OK)
        return status;
    struct csn_delivery_row row = parcel->row;
    row.attempts += parcel->carrier != CSN_CARRIER_NONE;
    row.outcome = (int)sent->outcome;
    row.settled_ms = now_ms;
    return csn_store_delivery_settle(box->store, &row);
}

static int64_t
next_due(const struct csn_parcel *parcel, const struct csn_sent *sent,
         const struct csn_random *random, int64_t now_ms)
{
    int64_t cap_ms = is_push(parcel) ? CSN_PUSH_WAIT_MAX_MS : CSN_DELIVERY_WAIT_MAX_MS;
    uint64_t draw = 0;
    csn_random_fill(random, &draw, sizeof draw);
    int64_t wait_ms =
        csn_delivery_wait(csn_delivery_wait_max(parcel->row.attempts + 1, cap_ms), draw);
    int64_t asked_ms =
        sent->retry_after_ms < CSN_DELIVERY_LIFE_MS ? sent->retry_after_ms : CSN_DELIVERY_LIFE_MS;
    return now_ms + (wait_ms > asked_ms ? wait_ms : asked_ms);
}

enum csn_status
csn_parcel_settle(const struct csn_outbox *outbox, const struct csn_parcel *parcel,
                  struct csn_sent *sent, const struct csn_random *random, int64_t now_ms)
{
    sent->gave_up = sent->disabled = false;
    enum csn_status status = note_webhook(outbox, parcel, sent, now_ms);
    if (status != CSN_OK)
        return status;
    int64_t due_ms = next_due(parcel, sent, random, now_ms);
    int64_t life_ms = is_push(parcel) ? CSN_PUSH_LIFE_MS : CSN_DELIVERY_LIFE_MS;
    bool too_late = due_ms > parcel->row.created_ms + life_ms;
    if (is_over(parcel, sent) || sent->disabled || too_late)
        return end(outbox, parcel, sent, now_ms);
    return csn_store_delivery_again(outbox->store, parcel->row.app, parcel->row.number, due_ms,
                                    (int)sent->outcome);
}
