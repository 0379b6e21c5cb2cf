/* Management: accounts, API keys, apps, policy and enforcement.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "one_world.h"

static const char *owner; /* an admin's key of an account that is not root */

static int
setup(void **state)
{
    world_setup(state);
    owner = strdup(world_account(w, "Acme", "\"admin\""));
    return 0;
}

static int
teardown(void **state)
{
    free((void *)owner);
    return world_teardown(state);
}

static int
send(enum csn_method method, const char *bearer, const char *target, const char *body)
{
    return world_ask(
        w, &(struct ask){.method = method, .target = target, .bearer = bearer, .body = body});
}

/* --- accounts and API keys --- */

static void
tells_an_api_key_who_it_is(void **state)
{
    (void)state;
    assert_int_equal(world_get(w, owner, "/api/v1/whoami"), 200);
    assert_string_equal(world_text(w, "roles.0"), "admin");
    assert_false(world_bool(w, "root"));
    assert_null(world_text(w, "app"));
    assert_null(world_text(w, "expires_at"));
    const char *account = world_text(w, "account");
    assert_string_not_equal(account, w->account);
    assert_int_equal(world_get(w, owner, world_format(w, "/api/v1/accounts/%s", account)), 200);
    assert_string_equal(world_text(w, "name"), "Acme");
}

static void
lists_accounts_page_by_page_for_root(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        w->now_ms++;
        assert_int_equal(world_post(w, w->admin, "/api/v1/accounts",
                                    world_format(w, "{\"name\":\"account %d\"}", i)),
                         201);
    }
    unsigned seen = 0;
    const char *next = NULL;
    do {
        const char *cursor = next != NULL ? world_format(w, "&cursor=%s", next) : "";
        assert_int_equal(
            world_get(w, w->admin, world_format(w, "/api/v1/accounts?limit=2%s", cursor)), 200);
        seen += (unsigned)world_node(w, "items")->count;
        next = world_text(w, "next");
    } while (next != NULL);
    assert_int_equal(seen, 6);
    assert_int_equal(world_get(w, owner, "/api/v1/accounts"), 403);
    assert_int_equal(world_post(w, owner, "/api/v1/accounts", "{\"name\":\"x\"}"), 403);
}

static void
shows_an_api_keys_secret_once(void **state)
{
    (void)state;
    assert_int_equal(
        world_post(w, owner, "/api/v1/api-keys", "{\"name\":\"ci\",\"roles\":[\"viewer\"]}"), 201);
    const char *secret = world_text(w, "secret"), *id = world_text(w, "id");
    assert_int_equal(strlen(secret), 43);
    assert_int_equal(world_get(w, owner, "/api/v1/api-keys"), 200);
    assert_non_null(strstr(w->body, id));
    assert_null(strstr(w->body, secret));
    assert_null(strstr(w->body, "\"secret\""));
}

static void
reads_the_roles_of_the_documents(void **state)
{
    (void)state;
    assert_int_equal(world_post(w, owner, "/api/v1/api-keys",
                                "{\"name\":\"k\",\"roles\":[\"org.admin\",\"org.user\"]}"),
                     201);
    assert_string_equal(world_text(w, "roles.0"), "admin");
    assert_string_equal(world_text(w, "roles.1"), "user");
    static const char *const wrong[] = {"[]", "[\"root\"]", "[\"Admin\"]", "[7]", "\"admin\""};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(world_post(w, owner, "/api/v1/api-keys",
                                    world_format(w, "{\"name\":\"k\",\"roles\":%s}", wrong[i])),
                         400);
        assert_string_equal(world_text(w, "field"), "roles");
    }
}

static void
ends_an_api_key_at_its_expiry_on_both_sides(void **state)
{
    (void)state;
    assert_int_equal(world_post(w, owner, "/api/v1/api-keys",
                                "{\"name\":\"k\",\"roles\":[\"admin\"],"
                                "\"expires_at\":\"2026-11-21T10:00:00Z\"}"),
                     201);
    const char *key =
        strdup(world_format(w, "%s.%s", world_text(w, "key"), world_text(w, "secret")));
    w->now_ms = 1795255200000 - 1;
    assert_int_equal(world_get(w, key, "/api/v1/whoami"), 200);
    w->now_ms++;
    assert_int_equal(world_get(w, key, "/api/v1/whoami"), 401);
    PROBLEM_IS(w, "credential_invalid");
    free((void *)key);
}

static void
refuses_a_revoked_api_key_at_once(void **state)
{
    (void)state;
    assert_int_equal(
        world_post(w, owner, "/api/v1/api-keys", "{\"name\":\"k\",\"roles\":[\"admin\"]}"), 201);
    const char *key = world_format(w, "%s.%s", world_text(w, "key"), world_text(w, "secret"));
    const char *target = world_format(w, "/api/v1/api-keys/%s", world_text(w, "id"));
    assert_int_equal(send(CSN_DELETE, owner, target, NULL), 204);
    assert_int_equal(world_get(w, key, "/api/v1/whoami"), 401);
    assert_int_equal(send(CSN_DELETE, owner, target, NULL), 404);
}

static void
keeps_an_app_scoped_key_inside_its_app(void **state)
{
    (void)state;
    const char *mine = strdup(world_app(w, owner, "\"preset\":\"generic\"", "HS256"));
    const char *other = strdup(world_app(w, owner, "\"preset\":\"generic\"", "HS256"));
    assert_int_equal(
        world_post(w, owner, "/api/v1/api-keys",
                   world_format(w, "{\"name\":\"k\",\"roles\":[\"admin\"],\"app\":\"%s\"}", mine)),
        201);
    const char *scoped =
        strdup(world_format(w, "%s.%s", world_text(w, "key"), world_text(w, "secret")));
    assert_int_equal(world_get(w, scoped, world_format(w, "/api/v1/apps/%s", mine)), 200);
    assert_int_equal(world_get(w, scoped, world_format(w, "/api/v1/apps/%s", other)), 404);
    assert_int_equal(world_get(w, scoped, "/api/v1/apps"), 200);
    assert_int_equal(world_node(w, "items")->count, 1);
    assert_int_equal(
        world_post(w, scoped, "/api/v1/apps", "{\"name\":\"a\",\"preset\":\"generic\"}"), 404);
    assert_int_equal(
        world_post(w, scoped, "/api/v1/api-keys", "{\"name\":\"k\",\"roles\":[\"admin\"]}"), 201);
    assert_string_equal(world_text(w, "app"), mine);
    int status =
        world_post(w, scoped, "/api/v1/api-keys",
                   world_format(w, "{\"name\":\"k\",\"roles\":[\"admin\"],\"app\":\"%s\"}", other));
    assert_true(status == 404 || status == 400);
    assert_int_equal(world_get(w, owner, "/api/v1/whoami"), 200);
    const char *account = world_text(w, "account");
    assert_int_equal(world_get(w, scoped, world_format(w, "/api/v1/accounts/%s", account)), 404);
    free((void *)mine);
    free((void *)other);
    free((void *)scoped);
}

static void
a_key_of_one_app_of_the_root_account_is_no_root_key(void **state)
{
    (void)state;
    const char *app = world_app(w, w->admin, "\"preset\":\"generic\"", "HS256");
    assert_int_equal(
        world_post(w, w->admin, "/api/v1/api-keys",
                   world_format(w, "{\"name\":\"k\",\"roles\":[\"admin\"],\"app\":\"%s\"}", app)),
        201);
    const char *scoped =
        strdup(world_format(w, "%s.%s", world_text(w, "key"), world_text(w, "secret")));
    assert_int_equal(world_get(w, scoped, "/api/v1/whoami"), 200);
    assert_false(world_bool(w, "root"));
    assert_int_equal(world_get(w, scoped, "/api/v1/accounts"), 403);
    assert_int_equal(world_get(w, scoped, world_format(w, "/api/v1/accounts/%s", w->account)), 404);
    assert_int_equal(world_post(w, scoped, "/api/v1/accounts", "{\"name\":\"x\"}"), 403);
    free((void *)scoped);
}

static void
offers_both_ways_to_present_an_api_key(void **state)
{
    (void)state;
    assert_int_equal(world_get(w, NULL, "/api/v1/whoami"), 401);
    assert_non_null(strstr(w->headers, "www-authenticate: Bearer\n"));
    assert_non_null(strstr(w->headers, "www-authenticate: Basic realm=\"Countersign\""));
    assert_int_equal(world_get(w, "csk_x.y", "/api/v1/whoami"), 401);
    assert_non_null(strstr(w->headers, "www-authenticate: Bearer error=\"invalid_token\"\n"));
    assert_non_null(strstr(w->headers, "www-authenticate: Basic realm=\"Countersign\""));
}

/* --- apps --- */

static void
makes_an_app_from_a_preset_and_shows_it_in_full(void **state)
{
    (void)state;
    assert_int_equal(
        world_post(w, owner, "/api/v1/apps", "{\"name\":\"Shop\",\"preset\":\"kustomer\"}"), 201);
    assert_string_equal(world_text(w, "name"), "Shop");
    assert_string_equal(world_text(w, "preset"), "kustomer");
    assert_string_equal(world_text(w, "policy.algorithms.0"), "HS256");
    assert_string_equal(world_text(w, "enforcement.mode"), "optional");
    assert_int_equal(world_node(w, "origins")->count, 0);
    assert_int_equal(world_node(w, "jwks")->kind, CSN_JSON_NULL);
    const char *id = world_text(w, "id");
    assert_int_equal(world_get(w, owner, world_format(w, "/api/v1/apps/%s", id)), 200);
    assert_string_equal(world_text(w, "id"), id);
    assert_int_equal(world_get(w, owner, "/api/v1/apps"), 200);
    assert_string_equal(world_text(w, "items.0.id"), id);
}

static void
makes_no_app_that_could_accept_nothing_or_anything(void **state)
{
    (void)state;
    static const char *const bodies[] = {
        "{\"name\":\"a\",\"preset\":\"nobodys\"}",
        "{\"name\":\"a\",\"policy\":{\"algorithms\":[\"none\"]}}",
        "{\"name\":\"a\",\"policy\":{\"algorithms\":[]}}",
        "{\"name\":\"a\",\"policy\":{\"algorithms\":[\"HS256\"],\"leway_s\":5}}",
        "{\"name\":\"a\",\"policy\":\"HS256\"}",
    };
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        assert_int_equal(world_post(w, owner, "/api/v1/apps", bodies[i]), 400);
        assert_non_null(world_text(w, "detail"));
    }
}

static void
changes_only_what_it_is_told(void **state)
{
    (void)state;
    const char *app = world_app(w, owner, "\"preset\":\"generic\"", "HS256");
    const char *target = strdup(world_format(w, "/api/v1/apps/%s", app));
    assert_int_equal(send(CSN_PATCH, owner, target, "{\"retention_days\":30}"), 200);
    assert_int_equal(world_int(w, "retention_days"), 30);
    assert_int_equal(send(CSN_PATCH, owner, target, "{\"name\":\"New\",\"suspended\":true}"), 200);
    assert_int_equal(world_int(w, "retention_days"), 30);
    assert_string_equal(world_text(w, "name"), "New");
    assert_true(world_bool(w, "suspended"));
    assert_int_equal(send(CSN_PATCH, owner, target, "{}"), 200);
    assert_true(world_bool(w, "suspended"));
    assert_int_equal(
        send(CSN_PATCH, owner, target, "{\"test_mode_until\":\"2026-11-21T10:00:00.000Z\"}"), 200);
    assert_string_equal(world_text(w, "test_mode_until"), "2026-11-21T10:00:00.000Z");
    assert_int_equal(send(CSN_PATCH, owner, target, "{\"suspended\":false}"), 200);
    assert_non_null(world_text(w, "test_mode_until"));
    assert_int_equal(send(CSN_PATCH, owner, target, "{\"test_mode_until\":null}"), 200);
    assert_null(world_text(w, "test_mode_until"));
    free((void *)target);
}

static void
holds_each_change_to_its_range(void **state)
{
    (void)state;
    const char *app = world_app(w, owner, "\"preset\":\"generic\"", "HS256");
    const char *target = strdup(world_format(w, "/api/v1/apps/%s", app));
    static const struct {
        const char *body, *field;
    } cases[] = {{"{\"retention_days\":0}", "retention_days"},
                 {"{\"retention_days\":3651}", "retention_days"},
                 {"{\"retention_days\":1.5}", "retention_days"},
                 {"{\"suspended\":\"yes\"}", "suspended"},
                 {"{\"suspended\":1}", "suspended"},
                 {"{\"name\":\"\"}", "name"},
                 {"{\"test_mode_until\":\"tomorrow\"}", "test_mode_until"},
                 {"{\"test_mode_until\":\"2026-11-23T10:00:00Z\"}", "test_mode_until"},
                 {"{\"origins\":\"https://a.example\"}", "origins"},
                 {"{\"policy\":{}}", "policy"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(send(CSN_PATCH, owner, target, cases[i].body), 400);
        assert_string_equal(world_text(w, "field"), cases[i].field);
    }
    assert_int_equal(send(CSN_PATCH, owner, target, "{\"retention_days\":3650}"), 200);
    assert_int_equal(send(CSN_PATCH, owner, target, "{\"retention_days\":1}"), 200);
    free((void *)target);
}

static void
removes_an_app_with_everything_that_named_it(void **state)
{
    (void)state;
    const char *app = world_app(w, owner, "\"preset\":\"generic\"", "HS256");
    const char *target = strdup(world_format(w, "/api/v1/apps/%s", app));
    const char *session = strdup(world_login(w, app, "device-1", world_token_for(w, "alice")));
    const char *current = strdup(world_format(w, "/sdk/v1/apps/%s/sessions/current", app));
    assert_int_equal(send(CSN_DELETE, owner, target, NULL), 204);
    assert_int_equal(world_get(w, owner, target), 404);
    assert_int_equal(world_get(w, session, current), 404);
    PROBLEM_IS(w, "app_unknown");
    assert_int_equal(send(CSN_DELETE, owner, target, NULL), 404);
    free((void *)target);
    free((void *)session);
    free((void *)current);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(tells_an_api_key_who_it_is),
        TEST(lists_accounts_page_by_page_for_root),
        TEST(shows_an_api_keys_secret_once),
        TEST(reads_the_roles_of_the_documents),
        TEST(ends_an_api_key_at_its_expiry_on_both_sides),
        TEST(refuses_a_revoked_api_key_at_once),
        TEST(keeps_an_app_scoped_key_inside_its_app),
        TEST(a_key_of_one_app_of_the_root_account_is_no_root_key),
        TEST(offers_both_ways_to_present_an_api_key),
        TEST(makes_an_app_from_a_preset_and_shows_it_in_full),
        TEST(makes_no_app_that_could_accept_nothing_or_anything),
        TEST(changes_only_what_it_is_told),
        TEST(holds_each_change_to_its_range),
        TEST(removes_an_app_with_everything_that_named_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
