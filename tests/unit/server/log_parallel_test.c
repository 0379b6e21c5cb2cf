/* Many at once on one log: threads hand appends, links and logouts to the queue, and every item is
 * there once, in order, whoever comes first.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/server/crowd.h"
#include "tests/unit/server/log_world.h"

/* What one thread does. */
struct runner {
    struct csn_job job;
    struct world *w;
    char device[16], identity[16], id[16], body[32];
    struct csn_login in;
    struct csn_session_outcome out;
    struct csn_id customer; /* to append to */
    struct csn_item items[CROWD];
    struct csn_appended appended[CROWD];
    size_t count;
    struct csn_logout logout;
    struct csn_logout_outcome logged_out;
};

static enum csn_status
run_login(struct csn_job *job, struct csn_store *store)
{
    struct runner *r = (struct runner *)job;
    return csn_session_login(r->w->sessions, store, &r->in, &r->out, r->w->now_ms);
}

static enum csn_status
run_append(struct csn_job *job, struct csn_store *store)
{
    struct runner *r = (struct runner *)job;
    int64_t last;
    struct csn_append_in in = append_of(r->w, r->customer);
    in.items = r->items;
    in.count = r->count;
    return csn_log_append(r->w->sessions, store, &in, r->appended, &last, r->w->now_ms);
}

static enum csn_status
run_logout(struct csn_job *job, struct csn_store *store)
{
    struct runner *r = (struct runner *)job;
    return csn_session_logout(r->w->sessions, store, &r->logout, &r->logged_out, r->w->now_ms);
}

static void
prepare(struct world *w, struct runner *runners, const char *identity)
{
    for (int i = 0; i < CROWD; i++) {
        struct runner *r = &runners[i];
        *r = (struct runner){.job = {.run = run_login}, .w = w};
        snprintf(r->device, sizeof r->device, "device %d", i);
        snprintf(r->id, sizeof r->id, "item%d", i);
        snprintf(r->body, sizeof r->body, "\"body of item%d\"", i);
        r->in = login_of(w, r->device, identity);
    }
}

static void
present(struct runner *r, const struct csn_session_outcome *before)
{
    r->in.anonymous_session = before->claims.session;
    r->in.anonymous_customer = before->claims.customer;
}

static void
run_all(struct world *w, struct runner *runners)
{
    struct csn_job *jobs[CROWD];
    for (int i = 0; i < CROWD; i++)
        jobs[i] = &runners[i].job;
    crowd_run(w->store, jobs);
    assert_logs_whole(w);
}

static void
assert_all_ok(const struct runner *runners)
{
    for (int i = 0; i < CROWD; i++) {
        assert_ok(runners[i].job.status);
    }
}

/* Each of item0..item15 is in the log once. */
static void
assert_every_item_once(struct world *w, struct csn_id customer)
{
    char sql[256];
    snprintf(sql, sizeof sql,
             "SELECT count(*) * 100 + count(DISTINCT id) FROM items WHERE customer = '%s' AND id "
             "LIKE 'item%%'",
             customer.text);
    assert_int_equal(CROWD * 101, world_number(w, sql));
}

static void
sixteen_devices_of_one_identity_bring_their_logs_together(void **state)
{
    (void)state;
    struct world w;
    static struct runner runners[CROWD];
    world_open_directory(&w);
    prepare(&w, runners, "alice");
    for (int i = 0; i < CROWD; i++) {
        struct csn_session_outcome before = world_login_as(&w, runners[i].device, NULL);
        world_append(&w, before.claims.customer, runners[i].id);
        present(&runners[i], &before);
    }
    run_all(&w, runners);
    assert_all_ok(runners);
    assert_int_equal(CROWD, world_number(&w, "SELECT count(*) FROM links"));
    assert_int_equal(CROWD + 1, world_number(&w, "SELECT count(*) FROM customers"));
    assert_every_item_once(&w, runners[0].out.claims.customer);
    world_close(&w);
}

static void
two_devices_that_link_one_log_link_it_once(void **state)
{
    (void)state;
    struct world w;
    static struct runner runners[CROWD];
    world_open_directory(&w);
    struct csn_session_outcome before = world_login_as(&w, "phone", NULL);
    world_append(&w, before.claims.customer, "n1 n2 n3");
    prepare(&w, runners, "alice");
    for (int i = 0; i < CROWD; i++) {
        present(&runners[i], &before);
    }
    run_all(&w, runners);
    assert_all_ok(runners);
    int made = 0, same = 0;
    int64_t moved = 0;
    for (int i = 0; i < CROWD; i++) {
        made += runners[i].out.link == CSN_LINK_MADE;
        same += runners[i].out.link == CSN_LINK_SAME;
        moved += runners[i].out.linked_items;
    }
    assert_int_equal(1, made);
    assert_int_equal(CROWD - 1, same);
    assert_int_equal(3, moved);
    assert_string_equal("n1 n2 n3", world_log(&w, runners[0].out.claims.customer));
    world_close(&w);
}

static void
sixteen_customers_want_one_log_and_one_has_it(void **state)
{
    (void)state;
    struct world w;
    static struct runner runners[CROWD];
    world_open_directory(&w);
    struct csn_session_outcome before = world_login_as(&w, "phone", NULL);
    world_append(&w, before.claims.customer, "n1 n2 n3");
    prepare(&w, runners, NULL);
    for (int i = 0; i < CROWD; i++) {
        snprintf(runners[i].identity, sizeof runners[i].identity, "customer %d", i);
        runners[i].in = login_of(&w, runners[i].device, runners[i].identity);
        present(&runners[i], &before);
    }
    run_all(&w, runners);
    assert_all_ok(runners);
    int whole = 0, empty = 0;
    for (int i = 0; i < CROWD; i++) {
        const char *log = world_log(&w, runners[i].out.claims.customer);
        whole += strcmp(log, "n1 n2 n3") == 0;
        empty += log[0] == '\0';
    }
    assert_int_equal(1, whole);
    assert_int_equal(CROWD - 1, empty);
    world_close(&w);
}

static void
sixteen_devices_send_the_same_items_and_each_is_there_once(void **state)
{
    (void)state;
    struct world w;
    static struct runner runners[CROWD];
    world_open_directory(&w);
    struct csn_id alice = world_login_as(&w, "phone", "alice").claims.customer;
    prepare(&w, runners, "alice");
    for (int i = 0; i < CROWD; i++) {
        struct runner *r = &runners[i];
        r->job.run = run_append;
        r->customer = alice;
        for (r->count = 0; r->count < CROWD; r->count++) {
            const struct runner *whose = &runners[(r->count + (size_t)i) % CROWD];
            r->items[r->count] = (struct csn_item){
                .id = text(whose->id), .kind = CSN_ITEM_MESSAGE, .body = text(whose->body)};
        }
    }
    run_all(&w, runners);
    assert_all_ok(runners);
    int appended = 0;
    for (int i = 0; i < CROWD; i++) {
        for (size_t j = 0; j < CROWD; j++) {
            assert_int_not_equal(CSN_REFUSED, runners[i].appended[j].outcome);
            appended += runners[i].appended[j].outcome == CSN_APPENDED;
        }
    }
    assert_int_equal(CROWD, appended);
    assert_every_item_once(&w, alice);
    assert_int_equal(CROWD, world_number(&w, "SELECT last FROM logs"));
    world_close(&w);
}

/* What the link was faster than is refused whole, and sent again to the owner's log. */
static void
an_append_that_meets_a_link_is_neither_lost_nor_doubled(void **state)
{
    (void)state;
    struct world w;
    static struct runner runners[CROWD];
    world_open_directory(&w);
    struct csn_session_outcome before = world_login_as(&w, "phone", NULL);
    world_append(&w, before.claims.customer, "item0");
    prepare(&w, runners, "alice");
    present(&runners[0], &before);
    for (int i = 1; i < CROWD; i++) {
        struct runner *r = &runners[i];
        r->job.run = run_append;
        r->customer = before.claims.customer;
        r->items[0] =
            (struct csn_item){.id = text(r->id), .kind = CSN_ITEM_MESSAGE, .body = text(r->body)};
        r->count = 1;
    }
    run_all(&w, runners);
    assert_ok(runners[0].job.status);
    struct csn_id alice = runners[0].out.claims.customer;
    for (int i = 1; i < CROWD; i++) { /* all again, whatever the answer was */
        assert_true(runners[i].job.status == CSN_OK || runners[i].job.status == CSN_CONFLICT);
        bool kept = runners[i].job.status == CSN_OK;
        struct csn_append_in in = append_of(&w, alice);
        struct csn_appended out;
        in.items = runners[i].items;
        in.count = 1;
        assert_ok(world_try_append(&w, &in, &out, NULL));
        assert_int_equal(kept ? CSN_DUPLICATE : CSN_APPENDED, out.outcome);
    }
    assert_every_item_once(&w, alice);
    world_close(&w);
}

static void
a_login_against_a_logout_leaves_the_log_in_one_place(void **state)
{
    (void)state;
    struct world w;
    static struct runner runners[CROWD];
    world_open_directory(&w);
    struct csn_session_outcome before = world_login_as(&w, "phone", NULL);
    struct csn_id nobody = before.claims.customer;
    world_append(&w, nobody, "n1 n2");
    prepare(&w, runners, "alice");
    for (int i = 0; i < CROWD; i++) {
        present(&runners[i], &before);
        if (i % 2 == 0) {
            runners[i].job.run = run_logout;
            runners[i].logout = (struct csn_logout){
                .app = &w.app, .by = CSN_BEARER_SESSION, .session = before.claims.session};
        }
    }
    run_all(&w, runners);
    assert_all_ok(runners);
    int made = 0;
    for (int i = 1; i < CROWD; i += 2) {
        made += runners[i].out.link == CSN_LINK_MADE;
    }
    assert_in_range(made, 0, 1);
    assert_string_equal(made ? "n1 n2" : "", world_log(&w, runners[1].out.claims.customer));
    assert_string_equal(made ? "" : "n1 n2", world_log(&w, nobody));
    assert_int_equal(0, world_number(&w, "SELECT count(*) FROM sessions WHERE ended = 0 AND "
                                         "assurance = 1"));
    world_close(&w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sixteen_devices_of_one_identity_bring_their_logs_together),
        cmocka_unit_test(two_devices_that_link_one_log_link_it_once),
        cmocka_unit_test(sixteen_customers_want_one_log_and_one_has_it),
        cmocka_unit_test(sixteen_devices_send_the_same_items_and_each_is_there_once),
        cmocka_unit_test(an_append_that_meets_a_link_is_neither_lost_nor_doubled),
        cmocka_unit_test(a_login_against_a_logout_leaves_the_log_in_one_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
