/* Names of claims (RFC 6901 for those of two steps).
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/claim_name.h"
#include "base/word.h"

/* Returns: none of the eight bytes is below ' ', is DEL, or is not ASCII. */
static inline bool
is_plain_word(uint64_t word)
{
    uint64_t del = word ^ CSN_WORD_OF(0x7F);
    uint64_t below = word - CSN_WORD_OF(' ');
    return ((word | below | (del - CSN_WORD_OF(1))) & CSN_WORD_HIGH) == 0;
}

bool
csn_text_has_control(struct csn_bytes text)
{
    size_t i = 0;
    while (i < text.len) {
        if (text.len - i >= 8 && is_plain_word(csn_word_load(text.ptr + i))) {
            i += 8;
            continue;
        }
        uint8_t c = text.ptr[i];
        if (c < 0x20 || c == 0x7F)
            return true;
        /* U+0080..U+009F are C2 80..C2 9F; valid UTF-8 has a byte behind every C2 */
        if (c == 0xC2 && text.ptr[i + 1] < 0xA0)
            return true;
        i++;
    }
    return false;
}

/* RFC 6901 §3: '~' stands only in "~0" ('~') and "~1" ('/'). */
static bool
escapes_sound(struct csn_bytes name)
{
    for (size_t i = 0; i < name.len; i++) {
        if (name.ptr[i] != '~')
            continue;
        if (i + 1 == name.len || (name.ptr[i + 1] != '0' && name.ptr[i + 1] != '1'))
            return false;
    }
    return true;
}

/* "/outer/inner" -> outer, inner, escapes left in. Returns: exactly two steps, none empty. */
static bool
split(struct csn_bytes name, struct csn_bytes *outer, struct csn_bytes *inner)
{
    struct csn_bytes steps = csn_bytes_slice(name, 1, name.len);
    size_t slash = csn_bytes_find(steps, '/');
    if (slash == 0 || slash + 1 >= steps.len)
        return false;
    *outer = csn_bytes_slice(steps, 0, slash);
    *inner = csn_bytes_slice(steps, slash + 1, steps.len);
    return csn_bytes_find(*inner, '/') == inner->len;
}

bool
csn_claim_name_valid(struct csn_bytes name)
{
    if (name.len == 0 || name.len > CSN_CLAIM_NAME_MAX)
        return false;
    if (!csn_utf8_valid(name) || csn_text_has_control(name))
        return false;
    struct csn_bytes outer, inner;
    return !csn_claim_name_is_pointer(name) || (escapes_sound(name) && split(name, &outer, &inner));
}

/* RFC 6901 §4: "~1" becomes '/', "~0" becomes '~'. */
static bool
step_is(struct csn_bytes step, struct csn_json_text name)
{
    uint8_t plain[CSN_CLAIM_NAME_MAX];
    struct csn_buffer out = csn_buffer_over(plain, sizeof plain);
    for (size_t i = 0; i < step.len; i++) {
        uint8_t c = step.ptr[i];
        if (c == '~')
            c = step.ptr[++i] == '1' ? '/' : '~';
        csn_buffer_byte(&out, c);
    }
    return csn_json_text_is(name, csn_buffer_view(&out));
}

bool
csn_claim_name_leads_to(struct csn_bytes name, struct csn_json_text outer,
                        struct csn_json_text inner)
{
    struct csn_bytes first, second;
    return csn_claim_name_is_pointer(name) && split(name, &first, &second) &&
           step_is(first, outer) && step_is(second, inner);
}
