/* Customers as the management API sees them.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/server/session_world.h"

/* --- the operations, each as one job --- */

struct ask {
    struct world *w;
    struct csn_id app, customer, session, after;
    struct csn_bytes name;
    struct csn_push_address address;
    size_t limit, count;
    struct csn_customer_info customers[4];
    struct csn_session_info sessions[4];
    struct csn_device_info devices[4];
    struct csn_revoked_list revoked;
};

static enum csn_status
get(void *state, struct csn_store *store)
{
    struct ask *a = state;
    return csn_customer_get(a->w->sessions, store, a->app, a->customer, &a->customers[0]);
}

static enum csn_status
find(void *state, struct csn_store *store)
{
    struct ask *a = state;
    return csn_customer_find(a->w->sessions, store, a->app, a->name, &a->customers[0]);
}

static enum csn_status
list(void *state, struct csn_store *store)
{
    struct ask *a = state;
    return csn_customer_list(a->w->sessions, store, a->app, a->after, a->customers, a->limit,
                             &a->count);
}

static enum csn_status
sessions(void *state, struct csn_store *store)
{
    struct ask *a = state;
    return csn_customer_sessions(store, a->app, a->customer, a->sessions, a->limit, &a->count,
                                 a->w->now_ms);
}

static enum csn_status
devices(void *state, struct csn_store *store)
{
    struct ask *a = state;
    return csn_customer_devices(store, a->app, a->customer, a->devices, a->limit, &a->count);
}

static enum csn_status
revoke_session(void *state, struct csn_store *store)
{
    struct ask *a = state;
    return csn_customer_revoke_session(store, a->app, a->customer, a->session, &a->revoked,
                                       a->w->now_ms);
}

static enum csn_status
revoke(void *state, struct csn_store *store)
{
    struct ask *a = state;
    return csn_customer_revoke(store, a->app, a->customer, &a->revoked, a->w->now_ms);
}

static enum csn_status
set_push(void *state, struct csn_store *store)
{
    struct ask *a = state;
    return csn_device_set_push(a->w->sessions, store, a->app, a->customer, a->name,
                               a->address.kind != CSN_PUSH_NONE ? &a->address : NULL);
}

static struct ask
ask_of(struct world *w, const struct csn_session_outcome *whose)
{
    return (struct ask){.w = w,
                        .app = w->app.id,
                        .customer = whose->claims.customer,
                        .session = whose->claims.session,
                        .limit = 4};
}

/* --- looking --- */

static void
a_customer_is_found_by_id_and_by_identity(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    struct csn_session_outcome alice = world_login_as(&w, "phone", "alice");
    struct ask a = ask_of(&w, &alice);
    a.name = text("alice");
    for (int i = 0; i < 2; i++) {
        memset(a.customers, 'x', sizeof a.customers);
        assert_ok(world_run(w.store, i == 0 ? get : find, &a));
        assert_id_equal(alice.claims.customer, a.customers[0].id);
        assert_string_equal("alice", a.customers[0].identity);
        assert_int_equal(5, a.customers[0].identity_len);
        assert_true(a.customers[0].verified);
        assert_true(a.customers[0].created_ms == w.now_ms);
    }
    world_close(&w);
}

static void
a_customer_of_another_app_is_not_found_at_all(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    struct csn_session_outcome alice = world_login_as(&w, "phone", "alice");
    struct ask a = ask_of(&w, &alice);
    a.app = w.other_app.id;
    a.name = text("alice");
    assert_int_equal(CSN_NOT_FOUND, world_run(w.store, get, &a));
    assert_int_equal(CSN_NOT_FOUND, world_run(w.store, find, &a));
    assert_int_equal(CSN_NOT_FOUND, world_run(w.store, sessions, &a));
    assert_int_equal(CSN_NOT_FOUND, world_run(w.store, revoke_session, &a));
    assert_int_equal(CSN_NOT_FOUND, world_run(w.store, revoke, &a));
    a.name = text("phone");
    a.address = address_of("https://push.example/1");
    assert_int_equal(CSN_NOT_FOUND, world_run(w.store, devices, &a));
    assert_int_equal(CSN_NOT_FOUND, world_run(w.store, set_push, &a));
    assert_ok(world_run(w.store, list, &a));
    assert_int_equal(0, a.count);
    assert_reason(CSN_REASON_ACCEPTED, world_refresh(&w, &alice, "alice").reason);
    world_close(&w);
}

static void
a_linked_anonymous_customer_names_its_owner(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    struct csn_session_outcome before = world_login_as(&w, "phone", NULL);
    struct csn_session_outcome alice = world_login_from(&w, "phone", "alice", &before);
    struct ask a = ask_of(&w, &before);
    assert_ok(world_run(w.store, get, &a));
    assert_string_equal("", a.customers[0].identity);
    assert_false(a.customers[0].verified);
    assert_id_equal(alice.claims.customer, a.customers[0].owner);
    assert_true(a.customers[0].linked_ms == w.now_ms);
    world_close(&w);
}

static void
a_list_goes_on_where_the_page_before_ended(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    static const char *const names[] = {"ann", "bob", "cid"};
    for (int i = 0; i < 3; i++, w.now_ms++) {
        world_login_as(&w, names[i], names[i]);
    }
    struct ask a = {.w = &w, .app = w.app.id, .limit = 2};
    assert_ok(world_run(w.store, list, &a));
    assert_int_equal(2, a.count);
    assert_string_equal("ann", a.customers[0].identity);
    assert_string_equal("bob", a.customers[1].identity);
    a.after = a.customers[1].id;
    assert_ok(world_run(w.store, list, &a));
    assert_int_equal(1, a.count);
    assert_string_equal("cid", a.customers[0].identity);
    a.after = a.customers[0].id;
    assert_ok(world_run(w.store, list, &a));
    assert_int_equal(0, a.count);
    world_close(&w);
}

static void
devices_and_sessions_of_a_customer_are_listed(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    world_login_as(&w, "phone", "alice");
    w.now_ms++;
    struct csn_session_outcome two = world_login_as(&w, "phone", "alice");
    w.now_ms++;
    world_login_as(&w, "tablet", "alice");
    world_login_as(&w, "other", "bob");
    struct ask a = ask_of(&w, &two);
    assert_ok(world_run(w.store, devices, &a));
    assert_int_equal(2, a.count);
    assert_string_equal("tablet", a.devices[0].id);
    assert_string_equal("phone", a.devices[1].id);
    assert_string_equal("android", a.devices[1].platform);
    assert_string_equal("3.1.0", a.devices[1].app_version);
    assert_id_equal(two.claims.session, a.devices[1].session);
    assert_ok(world_run(w.store, sessions, &a));
    assert_int_equal(3, a.count);
    assert_string_equal("tablet", a.sessions[0].device);
    assert_id_equal(two.claims.session, a.sessions[1].id);
    assert_true(a.sessions[2].ended_ms == w.now_ms - 1);
    a.limit = 1;
    assert_ok(world_run(w.store, sessions, &a));
    assert_int_equal(1, a.count);
    assert_string_equal("tablet", a.sessions[0].device);
    world_close(&w);
}

static struct csn_session_outcome
claim(struct world *w, const char *device, const char *identity)
{
    struct csn_login in = login_of(w, device, identity);
    in.assurance = CSN_ASSURANCE_CLAIMED;
    return world_login(w, &in);
}

static void
what_was_proved_and_lives_is_shown_before_what_is_over_or_claimed(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    struct csn_session_outcome alice = world_login_as(&w, "tablet", "alice");
    for (int i = 0; i < 5; i++) {
        w.now_ms++;
        claim(&w, "a-claim", "alice");
    }
    struct ask a = ask_of(&w, &alice);
    a.limit = 2;
    assert_ok(world_run(w.store, devices, &a));
    assert_string_equal("tablet", a.devices[0].id);
    assert_string_equal("a-claim", a.devices[1].id);
    assert_ok(world_run(w.store, sessions, &a));
    assert_id_equal(alice.claims.session, a.sessions[0].id);
    assert_int_equal(0, a.sessions[1].ended_ms);
    w.now_ms = alice.claims.expires_ms + 1;
    assert_ok(world_run(w.store, sessions, &a));
    assert_int_equal(2, a.count);
    assert_string_equal("a-claim", a.sessions[0].device);
    world_close(&w);
}

static void
a_customer_is_seen_at_most_once_a_minute(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    struct csn_session_outcome alice = world_login_as(&w, "phone", "alice");
    struct ask a = ask_of(&w, &alice);
    int64_t first_ms = w.now_ms;
    w.now_ms = first_ms + CSN_SEEN_STEP_MS - 1;
    world_login_as(&w, "phone", "alice");
    assert_ok(world_run(w.store, get, &a));
    assert_true(a.customers[0].seen_ms == first_ms);
    w.now_ms = first_ms + CSN_SEEN_STEP_MS;
    world_login_as(&w, "phone", "alice");
    assert_ok(world_run(w.store, get, &a));
    assert_true(a.customers[0].seen_ms == w.now_ms);
    world_close(&w);
}

/* --- revoking --- */

static void
revoking_one_session_leaves_the_others(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    struct csn_session_outcome phone = world_login_as(&w, "phone", "alice");
    struct csn_session_outcome tablet = world_login_as(&w, "tablet", "alice");
    struct ask a = ask_of(&w, &phone);
    assert_ok(world_run(w.store, revoke_session, &a));
    assert_int_equal(1, a.revoked.count);
    assert_ok(world_run(w.store, revoke_session, &a));
    assert_int_equal(0, a.revoked.count);
    assert_reason(CSN_REASON_REVOKED, world_refresh(&w, &phone, "alice").reason);
    assert_reason(CSN_REASON_ACCEPTED, world_refresh(&w, &tablet, "alice").reason);
    assert_int_equal(1, world_number(&w, "SELECT count(*) FROM devices"));
    world_close(&w);
}

static void
a_session_is_revoked_only_under_its_own_customer(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    struct csn_session_outcome alice = world_login_as(&w, "phone", "alice");
    struct csn_session_outcome bob = world_login_as(&w, "tablet", "bob");
    struct ask a = ask_of(&w, &alice);
    a.session = bob.claims.session;
    assert_int_equal(CSN_NOT_FOUND, world_run(w.store, revoke_session, &a));
    assert_reason(CSN_REASON_ACCEPTED, world_refresh(&w, &bob, "bob").reason);
    world_close(&w);
}

static void
revoking_a_customer_ends_every_session_and_unbinds_every_device(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    struct csn_session_outcome phone = world_login_as(&w, "phone", "alice");
    world_login_as(&w, "tablet", "alice");
    world_login_as(&w, "other", "bob");
    struct ask a = ask_of(&w, &phone);
    assert_ok(world_run(w.store, revoke, &a));
    assert_int_equal(3, a.revoked.count);
    assert_true(a.revoked.items[0].before_ms == w.now_ms); /* her own tokens, then her sessions */
    assert_int_equal(1, world_number(&w, "SELECT count(*) FROM devices"));
    assert_int_equal(1, world_number(&w, "SELECT count(*) FROM sessions WHERE ended = 0"));
    assert_ok(world_run(w.store, get, &a));
    assert_true(a.customers[0].revoked_before_ms == w.now_ms);
    world_close(&w);
}

/* --- push addresses --- */

static void
a_push_address_moves_from_the_device_that_had_it(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    struct csn_session_outcome alice = world_login_as(&w, "phone", "alice");
    struct csn_session_outcome bob = world_login_as(&w, "tablet", "bob");
    struct ask a = ask_of(&w, &alice), b = ask_of(&w, &bob);
    a.name = text("phone");
    b.name = text("tablet");
    a.address = b.address = address_of("https://push.example/1");
    assert_ok(world_run(w.store, set_push, &a));
    assert_ok(world_run(w.store, set_push, &b));
    assert_int_equal(1, world_number(&w, "SELECT count(*) FROM devices WHERE push_hash IS NOT NULL "
                                         "AND id = 'tablet'"));
    assert_int_equal(1, world_number(&w, "SELECT count(push_hash) FROM devices"));
    b.address = (struct csn_push_address){0};
    assert_ok(world_run(w.store, set_push, &b));
    assert_int_equal(0, world_number(&w, "SELECT count(push_hash) FROM devices"));
    world_close(&w);
}

static void
only_the_customer_of_a_device_sets_its_push_address(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    struct csn_session_outcome alice = world_login_as(&w, "phone", "alice");
    world_login_as(&w, "tablet", "bob");
    struct ask a = ask_of(&w, &alice);
    a.name = text("tablet");
    a.address = address_of("https://push.example/1");
    assert_int_equal(CSN_NOT_FOUND, world_run(w.store, set_push, &a));
    world_close(&w);
}

static void
a_push_address_goes_when_another_customer_takes_the_device(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    struct csn_session_outcome anonymous = world_login_as(&w, "phone", NULL);
    struct ask a = ask_of(&w, &anonymous);
    a.name = text("phone");
    a.address = address_of("https://push.example/1");
    assert_ok(world_run(w.store, set_push, &a));
    world_login_from(&w, "phone", "alice", &anonymous);
    assert_int_equal(1, world_number(&w, "SELECT count(push_hash) FROM devices"));
    world_login_as(&w, "phone", "alice");
    assert_int_equal(1, world_number(&w, "SELECT count(push_hash) FROM devices"));
    world_login_as(&w, "phone", "bob");
    assert_int_equal(0, world_number(&w, "SELECT count(push_hash) FROM devices"));
    world_close(&w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_customer_is_found_by_id_and_by_identity),
        cmocka_unit_test(a_customer_of_another_app_is_not_found_at_all),
        cmocka_unit_test(a_linked_anonymous_customer_names_its_owner),
        cmocka_unit_test(a_list_goes_on_where_the_page_before_ended),
        cmocka_unit_test(devices_and_sessions_of_a_customer_are_listed),
        cmocka_unit_test(what_was_proved_and_lives_is_shown_before_what_is_over_or_claimed),
        cmocka_unit_test(a_customer_is_seen_at_most_once_a_minute),
        cmocka_unit_test(revoking_one_session_leaves_the_others),
        cmocka_unit_test(a_session_is_revoked_only_under_its_own_customer),
        cmocka_unit_test(revoking_a_customer_ends_every_session_and_unbinds_every_device),
        cmocka_unit_test(a_push_address_moves_from_the_device_that_had_it),
        cmocka_unit_test(only_the_customer_of_a_device_sets_its_push_address),
        cmocka_unit_test(a_push_address_goes_when_another_customer_takes_the_device),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
