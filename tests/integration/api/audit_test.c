/* The audit through the API: what leaves a row and what leaves none, what a row says, and who sees
 * it.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "one_world.h"

#include "server/domain/audit.h"
#include "server/store/sqlite.h"

/* --- helpers --- */

static int64_t
head(void)
{
    assert_int_equal(world_get(w, w->admin, "/api/v1/audit/head"), 200);
    return world_int(w, "number");
}

/* The newest row, as the last answer. */
static void
show_newest(void)
{
    assert_int_equal(world_get(w, w->admin, "/api/v1/audit?limit=1"), 200);
}

static const char *
last(const char *member)
{
    return world_text(w, world_format(w, "items.0.%s", member));
}

static int
send(enum csn_method method, const char *bearer, const char *target, const char *body)
{
    struct ask ask = {.method = method, .target = target, .bearer = bearer, .body = body};
    return world_ask(w, &ask);
}

static const char *
make_app(void)
{
    const char *body = "{\"name\":\"shop\",\"preset\":\"generic\"}";
    assert_int_equal(world_post(w, w->admin, "/api/v1/apps", body), 201);
    return world_text(w, "id");
}

static const char *
make_api_key(const char *members)
{
    const char *body = world_format(w, "{\"name\":\"robot\",%s}", members);
    assert_int_equal(world_post(w, w->admin, "/api/v1/api-keys", body), 201);
    return world_format(w, "%s.%s", world_text(w, "key"), world_text(w, "secret"));
}

/* Rows 2..6; row 1 is the first start. */
static void
make_rows(void)
{
    for (int i = 0; i < 5; i++)
        make_app();
    assert_int_equal(head(), 6);
}

/* --- what leaves a row --- */

static void
begins_with_the_first_start(void **state)
{
    (void)state;
    assert_int_equal(head(), 1);
    show_newest();
    assert_string_equal(last("operation"), "firstStart");
    assert_null(last("api_key"));
    assert_non_null(last("target"));
}

static void
writes_one_row_for_a_change_and_says_who_did_what(void **state)
{
    (void)state;
    const char *app = make_app();
    show_newest();
    assert_string_equal(last("operation"), "createApp");
    assert_string_equal(last("app"), app);
    assert_string_equal(last("api_key_name"), "admin key");
    assert_string_equal(last("outcome"), "done");
    assert_string_equal(last("changed.preset"), "generic");
    assert_null(last("changed.name"));
    assert_non_null(world_node(w, "items.0.changed.name"));
    assert_string_equal(last("at"), "2026-11-21T09:32:28.977Z");
    assert_int_equal(head(), 2);
}

static void
keeps_numbers_and_words_and_nothing_else_of_a_body(void **state)
{
    (void)state;
    const char *app = make_app();
    assert_int_equal(send(CSN_PUT, w->admin, world_format(w, "/api/v1/apps/%s/enforcement", app),
                          "{\"mode\":\"required\",\"otherwise\":\"monitor\",\"percentage\":50}"),
                     200);
    show_newest();
    assert_int_equal(50, world_int(w, "items.0.changed.percentage"));
    assert_string_equal(last("changed.otherwise"), "monitor");
    assert_int_equal(
        send(CSN_POST, w->admin, world_format(w, "/api/v1/apps/%s/webhooks", app),
             "{\"url\":\"https://hook.example/secret\",\"events\":[\"customer.created\","
             "\"item.received\"]}"),
        201);
    show_newest();
    assert_string_equal(last("changed.events.1"), "item.received");
    assert_null(last("changed.url"));
}

static void
names_the_request_whose_answer_carried_the_same_id(void **state)
{
    (void)state;
    make_app();
    const char *id = world_format(w, "%s", world_header(w, "request-id"));
    show_newest();
    assert_string_equal(last("request_id"), id);
}

static void
names_what_was_made_and_what_the_path_names(void **state)
{
    (void)state;
    const char *app = make_app();
    const char *keys = world_format(w, "/api/v1/apps/%s/keys", app);
    assert_int_equal(world_post(w, w->admin, keys, "{\"generate\":true,\"algorithm\":\"HS256\"}"),
                     201);
    const char *key = world_text(w, "id");
    show_newest();
    assert_string_equal(last("target"), key);
    assert_int_equal(send(CSN_PATCH, w->admin, world_format(w, "%s/%s", keys, key),
                          "{\"state\":\"retiring\",\"force\":true}"),
                     200);
    show_newest();
    assert_string_equal(last("target"), key);
    assert_string_equal(last("app"), app);
    assert_string_equal(last("changed.state"), "retiring");
    assert_true(world_bool(w, "items.0.changed.force"));
}

static void
keeps_no_secret_and_no_text_of_the_body(void **state)
{
    (void)state;
    const char *app = make_app();
    const char *keys = world_format(w, "/api/v1/apps/%s/keys", app);
    assert_int_equal(
        world_post(w, w->admin, keys, "{\"secret\":\"" SECRET "\",\"algorithm\":\"HS512\"}"), 201);
    assert_int_equal(world_get(w, w->admin, "/api/v1/audit"), 200);
    assert_null(strstr(w->body, SECRET));
    assert_non_null(strstr(w->body, "\"secret\":null"));
    assert_null(strstr(w->body, "shop"));
}

static void
writes_no_row_for_what_changed_nothing(void **state)
{
    (void)state;
    const char *app = make_app();
    const char *policy = world_format(w, "/api/v1/apps/%s/policy", app);
    int64_t before = head();
    assert_int_equal(world_get(w, w->admin, "/api/v1/apps"), 200);
    assert_int_equal(send(CSN_PUT, w->admin, policy, "{\"algorithms\":[\"nothing\"]}"), 400);
    struct ask stale = {.method = CSN_PUT,
                        .target = policy,
                        .bearer = w->admin,
                        .body = "{\"preset\":\"generic\"}",
                        .headers = {"If-Match: \"77\""}};
    assert_int_equal(world_ask(w, &stale), 412);
    assert_int_equal(world_post(w, w->admin, "/api/v1/apps", "{\"nmae\":\"x\"}"), 400);
    assert_int_equal(send(CSN_DELETE, w->admin, "/api/v1/api-keys/csk_nobody", NULL), 404);
    const char *diagnose = world_format(w, "/api/v1/apps/%s/diagnose", app);
    assert_int_equal(world_post(w, w->admin, diagnose, "{\"token\":\"a.b.c\"}"), 200);
    assert_int_equal(head(), before);
}

static void
writes_down_an_api_key_that_revokes_itself_by_its_name(void **state)
{
    (void)state;
    const char *robot = make_api_key("\"roles\":[\"admin\"]");
    const char *id = world_text(w, "id");
    assert_int_equal(send(CSN_DELETE, robot, world_format(w, "/api/v1/api-keys/%s", id), NULL),
                     204);
    show_newest();
    assert_string_equal(last("operation"), "revokeApiKey");
    assert_string_equal(last("api_key"), id);
    assert_string_equal(last("api_key_name"), "robot");
    assert_string_equal(last("target"), id);
}

static void
writes_down_every_secret_that_kustomers_endpoint_hands_out(void **state)
{
    (void)state;
    const char *body = "{\"name\":\"k\",\"preset\":\"kustomer\"}";
    assert_int_equal(world_post(w, w->admin, "/api/v1/apps", body), 201);
    const char *app = world_text(w, "id");
    for (int i = 0; i < 2; i++)
        assert_int_equal(world_get(w, w->admin, "/v1/auth/customer/settings"), 200);
    assert_int_equal(head(), 4);
    show_newest();
    assert_string_equal(last("operation"), "kustomerGetSettings");
    assert_string_equal(last("app"), app);
}

static void
writes_down_what_appcues_endpoints_change(void **state)
{
    (void)state;
    const char *body = "{\"name\":\"a\",\"preset\":\"appcues\"}";
    assert_int_equal(world_post(w, w->admin, "/api/v1/apps", body), 201);
    const char *app = world_text(w, "id");
    const char *enable = world_format(w, "/v2/accounts/%s/enforcement_mode/enable", app);
    assert_int_equal(send(CSN_POST, w->admin, enable, NULL), 200);
    show_newest();
    assert_string_equal(last("operation"), "appcuesEnableEnforcement");
    assert_string_equal(last("app"), app);
}

/* --- denials --- */

static void
writes_down_who_lacked_the_role_and_not_without_end(void **state)
{
    (void)state;
    char viewer[128];
    strcpy(viewer, make_api_key("\"roles\":[\"viewer\"]"));
    int64_t before = head();
    const char *body = "{\"name\":\"x\"}";
    assert_int_equal(world_post(w, viewer, "/api/v1/apps", body), 403);
    PROBLEM_IS(w, "forbidden");
    show_newest();
    assert_string_equal(last("outcome"), "denied");
    assert_string_equal(last("api_key_name"), "robot");
    for (int i = 1; i < CSN_AUDIT_DENIED_MAX + 3; i++)
        assert_int_equal(world_post(w, viewer, "/api/v1/apps", body), 403);
    assert_int_equal(head(), before + CSN_AUDIT_DENIED_MAX);
    make_app();
    assert_int_equal(head(), before + CSN_AUDIT_DENIED_MAX + 1);
    w->now_ms += CSN_AUDIT_DENIED_MS + 1;
    assert_int_equal(world_post(w, viewer, "/api/v1/apps", body), 403);
    assert_int_equal(head(), before + CSN_AUDIT_DENIED_MAX + 2);
}

static void
writes_nothing_down_of_strangers_and_of_reading(void **state)
{
    (void)state;
    const char *viewer = world_format(w, "%s", make_api_key("\"roles\":[\"viewer\"]"));
    int64_t before = head();
    assert_int_equal(world_post(w, NULL, "/api/v1/apps", "{\"name\":\"x\"}"), 401);
    assert_int_equal(world_get(w, viewer, "/api/v1/audit"), 403);
    assert_int_equal(head(), before);
}

/* --- who sees what --- */

static void
shows_each_account_its_own_chain(void **state)
{
    (void)state;
    const char *other = world_account(w, "other", "\"admin\"");
    assert_int_equal(world_get(w, other, "/api/v1/audit"), 200);
    assert_int_equal(world_node(w, "items")->count, 0);
    assert_int_equal(world_get(w, other, "/api/v1/audit/head"), 200);
    assert_int_equal(world_int(w, "number"), 0);
    assert_null(world_text(w, "hash"));
    assert_int_equal(
        world_post(w, other, "/api/v1/apps", "{\"name\":\"x\",\"preset\":\"generic\"}"), 201);
    assert_int_equal(world_get(w, other, "/api/v1/audit"), 200);
    assert_string_equal(last("number"), "1");
}

static void
shows_an_api_key_of_one_app_that_apps_rows(void **state)
{
    (void)state;
    const char *app = make_app();
    make_app();
    const char *narrow = make_api_key(world_format(w, "\"roles\":[\"admin\"],\"app\":\"%s\"", app));
    assert_int_equal(world_get(w, narrow, "/api/v1/audit"), 200);
    assert_int_equal(world_node(w, "items")->count, 1);
    assert_string_equal(last("app"), app);
}

static void
filters_by_app_operation_key_and_time(void **state)
{
    (void)state;
    const char *app = make_app();
    w->now_ms += 1000;
    const char *robot = world_format(w, "%s", make_api_key("\"roles\":[\"admin\"]"));
    const char *id = world_text(w, "id");
    w->now_ms += 1000;
    assert_int_equal(
        send(CSN_PATCH, robot, world_format(w, "/api/v1/apps/%s", app), "{\"suspended\":true}"),
        200);
    const struct {
        const char *query;
        size_t count;
    } cases[] = {
        {"", 4},
        {world_format(w, "app=%s", app), 2},
        {"operation=createApiKey", 1},
        {world_format(w, "key=%s", id), 1},
        {"since=2026-11-21T09:32:29.977Z", 2},
        {"until=2026-11-21T09:32:29.977Z", 2},
        {world_format(w, "app=%s&operation=updateApp&key=%s", app, id), 1},
        {"operation=nothing", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(
            world_get(w, w->admin, world_format(w, "/api/v1/audit?%s", cases[i].query)), 200);
        assert_int_equal(world_node(w, "items")->count, cases[i].count);
    }
    static const char *const wrong[] = {"order=up",    "cursor=0", "cursor=x",
                                        "since=today", "limit=0",  "nothing=1"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_equal(world_get(w, w->admin, world_format(w, "/api/v1/audit?%s", wrong[i])),
                         400);
}

static void
turns_pages_in_both_orders(void **state)
{
    (void)state;
    make_rows();
    static const char *const orders[] = {"newest", "oldest"};
    for (int o = 0; o < 2; o++) {
        const char *cursor = "";
        int64_t expected = o == 0 ? 6 : 1;
        for (int page = 0; page < 3; page++) {
            assert_int_equal(
                world_get(w, w->admin,
                          world_format(w, "/api/v1/audit?order=%s&limit=2%s", orders[o], cursor)),
                200);
            assert_int_equal(world_node(w, "items")->count, 2);
            for (int i = 0; i < 2; i++, expected += o == 0 ? -1 : 1)
                assert_int_equal(world_int(w, world_format(w, "items.%d.number", i)), expected);
            if (world_text(w, "next") != NULL)
                cursor = world_format(w, "&cursor=%s", world_text(w, "next"));
        }
        assert_null(world_text(w, "next"));
    }
}

/* --- together with the change --- */

static bool
fails_when_due(void *state)
{
    int *left = state;
    return --*left == 0;
}

/* Whichever step of the store fails: both are there, or neither is. */
static void
is_there_exactly_when_the_change_is(void **state)
{
    (void)state;
    bool succeeded = false;
    for (int at = 1; !succeeded; at++) {
        int64_t rows = head();
        assert_int_equal(world_get(w, w->admin, "/api/v1/apps?limit=200"), 200);
        size_t apps = world_node(w, "items")->count;
        int left = at;
        w->service.store->fault = fails_when_due;
        w->service.store->fault_state = &left;
        int status =
            world_post(w, w->admin, "/api/v1/apps", "{\"name\":\"x\",\"preset\":\"generic\"}");
        w->service.store->fault = NULL;
        succeeded = status == 201;
        assert_true(succeeded || status == 503);
        assert_int_equal(world_get(w, w->admin, "/api/v1/apps?limit=200"), 200);
        assert_int_equal(world_node(w, "items")->count, apps + succeeded);
        assert_int_equal(head(), rows + succeeded);
        assert_true(at < 40);
    }
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
    const struct CMUnitTest tests[] = {
        TEST(begins_with_the_first_start),
        TEST(writes_one_row_for_a_change_and_says_who_did_what),
        TEST(keeps_numbers_and_words_and_nothing_else_of_a_body),
        TEST(names_the_request_whose_answer_carried_the_same_id),
        TEST(names_what_was_made_and_what_the_path_names),
        TEST(keeps_no_secret_and_no_text_of_the_body),
        TEST(writes_no_row_for_what_changed_nothing),
        TEST(writes_down_an_api_key_that_revokes_itself_by_its_name),
        TEST(writes_down_every_secret_that_kustomers_endpoint_hands_out),
        TEST(writes_down_what_appcues_endpoints_change),
        TEST(writes_down_who_lacked_the_role_and_not_without_end),
        TEST(writes_nothing_down_of_strangers_and_of_reading),
        TEST(shows_each_account_its_own_chain),
        TEST(shows_an_api_key_of_one_app_that_apps_rows),
        TEST(filters_by_app_operation_key_and_time),
        TEST(turns_pages_in_both_orders),
        TEST(is_there_exactly_when_the_change_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
