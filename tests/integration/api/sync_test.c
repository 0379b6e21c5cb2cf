/* POST sync: exactly-once appends, history by a cursor, and who may see what.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "sdk.h"

#include "server/api/item_form.h"

/* --- appending --- */

static void
accepts_an_item_once_however_often_it_is_sent(void **state)
{
    (void)state;
    const char *session = sdk_login_on("device-1", "alice");
    assert_int_equal(sdk_append(session, "e1"), 200);
    assert_string_equal(world_text(w, "results.0.status"), "accepted");
    assert_int_equal(world_int(w, "results.0.seq"), 1);
    assert_int_equal(sdk_append(session, "e1"), 200);
    assert_string_equal(world_text(w, "results.0.status"), "duplicate");
    assert_int_equal(world_int(w, "results.0.seq"), 1);
    assert_int_equal(sdk_sync(session, "{}"), 200);
    assert_true(sdk_got("e1"));
    free((void *)session);
}

static void
does_not_send_back_what_the_call_appended(void **state)
{
    (void)state;
    const char *session = sdk_login_on("device-1", "alice");
    assert_int_equal(sdk_append(session, "e1"), 200);
    assert_true(sdk_got(""));
    const char *cursor = world_text(w, "cursor");
    assert_int_equal(sdk_sync(session, world_format(w, "{\"cursor\":\"%s\"}", cursor)), 200);
    assert_true(sdk_got(""));
    assert_false(world_bool(w, "more"));
    free((void *)session);
}

static int
sync_from(const char *bearer, const char *cursor, const char *id)
{
    return sdk_sync(bearer, world_format(w, "{\"cursor\":\"%s\",\"limit\":2,\"items\":[%s]}",
                                         cursor, sdk_event(id)));
}

static void
tells_who_is_behind_what_stands_before_its_own_items(void **state)
{
    (void)state;
    const char *alice = sdk_login_on("device-1", "alice"),
               *there = sdk_login_on("device-2", "alice");
    for (int i = 1; i <= 3; i++)
        assert_int_equal(sdk_append(there, world_format(w, "e%d", i)), 200);
    assert_int_equal(sync_from(alice, "0", "own1"), 200);
    assert_true(sdk_got("e1 e2"));
    assert_true(world_bool(w, "more"));
    assert_int_equal(sync_from(alice, world_text(w, "cursor"), "own2"), 200);
    assert_true(sdk_got("e3 own1")); /* what an earlier call appended comes like anybody's */
    assert_false(world_bool(w, "more"));
    assert_int_equal(sync_from(alice, world_text(w, "cursor"), "own3"), 200);
    assert_true(sdk_got(""));
    assert_int_equal(sync_from(there, world_text(w, "cursor"), "e4"), 200);
    assert_true(sdk_got(""));
    free((void *)alice);
    free((void *)there);
}

static void
leaves_the_cursor_of_who_may_not_read_where_it_was(void **state)
{
    (void)state;
    const char *alice = sdk_login_on("device-1", "alice");
    assert_int_equal(sdk_append(alice, "e1"), 200);
    assert_int_equal(
        world_post(w, NULL, sessions, "{\"device\":{\"id\":\"device-9\"},\"identity\":\"alice\"}"),
        201);
    const char *claim = strdup(world_text(w, "session.token"));
    assert_int_equal(sync_from(claim, "0", "claimed"), 200);
    assert_string_equal(world_text(w, "cursor"), "0");
    assert_int_equal(sync_from(claim, "1", "another"), 200);
    assert_string_equal(world_text(w, "cursor"), "1");
    free((void *)alice);
    free((void *)claim);
}

static void
says_of_each_item_what_became_of_it(void **state)
{
    (void)state;
    const char *session = sdk_login_on("device-1", "alice");
    assert_int_equal(
        sdk_sync(session, "{\"items\":["
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
    assert_string_equal(world_text(w, "results.3.reason"), "body_missing");
    assert_string_equal(world_text(w, "results.4.reason"), "time_invalid");
    assert_string_equal(world_text(w, "results.5.reason"), "id_invalid");
    assert_string_equal(world_text(w, "results.6.status"), "duplicate");
    assert_int_equal(sdk_sync(session, "{}"), 200);
    assert_true(sdk_got("a"));
    free((void *)session);
}

static void
names_what_it_refuses_by_the_id_it_came_with(void **state)
{
    (void)state;
    static const char long_id[] =
        "a123456789012345678901234567890123456789012345678901234567890123";
    const char *session = sdk_login_on("device-1", "alice");
    const char *body = world_format(w,
                                    "{\"items\":["
                                    "{\"id\":\"b \\u00fc\",\"kind\":\"event\",\"body\":1},"
                                    "{\"id\":\"d\",\"kind\":\"push\",\"body\":1},"
                                    "{\"id\":\"%s\",\"kind\":\"event\"},"
                                    "{\"id\":\"%s4\",\"kind\":\"event\",\"body\":1},"
                                    "{\"id\":\"\",\"kind\":\"event\",\"body\":1},"
                                    "{\"id\":\"\\u0001\",\"kind\":\"event\",\"body\":1},"
                                    "{\"id\":7,\"kind\":\"event\",\"body\":1},"
                                    "{\"kind\":\"event\",\"body\":1}]}",
                                    long_id, long_id);
    assert_int_equal(sdk_sync(session, body), 200);
    assert_string_equal(world_text(w, "results.0.id"), "b \xc3\xbc");
    assert_string_equal(world_text(w, "results.1.id"), "d");
    assert_string_equal(world_text(w, "results.2.id"), long_id);
    assert_string_equal(world_text(w, "results.2.reason"), "body_missing");
    for (int i = 3; i < 8; i++) {
        assert_string_equal(world_text(w, world_format(w, "results.%d.reason", i)), "id_invalid");
        assert_null(world_node(w, world_format(w, "results.%d.id", i)));
    }
    free((void *)session);
}

static void
loses_no_item_by_the_shape_of_another(void **state)
{
    (void)state;
    const char *session = sdk_login_on("device-1", "alice");
    assert_int_equal(sdk_sync(session,
                              "{\"items\":["
                              "{\"id\":\"a\",\"kind\":\"event\",\"body\":1},"
                              "{\"id\":\"b\",\"ts\":[{\"x\":1}],\"kind\":\"event\",\"body\":1},"
                              "7,[{\"id\":\"c\"}],null,"
                              "{\"ts\":1,\"kind\":\"event\",\"body\":1,\"id\":\"d\"},"
                              "{\"id\":\"e\",\"kind\":\"event\",\"body\":1}]}"),
                     200);
    assert_int_equal(world_node(w, "results")->count, 7);
    assert_string_equal(world_text(w, "results.0.status"), "accepted");
    assert_string_equal(world_text(w, "results.1.status"), "refused");
    assert_string_equal(world_text(w, "results.1.reason"), "field_unknown");
    assert_string_equal(world_text(w, "results.1.id"), "b");
    for (int i = 2; i < 5; i++) {
        assert_string_equal(world_text(w, world_format(w, "results.%d.reason", i)), "item_invalid");
        assert_null(world_node(w, world_format(w, "results.%d.id", i)));
    }
    assert_string_equal(world_text(w, "results.5.reason"), "field_unknown");
    assert_string_equal(world_text(w, "results.5.id"), "d");
    assert_string_equal(world_text(w, "results.6.status"), "accepted");
    assert_int_equal(sdk_sync(session, "{}"), 200);
    assert_true(sdk_got("a e"));
    free((void *)session);
}

static void
keeps_a_body_as_it_came(void **state)
{
    (void)state;
    const char *session = sdk_login_on("device-1", "alice");
    assert_int_equal(sdk_sync(session,
                              "{\"items\":[{\"id\":\"a\",\"kind\":\"message\",\"created_at\":"
                              "\"2026-11-21T08:00:00Z\",\"body\":{\"t\":\"\\u00e4 \\\"x\\\"\",\n"
                              "\"n\":[1e3,true,null,{}]}}]}"),
                     200);
    assert_int_equal(sdk_sync(session, "{}"), 200);
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
        {"{\"cursor\":1}", "field_invalid"},
        {"{\"cursor\":\"-1\"}", "field_invalid"},
        {"{\"cursor\":\"01\"}", "field_invalid"},
        {"{\"cursor\":\"1.0\"}", "field_invalid"},
        {"{\"limit\":0}", "field_invalid"},
        {"{\"limit\":101}", "field_invalid"},
        {"{\"identity\":\"\"}", "field_invalid"},
    };
    const char *session = sdk_login_on("device-1", "alice");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(sdk_sync(session, cases[i].body), 400);
        PROBLEM_IS(w, cases[i].reason);
    }
    assert_int_equal(sdk_sync(session, "{\"cursor\":null,\"items\":null,\"limit\":100}"), 200);
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
    const char *session = sdk_login_on("device-1", "alice");
    char *fits = many(CSN_ITEMS_MAX), *too_many = many(CSN_ITEMS_MAX + 1);
    assert_int_equal(sdk_sync(session, too_many), 413);
    assert_int_equal(sdk_sync(session, fits), 200);
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
    const char *session = sdk_login_on("device-1", "alice");
    char *body = many(CSN_ITEMS_MAX);
    assert_int_equal(sdk_sync(session, body), 200);
    int seen = 0;
    char cursor[64] = "0";
    do {
        assert_int_equal(
            sdk_sync(session, world_format(w, "{\"cursor\":\"%s\",\"limit\":70}", cursor)), 200);
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
    const char *phone = sdk_login_on("device-1", "alice"),
               *tablet = sdk_login_on("device-2", "alice");
    assert_int_equal(sdk_append(phone, "from-phone"), 200);
    assert_int_equal(sdk_append(tablet, "from-tablet"), 200);
    assert_true(sdk_got("from-phone"));
    assert_int_equal(sdk_sync(phone, "{}"), 200);
    assert_true(sdk_got("from-phone from-tablet"));
    const char *bob = sdk_login_on("device-3", "bob");
    assert_int_equal(sdk_sync(bob, "{}"), 200);
    assert_true(sdk_got(""));
    free((void *)phone);
    free((void *)tablet);
    free((void *)bob);
}

static void
lets_a_claim_append_marked_and_read_nothing(void **state)
{
    (void)state;
    const char *alice = sdk_login_on("device-1", "alice");
    assert_int_equal(sdk_append(alice, "secret"), 200);
    assert_int_equal(
        world_post(w, NULL, sessions, "{\"device\":{\"id\":\"device-9\"},\"identity\":\"alice\"}"),
        201);
    const char *claim = strdup(world_text(w, "session.token"));
    assert_int_equal(sdk_append(claim, "claimed"), 200);
    assert_int_equal(sdk_sync(claim, "{}"), 200);
    assert_true(sdk_got(""));
    assert_int_equal(sdk_sync(alice, "{}"), 200);
    assert_true(sdk_got("secret claimed"));
    assert_false(world_bool(w, "items.0.unverified"));
    assert_true(world_bool(w, "items.1.unverified"));
    free((void *)alice);
    free((void *)claim);
}

static void
keeps_what_was_collected_before_the_login(void **state)
{
    (void)state;
    const char *anonymous = sdk_login_on("device-1", NULL);
    assert_int_equal(sdk_append(anonymous, "before"), 200);
    assert_int_equal(sdk_sync(anonymous, "{}"), 200);
    assert_true(sdk_got("before"));
    assert_int_equal(sdk_start(NULL, world_format(w, ",\"token\":\"%s\",\"anonymous\":\"%s\"",
                                                  world_token_for(w, "alice"), anonymous)),
                     201);
    const char *alice = strdup(world_text(w, "session.token"));
    assert_int_equal(sdk_append(alice, "before"), 200);
    assert_string_equal(world_text(w, "results.0.status"), "duplicate");
    assert_int_equal(sdk_append(alice, "after"), 200);
    assert_int_equal(sdk_sync(alice, "{}"), 200);
    assert_true(sdk_got("before after"));
    assert_non_null(world_text(w, "items.0.origin"));
    assert_null(world_text(w, "items.1.origin"));
    assert_int_equal(sdk_append(anonymous, "late"), 401);
    PROBLEM_IS(w, "revoked");
    free((void *)anonymous);
    free((void *)alice);
}

static void
does_nothing_for_a_session_that_has_ended(void **state)
{
    (void)state;
    const char *alice = sdk_login_on("device-1", "alice");
    assert_int_equal(sdk_logout(alice, NULL), 204);
    assert_int_equal(sdk_append(alice, "late"), 401);
    PROBLEM_IS(w, "revoked");
    assert_int_equal(sdk_sync(NULL, "{}"), 401);
    PROBLEM_IS(w, "missing");
    free((void *)alice);
}

static void
refuses_a_session_that_claims_to_be_another(void **state)
{
    (void)state;
    const char *alice = sdk_login_on("device-1", "alice");
    assert_int_equal(sdk_sync(alice, "{\"identity\":\"bob\"}"), 401);
    PROBLEM_IS(w, "identity_mismatch");
    assert_int_equal(sdk_sync(alice, "{\"identity\":\"alice\"}"), 200);
    free((void *)alice);
}

/* --- the token itself as the bearer --- */

static const char *
every_request_app(const char *mode)
{
    const char *id = world_app(
        w, w->admin, "\"policy\":{\"algorithms\":[\"HS256\"],\"use\":\"every_request\"}", "HS256");
    struct ask ask = {.method = CSN_PUT,
                      .target = world_format(w, "/api/v1/apps/%s/enforcement", id),
                      .bearer = w->admin,
                      .body = world_format(w, "{\"mode\":\"%s\"}", mode)};
    assert_int_equal(world_ask(w, &ask), 200);
    return world_format(w, "/sdk/v1/apps/%s/sync", id);
}

static void
takes_the_customers_own_token_on_every_request(void **state)
{
    (void)state;
    const char *path = every_request_app("optional");
    const char *token = world_token_for(w, "alice");
    assert_int_equal(
        world_post(w, token, path, world_format(w, "{\"items\":[%s]}", sdk_event("e1"))), 200);
    assert_string_equal(world_text(w, "results.0.status"), "accepted");
    assert_int_equal(world_post(w, token, path, "{}"), 200);
    assert_true(sdk_got("e1"));
    assert_false(world_bool(w, "items.0.unverified"));
}

static void
takes_a_claim_where_enforcement_admits_one(void **state)
{
    (void)state;
    const char *path = every_request_app("monitor");
    const char *body = world_format(w, "{\"identity\":\"alice\",\"items\":[%s]}", sdk_event("e1"));
    assert_int_equal(world_post(w, NULL, path, body), 200);
    assert_string_equal(world_text(w, "results.0.status"), "accepted");
    const char *bad = world_token(w, CSN_HS256, "another-secret-of-many-characters", "{}");
    assert_int_equal(world_post(w, bad, path, "{\"identity\":\"alice\"}"), 200);
    assert_string_equal(world_text(w, "refused.reason"), "signature_invalid");
    assert_true(sdk_got(""));
    assert_int_equal(world_post(w, NULL, path, "{}"), 401);
    path = every_request_app("required");
    assert_int_equal(world_post(w, NULL, path, body), 401);
    PROBLEM_IS(w, "enforcement_missing");
}

static void
prints_the_documented_sentences_in_test_mode(void **state)
{
    (void)state;
    struct ask ask = {.method = CSN_PATCH,
                      .target = world_format(w, "/api/v1/apps/%s", app),
                      .bearer = w->admin,
                      .body = "{\"test_mode_until\":\"2026-11-22T00:00:00Z\"}"};
    assert_int_equal(world_ask(w, &ask), 200);
    const char *alice = sdk_login_on("device-1", "alice"), *nobody = sdk_login_on("device-2", NULL);
    assert_int_equal(sdk_sync(alice, "{}"), 200);
    assert_string_equal(world_text(w, "test_mode"),
                        "Countersign Identity Verification Testing: Successfully sent update to "
                        "API using User ID Signature");
    assert_int_equal(sdk_sync(nobody, "{}"), 200);
    assert_string_equal(world_text(w, "test_mode"),
                        "Countersign Identity Verification Testing: Failed to send update to API "
                        "- verification failure: No User ID Signature present");
    free((void *)alice);
    free((void *)nobody);
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
        TEST(tells_who_is_behind_what_stands_before_its_own_items),
        TEST(leaves_the_cursor_of_who_may_not_read_where_it_was),
        TEST(says_of_each_item_what_became_of_it),
        TEST(names_what_it_refuses_by_the_id_it_came_with),
        TEST(loses_no_item_by_the_shape_of_another),
        TEST(keeps_a_body_as_it_came),
        TEST(refuses_a_body_that_is_not_what_it_should_be),
        TEST(takes_five_hundred_items_at_once_and_no_more),
        TEST(pages_through_a_long_log_without_loss_or_doubling),
        TEST(shows_history_on_every_device_of_the_customer),
        TEST(lets_a_claim_append_marked_and_read_nothing),
        TEST(keeps_what_was_collected_before_the_login),
        TEST(does_nothing_for_a_session_that_has_ended),
        TEST(refuses_a_session_that_claims_to_be_another),
        TEST(takes_the_customers_own_token_on_every_request),
        TEST(takes_a_claim_where_enforcement_admits_one),
        TEST(prints_the_documented_sentences_in_test_mode),
        cmocka_unit_test(reads_back_every_cursor_it_writes_and_nothing_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
