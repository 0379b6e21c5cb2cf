/* What was erased leaves the write-ahead log, and nobody waits for that: not even where somebody
 * reads the database for as long as they like.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "server/store/erase_rows.h"
#include "server/store/sqlite.h"
#include "tests/unit/server/log_world.h"

static struct world w;
static sqlite3 *reader;
static struct csn_id alice;
static int waits; /* how often SQLite would have waited for somebody */

static int
count_a_wait(void *state, int before)
{
    (void)state;
    (void)before;
    waits++;
    return 0;
}

static int
setup(void **state)
{
    (void)state;
    char path[128];
    world_open_directory(&w);
    alice = world_login_as(&w, "phone", "alice").claims.customer;
    world_append(&w, alice, "a");
    snprintf(path, sizeof path, "%s/countersign.db", w.directory);
    waits = 0;
    return sqlite3_open_v2(path, &reader, SQLITE_OPEN_READONLY, NULL);
}

static int
teardown(void **state)
{
    (void)state;
    sqlite3_close(reader);
    world_close(&w);
    return 0;
}

static void
begin_to_read(void)
{
    assert_int_equal(SQLITE_OK,
                     sqlite3_exec(reader, "BEGIN; SELECT count(*) FROM items", NULL, NULL, NULL));
}

static void
end_reading(void)
{
    assert_int_equal(SQLITE_OK, sqlite3_exec(reader, "ROLLBACK", NULL, NULL, NULL));
}

static enum csn_status
run_erase(void *state, struct csn_store *store)
{
    (void)state;
    struct csn_erasure_row row = {.customer = alice, .erased_ms = w.now_ms};
    return csn_store_customer_erase(store, w.app.id, &row);
}

static void
erase_alice(void)
{
    assert_ok(world_run(w.store, run_erase, NULL));
}

static enum csn_status
run_cut_again(void *state, struct csn_store *store)
{
    (void)state;
    csn_store_cut_again(store);
    return CSN_OK;
}

static void
cut_again(void)
{
    assert_ok(world_run(w.store, run_cut_again, NULL));
}

static int64_t
wal_bytes(void)
{
    char path[128];
    struct stat found;
    snprintf(path, sizeof path, "%s/countersign.db-wal", w.directory);
    assert_int_equal(0, stat(path, &found));
    return (int64_t)found.st_size;
}

static void
an_erase_cuts_the_log_by_its_commit(void **state)
{
    (void)state;
    assert_true(wal_bytes() > 0);
    erase_alice();
    assert_int_equal(0, wal_bytes());
}

static void
a_commit_that_erased_nothing_cuts_nothing(void **state)
{
    (void)state;
    erase_alice();
    world_login_as(&w, "tablet", "bob");
    assert_true(wal_bytes() > 0);
    cut_again();
    assert_true(wal_bytes() > 0);
}

static void
nobody_waits_for_a_reader_of_what_was_there_before_the_erase(void **state)
{
    (void)state;
    begin_to_read();
    sqlite3_busy_handler(w.store->db, count_a_wait, NULL);
    erase_alice();
    assert_int_equal(0, waits);
    for (int i = 0; i < 3; i++) {
        sqlite3_busy_handler(w.store->db, count_a_wait, NULL);
        cut_again();
        assert_int_equal(0, waits);
    }
    assert_true(wal_bytes() > 0);
    end_reading();
}

static void
writes_beside_a_reader_do_not_try_to_cut(void **state)
{
    (void)state;
    begin_to_read();
    erase_alice();
    end_reading();
    world_login_as(&w, "tablet", "bob");
    assert_true(wal_bytes() > 0);
}

static void
once_the_reader_is_gone_the_next_try_cuts(void **state)
{
    (void)state;
    begin_to_read();
    erase_alice();
    cut_again();
    world_login_as(&w, "tablet", "bob");
    end_reading();
    cut_again();
    assert_int_equal(0, wal_bytes());
}

static void
what_else_waits_for_somebody_waits_as_long_as_before(void **state)
{
    (void)state;
    int64_t before = world_number(&w, "SELECT timeout FROM pragma_busy_timeout");
    erase_alice();
    assert_true(before > 0);
    assert_int_equal(before, world_number(&w, "SELECT timeout FROM pragma_busy_timeout"));
}

/* Another process erased, and was killed before it could cut. */
static void
what_was_there_at_the_start_is_cut_by_the_first_try(void **state)
{
    (void)state;
    begin_to_read(); /* so that closing leaves the log */
    world_reopen(&w);
    end_reading();
    assert_true(wal_bytes() > 0);
    cut_again();
    assert_int_equal(0, wal_bytes());
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        TEST(an_erase_cuts_the_log_by_its_commit),
        TEST(a_commit_that_erased_nothing_cuts_nothing),
        TEST(nobody_waits_for_a_reader_of_what_was_there_before_the_erase),
        TEST(writes_beside_a_reader_do_not_try_to_cut),
        TEST(once_the_reader_is_gone_the_next_try_cuts),
        TEST(what_else_waits_for_somebody_waits_as_long_as_before),
        TEST(what_was_there_at_the_start_is_cut_by_the_first_try),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
