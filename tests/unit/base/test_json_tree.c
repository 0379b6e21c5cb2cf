/* The tree: what it holds, whom it belongs to, and what happens when the arena is full.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "json_support.h"

#define DOCUMENT_TEXT                                                                              \
    "{\"text\":\"v\\u00e9\",\"n\":-12,\"t\":true,\"f\":false,\"z\":null,\"half\":0.5,"             \
    "\"list\":[1,\"two\",[],{\"deep\":[3]}],\"es\\u0063\":\"\",\"o\":{}}"

static _Alignas(16) uint8_t memory[65536];

static const struct csn_json_node *
parse(const char *document)
{
    struct csn_arena arena = csn_arena_over(memory, sizeof memory);
    const struct csn_json_node *root = NULL;
    assert_int_equal(csn_json_parse(csn_bytes_text(document), &arena, &root), CSN_OK);
    assert_non_null(root);
    return root;
}

static void
keeps_kinds_names_order_and_counts(void **state)
{
    (void)state;
    const struct csn_json_node *root = parse(DOCUMENT_TEXT);
    assert_int_equal(root->kind, CSN_JSON_OBJECT);
    assert_int_equal(root->count, 9);
    assert_null(root->name.ptr);
    assert_null(root->next);
    static const char *const names[] = {"text", "n", "t", "f", "z", "half", "list", "esc", "o"};
    const struct csn_json_node *node = root->first;
    for (size_t i = 0; i < 9; i++, node = node->next)
        assert_true(csn_bytes_equal_text(node->name, names[i]));
    assert_null(node);

    const struct csn_json_node *list = csn_json_get(root, "list");
    assert_int_equal(list->kind, CSN_JSON_ARRAY);
    assert_int_equal(list->count, 4);
    assert_null(list->first->name.ptr);
    assert_bytes(list->first->text, "1");
    assert_bytes(list->first->next->text, "two");
    assert_int_equal(list->first->next->next->count, 0);
    assert_null(list->first->next->next->first);
    const struct csn_json_node *deep = csn_json_get(list->first->next->next->next, "deep");
    assert_bytes(deep->first->text, "3");
}

static void
texts_are_unescaped_and_followed_by_a_nul(void **state)
{
    (void)state;
    const struct csn_json_node *root =
        parse("{\"a\\tb\":\"v\\u00e9\",\"n\":12,\"z\":\"x\\u0000y\"}");
    assert_string_equal((const char *)root->first->name.ptr, "a\tb");
    assert_int_equal(root->first->name.len, 3);
    assert_string_equal((const char *)root->first->text.ptr, "v\xC3\xA9");
    assert_string_equal((const char *)root->first->next->text.ptr, "12");
    assert_bytes(csn_json_get(root, "z")->text, "x\0y");
}

static void
does_not_borrow_the_document(void **state)
{
    (void)state;
    char document[] = "{\"name\":\"value\"}";
    const struct csn_json_node *root = parse(document);
    memset(document, 'x', sizeof document);
    struct csn_bytes value = {0};
    assert_true(csn_json_get_text(root, "name", &value));
    assert_bytes(value, "value");
}

static void
the_root_may_be_any_value(void **state)
{
    (void)state;
    assert_int_equal(parse("true")->kind, CSN_JSON_TRUE);
    assert_int_equal(parse(" null ")->kind, CSN_JSON_NULL);
    assert_bytes(parse("\"x\"")->text, "x");
    assert_bytes(parse("1e3")->text, "1e3");
    assert_int_equal(parse("[]")->count, 0);
}

static void
refuses_what_the_reader_refuses_and_leaves_no_tree(void **state)
{
    (void)state;
    static const char *const wrong[] = {"", "{", "{\"a\":1,\"a\":2}", "[1] x", "[1,]", "\xFF"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct csn_arena arena = csn_arena_over(memory, sizeof memory);
        const struct csn_json_node *root = (const struct csn_json_node *)memory;
        assert_int_equal(csn_json_parse(csn_bytes_text(wrong[i]), &arena, &root), CSN_INVALID);
        assert_null(root);
    }
}

static void
a_full_arena_is_said_at_every_size(void **state)
{
    (void)state;
    struct csn_arena arena = csn_arena_over(memory, sizeof memory);
    const struct csn_json_node *root = NULL;
    assert_int_equal(csn_json_parse(BYTES(DOCUMENT_TEXT), &arena, &root), CSN_OK);
    size_t needed = arena.used;
    assert_true(needed > 500);
    for (size_t cap = 0; cap <= needed; cap++) {
        uint8_t *exact = malloc(cap + 1); /* aligned by 16, like `memory` */
        assert_non_null(exact);
        arena = csn_arena_over(exact, cap);
        enum csn_status due = cap < needed ? CSN_NO_SPACE : CSN_OK;
        assert_int_equal(csn_json_parse(BYTES(DOCUMENT_TEXT), &arena, &root), due);
        assert_int_equal(root != NULL, due == CSN_OK);
        free(exact);
    }
}

static void
gets_members_by_exact_name(void **state)
{
    (void)state;
    const struct csn_json_node *root = parse(DOCUMENT_TEXT);
    assert_non_null(csn_json_get(root, "esc"));
    assert_non_null(csn_json_get(root, "o"));
    assert_null(csn_json_get(root, "Text"));
    assert_null(csn_json_get(root, "tex"));
    assert_null(csn_json_get(root, ""));
    assert_null(csn_json_get(NULL, "text"));
    assert_null(csn_json_get(csn_json_get(root, "list"), "deep"));
    assert_null(csn_json_get(csn_json_get(root, "text"), "text"));
    assert_null(csn_json_get(parse("{}"), "a"));
}

static void
typed_reads_take_their_own_kind_only(void **state)
{
    (void)state;
    static const char *const members[] = {"text", "n", "t", "f", "z", "half", "list", "o", "none"};
    const struct csn_json_node *root = parse(DOCUMENT_TEXT);
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        struct csn_bytes text = BYTES("untouched");
        int64_t number = 77;
        bool truth = i % 2 == 0;
        bool is_text = csn_json_get_text(root, members[i], &text);
        bool is_int = csn_json_get_int(root, members[i], &number);
        bool is_bool = csn_json_get_bool(root, members[i], &truth);
        assert_int_equal(is_text, i == 0);
        assert_int_equal(is_int, i == 1);
        assert_int_equal(is_bool, i == 2 || i == 3);
        assert_true(csn_bytes_equal_text(text, i == 0 ? "v\xC3\xA9" : "untouched"));
        assert_true(number == (i == 1 ? -12 : 77));
        assert_int_equal(truth, i == 2 ? true : i == 3 ? false : i % 2 == 0);
    }
}

static void
typed_reads_of_nothing_find_nothing(void **state)
{
    (void)state;
    struct csn_bytes text = {0};
    int64_t number = 0;
    bool truth = false;
    assert_false(csn_json_get_text(NULL, "a", &text));
    assert_false(csn_json_get_int(NULL, "a", &number));
    assert_false(csn_json_get_bool(NULL, "a", &truth));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_kinds_names_order_and_counts),
        cmocka_unit_test(texts_are_unescaped_and_followed_by_a_nul),
        cmocka_unit_test(does_not_borrow_the_document),
        cmocka_unit_test(the_root_may_be_any_value),
        cmocka_unit_test(refuses_what_the_reader_refuses_and_leaves_no_tree),
        cmocka_unit_test(a_full_arena_is_said_at_every_size),
        cmocka_unit_test(gets_members_by_exact_name),
        cmocka_unit_test(typed_reads_take_their_own_kind_only),
        cmocka_unit_test(typed_reads_of_nothing_find_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
