/* Escapes inside JSON strings (RFC 8259 §7).
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/json_scan.h"
#include "base/panic.h"
#include "base/utf8.h"

#define ESCAPE_UNIT 6 /* characters of \uXXXX */

static int
hex_value(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    uint8_t lower = c | 0x20;
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* Returns: `at` begins \uXXXX; its code unit is in *unit. */
static bool
read_unit(const uint8_t *at, const uint8_t *end, uint32_t *unit)
{
    if (end - at < ESCAPE_UNIT || at[0] != '\\' || at[1] != 'u')
        return false;
    uint32_t value = 0;
    for (size_t i = 2; i < ESCAPE_UNIT; i++) {
        int digit = hex_value(at[i]);
        if (digit < 0)
            return false;
        value = value << 4 | (uint32_t)digit;
    }
    *unit = value;
    return true;
}

static size_t
read_unicode(const uint8_t *at, const uint8_t *end, uint32_t *code)
{
    uint32_t high = 0;
    if (!read_unit(at, end, &high))
        return 0;
    if (high < 0xD800 || high > 0xDFFF) {
        *code = high;
        return ESCAPE_UNIT;
    }
    uint32_t low = 0;
    if (high > 0xDBFF || !read_unit(at + ESCAPE_UNIT, end, &low) || low < 0xDC00 || low > 0xDFFF)
        return 0;
    *code = 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
    return 2 * ESCAPE_UNIT;
}

size_t
csn_json_escape_read(const uint8_t *at, const uint8_t *end, uint32_t *code)
{
    if (end - at < 2)
        return 0;
    switch (at[1]) {
    case '"':
    case '\\':
    case '/': *code = at[1]; return 2;
    case 'b': *code = '\b'; return 2;
    case 'f': *code = '\f'; return 2;
    case 'n': *code = '\n'; return 2;
    case 'r': *code = '\r'; return 2;
    case 't': *code = '\t'; return 2;
    case 'u': return read_unicode(at, end, code);
    default: return 0;
    }
}

int
csn_json_cursor_next(struct csn_json_cursor *cursor)
{
    if (cursor->pending_at < cursor->pending_count)
        return cursor->pending[cursor->pending_at++];
    if (cursor->at == cursor->end || *cursor->at == '"')
        return -1;
    if (*cursor->at != '\\')
        return *cursor->at++;
    uint32_t code = 0;
    size_t len = csn_json_escape_read(cursor->at, cursor->end, &code);
    CSN_ASSERT(len != 0); /* the reader has read it before */
    cursor->at += len;
    cursor->pending_count = (uint8_t)csn_utf8_write(code, cursor->pending);
    cursor->pending_at = 1;
    return cursor->pending[0];
}
