/* What an operation costs does not grow with how many customers there are.
 *
 * Counted in steps of SQLite's own machine, which are the same on every computer, so that no clock
 * decides a test. A missing or mistaken index shows as steps that grow with the table.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "server/store/sqlite.h"
#include "tests/unit/server/session_world.h"

#define FEW 10
#define MANY 1000

struct town {
    struct world w;
    struct csn_session_outcome anonymous, alice, other, out;
    struct csn_challenge_outcome challenge;
};

static void
populate(struct town *t, int customers)
{
    world_open(&t->w);
    for (int i = 0; i < customers; i++) {
        char name[16];
        snprintf(name, sizeof name, "c%06d", i);
        world_challenge(&t->w, name);
        struct csn_session_outcome before = world_login_as(&t->w, name, NULL);
        if (i % 2 == 0) {
            world_login_from(&t->w, name, name, &before);
        }
    }
    t->anonymous = world_login_as(&t->w, "phone", NULL);
    t->alice = world_login_as(&t->w, "tablet", "alice");
    t->other = world_login_as(&t->w, "watch", "alice");
    t->challenge = world_challenge(&t->w, "phone");
}

/* --- the operations --- */

static void
log_in(struct town *t)
{
    struct csn_login in = login_of(&t->w, "phone", "bob");
    in.token = token_named(&t->w, "bobs", t->challenge.nonce);
    in.anonymous_session = t->anonymous.claims.session;
    in.anonymous_customer = t->anonymous.claims.customer;
    assert_int_equal(CSN_LINK_MADE, world_login(&t->w, &in).link);
}

static void
refresh(struct town *t)
{
    world_refresh(&t->w, &t->alice, "alice");
}

static void
log_out(struct town *t)
{
    struct csn_logout in = {.app = &t->w.app,
                            .session = t->alice.claims.session,
                            .secret = text(t->alice.logout_secret)};
    assert_reason(CSN_REASON_ACCEPTED, world_logout(&t->w, &in).reason);
}

static void
challenge(struct town *t)
{
    world_challenge(&t->w, "phone");
}

static void
contact(struct town *t)
{
    world_contact(&t->w, "carol", "tablet");
}

static enum csn_status
look_at_alice(void *state, struct csn_store *store)
{
    struct town *t = state;
    size_t count = 0;
    struct csn_customer_info info, list[4];
    struct csn_device_info devices[4];
    struct csn_session_info sessions[4];
    struct csn_id app = t->w.app.id, alice = t->alice.claims.customer;
    assert_ok(csn_customer_find(t->w.sessions, store, app, text("alice"), &info));
    assert_ok(csn_customer_list(t->w.sessions, store, app, (struct csn_id){0}, list, 4, &count));
    assert_ok(csn_customer_devices(store, app, alice, devices, 4, &count));
    assert_int_equal(2, count);
    assert_ok(csn_customer_sessions(store, app, alice, sessions, 4, &count, t->w.now_ms));
    assert_int_equal(2, count);
    return CSN_OK;
}

static void
look(struct town *t)
{
    assert_ok(world_run(t->w.store, look_at_alice, t));
}

static enum csn_status
revoke_alice(void *state, struct csn_store *store)
{
    struct town *t = state;
    struct csn_revoked_list revoked;
    return csn_customer_revoke(store, t->w.app.id, t->alice.claims.customer, &revoked, t->w.now_ms);
}

static void
revoke(struct town *t)
{
    assert_ok(world_run(t->w.store, revoke_alice, t));
}

static enum csn_status
set_push(void *state, struct csn_store *store)
{
    struct town *t = state;
    struct csn_push_address address = address_of("https://push.example/1");
    return csn_device_set_push(t->w.sessions, store, t->w.app.id, t->alice.claims.customer,
                               text("tablet"), &address);
}

static void
push(struct town *t)
{
    assert_ok(world_run(t->w.store, set_push, t));
}

static enum csn_status
purge_some(void *state, struct csn_store *store)
{
    struct town *t = state;
    uint64_t purged = 0;
    enum csn_status status =
        csn_sessions_housekeep(store, 3, &purged, t->w.now_ms + 400 * 86400000LL);
    assert_int_equal(9, purged);
    return status;
}

static void
purge(struct town *t)
{
    assert_ok(world_run(t->w.store, purge_some, t));
}

/* --- few against many --- */

static const struct {
    const char *name;
    void (*run)(struct town *t);
} operations[] = {{"login", log_in},        {"refresh", refresh}, {"logout", log_out},
                  {"challenge", challenge}, {"contact", contact}, {"look", look},
                  {"revoke", revoke},       {"push", push},       {"purge", purge}};

static void
no_operation_costs_more_among_many_customers(void **state)
{
    (void)state;
    static struct town few, many;
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
            fail_msg("%s takes %lld steps among %d customers, %lld among more", operations[i].name,
                     (long long)cheap, FEW, (long long)dear);
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_operation_costs_more_among_many_customers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
