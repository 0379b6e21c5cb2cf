/* JSON text, appended to a buffer. Places commas, escapes strings; the caller balances containers.
 *
 * What it writes is valid JSON whatever the strings hold: bytes that are no UTF-8 become U+FFFD.
 * Whether it fitted is for the buffer to say.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/json_scan.h"
#include "base/panic.h"
#include "base/utf8.h"

#define WRITER_DEPTH_MAX 63 /* bits of has_member, less the root's */

struct csn_json_writer
csn_json_writer_over(struct csn_buffer *out)
{
    return (struct csn_json_writer){.out = out};
}

/* What must stand before a name, or before a value that has none. */
static void
separate(struct csn_json_writer *w)
{
    uint64_t bit = UINT64_C(1) << w->depth;
    if ((w->has_member & bit) != 0) {
        CSN_ASSERT(w->depth > 0); /* a document is one value */
        csn_buffer_byte(w->out, ',');
    }
    w->has_member |= bit;
}

static void
begin_value(struct csn_json_writer *w)
{
    if (!w->after_name)
        separate(w);
    w->after_name = false;
}

static void
open_container(struct csn_json_writer *w, uint8_t bracket)
{
    begin_value(w);
    CSN_ASSERT(w->depth < WRITER_DEPTH_MAX);
    w->depth++;
    w->has_member &= ~(UINT64_C(1) << w->depth);
    csn_buffer_byte(w->out, bracket);
}

static void
close_container(struct csn_json_writer *w, uint8_t bracket)
{
    CSN_ASSERT(w->depth > 0 && !w->after_name);
    w->depth--;
    csn_buffer_byte(w->out, bracket);
}

void
csn_json_open_object(struct csn_json_writer *w)
{
    open_container(w, '{');
}

void
csn_json_close_object(struct csn_json_writer *w)
{
    close_container(w, '}');
}

void
csn_json_open_array(struct csn_json_writer *w)
{
    open_container(w, '[');
}

void
csn_json_close_array(struct csn_json_writer *w)
{
    close_container(w, ']');
}

static void
write_escape(struct csn_buffer *out, uint8_t c)
{
    static const char short_forms[] = "\"\"\\\\\bb\ff\nn\rr\tt";
    for (size_t i = 0; i + 1 < sizeof short_forms; i += 2) {
        if ((uint8_t)short_forms[i] != c)
            continue;
        csn_buffer_byte(out, '\\');
        csn_buffer_byte(out, (uint8_t)short_forms[i + 1]);
        return;
    }
    csn_buffer_text(out, "\\u00");
    csn_buffer_hex(out, csn_bytes_of(&c, 1));
}

static inline bool
is_inert(uint8_t c)
{
    return c >= ' ' && c < 0x80 && c != '"' && c != '\\' && c != '<' && c != '>' && c != '&';
}

/* Writes the one character at `at`. Returns: bytes it took. */
static size_t
write_special(struct csn_buffer *out, const uint8_t *at, const uint8_t *end)
{
    if (*at < 0x80) {
        write_escape(out, *at);
        return 1;
    }
    size_t len = csn_utf8_length(at, end);
    if (len == 0) {
        csn_buffer_text(out, "\xEF\xBF\xBD");
        return 1;
    }
    csn_buffer_append(out, csn_bytes_of(at, len));
    return len;
}

static void
write_quoted(struct csn_buffer *out, struct csn_bytes text)
{
    csn_buffer_byte(out, '"');
    size_t i = 0;
    while (i < text.len) {
        size_t from = i;
        while (i < text.len && is_inert(text.ptr[i]))
            i++;
        csn_buffer_append(out, csn_bytes_slice(text, from, i));
        if (i < text.len)
            i += write_special(out, text.ptr + i, text.ptr + text.len);
    }
    csn_buffer_byte(out, '"');
}

void
csn_json_name_bytes(struct csn_json_writer *w, struct csn_bytes name)
{
    CSN_ASSERT(w->depth > 0 && !w->after_name);
    separate(w);
    write_quoted(w->out, name);
    csn_buffer_byte(w->out, ':');
    w->after_name = true;
}

void
csn_json_name(struct csn_json_writer *w, const char *name)
{
    csn_json_name_bytes(w, csn_bytes_text(name));
}

void
csn_json_string(struct csn_json_writer *w, struct csn_bytes text)
{
    begin_value(w);
    write_quoted(w->out, text);
}

void
csn_json_text(struct csn_json_writer *w, const char *text)
{
    csn_json_string(w, csn_bytes_text(text));
}

void
csn_json_int(struct csn_json_writer *w, int64_t value)
{
    begin_value(w);
    csn_buffer_int(w->out, value);
}

void
csn_json_bool(struct csn_json_writer *w, bool value)
{
    begin_value(w);
    csn_buffer_text(w->out, value ? "true" : "false");
}

void
csn_json_null(struct csn_json_writer *w)
{
    begin_value(w);
    csn_buffer_text(w->out, "null");
}

void
csn_json_raw(struct csn_json_writer *w, struct csn_bytes json)
{
    CSN_ASSERT(json.len > 0);
    begin_value(w);
    csn_buffer_append(w->out, json);
}

/* Writes a node without its children. Returns: it is a container, now open. */
static bool
write_head(struct csn_json_writer *w, const struct csn_json_node *node)
{
    switch (node->kind) {
    case CSN_JSON_OBJECT: csn_json_open_object(w); return true;
    case CSN_JSON_ARRAY: csn_json_open_array(w); return true;
    case CSN_JSON_STRING: csn_json_string(w, node->text); return false;
    case CSN_JSON_NUMBER: csn_json_raw(w, node->text); return false;
    case CSN_JSON_TRUE: csn_json_bool(w, true); return false;
    case CSN_JSON_FALSE: csn_json_bool(w, false); return false;
    default:
        CSN_ASSERT(node->kind == CSN_JSON_NULL);
        csn_json_null(w);
        return false;
    }
}

void
csn_json_node(struct csn_json_writer *w, const struct csn_json_node *node)
{
    const struct csn_json_node *open[CSN_JSON_DEPTH_MAX];
    const struct csn_json_node *next[CSN_JSON_DEPTH_MAX]; /* child of each that is due */
    size_t depth = 0;
    for (;;) {
        if (write_head(w, node)) {
            CSN_ASSERT(depth < CSN_JSON_DEPTH_MAX);
            open[depth] = node;
            next[depth] = node->first;
            depth++;
        }
        for (; depth > 0 && next[depth - 1] == NULL; depth--)
            close_container(w, open[depth - 1]->kind == CSN_JSON_OBJECT ? '}' : ']');
        if (depth == 0)
            return;
        node = next[depth - 1];
        next[depth - 1] = node->next;
        if (open[depth - 1]->kind == CSN_JSON_OBJECT)
            csn_json_name_bytes(w, node->name);
    }
}

void
csn_json_member_text(struct csn_json_writer *w, const char *name, const char *text)
{
    csn_json_name(w, name);
    csn_json_text(w, text);
}

void
csn_json_member_string(struct csn_json_writer *w, const char *name, struct csn_bytes text)
{
    csn_json_name(w, name);
    csn_json_string(w, text);
}

void
csn_json_member_int(struct csn_json_writer *w, const char *name, int64_t value)
{
    csn_json_name(w, name);
    csn_json_int(w, value);
}

void
csn_json_member_bool(struct csn_json_writer *w, const char *name, bool value)
{
    csn_json_name(w, name);
    csn_json_bool(w, value);
}
