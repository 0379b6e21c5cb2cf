/* Query parameters: split at '&', decoded one by one, unknown ones refused.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/api/query.h"

#include "server/api/problem.h"

#define PAGE_DEFAULT 50

static int
hex_digit(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Returns: the byte that starts at *at, which moves behind it; -1 for a broken escape. */
static int
decode_byte(const uint8_t **at, const uint8_t *end, bool plus_is_space)
{
    uint8_t c = *(*at)++;
    if (c == '+' && plus_is_space)
        return ' ';
    if (c != '%')
        return c;
    if (end - *at < 2)
        return -1;
    int high = hex_digit((*at)[0]), low = hex_digit((*at)[1]);
    *at += 2;
    return high < 0 || low < 0 ? -1 : high << 4 | low;
}

static bool
is_clean(struct csn_bytes text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] < 0x20 || text.ptr[i] == 0x7F)
            return false;
    return csn_utf8_valid(text);
}

bool
csn_query_decode(struct csn_arena *arena, struct csn_bytes raw, bool plus_is_space,
                 struct csn_bytes *out)
{
    *out = raw;
    bool plain = csn_bytes_find(raw, '%') == raw.len &&
                 (!plus_is_space || csn_bytes_find(raw, '+') == raw.len);
    if (plain)
        return is_clean(raw);
    struct csn_bytes copy = csn_arena_copy(arena, raw);
    if (copy.ptr == NULL)
        return false;
    struct csn_buffer text = csn_buffer_over((uint8_t *)copy.ptr, raw.len);
    for (const uint8_t *at = raw.ptr, *end = raw.ptr + raw.len; at < end;) {
        int byte = decode_byte(&at, end, plus_is_space);
        if (byte < 0)
            return false;
        csn_buffer_byte(&text, (uint8_t)byte);
    }
    *out = csn_buffer_view(&text);
    return is_clean(*out);
}

/* Cuts the next "name=value" off *rest. Returns: false when nothing is left. */
static bool
next_pair(struct csn_bytes *rest, struct csn_bytes *name, struct csn_bytes *value)
{
    if (rest->len == 0)
        return false;
    size_t end = csn_bytes_find(*rest, '&');
    struct csn_bytes pair = csn_bytes_slice(*rest, 0, end);
    *rest = csn_bytes_slice(*rest, end == rest->len ? end : end + 1, rest->len);
    size_t equals = csn_bytes_find(pair, '=');
    *name = csn_bytes_slice(pair, 0, equals);
    *value = csn_bytes_slice(pair, equals == pair.len ? equals : equals + 1, pair.len);
    return true;
}

bool
csn_query_raw(struct csn_bytes query, const char *name, struct csn_bytes *out, bool *twice)
{
    struct csn_bytes at, value;
    bool found = false;
    *twice = false;
    while (next_pair(&query, &at, &value)) {
        if (!csn_bytes_equal_text(at, name))
            continue;
        *twice = found;
        if (!found)
            *out = value;
        found = true;
    }
    return found;
}

static const struct csn_parameter *
known_as(const struct csn_parameter *known, struct csn_bytes name)
{
    for (; known->name != NULL; known++)
        if (csn_bytes_equal_text(name, known->name))
            return known;
    return NULL;
}

static bool
refuse(struct csn_exchange *x, enum csn_fault fault, struct csn_bytes name, const char *detail)
{
    struct csn_bytes shown = csn_utf8_valid(name) ? name : csn_bytes_text("");
    csn_problem_field(x, fault, "?", shown, detail);
    return false;
}

bool
csn_query_read(struct csn_exchange *x, const struct csn_parameter *known)
{
    for (const struct csn_parameter *p = known; p->name != NULL; p++)
        *p->out = (struct csn_bytes){0};
    struct csn_bytes rest = x->request.query, name, value;
    while (next_pair(&rest, &name, &value)) {
        if (name.len == 0)
            continue;
        const struct csn_parameter *p = known_as(known, name);
        if (p == NULL)
            return refuse(x, CSN_FAULT_FIELD_UNKNOWN, name, "This list has no such filter.");
        if (p->out->ptr != NULL)
            return refuse(x, CSN_FAULT_FIELD_INVALID, name, "The parameter is given twice.");
        if (!csn_query_decode(&x->arena, value, true, p->out) || p->out->len > p->max)
            return refuse(x, CSN_FAULT_FIELD_INVALID, name, "The parameter's value is not usable.");
    }
    return true;
}

bool
csn_query_limit(struct csn_bytes text, size_t *out)
{
    *out = PAGE_DEFAULT;
    if (text.len == 0)
        return true;
    int64_t value = 0;
    if (csn_json_integer(text, &value) != CSN_OK || value < 1 || value > CSN_PAGE_MAX)
        return false;
    *out = (size_t)value;
    return true;
}
