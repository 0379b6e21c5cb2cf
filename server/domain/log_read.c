/* The log, read: what comes after a cursor, opened. See log.h.
 *
 * Each row is opened under the key of its origin. Origins change only where a link moved items in,
 * so a few keys at hand serve a whole read.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/panic.h"
#include "server/domain/id.h"
#include "server/domain/log.h"
#include "server/domain/log_seal.h"

#define KEYS_AT_HAND 4

/* One read under way. */
struct reading {
    const struct csn_sessions *sessions;
    struct csn_store *store;
    const struct csn_read_in *in;
    struct csn_arena *arena;
    struct csn_read_out *out;
    struct csn_read_item *items;
    size_t told; /* rows, shown or not */
    size_t body_bytes;
    enum csn_status status;                 /* CSN_OK until something fails */
    struct csn_item_key keys[KEYS_AT_HAND]; /* origin {0}: free */
    bool is_destroyed[KEYS_AT_HAND];
    size_t next_key; /* the place whose turn it is to be used again */
};

/* --- keys --- */

static enum csn_status
keep_key(struct reading *r, const struct csn_customer_row *row)
{
    size_t at = r->next_key;
    enum csn_status status = csn_item_key_open(r->sessions, r->in->app, row, &r->keys[at]);
    r->is_destroyed[at] = status == CSN_NOT_FOUND;
    r->next_key = (at + 1) % KEYS_AT_HAND;
    return r->is_destroyed[at] ? CSN_OK : status;
}

/* Out: *key; NULL where it was destroyed. */
static enum csn_status
find_key(struct reading *r, const struct csn_id *origin, const struct csn_item_key **key)
{
    *key = NULL;
    for (size_t i = 0; i < KEYS_AT_HAND; i++) {
        if (csn_id_equal(&r->keys[i].origin, origin)) {
            *key = r->is_destroyed[i] ? NULL : &r->keys[i];
            return CSN_OK;
        }
    }
    struct csn_customer_row row;
    enum csn_status status = csn_store_customer_get(r->store, r->in->app, *origin, &row);
    if (status == CSN_NOT_FOUND)
        return CSN_OK;
    size_t at = r->next_key;
    if (status == CSN_OK)
        status = keep_key(r, &row);
    if (status == CSN_OK && !r->is_destroyed[at])
        *key = &r->keys[at];
    return status;
}

/* --- one row --- */

/* Out: *body, in the arena. Returns: CSN_OK; CSN_CRYPTO (it does not open); CSN_NO_SPACE. */
static enum csn_status
open_body(struct reading *r, const struct csn_item_key *key, const struct csn_item_row *row,
          struct csn_bytes *body)
{
    size_t len = row->body.len - CSN_SEAL_OVERHEAD;
    void *memory = csn_arena_alloc(r->arena, len);
    if (memory == NULL)
        return CSN_NO_SPACE;
    struct csn_buffer out = csn_buffer_over(memory, len);
    enum csn_status status = csn_item_open(key, row->id, row->body, &out);
    *body = csn_buffer_view(&out);
    return status;
}

/* Out: *item, in the arena. Returns: as open_body. */
static enum csn_status
copy_item(struct reading *r, const struct csn_item_key *key, const struct csn_item_row *row,
          struct csn_read_item *item)
{
    *item = (struct csn_read_item){.seq = row->seq,
                                   .id = csn_arena_copy(r->arena, row->id),
                                   .kind = (enum csn_item_kind)row->kind,
                                   .direction = (enum csn_item_direction)row->direction,
                                   .unverified = row->unverified,
                                   .origin = row->origin,
                                   .created_ms = row->created_ms,
                                   .received_ms = row->received_ms};
    if (row->device.ptr != NULL)
        item->device = csn_arena_copy(r->arena, row->device);
    if (item->id.ptr == NULL || (row->device.ptr != NULL && item->device.ptr == NULL))
        return CSN_NO_SPACE;
    return open_body(r, key, row, &item->body);
}

static bool
is_shown(const struct reading *r, const struct csn_item_row *row)
{
    return row->kind != CSN_ITEM_NOTE || r->in->view == CSN_VIEW_OWNER;
}

/* Returns: CSN_OK, shown or passed over; CSN_NO_SPACE: it did not fit; or what failed. */
static enum csn_status
take(struct reading *r, const struct csn_item_row *row)
{
    const struct csn_item_key *key;
    if (!is_shown(r, row))
        return CSN_OK;
    enum csn_status status = find_key(r, &row->origin, &key);
    if (status != CSN_OK || key == NULL)
        return status;
    if (row->body.len <= CSN_SEAL_OVERHEAD) {
        r->out->damaged++;
        return CSN_OK;
    }
    size_t len = row->body.len - CSN_SEAL_OVERHEAD;
    if (r->out->count > 0 && r->body_bytes + len > CSN_ITEMS_READ_BYTES)
        return CSN_NO_SPACE;
    status = copy_item(r, key, row, &r->items[r->out->count]);
    if (status == CSN_CRYPTO) {
        r->out->damaged++;
        return CSN_OK;
    }
    if (status != CSN_OK)
        return status;
    r->out->count++;
    r->body_bytes += len;
    return CSN_OK;
}

static bool
read_row(void *state, const struct csn_item_row *row)
{
    struct reading *r = state;
    if (r->told == r->in->limit) {
        r->out->more = true;
        return false;
    }
    enum csn_status status = take(r, row);
    if (status == CSN_NO_SPACE && r->told > 0) {
        r->out->more = true; /* the rest comes with the next read */
        return false;
    }
    if (status != CSN_OK) {
        r->status = status;
        return false;
    }
    r->told++;
    r->out->cursor = row->seq;
    return true;
}

/* --- all of them --- */

/* Who sees one device's part, and names no device, sees nothing. */
static bool
sees_nothing(const struct csn_read_in *in)
{
    return in->view == CSN_VIEW_NOTHING || (in->view == CSN_VIEW_CLAIM && in->device.len == 0);
}

static enum csn_status
read_items(struct reading *r)
{
    const struct csn_read_in *in = r->in;
    struct csn_item_range range = {.after = in->after,
                                   .before = in->before,
                                   .backwards = in->backwards,
                                   .unclaimed = in->unclaimed,
                                   .limit = in->limit + 1}; /* one more, to know that there is */
    if (in->view == CSN_VIEW_CLAIM)
        range.device = in->device;
    r->items = csn_arena_alloc(r->arena, in->limit * sizeof *r->items);
    if (r->items == NULL)
        return CSN_NO_SPACE;
    r->out->items = r->items;
    enum csn_status status =
        csn_store_item_each(r->store, in->app, in->customer, &range, read_row, r);
    return status == CSN_OK ? r->status : status;
}

enum csn_status
csn_log_read(const struct csn_sessions *sessions, struct csn_store *store,
             const struct csn_read_in *in, struct csn_arena *arena, struct csn_read_out *out)
{
    CSN_ASSERT(in->limit > 0 && in->limit <= CSN_ITEMS_READ_MAX);
    *out = (struct csn_read_out){.cursor = in->after};
    struct reading r = {.sessions = sessions,
                        .store = store,
                        .in = in,
                        .arena = arena,
                        .out = out,
                        .status = CSN_OK};
    struct csn_customer_row customer;
    enum csn_status status = csn_store_customer_get(store, in->app, in->customer, &customer);
    if (status == CSN_OK)
        status = keep_key(&r, &customer);
    if (status == CSN_OK && r.is_destroyed[0])
        status = CSN_NOT_FOUND; /* erased: nobody is there to be read to */
    if (status == CSN_OK && !sees_nothing(in))
        status = read_items(&r);
    csn_wipe(r.keys, sizeof r.keys);
    return status;
}
