/* What comes of an attempt, how it is signed, and how long the next one waits.
 * Nothing is sent here: the test is the receiver.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "outbox_world.h"

#include "server/store/sqlite.h"

/* --- what comes of it --- */

static void
is_over_when_it_was_taken(void **state)
{
    (void)state;
    char *hook = outbox_webhook("\"session.started\"", "");
    free(outbox_login("device-1", "alice", NULL));
    outbox_take(0);
    outbox_settle(CSN_OUTCOME_TAKEN);
    assert_int_equal(outbox_look(), 0);
    assert_int_equal(outbox_show_webhook(hook), 200);
    assert_int_equal(world_int(w, "waiting"), 0);
    assert_non_null(world_text(w, "delivered_at"));
    assert_int_equal(
        world_get(w, w->admin,
                  world_format(w, "/api/v1/apps/%s/webhooks/%s/deliveries", app, hook)),
        200);
    assert_string_equal(world_text(w, "items.0.state"), "delivered");
    assert_int_equal(world_int(w, "items.0.attempts"), 1);
    free(hook);
}

static void
comes_again_under_the_same_id_when_it_was_not(void **state)
{
    (void)state;
    char *hook = outbox_webhook("\"session.started\"", "");
    free(outbox_login("device-1", "alice", NULL));
    outbox_take(0);
    struct csn_id id = outbox_parcel.id;
    assert_false(outbox_settle(CSN_OUTCOME_BROKEN).gave_up);
    w->now_ms += CSN_DELIVERY_FIRST_WAIT_MS;
    outbox_take(0);
    assert_string_equal(outbox_parcel.id.text, id.text);
    assert_int_equal(outbox_parcel.row.attempts, 1);
    assert_int_equal(outbox_show_webhook(hook), 200);
    assert_string_equal(world_text(w, "failing_since"), "2026-11-21T09:32:28.977Z");
    outbox_settle(CSN_OUTCOME_TAKEN);
    assert_int_equal(outbox_show_webhook(hook), 200);
    assert_null(world_text(w, "failing_since"));
    free(hook);
}

static void
waits_as_long_as_the_receiver_asks(void **state)
{
    (void)state;
    char *hook = outbox_webhook("\"session.started\"", "");
    free(outbox_login("device-1", "alice", NULL));
    outbox_take(0);
    outbox_settle_after(CSN_OUTCOME_BUSY, false, HOUR);
    w->now_ms += HOUR - 1;
    assert_int_equal(outbox_look(), 0);
    w->now_ms += 1;
    assert_int_equal(outbox_look(), 1);
    free(hook);
}

static void
gives_a_notice_up_after_three_days(void **state)
{
    (void)state;
    char *hook = outbox_webhook("\"session.started\"", "");
    free(outbox_login("device-1", "alice", NULL));
    outbox_take(0);
    w->now_ms += CSN_DELIVERY_LIFE_MS - HOUR;
    assert_false(outbox_settle_after(CSN_OUTCOME_BROKEN, false, HOUR).gave_up);
    w->now_ms += HOUR;
    outbox_take(0);
    assert_true(outbox_settle_after(CSN_OUTCOME_BROKEN, false, SECOND).gave_up);
    assert_int_equal(outbox_look(), 0);
    free(hook);
}

static void
takes_the_address_of_a_browser_that_is_gone(void **state)
{
    (void)state;
    outbox_make_push_key();
    char *hook = outbox_webhook("\"push.gave_up\"", "");
    char *alice = outbox_login("device-1", "alice", outbox_web_push("one"));
    outbox_send(alice, ",\"body\":{}");
    outbox_take(0);
    assert_true(outbox_settle(CSN_OUTCOME_GONE).gave_up);
    outbox_take(0);
    assert_string_equal(outbox_said("type", NULL, NULL), "push.gave_up");
    assert_string_equal(outbox_said("data", "cause", NULL), "gone");
    outbox_settle(CSN_OUTCOME_TAKEN);
    outbox_send(alice, ",\"body\":{}");
    assert_int_equal(outbox_look(), 0);
    free(alice);
    free(hook);
}

static void
gives_a_push_up_after_a_day_and_says_so(void **state)
{
    (void)state;
    outbox_make_push_key();
    char *hook = outbox_webhook("\"push.gave_up\"", "");
    char *alice = outbox_login("device-1", "alice", outbox_web_push("one"));
    outbox_send(alice, ",\"body\":{}");
    outbox_take(0);
    outbox_settle(CSN_OUTCOME_UNREACHABLE);
    w->now_ms += CSN_PUSH_LIFE_MS;
    outbox_take(0);
    assert_true(outbox_settle_after(CSN_OUTCOME_UNREACHABLE, false, SECOND).gave_up);
    outbox_take(0);
    assert_string_equal(outbox_said("data", "cause", NULL), "unreachable");
    free(alice);
    free(hook);
}

static void
disables_a_webhook_that_took_nothing_for_five_days(void **state)
{
    (void)state;
    char *hook = outbox_webhook("\"session.started\"", "");
    free(outbox_login("device-1", "alice", NULL));
    outbox_take(0);
    outbox_settle(CSN_OUTCOME_BROKEN);
    w->now_ms += CSN_WEBHOOK_PATIENCE_MS - 1;
    outbox_take(0);
    assert_false(outbox_settle(CSN_OUTCOME_BROKEN).disabled);
    free(outbox_login("device-2", "alice", NULL));
    w->now_ms += 1;
    outbox_take(0);
    assert_true(outbox_settle(CSN_OUTCOME_BROKEN).disabled);
    assert_int_equal(outbox_show_webhook(hook), 200);
    assert_string_equal(world_text(w, "state"), "failed");
    assert_int_equal(world_get(w, w->admin, "/api/v1/audit"), 200);
    assert_non_null(strstr(w->body, "webhookDisabledItself"));
    free(hook);
}

static void
tells_nothing_more_to_a_receiver_that_says_gone(void **state)
{
    (void)state;
    char *hook = outbox_webhook("\"session.started\"", "");
    free(outbox_login("device-1", "alice", NULL));
    free(outbox_login("device-2", "alice", NULL));
    outbox_take(0);
    assert_false(outbox_settle(CSN_OUTCOME_GONE).disabled); /* 404 may pass */
    outbox_take(0);
    assert_true(outbox_settle_after(CSN_OUTCOME_GONE, true, 0).disabled);
    assert_int_equal(outbox_show_webhook(hook), 200);
    assert_string_equal(world_text(w, "state"), "gone");
    free(outbox_login("device-3", "alice", NULL));
    w->now_ms += CSN_DELIVERY_FIRST_WAIT_MS;
    outbox_take(0);
    assert_int_equal(outbox_parcel.outcome, CSN_OUTCOME_MOOT);
    outbox_settle(CSN_OUTCOME_MOOT);
    assert_int_equal(outbox_look(), 0);
    free(hook);
}

/* The device lost what it had proved before the push went out. */
static void
sends_a_claim_nothing_that_was_for_whoever_proved_it(void **state)
{
    (void)state;
    outbox_make_push_key();
    char *alice = outbox_login("device-1", "alice", outbox_web_push("a"));
    outbox_send(alice, ",\"body\":{}");
    outbox_send(alice, ",\"device\":\"device-1\",\"body\":{}");
    outbox_take(0);
    assert_int_equal(outbox_parcel.carrier, CSN_CARRIER_WEB_PUSH);
    assert_int_equal(
        sqlite3_exec(w->service.store->db, "UPDATE devices SET assurance = 2", NULL, NULL, NULL),
        SQLITE_OK);
    for (size_t n = 0; n < 2; n++) {
        outbox_take(n);
        assert_int_equal(outbox_parcel.carrier, CSN_CARRIER_NONE);
        assert_int_equal(outbox_parcel.outcome, CSN_OUTCOME_MOOT);
    }
    outbox_send(alice, ",\"device\":\"device-1\",\"body\":{}");
    outbox_take(2);
    assert_int_equal(outbox_parcel.carrier, CSN_CARRIER_WEB_PUSH);
    free(alice);
}

static void
lists_what_was_sent_page_by_page(void **state)
{
    (void)state;
    char *hook = outbox_webhook("\"customer.created\"", "");
    const char *path = world_format(w, "/api/v1/apps/%s/webhooks/%s", app, hook);
    for (int i = 0; i < 3; i++)
        assert_int_equal(world_post(w, w->admin, world_format(w, "%s/test", path), NULL), 202);
    assert_int_equal(world_get(w, w->admin, world_format(w, "%s/deliveries?limit=2", path)), 200);
    assert_int_equal(world_node(w, "items")->count, 2);
    const char *first = world_text(w, "items.0.id"), *next = world_text(w, "next");
    assert_int_equal(
        world_get(w, w->admin, world_format(w, "%s/deliveries?limit=2&cursor=%s", path, next)),
        200);
    assert_int_equal(world_node(w, "items")->count, 1);
    assert_string_not_equal(world_text(w, "items.0.id"), first);
    assert_null(world_text(w, "next"));
    assert_int_equal(world_get(w, w->admin, world_format(w, "%s/deliveries?cursor=x", path)), 400);
    free(hook);
}

/* --- signatures --- */

static void
signs_as_the_specification_does(void **state)
{
    (void)state;
    /* The example of the Standard Webhooks libraries. */
    static const uint8_t secret[] = {0x31, 0xf2, 0x90, 0xf6, 0xbf, 0x06, 0x29, 0x8a,
                                     0xab, 0x4f, 0x08, 0xd4, 0x3c, 0x3f, 0x08, 0x2c,
                                     0xf6, 0x48, 0xa3, 0x62, 0xda, 0x2d, 0xa4, 0xb0};
    char memory[64];
    struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
    assert_int_equal(csn_webhook_sign(csn_bytes_of(secret, sizeof secret),
                                      csn_bytes_text("msg_p5jXN8AQM9LWM0D4loKWxJek"), 1614265330,
                                      csn_bytes_text("{\"test\": 2432232314}"), &outbox_arena,
                                      &out),
                     CSN_OK);
    assert_true(csn_bytes_equal_text(csn_buffer_view(&out),
                                     "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="));
}

static const char *
header(const struct csn_letter *letter, const char *name)
{
    for (size_t i = 0; i < letter->header_count; i++) {
        if (strncmp(letter->headers[i], name, strlen(name)) == 0)
            return letter->headers[i] + strlen(name) + 2;
    }
    return NULL;
}

static size_t
signatures(void)
{
    struct csn_letter letter;
    outbox_take(0);
    assert_int_equal(
        csn_letter_compose(&outbox_parcel, &w->service.random, &outbox_arena, &letter, w->now_ms),
        CSN_OK);
    assert_string_equal(header(&letter, "webhook-id"), outbox_parcel.id.text);
    const char *text = header(&letter, "webhook-signature");
    size_t count = 1;
    for (; (text = strchr(text, ' ')) != NULL; text++)
        count++;
    return count;
}

static void
signs_with_both_secrets_for_a_day(void **state)
{
    (void)state;
    char *hook = outbox_webhook("\"session.started\"", "");
    free(outbox_login("device-1", "alice", NULL));
    assert_int_equal(signatures(), 1);
    assert_int_equal(world_post(w, w->admin,
                                world_format(w, "/api/v1/apps/%s/webhooks/%s/rotate", app, hook),
                                NULL),
                     200);
    assert_int_equal(signatures(), 2);
    w->now_ms += CSN_WEBHOOK_OVERLAP_MS - 1;
    assert_int_equal(signatures(), 2);
    w->now_ms += 1;
    assert_int_equal(signatures(), 1);
    free(hook);
}

static void
a_web_push_says_who_sends_and_how_long_it_lives(void **state)
{
    (void)state;
    struct csn_letter letter;
    outbox_make_push_key();
    char *alice = outbox_login("device-1", "alice", outbox_web_push("one"));
    outbox_send(alice, ",\"body\":{\"text\":\"hello\"}");
    w->now_ms += HOUR;
    outbox_take(0);
    assert_int_equal(
        csn_letter_compose(&outbox_parcel, &w->service.random, &outbox_arena, &letter, w->now_ms),
        CSN_OK);
    assert_string_equal(header(&letter, "ttl"), "82800");
    assert_string_equal(header(&letter, "content-encoding"), "aes128gcm");
    assert_string_equal(header(&letter, "topic"), outbox_parcel.id.text);
    assert_memory_equal(header(&letter, "authorization"), "vapid t=ey", 10);
    for (size_t i = 0; i + 5 < letter.body.len; i++)
        assert_memory_not_equal(letter.body.ptr + i, "hello", 5);
    free(alice);
}

/* --- waiting --- */

static void
waits_four_times_as_long_each_time_up_to_the_cap(void **state)
{
    (void)state;
    assert_int_equal(csn_delivery_wait_max(1, 6 * HOUR), 5 * SECOND);
    assert_int_equal(csn_delivery_wait_max(2, 6 * HOUR), 20 * SECOND);
    assert_int_equal(csn_delivery_wait_max(7, 6 * HOUR), 20480 * SECOND);
    assert_int_equal(csn_delivery_wait_max(8, 6 * HOUR), 6 * HOUR);
    assert_int_equal(csn_delivery_wait_max(1000000000, 6 * HOUR), 6 * HOUR);
    assert_int_equal(csn_delivery_wait_max(0, 6 * HOUR), 5 * SECOND);
    assert_int_equal(csn_delivery_wait_max(1, SECOND), SECOND);
}

static void
draws_a_wait_from_nothing_to_the_most(void **state)
{
    (void)state;
    assert_int_equal(csn_delivery_wait(5000, 0), 0);
    assert_int_equal(csn_delivery_wait(5000, 5000), 5000);
    assert_int_equal(csn_delivery_wait(5000, 5001), 0);
    assert_int_equal(csn_delivery_wait(0, UINT64_MAX), 0);
}

static void
names_are_read_back_as_they_are_written(void **state)
{
    (void)state;
    for (int i = CSN_NOTICE_NONE + 1; i < CSN_NOTICE_COUNT; i++)
        assert_int_equal(csn_notice_from_name(csn_bytes_text(csn_notice_name((enum csn_notice)i))),
                         i);
    assert_int_equal(csn_notice_from_name(csn_bytes_text("none")), CSN_NOTICE_NONE);
    static const struct {
        long http;
        enum csn_outcome outcome;
    } cases[] = {
        {0, CSN_OUTCOME_UNREACHABLE},  {200, CSN_OUTCOME_TAKEN},   {204, CSN_OUTCOME_TAKEN},
        {301, CSN_OUTCOME_REDIRECTED}, {400, CSN_OUTCOME_REFUSED}, {404, CSN_OUTCOME_GONE},
        {410, CSN_OUTCOME_GONE},       {429, CSN_OUTCOME_BUSY},    {500, CSN_OUTCOME_BROKEN},
        {503, CSN_OUTCOME_BROKEN},     {100, CSN_OUTCOME_BROKEN}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(csn_outcome_of_status(cases[i].http), cases[i].outcome);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, outbox_setup, outbox_teardown)
        TEST(is_over_when_it_was_taken),
        TEST(comes_again_under_the_same_id_when_it_was_not),
        TEST(waits_as_long_as_the_receiver_asks),
        TEST(gives_a_notice_up_after_three_days),
        TEST(takes_the_address_of_a_browser_that_is_gone),
        TEST(gives_a_push_up_after_a_day_and_says_so),
        TEST(disables_a_webhook_that_took_nothing_for_five_days),
        TEST(tells_nothing_more_to_a_receiver_that_says_gone),
        TEST(sends_a_claim_nothing_that_was_for_whoever_proved_it),
        TEST(lists_what_was_sent_page_by_page),
        TEST(signs_as_the_specification_does),
        TEST(signs_with_both_secrets_for_a_day),
        TEST(a_web_push_says_who_sends_and_how_long_it_lives),
        cmocka_unit_test(waits_four_times_as_long_each_time_up_to_the_cap),
        cmocka_unit_test(draws_a_wait_from_nothing_to_the_most),
        cmocka_unit_test(names_are_read_back_as_they_are_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
