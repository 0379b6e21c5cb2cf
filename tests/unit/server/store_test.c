/* Opening, migrating and transactions of the store.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "server/store/migrations.h"
#include "server/store/sqlite.h"
#include "tests/unit/server/session_world.h"

static enum csn_status
execute(struct world *w, const char *sql)
{
    return csn_store_status(sqlite3_exec(w->store->db, sql, NULL, NULL, NULL));
}

static void
make_table(struct world *w)
{
    assert_ok(execute(w, "CREATE TABLE thing (name TEXT PRIMARY KEY, size INTEGER) STRICT"));
}

static enum csn_status
add_thing(struct csn_store *store, const char *name)
{
    struct csn_query q = csn_query(store, "INSERT INTO thing (name, size) VALUES (?, 1)");
    csn_query_bytes(&q, text(name));
    return csn_query_done(&q);
}

static bool
fails(void *state)
{
    (void)state;
    return true;
}

/* --- opening --- */

static void
opens_a_new_directory_with_every_migration_applied(void **state)
{
    (void)state;
    struct world w;
    world_open_directory(&w);
    assert_int_equal((int64_t)csn_migration_count,
                     world_number(&w, "SELECT count(*) FROM schema_version"));
    assert_int_equal(1, world_number(&w, "SELECT count(*) FROM pragma_journal_mode "
                                         "WHERE journal_mode = 'wal'"));
    assert_int_equal(2, world_number(&w, "SELECT synchronous FROM pragma_synchronous"));
    assert_int_equal(1, world_number(&w, "SELECT foreign_keys FROM pragma_foreign_keys"));
    world_close(&w);
}

static void
makes_files_that_only_their_owner_can_read(void **state)
{
    (void)state;
    struct world w;
    world_open_directory(&w);
    static const char *const names[] = {"countersign.db", "countersign.db-wal", "countersign.lock"};
    for (size_t i = 0; i < 3; i++) {
        char path[128];
        struct stat found;
        snprintf(path, sizeof path, "%s/%s", w.directory, names[i]);
        assert_int_equal(0, stat(path, &found));
        assert_int_equal(0600, found.st_mode & 0777);
    }
    world_close(&w);
}

static void
refuses_a_directory_whose_parent_is_not_there(void **state)
{
    (void)state;
    struct world w;
    struct csn_store *store = NULL;
    world_open_directory(&w);
    char path[128];
    snprintf(path, sizeof path, "%s/no/such", w.directory);
    assert_int_equal(CSN_IO, csn_store_open(path, &store));
    assert_null(store);
    world_close(&w);
}

static void
refuses_a_second_server_on_the_same_directory(void **state)
{
    (void)state;
    struct world w;
    struct csn_store *second = NULL;
    world_open_directory(&w);
    assert_int_equal(CSN_CONFLICT, csn_store_open(w.directory, &second));
    assert_null(second);
    csn_store_close(w.store);
    assert_ok(csn_store_open(w.directory, &w.store));
    world_close(&w);
}

static void
opening_again_applies_nothing_twice(void **state)
{
    (void)state;
    struct world w;
    world_open_directory(&w);
    make_table(&w);
    assert_ok(add_thing(w.store, "kept"));
    world_reopen(&w);
    assert_int_equal(1, world_number(&w, "SELECT count(*) FROM thing"));
    assert_int_equal((int64_t)csn_migration_count,
                     world_number(&w, "SELECT count(*) FROM schema_version"));
    world_close(&w);
}

static void
refuses_a_database_of_a_newer_program_and_leaves_it_alone(void **state)
{
    (void)state;
    struct world w;
    world_open_directory(&w);
    assert_ok(execute(&w, "INSERT INTO schema_version VALUES (9999, '9999-tomorrow')"));
    csn_store_close(w.store);
    w.store = NULL;
    struct csn_store *store = NULL;
    assert_int_equal(CSN_UNSUPPORTED, csn_store_open(w.directory, &store));
    assert_null(store);
    world_close(&w);
}

static void
refuses_a_file_that_is_no_database(void **state)
{
    (void)state;
    struct world w;
    world_open_directory(&w);
    csn_store_close(w.store);
    w.store = NULL;
    char path[128];
    snprintf(path, sizeof path, "%s/countersign.db", w.directory);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    for (int i = 0; i < 1000; i++) {
        fputs("this is a letter to a friend, and no database. ", file);
    }
    fclose(file);
    struct csn_store *store = NULL;
    assert_int_equal(CSN_IO, csn_store_open(w.directory, &store));
    world_close(&w);
}

static void
migrations_are_in_number_order_and_named_after_their_number(void **state)
{
    (void)state;
    for (size_t i = 0; i < csn_migration_count; i++) {
        char prefix[8];
        snprintf(prefix, sizeof prefix, "%04d-", csn_migrations[i].number);
        assert_memory_equal(prefix, csn_migrations[i].name, 5);
        assert_true(i == 0 || csn_migrations[i].number > csn_migrations[i - 1].number);
    }
}

/* --- transactions --- */

static void
keeps_what_is_committed_and_forgets_what_is_rolled_back(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    make_table(&w);
    assert_ok(csn_store_begin(w.store));
    assert_ok(add_thing(w.store, "a"));
    assert_ok(csn_store_commit(w.store));
    assert_ok(csn_store_begin(w.store));
    assert_ok(add_thing(w.store, "b"));
    csn_store_rollback(w.store);
    assert_int_equal(1, world_number(&w, "SELECT count(*) FROM thing"));
    world_close(&w);
}

static void
undo_forgets_one_operation_and_keeps_those_beside_it(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    make_table(&w);
    assert_ok(csn_store_begin(w.store));
    for (int i = 0; i < 3; i++) {
        assert_ok(csn_store_savepoint(w.store));
        assert_ok(add_thing(w.store, i == 0 ? "a" : i == 1 ? "b" : "c"));
        assert_ok(i == 1 ? csn_store_undo(w.store) : csn_store_release(w.store));
    }
    assert_ok(csn_store_commit(w.store));
    assert_int_equal(2, world_number(&w, "SELECT count(*) FROM thing"));
    assert_int_equal(0, world_number(&w, "SELECT count(*) FROM thing WHERE name = 'b'"));
    world_close(&w);
}

static void
a_constraint_that_refuses_is_a_conflict(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    make_table(&w);
    assert_ok(add_thing(w.store, "a"));
    assert_int_equal(CSN_CONFLICT, add_thing(w.store, "a"));
    assert_ok(add_thing(w.store, "b"));
    world_close(&w);
}

static void
nothing_runs_in_a_transaction_that_sqlite_gave_up(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    make_table(&w);
    assert_ok(csn_store_begin(w.store));
    assert_ok(add_thing(w.store, "a"));
    sqlite3_exec(w.store->db, "ROLLBACK", NULL, NULL, NULL); /* as SQLite does on a full disk */
    assert_int_equal(CSN_UNAVAILABLE, add_thing(w.store, "b"));
    assert_int_equal(CSN_UNAVAILABLE, csn_store_undo(w.store));
    assert_int_equal(CSN_UNAVAILABLE, csn_store_commit(w.store));
    assert_int_equal(0, world_number(&w, "SELECT count(*) FROM thing"));
    assert_ok(csn_store_begin(w.store));
    assert_ok(add_thing(w.store, "c"));
    assert_ok(csn_store_commit(w.store));
    assert_int_equal(1, world_number(&w, "SELECT count(*) FROM thing"));
    world_close(&w);
}

static void
a_commit_that_fails_leaves_nothing_behind(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    make_table(&w);
    assert_ok(csn_store_begin(w.store));
    assert_ok(add_thing(w.store, "a"));
    w.store->fault = fails;
    assert_int_equal(CSN_UNAVAILABLE, csn_store_commit(w.store));
    assert_int_equal(CSN_UNAVAILABLE, csn_store_begin(w.store));
    w.store->fault = NULL;
    assert_int_equal(0, world_number(&w, "SELECT count(*) FROM thing"));
    assert_ok(csn_store_begin(w.store));
    assert_ok(csn_store_commit(w.store));
    world_close(&w);
}

/* --- statements --- */

static void
reads_back_what_was_bound_in_the_order_of_the_columns(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    struct csn_id id = {"01JAPPAPPAPPAPPAPPAPPAPPAP"}, read = {0}, none = {"x"};
    uint8_t blob[4] = {0};
    char name[8];
    struct csn_query q = csn_query(w.store, "SELECT ?, ?, ?, ?, ?, ?");
    csn_query_id(&q, id);
    csn_query_id(&q, (struct csn_id){0});
    csn_query_bytes(&q, text("zebra"));
    csn_query_blob(&q, csn_bytes_of("\1\0\2\3", 4));
    csn_query_int(&q, INT64_MIN);
    csn_query_bytes(&q, (struct csn_bytes){0});
    assert_true(csn_query_row(&q));
    csn_row_id(&q, &read);
    assert_true(csn_row_null(&q));
    csn_row_id(&q, &none);
    csn_row_text(&q, name, sizeof name);
    csn_row_blob(&q, blob, sizeof blob);
    assert_true(csn_row_int(&q) == INT64_MIN);
    assert_true(csn_row_null(&q));
    assert_false(csn_query_row(&q));
    assert_ok(csn_query_end(&q));
    assert_string_equal(id.text, read.text);
    assert_string_equal("", none.text);
    assert_string_equal("zebra", name);
    assert_memory_equal("\1\0\2\3", blob, 4);
    world_close(&w);
}

static void
a_value_that_does_not_fit_its_place_fails_the_query(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    char name[6];
    uint8_t blob[4];
    struct csn_query q = csn_query(w.store, "SELECT 'zebra', 'zebras'");
    assert_true(csn_query_row(&q));
    csn_row_text(&q, name, sizeof name);
    assert_string_equal("zebra", name);
    csn_row_text(&q, name, sizeof name);
    assert_string_equal("", name);
    assert_int_equal(CSN_UNAVAILABLE, csn_query_end(&q));
    q = csn_query(w.store, "SELECT x'010203', x'01020304'");
    assert_true(csn_query_row(&q));
    csn_row_blob(&q, blob, sizeof blob);
    assert_int_equal(CSN_UNAVAILABLE, csn_query_end(&q));
    world_close(&w);
}

static void
a_change_that_touches_no_row_finds_nothing(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    make_table(&w);
    assert_ok(add_thing(w.store, "a"));
    for (int i = 0; i < 2; i++) {
        struct csn_query q = csn_query(w.store, "DELETE FROM thing WHERE name = 'a'");
        assert_int_equal(i == 0 ? CSN_OK : CSN_NOT_FOUND, csn_query_touched(&q));
    }
    world_close(&w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opens_a_new_directory_with_every_migration_applied),
        cmocka_unit_test(makes_files_that_only_their_owner_can_read),
        cmocka_unit_test(refuses_a_directory_whose_parent_is_not_there),
        cmocka_unit_test(refuses_a_second_server_on_the_same_directory),
        cmocka_unit_test(opening_again_applies_nothing_twice),
        cmocka_unit_test(refuses_a_database_of_a_newer_program_and_leaves_it_alone),
        cmocka_unit_test(refuses_a_file_that_is_no_database),
        cmocka_unit_test(migrations_are_in_number_order_and_named_after_their_number),
        cmocka_unit_test(keeps_what_is_committed_and_forgets_what_is_rolled_back),
        cmocka_unit_test(undo_forgets_one_operation_and_keeps_those_beside_it),
        cmocka_unit_test(a_constraint_that_refuses_is_a_conflict),
        cmocka_unit_test(nothing_runs_in_a_transaction_that_sqlite_gave_up),
        cmocka_unit_test(a_commit_that_fails_leaves_nothing_behind),
        cmocka_unit_test(reads_back_what_was_bound_in_the_order_of_the_columns),
        cmocka_unit_test(a_value_that_does_not_fit_its_place_fails_the_query),
        cmocka_unit_test(a_change_that_touches_no_row_finds_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
