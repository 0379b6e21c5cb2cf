/* A whole document as a tree in an arena: for API bodies, policies, keys. Tokens use the reader.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/panic.h"
#include "countersign/json.h"

/* The containers open now, outermost first, and the last child of each. */
struct builder {
    struct csn_arena *arena;
    struct csn_json_node *open[CSN_JSON_DEPTH_MAX];
    struct csn_json_node *last[CSN_JSON_DEPTH_MAX];
    struct csn_json_node *root;
};

/* Out: *out, unescaped, followed by a NUL. Returns: the arena had room. */
static bool
keep_text(struct csn_arena *arena, struct csn_json_text text, struct csn_bytes *out)
{
    struct csn_bytes kept = csn_arena_copy(arena, text.raw);
    if (kept.ptr == NULL)
        return false;
    if (text.escaped) {
        /* A value is never longer than its escapes, so it is written over the copy of them. */
        struct csn_buffer value = csn_buffer_over((uint8_t *)(uintptr_t)kept.ptr, kept.len + 1);
        csn_json_text_append(text, &value);
        csn_buffer_terminate(&value);
        kept = csn_buffer_view(&value);
    }
    *out = kept;
    return true;
}

static bool
fill(struct csn_arena *arena, const struct csn_json_item *item, struct csn_json_node *node)
{
    node->kind = item->kind;
    if (item->named && !keep_text(arena, item->name, &node->name))
        return false;
    if (item->kind != CSN_JSON_STRING && item->kind != CSN_JSON_NUMBER)
        return true;
    return keep_text(arena, item->text, &node->text);
}

static void
attach(struct builder *b, unsigned depth, struct csn_json_node *node)
{
    if (depth == 0) {
        b->root = node;
        return;
    }
    struct csn_json_node *parent = b->open[depth - 1];
    if (parent->first == NULL)
        parent->first = node;
    else
        b->last[depth - 1]->next = node;
    b->last[depth - 1] = node;
    parent->count++;
}

static bool
add(struct builder *b, const struct csn_json_item *item)
{
    struct csn_json_node *node = csn_arena_alloc(b->arena, sizeof *node);
    if (node == NULL || !fill(b->arena, item, node))
        return false;
    attach(b, item->depth, node);
    if (item->kind == CSN_JSON_OBJECT || item->kind == CSN_JSON_ARRAY)
        b->open[item->depth] = node;
    return true;
}

enum csn_status
csn_json_parse(struct csn_bytes document, struct csn_arena *arena,
               const struct csn_json_node **root)
{
    struct csn_json_names names;
    struct csn_json_reader reader;
    struct csn_json_item item;
    struct builder b = {.arena = arena};
    *root = NULL;
    csn_json_reader_init(&reader, document, &names);
    while (csn_json_next(&reader, &item) != CSN_JSON_END) {
        if (item.kind == CSN_JSON_INVALID)
            return CSN_INVALID;
        if (item.kind != CSN_JSON_CLOSE && !add(&b, &item))
            return CSN_NO_SPACE;
    }
    *root = b.root;
    return CSN_OK;
}

const struct csn_json_node *
csn_json_get(const struct csn_json_node *object, const char *name)
{
    if (object == NULL || object->kind != CSN_JSON_OBJECT)
        return NULL;
    struct csn_bytes wanted = csn_bytes_text(name);
    const struct csn_json_node *node = object->first;
    while (node != NULL && !csn_bytes_equal(node->name, wanted))
        node = node->next;
    return node;
}

bool
csn_json_get_text(const struct csn_json_node *object, const char *name, struct csn_bytes *out)
{
    const struct csn_json_node *node = csn_json_get(object, name);
    if (node == NULL || node->kind != CSN_JSON_STRING)
        return false;
    *out = node->text;
    return true;
}

bool
csn_json_get_int(const struct csn_json_node *object, const char *name, int64_t *out)
{
    const struct csn_json_node *node = csn_json_get(object, name);
    if (node == NULL || node->kind != CSN_JSON_NUMBER)
        return false;
    int64_t value = 0;
    if (csn_json_integer(node->text, &value) != CSN_OK)
        return false;
    *out = value;
    return true;
}

bool
csn_json_get_bool(const struct csn_json_node *object, const char *name, bool *out)
{
    const struct csn_json_node *node = csn_json_get(object, name);
    if (node == NULL || (node->kind != CSN_JSON_TRUE && node->kind != CSN_JSON_FALSE))
        return false;
    *out = node->kind == CSN_JSON_TRUE;
    return true;
}
