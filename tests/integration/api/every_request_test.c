/* Policy `use: every_request`: the customer's own token is the bearer of every call, and
 * enforcement decides what follows from a bad or missing one.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "sdk.h"

static const char *key; /* the app's */

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
    key = strdup(world_text(w, "id"));
    sessions = strdup(world_format(w, "/sdk/v1/apps/%s/sessions", app));
    current = strdup(world_format(w, "/sdk/v1/apps/%s/sessions/current", app));
    return 0;
}

static int
every_teardown(void **state)
{
    free((void *)key);
    return sdk_teardown(state);
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

static int
get_authorized(const char *authorization)
{
    return world_ask(
        w, &(struct ask){.method = CSN_GET,
                         .target = current,
                         .headers = {world_format(w, "Authorization: %s", authorization)}});
}

static void
refuses_a_token_that_comes_without_the_bearer_scheme(void **state)
{
    (void)state;
    const char *token = world_token_for(w, "alice");
    static const char *const before[] = {"", "Token ", "JWT "};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(get_authorized(world_format(w, "%s%s", before[i], token)), 401);
        PROBLEM_IS(w, "malformed");
    }
    assert_int_equal(get_authorized("Bearer "), 401); /* the scheme without a token */
    PROBLEM_IS(w, "malformed");
    last_decision_is("optional", "malformed", "none", false);
    assert_int_equal(get_authorized(world_format(w, "bearer %s", token)), 200);
    assert_string_equal(world_text(w, "customer.identity"), "alice");
}

static void
tells_in_monitor_mode_of_a_token_without_the_bearer_scheme(void **state)
{
    (void)state;
    sdk_enforce("monitor");
    assert_int_equal(get_authorized(world_token_for(w, "alice")), 200);
    assert_string_equal(world_text(w, "refused.reason"), "malformed");
    assert_string_equal(world_text(w, "customer.assurance"), "anonymous");
}

static void
takes_the_basic_scheme_for_no_token(void **state)
{
    (void)state;
    assert_int_equal(get_authorized("Basic YTpi"), 200);
    assert_string_equal(world_text(w, "customer.assurance"), "anonymous");
    last_decision_is("optional", "missing", "anonymous", true);
    assert_int_equal(get_authorized(" "), 200);
    last_decision_is("optional", "missing", "anonymous", true);
}

static void
exempts_nobody_by_a_bearer_that_is_not_accepted(void **state)
{
    (void)state;
    struct ask put = {
        .method = CSN_PUT,
        .target = world_format(w, "/api/v1/apps/%s/enforcement", app),
        .bearer = w->admin,
        .body =
            "{\"mode\":\"required\",\"otherwise\":\"off\",\"exemptions\":[{\"identity\":\"alice\","
            "\"until\":\"2026-11-22T00:00:00Z\"}]}"};
    assert_int_equal(world_ask(w, &put), 200);
    const char *token = forged_for("alice");
    assert_int_equal(
        sdk_start(NULL, world_format(w, ",\"identity\":\"alice\",\"token\":\"%s\"", token)), 201);
    assert_string_equal(world_text(w, "customer.assurance"), "claimed");
    assert_int_equal(world_get(w, token, current), 401);
}

/* --- logout past the token's time --- */

#define HOUR_MS 3600000

/* Binds device-1 to the customer; the token expires an hour later. Returns: the token. Free it. */
static char *
bind(const char *sub)
{
    char *token = strdup(world_token_for(w, sub));
    assert_non_null(world_login(w, app, "device-1", token));
    return token;
}

static size_t
devices_of(const char *sub)
{
    const char *target = world_format(w, "/api/v1/apps/%s/customers?identity=%s", app, sub);
    assert_int_equal(world_get(w, w->admin, target), 200);
    target = world_format(w, "/api/v1/apps/%s/customers/%s", app, world_text(w, "items.0.id"));
    assert_int_equal(world_get(w, w->admin, target), 200);
    return world_node(w, "devices")->count;
}

#define OFF_DEVICE_1 "{\"device\":\"device-1\"}"

static void
logs_out_with_the_customers_own_token_on_both_sides_of_its_expiry(void **state)
{
    (void)state;
    char *token = bind("alice");
    w->now_ms += HOUR_MS / 2;
    assert_int_equal(sdk_logout(token, OFF_DEVICE_1), 204);
    assert_int_equal(devices_of("alice"), 0);
    free(token);
    token = bind("alice");
    w->now_ms += 2 * HOUR_MS;
    sdk_enforce("required");
    assert_int_equal(world_get(w, token, current), 401);
    PROBLEM_IS(w, "expired");
    assert_int_equal(devices_of("alice"), 1);
    assert_int_equal(sdk_logout(token, OFF_DEVICE_1), 204);
    assert_int_equal(devices_of("alice"), 0);
    assert_int_equal(sdk_logout(token, OFF_DEVICE_1), 204);
    assert_int_equal(world_get(w, token, current), 401);
    free(token);
}

static void
records_a_late_logout_without_assurance(void **state)
{
    (void)state;
    char *token = bind("alice");
    w->now_ms += 2 * HOUR_MS;
    assert_int_equal(sdk_logout(token, OFF_DEVICE_1), 204);
    world_flush(w);
    assert_int_equal(
        world_get(w, w->admin,
                  world_format(w, "/api/v1/apps/%s/decisions?limit=1&identity=alice", app)),
        200);
    assert_string_equal(world_text(w, "items.0.endpoint"), "session_end");
    assert_string_equal(world_text(w, "items.0.reason"), "accepted");
    assert_string_equal(world_text(w, "items.0.assurance"), "none");
    free(token);
}

static void
leaves_the_device_of_another_to_them(void **state)
{
    (void)state;
    char *alice = bind("alice"), *bob = bind("bob");
    w->now_ms += 2 * HOUR_MS;
    assert_int_equal(sdk_logout(alice, OFF_DEVICE_1), 204);
    assert_int_equal(devices_of("bob"), 1);
    assert_int_equal(sdk_logout(bob, OFF_DEVICE_1), 204);
    assert_int_equal(devices_of("bob"), 0);
    free(alice);
    free(bob);
}

/* A token of an exchange is judged as for a login, where an old `iat` is refused. */
static void
logs_out_with_a_token_too_old_for_a_login(void **state)
{
    (void)state;
    struct ask put = {.method = CSN_PUT,
                      .target = world_format(w, "/api/v1/apps/%s/policy", app),
                      .bearer = w->admin,
                      .body = "{\"algorithms\":[\"HS256\"],\"identity\":[\"sub\"],"
                              "\"issued_within_s\":60}"};
    assert_int_equal(world_ask(w, &put), 200);
    char *token = bind("alice");
    w->now_ms += HOUR_MS / 2;
    assert_int_equal(world_get(w, token, current), 401);
    PROBLEM_IS(w, "issued_too_long_ago");
    assert_int_equal(sdk_logout(token, OFF_DEVICE_1), 204);
    assert_int_equal(devices_of("alice"), 0);
    free(token);
}

static void
refuses_a_late_logout_by_a_forged_token(void **state)
{
    (void)state;
    free(bind("alice"));
    w->now_ms += 2 * HOUR_MS;
    assert_int_equal(sdk_logout(forged_for("alice"), OFF_DEVICE_1), 401);
    PROBLEM_IS(w, "signature_invalid");
    assert_int_equal(devices_of("alice"), 1);
}

static void
refuses_a_late_logout_by_a_token_with_another_fault(void **state)
{
    (void)state;
    free(bind("alice"));
    w->now_ms += 2 * HOUR_MS;
    const char *nobodys = world_token(w, CSN_HS256, SECRET, "{\"sub\":\"\",\"exp\":1795257148}");
    assert_int_equal(sdk_logout(nobodys, OFF_DEVICE_1), 401);
    PROBLEM_IS(w, "expired");
    const char *never = world_token(w, CSN_HS256, SECRET,
                                    "{\"sub\":\"alice\",\"nbf\":1795260748,\"exp\":1795257148}");
    assert_int_equal(sdk_logout(never, OFF_DEVICE_1), 401);
    const char *early = world_token(w, CSN_HS256, SECRET,
                                    "{\"sub\":\"alice\",\"nbf\":1800000000,\"exp\":1800000001}");
    assert_int_equal(sdk_logout(early, OFF_DEVICE_1), 401);
    assert_int_equal(devices_of("alice"), 1);
}

static void
refuses_a_late_logout_under_a_retired_key(void **state)
{
    (void)state;
    char *token = bind("alice");
    w->now_ms += 2 * HOUR_MS;
    static const char *const states[] = {"retiring", "retired"};
    for (size_t i = 0; i < 2; i++) {
        struct ask patch = {.method = CSN_PATCH,
                            .target = world_format(w, "/api/v1/apps/%s/keys/%s", app, key),
                            .bearer = w->admin,
                            .body =
                                world_format(w, "{\"state\":\"%s\",\"force\":true}", states[i])};
        assert_int_equal(world_ask(w, &patch), 200);
    }
    assert_int_equal(sdk_logout(token, OFF_DEVICE_1), 401);
    assert_int_equal(devices_of("alice"), 1);
    free(token);
}

/* The token and the key expire before the logout; the key was good when the token was. */
static void
refuses_a_late_logout_under_an_expired_key(void **state)
{
    (void)state;
    free(bind("alice"));
    static const char second[] = "a-second-shared-secret-of-64-bytes-0123456789abcdefghijklmnopqrs";
    assert_int_equal(world_post(w, w->admin, world_format(w, "/api/v1/apps/%s/keys", app),
                                world_format(w,
                                             "{\"secret\":\"%s\",\"algorithm\":\"HS256\","
                                             "\"expires_at\":\"2026-11-21T12:00:00Z\"}",
                                             second)),
                     201);
    const char *token = world_token(w, CSN_HS256, second, "{\"sub\":\"alice\",\"exp\":1795257148}");
    w->now_ms = 1795262400000; /* 12:00 */
    assert_int_equal(sdk_logout(token, OFF_DEVICE_1), 401);
    assert_int_equal(devices_of("alice"), 1);
    w->now_ms -= 1;
    assert_int_equal(sdk_logout(token, OFF_DEVICE_1), 204);
    assert_int_equal(devices_of("alice"), 0);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, every_setup, every_teardown)
    const struct CMUnitTest tests[] = {
        TEST(records_what_a_mode_lets_in_as_admitted),
        TEST(records_what_a_mode_refuses_as_refused),
        TEST(records_the_mode_that_a_narrowing_left),
        TEST(tells_in_monitor_mode_alone_what_was_wrong_with_the_token),
        TEST(refuses_a_token_that_comes_without_the_bearer_scheme),
        TEST(tells_in_monitor_mode_of_a_token_without_the_bearer_scheme),
        TEST(takes_the_basic_scheme_for_no_token),
        TEST(exempts_nobody_by_a_bearer_that_is_not_accepted),
        TEST(logs_out_with_the_customers_own_token_on_both_sides_of_its_expiry),
        TEST(records_a_late_logout_without_assurance),
        TEST(leaves_the_device_of_another_to_them),
        TEST(logs_out_with_a_token_too_old_for_a_login),
        TEST(refuses_a_late_logout_by_a_forged_token),
        TEST(refuses_a_late_logout_by_a_token_with_another_fault),
        TEST(refuses_a_late_logout_under_a_retired_key),
        TEST(refuses_a_late_logout_under_an_expired_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
