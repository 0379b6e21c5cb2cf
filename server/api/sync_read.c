/* The body of POST sync, member by member. See sync_read.h.
 *
 *   {"cursor"?: text, "limit"?: n, "identity"?: text,
 *    "items"?: [{"id": text, "kind": text, "created_at"?: time, "body": any}, ...]}
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/api/sync_read.h"

#include "base/time.h"
#include "server/api/decode.h"
#include "server/api/problem.h"

#define TEXT_MAX                                                                                   \
    2048 /* bytes of a text with escapes that is read at all: more fits nowhere here               \
          */

struct walk {
    struct csn_exchange *x;
    struct csn_json_reader reader;
    struct csn_json_item at; /* the current one */
    struct csn_sync_request *out;
};

static bool
refuse(enum csn_step answered)
{
    (void)answered;
    return false;
}

static bool
refuse_json(struct walk *walk)
{
    return refuse(csn_problem_fault(walk->x, CSN_FAULT_JSON_INVALID, NULL));
}

static bool
refuse_member(struct walk *walk, enum csn_fault fault, const char *prefix, struct csn_bytes name)
{
    return refuse(csn_problem_field(walk->x, fault, prefix, name, NULL));
}

/* Steps on. Returns: there is a next item, or an end; false only where the JSON is broken. */
static bool
step(struct walk *walk)
{
    return csn_json_next(&walk->reader, &walk->at) != CSN_JSON_INVALID;
}

/* --- values --- */

/* The value of a text, escapes resolved; {0} where it is no text, or none that fits anywhere. */
static struct csn_bytes
text_here(struct walk *walk)
{
    const struct csn_json_text *text = &walk->at.text;
    if (walk->at.kind != CSN_JSON_STRING)
        return (struct csn_bytes){0};
    if (!text->escaped)
        return text->raw;
    if (text->raw.len > TEXT_MAX)
        return (struct csn_bytes){0};
    void *memory = csn_arena_alloc(&walk->x->arena, text->raw.len);
    struct csn_buffer value = csn_buffer_over(memory, memory != NULL ? text->raw.len : 0);
    csn_json_text_append(*text, &value);
    return csn_buffer_view(&value);
}

static const uint8_t *
value_start(const struct walk *walk)
{
    switch (walk->at.kind) {
    case CSN_JSON_OBJECT:
    case CSN_JSON_ARRAY: return walk->reader.at - 1;
    case CSN_JSON_STRING: return walk->at.text.raw.ptr - 1;
    case CSN_JSON_NUMBER: return walk->at.text.raw.ptr;
    case CSN_JSON_FALSE: return walk->reader.at - 5;
    default: return walk->reader.at - 4; /* true, null */
    }
}

/* Passes over the current value, whatever is in it. Out: *json, its text as it stands there.
 * Returns: false where the JSON is broken. */
static bool
skip_value(struct walk *walk, struct csn_bytes *json)
{
    const uint8_t *start = value_start(walk);
    unsigned depth = walk->at.depth;
    bool container = walk->at.kind == CSN_JSON_OBJECT || walk->at.kind == CSN_JSON_ARRAY;
    while (container) {
        if (!step(walk))
            return false;
        container = walk->at.kind != CSN_JSON_CLOSE || walk->at.depth != depth;
    }
    *json = csn_bytes_of(start, (size_t)(walk->reader.at - start));
    return true;
}

/* --- one item --- */

static int64_t
time_here(struct walk *walk)
{
    int64_t time_ms = -1;
    if (walk->at.kind == CSN_JSON_NULL)
        return 0;
    if (csn_time_read_rfc3339(text_here(walk), &time_ms) != CSN_OK || time_ms <= 0)
        return -1;
    return time_ms;
}

static bool
read_item_member(struct walk *walk, struct csn_item *item)
{
    struct csn_json_text name = walk->at.name;
    struct csn_bytes value;
    bool absent = walk->at.kind == CSN_JSON_NULL;
    if (csn_json_text_is(name, csn_bytes_text("body")))
        return skip_value(walk, absent ? &value : &item->body) || refuse_json(walk);
    if (csn_json_text_is(name, csn_bytes_text("id")))
        item->id = text_here(walk);
    else if (csn_json_text_is(name, csn_bytes_text("kind")))
        item->kind = csn_item_kind_from_name(text_here(walk));
    else if (csn_json_text_is(name, csn_bytes_text("created_at")))
        item->created_ms = time_here(walk);
    else
        item->misread = CSN_ITEM_FIELD_UNKNOWN;
    return skip_value(walk, &value) || refuse_json(walk);
}

static bool
read_item(struct walk *walk)
{
    struct csn_sync_request *out = walk->out;
    if (out->count == CSN_ITEMS_MAX)
        return refuse(csn_problem_field(walk->x, CSN_FAULT_BODY_TOO_LARGE, "",
                                        csn_bytes_text("items"), "At most 500 items at once."));
    struct csn_item *item = &out->items[out->count++];
    if (walk->at.kind != CSN_JSON_OBJECT) {
        struct csn_bytes value;
        item->misread = CSN_ITEM_MISSHAPEN;
        return skip_value(walk, &value) || refuse_json(walk);
    }
    for (;;) {
        if (!step(walk))
            return refuse_json(walk);
        if (walk->at.kind == CSN_JSON_CLOSE)
            return true;
        if (!read_item_member(walk, item))
            return false;
    }
}

/* --- the whole --- */

static bool
read_items(struct walk *walk)
{
    if (walk->at.kind == CSN_JSON_NULL)
        return true;
    if (walk->at.kind != CSN_JSON_ARRAY)
        return refuse_member(walk, CSN_FAULT_FIELD_INVALID, "", csn_bytes_text("items"));
    walk->out->items = csn_arena_alloc(&walk->x->arena, CSN_ITEMS_MAX * sizeof(struct csn_item));
    if (walk->out->items == NULL)
        return refuse(csn_problem_fault(walk->x, CSN_FAULT_INTERNAL, NULL));
    for (;;) {
        if (!step(walk))
            return refuse_json(walk);
        if (walk->at.kind == CSN_JSON_CLOSE)
            return true;
        if (!read_item(walk))
            return false;
    }
}

static bool
read_cursor(struct walk *walk)
{
    return walk->at.kind == CSN_JSON_STRING && csn_cursor_read(text_here(walk), &walk->out->cursor);
}

static bool
read_limit(struct walk *walk)
{
    int64_t limit = 0;
    if (walk->at.kind != CSN_JSON_NUMBER || csn_json_integer(walk->at.text.raw, &limit) != CSN_OK)
        return false;
    walk->out->limit = (size_t)limit;
    return limit >= 1 && limit <= CSN_SYNC_LIMIT_MAX;
}

static bool
read_identity(struct walk *walk)
{
    walk->out->identity = text_here(walk);
    return walk->out->identity.len <= CSN_IDENTITY_MAX && csn_decode_is_clean(walk->out->identity);
}

static bool
read_member(struct walk *walk)
{
    static const struct {
        const char *name;
        bool (*read)(struct walk *walk);
    } members[] = {{"cursor", read_cursor}, {"limit", read_limit}, {"identity", read_identity}};
    struct csn_json_text name = walk->at.name;
    if (csn_json_text_is(name, csn_bytes_text("items")))
        return read_items(walk);
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        if (!csn_json_text_is(name, csn_bytes_text(members[i].name)))
            continue;
        if (walk->at.kind == CSN_JSON_NULL || members[i].read(walk))
            return true;
        return refuse_member(walk, CSN_FAULT_FIELD_INVALID, "", name.raw);
    }
    return refuse_member(walk, CSN_FAULT_FIELD_UNKNOWN, "", name.raw);
}

bool
csn_sync_read(struct csn_exchange *x, struct csn_sync_request *out)
{
    *out = (struct csn_sync_request){.limit = CSN_SYNC_LIMIT_MAX};
    struct csn_json_names *names = csn_arena_alloc(&x->arena, sizeof *names);
    struct walk walk = {.x = x, .out = out};
    if (names == NULL)
        return refuse(csn_problem_fault(x, CSN_FAULT_INTERNAL, NULL));
    if (!csn_decode_is_json(x))
        return false;
    csn_json_reader_init(&walk.reader, x->request.body, names);
    if (!step(&walk) || walk.at.kind != CSN_JSON_OBJECT)
        return refuse_json(&walk);
    for (;;) {
        if (!step(&walk))
            return refuse_json(&walk);
        if (walk.at.kind == CSN_JSON_CLOSE)
            break;
        if (!read_member(&walk))
            return false;
    }
    return step(&walk) || refuse_json(&walk); /* nothing may follow it */
}
