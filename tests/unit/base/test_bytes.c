/* Views.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

static const struct csn_bytes empty = {0};

static void
a_view_of_text_leaves_out_the_nul(void **state)
{
    (void)state;
    const char *text = "abc";
    struct csn_bytes view = csn_bytes_text(text);
    assert_ptr_equal(view.ptr, text);
    assert_int_equal(view.len, 3);
    assert_int_equal(csn_bytes_text("").len, 0);
}

static void
a_view_of_null_is_empty(void **state)
{
    (void)state;
    assert_null(csn_bytes_text(NULL).ptr);
    assert_int_equal(csn_bytes_text(NULL).len, 0);
}

static void
equal_means_same_length_and_same_bytes(void **state)
{
    (void)state;
    assert_true(csn_bytes_equal(BYTES("abc"), BYTES("abc")));
    assert_true(csn_bytes_equal(BYTES("a\0c"), BYTES("a\0c")));
    assert_false(csn_bytes_equal(BYTES("a\0c"), BYTES("a\0d")));
    assert_false(csn_bytes_equal(BYTES("abc"), BYTES("ab")));
    assert_false(csn_bytes_equal(BYTES("ab"), BYTES("abc")));
    assert_false(csn_bytes_equal(BYTES("abc"), BYTES("abC")));
}

static void
empty_views_are_equal_wherever_they_point(void **state)
{
    (void)state;
    assert_true(csn_bytes_equal(empty, empty));
    assert_true(csn_bytes_equal(empty, BYTES("")));
    assert_false(csn_bytes_equal(empty, BYTES("a")));
}

static void
equal_text_does_not_stop_at_a_nul_inside(void **state)
{
    (void)state;
    assert_true(csn_bytes_equal_text(BYTES("abc"), "abc"));
    assert_false(csn_bytes_equal_text(BYTES("abc\0"), "abc"));
    assert_true(csn_bytes_equal_text(empty, NULL));
    assert_true(csn_bytes_equal_text(empty, ""));
}

static void
folds_ascii_letters_and_nothing_else(void **state)
{
    (void)state;
    assert_true(csn_bytes_equal_nocase(BYTES("JwT"), BYTES("jWt")));
    assert_true(csn_bytes_equal_nocase(BYTES("AZaz"), BYTES("azAZ")));
    assert_false(csn_bytes_equal_nocase(BYTES("a"), BYTES("ab")));
    assert_false(csn_bytes_equal_nocase(BYTES("a"), BYTES("b")));
    /* The neighbours of the letters differ by the same bit, but are no letters. */
    assert_false(csn_bytes_equal_nocase(BYTES("@"), BYTES("`")));
    assert_false(csn_bytes_equal_nocase(BYTES("["), BYTES("{")));
    assert_false(csn_bytes_equal_nocase(BYTES("\xC4"), BYTES("\xE4")));
    assert_true(csn_bytes_equal_nocase(empty, empty));
}

static void
starts_with_is_true_of_itself_and_of_nothing(void **state)
{
    (void)state;
    assert_true(csn_bytes_starts_with(BYTES("Bearer x"), BYTES("Bearer ")));
    assert_true(csn_bytes_starts_with(BYTES("abc"), BYTES("abc")));
    assert_true(csn_bytes_starts_with(BYTES("abc"), empty));
    assert_true(csn_bytes_starts_with(empty, empty));
    assert_false(csn_bytes_starts_with(BYTES("abc"), BYTES("abcd")));
    assert_false(csn_bytes_starts_with(BYTES("abc"), BYTES("b")));
}

static void
finds_the_first_byte_or_answers_the_length(void **state)
{
    (void)state;
    assert_int_equal(csn_bytes_find(BYTES("a.b.c"), '.'), 1);
    assert_int_equal(csn_bytes_find(BYTES(".a"), '.'), 0);
    assert_int_equal(csn_bytes_find(BYTES("abc"), '.'), 3);
    assert_int_equal(csn_bytes_find(empty, '.'), 0);
}

static void
slices_up_to_both_ends(void **state)
{
    (void)state;
    assert_bytes(csn_bytes_slice(BYTES("abcd"), 1, 3), "bc");
    assert_bytes(csn_bytes_slice(BYTES("abcd"), 0, 4), "abcd");
    assert_bytes(csn_bytes_slice(BYTES("abcd"), 4, 4), "");
    assert_int_equal(csn_bytes_slice(empty, 0, 0).len, 0);
}

static void
asserts_that_a_slice_lies_inside(void **state)
{
    (void)state;
    expect_assert_failure(csn_bytes_slice(BYTES("abcd"), 3, 2));
    expect_assert_failure(csn_bytes_slice(BYTES("abcd"), 0, 5));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_view_of_text_leaves_out_the_nul),
        cmocka_unit_test(a_view_of_null_is_empty),
        cmocka_unit_test(equal_means_same_length_and_same_bytes),
        cmocka_unit_test(empty_views_are_equal_wherever_they_point),
        cmocka_unit_test(equal_text_does_not_stop_at_a_nul_inside),
        cmocka_unit_test(folds_ascii_letters_and_nothing_else),
        cmocka_unit_test(starts_with_is_true_of_itself_and_of_nothing),
        cmocka_unit_test(finds_the_first_byte_or_answers_the_length),
        cmocka_unit_test(slices_up_to_both_ends),
        cmocka_unit_test(asserts_that_a_slice_lies_inside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
