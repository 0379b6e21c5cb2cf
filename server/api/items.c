/* The log of one customer, as the app's people see it: everything in it, and how they answer.
 *
 * An item for the customer goes down: a message or push reaches every device, or the one that is
 * named; a note stays here. Naming an anonymous customer that was linked means its owner.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/api/answer.h"
#include "server/api/decode.h"
#include "server/api/handlers.h"
#include "server/api/item_form.h"
#include "server/api/manage.h"
#include "server/api/query.h"
#include "server/domain/customers.h"

struct items {
    struct csn_id asked, customer; /* as the path says; whose log that is */
    struct csn_read_in read_in;
    struct csn_read_out read;
    /* of one to add */
    struct csn_bytes id, kind, device;
    const struct csn_json_node *body;
    struct csn_item item;
    struct csn_id made; /* the id, where the client made none */
    struct csn_send_out sent;
};

static enum csn_status
find_owner(struct csn_exchange *x, struct csn_store *store, struct items *state)
{
    struct csn_customer_info info;
    enum csn_status status =
        csn_customer_get(x->service->sessions, store, x->app->id, state->asked, &info);
    state->customer = csn_id_is_none(&info.owner) ? state->asked : info.owner;
    csn_wipe(&info, sizeof info);
    return status;
}

static enum csn_status
read_log(struct csn_exchange *x, struct csn_store *store, struct items *state)
{
    state->read_in.app = x->app->id;
    state->read_in.customer = state->customer;
    state->read_in.view = CSN_VIEW_OWNER;
    return csn_log_read(x->service->sessions, store, &state->read_in, &x->arena, &state->read);
}

/* --- list --- */

static enum csn_status
work_list(struct csn_exchange *x, struct csn_store *store)
{
    struct items *state = x->state;
    enum csn_status status = find_owner(x, store, state);
    if (status != CSN_OK)
        return status;
    status = read_log(x, store, state);
    return status == CSN_NOT_FOUND ? CSN_OK : status; /* erased: there is nothing to list */
}

#define ENDING_MAX 128 /* bytes of what follows the items */

static void
answer_list(struct csn_exchange *x)
{
    const struct items *state = x->state;
    const struct csn_read_out *read = &state->read;
    size_t written = 0;
    struct csn_json_writer w = csn_answer_open(x);
    csn_json_name(&w, "items");
    csn_json_open_array(&w);
    for (; written < read->count; written++) {
        const struct csn_read_item *item = &read->items[written];
        if (csn_item_written_max(item) + ENDING_MAX > w.out->cap - w.out->len)
            break;
        csn_item_write(&w, item, state->customer);
    }
    csn_json_close_array(&w);
    csn_json_name(&w, "next");
    if (written > 0 && written < read->count)
        csn_cursor_value(&w, (struct csn_cursor){.seq = read->items[written - 1].seq});
    else if (read->more)
        csn_cursor_value(&w, (struct csn_cursor){.seq = read->cursor});
    else
        csn_json_null(&w);
    csn_answer_close(x, &w, 200);
}

static bool
refuse_parameter(struct csn_exchange *x, const char *name)
{
    csn_problem_field(x, CSN_FAULT_FIELD_INVALID, "?", csn_bytes_text(name), NULL);
    return false;
}

static bool
read_query(struct csn_exchange *x, struct csn_read_in *out)
{
    struct csn_bytes cursor = {0}, limit = {0}, order = {0};
    const struct csn_parameter known[] = {
        {"cursor", CSN_CURSOR_TEXT_MAX, &cursor}, {"limit", 8, &limit}, {"order", 8, &order}, {0}};
    struct csn_cursor place;
    if (!csn_query_read(x, known))
        return false;
    if (!csn_cursor_read(cursor, &place))
        return refuse_parameter(x, "cursor");
    if (!csn_query_limit(limit, &out->limit))
        return refuse_parameter(x, "limit");
    out->backwards = !csn_bytes_equal_text(order, "oldest");
    if (order.len > 0 && out->backwards && !csn_bytes_equal_text(order, "newest"))
        return refuse_parameter(x, "order");
    *(out->backwards ? &out->before : &out->after) = place.seq;
    return true;
}

enum csn_step
csn_items_list(struct csn_exchange *x)
{
    struct items *state = csn_manage_state(x, sizeof *state);
    x->sensitive = true;
    if (state == NULL || !csn_manage_id(x, 1, &state->asked) || !read_query(x, &state->read_in))
        return CSN_ANSWERED;
    return csn_answer_later(x, work_list, answer_list);
}

/* --- add --- */

static void
answer_not_added(struct csn_exchange *x, enum csn_status status)
{
    const struct items *state = x->state;
    if (state->sent.device_unknown)
        csn_problem_field(x, CSN_FAULT_NOT_FOUND, "", csn_bytes_text("device"),
                          "The customer has no such device.");
    else
        csn_problem_status(x, status);
}

/* The item as it lies in the log: what was there before, when its id was. */
static enum csn_status
read_back(struct csn_exchange *x, struct csn_store *store, struct items *state)
{
    state->customer = state->sent.customer;
    state->read_in.after = state->sent.result.seq - 1;
    state->read_in.limit = 1;
    return read_log(x, store, state);
}

static enum csn_status
work_add(struct csn_exchange *x, struct csn_store *store)
{
    struct items *state = x->state;
    struct csn_send_in in = {
        .app = x->app->id, .customer = state->asked, .device = state->device, .item = &state->item};
    enum csn_status status =
        csn_log_send(x->service->sessions, store, &in, &state->sent, x->now_ms);
    if (status != CSN_OK || state->sent.result.outcome == CSN_REFUSED)
        return status;
    x->news.customer = state->sent.customer;
    return read_back(x, store, state);
}

static void
answer_added(struct csn_exchange *x)
{
    const struct items *state = x->state;
    const struct csn_appended *result = &state->sent.result;
    if (result->outcome == CSN_REFUSED || state->read.count == 0) {
        csn_problem_fault(x, CSN_FAULT_CONFLICT, "The log takes no more items.");
        return;
    }
    struct csn_json_writer w = csn_answer_begin(x);
    csn_item_write(&w, &state->read.items[0], state->customer);
    csn_answer_end(x, result->outcome == CSN_APPENDED ? 201 : 200, "application/json");
}

/* Says which field is wrong with the item. */
static bool
check_item(struct csn_exchange *x, const struct csn_item *item)
{
    static const struct {
        enum csn_item_fault fault;
        const char *field, *detail;
    } wrong[] = {
        {CSN_ITEM_ID_INVALID, "id", "1 to 64 characters of A-Z a-z 0-9 . _ and -."},
        {CSN_ITEM_KIND_INVALID, "kind", "One of message, push, experience, note."},
        {CSN_ITEM_BODY_TOO_LARGE, "body", "At most 32 KiB of JSON."},
        {CSN_ITEM_TIME_INVALID, "created_at", NULL},
    };
    enum csn_item_fault fault = csn_item_check(item, CSN_DOWN);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        if (fault != wrong[i].fault)
            continue;
        csn_problem_field(x, CSN_FAULT_FIELD_INVALID, "", csn_bytes_text(wrong[i].field),
                          wrong[i].detail);
        return false;
    }
    return true;
}

static bool
read_item(struct csn_exchange *x, struct items *state)
{
    static const struct csn_field fields[] = {
        {"id", CSN_FIELD_TEXT, false, 0, CSN_ITEM_ID_MAX, offsetof(struct items, id)},
        {"kind", CSN_FIELD_TEXT, true, 0, 16, offsetof(struct items, kind)},
        {"device", CSN_FIELD_TEXT, false, 0, CSN_DEVICE_ID_MAX, offsetof(struct items, device)},
        {"created_at", CSN_FIELD_TIME, false, 0, 0, offsetof(struct items, item.created_ms)},
        {"body", CSN_FIELD_OBJECT, true, 0, 0, offsetof(struct items, body)},
    };
    if (!csn_decode(x, CSN_FIELDS(fields), state) ||
        !csn_manage_json(x, state->body, &state->item.body))
        return false;
    if (state->id.len == 0)
        csn_id_make(&x->service->random, &state->made, x->now_ms);
    state->item.id = state->id.len > 0 ? state->id : csn_id_view(&state->made);
    state->item.kind = csn_item_kind_from_name(state->kind);
    return check_item(x, &state->item);
}

enum csn_step
csn_items_add(struct csn_exchange *x)
{
    struct items *state = csn_manage_state(x, sizeof *state);
    x->sensitive = true;
    if (state == NULL || !csn_manage_id(x, 1, &state->asked) || !read_item(x, state))
        return CSN_ANSWERED;
    x->failed = answer_not_added;
    return csn_answer_later(x, work_add, answer_added);
}
