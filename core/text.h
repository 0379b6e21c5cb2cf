/* The strings of a token as the JSON reader shows them: most hold no escape and are used where they
 * stand; the others are resolved into scratch.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_CORE_TEXT_H
#define CSN_CORE_TEXT_H

#include "countersign/json.h"

/* Returns: the value of `text` is exactly the `len` bytes at `word`. Cost: one comparison of
 * lengths for nearly every name that is not the one. */
static inline bool
csn_text_is(const struct csn_json_text *text, const void *word, size_t len)
{
    if (text->escaped)
        return csn_json_text_is(*text, csn_bytes_of(word, len));
    if (text->raw.len != len)
        return false;
    const uint8_t *w = word;
    for (size_t i = 0; i < len; i++)
        if (text->raw.ptr[i] != w[i])
            return false;
    return true;
}

/* Compares with a string literal. */
#define csn_text_is_word(text, literal) csn_text_is((text), (literal), sizeof(literal) - 1)

/* Returns: the value of `text`: its own bytes, or, where it holds escapes, what was appended to
 * `scratch`. A value is never longer than its text, so scratch as large as the token suffices. */
static inline struct csn_bytes
csn_text_value(const struct csn_json_text *text, struct csn_buffer *scratch)
{
    if (!text->escaped)
        return text->raw;
    size_t from = scratch->len;
    csn_json_text_append(*text, scratch);
    return csn_bytes_of(scratch->ptr + from, scratch->len - from);
}

#endif
