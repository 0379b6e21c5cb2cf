/* Civil time: known moments, every day of eight centuries, and every way to write one wrong.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include "base/time.h"

#define DAY_MS 86400000LL

static const struct {
    int64_t time_ms;
    const char *text;
} moments[] = {
    {0, "1970-01-01T00:00:00.000Z"},
    {-1, "1969-12-31T23:59:59.999Z"},
    {1, "1970-01-01T00:00:00.001Z"},
    {951782400000, "2000-02-29T00:00:00.000Z"},
    {951868799999, "2000-02-29T23:59:59.999Z"},
    {1000000000000, "2001-09-09T01:46:40.000Z"},
    {2147483647000, "2038-01-19T03:14:07.000Z"},
    {4107542399000, "2100-02-28T23:59:59.000Z"},
    {4107542400000, "2100-03-01T00:00:00.000Z"}, /* 2100 has no leap day */
    {-2208988800000, "1900-01-01T00:00:00.000Z"},
    {CSN_TIME_MIN_MS, "0000-01-01T00:00:00.000Z"},
    {CSN_TIME_MAX_MS, "9999-12-31T23:59:59.999Z"},
};

static void
writes_and_reads_known_moments(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof moments / sizeof *moments; i++) {
        char memory[CSN_TIME_TEXT_LENGTH + 1];
        struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
        csn_time_write_rfc3339(moments[i].time_ms, &out);
        assert_string_equal(csn_buffer_terminate(&out), moments[i].text);
        int64_t back = 7;
        assert_int_equal(csn_time_read_rfc3339(csn_buffer_view(&out), &back), CSN_OK);
        assert_true(back == moments[i].time_ms);
    }
}

/* A calendar that counts day by day, to check the arithmetic one against. */
struct calendar {
    unsigned year, month, day;
};

static void
next_day(struct calendar *c)
{
    static const unsigned days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (c->year % 4 == 0 && c->year % 100 != 0) || c->year % 400 == 0;
    unsigned last = c->month == 2 && leap ? 29 : days[c->month - 1];
    if (c->day < last) {
        c->day++;
        return;
    }
    c->day = 1;
    c->month = c->month == 12 ? 1 : c->month + 1;
    c->year += c->month == 1 ? 1 : 0;
}

static void
agrees_with_a_calendar_that_counts(void **state)
{
    (void)state;
    struct calendar c = {0, 1, 1};
    for (int64_t ms = CSN_TIME_MIN_MS; c.year < 801; ms += DAY_MS, next_day(&c)) {
        char due[16];
        snprintf(due, sizeof due, "%04u-%02u-%02uT", c.year % 10000, c.month % 100, c.day % 100);
        char memory[CSN_TIME_TEXT_LENGTH];
        struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
        csn_time_write_rfc3339(ms, &out);
        int64_t back = 0;
        if (memcmp(memory, due, strlen(due)) != 0 ||
            csn_time_read_rfc3339(csn_buffer_view(&out), &back) != CSN_OK || back != ms)
            fail_msg("%s", due);
    }
}

static void
counts_every_millisecond_around_every_minute_of_a_day(void **state)
{
    (void)state;
    for (int64_t minute = 0; minute < 24 * 60; minute++) {
        for (int64_t second = 0; second < 60; second += 59) {
            for (int64_t ms = 0; ms < 1000; ms += 999) {
                char due[32], memory[CSN_TIME_TEXT_LENGTH + 1];
                snprintf(due, sizeof due, "1970-01-02T%02d:%02d:%02d.%03dZ", (int)(minute / 60),
                         (int)(minute % 60), (int)second, (int)ms);
                struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
                csn_time_write_rfc3339(DAY_MS + minute * 60000 + second * 1000 + ms, &out);
                assert_string_equal(csn_buffer_terminate(&out), due);
            }
        }
    }
}

static void
reads_a_time_without_milliseconds(void **state)
{
    (void)state;
    int64_t time_ms = 0;
    assert_int_equal(csn_time_read_rfc3339(BYTES("2026-11-21T10:32:00Z"), &time_ms), CSN_OK);
    assert_true(time_ms == 1795257120000);
}

static void
refuses_what_is_not_written_so(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",
        "2026-11-21",
        "2026-11-21T10:32:00",
        "2026-11-21T10:32:00.Z",
        "2026-11-21T10:32:00.1Z",
        "2026-11-21T10:32:00.1234Z",
        "2026-11-21T10:32:00,123Z",
        "2026-11-21t10:32:00.123Z",
        "2026-11-21T10:32:00.123z",
        "2026-11-21 10:32:00.123Z",
        "2026-11-21T10:32:00.123+",
        "2026-11-21T10:32:00+0000",
        "2026/11-21T10:32:00.123Z",
        "2026-11/21T10:32:00.123Z",
        "2026-11-21T10.32:00.123Z",
        "2026-11-21T10:32.00.123Z",
        "+026-11-21T10:32:00.123Z",
        "202:-11-21T10:32:00.123Z",
        "2026- 1-21T10:32:00.123Z",
        "2026-11-/1T10:32:00.123Z",
        "2026-11-21T1x:32:00.123Z",
        "2026-11-21T10:3 :00.123Z",
        "2026-11-21T10:32:-0.123Z",
        "2026-11-21T10:32:00.12aZ",
        "2026-11-21T10:32:00.123ZZ",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        int64_t time_ms = 7;
        if (csn_time_read_rfc3339(csn_bytes_text(wrong[i]), &time_ms) != CSN_INVALID)
            fail_msg("%s", wrong[i]);
        assert_true(time_ms == 7);
    }
}

static void
refuses_moments_the_calendar_lacks(void **state)
{
    (void)state;
    static const struct {
        const char *last, *beyond;
    } edges[] = {
        {"2026-12-21T10:32:00Z", "2026-13-21T10:32:00Z"},
        {"2026-01-21T10:32:00Z", "2026-00-21T10:32:00Z"},
        {"2026-01-01T10:32:00Z", "2026-01-00T10:32:00Z"},
        {"2026-01-31T10:32:00Z", "2026-01-32T10:32:00Z"},
        {"2026-03-31T10:32:00Z", "2026-03-32T10:32:00Z"},
        {"2026-04-30T10:32:00Z", "2026-04-31T10:32:00Z"},
        {"2026-05-31T10:32:00Z", "2026-05-32T10:32:00Z"},
        {"2026-06-30T10:32:00Z", "2026-06-31T10:32:00Z"},
        {"2026-07-31T10:32:00Z", "2026-07-32T10:32:00Z"},
        {"2026-08-31T10:32:00Z", "2026-08-32T10:32:00Z"},
        {"2026-09-30T10:32:00Z", "2026-09-31T10:32:00Z"},
        {"2026-10-31T10:32:00Z", "2026-10-32T10:32:00Z"},
        {"2026-11-30T10:32:00Z", "2026-11-31T10:32:00Z"},
        {"2026-12-31T10:32:00Z", "2026-12-32T10:32:00Z"},
        {"2026-02-28T10:32:00Z", "2026-02-29T10:32:00Z"},
        {"2024-02-29T10:32:00Z", "2024-02-30T10:32:00Z"},
        {"1900-02-28T10:32:00Z", "1900-02-29T10:32:00Z"},
        {"2000-02-29T10:32:00Z", "2000-02-30T10:32:00Z"},
        {"2026-11-21T23:32:00Z", "2026-11-21T24:32:00Z"},
        {"2026-11-21T10:59:00Z", "2026-11-21T10:60:00Z"},
        {"2026-11-21T10:32:59Z", "2026-11-21T10:32:60Z"},
    };
    for (size_t i = 0; i < sizeof edges / sizeof *edges; i++) {
        int64_t time_ms = 0;
        assert_int_equal(csn_time_read_rfc3339(csn_bytes_text(edges[i].last), &time_ms), CSN_OK);
        if (csn_time_read_rfc3339(csn_bytes_text(edges[i].beyond), &time_ms) != CSN_INVALID)
            fail_msg("%s", edges[i].beyond);
    }
}

static void
asserts_that_four_digits_can_name_the_year(void **state)
{
    (void)state;
    char memory[CSN_TIME_TEXT_LENGTH];
    struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
    expect_assert_failure(csn_time_write_rfc3339(CSN_TIME_MIN_MS - 1, &out));
    expect_assert_failure(csn_time_write_rfc3339(CSN_TIME_MAX_MS + 1, &out));
}

static void
a_time_needs_room(void **state)
{
    (void)state;
    char memory[CSN_TIME_TEXT_LENGTH];
    struct csn_buffer out = csn_buffer_over(memory, sizeof memory - 1);
    csn_time_write_rfc3339(0, &out);
    assert_true(out.overflowed);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_and_reads_known_moments),
        cmocka_unit_test(agrees_with_a_calendar_that_counts),
        cmocka_unit_test(counts_every_millisecond_around_every_minute_of_a_day),
        cmocka_unit_test(reads_a_time_without_milliseconds),
        cmocka_unit_test(refuses_what_is_not_written_so),
        cmocka_unit_test(refuses_moments_the_calendar_lacks),
        cmocka_unit_test(asserts_that_four_digits_can_name_the_year),
        cmocka_unit_test(a_time_needs_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
