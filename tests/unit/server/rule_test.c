/* Targeting rules: what each condition says of which facts, and what is refused with the path to
 * it.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "server/domain/rule.h"

#define NOW_MS 1795219200000LL

static uint8_t memory[1 << 18];
static struct csn_arena arena;
static struct csn_rule rule;
static struct csn_rule_fault fault;

static const struct csn_json_node *
parse(const char *json)
{
    const struct csn_json_node *root = NULL;
    assert_int_equal(csn_json_parse(csn_bytes_text(json), &arena, &root), CSN_OK);
    return root;
}

static bool
reads(const char *json)
{
    arena = csn_arena_over(memory, sizeof memory);
    bool good = csn_rule_read(parse(json), &rule, &fault);
    assert_int_equal(good, fault.sentence == NULL);
    return good;
}

/* --- conditions --- */

struct row {
    const char *rule, *facts;
    bool matches;
};

/* Facts as JSON: {"p": properties, "platform", "app", "sdk"}. */
static void
check(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!reads(rows[i].rule))
            fail_msg("%s: %s %s", rows[i].rule, fault.path, fault.sentence);
        const struct csn_json_node *facts = parse(rows[i].facts);
        struct csn_rule_facts known = {.properties = csn_json_get(facts, "p"),
                                       .assurance = CSN_ASSURANCE_VERIFIED};
        csn_json_get_text(facts, "platform", &known.device.platform);
        csn_json_get_text(facts, "app", &known.device.app_version);
        csn_json_get_text(facts, "sdk", &known.device.sdk_version);
        if (csn_rule_matches(&rule, &known, NOW_MS) != rows[i].matches)
            fail_msg("%s of %s is not %d", rows[i].rule, rows[i].facts, rows[i].matches);
    }
}

#define CHECK(rows) check(rows, sizeof rows / sizeof rows[0])

static void
compares_properties(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"{\"property\":\"plan\",\"is\":\"gold\"}", "{\"p\":{\"plan\":\"gold\"}}", true},
        {"{\"property\":\"plan\",\"is\":\"gold\"}", "{\"p\":{\"plan\":\"Gold\"}}", false},
        {"{\"property\":\"plan\",\"is\":\"gold\"}", "{\"p\":{\"plan\":\"golden\"}}", false},
        {"{\"property\":\"plan\",\"is\":\"gold\"}", "{\"p\":{\"Plan\":\"gold\"}}", false},
        {"{\"property\":\"plan\",\"is\":\"gold\"}", "{\"p\":{}}", false},
        {"{\"property\":\"plan\",\"is\":\"gold\"}", "{}", false},
        {"{\"property\":\"plan\",\"is_not\":\"gold\"}", "{\"p\":{\"plan\":\"gold\"}}", false},
        {"{\"property\":\"plan\",\"is_not\":\"gold\"}", "{\"p\":{\"plan\":\"tin\"}}", true},
        {"{\"property\":\"plan\",\"is_not\":\"gold\"}", "{}", true},
        {"{\"property\":\"n\",\"is\":5}", "{\"p\":{\"n\":5}}", true},
        {"{\"property\":\"n\",\"is\":5}", "{\"p\":{\"n\":5.0}}", true},
        {"{\"property\":\"n\",\"is\":5}", "{\"p\":{\"n\":\"5\"}}", false},
        {"{\"property\":\"n\",\"is\":0.1}", "{\"p\":{\"n\":1e-1}}", true},
        {"{\"property\":\"n\",\"is\":1e300}", "{\"p\":{\"n\":1e300}}", true},
        {"{\"property\":\"n\",\"is\":1e300}", "{\"p\":{\"n\":1e301}}", false},
        {"{\"property\":\"b\",\"is\":true}", "{\"p\":{\"b\":true}}", true},
        {"{\"property\":\"b\",\"is\":true}", "{\"p\":{\"b\":false}}", false},
        {"{\"property\":\"b\",\"is\":true}", "{\"p\":{\"b\":1}}", false},
        {"{\"property\":\"n\",\"less\":5}", "{\"p\":{\"n\":4.999999}}", true},
        {"{\"property\":\"n\",\"less\":5}", "{\"p\":{\"n\":5}}", false},
        {"{\"property\":\"n\",\"less\":5}", "{\"p\":{\"n\":-6}}", true},
        {"{\"property\":\"n\",\"less\":5}", "{\"p\":{\"n\":\"4\"}}", false},
        {"{\"property\":\"n\",\"less\":5}", "{}", false},
        {"{\"property\":\"n\",\"less\":5}", "{\"p\":{\"n\":-1e300}}", false},
        {"{\"property\":\"n\",\"greater\":5}", "{\"p\":{\"n\":5.000001}}", true},
        {"{\"property\":\"n\",\"greater\":5}", "{\"p\":{\"n\":5}}", false},
        {"{\"property\":\"n\",\"greater\":5}", "{}", false},
        {"{\"property\":\"n\",\"in\":[1,\"a\",true]}", "{\"p\":{\"n\":\"a\"}}", true},
        {"{\"property\":\"n\",\"in\":[1,\"a\",true]}", "{\"p\":{\"n\":true}}", true},
        {"{\"property\":\"n\",\"in\":[1,\"a\",true]}", "{\"p\":{\"n\":\"1\"}}", false},
        {"{\"property\":\"n\",\"in\":[1,\"a\",true]}", "{}", false},
        {"{\"property\":\"n\",\"exists\":true}", "{\"p\":{\"n\":false}}", true},
        {"{\"property\":\"n\",\"exists\":true}", "{\"p\":{}}", false},
        {"{\"property\":\"n\",\"exists\":false}", "{\"p\":{}}", true},
        {"{\"property\":\"n\",\"exists\":false}", "{\"p\":{\"n\":0}}", false},
    };
    CHECK(rows);
    assert_true(rule.needs_profile);
    assert_false(rule.needs_events);
}

static void
compares_the_device(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"{\"device\":\"platform\",\"is\":\"iOS\"}", "{\"platform\":\"ios\"}", true},
        {"{\"device\":\"platform\",\"is\":\"iOS\"}", "{\"platform\":\"android\"}", false},
        {"{\"device\":\"platform\",\"is_not\":\"ios\"}", "{\"platform\":\"iOS\"}", false},
        {"{\"device\":\"platform\",\"is_not\":\"ios\"}", "{}", true},
        {"{\"device\":\"platform\",\"in\":[\"a\",\"IOS\"]}", "{\"platform\":\"ios\"}", true},
        {"{\"device\":\"platform\",\"exists\":false}", "{}", true},
        {"{\"device\":\"platform\",\"exists\":true}", "{\"platform\":\"ios\"}", true},
        {"{\"device\":\"app_version\",\"is\":\"3.1\"}", "{\"app\":\"3.1.0\"}", true},
        {"{\"device\":\"app_version\",\"less\":\"3.10\"}", "{\"app\":\"3.9\"}", true},
        {"{\"device\":\"app_version\",\"less\":\"3.10\"}", "{\"app\":\"3.10\"}", false},
        {"{\"device\":\"app_version\",\"less\":\"3.10\"}", "{}", false},
        {"{\"device\":\"app_version\",\"greater\":\"3.1\"}", "{\"app\":\"3.1.1\"}", true},
        {"{\"device\":\"app_version\",\"greater\":\"3.1\"}", "{\"app\":\"3.1-rc\"}", false},
        {"{\"device\":\"app_version\",\"greater\":\"3.1\"}", "{\"sdk\":\"4\"}", false},
        {"{\"device\":\"sdk_version\",\"in\":[\"1\",\"2.0\"]}", "{\"sdk\":\"2\"}", true},
        {"{\"device\":\"sdk_version\",\"is_not\":\"2\"}", "{\"sdk\":\"2.0\"}", false},
        {"{\"device\":\"sdk_version\",\"is_not\":\"2\"}", "{}", true},
    };
    CHECK(rows);
    assert_false(rule.needs_profile || rule.needs_events);
}

static void
joins_conditions(void **state)
{
    (void)state;
#define A "{\"property\":\"a\",\"is\":1}"
#define B "{\"property\":\"b\",\"is\":1}"
#define ONLY_A "{\"p\":{\"a\":1}}"
#define BOTH "{\"p\":{\"a\":1,\"b\":1}}"
#define NEITHER "{\"p\":{}}"
    static const struct row rows[] = {
        {"{\"all\":[" A "," B "]}", BOTH, true},
        {"{\"all\":[" A "," B "]}", ONLY_A, false},
        {"{\"all\":[" A "]}", ONLY_A, true},
        {"{\"any\":[" A "," B "]}", ONLY_A, true},
        {"{\"any\":[" A "," B "]}", NEITHER, false},
        {"{\"not\":" A "}", NEITHER, true},
        {"{\"not\":" A "}", ONLY_A, false},
        {"{\"not\":{\"not\":" A "}}", ONLY_A, true},
        {"{\"not\":{\"any\":[" A "," B "]}}", NEITHER, true},
        {"{\"not\":{\"all\":[" A "," B "]}}", ONLY_A, true},
        {"{\"all\":[{\"any\":[" A "," B "]},{\"not\":{\"all\":[" A "," B "]}}]}", ONLY_A, true},
        {"{\"all\":[{\"any\":[" A "," B "]},{\"not\":{\"all\":[" A "," B "]}}]}", BOTH, false},
        {"{\"any\":[{\"all\":[" A "," B "]},{\"all\":[{\"not\":" A "},{\"not\":" B "}]}]}", NEITHER,
         true},
        {"{\"any\":[{\"all\":[" A "," B "]},{\"all\":[{\"not\":" A "},{\"not\":" B "}]}]}", ONLY_A,
         false},
        {"null", NEITHER, true},
    };
    CHECK(rows);
    assert_true(rule.everybody);
    assert_true(csn_rule_read(NULL, &rule, &fault));
    assert_true(rule.everybody);
}

static void
asks_for_the_assurance(void **state)
{
    (void)state;
    static const char *const names[] = {"anonymous", "claimed", "verified"};
    for (int wanted = 0; wanted < 3; wanted++) {
        char json[64];
        snprintf(json, sizeof json, "{\"assurance\":\"%s\"}", names[wanted]);
        assert_true(reads(json));
        assert_false(rule.needs_profile || rule.needs_events);
        for (int a = CSN_ASSURANCE_NONE; a <= CSN_ASSURANCE_VERIFIED; a++) {
            struct csn_rule_facts facts = {.assurance = (enum csn_assurance)a};
            assert_int_equal(csn_rule_matches(&rule, &facts, NOW_MS), a == wanted + 1);
        }
    }
}

static void
counts_recent_events(void **state)
{
    (void)state;
    struct csn_rule_event events[] = {
        {csn_bytes_text("bought"), NOW_MS - 60000},
        {csn_bytes_text("bought"), NOW_MS - 60001},
        {csn_bytes_text("looked"), NOW_MS - 1},
        {csn_bytes_text("bought"), NOW_MS},
    };
    struct csn_rule_facts facts = {.events = events, .event_count = 4};
    assert_true(reads("{\"event\":\"bought\",\"within_s\":60,\"at_least\":2}"));
    assert_true(rule.needs_events);
    assert_true(csn_rule_matches(&rule, &facts, NOW_MS));
    assert_false(csn_rule_matches(&rule, &facts, NOW_MS + 1));
    assert_true(reads("{\"event\":\"bought\",\"within_s\":61,\"at_least\":3}"));
    assert_true(csn_rule_matches(&rule, &facts, NOW_MS));
    assert_true(reads("{\"event\":\"bought\",\"within_s\":61,\"at_least\":4}"));
    assert_false(csn_rule_matches(&rule, &facts, NOW_MS));
    assert_true(reads("{\"event\":\"looked\",\"within_s\":1}"));
    assert_true(csn_rule_matches(&rule, &facts, NOW_MS));
    assert_true(reads("{\"event\":\"look\",\"within_s\":31536000}"));
    assert_false(csn_rule_matches(&rule, &facts, NOW_MS));
}

static void
matches_nobody_when_it_is_zero(void **state)
{
    (void)state;
    static const struct csn_rule zero;
    struct csn_rule_facts facts = {.assurance = CSN_ASSURANCE_VERIFIED};
    assert_false(csn_rule_matches(&zero, &facts, NOW_MS));
}

/* --- what is refused --- */

static void
refuses_what_is_no_rule_and_says_where(void **state)
{
    (void)state;
    static const struct {
        const char *rule, *path;
    } rows[] = {
        {"{}", ""},
        {"[]", ""},
        {"\"x\"", ""},
        {"true", ""},
        {"{\"some\":[]}", ""},
        {"{\"all\":[]}", "all"},
        {"{\"any\":{}}", "any"},
        {"{\"not\":[]}", "not"},
        {"{\"not\":null}", "not"},
        {"{\"all\":[null]}", "all.0"},
        {"{\"all\":[" A "],\"any\":[" A "]}", "any"},
        {"{\"all\":[" A "],\"x\":1}", ""},
        {"{\"all\":[" A ",{\"any\":[" A ",{}]}]}", "all.1.any.1"},
        {"{\"not\":{\"all\":[" A ",{\"not\":{\"property\":\"\",\"is\":1}}]}}",
         "not.all.1.not.property"},
        {"{\"property\":\"a\"}", ""},
        {"{\"property\":7,\"is\":1}", "property"},
        {"{\"property\":\"a\",\"is\":1,\"less\":2}", "less"},
        {"{\"property\":\"a\",\"equals\":1}", "equals"},
        {"{\"property\":\"a\",\"is\":null}", "is"},
        {"{\"property\":\"a\",\"is\":[1]}", "is"},
        {"{\"property\":\"a\",\"is\":{}}", "is"},
        {"{\"property\":\"a\",\"less\":\"5\"}", "less"},
        {"{\"property\":\"a\",\"greater\":true}", "greater"},
        {"{\"property\":\"a\",\"greater\":1e300}", "greater"},
        {"{\"property\":\"a\",\"exists\":1}", "exists"},
        {"{\"property\":\"a\",\"in\":[]}", "in"},
        {"{\"property\":\"a\",\"in\":\"a\"}", "in"},
        {"{\"property\":\"a\",\"in\":[[]]}", "in"},
        {"{\"property\":\"a\",\"device\":\"platform\",\"is\":1}", "device"},
        {"{\"device\":\"model\",\"is\":\"x\"}", "device"},
        {"{\"device\":7,\"is\":\"x\"}", "device"},
        {"{\"device\":\"platform\",\"less\":\"x\"}", "less"},
        {"{\"device\":\"platform\",\"is\":5}", "is"},
        {"{\"device\":\"app_version\",\"is\":\"v1\"}", "is"},
        {"{\"device\":\"app_version\",\"less\":3}", "less"},
        {"{\"device\":\"sdk_version\",\"in\":[\"1\",\"x\"]}", "in"},
        {"{\"assurance\":\"proven\"}", "assurance"},
        {"{\"assurance\":\"none\"}", "assurance"},
        {"{\"assurance\":3}", "assurance"},
        {"{\"assurance\":\"claimed\",\"is\":1}", "is"},
        {"{\"event\":\"e\"}", "within_s"},
        {"{\"event\":\"\",\"within_s\":5}", "event"},
        {"{\"event\":\"e\",\"within_s\":0}", "within_s"},
        {"{\"event\":\"e\",\"within_s\":31536001}", "within_s"},
        {"{\"event\":\"e\",\"within_s\":\"5\"}", "within_s"},
        {"{\"event\":\"e\",\"within_s\":5,\"at_least\":0}", "at_least"},
        {"{\"event\":\"e\",\"within_s\":5,\"at_least\":201}", "at_least"},
        {"{\"event\":\"e\",\"within_s\":5,\"at_least\":null}", "at_least"},
        {"{\"event\":\"e\",\"within_s\":5,\"is\":1}", "is"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (reads(rows[i].rule))
            fail_msg("%s is taken", rows[i].rule);
        if (strcmp(fault.path, rows[i].path) != 0)
            fail_msg("%s: %s", rows[i].rule, fault.path);
        assert_int_equal(rule.count, 0);
        assert_false(rule.everybody);
    }
}

static bool
reads_nested(size_t groups)
{
    char json[512] = "";
    for (size_t i = 0; i < groups; i++)
        strcat(json, "{\"not\":");
    strcat(json, A);
    for (size_t i = 0; i < groups; i++)
        strcat(json, "}");
    return reads(json);
}

static bool
reads_wide(size_t conditions)
{
    char json[4096] = "{\"all\":[";
    for (size_t i = 0; i < conditions; i++) {
        strcat(json, i > 0 ? "," : "");
        strcat(json, A);
    }
    strcat(json, "]}");
    return reads(json);
}

static bool
reads_values(size_t values)
{
    char json[512] = "{\"property\":\"a\",\"in\":[1";
    for (size_t i = 1; i < values; i++)
        strcat(json, ",2");
    strcat(json, "]}");
    return reads(json);
}

static bool
reads_name(size_t len)
{
    char json[512] = "{\"property\":\"";
    memset(json + strlen(json), 'n', len);
    strcat(json, "\",\"is\":1}");
    return reads(json);
}

static void
holds_its_limits(void **state)
{
    (void)state;
    assert_true(reads_nested(CSN_RULE_DEPTH_MAX));
    assert_false(reads_nested(CSN_RULE_DEPTH_MAX + 1));
    assert_string_equal(fault.path, "not.not.not.not.not.not");
    assert_true(reads_wide(CSN_RULE_NODES_MAX - 1));
    assert_false(reads_wide(CSN_RULE_NODES_MAX));
    assert_true(reads_values(CSN_RULE_VALUES_MAX));
    assert_false(reads_values(CSN_RULE_VALUES_MAX + 1));
    assert_true(reads_name(CSN_RULE_NAME_MAX));
    assert_false(reads_name(CSN_RULE_NAME_MAX + 1));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compares_properties),
        cmocka_unit_test(compares_the_device),
        cmocka_unit_test(joins_conditions),
        cmocka_unit_test(asks_for_the_assurance),
        cmocka_unit_test(counts_recent_events),
        cmocka_unit_test(matches_nobody_when_it_is_zero),
        cmocka_unit_test(refuses_what_is_no_rule_and_says_where),
        cmocka_unit_test(holds_its_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
