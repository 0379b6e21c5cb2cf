/* Items and cursors in JSON. See item_form.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/api/item_form.h"

#include "server/api/answer.h"

#define MEMBERS_MAX 400 /* bytes of all names, times, ids and numbers of one item */
#define ESCAPED_MAX 6   /* bytes of one character as an escape */
#define SEQ_MAX 1000000000000000000LL

/* A line end can stand only between tokens (RFC 8259 §7 wants it escaped in a string), where a
 * space is as good. */
static void
write_body(struct csn_json_writer *w, struct csn_bytes body)
{
    csn_json_name(w, "body");
    size_t start = w->out->len;
    csn_json_raw(w, body);
    for (size_t i = start; i < w->out->len && !w->out->overflowed; i++) {
        if (w->out->ptr[i] == '\n' || w->out->ptr[i] == '\r')
            w->out->ptr[i] = ' ';
    }
}

void
csn_item_write(struct csn_json_writer *w, const struct csn_read_item *item, struct csn_id customer)
{
    bool linked = !csn_id_equal(&item->origin, &customer);
    csn_json_open_object(w);
    csn_json_member_string(w, "id", item->id);
    csn_json_member_int(w, "seq", item->seq);
    csn_json_member_text(w, "kind", csn_item_kind_name(item->kind));
    csn_json_member_text(w, "direction", csn_item_direction_name(item->direction));
    csn_answer_text(w, "device", item->device);
    csn_json_member_bool(w, "unverified", item->unverified);
    csn_json_member_bool(w, "broadcast", item->broadcast);
    csn_answer_id(w, "origin", linked ? item->origin : (struct csn_id){0});
    csn_answer_time(w, "created_at", item->created_ms);
    csn_answer_time(w, "received_at", item->received_ms);
    write_body(w, item->body);
    csn_json_close_object(w);
}

size_t
csn_item_written_max(const struct csn_read_item *item)
{
    return MEMBERS_MAX + ESCAPED_MAX * (item->id.len + item->device.len) + item->body.len;
}

/* --- cursors --- */

/* Decimal digits without a leading zero, at most SEQ_MAX. */
static bool
read_place(struct csn_bytes text, int64_t *out)
{
    *out = 0;
    if (text.len == 0 || text.len > 19 || (text.len > 1 && text.ptr[0] == '0'))
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9' || *out > SEQ_MAX / 10)
            return false;
        *out = *out * 10 + (text.ptr[i] - '0');
    }
    return *out <= SEQ_MAX;
}

bool
csn_cursor_read(struct csn_bytes text, struct csn_cursor *out)
{
    struct csn_cursor read = {0};
    size_t dot = csn_bytes_find(text, '.');
    *out = (struct csn_cursor){0};
    if (text.len == 0)
        return true;
    if (!read_place(csn_bytes_slice(text, 0, dot), &read.seq))
        return false;
    if (dot < text.len && (!read_place(csn_bytes_slice(text, dot + 1, text.len), &read.broadcast) ||
                           read.broadcast == 0))
        return false;
    *out = read;
    return true;
}

void
csn_cursor_write(struct csn_cursor cursor, struct csn_buffer *out)
{
    csn_buffer_int(out, cursor.seq);
    if (cursor.broadcast == 0)
        return;
    csn_buffer_byte(out, '.');
    csn_buffer_int(out, cursor.broadcast);
}

void
csn_cursor_value(struct csn_json_writer *w, struct csn_cursor cursor)
{
    char memory[CSN_CURSOR_TEXT_MAX];
    struct csn_buffer text = csn_buffer_over(memory, sizeof memory);
    csn_cursor_write(cursor, &text);
    csn_json_string(w, csn_buffer_view(&text));
}

void
csn_cursor_member(struct csn_json_writer *w, struct csn_cursor cursor)
{
    csn_json_name(w, "cursor");
    csn_cursor_value(w, cursor);
}
