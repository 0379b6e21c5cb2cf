/* The values of strings as the reader left them: compared or copied, escapes resolved.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/json_scan.h"
#include "base/panic.h"
#include "base/utf8.h"

static bool
escaped_is(struct csn_bytes raw, struct csn_bytes value)
{
    struct csn_json_cursor cursor = {.at = raw.ptr, .end = raw.ptr + raw.len};
    for (size_t i = 0; i < value.len; i++) {
        if (csn_json_cursor_next(&cursor) != value.ptr[i])
            return false;
    }
    return csn_json_cursor_next(&cursor) < 0;
}

bool
csn_json_text_is(struct csn_json_text text, struct csn_bytes value)
{
    return text.escaped ? escaped_is(text.raw, value) : csn_bytes_equal(text.raw, value);
}

void
csn_json_text_append(struct csn_json_text text, struct csn_buffer *out)
{
    struct csn_bytes rest = text.raw;
    while (text.escaped && rest.len != 0) {
        size_t run = csn_bytes_find(rest, '\\');
        csn_buffer_append(out, csn_bytes_slice(rest, 0, run));
        rest = csn_bytes_slice(rest, run, rest.len);
        if (rest.len == 0)
            return;
        uint32_t code = 0;
        size_t len = csn_json_escape_read(rest.ptr, rest.ptr + rest.len, &code);
        CSN_ASSERT(len != 0); /* the reader has read it before */
        uint8_t bytes[4];
        csn_buffer_append(out, csn_bytes_of(bytes, csn_utf8_write(code, bytes)));
        rest = csn_bytes_slice(rest, len, rest.len);
    }
    csn_buffer_append(out, rest);
}
