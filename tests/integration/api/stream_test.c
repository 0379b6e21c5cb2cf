/* GET stream without sockets: who may open one, what it says, from where it goes on.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "peer.h"

/* --- frames --- */

static void
says_hello_with_the_time_the_cursor_and_when_to_come_again(void **state)
{
    (void)state;
    const char *alice = login_on("device-1", "alice");
    open_at(&peers[0], alice, "?cursor=7.3");
    const char *hello = listen_to(&peers[0]);
    unsigned retry_ms = 0;
    assert_int_equal(sscanf(hello, "retry: %u\n", &retry_ms), 1);
    assert_in_range(retry_ms, CSN_STREAM_RETRY_MS,
                    CSN_STREAM_RETRY_MS + CSN_STREAM_RETRY_SPREAD_MS - 1);
    assert_non_null(strstr(hello, "\nid: 7.3\nevent: hello\ndata: {\"server_time\":\"2026-11-21T09:"
                                  "32:28.977Z\",\"cursor\":\"7.3\"}\n\n"));
    hang_up(&peers[0]);
    free((void *)alice);
}

static void
is_no_stored_answer_and_not_gathered_by_a_proxy(void **state)
{
    (void)state;
    const char *alice = login_on("device-1", "alice");
    open_at(&peers[0], alice, "");
    assert_string_equal(world_header(w, "cache-control"), "no-store");
    assert_string_equal(world_header(w, "x-accel-buffering"), "no");
    hang_up(&peers[0]);
    free((void *)alice);
}

static void
sends_what_is_there_and_then_what_comes_each_once_in_order(void **state)
{
    (void)state;
    const char *alice = login_on("device-1", "alice");
    assert_int_equal(append(alice, "e1"), 200);
    assert_int_equal(append(alice, "e2"), 200);
    open_at(&peers[0], alice, "");
    const char *got = listen_to(&peers[0]);
    const char *first = strstr(got, "id: 1\nevent: item\ndata: {\"id\":\"e1\",\"seq\":1,");
    const char *second = strstr(got, "id: 2\nevent: item\ndata: {\"id\":\"e2\",\"seq\":2,");
    assert_non_null(first);
    assert_true(second > first);
    assert_int_equal(append(alice, "e3"), 200);
    got = listen_to(&peers[0]);
    assert_ptr_equal(strstr(got, "id: 3\nevent: item\n"), got);
    assert_int_equal(count(got, "event:"), 1);
    hang_up(&peers[0]);
    free((void *)alice);
}

static void
an_item_is_one_line_whatever_white_space_its_body_has(void **state)
{
    (void)state;
    const char *alice = login_on("device-1", "alice");
    assert_int_equal(append(alice, "e1"), 200);
    open_at(&peers[0], alice, "");
    const char *line = strstr(listen_to(&peers[0]), "data: {\"id\":\"e1\"");
    assert_non_null(line);
    const char *end = strchr(line, '\n');
    assert_int_equal(end[1], '\n');
    assert_int_equal(end[-1], '}');
    hang_up(&peers[0]);
    free((void *)alice);
}

static void
reaches_every_device_of_the_customer_and_nobody_elses(void **state)
{
    (void)state;
    const char *phone = login_on("phone", "alice"), *tablet = login_on("tablet", "alice");
    const char *bob = login_on("bobs", "bob");
    open_at(&peers[0], phone, "");
    open_at(&peers[1], tablet, "");
    open_at(&peers[2], bob, "");
    for (size_t i = 0; i < 3; i++)
        listen_to(&peers[i]);
    assert_int_equal(append(phone, "e1"), 200);
    assert_non_null(strstr(listen_to(&peers[0]), "\"e1\""));
    assert_non_null(strstr(listen_to(&peers[1]), "\"e1\""));
    assert_string_equal(listen_to(&peers[2]), "");
    for (size_t i = 0; i < 3; i++)
        hang_up(&peers[i]);
    free((void *)phone), free((void *)tablet), free((void *)bob);
}

/* --- cursors --- */

static void
goes_on_after_the_last_event_whatever_the_address_says(void **state)
{
    (void)state;
    const char *alice = login_on("device-1", "alice");
    for (int i = 1; i <= 3; i++)
        assert_int_equal(append(alice, world_format(w, "e%d", i)), 200);
    assert_int_equal(ask_stream(&peers[0], alice, "?cursor=0", "Last-Event-ID: 2"), 200);
    const char *got = listen_to(&peers[0]);
    assert_null(strstr(got, "\"e2\""));
    assert_non_null(strstr(got, "\"e3\""));
    hang_up(&peers[0]);
    free((void *)alice);
}

static void
tells_in_its_first_event_what_test_mode_tells(void **state)
{
    (void)state;
    const char *alice = login_on("device-1", "alice"), *nobody = login_on("device-2", NULL);
    open_at(&peers[0], alice, "");
    assert_null(strstr(listen_to(&peers[0]), "test_mode"));
    struct ask on = {.method = CSN_PATCH,
                     .target = world_format(w, "/api/v1/apps/%s", app),
                     .bearer = w->admin,
                     .body = "{\"test_mode_until\":\"2026-11-22T00:00:00Z\"}"};
    assert_int_equal(world_ask(w, &on), 200);
    open_at(&peers[1], alice, "?cursor=1000000000000000000.1000000000000000000");
    open_at(&peers[2], nobody, "");
    assert_non_null(strstr(listen_to(&peers[1]),
                           "\"test_mode\":\"Countersign Identity Verification "
                           "Testing: Successfully sent update to API using "
                           "User ID Signature\"}\n\n"));
    assert_non_null(strstr(listen_to(&peers[2]), ": No User ID Signature present\"}\n\n"));
    for (size_t i = 0; i < 3; i++)
        hang_up(&peers[i]);
    free((void *)alice), free((void *)nobody);
}

static void
refuses_a_cursor_that_is_none(void **state)
{
    (void)state;
    static const char *const bad[] = {"x", "-1", "01", "1.", "1.0", ".1", "1e3", "%201"};
    const char *alice = login_on("device-1", "alice");
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(ask_stream(&peers[0], alice, world_format(w, "?cursor=%s", bad[i]), NULL),
                         400);
        assert_null(peers[0].stream);
        assert_string_equal(world_text(w, "field"), "?cursor");
    }
    assert_int_equal(ask_stream(&peers[0], alice, "", "Last-Event-ID: hello"), 400);
    assert_string_equal(world_text(w, "field"), "last-event-id");
    assert_int_equal(ask_stream(&peers[0], alice, "?cursors=1", NULL), 400);
    free((void *)alice);
}

static void
comes_page_by_page_and_loses_nothing_between_them(void **state)
{
    (void)state;
    enum { ITEMS = 3 * CSN_STREAM_PAGE_ITEMS + 1 };
    const char *alice = login_on("device-1", "alice");
    for (int i = 1; i <= ITEMS; i++)
        assert_int_equal(append(alice, world_format(w, "e%d", i)), 200);
    open_at(&peers[0], alice, "");
    const char *got = listen_to(&peers[0]);
    for (int i = 1; i <= ITEMS; i++)
        assert_int_equal(count(got, world_format(w, "\nid: %d\n", i)), 1);
    hang_up(&peers[0]);
    free((void *)alice);
}

static void
a_page_holds_no_more_bytes_than_it_may(void **state)
{
    (void)state;
    static char body[32000];
    memset(body, 'y', sizeof body - 1);
    const char *alice = login_on("device-1", "alice");
    for (int i = 1; i <= 5; i++) {
        static char items[40000];
        snprintf(items, sizeof items,
                 "{\"items\":[{\"id\":\"b%d\",\"kind\":\"message\",\"body\":\"%s\"}]}", i, body);
        assert_int_equal(world_post(w, alice, path_of("sync"), items), 200);
    }
    open_at(&peers[0], alice, "");
    size_t longest = 0;
    unsigned items = 0;
    while (!peers[0].paused) {
        size_t len = 0;
        bool page = false;
        csn_live_take(peers[0].stream, peers[0].got, sizeof peers[0].got - 1, &len, &page);
        assert_false(page); /* there was room for all of it */
        peers[0].got[len] = '\0';
        items += count(peers[0].got, "event: item");
        longest = len > longest ? len : longest;
    }
    assert_int_equal(items, 5);
    assert_in_range(longest, sizeof body, CSN_STREAM_PAGE_BYTES);
    hang_up(&peers[0]);
    free((void *)alice);
}

static void
what_the_app_says_to_all_comes_beside_the_log_and_only_once(void **state)
{
    (void)state;
    const char *alice = login_on("phone", "alice"), *bob = login_on("bobs", "bob");
    open_at(&peers[0], alice, "");
    open_at(&peers[1], bob, "");
    listen_to(&peers[0]), listen_to(&peers[1]);
    assert_int_equal(append(alice, "e1"), 200);
    listen_to(&peers[0]);
    const char *broadcasts = world_format(w, "/api/v1/apps/%s/broadcasts", app);
    assert_int_equal(
        world_post(w, w->admin, broadcasts, "{\"kind\":\"message\",\"body\":{\"text\":\"sale\"}}"),
        201);
    assert_non_null(strstr(listen_to(&peers[0]), "id: 1.1\nevent: item\n"));
    assert_non_null(strstr(listen_to(&peers[1]), "id: 0.1\nevent: item\n"));
    assert_int_equal(ask_stream(&peers[2], alice, "", "Last-Event-ID: 1.1"), 200);
    assert_int_equal(append(alice, "e2"), 200);
    const char *got = listen_to(&peers[2]);
    assert_null(strstr(got, "sale"));
    assert_non_null(strstr(got, "id: 2.1\nevent: item\n"));
    assert_null(strstr(listen_to(&peers[0]), "sale"));
    for (size_t i = 0; i < 3; i++)
        hang_up(&peers[i]);
    free((void *)alice), free((void *)bob);
}

/* --- who sees what --- */

static void
a_claimed_session_sees_nothing_of_the_customers(void **state)
{
    (void)state;
    const char *alice = login_on("device-1", "alice");
    assert_int_equal(append(alice, "secret"), 200);
    assert_int_equal(
        world_post(w, NULL, sessions, "{\"device\":{\"id\":\"device-2\"},\"identity\":\"alice\"}"),
        201);
    const char *claimed = strdup(world_text(w, "session.token"));
    open_at(&peers[0], claimed, "");
    assert_null(strstr(listen_to(&peers[0]), "item"));
    assert_int_equal(append(alice, "more"), 200);
    assert_int_equal(append(claimed, "mine"), 200);
    assert_string_equal(listen_to(&peers[0]), "");
    hang_up(&peers[0]);
    free((void *)alice), free((void *)claimed);
}

static void
an_anonymous_session_follows_its_own_log_until_it_is_linked(void **state)
{
    (void)state;
    const char *visitor = login_on("device-1", NULL);
    open_at(&peers[0], visitor, "");
    listen_to(&peers[0]);
    assert_int_equal(append(visitor, "question"), 200);
    assert_non_null(strstr(listen_to(&peers[0]), "\"question\""));
    const char *tablet = login_on("tablet", "alice");
    open_at(&peers[1], tablet, "");
    listen_to(&peers[1]);
    assert_int_equal(
        sdk_start(visitor, world_format(w, ",\"token\":\"%s\"", world_token_for(w, "alice"))), 201);
    assert_non_null(strstr(listen_to(&peers[1]), "\"question\""));
    csn_live_round(w->service.live, w->now_ms);
    assert_non_null(strstr(hang_up(&peers[0]), "\"reason\":\"revoked\""));
    hang_up(&peers[1]);
    free((void *)visitor), free((void *)tablet);
}

static void
is_refused_without_a_bearer(void **state)
{
    (void)state;
    assert_int_equal(ask_stream(&peers[0], NULL, "", NULL), 401);
    assert_null(peers[0].stream);
    assert_int_equal(ask_stream(&peers[0], "nonsense", "", NULL), 401);
    assert_null(peers[0].stream);
}

static void
the_customers_own_token_follows_the_log_as_well(void **state)
{
    (void)state;
    free((void *)app);
    app = strdup(world_app(
        w, w->admin, "\"policy\":{\"preset\":\"generic\",\"use\":\"every_request\"}", "HS256"));
    const char *token = strdup(world_token_for(w, "alice"));
    open_at(&peers[0], token, "");
    listen_to(&peers[0]);
    assert_int_equal(append(token, "e1"), 200);
    assert_non_null(strstr(listen_to(&peers[0]), "\"e1\""));
    w->now_ms += 2 * 3600000;
    csn_live_round(w->service.live, w->now_ms);
    assert_non_null(strstr(hang_up(&peers[0]), "\"reason\":\"expired\",\"action\":\"refresh\""));
    free((void *)token);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(says_hello_with_the_time_the_cursor_and_when_to_come_again),
        TEST(tells_in_its_first_event_what_test_mode_tells),
        TEST(is_no_stored_answer_and_not_gathered_by_a_proxy),
        TEST(sends_what_is_there_and_then_what_comes_each_once_in_order),
        TEST(an_item_is_one_line_whatever_white_space_its_body_has),
        TEST(reaches_every_device_of_the_customer_and_nobody_elses),
        TEST(goes_on_after_the_last_event_whatever_the_address_says),
        TEST(refuses_a_cursor_that_is_none),
        TEST(comes_page_by_page_and_loses_nothing_between_them),
        TEST(a_page_holds_no_more_bytes_than_it_may),
        TEST(what_the_app_says_to_all_comes_beside_the_log_and_only_once),
        TEST(a_claimed_session_sees_nothing_of_the_customers),
        TEST(an_anonymous_session_follows_its_own_log_until_it_is_linked),
        TEST(is_refused_without_a_bearer),
        TEST(the_customers_own_token_follows_the_log_as_well),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
