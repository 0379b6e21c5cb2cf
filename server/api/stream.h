/* The stream of a customer's log: what the hub (server/live) is made with, and how a page of items
 * looks as frames. Who may open one is the handler's (stream.c).
 *
 *   retry: 3127              id: 42                                  event: end
 *   id: 41                   event: item                             data: {"reason":…,"action":…}
 *   event: hello             data: {"id":…,"seq":42,"kind":…}
 *   data: {"server_time":…}
 *
 * `id` is a cursor, the same that POST sync takes and gives.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_API_STREAM_H
#define CSN_SERVER_API_STREAM_H

#include "server/api/item_form.h"
#include "server/live/live.h"

#define CSN_STREAM_PAGE_ITEMS 32        /* of one read */
#define CSN_STREAM_PAGE_BYTES 49152     /* of one page of frames; one item always fits */
#define CSN_STREAM_FRAME_MAX 80         /* bytes of a frame beside its item */
#define CSN_STREAM_HELLO_MAX 768        /* bytes of the first frame */
#define CSN_STREAM_RETRY_MS 1000        /* after an end a client comes again no sooner */
#define CSN_STREAM_RETRY_SPREAD_MS 4000 /* and no later than this after that: not all at once */
#define CSN_STREAM_CLAIM_MS 3600000     /* a claim without a session is looked at again */
#define CSN_STREAM_WAIT_MS 5000         /* until one that was refused asks again */

/* Appends the first frame, which answers the exchange. */
void csn_stream_hello_write(const struct csn_exchange *x, struct csn_cursor cursor,
                            unsigned retry_ms, struct csn_buffer *out);

/* Appends as many of the items as fit whole, each a frame. `place`: the one of *cursor that their
 * seq counts, moved to the last of them. Returns: how many. */
size_t csn_stream_items_write(const struct csn_read_out *items, struct csn_id customer,
                              struct csn_cursor *cursor, int64_t *place, struct csn_buffer *out);

/* csn_live_options.read and .judge; `state` is the struct csn_service. The read is a job of the
 * store's queue, which asks in its transaction whether the session still lives. */
void csn_stream_read(void *state, struct csn_live_stream *stream, struct csn_live_reader *reader);
enum csn_reason csn_stream_judge(void *state, struct csn_live_reader *reader, int64_t now_ms);

#endif
