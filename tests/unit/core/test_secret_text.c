/* SPDX-License-Identifier: Apache-2.0
 * The text of a secret becomes bytes under its declared encoding, and under no other. */
#include "world.h"

#include <string.h>

static void
decodes_each_encoding(void **state)
{
    (void)state;
    static const struct {
        enum csn_encoding encoding;
        const char *text, *bytes;
        size_t len;
    } rows[] = {
        {CSN_ENCODING_UTF8, "", "", 0},
        {CSN_ENCODING_UTF8, "Zm9v", "Zm9v", 4},
        {CSN_ENCODING_UTF8, " p\xc3\xa4ss\n", " p\xc3\xa4ss\n", 7},
        {CSN_ENCODING_BASE64, "", "", 0},
        {CSN_ENCODING_BASE64, "Zm9v", "foo", 3},
        {CSN_ENCODING_BASE64, "Zg==", "f", 1},
        {CSN_ENCODING_BASE64, "Zg", "f", 1},
        {CSN_ENCODING_BASE64, "Zm8=", "fo", 2},
        {CSN_ENCODING_BASE64, "Zm8", "fo", 2},
        {CSN_ENCODING_BASE64, "+/+/", "\xfb\xff\xbf", 3},
        {CSN_ENCODING_BASE64URL, "-_-_", "\xfb\xff\xbf", 3},
        {CSN_ENCODING_BASE64URL, "Zg==", "f", 1},
        {CSN_ENCODING_HEX, "", "", 0},
        {CSN_ENCODING_HEX, "00ff7Fa9", "\x00\xff\x7f\xa9", 4},
        {CSN_ENCODING_HEX, "ABCDEFabcdef", "\xab\xcd\xef\xab\xcd\xef", 6},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct csn_secret secret;
        memset(&secret, 0xA5, sizeof secret);
        enum csn_status status =
            csn_secret_decode(csn_bytes_text(rows[i].text), rows[i].encoding, &secret);
        assert_int_equal(status, CSN_OK);
        assert_int_equal(secret.len, rows[i].len);
        assert_memory_equal(secret.bytes, rows[i].bytes, rows[i].len);
    }
}

static void
refuses_text_of_another_encoding(void **state)
{
    (void)state;
    static const struct {
        enum csn_encoding encoding;
        const char *text;
    } rows[] = {
        {CSN_ENCODING_UNSET, "Zm9v"},      {(enum csn_encoding)9, "Zm9v"},
        {CSN_ENCODING_UTF8, "\xff"},       {CSN_ENCODING_UTF8, "a\xc3"},
        {CSN_ENCODING_BASE64, "-_-_"},     {CSN_ENCODING_BASE64, "Zg="},
        {CSN_ENCODING_BASE64, "Zg==="},    {CSN_ENCODING_BASE64, "Z==="},
        {CSN_ENCODING_BASE64, "===="},     {CSN_ENCODING_BASE64, "=="},
        {CSN_ENCODING_BASE64, "Zg==Zg=="}, {CSN_ENCODING_BASE64, "Zh"},
        {CSN_ENCODING_BASE64, "Zm9v\n"},   {CSN_ENCODING_BASE64, "Zm 9v"},
        {CSN_ENCODING_BASE64, "Z"},        {CSN_ENCODING_BASE64URL, "+/+/"},
        {CSN_ENCODING_BASE64URL, "-_/_"},  {CSN_ENCODING_HEX, "0"},
        {CSN_ENCODING_HEX, "0x"},          {CSN_ENCODING_HEX, "gg"},
        {CSN_ENCODING_HEX, "@@"},          {CSN_ENCODING_HEX, "//"},
        {CSN_ENCODING_HEX, "::"},          {CSN_ENCODING_HEX, "``"},
        {CSN_ENCODING_HEX, "0 "},          {CSN_ENCODING_HEX, "a "},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct csn_secret secret;
        enum csn_status status =
            csn_secret_decode(csn_bytes_text(rows[i].text), rows[i].encoding, &secret);
        if (status != CSN_INVALID)
            fail_msg("'%s' as %s was not refused", rows[i].text,
                     csn_encoding_name(rows[i].encoding));
        assert_int_equal(secret.len, 0);
    }
}

static void
takes_512_bytes_and_not_one_more(void **state)
{
    (void)state;
    static uint8_t text[4096], plain[CSN_SECRET_MAX + 1];
    struct csn_secret secret;
    memset(text, '4', sizeof text);
    static const enum csn_encoding plain_ones[] = {CSN_ENCODING_UTF8, CSN_ENCODING_HEX};
    for (unsigned i = 0; i < 2; i++) {
        size_t unit = i + 1; /* characters a byte */
        assert_int_equal(
            csn_secret_decode(csn_bytes_of(text, unit * CSN_SECRET_MAX), plain_ones[i], &secret),
            CSN_OK);
        assert_int_equal(secret.len, CSN_SECRET_MAX);
        assert_int_equal(csn_secret_decode(csn_bytes_of(text, unit * (CSN_SECRET_MAX + 1)),
                                           plain_ones[i], &secret),
                         CSN_TOO_LARGE);
    }
    for (size_t len = CSN_SECRET_MAX; len <= CSN_SECRET_MAX + 1; len++) {
        struct csn_buffer out = csn_buffer_over(text, sizeof text);
        csn_base64url_append(&out, csn_bytes_of(plain, len));
        enum csn_status want = len > CSN_SECRET_MAX ? CSN_TOO_LARGE : CSN_OK;
        assert_int_equal(csn_secret_decode(csn_buffer_view(&out), CSN_ENCODING_BASE64URL, &secret),
                         want);
    }
    memset(text, 'A', sizeof text);
    assert_int_equal(
        csn_secret_decode(csn_bytes_of(text, sizeof text), CSN_ENCODING_BASE64, &secret),
        CSN_TOO_LARGE);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decodes_each_encoding),
        cmocka_unit_test(refuses_text_of_another_encoding),
        cmocka_unit_test(takes_512_bytes_and_not_one_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
