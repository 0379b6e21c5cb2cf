/* Broadcasts. See broadcasts.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/domain/broadcasts.h"

#include "base/panic.h"
#include "server/domain/id.h"
#include "server/domain/session_keys.h"

static const char seal_kind[] = "broadcast";

bool
csn_broadcast_kind_valid(enum csn_item_kind kind)
{
    return kind == CSN_ITEM_MESSAGE || kind == CSN_ITEM_EXPERIENCE || kind == CSN_ITEM_PUSH;
}

/* --- the owner's side --- */

static bool
is_valid(const struct csn_broadcast_new *in, int64_t expires_ms, int64_t now_ms)
{
    return csn_broadcast_kind_valid(in->kind) && in->body.len > 0 &&
           in->body.len <= CSN_ITEM_BODY_MAX && expires_ms > now_ms &&
           expires_ms - now_ms <= CSN_BROADCAST_LIFE_MAX_MS;
}

static struct csn_broadcast_info
info_of(const struct csn_broadcast_row *row)
{
    return (struct csn_broadcast_info){.id = row->id,
                                       .number = row->number,
                                       .kind = (enum csn_item_kind)row->kind,
                                       .created_ms = row->created_ms,
                                       .expires_ms = row->expires_ms,
                                       .spread = (enum csn_spread_state)row->spread,
                                       .told = row->told};
}

enum csn_status
csn_broadcast_create(const struct csn_sessions *sessions, struct csn_store *store,
                     const struct csn_broadcast_new *in, struct csn_broadcast_info *out,
                     int64_t now_ms)
{
    uint8_t memory[CSN_ITEM_BODY_MAX + CSN_SEAL_OVERHEAD];
    struct csn_buffer sealed = csn_buffer_over(memory, sizeof memory);
    struct csn_broadcast_row row = {
        .kind = (int)in->kind,
        .created_ms = now_ms,
        .expires_ms = in->expires_ms != 0 ? in->expires_ms : now_ms + CSN_BROADCAST_LIFE_MS,
        .spread = in->kind == CSN_ITEM_PUSH ? CSN_SPREAD_UNDER_WAY : CSN_SPREAD_NONE};
    if (!is_valid(in, row.expires_ms, now_ms))
        return CSN_INVALID;
    size_t count = 0;
    enum csn_status status = csn_store_broadcast_count(store, in->app, now_ms, &count);
    if (status == CSN_OK && count >= CSN_BROADCASTS_MAX)
        return CSN_CONFLICT;
    if (status != CSN_OK)
        return status;
    csn_id_make(sessions->random, &row.id, now_ms);
    status = csn_content_seal(sessions, seal_kind, &in->app, &row.id, in->body, &sealed);
    CSN_ASSERT(status == CSN_OK);
    row.body = csn_buffer_view(&sealed);
    status = csn_store_broadcast_add(store, in->app, &row);
    *out = info_of(&row);
    out->body = in->body;
    return status;
}

enum csn_status
csn_broadcast_withdraw(struct csn_store *store, struct csn_id app, struct csn_id id)
{
    return csn_store_broadcast_remove(store, app, id);
}

/* Opens a body into the arena. */
static enum csn_status
open_body(const struct csn_sessions *sessions, const struct csn_id *app,
          const struct csn_broadcast_row *row, struct csn_arena *arena, struct csn_bytes *out)
{
    void *memory = csn_arena_alloc(arena, row->body.len);
    if (memory == NULL)
        return CSN_NO_SPACE;
    struct csn_buffer text = csn_buffer_over(memory, row->body.len);
    enum csn_status status = csn_content_open(sessions, seal_kind, app, &row->id, row->body, &text);
    *out = csn_buffer_view(&text);
    return status;
}

enum csn_status
csn_broadcast_get(const struct csn_sessions *sessions, struct csn_store *store, struct csn_id app,
                  struct csn_id id, struct csn_arena *arena, struct csn_broadcast_info *out)
{
    struct csn_broadcast_row row;
    enum csn_status status = csn_store_broadcast_get(store, app, id, arena, &row);
    if (status != CSN_OK)
        return status;
    *out = info_of(&row);
    return open_body(sessions, &app, &row, arena, &out->body);
}

enum csn_status
csn_broadcast_list(struct csn_store *store, struct csn_id app, struct csn_id after,
                   struct csn_broadcast_info *out, size_t limit, size_t *count)
{
    CSN_ASSERT(limit <= CSN_PAGE_MAX);
    for (*count = 0; *count < limit; ++*count) {
        struct csn_broadcast_row row;
        enum csn_status status = csn_store_broadcast_next(store, app, after, &row);
        if (status != CSN_OK)
            return status == CSN_NOT_FOUND ? CSN_OK : status;
        out[*count] = info_of(&row);
        after = row.id;
    }
    return CSN_OK;
}

/* --- the customer's side --- */

struct csn_read_item
csn_broadcast_item(const struct csn_broadcast_info *info, struct csn_id customer)
{
    return (struct csn_read_item){.seq = info->number,
                                  .id = csn_id_view(&info->id),
                                  .kind = info->kind,
                                  .direction = CSN_DOWN,
                                  .broadcast = true,
                                  .origin = customer,
                                  .created_ms = info->created_ms,
                                  .received_ms = info->created_ms,
                                  .body = info->body};
}

enum csn_status
csn_broadcast_is_for(struct csn_store *store, struct csn_id app, struct csn_id customer,
                     int64_t created_ms, bool *out)
{
    int64_t since_ms = 0;
    enum csn_status status = csn_store_customer_since(store, app, customer, &since_ms);
    *out = status == CSN_OK && since_ms <= created_ms;
    return status;
}

struct reading {
    const struct csn_sessions *sessions;
    const struct csn_broadcast_read_in *in;
    struct csn_arena *arena;
    struct csn_read_item *items;
    size_t count, bytes;
    bool more;
    enum csn_status status;
};

static bool
take(void *state, const struct csn_broadcast_row *row)
{
    struct reading *r = state;
    r->more = r->count == r->in->limit ||
              (r->count > 0 && r->bytes + row->body.len > CSN_ITEMS_READ_BYTES);
    if (r->more)
        return false;
    struct csn_bytes id = csn_arena_copy(r->arena, csn_id_view(&row->id));
    struct csn_broadcast_info info = info_of(row);
    r->status = id.ptr == NULL ? CSN_NO_SPACE
                               : open_body(r->sessions, &r->in->app, row, r->arena, &info.body);
    if (r->status != CSN_OK)
        return false;
    r->bytes += row->body.len;
    r->items[r->count] = csn_broadcast_item(&info, r->in->customer);
    r->items[r->count++].id = id;
    return true;
}

enum csn_status
csn_broadcast_read(const struct csn_sessions *sessions, struct csn_store *store,
                   const struct csn_broadcast_read_in *in, struct csn_arena *arena,
                   struct csn_read_out *out, int64_t now_ms)
{
    CSN_ASSERT(in->limit > 0 && in->limit <= CSN_ITEMS_READ_MAX);
    *out = (struct csn_read_out){.cursor = in->after};
    int64_t last = 0;
    enum csn_status status = csn_store_broadcast_last(store, in->app, &last);
    if (status != CSN_OK || in->view == CSN_VIEW_NOTHING || last <= in->after)
        return status;
    struct csn_broadcast_range range = {
        .after = in->after, .now_ms = now_ms, .limit = in->limit + 1};
    status = csn_store_customer_since(store, in->app, in->customer, &range.since_ms);
    if (status != CSN_OK)
        return status;
    struct reading r = {.sessions = sessions, .in = in, .arena = arena, .status = CSN_OK};
    r.items = csn_arena_alloc(arena, in->limit * sizeof *r.items);
    if (r.items == NULL)
        return CSN_NO_SPACE;
    status = csn_store_broadcast_each(store, in->app, &range, take, &r);
    if (status != CSN_OK || r.status != CSN_OK)
        return status != CSN_OK ? status : r.status;
    out->items = r.items;
    out->count = r.count;
    out->more = r.more;
    out->cursor = r.more ? r.items[r.count - 1].seq : last;
    return CSN_OK;
}
