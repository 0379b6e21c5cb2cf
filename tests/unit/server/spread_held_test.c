/* Spreading a broadcast while deliveries wait and other apps spread theirs; and what a slice costs.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "server/store/sqlite.h"
#include "tests/unit/server/spread_world.h"

static struct spread_world s;

static int
setup(void **state)
{
    (void)state;
    spread_open(&s);
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    world_close(&s.w);
    return 0;
}

/* --- held --- */

static void
wait_for(struct csn_id app, int count, int attempts)
{
    char sql[512];
    snprintf(sql, sizeof sql,
             "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) "
             "INSERT INTO deliveries (app, device, notice, facts, created, due, attempts) "
             "SELECT '%s', 'x', 1, '', 1, 1, %d FROM n",
             count, app.text, attempts);
    world_execute(&s.w, sql);
}

static void
take_one(void)
{
    world_execute(&s.w,
                  "DELETE FROM deliveries WHERE number = (SELECT max(number) FROM deliveries)");
}

static void
is_held_while_too_many_were_never_tried(void **state)
{
    (void)state;
    spread_add_many(&s, 1);
    spread_make(&s, CSN_ITEM_PUSH);
    wait_for(s.w.app.id, CSN_SPREAD_UNTRIED_MAX + 1, 0);
    assert_false(spread_step(&s));
    assert_int_equal(spread_told(&s), 0);
    take_one();
    assert_true(spread_step(&s));
    assert_int_equal(spread_told(&s), 1);
}

static void
is_held_while_too_many_failed_and_come_again(void **state)
{
    (void)state;
    spread_add_many(&s, 1);
    spread_make(&s, CSN_ITEM_PUSH);
    wait_for(s.w.app.id, CSN_SPREAD_WAITING_MAX + 1, 1);
    assert_false(spread_step(&s));
    assert_int_equal(spread_told(&s), 0);
    take_one();
    assert_true(spread_step(&s));
    assert_int_equal(spread_told(&s), 1);
}

static void
is_not_held_by_what_webhooks_wait_for(void **state)
{
    (void)state;
    spread_add_many(&s, 1);
    spread_make(&s, CSN_ITEM_PUSH);
    wait_for(s.w.app.id, CSN_SPREAD_UNTRIED_MAX + 1, 0);
    world_execute(&s.w, "UPDATE deliveries SET device = NULL, webhook = 'x'");
    assert_true(spread_step(&s));
}

static void
expires_though_it_is_held(void **state)
{
    (void)state;
    struct csn_broadcast_info made = spread_make(&s, CSN_ITEM_PUSH);
    wait_for(s.w.app.id, CSN_SPREAD_UNTRIED_MAX + 1, 0);
    s.w.now_ms = made.expires_ms;
    assert_false(spread_step(&s));
    assert_int_equal(spread_state(&s), CSN_SPREAD_DONE);
}

/* Never more of one broadcast are due at once than this: what another app's delivery may find
 * before it. */
static void
writes_no_more_than_a_slice_beyond_the_bound(void **state)
{
    (void)state;
    spread_add_many(&s, 4 * CSN_SPREAD_SLICE);
    spread_make(&s, CSN_ITEM_PUSH);
    spread_all(&s);
    assert_int_equal(spread_written(&s), CSN_SPREAD_UNTRIED_MAX + CSN_SPREAD_SLICE);
    world_execute(&s.w, "UPDATE deliveries SET attempts = 1");
    spread_all(&s);
    assert_int_equal(spread_written(&s), 4 * CSN_SPREAD_SLICE);
}

/* --- several apps --- */

static void
in_other_app(void (*act)(void))
{
    struct csn_app own = s.w.app;
    s.w.app = s.w.other_app;
    act();
    s.w.app = own;
}

static void
make_large(void)
{
    spread_add_many(&s, 2 * CSN_SPREAD_SLICE);
    spread_make(&s, CSN_ITEM_PUSH);
}

static int64_t
told_of(struct csn_id app)
{
    char sql[128];
    snprintf(sql, sizeof sql, "SELECT sum(spread_told) FROM broadcasts WHERE app = '%s'", app.text);
    return world_number(&s.w, sql);
}

static void
takes_turns_between_apps(void **state)
{
    (void)state;
    make_large();
    in_other_app(make_large);
    spread_step(&s);
    spread_step(&s);
    assert_int_equal(told_of(s.w.app.id), CSN_SPREAD_SLICE);
    assert_int_equal(told_of(s.w.other_app.id), CSN_SPREAD_SLICE);
    spread_step(&s);
    spread_step(&s);
    assert_int_equal(told_of(s.w.app.id), 2 * CSN_SPREAD_SLICE);
    assert_int_equal(told_of(s.w.other_app.id), 2 * CSN_SPREAD_SLICE);
}

static void
is_not_held_by_another_app(void **state)
{
    (void)state;
    make_large();
    in_other_app(make_large);
    wait_for(s.w.other_app.id, CSN_SPREAD_UNTRIED_MAX + 1, 0);
    assert_true(spread_step(&s));
    assert_true(spread_step(&s));
    assert_int_equal(told_of(s.w.app.id), 2 * CSN_SPREAD_SLICE);
    assert_int_equal(told_of(s.w.other_app.id), 0);
}

static void
tells_no_device_of_another_app(void **state)
{
    (void)state;
    spread_add_many(&s, 1);
    s.w.app = s.w.other_app;
    spread_make(&s, CSN_ITEM_PUSH);
    spread_all(&s);
    assert_int_equal(spread_written(&s), 0);
    assert_int_equal(spread_state(&s), CSN_SPREAD_DONE);
}

/* --- cost --- */

static int64_t
steps(void)
{
    int64_t sum = 0;
    for (int i = 0; i < CSN_STATEMENTS_MAX; i++) {
        if (s.w.store->statements[i].handle != NULL)
            sum +=
                sqlite3_stmt_status(s.w.store->statements[i].handle, SQLITE_STMTSTATUS_VM_STEP, 1);
    }
    return sum;
}

static int64_t
cost_of_a_step(int others)
{
    spread_open(&s);
    spread_add_many(&s, CSN_SPREAD_SLICE);
    for (int i = 0; i < others; i++) {
        char device[16];
        snprintf(device, sizeof device, "a-%06d", i); /* before the others, without an address */
        world_login_as(&s.w, device, device);
    }
    spread_make(&s, CSN_ITEM_PUSH);
    steps();
    assert_true(spread_step(&s));
    int64_t cost = steps();
    assert_int_equal(spread_told(&s), CSN_SPREAD_SLICE);
    world_close(&s.w);
    return cost;
}

static void
a_slice_costs_the_same_however_many_devices_there_are(void **state)
{
    (void)state;
    int64_t few = cost_of_a_step(1), many = cost_of_a_step(1000);
    assert_in_range(many, few - few / 50, few + few / 50);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(is_held_while_too_many_were_never_tried),
        TEST(is_held_while_too_many_failed_and_come_again),
        TEST(is_not_held_by_what_webhooks_wait_for),
        TEST(expires_though_it_is_held),
        TEST(writes_no_more_than_a_slice_beyond_the_bound),
        TEST(takes_turns_between_apps),
        TEST(is_not_held_by_another_app),
        TEST(tells_no_device_of_another_app),
        cmocka_unit_test(a_slice_costs_the_same_however_many_devices_there_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
