/* SPDX-License-Identifier: Apache-2.0
 * base64url without padding (RFC 4648 §5): what it writes, what it reads, what it refuses. */
#include "core/base64url.h"
#include "world.h"

#include <string.h>

/* RFC 4648 §10, padding left out; and the two characters that differ from base64 */
static const struct {
    const char *plain, *encoded;
} known[] = {
    {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},          {"foo", "Zm9v"},
    {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}, {"\xfb\xff\xbf", "-_-_"},
};

static void
writes_and_reads_the_vectors_of_rfc_4648(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        uint8_t text[16], bytes[16];
        struct csn_buffer out = csn_buffer_over(text, sizeof text);
        struct csn_buffer back = csn_buffer_over(bytes, sizeof bytes);
        csn_base64url_append(&out, csn_bytes_text(known[i].plain));
        assert_bytes_are(csn_buffer_view(&out), known[i].encoded);
        assert_int_equal(csn_base64url_decode(csn_bytes_text(known[i].encoded), &back), CSN_OK);
        assert_bytes_are(csn_buffer_view(&back), known[i].plain);
    }
}

static void
reads_back_every_length_it_writes(void **state)
{
    (void)state;
    uint8_t plain[200], text[300], back[300];
    for (size_t i = 0; i < sizeof plain; i++)
        plain[i] = (uint8_t)(i * 151 + 7);
    for (size_t len = 0; len <= sizeof plain; len++) {
        struct csn_buffer out = csn_buffer_over(text, sizeof text);
        struct csn_buffer bytes = csn_buffer_over(back, sizeof back);
        csn_base64url_append(&out, csn_bytes_of(plain, len));
        assert_int_equal(csn_base64url_decode(csn_buffer_view(&out), &bytes), CSN_OK);
        assert_int_equal(bytes.len, len);
        assert_memory_equal(back, plain, len);
    }
}

/* Every byte at every place of a text, short and long: in the alphabet or refused. */
static void
refuses_every_character_outside_the_alphabet(void **state)
{
    (void)state;
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for (size_t len = 2; len <= 43; len++) {
        if (len % 4 == 1)
            continue;
        for (size_t at = 0; at < len; at++) {
            for (unsigned c = 0; c < 256; c++) {
                uint8_t text[43], bytes[64];
                memset(text, 'A', sizeof text);
                text[at] = (uint8_t)c;
                struct csn_buffer out = csn_buffer_over(bytes, sizeof bytes);
                bool known_symbol = c != 0 && strchr(alphabet, (int)c) != NULL;
                bool last = at + 1 == len && len % 4 != 0;
                enum csn_status status = csn_base64url_decode(csn_bytes_of(text, len), &out);
                if (!known_symbol)
                    assert_int_equal(status, CSN_INVALID);
                else if (!last) /* the last one may hold stray bits: the next test */
                    assert_int_equal(status, CSN_OK);
            }
        }
    }
}

/* RFC 4648 §3.5: one value, one text. Of 64 last characters only those without stray bits stand. */
static void
refuses_stray_bits_in_the_last_character(void **state)
{
    (void)state;
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for (unsigned v = 0; v < 64; v++) {
        uint8_t bytes[8];
        char two[] = "A?", three[] = "AA?", long_three[] = "AAAAAA?";
        two[1] = three[2] = long_three[6] = alphabet[v];
        struct csn_buffer out = csn_buffer_over(bytes, sizeof bytes);
        assert_int_equal(csn_base64url_decode(csn_bytes_text(two), &out),
                         v % 16 == 0 ? CSN_OK : CSN_INVALID);
        out = csn_buffer_over(bytes, sizeof bytes);
        assert_int_equal(csn_base64url_decode(csn_bytes_text(three), &out),
                         v % 4 == 0 ? CSN_OK : CSN_INVALID);
        out = csn_buffer_over(bytes, sizeof bytes);
        assert_int_equal(csn_base64url_decode(csn_bytes_text(long_three), &out),
                         v % 4 == 0 ? CSN_OK : CSN_INVALID);
    }
}

static void
refuses_what_is_no_whole_encoding(void **state)
{
    (void)state;
    static const char *const broken[] = {
        "A",    "AAAAA", "Zg==",     "Zm8=", "Zm9v=", " Zg", "Zg\n", "Zm+v",    "Zm/v",
        "Zm 9", "Zg.",   "Zm9vYg==", "=",    "====",  "A=",  "AA=A", "\xc3\xa9"};
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        uint8_t bytes[16];
        struct csn_buffer out = csn_buffer_over(bytes, sizeof bytes);
        assert_int_equal(csn_base64url_decode(csn_bytes_text(broken[i]), &out), CSN_INVALID);
        assert_int_equal(out.len, 0);
    }
}

static void
says_where_the_alphabet_ends(void **state)
{
    (void)state;
    uint8_t bytes[16];
    struct csn_base64url_run run = csn_base64url_read(csn_bytes_text("Zm9vYg.Zg"), bytes);
    assert_int_equal(run.consumed, 6);
    assert_int_equal(run.written, 4);
    assert_true(run.canonical);
    run = csn_base64url_read(csn_bytes_text(".Zg"), bytes);
    assert_int_equal(run.consumed, 0);
    assert_int_equal(run.written, 0);
    run = csn_base64url_read(csn_bytes_text("Z.Zg"), bytes);
    assert_int_equal(run.consumed, 1);
    assert_false(run.canonical);
    run = csn_base64url_read((struct csn_bytes){0}, bytes);
    assert_int_equal(run.consumed, 0);
    assert_true(run.canonical);
}

static void
needs_room_and_says_so(void **state)
{
    (void)state;
    uint8_t bytes[8];
    struct csn_buffer out = csn_buffer_over(bytes, 5); /* 3/4 of 4, and 3 */
    assert_int_equal(csn_base64url_decode(csn_bytes_text("Zm9v"), &out), CSN_NO_SPACE);
    out = csn_buffer_over(bytes, 6);
    assert_int_equal(csn_base64url_decode(csn_bytes_text("Zm9v"), &out), CSN_OK);

    out = csn_buffer_over(bytes, 3);
    csn_base64url_append(&out, csn_bytes_text("foo"));
    assert_true(out.overflowed);
    assert_int_equal(out.len, 0);
    out.cap = sizeof bytes; /* once too small, too small for good */
    csn_base64url_append(&out, csn_bytes_text("f"));
    assert_int_equal(out.len, 0);
    out = csn_buffer_over(bytes, 4);
    csn_base64url_append(&out, csn_bytes_text("foo"));
    assert_false(out.overflowed);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_and_reads_the_vectors_of_rfc_4648),
        cmocka_unit_test(reads_back_every_length_it_writes),
        cmocka_unit_test(refuses_every_character_outside_the_alphabet),
        cmocka_unit_test(refuses_stray_bits_in_the_last_character),
        cmocka_unit_test(refuses_what_is_no_whole_encoding),
        cmocka_unit_test(says_where_the_alphabet_ends),
        cmocka_unit_test(needs_room_and_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
