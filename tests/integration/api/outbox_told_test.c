/* What is written down to be sent: events to webhooks, pushes to addresses.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "outbox_world.h"

/* --- what is told --- */

static void
tells_a_first_login_and_the_end_of_its_session(void **state)
{
    (void)state;
    char *hook = outbox_webhook("\"customer.created\",\"session.started\",\"session.ended\"", "");
    char *alice = outbox_login("device-1", "alice", NULL);
    assert_int_equal(outbox_look(), 2);
    outbox_take(0);
    assert_string_equal(outbox_said("type", NULL, NULL), "customer.created");
    assert_string_equal(outbox_said("timestamp", NULL, NULL), "2026-11-21T09:32:28.977Z");
    assert_string_equal(outbox_said("data", "customer", "id"), alice);
    assert_string_equal(outbox_said("data", "customer", "identity"), "alice");
    outbox_take(1);
    assert_string_equal(outbox_said("type", NULL, NULL), "session.started");
    assert_string_equal(outbox_said("data", "device", NULL), "device-1");
    assert_string_equal(outbox_said("data", "assurance", NULL), "verified");
    free(outbox_login("device-1", "alice", NULL)); /* ends the one before and starts another */
    assert_int_equal(outbox_look(), 4);
    free(hook);
    free(alice);
}

static void
tells_nothing_of_a_login_that_is_refused(void **state)
{
    (void)state;
    char *hook = outbox_webhook("\"customer.created\",\"session.started\"", "");
    assert_int_equal(sdk_start_with("no.token.atall"), 401);
    assert_int_equal(outbox_look(), 0);
    free(hook);
}

static void
tells_no_webhook_that_did_not_ask(void **state)
{
    (void)state;
    char *hook = outbox_webhook("\"item.received\"", "");
    char *off = outbox_webhook("\"session.started\"", ",\"enabled\":false");
    free(outbox_login("device-1", "alice", NULL));
    assert_int_equal(outbox_look(), 0);
    free(hook);
    free(off);
}

static void
append_event(const char *bearer)
{
    assert_int_equal(world_post(w, bearer, world_format(w, "/sdk/v1/apps/%s/sync", app),
                                "{\"items\":[{\"id\":\"e1\",\"kind\":\"event\","
                                "\"body\":{\"name\":\"opened\"}}]}"),
                     200);
}

static void
tells_items_with_their_bodies_only_where_that_is_set(void **state)
{
    (void)state;
    char *plain = outbox_webhook("\"item.received\"", ""),
         *full = outbox_webhook("\"item.received\"", ",\"bodies\":true");
    const char *bearer = sdk_login("alice");
    append_event(bearer);
    append_event(bearer); /* the same item again is none */
    assert_int_equal(outbox_look(), 2);
    outbox_take(0);
    assert_string_equal(outbox_said("data", "item", "id"), "e1");
    assert_string_equal(outbox_said("data", "item", "kind"), "event");
    assert_null(outbox_said("data", "item", "body"));
    outbox_take(1);
    assert_non_null(outbox_said("data", "item", "body"));
    free(plain);
    free(full);
}

static void
tells_that_a_customer_was_erased_and_not_who_it_was(void **state)
{
    (void)state;
    char *alice = outbox_login("device-1", "alice", NULL);
    char *hook = outbox_webhook("\"customer.erased\"", "");
    struct ask erase = {.method = CSN_DELETE,
                        .target = world_format(w, "/api/v1/apps/%s/customers/%s", app, alice),
                        .bearer = w->admin};
    assert_int_equal(world_ask(w, &erase), 200);
    assert_int_equal(outbox_look(), 1);
    outbox_take(0);
    assert_string_equal(outbox_said("data", "customer", "id"), alice);
    assert_null(outbox_said("data", "customer", "identity"));
    free(hook);
    free(alice);
}

static void
tells_changes_of_keys_and_enforcement(void **state)
{
    (void)state;
    char *hook = outbox_webhook("\"key.state_changed\",\"enforcement.changed\"", "");
    sdk_enforce("required");
    outbox_take(0);
    assert_string_equal(outbox_said("data", "from", NULL), "optional");
    assert_string_equal(outbox_said("data", "to", NULL), "required");
    assert_int_equal(world_get(w, w->admin, world_format(w, "/api/v1/apps/%s/keys", app)), 200);
    struct ask retire = {
        .method = CSN_PATCH,
        .target = world_format(w, "/api/v1/apps/%s/keys/%s", app, world_text(w, "items.0.id")),
        .bearer = w->admin,
        .body = "{\"state\":\"retiring\",\"force\":true}"};
    assert_int_equal(world_ask(w, &retire), 200);
    outbox_take(1);
    assert_string_equal(outbox_said("type", NULL, NULL), "key.state_changed");
    assert_string_equal(outbox_said("data", "to", NULL), "retiring");
    free(hook);
}

/* --- pushes --- */

static void
pushes_to_each_device_that_has_an_address(void **state)
{
    (void)state;
    outbox_make_push_key();
    char *alice = outbox_login("device-1", "alice", outbox_web_push("one"));
    free(outbox_login("device-2", "alice", outbox_web_push("two")));
    free(outbox_login("device-3", "alice", NULL));
    free(outbox_login("device-4", "bob", outbox_web_push("four")));
    outbox_send(alice, ",\"id\":\"p1\",\"body\":{\"text\":\"hello\"}");
    assert_int_equal(outbox_look(), 2);
    outbox_take(0);
    assert_int_equal(outbox_parcel.carrier, CSN_CARRIER_WEB_PUSH);
    assert_string_equal(outbox_parcel.url, "https://push.example/one");
    assert_string_equal(outbox_said("item", "body", "text"), "hello");
    assert_string_equal(outbox_said("delivery", NULL, NULL), outbox_parcel.id.text);
    outbox_send(alice, ",\"device\":\"device-2\",\"body\":{}");
    assert_int_equal(outbox_look(), 3);
    outbox_take(2);
    assert_string_equal(outbox_parcel.url, "https://push.example/two");
    free(alice);
}

static void
a_push_sent_again_under_its_id_is_no_second_one(void **state)
{
    (void)state;
    char *alice = outbox_login("device-1", "alice", outbox_web_push("one"));
    outbox_send(alice, ",\"id\":\"p1\",\"body\":{}");
    assert_int_equal(world_post(w, w->admin,
                                world_format(w, "/api/v1/apps/%s/customers/%s/items", app, alice),
                                "{\"kind\":\"push\",\"id\":\"p1\",\"body\":{}}"),
                     200);
    assert_int_equal(outbox_look(), 1);
    free(alice);
}

static void
keeps_a_push_for_everybody_from_a_device_that_proved_nothing(void **state)
{
    (void)state;
    assert_int_equal(sdk_start(NULL, ",\"identity\":\"alice\""), 201);
    char *alice = strdup(world_text(w, "customer.id"));
    struct ask put = {.method = CSN_PUT,
                      .target = world_format(w, "/sdk/v1/apps/%s/device/push", app),
                      .bearer = world_text(w, "session.token"),
                      .body = outbox_web_push("claimed")};
    assert_int_equal(world_ask(w, &put), 204);
    outbox_send(alice, ",\"body\":{}");
    assert_int_equal(outbox_look(), 0);
    outbox_send(alice, ",\"device\":\"device-1\",\"body\":{}");
    assert_int_equal(outbox_look(), 1);
    free(alice);
}

#define FCM "{\"fcm\":{\"package\":\"com.example\",\"registration_id\":\"r-1\"}}"

static void
hands_other_addresses_to_the_apps_own_sender(void **state)
{
    (void)state;
    char *alice = outbox_login("device-1", "alice", FCM);
    outbox_send(alice, ",\"body\":{\"text\":\"hello\"}");
    outbox_take(0);
    assert_int_equal(outbox_parcel.carrier, CSN_CARRIER_NONE);
    assert_int_equal(outbox_parcel.outcome, CSN_OUTCOME_NO_WAY);
    char *hook = outbox_webhook("\"push.send\"", "");
    outbox_take(0);
    assert_int_equal(outbox_parcel.carrier, CSN_CARRIER_WEBHOOK);
    assert_string_equal(outbox_said("type", NULL, NULL), "push.send");
    assert_string_equal(outbox_said("data", "device", NULL), "device-1");
    assert_string_equal(outbox_said("data", "delivery", NULL), outbox_parcel.id.text);
    assert_non_null(outbox_said("data", "address", "fcm"));
    assert_string_equal(outbox_said("data", "customer", "identity"), "alice");
    assert_non_null(outbox_said("data", "item", "body"));
    free(alice);
    free(hook);
}

static void
leaves_a_body_that_web_push_cannot_carry_where_it_is(void **state)
{
    (void)state;
    outbox_make_push_key();
    char *alice = outbox_login("device-1", "alice", outbox_web_push("one"));
    char *long_text = malloc(5001);
    memset(long_text, 'x', 5000);
    long_text[5000] = '\0';
    char *body = malloc(6000);
    snprintf(body, 6000, "{\"kind\":\"push\",\"body\":{\"text\":\"%s\"}}", long_text);
    assert_int_equal(world_post(w, w->admin,
                                world_format(w, "/api/v1/apps/%s/customers/%s/items", app, alice),
                                body),
                     201);
    outbox_take(0);
    assert_true(outbox_parcel.payload.len <= CSN_WEBPUSH_PLAIN_MAX);
    assert_non_null(outbox_said("item", "id", NULL));
    assert_null(outbox_said("item", "body", NULL));
    free(body);
    free(long_text);
    free(alice);
}

static void
a_push_to_a_device_that_is_anothers_by_now_is_moot(void **state)
{
    (void)state;
    char *alice = outbox_login("device-1", "alice", outbox_web_push("one"));
    outbox_send(alice, ",\"body\":{}");
    free(outbox_login("device-1", "bob", outbox_web_push("one")));
    outbox_take(0);
    assert_int_equal(outbox_parcel.outcome, CSN_OUTCOME_MOOT);
    outbox_settle(CSN_OUTCOME_MOOT);
    assert_int_equal(outbox_look(), 0);
    free(alice);
}

static void
says_of_a_link_what_proved_it(void **state)
{
    (void)state;
    static const char *const causes[] = {"verified", "claimed"};
    char *hook = outbox_webhook("\"customer.linked\"", "");
    for (size_t i = 0; i < 2; i++) {
        const char *anonymous = sdk_login_on("device-1", NULL);
        const char *who = i == 0 ? world_format(w, "\"token\":\"%s\"", world_token_for(w, "alice"))
                                 : "\"identity\":\"alice\"";
        assert_int_equal(
            sdk_start(NULL, world_format(w, ",%s,\"anonymous\":\"%s\"", who, anonymous)), 201);
        outbox_take(i);
        assert_string_equal(outbox_said("type", NULL, NULL), "customer.linked");
        assert_string_equal(outbox_said("data", "cause", NULL), causes[i]);
        free((void *)anonymous);
    }
    free(hook);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, outbox_setup, outbox_teardown)
        TEST(says_of_a_link_what_proved_it),
        TEST(tells_a_first_login_and_the_end_of_its_session),
        TEST(tells_nothing_of_a_login_that_is_refused),
        TEST(tells_no_webhook_that_did_not_ask),
        TEST(tells_items_with_their_bodies_only_where_that_is_set),
        TEST(tells_that_a_customer_was_erased_and_not_who_it_was),
        TEST(tells_changes_of_keys_and_enforcement),
        TEST(pushes_to_each_device_that_has_an_address),
        TEST(a_push_sent_again_under_its_id_is_no_second_one),
        TEST(keeps_a_push_for_everybody_from_a_device_that_proved_nothing),
        TEST(hands_other_addresses_to_the_apps_own_sender),
        TEST(leaves_a_body_that_web_push_cannot_carry_where_it_is),
        TEST(a_push_to_a_device_that_is_anothers_by_now_is_moot),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
