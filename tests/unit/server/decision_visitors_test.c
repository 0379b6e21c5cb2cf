/* Whom decisions were about: counted exactly up to a bound, then the same sample of them
 * everywhere.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/crypto.h"
#include "server/domain/decision_visitors.h"
#include "server/domain/readiness.h"
#include "tests/unit/server/decision_world.h"

static struct csn_readiness readiness;

/* A refused login of the n-th customer. */
static struct csn_decision
refused(int n)
{
    struct csn_decision d = {
        .at_ms = NOW + 5,
        .app = w.app.id,
        .reason = CSN_REASON_EXPIRED,
        .endpoint = CSN_ENDPOINT_SESSION_START,
        .mode = CSN_ENFORCE_OFF,
        .platform = "android",
        .app_version = "3.1.0",
        .sdk_version = "1.0",
        .percentile = 7,
    };
    uint8_t hash[32];
    char name[32];
    snprintf(name, sizeof name, "customer %d", n);
    csn_sha256(csn_bytes_text(name), hash);
    memcpy(d.pseudonym, hash, sizeof d.pseudonym);
    return d;
}

static int64_t
number(const char *sql)
{
    return world_number(&w, sql);
}

static void
read_readiness(void)
{
    assert_ok(csn_readiness_read(w.store, &w.app, NOW, NOW + 1, &readiness));
}

/* --- exact --- */

static void
counts_each_customer_once_however_often_they_come(void **state)
{
    (void)state;
    for (int round = 0; round < 3; round++) {
        for (int n = 0; n < 300; n++) {
            struct csn_decision d = refused(n);
            d.at_ms += round;
            record(&d, 1);
        }
        flush();
    }
    assert_int_equal(number("SELECT count(*) FROM decision_visitors"), 300);
    assert_int_equal(number("SELECT min(count) FROM decision_visitors"), 3);
    assert_int_equal(number("SELECT max(last - first) FROM decision_visitors"), 2);
    read_readiness();
    assert_true(readiness.exact);
    assert_int_equal(readiness.now.customers, 300);
    assert_int_equal(readiness.now.devices, 0);
    assert_int_equal(readiness.now.refused, 900);
    assert_int_equal(readiness.error_permille, 0);
}

static void
a_customer_of_two_groups_is_one_customer(void **state)
{
    (void)state;
    struct csn_decision d = refused(1);
    record(&d, 1);
    d.reason = CSN_REASON_SIGNATURE_INVALID;
    d.at_ms += 10;
    snprintf(d.app_version, sizeof d.app_version, "%s", "3.2.0");
    record(&d, 1);
    d.at_ms += DAY_MS; /* and on two days */
    record(&d, 1);
    flush();
    assert_ok(csn_readiness_read(w.store, &w.app, NOW, NOW + DAY_MS + 1, &readiness));
    assert_int_equal(readiness.now.customers, 1);
    assert_int_equal(readiness.group_count, 2);
    assert_int_equal(readiness.groups[0].customers, 1);
    assert_int_equal(readiness.groups[1].customers, 1);
    assert_int_equal(readiness.days[0].customers, 1);
    assert_int_equal(readiness.days[1].customers, 1);
    /* at the version they were last refused with, so that versions add up */
    assert_int_equal(readiness.version_count, 2);
    assert_string_equal(readiness.versions[0].app_version, "3.1.0");
    assert_int_equal(readiness.versions[0].customers, 0);
    assert_int_equal(readiness.versions[1].customers, 1);
}

static void
who_named_no_identity_is_counted_by_device(void **state)
{
    (void)state;
    struct csn_decision d = refused(1);
    memset(d.device, 0xA5, sizeof d.device);
    record(&d, 1); /* named: counts as a customer alone */
    memset(d.pseudonym, 0, sizeof d.pseudonym);
    record(&d, 1);
    record(&d, 1);
    memset(d.device, 0, sizeof d.device);
    record(&d, 1); /* nobody at all: a request and no more */
    flush();
    read_readiness();
    assert_int_equal(readiness.now.customers, 1);
    assert_int_equal(readiness.now.devices, 1);
    assert_int_equal(readiness.now.refused, 4);
}

static void
requests_under_a_session_are_nobodys(void **state)
{
    (void)state;
    struct csn_decision d = refused(1);
    d.endpoint = CSN_ENDPOINT_SDK;
    d.mode = CSN_ENFORCE_UNSET;
    record(&d, 1);
    flush();
    assert_int_equal(number("SELECT count(*) FROM decision_visitors"), 0);
    d.key_number = 3; /* but who a key vouched for is asked of that key */
    record(&d, 1);
    flush();
    assert_int_equal(number("SELECT count(*) FROM decision_visitors"), 1);
    read_readiness();
    assert_int_equal(readiness.now.requests, 0);
}

/* --- beyond the bounds --- */

static void
one_flush_keeps_as_many_as_fit_and_then_half_of_the_customers(void **state)
{
    (void)state;
    for (int n = 0; n < CSN_VISITOR_SET_MAX; n++) {
        struct csn_decision d = refused(n);
        record(&d, 1);
    }
    flush();
    assert_int_equal(number("SELECT count(*) FROM decision_visitors"), CSN_VISITOR_SET_MAX);
    assert_int_equal(number("SELECT level FROM decision_days"), 0);
    for (int n = 0; n <= CSN_VISITOR_SET_MAX; n++) {
        struct csn_decision d = refused(n);
        record(&d, 1);
    }
    flush();
    assert_int_equal(number("SELECT level FROM decision_days"), 1);
    assert_int_equal(number("SELECT min(level) FROM decision_visitors"), 1);
    assert_in_range(number("SELECT count(*) FROM decision_visitors"), 450, 575);
    assert_int_equal(number("SELECT max(count) FROM decision_visitors"), 2);
    read_readiness();
    assert_false(readiness.exact);
    assert_int_equal(readiness.now.refused, 2 * CSN_VISITOR_SET_MAX + 1);
    assert_in_range(readiness.now.customers, 900, 1150);
    assert_in_range(readiness.error_permille, 40, 50);
}

/* 60,000 customers in an hour: whatever is dropped, the estimate stays within four of its errors.
 */
static void
estimates_many_customers_within_the_error_it_states(void **state)
{
    (void)state;
    enum { MANY = 60000 };
    for (int n = 0; n < MANY; n++) {
        struct csn_decision d = refused(n);
        record(&d, 1);
        if (n % 1000 == 999)
            flush();
    }
    assert_int_equal(number("SELECT sum(count) FROM decision_counts"), MANY);
    assert_in_range(number("SELECT count(*) FROM decision_visitors"),
                    CSN_DECISION_VISITORS_PER_DAY / 4, CSN_DECISION_VISITORS_PER_DAY);
    assert_int_equal(number("SELECT visitors FROM decision_days"),
                     number("SELECT count(*) FROM decision_visitors"));
    read_readiness();
    assert_false(readiness.exact);
    assert_int_equal(readiness.now.refused, MANY);
    int64_t off = readiness.now.customers - MANY;
    assert_in_range(off < 0 ? -off : off, 0, 4 * readiness.error_permille * MANY / 1000);
    assert_in_range(readiness.error_permille, 1, 20);
}

static void
a_day_is_exact_up_to_the_bound_and_not_beyond(void **state)
{
    (void)state;
    for (int n = 0; n < CSN_DECISION_VISITORS_PER_DAY; n++) {
        struct csn_decision d = refused(n);
        record(&d, 1);
        if (n % 1000 == 999)
            flush();
    }
    flush();
    read_readiness();
    assert_true(readiness.exact);
    assert_int_equal(readiness.now.customers, CSN_DECISION_VISITORS_PER_DAY);
    struct csn_decision one_more = refused(CSN_DECISION_VISITORS_PER_DAY);
    record(&one_more, 1);
    flush();
    read_readiness();
    assert_false(readiness.exact);
    /* another day, and another app, are not the worse for it */
    assert_ok(csn_readiness_read(w.store, &w.app, NOW + DAY_MS, NOW + DAY_MS + 1, &readiness));
    assert_int_equal(readiness.now.customers, 0);
    assert_false(readiness.exact); /* compared with an estimate */
    assert_ok(csn_readiness_read(w.store, &w.other_app, NOW, NOW + 1, &readiness));
    assert_true(readiness.exact);
}

static void
kinds_of_a_day_are_bounded_and_their_counts_exact(void **state)
{
    (void)state;
    enum { MANY = CSN_DECISION_KINDS_PER_DAY + 200 };
    struct csn_decision d = refused(1);
    for (int n = 0; n < MANY; n++) {
        snprintf(d.app_version, sizeof d.app_version, "%d", n);
        record(&d, 1);
        if (n % 10000 == 9999)
            flush();
    }
    flush();
    assert_int_equal(number("SELECT sum(count) FROM decision_counts"), MANY);
    assert_int_equal(number("SELECT count(*) FROM decision_counts"),
                     CSN_DECISION_KINDS_PER_DAY + 1);
    assert_int_equal(number("SELECT count FROM decision_counts WHERE app_version = ''"), 200);
}

static void
what_a_failed_flush_gives_back_is_counted_once(void **state)
{
    (void)state;
    for (int n = 0; n < 10; n++) {
        struct csn_decision d = refused(n);
        record(&d, 1);
    }
    world_execute(&w, "CREATE TEMP TRIGGER no BEFORE INSERT ON decision_visitors BEGIN "
                      "SELECT raise(ABORT, 'no'); END");
    assert_string_not_equal(csn_status_name(csn_decisions_flush(decisions, queue)), "ok");
    struct csn_decision again = refused(3);
    record(&again, 1);
    world_execute(&w, "DROP TRIGGER no");
    flush();
    assert_int_equal(number("SELECT count(*) FROM decision_visitors"), 10);
    assert_int_equal(number("SELECT sum(count) FROM decision_visitors"), 11);
    flush();
    assert_int_equal(number("SELECT sum(count) FROM decision_visitors"), 11);
}

/* --- minimum version --- */

static struct csn_readiness_version
version(const char *name, int64_t requests, int64_t refused_of_them)
{
    struct csn_readiness_version v = {.requests = requests, .refused = refused_of_them};
    snprintf(v.app_version, sizeof v.app_version, "%s", name);
    return v;
}

static void
finds_the_lowest_version_that_keeps_the_share_down(void **state)
{
    (void)state;
    struct csn_readiness_version all[] = {
        version("", 10, 10),          version("3.0.0", 100, 90),  version("3.1.0", 100, 60),
        version("3.1.0-beta", 10, 0), version("3.2.0", 1000, 11), version("3.3.0", 100, 0),
    };
    struct csn_readiness_minimum found = csn_readiness_minimum_of(all, 6, 10);
    assert_ptr_equal(found.from, &all[4]); /* 11 of 1100 */
    assert_int_equal(found.requests, 1100);
    assert_int_equal(found.refused, 11);
    assert_int_equal(found.saved, 160);
    found = csn_readiness_minimum_of(all, 6, 9);
    assert_ptr_equal(found.from, &all[5]);
    found = csn_readiness_minimum_of(all, 6, 59); /* 71 of 1210: not half of "3.1.0" alone */
    assert_ptr_equal(found.from, &all[2]);
    found = csn_readiness_minimum_of(all, 6, 1000);
    assert_ptr_equal(found.from, &all[1]); /* an unknown version is below every version */
    all[5].refused = 100;
    all[4].refused = 1000;
    assert_null(csn_readiness_minimum_of(all, 6, 10).from);
    assert_null(csn_readiness_minimum_of(all, 0, 10).from);
}

int
main(void)
{
#define SENTENCE(name) cmocka_unit_test_setup_teardown(name, decision_setup, decision_teardown)
    const struct CMUnitTest tests[] = {
        SENTENCE(counts_each_customer_once_however_often_they_come),
        SENTENCE(a_customer_of_two_groups_is_one_customer),
        SENTENCE(who_named_no_identity_is_counted_by_device),
        SENTENCE(requests_under_a_session_are_nobodys),
        SENTENCE(one_flush_keeps_as_many_as_fit_and_then_half_of_the_customers),
        SENTENCE(estimates_many_customers_within_the_error_it_states),
        SENTENCE(a_day_is_exact_up_to_the_bound_and_not_beyond),
        SENTENCE(kinds_of_a_day_are_bounded_and_their_counts_exact),
        SENTENCE(what_a_failed_flush_gives_back_is_counted_once),
        cmocka_unit_test(finds_the_lowest_version_that_keeps_the_share_down),
    };
    return cmocka_run_group_tests_name("decision_visitors", tests, NULL, NULL);
}
