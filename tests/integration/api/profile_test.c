/* Profiles over the API: a customer's own and the owner's view of it, conditions, who may, and the
 * search by e-mail.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "sdk.h"

static const char *profile; /* the SDK's */

static int
setup(void **state)
{
    sdk_setup(state);
    profile = strdup(world_format(w, "/sdk/v1/apps/%s/profile", app));
    return 0;
}

static int
teardown(void **state)
{
    free((void *)profile);
    return sdk_teardown(state);
}

static int
patch(const char *bearer, const char *target, const char *body, const char *match)
{
    struct ask ask = {.method = CSN_PATCH, .target = target, .bearer = bearer, .body = body};
    if (match != NULL)
        ask.headers[0] = world_format(w, "If-Match: %s", match);
    return world_ask(w, &ask);
}

/* Returns: the management path of the customer of the last login. */
static const char *
owners_path(void)
{
    return world_format(w, "/api/v1/apps/%s/customers/%s/profile", app,
                        world_text(w, "customer.id"));
}

static void
is_empty_before_anything_is_set(void **state)
{
    (void)state;
    const char *session = strdup(sdk_login("alice"));
    assert_int_equal(world_get(w, session, profile), 200);
    assert_string_equal(w->body, "{\"email\":null,\"contact\":null,\"properties\":{},"
                                 "\"changed_at\":null}");
    assert_string_equal(world_header(w, "etag"), "\"0\"");
    free((void *)session);
}

static void
is_one_for_the_customer_and_the_owner(void **state)
{
    (void)state;
    const char *session = strdup(sdk_login("alice"));
    const char *owners = strdup(owners_path());
    assert_int_equal(patch(session, profile,
                           "{\"email\":\"Ann@shop.example\",\"properties\":{\"plan\":\"gold\","
                           "\"age\":7,\"vip\":true}}",
                           NULL),
                     200);
    assert_string_equal(world_header(w, "etag"), "\"1\"");
    assert_string_equal(world_text(w, "email"), "Ann@shop.example");
    assert_non_null(world_text(w, "contact"));
    const char *body = strdup(w->body);
    assert_int_equal(world_get(w, w->admin, owners), 200);
    assert_string_equal(w->body, body);
    assert_int_equal(patch(w->admin, owners, "{\"properties\":{\"age\":null}}", "\"1\""), 200);
    assert_int_equal(world_get(w, session, profile), 200);
    assert_int_equal(world_node(w, "properties")->count, 2);
    assert_string_equal(world_header(w, "etag"), "\"2\"");
    free((void *)session);
    free((void *)owners);
    free((void *)body);
}

static void
is_changed_only_under_the_version_it_was_read_with(void **state)
{
    (void)state;
    const char *session = strdup(sdk_login("alice"));
    assert_int_equal(patch(session, profile, "{\"properties\":{\"a\":1}}", "\"0\""), 200);
    assert_int_equal(patch(session, profile, "{\"properties\":{\"a\":2}}", "\"0\""), 412);
    PROBLEM_IS(w, "precondition_failed");
    assert_int_equal(patch(session, profile, "{\"properties\":{\"a\":3}}", "\"1\""), 200);
    assert_int_equal(patch(session, profile, "{\"properties\":{\"b\":1}}", NULL), 200);
    assert_int_equal(patch(session, profile, "{\"properties\":{\"b\":2}}", "*"), 200);
    struct ask known = {.method = CSN_GET,
                        .target = profile,
                        .bearer = session,
                        .headers = {"If-None-Match: \"4\""}};
    assert_int_equal(world_ask(w, &known), 304);
    assert_string_equal(world_header(w, "etag"), "\"4\"");
    known.headers[0] = "If-None-Match: \"3\"";
    assert_int_equal(world_ask(w, &known), 200);
    assert_int_equal(world_int(w, "properties.a"), 3);
    free((void *)session);
}

static void
says_what_is_wrong_with_a_patch(void **state)
{
    (void)state;
    const char *session = strdup(sdk_login("alice"));
    static const struct {
        const char *body, *reason, *detail;
    } rows[] = {
        {"{\"name\":\"x\"}", "field_unknown", "name"},
        {"{\"email\":\"nobody\"}", "field_invalid", "email"},
        {"{\"properties\":{\"a\":[]}}", "field_invalid", "properties.a"},
        {"{\"contact\":\"x\"}", "field_invalid", "contact"},
        {"{\"properties\":{\"a\":1,\"a\":2}}", "json_invalid", ""},
        {"[]", "json_invalid", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(patch(session, profile, rows[i].body, NULL), 400);
        PROBLEM_IS(w, rows[i].reason);
        assert_non_null(strstr(w->body, rows[i].detail));
    }
    assert_int_equal(patch(session, profile, NULL, NULL), 415);
    assert_int_equal(world_get(w, session, profile), 200);
    assert_string_equal(world_header(w, "etag"), "\"0\"");
    free((void *)session);
}

static void
is_for_who_has_proved_it_alone(void **state)
{
    (void)state;
    const char *body = "{\"properties\":{\"a\":1}}";
    const char *nobody = strdup(world_login(w, app, "device-2", NULL));
    assert_int_equal(sdk_start(NULL, ",\"identity\":\"alice\""), 201);
    const char *claimed = strdup(world_text(w, "session.token"));
    const char *const bearers[] = {nobody, claimed};
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(world_get(w, bearers[i], profile), 403);
        PROBLEM_IS(w, "forbidden");
        assert_int_equal(patch(bearers[i], profile, body, NULL), 403);
    }
    assert_int_equal(world_get(w, NULL, profile), 401);
    assert_int_equal(world_get(w, "x.y.z", profile), 401);
    free((void *)nobody);
    free((void *)claimed);
}

/* Where the token itself is the bearer, the customer may never have been here. */
static void
is_found_by_the_customers_own_token(void **state)
{
    (void)state;
    const char *token = strdup(world_token_for(w, "newcomer"));
    assert_int_equal(patch(token, profile, "{\"properties\":{\"a\":1}}", "\"0\""), 200);
    assert_int_equal(world_get(w, token, profile), 200);
    assert_int_equal(world_int(w, "properties.a"), 1);
    const char *session = strdup(sdk_login("newcomer"));
    assert_int_equal(world_get(w, session, profile), 200);
    assert_int_equal(world_int(w, "properties.a"), 1);
    free((void *)token);
    free((void *)session);
}

static void
ends_with_the_session(void **state)
{
    (void)state;
    const char *session = strdup(sdk_login("alice"));
    assert_int_equal(sdk_logout(session, NULL), 204);
    assert_int_equal(world_get(w, session, profile), 401);
    assert_int_equal(patch(session, profile, "{}", NULL), 401);
    free((void *)session);
}

static int
search(const char *query)
{
    return world_get(w, w->admin, world_format(w, "/api/v1/apps/%s/customers?%s", app, query));
}

static void
finds_customers_by_email(void **state)
{
    (void)state;
    static const char *const subs[] = {"alice", "bob"};
    for (size_t i = 0; i < 2; i++) {
        const char *token = strdup(world_token_for(w, subs[i]));
        assert_int_equal(patch(token, profile, "{\"email\":\"home@shop.example\"}", NULL), 200);
        free((void *)token);
        w->now_ms++;
    }
    assert_int_equal(search("email=HOME%40shop.example"), 200);
    assert_int_equal(world_node(w, "items")->count, 2);
    assert_string_equal(world_text(w, "items.0.identity"), "alice");
    assert_int_equal(search("email=home%40shop.example&limit=1"), 200);
    const char *next = world_text(w, "next");
    assert_int_equal(search(world_format(w, "email=home%%40shop.example&cursor=%s", next)), 200);
    assert_int_equal(world_node(w, "items")->count, 1);
    assert_string_equal(world_text(w, "items.0.identity"), "bob");
    assert_int_equal(search("email=nobody%40shop.example"), 200);
    assert_int_equal(world_node(w, "items")->count, 0);
    assert_int_equal(search("email=a%40b.c&identity=alice"), 400);
    const char *other = strdup(world_app(w, w->admin, "\"preset\":\"generic\"", "HS256"));
    const char *there =
        world_format(w, "/api/v1/apps/%s/customers?email=home%%40shop.example", other);
    assert_int_equal(world_get(w, w->admin, there), 200);
    assert_int_equal(world_node(w, "items")->count, 0);
    free((void *)other);
}

static void
is_gone_when_the_customer_is_erased(void **state)
{
    (void)state;
    const char *session = strdup(sdk_login("alice"));
    const char *owners = strdup(owners_path());
    assert_int_equal(patch(session, profile, "{\"email\":\"ann@shop.example\"}", NULL), 200);
    struct ask erase = {.method = CSN_DELETE, .bearer = w->admin};
    erase.target = world_format(w, "%.*s", (int)(strrchr(owners, '/') - owners), owners);
    assert_int_equal(world_ask(w, &erase), 200);
    assert_int_equal(world_get(w, w->admin, owners), 404);
    assert_int_equal(patch(w->admin, owners, "{\"properties\":{\"a\":1}}", NULL), 404);
    assert_int_equal(search("email=ann%40shop.example"), 200);
    assert_int_equal(world_node(w, "items")->count, 0);
    free((void *)session);
    free((void *)owners);
}

static void
leaves_nothing_of_it_in_the_memory_of_the_exchange(void **state)
{
    (void)state;
    static const char secret[] = "a-most-private-value";
    const char *session = strdup(sdk_login("alice"));
    assert_int_equal(
        patch(session, profile, "{\"properties\":{\"a\":\"a-most-private-value\"}}", NULL), 200);
    const uint8_t *memory = w->memory;
    for (size_t i = 0; i + sizeof secret < CSN_EXCHANGE_MEMORY; i++)
        assert_memory_not_equal(memory + i, secret, sizeof secret - 1);
    free((void *)session);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(is_empty_before_anything_is_set),
        TEST(is_one_for_the_customer_and_the_owner),
        TEST(is_changed_only_under_the_version_it_was_read_with),
        TEST(says_what_is_wrong_with_a_patch),
        TEST(is_for_who_has_proved_it_alone),
        TEST(is_found_by_the_customers_own_token),
        TEST(ends_with_the_session),
        TEST(finds_customers_by_email),
        TEST(is_gone_when_the_customer_is_erased),
        TEST(leaves_nothing_of_it_in_the_memory_of_the_exchange),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
