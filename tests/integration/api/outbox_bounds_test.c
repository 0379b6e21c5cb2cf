/* Where the outbox ends: how much may wait for a webhook, how long what is over is shown, and who
 * is gone when a receiver says so.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "outbox_world.h"

#include <sqlite3.h>

#include "server/store/sqlite.h"

/* --- how much waits --- */

/* The rows are as good as there: they are counted by this number. */
static void
plant_waiting(int64_t waiting)
{
    const char *sql = world_format(w, "UPDATE webhooks SET waiting = %lld", (long long)waiting);
    assert_int_equal(sqlite3_exec(w->service.store->db, sql, NULL, NULL, NULL), SQLITE_OK);
}

static void
shows(const char *hook, int64_t waiting, int64_t dropped)
{
    assert_int_equal(outbox_show_webhook(hook), 200);
    assert_int_equal(world_int(w, "waiting"), waiting);
    assert_int_equal(world_int(w, "dropped"), dropped);
}

static void
drops_what_is_beyond_a_hundred_thousand_and_counts_it(void **state)
{
    (void)state;
    char *hook = outbox_webhook("\"session.started\"", "");
    plant_waiting(CSN_WEBHOOK_WAITING_MAX - 1);
    free(outbox_login("device-1", "alice", NULL));
    assert_int_equal(outbox_look(), 1);
    shows(hook, CSN_WEBHOOK_WAITING_MAX, 0);
    free(outbox_login("device-2", "alice", NULL)); /* it goes on: nobody waits for a backend */
    assert_int_equal(outbox_look(), 1);
    shows(hook, CSN_WEBHOOK_WAITING_MAX, 1);
    assert_int_equal(world_post(w, w->admin,
                                world_format(w, "/api/v1/apps/%s/webhooks/%s/test", app, hook),
                                NULL),
                     409);
    outbox_take(0);
    outbox_settle(CSN_OUTCOME_TAKEN);
    shows(hook, CSN_WEBHOOK_WAITING_MAX - 1, 1);
    free(outbox_login("device-3", "alice", NULL));
    assert_int_equal(outbox_look(), 1);
    shows(hook, CSN_WEBHOOK_WAITING_MAX, 1);
    free(hook);
}

static void
a_webhook_that_has_too_much_takes_nothing_from_another(void **state)
{
    (void)state;
    char *full = outbox_webhook("\"session.started\"", "");
    plant_waiting(CSN_WEBHOOK_WAITING_MAX);
    char *other = outbox_webhook("\"session.started\"", "");
    free(outbox_login("device-1", "alice", NULL));
    assert_int_equal(outbox_look(), 1);
    outbox_take(0);
    assert_string_equal(outbox_parcel.webhook.text, other);
    shows(full, CSN_WEBHOOK_WAITING_MAX, 1);
    free(full);
    free(other);
}

static void
counts_what_waits_up_to_a_limit(void **state)
{
    (void)state;
    char *hook = outbox_webhook("\"session.started\"", "");
    uint64_t count = 1;
    assert_int_equal(csn_store_delivery_waiting(w->service.store, 2, &count), CSN_OK);
    assert_int_equal(count, 0);
    for (int i = 1; i <= 3; i++) {
        free(outbox_login(world_format(w, "device-%d", i), "alice", NULL));
        assert_int_equal(csn_store_delivery_waiting(w->service.store, 2, &count), CSN_OK);
        assert_int_equal(count, i < 2 ? i : 2);
    }
    outbox_take(0);
    outbox_settle(CSN_OUTCOME_TAKEN);
    assert_int_equal(csn_store_delivery_waiting(w->service.store, 9, &count), CSN_OK);
    assert_int_equal(count, 2);
    free(hook);
}

/* --- how long what is over is shown --- */

static size_t
shown(const char *hook)
{
    assert_int_equal(
        world_get(w, w->admin,
                  world_format(w, "/api/v1/apps/%s/webhooks/%s/deliveries", app, hook)),
        200);
    return world_node(w, "items")->count;
}

/* As the housekeeper does. Returns: how many went. */
static uint64_t
purge(unsigned limit)
{
    uint64_t purged = 0;
    assert_int_equal(csn_store_begin(w->service.store), CSN_OK);
    assert_int_equal(csn_store_purge_deliveries(w->service.store, w->now_ms - CSN_DELIVERY_KEPT_MS,
                                                limit, &purged),
                     CSN_OK);
    assert_int_equal(csn_store_commit(w->service.store), CSN_OK);
    return purged;
}

static void
what_is_over_is_shown_for_three_days_and_what_waits_for_longer(void **state)
{
    (void)state;
    char *hook = outbox_webhook("\"session.started\"", "");
    for (int i = 1; i <= 4; i++)
        free(outbox_login(world_format(w, "device-%d", i), "alice", NULL));
    for (int i = 0; i < 3; i++) {
        outbox_take(0);
        outbox_settle(CSN_OUTCOME_TAKEN);
    }
    w->now_ms += CSN_DELIVERY_KEPT_MS - 1;
    assert_int_equal(purge(10), 0);
    assert_int_equal(shown(hook), 4);
    w->now_ms += 1;
    assert_int_equal(purge(2), 2); /* others must not wait long: some at a time */
    assert_int_equal(purge(2), 1);
    assert_int_equal(purge(2), 0);
    assert_int_equal(shown(hook), 1);
    assert_int_equal(outbox_look(), 1);
    free(hook);
}

/* --- who is gone --- */

#define FCM "{\"fcm\":{\"package\":\"com.example\",\"registration_id\":\"r-%d\"}}"

static void
a_410_to_push_send_takes_that_address_and_leaves_the_webhook(void **state)
{
    (void)state;
    char *hook = outbox_webhook("\"push.send\",\"push.gave_up\"", "");
    char *alice = outbox_login("device-1", "alice", world_format(w, FCM, 1));
    free(outbox_login("device-2", "alice", world_format(w, FCM, 2)));
    outbox_send(alice, ",\"body\":{}");
    assert_int_equal(outbox_look(), 2);
    outbox_take(0);
    struct csn_sent sent = outbox_settle_after(CSN_OUTCOME_GONE, true, 0);
    assert_true(sent.gave_up);
    assert_false(sent.disabled);
    assert_int_equal(outbox_show_webhook(hook), 200);
    assert_string_equal(world_text(w, "state"), "enabled");
    assert_null(world_text(w, "failing_since"));
    outbox_take(0);
    assert_string_equal(outbox_said("data", "device", NULL), "device-2");
    outbox_settle(CSN_OUTCOME_TAKEN);
    outbox_take(0);
    assert_string_equal(outbox_said("type", NULL, NULL), "push.gave_up");
    assert_string_equal(outbox_said("data", "cause", NULL), "gone");
    assert_string_equal(outbox_said("data", "device", NULL), "device-1");
    outbox_settle(CSN_OUTCOME_TAKEN);
    outbox_send(alice, ",\"body\":{}");
    assert_int_equal(outbox_look(), 1);
    outbox_take(0);
    assert_string_equal(outbox_said("data", "device", NULL), "device-2");
    free(alice);
    free(hook);
}

/* 404 may be an error of the backend's that passes; an address that is gone does not come back. */
static void
a_404_to_push_send_is_tried_again(void **state)
{
    (void)state;
    char *hook = outbox_webhook("\"push.send\"", "");
    char *alice = outbox_login("device-1", "alice", world_format(w, FCM, 1));
    outbox_send(alice, ",\"body\":{}");
    outbox_take(0);
    assert_false(outbox_settle(CSN_OUTCOME_GONE).gave_up);
    assert_int_equal(outbox_show_webhook(hook), 200);
    assert_non_null(world_text(w, "failing_since"));
    w->now_ms += CSN_DELIVERY_FIRST_WAIT_MS;
    assert_int_equal(outbox_look(), 1);
    free(alice);
    free(hook);
}

static void
a_410_to_anything_else_of_that_webhook_disables_it(void **state)
{
    (void)state;
    char *hook = outbox_webhook("\"push.send\",\"session.started\"", "");
    free(outbox_login("device-1", "alice", world_format(w, FCM, 1)));
    outbox_take(0);
    assert_true(outbox_settle_after(CSN_OUTCOME_GONE, true, 0).disabled);
    assert_int_equal(outbox_show_webhook(hook), 200);
    assert_string_equal(world_text(w, "state"), "gone");
    free(hook);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, outbox_setup, outbox_teardown)
        TEST(drops_what_is_beyond_a_hundred_thousand_and_counts_it),
        TEST(a_webhook_that_has_too_much_takes_nothing_from_another),
        TEST(counts_what_waits_up_to_a_limit),
        TEST(what_is_over_is_shown_for_three_days_and_what_waits_for_longer),
        TEST(a_410_to_push_send_takes_that_address_and_leaves_the_webhook),
        TEST(a_404_to_push_send_is_tried_again),
        TEST(a_410_to_anything_else_of_that_webhook_disables_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
