/* Push addresses: the three forms, both sides of each rule.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "server/domain/push_address.h"

#define POINT                                                                                       \
    "BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" /* 87 \
                                                                                               */
#define AUTH "AAAAAAAAAAAAAAAAAAAAAA" /* 22 */
#define HEX64 "0123456789abcdefABCDEF0123456789abcdef0123456789abcdef0123456789"

static uint8_t memory[65536], text[CSN_PUSH_ADDRESS_MAX];
static struct csn_push_address address;
static struct csn_push_fault fault;

static bool
reads(const char *json)
{
    static uint8_t copy[8192];
    struct csn_arena arena = csn_arena_over(memory, sizeof memory);
    struct csn_buffer out = csn_buffer_over(text, sizeof text);
    const struct csn_json_node *root = NULL;
    assert_true(strlen(json) < sizeof copy);
    memcpy(copy, json, strlen(json));
    assert_int_equal(csn_json_parse(csn_bytes_of(copy, strlen(json)), &arena, &root), CSN_OK);
    bool good = csn_push_address_read(root, &out, &address, &fault);
    assert_int_equal(address.kind == CSN_PUSH_NONE, !good);
    return good;
}

static const char *
web(const char *endpoint, const char *point, const char *auth)
{
    static char json[4096];
    snprintf(json, sizeof json,
             "{\"web_push\":{\"endpoint\":\"%s\",\"p256dh\":\"%s\",\"auth\":\"%s\"}}", endpoint,
             point, auth);
    return json;
}

static const char *
apns(const char *environment, const char *token)
{
    static char json[4096];
    snprintf(json, sizeof json,
             "{\"apns\":{\"bundle_id\":\"a.b\",\"environment\":\"%s\",\"token\":\"%s\"}}",
             environment, token);
    return json;
}

static void
reads_the_three_forms(void **state)
{
    (void)state;
    assert_true(reads(web("https://push.example/a?b=c", POINT, AUTH)));
    assert_int_equal(address.kind, CSN_PUSH_WEB);
    assert_true(csn_bytes_equal_text(address.target, "https://push.example/a?b=c"));
    assert_true(csn_bytes_equal_text(address.json, web("https://push.example/a?b=c", POINT, AUTH)));
    assert_true(reads("{\"fcm\":{\"registration_id\":\"r:1\",\"package\":\"a.b\"}}"));
    assert_int_equal(address.kind, CSN_PUSH_FCM);
    assert_true(csn_bytes_equal_text(address.target, "r:1"));
    assert_true(csn_bytes_equal_text(
        address.json, "{\"fcm\":{\"package\":\"a.b\",\"registration_id\":\"r:1\"}}"));
    assert_true(reads(apns("sandbox", HEX64)));
    assert_int_equal(address.kind, CSN_PUSH_APNS);
    assert_true(reads(apns("production", HEX64)));
}

static void
reads_a_form_that_is_null_as_absent(void **state)
{
    (void)state;
    assert_true(reads("{\"fcm\":{\"registration_id\":\"r:1\",\"package\":\"a.b\"},\"apns\":null}"));
    assert_int_equal(address.kind, CSN_PUSH_FCM);
    assert_true(csn_bytes_equal_text(
        address.json, "{\"fcm\":{\"package\":\"a.b\",\"registration_id\":\"r:1\"}}"));
    assert_true(reads("{\"web_push\":null,\"apns\":null,\"fcm\":{\"registration_id\":\"r\","
                      "\"package\":\"a\"}}"));
    assert_false(reads("{\"fcm\":null,\"apns\":null}"));
    assert_true(csn_bytes_equal_text(fault.name, "fcm"));
    assert_false(reads("{\"fcm\":{\"registration_id\":\"r\",\"package\":\"a\"},\"sms\":null}"));
    assert_true(csn_bytes_equal_text(fault.name, "sms"));
    assert_false(reads("{\"fcm\":{\"registration_id\":\"r\",\"package\":\"a\"},\"apns\":{}}"));
    assert_true(csn_bytes_equal_text(fault.name, "apns"));
}

static void
takes_an_endpoint_that_is_an_https_url(void **state)
{
    (void)state;
    static const char *const bad[] = {"http://push.example/",
                                      "https:///x",
                                      "https://:443/x",
                                      "https://u@push.example/",
                                      "https://a b/",
                                      "HTTPS://a/",
                                      "https://a/#x",
                                      "https://\\u00fc/",
                                      "a",
                                      ""};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(reads(web(bad[i], POINT, AUTH)));
        assert_string_equal(fault.prefix, "web_push.");
        assert_true(csn_bytes_equal_text(fault.name, "endpoint"));
    }
    static char long_one[CSN_PUSH_ENDPOINT_MAX + 2] = "https://push.example/";
    memset(long_one + 21, 'x', CSN_PUSH_ENDPOINT_MAX - 21);
    assert_true(reads(web(long_one, POINT, AUTH)));
    long_one[CSN_PUSH_ENDPOINT_MAX] = 'x';
    assert_false(reads(web(long_one, POINT, AUTH)));
}

static void
takes_keys_of_their_one_length(void **state)
{
    (void)state;
    char other[128];
    strcpy(other, POINT);
    other[1] = 'Q'; /* begins 0x05: a compressed point has another sign */
    const char *const points[] = {"", "BAAA", POINT "A", POINT "=", POINT "AAAA", other, "-" POINT};
    for (size_t i = 0; i < sizeof points / sizeof points[0]; i++) {
        if (reads(web("https://a/", points[i], AUTH)))
            fail_msg("the point %s is taken", points[i]);
        assert_true(csn_bytes_equal_text(fault.name, "p256dh"));
    }
    const char *const auths[] = {"",
                                 "AAAA",
                                 AUTH "A",
                                 AUTH "==",
                                 AUTH "AA",
                                 "AAAAAAAAAAAAAAAAAAAAAB",
                                 "AAAAAAAAAAAAAAAAAAAA+A"};
    for (size_t i = 0; i < sizeof auths / sizeof auths[0]; i++) {
        if (reads(web("https://a/", POINT, auths[i])))
            fail_msg("the secret %s is taken", auths[i]);
        assert_true(csn_bytes_equal_text(fault.name, "auth"));
    }
}

static void
takes_a_device_token_in_hex(void **state)
{
    (void)state;
    char token[256] = HEX64;
    token[63] = '\0';
    assert_false(reads(apns("sandbox", token)));
    token[62] = '\0';
    assert_false(reads(apns("sandbox", token)));
    memset(token, 'a', sizeof token);
    token[200] = '\0';
    assert_true(reads(apns("sandbox", token)));
    memset(token, 'a', 202);
    token[202] = '\0';
    assert_false(reads(apns("sandbox", token)));
    strcpy(token, HEX64);
    token[5] = 'g';
    assert_false(reads(apns("sandbox", token)));
    assert_false(reads(apns("test", HEX64)));
    assert_true(csn_bytes_equal_text(fault.name, "environment"));
}

static void
refuses_any_other_form_and_names_the_member(void **state)
{
    (void)state;
    static const struct {
        const char *json, *prefix, *name;
    } rows[] = {
        {"{}", "", "web_push"},
        {"{\"sms\":{}}", "", "sms"},
        {"{\"fcm\":null}", "", "fcm"},
        {"{\"fcm\":\"x\"}", "", "fcm"},
        {"{\"fcm\":{\"package\":\"p\",\"registration_id\":\"r\"},\"apns\":{}}", "", "apns"},
        {"{\"fcm\":{\"package\":\"p\"}}", "fcm.", "registration_id"},
        {"{\"fcm\":{\"package\":\"\",\"registration_id\":\"r\"}}", "fcm.", "package"},
        {"{\"fcm\":{\"package\":7,\"registration_id\":\"r\"}}", "fcm.", "package"},
        {"{\"fcm\":{\"package\":\"p q\",\"registration_id\":\"r\"}}", "fcm.", "package"},
        {"{\"fcm\":{\"package\":\"p\",\"registration_id\":\"r\",\"x\":1}}", "fcm.", "x"},
        {"{\"fcm\":{\"package\":\"p\",\"registrationId\":\"r\"}}", "fcm.", "registrationId"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_false(reads(rows[i].json));
        assert_string_equal(fault.prefix, rows[i].prefix);
        assert_true(csn_bytes_equal_text(fault.name, rows[i].name));
        assert_non_null(fault.sentence);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_the_three_forms),
        cmocka_unit_test(reads_a_form_that_is_null_as_absent),
        cmocka_unit_test(takes_an_endpoint_that_is_an_https_url),
        cmocka_unit_test(takes_keys_of_their_one_length),
        cmocka_unit_test(takes_a_device_token_in_hex),
        cmocka_unit_test(refuses_any_other_form_and_names_the_member),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
