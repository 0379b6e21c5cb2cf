/* POST sync: exactly-once appends, history by a cursor, and who may see what.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "sdk.h"

#include "server/api/item_form.h"

static const char *
sync_path(void)
{
    return world_format(w, "/sdk/v1/apps/%s/sync", app);
}

static int
sync_as(const char *bearer, const char *body)
{
    return world_post(w, bearer, sync_path(), body);
}

static const char *
event(const char *id)
{
    return world_format(w, "{\"id\":\"%s\",\"kind\":\"event\",\"body\":{\"name\":\"%s\"}}", id, id);
}

static int
append(const char *bearer, const char *id)
{
    return sync_as(bearer, world_format(w, "{\"items\":[%s]}", event(id)));
}

/* Returns: the answer's items are exactly these ids, in this order ("a b c"). */
static bool
got(const char *ids)
{
    char text[1024] = "";
    const struct csn_json_node *items = world_node(w, "items");
    for (const struct csn_json_node *i = items->first; i != NULL; i = i->next) {
        struct csn_bytes id;
        assert_true(csn_json_get_text(i, "id", &id));
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%.*s", *text ? " " : "",
                 (int)id.len, (const char *)id.ptr);
    }
    return strcmp(text, ids) == 0;
}

static const char *
login_on(const char *device, const char *sub)
{
    return strdup(world_login(w, app, device, sub != NULL ? world_token_for(w, sub) : NULL));
}

/* --- appending --- */

static void
accepts_an_item_once_however_often_it_is_sent(void **state)
{
    (void)state;
    const char *session = login_on("device-1", "alice");
    assert_int_equal(append(session, "e1"), 200);
    assert_string_equal(world_text(w, "results.0.status"), "accepted");
    assert_int_equal(world_int(w, "results.0.seq"), 1);
    assert_int_equal(append(session, "e1"), 200);
    assert_string_equal(world_text(w, "results.0.status"), "duplicate");
    assert_int_equal(world_int(w, "results.0.seq"), 1);
    assert_int_equal(sync_as(session, "{}"), 200);
    assert_true(got("e1"));
    free((void *)session);
}

static void
does_not_send_back_what_the_call_appended(void **state)
{
    (void)state;
    const char *session = login_on("device-1", "alice");
    assert_int_equal(append(session, "e1"), 200);
    assert_true(got(""));
    const char *cursor = world_text(w, "cursor");
    assert_int_equal(sync_as(session, world_format(w, "{\"cursor\":\"%s\"}", cursor)), 200);
    assert_true(got(""));
    assert_false(world_bool(w, "more"));
    free((void *)session);
}

static void
says_of_each_item_what_became_of_it(void **state)
{
    (void)state;
    const char *session = login_on("device-1", "alice");
    assert_int_equal(
        sync_as(session, "{\"items\":["
                         "{\"id\":\"a\",\"kind\":\"event\",\"body\":1},"
                         "{\"id\":\"b c\",\"kind\":\"event\",\"body\":1},"
                         "{\"id\":\"d\",\"kind\":\"push\",\"body\":1},"
                         "{\"id\":\"e\",\"kind\":\"event\",\"body\":null},"
                         "{\"id\":\"f\",\"kind\":\"event\",\"body\":1,\"created_at\":\"today\"},"
                         "{\"id\":7,\"kind\":\"event\",\"body\":1},"
                         "{\"id\":\"a\",\"kind\":\"message\",\"body\":2}]}"),
        200);
    assert_string_equal(world_text(w, "results.0.status"), "accepted");
    assert_string_equal(world_text(w, "results.1.reason"), "id_invalid");
    assert_string_equal(world_text(w, "results.2.reason"), "kind_invalid");
    assert_string_equal(world_text(w, "results.3.reason"), "body_too_large");
    assert_string_equal(world_text(w, "results.4.reason"), "time_invalid");
    assert_string_equal(world_text(w, "results.5.reason"), "id_invalid");
    assert_string_equal(world_text(w, "results.6.status"), "duplicate");
    assert_int_equal(sync_as(session, "{}"), 200);
    assert_true(got("a"));
    free((void *)session);
}

static void
keeps_a_body_as_it_came(void **state)
{
    (void)state;
    const char *session = login_on("device-1", "alice");
    assert_int_equal(sync_as(session,
                             "{\"items\":[{\"id\":\"a\",\"kind\":\"message\",\"created_at\":"
                             "\"2026-11-21T08:00:00Z\",\"body\":{\"t\":\"\\u00e4 \\\"x\\\"\",\n"
                             "\"n\":[1e3,true,null,{}]}}]}"),
                     200);
    assert_int_equal(sync_as(session, "{}"), 200);
    assert_string_equal(world_text(w, "items.0.body.t"), "\xc3\xa4 \"x\"");
    assert_string_equal(world_text(w, "items.0.body.n.0"), "1e3");
    assert_int_equal(world_node(w, "items.0.body.n")->count, 4);
    assert_string_equal(world_text(w, "items.0.created_at"), "2026-11-21T08:00:00.000Z");
    assert_string_equal(world_text(w, "items.0.received_at"), "2026-11-21T09:32:28.977Z");
    assert_string_equal(world_text(w, "items.0.direction"), "up");
    assert_string_equal(world_text(w, "items.0.device"), "device-1");
    assert_null(strchr(w->body, '\n'));
    free((void *)session);
}

static void
refuses_a_body_that_is_not_what_it_should_be(void **state)
{
    (void)state;
    static const struct {
        const char *body, *reason;
    } cases[] = {
        {"[]", "json_invalid"},
        {"{\"items\":[{}]", "json_invalid"},
        {"{\"items\":[{\"id\":\"a\",\"id\":\"b\"}]}", "json_invalid"},
        {"{} {}", "json_invalid"},
        {"{\"item\":[]}", "field_unknown"},
        {"{\"item\":null}", "field_unknown"},
        {"{\"items\":{}}", "field_invalid"},
        {"{\"items\":[1]}", "field_invalid"},
        {"{\"items\":[{\"identity\":\"a\"}]}", "field_unknown"},
        {"{\"cursor\":1}", "field_invalid"},
        {"{\"cursor\":\"-1\"}", "field_invalid"},
        {"{\"cursor\":\"01\"}", "field_invalid"},
        {"{\"cursor\":\"1.0\"}", "field_invalid"},
        {"{\"limit\":0}", "field_invalid"},
        {"{\"limit\":101}", "field_invalid"},
        {"{\"identity\":\"\"}", "field_invalid"},
    };
    const char *session = login_on("device-1", "alice");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(sync_as(session, cases[i].body), 400);
        PROBLEM_IS(w, cases[i].reason);
    }
    assert_int_equal(sync_as(session, "{\"cursor\":null,\"items\":null,\"limit\":100}"), 200);
    free((void *)session);
}

/* Returns: a body of `count` items. Free it. */
static char *
many(int count)
{
    size_t cap = (size_t)count * 80 + 64;
    char *body = malloc(cap);
    size_t len = (size_t)snprintf(body, cap, "{\"items\":[");
    for (int i = 0; i < count; i++)
        len += (size_t)snprintf(body + len, cap - len,
                                "%s{\"id\":\"i%04d\",\"kind\":\"event\",\"body\":{\"n\":%d}}",
                                i > 0 ? "," : "", i, i);
    snprintf(body + len, cap - len, "]}");
    return body;
}

static void
takes_five_hundred_items_at_once_and_no_more(void **state)
{
    (void)state;
    const char *session = login_on("device-1", "alice");
    char *fits = many(CSN_ITEMS_MAX), *too_many = many(CSN_ITEMS_MAX + 1);
    assert_int_equal(sync_as(session, too_many), 413);
    assert_int_equal(sync_as(session, fits), 200);
    assert_int_equal(world_node(w, "results")->count, CSN_ITEMS_MAX);
    assert_string_equal(world_text(w, "results.499.status"), "accepted");
    free(fits);
    free(too_many);
    free((void *)session);
}

static void
pages_through_a_long_log_without_loss_or_doubling(void **state)
{
    (void)state;
    const char *session = login_on("device-1", "alice");
    char *body = many(CSN_ITEMS_MAX);
    assert_int_equal(sync_as(session, body), 200);
    int seen = 0;
    char cursor[64] = "0";
    do {
        assert_int_equal(
            sync_as(session, world_format(w, "{\"cursor\":\"%s\",\"limit\":70}", cursor)), 200);
        for (size_t i = 0; i < world_node(w, "items")->count; i++, seen++)
            assert_int_equal(world_int(w, world_format(w, "items.%zu.body.n", i)), seen);
        snprintf(cursor, sizeof cursor, "%s", world_text(w, "cursor"));
    } while (world_bool(w, "more"));
    assert_int_equal(seen, CSN_ITEMS_MAX);
    free(body);
    free((void *)session);
}

/* --- who sees what --- */

static void
shows_history_on_every_device_of_the_customer(void **state)
{
    (void)state;
    const char *phone = login_on("device-1", "alice"), *tablet = login_on("device-2", "alice");
    assert_int_equal(append(phone, "from-phone"), 200);
    assert_int_equal(append(tablet, "from-tablet"), 200);
    assert_true(got("from-phone"));
    assert_int_equal(sync_as(phone, "{}"), 200);
    assert_true(got("from-phone from-tablet"));
    const char *bob = login_on("device-3", "bob");
    assert_int_equal(sync_as(bob, "{}"), 200);
    assert_true(got(""));
    free((void *)phone);
    free((void *)tablet);
    free((void *)bob);
}

static void
lets_a_claim_append_marked_and_read_nothing(void **state)
{
    (void)state;
    const char *alice = login_on("device-1", "alice");
    assert_int_equal(append(alice, "secret"), 200);
    assert_int_equal(
        world_post(w, NULL, sessions, "{\"device\":{\"id\":\"device-9\"},\"identity\":\"alice\"}"),
        201);
    const char *claim = strdup(world_text(w, "session.token"));
    assert_int_equal(append(claim, "claimed"), 200);
    assert_int_equal(sync_as(claim, "{}"), 200);
    assert_true(got(""));
    assert_int_equal(sync_as(alice, "{}"), 200);
    assert_true(got("secret claimed"));
    assert_false(world_bool(w, "items.0.unverified"));
    assert_true(world_bool(w, "items.1.unverified"));
    free((void *)alice);
    free((void *)claim);
}

static void
does_nothing_for_a_session_that_has_ended(void **state)
{
    (void)state;
    const char *alice = login_on("device-1", "alice");
    assert_int_equal(sdk_logout(alice, NULL), 204);
    assert_int_equal(append(alice, "late"), 401);
    PROBLEM_IS(w, "revoked");
    assert_int_equal(sync_as(NULL, "{}"), 401);
    PROBLEM_IS(w, "missing");
    free((void *)alice);
}

static void
refuses_a_session_that_claims_to_be_another(void **state)
{
    (void)state;
    const char *alice = login_on("device-1", "alice");
    assert_int_equal(sync_as(alice, "{\"identity\":\"bob\"}"), 401);
    PROBLEM_IS(w, "identity_mismatch");
    assert_int_equal(sync_as(alice, "{\"identity\":\"alice\"}"), 200);
    free((void *)alice);
}

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
    const char *phone = login_on("device-1", "alice"), *tablet = login_on("device-2", "alice");
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
    assert_int_equal(sync_as(phone, "{}"), 200);
    assert_true(got("p1 m"));
    assert_int_equal(sync_as(tablet, "{}"), 200);
    assert_true(got("p1 m"));
    assert_int_equal(list(alice, ""), 200);
    assert_true(got("n m p1"));
    free((void *)phone);
    free((void *)tablet);
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
    assert_int_equal(sync_as(claim, "{}"), 200);
    assert_true(got("own"));
    free((void *)claim);
    free((void *)alice);
}

static void
lists_the_log_in_either_order_page_by_page(void **state)
{
    (void)state;
    const char *session = login_on("device-1", "alice");
    const char *alice = strdup(world_text(w, "customer.id"));
    for (int i = 0; i < 5; i++)
        assert_int_equal(append(session, world_format(w, "e%d", i)), 200);
    assert_int_equal(list(alice, "?limit=2"), 200);
    assert_true(got("e4 e3"));
    assert_int_equal(list(alice, world_format(w, "?limit=3&cursor=%s", world_text(w, "next"))),
                     200);
    assert_true(got("e2 e1 e0"));
    assert_null(world_text(w, "next"));
    assert_int_equal(list(alice, "?limit=4&order=oldest"), 200);
    assert_true(got("e0 e1 e2 e3"));
    assert_int_equal(list(alice, world_format(w, "?order=oldest&cursor=%s", world_text(w, "next"))),
                     200);
    assert_true(got("e4"));
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
    const char *session = login_on("device-1", "alice");
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
    assert_int_equal(send("01ARZ3NDEKTSV4RRFFQ69G5FAV", "{\"kind\":\"push\",\"body\":{}}"), 404);
    free((void *)session);
    free((void *)alice);
}

/* --- cursors --- */

static void
reads_back_every_cursor_it_writes_and_nothing_else(void **state)
{
    (void)state;
    const struct csn_cursor good[] = {{0, 0}, {1, 0}, {17, 4}, {0, 9}, {1000000000000000000, 1}};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        char memory[CSN_CURSOR_TEXT_MAX];
        struct csn_buffer text = csn_buffer_over(memory, sizeof memory);
        struct csn_cursor read;
        csn_cursor_write(good[i], &text);
        assert_false(text.overflowed);
        assert_true(csn_cursor_read(csn_buffer_view(&text), &read));
        assert_memory_equal(&read, &good[i], sizeof read);
    }
    static const char *const bad[] = {".",    "1.", ".1", "1.0",  "01",  "1.01",
                                      "+1",   " 1", "1 ", "1..2", "1e3", "1000000000000000001",
                                      "1.2.3"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct csn_cursor read = {1, 1};
        assert_false(csn_cursor_read(csn_bytes_text(bad[i]), &read));
        assert_int_equal(read.seq, 0);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, sdk_setup, sdk_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(accepts_an_item_once_however_often_it_is_sent),
        TEST(does_not_send_back_what_the_call_appended),
        TEST(says_of_each_item_what_became_of_it),
        TEST(keeps_a_body_as_it_came),
        TEST(refuses_a_body_that_is_not_what_it_should_be),
        TEST(takes_five_hundred_items_at_once_and_no_more),
        TEST(pages_through_a_long_log_without_loss_or_doubling),
        TEST(shows_history_on_every_device_of_the_customer),
        TEST(lets_a_claim_append_marked_and_read_nothing),
        TEST(does_nothing_for_a_session_that_has_ended),
        TEST(refuses_a_session_that_claims_to_be_another),
        TEST(reaches_every_device_or_the_one_named),
        TEST(shows_a_claim_only_what_was_sent_to_its_device),
        TEST(lists_the_log_in_either_order_page_by_page),
        TEST(names_what_is_wrong_with_an_item_to_send),
        cmocka_unit_test(reads_back_every_cursor_it_writes_and_nothing_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
