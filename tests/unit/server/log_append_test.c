/* Appending: every item once, in order, whoever sends it how often.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/seal.h"
#include "tests/unit/server/log_world.h"

static struct world w;
static struct csn_id alice;

static int
open_world(void **state)
{
    (void)state;
    world_open(&w);
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

static struct csn_appended
append_item(const struct csn_item *item)
{
    struct csn_append_in in = append_of(&w, alice);
    struct csn_appended out;
    in.items = item;
    in.count = 1;
    assert_ok(world_try_append(&w, &in, &out, NULL));
    return out;
}

/* --- once, in order --- */

static void
items_stand_in_the_order_they_came(void **state)
{
    (void)state;
    world_append(&w, alice, "c a");
    world_append(&w, alice, "b");
    assert_string_equal("c a b", world_log(&w, alice));
}

static void
an_item_sent_again_is_a_duplicate_with_its_seq(void **state)
{
    (void)state;
    world_append(&w, alice, "a b");
    struct csn_item again = item_of("a");
    again.body = text("\"another body\"");
    struct csn_appended out = append_item(&again);
    assert_int_equal(CSN_DUPLICATE, out.outcome);
    assert_int_equal(1, out.seq);
    assert_string_equal("a b", world_log(&w, alice));
}

static void
an_id_twice_in_one_append_is_one_item(void **state)
{
    (void)state;
    struct csn_item items[] = {item_of("a"), item_of("b"), item_of("a"), item_of("c")};
    struct csn_append_in in = append_of(&w, alice);
    struct csn_appended out[4];
    int64_t last;
    in.items = items;
    in.count = 4;
    assert_ok(world_try_append(&w, &in, out, &last));
    assert_int_equal(CSN_APPENDED, out[0].outcome);
    assert_int_equal(CSN_DUPLICATE, out[2].outcome);
    assert_int_equal(out[0].seq, out[2].seq);
    assert_int_equal(CSN_APPENDED, out[3].outcome);
    assert_int_equal(3, out[3].seq);
    assert_int_equal(3, last);
    assert_string_equal("a b c", world_log(&w, alice));
}

static void
a_duplicate_alone_leaves_the_counters(void **state)
{
    (void)state;
    world_append(&w, alice, "a b");
    struct csn_item items[] = {item_of("b"), item_of("a")};
    struct csn_append_in in = append_of(&w, alice);
    struct csn_appended out[2];
    int64_t last;
    in.items = items;
    in.count = 2;
    assert_ok(world_try_append(&w, &in, out, &last));
    assert_int_equal(2, last);
    assert_int_equal(2, world_number(&w, "SELECT last FROM logs"));
}

static void
an_id_is_one_items_in_one_log_alone(void **state)
{
    (void)state;
    struct csn_id bob = world_login_as(&w, "tablet", "bob").claims.customer;
    world_append(&w, alice, "a");
    world_append(&w, bob, "a");
    assert_string_equal("a", world_log(&w, bob));
}

static void
ids_that_differ_in_case_are_two(void **state)
{
    (void)state;
    world_append(&w, alice, "a A");
    assert_string_equal("a A", world_log(&w, alice));
}

static void
nothing_appended_is_fine(void **state)
{
    (void)state;
    struct csn_append_in in = append_of(&w, alice);
    int64_t last = 7;
    assert_ok(world_try_append(&w, &in, NULL, &last));
    assert_int_equal(0, last);
    assert_int_equal(0, world_number(&w, "SELECT count(*) FROM logs"));
}

static void
a_seq_is_never_given_twice(void **state)
{
    (void)state;
    world_append(&w, alice, "a b");
    world_execute(&w, "DELETE FROM items; UPDATE logs SET items = 0, bytes = 0");
    world_append(&w, alice, "a");
    assert_int_equal(3, world_number(&w, "SELECT seq FROM items"));
}

/* --- what is kept of an item --- */

static void
an_item_keeps_what_was_said_of_it(void **state)
{
    (void)state;
    struct csn_append_in in = append_of(&w, alice);
    struct csn_item item = {.id = text("e-1"),
                            .kind = CSN_ITEM_EVENT,
                            .created_ms = 1700000000123,
                            .body = text("{\"name\":\"opened\"}")};
    in.assurance = CSN_ASSURANCE_CLAIMED;
    in.items = &item;
    in.count = 1;
    assert_ok(world_try_append(&w, &in, NULL, NULL));
    struct csn_read_in read = read_of(&w, alice);
    struct csn_read_out out;
    assert_ok(world_try_read(&w, &read, &out));
    assert_int_equal(1, out.count);
    const struct csn_read_item *got = &out.items[0];
    assert_int_equal(1, got->seq);
    assert_true(csn_bytes_equal_text(got->id, "e-1"));
    assert_int_equal(CSN_ITEM_EVENT, got->kind);
    assert_int_equal(CSN_UP, got->direction);
    assert_true(got->unverified);
    assert_id_equal(alice, got->origin);
    assert_true(csn_bytes_equal_text(got->device, "phone"));
    assert_int_equal(1700000000123, got->created_ms);
    assert_int_equal(w.now_ms, got->received_ms);
    assert_true(csn_bytes_equal_text(got->body, "{\"name\":\"opened\"}"));
}

static void
an_item_that_does_not_say_when_was_made_now(void **state)
{
    (void)state;
    world_append(&w, alice, "a");
    assert_int_equal(w.now_ms, world_number(&w, "SELECT created FROM items"));
}

static void
only_who_proved_something_is_verified(void **state)
{
    (void)state;
    static const enum csn_assurance by[] = {CSN_ASSURANCE_ANONYMOUS, CSN_ASSURANCE_CLAIMED,
                                            CSN_ASSURANCE_VERIFIED};
    for (size_t i = 0; i < 3; i++) {
        struct csn_append_in in = append_of(&w, alice);
        struct csn_item item = item_of((const char *[]){"a", "b", "c"}[i]);
        in.assurance = by[i];
        in.items = &item;
        in.count = 1;
        assert_ok(world_try_append(&w, &in, NULL, NULL));
    }
    assert_int_equal(2, world_number(&w, "SELECT count(*) FROM items WHERE unverified = 1"));
    assert_int_equal(0, world_number(&w, "SELECT unverified FROM items WHERE id = 'c'"));
}

/* --- refused --- */

static void
a_refused_item_does_not_hold_up_the_others(void **state)
{
    (void)state;
    struct csn_item items[] = {item_of("a"), item_of("no spaces"), item_of("b")};
    struct csn_append_in in = append_of(&w, alice);
    struct csn_appended out[3];
    in.items = items;
    in.count = 3;
    assert_ok(world_try_append(&w, &in, out, NULL));
    assert_int_equal(CSN_REFUSED, out[1].outcome);
    assert_int_equal(CSN_ITEM_ID_INVALID, out[1].fault);
    assert_string_equal("a b", world_log(&w, alice));
    assert_int_equal(2, out[2].seq);
}

static void
an_id_is_1_to_64_of_the_harmless_characters(void **state)
{
    (void)state;
    char id[CSN_ITEM_ID_MAX + 2];
    memset(id, 'x', sizeof id);
    struct csn_item item = {.kind = CSN_ITEM_MESSAGE, .body = text("1")};
    item.id = csn_bytes_of(id, CSN_ITEM_ID_MAX);
    assert_int_equal(CSN_ITEM_FINE, csn_item_check(&item, CSN_UP));
    item.id = csn_bytes_of(id, CSN_ITEM_ID_MAX + 1);
    assert_int_equal(CSN_ITEM_ID_INVALID, csn_item_check(&item, CSN_UP));
    item.id = csn_bytes_of(id, 0);
    assert_int_equal(CSN_ITEM_ID_INVALID, csn_item_check(&item, CSN_UP));
    int fine = 0;
    for (int c = 0; c < 256; c++) {
        id[0] = (char)c;
        item.id = csn_bytes_of(id, 1);
        fine += csn_item_check(&item, CSN_UP) == CSN_ITEM_FINE;
    }
    assert_int_equal(26 + 26 + 10 + 3, fine);
}

static void
a_body_is_1_byte_to_the_limit(void **state)
{
    (void)state;
    static char body[CSN_ITEM_BODY_MAX + 1];
    memset(body, '1', sizeof body);
    struct csn_item item = {.id = text("a"), .kind = CSN_ITEM_MESSAGE};
    assert_int_equal(CSN_ITEM_BODY_MISSING, csn_item_check(&item, CSN_UP));
    item.body = csn_bytes_of(body, 1);
    assert_int_equal(CSN_ITEM_FINE, csn_item_check(&item, CSN_UP));
    item.body = csn_bytes_of(body, CSN_ITEM_BODY_MAX + 1);
    assert_int_equal(CSN_ITEM_BODY_TOO_LARGE, csn_item_check(&item, CSN_UP));
    item.body = csn_bytes_of(body, CSN_ITEM_BODY_MAX);
    assert_int_equal(CSN_APPENDED, append_item(&item).outcome);
    struct csn_read_in in = read_of(&w, alice);
    struct csn_read_out out;
    assert_ok(world_try_read(&w, &in, &out));
    assert_true(csn_bytes_equal(out.items[0].body, item.body));
}

static void
a_time_lies_between_the_first_and_the_last(void **state)
{
    (void)state;
    struct csn_item item = item_of("a");
    item.created_ms = -1;
    assert_int_equal(CSN_ITEM_TIME_INVALID, csn_item_check(&item, CSN_UP));
    item.created_ms = CSN_NEVER_MS;
    assert_int_equal(CSN_ITEM_TIME_INVALID, csn_item_check(&item, CSN_UP));
    item.created_ms = CSN_NEVER_MS - 1;
    assert_int_equal(CSN_ITEM_FINE, csn_item_check(&item, CSN_UP));
}

static void
each_kind_goes_where_it_may(void **state)
{
    (void)state;
    static const struct {
        enum csn_item_kind kind;
        bool up, down;
    } kinds[] = {{CSN_ITEM_UNSET, false, false},   {CSN_ITEM_MESSAGE, true, true},
                 {CSN_ITEM_EVENT, true, false},    {CSN_ITEM_EXPERIENCE, true, true},
                 {CSN_ITEM_PUSH, false, true},     {CSN_ITEM_NOTE, false, true},
                 {CSN_ITEM_NOTE + 1, false, false}};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        struct csn_item item = item_of("a");
        item.kind = kinds[i].kind;
        assert_int_equal(kinds[i].up, csn_item_check(&item, CSN_UP) == CSN_ITEM_FINE);
        assert_int_equal(kinds[i].down, csn_item_check(&item, CSN_DOWN) == CSN_ITEM_FINE);
    }
}

static void
every_name_of_a_kind_is_read_back(void **state)
{
    (void)state;
    for (enum csn_item_kind kind = CSN_ITEM_MESSAGE; kind <= CSN_ITEM_NOTE; kind++) {
        assert_int_equal(kind, csn_item_kind_from_name(text(csn_item_kind_name(kind))));
    }
    assert_int_equal(CSN_ITEM_UNSET, csn_item_kind_from_name(text("unset")));
    assert_int_equal(CSN_ITEM_UNSET, csn_item_kind_from_name(text("Message")));
    assert_string_equal("unset", csn_item_kind_name(CSN_ITEM_NOTE + 1));
}

/* --- an anonymous log has an end --- */

static void
an_anonymous_log_takes_so_many_and_no_more(void **state)
{
    (void)state;
    struct csn_id nobody = world_login_as(&w, "tablet", NULL).claims.customer;
    world_append(&w, nobody, "a");
    world_execute(&w, "UPDATE logs SET items = 4999"); /* one below CSN_LOG_ANONYMOUS_ITEMS_MAX */
    struct csn_item items[] = {item_of("b"), item_of("c"), item_of("a")};
    struct csn_append_in in = append_of(&w, nobody);
    struct csn_appended out[3];
    in.assurance = CSN_ASSURANCE_ANONYMOUS;
    in.items = items;
    in.count = 3;
    assert_ok(world_try_append(&w, &in, out, NULL));
    assert_int_equal(CSN_APPENDED, out[0].outcome);
    assert_int_equal(CSN_REFUSED, out[1].outcome);
    assert_int_equal(CSN_ITEM_LOG_FULL, out[1].fault);
    assert_int_equal(CSN_DUPLICATE, out[2].outcome);
    assert_int_equal(1, out[2].seq);
    world_execute(&w, "UPDATE logs SET items = 2");
}

/* `left` bytes short of full, by the counter. */
static void
fill_but_for(size_t left)
{
    char sql[80];
    snprintf(sql, sizeof sql, "UPDATE logs SET bytes = %d",
             CSN_LOG_ANONYMOUS_BYTES_MAX - (int)left);
    world_execute(&w, sql);
}

static void
an_anonymous_log_takes_so_many_bytes_and_no_more(void **state)
{
    (void)state;
    struct csn_id nobody = world_login_as(&w, "tablet", NULL).claims.customer;
    world_append(&w, nobody, "a");
    struct csn_item items[] = {item_of("b"), item_of("c"), item_of("d"), item_of("a")};
    struct csn_append_in in = append_of(&w, nobody);
    struct csn_appended out[4];
    size_t sealed = items[0].body.len + CSN_SEAL_OVERHEAD;
    in.assurance = CSN_ASSURANCE_ANONYMOUS;
    in.items = items;
    in.count = 4;
    items[1].body = text("\"one byte more than is left\"");
    items[2].body = text("1");
    fill_but_for(sealed + items[1].body.len + CSN_SEAL_OVERHEAD - 1);
    assert_ok(world_try_append(&w, &in, out, NULL));
    assert_int_equal(CSN_APPENDED, out[0].outcome);
    assert_int_equal(CSN_REFUSED, out[1].outcome);
    assert_int_equal(CSN_ITEM_LOG_FULL, out[1].fault);
    assert_int_equal(CSN_APPENDED, out[2].outcome); /* a smaller one has room still */
    assert_int_equal(CSN_DUPLICATE, out[3].outcome);
    fill_but_for(items[1].body.len + CSN_SEAL_OVERHEAD);
    assert_ok(world_try_append(&w, &in, out, NULL));
    assert_int_equal(CSN_APPENDED, out[1].outcome);
    assert_int_equal(CSN_LOG_ANONYMOUS_BYTES_MAX, world_number(&w, "SELECT bytes FROM logs"));
    world_execute(&w, "UPDATE logs SET bytes = (SELECT sum(length(body)) FROM items)");
}

static void
a_customers_log_goes_on(void **state)
{
    (void)state;
    world_append(&w, alice, "a");
    world_execute(&w, "UPDATE logs SET items = 5000");
    fill_but_for(0);
    world_append(&w, alice, "b");
    world_execute(&w, "UPDATE logs SET items = 2, bytes = (SELECT sum(length(body)) FROM items)");
}

/* --- walls --- */

static void
another_apps_customer_is_not_found(void **state)
{
    (void)state;
    struct csn_append_in in = append_of(&w, alice);
    struct csn_item item = item_of("a");
    in.items = &item;
    in.count = 1;
    in.app = w.other_app.id;
    assert_int_equal(CSN_NOT_FOUND, world_try_append(&w, &in, NULL, NULL));
    in = append_of(&w, w.app.id);
    assert_int_equal(CSN_NOT_FOUND, world_try_append(&w, &in, NULL, NULL));
    assert_int_equal(0, world_number(&w, "SELECT count(*) FROM items"));
}

static void
a_linked_customers_log_takes_nothing_more(void **state)
{
    (void)state;
    struct csn_session_outcome before = world_login_as(&w, "tablet", NULL);
    assert_int_equal(CSN_LINK_MADE, world_login_from(&w, "tablet", "alice", &before).link);
    struct csn_append_in in = append_of(&w, before.claims.customer);
    struct csn_item item = item_of("late");
    in.items = &item;
    in.count = 1;
    assert_int_equal(CSN_CONFLICT, world_try_append(&w, &in, NULL, NULL));
    world_append(&w, alice, "late");
}

static void
nothing_is_appended_under_a_key_that_does_not_open(void **state)
{
    (void)state;
    struct csn_append_in in = append_of(&w, alice);
    world_execute(&w, "UPDATE customers SET key_sealed = zeroblob(72)");
    assert_int_equal(CSN_CRYPTO, world_try_append(&w, &in, NULL, NULL));
    world_execute(&w, "UPDATE customers SET key_sealed = x''");
    assert_int_equal(CSN_NOT_FOUND, world_try_append(&w, &in, NULL, NULL));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(items_stand_in_the_order_they_came),
        TEST(an_item_sent_again_is_a_duplicate_with_its_seq),
        TEST(an_id_twice_in_one_append_is_one_item),
        TEST(a_duplicate_alone_leaves_the_counters),
        TEST(an_id_is_one_items_in_one_log_alone),
        TEST(ids_that_differ_in_case_are_two),
        TEST(nothing_appended_is_fine),
        TEST(a_seq_is_never_given_twice),
        TEST(an_item_keeps_what_was_said_of_it),
        TEST(an_item_that_does_not_say_when_was_made_now),
        TEST(only_who_proved_something_is_verified),
        TEST(a_refused_item_does_not_hold_up_the_others),
        TEST(an_id_is_1_to_64_of_the_harmless_characters),
        TEST(a_body_is_1_byte_to_the_limit),
        TEST(a_time_lies_between_the_first_and_the_last),
        TEST(each_kind_goes_where_it_may),
        TEST(every_name_of_a_kind_is_read_back),
        TEST(an_anonymous_log_takes_so_many_and_no_more),
        TEST(an_anonymous_log_takes_so_many_bytes_and_no_more),
        TEST(a_customers_log_goes_on),
        TEST(another_apps_customer_is_not_found),
        TEST(a_linked_customers_log_takes_nothing_more),
        TEST(nothing_is_appended_under_a_key_that_does_not_open),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
