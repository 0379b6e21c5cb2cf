/* Whom decisions were about, of several apps at once: a crowd at one costs another nothing.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/crypto.h"
#include "server/domain/decision_visitors.h"
#include "server/domain/readiness.h"
#include "tests/unit/server/decision_world.h"

#define CROWD (3 * CSN_VISITOR_SET_MAX)

static struct csn_readiness readiness;

/* A refused login of the n-th customer of an app. */
static struct csn_decision
refused(const struct csn_id *app, int n)
{
    struct csn_decision d = {
        .at_ms = NOW + 5,
        .app = *app,
        .reason = CSN_REASON_EXPIRED,
        .endpoint = CSN_ENDPOINT_SESSION_START,
        .mode = CSN_ENFORCE_OFF,
        .percentile = 7,
    };
    uint8_t hash[32];
    char name[64];
    snprintf(name, sizeof name, "customer %d of %s", n, app->text);
    csn_sha256(csn_bytes_text(name), hash);
    memcpy(d.pseudonym, hash, sizeof d.pseudonym);
    return d;
}

static void
come(const struct csn_id *app, int from, int to)
{
    for (int n = from; n < to; n++) {
        struct csn_decision d = refused(app, n);
        record(&d, 1);
    }
}

static void
read_readiness_of(const struct csn_app *app)
{
    assert_ok(csn_readiness_read(w.store, app, NOW, NOW + 1, &readiness));
}

static void
a_crowd_at_one_app_leaves_the_figures_of_another_exact(void **state)
{
    (void)state;
    come(&w.other_app.id, 0, 40);
    flush();
    for (int round = 0; round < 3; round++) {
        come(&w.other_app.id, 0, 20);
        come(&w.app.id, round * CROWD, (round + 1) * CROWD);
        come(&w.other_app.id, 20, 40);
        flush();
    }
    read_readiness_of(&w.other_app);
    assert_true(readiness.exact);
    assert_int_equal(40, readiness.now.customers);
    assert_int_equal(160, readiness.now.refused);
    read_readiness_of(&w.app);
    assert_false(readiness.exact);
    assert_int_equal(3 * CROWD, readiness.now.refused);
    int64_t off = readiness.now.customers - 3 * CROWD;
    assert_in_range(off < 0 ? -off : off, 0, 4 * readiness.error_permille * 3 * CROWD / 1000);
}

static void
what_a_failed_flush_gives_back_of_a_crowd_leaves_it_exact_too(void **state)
{
    (void)state;
    come(&w.other_app.id, 0, 40);
    come(&w.app.id, 0, CROWD);
    world_execute(&w, "CREATE TEMP TRIGGER no BEFORE INSERT ON decision_visitors BEGIN "
                      "SELECT raise(ABORT, 'no'); END");
    assert_string_not_equal(csn_status_name(csn_decisions_flush(decisions, queue)), "ok");
    come(&w.other_app.id, 30, 50);
    world_execute(&w, "DROP TRIGGER no");
    flush();
    read_readiness_of(&w.other_app);
    assert_true(readiness.exact);
    assert_int_equal(50, readiness.now.customers);
    read_readiness_of(&w.app);
    assert_false(readiness.exact);
}

/* --- the set itself --- */

static struct csn_visitor_set *set;

static int
setup(void **state)
{
    (void)state;
    set = csn_visitor_set_create();
    return set == NULL;
}

static int
teardown(void **state)
{
    (void)state;
    csn_visitor_set_free(set);
    return 0;
}

static struct csn_id
app_of(int n)
{
    struct csn_id id;
    snprintf(id.text, sizeof id.text, "01JAPP%020d", n);
    return id;
}

/* The first customer of an app, counted from `from`, that has at least this level. */
static struct csn_decision_visitor
visitor_of(const struct csn_id *app, int from, unsigned level)
{
    for (int n = from;; n++) {
        struct csn_decision_visitor visitor;
        struct csn_decision d = refused(app, n);
        assert_true(csn_visitor_of(&d, &visitor));
        if (csn_visitor_level(&visitor) == level)
            return visitor;
    }
}

static void
add_to(struct csn_visitor_set *to, const struct csn_id *app, int n, unsigned level)
{
    struct csn_decision_visitor visitor = visitor_of(app, n, level);
    csn_visitor_set_add(to, &visitor);
}

static void
fill_with_apps(int from, int count, unsigned level)
{
    for (int n = from; n < from + count; n++) {
        struct csn_id app = app_of(n);
        add_to(set, &app, 0, level);
    }
}

/* Returns: how many of the set are this app's. */
static size_t
count_of(const struct csn_visitor_set *of, const struct csn_id *app)
{
    size_t count = 0;
    for (size_t i = 0; i < csn_visitor_set_count(of); i++)
        count += strcmp(csn_visitor_set_all(of)[i].of.app.text, app->text) == 0;
    return count;
}

static void
the_app_that_has_most_is_thinned_and_no_other(void **state)
{
    (void)state;
    struct csn_id one = app_of(1), two = app_of(2), three = app_of(3);
    for (int n = 0; n < CSN_VISITOR_SET_MAX; n++) {
        struct csn_decision_visitor visitor;
        bool last = n == CSN_VISITOR_SET_MAX - 1;
        const struct csn_id *app = n % 5 < 2 || last ? &one : n % 5 < 4 ? &two : &three;
        struct csn_decision d = refused(app, n);
        assert_true(csn_visitor_of(&d, &visitor));
        csn_visitor_set_add(set, &visitor);
    }
    assert_int_equal(CSN_VISITOR_SET_MAX, csn_visitor_set_count(set));
    size_t ones = count_of(set, &one), twos = count_of(set, &two), threes = count_of(set, &three);
    assert_true(ones > threes);
    assert_true(ones > twos);
    add_to(set, &three, CSN_VISITOR_SET_MAX, 0);
    assert_int_equal(1, csn_visitor_set_level(set, &one));
    assert_int_equal(0, csn_visitor_set_level(set, &two));
    assert_int_equal(0, csn_visitor_set_level(set, &three));
    assert_in_range(count_of(set, &one), ones / 3, 2 * ones / 3);
    assert_int_equal(twos, count_of(set, &two));
    assert_int_equal(threes + 1, count_of(set, &three));
}

static void
an_app_none_of_whose_visitors_is_left_has_a_level(void **state)
{
    (void)state;
    fill_with_apps(0, CSN_VISITOR_SET_MAX, 0);
    struct csn_id first = app_of(0);
    assert_int_equal(1, count_of(set, &first));
    assert_int_equal(0, csn_visitor_set_level(set, &first));
    add_to(set, &first, 1, 1); /* all have as many: all are thinned */
    assert_int_equal(1, csn_visitor_set_count(set));
    for (int n = 0; n < CSN_VISITOR_SET_MAX; n++) {
        struct csn_id app = app_of(n);
        assert_int_equal(1, csn_visitor_set_level(set, &app));
        assert_int_equal(n == 0, count_of(set, &app));
    }
    struct csn_id stranger = app_of(CSN_VISITOR_SET_MAX);
    assert_int_equal(0, csn_visitor_set_level(set, &stranger));
}

/* Beyond as many apps as a set has entries, the others are one to it. */
static void
apps_beyond_the_bound_share_one_level(void **state)
{
    (void)state;
    struct csn_id late = app_of(CSN_VISITOR_SET_MAX), later = app_of(CSN_VISITOR_SET_MAX + 1);
    fill_with_apps(0, CSN_VISITOR_SET_MAX, 0);
    add_to(set, &late, 0, 0); /* drops all others */
    assert_int_equal(1, csn_visitor_set_count(set));
    for (int n = 0; n < 2 * CSN_VISITOR_SET_MAX; n++)
        add_to(set, &late, 8 * n, 0);
    assert_int_equal(0, count_of(set, &later));
    assert_true(csn_visitor_set_level(set, &late) > 0);
    assert_int_equal(csn_visitor_set_level(set, &late), csn_visitor_set_level(set, &later));
}

static void
merged_sets_keep_what_both_kept_of_an_app(void **state)
{
    (void)state;
    struct csn_id one = app_of(1), two = app_of(2);
    struct csn_visitor_set *other = csn_visitor_set_create();
    assert_non_null(other);
    for (unsigned n = 0; n <= CSN_VISITOR_SET_MAX; n++)
        add_to(other, &one, (int)(1000 * n), n % 2);
    assert_int_equal(1, csn_visitor_set_level(other, &one));
    add_to(set, &one, 0, 0);
    add_to(set, &one, 0, 3);
    add_to(set, &two, 0, 0);
    csn_visitor_set_merge(set, other);
    assert_int_equal(1, csn_visitor_set_level(set, &one));
    assert_int_equal(0, csn_visitor_set_level(set, &two));
    assert_int_equal(count_of(other, &one) + 1, count_of(set, &one));
    assert_int_equal(1, count_of(set, &two));
    csn_visitor_set_clear(set);
    assert_int_equal(0, csn_visitor_set_level(set, &one));
    csn_visitor_set_free(other);
}

int
main(void)
{
#define WORLD(name) cmocka_unit_test_setup_teardown(name, decision_setup, decision_teardown)
#define SET(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        WORLD(a_crowd_at_one_app_leaves_the_figures_of_another_exact),
        WORLD(what_a_failed_flush_gives_back_of_a_crowd_leaves_it_exact_too),
        SET(the_app_that_has_most_is_thinned_and_no_other),
        SET(an_app_none_of_whose_visitors_is_left_has_a_level),
        SET(apps_beyond_the_bound_share_one_level),
        SET(merged_sets_keep_what_both_kept_of_an_app),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
