/* Decisions: counted exactly, and sampled within bounds.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/server/decision_world.h"

#define KINDS_MAX 16384 /* of one thread, with platform and versions */

/* --- counters --- */

static void
nothing_recorded_writes_nothing(void **state)
{
    (void)state;
    flush();
    assert_int_equal(csn_queue_counts(queue).jobs, 0);
    assert_int_equal(kinds(), 0);
}

static void
counts_are_exact_over_many_flushes(void **state)
{
    (void)state;
    struct csn_decision one = decision(), other = decision();
    other.reason = CSN_REASON_ACCEPTED;
    for (int i = 1; i <= 5; i++) {
        record(&one, 100 * i);
        record(&other, 1);
        flush();
    }
    assert_int_equal(kinds(), 2);
    assert_int_equal(counted(), 1505);
    assert_int_equal(world_number(&w, "SELECT max(count) FROM decision_counts WHERE reason = 13"),
                     1500);
}

static void
each_thing_countable_makes_a_kind_of_its_own(void **state)
{
    (void)state;
    struct csn_decision each[13];
    size_t n = sizeof each / sizeof each[0];
    for (size_t i = 0; i < n; i++)
        each[i] = decision();
    each[1].app = w.other_app.id;
    each[2].key_number = 4;
    each[3].algorithm = CSN_HS256;
    each[4].reason = CSN_REASON_REVOKED;
    each[5].endpoint = CSN_ENDPOINT_SDK;
    each[6].assurance = CSN_ASSURANCE_CLAIMED;
    each[7].mode = CSN_ENFORCE_REQUIRED;
    each[8].admitted = true;
    snprintf(each[9].platform, sizeof each[9].platform, "%s", "ios");
    snprintf(each[10].app_version, sizeof each[10].app_version, "%s", "3.1.1");
    snprintf(each[11].sdk_version, sizeof each[11].sdk_version, "%s", "");
    each[12].at_ms = NOW + HOUR_MS;
    for (size_t i = 0; i < n; i++)
        record(&each[i], (int)i + 1);
    flush();
    assert_int_equal(kinds(), n);
    assert_int_equal(counted(), n * (n + 1) / 2);
    assert_int_equal(world_number(&w, "SELECT count(DISTINCT count) FROM decision_counts"), n);
}

static void
what_is_not_countable_makes_no_kind(void **state)
{
    (void)state;
    struct csn_decision d = decision();
    record(&d, 1);
    d.pseudonym[0] = 9;
    d.has_skew = false;
    d.skew_ms = 1;
    d.lifetime_ms = 2;
    memset(d.platform + 8, 'x', sizeof d.platform - 8); /* behind the text's end */
    memset(d.app_version + 6, 'x', sizeof d.app_version - 6);
    memset(d.sdk_version + 4, 'x', sizeof d.sdk_version - 4);
    record(&d, 1);
    flush();
    assert_int_equal(kinds(), 1);
    assert_int_equal(counted(), 2);
}

static void
what_lies_between_the_members_makes_no_kind(void **state)
{
    (void)state;
    struct csn_decision d;
    for (int fill = 0; fill < 256; fill += 5) {
        memset(&d, fill, sizeof d);
        d = decision(); /* may or may not keep the padding: both are asked */
        record(&d, 1);
        struct csn_decision bytes;
        memset(&bytes, fill, sizeof bytes);
        bytes.at_ms = d.at_ms;
        bytes.app = d.app;
        bytes.key_number = 0;
        bytes.algorithm = d.algorithm;
        bytes.reason = d.reason;
        bytes.endpoint = d.endpoint;
        bytes.assurance = d.assurance;
        bytes.mode = d.mode;
        bytes.admitted = false;
        bytes.has_skew = false;
        snprintf(bytes.platform, sizeof bytes.platform, "%s", d.platform);
        snprintf(bytes.app_version, sizeof bytes.app_version, "%s", d.app_version);
        snprintf(bytes.sdk_version, sizeof bytes.sdk_version, "%s", d.sdk_version);
        record(&bytes, 1);
    }
    flush();
    assert_int_equal(kinds(), 1);
    assert_int_equal(counted(), 104);
}

static void
an_hour_begins_with_its_first_millisecond(void **state)
{
    (void)state;
    static const int64_t at_ms[] = {NOW - 1, NOW, NOW + HOUR_MS - 1, NOW + HOUR_MS};
    for (size_t i = 0; i < 4; i++) {
        struct csn_decision d = decision();
        d.at_ms = at_ms[i];
        record(&d, 1);
    }
    flush();
    assert_int_equal(kinds(), 3);
    assert_int_equal(
        world_number(&w, "SELECT count FROM decision_counts WHERE hour = 1795219200000"), 2);
    assert_int_equal(world_number(&w, "SELECT min(hour) FROM decision_counts"), NOW - HOUR_MS);
}

/* --- bounds of the counters --- */

static void
versions_that_strangers_choose_are_folded_and_counted(void **state)
{
    (void)state;
    for (int i = 0; i < KINDS_MAX + 3000; i++)
        record_version(i);
    record_version(17); /* known from before: keeps its own counter */
    struct csn_decision other = decision();
    other.reason = CSN_REASON_REVOKED;
    record(&other, 2); /* a kind of its own even when folded */
    flush();
    assert_int_equal(counted(), KINDS_MAX + 3003);
    assert_int_equal(kinds(), KINDS_MAX + 2);
    assert_int_equal(world_number(&w, "SELECT count FROM decision_counts WHERE app_version = '' "
                                      "AND platform = '' AND sdk_version = '' AND reason = 13"),
                     3000);
    assert_int_equal(world_number(&w, "SELECT count FROM decision_counts WHERE reason <> 13"), 2);
    assert_int_equal(world_number(&w, "SELECT count FROM decision_counts WHERE app_version = '17'"),
                     2);
}

static void
after_a_flush_versions_are_told_apart_again(void **state)
{
    (void)state;
    for (int i = 0; i <= KINDS_MAX; i++)
        record_version(i);
    flush();
    record_version(KINDS_MAX);
    flush();
    assert_int_equal(
        world_number(&w, "SELECT count FROM decision_counts WHERE app_version = '16384'"), 1);
    assert_int_equal(counted(), KINDS_MAX + 2);
}

/* --- rows --- */

static void
a_row_keeps_everything_but_a_name(void **state)
{
    (void)state;
    struct csn_decision d = decision();
    d.key_number = 3;
    d.admitted = true;
    record(&d, 1);
    flush();
    static struct csn_decision_page page;
    struct csn_decision_filter filter = {.app = w.app.id, .limit = 10};
    assert_ok(csn_store_decisions_list(w.store, &filter, &page));
    assert_int_equal(page.count, 1);
    assert_int_equal(page.rows[0].weight, 1);
    const struct csn_decision *row = &page.rows[0].decision;
    assert_true(row->at_ms == d.at_ms);
    assert_string_equal(row->app.text, d.app.text);
    assert_int_equal(row->key_number, 3);
    assert_int_equal(row->algorithm, d.algorithm);
    assert_int_equal(row->reason, d.reason);
    assert_int_equal(row->endpoint, d.endpoint);
    assert_int_equal(row->assurance, d.assurance);
    assert_int_equal(row->mode, d.mode);
    assert_true(row->admitted);
    assert_memory_equal(row->pseudonym, d.pseudonym, sizeof d.pseudonym);
    assert_string_equal(row->platform, "android");
    assert_string_equal(row->app_version, "3.1.0");
    assert_string_equal(row->sdk_version, "1.0");
    assert_true(row->has_skew);
    assert_true(row->skew_ms == -7);
    assert_true(row->lifetime_ms == 300000);
}

static void
every_decision_is_a_row_up_to_the_bound(void **state)
{
    (void)state;
    struct csn_decision d = decision();
    record(&d, ROWS_MAX);
    flush();
    assert_int_equal(rows(), ROWS_MAX);
    assert_int_equal(world_number(&w, "SELECT max(weight) FROM decision_rows"), 1);
}

static void
beyond_the_bound_rows_are_thinned_and_stand_for_more(void **state)
{
    (void)state;
    struct csn_decision d = decision();
    for (int i = 0; i <= ROWS_MAX; i++, d.at_ms++)
        record(&d, 1);
    flush();
    assert_int_equal(rows(), 64); /* every other one of 125, and the newest */
    assert_int_equal(world_number(&w, "SELECT max(weight) FROM decision_rows"), 2);
    assert_int_equal(weight(), ROWS_MAX + 1);
    assert_int_equal(world_number(&w, "SELECT count(DISTINCT at) FROM decision_rows"), 64);
    assert_int_equal(world_number(&w, "SELECT max(at) FROM decision_rows"), NOW + 5 + ROWS_MAX);
    assert_int_equal(counted(), ROWS_MAX + 1);
}

static void
however_many_there_are_the_rows_stay_bounded_and_their_weights_true(void **state)
{
    (void)state;
    static const int many[] = {200, 1000, 5000, 40007};
    for (size_t i = 0; i < sizeof many / sizeof many[0]; i++) {
        struct csn_decision d = decision();
        for (int n = 0; n < many[i]; n++, d.at_ms += 10)
            record(&d, 1);
        flush();
        assert_in_range(rows(), ROWS_MAX / 2, ROWS_MAX);
        int64_t heaviest = world_number(&w, "SELECT max(weight) FROM decision_rows");
        assert_int_equal(weight(), many[i]);
        /* from the beginning to the end alike */
        int64_t half = NOW + 5 * (int64_t)many[i];
        char sql[128];
        snprintf(sql, sizeof sql, "SELECT sum(weight) FROM decision_rows WHERE at < %lld",
                 (long long)half);
        assert_in_range(world_number(&w, sql), many[i] / 2 - 2 * heaviest,
                        many[i] / 2 + 2 * heaviest);
        world_execute(&w, "DELETE FROM decision_rows");
    }
}

static void
after_a_flush_every_decision_is_a_row_again(void **state)
{
    (void)state;
    struct csn_decision d = decision();
    record(&d, 10 * ROWS_MAX);
    flush();
    world_execute(&w, "DELETE FROM decision_rows");
    record(&d, 3);
    flush();
    assert_int_equal(rows(), 3);
    assert_int_equal(weight(), 3);
}

int
main(void)
{
#define SENTENCE(name) cmocka_unit_test_setup_teardown(name, decision_setup, decision_teardown)
    const struct CMUnitTest tests[] = {
        SENTENCE(nothing_recorded_writes_nothing),
        SENTENCE(counts_are_exact_over_many_flushes),
        SENTENCE(each_thing_countable_makes_a_kind_of_its_own),
        SENTENCE(what_is_not_countable_makes_no_kind),
        SENTENCE(what_lies_between_the_members_makes_no_kind),
        SENTENCE(an_hour_begins_with_its_first_millisecond),
        SENTENCE(versions_that_strangers_choose_are_folded_and_counted),
        SENTENCE(after_a_flush_versions_are_told_apart_again),
        SENTENCE(a_row_keeps_everything_but_a_name),
        SENTENCE(every_decision_is_a_row_up_to_the_bound),
        SENTENCE(beyond_the_bound_rows_are_thinned_and_stand_for_more),
        SENTENCE(however_many_there_are_the_rows_stay_bounded_and_their_weights_true),
        SENTENCE(after_a_flush_every_decision_is_a_row_again),
    };
    return cmocka_run_group_tests_name("decisions", tests, NULL, NULL);
}
