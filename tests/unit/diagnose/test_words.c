/* The words of a diagnosis: names, JSON, and texts that stay bounded and printable whatever a token
 * put into them.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "scene.h"

#include "core/diagnose/work.h"

#include <string.h>

static void
names_every_finding_once(void **state)
{
    (void)state;
    for (enum csn_finding_code c = CSN_FINDING_NONE; c < CSN_FINDING_COUNT; c++) {
        assert_true(strlen(csn_finding_name(c)) > 0 && strlen(csn_finding_title(c)) > 0);
        for (enum csn_finding_code d = CSN_FINDING_NONE; d < c; d++)
            assert_string_not_equal(csn_finding_name(c), csn_finding_name(d));
    }
    assert_string_equal(csn_finding_name(CSN_FINDING_SECRET_HEX_DECODED), "secret_hex_decoded");
    assert_string_equal(csn_finding_name(CSN_FINDING_COUNT), "none");
    assert_string_equal(csn_finding_title(CSN_FINDING_COUNT), "Nothing was found");
    assert_string_equal(csn_confidence_name(CSN_CONFIDENCE_CERTAIN), "certain");
    assert_string_equal(csn_confidence_name((enum csn_confidence)(CSN_CONFIDENCE_CERTAIN + 1)),
                        "none");
}

static void
writes_itself_as_json(void **state)
{
    (void)state;
    static struct csn_diagnosis d;
    uint8_t memory[1024];
    struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
    struct csn_json_writer writer = csn_json_writer_over(&out);
    d.verdict.reason = CSN_REASON_EXPIRED;
    d.verdict.algorithm = CSN_HS256;
    d.findings[0] =
        (struct csn_finding){CSN_FINDING_EXPIRED, CSN_CONFIDENCE_CERTAIN, "s\n", "w", "f"};
    d.count = 1;
    csn_diagnosis_write(&d, &writer);
    assert_string_equal(
        csn_buffer_terminate(&out),
        "{\"verdict\":{\"reason\":\"expired\",\"action\":\"refresh\",\"sentence\":\"The token has "
        "expired.\",\"algorithm\":\"HS256\"},\"findings\":[{\"code\":\"expired\","
        "\"title\":\"The token has expired\",\"confidence\":\"certain\",\"seen\":\"s\\n\","
        "\"why\":\"w\",\"fix\":\"f\"}]}");
    d = (struct csn_diagnosis){.verdict = {.reason = CSN_REASON_MALFORMED, .part = CSN_PART_TOKEN}};
    out = csn_buffer_over(memory, sizeof memory);
    writer = csn_json_writer_over(&out);
    csn_diagnosis_write(&d, &writer);
    assert_string_equal(csn_buffer_terminate(&out),
                        "{\"verdict\":{\"reason\":\"malformed\",\"action\":\"fix_setup\","
                        "\"sentence\":\"The token is not a well-formed compact JWS.\","
                        "\"part\":\"token\"},\"findings\":[]}");
}

/* --- texts --- */

static const char *
shown(const char *value, size_t len)
{
    static char text[CSN_FINDING_TEXT_MAX];
    struct csn_said said;
    csn_said_start(&said);
    csn_said_value(&said, csn_bytes_of(value, len));
    struct csn_bytes view = csn_said_view(&said);
    memcpy(text, view.ptr, view.len);
    text[view.len] = '\0';
    return text;
}
#define SHOWN(literal) shown(literal, sizeof(literal) - 1)

#define A78 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static void
shows_a_value_on_one_line(void **state)
{
    (void)state;
    assert_string_equal(SHOWN("plain"), "\"plain\"");
    assert_string_equal(SHOWN("a\nb\tc\x7F"), "\"a?b?c?\"");
    assert_string_equal(SHOWN("\xC2\x85 \xC2\xA0"), "\"? \xC2\xA0\"");
    assert_string_equal(SHOWN("end \xC2"), "\"end \xC2\"");
}

static void
cuts_a_long_value_between_characters(void **state)
{
    (void)state;
    assert_string_equal(SHOWN(A78 "bc"), "\"" A78 "bc\"");
    assert_string_equal(SHOWN(A78 "bcd"), "\"" A78 "bc…\"");
    assert_string_equal(SHOWN(A78 "ä"), "\"" A78 "ä\"");
    assert_string_equal(SHOWN(A78 "b\xC3\xA4"), "\"" A78 "b…\"");
    assert_string_equal(SHOWN(A78 "\xE2\x82\xAC"), "\"" A78 "…\"");
}

static const char *
duration(int64_t seconds)
{
    static char text[64];
    struct csn_said said;
    csn_said_start(&said);
    csn_said_duration(&said, seconds);
    struct csn_bytes view = csn_said_view(&said);
    memcpy(text, view.ptr, view.len);
    text[view.len] = '\0';
    return text;
}

static void
tells_a_duration_in_two_units(void **state)
{
    (void)state;
    assert_string_equal(duration(0), "0 s");
    assert_string_equal(duration(59), "59 s");
    assert_string_equal(duration(60), "1 min");
    assert_string_equal(duration(3601), "1 h 1 s");
    assert_string_equal(duration(90061), "1 d 1 h");
}

/* --- findings --- */

static struct csn_diagnosis found;

static struct csn_work
start(void)
{
    memset(&found, 0, sizeof found);
    return (struct csn_work){.out = &found};
}

static void
keeps_a_text_that_is_too_long_whole_characters_only(void **state)
{
    (void)state;
    struct csn_work w = start();
    char text[CSN_FINDING_TEXT_MAX + 8];
    memset(text, 'a', sizeof text);
    memcpy(text + CSN_FINDING_TEXT_MAX - 2, "\xC3\xA4", 2); /* the last byte would not fit */
    csn_find(&w, CSN_FINDING_EXPIRED, CSN_CONFIDENCE_CERTAIN, csn_bytes_of(text, sizeof text),
             csn_bytes_of(text, CSN_FINDING_TEXT_MAX - 2), csn_bytes_of("a\nb\rc\x7F", 6));
    assert_int_equal(strlen(found.findings[0].seen), CSN_FINDING_TEXT_MAX - 2);
    assert_int_equal(strlen(found.findings[0].why), CSN_FINDING_TEXT_MAX - 2);
    assert_string_equal(found.findings[0].fix, "a\nb?c?");
}

static void
shows_broken_text_as_question_marks(void **state)
{
    (void)state;
    struct csn_work w = start();
    csn_find_text(&w, CSN_FINDING_EXPIRED, CSN_CONFIDENCE_CERTAIN, "ok \xC3\xA4", "no \xC3\xA4\xFF",
                  "f");
    assert_string_equal(found.findings[0].seen, "ok \xC3\xA4");
    assert_string_equal(found.findings[0].why, "no ???");
}

static void
keeps_each_finding_once_and_no_more_than_there_is_room_for(void **state)
{
    (void)state;
    struct csn_work w = start();
    csn_find_text(&w, CSN_FINDING_EXPIRED, CSN_CONFIDENCE_CERTAIN, "first", "w", "f");
    csn_find_text(&w, CSN_FINDING_EXPIRED, CSN_CONFIDENCE_LIKELY, "second", "w", "f");
    assert_int_equal(found.count, 1);
    assert_string_equal(found.findings[0].seen, "first");
    for (enum csn_finding_code c = CSN_FINDING_NONE + 1; c < CSN_FINDING_COUNT; c++)
        csn_find_text(&w, c, CSN_CONFIDENCE_LIKELY, "s", "w", "f");
    assert_int_equal(found.count, CSN_FINDINGS_MAX);
    assert_true(csn_found(&w, CSN_FINDING_EXPIRED));
    assert_false(csn_found(&w, CSN_FINDING_HEADER_INVALID));
}

static void
spends_the_budget_and_not_one_check_more(void **state)
{
    (void)state;
    struct csn_work w = start();
    for (unsigned i = 0; i < CSN_DIAGNOSIS_CHECKS_MAX; i++)
        assert_true(csn_work_spend(&w));
    assert_false(csn_work_spend(&w));
    assert_int_equal(found.checks, CSN_DIAGNOSIS_CHECKS_MAX);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_every_finding_once),
        cmocka_unit_test(writes_itself_as_json),
        cmocka_unit_test(shows_a_value_on_one_line),
        cmocka_unit_test(cuts_a_long_value_between_characters),
        cmocka_unit_test(tells_a_duration_in_two_units),
        cmocka_unit_test(keeps_a_text_that_is_too_long_whole_characters_only),
        cmocka_unit_test(shows_broken_text_as_question_marks),
        cmocka_unit_test(keeps_each_finding_once_and_no_more_than_there_is_room_for),
        cmocka_unit_test(spends_the_budget_and_not_one_check_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
