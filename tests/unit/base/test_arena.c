/* Arenas: aligned, zeroed, never past the end.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

static void
hands_out_zeroed_memory_that_does_not_overlap(void **state)
{
    (void)state;
    static uint8_t memory[256];
    memset(memory, 0xAA, sizeof memory);
    struct csn_arena arena = csn_arena_over(memory, sizeof memory);
    uint8_t *a = csn_arena_alloc(&arena, 5);
    uint8_t *b = csn_arena_alloc(&arena, 7);
    assert_non_null(a);
    assert_non_null(b);
    assert_true(b >= a + 5);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(a[i], 0);
    for (size_t i = 0; i < 7; i++)
        assert_int_equal(b[i], 0);
    assert_int_equal(b[7], 0xAA);
}

static void
every_pointer_is_aligned_whatever_the_memory_is(void **state)
{
    (void)state;
    static uint8_t memory[256];
    for (size_t shift = 0; shift < 32; shift++) {
        struct csn_arena arena = csn_arena_over(memory + shift, sizeof memory - shift);
        for (size_t size = 1; size < 6; size++)
            assert_int_equal((uintptr_t)csn_arena_alloc(&arena, size) % 16, 0);
    }
}

static void
an_allocation_fits_wholly_or_not_at_all(void **state)
{
    (void)state;
    for (size_t cap = 0; cap <= 64; cap++) {
        uint8_t *memory = malloc(cap + 1); /* malloc aligns by 16 */
        assert_non_null(memory);
        struct csn_arena arena = csn_arena_over(memory, cap);
        assert_int_equal(csn_arena_alloc(&arena, 20) != NULL, cap >= 20);
        assert_int_equal(csn_arena_alloc(&arena, 20) != NULL, cap >= 32 + 20);
        assert_int_equal(arena.used, cap >= 52 ? 52 : cap >= 20 ? 20 : 0);
        free(memory);
    }
}

static void
the_gap_of_alignment_counts(void **state)
{
    (void)state;
    _Alignas(16) uint8_t memory[32];
    struct csn_arena arena = csn_arena_over(memory + 1, 15);
    assert_null(csn_arena_alloc(&arena, 1)); /* the gap alone takes all 15 */
    arena = csn_arena_over(memory + 1, 14);
    assert_null(csn_arena_alloc(&arena, 1));
    arena = csn_arena_over(memory + 1, 16);
    assert_ptr_equal(csn_arena_alloc(&arena, 1), memory + 16);
}

static void
an_allocation_of_nothing_is_something_of_its_own(void **state)
{
    (void)state;
    uint8_t memory[64];
    struct csn_arena arena = csn_arena_over(memory, sizeof memory);
    void *a = csn_arena_alloc(&arena, 0);
    void *b = csn_arena_alloc(&arena, 0);
    assert_non_null(a);
    assert_non_null(b);
    assert_ptr_not_equal(a, b);
}

static void
a_zeroed_arena_is_full(void **state)
{
    (void)state;
    struct csn_arena arena = {0};
    assert_null(csn_arena_alloc(&arena, 0));
    assert_null(csn_arena_alloc(&arena, 1));
    assert_null(csn_arena_copy(&arena, BYTES("")).ptr);
}

static void
a_size_near_the_end_of_numbers_does_not_wrap(void **state)
{
    (void)state;
    uint8_t memory[64];
    struct csn_arena arena = csn_arena_over(memory, sizeof memory);
    assert_non_null(csn_arena_alloc(&arena, 1));
    for (size_t less = 0; less < 64; less++) {
        assert_null(csn_arena_alloc(&arena, SIZE_MAX - less));
        assert_null(csn_arena_copy(&arena, csn_bytes_of(memory, SIZE_MAX - less)).ptr);
    }
}

static void
a_copy_is_followed_by_a_nul(void **state)
{
    (void)state;
    uint8_t memory[64];
    memset(memory, 0xAA, sizeof memory);
    struct csn_arena arena = csn_arena_over(memory, sizeof memory);
    char source[] = "abc";
    struct csn_bytes copy = csn_arena_copy(&arena, csn_bytes_text(source));
    source[0] = 'X';
    assert_bytes(copy, "abc");
    assert_int_equal(copy.ptr[3], 0);
}

static void
a_copy_of_nothing_is_not_null(void **state)
{
    (void)state;
    uint8_t memory[64] = {0xAA};
    struct csn_arena arena = csn_arena_over(memory, sizeof memory);
    struct csn_bytes copy = csn_arena_copy(&arena, (struct csn_bytes){0});
    assert_non_null(copy.ptr);
    assert_int_equal(copy.len, 0);
    assert_int_equal(copy.ptr[0], 0);
}

static void
a_copy_needs_room_for_its_nul(void **state)
{
    (void)state;
    _Alignas(16) uint8_t memory[16];
    struct csn_arena arena = csn_arena_over(memory, 4);
    assert_int_equal(csn_arena_copy(&arena, BYTES("abc")).len, 3);
    arena = csn_arena_over(memory, 3);
    struct csn_bytes refused = csn_arena_copy(&arena, BYTES("abc"));
    assert_null(refused.ptr);
    assert_int_equal(refused.len, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hands_out_zeroed_memory_that_does_not_overlap),
        cmocka_unit_test(every_pointer_is_aligned_whatever_the_memory_is),
        cmocka_unit_test(an_allocation_fits_wholly_or_not_at_all),
        cmocka_unit_test(the_gap_of_alignment_counts),
        cmocka_unit_test(an_allocation_of_nothing_is_something_of_its_own),
        cmocka_unit_test(a_zeroed_arena_is_full),
        cmocka_unit_test(a_size_near_the_end_of_numbers_does_not_wrap),
        cmocka_unit_test(a_copy_is_followed_by_a_nul),
        cmocka_unit_test(a_copy_of_nothing_is_not_null),
        cmocka_unit_test(a_copy_needs_room_for_its_nul),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
