/* Statuses: zero is a failure, and every status has a name of its own.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

static void
a_forgotten_status_is_not_ok(void **state)
{
    (void)state;
    enum csn_status status = {0};
    assert_int_equal(status, CSN_STATUS_UNSET);
    assert_int_not_equal(status, CSN_OK);
    assert_string_equal(csn_status_name(status), "unset");
}

static void
every_status_has_its_own_name(void **state)
{
    (void)state;
    static const char *const names[] = {"unset",       "ok",          "invalid",   "too_large",
                                        "no_space",    "no_memory",   "not_found", "conflict",
                                        "unsupported", "unavailable", "io",        "crypto"};
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
        assert_string_equal(csn_status_name((enum csn_status)i), names[i]);
}

static void
an_unknown_status_reads_as_unset(void **state)
{
    (void)state;
    assert_string_equal(csn_status_name((enum csn_status)(CSN_CRYPTO + 1)), "unset");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_forgotten_status_is_not_ok),
        cmocka_unit_test(every_status_has_its_own_name),
        cmocka_unit_test(an_unknown_status_reads_as_unset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
