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
static inline uint64_t
csn_json_marks(uint64_t word)
{
    uint64_t quote = (word ^ CSN_WORD_OF('"')) - CSN_WORD_OF(1);
    uint64_t backslash = (word ^ CSN_WORD_OF('\\')) - CSN_WORD_OF(1);
    uint64_t control = word - CSN_WORD_OF(' ');
    return (quote | backslash | control | word) & CSN_WORD_HIGH;
}

/* Returns: first byte at or after `at` that is not plain, or `end`. */
static inline const uint8_t *
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

/* Adds the name of a member to those of the innermost object.
 * Returns: false when it is there already, or the table is full or under attack. */
bool csn_json_names_add(struct csn_json_reader *reader, struct csn_json_text name);

/* In: at < end. Returns: the end of the number that begins at `at`; NULL when none does. */
const uint8_t *csn_json_number_end(const uint8_t *at, const uint8_t *end);

#endif
