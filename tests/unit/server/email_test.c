/* E-mail addresses: which are one, on both sides of each rule.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "server/domain/email.h"

static bool
is_email(const char *text)
{
    return csn_email_valid(csn_bytes_text(text));
}

static void
takes_what_people_have(void **state)
{
    (void)state;
    static const char *const good[] = {
        "a@b.c",
        "alice@shop.example",
        "Alice.Liddell+news@Shop.Example",
        "o'neill_1%x@mail-1.shop.example",
        "{}|~!#$&*/=?^`@a.example",
        "j\xC3\xBCrgen@shop.example",
        "x@xn--mnchen-3ya.example",
        "x@1.2",
    };
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        if (!is_email(good[i]))
            fail_msg("%s is refused", good[i]);
}

static void
refuses_what_is_no_address(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "a",
        "@",
        "a@",
        "@b.c",
        "a@b",
        "a@@b.c",
        "a@b@c.d",
        ".a@b.c",
        "a.@b.c",
        "a..b@c.d",
        "a b@c.d",
        " a@b.c",
        "a@b.c ",
        "\"a\"@b.c",
        "a(x)@b.c",
        "a@-b.c",
        "a@b-.c",
        "a@b..c",
        "a@.b.c",
        "a@b.c.",
        "a@b_c.d",
        "a@[1.2.3.4]",
        "a@b.c\n",
        "a\x7F@b.c",
        "a\xC3@b.c",
        "x@m\xC3\xBC.de",
        "a<b@c.d",
        "a,b@c.d",
        "a;b@c.d",
        "<a@b.c>",
        "mailto:a@b.c",
        "a\\@b.c",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (is_email(bad[i]))
            fail_msg("%s is taken", bad[i]);
}

static bool
sizes(size_t local, size_t label, size_t labels)
{
    char text[600];
    size_t used = local;
    memset(text, 'l', local);
    text[used++] = '@';
    for (size_t i = 0; i < labels; i++) {
        if (i > 0)
            text[used++] = '.';
        memset(text + used, 'd', label);
        used += label;
    }
    text[used] = '\0';
    return is_email(text);
}

static void
holds_the_limits_of_rfc_5321(void **state)
{
    (void)state;
    assert_true(sizes(64, 10, 2));
    assert_false(sizes(65, 10, 2));
    assert_true(sizes(1, 63, 2));
    assert_false(sizes(1, 64, 2));
    assert_true(sizes(62, 63, 3)); /* 62 + 1 + 191 = 254 */
    assert_false(sizes(63, 63, 3));
    assert_false(sizes(0, 63, 4)); /* no local part */
    assert_false(sizes(1, 63, 4)); /* 257 */
}

static void
folds_ascii_letters_and_nothing_else(void **state)
{
    (void)state;
    uint8_t memory[CSN_EMAIL_MAX];
    struct csn_bytes folded = csn_email_fold(csn_bytes_text("A.Z+[`@{J\xC3\x9C@B.Example"), memory);
    assert_true(csn_bytes_equal_text(folded, "a.z+[`@{j\xC3\x9C@b.example"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_what_people_have),
        cmocka_unit_test(refuses_what_is_no_address),
        cmocka_unit_test(holds_the_limits_of_rfc_5321),
        cmocka_unit_test(folds_ascii_letters_and_nothing_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
