/* Sessions that are used go on; those that are not end before their time.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "session_world.h"

#define IDLE_MS 600000LL

static struct world w;

static int
setup(void **state)
{
    (void)state;
    world_open(&w);
    w.app.policy.session_idle_s = IDLE_MS / 1000;
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    world_close(&w);
    return 0;
}

struct use {
    struct csn_id session;
    enum csn_reason reason;
    struct csn_idled_list idled;
};

static enum csn_status
run_use(void *state, struct csn_store *store)
{
    struct use *use = state;
    return csn_session_use(store, &w.app, use->session, &use->reason, w.now_ms);
}

static enum csn_status
run_look(void *state, struct csn_store *store)
{
    struct use *use = state;
    return csn_session_is_live(store, w.app.id, use->session, &use->reason, w.now_ms);
}

static enum csn_status
run_idle_out(void *state, struct csn_store *store)
{
    struct use *use = state;
    return csn_sessions_idle_out(store, &use->idled, w.now_ms);
}

static enum csn_reason
use(const struct csn_session_outcome *login)
{
    struct use use = {.session = login->claims.session};
    assert_ok(world_run(w.store, run_use, &use));
    return use.reason;
}

static enum csn_reason
look_at(const struct csn_session_outcome *login)
{
    struct use use = {.session = login->claims.session};
    assert_ok(world_run(w.store, run_look, &use));
    return use.reason;
}

/* Returns: how many ended. */
static size_t
idle_out(struct csn_idled_list *out)
{
    struct use use = {0};
    assert_ok(world_run(w.store, run_idle_out, &use));
    *out = use.idled;
    return out->revoked.count;
}

static void
a_session_ends_when_it_was_not_used_and_not_a_moment_before(void **state)
{
    (void)state;
    struct csn_session_outcome alice = world_login_as(&w, "phone", "alice");
    w.now_ms += IDLE_MS - 1;
    assert_reason(CSN_REASON_ACCEPTED, look_at(&alice));
    w.now_ms += 1;
    assert_reason(CSN_REASON_EXPIRED, look_at(&alice));
    assert_reason(CSN_REASON_EXPIRED, use(&alice));
}

static void
use_keeps_it_alive_up_to_its_absolute_end(void **state)
{
    (void)state;
    struct csn_session_outcome alice = world_login_as(&w, "phone", "alice");
    while (w.now_ms + IDLE_MS / 2 < alice.claims.expires_ms) {
        w.now_ms += IDLE_MS / 2;
        assert_reason(CSN_REASON_ACCEPTED, use(&alice));
    }
    w.now_ms = alice.claims.expires_ms - 1;
    assert_reason(CSN_REASON_ACCEPTED, use(&alice));
    w.now_ms = alice.claims.expires_ms;
    assert_reason(CSN_REASON_EXPIRED, use(&alice));
}

static void
looking_is_not_using(void **state)
{
    (void)state;
    struct csn_session_outcome alice = world_login_as(&w, "phone", "alice");
    w.now_ms += IDLE_MS - 1;
    assert_reason(CSN_REASON_ACCEPTED, look_at(&alice));
    w.now_ms += 1;
    assert_reason(CSN_REASON_EXPIRED, look_at(&alice));
}

static void
use_is_written_once_a_minute(void **state)
{
    (void)state;
    struct csn_session_outcome alice = world_login_as(&w, "phone", "alice");
    int64_t idle_ms = world_number(&w, "SELECT idle FROM sessions");
    w.now_ms += CSN_SEEN_STEP_MS - 1;
    assert_reason(CSN_REASON_ACCEPTED, use(&alice));
    assert_true(world_number(&w, "SELECT idle FROM sessions") == idle_ms);
    w.now_ms += 1;
    assert_reason(CSN_REASON_ACCEPTED, use(&alice));
    assert_true(world_number(&w, "SELECT idle FROM sessions") == w.now_ms + IDLE_MS);
}

/* Of idle times on both sides of the one whose quarter is a minute. */
static const struct {
    int64_t idle_s, step_ms;
} idle_times[] = {
    {1, 250},
    {4, 1000},
    {90, 22500},
    {240, CSN_SEEN_STEP_MS},
    {241, CSN_SEEN_STEP_MS},
    {600, CSN_SEEN_STEP_MS},
};
#define IDLE_TIMES (sizeof idle_times / sizeof idle_times[0])

static void
a_session_in_use_goes_on_however_short_its_idle_time(void **state)
{
    (void)state;
    for (size_t i = 0; i < IDLE_TIMES; i++) {
        int64_t rest_ms = idle_times[i].idle_s * 1000 - idle_times[i].step_ms;
        w.app.policy.session_idle_s = idle_times[i].idle_s;
        struct csn_session_outcome alice = world_login_as(&w, "phone", "alice");
        w.now_ms += idle_times[i].step_ms - 1; /* the use that gains too little to be written */
        assert_reason(CSN_REASON_ACCEPTED, use(&alice));
        for (int uses = 0; uses < 5; uses++) {
            w.now_ms += rest_ms;
            assert_reason(CSN_REASON_ACCEPTED, use(&alice));
        }
    }
}

static void
a_session_that_was_used_ends_its_idle_time_less_one_step_later_at_the_earliest(void **state)
{
    (void)state;
    for (size_t i = 0; i < IDLE_TIMES; i++) {
        w.app.policy.session_idle_s = idle_times[i].idle_s;
        struct csn_session_outcome alice = world_login_as(&w, "phone", "alice");
        w.now_ms += idle_times[i].step_ms - 1;
        assert_reason(CSN_REASON_ACCEPTED, use(&alice));
        w.now_ms += idle_times[i].idle_s * 1000 - idle_times[i].step_ms;
        assert_reason(CSN_REASON_ACCEPTED, look_at(&alice));
        w.now_ms += 1;
        assert_reason(CSN_REASON_EXPIRED, look_at(&alice));
    }
}

static void
use_of_a_short_idle_time_is_written_once_a_quarter_of_it(void **state)
{
    (void)state;
    w.app.policy.session_idle_s = 90;
    struct csn_session_outcome alice = world_login_as(&w, "phone", "alice");
    int64_t idle_ms = world_number(&w, "SELECT idle FROM sessions");
    w.now_ms += 22499;
    assert_reason(CSN_REASON_ACCEPTED, use(&alice));
    assert_true(world_number(&w, "SELECT idle FROM sessions") == idle_ms);
    w.now_ms += 1;
    assert_reason(CSN_REASON_ACCEPTED, use(&alice));
    assert_true(world_number(&w, "SELECT idle FROM sessions") == w.now_ms + 90000);
}

static void
what_idled_out_is_ended_and_told_and_its_device_keeps_its_customer(void **state)
{
    (void)state;
    struct csn_idled_list idled;
    struct csn_session_outcome alice = world_login_as(&w, "phone", "alice");
    w.now_ms += 1000;
    struct csn_session_outcome bob = world_login_as(&w, "tablet", "bob");
    w.now_ms += IDLE_MS - 1000;
    assert_int_equal(idle_out(&idled), 1);
    assert_id_equal(idled.apps[0], w.app.id);
    assert_id_equal(idled.revoked.items[0].session, alice.claims.session);
    assert_reason(CSN_REASON_REVOKED, look_at(&alice));
    assert_reason(CSN_REASON_ACCEPTED, look_at(&bob));
    assert_int_equal(world_number(&w, "SELECT count(*) FROM devices WHERE session IS NULL"), 1);
    assert_int_equal(world_number(&w, "SELECT count(*) FROM devices"), 2);
    assert_int_equal(world_number(&w, "SELECT count(*) FROM revocations"), 1);
    assert_int_equal(idle_out(&idled), 0);
}

static void
a_refresh_begins_both_times_anew(void **state)
{
    (void)state;
    struct csn_session_outcome alice = world_login_as(&w, "phone", "alice");
    w.now_ms += IDLE_MS - 1;
    struct csn_session_outcome again = world_refresh(&w, &alice, "alice");
    assert_reason(CSN_REASON_ACCEPTED, again.reason);
    assert_true(again.claims.expires_ms > alice.claims.expires_ms);
    w.now_ms += IDLE_MS - 1;
    assert_reason(CSN_REASON_ACCEPTED, use(&alice));
}

/* It was told "expired, refresh": what it is told to do must help. */
static void
one_that_idled_out_goes_on_with_a_fresh_token_until_it_is_ended(void **state)
{
    (void)state;
    struct csn_idled_list idled;
    struct csn_session_outcome alice = world_login_as(&w, "phone", "alice");
    w.now_ms += IDLE_MS;
    assert_reason(CSN_REASON_EXPIRED, use(&alice));
    assert_reason(CSN_REASON_IDENTITY_MISMATCH, world_refresh(&w, &alice, "bob").reason);
    assert_reason(CSN_REASON_ACCEPTED, world_refresh(&w, &alice, "alice").reason);
    assert_reason(CSN_REASON_ACCEPTED, use(&alice));
    w.now_ms += IDLE_MS;
    assert_int_equal(idle_out(&idled), 1);
    assert_reason(CSN_REASON_REVOKED, world_refresh(&w, &alice, "alice").reason);
}

static void
without_an_idle_time_nothing_idles_out(void **state)
{
    (void)state;
    struct csn_idled_list idled;
    w.app.policy.session_idle_s = 0;
    struct csn_session_outcome alice = world_login_as(&w, "phone", "alice");
    w.now_ms = alice.claims.expires_ms - 1;
    assert_reason(CSN_REASON_ACCEPTED, use(&alice));
    assert_int_equal(idle_out(&idled), 0);
    assert_int_equal(world_number(&w, "SELECT idle FROM sessions"), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_session_ends_when_it_was_not_used_and_not_a_moment_before),
        TEST(use_keeps_it_alive_up_to_its_absolute_end),
        TEST(looking_is_not_using),
        TEST(use_is_written_once_a_minute),
        TEST(a_session_in_use_goes_on_however_short_its_idle_time),
        TEST(a_session_that_was_used_ends_its_idle_time_less_one_step_later_at_the_earliest),
        TEST(use_of_a_short_idle_time_is_written_once_a_quarter_of_it),
        TEST(what_idled_out_is_ended_and_told_and_its_device_keeps_its_customer),
        TEST(a_refresh_begins_both_times_anew),
        TEST(one_that_idled_out_goes_on_with_a_fresh_token_until_it_is_ended),
        TEST(without_an_idle_time_nothing_idles_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
