/* Enforcement: the four modes, what no mode softens, and how a mode is narrowed.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "server/domain/enforcement.h"
#include "server/domain/version.h"

#define NOW 1795219200000LL /* 2026-11-21 */
#define OFF CSN_ENFORCE_OFF
#define MONITOR CSN_ENFORCE_MONITOR
#define OPTIONAL CSN_ENFORCE_OPTIONAL
#define REQUIRED CSN_ENFORCE_REQUIRED

static struct csn_bytes
text(const char *text)
{
    return csn_bytes_text(text);
}

static struct csn_app
app_in(enum csn_enforcement_mode mode)
{
    return (struct csn_app){
        .id = {"01JAPPAPPAPPAPPAPPAPPAPPAP"},
        .enforcement = {.mode = mode, .otherwise = mode, .percentage = 100},
    };
}

/* `required`, narrowed, over `off`: so whether the narrowing applies decides. */
static struct csn_app
narrowed_app(void)
{
    struct csn_app app = app_in(REQUIRED);
    app.enforcement.otherwise = OFF;
    return app;
}

static struct csn_enforcement_answer
answer_to(const struct csn_app *app, enum csn_reason reason, const char *identity)
{
    struct csn_enforcement_case of = {.reason = reason, .identity = text(identity)};
    return csn_enforce(app, &of, NOW);
}

static bool
applies_to(const struct csn_app *app, const struct csn_enforcement_case *of, int64_t now_ms)
{
    struct csn_enforcement_case missing = *of;
    missing.reason = CSN_REASON_MISSING;
    struct csn_enforcement_answer answer = csn_enforce(app, &missing, now_ms);
    assert_int_equal(answer.admitted, answer.applied == OFF);
    return answer.applied == REQUIRED;
}

/* --- the table of enforcement.h --- */

static void
each_mode_answers_a_missing_and_an_invalid_token_as_the_table_says(void **state)
{
    (void)state;
    static const struct {
        enum csn_enforcement_mode mode;
        bool without, invalid, tell;
    } table[] = {
        {OFF, true, true, false},
        {MONITOR, true, true, true},
        {OPTIONAL, true, false, false},
        {REQUIRED, false, false, false},
        {CSN_ENFORCE_UNSET, false, false, false},
        {(enum csn_enforcement_mode)99, false, false, false},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct csn_app app = app_in(table[i].mode);
        struct csn_enforcement_answer missing = answer_to(&app, CSN_REASON_MISSING, "ada");
        assert_int_equal(missing.admitted, table[i].without);
        assert_false(missing.tell);
        struct csn_enforcement_answer invalid = answer_to(&app, CSN_REASON_EXPIRED, "ada");
        assert_int_equal(invalid.admitted, table[i].invalid);
        assert_int_equal(invalid.tell, table[i].tell);
        assert_int_equal(invalid.reason, CSN_REASON_EXPIRED);
        assert_int_equal(invalid.applied, table[i].mode);
    }
}

static void
whoever_is_let_in_without_proof_is_claimed_or_anonymous_and_never_verified(void **state)
{
    (void)state;
    static const enum csn_enforcement_mode lenient[] = {OFF, MONITOR, OPTIONAL};
    for (size_t i = 0; i < 3; i++) {
        struct csn_app app = app_in(lenient[i]);
        assert_int_equal(answer_to(&app, CSN_REASON_MISSING, "ada").assurance,
                         CSN_ASSURANCE_CLAIMED);
        assert_int_equal(answer_to(&app, CSN_REASON_MISSING, NULL).assurance,
                         CSN_ASSURANCE_ANONYMOUS);
        if (lenient[i] == OPTIONAL)
            continue;
        assert_int_equal(answer_to(&app, CSN_REASON_EXPIRED, "ada").assurance,
                         CSN_ASSURANCE_CLAIMED);
        assert_int_equal(answer_to(&app, CSN_REASON_EXPIRED, NULL).assurance,
                         CSN_ASSURANCE_ANONYMOUS);
    }
}

static void
a_refusal_gives_no_assurance_and_names_its_reason(void **state)
{
    (void)state;
    struct csn_app app = app_in(REQUIRED);
    struct csn_enforcement_answer missing = answer_to(&app, CSN_REASON_MISSING, "ada");
    assert_int_equal(missing.reason, CSN_REASON_ENFORCEMENT_MISSING);
    assert_int_equal(missing.assurance, CSN_ASSURANCE_NONE);
    struct csn_enforcement_answer invalid = answer_to(&app, CSN_REASON_SIGNATURE_INVALID, "ada");
    assert_int_equal(invalid.reason, CSN_REASON_SIGNATURE_INVALID);
    assert_int_equal(invalid.assurance, CSN_ASSURANCE_NONE);
}

static void
a_good_token_is_verified_in_every_mode(void **state)
{
    (void)state;
    for (enum csn_enforcement_mode mode = CSN_ENFORCE_UNSET; mode <= REQUIRED; mode++) {
        struct csn_app app = app_in(mode);
        struct csn_enforcement_answer answer = answer_to(&app, CSN_REASON_ACCEPTED, "ada");
        assert_true(answer.admitted);
        assert_false(answer.tell);
        assert_int_equal(answer.assurance, CSN_ASSURANCE_VERIFIED);
        assert_int_equal(answer.reason, CSN_REASON_ACCEPTED);
    }
}

static bool
is_never_softened(enum csn_reason reason)
{
    switch (reason) {
    case CSN_UNDECIDED:
    case CSN_REASON_APP_UNKNOWN:
    case CSN_REASON_APP_SUSPENDED:
    case CSN_REASON_RATE_LIMITED:
    case CSN_REASON_UNAVAILABLE: return true;
    default: return false;
    }
}

static void
no_mode_softens_what_is_not_about_the_proof(void **state)
{
    (void)state;
    for (enum csn_reason reason = CSN_UNDECIDED; reason < CSN_REASON_COUNT; reason++) {
        struct csn_app app = app_in(OFF);
        app.policy.missing_is_anonymous = true;
        struct csn_enforcement_answer answer = answer_to(&app, reason, NULL);
        assert_int_equal(answer.admitted, !is_never_softened(reason));
        assert_int_equal(answer.reason, reason);
        if (is_never_softened(reason))
            assert_int_equal(answer.assurance, CSN_ASSURANCE_NONE);
    }
}

static void
every_reason_of_a_token_is_refused_where_tokens_must_be_valid(void **state)
{
    (void)state;
    for (enum csn_reason reason = CSN_UNDECIDED; reason < CSN_REASON_COUNT; reason++) {
        if (reason == CSN_REASON_ACCEPTED || reason == CSN_REASON_MISSING)
            continue;
        struct csn_app optional = app_in(OPTIONAL), required = app_in(REQUIRED);
        assert_false(answer_to(&optional, reason, "ada").admitted);
        assert_false(answer_to(&required, reason, "ada").admitted);
    }
}

static void
a_policy_may_let_the_anonymous_start_in_every_mode_but_nobody_who_claims(void **state)
{
    (void)state;
    struct csn_app app = app_in(REQUIRED);
    app.policy.missing_is_anonymous = true;
    struct csn_enforcement_answer anonymous = answer_to(&app, CSN_REASON_MISSING, NULL);
    assert_true(anonymous.admitted);
    assert_int_equal(anonymous.assurance, CSN_ASSURANCE_ANONYMOUS);
    assert_int_equal(anonymous.applied, REQUIRED);
    assert_false(answer_to(&app, CSN_REASON_MISSING, "ada").admitted);
    assert_false(answer_to(&app, CSN_REASON_EXPIRED, NULL).admitted);
    app.policy.missing_is_anonymous = false;
    assert_false(answer_to(&app, CSN_REASON_MISSING, NULL).admitted);
}

/* --- narrowing --- */

static void
a_narrowing_ends_at_its_moment(void **state)
{
    (void)state;
    struct csn_app app = narrowed_app();
    struct csn_enforcement_case of = {.identity = text("ada")};
    app.enforcement.until_ms = NOW;
    assert_true(applies_to(&app, &of, NOW - 1));
    assert_false(applies_to(&app, &of, NOW));
    app.enforcement.until_ms = 0;
    assert_true(applies_to(&app, &of, INT64_MAX));
}

static const struct csn_enforcement_version VERSIONS[] = {
    {{(const uint8_t *)"ios", 3}, {(const uint8_t *)"2.10", 4}},
    {{(const uint8_t *)"Android", 7}, {(const uint8_t *)"3.1.0", 5}},
};
static const struct csn_enforcement_version WITH_REST[] = {
    {{(const uint8_t *)"*", 1}, {(const uint8_t *)"5", 1}},
    {{(const uint8_t *)"ios", 3}, {(const uint8_t *)"2.10", 4}},
};

static bool
applies_to_version(const struct csn_app *app, const char *platform, const char *version)
{
    struct csn_enforcement_case of = {
        .identity = text("ada"),
        .device = {.platform = text(platform), .app_version = text(version)}};
    return applies_to(app, &of, NOW);
}

static void
a_narrowing_begins_at_a_version_of_each_platform(void **state)
{
    (void)state;
    struct csn_app app = narrowed_app();
    app.enforcement.versions = VERSIONS;
    app.enforcement.version_count = 2;
    static const struct {
        const char *platform, *version;
        bool applies;
    } cases[] = {
        {"ios", "2.10", true},      {"ios", "2.9.99", false},  {"ios", "2.10.0.1", true},
        {"ios", "3", true},         {"ios", "2", false},       {"ios", "2.10-beta", true},
        {"android", "3.1.0", true}, {"ANDROID", "3.1", true},  {"android", "3.0.99", false},
        {"android", NULL, false},   {"web", "99", false},      {NULL, "99", false},
        {"android", "x", false},    {"android ", "99", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        if (applies_to_version(&app, cases[i].platform, cases[i].version) != cases[i].applies)
            fail_msg("case %zu", i);
    }
}

static void
whoever_does_not_say_his_version_has_reached_none_not_even_zero(void **state)
{
    (void)state;
    const struct csn_enforcement_version any = {text("ios"), text("0")};
    struct csn_app app = narrowed_app();
    app.enforcement.versions = &any;
    app.enforcement.version_count = 1;
    assert_true(applies_to_version(&app, "ios", "0"));
    assert_false(applies_to_version(&app, "ios", NULL));
    assert_false(applies_to_version(&app, "ios", ""));
}

static void
a_star_speaks_for_the_platforms_not_named_wherever_it_stands(void **state)
{
    (void)state;
    struct csn_app app = narrowed_app();
    app.enforcement.versions = WITH_REST;
    app.enforcement.version_count = 2;
    assert_true(applies_to_version(&app, "web", "5"));
    assert_false(applies_to_version(&app, "web", "4.9"));
    assert_true(applies_to_version(&app, NULL, "5"));
    assert_true(applies_to_version(&app, "ios", "2.10"));
    assert_false(applies_to_version(&app, "ios", "2.9"));
    assert_false(applies_to_version(&app, "web", NULL));
}

/* Returns: the smallest percentage that reaches this customer. */
static unsigned
reached_at(struct csn_app *app, const char *identity, const char *device)
{
    struct csn_enforcement_case of = {.identity = text(identity), .device = {.id = text(device)}};
    unsigned at = 101;
    for (unsigned p = 0; p <= 100; p++) {
        app->enforcement.percentage = p;
        if (applies_to(app, &of, NOW) && at > 100)
            at = p;
        assert_int_equal(applies_to(app, &of, NOW), p >= at); /* once reached, always */
    }
    return at;
}

static void
a_percentage_reaches_the_same_customers_for_ever(void **state)
{
    (void)state;
    struct csn_app app = narrowed_app();
    /* 1 + the first four bytes of SHA-256(app id, identity) modulo 100: may never change. */
    assert_int_equal(reached_at(&app, "ada", NULL), 90);
    assert_int_equal(reached_at(&app, "bob", NULL), 38);
    assert_int_equal(reached_at(&app, "c50", NULL), 1);
    assert_int_equal(reached_at(&app, "carol", NULL), 100);
    memcpy(app.id.text, "01JANTHERANTHERANTHERANTHE", CSN_ID_LENGTH);
    assert_int_equal(reached_at(&app, "ada", NULL), 97);
    assert_int_equal(reached_at(&app, "carol", NULL), 10);
}

static void
a_percentage_counts_who_claims_nothing_by_device(void **state)
{
    (void)state;
    struct csn_app app = narrowed_app();
    assert_int_equal(reached_at(&app, NULL, "device-1"), 77);
    assert_int_equal(reached_at(&app, "bob", "device-1"), 38);
}

static void
a_percentage_reaches_that_many(void **state)
{
    (void)state;
    struct csn_app app = narrowed_app();
    static const unsigned percentages[] = {10, 50};
    static const int reached[] = {979, 5056}; /* of c0 to c9999 */
    for (size_t p = 0; p < 2; p++) {
        int count = 0;
        app.enforcement.percentage = percentages[p];
        for (int i = 0; i < 10000; i++) {
            char who[16];
            snprintf(who, sizeof who, "c%d", i);
            struct csn_enforcement_case of = {.identity = text(who)};
            count += applies_to(&app, &of, NOW);
        }
        assert_int_equal(count, reached[p]);
    }
}

static void
the_longest_identity_has_a_place_in_the_percentage(void **state)
{
    (void)state;
    struct csn_app app = narrowed_app();
    char a[CSN_IDENTITY_MAX + 1], b[CSN_IDENTITY_MAX + 1];
    memset(a, 'x', CSN_IDENTITY_MAX);
    memset(b, 'x', CSN_IDENTITY_MAX);
    a[CSN_IDENTITY_MAX] = b[CSN_IDENTITY_MAX] = '\0';
    b[CSN_IDENTITY_MAX - 1] = 'y'; /* its last byte counts */
    assert_int_not_equal(reached_at(&app, a, NULL), reached_at(&app, b, NULL));
}

static void
an_exemption_holds_for_its_identity_until_its_moment(void **state)
{
    (void)state;
    struct csn_app app = narrowed_app();
    const struct csn_enforcement_exemption exemptions[] = {
        {.identity = text("bob"), .until_ms = NOW},
        {.identity = text("ada"), .until_ms = NOW},
        {.identity = text("ada"), .until_ms = NOW + 10},
    };
    app.enforcement.exemptions = exemptions;
    app.enforcement.exemption_count = 2;
    struct csn_enforcement_case ada = {.identity = text("ada")};
    assert_false(applies_to(&app, &ada, NOW - 1));
    assert_true(applies_to(&app, &ada, NOW));
    app.enforcement.exemption_count = 3; /* the longer of two counts */
    assert_false(applies_to(&app, &ada, NOW));
    assert_true(applies_to(&app, &ada, NOW + 10));
    static const char *others[] = {"Ada", "ad", "adaa", "ada ", NULL};
    for (size_t i = 0; i < 5; i++) {
        struct csn_enforcement_case other = {.identity = text(others[i])};
        assert_true(applies_to(&app, &other, NOW - 1));
    }
}

static void
an_exemption_of_nobody_exempts_nobody(void **state)
{
    (void)state;
    struct csn_app app = narrowed_app();
    const struct csn_enforcement_exemption nobody = {.until_ms = NOW + 1};
    app.enforcement.exemptions = &nobody;
    app.enforcement.exemption_count = 1;
    assert_true(applies_to(&app, &(struct csn_enforcement_case){0}, NOW));
}

static void
a_narrowing_applies_only_where_every_condition_holds(void **state)
{
    (void)state;
    for (unsigned broken = 0; broken < 16; broken++) {
        struct csn_app app = narrowed_app();
        const struct csn_enforcement_exemption exemption = {.identity = text("bob"),
                                                            .until_ms = NOW + 1};
        app.enforcement.until_ms = broken & 1 ? NOW : NOW + 1;
        app.enforcement.versions = VERSIONS;
        app.enforcement.version_count = 2;
        app.enforcement.percentage = broken & 2 ? 37 : 38;
        app.enforcement.exemptions = &exemption;
        app.enforcement.exemption_count = broken & 4 ? 1 : 0;
        struct csn_enforcement_case of = {
            .identity = text("bob"),
            .device = {.platform = text("ios"), .app_version = text(broken & 8 ? "2.9" : "2.10")}};
        assert_int_equal(applies_to(&app, &of, NOW), broken == 0);
    }
}

/* --- versions --- */

static void
versions_compare_by_their_numbers(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        int sign;
    } cases[] = {
        {"1", "1", 0},
        {"1", "1.0.0", 0},
        {"", "", 0},
        {"", "0.0", 0},
        {"1.2", "1.10", -1},
        {"2", "1.99.99", 1},
        {"3.1.0", "3.1.1", -1},
        {"3.1.0-beta", "3.1", 0},
        {"3.1-9", "3.1.1", -1},
        {"1..2", "1.0.2", 0},
        {"1.2.", "1.2", 0},
        {"v2", "0", 0},
        {"01.02", "1.2", 0},
        {".5", "0.5", 0},
        {"1.0.0.1", "1", 1},
        {"18446744073709551615", "18446744073709551614", 0},
        {"18446744073709551609", "18446744073709551608", 1},
        {"99999999999999999999999999999999", "1", 1},
        {"1.99999999999999999999999", "1.18446744073709551608", 1},
        {"100000000000000000000000000000.1", "99999999999999999999999999999999.2", -1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int forth = csn_version_compare(text(cases[i].a), text(cases[i].b));
        int back = csn_version_compare(text(cases[i].b), text(cases[i].a));
        if (forth != cases[i].sign || back != -cases[i].sign)
            fail_msg("\"%s\" against \"%s\": %d, %d", cases[i].a, cases[i].b, forth, back);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_mode_answers_a_missing_and_an_invalid_token_as_the_table_says),
        cmocka_unit_test(
            whoever_is_let_in_without_proof_is_claimed_or_anonymous_and_never_verified),
        cmocka_unit_test(a_refusal_gives_no_assurance_and_names_its_reason),
        cmocka_unit_test(a_good_token_is_verified_in_every_mode),
        cmocka_unit_test(no_mode_softens_what_is_not_about_the_proof),
        cmocka_unit_test(every_reason_of_a_token_is_refused_where_tokens_must_be_valid),
        cmocka_unit_test(a_policy_may_let_the_anonymous_start_in_every_mode_but_nobody_who_claims),
        cmocka_unit_test(a_narrowing_ends_at_its_moment),
        cmocka_unit_test(a_narrowing_begins_at_a_version_of_each_platform),
        cmocka_unit_test(whoever_does_not_say_his_version_has_reached_none_not_even_zero),
        cmocka_unit_test(a_star_speaks_for_the_platforms_not_named_wherever_it_stands),
        cmocka_unit_test(a_percentage_reaches_the_same_customers_for_ever),
        cmocka_unit_test(a_percentage_counts_who_claims_nothing_by_device),
        cmocka_unit_test(a_percentage_reaches_that_many),
        cmocka_unit_test(the_longest_identity_has_a_place_in_the_percentage),
        cmocka_unit_test(an_exemption_holds_for_its_identity_until_its_moment),
        cmocka_unit_test(an_exemption_of_nobody_exempts_nobody),
        cmocka_unit_test(a_narrowing_applies_only_where_every_condition_holds),
        cmocka_unit_test(versions_compare_by_their_numbers),
    };
    return cmocka_run_group_tests_name("enforcement", tests, NULL, NULL);
}
