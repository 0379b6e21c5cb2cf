/* How an item of a log, and a place in it, look outside: the same in POST sync, in the stream and
 * in the management API.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_API_ITEM_FORM_H
#define CSN_SERVER_API_ITEM_FORM_H

#include "server/api/exchange.h"
#include "server/domain/log.h"

/* Writes {"id", "seq", "kind", "direction", "device", "unverified", "broadcast", "origin",
 * "created_at", "received_at", "body"} without a line end anywhere, so that it is one line of a
 * stream too. `customer`: whose log it lies in; "origin" is null unless it came with a link. */
void csn_item_write(struct csn_json_writer *w, const struct csn_read_item *item,
                    struct csn_id customer);

/* Returns: the most bytes csn_item_write writes for it, with the comma before it. */
size_t csn_item_written_max(const struct csn_read_item *item);

/* Where a reader stands: how far it has read its log, and how far the app's broadcasts. Outside it
 * is a text that means nothing to anybody else. {0} is the beginning. */
struct csn_cursor {
    int64_t seq, broadcast;
};
#define CSN_CURSOR_TEXT_MAX 40 /* bytes */

/* Reads the text. "" is the beginning. Out: *out, {0} when refused. Returns: it is one. */
bool csn_cursor_read(struct csn_bytes text, struct csn_cursor *out);
/* Appends the text: "17", or "17.4" where broadcasts were read. */
void csn_cursor_write(struct csn_cursor cursor, struct csn_buffer *out);
/* Writes the text as a value. */
void csn_cursor_value(struct csn_json_writer *w, struct csn_cursor cursor);
/* Writes "cursor": the text. */
void csn_cursor_member(struct csn_json_writer *w, struct csn_cursor cursor);

#endif
