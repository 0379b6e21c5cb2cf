/* The writer: commas, escapes, trees, and what misuse it will not stand.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "json_support.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static char memory[65536];

static struct csn_buffer
fresh(void)
{
    return csn_buffer_over(memory, sizeof memory);
}

static void
write_everything(struct csn_json_writer *w)
{
    csn_json_open_object(w);
    csn_json_member_text(w, "text", "t");
    csn_json_member_string(w, "string", BYTES("s"));
    csn_json_member_int(w, "int", -5);
    csn_json_member_bool(w, "yes", true);
    csn_json_member_bool(w, "no", false);
    csn_json_name(w, "null");
    csn_json_null(w);
    csn_json_name_bytes(w, BYTES("raw"));
    csn_json_raw(w, BYTES("[1, 2]"));
    csn_json_name(w, "list");
    csn_json_open_array(w);
    csn_json_int(w, 1);
    csn_json_text(w, "x");
    csn_json_open_array(w);
    csn_json_close_array(w);
    csn_json_open_object(w);
    csn_json_close_object(w);
    csn_json_bool(w, true);
    csn_json_close_array(w);
    csn_json_member_int(w, "after", 0);
    csn_json_close_object(w);
}

#define EVERYTHING                                                                                 \
    "{\"text\":\"t\",\"string\":\"s\",\"int\":-5,\"yes\":true,\"no\":false,\"null\":null,"         \
    "\"raw\":[1, 2],\"list\":[1,\"x\",[],{},true],\"after\":0}"

static void
places_commas_and_colons(void **state)
{
    (void)state;
    struct csn_buffer out = fresh();
    struct csn_json_writer w = csn_json_writer_over(&out);
    write_everything(&w);
    assert_string_equal(csn_buffer_terminate(&out), EVERYTHING);
    assert_int_equal(w.depth, 0);
}

static void
any_value_may_stand_alone(void **state)
{
    (void)state;
    struct csn_buffer out = fresh();
    struct csn_json_writer w = csn_json_writer_over(&out);
    csn_json_int(&w, 5);
    w = csn_json_writer_over(&out);
    csn_json_text(&w, NULL);
    assert_bytes(csn_buffer_view(&out), "5\"\"");
}

static void
escapes_what_must_be_and_what_html_would_read(void **state)
{
    (void)state;
    static const struct {
        const char *text, *written;
    } cases[] = {
        {"plain ~'/ ", "\"plain ~'/ \""},
        {"\"\\", "\"\\\"\\\\\""},
        {"\b\f\n\r\t", "\"\\b\\f\\n\\r\\t\""},
        {"\x01\x0B\x1F", "\"\\u0001\\u000b\\u001f\""},
        {"</script>&", "\"\\u003c/script\\u003e\\u0026\""},
        {"\x7F", "\"\x7F\""},
        {"\xC3\xA9\xE2\x82\xAC\xF0\x9D\x84\x9E", "\"\xC3\xA9\xE2\x82\xAC\xF0\x9D\x84\x9E\""},
        {"a\"b<c", "\"a\\\"b\\u003cc\""},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct csn_buffer out = fresh();
        struct csn_json_writer w = csn_json_writer_over(&out);
        csn_json_text(&w, cases[i].text);
        assert_string_equal(csn_buffer_terminate(&out), cases[i].written);
    }
}

static void
every_byte_comes_back_as_it_was(void **state)
{
    (void)state;
    for (unsigned byte = 0; byte < 0x80; byte++) {
        uint8_t text[] = {'a', (uint8_t)byte, 'z'};
        struct csn_buffer out = fresh();
        struct csn_json_writer w = csn_json_writer_over(&out);
        csn_json_string(&w, csn_bytes_of(text, 3));
        struct csn_json_names names;
        struct csn_json_reader reader;
        struct csn_json_item item;
        csn_json_reader_init(&reader, csn_buffer_view(&out), &names);
        assert_int_equal(csn_json_next(&reader, &item), CSN_JSON_STRING);
        assert_true(csn_json_text_is(item.text, csn_bytes_of(text, 3)));
        assert_int_equal(csn_json_next(&reader, &item), CSN_JSON_END);
    }
}

static void
what_is_no_utf8_becomes_the_replacement_character(void **state)
{
    (void)state;
    struct csn_buffer out = fresh();
    struct csn_json_writer w = csn_json_writer_over(&out);
    csn_json_string(&w, BYTES("a\xFF\x80\xC3(\xE2\x82"));
    assert_true(accepts(csn_buffer_view(&out)));
    assert_bytes(csn_buffer_view(&out),
                 "\"a\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD(\xEF\xBF\xBD\xEF\xBF\xBD\"");
}

static void
does_not_complete_a_character_from_behind_the_end(void **state)
{
    (void)state;
    struct csn_buffer out = fresh();
    struct csn_json_writer w = csn_json_writer_over(&out);
    csn_json_string(&w, csn_bytes_of("\xC3\xA9", 1));
    assert_bytes(csn_buffer_view(&out), "\"\xEF\xBF\xBD\"");
}

static void
names_are_escaped_too(void **state)
{
    (void)state;
    struct csn_buffer out = fresh();
    struct csn_json_writer w = csn_json_writer_over(&out);
    csn_json_open_object(&w);
    csn_json_name_bytes(&w, BYTES("\"\0"));
    csn_json_null(&w);
    csn_json_close_object(&w);
    assert_bytes(csn_buffer_view(&out), "{\"\\\"\\u0000\":null}");
}

static void
a_buffer_too_small_is_marked_at_every_size(void **state)
{
    (void)state;
    for (size_t cap = 0; cap < sizeof EVERYTHING; cap++) {
        uint8_t *exact = malloc(cap + 1);
        assert_non_null(exact);
        struct csn_buffer out = csn_buffer_over(exact, cap);
        struct csn_json_writer w = csn_json_writer_over(&out);
        write_everything(&w);
        assert_int_equal(out.overflowed, cap < sizeof EVERYTHING - 1);
        assert_memory_equal(out.ptr, EVERYTHING, out.len);
        free(exact);
    }
}

static void
a_tree_is_written_as_it_was_read(void **state)
{
    (void)state;
    static const char *const documents[] = {
        "null",
        "true",
        "false",
        "-1.50e+3",
        "\"x\"",
        "[]",
        "{}",
        "[[],[[]],{}]",
        "{\"a\":{\"b\":[1,2,{\"\":null}],\"c\":\"\\n\\u003c\"},\"d\":[{\"e\":{}}]}",
    };
    static uint8_t nodes[16384];
    for (size_t i = 0; i < COUNT(documents); i++) {
        struct csn_arena arena = csn_arena_over(nodes, sizeof nodes);
        const struct csn_json_node *root = NULL;
        assert_int_equal(csn_json_parse(csn_bytes_text(documents[i]), &arena, &root), CSN_OK);
        struct csn_buffer out = fresh();
        struct csn_json_writer w = csn_json_writer_over(&out);
        csn_json_node(&w, root);
        assert_string_equal(csn_buffer_terminate(&out), documents[i]);
    }
}

static void
a_tree_may_be_a_member_or_an_element(void **state)
{
    (void)state;
    struct csn_json_node leaf = {.kind = CSN_JSON_STRING, .name = BYTES("own"), .text = BYTES("x")};
    struct csn_json_node list = {.kind = CSN_JSON_ARRAY, .first = &leaf, .count = 1};
    struct csn_buffer out = fresh();
    struct csn_json_writer w = csn_json_writer_over(&out);
    csn_json_open_object(&w);
    csn_json_name(&w, "a");
    csn_json_node(&w, &leaf);
    csn_json_name(&w, "b");
    csn_json_node(&w, &list);
    csn_json_close_object(&w);
    assert_string_equal(csn_buffer_terminate(&out), "{\"a\":\"x\",\"b\":[\"x\"]}");
}

static void
a_tree_is_written_to_depth_32_and_no_deeper(void **state)
{
    (void)state;
    struct csn_json_node chain[CSN_JSON_DEPTH_MAX + 1] = {0};
    for (size_t i = 0; i <= CSN_JSON_DEPTH_MAX; i++) {
        chain[i].kind = CSN_JSON_ARRAY;
        chain[i].first = i < CSN_JSON_DEPTH_MAX ? &chain[i + 1] : NULL;
    }
    struct csn_buffer out = fresh();
    struct csn_json_writer w = csn_json_writer_over(&out);
    csn_json_node(&w, &chain[1]);
    assert_int_equal(out.len, 2 * CSN_JSON_DEPTH_MAX);
    w = csn_json_writer_over(&out);
    expect_assert_failure(csn_json_node(&w, &chain[0]));
}

static void
asserts_containers_are_balanced(void **state)
{
    (void)state;
    struct csn_buffer out = fresh();
    struct csn_json_writer w = csn_json_writer_over(&out);
    expect_assert_failure(csn_json_close_object(&w));
    expect_assert_failure(csn_json_close_array(&w));
    for (int depth = 0; depth < 63; depth++)
        csn_json_open_array(&w);
    expect_assert_failure(csn_json_open_array(&w));
}

static void
asserts_a_name_stands_in_a_container_and_has_a_value(void **state)
{
    (void)state;
    struct csn_buffer out = fresh();
    struct csn_json_writer w = csn_json_writer_over(&out);
    expect_assert_failure(csn_json_name(&w, "a"));
    csn_json_open_object(&w);
    csn_json_name(&w, "a");
    expect_assert_failure(csn_json_name(&w, "b"));
    expect_assert_failure(csn_json_close_object(&w));
}

static void
asserts_a_document_is_one_value(void **state)
{
    (void)state;
    struct csn_buffer out = fresh();
    struct csn_json_writer w = csn_json_writer_over(&out);
    csn_json_null(&w);
    expect_assert_failure(csn_json_null(&w));
}

static void
asserts_there_is_something_to_write(void **state)
{
    (void)state;
    struct csn_buffer out = fresh();
    struct csn_json_writer w = csn_json_writer_over(&out);
    const struct csn_json_node unset = {0};
    expect_assert_failure(csn_json_raw(&w, (struct csn_bytes){0}));
    expect_assert_failure(csn_json_node(&w, &unset));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(places_commas_and_colons),
        cmocka_unit_test(any_value_may_stand_alone),
        cmocka_unit_test(escapes_what_must_be_and_what_html_would_read),
        cmocka_unit_test(every_byte_comes_back_as_it_was),
        cmocka_unit_test(what_is_no_utf8_becomes_the_replacement_character),
        cmocka_unit_test(does_not_complete_a_character_from_behind_the_end),
        cmocka_unit_test(names_are_escaped_too),
        cmocka_unit_test(a_buffer_too_small_is_marked_at_every_size),
        cmocka_unit_test(a_tree_is_written_as_it_was_read),
        cmocka_unit_test(a_tree_may_be_a_member_or_an_element),
        cmocka_unit_test(a_tree_is_written_to_depth_32_and_no_deeper),
        cmocka_unit_test(asserts_containers_are_balanced),
        cmocka_unit_test(asserts_a_name_stands_in_a_container_and_has_a_value),
        cmocka_unit_test(asserts_a_document_is_one_value),
        cmocka_unit_test(asserts_there_is_something_to_write),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
