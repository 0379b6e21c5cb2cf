/* Padded base64.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/base64.h"
#include "support.h"

static void
writes_the_vectors_of_rfc_4648(void **state)
{
    (void)state;
    static const char *const vectors[][2] = {
        {"", ""},
        {"f", "Zg=="},
        {"fo", "Zm8="},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="},
        {"fooba", "Zm9vYmE="},
        {"foobar", "Zm9vYmFy"},
    };
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        char memory[16];
        struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
        csn_base64_append(&out, csn_bytes_text(vectors[i][0]));
        assert_true(csn_bytes_equal_text(csn_buffer_view(&out), vectors[i][1]));
        assert_int_equal(out.len, CSN_BASE64_LENGTH(csn_bytes_text(vectors[i][0]).len));
    }
}

static void
uses_the_standard_alphabet_to_its_last_two_letters(void **state)
{
    (void)state;
    static const uint8_t bytes[] = {0xfb, 0xff, 0xbf};
    char memory[4];
    struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
    csn_base64_append(&out, csn_bytes_of(bytes, sizeof bytes));
    assert_true(csn_bytes_equal_text(csn_buffer_view(&out), "+/+/"));
}

static void
notes_that_it_did_not_fit(void **state)
{
    (void)state;
    char memory[7];
    struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
    csn_base64_append(&out, csn_bytes_text("foob"));
    assert_true(out.overflowed);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_the_vectors_of_rfc_4648),
        cmocka_unit_test(uses_the_standard_alphabet_to_its_last_two_letters),
        cmocka_unit_test(notes_that_it_did_not_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
