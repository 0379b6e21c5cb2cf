/* See frame.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/live/frame.h"

void
csn_frame_line(struct csn_buffer *out, const char *name, struct csn_bytes value)
{
    csn_buffer_text(out, name);
    csn_buffer_text(out, ": ");
    csn_buffer_append(out, value);
    csn_buffer_byte(out, '\n');
}

void
csn_frame_close(struct csn_buffer *out)
{
    csn_buffer_byte(out, '\n');
}

/* Both names are of our own tables: there is nothing to escape. */
void
csn_frame_end(struct csn_buffer *out, enum csn_reason reason)
{
    csn_frame_line(out, "event", csn_bytes_text("end"));
    csn_buffer_text(out, "data: {\"reason\":\"");
    csn_buffer_text(out, csn_reason_name(reason));
    csn_buffer_text(out, "\",\"action\":\"");
    csn_buffer_text(out, csn_action_name(csn_reason_action(reason)));
    csn_buffer_text(out, "\"}\n");
    csn_frame_close(out);
}
