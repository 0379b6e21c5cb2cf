/* The steps of a key's life: which there are, which are safe, and what they do to tokens.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/server/registry_world.h"

#define SECRET "an honest secret of thirty-two b"

static void
only_the_drawn_steps_are_taken(void **state)
{
    struct registry_world *w = *state;
    const enum csn_key_state states[] = {CSN_KEY_STANDBY, CSN_KEY_ACTIVE, CSN_KEY_RETIRING,
                                         CSN_KEY_RETIRED};
    const bool legal[4][4] = {
        {true, true, false, false}, /* staying is no step, and no mistake */
        {false, true, true, false},
        {false, true, true, true},
        {false, false, true, true},
    };
    struct csn_id app = rw_app(w, NULL);
    for (size_t from = 0; from < 4; from++) {
        for (size_t to = 0; to < 4; to++) {
            struct csn_key_made made;
            struct csn_key_request with = {
                .source = CSN_SOURCE_GENERATED, .algorithm = CSN_HS256, .state = CSN_KEY_STANDBY};
            assert_int_equal(rw_key_make(w, app, &with, &made), CSN_OK);
            for (size_t step = 1; step <= from; step++)
                assert_int_equal(rw_key_move(w, app, made.info.id, states[step], true), CSN_OK);
            assert_int_equal(rw_key_move(w, app, made.info.id, states[to], true),
                             legal[from][to] ? CSN_OK : CSN_CONFLICT);
            assert_int_equal(RW(w, csn_management_key_delete(&w->m, app, made.info.id, true)),
                             CSN_OK);
        }
    }
    struct csn_id key = rw_secret(w, app, SECRET);
    assert_int_equal(rw_key_move(w, app, key, CSN_KEY_STATE_UNSET, true), CSN_CONFLICT);
}

static void
only_active_and_retiring_keys_verify(void **state)
{
    struct registry_world *w = *state;
    uint8_t memory[1024];
    struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
    struct csn_id app = rw_app(w, NULL);
    struct csn_key_made made;
    struct csn_key_request with = {.source = CSN_SOURCE_SECRET,
                                   .algorithm = CSN_HS256,
                                   .text = rw_text(SECRET),
                                   .state = CSN_KEY_STANDBY,
                                   .has_kid = true,
                                   .kid = rw_text("k")};
    assert_int_equal(rw_key_make(w, app, &with, &made), CSN_OK);
    struct csn_id key = made.info.id;
    struct csn_bytes token = rw_token(SECRET, "k", &out);
    assert_int_not_equal(rw_judge(w, app, token), CSN_REASON_ACCEPTED);
    assert_int_equal(rw_key_move(w, app, key, CSN_KEY_ACTIVE, false), CSN_OK);
    assert_int_equal(rw_judge(w, app, token), CSN_REASON_ACCEPTED);
    assert_int_equal(rw_key_move(w, app, key, CSN_KEY_RETIRING, true), CSN_OK);
    assert_int_equal(rw_judge(w, app, token), CSN_REASON_ACCEPTED);
    assert_int_equal(rw_key_move(w, app, key, CSN_KEY_RETIRED, true), CSN_OK);
    assert_int_equal(rw_judge(w, app, token), CSN_REASON_KEY_RETIRED);
    assert_int_equal(rw_key_move(w, app, key, CSN_KEY_RETIRING, false), CSN_OK); /* undo */
    assert_int_equal(rw_judge(w, app, token), CSN_REASON_ACCEPTED);
}

static void
the_only_active_key_is_not_retired_without_force(void **state)
{
    struct registry_world *w = *state;
    struct csn_id app = rw_app(w, NULL);
    struct csn_id first = rw_secret(w, app, SECRET);
    assert_false(rw_key_look(w, app, first).safe_to_retire);
    assert_int_equal(rw_key_move(w, app, first, CSN_KEY_RETIRING, false), CSN_CONFLICT);
    assert_string_equal(w->m.refusal.field, "state");
    /* One that has expired does not help, nor one on standby. */
    struct csn_key_made made;
    struct csn_key_request with = {
        .source = CSN_SOURCE_GENERATED, .algorithm = CSN_HS256, .expires_ms = w->now_ms + 1000};
    assert_int_equal(rw_key_make(w, app, &with, &made), CSN_OK);
    w->now_ms += 1000;
    assert_int_equal(rw_key_move(w, app, first, CSN_KEY_RETIRING, false), CSN_CONFLICT);
    with.expires_ms = 0;
    with.state = CSN_KEY_STANDBY;
    assert_int_equal(rw_key_make(w, app, &with, &made), CSN_OK);
    assert_int_equal(rw_key_move(w, app, first, CSN_KEY_RETIRING, false), CSN_CONFLICT);
    assert_int_equal(rw_key_move(w, app, made.info.id, CSN_KEY_ACTIVE, false), CSN_OK);
    assert_true(rw_key_look(w, app, first).safe_to_retire);
    assert_int_equal(rw_key_move(w, app, first, CSN_KEY_RETIRING, false), CSN_OK);
}

/* A use by a token that ends then; 0: that has no end. */
static void
touch_until(struct registry_world *w, int64_t number, int64_t used_ms, int64_t ends_ms)
{
    struct csn_key_touch touch = {number, used_ms, ends_ms, ends_ms == 0 ? used_ms : 0};
    assert_int_equal(RW(w, csn_management_touch_keys(w->store, &touch, 1)), CSN_OK);
}

static void
touch(struct registry_world *w, int64_t number, int64_t used_ms)
{
    touch_until(w, number, used_ms, 0);
}

/* An app under this policy with two active keys. Returns: the one that is to go. */
static struct csn_key_info
old_key(struct registry_world *w, const char *policy, struct csn_id *app)
{
    struct csn_app_info about;
    struct csn_key_made made, newer;
    struct csn_key_request with = {.source = CSN_SOURCE_GENERATED, .algorithm = CSN_HS256};
    *app = rw_app(w, NULL);
    assert_int_equal(RW(w, csn_management_policy_set(&w->m, *app, rw_text(policy), 0, &about)),
                     CSN_OK);
    assert_int_equal(rw_key_make(w, *app, &with, &made), CSN_OK);
    assert_int_equal(rw_key_make(w, *app, &with, &newer), CSN_OK);
    return made.info;
}

#define POLICY(members) "{\"algorithms\":[\"HS256\"],\"leeway_s\":60" members "}"
#define DAY_MS 86400000LL

static void
a_key_is_safe_once_the_last_of_its_tokens_has_ended(void **state)
{
    struct registry_world *w = *state;
    struct csn_id app;
    struct csn_key_info old = old_key(w, POLICY(), &app);
    int64_t end_ms = w->now_ms + 30 * DAY_MS;
    touch_until(w, old.number, w->now_ms - 5000, end_ms); /* lives longer than those seen later */
    touch_until(w, old.number, w->now_ms, w->now_ms + 300000);
    assert_int_equal(rw_key_look(w, app, old.id).safe_after_ms, end_ms + 60000);
    assert_int_equal(rw_key_move(w, app, old.id, CSN_KEY_RETIRING, false), CSN_OK);
    w->now_ms = end_ms + 59999;
    assert_int_equal(rw_key_move(w, app, old.id, CSN_KEY_RETIRED, false), CSN_CONFLICT);
    w->now_ms++;
    assert_true(rw_key_look(w, app, old.id).safe_to_retire);
    assert_int_equal(rw_key_move(w, app, old.id, CSN_KEY_RETIRED, false), CSN_OK);
}

static void
one_token_without_an_end_keeps_a_key_for_as_long_as_such_are_taken_to_live(void **state)
{
    struct registry_world *w = *state;
    struct csn_id app;
    struct csn_key_info old = old_key(w, POLICY(), &app);
    touch(w, old.number, w->now_ms);
    touch_until(w, old.number, w->now_ms + 1000, w->now_ms + 300000);
    assert_int_equal(rw_key_look(w, app, old.id).safe_after_ms,
                     w->now_ms + CSN_KEY_QUIET_DEFAULT_MS);
}

static void
a_key_is_kept_no_longer_than_the_policy_lets_its_tokens_live(void **state)
{
    struct registry_world *w = *state;
    static const struct {
        const char *policy;
        int64_t wait_ms;
    } cases[] = {
        {POLICY(",\"lifetime_max_s\":600"), 720000}, /* and its clock may have been ahead */
        {POLICY(",\"issued_within_s\":300"), 420000},
        {POLICY(",\"issued_within_s\":300,\"lifetime_max_s\":600"), 420000},
        {POLICY(",\"issued_within_s\":900,\"lifetime_max_s\":600"), 720000},
        {POLICY(",\"issued_within_s\":300,\"lifetime_max_s\":600,\"use\":\"every_request\""),
         720000},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct csn_id app;
        struct csn_key_info old = old_key(w, cases[i].policy, &app);
        touch_until(w, old.number, w->now_ms, w->now_ms + 30 * DAY_MS);
        assert_int_equal(rw_key_look(w, app, old.id).safe_after_ms, w->now_ms + cases[i].wait_ms);
    }
}

static void
a_key_rests_for_a_tokens_life_before_it_is_retired(void **state)
{
    struct registry_world *w = *state;
    struct csn_id app = rw_app(w, "alchemer"); /* lifetime_max_s: 30 days */
    struct csn_app_info about;
    struct csn_bytes policy = rw_text("{\"preset\":\"alchemer\",\"lifetime_max_s\":600,"
                                      "\"leeway_s\":60}");
    assert_int_equal(RW(w, csn_management_policy_set(&w->m, app, policy, 0, &about)), CSN_OK);
    struct csn_key_made made;
    struct csn_key_request with = {.source = CSN_SOURCE_GENERATED};
    assert_int_equal(rw_key_make(w, app, &with, &made), CSN_OK);
    struct csn_id old = made.info.id;
    int64_t number = made.info.number;
    assert_int_equal(rw_key_make(w, app, &with, &made), CSN_OK);
    touch(w, number, w->now_ms);
    touch(w, number, w->now_ms - 5000); /* an earlier use does not set it back */
    touch(w, 999999, w->now_ms);        /* unknown: passed over */
    struct csn_key_info info = rw_key_look(w, app, old);
    assert_int_equal(info.last_used_ms, w->now_ms);
    assert_false(info.safe_to_retire);
    assert_int_equal(info.safe_after_ms, w->now_ms + 660000);
    /* Not to be used for new tokens any more: that is safe, another key is active. */
    assert_int_equal(rw_key_move(w, app, old, CSN_KEY_RETIRING, false), CSN_OK);
    w->now_ms += 659999;
    assert_int_equal(rw_key_move(w, app, old, CSN_KEY_RETIRED, false), CSN_CONFLICT);
    w->now_ms += 1;
    assert_int_equal(rw_key_move(w, app, old, CSN_KEY_RETIRED, false), CSN_OK);
}

static void
an_unsafe_retire_is_done_when_forced(void **state)
{
    struct registry_world *w = *state;
    struct csn_id app = rw_app(w, NULL);
    struct csn_id key = rw_secret(w, app, SECRET);
    rw_secret(w, app, "another secret of thirty-two byt");
    touch(w, rw_key_look(w, app, key).number, w->now_ms);
    assert_int_equal(rw_key_move(w, app, key, CSN_KEY_RETIRING, false), CSN_OK);
    assert_int_equal(rw_key_move(w, app, key, CSN_KEY_RETIRED, false), CSN_CONFLICT);
    assert_int_equal(rw_key_move(w, app, key, CSN_KEY_RETIRED, true), CSN_OK);
    assert_int_equal(rw_key_look(w, app, key).state_changed_ms, w->now_ms);
}

static void
only_a_key_out_of_use_is_deleted_without_force(void **state)
{
    struct registry_world *w = *state;
    uint8_t memory[1024];
    struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
    struct csn_id app = rw_app(w, NULL);
    struct csn_id key = rw_secret(w, app, SECRET);
    int64_t number = rw_key_look(w, app, key).number;
    assert_int_equal(RW(w, csn_management_key_delete(&w->m, app, key, false)), CSN_CONFLICT);
    assert_int_equal(rw_judge(w, app, rw_token(SECRET, NULL, &out)), CSN_REASON_ACCEPTED);
    assert_int_equal(RW(w, csn_management_key_delete(&w->m, app, key, true)), CSN_OK);
    assert_int_equal(rw_judge(w, app, rw_token(SECRET, NULL, &out)), CSN_REASON_NO_KEY);
    assert_int_equal(RW(w, csn_management_key_delete(&w->m, app, key, true)), CSN_NOT_FOUND);
    /* A number is never used again: decisions speak of it. */
    key = rw_secret(w, app, SECRET);
    assert_true(rw_key_look(w, app, key).number > number);
}

static void
a_key_of_another_app_is_not_there(void **state)
{
    struct registry_world *w = *state;
    struct csn_id app = rw_app(w, NULL);
    struct csn_id other = rw_app(w, NULL);
    struct csn_id key = rw_secret(w, app, SECRET);
    struct csn_key_info info;
    assert_int_equal(RW(w, csn_management_key_get(&w->m, other, key, &info, w->now_ms)),
                     CSN_NOT_FOUND);
    assert_int_equal(rw_key_move(w, other, key, CSN_KEY_RETIRING, true), CSN_NOT_FOUND);
    assert_int_equal(RW(w, csn_management_key_delete(&w->m, other, key, true)), CSN_NOT_FOUND);
}

int
main(void)
{
#define SENTENCE(name) cmocka_unit_test_setup_teardown(name, rw_setup, rw_teardown)
    const struct CMUnitTest tests[] = {
        SENTENCE(only_the_drawn_steps_are_taken),
        SENTENCE(only_active_and_retiring_keys_verify),
        SENTENCE(the_only_active_key_is_not_retired_without_force),
        SENTENCE(a_key_rests_for_a_tokens_life_before_it_is_retired),
        SENTENCE(a_key_is_safe_once_the_last_of_its_tokens_has_ended),
        SENTENCE(one_token_without_an_end_keeps_a_key_for_as_long_as_such_are_taken_to_live),
        SENTENCE(a_key_is_kept_no_longer_than_the_policy_lets_its_tokens_live),
        SENTENCE(an_unsafe_retire_is_done_when_forced),
        SENTENCE(only_a_key_out_of_use_is_deleted_without_force),
        SENTENCE(a_key_of_another_app_is_not_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
