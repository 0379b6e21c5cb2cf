/* UTF-8: both sides of every boundary of RFC 3629 §4, at every distance from the end of the text.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include "base/utf8.h"

struct sample {
    const char *text;
    size_t len;
};
#define SAMPLE(literal)                                                                            \
    {                                                                                              \
        literal, sizeof(literal) - 1                                                               \
    }

static const struct sample good[] = {
    SAMPLE("\x01"),
    SAMPLE("\x7F"),
    SAMPLE("\xC2\x80"),
    SAMPLE("\xDF\xBF"),
    SAMPLE("\xE0\xA0\x80"),
    SAMPLE("\xE0\xBF\xBF"),
    SAMPLE("\xE1\x80\x80"),
    SAMPLE("\xEC\xBF\xBF"),
    SAMPLE("\xED\x80\x80"),
    SAMPLE("\xED\x9F\xBF"),
    SAMPLE("\xEE\x80\x80"),
    SAMPLE("\xEF\xBF\xBF"), /* U+FFFF, a noncharacter, is a character */
    SAMPLE("\xF0\x90\x80\x80"),
    SAMPLE("\xF0\xBF\xBF\xBF"),
    SAMPLE("\xF1\x80\x80\x80"),
    SAMPLE("\xF3\xBF\xBF\xBF"),
    SAMPLE("\xF4\x80\x80\x80"),
    SAMPLE("\xF4\x8F\xBF\xBF"),
};

static const struct sample bad[] = {
    SAMPLE("\x80"), /* a tail alone */
    SAMPLE("\xBF"),
    SAMPLE("\xC0\x80"), /* overlong NUL */
    SAMPLE("\xC1\xBF"), /* overlong U+007F */
    SAMPLE("\xC2"),     /* cut */
    SAMPLE("\xC2\x7F"), /* no tail */
    SAMPLE("\xC2\xC0"),
    SAMPLE("\xE0\x9F\xBF"), /* overlong U+07FF */
    SAMPLE("\xE0\xC0\x80"),
    SAMPLE("\xE1\x80"), /* cut */
    SAMPLE("\xE1\x7F\x80"),
    SAMPLE("\xE1\x80\x7F"),
    SAMPLE("\xE1\x80\xC0"),
    SAMPLE("\xED\x7F\x80"),
    SAMPLE("\xED\xA0\x80"),     /* U+D800 */
    SAMPLE("\xED\xBF\xBF"),     /* U+DFFF */
    SAMPLE("\xF0\x8F\xBF\xBF"), /* overlong U+FFFF */
    SAMPLE("\xF0\xC0\x80\x80"),
    SAMPLE("\xF1\x80\x80"), /* cut */
    SAMPLE("\xF1\x80\x80\x7F"),
    SAMPLE("\xF1\x80\x7F\x80"),
    SAMPLE("\xF4\x7F\x80\x80"),
    SAMPLE("\xF4\x90\x80\x80"), /* U+110000 */
    SAMPLE("\xF5\x80\x80\x80"),
    SAMPLE("\xFF"),
};

/* The sample with `before` and `after` plain characters around it, in memory of exactly that size.
 * Returns: what csn_utf8_valid says. */
static bool
valid_between(struct sample sample, size_t before, size_t after)
{
    size_t len = before + sample.len + after;
    char *text = malloc(len);
    assert_non_null(text);
    memset(text, 'x', len);
    memcpy(text + before, sample.text, sample.len);
    bool valid = csn_utf8_valid(csn_bytes_of(text, len));
    free(text);
    return valid;
}

static void
accepts_both_ends_of_every_range(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        for (size_t around = 0; around < 18; around++)
            assert_true(valid_between(good[i], around, around / 2));
    }
}

static void
refuses_what_lies_just_outside(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        for (size_t around = 0; around < 18; around++)
            assert_false(valid_between(bad[i], around, around / 2));
    }
}

static void
nothing_and_nul_are_valid(void **state)
{
    (void)state;
    assert_true(csn_utf8_valid((struct csn_bytes){0}));
    assert_true(csn_utf8_valid(BYTES("")));
    assert_true(csn_utf8_valid(BYTES("\0")));
}

static void
a_character_that_is_none_has_no_length(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const uint8_t *text = (const uint8_t *)bad[i].text;
        assert_int_equal(csn_utf8_length(text, text + bad[i].len), 0);
    }
}

static void
does_not_look_behind_the_end_for_tails(void **state)
{
    (void)state;
    assert_false(csn_utf8_valid(csn_bytes_of("\xC3\xA9", 1)));
    assert_false(csn_utf8_valid(csn_bytes_of("\xE2\x82\xAC", 2)));
    assert_false(csn_utf8_valid(csn_bytes_of("\xF0\x9D\x84\x9E", 3)));
}

/* Every scalar value there is: written, it is well formed, and as long as it says. */
static void
what_is_written_is_read(void **state)
{
    (void)state;
    for (uint32_t code = 0; code <= 0x10FFFF; code++) {
        if (code >= 0xD800 && code <= 0xDFFF)
            continue;
        uint8_t text[4];
        size_t len = csn_utf8_write(code, text);
        size_t due = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
        if (len != due || csn_utf8_length(text, text + len) != len)
            fail_msg("U+%04X", (unsigned)code);
        if (len > 1 && csn_utf8_length(text, text + len - 1) != 0)
            fail_msg("U+%04X, cut", (unsigned)code);
    }
}

static void
writes_the_bytes_of_the_standard(void **state)
{
    (void)state;
    uint8_t text[4];
    assert_bytes(csn_bytes_of(text, csn_utf8_write('$', text)), "$");
    assert_bytes(csn_bytes_of(text, csn_utf8_write(0xE9, text)), "\xC3\xA9");
    assert_bytes(csn_bytes_of(text, csn_utf8_write(0x20AC, text)), "\xE2\x82\xAC");
    assert_bytes(csn_bytes_of(text, csn_utf8_write(0x1D11E, text)), "\xF0\x9D\x84\x9E");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepts_both_ends_of_every_range),
        cmocka_unit_test(refuses_what_lies_just_outside),
        cmocka_unit_test(nothing_and_nul_are_valid),
        cmocka_unit_test(a_character_that_is_none_has_no_length),
        cmocka_unit_test(does_not_look_behind_the_end_for_tails),
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(writes_the_bytes_of_the_standard),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
