/* Broadcasts: whom they reach, in which order, how far one has read, and that nobody else reads
 * them.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "server/domain/broadcasts.h"
#include "server/domain/id.h"
#include "tests/unit/server/session_world.h"

static struct world w;
static struct csn_id alice;
static uint8_t memory[1 << 20];

static int
setup(void **state)
{
    (void)state;
    world_open(&w);
    world_execute(&w, "INSERT INTO accounts VALUES ('01JACC0NTACC0NTACC0NTACC0N', 'a', 1, 0)");
    for (int i = 0; i < 2; i++) {
        char sql[512];
        snprintf(
            sql, sizeof sql,
            "INSERT INTO apps (id, account, name, policy, policy_version, enforcement, "
            "enforcement_version, origins, suspended, test_mode_until, retention_days, created, "
            "generation) VALUES ('%s', '01JACC0NTACC0NTACC0NTACC0N', 'n', '', 1, '', 1, '', 0, 0, "
            "0, 0, 1)",
            i == 0 ? w.app.id.text : w.other_app.id.text);
        world_execute(&w, sql);
    }
    alice = world_login_as(&w, "phone", "alice").claims.customer;
    w.now_ms += 1000;
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    world_close(&w);
    return 0;
}

/* --- one job each --- */

struct making {
    struct csn_broadcast_new in;
    struct csn_broadcast_info out;
};

static enum csn_status
run_make(void *state, struct csn_store *store)
{
    struct making *making = state;
    return csn_broadcast_create(w.sessions, store, &making->in, &making->out, w.now_ms);
}

static struct csn_broadcast_info
make(const char *body)
{
    struct making making = {.in = {.app = w.app.id, .kind = CSN_ITEM_PUSH, .body = text(body)}};
    assert_ok(world_run(w.store, run_make, &making));
    return making.out;
}

static enum csn_status
run_withdraw(void *state, struct csn_store *store)
{
    const struct csn_id *id = state;
    return csn_broadcast_withdraw(store, w.app.id, *id);
}

struct reading {
    struct csn_broadcast_read_in in;
    struct csn_read_out out;
};

static enum csn_status
run_read(void *state, struct csn_store *store)
{
    struct reading *reading = state;
    struct csn_arena arena = csn_arena_over(memory, sizeof memory);
    return csn_broadcast_read(w.sessions, store, &reading->in, &arena, &reading->out, w.now_ms);
}

static struct csn_read_out
read_after(struct csn_id customer, int64_t after, size_t limit)
{
    struct reading reading = {.in = {.app = w.app.id,
                                     .customer = customer,
                                     .view = CSN_VIEW_CLAIM,
                                     .after = after,
                                     .limit = limit}};
    assert_ok(world_run(w.store, run_read, &reading));
    return reading.out;
}

#define assert_body(expected, item) assert_true(csn_bytes_equal_text((item).body, expected))

/* --- what is read --- */

static void
reaches_every_customer_that_was_there(void **state)
{
    (void)state;
    struct csn_id nobody = world_login_as(&w, "tablet", NULL).claims.customer;
    struct csn_broadcast_info made = make("{\"text\":\"sale\"}");
    w.now_ms++;
    struct csn_id late = world_login_as(&w, "watch", "late").claims.customer;
    const struct csn_id there[] = {alice, nobody};
    for (size_t i = 0; i < 2; i++) {
        struct csn_read_out out = read_after(there[i], 0, 10);
        assert_int_equal(out.count, 1);
        assert_body("{\"text\":\"sale\"}", out.items[0]);
        assert_true(csn_bytes_equal_text(out.items[0].id, made.id.text));
        assert_int_equal(out.items[0].kind, CSN_ITEM_PUSH);
        assert_int_equal(out.items[0].direction, CSN_DOWN);
        assert_int_equal(out.items[0].seq, 1);
        assert_int_equal(out.items[0].device.len, 0);
        assert_int_equal(out.cursor, 1);
        assert_false(out.more);
    }
    struct csn_read_out out = read_after(late, 0, 10);
    assert_int_equal(out.count, 0);
    assert_int_equal(out.cursor, 1);
}

static void
reaches_a_customer_made_in_the_same_millisecond(void **state)
{
    (void)state;
    struct csn_id bob = world_login_as(&w, "tablet", "bob").claims.customer;
    make("1");
    assert_int_equal(read_after(bob, 0, 10).count, 1);
}

static void
stays_with_the_device_that_was_anonymous_when_it_was_made(void **state)
{
    (void)state;
    struct csn_session_outcome before = world_login_as(&w, "tablet", NULL);
    make("1");
    w.now_ms += 1000;
    struct csn_session_outcome after = world_login_from(&w, "tablet", "bob", &before);
    assert_int_equal(after.link, CSN_LINK_MADE);
    assert_int_equal(read_after(after.claims.customer, 0, 10).count, 1);
}

static void
goes_on_where_one_has_read(void **state)
{
    (void)state;
    for (int i = 0; i < 5; i++) {
        char body[8];
        snprintf(body, sizeof body, "%d", i);
        make(body);
    }
    struct csn_read_out out = read_after(alice, 0, 2);
    assert_int_equal(out.count, 2);
    assert_true(out.more);
    assert_body("1", out.items[1]);
    out = read_after(alice, out.cursor, 3);
    assert_int_equal(out.count, 3);
    assert_false(out.more);
    assert_body("4", out.items[2]);
    out = read_after(alice, out.cursor, 3);
    assert_int_equal(out.count, 0);
    assert_int_equal(out.cursor, 5);
    assert_int_equal(read_after(alice, 9, 3).cursor, 9);
}

static void
reads_as_many_bytes_as_the_limit_and_always_one(void **state)
{
    (void)state;
    static char large[CSN_ITEM_BODY_MAX + 1];
    memset(large, '1', CSN_ITEM_BODY_MAX);
    for (int i = 0; i < 6; i++)
        make(large);
    size_t fit = CSN_ITEMS_READ_BYTES / (CSN_ITEM_BODY_MAX + 40);
    struct csn_read_out out = read_after(alice, 0, 100);
    assert_int_equal(out.count, fit);
    assert_true(out.more);
    assert_int_equal(read_after(alice, (int64_t)fit, 100).count, 6 - fit);
}

static void
shows_nothing_to_who_may_see_nothing(void **state)
{
    (void)state;
    make("1");
    struct reading reading = {.in = {.app = w.app.id, .customer = alice, .limit = 10}};
    assert_ok(world_run(w.store, run_read, &reading));
    assert_int_equal(reading.out.count, 0);
    assert_int_equal(reading.out.cursor, 0);
}

static void
ends_when_it_expires(void **state)
{
    (void)state;
    struct making making = {.in = {.app = w.app.id,
                                   .kind = CSN_ITEM_MESSAGE,
                                   .body = text("1"),
                                   .expires_ms = w.now_ms + 1000}};
    assert_ok(world_run(w.store, run_make, &making));
    w.now_ms += 999;
    assert_int_equal(read_after(alice, 0, 10).count, 1);
    w.now_ms += 1;
    assert_int_equal(read_after(alice, 0, 10).count, 0);
}

static void
is_withdrawn_and_its_number_is_never_given_again(void **state)
{
    (void)state;
    make("1");
    struct csn_broadcast_info second = make("2");
    assert_ok(world_run(w.store, run_withdraw, &second.id));
    assert_int_equal(world_run(w.store, run_withdraw, &second.id), CSN_NOT_FOUND);
    assert_int_equal(read_after(alice, 1, 10).count, 0);
    assert_int_equal(make("3").number, 3);
    assert_int_equal(read_after(alice, 2, 10).count, 1);
}

/* --- what is refused --- */

static void
refuses_what_no_broadcast_can_be(void **state)
{
    (void)state;
    static char large[CSN_ITEM_BODY_MAX + 2];
    memset(large, '1', CSN_ITEM_BODY_MAX + 1);
    const struct csn_broadcast_new wrong[] = {
        {.kind = CSN_ITEM_EVENT, .body = text("1")},
        {.kind = CSN_ITEM_NOTE, .body = text("1")},
        {.kind = CSN_ITEM_UNSET, .body = text("1")},
        {.kind = CSN_ITEM_PUSH},
        {.kind = CSN_ITEM_PUSH, .body = text(large)},
        {.kind = CSN_ITEM_PUSH, .body = text("1"), .expires_ms = w.now_ms},
        {.kind = CSN_ITEM_PUSH,
         .body = text("1"),
         .expires_ms = w.now_ms + CSN_BROADCAST_LIFE_MAX_MS + 1},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct making making = {.in = wrong[i]};
        making.in.app = w.app.id;
        assert_int_equal(world_run(w.store, run_make, &making), CSN_INVALID);
    }
    struct making last = {.in = {.app = w.app.id,
                                 .kind = CSN_ITEM_EXPERIENCE,
                                 .body = text("1"),
                                 .expires_ms = w.now_ms + CSN_BROADCAST_LIFE_MAX_MS}};
    assert_ok(world_run(w.store, run_make, &last));
}

static void
refuses_more_than_its_limit_until_some_have_expired(void **state)
{
    (void)state;
    for (int i = 0; i < CSN_BROADCASTS_MAX; i++)
        make("1");
    struct making making = {.in = {.app = w.app.id, .kind = CSN_ITEM_PUSH, .body = text("1")}};
    assert_int_equal(world_run(w.store, run_make, &making), CSN_CONFLICT);
    w.now_ms += CSN_BROADCAST_LIFE_MS;
    making.out = (struct csn_broadcast_info){0};
    assert_ok(world_run(w.store, run_make, &making));
    assert_int_equal(making.out.number, CSN_BROADCASTS_MAX + 1);
}

/* --- the wall and the seal --- */

static void
knows_nothing_of_another_app(void **state)
{
    (void)state;
    struct csn_broadcast_info made = make("1");
    struct csn_app own = w.app;
    w.app = w.other_app;
    struct csn_id stranger = world_login_as(&w, "phone", "alice").claims.customer;
    assert_int_equal(read_after(stranger, 0, 10).count, 0);
    assert_int_equal(world_run(w.store, run_withdraw, &made.id), CSN_NOT_FOUND);
    make("2");
    struct reading reading = {
        .in = {.app = w.app.id, .customer = alice, .view = CSN_VIEW_LOG, .limit = 10}};
    assert_int_equal(world_run(w.store, run_read, &reading), CSN_NOT_FOUND);
    w.app = own;
}

static enum csn_status
run_get(void *state, struct csn_store *store)
{
    struct csn_broadcast_info out;
    struct csn_arena arena = csn_arena_over(memory, sizeof memory);
    return csn_broadcast_get(w.sessions, store, w.app.id, *(struct csn_id *)state, &arena, &out);
}

static void
does_not_open_in_another_row_or_app(void **state)
{
    (void)state;
    struct csn_broadcast_info first = make("1"), second = make("2");
    assert_ok(world_run(w.store, run_get, &first.id));
    world_execute(&w, "UPDATE broadcasts SET body_sealed = (SELECT body_sealed FROM broadcasts "
                      "WHERE number = 2) WHERE number = 1");
    assert_int_equal(world_run(w.store, run_get, &first.id), CSN_CRYPTO);
    assert_ok(world_run(w.store, run_get, &second.id));
    world_execute(&w, "UPDATE broadcasts SET app = '01JANTHERANTHERANTHERANTHE'");
    w.app = w.other_app;
    assert_int_equal(world_run(w.store, run_get, &second.id), CSN_CRYPTO);
}

static enum csn_status
run_purge(void *state, struct csn_store *store)
{
    return csn_store_purge_broadcasts(store, w.now_ms, 2, state);
}

static void
is_purged_in_bounded_steps_after_it_expired(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++)
        make("1");
    uint64_t purged = 0;
    w.now_ms += CSN_BROADCAST_LIFE_MS - 1;
    assert_ok(world_run(w.store, run_purge, &purged));
    assert_int_equal(purged, 0);
    w.now_ms++;
    assert_ok(world_run(w.store, run_purge, &purged));
    assert_int_equal(purged, 2);
    assert_ok(world_run(w.store, run_purge, &purged));
    assert_int_equal(purged, 3);
    assert_int_equal(world_number(&w, "SELECT count(*) FROM broadcasts"), 0);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(reaches_every_customer_that_was_there),
        TEST(reaches_a_customer_made_in_the_same_millisecond),
        TEST(stays_with_the_device_that_was_anonymous_when_it_was_made),
        TEST(goes_on_where_one_has_read),
        TEST(reads_as_many_bytes_as_the_limit_and_always_one),
        TEST(shows_nothing_to_who_may_see_nothing),
        TEST(ends_when_it_expires),
        TEST(is_withdrawn_and_its_number_is_never_given_again),
        TEST(refuses_what_no_broadcast_can_be),
        TEST(refuses_more_than_its_limit_until_some_have_expired),
        TEST(knows_nothing_of_another_app),
        TEST(does_not_open_in_another_row_or_app),
        TEST(is_purged_in_bounded_steps_after_it_expired),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
