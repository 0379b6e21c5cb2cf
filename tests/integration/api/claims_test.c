/* Policy `use: every_request`, a call without a good token: whom it is for is said by
 * Countersign-Identity, and enforcement decides what that is worth.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "sdk.h"

#define ADDRESS "{\"fcm\":{\"package\":\"a.b\",\"registration_id\":\"r\"}}"

static const char *const lenient[] = {"off", "monitor", "optional"};

/* Every SDK call that a claimed customer may make, but POST sessions. */
static const struct call {
    enum csn_method method;
    const char *path, *body;
    int status;
} calls[] = {
    {CSN_GET, "sessions/current", NULL, 200},
    {CSN_GET, "experiences", NULL, 200},
    {CSN_GET, "stream", NULL, 200},
    {CSN_PUT, "device/push", ADDRESS, 204},
    {CSN_GET, "device/push", NULL, 200},
    {CSN_DELETE, "device/push", NULL, 204},
    {CSN_POST, "sync", "{}", 200},
};
#define CALLS (sizeof calls / sizeof calls[0])

static int
setup(void **state)
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
sdk_path(const char *path)
{
    return world_format(w, "/sdk/v1/apps/%s/%s", app, path);
}

/* `identity`: as it stands in the field; NULL: no field. */
static int
call_on(const char *device, const struct call *call, const char *bearer, const char *identity)
{
    struct ask ask = {.method = call->method,
                      .target = sdk_path(call->path),
                      .bearer = bearer,
                      .body = call->body,
                      .headers = {world_format(w, "Countersign-Device: %s", device)}};
    if (identity != NULL)
        ask.headers[1] = world_format(w, "Countersign-Identity: %s", identity);
    return world_ask(w, &ask);
}

static int
call_as(const struct call *call, const char *bearer, const char *identity)
{
    return call_on("device-1", call, bearer, identity);
}

static int
sync_as(const char *identity, const char *body)
{
    const struct call sync = {CSN_POST, "sync", body, 200};
    return call_as(&sync, NULL, identity);
}

/* Returns: the customer of that identity as their owner sees them; "" where there is none. */
static const char *
owner_sees(const char *identity)
{
    const char *all = world_format(w, "/api/v1/apps/%s/customers", app);
    assert_int_equal(world_get(w, w->admin, world_format(w, "%s?identity=%s", all, identity)), 200);
    const char *id = world_text(w, "items.0.id");
    if (id == NULL)
        return "";
    assert_int_equal(world_get(w, w->admin, world_format(w, "%s/%s", all, id)), 200);
    return w->body;
}

/* --- who is let in --- */

static void
takes_a_claim_on_every_call_where_the_mode_admits_one(void **state)
{
    (void)state;
    for (size_t m = 0; m < 3; m++) {
        sdk_enforce(lenient[m]);
        for (size_t i = 0; i < CALLS; i++) {
            int status = call_as(&calls[i], NULL, "alice");
            if (status != calls[i].status)
                fail_msg("%s, %s: %d\n%s", lenient[m], calls[i].path, status, w->body);
        }
    }
    sdk_enforce("required");
    for (size_t i = 0; i < CALLS; i++) {
        assert_int_equal(call_as(&calls[i], NULL, "alice"), 401);
        PROBLEM_IS(w, "enforcement_missing");
    }
}

static void
takes_a_claim_beside_a_bad_token_where_the_mode_minds_none(void **state)
{
    (void)state;
    const char *bad = strdup(world_token(w, CSN_HS256, "another-secret-of-many-characters", "{}"));
    for (size_t i = 0; i < CALLS; i++) {
        sdk_enforce("monitor");
        assert_int_equal(call_as(&calls[i], bad, "alice"), calls[i].status);
        sdk_enforce("optional");
        assert_int_equal(call_as(&calls[i], bad, "alice"), 401);
        PROBLEM_IS(w, "signature_invalid");
    }
    free((void *)bad);
}

static void
never_shows_a_claim_the_profile_or_what_others_wrote(void **state)
{
    (void)state;
    const char *token = strdup(world_token_for(w, "alice"));
    assert_int_equal(sdk_append(token, "secret"), 200);
    const struct call profile[] = {{CSN_GET, "profile", NULL, 403},
                                   {CSN_PATCH, "profile", "{\"email\":\"a@b.example\"}", 403}};
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(call_as(&profile[i], NULL, "alice"), 403);
        PROBLEM_IS(w, "forbidden");
    }
    assert_int_equal(sync_as("alice", "{}"), 200);
    assert_true(sdk_got(""));
    free((void *)token);
}

static void
says_who_is_claimed_and_knows_nothing_more_of_them(void **state)
{
    (void)state;
    assert_int_equal(call_as(&calls[0], NULL, "alice"), 200);
    assert_string_equal(world_text(w, "customer.assurance"), "claimed");
    assert_string_equal(world_text(w, "customer.identity"), "alice");
    assert_null(world_text(w, "customer.id"));
    assert_null(world_node(w, "vault_key"));
}

static void
binds_the_device_of_a_claim_to_whom_it_claims(void **state)
{
    (void)state;
    assert_int_equal(call_as(&calls[3], NULL, "alice"), 204);
    assert_non_null(strstr(owner_sees("alice"), "\"push\":\"fcm\""));
    assert_string_equal(world_text(w, "devices.0.assurance"), "claimed");
    assert_int_equal(call_as(&calls[4], NULL, "alice"), 200);
    assert_string_equal(world_text(w, "kind"), "fcm");
    assert_int_equal(call_as(&calls[5], NULL, "alice"), 204);
    assert_null(strstr(owner_sees("alice"), "\"push\":\"fcm\""));
}

static void
marks_what_a_claim_appends(void **state)
{
    (void)state;
    const char *body = strdup(world_format(w, "{\"items\":[%s]}", sdk_event("e1")));
    assert_int_equal(sync_as("alice", body), 200);
    assert_string_equal(world_text(w, "results.0.status"), "accepted");
    assert_int_equal(sdk_sync(world_token_for(w, "alice"), "{}"), 200);
    assert_true(sdk_got("e1"));
    assert_true(world_bool(w, "items.0.unverified"));
    free((void *)body);
}

/* --- what is refused --- */

static void
says_that_an_identity_is_what_a_call_of_nobody_lacks(void **state)
{
    (void)state;
    for (size_t i = 1; i < CALLS; i++) {
        assert_int_equal(call_as(&calls[i], NULL, NULL), 401);
        PROBLEM_IS(w, "missing");
        assert_string_equal(world_text(w, "action"), "refresh");
        assert_non_null(strstr(world_text(w, "detail"), "Countersign-Identity"));
        assert_non_null(strstr(world_text(w, "detail"), "`identity`"));
    }
    sdk_enforce("required");
    assert_int_equal(call_as(&calls[1], NULL, NULL), 401);
    assert_null(strstr(world_text(w, "detail"), "Countersign-Identity"));
}

static void
refuses_an_identity_that_is_none_and_one_that_comes_twice(void **state)
{
    (void)state;
    char longest[CSN_IDENTITY_MAX + 2];
    memset(longest, 'a', sizeof longest);
    longest[CSN_IDENTITY_MAX + 1] = '\0';
    const char *const bad[] = {"", "a%0", "a%zz", "%00", "a%0A", "%FF", "\xff", longest};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(call_as(&calls[1], NULL, bad[i]), 400);
        PROBLEM_IS(w, "field_invalid");
        assert_string_equal(world_text(w, "field"), "countersign-identity");
    }
    longest[CSN_IDENTITY_MAX] = '\0';
    assert_int_equal(call_as(&calls[1], NULL, longest), 200);
    struct ask twice = {.method = CSN_GET,
                        .target = sdk_path("experiences"),
                        .headers = {"Countersign-Identity: alice", "Countersign-Identity: alice"}};
    assert_int_equal(world_ask(w, &twice), 400);
    PROBLEM_IS(w, "field_invalid");
    twice.method = CSN_POST;
    twice.target = sessions;
    twice.body = "{\"device\":" DEVICE "}";
    assert_int_equal(world_ask(w, &twice), 400);
}

static void
reads_an_identity_percent_encoded(void **state)
{
    (void)state;
    static const char *const written[] = {"J%C3%BCrgen%20100%25", "J\xc3\xbcrgen%20100%25"};
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(call_as(&calls[0], NULL, written[i]), 200);
        assert_string_equal(world_text(w, "customer.identity"), "J\xc3\xbcrgen 100%");
    }
    assert_int_equal(call_as(&calls[0], NULL, "a+b@c.example"), 200);
    assert_string_equal(world_text(w, "customer.identity"), "a+b@c.example");
}

static void
refuses_two_identities_that_differ(void **state)
{
    (void)state;
    assert_int_equal(sync_as("alice", "{\"identity\":\"bob\"}"), 400);
    PROBLEM_IS(w, "two_credentials");
    assert_int_equal(sync_as("alice", "{\"identity\":\"alice\"}"), 200);
    const struct call start = {CSN_POST, "sessions", "{\"device\":" DEVICE ",\"identity\":\"bob\"}",
                               201};
    assert_int_equal(call_as(&start, NULL, "alice"), 400);
    PROBLEM_IS(w, "two_credentials");
    assert_int_equal(call_as(&start, NULL, "bob"), 201);
}

static void
starts_a_session_for_whom_the_field_names(void **state)
{
    (void)state;
    const struct call start = {CSN_POST, "sessions", "{\"device\":" DEVICE "}", 201};
    assert_int_equal(call_as(&start, NULL, "alice"), 201);
    assert_string_equal(world_text(w, "customer.identity"), "alice");
    assert_string_equal(world_text(w, "customer.assurance"), "claimed");
    assert_int_equal(call_as(&start, world_token_for(w, "alice"), "bob"), 401);
    PROBLEM_IS(w, "identity_mismatch");
}

/* --- whom a token must be for --- */

static void
refuses_a_stale_token_on_every_call(void **state)
{
    (void)state;
    const char *token = strdup(world_token_for(w, "alice"));
    assert_int_equal(world_get(w, token, current), 200);
    const struct call profile = {CSN_GET, "profile", NULL, 200};
    for (size_t i = 0; i < CALLS; i++) {
        assert_int_equal(call_as(&calls[i], token, "bob"), 401);
        PROBLEM_IS(w, "identity_mismatch");
        assert_int_equal(call_as(&calls[i], token, "alice"), calls[i].status);
        assert_int_equal(call_on("device-2", &calls[i], token, NULL), calls[i].status);
    }
    assert_int_equal(call_as(&profile, token, "bob"), 401);
    PROBLEM_IS(w, "identity_mismatch");
    assert_int_equal(call_as(&profile, token, "alice"), 200);
    assert_string_equal(owner_sees("bob"), "");
    free((void *)token);
}

/* Decision 0006: where no token is asked for, one of somebody else is none. */
static void
takes_a_stale_token_for_a_claim_where_the_mode_minds_none(void **state)
{
    (void)state;
    sdk_enforce("monitor");
    const char *token = strdup(world_token_for(w, "alice"));
    assert_int_equal(call_as(&calls[3], token, "bob"), 204);
    assert_int_equal(call_as(&calls[0], token, "bob"), 200);
    assert_string_equal(world_text(w, "customer.identity"), "bob");
    assert_string_equal(world_text(w, "customer.assurance"), "claimed");
    assert_string_equal(world_text(w, "refused.reason"), "identity_mismatch");
    assert_int_equal(call_as(&calls[6], token, "bob"), 200);
    assert_string_equal(world_text(w, "refused.reason"), "identity_mismatch");
    assert_string_equal(owner_sees("alice"), "");
    assert_non_null(strstr(owner_sees("bob"), "\"push\":\"fcm\""));
    free((void *)token);
}

static void
refuses_a_session_of_somebody_else_in_every_mode(void **state)
{
    (void)state;
    const char *session = sdk_login_on("device-1", "alice");
    for (size_t m = 0; m < 3; m++) {
        sdk_enforce(lenient[m]);
        for (size_t i = 0; i < CALLS; i++) {
            assert_int_equal(call_as(&calls[i], session, "bob"), 401);
            PROBLEM_IS(w, "identity_mismatch");
            assert_int_equal(call_as(&calls[i], session, "alice"), calls[i].status);
        }
    }
    free((void *)session);
}

/* --- what the SDK is told --- */

static void
test_mode_on(void)
{
    struct ask on = {.method = CSN_PATCH,
                     .target = world_format(w, "/api/v1/apps/%s", app),
                     .bearer = w->admin,
                     .body = "{\"test_mode_until\":\"2026-11-22T00:00:00Z\"}"};
    assert_int_equal(world_ask(w, &on), 200);
}

static void
tells_monitor_and_test_mode_in_every_answer_with_a_body(void **state)
{
    (void)state;
    const char *bad = strdup(world_token(w, CSN_HS256, "another-secret-of-many-characters", "{}"));
    const char *good = strdup(world_token_for(w, "alice"));
    sdk_enforce("monitor");
    for (size_t i = 0; i < CALLS; i++) {
        bool has_body = calls[i].status == 200 && strcmp(calls[i].path, "stream") != 0;
        assert_int_equal(call_as(&calls[i], bad, "alice"), calls[i].status);
        if (!has_body)
            continue;
        assert_string_equal(world_text(w, "refused.reason"), "signature_invalid");
        assert_null(world_node(w, "test_mode"));
    }
    test_mode_on();
    for (size_t i = 0; i < CALLS; i++) {
        bool has_body = calls[i].status == 200 && strcmp(calls[i].path, "stream") != 0;
        assert_int_equal(call_as(&calls[i], bad, "alice"), calls[i].status);
        if (has_body)
            assert_non_null(strstr(world_text(w, "test_mode"), "Invalid User ID Signature 00"));
        assert_int_equal(call_as(&calls[i], NULL, "alice"), calls[i].status);
        if (has_body)
            assert_non_null(strstr(world_text(w, "test_mode"), "No User ID Signature present"));
        assert_int_equal(call_as(&calls[i], good, "alice"), calls[i].status);
        if (has_body)
            assert_non_null(strstr(world_text(w, "test_mode"), "Successfully"));
        if (has_body)
            assert_null(world_node(w, "refused"));
    }
    free((void *)bad);
    free((void *)good);
}

/* --- enforcement knows whom it is about --- */

static void
narrows_by_the_identity_of_the_field(void **state)
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
    assert_int_equal(call_as(&calls[1], NULL, "alice"), 200);
    assert_int_equal(call_as(&calls[1], NULL, "bob"), 401);
    PROBLEM_IS(w, "enforcement_missing");
}

static void
records_whom_a_call_was_for_also_where_it_is_refused(void **state)
{
    (void)state;
    sdk_enforce("required");
    assert_int_equal(call_as(&calls[1], NULL, "bob"), 401);
    world_flush(w);
    assert_int_equal(
        world_get(w, w->admin, world_format(w, "/api/v1/apps/%s/decisions?identity=bob", app)),
        200);
    assert_int_equal(world_node(w, "items")->count, 1);
    assert_false(world_bool(w, "items.0.admitted"));
}

/* --- what a device has proved --- */

static const char *
proved(void)
{
    owner_sees("alice");
    return world_text(w, "devices.0.assurance");
}

/* Else pushes for everybody would pass it over, or who merely claims to be alice would be sent what
 * is for her alone. */
static void
a_device_is_trusted_no_more_than_whoever_says_where_it_is_reached(void **state)
{
    (void)state;
    const struct call put = {CSN_PUT, "device/push", ADDRESS, 204};
    assert_int_equal(sync_as("alice", "{}"), 200);
    assert_string_equal(proved(), "claimed");
    assert_int_equal(call_as(&put, world_token_for(w, "alice"), NULL), 204);
    assert_string_equal(proved(), "verified");
    assert_int_equal(sync_as("alice", "{}"), 200);
    assert_string_equal(proved(), "verified");
    assert_int_equal(call_as(&put, NULL, "alice"), 204);
    assert_string_equal(proved(), "claimed");
    assert_int_equal(call_as(&put, world_token_for(w, "alice"), NULL), 204);
    assert_string_equal(proved(), "verified");
}

static void
tells_a_claim_neither_how_long_the_log_is_nor_what_is_in_it(void **state)
{
    (void)state;
    const char *alice = sdk_login_on("device-1", "alice");
    assert_int_equal(sdk_append(alice, "there"), 200);
    assert_int_equal(
        world_post(w, NULL, sessions, "{\"device\":{\"id\":\"device-9\"},\"identity\":\"alice\"}"),
        201);
    const char *claim = strdup(world_text(w, "session.token"));
    assert_int_equal(sdk_append(claim, "there"), 200);
    assert_string_equal(world_text(w, "results.0.status"), "accepted");
    assert_null(world_node(w, "results.0.seq"));
    assert_int_equal(sdk_append(alice, "there"), 200);
    assert_string_equal(world_text(w, "results.0.status"), "duplicate");
    free((void *)claim);
    free((void *)alice);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, sdk_teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_device_is_trusted_no_more_than_whoever_says_where_it_is_reached),
        TEST(takes_a_claim_on_every_call_where_the_mode_admits_one),
        TEST(takes_a_claim_beside_a_bad_token_where_the_mode_minds_none),
        TEST(never_shows_a_claim_the_profile_or_what_others_wrote),
        TEST(says_who_is_claimed_and_knows_nothing_more_of_them),
        TEST(binds_the_device_of_a_claim_to_whom_it_claims),
        TEST(marks_what_a_claim_appends),
        TEST(says_that_an_identity_is_what_a_call_of_nobody_lacks),
        TEST(refuses_an_identity_that_is_none_and_one_that_comes_twice),
        TEST(reads_an_identity_percent_encoded),
        TEST(refuses_two_identities_that_differ),
        TEST(starts_a_session_for_whom_the_field_names),
        TEST(refuses_a_stale_token_on_every_call),
        TEST(takes_a_stale_token_for_a_claim_where_the_mode_minds_none),
        TEST(refuses_a_session_of_somebody_else_in_every_mode),
        TEST(tells_monitor_and_test_mode_in_every_answer_with_a_body),
        TEST(narrows_by_the_identity_of_the_field),
        TEST(records_whom_a_call_was_for_also_where_it_is_refused),
        TEST(tells_a_claim_neither_how_long_the_log_is_nor_what_is_in_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
