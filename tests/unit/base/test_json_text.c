/* The values of strings: compared and copied with their escapes resolved.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

/* The text of a document that is one string. */
static struct csn_json_text
text_of(const char *document)
{
    static struct csn_json_names names;
    struct csn_json_reader reader;
    struct csn_json_item item;
    csn_json_reader_init(&reader, csn_bytes_text(document), &names);
    assert_int_equal(csn_json_next(&reader, &item), CSN_JSON_STRING);
    return item.text;
}

static const struct {
    const char *document;
    struct csn_bytes value;
} cases[] = {
#define CASE(document, literal)                                                                    \
    {                                                                                              \
        document,                                                                                  \
        {                                                                                          \
            (const uint8_t *)(literal), sizeof(literal) - 1                                        \
        }                                                                                          \
    }
    CASE("\"\"", ""),
    CASE("\"plain\"", "plain"),
    CASE("\"\xC3\xA9\"", "\xC3\xA9"),
    CASE("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t"),
    CASE("\"\\u0041\"", "A"),
    CASE("\"a\\u0000b\"", "a\0b"),
    CASE("\"a\\u0000\"", "a\0"),
    CASE("\"\\u0061\"", "a"),
    CASE("\"\\u007F\\u0080\\u07FF\\u0800\\uFFFF\"", "\x7F\xC2\x80\xDF\xBF\xE0\xA0\x80\xEF\xBF\xBF"),
    CASE("\"\\uD800\\uDC00\\uDBFF\\uDFFF\"", "\xF0\x90\x80\x80\xF4\x8F\xBF\xBF"),
    CASE("\"\\uaBcD\"", "\xEA\xAF\x8D"),
    CASE("\"run \\n run \\t run\"", "run \n run \t run"),
    CASE("\"\\n\\n\"", "\n\n"),
#undef CASE
};

static void
copies_the_value(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char memory[64];
        struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
        csn_json_text_append(text_of(cases[i].document), &out);
        if (!csn_bytes_equal(csn_buffer_view(&out), cases[i].value))
            fail_msg("%s", cases[i].document);
    }
}

static void
a_value_too_long_for_the_buffer_marks_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (size_t cap = 0; cap <= cases[i].value.len; cap++) {
            char memory[64];
            struct csn_buffer out = csn_buffer_over(memory, cap);
            csn_json_text_append(text_of(cases[i].document), &out);
            assert_int_equal(out.overflowed, cap < cases[i].value.len);
        }
    }
}

static void
is_exactly_its_value(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (size_t j = 0; j < sizeof cases / sizeof *cases; j++)
            assert_int_equal(csn_json_text_is(text_of(cases[i].document), cases[j].value), i == j);
    }
}

static void
is_not_its_value_with_more_less_or_another_end(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct csn_json_text text = text_of(cases[i].document);
        uint8_t other[64] = {0};
        size_t len = cases[i].value.len;
        memcpy(other, cases[i].value.ptr, len);
        assert_true(csn_json_text_is(text, csn_bytes_of(other, len)));
        assert_false(csn_json_text_is(text, csn_bytes_of(other, len + 1)));
        if (len == 0)
            continue;
        assert_false(csn_json_text_is(text, csn_bytes_of(other, len - 1)));
        other[len - 1] ^= 1;
        assert_false(csn_json_text_is(text, csn_bytes_of(other, len)));
    }
}

static void
asserts_that_the_text_came_from_a_reader(void **state)
{
    (void)state;
    char memory[64];
    struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
    struct csn_json_text broken = {.raw = BYTES("\\q"), .escaped = true};
    expect_assert_failure(csn_json_text_append(broken, &out));
    expect_assert_failure(csn_json_text_is(broken, BYTES("q")));
    broken.raw = BYTES("\\");
    expect_assert_failure(csn_json_text_append(broken, &out));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(copies_the_value),
        cmocka_unit_test(a_value_too_long_for_the_buffer_marks_it),
        cmocka_unit_test(is_exactly_its_value),
        cmocka_unit_test(is_not_its_value_with_more_less_or_another_end),
        cmocka_unit_test(asserts_that_the_text_came_from_a_reader),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
