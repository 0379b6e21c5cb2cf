/* What strangers and long lives can pile up before an erasure, it takes away in slices.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "server/domain/erase.h"
#include "server/domain/pseudonym.h"
#include "server/store/sqlite.h"
#include "tests/unit/server/session_world.h"

static struct world w;
static struct csn_id alice;

static int
setup(void **state)
{
    (void)state;
    world_open(&w);
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    world_close(&w);
    return 0;
}

/* --- operations --- */

/* Somebody anonymous turns out to be alice, or says so. Returns: what became of the link. */
static enum csn_link
arrive(int number, enum csn_assurance assurance)
{
    char device[16];
    snprintf(device, sizeof device, "d%06d", number);
    struct csn_session_outcome before = world_login_as(&w, device, NULL);
    struct csn_login in = login_of(&w, device, "alice");
    in.assurance = assurance;
    in.anonymous_session = before.claims.session;
    in.anonymous_customer = before.claims.customer;
    struct csn_session_outcome out = world_login(&w, &in);
    assert_reason(CSN_REASON_ACCEPTED, out.reason);
    alice = out.claims.customer;
    return out.link;
}

static enum csn_status
run_erase(void *state, struct csn_store *store)
{
    struct csn_revoked_list revoked;
    return csn_customer_erase(w.sessions, store, &w.app, alice, state, &revoked, w.now_ms);
}

static struct csn_erasure
erase(void)
{
    struct csn_erasure erasure;
    assert_ok(world_run(w.store, run_erase, &erasure));
    return erasure;
}

static enum csn_status
run_sweep(void *state, struct csn_store *store)
{
    return csn_erasures_sweep(store, 1000, state, w.now_ms);
}

static void
sweep(void)
{
    bool more = true;
    w.now_ms += CSN_ERASURE_SETTLES_MS + 1;
    while (more)
        assert_ok(world_run(w.store, run_sweep, &more));
}

static enum csn_status
run_count(void *state, struct csn_store *store)
{
    return csn_customer_erasure(store, w.app.id, alice, state);
}

static struct csn_erasure
count_anew(void)
{
    struct csn_erasure erasure;
    assert_ok(world_run(w.store, run_count, &erasure));
    return erasure;
}

/* --- links --- */

static void
a_claim_links_no_more_than_so_many_and_a_proof_goes_on(void **state)
{
    (void)state;
    for (int i = 0; i < CSN_LINKS_CLAIMED_MAX; i++)
        assert_int_equal(CSN_LINK_MADE, arrive(i, CSN_ASSURANCE_CLAIMED));
    assert_int_equal(CSN_LINK_NONE, arrive(1000, CSN_ASSURANCE_CLAIMED));
    assert_int_equal(CSN_LINK_MADE, arrive(1001, CSN_ASSURANCE_VERIFIED));
    assert_int_equal(CSN_LINK_NONE, arrive(1002, CSN_ASSURANCE_CLAIMED));
    assert_int_equal(CSN_LINKS_CLAIMED_MAX + 1, world_number(&w, "SELECT count(*) FROM links"));
}

static void
links_by_proof_are_not_counted_against_claims(void **state)
{
    (void)state;
    for (int i = 0; i < CSN_LINKS_CLAIMED_MAX; i++)
        assert_int_equal(CSN_LINK_MADE, arrive(i, CSN_ASSURANCE_VERIFIED));
    assert_int_equal(CSN_LINK_MADE, arrive(1000, CSN_ASSURANCE_CLAIMED));
}

/* --- slices --- */

static void
more_links_than_one_transaction_takes_are_erased_by_the_sweep(void **state)
{
    (void)state;
    for (int i = 0; i <= 2 * CSN_ERASED_AT_ONCE_MAX; i++)
        assert_int_equal(CSN_LINK_MADE, arrive(i, CSN_ASSURANCE_VERIFIED));
    struct csn_erasure erasure = erase();
    const char *keys = "SELECT count(*) FROM customers WHERE length(key_sealed) > 0";
    assert_int_equal(CSN_ERASED_AT_ONCE_MAX + 1, world_number(&w, keys));
    assert_true(erasure.remains.key);
    assert_false(erasure.remains.identity);
    assert_int_equal(CSN_ERASED_TOGETHER_MAX, erasure.linked_count);
    sweep();
    sweep(); /* those that the first one erased have settled */
    assert_int_equal(0, world_number(&w, keys));
    assert_int_equal(2 * CSN_ERASED_AT_ONCE_MAX + 2,
                     world_number(&w, "SELECT count(*) FROM erasures WHERE swept > 0"));
    erasure = count_anew();
    assert_false(erasure.remains.key);
    assert_int_equal(0, erasure.remains.sessions);
}

static void
as_many_links_as_one_transaction_takes_are_erased_at_once(void **state)
{
    (void)state;
    for (int i = 0; i < CSN_ERASED_AT_ONCE_MAX; i++)
        assert_int_equal(CSN_LINK_MADE, arrive(i, CSN_ASSURANCE_VERIFIED));
    assert_false(erase().remains.key);
}

/* --- decisions --- */

#define DAYS 3

/* Alice comes every day, and so many others on the first, whose hashes begin as hers does. */
static void
visit(int others)
{
    uint8_t hers[CSN_PSEUDONYM_BYTES];
    char hex[2 * sizeof hers + 1] = "", sql[1024];
    csn_pseudonym_of(&w.app, text("alice"), hers);
    for (size_t i = 0; i < sizeof hers; i++)
        snprintf(hex + 2 * i, 3, "%02x", hers[i]);
    unsigned level = 0;
    while ((hers[level / 8] & 0x80 >> level % 8) == 0)
        level++;
    for (int day = 0; day < DAYS; day++) {
        snprintf(sql, sizeof sql, "INSERT INTO decision_days VALUES ('%s', %lld, 0, 0, 0)",
                 w.app.id.text, day * 86400000LL);
        world_execute(&w, sql);
    }
    const char *into = "INSERT INTO decision_visitors SELECT '%s', %s, %u, %s, 1, 1, 0, 1, 1, '', "
                       "'', '', 0, 1, 1, 1, 1 FROM n";
    const char *numbers =
        "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < %d) ";
    char visitor[128];
    snprintf(visitor, sizeof visitor, "x'%s'", hex);
    int len = snprintf(sql, sizeof sql, numbers, DAYS - 1);
    snprintf(sql + len, sizeof sql - (size_t)len, into, w.app.id.text, "i * 86400000", level,
             visitor);
    world_execute(&w, sql);
    snprintf(visitor, sizeof visitor, "CAST(printf('%%016d', i) AS BLOB)");
    len = snprintf(sql, sizeof sql, numbers, others - 1);
    snprintf(sql + len, sizeof sql - (size_t)len, into, w.app.id.text, "0", level, visitor);
    world_execute(&w, sql);
}

static int64_t
steps(void)
{
    int64_t sum = 0;
    for (int i = 0; i < CSN_STATEMENTS_MAX; i++) {
        if (w.store->statements[i].handle != NULL)
            sum += sqlite3_stmt_status(w.store->statements[i].handle, SQLITE_STMTSTATUS_VM_STEP, 1);
    }
    return sum;
}

/* Returns: what it costs to sweep alice, among so many other visitors. */
static int64_t
cost_of_sweep(int others)
{
    void *none = NULL;
    setup(&none);
    alice = world_login_as(&w, "phone", "alice").claims.customer;
    visit(others);
    assert_int_equal(DAYS, erase().remains.decisions);
    (void)steps();
    sweep();
    int64_t cost = steps();
    assert_int_equal(0, count_anew().remains.decisions);
    assert_int_equal(others, world_number(&w, "SELECT count(*) FROM decision_visitors"));
    teardown(&none);
    return cost;
}

static void
a_sweep_costs_the_same_however_many_visitors_the_app_has(void **state)
{
    (void)state;
    assert_int_equal(cost_of_sweep(10), cost_of_sweep(10000));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_claim_links_no_more_than_so_many_and_a_proof_goes_on),
        TEST(links_by_proof_are_not_counted_against_claims),
        TEST(more_links_than_one_transaction_takes_are_erased_by_the_sweep),
        TEST(as_many_links_as_one_transaction_takes_are_erased_at_once),
        cmocka_unit_test(a_sweep_costs_the_same_however_many_visitors_the_app_has),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
