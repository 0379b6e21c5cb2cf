/* Secrets: wiped wholly, and the view never longer than the secret can be.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

static void
wipes_exactly_what_it_was_given(void **state)
{
    (void)state;
    for (size_t len = 0; len <= 40; len++) {
        uint8_t memory[48];
        memset(memory, 0xAA, sizeof memory);
        csn_wipe(memory + 4, len);
        for (size_t i = 0; i < sizeof memory; i++)
            assert_int_equal(memory[i], i >= 4 && i < 4 + len ? 0 : 0xAA);
    }
}

static void
wiping_nothing_needs_no_memory(void **state)
{
    (void)state;
    csn_wipe(NULL, 0);
}

static void
a_wiped_secret_keeps_nothing_of_a_longer_one_before(void **state)
{
    (void)state;
    struct csn_secret secret = {.len = 4};
    memset(secret.bytes, 0xAA, sizeof secret.bytes);
    csn_secret_wipe(&secret);
    assert_int_equal(secret.len, 0);
    for (size_t i = 0; i < sizeof secret.bytes; i++)
        assert_int_equal(secret.bytes[i], 0);
    csn_secret_wipe(&secret);
    assert_int_equal(csn_secret_view(&secret).len, 0);
}

static void
the_view_is_of_the_used_bytes(void **state)
{
    (void)state;
    struct csn_secret secret = {.bytes = "key!", .len = 3};
    assert_ptr_equal(csn_secret_view(&secret).ptr, secret.bytes);
    assert_int_equal(csn_secret_view(&secret).len, 3);
    secret.len = CSN_SECRET_MAX;
    assert_int_equal(csn_secret_view(&secret).len, CSN_SECRET_MAX);
}

static void
asserts_that_a_secret_is_no_longer_than_it_can_be(void **state)
{
    (void)state;
    struct csn_secret secret = {.len = CSN_SECRET_MAX + 1};
    expect_assert_failure(csn_secret_view(&secret));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wipes_exactly_what_it_was_given),
        cmocka_unit_test(wiping_nothing_needs_no_memory),
        cmocka_unit_test(a_wiped_secret_keeps_nothing_of_a_longer_one_before),
        cmocka_unit_test(the_view_is_of_the_used_bytes),
        cmocka_unit_test(asserts_that_a_secret_is_no_longer_than_it_can_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
