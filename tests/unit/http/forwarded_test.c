/* Whose request it is behind proxies: the right-most address that is none of ours.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "server/http/forwarded.h"

#define PEER "10.0.0.1"

static struct csn_networks
trusting(const char *list)
{
    struct csn_networks trusted;
    assert_true(csn_networks_read(list, &trusted));
    return trusted;
}

/* Returns: the source that PEER's request with these fields is from; 10/8 and fd00::/8 are ours. */
static const char *
source_of(const char *const *values, size_t count)
{
    static char memory[CSN_SOURCE_MAX], text[64];
    struct csn_networks trusted = trusting("10.0.0.0/8,fd00::/8");
    struct csn_header fields[8] = {{csn_bytes_text("Host"), csn_bytes_text("192.0.2.99")}};
    for (size_t i = 0; i < count; i++)
        fields[i + 1] =
            (struct csn_header){csn_bytes_text("X-Forwarded-For"), csn_bytes_text(values[i])};
    struct csn_bytes source =
        csn_forwarded_source(&trusted, csn_bytes_text(PEER), fields, count + 1, memory);
    assert_true(source.len < sizeof text);
    memcpy(text, source.ptr, source.len);
    text[source.len] = '\0';
    return text;
}

static void
source_is(const char *list, const char *due)
{
    assert_string_equal(source_of(&list, 1), due);
}

/* --- whom we trust --- */

static void
trusts_nobody_unless_told(void **state)
{
    (void)state;
    struct csn_networks none = trusting(""), zero = {0};
    assert_false(csn_is_trusted_proxy(&none, csn_bytes_text("127.0.0.1")));
    assert_false(csn_is_trusted_proxy(&zero, csn_bytes_text("127.0.0.1")));
}

static void
trusts_the_addresses_and_networks_named_and_their_edges(void **state)
{
    (void)state;
    struct csn_networks t =
        trusting("192.0.2.7, 10.1.0.0/15 ,172.16.9.9/12,2001:db8::1,fd00::/9,198.51.100.0/25");
    static const struct {
        const char *address;
        bool due;
    } rows[] = {
        {"192.0.2.7", true},
        {"192.0.2.6", false},
        {"192.0.2.8", false},
        {"10.0.0.0", true},
        {"10.1.255.255", true},
        {"10.2.0.0", false},
        {"9.255.255.255", false},
        {"172.16.0.0", true},
        {"172.31.255.255", true},
        {"172.32.0.0", false},
        {"2001:db8::1", true},
        {"2001:db8::2", false},
        {"fd7f:ffff::1", true},
        {"fd80::", false},
        {"198.51.100.127", true},
        {"198.51.100.128", false},
        {"::ffff:10.0.0.1", true},
        {"::ffff:11.0.0.1", false},
        {"", false},
        {"unix", false},
        {"10.0.0.1:80", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(csn_is_trusted_proxy(&t, csn_bytes_text(rows[i].address)), rows[i].due);
}

static void
everybody_can_be_trusted(void **state)
{
    (void)state;
    struct csn_networks v4 = trusting("0.0.0.0/0"), all = trusting("::/0");
    assert_true(csn_is_trusted_proxy(&v4, csn_bytes_text("192.0.2.7")));
    assert_false(csn_is_trusted_proxy(&v4, csn_bytes_text("2001:db8::1")));
    assert_true(csn_is_trusted_proxy(&all, csn_bytes_text("192.0.2.7")));
}

static void
refuses_a_setting_that_is_no_list_of_addresses(void **state)
{
    (void)state;
    static const char *const bad[] = {
        ",",
        "10.0.0.1,",
        ",10.0.0.1",
        "10.0.0.1,,10.0.0.2",
        "localhost",
        "10.0.0.1:80",
        "[::1]",
        "10.0.0.0/33",
        "10.0.0.0/",
        "10.0.0.0/-1",
        "10.0.0.0/8/8",
        "::/129",
        "10.0.0/8",
        "10.0.0.1 ::1",
        "/8",
        "10.0.0.0/8.5",
        "10.0.0.256",
        "fe80::1%eth0",
        " ",
        "10.0.0.0/ 8",
    };
    struct csn_networks trusted;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (csn_networks_read(bad[i], &trusted))
            fail_msg("took \"%s\"", bad[i]);
}

static void
takes_as_many_as_there_is_room_for_and_not_one_more(void **state)
{
    (void)state;
    char list[(CSN_NETWORKS_MAX + 1) * 4 + 1];
    struct csn_networks trusted;
    for (size_t i = 0; i <= CSN_NETWORKS_MAX; i++)
        memcpy(list + i * 4, ",::1", 5);
    assert_false(csn_networks_read(list + 1, &trusted)); /* one too many */
    assert_true(csn_networks_read(list + 5, &trusted));
    assert_int_equal(trusted.count, CSN_NETWORKS_MAX);
}

/* --- the list --- */

static void
the_address_the_proxy_appended_is_the_source(void **state)
{
    (void)state;
    source_is("192.0.2.7", "192.0.2.7");
    source_is("\t192.0.2.7 ", "192.0.2.7");
    source_is("2001:DB8:0::7", "2001:db8::7");
    source_is("::ffff:192.0.2.7", "192.0.2.7");
    source_is("192.0.2.7:4711", "192.0.2.7");
    source_is("[2001:db8::7]:4711", "2001:db8::7");
    source_is("[2001:db8::7]", "2001:db8::7");
}

static void
what_a_client_invented_left_of_it_counts_for_nothing(void **state)
{
    (void)state;
    source_is("1.2.3.4, 192.0.2.7", "192.0.2.7");
    source_is("10.0.0.9, 192.0.2.7", "192.0.2.7");
    source_is("garbage, , \"\",;for=1.2.3.4, 192.0.2.7", "192.0.2.7");
    source_is("1.2.3.4,192.0.2.7, 10.0.0.9,fd00::5", "192.0.2.7");
}

static void
proxies_of_ours_are_passed_over(void **state)
{
    (void)state;
    source_is("192.0.2.7, 10.0.0.9", "192.0.2.7");
    source_is("192.0.2.7, 10.0.0.9, fd00::5, ::ffff:10.3.3.3", "192.0.2.7");
    source_is("10.0.0.7, 10.0.0.9", "10.0.0.7"); /* one of them asked itself */
}

static void
several_fields_are_one_list(void **state)
{
    (void)state;
    const char *const spoofed[] = {"1.2.3.4", "192.0.2.7"};
    assert_string_equal(source_of(spoofed, 2), "192.0.2.7");
    const char *const chain[] = {"1.2.3.4, 192.0.2.7", "10.0.0.9", "", "10.0.0.8,fd00::1"};
    assert_string_equal(source_of(chain, 4), "192.0.2.7");
    const char *const ours[] = {"10.0.0.9", "10.0.0.8"};
    assert_string_equal(source_of(ours, 2), "10.0.0.9");
}

static void
where_the_list_says_nothing_the_last_known_hop_is_the_source(void **state)
{
    (void)state;
    assert_string_equal(source_of(NULL, 0), PEER);
    source_is("", PEER);
    source_is(" , ,", PEER);
    source_is("unknown", PEER);
    source_is("192.0.2.7, unknown", PEER);
    source_is("192.0.2.7, unknown, 10.0.0.9", "10.0.0.9");
    source_is("192.0.2.7, _hidden, 10.0.0.9", "10.0.0.9");
}

static void
garbage_is_no_address(void **state)
{
    (void)state;
    static const char *const garbage[] = {
        "192.0.2",
        "192.0.2.7.8",
        "192.0.2.256",
        "300.1.1.1",
        "[",
        "[]",
        "[192.0.2.7",
        "]",
        ":",
        ".",
        ".:",
        "192.0.2.7;x",
        "2001:db8::g",
        "1::2::3",
        "fe80::1%eth0",
        "192.0.2.7 8",
        "\xff\xfe",
        "0x7f.1",
        "2001:db8:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0001",
    };
    for (size_t i = 0; i < sizeof garbage / sizeof garbage[0]; i++)
        source_is(garbage[i], PEER);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trusts_nobody_unless_told),
        cmocka_unit_test(trusts_the_addresses_and_networks_named_and_their_edges),
        cmocka_unit_test(everybody_can_be_trusted),
        cmocka_unit_test(refuses_a_setting_that_is_no_list_of_addresses),
        cmocka_unit_test(takes_as_many_as_there_is_room_for_and_not_one_more),
        cmocka_unit_test(the_address_the_proxy_appended_is_the_source),
        cmocka_unit_test(what_a_client_invented_left_of_it_counts_for_nothing),
        cmocka_unit_test(proxies_of_ours_are_passed_over),
        cmocka_unit_test(several_fields_are_one_list),
        cmocka_unit_test(where_the_list_says_nothing_the_last_known_hop_is_the_source),
        cmocka_unit_test(garbage_is_no_address),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
