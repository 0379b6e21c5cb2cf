/* Whether a certificate and a private key belong together, and if not, which of them is at fault.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include "crypto/tls_pair.h"

#define CERTIFICATE "rsa_certificate.pem"

/* Returns: the text of the files one after another, terminated. Borrows one of eight buffers, used
 * in turn. */
static const char *
text_of(const char *first, const char *second)
{
    static char memory[8][32768];
    static size_t turn;
    char *text = memory[turn++ % 8];
    struct csn_bytes a = key_file(first);
    memcpy(text, a.ptr, a.len);
    size_t len = a.len;
    if (second != NULL) {
        struct csn_bytes b = key_file(second);
        memcpy(text + len, b.ptr, b.len);
        len += b.len;
    }
    text[len] = '\0';
    return text;
}

static enum csn_tls_pair
check(const char *certificate, const char *key)
{
    enum csn_tls_pair pair = csn_tls_pair_check(certificate, key);
    assert_true(queue_is_empty());
    return pair;
}

static void
a_certificate_and_its_key_are_a_pair(void **state)
{
    (void)state;
    const char *certificate = text_of(CERTIFICATE, NULL);
    assert_int_equal(check(certificate, text_of("rsa_private.pem", NULL)), CSN_TLS_PAIR);
    assert_int_equal(check(certificate, text_of("rsa_private_pkcs1.pem", NULL)), CSN_TLS_PAIR);
}

static void
what_stands_around_them_in_their_files_is_passed_over(void **state)
{
    (void)state;
    const char *key = text_of("rsa_private.pem", "rsa_public.pem");
    assert_int_equal(check(text_of(CERTIFICATE, CERTIFICATE), key), CSN_TLS_PAIR);
    key = text_of("rsa_public.pem", "rsa_private.pem");
    assert_int_equal(check(text_of("rsa_public.pem", CERTIFICATE), key), CSN_TLS_PAIR);
}

static void
a_key_of_another_pair_is_told_from_a_pair(void **state)
{
    (void)state;
    const char *certificate = text_of(CERTIFICATE, NULL);
    assert_int_equal(check(certificate, text_of("ec_p256_private.pem", NULL)), CSN_TLS_OTHER_KEY);
    assert_int_equal(check(certificate, text_of("rsa_pss_private.pem", NULL)), CSN_TLS_OTHER_KEY);
}

static void
a_file_without_what_it_should_hold_is_named(void **state)
{
    (void)state;
    const char *certificate = text_of(CERTIFICATE, NULL);
    const char *key = text_of("rsa_private.pem", NULL);
    assert_int_equal(check("", key), CSN_TLS_NO_CERTIFICATE);
    assert_int_equal(check("not PEM", ""), CSN_TLS_NO_CERTIFICATE);
    assert_int_equal(check(key, key), CSN_TLS_NO_CERTIFICATE);
    assert_int_equal(check(certificate, ""), CSN_TLS_NO_KEY);
    assert_int_equal(check(certificate, certificate), CSN_TLS_NO_KEY);
    assert_int_equal(check(certificate, text_of("rsa_public.pem", NULL)), CSN_TLS_NO_KEY);
}

static void
a_key_under_a_passphrase_asks_nobody_for_it(void **state)
{
    (void)state;
    const char *certificate = text_of(CERTIFICATE, NULL);
    assert_int_equal(check(certificate, text_of("rsa_private_encrypted.pem", NULL)),
                     CSN_TLS_KEY_ENCRYPTED);
    assert_int_equal(check(certificate, text_of("rsa_private_pkcs1_encrypted.pem", NULL)),
                     CSN_TLS_KEY_ENCRYPTED);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_certificate_and_its_key_are_a_pair),
        cmocka_unit_test(what_stands_around_them_in_their_files_is_passed_over),
        cmocka_unit_test(a_key_of_another_pair_is_told_from_a_pair),
        cmocka_unit_test(a_file_without_what_it_should_hold_is_named),
        cmocka_unit_test(a_key_under_a_passphrase_asks_nobody_for_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
