/* Every step of every operation on the log fails in turn: what is left is the state before it, and
 * the same operation works the next time. The login that links is sessions_fault_test.c's.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/server/fault_world.h"
#include "tests/unit/server/log_world.h"

struct stage {
    struct world w;
    struct csn_session_outcome alice, linked, loose;
    struct csn_relink_outcome relinked;
    struct csn_log_walk walk;
};

/* Alice with items of her own, one anonymous customer linked to her, and one that is not. */
static struct world *
open_stage(void *state)
{
    struct stage *s = state;
    *s = (struct stage){0};
    world_open(&s->w);
    s->alice = world_login_as(&s->w, "tablet", "alice");
    s->loose = world_login_as(&s->w, "watch", NULL);
    struct csn_session_outcome before = world_login_as(&s->w, "phone", NULL);
    world_append(&s->w, s->alice.claims.customer, "a1");
    world_append(&s->w, s->loose.claims.customer, "l1 l2");
    world_append(&s->w, before.claims.customer, "n1 n2");
    s->linked = world_login_from(&s->w, "phone", "alice", &before);
    world_append(&s->w, s->alice.claims.customer, "a2");
    return &s->w;
}

static enum csn_status
run_append(void *state, struct csn_store *store)
{
    struct stage *s = state;
    struct csn_item items[] = {item_of("b1"), item_of("a1"), item_of("b2"), item_of("not good")};
    struct csn_appended out[4];
    int64_t last;
    struct csn_append_in in = append_of(&s->w, s->alice.claims.customer);
    in.items = items;
    in.count = 4;
    return csn_log_append(s->w.sessions, store, &in, out, &last, s->w.now_ms);
}

static enum csn_status
run_unlink(void *state, struct csn_store *store)
{
    struct stage *s = state;
    return csn_customer_unlink(store, s->w.app.id, s->alice.claims.customer, s->linked.linked,
                               s->w.app.id, &s->relinked, s->w.now_ms);
}

static enum csn_status
run_link(void *state, struct csn_store *store)
{
    struct stage *s = state;
    return csn_customer_link(store, s->w.app.id, s->alice.claims.customer, s->loose.claims.customer,
                             s->w.app.id, &s->relinked, s->w.now_ms);
}

static struct world *
open_old_stage(void *state)
{
    struct world *w = open_stage(state);
    world_execute(w, "INSERT INTO accounts (id, name, root, created) VALUES ('a', 'a', 0, 0)");
    world_execute(w, "INSERT INTO apps (id, account, name, policy, policy_version, enforcement, "
                     "enforcement_version, origins, suspended, test_mode_until, retention_days, "
                     "created, generation) SELECT app, 'a', 'app', '{}', 1, '{}', 1, '[]', 0, 0, "
                     "30, 0, 1 FROM logs LIMIT 1");
    w->now_ms += 31 * 86400000LL;
    return w;
}

static enum csn_status
run_purge(void *state, struct csn_store *store)
{
    struct stage *s = state;
    s->walk = (struct csn_log_walk){0};
    enum csn_status status = csn_log_purge(store, &s->walk, s->w.now_ms);
    assert_int_equal(status == CSN_OK ? 6 : 0, s->walk.purged);
    return status;
}

struct reading {
    struct stage stage; /* first: it is opened as one */
    struct csn_read_out out;
};

static enum csn_status
run_read(void *state, struct csn_store *store)
{
    static uint8_t memory[65536];
    struct reading *r = state;
    struct csn_arena arena = csn_arena_over(memory, sizeof memory);
    struct csn_read_in in = read_of(&r->stage.w, r->stage.alice.claims.customer);
    enum csn_status status = csn_log_read(r->stage.w.sessions, store, &in, &arena, &r->out);
    if (status == CSN_OK) /* so that there is something to see of it */
        world_execute(&r->stage.w, "UPDATE logs SET last = last + 1");
    return status;
}

static void
an_append_happens_wholly_or_not_at_all(void **state)
{
    (void)state;
    static struct stage s;
    world_fail_everywhere(open_stage, run_append, &s, 8);
}

static void
an_unlink_happens_wholly_or_not_at_all(void **state)
{
    (void)state;
    static struct stage s;
    world_fail_everywhere(open_stage, run_unlink, &s, 13);
}

static void
a_link_by_hand_happens_wholly_or_not_at_all(void **state)
{
    (void)state;
    static struct stage s;
    world_fail_everywhere(open_stage, run_link, &s, 13);
}

static void
a_purge_happens_wholly_or_not_at_all(void **state)
{
    (void)state;
    static struct stage s;
    world_fail_everywhere(open_old_stage, run_purge, &s, 10);
}

static void
a_read_that_fails_says_so(void **state)
{
    (void)state;
    static struct reading r;
    world_fail_everywhere(open_stage, run_read, &r, 8);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_append_happens_wholly_or_not_at_all),
        cmocka_unit_test(an_unlink_happens_wholly_or_not_at_all),
        cmocka_unit_test(a_link_by_hand_happens_wholly_or_not_at_all),
        cmocka_unit_test(a_purge_happens_wholly_or_not_at_all),
        cmocka_unit_test(a_read_that_fails_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
