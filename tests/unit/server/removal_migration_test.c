/* A database of before 0020: what apps removed then left behind is found, a log's bytes are counted
 * exactly, and no delivery and no number of one is lost.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "server/store/migrations.h"
#include "tests/unit/server/removal_world.h"

#define THIS 20
#define OLD "01ARZ3NDEKTSV4RRFFQ69G5G" /* and two letters: an id */

/* Everything below stands in a database that is one migration short of THIS. */
static const char before[] =
    "CREATE TABLE schema_version (number INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT;";

static const char rows[] =
    "INSERT INTO accounts VALUES ('" ACCOUNT "', 'a', 0, 0);"
    "INSERT INTO apps (id, account, name, policy, policy_version, enforcement, enforcement_version,"
    " origins, suspended, test_mode_until, retention_days, created, generation) VALUES"
    " ('" STAYS "', '" ACCOUNT "', 'app', '{}', 1, '{}', 1, '[]', 0, 0, 90, 0, 1);"
    "INSERT INTO customers (app, id, key_sealed, assurance, created, seen) VALUES"
    " ('" STAYS "', '" OLD "C1', x'01', 1, 0, 0), ('" STAYS "', '" OLD "C2', x'02', 1, 0, 0),"
    " ('" GONE "', '" OLD "C1', x'03', 1, 0, 0), ('" OLD "AA', '" OLD "C1', x'04', 1, 0, 0);"
    "INSERT INTO challenges (app, device, nonce_hash, created, expires) VALUES"
    " ('" OLD "BB', 'd', zeroblob(32), 0, 1);"
    "INSERT INTO revocations VALUES ('" OLD "CC', zeroblob(32), 1);"
    "INSERT INTO decision_counts (app, hour, reason, endpoint, key, algorithm, assurance, mode,"
    " admitted, platform, app_version, sdk_version, count) VALUES"
    " ('" OLD "DD', 0, 1, 1, 0, 0, 0, 1, 1, '', '', '', 1), ('" STAYS
    "', 0, 1, 1, 0, 0, 0, 1, 1, '',"
    " '', '', 1);"
    "INSERT INTO decision_remains (app) VALUES ('" OLD "EE'), ('" OLD "DD');"
    "INSERT INTO logs (app, customer, last, items) VALUES ('" STAYS "', '" OLD "C1', 3, 2),"
    " ('" STAYS "', '" OLD "C2', 0, 0);"
    "INSERT INTO items SELECT '" STAYS "', '" OLD "C1', value, 'i' || value, '" OLD
    "C1', 1, 1, 0, NULL, 0, 0,"
    " zeroblob(value * 1000) FROM json_each('[1, 3]');"
    "INSERT INTO deliveries (app, device, notice, facts, created, due) VALUES"
    " ('" STAYS "', 'd1', 1, '{}', 7, 8), ('" STAYS "', 'd2', 1, '', 7, 9);"
    "DELETE FROM deliveries WHERE device = 'd2';";

static void
execute(sqlite3 *db, const char *sql)
{
    char *message = NULL;
    if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK)
        fail_msg("%s", message);
}

static int
open_older(void **state)
{
    char path[96], record[128];
    sqlite3 *db = NULL;
    (void)state;
    world_open_directory(&stage.w);
    csn_store_close(stage.w.store);
    snprintf(path, sizeof path, "%s/countersign.db", stage.w.directory);
    assert_int_equal(0, unlink(path));
    assert_int_equal(SQLITE_OK, sqlite3_open(path, &db));
    execute(db, before);
    for (size_t i = 0; i < csn_migration_count && csn_migrations[i].number < THIS; i++) {
        execute(db, csn_migrations[i].sql);
        snprintf(record, sizeof record, "INSERT INTO schema_version VALUES (%d, '%s')",
                 csn_migrations[i].number, csn_migrations[i].name);
        execute(db, record);
    }
    execute(db, rows);
    assert_int_equal(SQLITE_OK, sqlite3_close(db));
    assert_ok(csn_store_open(stage.w.directory, &stage.w.store));
    return 0;
}

static int
close_world(void **state)
{
    (void)state;
    world_close(&stage.w);
    return 0;
}

static void
an_app_removed_before_is_found_by_what_it_left(void **state)
{
    (void)state;
    sqlite3_stmt *q = removal_prepare("SELECT group_concat(app, ' ') FROM (SELECT app FROM "
                                      "removed_apps WHERE due > 0 ORDER BY app)");
    assert_int_equal(SQLITE_ROW, sqlite3_step(q));
    assert_string_equal(GONE " " OLD "AA " OLD "BB " OLD "CC " OLD "DD " OLD "EE",
                        sqlite3_column_text(q, 0));
    sqlite3_finalize(q);
    removal_sweep(NOW);
    assert_int_equal(2, world_number(&stage.w, "SELECT count(*) FROM customers"));
    assert_int_equal(0, world_number(&stage.w, "SELECT count(*) FROM challenges"));
    assert_int_equal(0, world_number(&stage.w, "SELECT count(*) FROM revocations"));
    assert_int_equal(1, world_number(&stage.w, "SELECT count(*) FROM decision_counts"));
    assert_int_equal(6, world_number(&stage.w, "SELECT count(*) FROM removed_apps WHERE due = 0"));
}

static void
a_log_gets_the_exact_sum_of_its_bodies(void **state)
{
    (void)state;
    assert_int_equal(4000,
                     world_number(&stage.w, "SELECT bytes FROM logs WHERE customer = '" OLD "C1'"));
    assert_int_equal(0,
                     world_number(&stage.w, "SELECT bytes FROM logs WHERE customer = '" OLD "C2'"));
}

static void
deliveries_are_there_and_a_number_is_not_given_twice(void **state)
{
    (void)state;
    assert_int_equal(1, world_number(&stage.w, "SELECT count(*) FROM deliveries WHERE number = 1 "
                                               "AND device = 'd1' AND created = 7 AND due = 8"));
    world_execute(&stage.w, "INSERT INTO deliveries (app, device, notice, facts, created, due) "
                            "VALUES ('" STAYS "', 'd3', 1, '{}', 7, 8)");
    assert_int_equal(3,
                     world_number(&stage.w, "SELECT number FROM deliveries WHERE device = 'd3'"));
    assert_int_equal(1, world_number(&stage.w, "SELECT count(*) FROM sqlite_sequence WHERE "
                                               "name LIKE 'deliveries%'"));
}

/* Out: what the table is made of after the migrations below `end`. */
static void
describe_deliveries(int end, char *out, size_t cap)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *q = NULL;
    assert_int_equal(SQLITE_OK, sqlite3_open(":memory:", &db));
    for (size_t i = 0; i < csn_migration_count && csn_migrations[i].number < end; i++)
        execute(db, csn_migrations[i].sql);
    const char *sql = "SELECT group_concat(said, '; ') FROM (SELECT name || type AS said FROM "
                      "pragma_table_info('deliveries') UNION ALL SELECT sql FROM sqlite_master "
                      "WHERE tbl_name = 'deliveries' AND type = 'index' ORDER BY 1)";
    assert_int_equal(SQLITE_OK, sqlite3_prepare_v2(db, sql, -1, &q, NULL));
    assert_int_equal(SQLITE_ROW, sqlite3_step(q));
    snprintf(out, cap, "%s", sqlite3_column_text(q, 0));
    sqlite3_finalize(q);
    sqlite3_close(db);
}

/* Whatever was added to the table by then has to be carried over too. */
static void
deliveries_have_every_column_and_index_they_had(void **state)
{
    (void)state;
    static char had[4096], have[4096];
    describe_deliveries(THIS, had, sizeof had);
    describe_deliveries(THIS + 1, have, sizeof have);
    assert_true(strlen(had) > 100);
    assert_string_equal(had, have);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_older, close_world)
    const struct CMUnitTest tests[] = {
        TEST(an_app_removed_before_is_found_by_what_it_left),
        TEST(a_log_gets_the_exact_sum_of_its_bodies),
        TEST(deliveries_are_there_and_a_number_is_not_given_twice),
        TEST(deliveries_have_every_column_and_index_they_had),
    };
    return cmocka_run_group_tests_name("removal_migration", tests, NULL, NULL);
}
