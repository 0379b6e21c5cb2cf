/* Enforcement as a document: read strictly, written in full, kept through both.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "server/domain/enforcement.h"

#define NOW 1795219200000LL /* 2026-11-21T00:00:00Z */
#define ARENA 262144

struct reading {
    struct csn_enforcement e;
    const char *wrong;
    struct csn_arena arena;
};

static uint8_t memory[ARENA];

static enum csn_status
read_at(const char *json, struct reading *r, int64_t now_ms)
{
    r->arena = csn_arena_over(memory, sizeof memory);
    return csn_enforcement_parse(csn_bytes_text(json), &r->arena, &r->e, &r->wrong, now_ms);
}

static void
assert_read(const char *json, struct reading *r)
{
    if (read_at(json, r, NOW) != CSN_OK)
        fail_msg("%s: wrong \"%s\"", json, r->wrong);
}

static void
assert_refused(const char *json, const char *wrong)
{
    struct reading r;
    if (read_at(json, &r, NOW) != CSN_INVALID || strcmp(r.wrong, wrong) != 0)
        fail_msg("%s: wrong \"%s\", not \"%s\"", json, r.wrong, wrong);
}

/* --- what is read --- */

static void
silence_means_everybody_without_an_end(void **state)
{
    (void)state;
    struct reading r;
    assert_read("{\"mode\":\"required\"}", &r);
    assert_int_equal(r.e.mode, CSN_ENFORCE_REQUIRED);
    assert_int_equal(r.e.percentage, 100);
    assert_int_equal(r.e.until_ms, 0);
    assert_int_equal(r.e.version_count, 0);
    assert_int_equal(r.e.exemption_count, 0);
}

static void
otherwise_is_optional_or_the_mode_itself_where_that_is_milder(void **state)
{
    (void)state;
    static const struct {
        const char *json;
        enum csn_enforcement_mode otherwise;
    } cases[] = {
        {"{\"mode\":\"off\"}", CSN_ENFORCE_OFF},
        {"{\"mode\":\"monitor\"}", CSN_ENFORCE_MONITOR},
        {"{\"mode\":\"optional\"}", CSN_ENFORCE_OPTIONAL},
        {"{\"mode\":\"required\"}", CSN_ENFORCE_OPTIONAL},
        {"{\"mode\":\"required\",\"otherwise\":\"off\"}", CSN_ENFORCE_OFF},
        {"{\"otherwise\":\"required\",\"mode\":\"off\"}", CSN_ENFORCE_REQUIRED},
    };
    struct reading r;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_read(cases[i].json, &r);
        assert_int_equal(r.e.otherwise, cases[i].otherwise);
    }
}

#define FULL                                                                                       \
    "{\"mode\":\"required\",\"otherwise\":\"monitor\","                                            \
    "\"from_versions\":{\"ios\":\"2.10\",\"*\":\"5\"},\"percentage\":25,"                          \
    "\"until\":\"2026-12-01T00:00:00.500Z\",\"exemptions\":["                                      \
    "{\"identity\":\"ada\",\"until\":\"2026-11-22T00:00:00.000Z\"},"                               \
    "{\"identity\":\"\\u00e9\\\"\",\"until\":\"2026-11-23T00:00:00.000Z\"}]}"

static void
everything_that_can_be_said_is_read(void **state)
{
    (void)state;
    struct reading r;
    assert_read(FULL, &r);
    assert_int_equal(r.e.mode, CSN_ENFORCE_REQUIRED);
    assert_int_equal(r.e.otherwise, CSN_ENFORCE_MONITOR);
    assert_int_equal(r.e.percentage, 25);
    assert_true(r.e.until_ms == NOW + 10 * 86400000LL + 500);
    assert_int_equal(r.e.version_count, 2);
    assert_true(csn_bytes_equal_text(r.e.versions[0].platform, "ios"));
    assert_true(csn_bytes_equal_text(r.e.versions[0].min_version, "2.10"));
    assert_true(csn_bytes_equal_text(r.e.versions[1].platform, "*"));
    assert_int_equal(r.e.exemption_count, 2);
    assert_true(csn_bytes_equal_text(r.e.exemptions[1].identity, "\xc3\xa9\""));
    assert_true(r.e.exemptions[1].until_ms == NOW + 2 * 86400000LL);
}

static struct csn_bytes
written(const struct csn_enforcement *e, struct csn_buffer *out)
{
    struct csn_json_writer w = csn_json_writer_over(out);
    csn_enforcement_write(e, &w);
    assert_false(out->overflowed);
    return csn_buffer_view(out);
}

static void
what_is_written_is_read_as_the_same(void **state)
{
    (void)state;
    static const char *documents[] = {
        FULL,
        "{\"mode\":\"off\"}",
        "{\"mode\":\"required\",\"exemptions\":[],\"from_versions\":{},\"until\":null}",
        "{\"mode\":\"monitor\",\"from_versions\":{\"<b>\\\"\":\"1\"}}",
    };
    uint8_t first[2048], second[2048];
    for (size_t i = 0; i < sizeof documents / sizeof documents[0]; i++) {
        struct reading r;
        struct csn_buffer one = csn_buffer_over(first, sizeof first);
        struct csn_buffer two = csn_buffer_over(second, sizeof second);
        assert_read(documents[i], &r);
        const char *text = (written(&r.e, &one), csn_buffer_terminate(&one));
        assert_read(text, &r);
        assert_true(csn_bytes_equal(csn_buffer_view(&one), written(&r.e, &two)));
    }
}

static void
it_is_written_in_full_with_every_default(void **state)
{
    (void)state;
    struct reading r;
    uint8_t text[1024];
    struct csn_buffer out = csn_buffer_over(text, sizeof text);
    assert_read("{\"mode\":\"required\"}", &r);
    assert_true(csn_bytes_equal_text(
        written(&r.e, &out),
        "{\"mode\":\"required\",\"otherwise\":\"optional\",\"from_versions\":{},"
        "\"percentage\":100,\"until\":null,\"exemptions\":[]}"));
    out.len = 0;
    assert_read(FULL, &r);
    assert_true(csn_bytes_equal_text(
        written(&r.e, &out),
        "{\"mode\":\"required\",\"otherwise\":\"monitor\",\"from_versions\":{\"ios\":\"2.10\","
        "\"*\":\"5\"},\"percentage\":25,\"until\":\"2026-12-01T00:00:00.500Z\",\"exemptions\":["
        "{\"identity\":\"ada\",\"until\":\"2026-11-22T00:00:00.000Z\"},"
        "{\"identity\":\"\xc3\xa9\\\"\",\"until\":\"2026-11-23T00:00:00.000Z\"}]}"));
}

/* --- what is refused, and what it says is wrong --- */

static void
names_the_field_that_is_wrong(void **state)
{
    (void)state;
    static const struct {
        const char *json, *wrong;
    } cases[] = {
        {"", ""},
        {"nonsense", ""},
        {"[]", ""},
        {"\"required\"", ""},
        {"{\"mode\":\"off\",\"mode\":\"off\"}", ""},
        {"{}", "mode"},
        {"{\"otherwise\":\"off\"}", "mode"},
        {"{\"mode\":\"\"}", "mode"},
        {"{\"mode\":\"unset\"}", "mode"},
        {"{\"mode\":\"Required\"}", "mode"},
        {"{\"mode\":4}", "mode"},
        {"{\"mode\":null}", "mode"},
        {"{\"mode\":\"off\",\"otherwise\":\"never\"}", "otherwise"},
        {"{\"mode\":\"off\",\"otherwise\":null}", "otherwise"},
        {"{\"mode\":\"off\",\"extra\":1}", "extra"},
        {"{\"mode\":\"off\",\"from_version\":{}}", "from_version"},
        {"{\"mode\":\"off\",\"from_versions\":[]}", "from_versions"},
        {"{\"mode\":\"off\",\"from_versions\":\"1\"}", "from_versions"},
        {"{\"mode\":\"off\",\"from_versions\":{\"ios\":2}}", "from_versions"},
        {"{\"mode\":\"off\",\"from_versions\":{\"ios\":\"\"}}", "from_versions"},
        {"{\"mode\":\"off\",\"from_versions\":{\"ios\":\"v2\"}}", "from_versions"},
        {"{\"mode\":\"off\",\"from_versions\":{\"ios\":\"/2\"}}", "from_versions"},
        {"{\"mode\":\"off\",\"from_versions\":{\"ios\":\":2\"}}", "from_versions"},
        {"{\"mode\":\"off\",\"from_versions\":{\"\":\"2\"}}", "from_versions"},
        {"{\"mode\":\"off\",\"exemptions\":{}}", "exemptions"},
        {"{\"mode\":\"off\",\"exemptions\":[1]}", "exemptions"},
        {"{\"mode\":\"off\",\"exemptions\":[{}]}", "exemptions"},
        {"{\"mode\":\"off\",\"exemptions\":[{\"identity\":\"ada\"}]}", "exemptions"},
        {"{\"mode\":\"off\",\"exemptions\":[{\"until\":\"2027-01-01T00:00:00Z\"}]}", "exemptions"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_refused(cases[i].json, cases[i].wrong);
}

static void
an_exemption_is_an_identity_and_a_moment_and_nothing_else(void **state)
{
    (void)state;
    struct reading r;
#define EXEMPT(body) "{\"mode\":\"off\",\"exemptions\":[{" body "}]}"
#define UNTIL "\"until\":\"2027-01-01T00:00:00Z\""
    assert_read(EXEMPT("\"identity\":\"a\"," UNTIL), &r);
    assert_refused(EXEMPT("\"identity\":\"a\",\"why\":\"x\"," UNTIL), "exemptions");
    assert_refused(EXEMPT("\"identity\":\"a\",\"why\":\"x\""), "exemptions");
    assert_refused(EXEMPT("\"identity\":\"\"," UNTIL), "exemptions");
    assert_refused(EXEMPT("\"identity\":5," UNTIL), "exemptions");
    assert_refused(EXEMPT("\"identity\":\"a\",\"until\":null"), "exemptions");
    assert_refused(EXEMPT("\"identity\":\"a\",\"until\":1900000000000"), "exemptions");
    assert_refused(EXEMPT("\"identity\":\"a\",\"until\":\"tomorrow\""), "exemptions");
    assert_refused(EXEMPT("\"identity\":\"a\",\"until\":\"2026-11-21T00:00:00Z\""), "exemptions");
    assert_read(EXEMPT("\"identity\":\"a\",\"until\":\"2026-11-21T00:00:00.001Z\""), &r);
}

static void
a_moment_must_lie_ahead_and_a_stored_one_may_have_passed(void **state)
{
    (void)state;
    struct reading r;
    const char *now = "{\"mode\":\"off\",\"until\":\"2026-11-21T00:00:00Z\"}";
    assert_refused(now, "until");
    assert_int_equal(read_at(now, &r, NOW - 1), CSN_OK);
    assert_int_equal(read_at(now, &r, 0), CSN_OK);
    assert_refused("{\"mode\":\"off\",\"until\":0}", "until");
    assert_refused("{\"mode\":\"off\",\"until\":\"2026-13-01T00:00:00Z\"}", "until");
    const char *exempt = "{\"mode\":\"off\",\"exemptions\":[{\"identity\":\"a\","
                         "\"until\":\"2026-11-20T00:00:00Z\"}]}";
    assert_refused(exempt, "exemptions");
    assert_int_equal(read_at(exempt, &r, 0), CSN_OK);
}

static void
a_percentage_is_a_whole_number_from_1_to_100(void **state)
{
    (void)state;
    static const char *bad[] = {"0", "101", "-1", "1.5", "\"50\"", "null", "1e3", "[50]"};
    char json[96];
    struct reading r;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        snprintf(json, sizeof json, "{\"mode\":\"off\",\"percentage\":%s}", bad[i]);
        assert_refused(json, "percentage");
    }
    assert_read("{\"mode\":\"off\",\"percentage\":1}", &r);
    assert_int_equal(r.e.percentage, 1);
    assert_read("{\"mode\":\"off\",\"percentage\":100}", &r);
    assert_int_equal(r.e.percentage, 100);
}

/* --- limits --- */

static void
run_of(char *out, size_t cap, char c, size_t count)
{
    assert_true(count < cap);
    memset(out, c, count);
    out[count] = '\0';
}

static void
texts_are_as_long_as_their_limits_say(void **state)
{
    (void)state;
    static char text[512], json[1024];
    struct reading r;
    for (size_t more = 0; more < 2; more++) {
        run_of(text, sizeof text, '1', CSN_VERSION_TEXT_MAX + more);
        snprintf(json, sizeof json, "{\"mode\":\"off\",\"from_versions\":{\"a\":\"%s\"}}", text);
        assert_int_equal(read_at(json, &r, NOW), more == 0 ? CSN_OK : CSN_INVALID);
        run_of(text, sizeof text, 'p', CSN_PLATFORM_MAX + more);
        snprintf(json, sizeof json, "{\"mode\":\"off\",\"from_versions\":{\"%s\":\"1\"}}", text);
        assert_int_equal(read_at(json, &r, NOW), more == 0 ? CSN_OK : CSN_INVALID);
        run_of(text, sizeof text, 'i', CSN_IDENTITY_MAX + more);
        snprintf(json, sizeof json,
                 "{\"mode\":\"off\",\"exemptions\":[{\"identity\":\"%s\"," UNTIL "}]}", text);
        assert_int_equal(read_at(json, &r, NOW), more == 0 ? CSN_OK : CSN_INVALID);
    }
}

static void
exemptions_are_as_many_as_their_limit_says(void **state)
{
    (void)state;
    static char json[16384];
    struct reading r;
    for (int more = 0; more < 2; more++) {
        size_t len = (size_t)snprintf(json, sizeof json, "{\"mode\":\"off\",\"exemptions\":[");
        for (int i = 0; i < CSN_EXEMPTIONS_MAX + more; i++)
            len += (size_t)snprintf(json + len, sizeof json - len,
                                    "%s{\"identity\":\"c%d\"," UNTIL "}", i > 0 ? "," : "", i);
        snprintf(json + len, sizeof json - len, "]}");
        assert_int_equal(read_at(json, &r, NOW), more == 0 ? CSN_OK : CSN_INVALID);
        if (more == 0)
            assert_int_equal(r.e.exemption_count, CSN_EXEMPTIONS_MAX);
    }
}

static void
too_little_memory_is_said_at_every_size(void **state)
{
    (void)state;
    struct reading r;
    assert_read(FULL, &r);
    size_t enough = r.arena.used;
    for (size_t cap = 0; cap <= enough; cap++) {
        uint8_t *exact = malloc(cap + 16);
        assert_non_null(exact);
        r.arena = csn_arena_over(exact, cap);
        enum csn_status status =
            csn_enforcement_parse(csn_bytes_text(FULL), &r.arena, &r.e, &r.wrong, NOW);
        if (status != (cap < enough ? CSN_NO_SPACE : CSN_OK))
            fail_msg("%zu of %zu bytes: %s", cap, enough, csn_status_name(status));
        free(exact);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(silence_means_everybody_without_an_end),
        cmocka_unit_test(otherwise_is_optional_or_the_mode_itself_where_that_is_milder),
        cmocka_unit_test(everything_that_can_be_said_is_read),
        cmocka_unit_test(what_is_written_is_read_as_the_same),
        cmocka_unit_test(it_is_written_in_full_with_every_default),
        cmocka_unit_test(names_the_field_that_is_wrong),
        cmocka_unit_test(an_exemption_is_an_identity_and_a_moment_and_nothing_else),
        cmocka_unit_test(a_moment_must_lie_ahead_and_a_stored_one_may_have_passed),
        cmocka_unit_test(a_percentage_is_a_whole_number_from_1_to_100),
        cmocka_unit_test(texts_are_as_long_as_their_limits_say),
        cmocka_unit_test(exemptions_are_as_many_as_their_limit_says),
        cmocka_unit_test(too_little_memory_is_said_at_every_size),
    };
    return cmocka_run_group_tests_name("enforcement_text", tests, NULL, NULL);
}
