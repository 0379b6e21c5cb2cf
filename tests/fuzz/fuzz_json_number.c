/* Any bytes as a number. It reads the same text as the reader does; a scale is a shift of the
 * exponent; a whole number is what survives both; where a double can tell, it agrees.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "countersign/json.h"
#include "fuzz.h"

static bool
reader_takes(struct csn_bytes text)
{
    static struct csn_json_names names;
    struct csn_json_reader reader;
    struct csn_json_item item;
    csn_json_reader_init(&reader, text, &names);
    return csn_json_next(&reader, &item) == CSN_JSON_NUMBER && item.text.raw.len == text.len &&
           csn_json_next(&reader, &item) == CSN_JSON_END;
}

/* A second opinion, in floating point: only where it is far from the edges of both types. */
static void
check_against_double(struct csn_bytes text, unsigned scale, enum csn_status status, int64_t value)
{
    char copy[CSN_JSON_NUMBER_MAX + 1] = {0};
    memcpy(copy, text.ptr, text.len);
    double expected = strtod(copy, NULL);
    for (unsigned i = 0; i < scale; i++)
        expected *= 10;
    if (expected > 9.3e18 || expected < -9.3e18)
        MUST(status == CSN_INVALID);
    if (expected > 9.2e18 || expected < -9.2e18)
        return;
    MUST(status == CSN_OK);
    double difference = expected - (double)value;
    double allowed = 1.0 + (expected < 0 ? -expected : expected) * 1e-12;
    MUST(difference <= allowed && difference >= -allowed);
}

/* The same number with its exponent written out: "<text>e<shift>", where it has none yet. */
static void
check_shift(struct csn_bytes text, unsigned scale, enum csn_status status, int64_t value)
{
    uint8_t memory[CSN_JSON_NUMBER_MAX];
    struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
    int64_t shifted = 0;
    if (csn_bytes_find(text, 'e') < text.len || csn_bytes_find(text, 'E') < text.len)
        return;
    csn_buffer_append(&out, text);
    csn_buffer_byte(&out, 'e');
    csn_buffer_int(&out, scale);
    if (out.overflowed)
        return;
    MUST(csn_json_number(csn_buffer_view(&out), 0, &shifted) == status);
    MUST(status != CSN_OK || shifted == value);
}

static void
check_integer(struct csn_bytes text)
{
    int64_t whole = 0, cut = 0, tenths = 0;
    if (csn_json_integer(text, &whole) != CSN_OK)
        return;
    MUST(csn_json_number(text, 0, &cut) == CSN_OK && cut == whole);
    if (csn_json_number(text, 1, &tenths) == CSN_OK)
        MUST(tenths / 10 == whole && tenths % 10 == 0);
    uint8_t memory[CSN_JSON_NUMBER_MAX];
    struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
    csn_buffer_int(&out, whole);
    int64_t again = 0;
    MUST(csn_json_integer(csn_buffer_view(&out), &again) == CSN_OK && again == whole);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0 || size > 64)
        return 0;
    unsigned scale = data[0] % 20;
    struct csn_bytes text = csn_bytes_of(data + 1, size - 1);
    int64_t value = 0;
    enum csn_status status = csn_json_number(text, scale, &value);
    MUST(status == CSN_OK || status == CSN_INVALID);
    if (!reader_takes(text)) {
        MUST(status == CSN_INVALID);
        MUST(csn_json_integer(text, &value) == CSN_INVALID);
        return 0;
    }
    check_against_double(text, scale, status, value);
    check_shift(text, scale, status, value);
    check_integer(text);
    return 0;
}
