/* Frames of server-sent events: the lines of WHATWG HTML §9.2.6, and nothing of what they say.
 *
 *   csn_frame_line(out, "event", csn_bytes_text("item"));
 *   csn_frame_line(out, "data", json);
 *   csn_frame_close(out);
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_LIVE_FRAME_H
#define CSN_SERVER_LIVE_FRAME_H

#include "countersign/bytes.h"
#include "countersign/reason.h"

/* Appends "name: value". The value holds no line end. */
void csn_frame_line(struct csn_buffer *out, const char *name, struct csn_bytes value);

/* Appends the empty line that sends an event off. */
void csn_frame_close(struct csn_buffer *out);

/* What is sent so that a peer that is gone is noticed, and nobody between falls asleep: a comment,
 * which a client passes over. */
#define CSN_FRAME_BEAT ":\n\n"

/* Appends the last frame of a stream: event "end", with reason and action. */
void csn_frame_end(struct csn_buffer *out, enum csn_reason reason);

#endif
