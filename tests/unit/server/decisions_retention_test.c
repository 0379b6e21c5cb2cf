/* What was recorded is kept as long as its app says, and no more of it than an app may have.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "server/store/evidence_rows.h"
#include "server/store/registry_rows.h"
#include "tests/unit/server/session_world.h"

#define HOUR_MS 3600000LL
#define DAY_MS (24 * HOUR_MS)
#define NOW (1795219200000LL + 12 * HOUR_MS) /* 2026-11-21T12:00:00Z */
#define KEPT (NOW - 10 * DAY_MS)             /* what a retention of ten days keeps begins here */

static struct world w;
static struct csn_retention_walk walk;
static struct csn_id small, large; /* ten days, and a hundred */

static void
add_app(struct csn_id *id, const char *name, int64_t days)
{
    snprintf(id->text, sizeof id->text, "%s", name);
    struct csn_app_row row = {.id = *id,
                              .account = {.text = "01ARZ3NDEKTSV4RRFFQ69G5FAA"},
                              .name = text("app"),
                              .policy = text("{}"),
                              .enforcement = text("{}"),
                              .origins = text("[]"),
                              .retention_days = days};
    assert_ok(csn_store_app_add(w.store, &row));
}

static int
setup(void **state)
{
    (void)state;
    world_open(&w);
    walk = (struct csn_retention_walk){0};
    world_execute(&w, "INSERT INTO accounts (id, name, root, created) VALUES "
                      "('01ARZ3NDEKTSV4RRFFQ69G5FAA', 'a', 1, 0)");
    add_app(&small, "01ARZ3NDEKTSV4RRFFQ69G5FA1", 10);
    add_app(&large, "01ARZ3NDEKTSV4RRFFQ69G5FA2", 100);
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    world_close(&w);
    return 0;
}

/* One decision of the app, in every form it is recorded in. */
static void
add(struct csn_id app, int64_t at_ms)
{
    struct csn_decision d = {
        .at_ms = at_ms, .app = app, .reason = CSN_REASON_EXPIRED, .pseudonym = {1}};
    struct csn_decision_row row = {.decision = d, .weight = 1};
    struct csn_decision_count count = {.of = d, .count = 1, .first_ms = at_ms, .latest_ms = at_ms};
    struct csn_decision_visitor visitor = {
        .of = d, .count = 1, .first_ms = at_ms, .last_ms = at_ms};
    count.of.at_ms -= at_ms % HOUR_MS;
    visitor.of.at_ms -= at_ms % DAY_MS;
    struct csn_decision_batch batch = {.counts = &count,
                                       .count_count = 1,
                                       .rows = &row,
                                       .row_count = 1,
                                       .visitors = &visitor,
                                       .visitor_count = 1};
    assert_ok(csn_store_decisions_add(w.store, &batch));
}

static size_t
retain(int64_t now_ms)
{
    size_t dropped = 0;
    do {
        assert_ok(csn_store_decisions_retain(w.store, &walk, 1, 1000, &dropped, now_ms));
    } while (!walk.ended);
    return dropped;
}

static int64_t
count(const char *table, struct csn_id app)
{
    char sql[128];
    snprintf(sql, sizeof sql, "SELECT count(*) FROM %s WHERE app = '%s'", table, app.text);
    return world_number(&w, sql);
}

static void
a_row_is_kept_to_the_millisecond(void **state)
{
    (void)state;
    add(small, KEPT - 1);
    add(small, KEPT);
    add(large, KEPT - 1);
    assert_true(retain(NOW) > 0);
    assert_int_equal(count("decision_rows", small), 1);
    assert_int_equal(world_number(&w, "SELECT min(at) FROM decision_rows WHERE app LIKE '%A1'"),
                     KEPT);
    assert_int_equal(count("decision_rows", large), 1);
}

static void
counts_go_by_whole_hours_and_visitors_by_whole_days(void **state)
{
    (void)state;
    add(small, KEPT - HOUR_MS);
    retain(NOW - 1);
    assert_int_equal(count("decision_counts", small), 1); /* its hour is not all old yet */
    retain(NOW);
    assert_int_equal(count("decision_counts", small), 0);
    int64_t day = KEPT - KEPT % DAY_MS;
    retain(day + 11 * DAY_MS - 1);
    assert_int_equal(count("decision_visitors", small), 1);
    assert_int_equal(count("decision_days", small), 1);
    retain(day + 11 * DAY_MS);
    assert_int_equal(count("decision_visitors", small), 0);
    assert_int_equal(count("decision_days", small), 0);
    assert_int_equal(retain(day + 11 * DAY_MS), 0);
}

static void
many_old_days_go_in_one_walk(void **state)
{
    (void)state;
    for (int i = 1; i <= 40; i++)
        add(small, KEPT - i * DAY_MS - HOUR_MS);
    add(small, NOW);
    retain(NOW);
    assert_int_equal(count("decision_rows", small), 1);
    assert_int_equal(count("decision_counts", small), 1);
    assert_int_equal(count("decision_visitors", small), 1);
    assert_int_equal(count("decision_days", small), 1);
}

/* Of the app and that many, one a millisecond, before what it keeps. */
static void
add_old_rows(struct csn_id app, int rows)
{
    char sql[512];
    snprintf(
        sql, sizeof sql,
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) "
        "INSERT INTO decision_rows (app, at, reason, endpoint, key, algorithm, assurance, mode,"
        " admitted, platform, app_version, sdk_version, lifetime, weight)"
        " SELECT '%s', %lld - i, 2, 1, 0, 0, 0, 1, 1, '', '', '', 0, 1 FROM n",
        rows, app.text, (long long)(NOW - 200 * DAY_MS));
    world_execute(&w, sql);
}

static size_t
retain_slice(size_t limit)
{
    size_t dropped = 0;
    assert_ok(csn_store_decisions_retain(w.store, &walk, 32, limit, &dropped, NOW));
    return dropped;
}

static void
the_walk_passes_no_app_that_has_more_to_drop(void **state)
{
    (void)state;
    add_old_rows(small, 250);
    add_old_rows(large, 120);
    static const size_t slices[] = {100, 100, 100, 70};
    for (size_t i = 0; i < 4; i++) {
        assert_false(walk.ended);
        assert_int_equal(retain_slice(100), slices[i]);
    }
    assert_true(walk.ended);
    assert_int_equal(world_number(&w, "SELECT count(*) FROM decision_rows"), 0);
}

static void
a_slice_drops_no_more_of_all_its_apps_together_than_of_one(void **state)
{
    (void)state;
    add_old_rows(small, 60);
    add_old_rows(large, 60);
    assert_int_equal(retain_slice(100), 100);
    assert_int_equal(count("decision_rows", small), 0);
    assert_int_equal(count("decision_rows", large), 20);
    assert_int_equal(retain_slice(100), 20);
    assert_true(walk.ended);
}

static void
an_app_has_at_most_so_many_rows_the_newest(void **state)
{
    (void)state;
    char sql[512];
    snprintf(
        sql, sizeof sql,
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) "
        "INSERT INTO decision_rows (app, at, reason, endpoint, key, algorithm, assurance, mode,"
        " admitted, platform, app_version, sdk_version, lifetime, weight)"
        " SELECT '%s', %lld + i, 2, 1, 0, 0, 0, 1, 1, '', '', '', 0, 1 FROM n",
        CSN_DECISION_ROWS_MAX, large.text, (long long)NOW);
    world_execute(&w, sql);
    add(small, NOW);
    retain(NOW);
    assert_int_equal(count("decision_rows", large), CSN_DECISION_ROWS_MAX);
    add(large, NOW + 2 * DAY_MS);
    retain(NOW);
    assert_int_equal(count("decision_rows", large), CSN_DECISION_ROWS_MAX);
    assert_int_equal(world_number(&w, "SELECT min(at) FROM decision_rows WHERE app LIKE '%A2'"),
                     NOW + 2);
    assert_int_equal(count("decision_rows", small), 1);
}

static void
evidence_is_dropped_by_its_age(void **state)
{
    (void)state;
    struct csn_evidence_row row = {
        .id = {.text = "01ARZ3NDEKTSV4RRFFQ69G5FB1"},
        .decision = {.app = large, .at_ms = NOW - 1, .reason = CSN_REASON_EXPIRED},
        .sealed = text("sealed")};
    assert_ok(csn_store_evidence_add(w.store, &row));
    row.id.text[25] = '2';
    row.decision.at_ms = NOW;
    assert_ok(csn_store_evidence_add(w.store, &row));
    size_t dropped = 0;
    assert_ok(csn_store_evidence_purge(w.store, NOW, 10, &dropped));
    assert_int_equal(dropped, 1);
    assert_int_equal(world_number(&w, "SELECT at FROM evidence"), NOW);
    retain(NOW + 100 * DAY_MS); /* or by what its app keeps */
    assert_int_equal(count("evidence", large), 1);
    retain(NOW + 100 * DAY_MS + 1);
    assert_int_equal(count("evidence", large), 0);
}

int
main(void)
{
#define SENTENCE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        SENTENCE(a_row_is_kept_to_the_millisecond),
        SENTENCE(counts_go_by_whole_hours_and_visitors_by_whole_days),
        SENTENCE(many_old_days_go_in_one_walk),
        SENTENCE(the_walk_passes_no_app_that_has_more_to_drop),
        SENTENCE(a_slice_drops_no_more_of_all_its_apps_together_than_of_one),
        SENTENCE(an_app_has_at_most_so_many_rows_the_newest),
        SENTENCE(evidence_is_dropped_by_its_age),
    };
    return cmocka_run_group_tests_name("decisions_retention", tests, NULL, NULL);
}
