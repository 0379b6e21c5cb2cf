/* The gateway: what a proxy is told, by headers alone.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "one_world.h"

static const char *app, *verify;

static int
setup(void **state)
{
    world_setup(state);
    app = strdup(world_app(
        w, w->admin, "\"preset\":\"generic\",\"policy\":{\"use\":\"every_request\"}", "HS256"));
    verify = strdup(world_format(w, "/gateway/v1/apps/%s/verify", app));
    return 0;
}

static int
teardown(void **state)
{
    free((void *)app);
    free((void *)verify);
    return world_teardown(state);
}

static int
ask(const char *bearer, const char *query, const char *header)
{
    return world_ask(w, &(struct ask){.method = CSN_GET,
                                      .target = world_format(w, "%s%s", verify, query),
                                      .bearer = bearer,
                                      .headers = {header}});
}

static void
tells_the_proxy_who_it_is_by_headers_alone(void **state)
{
    (void)state;
    assert_int_equal(ask(world_token_for(w, "alice"), "", NULL), 200);
    assert_string_equal(world_header(w, "countersign-customer"), "alice");
    assert_string_equal(world_header(w, "countersign-assurance"), "verified");
    assert_non_null(world_header(w, "countersign-key"));
    assert_int_equal(w->x.response.body.len, 0);
    assert_null(w->x.response.content_type);
}

static void
answers_any_method(void **state)
{
    (void)state;
    static const enum csn_method methods[] = {CSN_GET,    CSN_HEAD,    CSN_POST,         CSN_PUT,
                                              CSN_DELETE, CSN_OPTIONS, CSN_METHOD_OTHER, CSN_PATCH};
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        struct ask good = {
            .method = methods[i], .target = verify, .bearer = world_token_for(w, "alice")};
        assert_int_equal(world_ask(w, &good), 200);
        good.bearer = NULL;
        assert_int_equal(world_ask(w, &good), 401);
    }
}

static void
percent_encodes_what_a_field_cannot_hold(void **state)
{
    (void)state;
    assert_int_equal(ask(world_token_for(w, "J\xc3\xb6rg %2f, a@b.example"), "", NULL), 200);
    assert_string_equal(world_header(w, "countersign-customer"),
                        "J%C3%B6rg%20%252f%2C%20a@b.example");
}

static void
refuses_with_a_reason_and_a_challenge_and_no_body(void **state)
{
    (void)state;
    assert_int_equal(ask(NULL, "", NULL), 401);
    assert_string_equal(world_header(w, "countersign-reason"), "missing");
    assert_string_equal(world_header(w, "www-authenticate"), "Bearer");
    assert_int_equal(ask("x.y.z", "", NULL), 401);
    assert_string_equal(world_header(w, "countersign-reason"), "malformed");
    assert_string_equal(world_header(w, "www-authenticate"), "Bearer error=\"invalid_token\"");
    assert_int_equal(w->x.response.body.len, 0);
    assert_null(world_header(w, "countersign-customer"));
}

static void
judges_the_token_at_its_expiry_on_both_sides(void **state)
{
    (void)state;
    const char *token = world_token(w, CSN_HS256, SECRET, "{\"sub\":\"a\",\"exp\":1795253600}");
    w->now_ms = 1795253660000 - 1;
    assert_int_equal(ask(token, "", NULL), 200);
    w->now_ms++;
    assert_int_equal(ask(token, "", NULL), 401);
    assert_string_equal(world_header(w, "countersign-reason"), "expired");
}

static void
passes_only_the_verified_whatever_the_query_says(void **state)
{
    (void)state;
    const char *anonymous = world_login(w, app, "device-1", NULL);
    assert_int_equal(ask(anonymous, "", NULL), 403);
    assert_string_equal(world_header(w, "countersign-reason"), "enforcement_missing");
    assert_null(world_header(w, "countersign-customer"));
    assert_int_equal(ask(anonymous, "?assurance=anonymous", NULL), 403);
    assert_int_equal(ask(anonymous, "??x=1&whatever", NULL), 403);
}

static void
does_not_let_enforcement_open_the_gate(void **state)
{
    (void)state;
    struct ask off = {.method = CSN_PUT,
                      .target = world_format(w, "/api/v1/apps/%s/enforcement", app),
                      .bearer = w->admin,
                      .body = "{\"mode\":\"off\"}"};
    assert_int_equal(world_ask(w, &off), 200);
    assert_int_equal(ask(NULL, "", NULL), 401);
    assert_int_equal(ask("x.y.z", "", NULL), 401);
}

static void
reads_the_cookie_it_was_told_of(void **state)
{
    (void)state;
    const char *token = world_token_for(w, "alice");
    const char *cookie = world_format(w, "Cookie: a=b; session=%s; c=d", token);
    assert_int_equal(ask(NULL, "", cookie), 401);
    assert_int_equal(ask(NULL, "?cookie=session", cookie), 200);
    assert_int_equal(ask(NULL, "?cookie=sess", cookie), 401);
    assert_int_equal(ask(NULL, "?cookie=session", world_format(w, "Cookie: session=\"%s\"", token)),
                     200);
    assert_int_equal(ask(NULL, "?cookie=session", "Cookie: session="), 401);
}

static void
reads_the_parameter_of_the_original_uri_it_was_told_of(void **state)
{
    (void)state;
    const char *token = world_token_for(w, "alice");
    const char *uri = world_format(w, "/stream?x=1&token=%s&y=2", token);
    assert_int_equal(ask(NULL, "?query=token", world_format(w, "X-Original-URI: %s", uri)), 200);
    assert_int_equal(ask(NULL, "?query=token", world_format(w, "X-Forwarded-Uri: %s", uri)), 200);
    assert_int_equal(ask(NULL, "", world_format(w, "X-Original-URI: %s", uri)), 401);
    assert_int_equal(ask(NULL, "?query=tok", world_format(w, "X-Original-URI: %s", uri)), 401);
    assert_int_equal(ask(NULL, "?query=token", "X-Original-URI: /stream"), 401);
}

static void
refuses_two_bearers_that_differ_wherever_they_are(void **state)
{
    (void)state;
    const char *alice = world_token_for(w, "alice"), *bob = world_token_for(w, "bob");
    const char *cookie = world_format(w, "Cookie: t=%s", bob);
    const char *uri = world_format(w, "X-Original-URI: /?t=%s", bob);
    assert_int_equal(ask(alice, "?cookie=t", cookie), 400);
    PROBLEM_IS(w, "two_credentials");
    assert_int_equal(ask(alice, "?query=t", uri), 400);
    assert_int_equal(ask(bob, "?cookie=t", cookie), 200);
    assert_int_equal(ask(bob, "?query=t", uri), 200);
    assert_int_equal(ask(NULL, "?cookie=t", world_format(w, "Cookie: t=%s; t=%s", alice, bob)),
                     400);
    assert_int_equal(
        ask(NULL, "?query=t", world_format(w, "X-Original-URI: /?t=%s&t=%s", "a", "b")), 400);
    struct ask two_fields = {.method = CSN_GET,
                             .target = verify,
                             .bearer = alice,
                             .headers = {world_format(w, "Authorization: Bearer %s", alice)}};
    assert_int_equal(world_ask(w, &two_fields), 400);
}

/* Some proxies hand the client's own query on, behind the operator's settings. */
static void
passes_over_what_a_client_adds_to_the_query(void **state)
{
    (void)state;
    const char *token = world_token_for(w, "alice");
    assert_int_equal(ask(token, "?page=2&cokie=t", NULL), 200);
    assert_int_equal(ask(NULL, world_format(w, "?access_token=%s", token), NULL), 401);
    assert_int_equal(ask(token, "?cookie=t&cookie=other", NULL), 400);
    assert_string_equal(world_text(w, "field"), "?cookie");
    assert_int_equal(ask(token, "?query=%zz", NULL), 400);
}

static void
takes_a_session_of_the_app_and_of_no_other(void **state)
{
    (void)state;
    const char *session = world_login(w, app, "device-1", world_token_for(w, "alice"));
    assert_int_equal(ask(session, "", NULL), 200);
    assert_string_equal(world_header(w, "countersign-customer"), "alice");
    assert_null(world_header(w, "countersign-key"));
    const char *other = world_app(w, w->admin, "\"preset\":\"generic\"", "HS256");
    const char *foreign = world_login(w, other, "device-1", world_token_for(w, "alice"));
    assert_int_equal(ask(foreign, "", NULL), 401);
}

static void
forgets_a_session_the_moment_it_is_revoked(void **state)
{
    (void)state;
    const char *session = world_login(w, app, "device-1", world_token_for(w, "alice"));
    struct ask out = {.method = CSN_DELETE,
                      .target = world_format(w, "/sdk/v1/apps/%s/sessions/current", app),
                      .bearer = session};
    assert_int_equal(world_ask(w, &out), 204);
    assert_int_equal(ask(session, "", NULL), 401);
    assert_string_equal(world_header(w, "countersign-reason"), "revoked");
}

/* A token of `who` issued now, good for ten minutes. */
static const char *
token_of_now(const char *who)
{
    long long now = w->now_ms / 1000;
    return world_token(
        w, CSN_HS256, SECRET,
        world_format(w, "{\"sub\":\"%s\",\"iat\":%lld,\"exp\":%lld}", who, now, now + 600));
}

static void
refuses_what_a_customer_held_when_it_was_revoked_and_nothing_newer(void **state)
{
    (void)state;
    const char *alice = strdup(token_of_now("alice")), *bob = strdup(token_of_now("bob"));
    assert_non_null(world_login(w, app, "device-1", alice));
    const char *revoke =
        world_format(w, "/api/v1/apps/%s/customers/%s/revoke", app, world_text(w, "customer.id"));
    w->now_ms += 2000;
    assert_int_equal(ask(alice, "", NULL), 200);
    assert_int_equal(world_post(w, w->admin, revoke, NULL), 204);
    assert_int_equal(ask(alice, "", NULL), 401);
    assert_string_equal(world_header(w, "countersign-reason"), "revoked");
    assert_int_equal(ask(bob, "", NULL), 200);
    w->now_ms += 2000;
    assert_int_equal(ask(token_of_now("alice"), "", NULL), 200);
    assert_int_equal(ask(alice, "", NULL), 401);
    free((void *)alice);
    free((void *)bob);
}

static void
answers_for_no_app_that_is_not_there_or_suspended(void **state)
{
    (void)state;
    assert_int_equal(world_get(w, "x.y.z", "/gateway/v1/apps/01ARZ3NDEKTSV4RRFFQ69G5FAV/verify"),
                     404);
    struct ask suspend = {.method = CSN_PATCH,
                          .target = world_format(w, "/api/v1/apps/%s", app),
                          .bearer = w->admin,
                          .body = "{\"suspended\":true}"};
    assert_int_equal(world_ask(w, &suspend), 200);
    assert_int_equal(ask(world_token_for(w, "alice"), "", NULL), 403);
}

static void
needs_no_store(void **state)
{
    (void)state;
    struct csn_store *store = w->service.store;
    w->service.store = NULL;
    assert_int_equal(ask(world_token_for(w, "alice"), "", NULL), 200);
    assert_int_equal(ask("x.y.z", "", NULL), 401);
    w->service.store = store;
}

static void
never_throttles_because_its_source_is_the_proxy(void **state)
{
    (void)state;
    for (int i = 0; i < 3 * CSN_THROTTLE_BURST; i++)
        assert_int_equal(ask("x.y.z", "", NULL), 401);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(tells_the_proxy_who_it_is_by_headers_alone),
        TEST(answers_any_method),
        TEST(percent_encodes_what_a_field_cannot_hold),
        TEST(refuses_with_a_reason_and_a_challenge_and_no_body),
        TEST(judges_the_token_at_its_expiry_on_both_sides),
        TEST(passes_only_the_verified_whatever_the_query_says),
        TEST(does_not_let_enforcement_open_the_gate),
        TEST(reads_the_cookie_it_was_told_of),
        TEST(reads_the_parameter_of_the_original_uri_it_was_told_of),
        TEST(refuses_two_bearers_that_differ_wherever_they_are),
        TEST(passes_over_what_a_client_adds_to_the_query),
        TEST(takes_a_session_of_the_app_and_of_no_other),
        TEST(forgets_a_session_the_moment_it_is_revoked),
        TEST(refuses_what_a_customer_held_when_it_was_revoked_and_nothing_newer),
        TEST(answers_for_no_app_that_is_not_there_or_suspended),
        TEST(needs_no_store),
        TEST(never_throttles_because_its_source_is_the_proxy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
