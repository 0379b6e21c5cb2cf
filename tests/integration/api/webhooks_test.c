/* Webhooks and push keys over the management API: made, shown, changed, tried, removed.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "sdk.h"

#include "server/store/outbox_rows.h"
#include "server/store/sqlite.h"

#define URL "https://user:hush@app.example/hook?t=1"

static const char *
path(const char *rest)
{
    return world_format(w, "/api/v1/apps/%s/webhooks%s", app, rest);
}

static const char *
path_of(const char *id, const char *rest)
{
    return world_format(w, "/api/v1/apps/%s/webhooks/%s%s", app, id, rest);
}

static int
call(enum csn_method method, const char *target, const char *body)
{
    return world_ask(
        w, &(struct ask){.method = method, .target = target, .bearer = w->admin, .body = body});
}

static int
create(const char *url, const char *events)
{
    return world_post(w, w->admin, path(""),
                      world_format(w, "{\"url\":\"%s\",\"events\":[%s]}", url, events));
}

/* Returns: the id of a new one that is told of sessions. Free it. */
static char *
made(void)
{
    assert_int_equal(create(URL, "\"session.started\""), 201);
    return strdup(world_text(w, "id"));
}

static void
shows_its_secret_once_and_its_password_never(void **state)
{
    (void)state;
    char *id = made();
    const char *secret = world_text(w, "secret");
    assert_int_equal(strlen(secret), 50);
    assert_memory_equal(secret, "whsec_", 6);
    assert_string_equal(world_text(w, "url"), "https://user:***@app.example/hook?t=1");
    assert_string_equal(world_text(w, "state"), "enabled");
    assert_string_equal(world_text(w, "events.0"), "session.started");
    assert_int_equal(call(CSN_GET, path_of(id, ""), NULL), 200);
    assert_null(world_text(w, "secret"));
    assert_null(strstr(w->body, "hush"));
    assert_int_equal(call(CSN_GET, path(""), NULL), 200);
    assert_string_equal(world_text(w, "items.0.id"), id);
    assert_null(strstr(w->body, "whsec_"));
    assert_null(strstr(w->body, "hush"));
    free(id);
}

static void
gives_another_secret_and_says_how_long_the_old_one_signs(void **state)
{
    (void)state;
    assert_int_equal(create(URL, "\"session.started\""), 201);
    char *id = strdup(world_text(w, "id")), *secret = strdup(world_text(w, "secret"));
    assert_null(world_text(w, "previous_secret_until"));
    assert_int_equal(call(CSN_POST, path_of(id, "/rotate"), NULL), 200);
    assert_string_not_equal(world_text(w, "secret"), secret);
    assert_string_equal(world_text(w, "previous_secret_until"), "2026-11-22T09:32:28.977Z");
    free(id);
    free(secret);
}

static void
refuses_what_it_could_not_serve(void **state)
{
    (void)state;
    static const char *const bad[][3] = {
        {"http://app.example/hook", "\"session.started\"", "url"},
        {"https://app.example/#part", "\"session.started\"", "url"},
        {"ftp://app.example/", "\"session.started\"", "url"},
        {URL, "", "events"},
        {URL, "\"session.begun\"", "events"},
        {URL, "\"webhook.test\"", "events"},
        {URL, "1", "events"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(create(bad[i][0], bad[i][1]), 400);
        if (world_text(w, "field") == NULL || strcmp(world_text(w, "field"), bad[i][2]) != 0)
            fail_msg("%s %s: %s", bad[i][0], bad[i][1], w->body);
    }
    assert_int_equal(create("http://127.0.0.1:9/", "\"session.started\""), 201);
}

static void
lets_one_webhook_alone_send_pushes_on(void **state)
{
    (void)state;
    assert_int_equal(create(URL, "\"push.send\""), 201);
    char *first = strdup(world_text(w, "id"));
    assert_int_equal(create(URL, "\"push.send\",\"session.ended\""), 409);
    assert_int_equal(create(URL, "\"session.ended\""), 201);
    const char *second = world_text(w, "id");
    assert_int_equal(call(CSN_PATCH, path_of(second, ""), "{\"events\":[\"push.send\"]}"), 409);
    assert_int_equal(
        call(CSN_PATCH, path_of(first, ""), "{\"events\":[\"push.send\",\"session.ended\"]}"), 200);
    free(first);
}

static void
takes_ten_of_an_app_and_no_more(void **state)
{
    (void)state;
    for (int i = 0; i < 10; i++)
        assert_int_equal(create(URL, "\"session.started\""), 201);
    assert_int_equal(create(URL, "\"session.started\""), 409);
}

static void
changes_what_is_given_and_nothing_else(void **state)
{
    (void)state;
    char *id = made();
    assert_int_equal(call(CSN_PATCH, path_of(id, ""), "{\"bodies\":true}"), 200);
    assert_true(world_bool(w, "bodies"));
    assert_true(world_bool(w, "enabled"));
    assert_int_equal(call(CSN_PATCH, path_of(id, ""), "{\"enabled\":false}"), 200);
    assert_string_equal(world_text(w, "state"), "disabled");
    assert_true(world_bool(w, "bodies"));
    assert_string_equal(world_text(w, "events.0"), "session.started");
    assert_int_equal(call(CSN_PATCH, path_of(id, ""), "{\"url\":\"https://other.example/\"}"), 200);
    assert_string_equal(world_text(w, "url"), "https://other.example/");
    assert_int_equal(call(CSN_PATCH, path_of(id, ""), "{\"secret\":\"mine\"}"), 400);
    free(id);
}

static void
tells_what_came_of_a_trial(void **state)
{
    (void)state;
    char *id = made();
    assert_int_equal(call(CSN_POST, path_of(id, "/test"), NULL), 202);
    char *delivery = strdup(world_text(w, "delivery"));
    assert_int_equal(call(CSN_GET, path_of(id, "/deliveries"), NULL), 200);
    assert_string_equal(world_text(w, "items.0.id"), delivery);
    assert_string_equal(world_text(w, "items.0.event"), "webhook.test");
    assert_string_equal(world_text(w, "items.0.state"), "waiting");
    assert_int_equal(world_int(w, "items.0.attempts"), 0);
    assert_null(world_text(w, "items.0.outcome"));
    assert_int_equal(call(CSN_GET, path_of(id, ""), NULL), 200);
    assert_int_equal(world_int(w, "waiting"), 1);
    assert_int_equal(call(CSN_PATCH, path_of(id, ""), "{\"enabled\":false}"), 200);
    assert_int_equal(call(CSN_POST, path_of(id, "/test"), NULL), 409);
    free(id);
    free(delivery);
}

static void
is_gone_with_its_deliveries(void **state)
{
    (void)state;
    char *id = made();
    assert_int_equal(call(CSN_POST, path_of(id, "/test"), NULL), 202);
    assert_int_equal(call(CSN_DELETE, path_of(id, ""), NULL), 204);
    assert_int_equal(call(CSN_GET, path_of(id, "/deliveries"), NULL), 404);
    assert_int_equal(call(CSN_DELETE, path_of(id, ""), NULL), 404);
    free(id);
}

static int64_t
number(const char *sql)
{
    struct csn_query q = csn_query(w->service.store, sql);
    assert_int_equal(csn_query_first(&q), CSN_OK);
    int64_t value = csn_row_int(&q);
    assert_int_equal(csn_query_end(&q), CSN_OK);
    return value;
}

static void
fill(const char *id, int deliveries)
{
    const char *sql = world_format(
        w,
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) INSERT INTO "
        "deliveries (app, webhook, notice, facts, created, due) SELECT '%s', '%s', 1, '', 1, 1 "
        "FROM n",
        deliveries, app, id);
    assert_int_equal(sqlite3_exec(w->service.store->db, sql, NULL, NULL, NULL), SQLITE_OK);
}

static void
purge(unsigned limit)
{
    uint64_t purged = 0;
    assert_int_equal(csn_store_begin(w->service.store), CSN_OK);
    assert_int_equal(csn_store_purge_removed_webhooks(w->service.store, limit, &purged), CSN_OK);
    assert_int_equal(csn_store_commit(w->service.store), CSN_OK);
}

static void
is_removed_at_once_and_its_deliveries_in_slices(void **state)
{
    (void)state;
    char *id = made(), *other = made();
    fill(id, CSN_WEBHOOK_REMOVED_AT_ONCE + 5);
    fill(other, 2);
    assert_int_equal(call(CSN_DELETE, path_of(id, ""), NULL), 204);
    assert_int_equal(number("SELECT count(*) FROM deliveries"), 7);
    purge(3);
    assert_int_equal(number("SELECT count(*) FROM deliveries"), 4);
    purge(3);
    assert_int_equal(number("SELECT count(*) FROM deliveries"), 2);
    assert_int_equal(number("SELECT count(*) FROM removed_webhooks"), 0);
    purge(3);
    assert_int_equal(number("SELECT count(*) FROM deliveries"), 2);
    free(id), free(other);
}

static void
leaves_nothing_to_purge_where_its_deliveries_were_few(void **state)
{
    (void)state;
    char *id = made();
    fill(id, CSN_WEBHOOK_REMOVED_AT_ONCE - 1);
    assert_int_equal(call(CSN_DELETE, path_of(id, ""), NULL), 204);
    assert_int_equal(number("SELECT count(*) FROM deliveries"), 0);
    assert_int_equal(number("SELECT count(*) FROM removed_webhooks"), 0);
    free(id);
}

/* --- push keys --- */

static int
push_key(enum csn_method method, const char *body)
{
    return call(method, world_format(w, "/api/v1/apps/%s/push-key", app), body);
}

static void
makes_one_pair_and_keeps_it(void **state)
{
    (void)state;
    assert_int_equal(push_key(CSN_GET, NULL), 200);
    assert_null(world_text(w, "public_key"));
    assert_int_equal(push_key(CSN_PUT, "{\"subject\":\"mailto:ops@app.example\"}"), 200);
    char *key = strdup(world_text(w, "public_key"));
    assert_int_equal(strlen(key), 87);
    assert_int_equal(push_key(CSN_PUT, "{\"subject\":\"https://app.example/contact\"}"), 200);
    assert_string_equal(world_text(w, "public_key"), key);
    assert_string_equal(world_text(w, "subject"), "https://app.example/contact");
    assert_int_equal(push_key(CSN_DELETE, NULL), 204);
    assert_int_equal(push_key(CSN_PUT, NULL), 200);
    assert_string_not_equal(world_text(w, "public_key"), key);
    assert_null(world_text(w, "subject"));
    free(key);
}

static void
refuses_a_subject_that_nobody_can_be_asked_at(void **state)
{
    (void)state;
    assert_int_equal(push_key(CSN_PUT, "{\"subject\":\"ops@app.example\"}"), 400);
    assert_int_equal(push_key(CSN_PUT, "{\"subject\":\"mailto:\"}"), 400);
    assert_int_equal(push_key(CSN_GET, NULL), 200);
    assert_null(world_text(w, "public_key"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, sdk_setup, sdk_teardown)
        TEST(shows_its_secret_once_and_its_password_never),
        TEST(gives_another_secret_and_says_how_long_the_old_one_signs),
        TEST(refuses_what_it_could_not_serve),
        TEST(lets_one_webhook_alone_send_pushes_on),
        TEST(takes_ten_of_an_app_and_no_more),
        TEST(changes_what_is_given_and_nothing_else),
        TEST(tells_what_came_of_a_trial),
        TEST(is_gone_with_its_deliveries),
        TEST(is_removed_at_once_and_its_deliveries_in_slices),
        TEST(leaves_nothing_to_purge_where_its_deliveries_were_few),
        TEST(makes_one_pair_and_keeps_it),
        TEST(refuses_a_subject_that_nobody_can_be_asked_at),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
