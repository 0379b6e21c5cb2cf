/* An app is deleted by the API, and what it leaves behind goes by itself, with the other chores.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "sdk.h"

#include <sqlite3.h>
#include <unistd.h>

#include "server/chores.h"
#include "server/store/sqlite.h"

static int64_t
number(const char *sql)
{
    sqlite3_stmt *q = NULL;
    assert_int_equal(sqlite3_prepare_v2(w->service.store->db, sql, -1, &q, NULL), SQLITE_OK);
    int64_t found = sqlite3_step(q) == SQLITE_ROW ? sqlite3_column_int64(q, 0) : -1;
    sqlite3_finalize(q);
    return found;
}

static void
do_chores(void)
{
    struct csn_chores chores = {0};
    struct csn_service service = w->service;
    struct csn_log log = {.fd = STDERR_FILENO, .clock = service.clock};
    assert_int_equal(csn_queue_start(w->service.store, &service.queue), CSN_OK);
    csn_chores_begin(&chores);
    while (csn_chores_slice(&chores, &service, &log, w->now_ms))
        continue;
    csn_queue_stop(service.queue);
}

static void
leaves_nothing_but_the_audit_and_touches_no_other(void **state)
{
    (void)state;
    const char *gone = strdup(world_app(w, w->admin, "\"preset\":\"generic\"", "HS256"));
    assert_non_null(world_login(w, gone, "device-1", world_token_for(w, "alice")));
    free((void *)sdk_login_on("device-1", "alice"));
    struct ask ask = {.method = CSN_DELETE,
                      .target = world_format(w, "/api/v1/apps/%s", gone),
                      .bearer = w->admin};
    assert_int_equal(world_ask(w, &ask), 204);
    assert_int_equal(number("SELECT count(*) FROM keys"), 1);
    assert_int_equal(number("SELECT count(*) FROM customers"), 2);
    do_chores();
    assert_int_equal(number("SELECT count(*) FROM customers"), 1);
    assert_int_equal(number("SELECT count(*) FROM devices"), 1);
    assert_int_equal(number("SELECT count(*) FROM sessions"), 1);
    assert_int_equal(number("SELECT count(*) FROM audit WHERE operation = 'deleteApp'"), 1);
    assert_int_equal(world_ask(w, &ask), 404);
    free((void *)gone);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(
        leaves_nothing_but_the_audit_and_touches_no_other, sdk_setup, sdk_teardown)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
