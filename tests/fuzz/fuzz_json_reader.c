/* Any bytes as a document. The reader ends; its items nest; reader and tree agree; what the tree
 * holds, written and read again, is the same tree, and every beginning of an accepted array or
 * object is refused.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "countersign/json.h"
#include "fuzz.h"

#define INPUT_MAX 4096
#define ARENA_SIZE (1024 * 1024)
#define TEXT_MAX (INPUT_MAX * 6 + 2) /* every byte written as an escape of six */

static struct csn_json_names names;
static uint8_t first_memory[ARENA_SIZE], second_memory[ARENA_SIZE];
static uint8_t text_memory[TEXT_MAX];

static void
check_text(struct csn_json_text text)
{
    struct csn_buffer value = csn_buffer_over(text_memory, text.raw.len);
    csn_json_text_append(text, &value); /* never longer than as written */
    MUST(!value.overflowed);
    MUST(csn_json_text_is(text, csn_buffer_view(&value)));
    MUST(csn_utf8_valid(csn_buffer_view(&value)));
    MUST(text.escaped == (csn_bytes_find(text.raw, '\\') < text.raw.len));
    MUST(text.escaped || csn_bytes_equal(text.raw, csn_buffer_view(&value)));
}

static void
check_item(const struct csn_json_item *item, unsigned open)
{
    if (item->kind == CSN_JSON_CLOSE) {
        MUST(open > 0 && item->depth == open - 1 && !item->named);
        return;
    }
    MUST(item->depth == open && open <= CSN_JSON_DEPTH_MAX);
    MUST(open > 0 || !item->named);
    if (item->named)
        check_text(item->name);
    if (item->kind == CSN_JSON_STRING)
        check_text(item->text);
    if (item->kind == CSN_JSON_NUMBER)
        MUST(item->text.raw.len >= 1 && item->text.raw.len <= CSN_JSON_NUMBER_MAX);
}

/* Returns: accepted. Out: *items, values and members. */
static bool
read_all(struct csn_bytes document, size_t *items)
{
    struct csn_json_reader reader;
    struct csn_json_item item;
    unsigned open = 0;
    *items = 0;
    csn_json_reader_init(&reader, document, &names);
    for (size_t steps = 0;; steps++) {
        MUST(steps <= document.len + 1); /* each item takes a byte at least */
        enum csn_json_kind kind = csn_json_next(&reader, &item);
        MUST(kind == item.kind);
        if (kind == CSN_JSON_INVALID)
            return false;
        if (kind == CSN_JSON_END) {
            MUST(open == 0 && *items > 0);
            return true;
        }
        check_item(&item, open);
        open += kind == CSN_JSON_OBJECT || kind == CSN_JSON_ARRAY ? 1 : 0;
        open -= kind == CSN_JSON_CLOSE ? 1 : 0;
        *items += kind != CSN_JSON_CLOSE ? 1 : 0;
    }
}

/* Walks both trees side by side. Returns: nodes of each. */
static size_t
check_same(const struct csn_json_node *a, const struct csn_json_node *b)
{
    const struct csn_json_node *stack[2 * CSN_JSON_DEPTH_MAX + 2];
    size_t depth = 0, count = 0;
    while (a != NULL || depth > 0) {
        if (a == NULL) {
            MUST(b == NULL);
            depth -= 2;
            a = stack[depth];
            b = stack[depth + 1];
            continue;
        }
        count++;
        MUST(b != NULL && a->kind == b->kind && a->count == b->count);
        MUST(csn_bytes_equal(a->name, b->name) && csn_bytes_equal(a->text, b->text));
        MUST(a->text.ptr == NULL || a->text.ptr[a->text.len] == '\0');
        stack[depth] = a->next;
        stack[depth + 1] = b->next;
        depth += 2;
        MUST(depth <= 2 * CSN_JSON_DEPTH_MAX + 2);
        a = a->first;
        b = b->first;
    }
    return count;
}

static struct csn_bytes
write_tree(const struct csn_json_node *root)
{
    struct csn_buffer out = csn_buffer_over(text_memory, sizeof text_memory);
    struct csn_json_writer writer = csn_json_writer_over(&out);
    csn_json_node(&writer, root);
    MUST(!out.overflowed && writer.depth == 0);
    return csn_buffer_view(&out);
}

static void
check_beginnings(struct csn_bytes document, const struct csn_json_node *root)
{
    size_t items = 0;
    if (root->kind != CSN_JSON_OBJECT && root->kind != CSN_JSON_ARRAY)
        return;
    size_t len = document.len;
    while (document.ptr[len - 1] != '}' && document.ptr[len - 1] != ']')
        len--;
    MUST(!read_all(csn_bytes_slice(document, 0, len - 1), &items));
    MUST(!read_all(csn_bytes_slice(document, 0, len / 2), &items));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > INPUT_MAX)
        return 0;
    struct csn_bytes document = csn_bytes_of(data, size);
    struct csn_arena first = csn_arena_over(first_memory, sizeof first_memory);
    struct csn_arena second = csn_arena_over(second_memory, sizeof second_memory);
    const struct csn_json_node *root = NULL, *again = NULL;
    size_t items = 0;
    bool accepted = read_all(document, &items);
    MUST(csn_json_parse(document, &first, &root) == (accepted ? CSN_OK : CSN_INVALID));
    MUST((root != NULL) == accepted);
    if (!accepted)
        return 0;
    MUST(csn_json_parse(write_tree(root), &second, &again) == CSN_OK);
    MUST(check_same(root, again) == items);
    check_beginnings(document, root);
    return 0;
}
