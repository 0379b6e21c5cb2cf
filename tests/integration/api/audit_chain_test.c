/* The audit's chain: whatever is done to its rows behind the store's back is found and named.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "one_world.h"

#include "server/domain/audit.h"
#include "server/domain/id.h"
#include "server/store/sqlite.h"

#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"

static int64_t
head(void)
{
    assert_int_equal(world_get(w, w->admin, "/api/v1/audit/head"), 200);
    return world_int(w, "number");
}

static const char *
make_app(void)
{
    const char *body = "{\"name\":\"shop\",\"preset\":\"generic\"}";
    assert_int_equal(world_post(w, w->admin, "/api/v1/apps", body), 201);
    return world_text(w, "id");
}

static void
tamper(const char *sql)
{
    assert_int_equal(sqlite3_exec(w->service.store->db, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_true(sqlite3_changes(w->service.store->db) > 0);
}

static struct csn_audit_chain
checked(const char *noted)
{
    struct csn_audit_chain chain = {0};
    struct csn_id account;
    assert_true(csn_id_read(csn_bytes_text(w->account), &account));
    if (noted != NULL)
        assert_true(csn_audit_note(&chain, csn_bytes_text(noted)));
    assert_int_equal(csn_store_begin(w->service.store), CSN_OK);
    assert_int_equal(csn_audit_check(w->service.store, account, &chain), CSN_OK);
    csn_store_rollback(w->service.store);
    return chain;
}

static void
fails_at(const char *noted, enum csn_audit_fault fault, int64_t number)
{
    struct csn_audit_chain chain = checked(noted);
    assert_int_equal(chain.fault, fault);
    assert_int_equal(chain.fault_number, number);
}

/* Rows 2..6; row 1 is the first start. */
static void
make_rows(void)
{
    for (int i = 0; i < 5; i++)
        make_app();
    assert_int_equal(head(), 6);
}

static void
is_sound_and_reaches_its_noted_head(void **state)
{
    (void)state;
    make_rows();
    assert_int_equal(world_get(w, w->admin, "/api/v1/audit/head"), 200);
    const char *noted = world_format(w, "%s", world_text(w, "head"));
    make_app();
    struct csn_audit_chain chain = checked(noted);
    assert_int_equal(chain.fault, CSN_AUDIT_SOUND);
    assert_int_equal(chain.number, 7);
}

static void
finds_a_row_that_was_changed_in_any_column(void **state)
{
    (void)state;
    static const char *const columns[] = {"request", "api_key", "api_key_name", "operation",
                                          "app",     "target",  "outcome",      "changed"};
    make_rows();
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++) {
        const char *column = columns[i];
        tamper(world_format(w, "UPDATE audit SET %s = %s || 'x' WHERE number = 3", column, column));
        fails_at(NULL, CSN_AUDIT_CHANGED, 3);
        tamper(world_format(w,
                            "UPDATE audit SET %s = substr(%s, 1, length(%s) - 1) "
                            "WHERE number = 3",
                            column, column, column));
        assert_int_equal(checked(NULL).fault, CSN_AUDIT_SOUND);
    }
    tamper("UPDATE audit SET at = at + 1 WHERE number = 6");
    fails_at(NULL, CSN_AUDIT_CHANGED, 6);
}

static void
finds_text_that_was_moved_from_one_column_to_the_next(void **state)
{
    (void)state;
    make_rows();
    tamper("UPDATE audit SET target = outcome, outcome = target WHERE number = 2");
    fails_at(NULL, CSN_AUDIT_CHANGED, 2);
}

static void
finds_a_row_that_is_missing(void **state)
{
    (void)state;
    make_rows();
    tamper("DELETE FROM audit WHERE number = 4");
    fails_at(NULL, CSN_AUDIT_MISSING, 4);
    tamper("DELETE FROM audit WHERE number = 1");
    fails_at(NULL, CSN_AUDIT_MISSING, 1);
}

static void
finds_rows_that_were_closed_up_over_a_missing_one(void **state)
{
    (void)state;
    make_rows();
    tamper("DELETE FROM audit WHERE number = 4");
    tamper("UPDATE audit SET number = number - 1 WHERE number > 4");
    fails_at(NULL, CSN_AUDIT_CHANGED, 4);
}

static void
finds_rows_that_changed_places(void **state)
{
    (void)state;
    make_rows();
    tamper("UPDATE audit SET number = 99 WHERE number = 3");
    tamper("UPDATE audit SET number = 3 WHERE number = 4");
    tamper("UPDATE audit SET number = 4 WHERE number = 99");
    fails_at(NULL, CSN_AUDIT_CHANGED, 3);
}

/* Whoever changes a row and hashes it anew has to do so with every row after it. */
static void
finds_a_row_that_was_hashed_anew(void **state)
{
    (void)state;
    make_rows();
    struct csn_audit_record row = {.number = 7};
    memset(row.previous, 7, sizeof row.previous);
    row.account = csn_bytes_text(w->account);
    row.changed = csn_bytes_text("{}");
    assert_true(csn_audit_hash(&row, row.hash));
    char hex[2 * CSN_AUDIT_HASH + 1];
    struct csn_buffer text = csn_buffer_over(hex, sizeof hex);
    csn_buffer_hex(&text, csn_bytes_of(row.hash, sizeof row.hash));
    tamper(world_format(w,
                        "INSERT INTO audit VALUES ('%s', 7, 0, '', '', '', '', '', '', '', '{}', "
                        "x'%s', x'%s')",
                        w->account,
                        "0707070707070707070707070707070707070707070707070707070707070707",
                        csn_buffer_terminate(&text)));
    fails_at(NULL, CSN_AUDIT_UNLINKED, 7);
}

static void
finds_what_was_cut_off_or_rewritten_by_the_noted_head(void **state)
{
    (void)state;
    make_rows();
    assert_int_equal(world_get(w, w->admin, "/api/v1/audit/head"), 200);
    const char *noted = world_format(w, "%s", world_text(w, "head"));
    tamper("DELETE FROM audit WHERE number > 4");
    assert_int_equal(checked(NULL).fault, CSN_AUDIT_SOUND);
    fails_at(noted, CSN_AUDIT_CUT_OFF, 5);
    make_app();
    make_app();
    assert_int_equal(checked(NULL).fault, CSN_AUDIT_SOUND);
    fails_at(noted, CSN_AUDIT_NOT_NOTED, 6);
}

static void
refuses_a_note_that_is_none(void **state)
{
    (void)state;
    static const char *const notes[] = {"", "5", "5:", "5:abc", ":", "0:", ("x:" ZEROS)};
    for (size_t i = 0; i < sizeof notes / sizeof notes[0]; i++) {
        struct csn_audit_chain chain = {0};
        assert_false(csn_audit_note(&chain, csn_bytes_text(notes[i])));
        assert_int_equal(chain.noted_number, 0);
    }
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
    const struct CMUnitTest tests[] = {
        TEST(is_sound_and_reaches_its_noted_head),
        TEST(finds_a_row_that_was_changed_in_any_column),
        TEST(finds_text_that_was_moved_from_one_column_to_the_next),
        TEST(finds_a_row_that_is_missing),
        TEST(finds_rows_that_were_closed_up_over_a_missing_one),
        TEST(finds_rows_that_changed_places),
        TEST(finds_a_row_that_was_hashed_anew),
        TEST(finds_what_was_cut_off_or_rewritten_by_the_noted_head),
        TEST(refuses_a_note_that_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
