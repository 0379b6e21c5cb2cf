/* The log of a customer for the app's people: reading it, and sending down.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "sdk.h"

#include "server/api/item_form.h"

/* --- the app's people --- */

static int
send(const char *customer, const char *body)
{
    return world_post(w, w->admin,
                      world_format(w, "/api/v1/apps/%s/customers/%s/items", app, customer), body);
}

static int
list(const char *customer, const char *query)
{
    return world_get(w, w->admin,
                     world_format(w, "/api/v1/apps/%s/customers/%s/items%s", app, customer, query));
}

static void
reaches_every_device_or_the_one_named(void **state)
{
    (void)state;
    const char *phone = sdk_login_on("device-1", "alice"),
               *tablet = sdk_login_on("device-2", "alice");
    const char *alice = strdup(world_text(w, "customer.id"));
    assert_int_equal(send(alice, "{\"kind\":\"push\",\"id\":\"p1\",\"body\":{\"t\":\"hi\"}}"), 201);
    assert_string_equal(world_text(w, "direction"), "down");
    assert_null(world_text(w, "device"));
    assert_int_equal(send(alice, "{\"kind\":\"push\",\"id\":\"p1\",\"body\":{\"t\":\"again\"}}"),
                     200);
    assert_string_equal(world_text(w, "body.t"), "hi");
    assert_int_equal(
        send(alice, "{\"kind\":\"message\",\"id\":\"m\",\"device\":\"device-2\",\"body\":{}}"),
        201);
    assert_int_equal(send(alice, "{\"kind\":\"note\",\"id\":\"n\",\"body\":{\"x\":1}}"), 201);
    assert_int_equal(sdk_sync(phone, "{}"), 200);
    assert_true(sdk_got("p1 m"));
    assert_int_equal(sdk_sync(tablet, "{}"), 200);
    assert_true(sdk_got("p1 m"));
    assert_int_equal(list(alice, ""), 200);
    assert_true(sdk_got("n m p1"));
    free((void *)phone);
    free((void *)tablet);
    free((void *)alice);
}

/* On a device that several use, a claim must not read what the one before it was sent. */
static void
shows_a_claim_nothing_of_what_its_device_was_sent_when_it_was_verified(void **state)
{
    (void)state;
    const char *session = sdk_login_on("device-9", "alice");
    const char *alice = strdup(world_text(w, "customer.id"));
    assert_int_equal(
        send(alice, "{\"kind\":\"message\",\"id\":\"m\",\"device\":\"device-9\",\"body\":{}}"),
        201);
    assert_false(world_bool(w, "unverified"));
    assert_int_equal(sdk_logout(session, NULL), 204);
    assert_int_equal(
        world_post(w, NULL, sessions, "{\"device\":{\"id\":\"device-9\"},\"identity\":\"alice\"}"),
        201);
    const char *claim = strdup(world_text(w, "session.token"));
    assert_int_equal(sdk_sync(claim, "{}"), 200);
    assert_false(sdk_got("m"));
    assert_int_equal(
        send(alice, "{\"kind\":\"message\",\"id\":\"n\",\"device\":\"device-9\",\"body\":{}}"),
        201);
    assert_true(world_bool(w, "unverified"));
    assert_int_equal(sdk_sync(claim, "{}"), 200);
    assert_true(sdk_got("n"));
    free((void *)session);
    free((void *)claim);
    free((void *)alice);
}

static void
shows_a_claim_only_what_was_sent_to_its_device(void **state)
{
    (void)state;
    assert_int_equal(
        world_post(w, NULL, sessions, "{\"device\":{\"id\":\"device-9\"},\"identity\":\"alice\"}"),
        201);
    const char *claim = strdup(world_text(w, "session.token"));
    const char *alice = strdup(world_text(w, "customer.id"));
    assert_int_equal(send(alice, "{\"kind\":\"push\",\"id\":\"all\",\"body\":{}}"), 201);
    assert_int_equal(
        send(alice, "{\"kind\":\"push\",\"id\":\"own\",\"device\":\"device-9\",\"body\":{}}"), 201);
    assert_int_equal(sdk_sync(claim, "{}"), 200);
    assert_true(sdk_got("own"));
    free((void *)claim);
    free((void *)alice);
}

static void
takes_an_id_that_a_claim_has_used(void **state)
{
    (void)state;
    assert_int_equal(
        world_post(w, NULL, sessions, "{\"device\":{\"id\":\"device-9\"},\"identity\":\"alice\"}"),
        201);
    const char *claim = strdup(world_text(w, "session.token"));
    const char *alice = strdup(world_text(w, "customer.id"));
    static const char shipped[] =
        "{\"kind\":\"message\",\"id\":\"order-1\",\"body\":{\"by\":\"app\"}}";
    assert_int_equal(sdk_append(claim, "order-1"), 200);
    assert_int_equal(send(alice, shipped), 201);
    assert_string_equal(world_text(w, "direction"), "down");
    assert_string_equal(world_text(w, "body.by"), "app");
    assert_int_equal(send(alice, shipped), 200);
    assert_string_equal(world_text(w, "direction"), "down");
    assert_int_equal(sdk_append(claim, "order-1"), 200);
    assert_int_equal(list(alice, ""), 200);
    assert_true(sdk_got("order-1 order-1"));
    free((void *)claim);
    free((void *)alice);
}

static void
lists_the_log_in_either_order_page_by_page(void **state)
{
    (void)state;
    const char *session = sdk_login_on("device-1", "alice");
    const char *alice = strdup(world_text(w, "customer.id"));
    for (int i = 0; i < 5; i++)
        assert_int_equal(sdk_append(session, world_format(w, "e%d", i)), 200);
    assert_int_equal(list(alice, "?limit=2"), 200);
    assert_true(sdk_got("e4 e3"));
    assert_int_equal(list(alice, world_format(w, "?limit=3&cursor=%s", world_text(w, "next"))),
                     200);
    assert_true(sdk_got("e2 e1 e0"));
    assert_null(world_text(w, "next"));
    assert_int_equal(list(alice, "?limit=4&order=oldest"), 200);
    assert_true(sdk_got("e0 e1 e2 e3"));
    assert_int_equal(list(alice, world_format(w, "?order=oldest&cursor=%s", world_text(w, "next"))),
                     200);
    assert_true(sdk_got("e4"));
    assert_null(world_text(w, "next"));
    assert_int_equal(list(alice, "?order=latest"), 400);
    assert_int_equal(list(alice, "?cursor=x"), 400);
    free((void *)session);
    free((void *)alice);
}

static void
names_what_is_wrong_with_an_item_to_send(void **state)
{
    (void)state;
    const char *session = sdk_login_on("device-1", "alice");
    const char *alice = strdup(world_text(w, "customer.id"));
    static const char *const bodies[] = {
        "{\"kind\":\"event\",\"body\":{}}",
        "{\"kind\":\"push\",\"body\":1}",
        "{\"kind\":\"push\",\"id\":\"a b\",\"body\":{}}",
        "{\"kind\":\"push\"}",
    };
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++)
        assert_int_equal(send(alice, bodies[i]), 400);
    assert_int_equal(send(alice, "{\"kind\":\"push\",\"device\":\"other\",\"body\":{}}"), 404);
    PROBLEM_IS(w, "not_found");
    assert_string_equal(world_text(w, "field"), "device");
    const char *bob = sdk_login_on("device-2", "bob");
    assert_int_equal(send(alice, "{\"kind\":\"push\",\"device\":\"device-2\",\"body\":{}}"), 404);
    assert_string_equal(world_text(w, "field"), "device");
    free((void *)bob);
    assert_int_equal(send("01ARZ3NDEKTSV4RRFFQ69G5FAV", "{\"kind\":\"push\",\"body\":{}}"), 404);
    assert_null(world_node(w, "field"));
    free((void *)session);
    free((void *)alice);
}

static void
follows_a_linked_customer_to_its_owner(void **state)
{
    (void)state;
    const char *anonymous = sdk_login_on("device-1", NULL);
    const char *visitor = strdup(world_text(w, "customer.id"));
    assert_int_equal(sdk_append(anonymous, "before"), 200);
    assert_int_equal(sdk_start(NULL, world_format(w, ",\"token\":\"%s\",\"anonymous\":\"%s\"",
                                                  world_token_for(w, "alice"), anonymous)),
                     201);
    const char *alice = strdup(world_text(w, "session.token"));
    assert_int_equal(send(visitor, "{\"kind\":\"message\",\"id\":\"reply\",\"body\":{}}"), 201);
    assert_int_equal(sdk_sync(alice, "{}"), 200);
    assert_true(sdk_got("before reply"));
    free((void *)anonymous);
    free((void *)visitor);
    free((void *)alice);
}

static int
broadcast(const char *body)
{
    return world_post(w, w->admin, world_format(w, "/api/v1/apps/%s/broadcasts", app), body);
}

static void
brings_everybody_what_is_said_to_all(void **state)
{
    (void)state;
    const char *alice = sdk_login_on("device-1", "alice"),
               *visitor = sdk_login_on("device-2", NULL);
    w->now_ms += 1;
    assert_int_equal(sdk_append(alice, "own"), 200);
    assert_int_equal(broadcast("{\"kind\":\"message\",\"body\":{\"text\":\"to all\"}}"), 201);
    assert_int_equal(sdk_sync(visitor, "{}"), 200);
    assert_string_equal(world_text(w, "items.0.body.text"), "to all");
    assert_true(world_bool(w, "items.0.broadcast"));
    assert_int_equal(sdk_sync(alice, "{}"), 200);
    assert_int_equal(world_node(w, "items")->count, 2);
    assert_string_equal(world_text(w, "items.0.id"), "own");
    assert_string_equal(world_text(w, "items.1.body.text"), "to all");
    assert_false(world_bool(w, "more"));
    const char *cursor = world_text(w, "cursor");
    assert_int_equal(sdk_sync(alice, world_format(w, "{\"cursor\":\"%s\"}", cursor)), 200);
    assert_true(sdk_got(""));
    w->now_ms += 1;
    const char *late = sdk_login_on("device-3", "late");
    assert_int_equal(sdk_sync(late, "{}"), 200);
    assert_true(sdk_got(""));
    free((void *)alice);
    free((void *)visitor);
    free((void *)late);
}

static void
pages_through_log_and_broadcasts_alike(void **state)
{
    (void)state;
    const char *alice = sdk_login_on("device-1", "alice");
    w->now_ms += 1;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(sdk_append(alice, world_format(w, "e%d", i)), 200);
        assert_int_equal(broadcast("{\"kind\":\"push\",\"body\":{}}"), 201);
    }
    int calls = 0, items = 0;
    char cursor[64] = "0";
    do {
        assert_int_equal(
            sdk_sync(alice, world_format(w, "{\"cursor\":\"%s\",\"limit\":1}", cursor)), 200);
        items += (int)world_node(w, "items")->count;
        snprintf(cursor, sizeof cursor, "%s", world_text(w, "cursor"));
        assert_in_range(++calls, 1, 8);
    } while (world_bool(w, "more"));
    assert_int_equal(items, 6);
    free((void *)alice);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, sdk_setup, sdk_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(reaches_every_device_or_the_one_named),
        TEST(shows_a_claim_only_what_was_sent_to_its_device),
        TEST(shows_a_claim_nothing_of_what_its_device_was_sent_when_it_was_verified),
        TEST(takes_an_id_that_a_claim_has_used),
        TEST(lists_the_log_in_either_order_page_by_page),
        TEST(names_what_is_wrong_with_an_item_to_send),
        TEST(brings_everybody_what_is_said_to_all),
        TEST(pages_through_log_and_broadcasts_alike),
        TEST(follows_a_linked_customer_to_its_owner),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
