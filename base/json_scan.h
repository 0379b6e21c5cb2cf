/* What the JSON files share: runs of plain characters, escapes, names, numbers. Internal to base.
 *
 * Functions that take text of a reader trust it to be well formed, and stay inside it all the same.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_BASE_JSON_SCAN_H
#define CSN_BASE_JSON_SCAN_H

#include "countersign/json.h"

#include "base/word.h"

/* Marks bytes that end a run inside a string: '"', '\', controls, and all that is not ASCII. The
 * subtractions may also mark bytes above a true hit, so only the lowest mark counts. */
CSN_HOT uint64_t
csn_json_marks(uint64_t word)
{
    uint64_t quote = (word ^ CSN_WORD_OF('"')) - CSN_WORD_OF(1);
    uint64_t backslash = (word ^ CSN_WORD_OF('\\')) - CSN_WORD_OF(1);
    uint64_t control = word - CSN_WORD_OF(' ');
    return (quote | backslash | control | word) & CSN_WORD_HIGH;
}

/* Returns: first byte at or after `at` that is not plain, or `end`. */
CSN_HOT const uint8_t *
csn_json_skip_plain(const uint8_t *at, const uint8_t *end)
{
    while (end - at >= 8) {
        uint64_t marks = csn_json_marks(csn_word_load(at));
        if (marks != 0)
            return at + csn_word_first(marks);
        at += 8;
    }
    while (at < end && *at >= ' ' && *at != '"' && *at != '\\' && *at < 0x80)
        at++;
    return at;
}

/* In: `at` stands on a backslash. Out: *code, a scalar value; a surrogate pair is one escape of 12
 * characters. Returns: characters read; 0 when it is no escape or a lone surrogate. */
size_t csn_json_escape_read(const uint8_t *at, const uint8_t *end, uint32_t *code);

/* The value of a string, byte by byte, without memory to put it in. {.at, .end} begins; it stops at
 * `end` or at the closing quote. */
struct csn_json_cursor {
    const uint8_t *at, *end;
    uint8_t pending[4];
    uint8_t pending_at, pending_count;
};

/* Returns: the next byte of the value, or -1 at its end. */
int csn_json_cursor_next(struct csn_json_cursor *cursor);

CSN_HOT bool
csn_json_is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

/* Returns: behind the digits at `at`; NULL when there is none. */
CSN_HOT const uint8_t *
csn_json_digits_end(const uint8_t *at, const uint8_t *end)
{
    if (at == end || !csn_json_is_digit(*at))
        return NULL;
    do
        at++;
    while (at < end && csn_json_is_digit(*at));
    return at;
}

/* In: `at` stands behind the `e`. Returns: behind the exponent; NULL when there is none. */
const uint8_t *csn_json_exponent_end(const uint8_t *at, const uint8_t *end);

/* In: at < end. Returns: behind the number that begins at `at`; NULL when none does (RFC 8259 §6).
 */
CSN_HOT const uint8_t *
csn_json_number_end(const uint8_t *at, const uint8_t *end)
{
    if (*at == '-')
        at++;
    /* A leading zero stands alone. */
    at = at < end && *at == '0' ? at + 1 : csn_json_digits_end(at, end);
    if (at != NULL && at < end && *at == '.')
        at = csn_json_digits_end(at + 1, end);
    if (at == NULL || at == end || (*at | 0x20) != 'e')
        return at;
    return csn_json_exponent_end(at + 1, end);
}

#endif
