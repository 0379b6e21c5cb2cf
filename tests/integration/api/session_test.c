/* The session that is: who am I, refresh, logout; and what test mode prints.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "sdk.h"

#include "base/time.h"

#define SAYS "Countersign Identity Verification Testing: "
#define FAILED SAYS "Failed to send update to API - verification failure: "

static void
says_whose_session_it_is(void **state)
{
    (void)state;
    const char *session = sdk_login("alice");
    const char *customer = world_text(w, "customer.id"), *id = world_text(w, "session.id");
    assert_int_equal(world_get(w, session, current), 200);
    assert_string_equal(world_text(w, "customer.id"), customer);
    assert_string_equal(world_text(w, "session.id"), id);
    assert_string_equal(world_text(w, "session.device"), "device-1");
    assert_null(world_text(w, "session.token"));
}

static void
says_the_same_expiry_everywhere(void **state)
{
    (void)state;
    const char *session = strdup(sdk_login("alice"));
    const char *customer = world_text(w, "customer.id");
    const char *expires = strdup(world_text(w, "session.expires_at"));
    assert_int_equal(world_get(w, session, current), 200);
    assert_string_equal(world_text(w, "session.expires_at"), expires);
    assert_int_equal(
        world_get(w, w->admin, world_format(w, "/api/v1/apps/%s/customers/%s", app, customer)),
        200);
    assert_string_equal(world_text(w, "sessions.0.expires_at"), expires);
    free((void *)session);
    free((void *)expires);
}

/* --- what decisions say of the device --- */

static void
last_decision_is(const char *endpoint, const char *reason)
{
    world_flush(w);
    assert_int_equal(
        world_get(w, w->admin, world_format(w, "/api/v1/apps/%s/decisions?limit=1", app)), 200);
    assert_string_equal(world_text(w, "items.0.endpoint"), endpoint);
    assert_string_equal(world_text(w, "items.0.reason"), reason);
    assert_string_equal(world_text(w, "items.0.platform"), "android");
    assert_string_equal(world_text(w, "items.0.app_version"), "3.1.0");
    assert_string_equal(world_text(w, "items.0.sdk_version"), "1.2");
}

#define FACTS                                                                                      \
    "{\"device\":{\"id\":\"device-1\",\"platform\":\"android\",\"app_version\":\"3.1.0\","         \
    "\"sdk_version\":\"1.2\"}"

static void
records_the_device_with_every_call_of_its_session(void **state)
{
    (void)state;
    assert_int_equal(
        world_post(w, NULL, sessions,
                   world_format(w, FACTS ",\"token\":\"%s\"}", world_token_for(w, "alice"))),
        201);
    const char *session = strdup(world_text(w, "session.token"));
    w->now_ms += 1000;
    assert_int_equal(world_get(w, session, current), 200);
    last_decision_is("sdk", "accepted");
    w->now_ms += 1000;
    assert_int_equal(world_get(w, session, world_format(w, "/gateway/v1/apps/%s/verify", app)),
                     200);
    last_decision_is("gateway", "accepted");
    w->now_ms += 1000;
    assert_int_equal(sdk_refresh(session, world_token_for(w, "bob")), 401);
    last_decision_is("session_refresh", "identity_mismatch");
    w->now_ms += 1000;
    assert_int_equal(sdk_refresh(session, world_token_for(w, "alice")), 200);
    free((void *)session);
    session = strdup(world_text(w, "session.token"));
    last_decision_is("session_refresh", "accepted");
    w->now_ms += 1000;
    assert_int_equal(sdk_logout(session, NULL), 204);
    last_decision_is("session_end", "accepted");
    free((void *)session);
}

static int
get_from(const char *token, const char *device, const char *version)
{
    struct ask ask = {.method = CSN_GET, .target = current, .bearer = token};
    size_t count = 0;
    if (device != NULL)
        ask.headers[count++] = world_format(w, "Countersign-Device: %s", device);
    if (version != NULL) {
        ask.headers[count++] = "Countersign-Platform: android";
        ask.headers[count++] = "countersign-sdk-version: 1.2";
        ask.headers[count] = world_format(w, "Countersign-App-Version: %s", version);
    }
    return world_ask(w, &ask);
}

static void
use_every_request(const char *enforcement)
{
    free((void *)app);
    free((void *)current);
    app = strdup(world_app(
        w, w->admin, "\"preset\":\"generic\",\"policy\":{\"use\":\"every_request\"}", "HS256"));
    current = strdup(world_format(w, "/sdk/v1/apps/%s/sessions/current", app));
    struct ask put = {.method = CSN_PUT,
                      .target = world_format(w, "/api/v1/apps/%s/enforcement", app),
                      .bearer = w->admin,
                      .body = enforcement};
    assert_int_equal(world_ask(w, &put), 200);
}

static void
narrows_by_the_version_that_a_call_says(void **state)
{
    (void)state;
    use_every_request("{\"mode\":\"required\",\"from_versions\":{\"android\":\"3.1\"}}");
    assert_int_equal(get_from(NULL, NULL, NULL), 200);
    assert_int_equal(get_from(NULL, "device-1", "3.0.9"), 200);
    w->now_ms += 1000;
    assert_int_equal(get_from(NULL, "device-1", "3.1.0"), 401);
    PROBLEM_IS(w, "enforcement_missing");
    last_decision_is("sdk", "missing");
    w->now_ms += 1000;
    assert_int_equal(get_from(world_token_for(w, "alice"), "device-1", "3.1.0"), 200);
    last_decision_is("sdk", "accepted");
}

static void
narrows_to_a_share_of_the_devices_that_calls_say(void **state)
{
    (void)state;
    use_every_request("{\"mode\":\"required\",\"percentage\":50}");
    unsigned refused = 0;
    for (int i = 0; i < 200; i++) {
        const char *device = world_format(w, "device-%d", i);
        int status = get_from(NULL, device, NULL);
        assert_int_equal(get_from(NULL, device, NULL), status);
        refused += status == 401;
    }
    assert_in_range(refused, 70, 130);
    assert_int_equal(get_from(NULL, NULL, NULL), 200);
    use_every_request("{\"mode\":\"required\",\"percentage\":99}");
    assert_int_equal(get_from(NULL, NULL, NULL), 200);
    use_every_request("{\"mode\":\"required\",\"percentage\":100}");
    assert_int_equal(get_from(NULL, NULL, NULL), 401);
}

static void
refuses_a_device_that_cannot_be_one(void **state)
{
    (void)state;
    use_every_request("{\"mode\":\"optional\"}");
    assert_int_equal(get_from(NULL, "device 1", NULL), 400);
    PROBLEM_IS(w, "field_invalid");
    assert_string_equal(world_text(w, "field"), "countersign-device");
    static const char *const version = "12345678901234567890123456789012";
    assert_int_equal(get_from(NULL, "d", version), 200);
    assert_int_equal(get_from(NULL, "d", world_format(w, "%s3", version)), 400);
}

static void
ends_a_session_at_its_expiry_on_both_sides(void **state)
{
    (void)state;
    const char *session = strdup(sdk_login("alice"));
    assert_int_equal(world_get(w, session, current), 200);
    struct csn_bytes text = csn_bytes_text(world_text(w, "session.expires_at"));
    int64_t expires_ms = 0;
    assert_int_equal(csn_time_read_rfc3339(text, &expires_ms), CSN_OK);
    w->now_ms = expires_ms - 1;
    assert_int_equal(world_get(w, session, current), 200);
    w->now_ms = expires_ms;
    assert_int_equal(world_get(w, session, current), 401);
    PROBLEM_IS(w, "expired");
    free((void *)session);
}

static void
takes_the_token_itself_where_it_is_the_bearer_of_every_request(void **state)
{
    (void)state;
    const char *every = world_app(
        w, w->admin, "\"preset\":\"generic\",\"policy\":{\"use\":\"every_request\"}", "HS256");
    const char *target = world_format(w, "/sdk/v1/apps/%s/sessions/current", every);
    assert_int_equal(world_get(w, world_token_for(w, "alice"), target), 200);
    assert_string_equal(world_text(w, "customer.identity"), "alice");
    assert_int_equal(world_node(w, "session")->kind, CSN_JSON_NULL);
    const char *customer = world_text(w, "customer.id");
    assert_int_equal(world_get(w, world_token_for(w, "alice"), target), 200);
    assert_string_equal(world_text(w, "customer.id"), customer);
    assert_int_equal(world_get(w, NULL, target), 200);
    assert_string_equal(world_text(w, "customer.assurance"), "anonymous");
    assert_null(world_text(w, "customer.id"));
    assert_int_equal(world_get(w, "x.y.z", target), 401);
}

static void
refuses_a_second_bearer_in_the_query(void **state)
{
    (void)state;
    const char *session = sdk_login("alice");
    assert_int_equal(world_get(w, session, world_format(w, "%s?access_token=other", current)), 400);
    PROBLEM_IS(w, "two_credentials");
    assert_int_equal(world_get(w, NULL, world_format(w, "%s?access_token=%s", current, session)),
                     400);
    PROBLEM_IS(w, "request_invalid");
    assert_string_equal(world_text(w, "field"), "?access_token");
}

static void
refreshes_for_the_same_identity(void **state)
{
    (void)state;
    const char *session = sdk_login("alice");
    const char *customer = world_text(w, "customer.id");
    w->now_ms += 60000;
    assert_int_equal(sdk_refresh(session, world_token_for(w, "alice")), 200);
    assert_int_equal(world_int(w, "session.generation"), 2);
    assert_string_equal(world_text(w, "customer.id"), customer);
    assert_null(world_text(w, "session.logout_secret"));
    assert_int_equal(world_get(w, world_text(w, "session.token"), current), 200);
}

static void
refuses_to_refresh_for_another(void **state)
{
    (void)state;
    const char *session = sdk_login("alice");
    assert_int_equal(sdk_refresh(session, world_token_for(w, "bob")), 401);
    PROBLEM_IS(w, "identity_mismatch");
    assert_int_equal(sdk_refresh(session, "x.y.z"), 401);
    PROBLEM_IS(w, "malformed");
    assert_int_equal(sdk_refresh(session, ""), 401);
    PROBLEM_IS(w, "malformed");
    const char *anonymous = world_login(w, app, "device-2", NULL);
    assert_int_equal(sdk_refresh(anonymous, world_token_for(w, "bob")), 401);
    PROBLEM_IS(w, "identity_mismatch");
    assert_int_equal(world_get(w, session, current), 200);
}

static void
has_no_session_to_refresh_for_a_bare_token(void **state)
{
    (void)state;
    assert_int_equal(sdk_refresh(world_token_for(w, "alice"), world_token_for(w, "alice")), 409);
    PROBLEM_IS(w, "conflict");
}

static void
logs_out_and_may_repeat_it(void **state)
{
    (void)state;
    const char *session = sdk_login("alice");
    assert_int_equal(sdk_logout(session, NULL), 204);
    assert_int_equal(w->x.response.body.len, 0);
    assert_int_equal(world_get(w, session, current), 401);
    PROBLEM_IS(w, "revoked");
    assert_string_equal(world_text(w, "action"), "login");
    assert_int_equal(sdk_logout(session, NULL), 204);
}

static void
logs_out_with_an_expired_bearer_by_the_logout_secret(void **state)
{
    (void)state;
    const char *session = strdup(sdk_login("alice"));
    const char *good =
        strdup(world_format(w, "{\"session\":\"%s\",\"logout_secret\":\"%s\"}",
                            world_text(w, "session.id"), world_text(w, "session.logout_secret")));
    const char *bad = strdup(world_format(w, "{\"session\":\"%s\",\"logout_secret\":\"%s\"}",
                                          world_text(w, "session.id"), "A-wrong-one"));
    assert_int_equal(sdk_logout(NULL, bad), 401);
    assert_int_equal(sdk_logout(NULL, good), 204);
    assert_int_equal(sdk_logout(NULL, good), 204);
    assert_int_equal(world_get(w, session, current), 401);
    PROBLEM_IS(w, "revoked");
    free((void *)session);
    free((void *)good);
    free((void *)bad);
}

static void
says_what_a_logout_by_secret_lacks(void **state)
{
    (void)state;
    static const struct {
        const char *body, *reason, *field;
    } cases[] = {
        {"{\"session\":\"01ARZ3NDEKTSV4RRFFQ69G5FAV\"}", "field_missing", "logout_secret"},
        {"{\"logout_secret\":\"x\"}", "field_missing", "session"},
        {"{\"session\":\"abc\",\"logout_secret\":\"x\"}", "field_invalid", "session"},
        {"{\"session\":\"abc\"}", "field_invalid", "session"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(sdk_logout(NULL, cases[i].body), 400);
        PROBLEM_IS(w, cases[i].reason);
        assert_string_equal(world_text(w, "field"), cases[i].field);
    }
    const char *session = strdup(sdk_login("alice"));
    assert_int_equal(sdk_logout(session, "{\"session\":\"abc\"}"), 204); /* the bearer does */
    free((void *)session);
}

static void
asks_for_proof_of_a_logout(void **state)
{
    (void)state;
    assert_int_equal(sdk_logout(NULL, NULL), 401);
    PROBLEM_IS(w, "missing");
    assert_int_equal(sdk_logout("x.y.z", NULL), 401);
    PROBLEM_IS(w, "malformed");
    assert_int_equal(sdk_logout(NULL, "{\"logout\":true}"), 400);
}

static void
ends_the_session_that_the_device_had(void **state)
{
    (void)state;
    const char *alice = sdk_login("alice");
    const char *bob = sdk_login("bob");
    assert_int_equal(world_get(w, alice, current), 401);
    PROBLEM_IS(w, "revoked");
    assert_int_equal(world_get(w, bob, current), 200);
    assert_int_equal(sdk_logout(alice, NULL), 204);
    assert_int_equal(world_get(w, bob, current), 200);
}

static void
tells_an_unknown_app_and_a_suspended_one(void **state)
{
    (void)state;
    const char *body = "{\"device\":" DEVICE "}";
    assert_int_equal(world_post(w, NULL, "/sdk/v1/apps/01ARZ3NDEKTSV4RRFFQ69G5FAV/sessions", body),
                     404);
    PROBLEM_IS(w, "app_unknown");
    assert_int_equal(world_post(w, NULL, "/sdk/v1/apps/nonsense/sessions", body), 404);
    PROBLEM_IS(w, "app_unknown");
    struct ask suspend = {.method = CSN_PATCH,
                          .target = world_format(w, "/api/v1/apps/%s", app),
                          .bearer = w->admin,
                          .body = "{\"suspended\":true}"};
    assert_int_equal(world_ask(w, &suspend), 200);
    assert_int_equal(world_post(w, NULL, sessions, body), 403);
    PROBLEM_IS(w, "app_suspended");
}

static void
prints_a_message_after_each_call_of_every_request(void **state)
{
    (void)state;
    const char *every = world_app(
        w, w->admin, "\"preset\":\"generic\",\"policy\":{\"use\":\"every_request\"}", "HS256");
    const char *target = world_format(w, "/sdk/v1/apps/%s/sessions/current", every);
    struct ask on = {.method = CSN_PATCH,
                     .target = world_format(w, "/api/v1/apps/%s", every),
                     .bearer = w->admin,
                     .body = "{\"test_mode_until\":\"2026-11-21T10:32:28Z\"}"};
    assert_int_equal(world_ask(w, &on), 200);
    assert_int_equal(world_get(w, world_token_for(w, "alice"), target), 200);
    assert_string_equal(world_text(w, "test_mode"),
                        SAYS "Successfully sent update to API using User ID Signature");
    assert_int_equal(world_get(w, NULL, target), 200);
    assert_string_equal(world_text(w, "test_mode"), FAILED "No User ID Signature present");
    assert_int_equal(world_get(w, "x.y.z", target), 401);
    assert_string_equal(world_text(w, "test_mode"), FAILED "Invalid User ID Signature 0003");
}

static void
prints_the_three_messages_in_test_mode_until_it_ends(void **state)
{
    (void)state;
    struct ask on = {.method = CSN_PATCH,
                     .target = world_format(w, "/api/v1/apps/%s", app),
                     .bearer = w->admin,
                     .body = "{\"test_mode_until\":\"2026-11-21T10:32:28Z\"}"};
    assert_int_equal(world_ask(w, &on), 200);
    assert_int_equal(sdk_start_with(world_token_for(w, "alice")), 201);
    assert_string_equal(world_text(w, "test_mode"),
                        SAYS "Successfully sent update to API using User ID Signature");
    const char *session = strdup(world_text(w, "session.token"));
    assert_int_equal(world_get(w, session, current), 200);
    assert_string_equal(world_text(w, "test_mode"),
                        SAYS "Successfully sent update to API using User ID Signature");
    assert_int_equal(sdk_refresh(session, world_token_for(w, "alice")), 200);
    assert_string_equal(world_text(w, "test_mode"),
                        SAYS "Successfully sent update to API using User ID Signature");
    free((void *)session);
    assert_int_equal(sdk_start(NULL, ",\"identity\":\"alice\""), 201);
    assert_string_equal(world_text(w, "test_mode"), FAILED "No User ID Signature present");
    assert_int_equal(world_get(w, world_text(w, "session.token"), current), 200);
    assert_string_equal(world_text(w, "test_mode"), FAILED "No User ID Signature present");
    assert_int_equal(sdk_start_with("x.y.z"), 401);
    assert_string_equal(world_text(w, "test_mode"), FAILED "Invalid User ID Signature 0003");
    sdk_enforce("required");
    assert_int_equal(sdk_start(NULL, ""), 401);
    assert_string_equal(world_text(w, "test_mode"), FAILED "No User ID Signature present");
    w->now_ms = 1795257148000;
    assert_int_equal(sdk_start_with("x.y.z"), 401);
    assert_null(world_text(w, "test_mode"));
    w->now_ms--;
    assert_int_equal(sdk_start_with("x.y.z"), 401);
    assert_non_null(world_text(w, "test_mode"));
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, sdk_setup, sdk_teardown)
    const struct CMUnitTest tests[] = {
        TEST(says_whose_session_it_is),
        TEST(says_the_same_expiry_everywhere),
        TEST(records_the_device_with_every_call_of_its_session),
        TEST(narrows_by_the_version_that_a_call_says),
        TEST(narrows_to_a_share_of_the_devices_that_calls_say),
        TEST(refuses_a_device_that_cannot_be_one),
        TEST(ends_a_session_at_its_expiry_on_both_sides),
        TEST(takes_the_token_itself_where_it_is_the_bearer_of_every_request),
        TEST(refuses_a_second_bearer_in_the_query),
        TEST(refreshes_for_the_same_identity),
        TEST(refuses_to_refresh_for_another),
        TEST(has_no_session_to_refresh_for_a_bare_token),
        TEST(logs_out_and_may_repeat_it),
        TEST(logs_out_with_an_expired_bearer_by_the_logout_secret),
        TEST(says_what_a_logout_by_secret_lacks),
        TEST(asks_for_proof_of_a_logout),
        TEST(ends_the_session_that_the_device_had),
        TEST(tells_an_unknown_app_and_a_suspended_one),
        TEST(prints_a_message_after_each_call_of_every_request),
        TEST(prints_the_three_messages_in_test_mode_until_it_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
