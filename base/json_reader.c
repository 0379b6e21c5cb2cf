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
#include "base/json_names.h"
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

/* White space (RFC 8259 §2). */
CSN_HOT const uint8_t *
skip_space(const uint8_t *at, const uint8_t *end)
{
    while (at < end && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t'))
        at++;
    return at;
}

/* The rest of a string that holds more than plain characters: `at` is the first other one.
 * Returns: the closing quote, or NULL when the string is not well formed. */
static const uint8_t *
string_end(const uint8_t *at, const uint8_t *end, bool *escaped)
{
    while (at < end && *at != '"') {
        uint32_t code = 0;
        size_t len = 0; /* stays 0 for a control */
        if (*at == '\\') {
            *escaped = true;
            len = csn_json_escape_read(at, end, &code);
        } else if (*at >= 0x80) {
            len = csn_utf8_length(at, end);
        }
        if (len == 0)
            return NULL;
        at = csn_json_skip_plain(at + len, end);
    }
    return at < end ? at : NULL;
}

/* In: `at` stands on the opening quote. Returns: behind the closing one, or NULL. */
CSN_HOT const uint8_t *
read_string(const uint8_t *at, const uint8_t *end, struct csn_json_text *out)
{
    const uint8_t *start = at + 1;
    at = csn_json_skip_plain(start, end);
    if (at == end || *at != '"')
        at = string_end(at, end, &out->escaped);
    if (at == NULL)
        return NULL;
    out->raw = (struct csn_bytes){.ptr = start, .len = (size_t)(at - start)};
    return at + 1;
}

/* A name with its hash. Nearly every claim is so short that both fit into one word. */
CSN_HOT const uint8_t *
read_name(const uint8_t *at, const uint8_t *end, struct csn_json_text *out, uint32_t *hash)
{
    const uint8_t *start = at + 1;
    if (end - start > CSN_NAME_SHORT_MAX) {
        uint64_t word = csn_word_load(start);
        uint64_t marks = csn_json_marks(word);
        size_t len = marks != 0 ? csn_word_first(marks) : 0;
        if (marks != 0 && start[len] == '"') {
            *hash = csn_json_name_hash_short(word, len);
            out->raw = (struct csn_bytes){.ptr = start, .len = len};
            return start + len + 1;
        }
    }
    at = read_string(at, end, out);
    if (at != NULL)
        *hash = csn_json_names_hash(out);
    return at;
}

CSN_HOT const uint8_t *
read_number(const uint8_t *at, const uint8_t *end, struct csn_json_text *out)
{
    const uint8_t *stop = csn_json_number_end(at, end);
    if (stop == NULL || stop - at > CSN_JSON_NUMBER_MAX)
        return NULL;
    out->raw = (struct csn_bytes){.ptr = at, .len = (size_t)(stop - at)};
    return stop;
}

CSN_HOT const uint8_t *
read_literal(const uint8_t *at, const uint8_t *end, const char *literal, size_t len)
{
    if ((size_t)(end - at) < len || __builtin_memcmp(at, literal, len) != 0)
        return NULL;
    return at + len;
}

/* In: `at` stands on the bracket. Returns: behind it, or NULL when that is too deep. */
CSN_HOT const uint8_t *
open_container(struct csn_json_reader *r, const uint8_t *at, bool object)
{
    if (r->depth == CSN_JSON_DEPTH_MAX)
        return NULL;
    uint32_t bit = UINT32_C(1) << r->depth;
    r->in_object = object ? r->in_object | bit : r->in_object & ~bit;
    r->depth++;
    r->first_name[r->depth] = r->name_count;
    r->state = OPENED;
    return at + 1;
}

/* In: at < r->end. Returns: behind the value or its opening bracket, or NULL. */
CSN_HOT const uint8_t *
read_kind(struct csn_json_reader *r, const uint8_t *at, struct csn_json_item *item)
{
    switch (*at) {
    case '"': item->kind = CSN_JSON_STRING; return read_string(at, r->end, &item->text);
    case '{': item->kind = CSN_JSON_OBJECT; return open_container(r, at, true);
    case '[': item->kind = CSN_JSON_ARRAY; return open_container(r, at, false);
    case 't': item->kind = CSN_JSON_TRUE; return read_literal(at, r->end, "true", 4);
    case 'f': item->kind = CSN_JSON_FALSE; return read_literal(at, r->end, "false", 5);
    case 'n': item->kind = CSN_JSON_NULL; return read_literal(at, r->end, "null", 4);
    default: item->kind = CSN_JSON_NUMBER; return read_number(at, r->end, &item->text);
    }
}

CSN_HOT enum csn_json_kind
read_value(struct csn_json_reader *r, const uint8_t *at, struct csn_json_item *item)
{
    at = skip_space(at, r->end);
    r->state = AFTER;
    if (at < r->end)
        r->at = read_kind(r, at, item);
    if (at == r->end || r->at == NULL)
        return refuse(r, item);
    return item->kind;
}

CSN_HOT bool
inside_object(const struct csn_json_reader *r)
{
    return (r->in_object >> (r->depth - 1) & 1) != 0;
}

/* A member, or an element: "name" ':' value, or value. */
CSN_HOT enum csn_json_kind
read_element(struct csn_json_reader *r, const uint8_t *at, struct csn_json_item *item)
{
    if (!inside_object(r))
        return read_value(r, at, item);
    at = skip_space(at, r->end);
    if (at == r->end || *at != '"')
        return refuse(r, item);
    uint32_t hash = 0;
    at = read_name(at, r->end, &item->name, &hash);
    if (at == NULL || !csn_json_names_add(r, item->name.raw, hash))
        return refuse(r, item);
    item->named = true;
    at = skip_space(at, r->end);
    if (at == r->end || *at != ':')
        return refuse(r, item);
    return read_value(r, at + 1, item);
}

CSN_HOT enum csn_json_kind
close_container(struct csn_json_reader *r, const uint8_t *at, struct csn_json_item *item)
{
    r->name_count = r->first_name[r->depth];
    r->depth--;
    r->at = at + 1;
    r->state = AFTER;
    item->depth = r->depth;
    item->kind = CSN_JSON_CLOSE;
    return CSN_JSON_CLOSE;
}

static enum csn_json_kind
finish(struct csn_json_reader *r, const uint8_t *at, struct csn_json_item *item)
{
    if (at != r->end)
        return refuse(r, item);
    r->at = at;
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
        return read_value(r, r->at, item);
    const uint8_t *at = skip_space(r->at, r->end);
    if (r->depth == 0)
        return finish(r, at, item);
    if (at == r->end)
        return refuse(r, item);
    if (*at == (inside_object(r) ? '}' : ']'))
        return close_container(r, at, item);
    if (r->state == OPENED)
        return read_element(r, at, item);
    if (*at != ',')
        return refuse(r, item);
    return read_element(r, at + 1, item);
}
