/* Numbers: the grammar, the length limit, and exact values at any scale and exponent.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "json_support.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define D10 "1234567890"

static const char *const well_formed[] = {
    "0",    "-0",    "1",     "-1",   "10",    "9007199254740993",
    "0.0",  "-0.5",  "1.25",  "1e5",  "1E5",   "1e+5",
    "1e-5", "1.5e5", "0e0",   "0e-0", "0E+00", "1e05",
    "1e00", "0.1e1", "-1e-1", "20e1", "1e999", "123.456e-789",
    "-0e1", "1.0",   "100",
};

static const char *const malformed[] = {
    "-",   "+1",   "01",   "-01",   "00",        "1.",    ".5", "-.5",  "1.e5",         "1e",
    "1e+", "1E-",  "1e5.", "1e5e",  "1.2.3",     "--1",   "1-", "-a",   "0x10",         "1,0",
    "1_0", "1e 5", "1 e5", "- 1",   "-Infinity", "NaN",   "1f", "0.e1", "1d5",          "1D5",
    "1f5", "0e",   "1eE2", "-1.e1", "1+2",       "1e+-2", "2e", "1a",   "\xEF\xBC\x91",
};

static void
reader_and_number_agree_on_the_grammar(void **state)
{
    (void)state;
    int64_t value = 0;
    for (size_t i = 0; i < COUNT(well_formed); i++) {
        if (!accepts(csn_bytes_text(well_formed[i])))
            fail_msg("refused: %s", well_formed[i]);
    }
    for (size_t i = 0; i < COUNT(malformed); i++) {
        if (accepts(csn_bytes_text(malformed[i])) ||
            csn_json_number(csn_bytes_text(malformed[i]), 0, &value) != CSN_INVALID ||
            csn_json_integer(csn_bytes_text(malformed[i]), &value) != CSN_INVALID)
            fail_msg("accepted: %s", malformed[i]);
    }
}

static void
no_text_is_no_number(void **state)
{
    (void)state;
    int64_t value = 7;
    assert_int_equal(csn_json_number((struct csn_bytes){0}, 0, &value), CSN_INVALID);
    assert_int_equal(csn_json_number(BYTES(" 1"), 0, &value), CSN_INVALID);
    assert_int_equal(csn_json_number(BYTES("1 "), 0, &value), CSN_INVALID);
    assert_int_equal(csn_json_number(BYTES("1\0"), 0, &value), CSN_INVALID);
    assert_true(value == 7);
}

static void
takes_40_characters_and_refuses_41(void **state)
{
    (void)state;
    assert_int_equal(CSN_JSON_NUMBER_MAX, 40);
    int64_t value = 7;
    assert_true(ACCEPTS("0." D10 D10 D10 "12345678"));
    assert_false(ACCEPTS("0." D10 D10 D10 "123456789"));
    assert_true(ACCEPTS("[" D10 D10 D10 D10 "]"));
    assert_false(ACCEPTS("[" D10 D10 D10 D10 "1]"));
    assert_int_equal(csn_json_number(BYTES("0." D10 D10 D10 "12345678"), 3, &value), CSN_OK);
    assert_true(value == 123);
    assert_int_equal(csn_json_number(BYTES("0." D10 D10 D10 "123456789"), 3, &value), CSN_INVALID);
    assert_int_equal(csn_json_integer(BYTES("0." D10 D10 D10 "123456789"), &value), CSN_INVALID);
    /* The value fits, the text is what is too long. */
    assert_int_equal(csn_json_integer(BYTES("1e0000000000000000000000000000000000001"), &value),
                     CSN_OK);
    assert_int_equal(csn_json_integer(BYTES("1e00000000000000000000000000000000000001"), &value),
                     CSN_OK);
    assert_int_equal(csn_json_integer(BYTES("1e000000000000000000000000000000000000001"), &value),
                     CSN_INVALID);
}

static void
reads_exactly_and_cuts_toward_zero(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        unsigned scale;
        int64_t value;
    } cases[] = {
        {"0", 0, 0},
        {"-0", 0, 0},
        {"1.9", 0, 1},
        {"-1.9", 0, -1},
        {"-0.9", 0, 0},
        {"1763720000", 3, 1763720000000},
        {"1763720000.5", 3, 1763720000500},
        {"1763720000.0009", 3, 1763720000000},
        {"1763720000.9999", 3, 1763720000999},
        {"1.7637200005e9", 3, 1763720000500},
        {"17637200005e-1", 3, 1763720000500},
        {"0.1", 1, 1},
        {"0.3", 17, 30000000000000000}, /* no double holds it */
        {"0.00001e5", 0, 1},
        {"123456e-6", 6, 123456},
        {"123456e-7", 6, 12345},
        {"1e-999999999", 3, 0},
        {"-1e-99999999999999999999999999999999", 3, 0},
        {"0e999999999", 3, 0},
        {"0.000e99999999999999999999999999999999", 0, 0},
        {"-0.0e5", 18, 0},
        {"9223372036854775807", 0, INT64_MAX},
        {"-9223372036854775808", 0, INT64_MIN},
        {"9223372036854775807.99", 0, INT64_MAX},
        {"-9223372036854775808.99", 0, INT64_MIN},
        {"9223372036854.775807e6", 0, INT64_MAX},
        {"9223372036854775.807", 3, INT64_MAX},
        {"1e18", 0, 1000000000000000000},
        {"1", 18, 1000000000000000000},
        {"1e-18", 18, 1},
        {"1e-4294967295", UINT32_MAX, 1},
        {"5e-4294967296", UINT32_MAX, 0},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t value = -7;
        if (csn_json_number(csn_bytes_text(cases[i].text), cases[i].scale, &value) != CSN_OK ||
            value != cases[i].value)
            fail_msg("%s", cases[i].text);
    }
}

static void
does_not_look_behind_the_end(void **state)
{
    (void)state;
    static const char *const texts[] = {"15.5", "15e3", "15E3", "151"};
    for (size_t i = 0; i < COUNT(texts); i++) {
        int64_t value = 0;
        assert_true(accepts(csn_bytes_of(texts[i], 2)));
        assert_int_equal(csn_json_integer(csn_bytes_of(texts[i], 2), &value), CSN_OK);
        assert_true(value == 15);
        assert_int_equal(csn_json_number(csn_bytes_of(texts[i], 2), 1, &value), CSN_OK);
        assert_true(value == 150);
    }
    int64_t value = 0;
    assert_int_equal(csn_json_number(csn_bytes_of("-5", 1), 0, &value), CSN_INVALID);
    assert_int_equal(csn_json_number(csn_bytes_of("1e-5", 3), 0, &value), CSN_INVALID);
    assert_int_equal(csn_json_number(csn_bytes_of("1e5", 2), 0, &value), CSN_INVALID);
    assert_int_equal(csn_json_number(csn_bytes_of("1.5", 2), 0, &value), CSN_INVALID);
}

static void
refuses_what_64_bits_cannot_hold(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        unsigned scale;
    } cases[] = {
        {"9223372036854775808", 0},
        {"-9223372036854775809", 0},
        {"9223372036854775807", 1},
        {"9223372036854775.808", 3},
        {"1e19", 0},
        {"1", 19},
        {"1e999999999", 0},
        {"-1e99999999999999999999999999999999", 0},
        {"10000000000000000000", 0},
        {"18446744073709551616", 0},
        {"1", UINT32_MAX},
        {"99999999999999999999999999999999999999", 0},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t value = 7;
        if (csn_json_number(csn_bytes_text(cases[i].text), cases[i].scale, &value) != CSN_INVALID)
            fail_msg("%s", cases[i].text);
        assert_true(value == 7);
    }
}

static void
an_integer_is_whole_however_it_is_written(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t value;
    } whole[] = {
        {"5", 5},
        {"-5", -5},
        {"1e3", 1000},
        {"1.0", 1},
        {"1.50e1", 15},
        {"100e-2", 1},
        {"0e-5", 0},
        {"-0.000", 0},
        {"0e999999999", 0},
        {"0.0e-999999999", 0},
        {"9223372036854775807", INT64_MAX},
        {"-9223372036854775808.000", INT64_MIN},
        {"0.5e1", 5},
    };
    for (size_t i = 0; i < COUNT(whole); i++) {
        int64_t value = -7;
        if (csn_json_integer(csn_bytes_text(whole[i].text), &value) != CSN_OK ||
            value != whole[i].value)
            fail_msg("%s", whole[i].text);
    }
    static const char *const not_whole[] = {
        "0.5",          "1.5",
        "15e-1",        "1e-1",
        "1e-999999999", "1.0000000000000000000001",
        "1e999",        "1e999999999",
        "1.05e1",       "9223372036854775808",
        "123456e-7",    "-0.1",
    };
    for (size_t i = 0; i < COUNT(not_whole); i++) {
        int64_t value = 7;
        if (csn_json_integer(csn_bytes_text(not_whole[i]), &value) != CSN_INVALID)
            fail_msg("%s", not_whole[i]);
        assert_true(value == 7);
    }
}

static void
the_text_of_a_number_ends_where_the_number_does(void **state)
{
    (void)state;
    struct csn_json_names names;
    struct csn_json_reader reader;
    struct csn_json_item item;
    csn_json_reader_init(&reader, BYTES("[-1.5e+3,0 ]"), &names);
    csn_json_next(&reader, &item);
    csn_json_next(&reader, &item);
    assert_bytes(item.text.raw, "-1.5e+3");
    csn_json_next(&reader, &item);
    assert_bytes(item.text.raw, "0");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reader_and_number_agree_on_the_grammar),
        cmocka_unit_test(no_text_is_no_number),
        cmocka_unit_test(takes_40_characters_and_refuses_41),
        cmocka_unit_test(reads_exactly_and_cuts_toward_zero),
        cmocka_unit_test(does_not_look_behind_the_end),
        cmocka_unit_test(refuses_what_64_bits_cannot_hold),
        cmocka_unit_test(an_integer_is_whole_however_it_is_written),
        cmocka_unit_test(the_text_of_a_number_ends_where_the_number_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
