/* Logout by bearer, by secret and by token; what is revoked, and what is purged.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "server/domain/revocations.h"
#include "tests/unit/server/session_world.h"

static struct csn_logout
by_bearer(struct world *w, const struct csn_session_outcome *session)
{
    return (struct csn_logout){
        .app = &w->app, .by = CSN_BEARER_SESSION, .session = session->claims.session};
}

static struct csn_logout
by_secret(struct world *w, const struct csn_session_outcome *session)
{
    return (struct csn_logout){
        .app = &w->app, .session = session->claims.session, .secret = text(session->logout_secret)};
}

static void
a_logout_ends_the_session_and_unbinds_the_device(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    struct csn_session_outcome alice = world_login_as(&w, "phone", "alice");
    struct csn_logout in = by_bearer(&w, &alice);
    struct csn_logout_outcome out = world_logout(&w, &in);
    assert_reason(CSN_REASON_ACCEPTED, out.reason);
    assert_id_equal(alice.claims.customer, out.customer);
    assert_int_equal(1, out.revoked.count);
    assert_id_equal(alice.claims.session, out.revoked.items[0].session);
    assert_int_equal(0, world_number(&w, "SELECT count(*) FROM devices"));
    assert_reason(CSN_REASON_REVOKED, world_refresh(&w, &alice, "alice").reason);
    world_close(&w);
}

static void
a_logout_may_come_again(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    struct csn_session_outcome alice = world_login_as(&w, "phone", "alice");
    struct csn_logout bearer = by_bearer(&w, &alice), secret = by_secret(&w, &alice);
    for (int i = 0; i < 3; i++) {
        struct csn_logout_outcome out = world_logout(&w, i == 1 ? &bearer : &secret);
        assert_reason(CSN_REASON_ACCEPTED, out.reason);
        assert_id_equal(alice.claims.customer, out.customer);
        assert_int_equal(i == 0, out.revoked.count);
    }
    world_close(&w);
}

static void
the_secret_logs_out_a_session_that_has_expired(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    struct csn_session_outcome alice = world_login_as(&w, "phone", "alice");
    w.now_ms = alice.claims.expires_ms + 86400000;
    struct csn_logout in = by_secret(&w, &alice);
    assert_reason(CSN_REASON_ACCEPTED, world_logout(&w, &in).reason);
    assert_int_equal(0, world_number(&w, "SELECT count(*) FROM devices"));
    world_close(&w);
}

static void
a_wrong_secret_and_an_unknown_session_are_one_answer(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    struct csn_session_outcome alice = world_login_as(&w, "phone", "alice");
    struct csn_session_outcome bob = world_login_as(&w, "tablet", "bob");
    struct csn_logout wrong = by_secret(&w, &alice), none = by_secret(&w, &alice), unknown = none;
    wrong.secret = text(bob.logout_secret);
    none.secret = (struct csn_bytes){0};
    unknown.session.text[25] = unknown.session.text[25] == 'A' ? 'B' : 'A';
    struct csn_logout elsewhere = by_secret(&w, &alice);
    elsewhere.app = &w.other_app;
    const struct csn_logout *all[] = {&wrong, &none, &unknown, &elsewhere};
    for (size_t i = 0; i < 4; i++) {
        struct csn_logout_outcome out = world_logout(&w, all[i]);
        assert_reason(CSN_REASON_REVOKED, out.reason);
        assert_string_equal("", out.customer.text);
        assert_int_equal(0, out.revoked.count);
    }
    assert_int_equal(2, world_number(&w, "SELECT count(*) FROM devices"));
    world_close(&w);
}

static void
a_late_logout_does_not_log_out_who_uses_the_device_now(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    struct csn_session_outcome alice = world_login_as(&w, "phone", "alice");
    struct csn_session_outcome bob = world_login_as(&w, "phone", "bob");
    struct csn_logout in = by_secret(&w, &alice);
    struct csn_logout_outcome out = world_logout(&w, &in);
    assert_reason(CSN_REASON_ACCEPTED, out.reason);
    assert_int_equal(0, out.revoked.count);
    assert_reason(CSN_REASON_ACCEPTED, world_refresh(&w, &bob, "bob").reason);
    world_close(&w);
}

static void
a_logout_ends_a_session_whose_device_row_was_lost(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    struct csn_session_outcome alice = world_login_as(&w, "phone", "alice");
    struct csn_session_outcome bob = world_login_as(&w, "tablet", "bob");
    struct csn_logout first = by_bearer(&w, &alice), second = by_bearer(&w, &bob);
    world_execute(&w, "DELETE FROM devices WHERE id = 'phone'");
    world_execute(&w, "UPDATE devices SET session = NULL WHERE id = 'tablet'");
    assert_int_equal(1, world_logout(&w, &first).revoked.count);
    assert_int_equal(1, world_logout(&w, &second).revoked.count);
    assert_int_equal(1, world_number(&w, "SELECT count(*) FROM devices"));
    world_close(&w);
}

/* --- tokens --- */

static void
a_logout_revokes_the_token_when_the_policy_says_so(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    struct csn_login login = login_of(&w, "phone", "alice");
    login.token = token_named(&w, "alices", NULL);
    struct csn_session_outcome alice = world_login(&w, &login);
    struct csn_logout out_now = by_bearer(&w, &alice);
    assert_int_equal(1, world_logout(&w, &out_now).revoked.count);
    alice = world_login(&w, &login);
    assert_reason(CSN_REASON_ACCEPTED, alice.reason);

    w.app.policy.logout_revokes_token = true;
    out_now = by_bearer(&w, &alice);
    struct csn_logout_outcome out = world_logout(&w, &out_now);
    assert_int_equal(3, out.revoked.count);
    assert_memory_equal(login.token.hash, out.revoked.items[1].token_hash, 32);
    assert_string_equal("", out.revoked.items[1].session.text);
    assert_true(out.revoked.items[1].expires_ms > login.token.expires_ms);
    assert_reason(CSN_REASON_REVOKED, world_login(&w, &login).reason);
    w.now_ms += 1000;
    login.token = token_named(&w, "a newer one", NULL);
    assert_reason(CSN_REASON_ACCEPTED, world_login(&w, &login).reason);
    world_close(&w);
}

static void
a_logout_after_a_refresh_revokes_the_fresh_token(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    w.app.policy.logout_revokes_token = true;
    struct csn_login login = login_of(&w, "phone", "alice");
    login.token = token_named(&w, "first", NULL);
    struct csn_session_outcome alice = world_login(&w, &login);
    world_refresh(&w, &alice, "alice");
    struct csn_logout in = by_bearer(&w, &alice);
    struct csn_logout_outcome out = world_logout(&w, &in);
    assert_int_equal(3, out.revoked.count);
    assert_memory_equal(token_named(&w, "a fresh token", NULL).hash,
                        out.revoked.items[1].token_hash, 32);
    world_close(&w);
}

static struct csn_logout
by_token(struct world *w, const char *identity, const char *device)
{
    return (struct csn_logout){.app = &w->app,
                               .by = CSN_BEARER_TOKEN,
                               .identity = text(identity),
                               .token = token_named(w, "bearer", NULL),
                               .device = text(device)};
}

static void
an_every_request_logout_unbinds_its_own_device_alone(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    world_contact(&w, "alice", "phone");
    world_contact(&w, "bob", "tablet");
    struct csn_logout theirs = by_token(&w, "alice", "tablet");
    struct csn_logout mine = by_token(&w, "alice", "phone");
    struct csn_logout nobody = by_token(&w, "nobody", NULL);
    assert_reason(CSN_REASON_ACCEPTED, world_logout(&w, &theirs).reason);
    assert_int_equal(2, world_number(&w, "SELECT count(*) FROM devices"));
    assert_reason(CSN_REASON_ACCEPTED, world_logout(&w, &mine).reason);
    assert_int_equal(1, world_number(&w, "SELECT count(*) FROM devices WHERE id = 'tablet'"));
    assert_int_equal(1, world_number(&w, "SELECT count(*) FROM devices"));
    assert_reason(CSN_REASON_ACCEPTED, world_logout(&w, &mine).reason);
    assert_reason(CSN_REASON_ACCEPTED, world_logout(&w, &nobody).reason);
    world_close(&w);
}

static void
an_every_request_logout_revokes_the_token_when_the_policy_says_so(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    struct csn_logout in = by_token(&w, "alice", NULL);
    assert_int_equal(0, world_logout(&w, &in).revoked.count);
    w.app.policy.logout_revokes_token = true;
    assert_int_equal(1, world_logout(&w, &in).revoked.count);
    in.token.expires_ms = 0;
    struct csn_logout_outcome out = world_logout(&w, &in);
    assert_true(out.revoked.items[0].expires_ms == CSN_NEVER_MS);
    assert_int_equal(1, world_number(&w, "SELECT count(*) FROM revocations"));
    world_close(&w);
}

/* A token of alice, issued so much after (or before) now. */
static struct csn_token_facts
issued(struct world *w, const char *name, int64_t after_ms)
{
    struct csn_token_facts token = token_named(w, name, NULL);
    token.issued_ms = w->now_ms + after_ms;
    return token;
}

static void
a_logout_refuses_older_tokens_and_no_newer_one(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    w.app.policy.logout_revokes_token = true;
    struct csn_login phone = login_of(&w, "phone", "alice");
    struct csn_login tablet = login_of(&w, "tablet", "alice");
    phone.token = issued(&w, "older", 0);
    tablet.token = issued(&w, "newer", 1);
    struct csn_session_outcome old = world_login(&w, &phone);
    struct csn_session_outcome live = world_login(&w, &tablet);
    struct csn_logout in = by_bearer(&w, &old);
    struct csn_logout_outcome out = world_logout(&w, &in);
    assert_true(out.revoked.items[2].before_ms == phone.token.issued_ms + 1);
    assert_int_equal(1, world_number(&w, "SELECT count(*) FROM sessions WHERE ended = 0"));
    assert_int_equal(1, world_number(&w, "SELECT count(*) FROM devices WHERE id = 'tablet'"));
    phone.token = issued(&w, "the one before", -1);
    assert_reason(CSN_REASON_REVOKED, world_login(&w, &phone).reason);
    phone.token = issued(&w, "of the same moment", 0);
    assert_reason(CSN_REASON_REVOKED, world_login(&w, &phone).reason);
    phone.token = tablet.token;
    assert_reason(CSN_REASON_ACCEPTED, world_login(&w, &phone).reason);
    assert_reason(CSN_REASON_ACCEPTED, live.reason);
    world_close(&w);
}

static void
a_late_logout_of_an_older_token_takes_nothing_back(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    w.app.policy.logout_revokes_token = true;
    world_contact(&w, "alice", "phone");
    struct csn_logout in = by_token(&w, "alice", NULL);
    world_logout(&w, &in);
    int64_t before = world_number(&w, "SELECT revoked_before FROM customers");
    in.token = issued(&w, "older", -5000);
    assert_int_equal(2, world_logout(&w, &in).revoked.count);
    assert_int_equal(before, world_number(&w, "SELECT revoked_before FROM customers"));
    world_close(&w);
}

static void
a_token_that_does_not_say_when_it_was_issued_takes_itself_along_alone(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    w.app.policy.logout_revokes_token = true;
    world_contact(&w, "alice", "phone");
    struct csn_logout in = by_token(&w, "alice", NULL);
    in.token.issued_ms = 0;
    assert_int_equal(1, world_logout(&w, &in).revoked.count);
    assert_int_equal(0, world_number(&w, "SELECT revoked_before FROM customers"));
    world_close(&w);
}

/* --- memory --- */

static enum csn_status
load(void *state, struct csn_store *store)
{
    struct world *w = *(struct world **)state;
    return csn_revocations_load(store, ((struct csn_revocations **)state)[1], w->now_ms);
}

static void
memory_knows_what_was_revoked_at_once_and_after_a_restart(void **state)
{
    (void)state;
    struct world w;
    world_open_directory(&w);
    w.app.policy.logout_revokes_token = true;
    struct csn_login login = login_of(&w, "phone", "alice");
    login.token = token_named(&w, "alices", NULL);
    struct csn_session_outcome alice = world_login(&w, &login);
    struct csn_session_outcome bob = world_login_as(&w, "tablet", "bob");
    struct csn_logout in = by_bearer(&w, &alice);
    struct csn_logout_outcome out = world_logout(&w, &in);
    for (int restarted = 0; restarted < 2; restarted++) {
        struct csn_revocations *memory = csn_revocations_create();
        void *pair[] = {&w, memory};
        if (restarted) {
            world_reopen(&w);
            assert_ok(world_run(w.store, load, pair));
        } else {
            assert_ok(csn_revoked_announce(&out.revoked, w.app.id, memory));
        }
        assert_true(csn_is_session_revoked(memory, &w.app.id, &alice.claims.session));
        assert_true(csn_is_token_revoked(memory, &w.app.id, login.token.hash));
        assert_false(csn_is_session_revoked(memory, &w.app.id, &bob.claims.session));
        assert_false(csn_is_session_revoked(memory, &w.other_app.id, &alice.claims.session));
        csn_revocations_free(memory);
    }
    world_close(&w);
}

/* --- housekeeping --- */

struct purge {
    int64_t now_ms;
    unsigned limit;
    uint64_t purged;
};

static enum csn_status
purge(void *state, struct csn_store *store)
{
    struct purge *p = state;
    return csn_sessions_housekeep(store, p->limit, &p->purged, p->now_ms);
}

static uint64_t
purge_at(struct world *w, unsigned limit)
{
    struct purge p = {.now_ms = w->now_ms, .limit = limit};
    assert_ok(world_run(w->store, purge, &p));
    return p.purged;
}

static void
nothing_is_purged_while_it_can_still_matter(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    struct csn_challenge_outcome c = world_challenge(&w, "phone");
    struct csn_session_outcome alice = world_login_as(&w, "phone", "alice");
    world_login_as(&w, "phone", "bob");
    assert_int_equal(0, purge_at(&w, 100));
    w.now_ms = c.expires_ms + 3600000;
    assert_int_equal(0, purge_at(&w, 100));
    w.now_ms++;
    assert_int_equal(1, purge_at(&w, 100)); /* the challenge */
    w.now_ms = alice.claims.expires_ms + CSN_REVOKED_MARGIN_MS;
    assert_int_equal(0, purge_at(&w, 100));
    w.now_ms++;
    assert_int_equal(1, purge_at(&w, 100)); /* the revocation of alice's session */
    w.now_ms = alice.claims.expires_ms + CSN_SESSION_KEPT_MS;
    assert_int_equal(0, purge_at(&w, 100));
    w.now_ms++;
    assert_int_equal(2, purge_at(&w, 100)); /* both sessions */
    assert_int_equal(1, world_number(&w, "SELECT count(*) FROM devices WHERE session IS NULL"));
    world_close(&w);
}

static void
purges_no_more_than_it_was_asked_to(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    for (int i = 0; i < 5; i++) {
        world_challenge(&w, "phone");
    }
    w.now_ms += 86400000;
    assert_int_equal(2, purge_at(&w, 2));
    assert_int_equal(2, purge_at(&w, 2));
    assert_int_equal(1, purge_at(&w, 2));
    assert_int_equal(0, purge_at(&w, 2));
    world_close(&w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_logout_ends_the_session_and_unbinds_the_device),
        cmocka_unit_test(a_logout_may_come_again),
        cmocka_unit_test(the_secret_logs_out_a_session_that_has_expired),
        cmocka_unit_test(a_wrong_secret_and_an_unknown_session_are_one_answer),
        cmocka_unit_test(a_late_logout_does_not_log_out_who_uses_the_device_now),
        cmocka_unit_test(a_logout_ends_a_session_whose_device_row_was_lost),
        cmocka_unit_test(a_logout_revokes_the_token_when_the_policy_says_so),
        cmocka_unit_test(a_logout_after_a_refresh_revokes_the_fresh_token),
        cmocka_unit_test(an_every_request_logout_unbinds_its_own_device_alone),
        cmocka_unit_test(an_every_request_logout_revokes_the_token_when_the_policy_says_so),
        cmocka_unit_test(a_logout_refuses_older_tokens_and_no_newer_one),
        cmocka_unit_test(a_late_logout_of_an_older_token_takes_nothing_back),
        cmocka_unit_test(a_token_that_does_not_say_when_it_was_issued_takes_itself_along_alone),
        cmocka_unit_test(memory_knows_what_was_revoked_at_once_and_after_a_restart),
        cmocka_unit_test(nothing_is_purged_while_it_can_still_matter),
        cmocka_unit_test(purges_no_more_than_it_was_asked_to),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
