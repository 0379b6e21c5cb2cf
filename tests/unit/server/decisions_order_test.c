/* Decisions read back: newest first by time, whichever worker's were written first, and page by
 * page each of them once.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "server/store/evidence_rows.h"
#include "tests/unit/server/decision_world.h"

#define MADE 40 /* by two workers in turns, two in each millisecond */

static struct csn_decision_page page;

static void *
record_as_another_worker(void *state)
{
    const struct csn_decision *d = state;
    record(d, 1);
    return NULL;
}

/* Each worker keeps its own until a flush writes one worker's after the other's. */
static void
record_in_turns(void)
{
    struct csn_decision d = decision();
    for (int i = 0; i < MADE / 2; i++) {
        pthread_t thread;
        d.at_ms = NOW + i / 2;
        d.pseudonym[0] = (uint8_t)(i % 2 + 1);
        record(&d, 1);
        assert_int_equal(pthread_create(&thread, NULL, record_as_another_worker, &d), 0);
        pthread_join(thread, NULL);
    }
    flush();
    assert_int_equal(rows(), MADE);
    assert_int_not_equal(world_number(&w, "SELECT count(*) FROM decision_rows AS a, decision_rows"
                                          " AS b WHERE a.number < b.number AND a.at > b.at"),
                         0); /* else this shows nothing */
}

/* Reads all pages. Returns: how many rows there were, each older than the one before it. */
static size_t
read_through(struct csn_decision_filter filter)
{
    struct csn_decision_place last = {INT64_MAX, INT64_MAX};
    size_t count = 0;
    do {
        assert_ok(csn_store_decisions_list(w.store, &filter, &page));
        assert_true(page.count <= filter.limit);
        for (size_t i = 0; i < page.count; i++) {
            int64_t at_ms = page.rows[i].decision.at_ms;
            assert_true(at_ms <= last.at_ms);
            last.at_ms = at_ms;
        }
        assert_true(page.count == 0 || page.last.at_ms == last.at_ms);
        assert_true(page.last.at_ms != filter.before.at_ms ||
                    page.last.number < filter.before.number);
        filter.before = page.last;
        count += page.count;
    } while (page.more);
    return count;
}

static void
pages_are_in_the_order_of_time_and_hold_each_row_once(void **state)
{
    (void)state;
    record_in_turns();
    struct csn_decision_filter filter = {.app = w.app.id};
    static const size_t limits[] = {1, 2, 3, 7, MADE - 1, MADE, MADE + 1, CSN_PAGE_MAX};
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        filter.limit = limits[i];
        assert_int_equal(read_through(filter), MADE);
    }
    filter.app = w.other_app.id;
    assert_int_equal(read_through(filter), 0);
}

static void
pages_of_one_customer_and_of_a_period_hold_theirs_once(void **state)
{
    (void)state;
    record_in_turns();
    for (size_t limit = 1; limit <= 5; limit++) {
        struct csn_decision_filter filter = {.app = w.app.id, .limit = limit};
        filter.since_ms = NOW + 3; /* the period begins with it ... */
        filter.until_ms = NOW + 7; /* ... and ends before it */
        assert_int_equal(read_through(filter), 4 * 4);
        filter.has_pseudonym = true;
        memcpy(filter.pseudonym, decision().pseudonym, sizeof filter.pseudonym);
        filter.pseudonym[0] = 2;
        assert_int_equal(read_through(filter), 4 * 2);
        filter.reason = CSN_REASON_REVOKED;
        assert_int_equal(read_through(filter), 0);
        filter.reason = decision().reason;
        filter.since_ms = filter.until_ms = 0;
        assert_int_equal(read_through(filter), MADE / 2);
    }
}

static void
a_row_that_comes_late_moves_no_page(void **state)
{
    (void)state;
    struct csn_decision d = decision();
    for (int i = 0; i < 4; i++, d.at_ms += 10)
        record(&d, 1);
    flush();
    struct csn_decision_filter filter = {.app = w.app.id, .limit = 2};
    assert_ok(csn_store_decisions_list(w.store, &filter, &page));
    assert_int_equal(page.last.at_ms, NOW + 25);
    filter.before = page.last;
    d.at_ms = NOW + 27; /* of another worker, between two of the first page */
    record(&d, 1);
    flush();
    assert_ok(csn_store_decisions_list(w.store, &filter, &page));
    assert_int_equal(page.rows[0].decision.at_ms, NOW + 15);
    assert_int_equal(page.rows[1].decision.at_ms, NOW + 5);
    assert_false(page.more);
}

static void
the_newest_failures_are_the_newest_by_time(void **state)
{
    (void)state;
    record_in_turns();
    struct csn_failure_filter filter = {.app = w.app.id, .until_ms = INT64_MAX};
    struct csn_decision_row newest[4];
    size_t count = 0;
    assert_ok(csn_store_failures_recent(w.store, &filter, newest, 4, &count));
    assert_int_equal(count, 4);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(newest[i].decision.at_ms, NOW + MADE / 4 - 1);
}

static void
must_not_be_newer(void *state, const struct csn_decision_row *row)
{
    int64_t *oldest = state;
    assert_true(row->decision.at_ms <= *oldest);
    *oldest = row->decision.at_ms;
}

static void
a_dry_run_is_told_the_newest_by_time(void **state)
{
    (void)state;
    record_in_turns();
    int64_t oldest = INT64_MAX;
    bool more = false;
    assert_ok(csn_store_decisions_each(w.store, w.app.id, NOW, NOW + 100, MADE / 2,
                                       must_not_be_newer, &oldest, &more));
    assert_true(more);
    assert_int_equal(oldest, NOW + MADE / 8);
}

int
main(void)
{
#define SENTENCE(name) cmocka_unit_test_setup_teardown(name, decision_setup, decision_teardown)
    const struct CMUnitTest tests[] = {
        SENTENCE(pages_are_in_the_order_of_time_and_hold_each_row_once),
        SENTENCE(pages_of_one_customer_and_of_a_period_hold_theirs_once),
        SENTENCE(a_row_that_comes_late_moves_no_page),
        SENTENCE(the_newest_failures_are_the_newest_by_time),
        SENTENCE(a_dry_run_is_told_the_newest_by_time),
    };
    return cmocka_run_group_tests_name("decisions_order", tests, NULL, NULL);
}
