/* Links and the log: an anonymous log moves behind its owner's in the login that links it, exactly
 * its items go back when the link is undone, and the ledger keeps both.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/server/link_world.h"
#include "tests/unit/server/log_world.h"

static struct world w;
static struct csn_session_outcome before;
static struct csn_id nobody;

static int
open_world(void **state)
{
    (void)state;
    world_open(&w);
    before = world_login_as(&w, "phone", NULL);
    nobody = before.claims.customer;
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

/* --- the login that links --- */

static void
a_link_moves_the_log_behind_the_owners(void **state)
{
    (void)state;
    struct csn_id alice = world_login_as(&w, "tablet", "alice").claims.customer;
    world_append(&w, nobody, "n1 n2");
    world_append(&w, alice, "a1 a2");
    world_append(&w, nobody, "n3");
    struct csn_session_outcome out = world_login_from(&w, "phone", "alice", &before);
    assert_int_equal(3, out.linked_items);
    assert_string_equal("a1 a2 n1 n2 n3", world_log(&w, alice));
    assert_string_equal("", world_log(&w, nobody));
    world_append(&w, alice, "a3");
    assert_string_equal("a1 a2 n1 n2 n3 a3", world_log(&w, alice));
}

static void
a_link_makes_the_log_of_a_new_customer(void **state)
{
    (void)state;
    world_append(&w, nobody, "n1 n2");
    struct csn_session_outcome out = world_login_from(&w, "phone", "alice", &before);
    assert_true(out.customer_created);
    assert_int_equal(2, out.linked_items);
    assert_string_equal("n1 n2", world_log(&w, out.claims.customer));
}

static void
a_link_without_items_moves_none(void **state)
{
    (void)state;
    struct csn_session_outcome out = world_login_from(&w, "phone", "alice", &before);
    assert_int_equal(CSN_LINK_MADE, out.link);
    assert_int_equal(0, out.linked_items);
    assert_int_equal(0, world_number(&w, "SELECT count(*) FROM logs"));
}

static void
moved_items_come_after_every_cursor_of_the_owner(void **state)
{
    (void)state;
    struct csn_id alice = world_login_as(&w, "tablet", "alice").claims.customer;
    world_append(&w, nobody, "n1 n2");
    world_append(&w, alice, "a1 a2 a3");
    struct csn_read_in in = read_of(&w, alice);
    in.after = 3;
    world_login_from(&w, "phone", "alice", &before);
    assert_string_equal("n1 n2", world_shown(&w, &in));
}

static void
moved_items_say_where_they_came_from(void **state)
{
    (void)state;
    struct csn_read_out out;
    struct csn_append_in in = append_of(&w, nobody);
    struct csn_item item = item_of("n1");
    in.assurance = CSN_ASSURANCE_ANONYMOUS;
    in.items = &item;
    in.count = 1;
    assert_ok(world_try_append(&w, &in, NULL, NULL));
    struct csn_id alice = world_login_from(&w, "phone", "alice", &before).claims.customer;
    struct csn_read_in read = read_of(&w, alice);
    assert_ok(world_try_read(&w, &read, &out));
    assert_id_equal(nobody, out.items[0].origin);
    assert_true(out.items[0].unverified);
}

static void
a_login_that_comes_again_moves_nothing_twice(void **state)
{
    (void)state;
    world_append(&w, nobody, "n1");
    struct csn_id alice = world_login_from(&w, "phone", "alice", &before).claims.customer;
    world_append(&w, alice, "a1");
    assert_int_equal(CSN_LINK_SAME, world_login_from(&w, "phone", "alice", &before).link);
    assert_string_equal("n1 a1", world_log(&w, alice));
}

static void
an_item_in_both_logs_is_one(void **state)
{
    (void)state;
    struct csn_id alice = world_login_as(&w, "tablet", "alice").claims.customer;
    world_append(&w, nobody, "n1 both n2");
    world_append(&w, alice, "both a1");
    assert_int_equal(2, world_login_from(&w, "phone", "alice", &before).linked_items);
    assert_string_equal("both a1 n1 n2", world_log(&w, alice));
    assert_string_equal("both", world_log(&w, nobody));
}

static void
an_id_of_either_direction_is_an_item_of_its_own(void **state)
{
    (void)state;
    struct csn_id alice = world_login_as(&w, "tablet", "alice").claims.customer;
    struct csn_append_in in = append_of(&w, alice);
    struct csn_item item = item_of("both");
    struct csn_appended out;
    in.direction = CSN_DOWN;
    in.items = &item;
    in.count = 1;
    world_append(&w, nobody, "both n1");
    assert_ok(world_try_append(&w, &in, &out, NULL));
    assert_int_equal(CSN_APPENDED, out.outcome);
    assert_int_equal(2, world_login_from(&w, "phone", "alice", &before).linked_items);
    assert_string_equal("both both n1", world_log(&w, alice));
    assert_ok(world_try_append(&w, &in, &out, NULL));
    assert_int_equal(CSN_DUPLICATE, out.outcome);
    assert_int_equal(1, out.seq);
    assert_logs_whole(&w);
}

static void
what_was_sent_before_the_link_is_a_duplicate_after_it(void **state)
{
    (void)state;
    world_append(&w, nobody, "n1");
    struct csn_id alice = world_login_from(&w, "phone", "alice", &before).claims.customer;
    struct csn_append_in in = append_of(&w, alice);
    struct csn_item items[] = {item_of("n1"), item_of("late")};
    struct csn_appended out[2];
    in.items = items;
    in.count = 2;
    assert_ok(world_try_append(&w, &in, out, NULL));
    assert_int_equal(CSN_DUPLICATE, out[0].outcome);
    assert_int_equal(CSN_APPENDED, out[1].outcome);
    assert_string_equal("n1 late", world_log(&w, alice));
}

static void
of_two_who_want_it_the_first_keeps_it(void **state)
{
    (void)state;
    world_append(&w, nobody, "n1");
    struct csn_id alice = world_login_from(&w, "phone", "alice", &before).claims.customer;
    struct csn_session_outcome bob = world_login_from(&w, "phone", "bob", &before);
    assert_int_equal(CSN_LINK_OF_OTHER, bob.link);
    assert_int_equal(0, bob.linked_items);
    assert_string_equal("n1", world_log(&w, alice));
    assert_string_equal("", world_log(&w, bob.claims.customer));
}

static void
a_claim_takes_its_log_along_and_reads_none_of_it(void **state)
{
    (void)state;
    world_append(&w, nobody, "n1");
    struct csn_login in = login_of(&w, "phone", "alice");
    in.assurance = CSN_ASSURANCE_CLAIMED;
    in.anonymous_session = before.claims.session;
    in.anonymous_customer = nobody;
    struct csn_session_outcome claimed = world_login(&w, &in);
    assert_int_equal(1, claimed.linked_items);
    struct csn_read_in read = read_of(&w, claimed.claims.customer);
    read.view = csn_view_of(claimed.claims.assurance);
    assert_string_equal("", world_shown(&w, &read));
    struct csn_id alice = world_login_as(&w, "tablet", "alice").claims.customer;
    assert_id_equal(claimed.claims.customer, alice);
    assert_string_equal("n1", world_log(&w, alice));
}

static void
many_linked_logs_are_read_under_many_keys(void **state)
{
    (void)state;
    char wanted[256] = "";
    for (int i = 0; i < 9; i++) { /* more than are kept at hand */
        char device[16], id[16];
        snprintf(device, sizeof device, "device %d", i);
        snprintf(id, sizeof id, "n%d", i);
        struct csn_session_outcome one = world_login_as(&w, device, NULL);
        world_append(&w, one.claims.customer, id);
        world_login_from(&w, device, "alice", &one);
        snprintf(wanted + strlen(wanted), sizeof wanted - strlen(wanted), "%s%s", i ? " " : "", id);
    }
    struct csn_id alice = world_login_as(&w, "tablet", "alice").claims.customer;
    assert_string_equal(wanted, world_log(&w, alice));
}

/* --- undone --- */

static void
an_unlink_gives_back_exactly_what_came(void **state)
{
    (void)state;
    struct csn_id alice = world_login_as(&w, "tablet", "alice").claims.customer;
    world_append(&w, alice, "a1");
    world_append(&w, nobody, "n1 n2");
    world_login_from(&w, "phone", "alice", &before);
    world_append(&w, alice, "a2");
    struct csn_relink_outcome out;
    assert_ok(world_unlink(&w, alice, nobody, &out));
    assert_int_equal(2, out.items);
    assert_string_equal("a1 a2", world_log(&w, alice));
    assert_string_equal("n1 n2", world_log(&w, nobody));
}

static void
an_unlink_leaves_other_links_alone(void **state)
{
    (void)state;
    struct csn_session_outcome other = world_login_as(&w, "watch", NULL);
    world_append(&w, nobody, "n1");
    world_append(&w, other.claims.customer, "o1");
    struct csn_id alice = world_login_from(&w, "phone", "alice", &before).claims.customer;
    world_login_from(&w, "watch", "alice", &other);
    struct csn_relink_outcome out;
    assert_ok(world_unlink(&w, alice, nobody, &out));
    assert_string_equal("o1", world_log(&w, alice));
    assert_ok(world_unlink(&w, alice, other.claims.customer, &out));
    assert_string_equal("", world_log(&w, alice));
    assert_string_equal("o1", world_log(&w, other.claims.customer));
}

static void
cursors_mean_the_same_after_an_unlink(void **state)
{
    (void)state;
    struct csn_id alice = world_login_as(&w, "tablet", "alice").claims.customer;
    world_append(&w, nobody, "n1 n2 n3");
    world_append(&w, alice, "a1");
    world_login_from(&w, "phone", "alice", &before);
    world_append(&w, alice, "a2");
    struct csn_relink_outcome out;
    assert_ok(world_unlink(&w, alice, nobody, &out));
    struct csn_read_in in = read_of(&w, nobody);
    in.after = 1;
    assert_string_equal("n2 n3", world_shown(&w, &in));
    in = read_of(&w, alice);
    in.after = 1;
    assert_string_equal("a2", world_shown(&w, &in));
    world_append(&w, alice, "a3");
    in.after = 5; /* where a2 stands: the seqs between are never given again */
    assert_string_equal("a3", world_shown(&w, &in));
}

static void
the_ledger_keeps_an_undone_link(void **state)
{
    (void)state;
    world_append(&w, nobody, "n1");
    struct csn_id alice = world_login_from(&w, "phone", "alice", &before).claims.customer;
    int64_t linked_ms = w.now_ms;
    w.now_ms += 1000;
    struct csn_relink_outcome out;
    assert_ok(world_unlink(&w, alice, nobody, &out));
    for (int i = 0; i < 2; i++) { /* seen from either side */
        struct csn_link_info links[4];
        assert_int_equal(1, world_links(&w, i == 0 ? alice : nobody, links, 4));
        assert_id_equal(nobody, links[0].customer);
        assert_id_equal(alice, links[0].owner);
        assert_int_equal(CSN_ASSURANCE_VERIFIED, links[0].cause);
        assert_int_equal(linked_ms, links[0].linked_ms);
        assert_int_equal(1, links[0].items);
        assert_int_equal(w.now_ms, links[0].undone_ms);
        assert_id_equal(api_key_of_tests(), links[0].undone_by);
        assert_int_equal(1, links[0].returned);
    }
}

static void
a_link_is_undone_once(void **state)
{
    (void)state;
    struct csn_id alice = world_login_from(&w, "phone", "alice", &before).claims.customer;
    struct csn_relink_outcome out;
    assert_ok(world_unlink(&w, alice, nobody, &out));
    assert_int_equal(CSN_NOT_FOUND, world_unlink(&w, alice, nobody, &out));
}

static void
a_link_is_undone_only_where_it_is(void **state)
{
    (void)state;
    struct csn_id alice = world_login_from(&w, "phone", "alice", &before).claims.customer;
    struct csn_id bob = world_login_as(&w, "watch", "bob").claims.customer;
    struct csn_relink_outcome out;
    assert_int_equal(CSN_NOT_FOUND, world_unlink(&w, bob, nobody, &out));
    assert_int_equal(CSN_NOT_FOUND, world_unlink(&w, nobody, alice, &out));
    w.app = w.other_app;
    assert_int_equal(CSN_NOT_FOUND, world_unlink(&w, alice, nobody, &out));
}

static void
an_unlink_ends_the_session_that_made_the_link_alone(void **state)
{
    (void)state;
    struct csn_session_outcome tablet = world_login_as(&w, "tablet", "alice");
    struct csn_session_outcome phone = world_login_from(&w, "phone", "alice", &before);
    struct csn_relink_outcome out;
    assert_ok(world_unlink(&w, phone.claims.customer, nobody, &out));
    assert_int_equal(1, out.revoked.count);
    assert_id_equal(phone.claims.session, out.revoked.items[0].session);
    assert_int_equal(0, world_number(&w, "SELECT count(*) FROM devices WHERE id = 'phone'"));
    assert_reason(CSN_REASON_ACCEPTED, world_refresh(&w, &tablet, "alice").reason);
    assert_reason(CSN_REASON_REVOKED, world_refresh(&w, &phone, "alice").reason);
}

static void
an_unlink_after_a_logout_ends_nothing_more(void **state)
{
    (void)state;
    struct csn_session_outcome phone = world_login_from(&w, "phone", "alice", &before);
    struct csn_logout in = {
        .app = &w.app, .by = CSN_BEARER_SESSION, .session = phone.claims.session};
    world_logout(&w, &in);
    struct csn_session_outcome bob = world_login_as(&w, "phone", "bob");
    struct csn_relink_outcome out;
    assert_ok(world_unlink(&w, phone.claims.customer, nobody, &out));
    assert_int_equal(0, out.revoked.count);
    assert_reason(CSN_REASON_ACCEPTED, world_refresh(&w, &bob, "bob").reason);
}

static void
no_login_makes_an_undone_link_again(void **state)
{
    (void)state;
    world_append(&w, nobody, "n1");
    struct csn_id alice = world_login_from(&w, "phone", "alice", &before).claims.customer;
    struct csn_relink_outcome out;
    assert_ok(world_unlink(&w, alice, nobody, &out));
    assert_int_equal(CSN_LINK_NONE, world_login_from(&w, "phone", "alice", &before).link);
    assert_int_equal(CSN_LINK_NONE, world_login_from(&w, "phone", "bob", &before).link);
    assert_string_equal("n1", world_log(&w, nobody));
}

static void
what_was_erased_stays_as_it_is(void **state)
{
    (void)state;
    world_append(&w, nobody, "n1");
    struct csn_session_outcome alice = world_login_from(&w, "phone", "alice", &before);
    struct csn_session_outcome other = world_login_as(&w, "watch", NULL);
    struct csn_relink_outcome out;
    world_execute(&w, "UPDATE customers SET key_sealed = x''");
    assert_int_equal(CSN_CONFLICT, world_unlink(&w, alice.claims.customer, nobody, &out));
    assert_int_equal(CSN_CONFLICT,
                     world_link(&w, alice.claims.customer, other.claims.customer, &out));
    assert_int_equal(1, world_number(&w, "SELECT items FROM links"));
}

/* --- by hand --- */

static void
a_link_made_by_hand_moves_the_log_as_well(void **state)
{
    (void)state;
    struct csn_id alice = world_login_as(&w, "tablet", "alice").claims.customer;
    world_append(&w, alice, "a1");
    world_append(&w, nobody, "n1");
    struct csn_relink_outcome out;
    assert_ok(world_link(&w, alice, nobody, &out));
    assert_int_equal(1, out.items);
    assert_int_equal(1, out.revoked.count); /* the anonymous session */
    assert_string_equal("a1 n1", world_log(&w, alice));
    struct csn_link_info links[4];
    assert_int_equal(1, world_links(&w, alice, links, 4));
    assert_int_equal(CSN_ASSURANCE_NONE, links[0].cause);
    assert_id_equal(api_key_of_tests(), links[0].made_by);
    assert_ok(world_link(&w, alice, nobody, &out));
    assert_int_equal(0, out.items);
    assert_int_equal(1, world_links(&w, alice, links, 4));
}

static void
links_are_undone_and_made_again(void **state)
{
    (void)state;
    world_append(&w, nobody, "n1 n2");
    struct csn_id alice = world_login_from(&w, "phone", "alice", &before).claims.customer;
    struct csn_relink_outcome out;
    for (int i = 0; i < 3; i++) {
        char id[8];
        snprintf(id, sizeof id, "a%d", i);
        world_append(&w, alice, id);
        assert_ok(world_unlink(&w, alice, nobody, &out));
        assert_string_equal("n1 n2", world_log(&w, nobody));
        assert_ok(world_link(&w, alice, nobody, &out));
        assert_int_equal(2, out.items);
    }
    assert_string_equal("a0 a1 a2 n1 n2", world_log(&w, alice));
    struct csn_link_info links[8];
    assert_int_equal(4, world_links(&w, alice, links, 8));
    assert_int_equal(0, links[0].undone_ms); /* the newest first */
    assert_int_equal(CSN_ASSURANCE_VERIFIED, links[3].cause);
    assert_int_equal(2, world_links(&w, alice, links, 2));
}

static void
an_undone_link_may_be_made_to_another(void **state)
{
    (void)state;
    world_append(&w, nobody, "n1");
    struct csn_id bob = world_login_from(&w, "phone", "bob", &before).claims.customer;
    struct csn_id alice = world_login_as(&w, "tablet", "alice").claims.customer;
    struct csn_relink_outcome out;
    assert_int_equal(CSN_CONFLICT, world_link(&w, alice, nobody, &out));
    assert_ok(world_unlink(&w, bob, nobody, &out));
    assert_ok(world_link(&w, alice, nobody, &out));
    assert_string_equal("n1", world_log(&w, alice));
    assert_string_equal("", world_log(&w, bob));
}

static void
only_an_anonymous_customer_is_linked_and_only_to_an_identity(void **state)
{
    (void)state;
    struct csn_id alice = world_login_as(&w, "tablet", "alice").claims.customer;
    struct csn_id bob = world_login_as(&w, "watch", "bob").claims.customer;
    struct csn_id other = world_login_as(&w, "tv", NULL).claims.customer;
    struct csn_relink_outcome out;
    assert_int_equal(CSN_CONFLICT, world_link(&w, alice, bob, &out));
    assert_int_equal(CSN_CONFLICT, world_link(&w, nobody, other, &out));
    assert_int_equal(CSN_CONFLICT, world_link(&w, alice, alice, &out));
    assert_int_equal(CSN_NOT_FOUND, world_link(&w, alice, w.app.id, &out));
    assert_int_equal(CSN_NOT_FOUND, world_link(&w, w.app.id, nobody, &out));
    w.app = w.other_app;
    assert_int_equal(CSN_NOT_FOUND, world_link(&w, alice, nobody, &out));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_link_moves_the_log_behind_the_owners),
        TEST(a_link_makes_the_log_of_a_new_customer),
        TEST(a_link_without_items_moves_none),
        TEST(an_id_of_either_direction_is_an_item_of_its_own),
        TEST(moved_items_come_after_every_cursor_of_the_owner),
        TEST(moved_items_say_where_they_came_from),
        TEST(a_login_that_comes_again_moves_nothing_twice),
        TEST(an_item_in_both_logs_is_one),
        TEST(what_was_sent_before_the_link_is_a_duplicate_after_it),
        TEST(of_two_who_want_it_the_first_keeps_it),
        TEST(a_claim_takes_its_log_along_and_reads_none_of_it),
        TEST(many_linked_logs_are_read_under_many_keys),
        TEST(an_unlink_gives_back_exactly_what_came),
        TEST(an_unlink_leaves_other_links_alone),
        TEST(cursors_mean_the_same_after_an_unlink),
        TEST(the_ledger_keeps_an_undone_link),
        TEST(a_link_is_undone_once),
        TEST(a_link_is_undone_only_where_it_is),
        TEST(an_unlink_ends_the_session_that_made_the_link_alone),
        TEST(an_unlink_after_a_logout_ends_nothing_more),
        TEST(no_login_makes_an_undone_link_again),
        TEST(what_was_erased_stays_as_it_is),
        TEST(a_link_made_by_hand_moves_the_log_as_well),
        TEST(links_are_undone_and_made_again),
        TEST(an_undone_link_may_be_made_to_another),
        TEST(only_an_anonymous_customer_is_linked_and_only_to_an_identity),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
