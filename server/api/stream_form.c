/* How a stream looks: its first frame, and a page of items. See stream.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/api/answer.h"
#include "server/api/sdk_form.h"
#include "server/api/stream.h"
#include "server/live/frame.h"

static void
write_id(struct csn_cursor cursor, struct csn_buffer *out)
{
    char memory[CSN_CURSOR_TEXT_MAX];
    struct csn_buffer text = csn_buffer_over(memory, sizeof memory);
    csn_cursor_write(cursor, &text);
    csn_frame_line(out, "id", csn_buffer_view(&text));
}

/* Its id makes a browser that is cut before the first item come back with its own cursor. */
void
csn_stream_hello_write(const struct csn_exchange *x, struct csn_cursor cursor, unsigned retry_ms,
                       struct csn_buffer *out)
{
    csn_buffer_text(out, "retry: ");
    csn_buffer_int(out, retry_ms);
    csn_buffer_byte(out, '\n');
    write_id(cursor, out);
    csn_frame_line(out, "event", csn_bytes_text("hello"));
    csn_buffer_text(out, "data: ");
    struct csn_json_writer w = csn_json_writer_over(out);
    csn_json_open_object(&w);
    csn_answer_time(&w, "server_time", x->now_ms);
    csn_cursor_member(&w, cursor);
    csn_sdk_told_write(x, &w);
    csn_json_close_object(&w);
    csn_buffer_byte(out, '\n');
    csn_frame_close(out);
}

static void
write_item(const struct csn_read_item *item, struct csn_id customer, struct csn_cursor cursor,
           struct csn_buffer *out)
{
    write_id(cursor, out);
    csn_frame_line(out, "event", csn_bytes_text("item"));
    csn_buffer_text(out, "data: ");
    struct csn_json_writer w = csn_json_writer_over(out);
    csn_item_write(&w, item, customer);
    csn_buffer_byte(out, '\n');
    csn_frame_close(out);
}

size_t
csn_stream_items_write(const struct csn_read_out *items, struct csn_id customer,
                       struct csn_cursor *cursor, int64_t *place, struct csn_buffer *out)
{
    for (size_t i = 0; i < items->count; i++) {
        size_t before = out->len;
        int64_t was = *place;
        *place = items->items[i].seq;
        write_item(&items->items[i], customer, *cursor, out);
        if (!out->overflowed)
            continue;
        csn_wipe(out->ptr + before, out->cap - before);
        out->len = before;
        out->overflowed = false;
        *place = was;
        return i;
    }
    return items->count;
}
