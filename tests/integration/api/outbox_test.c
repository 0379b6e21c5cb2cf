/* The outbox: what is written down to be sent, what a parcel holds, and what comes of an attempt.
 * Nothing is sent here: the test is the receiver.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "sdk.h"

#include "server/domain/outbox.h"
#include "server/outbox/compose.h"

#define P256DH                                                                                     \
    "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
#define AUTH "BTBZMqHH6r4Tts7J_aSIgg"
#define ARENA (256 * 1024)
#define SECOND 1000LL
#define HOUR (3600 * SECOND)
#define DAY (24 * HOUR)

static struct csn_arena arena;
static struct csn_delivery_due due[32];
static size_t due_count;
static struct csn_parcel parcel;

static int
setup(void **state)
{
    arena = csn_arena_over(malloc(ARENA), ARENA);
    return sdk_setup(state);
}

static int
teardown(void **state)
{
    free(arena.ptr);
    return sdk_teardown(state);
}

/* --- the app --- */

/* Returns: the id of a new webhook. Free it. */
static char *
webhook(const char *events, const char *more)
{
    assert_int_equal(
        world_post(w, w->admin, world_format(w, "/api/v1/apps/%s/webhooks", app),
                   world_format(w, "{\"url\":\"https://app.example/hook\",\"events\":[%s]%s}",
                                events, more)),
        201);
    return strdup(world_text(w, "id"));
}

static int
show_webhook(const char *id)
{
    return world_get(w, w->admin, world_format(w, "/api/v1/apps/%s/webhooks/%s", app, id));
}

/* Returns: the id of `sub`, logged in on the device, whose push address is `address`. Free it. */
static char *
login(const char *device, const char *sub, const char *address)
{
    const char *token = world_login(w, app, device, world_token_for(w, sub));
    char *customer = strdup(world_text(w, "customer.id"));
    struct ask put = {.method = CSN_PUT,
                      .target = world_format(w, "/sdk/v1/apps/%s/device/push", app),
                      .bearer = token,
                      .body = address};
    if (address != NULL)
        assert_int_equal(world_ask(w, &put), 204);
    return customer;
}

static const char *
web_push(const char *name)
{
    return world_format(
        w,
        "{\"web_push\":{\"endpoint\":\"https://push.example/%s\",\"p256dh\":\"" P256DH
        "\",\"auth\":\"" AUTH "\"}}",
        name);
}

static void
send(const char *customer, const char *members)
{
    assert_int_equal(
        world_post(w, w->admin,
                   world_format(w, "/api/v1/apps/%s/customers/%s/items", app, customer),
                   world_format(w, "{\"kind\":\"push\"%s}", members)),
        201);
}

static void
make_push_key(void)
{
    struct ask put = {.method = CSN_PUT,
                      .target = world_format(w, "/api/v1/apps/%s/push-key", app),
                      .bearer = w->admin,
                      .body = "{\"subject\":\"mailto:ops@app.example\"}"};
    assert_int_equal(world_ask(w, &put), 200);
}

/* --- the sender --- */

static size_t
look(void)
{
    int64_t next_ms = 0;
    assert_int_equal(csn_store_begin(w->service.store), CSN_OK);
    assert_int_equal(
        csn_store_delivery_due(w->service.store, due, 32, &due_count, &next_ms, w->now_ms), CSN_OK);
    assert_int_equal(csn_store_commit(w->service.store), CSN_OK);
    return due_count;
}

static struct csn_outbox
outbox(void)
{
    return (struct csn_outbox){.sessions = w->service.sessions,
                               .registry = w->service.registry,
                               .store = w->service.store,
                               .arena = &arena};
}

/* Opens the `n`th that is due. */
static void
take(size_t n)
{
    assert_true(n < look());
    struct csn_outbox box = outbox();
    arena.used = 0;
    assert_int_equal(csn_store_begin(w->service.store), CSN_OK);
    assert_int_equal(csn_parcel_make(&box, due[n].app, due[n].number, &parcel, w->now_ms), CSN_OK);
    assert_int_equal(csn_store_commit(w->service.store), CSN_OK);
}

static struct csn_sent
settle_after(enum csn_outcome outcome, bool is_final, int64_t retry_after_ms)
{
    struct csn_sent sent = {
        .outcome = outcome, .is_final = is_final, .retry_after_ms = retry_after_ms};
    struct csn_outbox box = outbox();
    assert_int_equal(csn_store_begin(w->service.store), CSN_OK);
    assert_int_equal(csn_parcel_settle(&box, &parcel, &sent, &w->service.random, w->now_ms),
                     CSN_OK);
    assert_int_equal(csn_store_commit(w->service.store), CSN_OK);
    return sent;
}

static struct csn_sent
settle(enum csn_outcome outcome)
{
    return settle_after(outcome, false, 0);
}

/* Returns: the member of the parcel's payload at a path of names, "" for what is no text; NULL when
 * it has none. */
static const char *
said(const char *first, const char *second, const char *third)
{
    static char memory[65536];
    static struct csn_arena tree;
    tree = csn_arena_over(memory, sizeof memory);
    const struct csn_json_node *node = NULL;
    assert_int_equal(csn_json_parse(parcel.payload, &tree, &node), CSN_OK);
    const char *names[] = {first, second, third};
    for (size_t i = 0; i < 3 && names[i] != NULL && node != NULL; i++)
        node = csn_json_get(node, names[i]);
    if (node == NULL || node->kind == CSN_JSON_NULL)
        return NULL;
    return node->kind == CSN_JSON_STRING ? (const char *)node->text.ptr : "";
}

/* --- what is told --- */

static void
tells_a_first_login_and_the_end_of_its_session(void **state)
{
    (void)state;
    char *hook = webhook("\"customer.created\",\"session.started\",\"session.ended\"", "");
    char *alice = login("device-1", "alice", NULL);
    assert_int_equal(look(), 2);
    take(0);
    assert_string_equal(said("type", NULL, NULL), "customer.created");
    assert_string_equal(said("timestamp", NULL, NULL), "2026-11-21T09:32:28.977Z");
    assert_string_equal(said("data", "customer", "id"), alice);
    assert_string_equal(said("data", "customer", "identity"), "alice");
    take(1);
    assert_string_equal(said("type", NULL, NULL), "session.started");
    assert_string_equal(said("data", "device", NULL), "device-1");
    assert_string_equal(said("data", "assurance", NULL), "verified");
    free(login("device-1", "alice", NULL)); /* ends the one before and starts another */
    assert_int_equal(look(), 4);
    free(hook);
    free(alice);
}

static void
tells_nothing_of_a_login_that_is_refused(void **state)
{
    (void)state;
    char *hook = webhook("\"customer.created\",\"session.started\"", "");
    assert_int_equal(sdk_start_with("no.token.atall"), 401);
    assert_int_equal(look(), 0);
    free(hook);
}

static void
tells_no_webhook_that_did_not_ask(void **state)
{
    (void)state;
    char *hook = webhook("\"item.received\"", "");
    char *off = webhook("\"session.started\"", ",\"enabled\":false");
    free(login("device-1", "alice", NULL));
    assert_int_equal(look(), 0);
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
    char *plain = webhook("\"item.received\"", ""),
         *full = webhook("\"item.received\"", ",\"bodies\":true");
    const char *bearer = sdk_login("alice");
    append_event(bearer);
    append_event(bearer); /* the same item again is none */
    assert_int_equal(look(), 2);
    take(0);
    assert_string_equal(said("data", "item", "id"), "e1");
    assert_string_equal(said("data", "item", "kind"), "event");
    assert_null(said("data", "item", "body"));
    take(1);
    assert_non_null(said("data", "item", "body"));
    free(plain);
    free(full);
}

static void
tells_that_a_customer_was_erased_and_not_who_it_was(void **state)
{
    (void)state;
    char *alice = login("device-1", "alice", NULL);
    char *hook = webhook("\"customer.erased\"", "");
    struct ask erase = {.method = CSN_DELETE,
                        .target = world_format(w, "/api/v1/apps/%s/customers/%s", app, alice),
                        .bearer = w->admin};
    assert_int_equal(world_ask(w, &erase), 200);
    assert_int_equal(look(), 1);
    take(0);
    assert_string_equal(said("data", "customer", "id"), alice);
    assert_null(said("data", "customer", "identity"));
    free(hook);
    free(alice);
}

static void
tells_changes_of_keys_and_enforcement(void **state)
{
    (void)state;
    char *hook = webhook("\"key.state_changed\",\"enforcement.changed\"", "");
    sdk_enforce("required");
    take(0);
    assert_string_equal(said("data", "from", NULL), "optional");
    assert_string_equal(said("data", "to", NULL), "required");
    assert_int_equal(world_get(w, w->admin, world_format(w, "/api/v1/apps/%s/keys", app)), 200);
    struct ask retire = {
        .method = CSN_PATCH,
        .target = world_format(w, "/api/v1/apps/%s/keys/%s", app, world_text(w, "items.0.id")),
        .bearer = w->admin,
        .body = "{\"state\":\"retiring\",\"force\":true}"};
    assert_int_equal(world_ask(w, &retire), 200);
    take(1);
    assert_string_equal(said("type", NULL, NULL), "key.state_changed");
    assert_string_equal(said("data", "to", NULL), "retiring");
    free(hook);
}

/* --- pushes --- */

static void
pushes_to_each_device_that_has_an_address(void **state)
{
    (void)state;
    make_push_key();
    char *alice = login("device-1", "alice", web_push("one"));
    free(login("device-2", "alice", web_push("two")));
    free(login("device-3", "alice", NULL));
    free(login("device-4", "bob", web_push("four")));
    send(alice, ",\"id\":\"p1\",\"body\":{\"text\":\"hello\"}");
    assert_int_equal(look(), 2);
    take(0);
    assert_int_equal(parcel.carrier, CSN_CARRIER_WEB_PUSH);
    assert_string_equal(parcel.url, "https://push.example/one");
    assert_string_equal(said("item", "body", "text"), "hello");
    assert_string_equal(said("delivery", NULL, NULL), parcel.id.text);
    send(alice, ",\"device\":\"device-2\",\"body\":{}");
    assert_int_equal(look(), 3);
    take(2);
    assert_string_equal(parcel.url, "https://push.example/two");
    free(alice);
}

static void
a_push_sent_again_under_its_id_is_no_second_one(void **state)
{
    (void)state;
    char *alice = login("device-1", "alice", web_push("one"));
    send(alice, ",\"id\":\"p1\",\"body\":{}");
    assert_int_equal(world_post(w, w->admin,
                                world_format(w, "/api/v1/apps/%s/customers/%s/items", app, alice),
                                "{\"kind\":\"push\",\"id\":\"p1\",\"body\":{}}"),
                     200);
    assert_int_equal(look(), 1);
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
                      .body = web_push("claimed")};
    assert_int_equal(world_ask(w, &put), 204);
    send(alice, ",\"body\":{}");
    assert_int_equal(look(), 0);
    send(alice, ",\"device\":\"device-1\",\"body\":{}");
    assert_int_equal(look(), 1);
    free(alice);
}

#define FCM "{\"fcm\":{\"package\":\"com.example\",\"registration_id\":\"r-1\"}}"

static void
hands_other_addresses_to_the_apps_own_sender(void **state)
{
    (void)state;
    char *alice = login("device-1", "alice", FCM);
    send(alice, ",\"body\":{\"text\":\"hello\"}");
    take(0);
    assert_int_equal(parcel.carrier, CSN_CARRIER_NONE);
    assert_int_equal(parcel.outcome, CSN_OUTCOME_NO_WAY);
    char *hook = webhook("\"push.send\"", "");
    take(0);
    assert_int_equal(parcel.carrier, CSN_CARRIER_WEBHOOK);
    assert_string_equal(said("type", NULL, NULL), "push.send");
    assert_string_equal(said("data", "device", NULL), "device-1");
    assert_string_equal(said("data", "delivery", NULL), parcel.id.text);
    assert_non_null(said("data", "address", "fcm"));
    assert_string_equal(said("data", "customer", "identity"), "alice");
    assert_non_null(said("data", "item", "body"));
    free(alice);
    free(hook);
}

static void
leaves_a_body_that_web_push_cannot_carry_where_it_is(void **state)
{
    (void)state;
    make_push_key();
    char *alice = login("device-1", "alice", web_push("one"));
    char *long_text = malloc(5001);
    memset(long_text, 'x', 5000);
    long_text[5000] = '\0';
    char *body = malloc(6000);
    snprintf(body, 6000, "{\"kind\":\"push\",\"body\":{\"text\":\"%s\"}}", long_text);
    assert_int_equal(world_post(w, w->admin,
                                world_format(w, "/api/v1/apps/%s/customers/%s/items", app, alice),
                                body),
                     201);
    take(0);
    assert_true(parcel.payload.len <= CSN_WEBPUSH_PLAIN_MAX);
    assert_non_null(said("item", "id", NULL));
    assert_null(said("item", "body", NULL));
    free(body);
    free(long_text);
    free(alice);
}

static void
a_push_to_a_device_that_is_anothers_by_now_is_moot(void **state)
{
    (void)state;
    char *alice = login("device-1", "alice", web_push("one"));
    send(alice, ",\"body\":{}");
    free(login("device-1", "bob", web_push("one")));
    take(0);
    assert_int_equal(parcel.outcome, CSN_OUTCOME_MOOT);
    settle(CSN_OUTCOME_MOOT);
    assert_int_equal(look(), 0);
    free(alice);
}

/* --- what comes of it --- */

static void
is_over_when_it_was_taken(void **state)
{
    (void)state;
    char *hook = webhook("\"session.started\"", "");
    free(login("device-1", "alice", NULL));
    take(0);
    settle(CSN_OUTCOME_TAKEN);
    assert_int_equal(look(), 0);
    assert_int_equal(show_webhook(hook), 200);
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
    char *hook = webhook("\"session.started\"", "");
    free(login("device-1", "alice", NULL));
    take(0);
    struct csn_id id = parcel.id;
    assert_false(settle(CSN_OUTCOME_BROKEN).gave_up);
    w->now_ms += CSN_DELIVERY_FIRST_WAIT_MS;
    take(0);
    assert_string_equal(parcel.id.text, id.text);
    assert_int_equal(parcel.row.attempts, 1);
    assert_int_equal(show_webhook(hook), 200);
    assert_string_equal(world_text(w, "failing_since"), "2026-11-21T09:32:28.977Z");
    settle(CSN_OUTCOME_TAKEN);
    assert_int_equal(show_webhook(hook), 200);
    assert_null(world_text(w, "failing_since"));
    free(hook);
}

static void
waits_as_long_as_the_receiver_asks(void **state)
{
    (void)state;
    char *hook = webhook("\"session.started\"", "");
    free(login("device-1", "alice", NULL));
    take(0);
    settle_after(CSN_OUTCOME_BUSY, false, HOUR);
    w->now_ms += HOUR - 1;
    assert_int_equal(look(), 0);
    w->now_ms += 1;
    assert_int_equal(look(), 1);
    free(hook);
}

static void
gives_a_notice_up_after_three_days(void **state)
{
    (void)state;
    char *hook = webhook("\"session.started\"", "");
    free(login("device-1", "alice", NULL));
    take(0);
    w->now_ms += CSN_DELIVERY_LIFE_MS - HOUR;
    assert_false(settle_after(CSN_OUTCOME_BROKEN, false, HOUR).gave_up);
    w->now_ms += HOUR;
    take(0);
    assert_true(settle_after(CSN_OUTCOME_BROKEN, false, SECOND).gave_up);
    assert_int_equal(look(), 0);
    free(hook);
}

static void
takes_the_address_of_a_browser_that_is_gone(void **state)
{
    (void)state;
    make_push_key();
    char *hook = webhook("\"push.gave_up\"", "");
    char *alice = login("device-1", "alice", web_push("one"));
    send(alice, ",\"body\":{}");
    take(0);
    assert_true(settle(CSN_OUTCOME_GONE).gave_up);
    take(0);
    assert_string_equal(said("type", NULL, NULL), "push.gave_up");
    assert_string_equal(said("data", "cause", NULL), "gone");
    settle(CSN_OUTCOME_TAKEN);
    send(alice, ",\"body\":{}");
    assert_int_equal(look(), 0);
    free(alice);
    free(hook);
}

static void
gives_a_push_up_after_a_day_and_says_so(void **state)
{
    (void)state;
    make_push_key();
    char *hook = webhook("\"push.gave_up\"", "");
    char *alice = login("device-1", "alice", web_push("one"));
    send(alice, ",\"body\":{}");
    take(0);
    settle(CSN_OUTCOME_UNREACHABLE);
    w->now_ms += CSN_PUSH_LIFE_MS;
    take(0);
    assert_true(settle_after(CSN_OUTCOME_UNREACHABLE, false, SECOND).gave_up);
    take(0);
    assert_string_equal(said("data", "cause", NULL), "unreachable");
    free(alice);
    free(hook);
}

static void
disables_a_webhook_that_took_nothing_for_five_days(void **state)
{
    (void)state;
    char *hook = webhook("\"session.started\"", "");
    free(login("device-1", "alice", NULL));
    take(0);
    settle(CSN_OUTCOME_BROKEN);
    w->now_ms += CSN_WEBHOOK_PATIENCE_MS - 1;
    take(0);
    assert_false(settle(CSN_OUTCOME_BROKEN).disabled);
    free(login("device-2", "alice", NULL));
    w->now_ms += 1;
    take(0);
    assert_true(settle(CSN_OUTCOME_BROKEN).disabled);
    assert_int_equal(show_webhook(hook), 200);
    assert_string_equal(world_text(w, "state"), "failed");
    assert_int_equal(world_get(w, w->admin, "/api/v1/audit"), 200);
    assert_non_null(strstr(w->body, "webhookDisabledItself"));
    free(hook);
}

static void
tells_nothing_more_to_a_receiver_that_says_gone(void **state)
{
    (void)state;
    char *hook = webhook("\"session.started\"", "");
    free(login("device-1", "alice", NULL));
    free(login("device-2", "alice", NULL));
    take(0);
    assert_false(settle(CSN_OUTCOME_GONE).disabled); /* 404 may pass */
    take(0);
    assert_true(settle_after(CSN_OUTCOME_GONE, true, 0).disabled);
    assert_int_equal(show_webhook(hook), 200);
    assert_string_equal(world_text(w, "state"), "gone");
    free(login("device-3", "alice", NULL));
    w->now_ms += CSN_DELIVERY_FIRST_WAIT_MS;
    take(0);
    assert_int_equal(parcel.outcome, CSN_OUTCOME_MOOT);
    settle(CSN_OUTCOME_MOOT);
    assert_int_equal(look(), 0);
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
                                      csn_bytes_text("{\"test\": 2432232314}"), &arena, &out),
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
    take(0);
    assert_int_equal(csn_letter_compose(&parcel, &w->service.random, &arena, &letter, w->now_ms),
                     CSN_OK);
    assert_string_equal(header(&letter, "webhook-id"), parcel.id.text);
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
    char *hook = webhook("\"session.started\"", "");
    free(login("device-1", "alice", NULL));
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
    make_push_key();
    char *alice = login("device-1", "alice", web_push("one"));
    send(alice, ",\"body\":{\"text\":\"hello\"}");
    w->now_ms += HOUR;
    take(0);
    assert_int_equal(csn_letter_compose(&parcel, &w->service.random, &arena, &letter, w->now_ms),
                     CSN_OK);
    assert_string_equal(header(&letter, "ttl"), "82800");
    assert_string_equal(header(&letter, "content-encoding"), "aes128gcm");
    assert_string_equal(header(&letter, "topic"), parcel.id.text);
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
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
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
        TEST(is_over_when_it_was_taken),
        TEST(comes_again_under_the_same_id_when_it_was_not),
        TEST(waits_as_long_as_the_receiver_asks),
        TEST(gives_a_notice_up_after_three_days),
        TEST(takes_the_address_of_a_browser_that_is_gone),
        TEST(gives_a_push_up_after_a_day_and_says_so),
        TEST(disables_a_webhook_that_took_nothing_for_five_days),
        TEST(tells_nothing_more_to_a_receiver_that_says_gone),
        TEST(signs_as_the_specification_does),
        TEST(signs_with_both_secrets_for_a_day),
        TEST(a_web_push_says_who_sends_and_how_long_it_lives),
        cmocka_unit_test(waits_four_times_as_long_each_time_up_to_the_cap),
        cmocka_unit_test(draws_a_wait_from_nothing_to_the_most),
        cmocka_unit_test(names_are_read_back_as_they_are_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
