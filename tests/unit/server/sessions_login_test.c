/* Login, anonymous start and the link between them.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/server/session_world.h"

/* --- one customer of one identity --- */

static void
two_logins_of_one_identity_make_one_customer(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    struct csn_session_outcome one = world_login_as(&w, "phone", "alice");
    struct csn_session_outcome two = world_login_as(&w, "tablet", "alice");
    assert_reason(CSN_REASON_ACCEPTED, one.reason);
    assert_reason(CSN_REASON_ACCEPTED, two.reason);
    assert_true(one.customer_created);
    assert_false(two.customer_created);
    assert_id_equal(one.claims.customer, two.claims.customer);
    assert_id_not_equal(one.claims.session, two.claims.session);
    assert_int_equal(1, world_number(&w, "SELECT count(*) FROM customers"));
    world_close(&w);
}

static void
identities_that_differ_in_case_are_two_customers(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    struct csn_session_outcome lower = world_login_as(&w, "phone", "alice");
    struct csn_session_outcome upper = world_login_as(&w, "tablet", "Alice");
    assert_id_not_equal(lower.claims.customer, upper.claims.customer);
    world_close(&w);
}

static void
one_identity_of_two_apps_is_two_customers_with_two_vaults(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    struct csn_session_outcome here = world_login_as(&w, "phone", "alice");
    struct csn_login in = login_of(&w, "phone", "alice");
    in.app = &w.other_app;
    struct csn_session_outcome there = world_login(&w, &in);
    assert_true(there.customer_created);
    assert_id_not_equal(here.claims.customer, there.claims.customer);
    assert_memory_not_equal(here.vault_key, there.vault_key, 32);
    assert_int_equal(2, world_number(&w, "SELECT count(*) FROM sessions WHERE ended = 0"));
    world_close(&w);
}

static void
claims_say_who_where_and_until_when(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    struct csn_session_outcome out = world_login_as(&w, "phone", "alice");
    assert_true(csn_bytes_equal_text(out.claims.device, "phone"));
    assert_true(csn_bytes_equal_text(out.claims.identity, "alice"));
    assert_int_equal(CSN_ASSURANCE_VERIFIED, out.claims.assurance);
    assert_int_equal(1, out.claims.generation);
    assert_true(out.claims.issued_ms == w.now_ms);
    assert_true(out.claims.expires_ms == w.now_ms + 3600 * 1000);
    assert_int_equal(CSN_LOGOUT_SECRET_LENGTH, strlen(out.logout_secret));
    assert_int_equal(0, out.cursor);
    world_close(&w);
}

static void
the_ttl_ends_a_session_and_has_an_end_itself(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    struct csn_session_outcome whole = world_login_as(&w, "phone", "alice");
    assert_true(whole.claims.expires_ms == w.now_ms + 3600 * 1000);
    w.app.policy.session_ttl_s = CSN_SESSION_TTL_MAX_S + 1;
    struct csn_session_outcome longest = world_login_as(&w, "phone", "alice");
    assert_true(longest.claims.expires_ms == w.now_ms + CSN_SESSION_TTL_MAX_S * 1000);
    world_close(&w);
}

/* --- vault keys --- */

static void
the_vault_key_of_a_customer_is_the_same_at_each_login(void **state)
{
    (void)state;
    struct world w;
    world_open_directory(&w);
    struct csn_session_outcome one = world_login_as(&w, "phone", "alice");
    world_reopen(&w);
    struct csn_session_outcome two = world_login_as(&w, "tablet", "alice");
    struct csn_session_outcome other = world_login_as(&w, "phone", "bob");
    assert_memory_equal(one.vault_key, two.vault_key, 32);
    assert_memory_not_equal(one.vault_key, other.vault_key, 32);
    world_close(&w);
}

static void
a_claimed_login_never_gets_the_vault_key_of_the_identity(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    struct csn_session_outcome verified = world_login_as(&w, "phone", "alice");
    struct csn_login in = login_of(&w, "burglar", "alice");
    in.assurance = CSN_ASSURANCE_CLAIMED;
    struct csn_session_outcome claimed = world_login(&w, &in);
    struct csn_session_outcome again = world_login(&w, &in);
    in.device.id = text("another");
    struct csn_session_outcome elsewhere = world_login(&w, &in);
    assert_id_equal(verified.claims.customer, claimed.claims.customer);
    assert_int_equal(CSN_ASSURANCE_CLAIMED, claimed.claims.assurance);
    assert_memory_not_equal(verified.vault_key, claimed.vault_key, 32);
    assert_memory_equal(claimed.vault_key, again.vault_key, 32);
    assert_memory_not_equal(claimed.vault_key, elsewhere.vault_key, 32);
    world_close(&w);
}

static void
another_master_key_opens_no_customer(void **state)
{
    (void)state;
    struct world w;
    uint8_t master[32] = {0};
    world_open(&w);
    world_login_as(&w, "phone", "alice");
    struct csn_login anonymous = login_of(&w, "tablet", NULL);
    struct csn_session_outcome before = world_login(&w, &anonymous), out;
    csn_sessions_free(w.sessions);
    assert_ok(csn_sessions_create(master, &w.random, &w.sessions));
    anonymous.anonymous_session = before.claims.session;
    anonymous.anonymous_customer = before.claims.customer;
    assert_int_equal(CSN_CRYPTO, world_try_login(&w, &anonymous, &out));
    world_close(&w);
}

/* --- devices --- */

static void
a_login_ends_the_session_the_device_had(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    struct csn_session_outcome alice = world_login_as(&w, "phone", "alice");
    struct csn_session_outcome bob = world_login_as(&w, "phone", "bob");
    assert_int_equal(1, bob.revoked.count);
    assert_id_equal(alice.claims.session, bob.revoked.items[0].session);
    assert_true(bob.revoked.items[0].expires_ms >= alice.claims.expires_ms);
    assert_int_equal(1, world_number(&w, "SELECT count(*) FROM sessions WHERE ended = 0"));
    assert_int_equal(1, world_number(&w, "SELECT count(*) FROM devices"));
    assert_reason(CSN_REASON_REVOKED, world_refresh(&w, &alice, "alice").reason);
    assert_reason(CSN_REASON_ACCEPTED, world_refresh(&w, &bob, "bob").reason);
    world_close(&w);
}

static void
a_login_leaves_the_sessions_of_other_devices_alone(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    struct csn_session_outcome phone = world_login_as(&w, "phone", "alice");
    struct csn_session_outcome tablet = world_login_as(&w, "tablet", "alice");
    assert_int_equal(0, tablet.revoked.count);
    assert_reason(CSN_REASON_ACCEPTED, world_refresh(&w, &phone, "alice").reason);
    world_close(&w);
}

static void
a_refused_login_leaves_the_session_before_it_alone(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    struct csn_session_outcome alice = world_login_as(&w, "phone", "alice");
    struct csn_login in = login_of(&w, "phone", "bob");
    in.token = token_named(&w, "bobs", "no such nonce");
    struct csn_session_outcome refused = world_login(&w, &in);
    assert_reason(CSN_REASON_NONCE_UNKNOWN, refused.reason);
    assert_int_equal(0, refused.revoked.count);
    assert_int_equal(1, world_number(&w, "SELECT count(*) FROM customers"));
    assert_reason(CSN_REASON_ACCEPTED, world_refresh(&w, &alice, "alice").reason);
    world_close(&w);
}

static void
a_customer_keeps_so_many_devices_and_the_oldest_goes(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    struct csn_session_outcome first = {0}, out = {0};
    for (int i = 0; i < CSN_DEVICES_MAX; i++) {
        char device[3] = {(char)('a' + i / 10), (char)('0' + i % 10), 0};
        out = world_login_as(&w, device, "alice");
        first = i == 0 ? out : first;
        assert_int_equal(0, out.revoked.count);
        w.now_ms++;
    }
    out = world_login_as(&w, "k1", "alice");
    assert_int_equal(1, out.revoked.count);
    assert_id_equal(first.claims.session, out.revoked.items[0].session);
    assert_int_equal(CSN_DEVICES_MAX, world_number(&w, "SELECT count(*) FROM devices"));
    out = world_login_as(&w, "k1", "alice");
    assert_int_equal(1, out.revoked.count);
    assert_int_equal(CSN_DEVICES_MAX, world_number(&w, "SELECT count(*) FROM devices"));
    world_close(&w);
}

static void
claimed_devices_cannot_push_out_verified_ones(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    struct csn_session_outcome verified = world_login_as(&w, "phone", "alice");
    for (int i = 0; i <= CSN_DEVICES_MAX; i++) {
        char device[3] = {(char)('a' + i / 10), (char)('0' + i % 10), 0};
        struct csn_login in = login_of(&w, device, "alice");
        in.assurance = CSN_ASSURANCE_CLAIMED;
        w.now_ms++;
        world_login(&w, &in);
    }
    assert_reason(CSN_REASON_ACCEPTED, world_refresh(&w, &verified, "alice").reason);
    world_close(&w);
}

/* --- anonymous --- */

static void
an_anonymous_start_makes_a_customer_without_identity(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    struct csn_session_outcome one = world_login_as(&w, "phone", NULL);
    struct csn_session_outcome two = world_login_as(&w, "tablet", NULL);
    assert_reason(CSN_REASON_ACCEPTED, one.reason);
    assert_true(one.customer_created);
    assert_int_equal(CSN_ASSURANCE_ANONYMOUS, one.claims.assurance);
    assert_int_equal(0, one.claims.identity.len);
    assert_id_not_equal(one.claims.customer, two.claims.customer);
    assert_memory_not_equal(one.vault_key, two.vault_key, 32);
    world_close(&w);
}

static void
an_anonymous_session_is_continued_by_its_own_bearer(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    struct csn_session_outcome one = world_login_as(&w, "phone", NULL);
    w.now_ms += 1000;
    struct csn_session_outcome two = world_login_from(&w, "phone", NULL, &one);
    assert_true(two.continued);
    assert_false(two.customer_created);
    assert_id_equal(one.claims.customer, two.claims.customer);
    assert_id_equal(one.claims.session, two.claims.session);
    assert_int_equal(2, two.claims.generation);
    assert_true(two.claims.expires_ms == one.claims.expires_ms + 1000);
    assert_string_equal("", two.logout_secret);
    assert_memory_equal(one.vault_key, two.vault_key, 32);
    assert_int_equal(0, two.revoked.count);
    world_close(&w);
}

static void
an_anonymous_session_is_continued_until_the_moment_it_expires(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    struct csn_session_outcome one = world_login_as(&w, "phone", NULL);
    w.now_ms = one.claims.expires_ms - 1;
    struct csn_session_outcome two = world_login_from(&w, "phone", NULL, &one);
    assert_true(two.continued);
    w.now_ms = two.claims.expires_ms;
    struct csn_session_outcome three = world_login_from(&w, "phone", NULL, &two);
    assert_false(three.continued);
    assert_id_not_equal(one.claims.customer, three.claims.customer);
    world_close(&w);
}

static void
an_anonymous_session_is_not_continued_on_another_device_or_for_another_customer(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    struct csn_session_outcome one = world_login_as(&w, "phone", NULL);
    struct csn_session_outcome tablet = world_login_from(&w, "tablet", NULL, &one);
    assert_true(tablet.customer_created);
    struct csn_session_outcome forged = one;
    forged.claims.customer = tablet.claims.customer;
    assert_true(world_login_from(&w, "phone", NULL, &forged).customer_created);
    world_close(&w);
}

/* --- links --- */

static void
a_login_links_the_anonymous_customer_it_presents(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    struct csn_session_outcome before = world_login_as(&w, "phone", NULL);
    struct csn_session_outcome alice = world_login_from(&w, "phone", "alice", &before);
    assert_int_equal(CSN_LINK_MADE, alice.link);
    assert_id_equal(before.claims.customer, alice.linked);
    assert_id_not_equal(before.claims.customer, alice.claims.customer);
    assert_int_equal(1, alice.revoked.count);
    assert_id_equal(before.claims.session, alice.revoked.items[0].session);
    assert_int_equal(1, world_number(&w, "SELECT count(*) FROM links WHERE cause = 3"));
    world_close(&w);
}

static void
a_login_without_an_anonymous_session_links_nothing(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    world_login_as(&w, "phone", NULL);
    struct csn_session_outcome alice = world_login_as(&w, "phone", "alice");
    assert_int_equal(CSN_LINK_NONE, alice.link);
    assert_string_equal("", alice.linked.text);
    assert_int_equal(0, world_number(&w, "SELECT count(*) FROM links"));
    world_close(&w);
}

static void
a_login_whose_answer_was_lost_may_come_again(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    struct csn_session_outcome before = world_login_as(&w, "phone", NULL);
    struct csn_session_outcome lost = world_login_from(&w, "phone", "alice", &before);
    struct csn_session_outcome again = world_login_from(&w, "phone", "alice", &before);
    assert_int_equal(CSN_LINK_SAME, again.link);
    assert_id_equal(before.claims.customer, again.linked);
    assert_id_equal(lost.claims.customer, again.claims.customer);
    assert_int_equal(1, world_number(&w, "SELECT count(*) FROM links"));
    assert_int_equal(2, world_number(&w, "SELECT count(*) FROM customers"));
    world_close(&w);
}

static void
an_anonymous_customer_has_one_owner_for_ever(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    struct csn_session_outcome before = world_login_as(&w, "phone", NULL);
    world_login_from(&w, "phone", "alice", &before);
    struct csn_session_outcome bob = world_login_from(&w, "phone", "bob", &before);
    assert_reason(CSN_REASON_ACCEPTED, bob.reason);
    assert_int_equal(CSN_LINK_OF_OTHER, bob.link);
    assert_string_equal("", bob.linked.text);
    assert_int_equal(1, world_number(&w, "SELECT count(*) FROM links WHERE refused = 1 AND "
                                         "refused_owner = (SELECT customer FROM devices)"));
    world_close(&w);
}

static void
a_linked_anonymous_customer_starts_no_new_session(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    struct csn_session_outcome before = world_login_as(&w, "phone", NULL);
    world_login_from(&w, "tablet", "alice", &before);
    assert_int_equal(1, world_number(&w, "SELECT count(*) FROM devices"));
    struct csn_session_outcome after = world_login_from(&w, "phone", NULL, &before);
    assert_true(after.customer_created);
    assert_id_not_equal(before.claims.customer, after.claims.customer);
    world_close(&w);
}

static void
an_ended_anonymous_session_links_nothing(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    struct csn_session_outcome before = world_login_as(&w, "phone", NULL);
    world_login_as(&w, "phone", "bob");
    struct csn_session_outcome alice = world_login_from(&w, "tablet", "alice", &before);
    assert_int_equal(CSN_LINK_NONE, alice.link);
    assert_int_equal(0, world_number(&w, "SELECT count(*) FROM links"));
    world_close(&w);
}

static void
a_session_with_an_identity_is_never_linked(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    struct csn_session_outcome alice = world_login_as(&w, "phone", "alice");
    struct csn_session_outcome bob = world_login_from(&w, "tablet", "bob", &alice);
    assert_int_equal(CSN_LINK_NONE, bob.link);
    assert_reason(CSN_REASON_ACCEPTED, world_refresh(&w, &alice, "alice").reason);
    world_close(&w);
}

static void
an_anonymous_session_of_another_app_is_not_linked(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    struct csn_session_outcome before = world_login_as(&w, "phone", NULL);
    struct csn_login in = login_of(&w, "phone", "alice");
    in.app = &w.other_app;
    in.anonymous_session = before.claims.session;
    in.anonymous_customer = before.claims.customer;
    assert_int_equal(CSN_LINK_NONE, world_login(&w, &in).link);
    assert_int_equal(0, world_number(&w, "SELECT count(*) FROM links"));
    world_close(&w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_logins_of_one_identity_make_one_customer),
        cmocka_unit_test(identities_that_differ_in_case_are_two_customers),
        cmocka_unit_test(one_identity_of_two_apps_is_two_customers_with_two_vaults),
        cmocka_unit_test(claims_say_who_where_and_until_when),
        cmocka_unit_test(the_ttl_ends_a_session_and_has_an_end_itself),
        cmocka_unit_test(the_vault_key_of_a_customer_is_the_same_at_each_login),
        cmocka_unit_test(a_claimed_login_never_gets_the_vault_key_of_the_identity),
        cmocka_unit_test(another_master_key_opens_no_customer),
        cmocka_unit_test(a_login_ends_the_session_the_device_had),
        cmocka_unit_test(a_login_leaves_the_sessions_of_other_devices_alone),
        cmocka_unit_test(a_refused_login_leaves_the_session_before_it_alone),
        cmocka_unit_test(a_customer_keeps_so_many_devices_and_the_oldest_goes),
        cmocka_unit_test(claimed_devices_cannot_push_out_verified_ones),
        cmocka_unit_test(an_anonymous_start_makes_a_customer_without_identity),
        cmocka_unit_test(an_anonymous_session_is_continued_by_its_own_bearer),
        cmocka_unit_test(an_anonymous_session_is_continued_until_the_moment_it_expires),
        cmocka_unit_test(
            an_anonymous_session_is_not_continued_on_another_device_or_for_another_customer),
        cmocka_unit_test(a_login_links_the_anonymous_customer_it_presents),
        cmocka_unit_test(a_login_without_an_anonymous_session_links_nothing),
        cmocka_unit_test(a_login_whose_answer_was_lost_may_come_again),
        cmocka_unit_test(an_anonymous_customer_has_one_owner_for_ever),
        cmocka_unit_test(a_linked_anonymous_customer_starts_no_new_session),
        cmocka_unit_test(an_ended_anonymous_session_links_nothing),
        cmocka_unit_test(a_session_with_an_identity_is_never_linked),
        cmocka_unit_test(an_anonymous_session_of_another_app_is_not_linked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
