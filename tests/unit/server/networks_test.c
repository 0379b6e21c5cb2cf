/* Networks and URLs: what is public, what is taken, where an origin ends.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "server/domain/networks.h"
#include "server/domain/url.h"

static void
expect_public(const char *text, bool expected)
{
    uint8_t address[16];
    bool v4 = false;
    assert_true(csn_address_read(csn_bytes_text(text), address, &v4));
    if (csn_address_is_public(address) != expected)
        fail_msg("%s", text);
}

static void
knows_the_private_ranges_by_both_ends(void **state)
{
    (void)state;
    static const char *const inside[] = {
        "0.0.0.0",
        "10.0.0.0",
        "10.255.255.255",
        "100.64.0.0",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.255.255",
        "169.254.0.0",
        "169.254.255.255",
        "172.16.0.0",
        "172.31.255.255",
        "192.0.0.1",
        "192.0.2.1",
        "192.168.0.0",
        "192.168.255.255",
        "198.18.0.0",
        "198.19.255.255",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1",
        "fc00::1",
        "fdff::1",
        "ff02::1",
        "64:ff9b::a00:1",
        "2002:a00:1::",
        "2001::1",
        "2001:db8::1",
        "::ffff:10.0.0.1",
        "3fff::1",
    };
    static const char *const outside[] = {
        "1.0.0.0",         "9.255.255.255",   "11.0.0.0",        "100.63.255.255", "100.128.0.0",
        "126.255.255.255", "128.0.0.0",       "169.253.255.255", "169.255.0.0",    "172.15.255.255",
        "172.32.0.0",      "192.167.255.255", "192.169.0.0",     "198.17.255.255", "198.20.0.0",
        "223.255.255.255", "2600::1",         "2a00::1",         "2001:200::1",    "::ffff:8.8.8.8",
    };
    for (size_t i = 0; i < sizeof inside / sizeof *inside; i++)
        expect_public(inside[i], false);
    for (size_t i = 0; i < sizeof outside / sizeof *outside; i++)
        expect_public(outside[i], true);
}

static void
finds_the_origin_of_a_url(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"https://push.example.net/p/JzLQ3raZ", "https://push.example.net"},
        {"https://push.example.net:8443?x", "https://push.example.net:8443"},
        {"http://127.0.0.1:9/", "http://127.0.0.1:9"},
        {"https://push.example.net", "https://push.example.net"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_true(csn_bytes_equal_text(csn_url_origin(csn_bytes_text(cases[i][0])), cases[i][1]));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_the_private_ranges_by_both_ends),
        cmocka_unit_test(finds_the_origin_of_a_url),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
