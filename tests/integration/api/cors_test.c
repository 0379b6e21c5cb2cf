/* Browsers: exact origins of the app, never a reflection.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "one_world.h"

#define SHOP "https://shop.example"
#define LOCAL "http://localhost:3000"

static const char *app;

static int
setup(void **state)
{
    world_setup(state);
    app = strdup(world_app(w, w->admin, "\"preset\":\"generic\"", "HS256"));
    struct ask origins = {.method = CSN_PATCH,
                          .target = world_format(w, "/api/v1/apps/%s", app),
                          .bearer = w->admin,
                          .body = "{\"origins\":[\"" SHOP "\",\"" LOCAL "\"]}"};
    assert_int_equal(world_ask(w, &origins), 200);
    return 0;
}

static int
teardown(void **state)
{
    free((void *)app);
    return world_teardown(state);
}

static int
ask_from(enum csn_method method, const char *path, const char *origin)
{
    const char *field = origin != NULL ? world_format(w, "Origin: %s", origin) : NULL;
    return world_ask(w, &(struct ask){.method = method,
                                      .target = world_format(w, "/sdk/v1/apps/%s/%s", app, path),
                                      .headers = {field}});
}

static void
answers_the_preflight_of_an_allowed_origin(void **state)
{
    (void)state;
    static const char *const paths[] = {"challenge", "sessions", "sessions/current", "device/push"};
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        assert_int_equal(ask_from(CSN_OPTIONS, paths[i], SHOP), 204);
        assert_string_equal(world_header(w, "access-control-allow-origin"), SHOP);
        assert_string_equal(world_header(w, "access-control-allow-methods"),
                            "GET, PUT, PATCH, POST, DELETE");
        assert_string_equal(world_header(w, "access-control-allow-headers"),
                            "authorization, cache-control, content-type, countersign-app-version, "
                            "countersign-device, countersign-identity, countersign-platform, "
                            "countersign-sdk-version, if-match, "
                            "if-modified-since, if-none-match, last-event-id, pragma");
        assert_string_equal(world_header(w, "vary"), "Origin");
        assert_null(world_header(w, "access-control-allow-credentials"));
    }
}

static void
allows_no_origin_that_is_merely_similar(void **state)
{
    (void)state;
    static const char *const origins[] = {"https://shop.example.evil",
                                          "https://evil-shop.example",
                                          "http://shop.example",
                                          "https://shop.example:444",
                                          "https://shop.example:443",
                                          "https://shop.example/",
                                          "https://SHOP.example",
                                          "null",
                                          "*",
                                          "https://shop.example, http://localhost:3000"};
    for (size_t i = 0; i < sizeof origins / sizeof origins[0]; i++) {
        assert_int_equal(ask_from(CSN_OPTIONS, "sessions", origins[i]), 204);
        assert_null(world_header(w, "access-control-allow-origin"));
        assert_null(world_header(w, "access-control-allow-methods"));
        assert_string_equal(world_header(w, "vary"), "Origin");
    }
}

static void
lets_the_browser_read_every_answer_also_a_no(void **state)
{
    (void)state;
    assert_int_equal(ask_from(CSN_GET, "sessions/current", LOCAL), 401);
    assert_string_equal(world_header(w, "access-control-allow-origin"), LOCAL);
    assert_non_null(strstr(world_header(w, "access-control-expose-headers"), "ETag"));
    assert_int_equal(ask_from(CSN_PUT, "sessions/current", LOCAL), 405);
    assert_string_equal(world_header(w, "access-control-allow-origin"), LOCAL);
    assert_int_equal(ask_from(CSN_GET, "sessions/current", "https://evil.example"), 401);
    assert_null(world_header(w, "access-control-allow-origin"));
}

static void
varies_by_origin_even_without_one(void **state)
{
    (void)state;
    assert_int_equal(ask_from(CSN_GET, "sessions/current", NULL), 401);
    assert_string_equal(world_header(w, "vary"), "Origin");
    assert_null(world_header(w, "access-control-allow-origin"));
}

static void
allows_nothing_for_an_app_that_is_not_there(void **state)
{
    (void)state;
    struct ask ask = {.method = CSN_OPTIONS,
                      .target = "/sdk/v1/apps/01ARZ3NDEKTSV4RRFFQ69G5FAV/sessions",
                      .headers = {"Origin: " SHOP}};
    assert_int_equal(world_ask(w, &ask), 204);
    assert_null(world_header(w, "access-control-allow-origin"));
}

static void
keeps_management_out_of_browsers(void **state)
{
    (void)state;
    struct ask ask = {.method = CSN_OPTIONS,
                      .target = world_format(w, "/api/v1/apps/%s", app),
                      .headers = {"Origin: " SHOP}};
    assert_int_equal(world_ask(w, &ask), 204);
    assert_null(world_header(w, "access-control-allow-origin"));
}

static void
forgets_an_origin_at_once(void **state)
{
    (void)state;
    struct ask none = {.method = CSN_PATCH,
                       .target = world_format(w, "/api/v1/apps/%s", app),
                       .bearer = w->admin,
                       .body = "{\"origins\":[]}"};
    assert_int_equal(world_ask(w, &none), 200);
    assert_int_equal(ask_from(CSN_OPTIONS, "sessions", SHOP), 204);
    assert_null(world_header(w, "access-control-allow-origin"));
}

static void
takes_only_what_a_browser_sends_as_an_origin(void **state)
{
    (void)state;
    static const char *const wrong[] = {"https://shop.example/",
                                        "shop.example",
                                        "*",
                                        "null",
                                        "https://*.example",
                                        "https://u@shop.example",
                                        "ftp://shop.example",
                                        "HTTPS://shop.example"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct ask ask = {.method = CSN_PATCH,
                          .target = world_format(w, "/api/v1/apps/%s", app),
                          .bearer = w->admin,
                          .body = world_format(w, "{\"origins\":[\"%s\"]}", wrong[i])};
        assert_int_equal(world_ask(w, &ask), 400);
        assert_string_equal(world_text(w, "field"), "origins");
    }
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(answers_the_preflight_of_an_allowed_origin),
        TEST(allows_no_origin_that_is_merely_similar),
        TEST(lets_the_browser_read_every_answer_also_a_no),
        TEST(varies_by_origin_even_without_one),
        TEST(allows_nothing_for_an_app_that_is_not_there),
        TEST(keeps_management_out_of_browsers),
        TEST(forgets_an_origin_at_once),
        TEST(takes_only_what_a_browser_sends_as_an_origin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
