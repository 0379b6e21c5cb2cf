/* An app that was removed leaves nothing behind, in whatever table, and no other app loses
 * anything. The tables are read from the schema: one that is added later is swept, or turns this
 * red.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "server/store/registry_rows.h"
#include "server/store/removal_rows.h"
#include "tests/unit/server/removal_world.h"

/* Tables without. */
static const struct {
    const char *table, *why;
} others[] = {
    {"accounts", "it outlives its apps"},
    {"apps", "the row itself is what is removed"},
    {"idempotency", "by API key; an answer expires in a day"},
    {"instance", "of the whole server"},
    {"schema_version", "of the whole server"},
    {"sqlite_sequence", "SQLite's own"},
};

static int
open_memory(void **state)
{
    (void)state;
    world_open(&stage.w);
    removal_add_apps();
    return 0;
}

static int
open_folder(void **state)
{
    (void)state;
    world_open_directory(&stage.w);
    removal_add_apps();
    return 0;
}

static int
close_world(void **state)
{
    (void)state;
    world_close(&stage.w);
    return 0;
}

/* --- what is swept --- */

static void
every_table_names_its_app_or_the_reason_why_not(void **state)
{
    (void)state;
    sqlite3_stmt *q = removal_prepare("SELECT name FROM sqlite_master WHERE type = 'table'");
    while (sqlite3_step(q) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(q, 0);
        bool known = false;
        for (size_t i = 0; i < stage.table_count; i++)
            known = known || strcmp(stage.tables[i], name) == 0;
        for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
            known = known || strcmp(others[i].table, name) == 0;
        if (!known)
            fail_msg("whose are the rows of %s?", name);
    }
    sqlite3_finalize(q);
}

static void
nothing_is_left_in_any_table_and_nothing_of_another_app_is_touched(void **state)
{
    (void)state;
    removal_plant_all(GONE, 1000);
    removal_plant_all(STAYS, 5000);
    for (size_t i = 0; i < stage.table_count; i++) {
        if (strcmp(stage.tables[i], "removed_apps") != 0)
            assert_true(removal_count_of(stage.tables[i], GONE) > 0);
    }
    uint64_t before = removal_fold(STAYS);
    removal_remove_app();
    removal_sweep(NOW);
    assert_nothing_left(GONE);
    assert_int_equal(ROWS, removal_count_of("audit", GONE));
    assert_true(before == removal_fold(STAYS));
    assert_int_equal(1, world_number(&stage.w, "SELECT count(*) FROM apps"));
}

static void
the_keys_of_all_customers_go_before_any_of_their_rows(void **state)
{
    (void)state;
    removal_plant_all(GONE, 1000);
    removal_remove_app();
    for (int keys = ROWS; keys > 0;) {
        assert_int_equal(ROWS, removal_count_of("items", GONE));
        assert_true(removal_sweep_once(NOW).more);
        int left = (int)world_number(
            &stage.w, "SELECT count(*) FROM customers WHERE app = '" GONE
                      "' AND (length(key_sealed) > 0 OR identity_sealed IS NOT NULL OR "
                      "identity_hash IS NOT NULL)");
        assert_int_equal(keys > LIMIT ? keys - LIMIT : 0, left);
        keys = left;
    }
    assert_int_equal(ROWS, removal_count_of("customers", GONE));
}

static void
a_slice_touches_no_more_rows_than_it_may(void **state)
{
    (void)state;
    removal_plant_all(GONE, 1000);
    removal_remove_app();
    int64_t most = 0;
    for (struct removal_slice slice = {.more = true}; slice.more;) {
        slice = removal_sweep_once(NOW);
        most = slice.touched > most ? slice.touched : most;
    }
    /* and its own row */
    assert_true(most <= LIMIT * (1 + CSN_REMOVED_DELIVERIES_FACTOR) + 1);
    assert_true(most > LIMIT * CSN_REMOVED_DELIVERIES_FACTOR);
}

static int64_t
steps_of_slices(int customers)
{
    int64_t most = 0;
    world_open(&stage.w);
    removal_add_apps();
    removal_plant_all(GONE, 1000);
    world_execute(&stage.w, "PRAGMA foreign_keys=OFF; PRAGMA ignore_check_constraints=ON;");
    for (size_t i = 0; i < stage.table_count; i++) {
        if (!removal_is_kept(stage.tables[i]) && !removal_goes_with_its_app(stage.tables[i]))
            removal_plant(stage.tables[i], GONE, 2000, customers);
    }
    world_execute(&stage.w, "PRAGMA ignore_check_constraints=OFF; PRAGMA foreign_keys=ON;");
    removal_remove_app();
    for (bool more = true; more;) {
        more = removal_sweep_once(NOW).more;
        int64_t steps = 0;
        for (int i = 0; i < CSN_STATEMENTS_MAX; i++) {
            if (stage.w.store->statements[i].handle != NULL)
                steps += sqlite3_stmt_status(stage.w.store->statements[i].handle,
                                             SQLITE_STMTSTATUS_VM_STEP, 1);
        }
        most = steps > most ? steps : most;
    }
    world_close(&stage.w);
    return most;
}

static void
a_slice_costs_the_same_however_much_is_left(void **state)
{
    (void)state;
    int64_t few = steps_of_slices(10), many = steps_of_slices(300);
    if (many * 10 > few * 12)
        fail_msg("a slice takes %lld steps where there is little, %lld where there is much",
                 (long long)few, (long long)many);
}

/* --- when --- */

static void
what_comes_late_is_found_and_then_it_is_over(void **state)
{
    (void)state;
    removal_remove_app();
    removal_sweep(NOW);
    removal_plant_all(GONE, 1000); /* a request that was under way */
    removal_sweep(NOW + CSN_REMOVED_SETTLES_MS - 1);
    assert_int_equal(ROWS, removal_count_of("customers", GONE));
    assert_int_equal(0, world_number(&stage.w, "SELECT swept FROM removed_apps"));
    removal_sweep(NOW + CSN_REMOVED_SETTLES_MS);
    assert_nothing_left(GONE);
    assert_int_equal(0, world_number(&stage.w, "SELECT due FROM removed_apps"));
    assert_int_equal(NOW + CSN_REMOVED_SETTLES_MS,
                     world_number(&stage.w, "SELECT swept FROM removed_apps"));
    assert_int_equal(1, removal_sweep(NOW + 1000 * CSN_REMOVED_SETTLES_MS));
}

static void
a_slice_that_fails_has_done_nothing_and_is_done_again(void **state)
{
    (void)state;
    removal_plant_all(GONE, 1000);
    removal_remove_app();
    int slices = 0;
    for (bool more = true; more; slices++) {
        uint64_t before = removal_fold(GONE);
        struct removal_slice failing = {.limit = LIMIT, .now_ms = NOW, .fails = true};
        assert_string_equal("unavailable",
                            csn_status_name(world_run(stage.w.store, removal_run_slice, &failing)));
        assert_true(before == removal_fold(GONE));
        more = removal_sweep_once(NOW).more;
    }
    assert_true(slices > ROWS);
    assert_nothing_left(GONE);
}

static void
a_restart_between_any_two_slices_goes_on(void **state)
{
    (void)state;
    removal_plant_all(GONE, 1000);
    removal_plant_all(STAYS, 5000);
    uint64_t before = removal_fold(STAYS);
    removal_remove_app();
    for (bool more = true; more;) {
        world_reopen(&stage.w);
        more = removal_sweep_once(NOW).more;
    }
    assert_nothing_left(GONE);
    assert_true(before == removal_fold(STAYS));
}

static void
the_id_of_a_removed_app_is_never_used_again(void **state)
{
    (void)state;
    struct csn_app_row row = {.id = {.text = GONE},
                              .account = {.text = ACCOUNT},
                              .name = text("app"),
                              .policy = text("{}"),
                              .enforcement = text("{}"),
                              .origins = text("[]")};
    removal_remove_app();
    assert_string_equal("conflict", csn_status_name(csn_store_app_add(stage.w.store, &row)));
    removal_sweep(NOW + CSN_REMOVED_SETTLES_MS);
    assert_string_equal("conflict", csn_status_name(csn_store_app_add(stage.w.store, &row)));
    row.id.text[25] = '3';
    assert_ok(csn_store_app_add(stage.w.store, &row));
}

int
main(void)
{
#define IN_MEMORY(name) cmocka_unit_test_setup_teardown(name, open_memory, close_world)
#define IN_A_FOLDER(name) cmocka_unit_test_setup_teardown(name, open_folder, close_world)
    const struct CMUnitTest tests[] = {
        IN_MEMORY(every_table_names_its_app_or_the_reason_why_not),
        IN_MEMORY(nothing_is_left_in_any_table_and_nothing_of_another_app_is_touched),
        IN_MEMORY(the_keys_of_all_customers_go_before_any_of_their_rows),
        IN_MEMORY(a_slice_touches_no_more_rows_than_it_may),
        cmocka_unit_test(a_slice_costs_the_same_however_much_is_left),
        IN_MEMORY(what_comes_late_is_found_and_then_it_is_over),
        IN_MEMORY(a_slice_that_fails_has_done_nothing_and_is_done_again),
        IN_A_FOLDER(a_restart_between_any_two_slices_goes_on),
        IN_MEMORY(the_id_of_a_removed_app_is_never_used_again),
    };
    return cmocka_run_group_tests_name("removal", tests, NULL, NULL);
}
