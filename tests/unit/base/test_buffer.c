/* Buffers: what fits is there, what does not fit leaves a prefix and a mark.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

static void
appends_every_kind_of_thing(void **state)
{
    (void)state;
    char memory[64];
    struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
    csn_buffer_append(&out, BYTES("a\0b"));
    csn_buffer_text(&out, "-text-");
    csn_buffer_byte(&out, '!');
    csn_buffer_int(&out, -42);
    csn_buffer_hex(&out, BYTES("\x00\x9F\xFF"));
    csn_buffer_append(&out, (struct csn_bytes){0});
    csn_buffer_text(&out, NULL);
    assert_bytes(csn_buffer_view(&out), "a\0b-text-!-42009fff");
    assert_false(out.overflowed);
}

static void
writes_whole_numbers_to_both_ends(void **state)
{
    (void)state;
    static const struct {
        int64_t value;
        const char *text;
    } cases[] = {{0, "0"},
                 {9, "9"},
                 {10, "10"},
                 {-1, "-1"},
                 {INT64_MAX, "9223372036854775807"},
                 {INT64_MIN, "-9223372036854775808"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char memory[32];
        struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
        csn_buffer_int(&out, cases[i].value);
        assert_string_equal(csn_buffer_terminate(&out), cases[i].text);
    }
}

/* One piece of each kind, with its length. */
static size_t
append_piece(struct csn_buffer *out, unsigned kind)
{
    switch (kind) {
    case 0: csn_buffer_append(out, BYTES("abc")); return 3;
    case 1: csn_buffer_text(out, "defg"); return 4;
    case 2: csn_buffer_byte(out, '!'); return 1;
    case 3: csn_buffer_int(out, -123); return 4;
    default: csn_buffer_hex(out, BYTES("\x01\x02\x03")); return 6;
    }
}

static void
a_piece_fits_wholly_or_not_at_all(void **state)
{
    (void)state;
    for (unsigned kind = 0; kind < 5; kind++) {
        for (size_t cap = 0; cap <= 8; cap++) {
            uint8_t *memory = malloc(cap + 1);
            assert_non_null(memory);
            struct csn_buffer out = csn_buffer_over(memory, cap);
            size_t len = append_piece(&out, kind);
            assert_int_equal(out.overflowed, cap < len);
            assert_int_equal(out.len, cap < len ? 0 : len);
            free(memory);
        }
    }
}

static void
after_an_overflow_nothing_is_written_any_more(void **state)
{
    (void)state;
    for (unsigned kind = 0; kind < 5; kind++) {
        uint8_t memory[16];
        struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
        csn_buffer_text(&out, "ok");
        csn_buffer_text(&out, "longer than sixteen");
        assert_true(out.overflowed);
        append_piece(&out, kind);
        assert_bytes(csn_buffer_view(&out), "ok");
        assert_true(out.overflowed);
        assert_null(csn_buffer_terminate(&out));
    }
}

static void
the_final_nul_needs_room_and_is_not_counted(void **state)
{
    (void)state;
    char memory[4] = "....";
    struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
    csn_buffer_text(&out, "abc");
    assert_string_equal(csn_buffer_terminate(&out), "abc");
    assert_int_equal(out.len, 3);
    csn_buffer_byte(&out, 'd');
    assert_false(out.overflowed);
    assert_null(csn_buffer_terminate(&out));
    assert_true(out.overflowed);
}

static void
a_zeroed_buffer_is_full(void **state)
{
    (void)state;
    struct csn_buffer out = {0};
    csn_buffer_append(&out, (struct csn_bytes){0});
    assert_false(out.overflowed);
    csn_buffer_byte(&out, 'x');
    assert_true(out.overflowed);
    assert_int_equal(csn_buffer_view(&out).len, 0);
}

static void
a_length_that_doubles_past_the_end_of_numbers_overflows(void **state)
{
    (void)state;
    uint8_t memory[8];
    struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
    csn_buffer_hex(&out, csn_bytes_of(memory, SIZE_MAX / 2 + 2)); /* doubled, it would be 2 */
    assert_true(out.overflowed);
    assert_int_equal(out.len, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(appends_every_kind_of_thing),
        cmocka_unit_test(writes_whole_numbers_to_both_ends),
        cmocka_unit_test(a_piece_fits_wholly_or_not_at_all),
        cmocka_unit_test(after_an_overflow_nothing_is_written_any_more),
        cmocka_unit_test(the_final_nul_needs_room_and_is_not_counted),
        cmocka_unit_test(a_zeroed_buffer_is_full),
        cmocka_unit_test(a_length_that_doubles_past_the_end_of_numbers_overflows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
