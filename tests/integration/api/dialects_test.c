/* The endpoints that the source documents print, called as they print them.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "one_world.h"

static const char *owner; /* a key with the roles admin and user, of an account of its own */
static char basic[256];   /* the same as an Authorization field */

static void
make_basic(const char *bearer)
{
    char pair[128];
    strcpy(pair, bearer);
    *strchr(pair, '.') = ':';
    struct csn_buffer text = csn_buffer_over(basic, sizeof basic - 3);
    csn_buffer_text(&text, "Authorization: Basic ");
    csn_base64url_append(&text, csn_bytes_text(pair));
    csn_buffer_terminate(&text);
    for (char *c = basic + 21; *c != '\0'; c++)
        *c = *c == '-' ? '+' : *c == '_' ? '/' : *c;
    while ((strlen(basic) - 21) % 4 != 0)
        strcat(basic, "=");
}

static int
setup(void **state)
{
    world_setup(state);
    owner = strdup(world_account(w, "Acme", "\"org.admin\",\"org.user\""));
    make_basic(owner);
    return 0;
}

static int
teardown(void **state)
{
    free((void *)owner);
    return world_teardown(state);
}

static const char *
key_with(const char *roles)
{
    assert_int_equal(world_post(w, owner, "/api/v1/api-keys",
                                world_format(w, "{\"name\":\"k\",\"roles\":[%s]}", roles)),
                     201);
    return world_format(w, "%s.%s", world_text(w, "key"), world_text(w, "secret"));
}

/* --- Kustomer --- */

static int
get_settings(const char *bearer)
{
    return world_get(w, bearer, "/v1/auth/customer/settings");
}

static void
gives_kustomers_secret_and_the_same_one_again(void **state)
{
    (void)state;
    assert_int_equal(
        world_post(w, owner, "/api/v1/apps", "{\"name\":\"chat\",\"preset\":\"kustomer\"}"), 201);
    const char *app = world_text(w, "id");
    assert_int_equal(get_settings(owner), 200);
    const char *secret = strdup(world_text(w, "attributes.secret"));
    assert_string_equal(world_text(w, "data.attributes.secret"), secret);
    assert_string_equal(world_text(w, "data.type"), "settings");
    assert_string_equal(world_text(w, "data.id"), app);
    assert_int_equal(get_settings(owner), 200);
    assert_string_equal(world_text(w, "attributes.secret"), secret);
    const char *payload =
        world_format(w, "{\"externalId\":\"user_id\",\"iat\":%lld}", (long long)(w->now_ms / 1000));
    assert_non_null(world_login(w, app, "device-1", world_token(w, CSN_HS256, secret, payload)));
    assert_string_equal(world_text(w, "customer.identity"), "user_id");
    free((void *)secret);
}

static void
asks_both_roles_by_name_for_kustomers_secret(void **state)
{
    (void)state;
    world_app(w, owner, "\"preset\":\"kustomer\"", "HS256");
    static const char *const roles[] = {"\"admin\"", "\"user\"", "\"viewer\"",
                                        "\"user\",\"viewer\"", "\"admin\",\"viewer\""};
    for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++) {
        assert_int_equal(get_settings(key_with(roles[i])), 403);
        assert_int_equal(world_int(w, "errors.0.status"), 403);
        assert_string_equal(world_text(w, "errors.0.code"), "forbidden");
        assert_non_null(world_text(w, "errors.0.title"));
    }
    assert_int_equal(get_settings(key_with("\"admin\",\"user\"")), 200);
    assert_int_equal(get_settings(NULL), 401);
    assert_string_equal(world_text(w, "errors.0.code"), "credential_missing");
}

static void
has_no_kustomer_secret_where_there_is_no_app(void **state)
{
    (void)state;
    assert_int_equal(get_settings(owner), 404);
    assert_string_equal(world_text(w, "errors.0.code"), "not_found");
}

/* --- Appcues --- */

static int
curl(enum csn_method method, const char *target, const char *body)
{
    return world_ask(w, &(struct ask){.method = method,
                                      .target = target,
                                      .body = body,
                                      .type = "application/x-www-form-urlencoded",
                                      .headers = {basic}});
}

static const char *
make_appcues_app(void)
{
    assert_int_equal(world_post(w, owner, "/api/v1/apps",
                                "{\"name\":\"tour\",\"preset\":\"appcues\",\"policy\":{\"issuer\":"
                                "\"12345\"}}"),
                     201);
    return world_text(w, "id");
}

static const char *
mode_of(const char *app)
{
    assert_int_equal(world_get(w, owner, world_format(w, "/api/v1/apps/%s/enforcement", app)), 200);
    return world_text(w, "mode");
}

static void
switches_enforcement_as_the_documents_curl_does(void **state)
{
    (void)state;
    const char *app = strdup(make_appcues_app());
    assert_int_equal(curl(CSN_POST, "/v2/accounts/12345/enforcement_mode/enable", ""), 200);
    assert_true(world_bool(w, "ok"));
    assert_string_equal(mode_of(app), "required");
    assert_int_equal(curl(CSN_POST, "/v2/accounts/12345/enforcement_mode/disable", ""), 200);
    assert_string_equal(mode_of(app), "optional");
    free((void *)app);
}

static void
enforces_as_the_documents_say(void **state)
{
    (void)state;
    const char *app = strdup(make_appcues_app());
    assert_int_equal(curl(CSN_POST, "/v2/accounts/12345/sdk_keys", ""), 201);
    const char *secret = strdup(world_text(w, "secret"));
    const char *payload = world_format(w, "{\"iss\":\"12345\",\"sub\":\"user\",\"exp\":%lld}",
                                       (long long)(w->now_ms / 1000 + 900));
    const char *good = strdup(world_token(w, CSN_HS256, secret, payload));
    const char *bad = strdup(world_token(w, CSN_HS256, SECRET, payload));
    const char *sessions = strdup(world_format(w, "/sdk/v1/apps/%s/sessions", app));
    const char *claim = "{\"device\":" DEVICE ",\"identity\":\"user\"}";
    assert_non_null(world_login(w, app, "device-1", good));
    assert_null(world_login(w, app, "device-1", bad));
    assert_int_equal(world_post(w, NULL, sessions, claim), 201);
    assert_int_equal(curl(CSN_POST, "/v2/accounts/12345/enforcement_mode/enable", ""), 200);
    assert_non_null(world_login(w, app, "device-1", good));
    assert_null(world_login(w, app, "device-1", bad));
    assert_int_equal(world_post(w, NULL, sessions, claim), 401);
    PROBLEM_IS(w, "enforcement_missing");
    free((void *)app);
    free((void *)secret);
    free((void *)good);
    free((void *)bad);
    free((void *)sessions);
}

static void
makes_lists_and_removes_sdk_keys(void **state)
{
    (void)state;
    const char *app = strdup(make_appcues_app());
    assert_int_equal(curl(CSN_POST, "/v2/accounts/12345/sdk_keys", ""), 201);
    const char *one = strdup(world_text(w, "key")), *secret = strdup(world_text(w, "secret"));
    assert_int_equal(curl(CSN_POST, "/v2/accounts/12345/sdk_keys", ""), 201);
    assert_int_equal(curl(CSN_GET, "/v2/accounts/12345/sdk_keys", NULL), 200);
    assert_int_equal(w->json->kind, CSN_JSON_ARRAY);
    assert_int_equal(w->json->count, 2);
    assert_string_equal(world_text(w, "0.key"), one);
    assert_null(strstr(w->body, secret));
    assert_int_equal(curl(CSN_DELETE, world_format(w, "/v2/accounts/12345/sdk_keys/%s", one), NULL),
                     204);
    assert_int_equal(curl(CSN_GET, "/v2/accounts/12345/sdk_keys", NULL), 200);
    assert_int_equal(w->json->count, 1);
    assert_int_equal(curl(CSN_DELETE, world_format(w, "/v2/accounts/12345/sdk_keys/%s", one), NULL),
                     404);
    free((void *)app);
    free((void *)one);
    free((void *)secret);
}

static void
never_lets_the_api_pair_sign(void **state)
{
    (void)state;
    const char *app = strdup(make_appcues_app());
    assert_int_equal(curl(CSN_POST, "/v2/accounts/12345/sdk_keys", ""), 201);
    const char *payload = world_format(w, "{\"iss\":\"12345\",\"sub\":\"user\",\"exp\":%lld}",
                                       (long long)(w->now_ms / 1000 + 900));
    const char *secret = strchr(owner, '.') + 1;
    assert_null(world_login(w, app, "device-1", world_token(w, CSN_HS256, secret, payload)));
    PROBLEM_IS(w, "signature_invalid");
    free((void *)app);
}

static void
says_no_in_appcues_form(void **state)
{
    (void)state;
    make_appcues_app();
    assert_int_equal(world_post(w, NULL, "/v2/accounts/12345/enforcement_mode/enable", NULL), 401);
    assert_true(world_bool(w, "error"));
    assert_int_equal(world_int(w, "status_code"), 401);
    assert_string_equal(world_text(w, "message.type"), "credential_missing");
    assert_non_null(world_text(w, "message.title"));
    assert_non_null(world_text(w, "message.description"));
    assert_int_equal(curl(CSN_POST, "/v2/accounts/999/enforcement_mode/enable", ""), 404);
    assert_int_equal(world_int(w, "status_code"), 404);
    assert_int_equal(curl(CSN_PUT, "/v2/accounts/12345/sdk_keys", ""), 405);
    assert_int_equal(world_int(w, "status_code"), 405);
    assert_string_equal(world_header(w, "allow"), "GET, HEAD, POST, OPTIONS");
    assert_int_equal(
        world_post(w, key_with("\"user\""), "/v2/accounts/12345/enforcement_mode/enable", NULL),
        403);
    make_appcues_app();
    assert_int_equal(curl(CSN_POST, "/v2/accounts/12345/enforcement_mode/enable", ""), 409);
    assert_string_equal(world_text(w, "message.type"), "conflict");
    assert_non_null(strstr(world_text(w, "message.description"), "issuer"));
}

static void
keeps_each_account_to_its_own(void **state)
{
    (void)state;
    make_appcues_app();
    const char *stranger = world_account(w, "Other", "\"admin\"");
    assert_int_equal(world_post(w, stranger, "/v2/accounts/12345/enforcement_mode/enable", NULL),
                     404);
    assert_int_equal(world_get(w, stranger, "/v2/accounts/12345/sdk_keys"), 404);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(gives_kustomers_secret_and_the_same_one_again),
        TEST(asks_both_roles_by_name_for_kustomers_secret),
        TEST(has_no_kustomer_secret_where_there_is_no_app),
        TEST(switches_enforcement_as_the_documents_curl_does),
        TEST(enforces_as_the_documents_say),
        TEST(makes_lists_and_removes_sdk_keys),
        TEST(never_lets_the_api_pair_sign),
        TEST(says_no_in_appcues_form),
        TEST(keeps_each_account_to_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
