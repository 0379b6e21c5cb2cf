/* Every step of every operation fails in turn: what is left is the state before it, or the state
 * after it, and the same operation works the next time.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/server/fault_world.h"
#include "tests/unit/server/log_world.h"

/* --- the operations --- */

struct stage {
    struct world w;
    struct csn_session_outcome anonymous, alice, out;
    struct csn_logout_outcome logout;
    struct csn_contact_outcome contact;
    struct csn_challenge_outcome challenge;
    struct csn_revoked_list revoked;
};

/* Somebody on every device, a challenge, a push address: so that each operation has all to do. */
static void
set_stage(struct stage *s)
{
    world_open(&s->w);
    s->w.app.policy.logout_revokes_token = true;
    struct csn_login in = login_of(&s->w, "tablet", "alice");
    in.token = token_named(&s->w, "alices", NULL);
    s->alice = world_login(&s->w, &in);
    s->anonymous = world_login_as(&s->w, "phone", NULL);
    world_append(&s->w, s->anonymous.claims.customer, "a b c");
    s->challenge = world_challenge(&s->w, "phone");
    s->w.now_ms += CSN_SEEN_STEP_MS;
}

static enum csn_status
run_login(void *state, struct csn_store *store)
{
    struct stage *s = state;
    struct csn_login in = login_of(&s->w, "phone", "bob");
    in.token = token_named(&s->w, "bobs", s->challenge.nonce);
    in.anonymous_session = s->anonymous.claims.session;
    in.anonymous_customer = s->anonymous.claims.customer;
    return csn_session_login(s->w.sessions, store, &in, &s->out, s->w.now_ms);
}

static enum csn_status
run_switch(void *state, struct csn_store *store)
{
    struct stage *s = state;
    struct csn_login in = login_of(&s->w, "tablet", "bob");
    return csn_session_login(s->w.sessions, store, &in, &s->out, s->w.now_ms);
}

static enum csn_status
run_continue(void *state, struct csn_store *store)
{
    struct stage *s = state;
    struct csn_login in = login_of(&s->w, "phone", NULL);
    in.anonymous_session = s->anonymous.claims.session;
    in.anonymous_customer = s->anonymous.claims.customer;
    return csn_session_login(s->w.sessions, store, &in, &s->out, s->w.now_ms);
}

static enum csn_status
run_refresh(void *state, struct csn_store *store)
{
    struct stage *s = state;
    struct csn_refresh in = {.app = &s->w.app,
                             .session = s->alice.claims.session,
                             .customer = s->alice.claims.customer,
                             .device = text("tablet"),
                             .identity = text("alice"),
                             .token = token_named(&s->w, "fresh", NULL)};
    return csn_session_refresh(s->w.sessions, store, &in, &s->out, s->w.now_ms);
}

static enum csn_status
run_logout(void *state, struct csn_store *store)
{
    struct stage *s = state;
    struct csn_logout in = {.app = &s->w.app,
                            .session = s->alice.claims.session,
                            .secret = text(s->alice.logout_secret)};
    return csn_session_logout(s->w.sessions, store, &in, &s->logout, s->w.now_ms);
}

static enum csn_status
run_contact(void *state, struct csn_store *store)
{
    struct stage *s = state;
    struct csn_contact in = {.app = &s->w.app,
                             .identity = text("carol"),
                             .assurance = CSN_ASSURANCE_VERIFIED,
                             .device = {.id = text("tablet")}};
    return csn_customer_contact(s->w.sessions, store, &in, &s->contact, s->w.now_ms);
}

static enum csn_status
run_challenge(void *state, struct csn_store *store)
{
    struct stage *s = state;
    return csn_challenge_create(s->w.sessions, store, &s->w.app, text("phone"), &s->challenge,
                                s->w.now_ms);
}

static enum csn_status
run_revoke(void *state, struct csn_store *store)
{
    struct stage *s = state;
    return csn_customer_revoke(store, s->w.app.id, s->alice.claims.customer, &s->revoked,
                               s->w.now_ms);
}

static enum csn_status
run_push(void *state, struct csn_store *store)
{
    struct stage *s = state;
    struct csn_push_address address = address_of("https://push.example/1");
    return csn_device_set_push(s->w.sessions, store, s->w.app.id, s->alice.claims.customer,
                               text("tablet"), &address);
}

static enum csn_status
run_housekeeping(void *state, struct csn_store *store)
{
    struct stage *s = state;
    uint64_t purged;
    return csn_sessions_housekeep(store, 100, &purged, s->w.now_ms + 400 * 86400000LL);
}

/* --- every step of one operation --- */

static struct world *
open_stage(void *state)
{
    struct stage *s = state;
    set_stage(s);
    return &s->w;
}

static void
fail_everywhere(operation *run, int steps_at_least)
{
    static struct stage s;
    world_fail_everywhere(open_stage, run, &s, steps_at_least);
}

static void
a_login_that_links_happens_wholly_or_not_at_all(void **state)
{
    (void)state;
    fail_everywhere(run_login, 25);
}

static void
a_switch_of_customers_happens_wholly_or_not_at_all(void **state)
{
    (void)state;
    fail_everywhere(run_switch, 10);
}

static void
continuing_happens_wholly_or_not_at_all(void **state)
{
    (void)state;
    fail_everywhere(run_continue, 7);
}

static void
a_refresh_happens_wholly_or_not_at_all(void **state)
{
    (void)state;
    fail_everywhere(run_refresh, 8);
}

static void
a_logout_happens_wholly_or_not_at_all(void **state)
{
    (void)state;
    fail_everywhere(run_logout, 8);
}

static void
a_first_contact_happens_wholly_or_not_at_all(void **state)
{
    (void)state;
    fail_everywhere(run_contact, 8);
}

static void
the_small_operations_happen_wholly_or_not_at_all(void **state)
{
    (void)state;
    fail_everywhere(run_challenge, 4);
    fail_everywhere(run_revoke, 6);
    fail_everywhere(run_push, 5);
    fail_everywhere(run_housekeeping, 6);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_login_that_links_happens_wholly_or_not_at_all),
        cmocka_unit_test(a_switch_of_customers_happens_wholly_or_not_at_all),
        cmocka_unit_test(continuing_happens_wholly_or_not_at_all),
        cmocka_unit_test(a_refresh_happens_wholly_or_not_at_all),
        cmocka_unit_test(a_logout_happens_wholly_or_not_at_all),
        cmocka_unit_test(a_first_contact_happens_wholly_or_not_at_all),
        cmocka_unit_test(the_small_operations_happen_wholly_or_not_at_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
