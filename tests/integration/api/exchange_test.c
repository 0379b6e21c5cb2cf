/* What holds for every endpoint: routing, framing of answers, and how "no" looks.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "one_world.h"

static int
ask(enum csn_method method, const char *target)
{
    return world_ask(w, &(struct ask){.method = method, .target = target});
}

static void
answers_health_to_anyone(void **state)
{
    (void)state;
    assert_int_equal(ask(CSN_GET, "/healthz"), 200);
    assert_string_equal(world_text(w, "status"), "alive");
    assert_int_equal(ask(CSN_GET, "/readyz"), 200);
    assert_int_equal(ask(CSN_GET, "/metrics"), 200);
}

static void
answers_unknown_paths_with_a_problem(void **state)
{
    (void)state;
    static const char *const paths[] = {"/",
                                        "",
                                        "/healthz/",
                                        "/healthzz",
                                        "/health",
                                        "/api/v1",
                                        "/sdk/v1/apps//sessions",
                                        "//healthz",
                                        "/api/v1/presets/a/b"};
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        assert_int_equal(ask(CSN_GET, paths[i]), 404);
        PROBLEM_IS(w, "not_found");
    }
}

static void
names_every_member_of_a_problem(void **state)
{
    (void)state;
    assert_int_equal(ask(CSN_GET, "/nowhere"), 404);
    assert_string_equal(w->x.response.content_type, "application/problem+json");
    assert_string_equal(world_text(w, "type"), "urn:countersign:problem:not_found");
    assert_string_equal(world_text(w, "title"), "There is no such thing here.");
    assert_string_equal(world_text(w, "status"), "404");
    assert_string_equal(world_text(w, "action"), "drop");
    assert_non_null(world_text(w, "detail"));
    assert_string_equal(world_text(w, "request_id"), world_header(w, "request-id"));
    assert_string_equal(world_text(w, "server_time"), "2026-11-21T09:32:28.977Z");
    assert_null(world_text(w, "retry_after"));
}

static void
gives_each_request_its_own_id(void **state)
{
    (void)state;
    ask(CSN_GET, "/healthz");
    const char *first = world_header(w, "request-id");
    ask(CSN_GET, "/healthz");
    assert_int_equal(strlen(first), CSN_ID_LENGTH);
    assert_string_not_equal(first, world_header(w, "request-id"));
}

static void
forbids_every_cache(void **state)
{
    (void)state;
    static const char *const paths[] = {"/healthz", "/nowhere", "/api/v1/whoami"};
    for (size_t i = 0; i < 3; i++) {
        ask(CSN_GET, paths[i]);
        assert_string_equal(world_header(w, "cache-control"), "no-store");
    }
}

static void
names_the_methods_that_a_path_knows(void **state)
{
    (void)state;
    assert_int_equal(ask(CSN_POST, "/healthz"), 405);
    PROBLEM_IS(w, "method_not_allowed");
    assert_string_equal(world_header(w, "allow"), "GET, HEAD, OPTIONS");
    assert_int_equal(ask(CSN_DELETE, "/api/v1/apps"), 405);
    assert_string_equal(world_header(w, "allow"), "GET, HEAD, POST, OPTIONS");
    assert_int_equal(ask(CSN_METHOD_OTHER, "/healthz"), 405);
    assert_int_equal(ask(CSN_OPTIONS, "/api/v1/apps"), 204);
    assert_string_equal(world_header(w, "allow"), "GET, HEAD, POST, OPTIONS");
}

static void
answers_head_as_get(void **state)
{
    (void)state;
    assert_int_equal(ask(CSN_HEAD, "/healthz"), 200);
    assert_true(w->x.response.body.len > 0);
    assert_int_equal(ask(CSN_HEAD, "/nowhere"), 404);
}

static void
tells_the_method_before_it_asks_who_calls(void **state)
{
    (void)state;
    assert_int_equal(ask(CSN_PUT, "/api/v1/whoami"), 405);
    assert_int_equal(ask(CSN_GET, "/api/v1/whoami"), 401);
}

static int
post_coded(const char *type, const char *coding, const char *body)
{
    return world_ask(w, &(struct ask){.method = CSN_POST,
                                      .target = "/api/v1/accounts",
                                      .bearer = w->admin,
                                      .body = body,
                                      .type = type,
                                      .headers = {coding}});
}

static int
post_account(const char *type, const char *body)
{
    return post_coded(type, NULL, body);
}

static void
takes_json_alone(void **state)
{
    (void)state;
    assert_int_equal(post_account("application/json", "{\"name\":\"a\"}"), 201);
    assert_int_equal(post_account("Application/JSON; charset=utf-8", "{\"name\":\"a\"}"), 201);
    static const char *const types[] = {"text/plain", "application/x-www-form-urlencoded",
                                        "application/jsonx", "application/problem+json",
                                        "multipart/form-data"};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        assert_int_equal(post_account(types[i], "{\"name\":\"a\"}"), 415);
        PROBLEM_IS(w, "media_type_unsupported");
    }
}

static void
takes_no_compressed_body(void **state)
{
    (void)state;
    const char *json = "application/json", *body = "{\"name\":\"a\"}";
    assert_int_equal(post_coded(json, "Content-Encoding: identity", body), 201);
    assert_int_equal(post_coded(json, "Content-Encoding: gzip", body), 415);
    PROBLEM_IS(w, "media_type_unsupported");
}

static void
refuses_what_is_no_strict_json_object(void **state)
{
    (void)state;
    static const char *const bodies[] = {"{",
                                         "[]",
                                         "\"name\"",
                                         "{\"name\":\"a\",}",
                                         "{\"name\":\"a\"}x",
                                         "{\"name\":\"a\",\"name\":\"b\"}",
                                         "{\"name\":\"a\",\"n\\u0061me\":\"b\"}",
                                         "{\"name\":\"\\ud800\"}",
                                         "{\"name\":\"\xff\"}",
                                         "\xef\xbb\xbf{\"name\":\"a\"}",
                                         "{'name':'a'}",
                                         " "};
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        assert_int_equal(post_account(NULL, bodies[i]), 400);
        PROBLEM_IS(w, "json_invalid");
    }
}

static void
names_the_field_that_is_wrong(void **state)
{
    (void)state;
    static const struct {
        const char *body, *reason, *field;
    } cases[] = {
        {"{\"name\":\"a\",\"nmae\":\"b\"}", "field_unknown", "nmae"},
        {"{}", "field_missing", "name"},
        {"{\"name\":null}", "field_missing", "name"},
        {"{\"name\":5}", "field_invalid", "name"},
        {"{\"name\":\"\"}", "field_invalid", "name"},
        {"{\"name\":\"a\\u0000b\"}", "field_invalid", "name"},
        {"{\"name\":\"a\\nb\"}", "field_invalid", "name"},
        {"{\"name\":[\"a\"]}", "field_invalid", "name"},
        {"{\"name\":\"a\",\"\":\"b\"}", "field_unknown", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(post_account(NULL, cases[i].body), 400);
        PROBLEM_IS(w, cases[i].reason);
        assert_string_equal(world_text(w, "field"), cases[i].field);
    }
}

static void
holds_a_text_to_its_limit_on_both_sides(void **state)
{
    (void)state;
    char name[CSN_NAME_MAX + 2];
    memset(name, 'n', sizeof name);
    name[CSN_NAME_MAX] = '\0';
    assert_int_equal(post_account(NULL, world_format(w, "{\"name\":\"%s\"}", name)), 201);
    name[CSN_NAME_MAX] = 'n';
    name[CSN_NAME_MAX + 1] = '\0';
    assert_int_equal(post_account(NULL, world_format(w, "{\"name\":\"%s\"}", name)), 400);
    assert_string_equal(world_text(w, "field"), "name");
}

static void
cuts_a_long_field_name_at_a_character(void **state)
{
    (void)state;
    char body[400] = "{\"";
    for (int i = 0; i < 60; i++)
        strcat(body, "\xc3\xa9");
    strcat(body, "\":1}");
    assert_int_equal(post_account(NULL, body), 400);
    assert_int_equal(strlen(world_text(w, "field")), 96);
}

static void
refuses_a_body_over_the_endpoints_limit(void **state)
{
    (void)state;
    size_t limit = 16384;
    char *body = malloc(limit + 2);
    memset(body, ' ', limit + 1);
    memcpy(body, "{\"name\":\"a\"}", 12);
    struct ask big = {.method = CSN_POST,
                      .target = "/api/v1/accounts",
                      .bearer = w->admin,
                      .body = body,
                      .body_len = limit};
    assert_int_equal(world_ask(w, &big), 201);
    body[limit] = ' ';
    big.body_len = limit + 1;
    assert_int_equal(world_ask(w, &big), 413);
    PROBLEM_IS(w, "body_too_large");
    free(body);
}

static void
refuses_a_filter_it_does_not_know(void **state)
{
    (void)state;
    assert_int_equal(world_get(w, w->admin, "/api/v1/apps?limit=1"), 200);
    static const char *const targets[] = {"/api/v1/apps?limt=1",     "/api/v1/apps?limit=0",
                                          "/api/v1/apps?limit=201",  "/api/v1/apps?limit=x",
                                          "/api/v1/apps?cursor=abc", "/api/v1/apps?limit=1&limit=2",
                                          "/api/v1/apps?limit=%zz",  "/api/v1/apps?cursor=%00"};
    for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++)
        assert_int_equal(world_get(w, w->admin, targets[i]), 400);
    assert_int_equal(world_get(w, w->admin, "/api/v1/apps?limit=200&"), 200);
}

static void
decodes_path_parameters_once(void **state)
{
    (void)state;
    assert_int_equal(world_get(w, w->admin, "/api/v1/presets/kustomer"), 200);
    assert_int_equal(world_get(w, w->admin, "/api/v1/presets/%6bustome%72"), 200);
    assert_int_equal(world_get(w, w->admin, "/api/v1/presets/%256bustomer"), 404);
    assert_int_equal(world_get(w, w->admin, "/api/v1/presets/kustomer%2f"), 404);
    assert_int_equal(world_get(w, w->admin, "/api/v1/presets/kustomer%00"), 404);
    assert_int_equal(world_get(w, w->admin, "/api/v1/presets/%"), 404);
}

static void
asks_for_credentials_by_the_endpoints_scheme(void **state)
{
    (void)state;
    assert_int_equal(world_get(w, NULL, "/api/v1/whoami"), 401);
    PROBLEM_IS(w, "credential_missing");
    assert_non_null(strstr(w->headers, "www-authenticate: Bearer\n"
                                       "www-authenticate: Basic realm=\"Countersign\", "
                                       "charset=\"UTF-8\"\n"));
    const char *app = world_app(w, w->admin, "\"preset\":\"generic\"", "HS256");
    const char *current = world_format(w, "/sdk/v1/apps/%s/sessions/current", app);
    assert_int_equal(world_get(w, NULL, current), 401);
    assert_string_equal(world_header(w, "www-authenticate"), "Bearer");
    assert_int_equal(world_get(w, "x.y.z", current), 401);
    assert_string_equal(world_header(w, "www-authenticate"), "Bearer error=\"invalid_token\"");
}

static void
takes_an_api_key_as_bearer_and_as_basic(void **state)
{
    (void)state;
    char pair[128], basic[256];
    strcpy(pair, w->admin);
    *strchr(pair, '.') = ':';
    struct csn_buffer text = csn_buffer_over(basic, sizeof basic);
    csn_buffer_text(&text, "Authorization: bAsIc ");
    csn_base64url_append(&text, csn_bytes_text(pair));
    csn_buffer_terminate(&text);
    for (char *c = basic + 21; *c != '\0'; c++)
        *c = *c == '-' ? '+' : *c == '_' ? '/' : *c;
    struct ask by_basic = {.method = CSN_GET, .target = "/api/v1/whoami", .headers = {basic}};
    assert_int_equal(world_ask(w, &by_basic), 200);
    assert_int_equal(world_get(w, w->admin, "/api/v1/whoami"), 200);
    assert_true(world_bool(w, "root"));
}

static void
refuses_two_authorization_fields_even_when_they_agree(void **state)
{
    (void)state;
    const char *field = world_format(w, "authorization: Bearer %s", w->admin);
    struct ask twice = {
        .method = CSN_GET, .target = "/api/v1/whoami", .bearer = w->admin, .headers = {field}};
    assert_int_equal(world_ask(w, &twice), 400);
    PROBLEM_IS(w, "two_credentials");
}

static void
refuses_api_keys_that_are_not_quite_one(void **state)
{
    (void)state;
    char wrong[128];
    strcpy(wrong, w->admin);
    wrong[strlen(wrong) - 1] ^= 1;
    static const char *const others[] = {"x", ".", "x.y", "", "csk_"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        w->now_ms += 10000;
        assert_int_equal(world_get(w, others[i], "/api/v1/whoami"), 401);
    }
    assert_int_equal(world_get(w, wrong, "/api/v1/whoami"), 401);
    PROBLEM_IS(w, "credential_invalid");
    *strchr(wrong, '.') = '\0';
    assert_int_equal(world_get(w, wrong, "/api/v1/whoami"), 401);
}

static void
says_it_drains_and_still_shows_itself(void **state)
{
    (void)state;
    w->service.draining = true;
    assert_int_equal(ask(CSN_GET, "/healthz"), 200);
    assert_int_equal(ask(CSN_GET, "/metrics"), 200);
    assert_int_equal(ask(CSN_GET, "/readyz"), 503);
    assert_string_equal(world_header(w, "retry-after"), "1");
    assert_int_equal(world_get(w, w->admin, "/api/v1/whoami"), 503);
    PROBLEM_IS(w, "unavailable");
    assert_string_equal(world_text(w, "action"), "wait");
    assert_int_equal(world_int(w, "retry_after"), 1);
}

static void
shows_the_presets_in_full(void **state)
{
    (void)state;
    assert_int_equal(world_get(w, w->admin, "/api/v1/presets"), 200);
    assert_int_equal(world_node(w, "items")->count, csn_preset_count());
    for (size_t i = 0; i < csn_preset_count(); i++) {
        const struct csn_preset *preset = csn_preset_at(i);
        assert_int_equal(
            world_get(w, w->admin, world_format(w, "/api/v1/presets/%s", preset->name)), 200);
        assert_string_equal(world_text(w, "date"), preset->date);
        assert_non_null(world_node(w, "policy.algorithms"));
        assert_non_null(world_node(w, "policy.leeway_s"));
    }
    assert_int_equal(world_get(w, w->admin, "/api/v1/presets/nobody"), 404);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
    const struct CMUnitTest tests[] = {
        TEST(answers_health_to_anyone),
        TEST(answers_unknown_paths_with_a_problem),
        TEST(names_every_member_of_a_problem),
        TEST(gives_each_request_its_own_id),
        TEST(forbids_every_cache),
        TEST(names_the_methods_that_a_path_knows),
        TEST(answers_head_as_get),
        TEST(tells_the_method_before_it_asks_who_calls),
        TEST(takes_json_alone),
        TEST(takes_no_compressed_body),
        TEST(refuses_what_is_no_strict_json_object),
        TEST(names_the_field_that_is_wrong),
        TEST(holds_a_text_to_its_limit_on_both_sides),
        TEST(cuts_a_long_field_name_at_a_character),
        TEST(refuses_a_body_over_the_endpoints_limit),
        TEST(refuses_a_filter_it_does_not_know),
        TEST(decodes_path_parameters_once),
        TEST(asks_for_credentials_by_the_endpoints_scheme),
        TEST(takes_an_api_key_as_bearer_and_as_basic),
        TEST(refuses_two_authorization_fields_even_when_they_agree),
        TEST(refuses_api_keys_that_are_not_quite_one),
        TEST(says_it_drains_and_still_shows_itself),
        TEST(shows_the_presets_in_full),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
