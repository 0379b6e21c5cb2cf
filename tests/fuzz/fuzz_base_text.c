/* Any bytes as UTF-8, as a string to write, and as a time. UTF-8 is judged as a slow decoder judges
 * it; what is written is JSON whatever it was; a time that reads is the time its text says.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/time.h"
#include "countersign/json.h"
#include "fuzz.h"

#define INPUT_MAX 1024

/* Decodes by the bit patterns, then asks whether the shortest form was used. Returns: its length,
 * or 0. */
static size_t
decode(const uint8_t *at, size_t left)
{
    static const struct {
        uint8_t mask, mark;
        uint32_t least;
    } forms[] = {{0x80, 0x00, 0}, {0xE0, 0xC0, 0x80}, {0xF0, 0xE0, 0x800}, {0xF8, 0xF0, 0x10000}};
    for (size_t tails = 0; tails < 4; tails++) {
        if ((at[0] & forms[tails].mask) != forms[tails].mark)
            continue;
        if (left < tails + 1)
            return 0;
        uint32_t code = at[0] & (uint8_t)~forms[tails].mask;
        for (size_t i = 1; i <= tails; i++) {
            if ((at[i] & 0xC0) != 0x80)
                return 0;
            code = code << 6 | (at[i] & 0x3F);
        }
        bool surrogate = code >= 0xD800 && code <= 0xDFFF;
        return code >= forms[tails].least && code <= 0x10FFFF && !surrogate ? tails + 1 : 0;
    }
    return 0;
}

static bool
slow_utf8_valid(struct csn_bytes text)
{
    for (size_t i = 0; i < text.len;) {
        size_t len = decode(text.ptr + i, text.len - i);
        if (len == 0)
            return false;
        i += len;
    }
    return true;
}

/* A string that is written comes back; what was no UTF-8 comes back as some UTF-8. */
static void
check_written(struct csn_bytes text, bool valid)
{
    static struct csn_json_names names;
    static uint8_t memory[INPUT_MAX * 6 + 2];
    struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
    struct csn_json_writer writer = csn_json_writer_over(&out);
    csn_json_string(&writer, text);
    MUST(!out.overflowed);
    struct csn_bytes json = csn_buffer_view(&out);
    MUST(csn_bytes_find(json, '<') == json.len && csn_bytes_find(json, '>') == json.len &&
         csn_bytes_find(json, '&') == json.len);
    struct csn_json_reader reader;
    struct csn_json_item item;
    csn_json_reader_init(&reader, json, &names);
    MUST(csn_json_next(&reader, &item) == CSN_JSON_STRING);
    MUST(csn_json_text_is(item.text, text) == valid);
    MUST(csn_json_next(&reader, &item) == CSN_JSON_END);
}

static void
check_time(struct csn_bytes text)
{
    int64_t time_ms = 0;
    if (csn_time_read_rfc3339(text, &time_ms) != CSN_OK)
        return;
    MUST(time_ms >= CSN_TIME_MIN_MS && time_ms <= CSN_TIME_MAX_MS);
    char memory[CSN_TIME_TEXT_LENGTH];
    struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
    csn_time_write_rfc3339(time_ms, &out);
    MUST(out.len == CSN_TIME_TEXT_LENGTH);
    size_t same = text.len == CSN_TIME_TEXT_LENGTH ? text.len : text.len - 1;
    MUST(memcmp(memory, text.ptr, same) == 0);
}

/* The first 8 bytes as a moment: written, it reads back. */
static void
check_moment(struct csn_bytes text)
{
    int64_t time_ms = 0, back = 0;
    if (text.len < sizeof time_ms)
        return;
    memcpy(&time_ms, text.ptr, sizeof time_ms);
    time_ms %= CSN_TIME_MAX_MS;
    if (time_ms < CSN_TIME_MIN_MS)
        return;
    char memory[CSN_TIME_TEXT_LENGTH];
    struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
    csn_time_write_rfc3339(time_ms, &out);
    MUST(csn_time_read_rfc3339(csn_buffer_view(&out), &back) == CSN_OK && back == time_ms);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > INPUT_MAX)
        return 0;
    struct csn_bytes text = csn_bytes_of(data, size);
    bool valid = csn_utf8_valid(text);
    MUST(valid == slow_utf8_valid(text));
    check_written(text, valid);
    check_time(text);
    check_moment(text);
    return 0;
}
