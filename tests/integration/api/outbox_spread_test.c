/* A broadcast on its way to push addresses: how far it has come, what a device gets, and what is
 * looked at once more when it is sent. Nothing is sent here: the test is the receiver.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "outbox_world.h"

#include "server/domain/spread.h"

#define FCM "{\"fcm\":{\"package\":\"a.b\",\"registration_id\":\"r-1\"}}"

static const char *path;

static int
setup(void **state)
{
    outbox_setup(state);
    path = strdup(world_format(w, "/api/v1/apps/%s/broadcasts", app));
    return 0;
}

static int
teardown(void **state)
{
    free((void *)path);
    return outbox_teardown(state);
}

/* Returns: the id of a new broadcast. Free it. */
static char *
make(const char *kind, const char *more)
{
    assert_int_equal(
        world_post(w, w->admin, path,
                   world_format(w, "{\"kind\":\"%s\",\"body\":{\"text\":\"sale\"}%s}", kind, more)),
        201);
    return strdup(world_text(w, "id"));
}

static void
spread(void)
{
    struct csn_spread_turn turn = {0};
    assert_int_equal(csn_store_begin(w->service.store), CSN_OK);
    assert_int_equal(csn_spread_step(w->service.store, &turn, w->now_ms), CSN_OK);
    assert_int_equal(csn_store_commit(w->service.store), CSN_OK);
}

static int
ask_one(enum csn_method method, const char *id)
{
    return world_ask(w, &(struct ask){.method = method,
                                      .target = world_format(w, "%s/%s", path, id),
                                      .bearer = w->admin});
}

/* What is due is nothing to send. */
static void
assert_moot(void)
{
    outbox_take(0);
    assert_int_equal(outbox_parcel.carrier, CSN_CARRIER_NONE);
    assert_int_equal(outbox_parcel.outcome, CSN_OUTCOME_MOOT);
    assert_false(outbox_settle(CSN_OUTCOME_MOOT).gave_up);
    assert_int_equal(outbox_look(), 0);
}

/* --- how far it has come --- */

static void
shows_how_far_it_has_come(void **state)
{
    (void)state;
    free(outbox_login("device-1", "alice", outbox_web_push("one")));
    free(outbox_login("device-2", "alice", outbox_web_push("two")));
    char *id = make("push", "");
    assert_int_equal(world_int(w, "push.devices"), 0);
    assert_non_null(strstr(w->body, "\"push\":{\"devices\":0,\"done\":false}"));
    assert_int_equal(outbox_look(), 0);
    spread();
    assert_int_equal(outbox_look(), 2);
    assert_int_equal(ask_one(CSN_GET, id), 200);
    assert_non_null(strstr(w->body, "\"push\":{\"devices\":2,\"done\":true}"));
    spread();
    assert_int_equal(outbox_look(), 2);
    free(id);
}

static void
says_nothing_of_a_push_where_its_kind_is_not_pushed(void **state)
{
    (void)state;
    free(outbox_login("device-1", "alice", outbox_web_push("one")));
    static const char *const kinds[] = {"message", "experience"};
    for (size_t i = 0; i < 2; i++) {
        free(make(kinds[i], ""));
        assert_non_null(strstr(w->body, "\"push\":null"));
    }
    spread();
    assert_int_equal(outbox_look(), 0);
}

/* --- what is sent --- */

static void
a_browser_gets_it_as_an_item_that_says_what_it_is(void **state)
{
    (void)state;
    outbox_make_push_key();
    free(outbox_login("device-1", "alice", outbox_web_push("one")));
    free(make("message", "")); /* number 1 */
    char *id = make("push", "");
    spread();
    outbox_take(0);
    assert_int_equal(outbox_parcel.carrier, CSN_CARRIER_WEB_PUSH);
    assert_string_equal(outbox_parcel.url, "https://push.example/one");
    const char *due = world_format(w,
                                   "{\"delivery\":\"%s\",\"item\":{\"id\":\"%s\",\"seq\":2,"
                                   "\"kind\":\"push\",\"direction\":\"down\",\"unverified\":false,"
                                   "\"broadcast\":true,\"created_at\":\"2026-11-21T09:32:28.977Z\","
                                   "\"body\":{\"text\":\"sale\"}}}",
                                   outbox_parcel.id.text, id);
    assert_true(csn_bytes_equal_text(outbox_parcel.payload, due));
    free(id);
}

static void
the_apps_own_sender_gets_it_with_the_address(void **state)
{
    (void)state;
    char *hook = outbox_webhook("\"push.send\"", "");
    char *alice = outbox_login("phone", "alice", FCM);
    char *id = make("push", "");
    spread();
    outbox_take(0);
    assert_int_equal(outbox_parcel.carrier, CSN_CARRIER_WEBHOOK);
    assert_string_equal(outbox_said("type", NULL, NULL), "push.send");
    assert_string_equal(outbox_said("data", "customer", "id"), alice);
    assert_string_equal(outbox_said("data", "item", "id"), id);
    assert_string_equal(outbox_said("data", "device", NULL), "phone");
    assert_non_null(outbox_said("data", "address", "fcm"));
    free(id);
    free(alice);
    free(hook);
}

static void
a_push_service_keeps_it_no_longer_than_it_lives(void **state)
{
    (void)state;
    outbox_make_push_key();
    free(outbox_login("device-1", "alice", outbox_web_push("one")));
    free(make("push", ",\"expires_at\":\"2026-11-21T10:32:28.977Z\""));
    spread();
    w->now_ms += HOUR / 2;
    outbox_take(0);
    struct csn_letter letter;
    assert_int_equal(
        csn_letter_compose(&outbox_parcel, &w->service.random, &outbox_arena, &letter, w->now_ms),
        CSN_OK);
    bool said = false;
    for (size_t i = 0; i < letter.header_count; i++)
        said = said || strcmp(letter.headers[i], "ttl: 1800") == 0;
    assert_true(said);
}

static void
says_that_it_gave_up_and_on_which(void **state)
{
    (void)state;
    outbox_make_push_key();
    char *hook = outbox_webhook("\"push.gave_up\"", "");
    free(outbox_login("device-1", "alice", outbox_web_push("one")));
    char *id = make("push", "");
    spread();
    outbox_take(0);
    assert_true(outbox_settle(CSN_OUTCOME_GONE).gave_up);
    outbox_take(0);
    assert_string_equal(outbox_said("type", NULL, NULL), "push.gave_up");
    assert_string_equal(outbox_said("data", "item", "id"), id);
    assert_non_null(outbox_said("data", "item", "broadcast"));
    assert_null(outbox_said("data", "item", "body"));
    free(id);
    free(hook);
}

/* --- looked at once more --- */

static void
is_not_sent_after_it_was_withdrawn(void **state)
{
    (void)state;
    outbox_make_push_key();
    free(outbox_login("device-1", "alice", outbox_web_push("one")));
    char *id = make("push", "");
    spread();
    assert_int_equal(ask_one(CSN_DELETE, id), 204);
    assert_moot();
    free(id);
}

static void
is_not_sent_after_it_expired(void **state)
{
    (void)state;
    outbox_make_push_key();
    free(outbox_login("device-1", "alice", outbox_web_push("one")));
    free(make("push", ",\"expires_at\":\"2026-11-21T10:32:28.977Z\""));
    spread();
    w->now_ms += HOUR - 1;
    outbox_take(0);
    assert_int_equal(outbox_parcel.carrier, CSN_CARRIER_WEB_PUSH);
    w->now_ms += 1;
    assert_moot();
}

static void
is_not_sent_to_another_customer_on_the_device(void **state)
{
    (void)state;
    outbox_make_push_key();
    free(outbox_login("device-1", "alice", outbox_web_push("one")));
    free(outbox_login("device-2", "bob", NULL));
    free(make("push", ""));
    spread();
    free(outbox_login("device-1", "bob", outbox_web_push("one")));
    assert_moot();
}

/* Nobody on device-1, who is made Alice after the broadcast. Returns: the path of that link. */
static const char *
link_to_alice(bool spreads_before)
{
    const char *nobody = strdup(world_login(w, app, "device-1", NULL));
    const char *anonymous = strdup(world_text(w, "customer.id"));
    struct ask put = {.method = CSN_PUT,
                      .target = world_format(w, "/sdk/v1/apps/%s/device/push", app),
                      .bearer = nobody,
                      .body = outbox_web_push("one")};
    assert_int_equal(world_ask(w, &put), 204);
    free(make("push", ""));
    if (spreads_before)
        spread();
    w->now_ms += 1;
    assert_int_equal(sdk_start(NULL, world_format(w, ",\"token\":\"%s\",\"anonymous\":\"%s\"",
                                                  world_token_for(w, "alice"), nobody)),
                     201);
    const char *link = world_format(w, "/api/v1/apps/%s/customers/%s/links/%s", app,
                                    world_text(w, "customer.id"), anonymous);
    free((void *)nobody);
    free((void *)anonymous);
    return link;
}

static void
is_sent_to_the_customer_a_device_turned_out_to_be_of(void **state)
{
    (void)state;
    outbox_make_push_key();
    link_to_alice(true);
    outbox_take(0);
    assert_int_equal(outbox_parcel.carrier, CSN_CARRIER_WEB_PUSH);
}

/* Alice's other device was to see it for what she was when it was made, and she was not that. */
static void
is_not_sent_after_the_link_that_let_one_see_it_was_undone(void **state)
{
    (void)state;
    outbox_make_push_key();
    const char *link = strdup(link_to_alice(false));
    free(outbox_login("device-2", "alice", outbox_web_push("two")));
    spread();
    assert_int_equal(outbox_look(), 2);
    struct ask undo = {.method = CSN_DELETE, .target = link, .bearer = w->admin};
    assert_int_equal(world_ask(w, &undo), 200);
    for (size_t i = 0; i < 2; i++) {
        outbox_take(i);
        assert_int_equal(outbox_parcel.outcome, CSN_OUTCOME_MOOT);
    }
    free((void *)link);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(shows_how_far_it_has_come),
        TEST(says_nothing_of_a_push_where_its_kind_is_not_pushed),
        TEST(a_browser_gets_it_as_an_item_that_says_what_it_is),
        TEST(the_apps_own_sender_gets_it_with_the_address),
        TEST(a_push_service_keeps_it_no_longer_than_it_lives),
        TEST(says_that_it_gave_up_and_on_which),
        TEST(is_not_sent_after_it_was_withdrawn),
        TEST(is_not_sent_after_it_expired),
        TEST(is_not_sent_to_another_customer_on_the_device),
        TEST(is_sent_to_the_customer_a_device_turned_out_to_be_of),
        TEST(is_not_sent_after_the_link_that_let_one_see_it_was_undone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
