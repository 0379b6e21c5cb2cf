/* SPDX-License-Identifier: Apache-2.0
 * The tables of names: algorithms, reasons, key states, encodings, problems. */
#include "world.h"

#include <string.h>

static void
knows_each_algorithm_by_its_exact_name(void **state)
{
    (void)state;
    static const char *const names[] = {"HS256", "HS384", "HS512", "RS256", "RS384",
                                        "RS512", "PS256", "PS384", "PS512", "ES256",
                                        "ES384", "ES512", "EdDSA"};
    assert_int_equal(CSN_ALGORITHM_COUNT, 1 + sizeof names / sizeof *names);
    for (unsigned i = 1; i < CSN_ALGORITHM_COUNT; i++) {
        enum csn_algorithm a = (enum csn_algorithm)i;
        assert_string_equal(csn_algorithm_name(a), names[i - 1]);
        assert_int_equal(csn_algorithm_from_name(csn_bytes_text(names[i - 1])), a);
        assert_int_not_equal(csn_algorithm_family(a), CSN_FAMILY_UNSET);
    }
}

static void
knows_no_other_algorithm(void **state)
{
    (void)state;
    static const char *const names[] = {"none",   "None",    "NONE",   "",      "hs256",
                                        "Hs256",  "HS256 ",  " HS256", "HS25",  "HS2567",
                                        "ES256K", "Ed25519", "EDDSA",  "RS257", "A128KW"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_int_equal(csn_algorithm_from_name(csn_bytes_text(names[i])), CSN_ALGORITHM_UNSET);
    assert_int_equal(csn_algorithm_from_name((struct csn_bytes){0}), CSN_ALGORITHM_UNSET);
    assert_int_equal(csn_algorithm_from_name(csn_bytes_of("HS\00056", 5)), CSN_ALGORITHM_UNSET);
    assert_string_equal(csn_algorithm_name(CSN_ALGORITHM_COUNT), "");
    assert_string_equal(csn_algorithm_name((enum csn_algorithm) - 1), "");
    assert_int_equal(csn_algorithm_family((enum csn_algorithm)99), CSN_FAMILY_UNSET);
}

static void
knows_the_lengths_of_hashes_and_signatures(void **state)
{
    (void)state;
    static const struct {
        enum csn_algorithm algorithm;
        size_t hash, signature;
    } rows[] = {
        {CSN_HS256, 32, 32}, {CSN_HS384, 48, 48},         {CSN_HS512, 64, 64}, {CSN_RS256, 32, 0},
        {CSN_RS384, 48, 0},  {CSN_RS512, 64, 0},          {CSN_PS256, 32, 0},  {CSN_PS384, 48, 0},
        {CSN_PS512, 64, 0},  {CSN_ES256, 32, 64},         {CSN_ES384, 48, 96}, {CSN_ES512, 64, 132},
        {CSN_EDDSA, 0, 64},  {CSN_ALGORITHM_UNSET, 0, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(csn_algorithm_hash_length(rows[i].algorithm), rows[i].hash);
        assert_int_equal(csn_algorithm_signature_length(rows[i].algorithm), rows[i].signature);
    }
}

static void
gives_each_reason_a_name_a_sentence_a_status_and_an_action(void **state)
{
    (void)state;
    for (unsigned i = 1; i < CSN_REASON_COUNT; i++) {
        enum csn_reason reason = (enum csn_reason)i;
        const char *name = csn_reason_name(reason), *sentence = csn_reason_sentence(reason);
        assert_int_equal(csn_reason_from_name(csn_bytes_text(name)), reason);
        assert_true(strlen(sentence) > 10 && sentence[strlen(sentence) - 1] == '.');
        assert_true(csn_reason_http(reason) >= 200 && csn_reason_http(reason) < 600);
        bool admits = reason == CSN_REASON_ACCEPTED;
        assert_int_equal(csn_reason_http(reason) == 200, admits);
        assert_int_equal(csn_reason_action(reason) == CSN_ACTION_NONE, admits);
    }
}

static void
denies_what_is_undecided_or_unknown(void **state)
{
    (void)state;
    assert_int_equal(CSN_UNDECIDED, 0);
    assert_int_not_equal(CSN_REASON_ACCEPTED, 0);
    static const int numbers[] = {0, CSN_REASON_COUNT, 1000, -1};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        enum csn_reason reason = (enum csn_reason)numbers[i];
        assert_string_equal(csn_reason_name(reason), "undecided");
        assert_int_equal(csn_reason_http(reason), 401);
    }
    assert_int_equal(csn_reason_from_name(csn_bytes_text("Accepted")), CSN_UNDECIDED);
    assert_int_equal(csn_reason_from_name((struct csn_bytes){0}), CSN_UNDECIDED);
}

static void
names_actions_and_parts(void **state)
{
    (void)state;
    static const char *const actions[] = {"none", "refresh", "login", "wait", "fix_setup", "drop"};
    for (unsigned i = 0; i < 6; i++)
        assert_string_equal(csn_action_name((enum csn_action)i), actions[i]);
    assert_string_equal(csn_action_name((enum csn_action)6), "none");
    static const char *const parts[] = {"", "token", "header", "payload", "signature"};
    for (unsigned i = 0; i < 5; i++)
        assert_string_equal(csn_part_name((enum csn_part)i), parts[i]);
    assert_string_equal(csn_part_name((enum csn_part)5), "");
}

static void
names_key_states_and_encodings(void **state)
{
    (void)state;
    static const char *const states[] = {"unset", "standby", "active", "retiring", "retired"};
    for (unsigned i = 1; i < 5; i++) {
        assert_string_equal(csn_key_state_name((enum csn_key_state)i), states[i]);
        assert_int_equal(csn_key_state_from_name(csn_bytes_text(states[i])), i);
    }
    assert_string_equal(csn_key_state_name((enum csn_key_state)5), "unset");
    assert_int_equal(csn_key_state_from_name(csn_bytes_text("unset")), CSN_KEY_STATE_UNSET);
    assert_int_equal(csn_key_state_from_name(csn_bytes_text("Active")), CSN_KEY_STATE_UNSET);
    static const char *const encodings[] = {"unset", "utf8", "base64", "base64url", "hex"};
    for (unsigned i = 1; i < 5; i++) {
        assert_string_equal(csn_encoding_name((enum csn_encoding)i), encodings[i]);
        assert_int_equal(csn_encoding_from_name(csn_bytes_text(encodings[i])), i);
    }
    assert_string_equal(csn_encoding_name((enum csn_encoding)5), "unset");
    assert_int_equal(csn_encoding_from_name(csn_bytes_text("utf-8")), CSN_ENCODING_UNSET);
}

static void
has_words_for_every_key_problem(void **state)
{
    (void)state;
    for (unsigned i = 0; i <= CSN_KEY_SHORT_FOR_HASH; i++) {
        const char *sentence = csn_key_problem_sentence((enum csn_key_problem)i);
        assert_true(sentence[strlen(sentence) - 1] == '.');
        for (unsigned k = 0; k < i; k++)
            assert_string_not_equal(csn_key_problem_name((enum csn_key_problem)i),
                                    csn_key_problem_name((enum csn_key_problem)k));
    }
    assert_string_equal(csn_key_problem_name((enum csn_key_problem)99), "malformed");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_each_algorithm_by_its_exact_name),
        cmocka_unit_test(knows_no_other_algorithm),
        cmocka_unit_test(knows_the_lengths_of_hashes_and_signatures),
        cmocka_unit_test(gives_each_reason_a_name_a_sentence_a_status_and_an_action),
        cmocka_unit_test(denies_what_is_undecided_or_unknown),
        cmocka_unit_test(names_actions_and_parts),
        cmocka_unit_test(names_key_states_and_encodings),
        cmocka_unit_test(has_words_for_every_key_problem),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
