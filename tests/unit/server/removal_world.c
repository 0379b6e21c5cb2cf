/* See removal_world.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/server/removal_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "server/store/registry_rows.h"
#include "server/store/removal_rows.h"

#define SLICES_MAX 4000
#define SQL_MAX 256

/* Tables with an app's id that keep it. */
static const struct {
    const char *table, *why;
} kept[] = {
    {"audit", "what was done, and that the app was removed, stays provable"},
    {"removed_apps", "that the app was removed: its id is never used again"},
};

bool
removal_is_kept(const char *table)
{
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) {
        if (strcmp(kept[i].table, table) == 0)
            return true;
    }
    return false;
}

struct removal_stage stage;

/* --- the schema --- */

sqlite3_stmt *
removal_prepare(const char *sql)
{
    sqlite3_stmt *q = NULL;
    if (sqlite3_prepare_v2(stage.w.store->db, sql, -1, &q, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(stage.w.store->db));
    return q;
}

static void
read_tables(void)
{
    stage.table_count = 0;
    sqlite3_stmt *q =
        removal_prepare("SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c "
                        "WHERE m.type = 'table' AND c.name = 'app' ORDER BY m.name");
    while (sqlite3_step(q) == SQLITE_ROW) {
        assert_true(stage.table_count < TABLES_MAX);
        snprintf(stage.tables[stage.table_count++], sizeof stage.tables[0], "%s",
                 sqlite3_column_text(q, 0));
    }
    sqlite3_finalize(q);
}

/* A value for each column, by its type alone; each differs from every other. */
static void
write_values(const char *table, const char *app, int number, char *columns, char *values,
             size_t cap)
{
    char sql[SQL_MAX];
    size_t c = 0, v = 0;
    snprintf(sql, sizeof sql, "SELECT name, type, cid FROM pragma_table_info('%s')", table);
    sqlite3_stmt *q = removal_prepare(sql);
    while (sqlite3_step(q) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(q, 0);
        const char *type = (const char *)sqlite3_column_text(q, 1);
        int unique = number * 100 + sqlite3_column_int(q, 2);
        c += (size_t)snprintf(columns + c, cap - c, "%s%s", c > 0 ? ", " : "", name);
        const char *comma = v > 0 ? ", " : "";
        if (strcmp(name, "app") == 0)
            v += (size_t)snprintf(values + v, cap - v, "%s'%s'", comma, app);
        else if (strcmp(type, "TEXT") == 0)
            v += (size_t)snprintf(values + v, cap - v, "%s'01ARZ3NDEKTSV4RR%010d'", comma, unique);
        else if (strcmp(type, "BLOB") == 0)
            v += (size_t)snprintf(values + v, cap - v, "%sx'%064x'", comma, (unsigned)unique);
        else
            v += (size_t)snprintf(values + v, cap - v, "%s%d", comma, unique);
    }
    sqlite3_finalize(q);
    assert_true(c < cap && v < cap);
}

/* Rows that no operation would write, but of the right types: references and checks are not the
 * point here. Of a table with one row for each app, the first is planted. */
void
removal_plant(const char *table, const char *app, int first, int count)
{
    static char columns[4096], values[4096], sql[9000];
    for (int i = first; i < first + count; i++) {
        write_values(table, app, i, columns, values, sizeof columns);
        snprintf(sql, sizeof sql, "INSERT OR IGNORE INTO %s (%s) VALUES (%s)", table, columns,
                 values);
        world_execute(&stage.w, sql);
    }
}

/* Its rows refer to the app's own: they go with it, and none can come later. */
bool
removal_goes_with_its_app(const char *table)
{
    char sql[SQL_MAX];
    snprintf(sql, sizeof sql,
             "SELECT count(*) FROM pragma_foreign_key_list('%.63s') WHERE \"table\" = 'apps' AND "
             "on_delete = 'CASCADE'",
             table);
    return world_number(&stage.w, sql) > 0;
}

void
removal_plant_all(const char *app, int first)
{
    char sql[SQL_MAX];
    snprintf(sql, sizeof sql, "SELECT count(*) FROM apps WHERE id = '%s'", app);
    bool is_there = world_number(&stage.w, sql) > 0;
    world_execute(&stage.w, "PRAGMA foreign_keys=OFF; PRAGMA ignore_check_constraints=ON;");
    for (size_t i = 0; i < stage.table_count; i++) {
        if (strcmp(stage.tables[i], "removed_apps") != 0 &&
            (is_there || !removal_goes_with_its_app(stage.tables[i])))
            removal_plant(stage.tables[i], app, first, ROWS);
    }
    removal_plant("deliveries", app, first + ROWS, 2 * LIMIT * CSN_REMOVED_DELIVERIES_FACTOR);
    world_execute(&stage.w, "UPDATE deliveries SET webhook = NULL WHERE number % 2; "
                            "UPDATE deliveries SET device = NULL WHERE webhook IS NOT NULL; "
                            "PRAGMA ignore_check_constraints=OFF; PRAGMA foreign_keys=ON;");
}

int64_t
removal_count_of(const char *table, const char *app)
{
    char sql[SQL_MAX];
    snprintf(sql, sizeof sql, "SELECT count(*) FROM %.63s WHERE app = '%s'", table, app);
    return world_number(&stage.w, sql);
}

/* One row folded. */
static uint64_t
fold_row(sqlite3_stmt *q)
{
    uint64_t hash = 14695981039346656037U;
    for (int c = 0; c < sqlite3_column_count(q); c++) {
        const uint8_t *value = sqlite3_column_blob(q, c);
        int length = sqlite3_column_bytes(q, c);
        for (int b = 0; b < length; b++)
            hash = (hash ^ value[b]) * 1099511628211U;
        hash = (hash ^ (unsigned)(length + 1)) * 1099511628211U;
    }
    return hash;
}

/* Everything the tables hold of an app, in whatever order. */
uint64_t
removal_fold(const char *app)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < stage.table_count; i++) {
        char sql[SQL_MAX];
        snprintf(sql, sizeof sql, "SELECT * FROM %.63s WHERE app = '%s'", stage.tables[i], app);
        sqlite3_stmt *q = removal_prepare(sql);
        while (sqlite3_step(q) == SQLITE_ROW)
            sum += fold_row(q) * (i + 1);
        sqlite3_finalize(q);
    }
    return sum;
}

/* --- the world --- */

void
removal_add_app(const char *id)
{
    struct csn_app_row row = {.account = {.text = ACCOUNT},
                              .name = text("app"),
                              .policy = text("{}"),
                              .enforcement = text("{}"),
                              .origins = text("[]"),
                              .retention_days = 90};
    snprintf(row.id.text, sizeof row.id.text, "%s", id);
    assert_ok(csn_store_app_add(stage.w.store, &row));
}

void
removal_add_apps(void)
{
    world_execute(&stage.w, "INSERT INTO accounts (id, name, root, created) VALUES ('" ACCOUNT
                            "', 'a', 1, 0)");
    removal_add_app(GONE);
    removal_add_app(STAYS);
    read_tables();
}

static enum csn_status
run_remove(void *state, struct csn_store *store)
{
    struct csn_id app = {.text = GONE};
    (void)state;
    return csn_store_app_remove(store, app, NOW);
}

void
removal_remove_app(void)
{
    assert_ok(world_run(stage.w.store, run_remove, NULL));
}

enum csn_status
removal_run_slice(void *state, struct csn_store *store)
{
    struct removal_slice *slice = state;
    int64_t before = csn_store_total_changes(store);
    enum csn_status status =
        csn_store_removed_app_sweep(store, slice->limit, &slice->more, slice->now_ms);
    slice->touched = csn_store_total_changes(store) - before;
    return status == CSN_OK && slice->fails ? CSN_UNAVAILABLE : status;
}

struct removal_slice
removal_sweep_once(int64_t now_ms)
{
    struct removal_slice slice = {.limit = LIMIT, .now_ms = now_ms};
    assert_ok(world_run(stage.w.store, removal_run_slice, &slice));
    return slice;
}

/* Slices until there is nothing to do now. Returns: how many. */
int
removal_sweep(int64_t now_ms)
{
    for (int i = 1; i < SLICES_MAX; i++) {
        if (!removal_sweep_once(now_ms).more)
            return i;
    }
    fail_msg("the sweep does not end");
    return 0;
}

void
assert_nothing_left(const char *app)
{
    for (size_t i = 0; i < stage.table_count; i++) {
        int64_t left = removal_count_of(stage.tables[i], app);
        if (left > 0 && !removal_is_kept(stage.tables[i]))
            fail_msg("%lld rows of the removed app are left in %s", (long long)left,
                     stage.tables[i]);
    }
}
