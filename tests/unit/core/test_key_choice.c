/* SPDX-License-Identifier: Apache-2.0
 * Which keys may have made a token. */
#include "core/key_choice.h"
#include "world.h"

static struct csn_header
header_with(const char *kid)
{
    return (struct csn_header){
        .algorithm = CSN_HS256, .has_kid = kid != NULL, .kid = csn_bytes_text(kid)};
}

static struct csn_key
key_with(const char *kid, enum csn_algorithm algorithm, enum csn_key_state state)
{
    return (struct csn_key){.kid = csn_bytes_text(kid), .algorithm = algorithm, .state = state};
}

/* Returns: the reason; *count as chosen. */
static enum csn_reason
choose(const struct csn_key *keys, size_t key_count, const char *kid, bool kid_required,
       struct csn_candidates *out)
{
    struct csn_keyring ring = {.keys = keys, .count = key_count};
    struct csn_header header = header_with(kid);
    return csn_key_choose(&ring, &header, kid_required, NOW_MS, out);
}

static void
takes_the_very_key_that_the_kid_names(void **state)
{
    (void)state;
    struct csn_candidates out;
    const struct csn_key keys[] = {
        key_with("a", CSN_HS256, CSN_KEY_ACTIVE),
        key_with("b", CSN_HS256, CSN_KEY_RETIRING),
        key_with(NULL, CSN_HS256, CSN_KEY_ACTIVE),
    };
    assert_int_equal(choose(keys, 3, "b", false, &out), CSN_REASON_ACCEPTED);
    assert_int_equal(out.count, 1);
    assert_ptr_equal(out.key[0], &keys[1]);
    assert_int_equal(choose(keys, 3, "b", true, &out), CSN_REASON_ACCEPTED);
}

static void
never_falls_back_when_the_kid_names_no_key(void **state)
{
    (void)state;
    struct csn_candidates out;
    const struct csn_key keys[] = {
        key_with("k1", CSN_HS256, CSN_KEY_ACTIVE),
        key_with(NULL, CSN_HS256, CSN_KEY_ACTIVE),
    };
    static const char *const others[] = {"k2", "", "K1", "k1 ", " k1", "k", "k11"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        assert_int_equal(choose(keys, 2, others[i], false, &out), CSN_REASON_KEY_UNKNOWN);
        assert_int_equal(out.count, 0);
    }
}

static void
looks_at_no_key_behind_the_ring(void **state)
{
    (void)state;
    struct csn_candidates out;
    const struct csn_key keys[] = {
        key_with("a", CSN_HS256, CSN_KEY_ACTIVE),
        key_with("b", CSN_HS256, CSN_KEY_ACTIVE),
    };
    assert_int_equal(choose(keys, 1, "b", false, &out), CSN_REASON_KEY_UNKNOWN);
    assert_int_equal(choose(keys, 1, NULL, false, &out), CSN_REASON_ACCEPTED);
    assert_int_equal(out.count, 1);
    assert_int_equal(choose(keys + 1, 0, "b", false, &out), CSN_REASON_NO_KEY);
}

static void
says_why_a_named_key_may_not_verify(void **state)
{
    (void)state;
    static const struct {
        enum csn_key_state state;
        enum csn_algorithm algorithm;
        int64_t expires_ms;
        enum csn_reason reason;
    } rows[] = {
        {CSN_KEY_STATE_UNSET, CSN_HS256, 0, CSN_REASON_KEY_UNKNOWN},
        {CSN_KEY_STANDBY, CSN_HS256, 0, CSN_REASON_KEY_UNKNOWN},
        {CSN_KEY_ACTIVE, CSN_HS256, 0, CSN_REASON_ACCEPTED},
        {CSN_KEY_RETIRING, CSN_HS256, 0, CSN_REASON_ACCEPTED},
        {CSN_KEY_RETIRED, CSN_HS256, 0, CSN_REASON_KEY_RETIRED},
        {CSN_KEY_ACTIVE, CSN_HS512, 0, CSN_REASON_ALGORITHM_MISMATCH},
        {CSN_KEY_ACTIVE, CSN_RS256, 0, CSN_REASON_ALGORITHM_MISMATCH},
        {CSN_KEY_RETIRED, CSN_HS512, 0, CSN_REASON_KEY_RETIRED},
        {CSN_KEY_ACTIVE, CSN_HS256, NOW_MS + 1, CSN_REASON_ACCEPTED},
        {CSN_KEY_ACTIVE, CSN_HS256, NOW_MS, CSN_REASON_KEY_RETIRED},
        {CSN_KEY_RETIRING, CSN_HS256, NOW_MS - 1, CSN_REASON_KEY_RETIRED},
        {CSN_KEY_STANDBY, CSN_HS256, NOW_MS - 1, CSN_REASON_KEY_UNKNOWN},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct csn_candidates out;
        struct csn_key key = key_with("k", rows[i].algorithm, rows[i].state);
        key.expires_ms = rows[i].expires_ms;
        assert_int_equal(choose(&key, 1, "k", false, &out), rows[i].reason);
        assert_int_equal(out.count, rows[i].reason == CSN_REASON_ACCEPTED);
    }
}

static void
tries_only_keys_in_use_of_the_algorithm_when_no_kid_is_given(void **state)
{
    (void)state;
    struct csn_candidates out;
    struct csn_key keys[] = {
        key_with("a", CSN_HS256, CSN_KEY_STANDBY),     key_with("b", CSN_HS512, CSN_KEY_ACTIVE),
        key_with("c", CSN_HS256, CSN_KEY_ACTIVE),      key_with("d", CSN_HS256, CSN_KEY_RETIRED),
        key_with("e", CSN_HS256, CSN_KEY_RETIRING),    key_with("f", CSN_HS256, CSN_KEY_ACTIVE),
        key_with("g", CSN_HS256, CSN_KEY_STATE_UNSET),
    };
    keys[5].expires_ms = NOW_MS;
    assert_int_equal(choose(keys, 7, NULL, false, &out), CSN_REASON_ACCEPTED);
    assert_int_equal(out.count, 2);
    assert_ptr_equal(out.key[0], &keys[2]);
    assert_ptr_equal(out.key[1], &keys[4]);
}

static void
does_not_look_at_the_kid_where_no_key_declares_one(void **state)
{
    (void)state;
    struct csn_candidates out;
    const struct csn_key keys[] = {
        key_with(NULL, CSN_HS256, CSN_KEY_ACTIVE),
        key_with(NULL, CSN_HS256, CSN_KEY_ACTIVE),
    };
    assert_int_equal(choose(keys, 2, "whatever", false, &out), CSN_REASON_ACCEPTED);
    assert_int_equal(out.count, 2);
    assert_int_equal(choose(keys, 2, "whatever", true, &out), CSN_REASON_ACCEPTED);
}

static void
asks_for_a_kid_where_the_policy_does(void **state)
{
    (void)state;
    struct csn_candidates out;
    const struct csn_key key = key_with(NULL, CSN_HS256, CSN_KEY_ACTIVE);
    assert_int_equal(choose(&key, 1, NULL, true, &out), CSN_REASON_KEY_UNKNOWN);
    assert_int_equal(choose(&key, 1, NULL, false, &out), CSN_REASON_ACCEPTED);
}

static void
has_no_key_where_none_fits(void **state)
{
    (void)state;
    struct csn_candidates out;
    const struct csn_key key = key_with(NULL, CSN_ES256, CSN_KEY_ACTIVE);
    assert_int_equal(choose(&key, 1, NULL, false, &out), CSN_REASON_NO_KEY);
    assert_int_equal(choose(NULL, 0, NULL, false, &out), CSN_REASON_NO_KEY);
    assert_int_equal(choose(NULL, 0, "k", false, &out), CSN_REASON_NO_KEY);
}

static void
tries_eight_keys_and_not_nine(void **state)
{
    (void)state;
    struct csn_candidates out;
    struct csn_key keys[9];
    for (size_t i = 0; i < 9; i++)
        keys[i] = key_with(NULL, CSN_HS256, CSN_KEY_ACTIVE);
    assert_int_equal(choose(keys, 8, NULL, false, &out), CSN_REASON_ACCEPTED);
    assert_int_equal(out.count, 8);
    assert_int_equal(choose(keys, 9, NULL, false, &out), CSN_REASON_ACCEPTED);
    assert_int_equal(out.count, 8);
    assert_ptr_equal(out.key[7], &keys[7]);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_the_very_key_that_the_kid_names),
        cmocka_unit_test(never_falls_back_when_the_kid_names_no_key),
        cmocka_unit_test(looks_at_no_key_behind_the_ring),
        cmocka_unit_test(says_why_a_named_key_may_not_verify),
        cmocka_unit_test(tries_only_keys_in_use_of_the_algorithm_when_no_kid_is_given),
        cmocka_unit_test(does_not_look_at_the_kid_where_no_key_declares_one),
        cmocka_unit_test(asks_for_a_kid_where_the_policy_does),
        cmocka_unit_test(has_no_key_where_none_fits),
        cmocka_unit_test(tries_eight_keys_and_not_nine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
