/* Reading: from a cursor on, as much as fits, as much as the reader may see.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/server/log_world.h"

static struct world w;
static struct csn_id alice;

static int
open_world(void **state)
{
    (void)state;
    world_open(&w);
    alice = world_login_as(&w, "phone", "alice").claims.customer;
    return 0;
}

static int
close_world(void **state)
{
    (void)state;
    assert_logs_whole(&w);
    world_close(&w);
    return 0;
}

/* Something the app sends: to one device, which proved what is said, or with NULL to every device.
 */
static void
send_down_to(enum csn_assurance assurance, enum csn_item_kind kind, const char *id,
             const char *device)
{
    struct csn_append_in in = append_of(&w, alice);
    in.assurance = assurance;
    struct csn_item item = item_of(id);
    struct csn_appended out;
    item.kind = kind;
    in.direction = CSN_DOWN;
    in.device = text(device);
    in.items = &item;
    in.count = 1;
    assert_ok(world_try_append(&w, &in, &out, NULL));
    assert_int_equal(CSN_APPENDED, out.outcome);
}

static void
send_down(enum csn_item_kind kind, const char *id, const char *device)
{
    send_down_to(CSN_ASSURANCE_VERIFIED, kind, id, device);
}

static struct csn_read_out
read_out(const struct csn_read_in *in)
{
    struct csn_read_out out;
    assert_ok(world_try_read(&w, in, &out));
    return out;
}

/* --- the cursor --- */

static void
a_log_without_items_is_empty(void **state)
{
    (void)state;
    struct csn_read_in in = read_of(&w, alice);
    in.after = 5;
    struct csn_read_out out = read_out(&in);
    assert_int_equal(0, out.count);
    assert_int_equal(5, out.cursor);
    assert_false(out.more);
}

static void
a_read_goes_on_after_its_cursor(void **state)
{
    (void)state;
    world_append(&w, alice, "a b c d");
    struct csn_read_in in = read_of(&w, alice);
    in.limit = 2;
    assert_string_equal("a b", world_shown(&w, &in));
    struct csn_read_out out = read_out(&in);
    assert_int_equal(2, out.cursor);
    assert_true(out.more);
    in.after = out.cursor;
    assert_string_equal("c d", world_shown(&w, &in));
    out = read_out(&in);
    assert_int_equal(4, out.cursor);
    assert_false(out.more);
    in.after = out.cursor;
    out = read_out(&in);
    assert_int_equal(0, out.count);
    assert_int_equal(4, out.cursor);
}

static void
backwards_the_newest_come_first(void **state)
{
    (void)state;
    world_append(&w, alice, "a b c d e");
    struct csn_read_in in = read_of(&w, alice);
    in.backwards = true;
    in.limit = 2;
    assert_string_equal("e d", world_shown(&w, &in));
    struct csn_read_out out = read_out(&in);
    assert_true(out.more);
    in.before = out.cursor;
    assert_string_equal("c b", world_shown(&w, &in));
    in.before = read_out(&in).cursor;
    assert_string_equal("a", world_shown(&w, &in));
    out = read_out(&in);
    assert_false(out.more);
    in.before = out.cursor;
    assert_string_equal("", world_shown(&w, &in));
}

static void
a_range_ends_before_both_its_ends(void **state)
{
    (void)state;
    world_append(&w, alice, "a b c d e");
    struct csn_read_in in = read_of(&w, alice);
    in.after = 1;
    in.before = 5;
    assert_string_equal("b c d", world_shown(&w, &in));
    in.backwards = true;
    assert_string_equal("d c b", world_shown(&w, &in));
}

/* --- as much as fits --- */

static void
append_large(const char *id, size_t len)
{
    static char body[CSN_ITEM_BODY_MAX];
    memset(body, '7', sizeof body);
    struct csn_append_in in = append_of(&w, alice);
    struct csn_item item = {
        .id = text(id), .kind = CSN_ITEM_MESSAGE, .body = csn_bytes_of(body, len)};
    struct csn_appended out;
    in.items = &item;
    in.count = 1;
    assert_ok(world_try_append(&w, &in, &out, NULL));
    assert_int_equal(CSN_APPENDED, out.outcome);
}

static void
bodies_of_one_read_stay_below_their_limit(void **state)
{
    (void)state;
    struct csn_read_in in = read_of(&w, alice);
    for (int i = 0; i < 4; i++) {
        append_large((const char *[]){"a", "b", "c", "d"}[i], CSN_ITEM_BODY_MAX);
    }
    struct csn_read_out out = read_out(&in);
    assert_int_equal(4, out.count); /* exactly CSN_ITEMS_READ_BYTES */
    assert_false(out.more);
    append_large("e", 1);
    out = read_out(&in);
    assert_int_equal(4, out.count);
    assert_int_equal(4, out.cursor);
    assert_true(out.more);
    in.after = out.cursor;
    assert_int_equal(1, read_out(&in).count);
}

struct tight {
    size_t cap;
    struct csn_read_out out;
};

static enum csn_status
read_tight(void *state, struct csn_store *store)
{
    static uint8_t memory[65536];
    struct tight *tight = state;
    struct csn_arena arena = csn_arena_over(memory, tight->cap);
    struct csn_read_in in = read_of(&w, alice);
    in.limit = 3;
    return csn_log_read(w.sessions, store, &in, &arena, &tight->out);
}

static void
what_does_not_fit_comes_with_the_next_read(void **state)
{
    (void)state;
    size_t seen[4] = {0}, refused = 0;
    append_large("a", 3000);
    append_large("b", 3000);
    append_large("c", 3000);
    for (size_t cap = 0; cap < 16000; cap += 16) {
        struct tight tight = {.cap = cap};
        enum csn_status status = world_run(w.store, read_tight, &tight);
        if (status == CSN_NO_SPACE) {
            refused++;
            assert_int_equal(0, tight.out.count);
            continue;
        }
        assert_ok(status);
        assert_in_range(tight.out.count, 1, 3);
        assert_int_equal(tight.out.count, tight.out.cursor);
        assert_int_equal(tight.out.count < 3, tight.out.more);
        seen[tight.out.count]++;
    }
    assert_true(refused > 0 && seen[1] > 0 && seen[2] > 0 && seen[3] > 0);
}

/* --- as much as one may see --- */

static void
notes_are_for_the_apps_owner_alone(void **state)
{
    (void)state;
    world_append(&w, alice, "a");
    send_down(CSN_ITEM_NOTE, "n", NULL);
    send_down(CSN_ITEM_NOTE, "m", "phone");
    struct csn_read_in in = read_of(&w, alice);
    assert_string_equal("a", world_shown(&w, &in));
    assert_int_equal(3, read_out(&in).cursor); /* the next read does not meet them again */
    in.view = CSN_VIEW_CLAIM;
    assert_string_equal("", world_shown(&w, &in));
    in.view = CSN_VIEW_OWNER;
    assert_string_equal("a n m", world_shown(&w, &in));
}

static void
a_page_of_notes_is_passed_in_one_read(void **state)
{
    (void)state;
    send_down(CSN_ITEM_NOTE, "n", NULL);
    send_down(CSN_ITEM_NOTE, "m", NULL);
    world_append(&w, alice, "a");
    struct csn_read_in in = read_of(&w, alice);
    in.limit = 2;
    struct csn_read_out out = read_out(&in);
    assert_int_equal(0, out.count);
    assert_int_equal(2, out.cursor);
    assert_true(out.more);
    in.after = out.cursor;
    assert_string_equal("a", world_shown(&w, &in));
}

static void
a_claim_sees_what_was_sent_to_its_device_as_a_claim_alone(void **state)
{
    (void)state;
    world_append(&w, alice, "up");
    send_down(CSN_ITEM_PUSH, "proved", "phone");
    send_down_to(CSN_ASSURANCE_CLAIMED, CSN_ITEM_PUSH, "here", "phone");
    send_down_to(CSN_ASSURANCE_CLAIMED, CSN_ITEM_PUSH, "there", "tablet");
    send_down(CSN_ITEM_MESSAGE, "everywhere", NULL);
    send_down_to(CSN_ASSURANCE_CLAIMED, CSN_ITEM_EXPERIENCE, "here.too", "phone");
    struct csn_read_in in = read_of(&w, alice);
    in.view = CSN_VIEW_CLAIM;
    assert_string_equal("here here.too", world_shown(&w, &in));
    in.backwards = true;
    assert_string_equal("here.too here", world_shown(&w, &in));
    in.device = text("watch");
    assert_string_equal("", world_shown(&w, &in));
    in.device = (struct csn_bytes){0};
    assert_string_equal("", world_shown(&w, &in));
}

static void
who_sees_nothing_reads_nothing(void **state)
{
    (void)state;
    world_append(&w, alice, "a");
    struct csn_read_in in = read_of(&w, alice);
    in.view = CSN_VIEW_NOTHING;
    assert_string_equal("", world_shown(&w, &in));
}

static void
another_apps_customer_is_not_found(void **state)
{
    (void)state;
    struct csn_read_out out;
    struct csn_read_in in = read_of(&w, alice);
    world_append(&w, alice, "a");
    in.app = w.other_app.id;
    assert_int_equal(CSN_NOT_FOUND, world_try_read(&w, &in, &out));
    in = read_of(&w, w.app.id);
    assert_int_equal(CSN_NOT_FOUND, world_try_read(&w, &in, &out));
}

/* --- sealed --- */

static void
a_body_in_the_place_of_another_does_not_open(void **state)
{
    (void)state;
    struct csn_read_in in = read_of(&w, alice);
    world_append(&w, alice, "a b c");
    world_execute(&w, "UPDATE items SET body = (SELECT body FROM items WHERE id = 'c') "
                      "WHERE id = 'a'");
    struct csn_read_out out = read_out(&in);
    assert_int_equal(1, out.damaged);
    assert_int_equal(2, out.count);
    assert_true(csn_bytes_equal_text(out.items[0].id, "b"));
    assert_int_equal(3, out.cursor);
}

static void
no_changed_byte_of_a_body_opens(void **state)
{
    (void)state;
    struct csn_read_in in = read_of(&w, alice);
    world_append(&w, alice, "a");
    int64_t len = world_number(&w, "SELECT length(body) FROM items");
    world_execute(&w, "CREATE TEMP TABLE good AS SELECT body FROM items");
    for (int64_t i = 0; i <= len; i++) {
        char sql[256];
        snprintf(sql, sizeof sql,
                 "UPDATE items SET body = CAST(substr(body, 1, %lld) || CASE hex(substr(body, %lld,"
                 " 1)) WHEN '00' THEN x'01' ELSE x'00' END || substr(body, %lld) AS BLOB)",
                 (long long)i, (long long)i + 1, (long long)i + 2);
        world_execute(&w, sql);
        assert_int_equal(1, read_out(&in).damaged);
        world_execute(&w, "UPDATE items SET body = (SELECT body FROM good)");
    }
    for (int64_t i = 0; i < len; i += 7) {
        char sql[80];
        snprintf(sql, sizeof sql, "UPDATE items SET body = substr(body, 1, %lld)", (long long)i);
        world_execute(&w, sql);
        assert_int_equal(1, read_out(&in).damaged);
        world_execute(&w, "UPDATE items SET body = (SELECT body FROM good)");
    }
    assert_string_equal("a", world_shown(&w, &in));
}

static void
an_item_moved_to_another_customer_does_not_open(void **state)
{
    (void)state;
    struct csn_id bob = world_login_as(&w, "tablet", "bob").claims.customer;
    struct csn_read_in in = read_of(&w, bob);
    world_append(&w, alice, "a");
    char sql[160];
    snprintf(sql, sizeof sql, "UPDATE items SET customer = '%s', origin = '%s'", bob.text,
             bob.text);
    world_execute(&w, sql);
    assert_int_equal(1, read_out(&in).damaged);
    snprintf(sql, sizeof sql, "UPDATE items SET customer = '%s'; DELETE FROM items", alice.text);
    world_execute(&w, sql);
    world_execute(&w, "UPDATE logs SET items = 0, bytes = 0");
}

static void
where_the_key_was_destroyed_nobody_is_there_to_be_read_to(void **state)
{
    (void)state;
    world_append(&w, alice, "a b");
    world_execute(&w, "UPDATE customers SET key_sealed = x''");
    struct csn_read_out out;
    struct csn_read_in in = read_of(&w, alice);
    assert_int_equal(CSN_NOT_FOUND, world_try_read(&w, &in, &out));
    assert_int_equal(0, out.count);
}

static void
a_key_that_does_not_open_is_no_empty_log(void **state)
{
    (void)state;
    struct csn_read_out out;
    struct csn_read_in in = read_of(&w, alice);
    world_append(&w, alice, "a");
    world_execute(&w, "UPDATE customers SET key_sealed = zeroblob(72)");
    assert_int_equal(CSN_CRYPTO, world_try_read(&w, &in, &out));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_log_without_items_is_empty),
        TEST(a_read_goes_on_after_its_cursor),
        TEST(backwards_the_newest_come_first),
        TEST(a_range_ends_before_both_its_ends),
        TEST(bodies_of_one_read_stay_below_their_limit),
        TEST(what_does_not_fit_comes_with_the_next_read),
        TEST(notes_are_for_the_apps_owner_alone),
        TEST(a_page_of_notes_is_passed_in_one_read),
        TEST(a_claim_sees_what_was_sent_to_its_device_as_a_claim_alone),
        TEST(who_sees_nothing_reads_nothing),
        TEST(another_apps_customer_is_not_found),
        TEST(a_body_in_the_place_of_another_does_not_open),
        TEST(no_changed_byte_of_a_body_opens),
        TEST(an_item_moved_to_another_customer_does_not_open),
        TEST(where_the_key_was_destroyed_nobody_is_there_to_be_read_to),
        TEST(a_key_that_does_not_open_is_no_empty_log),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
