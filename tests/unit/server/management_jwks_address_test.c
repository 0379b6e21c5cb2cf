/* Addresses of fetched keys: what is one, and how much of it is shown.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/server/registry_world.h"

static void
an_address_is_https_or_loopback(void **state)
{
    (void)state;
    const char *good[] = {"https://keys.example/jwks",  "https://keys.example",
                          "https://k:8443/j?x",         "https://user:password@keys.example/",
                          "http://localhost:8080/jwks", "http://127.0.0.1/j",
                          "http://127.255.0.9:1/j",     "http://[::1]:80/j",
                          "https://[2001:db8::1]/j"};
    const char *bad[] = {"",
                         "https://",
                         "https:///j",
                         "http://keys.example/j",
                         "ftp://localhost/j",
                         "http://localhost.example/j",
                         "http://127.0.0.1.example/j",
                         "http://127.0.0/j",
                         "http://127.0.0.1@keys.example/j",
                         "http://localhost@keys.example/j",
                         "http://keys.example#@localhost/j",
                         "http://keys.example\\@localhost/j",
                         "https://keys.example/#a",
                         "https://keys.example/a b",
                         "https://keys.example/\n",
                         "HTTPS://keys.example/j",
                         "file:///etc/passwd",
                         "http://[::2]/j",
                         "http://128.0.0.1/j",
                         "http://0127.0.0.1/j",
                         "https://user@/j"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        if (!csn_url_is_valid(rw_text(good[i])))
            fail_msg("refused %s", good[i]);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (csn_url_is_valid(rw_text(bad[i])))
            fail_msg("accepted %s", bad[i]);
    }
    char longest[CSN_JWKS_URL_MAX + 1];
    memset(longest, 'a', sizeof longest);
    for (size_t i = 0; i < 8; i++)
        longest[i] = "https://"[i];
    assert_true(csn_url_is_valid(csn_bytes_of(longest, CSN_JWKS_URL_MAX)));
    assert_false(csn_url_is_valid(csn_bytes_of(longest, CSN_JWKS_URL_MAX + 1)));
}

static void
only_the_password_of_an_address_is_hidden(void **state)
{
    struct registry_world *w = *state;
    struct csn_id app = rw_app(w, "moengage");
    const char *cases[][2] = {
        {"https://k.example:8443/a:b@c", "https://k.example:8443/a:b@c"},
        {"https://user@k.example:8443/", "https://user@k.example:8443/"},
        {"https://:p@k.example/", "https://:***@k.example/"},
        {"https://u:p:q@r@k.example", "https://u:***@k.example"},
        {"https://u:@k.example/", "https://u:***@k.example/"},
        {"https://u:p@[::1]:8443/?a@b", "https://u:***@[::1]:8443/?a@b"},
        {"https://[::1]:8443/", "https://[::1]:8443/"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct csn_app_info info;
        assert_int_equal(RW(w, csn_management_jwks_set(&w->m, app, rw_text(cases[i][0]),
                                                       CSN_ALGORITHM_UNSET, w->now_ms)),
                         CSN_OK);
        assert_int_equal(RW(w, csn_management_app_get(&w->m, app, &info)), CSN_OK);
        if (!csn_bytes_equal_text(info.jwks_url, cases[i][1]))
            fail_msg("%s is shown as %.*s", cases[i][0], (int)info.jwks_url.len,
                     (const char *)info.jwks_url.ptr);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_is_https_or_loopback),
        cmocka_unit_test_setup_teardown(only_the_password_of_an_address_is_hidden, rw_setup,
                                        rw_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
