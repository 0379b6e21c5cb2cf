/* The reader: grammar, structure, limits. Strings, names and numbers have files of their own.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "json_support.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* Writes what the reader says of a document: one sign for each item, its depth, its texts. */
static const char *
outline(const char *document, struct csn_buffer *out)
{
    static const char signs[] = "?{[\"#tfn.$";
    struct csn_json_names names;
    struct csn_json_reader reader;
    struct csn_json_item item;
    csn_json_reader_init(&reader, csn_bytes_text(document), &names);
    do {
        csn_json_next(&reader, &item);
        csn_buffer_int(out, item.depth);
        csn_buffer_byte(out, (uint8_t)signs[item.kind]);
        if (item.named) {
            csn_buffer_append(out, item.name.raw);
            csn_buffer_byte(out, item.name.escaped ? '~' : '=');
        }
        csn_buffer_append(out, item.text.raw);
        csn_buffer_text(out, item.text.escaped ? "~ " : " ");
    } while (item.kind != CSN_JSON_INVALID && item.kind != CSN_JSON_END);
    return csn_buffer_terminate(out);
}

static void
reads_every_kind_of_item_in_order(void **state)
{
    (void)state;
    static const struct {
        const char *document, *outline;
    } cases[] = {
        {"{}", "0{ 0. 0$ "},
        {"[]", "0[ 0. 0$ "},
        {"5", "0#5 0$ "},
        {"\"\"", "0\" 0$ "},
        {"{\"a\":1,\"b\":[true,false,null,\"x\\n\",-2.5e+3],\"\":{\"c\\u0064\":{}}}",
         "0{ 1#a=1 1[b= 2t 2f 2n 2\"x\\n~ 2#-2.5e+3 1. 1{= 2{c\\u0064~ 2. 1. 0. 0$ "},
        {" [ 1 , { \"k\" : \"v\" } ] ", "0[ 1#1 1{ 2\"k=v 1. 0. 0$ "},
        {"[1,2", "0[ 1#1 1#2 0? "},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char memory[256];
        struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
        assert_string_equal(outline(cases[i].document, &out), cases[i].outline);
    }
}

static void
accepts_any_value_as_a_document(void **state)
{
    (void)state;
    static const struct document documents[] = {
        DOCUMENT("null"), DOCUMENT("true"), DOCUMENT("false"), DOCUMENT("0"),    DOCUMENT("\"x\""),
        DOCUMENT("[]"),   DOCUMENT("{}"),   DOCUMENT("[[]]"),  DOCUMENT("[{}]"),
    };
    assert_all_accepted(documents, COUNT(documents));
}

static void
refuses_anything_but_one_value(void **state)
{
    (void)state;
    static const struct document documents[] = {
        DOCUMENT(""),
        DOCUMENT(" "),
        DOCUMENT("\n"),
        DOCUMENT("1 2"),
        DOCUMENT("{}{}"),
        DOCUMENT("[]]"),
        DOCUMENT("{}}"),
        DOCUMENT("[],"),
        DOCUMENT("{},{}"),
        DOCUMENT("null x"),
        DOCUMENT("\"a\"\"b\""),
        DOCUMENT("5#"),
        DOCUMENT("{} // c"),
        DOCUMENT("/**/{}"),
        DOCUMENT("{}\0"),
        DOCUMENT("\0{}"),
        DOCUMENT("\xEF\xBB\xBF{}"), /* a byte order mark, RFC 8259 §8.1 */
        DOCUMENT("{}\xEF\xBB\xBF"),
    };
    assert_all_refused(documents, COUNT(documents));
}

static void
skips_the_four_white_spaces_and_no_others(void **state)
{
    (void)state;
    assert_true(ACCEPTS(" \t\r\n{ \t\r\n\"a\" \t\r\n: \t\r\n[ \t\r\n1 \t\r\n, \t\r\n2 ] } \t\r\n"));
    static const struct document documents[] = {
        DOCUMENT("\v{}"),        DOCUMENT("\f[]"),           DOCUMENT("[\v]"),
        DOCUMENT("[1\f]"),       DOCUMENT("[1]\v"),          DOCUMENT("[\0]"),
        DOCUMENT("\xC2\xA0[]"),  DOCUMENT("[\xE2\x81\xA0]"), DOCUMENT("{\x1F}"),
        DOCUMENT("{\"a\"\v:1}"), DOCUMENT("{\"a\":\v1}"),    DOCUMENT("[1,\v2]"),
    };
    assert_all_refused(documents, COUNT(documents));
}

static void
refuses_broken_arrays(void **state)
{
    (void)state;
    static const struct document documents[] = {
        DOCUMENT("["),         DOCUMENT("]"),          DOCUMENT("[1"),    DOCUMENT("[1,"),
        DOCUMENT("[,"),        DOCUMENT("[,1]"),       DOCUMENT("[1,]"),  DOCUMENT("[1,,2]"),
        DOCUMENT("[,]"),       DOCUMENT("[1 2]"),      DOCUMENT("[1;2]"), DOCUMENT("[1:2]"),
        DOCUMENT("[1}"),       DOCUMENT("[}"),         DOCUMENT("[[1]"),  DOCUMENT("[1 true]"),
        DOCUMENT("[\"\": 1]"), DOCUMENT("[1,\n1\n,1"), DOCUMENT("[*]"),   DOCUMENT("[{}"),
    };
    assert_all_refused(documents, COUNT(documents));
}

static void
refuses_broken_objects(void **state)
{
    (void)state;
    static const struct document documents[] = {
        DOCUMENT("{"),
        DOCUMENT("}"),
        DOCUMENT("{]"),
        DOCUMENT("{\"a\"}"),
        DOCUMENT("{\"a\""),
        DOCUMENT("{\"a\":"),
        DOCUMENT("{\"a\":}"),
        DOCUMENT("{\"a\":1"),
        DOCUMENT("{\"a\":1,"),
        DOCUMENT("{\"a\":1,}"),
        DOCUMENT("{,}"),
        DOCUMENT("{,\"a\":1}"),
        DOCUMENT("{\"a\" 1}"),
        DOCUMENT("{\"a\",1}"),
        DOCUMENT("{\"a\"::1}"),
        DOCUMENT("{\"a\":1 \"b\":2}"),
        DOCUMENT("{\"a\":1]"),
        DOCUMENT("{a:1}"),
        DOCUMENT("{'a':1}"),
        DOCUMENT("{a\":1}"),
        DOCUMENT("{\"a\":1,b\":2}"),
        DOCUMENT("{1:1}"),
        DOCUMENT("{null:1}"),
        DOCUMENT("{[]:1}"),
        DOCUMENT("{\"a\":1,,\"b\":2}"),
        DOCUMENT("{\"a\":1;\"b\":2}"),
        DOCUMENT("{\"a\":1,\"b\"}"),
        DOCUMENT("{\"a\":1,2}"),
        DOCUMENT("{\"a\":\"b\"}#"),
        DOCUMENT("{\"a\":[1,{\"b\":2}}"),
    };
    assert_all_refused(documents, COUNT(documents));
}

static void
refuses_literals_that_are_not_exact(void **state)
{
    (void)state;
    static const struct document documents[] = {
        DOCUMENT("tru"),  DOCUMENT("true1"),    DOCUMENT("True"),      DOCUMENT("TRUE"),
        DOCUMENT("truE"), DOCUMENT("fals"),     DOCUMENT("False"),     DOCUMENT("falsy"),
        DOCUMENT("nul"),  DOCUMENT("nulL"),     DOCUMENT("Null"),      DOCUMENT("nullx"),
        DOCUMENT("t"),    DOCUMENT("[tru]"),    DOCUMENT("[nul]"),     DOCUMENT("truefalse"),
        DOCUMENT("NaN"),  DOCUMENT("Infinity"), DOCUMENT("-Infinity"), DOCUMENT("undefined"),
        DOCUMENT("nan"),
    };
    assert_all_refused(documents, COUNT(documents));
}

/* `depth` opening brackets, and as many closing ones. */
static bool
accepts_depth(size_t depth, const char *opens, const char *closes)
{
    char memory[512];
    struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
    for (size_t i = 0; i < depth; i++)
        csn_buffer_text(&out, opens);
    csn_buffer_text(&out, "1");
    for (size_t i = 0; i < depth; i++)
        csn_buffer_text(&out, closes);
    assert_false(out.overflowed);
    return accepts(csn_buffer_view(&out));
}

static void
accepts_depth_32_and_refuses_33(void **state)
{
    (void)state;
    assert_int_equal(CSN_JSON_DEPTH_MAX, 32);
    assert_true(accepts_depth(0, "[", "]"));
    assert_true(accepts_depth(32, "[", "]"));
    assert_false(accepts_depth(33, "[", "]"));
    assert_true(accepts_depth(32, "{\"a\":", "}"));
    assert_false(accepts_depth(33, "{\"a\":", "}"));
    assert_true(accepts_depth(16, "[{\"a\":", "}]"));
    assert_false(accepts_depth(17, "[{\"a\":", "}]"));
}

static void
depth_is_what_is_open_now_not_what_was(void **state)
{
    (void)state;
    char memory[1024];
    struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
    csn_buffer_text(&out, "[[]");
    for (int i = 0; i < 100; i++)
        csn_buffer_text(&out, i % 2 == 0 ? ",{}" : ",[]");
    csn_buffer_text(&out, "]");
    assert_true(accepts(csn_buffer_view(&out)));
}

static void
a_bracket_closes_only_its_own_kind_at_every_depth(void **state)
{
    (void)state;
    for (size_t depth = 1; depth <= CSN_JSON_DEPTH_MAX; depth++) {
        assert_false(accepts_depth(depth, "[", "}"));
        assert_false(accepts_depth(depth, "{\"a\":", "]"));
    }
}

static void
every_proper_beginning_of_a_document_is_refused(void **state)
{
    (void)state;
    const struct csn_bytes whole =
        BYTES("{\"name\":[1,-2.5e3,true,false,null,\"\\u00e9\xC3\xA9\"],\"other\":{\"x\":{}}}");
    assert_true(accepts(whole));
    for (size_t len = 0; len < whole.len; len++)
        assert_false(accepts(csn_bytes_slice(whole, 0, len)));
}

static void
a_zeroed_reader_refuses(void **state)
{
    (void)state;
    struct csn_json_reader reader = {0};
    struct csn_json_item item;
    assert_int_equal(csn_json_next(&reader, &item), CSN_JSON_INVALID);
}

static void
the_empty_view_is_refused(void **state)
{
    (void)state;
    struct csn_json_names names;
    struct csn_json_reader reader;
    struct csn_json_item item;
    csn_json_reader_init(&reader, (struct csn_bytes){0}, &names);
    assert_int_equal(csn_json_next(&reader, &item), CSN_JSON_INVALID);
}

static void
asserts_that_offsets_fit_into_32_bits(void **state)
{
    (void)state;
    struct csn_json_names names;
    struct csn_json_reader reader;
    csn_json_reader_init(&reader, csn_bytes_of("", UINT32_MAX), &names);
    expect_assert_failure(
        csn_json_reader_init(&reader, csn_bytes_of("", (size_t)UINT32_MAX + 1), &names));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_kind_of_item_in_order),
        cmocka_unit_test(accepts_any_value_as_a_document),
        cmocka_unit_test(refuses_anything_but_one_value),
        cmocka_unit_test(skips_the_four_white_spaces_and_no_others),
        cmocka_unit_test(refuses_broken_arrays),
        cmocka_unit_test(refuses_broken_objects),
        cmocka_unit_test(refuses_literals_that_are_not_exact),
        cmocka_unit_test(accepts_depth_32_and_refuses_33),
        cmocka_unit_test(depth_is_what_is_open_now_not_what_was),
        cmocka_unit_test(a_bracket_closes_only_its_own_kind_at_every_depth),
        cmocka_unit_test(every_proper_beginning_of_a_document_is_refused),
        cmocka_unit_test(a_zeroed_reader_refuses),
        cmocka_unit_test(the_empty_view_is_refused),
        cmocka_unit_test(asserts_that_offsets_fit_into_32_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
