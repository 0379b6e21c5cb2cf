/* Decisions when the store fails or memory is out: nothing counted is lost, nothing twice.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "server/domain/heap.h"
#include "server/store/sqlite.h"
#include "tests/unit/server/decision_world.h"

/* --- when the store fails --- */

/* Pairs of rows that do not stand as they were made. */
#define UNORDERED                                                                                  \
    "SELECT count(*) FROM decision_rows AS a, decision_rows AS b WHERE a.number < b.number "       \
    "AND a.at > b.at"

#define BREAK                                                                                      \
    "CREATE TRIGGER broken BEFORE INSERT ON decision_rows BEGIN SELECT RAISE(ABORT, 'no'); END"
#define MEND "DROP TRIGGER broken"

static void
what_could_not_be_written_is_written_later_once(void **state)
{
    (void)state;
    struct csn_decision d = decision();
    record(&d, 40);
    world_execute(&w, BREAK);
    assert_int_not_equal(csn_decisions_flush(decisions, queue), CSN_OK);
    assert_int_equal(counted(), 0);
    d.at_ms++;
    record(&d, 10);
    assert_int_not_equal(csn_decisions_flush(decisions, queue), CSN_OK);
    world_execute(&w, MEND);
    d.at_ms++;
    record(&d, 1);
    flush();
    assert_int_equal(counted(), 51);
    assert_int_equal(rows(), 51);
    assert_int_equal(weight(), 51);
    assert_int_equal(world_number(&w, UNORDERED), 0); /* oldest first, as they were made */
    flush();
    assert_int_equal(counted(), 51);
}

static void
what_waits_for_the_store_stays_within_its_bounds(void **state)
{
    (void)state;
    struct csn_decision d = decision();
    world_execute(&w, BREAK);
    for (int i = 0; i < 20; i++) {
        record(&d, 100);
        assert_int_not_equal(csn_decisions_flush(decisions, queue), CSN_OK);
    }
    world_execute(&w, MEND);
    flush();
    assert_int_equal(counted(), 2000);
    assert_in_range(rows(), ROWS_MAX / 4, ROWS_MAX);
    assert_int_equal(weight(), 2000);
}

/* --- what is recorded while a write fails --- */

static pthread_barrier_t writing;

/* SQL function: lets the test go on, and waits until it has. */
static void
meanwhile(sqlite3_context *context, int count, sqlite3_value **values)
{
    (void)count;
    (void)values;
    pthread_barrier_wait(&writing);
    pthread_barrier_wait(&writing);
    sqlite3_result_null(context);
}

static void *
flush_in_vain(void *status)
{
    *(enum csn_status *)status = csn_decisions_flush(decisions, queue);
    return NULL;
}

static void
record_while_a_write_fails(int before, int during)
{
    struct csn_decision d = decision();
    enum csn_status status = CSN_OK;
    pthread_t thread;
    world_execute(&w, "CREATE TRIGGER broken BEFORE INSERT ON decision_rows BEGIN "
                      "SELECT meanwhile(); SELECT RAISE(ABORT, 'no'); END");
    for (int i = 0; i < before; i++, d.at_ms++)
        record(&d, 1);
    assert_int_equal(pthread_create(&thread, NULL, flush_in_vain, &status), 0);
    pthread_barrier_wait(&writing);
    for (int i = 0; i < during; i++, d.at_ms++)
        record(&d, 1);
    pthread_barrier_wait(&writing);
    pthread_join(thread, NULL);
    assert_int_not_equal(status, CSN_OK);
    world_execute(&w, MEND);
    flush();
    assert_int_equal(counted(), before + during);
    assert_int_equal(weight(), before + during);
    assert_in_range(rows(), ROWS_MAX / 2, ROWS_MAX);
    if (before + during <= ROWS_MAX)
        assert_int_equal(rows(), before + during);
    assert_int_equal(world_number(&w, UNORDERED), 0);
    world_execute(&w, "DELETE FROM decision_rows; DELETE FROM decision_counts");
}

static void
what_was_recorded_meanwhile_finds_room_beside_what_comes_back(void **state)
{
    (void)state;
    assert_int_equal(sqlite3_create_function(w.store->db, "meanwhile", 0,
                                             SQLITE_UTF8 | SQLITE_INNOCUOUS, NULL, meanwhile, NULL,
                                             NULL),
                     SQLITE_OK);
    pthread_barrier_init(&writing, NULL, 2);
    record_while_a_write_fails(100, 25); /* both fit */
    record_while_a_write_fails(100, 26);
    record_while_a_write_fails(26, 100);
    record_while_a_write_fails(ROWS_MAX, ROWS_MAX);
    record_while_a_write_fails(1000, 7);
    pthread_barrier_destroy(&writing);
}

/* --- when memory is out --- */

static void
makes_none_when_memory_is_out(void **state)
{
    (void)state;
    uint64_t before = csn_heap_in_use();
    for (uint64_t nth = 1; nth <= 10; nth++) {
        csn_heap_fail_from(nth);
        assert_null(csn_decisions_create());
        csn_heap_fail_from(0);
    }
    assert_int_equal(csn_heap_in_use(), before);
    csn_decisions_free(NULL);
}

static void
without_memory_known_kinds_go_on_counting_and_the_rest_waits_for_better_times(void **state)
{
    (void)state;
    csn_heap_fail_from(1);
    for (int i = 0; i < 5000; i++)
        record_version(i);
    for (int i = 0; i < 10; i++)
        record_version(0);
    csn_heap_fail_from(0);
    flush();
    int64_t kept = kinds();
    assert_in_range(kept, 512, 1024);
    assert_int_equal(counted(), kept + 10);
    assert_int_equal(world_number(&w, "SELECT count FROM decision_counts WHERE app_version = '0'"),
                     11);
    record_version(4999);
    flush();
    assert_int_equal(counted(), kept + 11);
}

static void
a_flush_without_memory_keeps_everything(void **state)
{
    (void)state;
    struct csn_decision d = decision();
    d.reason = CSN_REASON_ACCEPTED;
    d.key_number = 1;
    record(&d, 5);
    csn_heap_fail_from(1);
    assert_int_equal(csn_decisions_flush(decisions, queue), CSN_NO_MEMORY);
    csn_heap_fail_from(0);
    assert_int_equal(counted(), 0);
    flush();
    assert_int_equal(counted(), 5);
    assert_int_equal(rows(), 5);
}

int
main(void)
{
#define SENTENCE(name) cmocka_unit_test_setup_teardown(name, decision_setup, decision_teardown)
    const struct CMUnitTest tests[] = {
        SENTENCE(what_could_not_be_written_is_written_later_once),
        SENTENCE(what_waits_for_the_store_stays_within_its_bounds),
        SENTENCE(what_was_recorded_meanwhile_finds_room_beside_what_comes_back),
        SENTENCE(makes_none_when_memory_is_out),
        SENTENCE(without_memory_known_kinds_go_on_counting_and_the_rest_waits_for_better_times),
        SENTENCE(a_flush_without_memory_keeps_everything),
    };
    return cmocka_run_group_tests_name("decisions_failure", tests, NULL, NULL);
}
