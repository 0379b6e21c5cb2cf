/* A delivery with everything opened that sending it needs. See outbox.h.
 *
 *   to a webhook   {"type", "timestamp", "data": {app, customer, item, the notice's facts}}
 *   to a browser   {"delivery", "item"}, as large as Web Push takes; the item may be a broadcast
 *   to an app's own sender: to the webhook with push.send, and `data` has the address too
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/domain/outbox.h"

#include <string.h>

#include "base/time.h"
#include "server/domain/broadcasts.h"
#include "server/domain/customers.h"
#include "server/domain/id.h"
#include "server/domain/registry_parts.h"
#include "server/domain/session_keys.h"
#include "server/domain/webhooks.h"

/* One under way. */
struct making {
    const struct csn_outbox *box;
    struct csn_parcel *out;
    int64_t now_ms;
    struct csn_id owner;              /* in whose log the item lies; {0}: of no customer */
    struct csn_customer_info *who;    /* NULL: nothing is known of it any more */
    const struct csn_read_item *item; /* NULL: none */
    int64_t expires_ms;               /* the item's, a broadcast's; else never */
    bool has_body;                    /* the receiver is to get it */
    struct csn_push_row device;
    struct csn_bytes address; /* JSON text */
};

/* Nothing to send, now or ever. */
static enum csn_status
nothing(struct making *m, enum csn_outcome outcome)
{
    m->out->carrier = CSN_CARRIER_NONE;
    m->out->outcome = outcome;
    return CSN_OK;
}

/* --- reading --- */

/* An erased customer has neither name nor items any more; that it was erased is told nevertheless.
 */
static enum csn_status
read_customer(struct making *m)
{
    const struct csn_outbox *box = m->box;
    const struct csn_delivery_row *row = &m->out->row;
    if (csn_id_is_none(&row->customer))
        return CSN_OK;
    m->owner = row->customer;
    struct csn_customer_info *who = csn_arena_alloc(box->arena, sizeof *who);
    if (who == NULL)
        return CSN_NO_SPACE;
    enum csn_status status =
        csn_customer_get(box->sessions, box->store, row->app, row->customer, who);
    if (status == CSN_UNAVAILABLE)
        return status;
    if (status != CSN_OK)
        return CSN_OK;
    m->who = who;
    if (!csn_id_is_none(&who->owner))
        m->owner = who->owner;
    return CSN_OK;
}

/* Out: m->item, NULL when it was withdrawn, has expired, or is not for the customer any more, a
 * link having been undone. */
static enum csn_status
read_broadcast(struct making *m)
{
    const struct csn_outbox *box = m->box;
    const struct csn_delivery_row *row = &m->out->row;
    struct csn_broadcast_info info;
    struct csn_id id;
    bool is_for = false;
    if (!csn_id_read(row->item, &id))
        return CSN_OK;
    enum csn_status status =
        csn_broadcast_get(box->sessions, box->store, row->app, id, box->arena, &info);
    if (status == CSN_OK)
        status = csn_broadcast_is_for(box->store, row->app, m->owner, info.created_ms, &is_for);
    if (status == CSN_NOT_FOUND || status == CSN_CRYPTO)
        return CSN_OK;
    if (status != CSN_OK || !is_for || info.expires_ms <= m->now_ms)
        return status;
    struct csn_read_item *item = csn_arena_alloc(box->arena, sizeof *item);
    if (item == NULL)
        return CSN_NO_SPACE;
    *item = csn_broadcast_item(&info, m->owner);
    item->id = row->item;
    m->item = item;
    m->expires_ms = info.expires_ms;
    return CSN_OK;
}

/* Out: m->item, NULL when it is not there any more. */
static enum csn_status
read_item(struct making *m)
{
    const struct csn_outbox *box = m->box;
    const struct csn_delivery_row *row = &m->out->row;
    enum csn_item_direction direction = row->notice == CSN_NOTICE_ITEM_RECEIVED ? CSN_UP : CSN_DOWN;
    int64_t seq = 0;
    if (row->item.len == 0)
        return CSN_OK;
    if (row->broadcast)
        return read_broadcast(m);
    enum csn_status status =
        csn_store_item_find(box->store, row->app, m->owner, (int)direction, row->item, &seq);
    struct csn_read_in in = {.app = row->app,
                             .customer = m->owner,
                             .view = CSN_VIEW_OWNER,
                             .after = seq - 1,
                             .limit = 1};
    struct csn_read_out read = {0};
    if (status == CSN_OK)
        status = csn_log_read(box->sessions, box->store, &in, box->arena, &read);
    if (status == CSN_OK && read.count == 1 && read.items[0].seq == seq)
        m->item = read.items; /* in the arena */
    return status == CSN_NOT_FOUND || status == CSN_CRYPTO ? CSN_OK : status;
}

static enum csn_status
read_address(struct making *m)
{
    const struct csn_outbox *box = m->box;
    const struct csn_delivery_row *row = &m->out->row;
    enum csn_status status =
        csn_store_push_get(box->store, row->app, row->device, box->arena, &m->device);
    if (status != CSN_OK)
        return status;
    if (!csn_id_equal(&m->device.customer, &m->owner))
        return CSN_NOT_FOUND; /* another is logged in there by now */
    uint8_t *memory = csn_arena_alloc(box->arena, CSN_PUSH_ADDRESS_MAX);
    if (memory == NULL)
        return CSN_NO_SPACE;
    struct csn_buffer out = csn_buffer_over(memory, CSN_PUSH_ADDRESS_MAX);
    status = csn_push_open(box->sessions, &row->app, row->device, m->device.sealed, &out);
    m->address = csn_buffer_view(&out);
    memcpy(m->out->push_hash, m->device.push_hash, sizeof m->out->push_hash);
    return status;
}

/* --- writing --- */

static void
write_time(struct csn_json_writer *w, const char *name, int64_t time_ms)
{
    char memory[CSN_TIME_TEXT_LENGTH];
    struct csn_buffer text = csn_buffer_over(memory, sizeof memory);
    csn_time_write_rfc3339(time_ms, &text);
    csn_json_member_string(w, name, csn_buffer_view(&text));
}

static void
write_customer(struct csn_json_writer *w, const struct making *m)
{
    if (csn_id_is_none(&m->owner))
        return;
    csn_json_name(w, "customer");
    csn_json_open_object(w);
    csn_json_member_string(w, "id", csn_id_view(&m->out->row.customer));
    csn_json_name(w, "identity");
    if (m->who != NULL && m->who->identity_len > 0)
        csn_json_string(w, csn_bytes_of(m->who->identity, m->who->identity_len));
    else
        csn_json_null(w);
    csn_json_close_object(w);
}

/* The members that the API gives an item (server/api/item_form.h), as far as they are meant here.
 */
static void
write_item(struct csn_json_writer *w, const struct csn_read_item *item, bool has_body)
{
    csn_json_name(w, "item");
    csn_json_open_object(w);
    csn_json_member_string(w, "id", item->id);
    csn_json_member_int(w, "seq", item->seq);
    csn_json_member_text(w, "kind", csn_item_kind_name(item->kind));
    csn_json_member_text(w, "direction", csn_item_direction_name(item->direction));
    csn_json_member_bool(w, "unverified", item->unverified);
    csn_json_member_bool(w, "broadcast", item->broadcast);
    if (item->device.len > 0)
        csn_json_member_string(w, "device", item->device);
    write_time(w, "created_at", item->created_ms);
    if (has_body) {
        csn_json_name(w, "body");
        csn_json_raw(w, item->body);
    }
    csn_json_close_object(w);
}

/* The facts' own members, and of a push where it is to go. */
static enum csn_status
write_facts(struct csn_json_writer *w, struct making *m)
{
    const struct csn_delivery_row *row = &m->out->row;
    if (row->device.len > 0) {
        csn_json_member_string(w, "delivery", csn_id_view(&m->out->id));
        csn_json_member_string(w, "device", row->device);
        csn_json_name(w, "address");
        csn_json_raw(w, m->address);
    }
    const struct csn_json_node *facts = NULL;
    if (row->facts.len == 0)
        return CSN_OK;
    enum csn_status status = csn_json_parse(row->facts, m->box->arena, &facts);
    if (status != CSN_OK)
        return status == CSN_NO_SPACE ? status : CSN_UNAVAILABLE;
    for (const struct csn_json_node *n = facts->first; n != NULL; n = n->next) {
        csn_json_name_bytes(w, n->name);
        csn_json_node(w, n);
    }
    return CSN_OK;
}

static enum csn_status
write_notice(struct making *m)
{
    const struct csn_delivery_row *row = &m->out->row;
    uint8_t *memory = csn_arena_alloc(m->box->arena, CSN_DELIVERY_PAYLOAD_MAX);
    if (memory == NULL)
        return CSN_NO_SPACE;
    struct csn_buffer out = csn_buffer_over(memory, CSN_DELIVERY_PAYLOAD_MAX);
    struct csn_json_writer w = csn_json_writer_over(&out);
    csn_json_open_object(&w);
    csn_json_member_text(&w, "type", csn_notice_name((enum csn_notice)row->notice));
    write_time(&w, "timestamp", row->created_ms);
    csn_json_name(&w, "data");
    csn_json_open_object(&w);
    csn_json_member_string(&w, "app", csn_id_view(&row->app));
    write_customer(&w, m);
    if (m->item != NULL)
        write_item(&w, m->item, m->has_body);
    enum csn_status status = write_facts(&w, m);
    csn_json_close_object(&w);
    csn_json_close_object(&w);
    m->out->payload = csn_buffer_view(&out);
    return status == CSN_OK && out.overflowed ? CSN_NO_SPACE : status;
}

/* --- to a webhook --- */

static enum csn_status
address_webhook(struct making *m, const struct csn_webhook_row *webhook)
{
    const struct csn_outbox *box = m->box;
    struct csn_id app = m->out->row.app;
    m->out->carrier = CSN_CARRIER_WEBHOOK;
    m->out->webhook = webhook->id;
    const struct csn_vault *vault = box->registry->vault;
    enum csn_status status = csn_webhook_open_url(vault, app, webhook, box->arena, &m->out->url);
    if (status == CSN_OK)
        status = csn_webhook_open_secrets(vault, app, webhook, m->out->secrets,
                                          &m->out->secret_count, m->now_ms);
    return status == CSN_OK ? write_notice(m) : status;
}

static enum csn_status
make_notice(struct making *m)
{
    struct csn_webhook_row webhook;
    const struct csn_outbox *box = m->box;
    enum csn_status status = csn_store_webhook_get(box->store, m->out->row.app, m->out->row.webhook,
                                                   box->arena, &webhook);
    if (status == CSN_NOT_FOUND || (status == CSN_OK && webhook.state != CSN_WEBHOOK_ENABLED))
        return nothing(m, CSN_OUTCOME_MOOT);
    if (status == CSN_OK)
        status = read_item(m);
    if (status != CSN_OK)
        return status;
    if (m->out->row.item.len > 0 && m->item == NULL)
        return nothing(m, CSN_OUTCOME_MOOT);
    m->has_body = webhook.bodies;
    return address_webhook(m, &webhook);
}

/* --- to a device --- */

static enum csn_status
make_for_sender(struct making *m)
{
    struct csn_webhook_brief found;
    struct csn_webhook_row webhook;
    const struct csn_outbox *box = m->box;
    struct csn_id app = m->out->row.app;
    size_t count = 0;
    enum csn_status status =
        csn_store_webhook_for(box->store, app, csn_notice_bit(CSN_NOTICE_PUSH_SEND),
                              CSN_WEBHOOK_ENABLED, &found, 1, &count);
    if (status == CSN_OK && count == 0)
        return nothing(m, CSN_OUTCOME_NO_WAY);
    if (status == CSN_OK)
        status = csn_store_webhook_get(box->store, app, found.id, box->arena, &webhook);
    return status == CSN_OK ? address_webhook(m, &webhook) : status;
}

static void
write_push(struct making *m, bool has_body, struct csn_buffer *out)
{
    struct csn_json_writer w = csn_json_writer_over(out);
    csn_json_open_object(&w);
    csn_json_member_string(&w, "delivery", csn_id_view(&m->out->id));
    write_item(&w, m->item, has_body);
    csn_json_close_object(&w);
}

/* A body that is too large stays where it is: the page fetches it with the next sync. */
static enum csn_status
write_browser_payload(struct making *m)
{
    uint8_t *memory = csn_arena_alloc(m->box->arena, CSN_WEBPUSH_PLAIN_MAX);
    if (memory == NULL)
        return CSN_NO_SPACE;
    struct csn_buffer out = csn_buffer_over(memory, CSN_WEBPUSH_PLAIN_MAX);
    write_push(m, true, &out);
    if (out.overflowed) {
        out = csn_buffer_over(memory, CSN_WEBPUSH_PLAIN_MAX);
        write_push(m, false, &out);
    }
    m->out->payload = csn_buffer_view(&out);
    return out.overflowed ? CSN_NO_SPACE : CSN_OK;
}

/* Out: the parcel's endpoint and keys. Returns: they can be sent to. */
static bool
read_subscription(struct making *m, const struct csn_json_node *address)
{
    const struct csn_json_node *web = csn_json_get(address, "web_push");
    struct csn_bytes endpoint = {0}, p256dh = {0}, auth = {0};
    if (!csn_json_get_text(web, "endpoint", &endpoint) ||
        !csn_json_get_text(web, "p256dh", &p256dh) || !csn_json_get_text(web, "auth", &auth))
        return false;
    m->out->url = (const char *)endpoint.ptr; /* a node's text is terminated */
    return csn_webpush_keys_read(p256dh, auth, &m->out->keys) == CSN_OK;
}

static enum csn_status
make_for_browser(struct making *m, const struct csn_json_node *address)
{
    const struct csn_outbox *box = m->box;
    struct csn_push_key_row row;
    struct csn_parcel *out = m->out;
    enum csn_status status = csn_store_push_key_get(box->store, out->row.app, box->arena, &row);
    if (status == CSN_NOT_FOUND || (status == CSN_OK && !read_subscription(m, address)))
        return nothing(m, CSN_OUTCOME_NO_WAY);
    if (status == CSN_OK)
        status = csn_push_key_open(box->registry->vault, out->row.app, &row, &out->pair);
    if (status != CSN_OK)
        return status;
    out->carrier = CSN_CARRIER_WEB_PUSH;
    out->subject = row.subject;
    out->until_ms = out->row.created_ms + CSN_PUSH_LIFE_MS;
    if (m->expires_ms < out->until_ms)
        out->until_ms = m->expires_ms;
    return write_browser_payload(m);
}

static enum csn_status
make_by_means(struct making *m)
{
    const struct csn_json_node *object = NULL;
    struct csn_push_address address;
    struct csn_push_fault fault;
    uint8_t memory[CSN_PUSH_ADDRESS_MAX];
    struct csn_buffer json = csn_buffer_over(memory, sizeof memory);
    enum csn_status status = csn_json_parse(m->address, m->box->arena, &object);
    if (status == CSN_NO_SPACE)
        return status;
    bool read = status == CSN_OK && csn_push_address_read(object, &json, &address, &fault);
    csn_wipe(memory, sizeof memory);
    if (!read)
        return nothing(m, CSN_OUTCOME_NO_WAY);
    return address.kind == CSN_PUSH_WEB ? make_for_browser(m, object) : make_for_sender(m);
}

/* Asked once more: what the device proved may be less by now than when the push was written down. A
 * claim is sent what everybody is, and what was sent to its device while that only claimed. */
static bool
may_see(const struct making *m)
{
    const struct csn_read_item *item = m->item;
    if (item == NULL || !csn_may(m->device.assurance, CSN_RIGHT_RECEIVE))
        return false;
    if (item->broadcast || csn_view_of(m->device.assurance) == CSN_VIEW_LOG)
        return true;
    return item->unverified && csn_bytes_equal_text(item->device, m->device.device);
}

static enum csn_status
make_push(struct making *m)
{
    enum csn_status status = read_address(m);
    if (status == CSN_OK)
        status = read_item(m);
    if (status == CSN_NOT_FOUND || (status == CSN_OK && !may_see(m)))
        return nothing(m, CSN_OUTCOME_MOOT);
    m->has_body = true;
    return status == CSN_OK ? make_by_means(m) : status;
}

/* --- all of it --- */

static enum csn_status
make(struct making *m)
{
    enum csn_status status = read_customer(m);
    if (status != CSN_OK)
        return status;
    return m->out->row.device.len > 0 ? make_push(m) : make_notice(m);
}

enum csn_status
csn_parcel_make(const struct csn_outbox *outbox, struct csn_id app, int64_t number,
                struct csn_parcel *out, int64_t now_ms)
{
    *out = (struct csn_parcel){0};
    struct making m = {.box = outbox, .out = out, .expires_ms = INT64_MAX, .now_ms = now_ms};
    enum csn_status status =
        csn_store_delivery_get(outbox->store, app, number, outbox->arena, &out->row);
    if (status != CSN_OK)
        return status;
    out->id = csn_delivery_id(app, number, out->row.created_ms);
    status = make(&m);
    return status == CSN_CRYPTO ? nothing(&m, CSN_OUTCOME_MOOT) : status;
}
