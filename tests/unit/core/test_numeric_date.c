/* SPDX-License-Identifier: Apache-2.0
 * NumericDate: integer, fraction and exponent are one number, read exactly and in bounds. */
#include "core/numeric_date.h"
#include "world.h"

static void
reads_every_form_of_a_number_exactly(void **state)
{
    (void)state;
    static const struct {
        const char *number;
        int64_t us;
    } rows[] = {
        {"0", 0},
        {"0.0", 0},
        {"1", 1000000},
        {"1767312000", 1767312000000000},
        {"1767312000.0", 1767312000000000},
        {"1767312000.5", 1767312000500000},
        {"1767312000.123456", 1767312000123456},
        {"1767312000.1234569", 1767312000123456},
        {"1.767312e9", 1767312000000000},
        {"1.767312E+9", 1767312000000000},
        {"17673120000e-1", 1767312000000000},
        {"1767312000e0", 1767312000000000},
        {"0.1", 100000},
        {"1.1", 1100000},
        {"0.000001", 1},
        {"0.0000009", 0},
        {"1e-999999999", 0},
        {"0e999999999", 0},
        {"99999999999", 99999999999000000},
        {"99999999999.999999", 99999999999999999},
        {"9.9999999999e10", 99999999999000000},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        for (int unit = CSN_TIME_SECONDS; unit <= CSN_TIME_AUTO; unit++) {
            int64_t us = -1;
            enum csn_numeric_date read = csn_numeric_date_read(csn_bytes_text(rows[i].number),
                                                               (enum csn_time_unit)unit, &us);
            if (read != CSN_DATE_READ || us != rows[i].us)
                fail_msg("%s: %d, %lld", rows[i].number, read, (long long)us);
        }
    }
}

static void
tells_milliseconds_from_seconds_by_their_size(void **state)
{
    (void)state;
    static const struct {
        const char *number;
        int64_t us;
    } rows[] = {
        {"100000000000", 100000000000000},   {"100000000000.5", 100000000000500},
        {"1e11", 100000000000000},           {"1767312000000", 1767312000000000},
        {"1767312000123", 1767312000123000}, {"253402300799999", 253402300799999000},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t us = -1;
        struct csn_bytes number = csn_bytes_text(rows[i].number);
        assert_int_equal(csn_numeric_date_read(number, CSN_TIME_SECONDS, &us),
                         CSN_DATE_IN_MILLISECONDS);
        assert_int_equal(us, -1);
        assert_int_equal(csn_numeric_date_read(number, CSN_TIME_AUTO, &us), CSN_DATE_READ);
        assert_int_equal(us, rows[i].us);
    }
}

static void
refuses_times_outside_the_calendar(void **state)
{
    (void)state;
    static const char *const numbers[] = {
        "-1",
        "-0",
        "-0.5",
        "-1e-9",
        "253402300800000",
        "1e15",
        "1e18",
        "1e19",
        "1e300",
        "1e999999999",
        "-1e999999",
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551616",
        "9999999999999999999999999999999999999999",
    };
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        for (int unit = CSN_TIME_SECONDS; unit <= CSN_TIME_AUTO; unit++) {
            int64_t us = -1;
            enum csn_numeric_date read =
                csn_numeric_date_read(csn_bytes_text(numbers[i]), (enum csn_time_unit)unit, &us);
            if (read != CSN_DATE_INVALID)
                fail_msg("%s: %d, %lld", numbers[i], read, (long long)us);
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_form_of_a_number_exactly),
        cmocka_unit_test(tells_milliseconds_from_seconds_by_their_size),
        cmocka_unit_test(refuses_times_outside_the_calendar),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
