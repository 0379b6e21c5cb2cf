/* What a removed app's keys were is in no byte of the database's files, once they are swept.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/server/removal_world.h"

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

/* --- the file --- */

static bool
file_has(const char *suffix, const uint8_t *what, size_t length)
{
    char path[160];
    snprintf(path, sizeof path, "%s/countersign.db%s", stage.w.directory, suffix);
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return false;
    assert_int_equal(0, fseek(file, 0, SEEK_END));
    size_t size = (size_t)ftell(file);
    uint8_t *all = malloc(size + 1);
    rewind(file);
    assert_int_equal(size, fread(all, 1, size, file));
    fclose(file);
    bool found = false;
    for (size_t at = 0; at + length <= size && !found; at++)
        found = memcmp(all + at, what, length) == 0;
    free(all);
    return found;
}

static bool
folder_has(const uint8_t *what, size_t length)
{
    return file_has("", what, length) || file_has("-wal", what, length);
}

#define KEYS 40
#define KEY_MAX 128

struct sealed {
    uint8_t bytes[KEY_MAX];
    size_t length;
};

static size_t
read_sealed_keys(const char *app, struct sealed *out)
{
    char sql[128];
    size_t count = 0;
    snprintf(sql, sizeof sql, "SELECT key_sealed FROM customers WHERE app = '%s'", app);
    sqlite3_stmt *q = removal_prepare(sql);
    while (sqlite3_step(q) == SQLITE_ROW) {
        out[count].length = (size_t)sqlite3_column_bytes(q, 0);
        assert_in_range(out[count].length, 32, KEY_MAX);
        memcpy(out[count++].bytes, sqlite3_column_blob(q, 0), (size_t)sqlite3_column_bytes(q, 0));
    }
    sqlite3_finalize(q);
    return count;
}

static void
log_many_in(const char *app)
{
    struct world at = stage.w;
    snprintf(at.app.id.text, sizeof at.app.id.text, "%s", app);
    for (int i = 0; i < KEYS; i++) {
        char name[16];
        snprintf(name, sizeof name, "c%d", i);
        world_login_as(&at, name, name);
    }
    stage.w.seeded = at.seeded;
}

static void
no_sealed_key_of_its_customers_is_left_in_the_file(void **state)
{
    (void)state;
    static struct sealed gone[KEYS], stays[KEYS];
    log_many_in(GONE);
    log_many_in(STAYS);
    assert_int_equal(KEYS, read_sealed_keys(GONE, gone));
    assert_int_equal(KEYS, read_sealed_keys(STAYS, stays));
    for (size_t i = 0; i < KEYS; i++)
        assert_true(folder_has(gone[i].bytes, gone[i].length));
    removal_remove_app();
    removal_sweep(NOW);
    for (size_t i = 0; i < KEYS; i++) {
        assert_false(folder_has(gone[i].bytes, gone[i].length));
        assert_true(folder_has(stays[i].bytes, stays[i].length));
    }
}

static void
its_own_keys_are_out_of_the_file_at_once(void **state)
{
    (void)state;
    static const uint8_t marker[] = "a key of the app itself, sealed";
    char sql[512];
    snprintf(sql, sizeof sql,
             "INSERT INTO keys (id, app, algorithm, state, source, encoding, material, "
             "fingerprint, warning, created, state_changed, expires, last_used) VALUES "
             "('k', '" GONE "', 1, 1, 1, 1, CAST('%s' AS BLOB), 'f', 0, 0, 0, 0, 0)",
             (const char *)marker);
    world_execute(&stage.w, sql);
    assert_true(folder_has(marker, sizeof marker - 1));
    removal_remove_app();
    assert_false(folder_has(marker, sizeof marker - 1));
}

int
main(void)
{
#define IN_A_FOLDER(name) cmocka_unit_test_setup_teardown(name, open_folder, close_world)
    const struct CMUnitTest tests[] = {
        IN_A_FOLDER(no_sealed_key_of_its_customers_is_left_in_the_file),
        IN_A_FOLDER(its_own_keys_are_out_of_the_file_at_once),
    };
    return cmocka_run_group_tests_name("removal_secrecy", tests, NULL, NULL);
}
