/* The housekeeper's own thread: what is due is done without anybody asking for it.
 *
 * The test is its time: pthread_cond_timedwait is defined here, and waits until the test says that
 * a second has passed, or until somebody wakes it. While the thread waits, the test may ask the
 * world.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "sdk.h"

#include <pthread.h>
#include <sqlite3.h>
#include <time.h>
#include <unistd.h>

#include "server/chores.h"
#include "server/domain/log.h"
#include "server/domain/outbox.h"
#include "server/housekeeper.h"
#include "server/store/sqlite.h"

#define MINUTE_MS 60000

/* --- its time --- */

static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    unsigned rests; /* how often it has begun to wait */
    int64_t longest_ms;
    pthread_cond_t *wake; /* what it waits with */
    pthread_mutex_t *held;
} its = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

int
pthread_cond_timedwait(pthread_cond_t *__cond, pthread_mutex_t *__mutex,
                       const struct timespec *__abstime)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    int64_t ms =
        (__abstime->tv_sec - now.tv_sec) * 1000 + (__abstime->tv_nsec - now.tv_nsec) / 1000000;
    pthread_mutex_lock(&its.lock);
    its.wake = __cond;
    its.held = __mutex;
    its.longest_ms = ms > its.longest_ms ? ms : its.longest_ms;
    its.rests++;
    pthread_cond_broadcast(&its.changed);
    pthread_mutex_unlock(&its.lock);
    return pthread_cond_wait(__cond, __mutex);
}

/* Returns: how often it had begun to wait, once that is more than `before`. */
static unsigned
await_rest(unsigned before)
{
    pthread_mutex_lock(&its.lock);
    while (its.rests <= before)
        pthread_cond_wait(&its.changed, &its.lock);
    unsigned rests = its.rests;
    pthread_mutex_unlock(&its.lock);
    return rests;
}

/* One round, from its beginning to its end. */
static void
a_second_passes(void)
{
    unsigned before = await_rest(0);
    pthread_mutex_lock(its.held); /* it waits, and does not only mean to */
    pthread_cond_signal(its.wake);
    pthread_mutex_unlock(its.held);
    await_rest(before);
}

/* --- it and its world --- */

static struct csn_service kept; /* the world's, with a queue */
static int64_t slice_ms;        /* passes each time it asks what time it is */
static struct csn_housekeeper *housekeeper;
static FILE *lines;
static struct csn_log lines_log;

static int
setup(void **state)
{
    lines = tmpfile();
    its.rests = 0;
    slice_ms = 0;
    return lines == NULL || sdk_setup(state);
}

static int64_t
clock_that_goes_on(void *state)
{
    (void)state;
    return w->now_ms += slice_ms;
}

static void
start(void)
{
    kept = w->service;
    kept.clock = (struct csn_clock){.now_ms = clock_that_goes_on};
    assert_int_equal(csn_queue_start(w->service.store, &kept.queue), CSN_OK);
    lines_log = (struct csn_log){.fd = fileno(lines), .clock = kept.clock};
    assert_int_equal(csn_housekeeper_start(&kept, &lines_log, &housekeeper), CSN_OK);
    await_rest(0);
}

static void
stop(void)
{
    csn_housekeeper_stop(housekeeper);
    housekeeper = NULL;
    csn_queue_stop(kept.queue);
    kept.queue = NULL;
}

static int
teardown(void **state)
{
    stop();
    fclose(lines);
    return sdk_teardown(state);
}

/* --- what a test sees --- */

struct question {
    struct csn_job job; /* first */
    const char *sql;
    int fault; /* of SQLite; told on the test's thread */
    int64_t answer;
};

static enum csn_status
run_question(struct csn_job *job, struct csn_store *store)
{
    struct question *question = (struct question *)job;
    sqlite3_stmt *statement = NULL;
    question->fault = sqlite3_prepare_v2(store->db, question->sql, -1, &statement, NULL);
    if (question->fault == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW)
        question->answer = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return CSN_OK;
}

static int64_t
ask_store(const char *sql)
{
    struct question question = {.job = {.run = run_question}, .sql = sql, .answer = -1};
    assert_int_equal(csn_queue_run(kept.queue, &question.job), CSN_OK);
    assert_int_equal(question.fault, SQLITE_OK);
    return question.answer;
}

static unsigned
lines_with(const char *event)
{
    char line[2048];
    unsigned count = 0;
    rewind(lines);
    while (fgets(line, sizeof line, lines) != NULL)
        count += strstr(line, event) != NULL;
    return count;
}

/* A request that is judged, and asks no store. */
static void
be_judged(void)
{
    struct ask ask = {.method = CSN_GET,
                      .target = world_format(w, "/gateway/v1/apps/%s/verify", app),
                      .bearer = "no.token.atall"};
    assert_int_equal(world_ask(w, &ask), 401);
}

/* From outside of the queue, whose every job begins to write; it is idle while nobody asks it. */
static void
may_write(bool may)
{
    const char *sql = may ? "PRAGMA query_only = OFF" : "PRAGMA query_only = ON";
    assert_int_equal(sqlite3_exec(w->service.store->db, sql, NULL, NULL, NULL), SQLITE_OK);
}

/* --- each second --- */

static void
writes_decisions_down_each_second(void **state)
{
    (void)state;
    be_judged();
    start();
    assert_int_equal(ask_store("SELECT total(count) FROM decision_counts"), 0);
    a_second_passes();
    assert_int_equal(ask_store("SELECT total(count) FROM decision_counts"), 1);
    be_judged();
    a_second_passes();
    assert_int_equal(ask_store("SELECT total(count) FROM decision_counts"), 2);
    assert_true(its.longest_ms > 0 && its.longest_ms <= 1000);
}

static void
says_once_that_they_cannot_be_written_and_loses_none(void **state)
{
    (void)state;
    start();
    be_judged();
    may_write(false);
    for (int i = 0; i < 3; i++)
        a_second_passes();
    assert_int_equal(lines_with("decisions_not_written"), 1);
    may_write(true);
    a_second_passes();
    assert_int_equal(ask_store("SELECT total(count) FROM decision_counts"), 1);
    be_judged();
    may_write(false);
    a_second_passes();
    assert_int_equal(lines_with("decisions_not_written"), 2); /* it is another time */
    may_write(true);
}

/* How it is cut, and that nobody waits for it, is store_cut_test.c's. */
static void
asks_each_second_for_the_log_of_an_erase_to_be_cut(void **state)
{
    (void)state;
    start();
    w->service.store->cut_missed = true;
    a_second_passes();
    assert_false(w->service.store->cut_missed);
}

/* --- each minute --- */

static void
make_a_challenge(void)
{
    const char *nonce_app = world_app(
        w, w->admin, "\"preset\":\"generic\",\"policy\":{\"nonce\":\"required\"}", "HS256");
    assert_int_equal(world_post(w, NULL, world_format(w, "/sdk/v1/apps/%s/challenge", nonce_app),
                                "{\"device\":" DEVICE "}"),
                     201);
}

static void
drops_what_is_over_each_minute_and_not_before(void **state)
{
    (void)state;
    make_a_challenge();
    w->now_ms += 30 * 86400000LL;
    start();
    w->now_ms += MINUTE_MS - 1;
    a_second_passes();
    assert_int_equal(ask_store("SELECT count(*) FROM challenges"), 1);
    w->now_ms += 1;
    a_second_passes();
    assert_int_equal(ask_store("SELECT count(*) FROM challenges"), 0);
}

static void
leaves_what_is_not_over(void **state)
{
    (void)state;
    make_a_challenge();
    start();
    w->now_ms += MINUTE_MS;
    a_second_passes();
    assert_int_equal(ask_store("SELECT count(*) FROM challenges"), 1);
}

static void
drops_deliveries_that_were_over_for_three_days(void **state)
{
    (void)state;
    assert_int_equal(world_post(w, w->admin, world_format(w, "/api/v1/apps/%s/webhooks", app),
                                "{\"url\":\"https://app.example/\",\"events\":"
                                "[\"session.started\"]}"),
                     201);
    free((void *)sdk_login_on("device-1", "alice"));
    free((void *)sdk_login_on("device-2", "alice"));
    start();
    ask_store(world_format(w,
                           "UPDATE deliveries SET due = 0, settled = %lld WHERE number = "
                           "(SELECT min(number) FROM deliveries)",
                           (long long)w->now_ms));
    w->now_ms += CSN_DELIVERY_KEPT_MS - 1;
    a_second_passes();
    assert_int_equal(ask_store("SELECT count(*) FROM deliveries"), 2);
    w->now_ms += MINUTE_MS;
    a_second_passes();
    assert_int_equal(ask_store("SELECT count(*) FROM deliveries"), 1);
    assert_int_equal(ask_store("SELECT count(*) FROM deliveries WHERE due > 0"), 1);
}

static void
ends_sessions_that_idled_out_and_memory_knows(void **state)
{
    (void)state;
    const char *idle_app = world_app(
        w, w->admin, "\"preset\":\"generic\",\"policy\":{\"session_idle_s\":600}", "HS256");
    assert_non_null(world_login(w, idle_app, "device-1", world_token_for(w, "alice")));
    start();
    w->now_ms += 600000 - 1;
    a_second_passes();
    assert_false(csn_revocations_any(kept.revocations));
    w->now_ms += MINUTE_MS;
    a_second_passes();
    assert_int_equal(ask_store("SELECT count(*) FROM sessions WHERE ended > 0"), 1);
    assert_true(csn_revocations_any(kept.revocations));
}

/* --- as much as there is --- */

/* Alice's log holds so many items, and each is older than the app keeps it. */
static void
have_old_items(int count)
{
    const char *alice = sdk_login_on("device-1", "alice");
    assert_int_equal(sdk_append(alice, "a"), 200);
    free((void *)alice);
    ask_store(world_format(w,
                           "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE "
                           "i < %d) INSERT INTO items (app, customer, seq, id, origin, kind, "
                           "direction, unverified, created, received, body) SELECT app, customer, "
                           "seq + i, id || i, origin, kind, direction, unverified, created, "
                           "received, body FROM items, n",
                           count - 1));
    ask_store("UPDATE logs SET items = (SELECT count(*) FROM items), "
              "bytes = (SELECT sum(length(body)) FROM items), last = (SELECT max(seq) FROM items)");
    ask_store("UPDATE apps SET retention_days = 1");
    w->now_ms += 2 * 86400000LL;
}

static void
drops_items_until_none_is_old_however_many_slices_that_takes(void **state)
{
    (void)state;
    start();
    have_old_items(100 * CSN_ITEMS_PURGED_MAX + 1);
    assert_int_equal(ask_store("SELECT count(*) FROM items"), 100 * CSN_ITEMS_PURGED_MAX + 1);
    a_second_passes();
    assert_int_equal(ask_store("SELECT count(*) FROM items"), 0);
}

/* What a rate of 10,000 decisions a second leaves of rows: a minute's worth. */
static void
drops_as_many_decisions_a_minute_as_are_recorded(void **state)
{
    (void)state;
    enum { MINUTES_WORTH = 60 * CSN_DECISION_ROWS_PER_S };
    start();
    ask_store("UPDATE apps SET retention_days = 1");
    ask_store(world_format(w,
                           "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE "
                           "i < %d) INSERT INTO decision_rows (app, at, reason, endpoint, key, "
                           "algorithm, assurance, mode, admitted, platform, app_version, "
                           "sdk_version, lifetime, weight) SELECT '%s', %lld + i, 2, 1, 0, 0, 0, "
                           "1, 1, '', '', '', 0, 1 FROM n",
                           MINUTES_WORTH, app, (long long)w->now_ms));
    w->now_ms += 2 * 86400000LL;
    a_second_passes();
    assert_int_equal(ask_store("SELECT count(*) FROM decision_rows"), 0);
}

static void
writes_decisions_down_each_second_however_much_there_is_to_drop(void **state)
{
    (void)state;
    int64_t now = 50 * CSN_ITEMS_PURGED_MAX;
    start();
    have_old_items((int)now);
    slice_ms = 100;
    for (int seconds = 1; now > 0; seconds++) {
        be_judged();
        a_second_passes();
        assert_int_equal(ask_store(world_format(w,
                                                "SELECT total(count) FROM decision_counts "
                                                "WHERE endpoint = %d",
                                                CSN_ENDPOINT_GATEWAY)),
                         seconds);
        now = ask_store("SELECT count(*) FROM items");
        assert_true(seconds > 5 || now > 0); /* it is not all done in one */
    }
}

static void
what_is_left_does_not_wait_for_the_next_minute(void **state)
{
    (void)state;
    start();
    have_old_items(20 * CSN_ITEMS_PURGED_MAX);
    slice_ms = 100;
    int64_t began_ms = w->now_ms;
    while (ask_store("SELECT count(*) FROM items") > 0)
        a_second_passes();
    assert_true(w->now_ms - began_ms < MINUTE_MS);
}

/* A walk over what there is nothing to drop of would never end where there are many logs. */
static void
a_walk_that_finds_nothing_old_ends_after_so_many_slices(void **state)
{
    (void)state;
    enum { LOGS = (CSN_CHORE_WALKS_MAX + 10) * CSN_LOGS_WALKED_MAX };
    struct csn_chores chores = {0};
    unsigned slices = 0;
    start();
    free((void *)sdk_login_on("device-1", "alice"));
    ask_store("CREATE TEMP TABLE n AS WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 "
              "FROM n WHERE i < 100000) SELECT i FROM n");
    ask_store(world_format(w,
                           "INSERT INTO customers (app, id, assurance, key_sealed, created, seen) "
                           "SELECT app, printf('%%026d', i), 1, key_sealed, created, seen "
                           "FROM customers, n WHERE i <= %d",
                           LOGS));
    ask_store(world_format(w,
                           "INSERT INTO logs (app, customer, last, items) SELECT '%s', "
                           "printf('%%026d', i), 0, 0 FROM n WHERE i <= %d",
                           app, LOGS));
    assert_false(csn_chores_slice(&chores, &kept, &lines_log, w->now_ms)); /* nothing is due */
    csn_chores_begin(&chores);
    while (csn_chores_slice(&chores, &kept, &lines_log, w->now_ms))
        slices++;
    assert_in_range(slices, CSN_CHORE_WALKS_MAX, CSN_CHORE_WALKS_MAX + CSN_CHORES_MAX);
    csn_chores_begin(&chores); /* a minute later it comes to the end */
    while (csn_chores_slice(&chores, &kept, &lines_log, w->now_ms))
        continue;
    assert_true(chores.logs.ended);
}

/* --- its end --- */

static void
stops_while_there_is_more_to_drop(void **state)
{
    (void)state;
    start();
    have_old_items(50 * CSN_ITEMS_PURGED_MAX);
    slice_ms = 100;
    a_second_passes();
    csn_housekeeper_stop(housekeeper);
    housekeeper = NULL;
    assert_true(ask_store("SELECT count(*) FROM items") > 0);
}

/* It is woken: nothing here ever ends the second that it waits for. */
static void
stops_at_once_and_writes_down_what_is_left(void **state)
{
    (void)state;
    start();
    be_judged();
    csn_housekeeper_stop(housekeeper);
    housekeeper = NULL;
    assert_int_equal(ask_store("SELECT total(count) FROM decision_counts"), 1);
}

static void
stops_before_it_ever_waited(void **state)
{
    (void)state;
    start();
    for (int i = 0; i < 100; i++) {
        struct csn_housekeeper *another = NULL;
        assert_int_equal(csn_housekeeper_start(&kept, &lines_log, &another), CSN_OK);
        csn_housekeeper_stop(another);
    }
    csn_housekeeper_stop(NULL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        TEST(writes_decisions_down_each_second),
        TEST(says_once_that_they_cannot_be_written_and_loses_none),
        TEST(asks_each_second_for_the_log_of_an_erase_to_be_cut),
        TEST(drops_what_is_over_each_minute_and_not_before),
        TEST(leaves_what_is_not_over),
        TEST(drops_deliveries_that_were_over_for_three_days),
        TEST(ends_sessions_that_idled_out_and_memory_knows),
        TEST(drops_items_until_none_is_old_however_many_slices_that_takes),
        TEST(drops_as_many_decisions_a_minute_as_are_recorded),
        TEST(writes_decisions_down_each_second_however_much_there_is_to_drop),
        TEST(what_is_left_does_not_wait_for_the_next_minute),
        TEST(a_walk_that_finds_nothing_old_ends_after_so_many_slices),
        TEST(stops_while_there_is_more_to_drop),
        TEST(stops_at_once_and_writes_down_what_is_left),
        TEST(stops_before_it_ever_waited),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
