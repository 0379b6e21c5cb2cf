/* SPDX-License-Identifier: Apache-2.0
 * Every window of time, at both of its edges, to the millisecond of the clock. */
#include "world.h"

#include <stdio.h>

/* iat of each token; NOW_S unless the case says otherwise. Leeway is 60 s. */
struct row {
    const char *when, *payload;
    int64_t now_ms;
    enum csn_reason reason;
};

static void
judge_times(const char *policy, const struct row *rows, size_t count)
{
    struct world *w = world_open(policy);
    size_t key = world_add_key(w, hs256_key);
    for (size_t i = 0; i < count; i++) {
        world_sign(w, key, HEADER, rows[i].payload);
        w->now_ms = rows[i].now_ms;
        world_expect(w, rows[i].when, rows[i].reason);
    }
    world_close(w);
}
#define JUDGE(policy, rows) judge_times(policy, rows, sizeof(rows) / sizeof *(rows))
#define PLAIN "{\"algorithms\":[\"HS256\"]}"
#define OK CSN_REASON_ACCEPTED

static void
ends_at_exp_and_its_leeway(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"before", "{\"sub\":\"u\",\"exp\":" NOW "}", NOW_MS - 1, OK},
        {"at exp", "{\"sub\":\"u\",\"exp\":" NOW "}", NOW_MS, OK},
        {"a millisecond left", "{\"sub\":\"u\",\"exp\":" NOW "}", NOW_MS + 59999, OK},
        {"over", "{\"sub\":\"u\",\"exp\":" NOW "}", NOW_MS + 60000, CSN_REASON_EXPIRED},
        {"a fraction left", "{\"sub\":\"u\",\"exp\":" NOW ".0005}", NOW_MS + 60000, OK},
        {"and over", "{\"sub\":\"u\",\"exp\":" NOW ".0005}", NOW_MS + 60001, CSN_REASON_EXPIRED},
        {"exponent form", "{\"sub\":\"u\",\"exp\":1.767312e9}", NOW_MS + 60000, CSN_REASON_EXPIRED},
        {"zero", "{\"sub\":\"u\",\"exp\":0}", NOW_MS, CSN_REASON_EXPIRED},
        {"zero, at the beginning of time", "{\"sub\":\"u\",\"exp\":0}", 59999, OK},
        {"far away", "{\"sub\":\"u\",\"exp\":99999999999}", NOW_MS, OK},
    };
    JUDGE(PLAIN, rows);
}

static void
begins_at_nbf_less_its_leeway(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"after", "{\"sub\":\"u\",\"nbf\":" NOW "}", NOW_MS + 1, OK},
        {"in the leeway", "{\"sub\":\"u\",\"nbf\":" NOW "}", NOW_MS - 60000, OK},
        {"too early", "{\"sub\":\"u\",\"nbf\":" NOW "}", NOW_MS - 60001, CSN_REASON_NOT_YET_VALID},
        {"a fraction too early", "{\"sub\":\"u\",\"nbf\":" NOW ".0005}", NOW_MS - 60000,
         CSN_REASON_NOT_YET_VALID},
        {"zero", "{\"sub\":\"u\",\"nbf\":0}", NOW_MS, OK},
        {"zero, at the beginning of time", "{\"sub\":\"u\",\"nbf\":0}", 0, OK},
    };
    JUDGE(PLAIN, rows);
}

static void
is_never_issued_later_than_now_and_the_leeway(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"now", "{\"sub\":\"u\",\"iat\":" NOW "}", NOW_MS, OK},
        {"a minute ahead", "{\"sub\":\"u\",\"iat\":" NOW "}", NOW_MS - 60000, OK},
        {"more", "{\"sub\":\"u\",\"iat\":" NOW "}", NOW_MS - 60001, CSN_REASON_ISSUED_IN_FUTURE},
        {"a fraction more", "{\"sub\":\"u\",\"iat\":" NOW ".0000011}", NOW_MS - 60000,
         CSN_REASON_ISSUED_IN_FUTURE},
        {"long ago", "{\"sub\":\"u\",\"iat\":0}", NOW_MS, OK},
    };
    JUDGE(PLAIN, rows);
}

static void
looks_at_exp_then_nbf_then_iat(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"all wrong", "{\"sub\":\"u\",\"exp\":1,\"nbf\":2767312000,\"iat\":2767312000}", NOW_MS,
         CSN_REASON_EXPIRED},
        {"two wrong", "{\"sub\":\"u\",\"exp\":2767312009,\"nbf\":2767312000,\"iat\":2767312000}",
         NOW_MS, CSN_REASON_NOT_YET_VALID},
        {"one wrong", "{\"sub\":\"u\",\"exp\":2767312009,\"nbf\":1,\"iat\":2767312000}", NOW_MS,
         CSN_REASON_ISSUED_IN_FUTURE},
    };
    JUDGE(PLAIN, rows);
}

static void
must_be_fresh_at_login_where_the_policy_says_so(void **state)
{
    (void)state;
    static const char *const policy = "{\"algorithms\":[\"HS256\"],\"issued_within_s\":900}";
    static const char *const token = "{\"sub\":\"u\",\"iat\":" NOW "}";
    const struct row rows[] = {
        {"fresh", token, NOW_MS, OK},
        {"at the edge", token, NOW_MS + 960000, OK},
        {"over the edge", token, NOW_MS + 960001, CSN_REASON_ISSUED_TOO_LONG_AGO},
        {"a fraction in hand", "{\"sub\":\"u\",\"iat\":" NOW ".001}", NOW_MS + 960001, OK},
        {"a minute ahead", token, NOW_MS - 60000, OK},
        {"more ahead", token, NOW_MS - 60001, CSN_REASON_ISSUED_IN_FUTURE},
        {"no iat", "{\"sub\":\"u\"}", NOW_MS, CSN_REASON_CLAIM_MISSING},
    };
    JUDGE(policy, rows);
}

static void
need_not_be_fresh_after_login(void **state)
{
    (void)state;
    struct world *w = world_open("{\"algorithms\":[\"HS256\"],\"issued_within_s\":900}");
    size_t key = world_add_key(w, hs256_key);
    world_sign(w, key, HEADER, "{\"sub\":\"u\",\"iat\":" NOW "}");
    w->now_ms = NOW_MS + 960001;
    w->presented.after_login = true;
    world_expect(w, "old", OK);
    world_sign(w, key, HEADER, "{\"sub\":\"u\"}");
    world_expect(w, "no iat", OK);
    world_close(w);
}

static void
lives_no_longer_than_the_policy_allows(void **state)
{
    (void)state;
    static const char *const policy = "{\"algorithms\":[\"HS256\"],\"lifetime_max_s\":1000}";
    static const struct row rows[] = {
        {"exactly", "{\"sub\":\"u\",\"iat\":1767312000,\"exp\":1767313000}", NOW_MS, OK},
        {"a second longer", "{\"sub\":\"u\",\"iat\":1767312000,\"exp\":1767313001}", NOW_MS,
         CSN_REASON_LIFETIME_TOO_LONG},
        {"a fraction longer", "{\"sub\":\"u\",\"iat\":1767312000,\"exp\":1767313000.000001}",
         NOW_MS, CSN_REASON_LIFETIME_TOO_LONG},
        {"fractions that cancel", "{\"sub\":\"u\",\"iat\":1767312000.25,\"exp\":1767313000.25}",
         NOW_MS, OK},
        {"no time at all", "{\"sub\":\"u\",\"iat\":1767312000,\"exp\":1767312000}", NOW_MS, OK},
        {"exp before iat", "{\"sub\":\"u\",\"iat\":1767312000,\"exp\":1767311999}", NOW_MS,
         CSN_REASON_CLAIM_INVALID},
        {"no exp: ends with iat", "{\"sub\":\"u\",\"iat\":1767312000}", NOW_MS + 1059999, OK},
        {"and is over then", "{\"sub\":\"u\",\"iat\":1767312000}", NOW_MS + 1060000,
         CSN_REASON_EXPIRED},
        {"no exp, iat zero", "{\"sub\":\"u\",\"iat\":0}", NOW_MS, CSN_REASON_EXPIRED},
        {"no iat: counted from now", "{\"sub\":\"u\",\"exp\":1767313060}", NOW_MS, OK},
        {"and too long", "{\"sub\":\"u\",\"exp\":1767313061}", NOW_MS,
         CSN_REASON_LIFETIME_TOO_LONG},
        {"neither", "{\"sub\":\"u\"}", NOW_MS, CSN_REASON_CLAIM_MISSING},
    };
    JUDGE(policy, rows);
    static const struct row unset[] = {
        {"any lifetime", "{\"sub\":\"u\",\"iat\":0,\"exp\":99999999999}", NOW_MS, OK},
        {"no end", "{\"sub\":\"u\"}", NOW_MS, OK},
        {"exp before iat", "{\"sub\":\"u\",\"iat\":1767312000,\"exp\":1767311999}", NOW_MS,
         CSN_REASON_CLAIM_INVALID},
    };
    JUDGE(PLAIN, unset);
}

static void
knows_no_leeway_where_the_policy_has_none(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"exp", "{\"sub\":\"u\",\"exp\":" NOW "}", NOW_MS - 1, OK},
        {"exp over", "{\"sub\":\"u\",\"exp\":" NOW "}", NOW_MS, CSN_REASON_EXPIRED},
        {"nbf", "{\"sub\":\"u\",\"nbf\":" NOW "}", NOW_MS, OK},
        {"nbf early", "{\"sub\":\"u\",\"nbf\":" NOW "}", NOW_MS - 1, CSN_REASON_NOT_YET_VALID},
        {"iat", "{\"sub\":\"u\",\"iat\":" NOW "}", NOW_MS, OK},
        {"iat ahead", "{\"sub\":\"u\",\"iat\":" NOW "}", NOW_MS - 1, CSN_REASON_ISSUED_IN_FUTURE},
    };
    JUDGE("{\"algorithms\":[\"HS256\"],\"leeway_s\":0}", rows);
}

/* No document can say 0, but a policy made in code can, and 0 is not "unset". */
static void
takes_zero_seconds_for_a_window_and_not_for_none(void **state)
{
    (void)state;
    struct world *w = world_open("{\"algorithms\":[\"HS256\"],\"leeway_s\":0}");
    size_t key = world_add_key(w, hs256_key);
    w->policy.issued_within_s = 0;
    world_sign(w, key, HEADER, "{\"sub\":\"u\",\"iat\":" NOW "}");
    world_expect(w, "issued now", OK);
    w->now_ms++;
    world_expect(w, "issued a millisecond ago", CSN_REASON_ISSUED_TOO_LONG_AGO);
    w->policy.issued_within_s = -1;
    w->policy.lifetime_max_s = 0;
    world_expect(w, "ends as it begins", CSN_REASON_EXPIRED);
    world_sign(w, key, HEADER, "{\"sub\":\"u\",\"iat\":" NOW ",\"exp\":1767312001}");
    world_expect(w, "lives a second", CSN_REASON_LIFETIME_TOO_LONG);
    world_close(w);
}

static void
holds_a_clock_outside_the_calendar_for_its_nearer_end(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"before 1970", "{\"sub\":\"u\",\"iat\":60}", INT64_MIN, OK},
        {"before 1970, iat ahead", "{\"sub\":\"u\",\"iat\":61}", -1, CSN_REASON_ISSUED_IN_FUTURE},
        {"after 9999", "{\"sub\":\"u\",\"exp\":99999999999}", INT64_MAX, CSN_REASON_EXPIRED},
    };
    JUDGE(PLAIN, rows);
}

static void
shows_its_times_to_the_millisecond(void **state)
{
    (void)state;
    struct world *w = world_open("{\"algorithms\":[\"HS256\"],\"lifetime_max_s\":5000}");
    size_t key = world_add_key(w, hs256_key);
    world_sign(w, key, HEADER,
               "{\"sub\":\"u\",\"iat\":1767312000.0019,\"nbf\":1767312000.0011,"
               "\"exp\":1767312900.0011}");
    world_expect(w, "all", OK);
    assert_true(w->verdict.has_issued_at && w->verdict.has_not_before && w->verdict.has_expires_at);
    assert_int_equal(w->verdict.issued_at_ms, NOW_MS + 1);
    assert_int_equal(w->verdict.not_before_ms, NOW_MS + 2);
    assert_int_equal(w->verdict.expires_at_ms, NOW_MS + 900002);
    world_sign(w, key, HEADER, "{\"sub\":\"u\",\"iat\":" NOW ",\"exp\":1767312900.000001}");
    world_expect(w, "a microsecond over", OK);
    assert_int_equal(w->verdict.expires_at_ms, NOW_MS + 900001);
    world_sign(w, key, HEADER, "{\"sub\":\"u\",\"exp\":1767312900}");
    world_expect(w, "only an end", OK);
    assert_int_equal(w->verdict.expires_at_ms, NOW_MS + 900000);
    assert_false(w->verdict.has_issued_at || w->verdict.has_not_before);
    assert_int_equal(w->verdict.issued_at_ms, 0);
    assert_int_equal(w->verdict.not_before_ms, 0);
    world_sign(w, key, HEADER, "{\"sub\":\"u\",\"iat\":" NOW "}");
    world_expect(w, "an end that the policy sets", OK);
    assert_true(w->verdict.has_expires_at);
    assert_false(w->verdict.has_not_before);
    assert_int_equal(w->verdict.expires_at_ms, NOW_MS + 5000000);
    world_close(w);
}

/* --- judged again, from what was kept --- */

static void
judges_a_kept_verdict_by_the_same_edges(void **state)
{
    (void)state;
    static const char *const payloads[] = {
        "{\"sub\":\"u\",\"exp\":" NOW "}",
        "{\"sub\":\"u\",\"exp\":" NOW ".5}",
        "{\"sub\":\"u\",\"nbf\":" NOW "}",
        "{\"sub\":\"u\",\"nbf\":" NOW ".0004}",
        "{\"sub\":\"u\",\"iat\":" NOW "}",
        "{\"sub\":\"u\"}",
        "{\"sub\":\"u\",\"iat\":" NOW ",\"nbf\":" NOW ",\"exp\":1767312001}",
    };
    static const int64_t at[] = {-60002, -60001, -60000, -59999, -1,    0,     1,
                                 59999,  60000,  60001,  60499,  60500, 60501, 61000};
    struct world *w = world_open(PLAIN);
    size_t key = world_add_key(w, hs256_key);
    for (size_t i = 0; i < sizeof payloads / sizeof *payloads; i++) {
        world_sign(w, key, HEADER, payloads[i]);
        w->now_ms = NOW_MS;
        world_expect(w, payloads[i], OK);
        struct csn_verdict kept = w->verdict;
        for (size_t k = 0; k < sizeof at / sizeof *at; k++) {
            w->now_ms = NOW_MS + at[k];
            assert_int_equal(csn_judge_times(&w->policy, &kept, w->now_ms), world_judge(w));
        }
    }
    world_close(w);
}

static void
never_turns_a_refusal_into_an_acceptance(void **state)
{
    (void)state;
    struct csn_policy policy = {.leeway_s = 60};
    for (unsigned reason = 0; reason < CSN_REASON_COUNT; reason++) {
        struct csn_verdict kept = {.reason = (enum csn_reason)reason};
        assert_int_equal(csn_judge_times(&policy, &kept, NOW_MS), reason);
    }
}

static void
keeps_a_login_beyond_its_freshness_but_not_beyond_its_end(void **state)
{
    (void)state;
    struct world *w =
        world_open("{\"algorithms\":[\"HS256\"],\"issued_within_s\":900,\"lifetime_max_s\":86400}");
    size_t key = world_add_key(w, hs256_key);
    world_sign(w, key, HEADER, "{\"sub\":\"u\",\"iat\":" NOW "}");
    world_expect(w, "login", OK);
    struct csn_verdict kept = w->verdict;
    assert_int_equal(csn_judge_times(&w->policy, &kept, NOW_MS + 7200000), OK);
    assert_int_equal(csn_judge_times(&w->policy, &kept, NOW_MS + 86459999), OK);
    assert_int_equal(csn_judge_times(&w->policy, &kept, NOW_MS + 86460000), CSN_REASON_EXPIRED);
    world_close(w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ends_at_exp_and_its_leeway),
        cmocka_unit_test(begins_at_nbf_less_its_leeway),
        cmocka_unit_test(is_never_issued_later_than_now_and_the_leeway),
        cmocka_unit_test(looks_at_exp_then_nbf_then_iat),
        cmocka_unit_test(must_be_fresh_at_login_where_the_policy_says_so),
        cmocka_unit_test(need_not_be_fresh_after_login),
        cmocka_unit_test(lives_no_longer_than_the_policy_allows),
        cmocka_unit_test(knows_no_leeway_where_the_policy_has_none),
        cmocka_unit_test(takes_zero_seconds_for_a_window_and_not_for_none),
        cmocka_unit_test(holds_a_clock_outside_the_calendar_for_its_nearer_end),
        cmocka_unit_test(shows_its_times_to_the_millisecond),
        cmocka_unit_test(judges_a_kept_verdict_by_the_same_edges),
        cmocka_unit_test(never_turns_a_refusal_into_an_acceptance),
        cmocka_unit_test(keeps_a_login_beyond_its_freshness_but_not_beyond_its_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
