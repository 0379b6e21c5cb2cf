/* Login and anonymous start: challenge, token, enforcement, links.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "sdk.h"

static void
gives_a_good_token_a_verified_session(void **state)
{
    (void)state;
    assert_int_equal(sdk_start_with(world_token_for(w, "alice")), 201);
    assert_string_equal(world_text(w, "customer.identity"), "alice");
    assert_string_equal(world_text(w, "customer.assurance"), "verified");
    assert_int_equal(strlen(world_text(w, "customer.id")), CSN_ID_LENGTH);
    assert_int_equal(strlen(world_text(w, "session.logout_secret")), 43);
    assert_int_equal(world_int(w, "session.generation"), 1);
    assert_int_equal(strlen(world_text(w, "vault_key")), 43);
    assert_string_equal(world_text(w, "cursor"), "0");
    assert_int_equal(world_node(w, "linked")->kind, CSN_JSON_NULL);
    assert_string_equal(world_text(w, "server_time"), "2026-11-21T09:32:28.977Z");
    assert_null(world_node(w, "refused"));
    assert_null(world_node(w, "test_mode"));
}

static void
knows_the_same_customer_again(void **state)
{
    (void)state;
    assert_int_equal(sdk_start_with(world_token_for(w, "alice")), 201);
    const char *id = world_text(w, "customer.id"), *vault = world_text(w, "vault_key");
    assert_non_null(world_login(w, app, "device-2", world_token_for(w, "alice")));
    assert_string_equal(world_text(w, "customer.id"), id);
    assert_string_equal(world_text(w, "vault_key"), vault);
    assert_non_null(world_login(w, app, "device-3", world_token_for(w, "bob")));
    assert_string_not_equal(world_text(w, "customer.id"), id);
    assert_string_not_equal(world_text(w, "vault_key"), vault);
}

static void
starts_anonymously_without_token_and_identity(void **state)
{
    (void)state;
    assert_int_equal(sdk_start(NULL, ""), 201);
    assert_string_equal(world_text(w, "customer.assurance"), "anonymous");
    assert_null(world_text(w, "customer.identity"));
    assert_int_equal(sdk_start(NULL, ",\"token\":null,\"identity\":null,\"anonymous\":null"), 201);
    assert_string_equal(world_text(w, "customer.assurance"), "anonymous");
}

/* An app that asked for a token and got nothing has a mistake to hear of, not a visitor. */
static void
takes_an_empty_token_for_a_bad_one_and_not_for_none(void **state)
{
    (void)state;
    const char *members = ",\"token\":\"\",\"identity\":\"alice\"";
    static const struct {
        const char *mode;
        int status;
    } cases[] = {{"off", 201}, {"monitor", 201}, {"optional", 401}, {"required", 401}};
    for (size_t i = 0; i < 4; i++) {
        sdk_enforce(cases[i].mode);
        assert_int_equal(sdk_start(NULL, members), cases[i].status);
        if (cases[i].status == 201)
            assert_string_equal(world_text(w, "customer.assurance"), "claimed");
        else
            PROBLEM_IS(w, "malformed");
        if (strcmp(cases[i].mode, "monitor") == 0)
            assert_string_equal(world_text(w, "refused.reason"), "malformed");
    }
    assert_string_equal(world_text(w, "part"), "token");
    sdk_enforce("optional");
    assert_int_equal(sdk_start(NULL, ",\"token\":\"\""), 401);
    assert_int_equal(sdk_start("", ""), 401); /* the same in the other place for it */
    PROBLEM_IS(w, "malformed");
    assert_int_equal(sdk_start("", world_format(w, ",\"token\":\"%s\"", world_token_for(w, "a"))),
                     201);
}

static void
believes_a_claim_as_far_as_enforcement_does(void **state)
{
    (void)state;
    static const char *const lenient[] = {"off", "monitor", "optional"};
    for (size_t i = 0; i < 3; i++) {
        sdk_enforce(lenient[i]);
        assert_int_equal(sdk_start(NULL, ",\"identity\":\"alice\""), 201);
        assert_string_equal(world_text(w, "customer.assurance"), "claimed");
    }
    sdk_enforce("required");
    assert_int_equal(sdk_start(NULL, ",\"identity\":\"alice\""), 401);
    PROBLEM_IS(w, "enforcement_missing");
    assert_string_equal(world_text(w, "action"), "refresh");
    assert_int_equal(sdk_start_with(world_token_for(w, "alice")), 201);
}

static void
gives_a_claim_neither_the_customers_vault_nor_its_proof(void **state)
{
    (void)state;
    assert_int_equal(sdk_start_with(world_token_for(w, "alice")), 201);
    const char *vault = world_text(w, "vault_key");
    assert_int_equal(sdk_start(NULL, ",\"identity\":\"alice\""), 201);
    assert_string_not_equal(world_text(w, "vault_key"), vault);
}

static void
refuses_a_bad_token_by_mode(void **state)
{
    (void)state;
    const char *bad = world_token(w, CSN_HS256, "another-secret-of-many-bytes-0123456789",
                                  "{\"sub\":\"alice\",\"iat\":1795253548}");
    const char *members = world_format(w, ",\"token\":\"%s\",\"identity\":\"alice\"", bad);
    static const struct {
        const char *mode;
        int status;
    } cases[] = {{"off", 201}, {"monitor", 201}, {"optional", 401}, {"required", 401}};
    for (size_t i = 0; i < 4; i++) {
        sdk_enforce(cases[i].mode);
        assert_int_equal(sdk_start(NULL, members), cases[i].status);
        if (cases[i].status == 201)
            assert_string_equal(world_text(w, "customer.assurance"), "claimed");
        else
            PROBLEM_IS(w, "signature_invalid");
        bool told = world_node(w, "refused") != NULL;
        assert_int_equal(told, strcmp(cases[i].mode, "monitor") == 0);
        if (told)
            assert_string_equal(world_text(w, "refused.reason"), "signature_invalid");
        if (told)
            assert_string_equal(world_text(w, "refused.action"), "fix_setup");
    }
}

static void
tells_each_refusal_by_its_reason_and_action(void **state)
{
    (void)state;
    static const struct {
        const char *payload, *reason, *action, *claim;
    } cases[] = {
        {"{\"sub\":\"a\",\"iat\":1795253000,\"exp\":1795253100}", "expired", "refresh", NULL},
        {"{\"sub\":\"a\",\"nbf\":1795259000,\"exp\":1795259900}", "not_yet_valid", "refresh", NULL},
        {"{\"sub\":\"a\",\"iat\":1795253548977,\"exp\":1795259900}", "time_in_milliseconds",
         "fix_setup", "iat"},
        {"{\"user\":\"a\",\"exp\":1795259900}", "claim_missing", "fix_setup", "sub"},
        {"{\"sub\":\"\",\"exp\":1795259900}", "claim_invalid", "fix_setup", "sub"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(sdk_start_with(world_token(w, CSN_HS256, SECRET, cases[i].payload)), 401);
        PROBLEM_IS(w, cases[i].reason);
        assert_string_equal(world_text(w, "action"), cases[i].action);
        if (cases[i].claim != NULL)
            assert_string_equal(world_text(w, "claim"), cases[i].claim);
        assert_string_equal(world_header(w, "www-authenticate"), "Bearer error=\"invalid_token\"");
    }
    assert_int_equal(sdk_start_with("abc"), 401);
    PROBLEM_IS(w, "malformed");
    assert_string_equal(world_text(w, "part"), "token");
}

static void
refuses_a_token_for_another_than_the_one_claimed(void **state)
{
    (void)state;
    const char *members =
        world_format(w, ",\"token\":\"%s\",\"identity\":\"bob\"", world_token_for(w, "alice"));
    assert_int_equal(sdk_start(NULL, members), 401);
    PROBLEM_IS(w, "identity_mismatch");
    assert_string_equal(world_text(w, "action"), "login");
}

static void
judges_a_token_that_is_too_long(void **state)
{
    (void)state;
    char *body = malloc(70000);
    int head = sprintf(body, "{\"device\":" DEVICE ",\"token\":\"");
    memset(body + head, 'a', CSN_TOKEN_MAX + 1);
    strcpy(body + head + CSN_TOKEN_MAX + 1, "\"}");
    assert_int_equal(world_post(w, NULL, sessions, body), 401);
    PROBLEM_IS(w, "too_large");
    free(body);
}

static void
never_repeats_the_token_in_an_answer(void **state)
{
    (void)state;
    const char *token = world_token_for(w, "alice");
    assert_int_equal(sdk_start_with(token), 201);
    assert_null(strstr(w->body, token));
    const char *wrong = world_format(w, "%sx", token);
    assert_int_equal(sdk_start_with(wrong), 401);
    assert_null(strstr(w->body, strchr(token, '.') + 1));
}

static void
asks_for_a_device_that_can_be_one(void **state)
{
    (void)state;
    static const struct {
        const char *body, *reason, *field;
    } cases[] = {
        {"{}", "field_missing", "device"},
        {"{\"device\":\"d\"}", "field_invalid", "device"},
        {"{\"device\":{}}", "field_missing", "device.id"},
        {"{\"device\":{\"id\":\"\"}}", "field_invalid", "device.id"},
        {"{\"device\":{\"id\":\"a b\"}}", "field_invalid", "device.id"},
        {"{\"device\":{\"id\":\"caf\\u00e9\"}}", "field_invalid", "device.id"},
        {"{\"device\":{\"id\":\"d\",\"model\":\"x\"}}", "field_unknown", "device.model"},
        {"{\"device\":{\"id\":\"d\",\"platform\":7}}", "field_invalid", "device.platform"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(world_post(w, NULL, sessions, cases[i].body), 400);
        PROBLEM_IS(w, cases[i].reason);
        assert_string_equal(world_text(w, "field"), cases[i].field);
    }
}

static void
takes_the_token_from_body_or_bearer_and_refuses_two_that_differ(void **state)
{
    (void)state;
    const char *alice = world_token_for(w, "alice"), *bob = world_token_for(w, "bob");
    assert_int_equal(sdk_start(alice, ""), 201);
    assert_string_equal(world_text(w, "customer.assurance"), "verified");
    assert_int_equal(sdk_start(alice, world_format(w, ",\"token\":\"%s\"", alice)), 201);
    assert_int_equal(sdk_start(alice, world_format(w, ",\"token\":\"%s\"", bob)), 400);
    PROBLEM_IS(w, "two_credentials");
}

static void
refuses_two_anonymous_sessions_that_differ(void **state)
{
    (void)state;
    const char *one = world_login(w, app, "device-1", NULL);
    const char *two = world_login(w, app, "device-2", NULL);
    assert_int_equal(sdk_start(one, world_format(w, ",\"anonymous\":\"%s\"", two)), 400);
    PROBLEM_IS(w, "two_credentials");
}

static void
links_an_anonymous_session_by_its_own_bearer(void **state)
{
    (void)state;
    static const bool by_header[] = {true, false};
    for (size_t i = 0; i < 2; i++) {
        const char *device = i == 0 ? "device-1" : "device-2";
        const char *anonymous = world_login(w, app, device, NULL);
        const char *customer = world_text(w, "customer.id");
        const char *token = world_token_for(w, "alice");
        const char *extra = by_header[i] ? "" : world_format(w, ",\"anonymous\":\"%s\"", anonymous);
        const char *body = world_format(w, "{\"device\":{\"id\":\"%s\"},\"token\":\"%s\"%s}",
                                        device, token, extra);
        assert_int_equal(world_post(w, by_header[i] ? anonymous : NULL, sessions, body), 201);
        assert_string_equal(world_text(w, "linked.customer"), customer);
        assert_string_not_equal(world_text(w, "customer.id"), customer);
        assert_int_equal(world_get(w, anonymous, current), 401);
        PROBLEM_IS(w, "revoked");
    }
}

static void
continues_an_anonymous_session(void **state)
{
    (void)state;
    const char *anonymous = world_login(w, app, "device-1", NULL);
    const char *customer = world_text(w, "customer.id");
    assert_int_equal(sdk_start(anonymous, ""), 201);
    assert_string_equal(world_text(w, "customer.id"), customer);
    assert_int_equal(world_int(w, "session.generation"), 2);
    assert_null(world_text(w, "session.logout_secret"));
}

static void
never_gives_one_customers_session_to_another(void **state)
{
    (void)state;
    const char *alice = sdk_login("alice");
    const char *members =
        world_format(w, ",\"token\":\"%s\",\"anonymous\":\"%s\"", world_token_for(w, "bob"), alice);
    assert_int_equal(sdk_start(NULL, members), 400);
    assert_string_equal(world_text(w, "field"), "anonymous");
    assert_int_equal(
        sdk_start(alice, world_format(w, ",\"token\":\"%s\"", world_token_for(w, "bob"))), 201);
    assert_int_equal(world_node(w, "linked")->kind, CSN_JSON_NULL);
    assert_string_equal(world_text(w, "customer.identity"), "bob");
}

static void
logs_in_without_a_link_when_the_anonymous_session_expired(void **state)
{
    (void)state;
    const char *anonymous = strdup(world_login(w, app, "device-1", NULL));
    w->now_ms += 400LL * 86400000;
    const char *members = world_format(w, ",\"token\":\"%s\",\"anonymous\":\"%s\"",
                                       world_token_for(w, "alice"), anonymous);
    assert_int_equal(sdk_start(NULL, members), 201);
    assert_int_equal(world_node(w, "linked")->kind, CSN_JSON_NULL);
    free((void *)anonymous);
}

static void
refuses_what_is_no_session_of_this_app_as_anonymous(void **state)
{
    (void)state;
    assert_int_equal(sdk_start(NULL, ",\"anonymous\":\"x.y.z\""), 400);
    assert_string_equal(world_text(w, "field"), "anonymous");
    const char *other = world_app(w, w->admin, "\"preset\":\"generic\"", "HS256");
    const char *foreign = world_login(w, other, "device-1", NULL);
    assert_int_equal(sdk_start(NULL, world_format(w, ",\"anonymous\":\"%s\"", foreign)), 401);
    PROBLEM_IS(w, "signature_invalid");
}

static void
leaves_the_session_before_alone_when_a_login_fails(void **state)
{
    (void)state;
    const char *alice = sdk_login("alice");
    assert_int_equal(sdk_start(alice, ",\"token\":\"x.y.z\""), 401);
    assert_int_equal(world_get(w, alice, current), 200);
    assert_string_equal(world_text(w, "customer.identity"), "alice");
}

static void
binds_a_login_to_a_challenge_used_once(void **state)
{
    (void)state;
    const char *nonce_app = world_app(
        w, w->admin, "\"preset\":\"generic\",\"policy\":{\"nonce\":\"required\"}", "HS256");
    const char *base = strdup(world_format(w, "/sdk/v1/apps/%s/", nonce_app));
    assert_int_equal(
        world_post(w, NULL, world_format(w, "%schallenge", base), "{\"device\":" DEVICE "}"), 201);
    assert_non_null(world_text(w, "expires_at"));
    const char *payload = world_format(
        w, "{\"sub\":\"a\",\"iat\":%lld,\"exp\":%lld,\"nonce\":\"%s\"}",
        (long long)(w->now_ms / 1000), (long long)(w->now_ms / 1000 + 600), world_text(w, "nonce"));
    const char *body = world_format(w, "{\"device\":" DEVICE ",\"token\":\"%s\"}",
                                    world_token(w, CSN_HS256, SECRET, payload));
    assert_int_equal(world_post(w, NULL, world_format(w, "%ssessions", base), body), 201);
    assert_int_equal(world_post(w, NULL, world_format(w, "%ssessions", base), body), 401);
    PROBLEM_IS(w, "nonce_used");
    const char *without =
        world_format(w, "{\"device\":" DEVICE ",\"token\":\"%s\"}", world_token_for(w, "a"));
    assert_int_equal(world_post(w, NULL, world_format(w, "%ssessions", base), without), 401);
    PROBLEM_IS(w, "nonce_missing");
    free((void *)base);
}

static void
lets_a_spent_nonce_in_as_a_claim_where_the_mode_does(void **state)
{
    (void)state;
    free((void *)app);
    app = strdup(world_app(w, w->admin,
                           "\"preset\":\"generic\",\"policy\":{\"nonce\":\"required\"}", "HS256"));
    sdk_enforce("monitor");
    const char *payload = world_format(w, "{\"sub\":\"a\",\"exp\":%lld,\"nonce\":\"never-issued\"}",
                                       (long long)(w->now_ms / 1000 + 600));
    const char *body =
        world_format(w, "{\"device\":" DEVICE ",\"token\":\"%s\",\"identity\":\"a\"}",
                     world_token(w, CSN_HS256, SECRET, payload));
    assert_int_equal(world_post(w, NULL, world_format(w, "/sdk/v1/apps/%s/sessions", app), body),
                     201);
    assert_string_equal(world_text(w, "customer.assurance"), "claimed");
    assert_string_equal(world_text(w, "refused.reason"), "nonce_unknown");
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, sdk_setup, sdk_teardown)
    const struct CMUnitTest tests[] = {
        TEST(gives_a_good_token_a_verified_session),
        TEST(knows_the_same_customer_again),
        TEST(starts_anonymously_without_token_and_identity),
        TEST(takes_an_empty_token_for_a_bad_one_and_not_for_none),
        TEST(believes_a_claim_as_far_as_enforcement_does),
        TEST(gives_a_claim_neither_the_customers_vault_nor_its_proof),
        TEST(refuses_a_bad_token_by_mode),
        TEST(tells_each_refusal_by_its_reason_and_action),
        TEST(refuses_a_token_for_another_than_the_one_claimed),
        TEST(judges_a_token_that_is_too_long),
        TEST(never_repeats_the_token_in_an_answer),
        TEST(asks_for_a_device_that_can_be_one),
        TEST(takes_the_token_from_body_or_bearer_and_refuses_two_that_differ),
        TEST(refuses_two_anonymous_sessions_that_differ),
        TEST(links_an_anonymous_session_by_its_own_bearer),
        TEST(continues_an_anonymous_session),
        TEST(never_gives_one_customers_session_to_another),
        TEST(logs_in_without_a_link_when_the_anonymous_session_expired),
        TEST(refuses_what_is_no_session_of_this_app_as_anonymous),
        TEST(leaves_the_session_before_alone_when_a_login_fails),
        TEST(binds_a_login_to_a_challenge_used_once),
        TEST(lets_a_spent_nonce_in_as_a_claim_where_the_mode_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
