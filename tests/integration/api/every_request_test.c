/* Policy `use: every_request`: the customer's own token is the bearer of every call, and
 * enforcement decides what follows from a bad or missing one.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "sdk.h"

static int
every_setup(void **state)
{
    sdk_setup(state);
    const char *every = world_app(
        w, w->admin, "\"preset\":\"generic\",\"policy\":{\"use\":\"every_request\"}", "HS256");
    free((void *)app);
    free((void *)sessions);
    free((void *)current);
    app = strdup(every);
    sessions = strdup(world_format(w, "/sdk/v1/apps/%s/sessions", app));
    current = strdup(world_format(w, "/sdk/v1/apps/%s/sessions/current", app));
    return 0;
}

static const char *
forged_for(const char *sub)
{
    return world_token(w, CSN_HS256,
                       "another-secret-of-64-bytes-0123456789abcdefghijklmnopqrstuvwxyz",
                       world_format(w, "{\"sub\":\"%s\",\"exp\":1795257148}", sub));
}

/* --- what is recorded --- */

static void
last_decision_is(const char *mode, const char *reason, const char *assurance, bool admitted)
{
    world_flush(w);
    assert_int_equal(
        world_get(w, w->admin, world_format(w, "/api/v1/apps/%s/decisions?limit=1", app)), 200);
    assert_string_equal(world_text(w, "items.0.endpoint"), "sdk");
    assert_string_equal(world_text(w, "items.0.mode"), mode);
    assert_string_equal(world_text(w, "items.0.reason"), reason);
    assert_string_equal(world_text(w, "items.0.assurance"), assurance);
    assert_int_equal(world_bool(w, "items.0.admitted"), admitted);
    w->now_ms += 1000;
}

static void
records_what_a_mode_lets_in_as_admitted(void **state)
{
    (void)state;
    static const char *const lenient[] = {"off", "monitor"};
    for (size_t i = 0; i < 2; i++) {
        sdk_enforce(lenient[i]);
        assert_int_equal(world_get(w, NULL, current), 200);
        last_decision_is(lenient[i], "missing", "anonymous", true);
        assert_int_equal(world_get(w, forged_for("alice"), current), 200);
        last_decision_is(lenient[i], "signature_invalid", "anonymous", true);
    }
    sdk_enforce("optional");
    assert_int_equal(world_get(w, NULL, current), 200);
    last_decision_is("optional", "missing", "anonymous", true);
    assert_int_equal(world_get(w, world_token_for(w, "alice"), current), 200);
    last_decision_is("optional", "accepted", "verified", true);
}

static void
records_what_a_mode_refuses_as_refused(void **state)
{
    (void)state;
    sdk_enforce("optional");
    assert_int_equal(world_get(w, forged_for("alice"), current), 401);
    last_decision_is("optional", "signature_invalid", "none", false);
    sdk_enforce("required");
    assert_int_equal(world_get(w, NULL, current), 401);
    last_decision_is("required", "missing", "none", false);
    assert_int_equal(world_get(w, forged_for("alice"), current), 401);
    last_decision_is("required", "signature_invalid", "none", false);
}

static void
records_the_mode_that_a_narrowing_left(void **state)
{
    (void)state;
    struct ask put = {.method = CSN_PUT,
                      .target = world_format(w, "/api/v1/apps/%s/enforcement", app),
                      .bearer = w->admin,
                      .body = "{\"mode\":\"required\",\"otherwise\":\"monitor\","
                              "\"from_versions\":{\"android\":\"3.1\"}}"};
    assert_int_equal(world_ask(w, &put), 200);
    assert_int_equal(world_get(w, NULL, current), 200);
    last_decision_is("monitor", "missing", "anonymous", true);
}

/* --- what the SDK is told --- */

static void
tells_in_monitor_mode_alone_what_was_wrong_with_the_token(void **state)
{
    (void)state;
    sdk_enforce("monitor");
    assert_int_equal(world_get(w, forged_for("alice"), current), 200);
    assert_string_equal(world_text(w, "refused.reason"), "signature_invalid");
    assert_string_equal(world_text(w, "refused.action"), "fix_setup");
    assert_string_equal(world_text(w, "customer.assurance"), "anonymous");
    assert_int_equal(world_get(w, NULL, current), 200);
    assert_null(world_node(w, "refused"));
    assert_int_equal(world_get(w, world_token_for(w, "alice"), current), 200);
    assert_null(world_node(w, "refused"));
    sdk_enforce("off");
    assert_int_equal(world_get(w, forged_for("alice"), current), 200);
    assert_null(world_node(w, "refused"));
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, every_setup, sdk_teardown)
    const struct CMUnitTest tests[] = {
        TEST(records_what_a_mode_lets_in_as_admitted),
        TEST(records_what_a_mode_refuses_as_refused),
        TEST(records_the_mode_that_a_narrowing_left),
        TEST(tells_in_monitor_mode_alone_what_was_wrong_with_the_token),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
