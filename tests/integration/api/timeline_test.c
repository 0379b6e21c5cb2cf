/* Why was Alice refused at 10:32? And what did a key do, had it leaked?
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "sdk.h"

#include "server/domain/customers.h"

#define WRONG "another secret of at least thirty-two bytes"

static const char *
path(const char *rest)
{
    return world_format(w, "/api/v1/apps/%s%s", app, rest);
}

static int
of_identity(const char *identity)
{
    world_flush(w);
    return world_get(w, w->admin, path(world_format(w, "/timeline?identity=%s", identity)));
}

/* The events of the last answer, newest first, in one line. */
static const char *
events(void)
{
    static char line[1024];
    size_t used = 0;
    line[0] = '\0';
    for (int i = 0;; i++) {
        const char *event = world_text(w, world_format(w, "items.%d.event", i));
        if (event == NULL)
            return line;
        const char *reason = world_text(w, world_format(w, "items.%d.reason", i));
        used += (size_t)snprintf(line + used, sizeof line - used, "%s%s%s%s", i > 0 ? " " : "",
                                 event, reason != NULL ? ":" : "", reason != NULL ? reason : "");
    }
}

static void
step(void)
{
    w->now_ms += 60000;
}

static void
tells_a_customers_life_in_order(void **state)
{
    (void)state;
    const char *session = strdup(sdk_login("alice"));
    step();
    assert_int_equal(sdk_refresh(session, world_token_for(w, "alice")), 200);
    step();
    assert_int_equal(sdk_refresh(session, world_token(w, CSN_HS256, WRONG, "{\"sub\":\"alice\"}")),
                     401);
    step();
    assert_int_equal(sdk_logout(session, NULL), 204);
    assert_int_equal(of_identity("alice"), 200);
    assert_string_equal(events(), "decision:accepted session_ended decision:signature_invalid "
                                  "decision:accepted decision:accepted session_started created");
    assert_string_equal(world_text(w, "items.0.endpoint"), "session_end");
    assert_string_equal(world_text(w, "items.2.at"), "2026-11-21T09:34:28.977Z");
    assert_string_equal(world_text(w, "items.2.why"),
                        "The signature was not made by any key of this app.");
    assert_string_equal(world_text(w, "items.2.action"), "fix_setup");
    assert_string_equal(world_text(w, "items.2.endpoint"), "session_refresh");
    assert_string_equal(world_text(w, "items.5.device"), "device-1");
    assert_string_equal(world_text(w, "items.5.assurance"), "verified");
    const char *customer = world_text(w, "customer");
    char *first = strdup(w->body);
    assert_int_equal(
        world_get(w, w->admin, path(world_format(w, "/customers/%s/timeline", customer))), 200);
    assert_string_equal(w->body, first);
    free(first);
    free((void *)session);
}

static void
links_and_revocations_are_events_too(void **state)
{
    (void)state;
    assert_int_equal(sdk_start(NULL, ""), 201);
    const char *anonymous = strdup(world_text(w, "session.token"));
    const char *before = strdup(world_text(w, "customer.id"));
    step();
    assert_int_equal(sdk_start(NULL, world_format(w, ",\"token\":\"%s\",\"anonymous\":\"%s\"",
                                                  world_token_for(w, "alice"), anonymous)),
                     201);
    const char *customer = strdup(world_text(w, "customer.id"));
    step();
    assert_int_equal(
        world_post(w, w->admin, path(world_format(w, "/customers/%s/revoke", customer)), NULL),
        204);
    assert_int_equal(of_identity("alice"), 200);
    const char *told = events();
    assert_non_null(strstr(told, "revoked"));
    assert_non_null(strstr(told, "linked"));
    assert_non_null(strstr(told, "session_ended"));
    /* and the other way round */
    assert_int_equal(
        world_get(w, w->admin, path(world_format(w, "/customers/%s/timeline", before))), 200);
    assert_non_null(strstr(events(), "linked"));
    assert_string_equal(world_text(w, "items.0.event"), "session_ended");
    free((void *)anonymous);
    free((void *)before);
    free((void *)customer);
}

static void
finds_somebody_who_never_got_in(void **state)
{
    (void)state;
    sdk_enforce("required");
    assert_int_equal(sdk_start(NULL, ",\"identity\":\"bob\""), 401);
    assert_int_equal(of_identity("bob"), 200);
    assert_null(world_text(w, "customer"));
    assert_string_equal(events(), "decision:enforcement_missing");
    assert_string_equal(world_text(w, "items.0.mode"), "required");
    assert_false(world_bool(w, "items.0.admitted"));
    assert_int_equal(of_identity("nobody"), 200);
    assert_string_equal(events(), "");
}

static void
pages_meet_without_gap_or_overlap(void **state)
{
    (void)state;
    for (int i = 0; i < 7; i++) { /* all in one millisecond */
        assert_non_null(sdk_login("alice"));
    }
    assert_int_equal(of_identity("alice"), 200);
    char whole[2048];
    snprintf(whole, sizeof whole, "%s", events());
    assert_null(world_text(w, "next"));
    char joined[2048] = "";
    const char *cursor = "";
    for (int pages = 0; pages < 40 && cursor != NULL; pages++) {
        assert_int_equal(world_get(w, w->admin,
                                   path(world_format(w, "/timeline?identity=alice&limit=2%s%s",
                                                     *cursor != '\0' ? "&cursor=" : "", cursor))),
                         200);
        if (joined[0] != '\0')
            strcat(joined, " ");
        strcat(joined, events());
        cursor = world_text(w, "next");
    }
    assert_string_equal(joined, whole);
}

static void
refuses_what_is_no_timeline(void **state)
{
    (void)state;
    static const char *const queries[] = {"",
                                          "?identity=",
                                          "?identity=a&cursor=1",
                                          "?identity=a&cursor=1.2",
                                          "?identity=a&cursor=1.2.",
                                          "?identity=a&cursor=0.2.x",
                                          "?identity=a&cursor=1.0.x",
                                          "?identity=a&cursor=1.8.x",
                                          "?identity=a&cursor=x.2.x",
                                          "?identity=a&limit=0",
                                          "?identity=a&reason=expired"};
    for (size_t i = 0; i < sizeof queries / sizeof queries[0]; i++)
        assert_int_equal(world_get(w, w->admin, path(world_format(w, "/timeline%s", queries[i]))),
                         400);
    assert_int_equal(world_get(w, w->admin, path("/timeline?identity=a&cursor=1.7.x")), 200);
    assert_int_equal(world_get(w, w->admin, path("/customers/01ARZ3NDEKTSV4RRFFQ69G5FAV/timeline")),
                     404);
}

/* --- blast radius --- */

static void
tells_what_was_done_with_the_tokens_of_a_key(void **state)
{
    (void)state;
    assert_int_equal(world_get(w, w->admin, path("/keys")), 200);
    const char *key = strdup(world_text(w, "items.0.id"));
    assert_non_null(sdk_login("alice"));
    step();
    const char *session = strdup(world_login(w, app, "device-2", world_token_for(w, "bob")));
    assert_int_equal(sdk_start(NULL, ""), 201); /* nobody's: no key vouched for it; ends alice's */
    assert_int_equal(sdk_start_with("a.b.c"), 401);
    step();
    assert_int_equal(sdk_refresh(session, world_token_for(w, "bob")), 200);
    world_flush(w);
    const char *target = path(world_format(w, "/keys/%s/blast-radius", key));
    assert_int_equal(world_get(w, w->admin, target), 200);
    assert_int_equal(world_int(w, "requests"), 3);
    assert_int_equal(world_int(w, "customers"), 2);
    assert_true(world_bool(w, "exact"));
    assert_string_equal(world_text(w, "first_at"), "2026-11-21T09:32:28.977Z");
    assert_string_equal(world_text(w, "last_at"), "2026-11-21T09:34:28.977Z");
    assert_int_equal(world_int(w, "sessions.alive"), 1);
    assert_int_equal(world_int(w, "sessions.customers"), 1);
    assert_int_equal(world_int(w, "sessions.devices"), 1);
    assert_false(world_bool(w, "safe_to_retire"));
    assert_non_null(strstr(world_text(w, "advice.0"), "another key first"));
    assert_non_null(strstr(world_text(w, "advice.2"), "revoke-sessions"));
    assert_int_equal(
        world_get(w, w->admin, world_format(w, "%s?since=2026-11-21T10:00:00Z", target)), 200);
    assert_int_equal(world_int(w, "requests"), 0);
    assert_int_equal(world_int(w, "customers"), 2); /* days are counted whole */
    assert_int_equal(world_get(w, w->admin, world_format(w, "%s?since=soon", target)), 400);
    assert_int_equal(sdk_logout(session, NULL), 204);
    assert_int_equal(world_get(w, w->admin, target), 200);
    assert_int_equal(world_int(w, "sessions.alive"), 0);
    free((void *)session);
    free((void *)key);
}

/* The token tells when it ends, and a session of ours that lives on needs no key of the app. */
static void
tells_from_when_on_a_key_can_go(void **state)
{
    (void)state;
    const char *key = strdup(path("/keys"));
    assert_int_equal(world_get(w, w->admin, key), 200);
    const char *target = strdup(path(world_format(w, "/keys/%s", world_text(w, "items.0.id"))));
    assert_int_equal(world_post(w, w->admin, key, "{\"generate\":true,\"algorithm\":\"HS256\"}"),
                     201);
    assert_int_equal(world_get(w, w->admin, target), 200);
    assert_true(world_bool(w, "safe_to_retire"));
    const char *token = world_token(w, CSN_HS256, SECRET, "{\"sub\":\"alice\",\"exp\":1795300000}");
    const char *session = strdup(world_login(w, app, "device-1", token));
    for (int i = 0; i < 2; i++) {
        assert_int_equal(world_get(w, w->admin, target), 200);
        assert_false(world_bool(w, "safe_to_retire"));
        assert_string_equal(world_text(w, "safe_after"), "2026-11-21T22:27:40.000Z");
        world_flush(w); /* and the same once it is written down */
    }
    w->now_ms = 1795300059999;
    assert_int_equal(world_get(w, session, current), 200);
    assert_int_equal(world_get(w, w->admin, target), 200);
    assert_false(world_bool(w, "safe_to_retire"));
    w->now_ms++;
    assert_int_equal(world_get(w, w->admin, target), 200);
    assert_true(world_bool(w, "safe_to_retire"));
    free((void *)key);
    free((void *)target);
    free((void *)session);
}

static void
ends_what_a_key_vouched_for_and_nothing_else(void **state)
{
    (void)state;
    assert_int_equal(world_get(w, w->admin, path("/keys")), 200);
    const char *key = strdup(world_text(w, "items.0.id"));
    const char *target = strdup(path(world_format(w, "/keys/%s/revoke-sessions", key)));
    const char *alice = strdup(world_login(w, app, "device-1", world_token_for(w, "alice")));
    const char *nobody = strdup(world_login(w, app, "device-2", NULL));
    for (int i = 0; i < CSN_KEY_SESSIONS_MAX; i++) {
        const char *device = world_format(w, "many-%d", i);
        const char *user = world_format(w, "user-%d", i);
        assert_non_null(world_login(w, app, device, world_token_for(w, user)));
    }
    assert_int_equal(world_post(w, w->admin, target, NULL), 200);
    assert_int_equal(world_int(w, "ended"), CSN_KEY_SESSIONS_MAX);
    assert_true(world_bool(w, "more"));
    assert_int_equal(world_post(w, w->admin, target, NULL), 200);
    assert_int_equal(world_int(w, "ended"), 1);
    assert_false(world_bool(w, "more"));
    assert_int_equal(world_get(w, alice, current), 401);
    PROBLEM_IS(w, "revoked");
    assert_int_equal(world_get(w, nobody, current), 200);
    assert_int_equal(
        world_post(w, w->admin, path("/keys/01ARZ3NDEKTSV4RRFFQ69G5FAV/revoke-sessions"), NULL),
        404);
    free((void *)key), free((void *)target), free((void *)alice), free((void *)nobody);
}

int
main(void)
{
#define SENTENCE(name) cmocka_unit_test_setup_teardown(name, sdk_setup, sdk_teardown)
    const struct CMUnitTest tests[] = {
        SENTENCE(tells_a_customers_life_in_order),
        SENTENCE(links_and_revocations_are_events_too),
        SENTENCE(finds_somebody_who_never_got_in),
        SENTENCE(pages_meet_without_gap_or_overlap),
        SENTENCE(refuses_what_is_no_timeline),
        SENTENCE(tells_from_when_on_a_key_can_go),
        SENTENCE(ends_what_a_key_vouched_for_and_nothing_else),
        SENTENCE(tells_what_was_done_with_the_tokens_of_a_key),
    };
    return cmocka_run_group_tests_name("timeline", tests, NULL, NULL);
}
