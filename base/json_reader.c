/* The strict JSON reader: one pass, one item a call.
 *
 *            value            ',' value
 *   START ----------> AFTER <-----------+
 *     |  '{' or '['     | ^ \___________|
 *     +----> OPENED ----+ |   close
 *              close -----+       AFTER at depth 0 takes only white space, then DONE
 *
 * Every break of a rule goes to BROKEN, and nothing leads out of BROKEN. A zeroed reader is BROKEN.
 * Depth lives in a bit set, names in the caller's table: no recursion, no heap.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/json_scan.h"
#include "base/panic.h"
#include "base/utf8.h"

enum state {
    BROKEN = 0,
    START,  /* the document's value is due */
    OPENED, /* a container was opened: its first member, or its end */
    AFTER,  /* a value ended */
    DONE,
};

void
csn_json_reader_init(struct csn_json_reader *reader, struct csn_bytes document,
                     struct csn_json_names *names)
{
    CSN_ASSERT((uint64_t)document.len <= UINT32_MAX);
    reader->start = document.ptr;
    reader->at = document.ptr;
    reader->end = document.len == 0 ? document.ptr : document.ptr + document.len;
    reader->names = names;
    reader->name_count = 0;
    reader->in_object = 0;
    reader->collisions = 0;
    reader->depth = 0;
    reader->state = START;
}

static enum csn_json_kind
refuse(struct csn_json_reader *r, struct csn_json_item *item)
{
    r->state = BROKEN;
    *item = (struct csn_json_item){0};
    return CSN_JSON_INVALID;
}

/* Returns: the first character that is not white space (RFC 8259 §2), not taken; 0 at the end. A
 * NUL in the document looks the same and is as welcome. */
static inline uint8_t
peek(struct csn_json_reader *r)
{
    const uint8_t *at = r->at;
    while (at < r->end && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t'))
        at++;
    r->at = at;
    return at < r->end ? *at : 0;
}

/* In: r->at behind the opening quote. Out: r->at behind the closing one. Returns: well formed. */
static inline bool
read_string(struct csn_json_reader *r, struct csn_json_text *out)
{
    const uint8_t *start = r->at, *at = start, *end = r->end;
    for (;;) {
        at = csn_json_skip_plain(at, end);
        if (at == end)
            return false;
        if (*at == '"')
            break;
        uint32_t code = 0;
        bool escape = *at == '\\';
        size_t len = escape       ? csn_json_escape_read(at, end, &code)
                     : *at < 0x80 ? 0 /* a control */
                                  : csn_utf8_length(at, end);
        if (len == 0)
            return false;
        out->escaped |= escape;
        at += len;
    }
    out->raw = csn_bytes_of(start, (size_t)(at - start));
    r->at = at + 1;
    return true;
}

static bool
read_number(struct csn_json_reader *r, struct csn_json_text *out)
{
    const uint8_t *stop = csn_json_number_end(r->at, r->end);
    if (stop == NULL || stop - r->at > CSN_JSON_NUMBER_MAX)
        return false;
    out->raw = csn_bytes_of(r->at, (size_t)(stop - r->at));
    r->at = stop;
    return true;
}

static bool
read_literal(struct csn_json_reader *r, const char *literal, size_t len)
{
    if ((size_t)(r->end - r->at) < len || __builtin_memcmp(r->at, literal, len) != 0)
        return false;
    r->at += len;
    return true;
}

static inline bool
open_container(struct csn_json_reader *r, bool object)
{
    if (r->depth == CSN_JSON_DEPTH_MAX)
        return false;
    uint32_t bit = UINT32_C(1) << r->depth;
    r->in_object = object ? r->in_object | bit : r->in_object & ~bit;
    r->depth++;
    r->first_name[r->depth] = r->name_count;
    r->at++;
    r->state = OPENED;
    return true;
}

static inline enum csn_json_kind
kind_of(uint8_t first)
{
    switch (first) {
    case '"': return CSN_JSON_STRING;
    case '{': return CSN_JSON_OBJECT;
    case '[': return CSN_JSON_ARRAY;
    case 't': return CSN_JSON_TRUE;
    case 'f': return CSN_JSON_FALSE;
    case 'n': return CSN_JSON_NULL;
    default:
        return first == '-' || (first >= '0' && first <= '9') ? CSN_JSON_NUMBER : CSN_JSON_INVALID;
    }
}

static inline enum csn_json_kind
read_value(struct csn_json_reader *r, struct csn_json_item *item)
{
    bool ok = false;
    item->kind = kind_of(peek(r));
    r->state = AFTER;
    switch (item->kind) {
    case CSN_JSON_STRING:
        r->at++;
        ok = read_string(r, &item->text);
        break;
    case CSN_JSON_NUMBER: ok = read_number(r, &item->text); break;
    case CSN_JSON_OBJECT: ok = open_container(r, true); break;
    case CSN_JSON_ARRAY: ok = open_container(r, false); break;
    case CSN_JSON_TRUE: ok = read_literal(r, "true", 4); break;
    case CSN_JSON_FALSE: ok = read_literal(r, "false", 5); break;
    case CSN_JSON_NULL: ok = read_literal(r, "null", 4); break;
    default: break;
    }
    return ok ? item->kind : refuse(r, item);
}

static inline bool
inside_object(const struct csn_json_reader *r)
{
    return (r->in_object >> (r->depth - 1) & 1) != 0;
}

/* A member, or an element: "name" ':' value, or value. */
static inline enum csn_json_kind
read_element(struct csn_json_reader *r, struct csn_json_item *item)
{
    if (!inside_object(r))
        return read_value(r, item);
    if (peek(r) != '"')
        return refuse(r, item);
    r->at++;
    if (!read_string(r, &item->name) || !csn_json_names_add(r, item->name))
        return refuse(r, item);
    item->named = true;
    if (peek(r) != ':')
        return refuse(r, item);
    r->at++;
    return read_value(r, item);
}

static inline enum csn_json_kind
close_container(struct csn_json_reader *r, struct csn_json_item *item)
{
    r->name_count = r->first_name[r->depth];
    r->depth--;
    r->at++;
    r->state = AFTER;
    item->depth = r->depth;
    item->kind = CSN_JSON_CLOSE;
    return CSN_JSON_CLOSE;
}

static enum csn_json_kind
finish(struct csn_json_reader *r, struct csn_json_item *item)
{
    if (r->at != r->end)
        return refuse(r, item);
    r->state = DONE;
    item->kind = CSN_JSON_END;
    return CSN_JSON_END;
}

enum csn_json_kind
csn_json_next(struct csn_json_reader *r, struct csn_json_item *item)
{
    *item = (struct csn_json_item){.depth = r->depth};
    if (r->state == BROKEN)
        return refuse(r, item);
    if (r->state == START)
        return read_value(r, item);
    uint8_t c = peek(r);
    if (r->depth == 0)
        return finish(r, item);
    if (c == (inside_object(r) ? '}' : ']'))
        return close_container(r, item);
    if (r->state == OPENED)
        return read_element(r, item);
    if (c != ',')
        return refuse(r, item);
    r->at++;
    return read_element(r, item);
}
