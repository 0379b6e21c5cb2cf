/* Many at once: sixteen threads hand the same thing to the queue, and one wins.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/server/crowd.h"
#include "tests/unit/server/session_world.h"

/* One thread's login. */
struct runner {
    struct csn_job job;
    struct world *w;
    char device[16], identity[16];
    struct csn_login in;
    struct csn_session_outcome out;
};

static enum csn_status
run_login(struct csn_job *job, struct csn_store *store)
{
    struct runner *r = (struct runner *)job;
    return csn_session_login(r->w->sessions, store, &r->in, &r->out, r->w->now_ms);
}

static void
prepare(struct world *w, struct runner *runners)
{
    for (int i = 0; i < CROWD; i++) {
        struct runner *r = &runners[i];
        *r = (struct runner){.job = {.run = run_login}, .w = w};
        snprintf(r->device, sizeof r->device, "device %d", i);
        snprintf(r->identity, sizeof r->identity, "customer %d", i);
        r->in = login_of(w, r->device, "alice");
    }
}

static void
run_all(struct world *w, struct runner *runners)
{
    struct csn_job *jobs[CROWD];
    for (int i = 0; i < CROWD; i++)
        jobs[i] = &runners[i].job;
    crowd_run(w->store, jobs);
    for (int i = 0; i < CROWD; i++) {
        assert_ok(runners[i].job.status);
    }
}

static int
count_reason(const struct runner *runners, enum csn_reason reason)
{
    int count = 0;
    for (int i = 0; i < CROWD; i++) {
        count += runners[i].out.reason == reason;
    }
    return count;
}

static void
sixteen_logins_of_one_identity_make_one_customer(void **state)
{
    (void)state;
    struct world w;
    static struct runner runners[CROWD];
    world_open_directory(&w);
    prepare(&w, runners);
    run_all(&w, runners);
    int created = 0;
    for (int i = 0; i < CROWD; i++) {
        assert_reason(CSN_REASON_ACCEPTED, runners[i].out.reason);
        assert_id_equal(runners[0].out.claims.customer, runners[i].out.claims.customer);
        assert_memory_equal(runners[0].out.vault_key, runners[i].out.vault_key, 32);
        created += runners[i].out.customer_created;
    }
    assert_int_equal(1, created);
    assert_int_equal(1, world_number(&w, "SELECT count(*) FROM customers"));
    assert_int_equal(CROWD, world_number(&w, "SELECT count(DISTINCT session) FROM devices"));
    world_close(&w);
}

static void
of_sixteen_uses_of_one_nonce_one_wins(void **state)
{
    (void)state;
    struct world w;
    static struct runner runners[CROWD];
    world_open_directory(&w);
    struct csn_challenge_outcome challenge = world_challenge(&w, "device 0");
    prepare(&w, runners);
    for (int i = 0; i < CROWD; i++) {
        runners[i].in.device.id = text("device 0");
        runners[i].in.token = token_named(&w, "a token", challenge.nonce);
    }
    run_all(&w, runners);
    assert_int_equal(1, count_reason(runners, CSN_REASON_ACCEPTED));
    assert_int_equal(CROWD - 1, count_reason(runners, CSN_REASON_NONCE_USED));
    assert_int_equal(1, world_number(&w, "SELECT count(*) FROM sessions"));
    world_close(&w);
}

static void
of_sixteen_owners_of_one_anonymous_customer_one_wins(void **state)
{
    (void)state;
    struct world w;
    static struct runner runners[CROWD];
    world_open_directory(&w);
    struct csn_session_outcome before = world_login_as(&w, "phone", NULL);
    prepare(&w, runners);
    for (int i = 0; i < CROWD; i++) {
        runners[i].in.identity = text(runners[i].identity);
        runners[i].in.anonymous_session = before.claims.session;
        runners[i].in.anonymous_customer = before.claims.customer;
    }
    run_all(&w, runners);
    int made = 0, refused = 0;
    for (int i = 0; i < CROWD; i++) {
        made += runners[i].out.link == CSN_LINK_MADE;
        refused += runners[i].out.link == CSN_LINK_OF_OTHER;
    }
    assert_int_equal(1, made);
    assert_int_equal(CROWD - 1, refused);
    assert_int_equal(1, world_number(&w, "SELECT count(*) FROM links WHERE refused = 15"));
    world_close(&w);
}

static void
sixteen_logins_on_one_device_leave_one_live_session(void **state)
{
    (void)state;
    struct world w;
    static struct runner runners[CROWD];
    world_open_directory(&w);
    prepare(&w, runners);
    for (int i = 0; i < CROWD; i++) {
        runners[i].in.device.id = text("phone");
        runners[i].in.identity = text(runners[i].identity);
    }
    run_all(&w, runners);
    assert_int_equal(CROWD, world_number(&w, "SELECT count(*) FROM customers"));
    assert_int_equal(1, world_number(&w, "SELECT count(*) FROM sessions s JOIN devices d ON "
                                         "d.session = s.id AND d.customer = s.customer "
                                         "WHERE s.ended = 0"));
    assert_int_equal(1, world_number(&w, "SELECT count(*) FROM sessions WHERE ended = 0"));
    assert_int_equal(CROWD - 1, world_number(&w, "SELECT count(*) FROM revocations"));
    world_close(&w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sixteen_logins_of_one_identity_make_one_customer),
        cmocka_unit_test(of_sixteen_uses_of_one_nonce_one_wins),
        cmocka_unit_test(of_sixteen_owners_of_one_anonymous_customer_one_wins),
        cmocka_unit_test(sixteen_logins_on_one_device_leave_one_live_session),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
