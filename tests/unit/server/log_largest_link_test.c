/* The largest link there can be: a full anonymous log, in items and in bytes, moved in one
 * transaction, for which everybody waits. Prints how long that takes on this disk.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "crypto/seal.h"
#include "tests/unit/server/log_world.h"

static struct world w;

static int
open_world(void **state)
{
    (void)state;
    world_open_directory(&w);
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

static double
now_in_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* As appends would, only faster: rows that are never opened. */
static void
fill(struct csn_id customer, int items, int sealed)
{
    char sql[640];
    snprintf(sql, sizeof sql,
             "BEGIN; WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) "
             "INSERT INTO items SELECT '%s', '%s', i, hex(randomblob(16)), '%s', 1, 1, 0, NULL, 0, "
             "0, randomblob(%d) FROM n; "
             "INSERT INTO logs (app, customer, last, items, bytes) VALUES ('%s', '%s', %d, %d, "
             "%d); COMMIT",
             items, w.app.id.text, customer.text, customer.text, sealed, w.app.id.text,
             customer.text, items, items, items * sealed);
    world_execute(&w, sql);
}

static void
link_a_log_of(int items, int sealed)
{
    struct csn_session_outcome before = world_login_as(&w, "tablet", NULL);
    fill(before.claims.customer, items, sealed);
    double begun = now_in_ms();
    struct csn_session_outcome after = world_login_from(&w, "tablet", "alice", &before);
    print_message("a login that links %d items of %d bytes, %.1f MiB in all: %.0f ms\n", items,
                  sealed, (double)items * sealed / 1048576, now_in_ms() - begun);
    assert_int_equal(items, after.linked_items);
}

static void
most_items(void **state)
{
    (void)state;
    link_a_log_of(CSN_LOG_ANONYMOUS_ITEMS_MAX,
                  CSN_LOG_ANONYMOUS_BYTES_MAX / CSN_LOG_ANONYMOUS_ITEMS_MAX);
}

static void
largest_items(void **state)
{
    (void)state;
    int sealed = CSN_ITEM_BODY_MAX + (int)CSN_SEAL_OVERHEAD;
    link_a_log_of(CSN_LOG_ANONYMOUS_BYTES_MAX / sealed, sealed);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(most_items, open_world, close_world),
        cmocka_unit_test_setup_teardown(largest_items, open_world, close_world),
    };
    return cmocka_run_group_tests_name("log_largest_link", tests, NULL, NULL);
}
