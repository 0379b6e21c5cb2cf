/* Any bytes as base64url text, and any bytes as what is encoded. A text that is taken is the only
 * text of its value; a slow decoder, a character at a time, agrees.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "core/base64url.h"
#include "countersign/token.h"
#include "fuzz.h"

#define MAX 4096

static int
value_of(uint8_t c)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const char *at = c == 0 ? NULL : strchr(alphabet, c);
    return at == NULL ? -1 : (int)(at - alphabet);
}

/* Returns: bytes written, or -1 when it is no canonical encoding. */
static int
decode_slowly(struct csn_bytes text, uint8_t *out)
{
    unsigned bits = 0, count = 0;
    int len = 0;
    for (size_t i = 0; i < text.len; i++) {
        int value = value_of(text.ptr[i]);
        if (value < 0)
            return -1;
        bits = bits << 6 | (unsigned)value;
        count += 6;
        if (count >= 8) {
            count -= 8;
            out[len++] = (uint8_t)(bits >> count);
            bits &= (1u << count) - 1;
        }
    }
    return count == 6 || bits != 0 ? -1 : len;
}

static void
check_reading(struct csn_bytes text)
{
    static uint8_t fast[MAX + 8], slow[MAX + 8], again[2 * MAX];
    struct csn_buffer out = csn_buffer_over(fast, sizeof fast);
    struct csn_buffer back = csn_buffer_over(again, sizeof again);
    bool taken = csn_base64url_decode(text, &out) == CSN_OK;
    int len = decode_slowly(text, slow);
    MUST(taken == (len >= 0));
    if (!taken) {
        MUST(out.len == 0);
        return;
    }
    MUST(out.len == (size_t)len && memcmp(fast, slow, out.len) == 0);
    csn_base64url_append(&back, csn_buffer_view(&out));
    MUST(csn_bytes_equal(csn_buffer_view(&back), text));
}

static void
check_run(struct csn_bytes text)
{
    static uint8_t out[MAX + 8];
    struct csn_base64url_run run = csn_base64url_read(text, out);
    MUST(run.consumed <= text.len && run.written == run.consumed * 3 / 4);
    for (size_t i = 0; i < run.consumed; i++)
        MUST(value_of(text.ptr[i]) >= 0);
    MUST(run.consumed == text.len || value_of(text.ptr[run.consumed]) < 0);
}

static void
check_writing(struct csn_bytes bytes)
{
    static uint8_t text[2 * MAX], back[MAX + 8];
    struct csn_buffer out = csn_buffer_over(text, sizeof text);
    struct csn_buffer plain = csn_buffer_over(back, sizeof back);
    csn_base64url_append(&out, bytes);
    MUST(!out.overflowed);
    MUST(csn_base64url_decode(csn_buffer_view(&out), &plain) == CSN_OK);
    MUST(csn_bytes_equal(csn_buffer_view(&plain), bytes));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > MAX)
        return 0;
    struct csn_bytes input = csn_bytes_of(data, size);
    check_reading(input);
    check_run(input);
    check_writing(input);
    return 0;
}
