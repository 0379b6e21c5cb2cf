/* The log: items appended, and moved between logs by links. See log.h.
 *
 *   append   customer, its key and the log's counters are read once, the items written one by one,
 *            the counters written once: the cost is the items', whatever the log holds already
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/domain/log.h"

#include "base/panic.h"
#include "server/domain/id.h"
#include "server/domain/log_seal.h"
#include "server/domain/outbox.h"

/* One append under way. */
struct append {
    const struct csn_sessions *sessions;
    struct csn_store *store;
    const struct csn_append_in *in;
    int64_t now_ms;
    bool is_anonymous;
    struct csn_item_key key;
    struct csn_log_row log;
    struct csn_receivers receivers; /* of what is received; none of what is sent */
};

static enum csn_status
read_log(struct append *a)
{
    struct csn_customer_row customer;
    enum csn_status status =
        csn_store_customer_get(a->store, a->in->app, a->in->customer, &customer);
    if (status != CSN_OK)
        return status;
    if (!csn_id_is_none(&customer.owner))
        return CSN_CONFLICT;
    a->is_anonymous = !customer.has_identity;
    status = csn_item_key_open(a->sessions, a->in->app, &customer, &a->key);
    if (status != CSN_OK)
        return status == CSN_NOT_FOUND ? status : CSN_CRYPTO;
    return csn_store_log_get(a->store, a->in->app, a->in->customer, &a->log);
}

static bool
is_full(const struct append *a, const struct csn_item *item)
{
    int64_t bytes = (int64_t)(item->body.len + CSN_SEAL_OVERHEAD);
    return a->is_anonymous && (a->log.items >= CSN_LOG_ANONYMOUS_ITEMS_MAX ||
                               a->log.bytes + bytes > CSN_LOG_ANONYMOUS_BYTES_MAX);
}

/* The id of a full log's item is looked for first: what is there already is done, not refused. */
static enum csn_status
find(struct append *a, struct csn_bytes id, struct csn_appended *out)
{
    enum csn_status status = csn_store_item_find(a->store, a->in->app, a->in->customer,
                                                 (int)a->in->direction, id, &out->seq);
    if (status == CSN_OK)
        out->outcome = CSN_DUPLICATE;
    return status;
}

/* What the item is, its receiver is told when it is sent. */
static enum csn_status
tell(struct append *a, const struct csn_item *item)
{
    struct csn_telling telling = {
        .notice = CSN_NOTICE_ITEM_RECEIVED, .customer = a->in->customer, .item = item->id};
    return csn_outbox_tell_found(a->store, a->in->app, &a->receivers, &telling, a->now_ms);
}

static enum csn_status
add(struct append *a, const struct csn_item *item, struct csn_appended *out)
{
    uint8_t memory[CSN_ITEM_SEALED_MAX];
    struct csn_buffer body = csn_buffer_over(memory, sizeof memory);
    enum csn_status status =
        csn_item_seal(a->sessions->random, &a->key, item->id, item->body, &body);
    CSN_ASSERT(status == CSN_OK);
    struct csn_item_row row = {.seq = a->log.last + 1,
                               .id = item->id,
                               .origin = a->in->customer,
                               .kind = (int)item->kind,
                               .direction = (int)a->in->direction,
                               .unverified = csn_is_unverified(a->in->assurance),
                               .device = a->in->device,
                               .created_ms = item->created_ms == 0 ? a->now_ms : item->created_ms,
                               .received_ms = a->now_ms,
                               .body = csn_buffer_view(&body)};
    status = csn_store_item_add(a->store, a->in->app, a->in->customer, &row);
    if (status != CSN_OK)
        return status;
    a->log.last = row.seq;
    a->log.items++;
    a->log.bytes += (int64_t)row.body.len;
    *out = (struct csn_appended){.outcome = CSN_APPENDED, .seq = row.seq};
    return tell(a, item);
}

static enum csn_status
append_one(struct append *a, const struct csn_item *item, struct csn_appended *out)
{
    enum csn_item_fault fault = csn_item_check(item, a->in->direction);
    *out = (struct csn_appended){.outcome = CSN_REFUSED, .fault = fault};
    if (fault != CSN_ITEM_FINE)
        return CSN_OK;
    if (is_full(a, item)) {
        enum csn_status status = find(a, item->id, out);
        if (status != CSN_NOT_FOUND)
            return status;
        out->fault = CSN_ITEM_LOG_FULL;
        return CSN_OK;
    }
    enum csn_status status = add(a, item, out);
    if (status != CSN_CONFLICT)
        return status;
    status = find(a, item->id, out);
    return status == CSN_NOT_FOUND ? CSN_UNAVAILABLE : status; /* its seq was taken: not by us */
}

static enum csn_status
append_all(struct append *a, struct csn_appended *out)
{
    int64_t before = a->log.last;
    if (a->in->direction == CSN_UP) {
        enum csn_status status =
            csn_outbox_find(a->store, a->in->app, CSN_NOTICE_ITEM_RECEIVED, &a->receivers);
        if (status != CSN_OK)
            return status;
    }
    for (size_t i = 0; i < a->in->count; i++) {
        enum csn_status status = append_one(a, &a->in->items[i], &out[i]);
        if (status != CSN_OK)
            return status;
    }
    if (a->log.last == before)
        return CSN_OK;
    return csn_store_log_put(a->store, a->in->app, a->in->customer, &a->log);
}

enum csn_status
csn_log_append(const struct csn_sessions *sessions, struct csn_store *store,
               const struct csn_append_in *in, struct csn_appended *out, int64_t *last,
               int64_t now_ms)
{
    CSN_ASSERT(in->count <= CSN_ITEMS_MAX);
    CSN_ASSERT(in->direction == CSN_UP || in->direction == CSN_DOWN);
    CSN_ASSERT(in->assurance != CSN_ASSURANCE_NONE);
    *last = 0;
    struct append a = {.sessions = sessions, .store = store, .in = in, .now_ms = now_ms};
    enum csn_status status = read_log(&a);
    if (status == CSN_OK)
        status = append_all(&a, out);
    if (status == CSN_OK)
        *last = a.log.last;
    csn_wipe(&a.key, sizeof a.key);
    return status;
}
