/* Challenges, revoked tokens, and refresh.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "server/domain/revocations.h"
#include "tests/unit/server/session_world.h"

static enum csn_reason
login_with(struct world *w, const char *device, const char *nonce)
{
    struct csn_login in = login_of(w, device, "alice");
    in.token = token_named(w, "a token", nonce);
    return world_login(w, &in).reason;
}

/* --- challenges --- */

static void
a_nonce_is_good_once(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    struct csn_challenge_outcome c = world_challenge(&w, "phone");
    assert_int_equal(CSN_NONCE_LENGTH, strlen(c.nonce));
    assert_reason(CSN_REASON_ACCEPTED, login_with(&w, "phone", c.nonce));
    assert_reason(CSN_REASON_NONCE_USED, login_with(&w, "phone", c.nonce));
    assert_int_equal(1, world_number(&w, "SELECT count(*) FROM sessions"));
    world_close(&w);
}

static void
a_nonce_is_good_until_the_moment_it_expires(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    struct csn_challenge_outcome one = world_challenge(&w, "phone");
    struct csn_challenge_outcome two = world_challenge(&w, "phone");
    assert_true(one.expires_ms == w.now_ms + 300 * 1000);
    w.now_ms = one.expires_ms - 1;
    assert_reason(CSN_REASON_ACCEPTED, login_with(&w, "phone", one.nonce));
    w.now_ms = two.expires_ms;
    assert_reason(CSN_REASON_NONCE_EXPIRED, login_with(&w, "phone", two.nonce));
    world_close(&w);
}

static void
a_nonce_of_another_device_or_app_is_unknown(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    struct csn_challenge_outcome c = world_challenge(&w, "phone");
    assert_reason(CSN_REASON_NONCE_UNKNOWN, login_with(&w, "tablet", c.nonce));
    struct csn_login in = login_of(&w, "phone", "alice");
    in.app = &w.other_app;
    in.token = token_named(&w, "a token", c.nonce);
    assert_reason(CSN_REASON_NONCE_UNKNOWN, world_login(&w, &in).reason);
    assert_reason(CSN_REASON_ACCEPTED, login_with(&w, "phone", c.nonce));
    world_close(&w);
}

static void
a_device_keeps_so_many_challenges_and_the_oldest_goes(void **state)
{
    (void)state;
    struct world w;
    struct csn_challenge_outcome c[CSN_CHALLENGES_MAX + 1];
    world_open(&w);
    world_challenge(&w, "tablet");
    for (int i = 0; i <= CSN_CHALLENGES_MAX; i++, w.now_ms++) {
        c[i] = world_challenge(&w, "phone");
    }
    assert_int_equal(CSN_CHALLENGES_MAX + 1, world_number(&w, "SELECT count(*) FROM challenges"));
    assert_reason(CSN_REASON_NONCE_UNKNOWN, login_with(&w, "phone", c[0].nonce));
    assert_reason(CSN_REASON_ACCEPTED, login_with(&w, "phone", c[1].nonce));
    world_close(&w);
}

static void
a_spent_challenge_makes_room_before_an_open_one(void **state)
{
    (void)state;
    struct world w;
    struct csn_challenge_outcome c[CSN_CHALLENGES_MAX];
    world_open(&w);
    for (int i = 0; i < CSN_CHALLENGES_MAX; i++, w.now_ms++) {
        c[i] = world_challenge(&w, "phone");
    }
    assert_reason(CSN_REASON_ACCEPTED, login_with(&w, "phone", c[5].nonce));
    world_challenge(&w, "phone");
    assert_reason(CSN_REASON_NONCE_UNKNOWN, login_with(&w, "phone", c[5].nonce));
    assert_reason(CSN_REASON_ACCEPTED, login_with(&w, "phone", c[0].nonce));
    world_close(&w);
}

static void
a_token_without_a_nonce_spends_none(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    world_challenge(&w, "phone");
    assert_reason(CSN_REASON_ACCEPTED, login_with(&w, "phone", NULL));
    assert_int_equal(0, world_number(&w, "SELECT count(*) FROM challenges WHERE used <> 0"));
    world_close(&w);
}

/* --- revoked customers: by the time of issue --- */

static enum csn_status
revoke_alice(void *state, struct csn_store *store)
{
    struct world *w = state;
    struct csn_customer_info alice;
    struct csn_revoked_list revoked;
    enum csn_status status =
        csn_customer_find(w->sessions, store, w->app.id, text("alice"), &alice);
    return status == CSN_OK ? csn_customer_revoke(store, w->app.id, alice.id, &revoked, w->now_ms)
                            : status;
}

static enum csn_reason
login_issued(struct world *w, int64_t issued_ms, int64_t expires_ms)
{
    struct csn_login in = login_of(w, "phone", "alice");
    in.token = token_named(w, "a token", NULL);
    in.token.issued_ms = issued_ms;
    in.token.expires_ms = expires_ms;
    return world_login(w, &in).reason;
}

static void
a_token_issued_before_the_customer_was_revoked_is_refused(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    world_login_as(&w, "phone", "alice");
    assert_ok(world_run(w.store, revoke_alice, &w));
    assert_reason(CSN_REASON_REVOKED, login_issued(&w, w.now_ms - 1, w.now_ms + 900000));
    assert_reason(CSN_REASON_ACCEPTED, login_issued(&w, w.now_ms, w.now_ms + 900000));
    assert_reason(CSN_REASON_ACCEPTED, world_login_as(&w, "phone", "bob").reason);
    world_close(&w);
}

static void
a_token_that_does_not_say_when_counts_as_issued_a_lifetime_before_it_ends(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    world_login_as(&w, "phone", "alice");
    assert_ok(world_run(w.store, revoke_alice, &w));
    int64_t assumed_ms = w.now_ms + CSN_TOKEN_LIFETIME_ASSUMED_MS;
    assert_reason(CSN_REASON_REVOKED, login_issued(&w, 0, assumed_ms - 1));
    assert_reason(CSN_REASON_ACCEPTED, login_issued(&w, 0, assumed_ms));
    w.app.policy.lifetime_max_s = 60;
    assert_reason(CSN_REASON_REVOKED, login_issued(&w, 0, w.now_ms + 59999));
    assert_reason(CSN_REASON_ACCEPTED, login_issued(&w, 0, w.now_ms + 60000));
    assert_reason(CSN_REASON_REVOKED, login_issued(&w, 0, 0));
    world_close(&w);
}

/* --- refresh --- */

static void
a_refresh_lengthens_the_session_and_keeps_its_id(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    struct csn_session_outcome one = world_login_as(&w, "phone", "alice");
    w.now_ms += 1000;
    struct csn_session_outcome two = world_refresh(&w, &one, "alice");
    assert_reason(CSN_REASON_ACCEPTED, two.reason);
    assert_id_equal(one.claims.session, two.claims.session);
    assert_int_equal(2, two.claims.generation);
    assert_true(two.claims.expires_ms == one.claims.expires_ms + 1000);
    assert_string_equal("", two.logout_secret);
    assert_memory_equal(one.vault_key, two.vault_key, 32);
    assert_int_equal(0, two.revoked.count);
    assert_int_equal(3, world_refresh(&w, &two, "alice").claims.generation);
    world_close(&w);
}

static void
a_refresh_for_another_identity_is_refused_and_changes_nothing(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    struct csn_session_outcome one = world_login_as(&w, "phone", "alice");
    world_login_as(&w, "tablet", "bob");
    assert_reason(CSN_REASON_IDENTITY_MISMATCH, world_refresh(&w, &one, "bob").reason);
    assert_reason(CSN_REASON_IDENTITY_MISMATCH, world_refresh(&w, &one, "nobody").reason);
    assert_int_equal(2, world_refresh(&w, &one, "alice").claims.generation);
    world_close(&w);
}

static void
a_refresh_of_an_anonymous_session_is_refused(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    struct csn_session_outcome one = world_login_as(&w, "phone", NULL);
    assert_reason(CSN_REASON_IDENTITY_MISMATCH, world_refresh(&w, &one, "alice").reason);
    assert_int_equal(1, world_number(&w, "SELECT count(*) FROM customers"));
    world_close(&w);
}

static void
a_session_is_refreshed_until_the_moment_it_expires(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    struct csn_session_outcome one = world_login_as(&w, "phone", "alice");
    w.now_ms = one.claims.expires_ms - 1;
    struct csn_session_outcome two = world_refresh(&w, &one, "alice");
    assert_reason(CSN_REASON_ACCEPTED, two.reason);
    w.now_ms = two.claims.expires_ms;
    assert_reason(CSN_REASON_EXPIRED, world_refresh(&w, &two, "alice").reason);
    world_close(&w);
}

static void
a_session_presented_with_another_customer_or_app_is_refused(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    struct csn_session_outcome alice = world_login_as(&w, "phone", "alice");
    struct csn_session_outcome forged = alice;
    forged.claims.customer = world_login_as(&w, "tablet", "bob").claims.customer;
    assert_reason(CSN_REASON_REVOKED, world_refresh(&w, &forged, "bob").reason);
    struct csn_app mine = w.app;
    w.app = w.other_app;
    assert_reason(CSN_REASON_REVOKED, world_refresh(&w, &alice, "alice").reason);
    w.app = mine;
    assert_reason(CSN_REASON_ACCEPTED, world_refresh(&w, &alice, "alice").reason);
    world_close(&w);
}

static void
a_token_proves_what_was_only_claimed(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    struct csn_login in = login_of(&w, "phone", "alice");
    in.assurance = CSN_ASSURANCE_CLAIMED;
    struct csn_session_outcome claimed = world_login(&w, &in);
    struct csn_session_outcome proved = world_refresh(&w, &claimed, "alice");
    assert_int_equal(CSN_ASSURANCE_VERIFIED, proved.claims.assurance);
    assert_memory_not_equal(claimed.vault_key, proved.vault_key, 32);
    assert_int_equal(1, world_number(&w, "SELECT count(*) FROM devices WHERE assurance = 3"));
    assert_int_equal(1, world_number(&w, "SELECT count(*) FROM customers WHERE assurance = 3"));
    struct csn_session_outcome verified = world_login_as(&w, "tablet", "alice");
    assert_memory_equal(verified.vault_key, proved.vault_key, 32);
    world_close(&w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_nonce_is_good_once),
        cmocka_unit_test(a_nonce_is_good_until_the_moment_it_expires),
        cmocka_unit_test(a_nonce_of_another_device_or_app_is_unknown),
        cmocka_unit_test(a_device_keeps_so_many_challenges_and_the_oldest_goes),
        cmocka_unit_test(a_spent_challenge_makes_room_before_an_open_one),
        cmocka_unit_test(a_token_without_a_nonce_spends_none),
        cmocka_unit_test(a_token_issued_before_the_customer_was_revoked_is_refused),
        cmocka_unit_test(a_token_that_does_not_say_when_counts_as_issued_a_lifetime_before_it_ends),
        cmocka_unit_test(a_refresh_lengthens_the_session_and_keeps_its_id),
        cmocka_unit_test(a_refresh_for_another_identity_is_refused_and_changes_nothing),
        cmocka_unit_test(a_refresh_of_an_anonymous_session_is_refused),
        cmocka_unit_test(a_session_is_refreshed_until_the_moment_it_expires),
        cmocka_unit_test(a_session_presented_with_another_customer_or_app_is_refused),
        cmocka_unit_test(a_token_proves_what_was_only_claimed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
