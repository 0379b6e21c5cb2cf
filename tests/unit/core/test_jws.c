/* SPDX-License-Identifier: Apache-2.0
 * The compact form: exactly three parts, each canonical base64url, nothing around them. */
#include "core/jws.h"
#include "world.h"

#include <string.h>

static void
takes_a_token_apart(void **state)
{
    (void)state;
    static struct csn_workspace workspace;
    struct csn_token_parts parts;
    assert_int_equal(csn_token_open(csn_bytes_text("e30.Zm9v.Zm8"), &workspace, &parts), CSN_OK);
    assert_bytes_are(parts.header, "{}");
    assert_bytes_are(parts.payload, "foo");
    assert_bytes_are(parts.signature, "fo");
    assert_bytes_are(parts.signing_input, "e30.Zm9v");
}

static void
names_the_part_that_is_malformed(void **state)
{
    (void)state;
    static const struct {
        const char *token;
        enum csn_part part;
    } rows[] = {
        {"e30.Zm9v.Zm8", CSN_PART_NONE},
        {"", CSN_PART_TOKEN},
        {".", CSN_PART_TOKEN},
        {"..", CSN_PART_TOKEN},
        {"...", CSN_PART_TOKEN},
        {"e30", CSN_PART_TOKEN},
        {"e30.", CSN_PART_TOKEN},
        {"e30.Zm9v", CSN_PART_TOKEN},
        {"e30.Zm9v.", CSN_PART_TOKEN},
        {".Zm9v.Zm8", CSN_PART_TOKEN},
        {"e30..Zm8", CSN_PART_TOKEN},
        {"e30.Zm9v.Zm8.", CSN_PART_TOKEN},
        {"e30.Zm9v.Zm8.Zm8", CSN_PART_TOKEN},
        {"e30.e30.e30.e30.e30", CSN_PART_TOKEN},
        {" e30.Zm9v.Zm8", CSN_PART_HEADER},
        {"e30 .Zm9v.Zm8", CSN_PART_HEADER},
        {"e31.Zm9v.Zm8", CSN_PART_HEADER},
        {"e.Zm9v.Zm8", CSN_PART_HEADER},
        {"e30=.Zm9v.Zm8", CSN_PART_HEADER},
        {"e30,Zm9v,Zm8", CSN_PART_HEADER},
        {"e30.Zm 9v.Zm8", CSN_PART_PAYLOAD},
        {"e30.Z.Zm8", CSN_PART_PAYLOAD},
        {"e30.Zm9.Zm8", CSN_PART_PAYLOAD},
        {"e30.Zm9v\n.Zm8", CSN_PART_PAYLOAD},
        {"e30.Zm9v.Zm9", CSN_PART_SIGNATURE},
        {"e30.Zm9v.Zm8=", CSN_PART_SIGNATURE},
        {"e30.Zm9v.Zm8\n", CSN_PART_SIGNATURE},
        {"e30.Zm9v.Z", CSN_PART_SIGNATURE},
        {"e30.Zm9v./m8", CSN_PART_SIGNATURE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t decoded[64];
        struct csn_token_parts parts;
        enum csn_part part = csn_jws_open(csn_bytes_text(rows[i].token), decoded, &parts);
        if (part != rows[i].part)
            fail_msg("'%s': want '%s', got '%s'", rows[i].token, csn_part_name(rows[i].part),
                     csn_part_name(part));
    }
}

static void
shows_what_it_could_read_before_the_break(void **state)
{
    (void)state;
    static struct csn_workspace workspace;
    struct csn_token_parts parts;
    assert_int_equal(csn_token_open(csn_bytes_text("e30.Zm9v.Z!"), &workspace, &parts),
                     CSN_INVALID);
    assert_bytes_are(parts.header, "{}");
    assert_bytes_are(parts.payload, "foo");
    assert_bytes_are(parts.signing_input, "e30.Zm9v");
    assert_int_equal(parts.signature.len, 0);
    assert_int_equal(csn_token_open(csn_bytes_text("e30"), &workspace, &parts), CSN_INVALID);
    assert_int_equal(parts.header.len, 0);
}

static void
opens_16384_bytes_and_not_one_more(void **state)
{
    (void)state;
    static struct csn_workspace workspace;
    static uint8_t token[CSN_TOKEN_MAX + 4];
    struct csn_token_parts parts;
    memset(token, 'A', sizeof token);
    token[4] = '.';
    token[9] = '.';
    /* 4 . 4 . rest; a rest of 16374 has two characters beyond whole quanta */
    assert_int_equal(csn_token_open(csn_bytes_of(token, CSN_TOKEN_MAX), &workspace, &parts),
                     CSN_OK);
    assert_int_equal(csn_token_open(csn_bytes_of(token, CSN_TOKEN_MAX + 1), &workspace, &parts),
                     CSN_INVALID);
    assert_null(parts.header.ptr);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_a_token_apart),
        cmocka_unit_test(names_the_part_that_is_malformed),
        cmocka_unit_test(shows_what_it_could_read_before_the_break),
        cmocka_unit_test(opens_16384_bytes_and_not_one_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
