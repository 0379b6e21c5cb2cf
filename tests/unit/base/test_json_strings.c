/* Strings as the reader takes them: controls, escapes, surrogates, UTF-8, at every place of a word.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "json_support.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* A string document of `middle` between plain characters. */
static bool
accepts_inside(struct csn_bytes middle, size_t before, size_t after)
{
    char memory[128];
    struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
    csn_buffer_byte(&out, '"');
    for (size_t i = 0; i < before; i++)
        csn_buffer_byte(&out, 'x');
    csn_buffer_append(&out, middle);
    for (size_t i = 0; i < after; i++)
        csn_buffer_byte(&out, 'x');
    csn_buffer_byte(&out, '"');
    assert_false(out.overflowed);
    return accepts(csn_buffer_view(&out));
}

/* Both where a whole word can be looked at and where the document ends before. */
static void
assert_inside(struct csn_bytes middle, bool expected)
{
    for (size_t before = 0; before < 17; before++) {
        for (size_t after = 0; after < 12; after++)
            assert_int_equal(accepts_inside(middle, before, after), expected);
    }
}

static void
takes_every_byte_as_the_grammar_says(void **state)
{
    (void)state;
    for (unsigned byte = 0; byte < 256; byte++) {
        uint8_t c = (uint8_t)byte;
        bool plain = byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
        assert_inside(csn_bytes_of(&c, 1), plain);
    }
}

static void
takes_every_escape_as_the_grammar_says(void **state)
{
    (void)state;
    for (unsigned byte = 0; byte < 256; byte++) {
        uint8_t escape[] = {'\\', (uint8_t)byte};
        bool known = byte != 0 && strchr("\"\\/bfnrt", (int)byte) != NULL;
        assert_inside(csn_bytes_of(escape, sizeof escape), known);
    }
}

static void
takes_hex_digits_of_either_case_and_no_others(void **state)
{
    (void)state;
    for (unsigned place = 2; place < 6; place++) {
        for (unsigned byte = 0; byte < 256; byte++) {
            uint8_t escape[] = "\\u0000";
            escape[place] = (uint8_t)byte;
            bool hex = byte != 0 && strchr("0123456789abcdefABCDEF", (int)byte) != NULL;
            if (accepts_inside(csn_bytes_of(escape, 6), 0, 9) != hex)
                fail_msg("place %u byte %02x", place, byte);
        }
    }
}

static void
refuses_cut_escapes(void **state)
{
    (void)state;
    static const struct document documents[] = {
        DOCUMENT("\"\\"),
        DOCUMENT("\"\\\""),
        DOCUMENT("\"\\u"),
        DOCUMENT("\"\\u0"),
        DOCUMENT("\"\\u00"),
        DOCUMENT("\"\\u00e"),
        DOCUMENT("\"\\u00e9"),
        DOCUMENT("\"\\u00e\""),
        DOCUMENT("\"\\u\""),
        DOCUMENT("\"\\uD834"),
        DOCUMENT("\"\\uD834\\"),
        DOCUMENT("\"\\uD834\\u"),
        DOCUMENT("\"\\uD834\\uDD1"),
        DOCUMENT("\"\\uD834\\uDD1E"),
        DOCUMENT("\"\\U0041\""),
        DOCUMENT("\"\\x41\""),
        DOCUMENT("\"\\u-041\""),
        DOCUMENT("\"\\u 041\""),
        DOCUMENT("\"\\a\""),
        DOCUMENT("\"\\'\""),
    };
    assert_all_refused(documents, COUNT(documents));
}

static void
takes_surrogates_in_pairs_only(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool good;
    } cases[] = {
        {"\\uD7FF", true},         {"\\uE000", true},
        {"\\uD800\\uDC00", true},  {"\\uDBFF\\uDFFF", true},
        {"\\ud834\\udd1e", true},  {"\\uD800\\uDFFF", true},
        {"\\uDBFF\\uDC00", true},  {"\\uFFFF", true},
        {"\\u0000", true},         {"\\uD800", false},
        {"\\uDBFF", false},        {"\\uDC00", false},
        {"\\uDFFF", false},        {"\\uD800\\uDBFF", false},
        {"\\uD800\\uE000", false}, {"\\uD800\\uD800", false},
        {"\\uDC00\\uD800", false}, {"\\uDC00\\uDC00", false},
        {"\\uD800\\n", false},     {"\\uD800x", false},
        {"\\uD800\\u0041", false}, {"\\uDBFF\\uDBFF\\uDFFF", false},
        {"\\uD800/uDC00", false},  {"\\uD800\\vDC00", false},
        {"\\uD800\\uDC0G", false},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_inside(csn_bytes_text(cases[i].text), cases[i].good);
}

static void
takes_well_formed_utf8_only(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool good;
    } cases[] = {
        {"\xC2\x80", true},
        {"\xED\x9F\xBF", true},
        {"\xEF\xBF\xBF", true},
        {"\xF0\x90\x80\x80", true},
        {"\xF4\x8F\xBF\xBF", true},
        {"\xC3\xA9\xE2\x82\xAC", true},
        {"\xC0\xAF", false},
        {"\xED\xA0\x80", false},
        {"\xF4\x90\x80\x80", false},
        {"\xE2\x82", false},
        {"\xF0\x90\x80", false},
        {"\xC3\x28", false},
        {"\xFC\x83\xBF\xBF\xBF\xBF", false},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_inside(csn_bytes_text(cases[i].text), cases[i].good);
}

static void
an_unfinished_string_is_never_an_item(void **state)
{
    (void)state;
    static const char *const texts[] = {"\"", "\"abc", "\"\\n", "\"\xC3\xA9",
                                        "\"long enough for words"};
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct csn_json_names names;
        struct csn_json_reader reader;
        struct csn_json_item item;
        csn_json_reader_init(&reader, csn_bytes_text(texts[i]), &names);
        assert_int_equal(csn_json_next(&reader, &item), CSN_JSON_INVALID);
    }
}

static void
the_text_is_between_the_quotes_as_written(void **state)
{
    (void)state;
    struct csn_json_names names;
    struct csn_json_reader reader;
    struct csn_json_item item;
    const struct csn_bytes document =
        BYTES("[\"\",\"plain\",\"\\\"\",\"\xC3\xA9 long enough\",\"end\\\\\"]");
    csn_json_reader_init(&reader, document, &names);
    csn_json_next(&reader, &item);
    csn_json_next(&reader, &item);
    assert_bytes(item.text.raw, "");
    assert_ptr_equal(item.text.raw.ptr, document.ptr + 2);
    assert_false(item.text.escaped);
    csn_json_next(&reader, &item);
    assert_bytes(item.text.raw, "plain");
    assert_false(item.text.escaped);
    csn_json_next(&reader, &item);
    assert_bytes(item.text.raw, "\\\"");
    assert_true(item.text.escaped);
    csn_json_next(&reader, &item);
    assert_bytes(item.text.raw, "\xC3\xA9 long enough");
    assert_false(item.text.escaped);
    csn_json_next(&reader, &item);
    assert_bytes(item.text.raw, "end\\\\");
    assert_true(item.text.escaped);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_every_byte_as_the_grammar_says),
        cmocka_unit_test(takes_every_escape_as_the_grammar_says),
        cmocka_unit_test(takes_hex_digits_of_either_case_and_no_others),
        cmocka_unit_test(refuses_cut_escapes),
        cmocka_unit_test(takes_surrogates_in_pairs_only),
        cmocka_unit_test(takes_well_formed_utf8_only),
        cmocka_unit_test(an_unfinished_string_is_never_an_item),
        cmocka_unit_test(the_text_is_between_the_quotes_as_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
