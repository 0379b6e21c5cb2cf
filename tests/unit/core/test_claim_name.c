/* SPDX-License-Identifier: Apache-2.0
 * Names of claims: plain ones, and JSON Pointers of two steps (RFC 6901). */
#include "core/claim_name.h"
#include "world.h"

#include <string.h>

static void
takes_names_and_pointers_of_two_steps(void **state)
{
    (void)state;
    static const char *const good[] = {
        "s",           "sub",   "externalId", "https://example.com/claims/id",
        "n\xc3\xa4me", "a~b",   " ",          "/identity/external_id",
        "/a~1b/c~0d",  "/a/b ",
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        if (!csn_claim_name_valid(csn_bytes_text(good[i])))
            fail_msg("'%s' was refused", good[i]);
}

static void
refuses_names_that_no_claim_can_have(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",     "/",     "//",    "/a",     "/a/",  "//b",  "/a//", "/a/b/",    "/a/b/c",   "/a//b",
        "/~/b", "/a~/b", "/a/b~", "/a~2/b", "/a/~", "a\tb", "\x7f", "\xc2\x80", "\xc2\x9f", "\xff",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (csn_claim_name_valid(csn_bytes_text(bad[i])))
            fail_msg("'%s' was taken", bad[i]);
    char name[CSN_CLAIM_NAME_MAX + 2];
    memset(name, 'n', sizeof name);
    assert_true(csn_claim_name_valid(csn_bytes_of(name, CSN_CLAIM_NAME_MAX)));
    assert_false(csn_claim_name_valid(csn_bytes_of(name, CSN_CLAIM_NAME_MAX + 1)));
    assert_false(csn_claim_name_valid((struct csn_bytes){0}));
}

static struct csn_json_text
plain(const char *text)
{
    return (struct csn_json_text){.raw = csn_bytes_text(text), .escaped = false};
}

static void
follows_a_pointer(void **state)
{
    (void)state;
    struct csn_bytes pointer = csn_bytes_text("/identity/external_id");
    assert_true(csn_claim_name_leads_to(pointer, plain("identity"), plain("external_id")));
    assert_false(csn_claim_name_leads_to(pointer, plain("identity"), plain("external")));
    assert_false(csn_claim_name_leads_to(pointer, plain("other"), plain("external_id")));
    assert_false(csn_claim_name_leads_to(pointer, plain("external_id"), plain("identity")));
    struct csn_json_text escaped = {.raw = csn_bytes_text("\\u0069dentity"), .escaped = true};
    assert_true(csn_claim_name_leads_to(pointer, escaped, plain("external_id")));
}

static void
resolves_the_escapes_of_rfc_6901(void **state)
{
    (void)state;
    struct csn_bytes pointer = csn_bytes_text("/a~1b/c~0~1");
    assert_true(csn_claim_name_leads_to(pointer, plain("a/b"), plain("c~/")));
    assert_false(csn_claim_name_leads_to(pointer, plain("a~1b"), plain("c~0~1")));
}

static void
leads_nowhere_where_the_name_is_no_sound_pointer(void **state)
{
    (void)state;
    static const char *const names[] = {"a", "", "/a", "/a/", "//a"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_false(csn_claim_name_leads_to(csn_bytes_text(names[i]), plain("a"), plain("")));
}

static void
sees_control_characters_and_nothing_else(void **state)
{
    (void)state;
    for (unsigned c = 1; c < 0x80; c++) {
        uint8_t text[3] = {'a', (uint8_t)c, 'b'};
        assert_int_equal(csn_text_has_control(csn_bytes_of(text, 3)), c < 0x20 || c == 0x7F);
    }
    assert_true(csn_text_has_control(csn_bytes_of("\0", 1)));
    for (unsigned c = 0x80; c < 0xC0; c++) { /* U+0080..U+00BF */
        uint8_t text[2] = {0xC2, (uint8_t)c};
        assert_int_equal(csn_text_has_control(csn_bytes_of(text, 2)), c < 0xA0);
    }
    assert_false(csn_text_has_control(csn_bytes_text("\xc3\x80\xe2\x80\xa8\xf0\x9f\x98\x80")));
    assert_false(csn_text_has_control((struct csn_bytes){0}));
    assert_true(
        csn_text_has_control(csn_bytes_text("a long text with no control but at its end\n")));
    assert_false(
        csn_text_has_control(csn_bytes_text("a long text with no control, not one at all")));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_names_and_pointers_of_two_steps),
        cmocka_unit_test(refuses_names_that_no_claim_can_have),
        cmocka_unit_test(follows_a_pointer),
        cmocka_unit_test(resolves_the_escapes_of_rfc_6901),
        cmocka_unit_test(leads_nowhere_where_the_name_is_no_sound_pointer),
        cmocka_unit_test(sees_control_characters_and_nothing_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
