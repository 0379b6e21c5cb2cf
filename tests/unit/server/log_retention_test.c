/* Retention: what is older than the app's days goes, to the millisecond, wherever it lies; what
 * lies beyond the largest log goes, oldest first; in slices.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/server/log_world.h"

#define DAY_MS 86400000LL
#define DAYS 30

static struct world w;
static struct csn_id alice;
static struct csn_log_walk walk;

/* The walk reads an app's days where the management API wrote them. */
static void
add_app(struct csn_id app, int days)
{
    char sql[512];
    snprintf(sql, sizeof sql,
             "INSERT INTO apps (id, account, name, policy, policy_version, enforcement, "
             "enforcement_version, origins, suspended, test_mode_until, retention_days, created, "
             "generation) VALUES ('%s', '01JACCNTACCNTACCNTACCNTACC', 'app', '{}', 1, '{}', 1, "
             "'[]', 0, 0, %d, 0, 1)",
             app.text, days);
    world_execute(&w, sql);
}

static int
open_world(void **state)
{
    (void)state;
    world_open(&w);
    w.app.policy.session_ttl_s = 100 * 86400;
    walk = (struct csn_log_walk){0};
    world_execute(&w, "INSERT INTO accounts (id, name, root, created) VALUES "
                      "('01JACCNTACCNTACCNTACCNTACC', 'account', 0, 0)");
    add_app(w.app.id, DAYS);
    alice = world_login_as(&w, "phone", "alice").claims.customer;
    return 0;
}

static int
close_world(void **state)
{
    (void)state;
    assert_logs_whole(&w);
    world_close(&w);
    return 0;
}

static enum csn_status
run_purge(void *state, struct csn_store *store)
{
    struct csn_log_walk *at = state;
    return csn_log_purge(store, at, w.now_ms);
}

/* One slice. Returns: items purged. */
static int64_t
purge(void)
{
    assert_ok(world_run(w.store, run_purge, &walk));
    assert_logs_whole(&w);
    return walk.purged;
}

/* Slices until the walk has ended. Returns: items purged. */
static int64_t
purge_all(void)
{
    int64_t sum = 0;
    for (int slice = 0; slice < 100; slice++) {
        sum += purge();
        if (walk.ended)
            return sum;
    }
    fail_msg("the walk does not end");
    return sum;
}

static void
an_item_is_kept_for_its_days_to_the_millisecond(void **state)
{
    (void)state;
    world_append(&w, alice, "a");
    w.now_ms++;
    world_append(&w, alice, "b");
    w.now_ms += DAYS * DAY_MS - 1;
    assert_int_equal(0, purge_all());
    assert_string_equal("a b", world_log(&w, alice));
    w.now_ms++;
    assert_int_equal(1, purge_all());
    assert_string_equal("b", world_log(&w, alice));
    w.now_ms++;
    assert_int_equal(1, purge_all());
    assert_string_equal("", world_log(&w, alice));
    assert_int_equal(2, world_number(&w, "SELECT last FROM logs"));
}

static void
what_a_link_brought_goes_when_it_is_old_itself(void **state)
{
    (void)state;
    struct csn_session_outcome before = world_login_as(&w, "tablet", NULL);
    world_append(&w, before.claims.customer, "n1");
    w.now_ms += 10 * DAY_MS;
    world_append(&w, alice, "a1");
    world_append(&w, before.claims.customer, "n2");
    world_login_from(&w, "tablet", "alice", &before);
    world_append(&w, alice, "a2");
    assert_string_equal("a1 n1 n2 a2", world_log(&w, alice));
    w.now_ms += 20 * DAY_MS;
    assert_int_equal(0, purge_all());
    w.now_ms++;
    assert_int_equal(1, purge_all());
    assert_string_equal("a1 n2 a2", world_log(&w, alice));
    w.now_ms += 10 * DAY_MS;
    assert_int_equal(3, purge_all());
}

static void
when_the_client_made_it_does_not_matter(void **state)
{
    (void)state;
    struct csn_append_in in = append_of(&w, alice);
    struct csn_item item = item_of("old");
    item.created_ms = 1;
    in.items = &item;
    in.count = 1;
    assert_ok(world_try_append(&w, &in, NULL, NULL));
    assert_int_equal(0, purge_all());
}

static void
each_app_has_its_own_days(void **state)
{
    (void)state;
    struct world other = w;
    other.app = w.other_app;
    add_app(w.other_app.id, 90);
    struct csn_id bob = world_login_as(&other, "phone", "bob").claims.customer;
    world_append(&w, alice, "a");
    world_append(&other, bob, "b");
    w.now_ms += 90 * DAY_MS;
    assert_int_equal(1, purge_all());
    w.now_ms++;
    assert_int_equal(1, purge_all());
}

static void
without_days_nothing_is_too_old(void **state)
{
    (void)state;
    world_append(&w, alice, "a");
    world_execute(&w, "UPDATE apps SET retention_days = 0");
    w.now_ms += 10000 * DAY_MS;
    assert_int_equal(0, purge_all());
}

/* Few rows stand for many: the counter says how many there are. */
static void
the_largest_log_loses_its_oldest(void **state)
{
    (void)state;
    char sql[80];
    world_append(&w, alice, "a b c d");
    snprintf(sql, sizeof sql, "UPDATE logs SET items = %d", CSN_LOG_ITEMS_MAX);
    world_execute(&w, sql);
    assert_ok(world_run(w.store, run_purge, &walk));
    assert_int_equal(0, walk.purged);
    world_append(&w, alice, "e f");
    assert_ok(world_run(w.store, run_purge, &walk));
    assert_int_equal(2, walk.purged);
    assert_int_equal(CSN_LOG_ITEMS_MAX, world_number(&w, "SELECT items FROM logs"));
    assert_string_equal("c d e f", world_log(&w, alice));
    world_execute(&w, "UPDATE logs SET items = 4");
}

static void
the_longest_log_loses_its_oldest_by_bytes(void **state)
{
    (void)state;
    char sql[80];
    world_append(&w, alice, "a b c d");
    snprintf(sql, sizeof sql, "UPDATE logs SET bytes = %d", CSN_LOG_BYTES_MAX);
    world_execute(&w, sql);
    assert_ok(world_run(w.store, run_purge, &walk));
    assert_int_equal(0, walk.purged);
    world_execute(&w,
                  "UPDATE logs SET bytes = bytes + (SELECT length(body) FROM items LIMIT 1) + 1");
    assert_ok(world_run(w.store, run_purge, &walk));
    assert_int_equal(2, walk.purged);
    assert_string_equal("c d", world_log(&w, alice));
    assert_true(world_number(&w, "SELECT bytes FROM logs") < CSN_LOG_BYTES_MAX);
    world_execute(&w, "UPDATE logs SET bytes = (SELECT sum(length(body)) FROM items)");
}

static void
append_numbered(struct csn_id customer, int count)
{
    char ids[LINE_MAX_BYTES];
    size_t used = 0;
    static int number;
    ids[0] = '\0';
    for (int i = 0; i < count; i++) {
        used += (size_t)snprintf(ids + used, sizeof ids - used, "i%d ", number++);
    }
    world_append(&w, customer, ids);
}

static void
a_slice_ends_after_so_many_items_and_the_next_goes_on(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        append_numbered(alice, 300);
    }
    w.now_ms += (DAYS + 1) * DAY_MS;
    assert_int_equal(CSN_ITEMS_PURGED_MAX, purge());
    assert_false(walk.ended);
    assert_int_equal(900 - CSN_ITEMS_PURGED_MAX, purge());
    assert_true(walk.ended);
    assert_int_equal(0, world_number(&w, "SELECT count(*) FROM items"));
}

static void
a_slice_counts_what_links_brought_as_well(void **state)
{
    (void)state;
    struct csn_session_outcome before = world_login_as(&w, "tablet", NULL);
    for (int i = 0; i < 3; i++) {
        append_numbered(before.claims.customer, 300);
    }
    w.now_ms += DAY_MS;
    world_append(&w, alice, "a");
    assert_int_equal(900, world_login_from(&w, "tablet", "alice", &before).linked_items);
    w.now_ms += DAYS * DAY_MS;
    assert_int_equal(CSN_ITEMS_PURGED_MAX, purge());
    assert_int_equal(900 - CSN_ITEMS_PURGED_MAX, purge());
    assert_string_equal("a", world_log(&w, alice));
}

static void
a_slice_ends_after_so_many_logs_and_the_next_goes_on(void **state)
{
    (void)state;
    for (int i = 0; i < CSN_LOGS_WALKED_MAX; i++) {
        char name[16];
        snprintf(name, sizeof name, "c%d", i);
        world_append(&w, world_login_as(&w, name, name).claims.customer, "a");
    }
    world_append(&w, alice, "a");
    w.now_ms += (DAYS + 1) * DAY_MS;
    assert_int_equal(CSN_LOGS_WALKED_MAX, purge());
    assert_false(walk.ended);
    assert_int_equal(1, purge());
    assert_true(walk.ended);
}

static void
an_ended_walk_begins_again(void **state)
{
    (void)state;
    assert_int_equal(0, purge());
    assert_true(walk.ended);
    world_append(&w, alice, "a");
    w.now_ms += (DAYS + 1) * DAY_MS;
    assert_int_equal(1, purge());
    assert_true(walk.ended);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_item_is_kept_for_its_days_to_the_millisecond),
        TEST(what_a_link_brought_goes_when_it_is_old_itself),
        TEST(when_the_client_made_it_does_not_matter),
        TEST(each_app_has_its_own_days),
        TEST(without_days_nothing_is_too_old),
        TEST(the_largest_log_loses_its_oldest),
        TEST(the_longest_log_loses_its_oldest_by_bytes),
        TEST(a_slice_ends_after_so_many_items_and_the_next_goes_on),
        TEST(a_slice_counts_what_links_brought_as_well),
        TEST(a_slice_ends_after_so_many_logs_and_the_next_goes_on),
        TEST(an_ended_walk_begins_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
