/* A copied database holds no body of any item, before and after a checkpoint, where it was appended
 * and where a link moved it.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/server/link_world.h"
#include "tests/unit/server/log_world.h"

static bool
file_holds(const struct world *w, const char *name, const char *needle)
{
    static uint8_t content[8 << 20];
    char path[128];
    snprintf(path, sizeof path, "%s/%s", w->directory, name);
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return false;
    }
    size_t size = fread(content, 1, sizeof content, file), len = strlen(needle);
    fclose(file);
    assert_true(size < sizeof content);
    for (size_t i = 0; i + len <= size; i++) {
        if (memcmp(content + i, needle, len) == 0) {
            return true;
        }
    }
    return false;
}

static bool
files_hold(const struct world *w, const char *needle)
{
    return file_holds(w, "countersign.db", needle) || file_holds(w, "countersign.db-wal", needle);
}

static void
no_body_stands_in_the_files(void **state)
{
    (void)state;
    struct world w;
    struct csn_relink_outcome out;
    world_open_directory(&w);
    struct csn_session_outcome before = world_login_as(&w, "phone", NULL);
    world_append(&w, before.claims.customer, "whiterabbit");
    struct csn_id alice = world_login_from(&w, "phone", "alice", &before).claims.customer;
    world_append(&w, alice, "marchhare");
    for (int turn = 0; turn < 3; turn++) {
        assert_true(files_hold(&w, "whiterabbit")); /* it does look: ids stand in clear */
        assert_true(files_hold(&w, "marchhare"));
        assert_false(files_hold(&w, "body of"));
        assert_false(files_hold(&w, "of whiterabbit"));
        if (turn == 1) {
            assert_ok(world_unlink(&w, alice, before.claims.customer, &out));
        }
        world_reopen(&w);
    }
    assert_string_equal("marchhare", world_log(&w, alice));
    world_close(&w);
}

/* The same item under two keys, or twice under one, looks different. */
static void
two_equal_bodies_look_different(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    struct csn_id alice = world_login_as(&w, "phone", "alice").claims.customer;
    struct csn_id bob = world_login_as(&w, "tablet", "bob").claims.customer;
    struct csn_append_in in = append_of(&w, alice);
    struct csn_item items[] = {item_of("a"), item_of("b")};
    items[1].body = items[0].body;
    in.items = items;
    in.count = 2;
    assert_ok(world_try_append(&w, &in, NULL, NULL));
    world_append(&w, bob, "a");
    assert_int_equal(3, world_number(&w, "SELECT count(DISTINCT body) FROM items"));
    assert_int_equal(3, world_number(&w, "SELECT count(DISTINCT substr(body, 25)) FROM items"));
    world_close(&w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_body_stands_in_the_files),
        cmocka_unit_test(two_equal_bodies_look_different),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
