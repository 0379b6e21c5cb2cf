/* What an operation on a log costs does not grow with what the log holds, nor with how many logs
 * there are. Counted in steps of SQLite's own machine, as sessions_cost_test.c does.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "server/store/sqlite.h"
#include "tests/unit/server/log_world.h"

#define FEW 10
#define MANY 4000

struct shelf {
    struct world w;
    struct csn_session_outcome alice, before, linked;
};

/* As an append would, only faster: rows that are never opened. */
static void
fill(struct shelf *s, struct csn_id customer, int items)
{
    char sql[512];
    snprintf(sql, sizeof sql,
             "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) INSERT "
             "INTO items SELECT '%s', '%s', i, 'x' || i, '%s', 1, 1 + i %% 2, 0, CASE i %% 4 WHEN "
             "1 THEN 'tv' END, 0, 0, x'00' FROM n",
             items, s->w.app.id.text, customer.text, customer.text);
    world_execute(&s->w, sql);
    snprintf(sql, sizeof sql,
             "INSERT INTO logs (app, customer, last, items, bytes) VALUES ('%s', '%s', %d, %d, %d)",
             s->w.app.id.text, customer.text, items, items, items);
    world_execute(&s->w, sql);
}

static void
populate(struct shelf *s, int items)
{
    world_open(&s->w);
    s->alice = world_login_as(&s->w, "tablet", "alice");
    fill(s, s->alice.claims.customer, items);
    struct csn_session_outcome first = world_login_as(&s->w, "watch", NULL);
    world_append(&s->w, first.claims.customer, "w1 w2 w3");
    s->linked = world_login_from(&s->w, "watch", "alice", &first);
    s->before = world_login_as(&s->w, "phone", NULL);
    world_append(&s->w, s->before.claims.customer, "n1 n2 n3");
    for (int i = 0; i < items / 10; i++) {
        char name[16];
        snprintf(name, sizeof name, "c%d", i);
        world_append(&s->w, world_login_as(&s->w, name, name).claims.customer, "a b");
    }
}

/* --- the operations --- */

static void
append(struct shelf *s)
{
    world_append(&s->w, s->alice.claims.customer, "b1 b2 b3 b4 b5");
}

static void
append_again(struct shelf *s)
{
    struct csn_append_in in = append_of(&s->w, s->alice.claims.customer);
    struct csn_item items[] = {item_of("x2"), item_of("x8")};
    struct csn_appended out[2];
    in.items = items;
    in.count = 2;
    assert_ok(world_try_append(&s->w, &in, out, NULL));
    assert_int_equal(CSN_DUPLICATE, out[1].outcome);
}

static void
read_the_newest(struct shelf *s)
{
    struct csn_read_out out;
    struct csn_read_in in = read_of(&s->w, s->alice.claims.customer);
    in.backwards = true;
    in.limit = 3;
    assert_ok(world_try_read(&s->w, &in, &out));
    assert_int_equal(3, out.count);
}

static void
read_what_was_sent_to_the_phone(struct shelf *s)
{
    struct csn_read_out out;
    struct csn_read_in in = read_of(&s->w, s->alice.claims.customer);
    in.view = CSN_VIEW_CLAIM;
    assert_ok(world_try_read(&s->w, &in, &out));
    assert_int_equal(0, out.count);
}

static void
link_one(struct shelf *s)
{
    assert_int_equal(3, world_login_from(&s->w, "phone", "alice", &s->before).linked_items);
}

static enum csn_status
run_unlink(void *state, struct csn_store *store)
{
    struct shelf *s = state;
    struct csn_relink_outcome out;
    enum csn_status status = csn_customer_unlink(store, s->w.app.id, s->alice.claims.customer,
                                                 s->linked.linked, s->w.app.id, &out, s->w.now_ms);
    assert_int_equal(3, out.items);
    return status;
}

static void
unlink_one(struct shelf *s)
{
    assert_ok(world_run(s->w.store, run_unlink, s));
}

static enum csn_status
run_purge(void *state, struct csn_store *store)
{
    struct shelf *s = state;
    struct csn_items_purge what = {.before_ms = 1, .limit = 5};
    struct csn_items_sum purged;
    enum csn_status status =
        csn_store_items_purge(store, s->w.app.id, s->alice.claims.customer, &what, &purged);
    assert_int_equal(5, purged.items);
    assert_int_equal(5, purged.bytes);
    return status;
}

static void
purge_some(struct shelf *s)
{
    assert_ok(world_run(s->w.store, run_purge, s));
}

static const struct {
    const char *name;
    void (*run)(struct shelf *s);
} operations[] = {{"append", append},
                  {"append again", append_again},
                  {"read the newest", read_the_newest},
                  {"read for a device", read_what_was_sent_to_the_phone},
                  {"link", link_one},
                  {"unlink", unlink_one},
                  {"purge", purge_some}};

static void
no_operation_costs_more_in_a_long_log(void **state)
{
    (void)state;
    static struct shelf few, many;
    for (size_t i = 0; i < sizeof operations / sizeof operations[0]; i++) {
        populate(&few, FEW);
        (void)world_steps(&few.w);
        operations[i].run(&few);
        int64_t cheap = world_steps(&few.w);
        world_close(&few.w);

        populate(&many, MANY);
        (void)world_steps(&many.w);
        operations[i].run(&many);
        int64_t dear = world_steps(&many.w);
        world_close(&many.w);
        if (dear * 10 > cheap * 12) {
            fail_msg("%s takes %lld steps in a log of %d items, %lld in a longer one",
                     operations[i].name, (long long)cheap, FEW, (long long)dear);
        }
    }
}

/* --- statements --- */

struct count {
    int steps;
};

static bool
count_step(void *state)
{
    ((struct count *)state)->steps++;
    return false;
}

static int
steps_of_append(int count)
{
    static struct world w;
    struct count counted = {0};
    char ids[512];
    size_t used = 0;
    world_open(&w);
    struct csn_id alice = world_login_as(&w, "phone", "alice").claims.customer;
    for (int i = 0; i < count; i++) {
        used += (size_t)snprintf(ids + used, sizeof ids - used, "i%d ", i);
    }
    w.store->fault_state = &counted;
    w.store->fault = count_step;
    world_append(&w, alice, ids);
    world_close(&w);
    return counted.steps;
}

static void
an_append_takes_one_step_more_per_item(void **state)
{
    (void)state;
    int one = steps_of_append(1);
    assert_int_equal(one + 9, steps_of_append(10));
    assert_int_equal(one + 49, steps_of_append(50));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_operation_costs_more_in_a_long_log),
        cmocka_unit_test(an_append_takes_one_step_more_per_item),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
