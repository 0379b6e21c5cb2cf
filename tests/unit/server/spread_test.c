/* Spreading a broadcast: slice by slice, broken off in the middle, and who is left out.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

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
setup_directory(void **state)
{
    (void)state;
    spread_open_directory(&s);
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    world_close(&s.w);
    return 0;
}

/* As if the receivers had taken all. */
static void
take_all(void)
{
    world_execute(&s.w, "DELETE FROM deliveries");
}

/* --- slices --- */

static void
writes_one_delivery_for_each_device_with_an_address(void **state)
{
    (void)state;
    spread_add_many(&s, 3);
    world_login_as(&s.w, "without", "somebody");
    spread_make(&s, CSN_ITEM_PUSH);
    assert_true(spread_step(&s));
    assert_false(spread_step(&s));
    assert_int_equal(spread_written(&s), 3);
    assert_int_equal(spread_devices(&s), 3);
    assert_int_equal(spread_told(&s), 3);
    assert_int_equal(spread_state(&s), CSN_SPREAD_DONE);
    assert_int_equal(world_number(&s.w,
                                  "SELECT count(*) FROM deliveries JOIN broadcasts ON item = id "
                                  "WHERE broadcast = 1"),
                     3);
}

static void
walks_one_slice_a_job_and_keeps_its_place(void **state)
{
    (void)state;
    spread_add_many(&s, CSN_SPREAD_SLICE + 1);
    spread_make(&s, CSN_ITEM_PUSH);
    assert_true(spread_step(&s));
    assert_int_equal(spread_written(&s), CSN_SPREAD_SLICE);
    assert_int_equal(spread_told(&s), CSN_SPREAD_SLICE);
    assert_int_equal(spread_state(&s), CSN_SPREAD_UNDER_WAY);
    assert_true(spread_step(&s));
    assert_int_equal(spread_written(&s), CSN_SPREAD_SLICE + 1);
    assert_int_equal(spread_devices(&s), CSN_SPREAD_SLICE + 1);
    assert_int_equal(spread_state(&s), CSN_SPREAD_DONE);
    assert_false(spread_step(&s));
}

static void
is_done_after_a_slice_that_finds_nothing_more(void **state)
{
    (void)state;
    spread_add_many(&s, CSN_SPREAD_SLICE);
    spread_make(&s, CSN_ITEM_PUSH);
    assert_true(spread_step(&s));
    assert_int_equal(spread_state(&s), CSN_SPREAD_UNDER_WAY);
    assert_true(spread_step(&s));
    assert_int_equal(spread_state(&s), CSN_SPREAD_DONE);
    assert_int_equal(spread_told(&s), CSN_SPREAD_SLICE);
}

static void
spreads_the_kind_push_alone(void **state)
{
    (void)state;
    spread_add_many(&s, 1);
    assert_int_equal(spread_make(&s, CSN_ITEM_MESSAGE).spread, CSN_SPREAD_NONE);
    assert_int_equal(spread_make(&s, CSN_ITEM_EXPERIENCE).spread, CSN_SPREAD_NONE);
    assert_false(spread_step(&s));
    assert_int_equal(spread_written(&s), 0);
    assert_int_equal(spread_make(&s, CSN_ITEM_PUSH).spread, CSN_SPREAD_UNDER_WAY);
    spread_all(&s);
    assert_int_equal(spread_written(&s), 1);
}

static void
spreads_an_older_broadcast_before_a_newer_one(void **state)
{
    (void)state;
    spread_add_many(&s, CSN_SPREAD_SLICE + 1);
    spread_make(&s, CSN_ITEM_PUSH);
    spread_make(&s, CSN_ITEM_PUSH);
    spread_step(&s);
    spread_step(&s);
    assert_int_equal(world_number(&s.w, "SELECT spread FROM broadcasts WHERE number = 1"),
                     CSN_SPREAD_DONE);
    assert_int_equal(world_number(&s.w, "SELECT spread_told FROM broadcasts WHERE number = 2"), 0);
    take_all();
    spread_all(&s);
    assert_int_equal(spread_written(&s), CSN_SPREAD_SLICE + 1);
}

/* --- broken off --- */

static void
a_job_that_is_undone_moves_nothing(void **state)
{
    (void)state;
    spread_add_many(&s, 3);
    spread_make(&s, CSN_ITEM_PUSH);
    spread_step_undone(&s);
    assert_int_equal(spread_written(&s), 0);
    assert_int_equal(spread_told(&s), 0);
    assert_int_equal(spread_state(&s), CSN_SPREAD_UNDER_WAY);
    spread_all(&s);
    assert_int_equal(spread_written(&s), 3);
}

static void
goes_on_after_a_restart_where_it_was(void **state)
{
    (void)state;
    spread_add_many(&s, 2 * CSN_SPREAD_SLICE);
    spread_make(&s, CSN_ITEM_PUSH);
    assert_true(spread_step(&s));
    spread_step_undone(&s);
    world_reopen(&s.w);
    s.turn = (struct csn_spread_turn){0};
    assert_int_equal(spread_written(&s), CSN_SPREAD_SLICE);
    spread_all(&s);
    assert_int_equal(spread_written(&s), 2 * CSN_SPREAD_SLICE);
    assert_int_equal(spread_devices(&s), 2 * CSN_SPREAD_SLICE);
    assert_int_equal(spread_told(&s), 2 * CSN_SPREAD_SLICE);
}

static enum csn_status
run_withdraw(void *state, struct csn_store *store)
{
    return csn_broadcast_withdraw(store, s.w.app.id, *(struct csn_id *)state);
}

static void
ends_where_it_was_withdrawn(void **state)
{
    (void)state;
    spread_add_many(&s, CSN_SPREAD_SLICE + 1);
    struct csn_broadcast_info made = spread_make(&s, CSN_ITEM_PUSH);
    assert_true(spread_step(&s));
    assert_ok(world_run(s.w.store, run_withdraw, &made.id));
    assert_false(spread_step(&s));
    assert_int_equal(spread_written(&s), CSN_SPREAD_SLICE);
}

static void
ends_when_it_expires(void **state)
{
    (void)state;
    spread_add_many(&s, CSN_SPREAD_SLICE + 1);
    struct csn_broadcast_info made = spread_make(&s, CSN_ITEM_PUSH);
    s.w.now_ms = made.expires_ms - 1;
    assert_true(spread_step(&s));
    s.w.now_ms = made.expires_ms;
    assert_false(spread_step(&s));
    assert_int_equal(spread_written(&s), CSN_SPREAD_SLICE);
    assert_int_equal(spread_state(&s), CSN_SPREAD_DONE);
}

/* --- who is left out --- */

static void
leaves_out_who_came_later(void **state)
{
    (void)state;
    spread_add(&s, "there");
    spread_make(&s, CSN_ITEM_PUSH);
    s.w.now_ms++;
    spread_add(&s, "late");
    spread_all(&s);
    assert_int_equal(spread_written(&s), 1);
    assert_int_equal(world_number(&s.w, "SELECT count(*) FROM deliveries WHERE device = 'there'"),
                     1);
}

static void
keeps_the_device_that_was_anonymous_when_it_was_made(void **state)
{
    (void)state;
    struct csn_session_outcome before = world_login_as(&s.w, "tablet", NULL);
    spread_give(&s, &before, "tablet");
    spread_make(&s, CSN_ITEM_PUSH);
    s.w.now_ms++;
    struct csn_session_outcome after = world_login_from(&s.w, "tablet", "bob", &before);
    assert_int_equal(after.link, CSN_LINK_MADE);
    spread_all(&s);
    assert_int_equal(spread_written(&s), 1);
}

/* Whoever may read a broadcast (rights.h), on the device it is. */
static void
reaches_every_assurance(void **state)
{
    (void)state;
    struct csn_session_outcome nobody = world_login_as(&s.w, "tablet", NULL);
    spread_give(&s, &nobody, "tablet");
    struct csn_login in = login_of(&s.w, "watch", "carol");
    in.assurance = CSN_ASSURANCE_CLAIMED;
    struct csn_session_outcome claimed = world_login(&s.w, &in);
    spread_give(&s, &claimed, "watch");
    spread_add(&s, "phone");
    spread_make(&s, CSN_ITEM_PUSH);
    spread_all(&s);
    assert_int_equal(spread_devices(&s), 3);
}

static void
leaves_out_a_device_that_gave_its_address_back(void **state)
{
    (void)state;
    spread_add_many(&s, 2);
    spread_make(&s, CSN_ITEM_PUSH);
    world_execute(&s.w, "UPDATE devices SET push_hash = NULL, push_sealed = NULL "
                        "WHERE id = 'd-000000'");
    spread_all(&s);
    assert_int_equal(spread_written(&s), 1);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(writes_one_delivery_for_each_device_with_an_address),
        TEST(walks_one_slice_a_job_and_keeps_its_place),
        TEST(is_done_after_a_slice_that_finds_nothing_more),
        TEST(spreads_the_kind_push_alone),
        TEST(spreads_an_older_broadcast_before_a_newer_one),
        TEST(a_job_that_is_undone_moves_nothing),
        TEST(ends_where_it_was_withdrawn),
        TEST(ends_when_it_expires),
        TEST(leaves_out_who_came_later),
        TEST(keeps_the_device_that_was_anonymous_when_it_was_made),
        TEST(reaches_every_assurance),
        TEST(leaves_out_a_device_that_gave_its_address_back),
        cmocka_unit_test_setup_teardown(goes_on_after_a_restart_where_it_was, setup_directory,
                                        teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
