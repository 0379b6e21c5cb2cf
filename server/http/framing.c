/* See framing.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/http/framing.h"

#include <string.h>

#include "server/http/http.h"

#define LINE_END 2 /* CR LF */
#define VERSION_LENGTH 8

static void
blame(struct csn_framing *framing, enum csn_fault fault, const char *wrong)
{
    if (framing->wrong != NULL)
        return;
    framing->wrong = wrong;
    framing->fault = fault;
}

static void
refuse(struct csn_framing *framing, const char *wrong)
{
    blame(framing, CSN_FAULT_FRAMING_INVALID, wrong);
}

/* --- bytes --- */

static bool
is_alphanumeric(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* RFC 9110 §5.6.2. */
static bool
is_token_byte(uint8_t c)
{
    if (is_alphanumeric(c))
        return true;
    switch (c) {
    case '!':
    case '#':
    case '$':
    case '%':
    case '&':
    case '\'':
    case '*':
    case '+':
    case '-':
    case '.':
    case '^':
    case '_':
    case '`':
    case '|':
    case '~': return true;
    default: return false;
    }
}

static bool
is_token(struct csn_bytes text)
{
    bool good = text.len > 0;
    for (size_t i = 0; i < text.len; i++)
        good = good && is_token_byte(text.ptr[i]);
    return good;
}

/* Returns: one of eight bytes is below 0x20 or is 0x7F. */
static bool
has_control(uint64_t eight)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), high = ones << 7;
    uint64_t delete = eight ^ (ones * 0x7F);
    return ((((eight - ones * 0x20) & ~eight) | ((delete - ones) & ~delete)) & high) != 0;
}

/* RFC 9110 §5.5: no control character but the tab. Bytes above ASCII are opaque. Most of a header
 * is the token: what holds nothing suspicious is passed over eight bytes at a time. */
static bool
is_value(struct csn_bytes text)
{
    unsigned bad = 0;
    size_t i = 0;
    uint64_t eight = 0;
    for (; i + sizeof eight <= text.len; i += sizeof eight) {
        memcpy(&eight, text.ptr + i, sizeof eight);
        if (has_control(eight))
            break;
    }
    for (; i < text.len; i++)
        bad |= (unsigned)((text.ptr[i] < 0x20) & (text.ptr[i] != '\t')) | (text.ptr[i] == 0x7F);
    return bad == 0;
}

/* RFC 9112 §3: what ends a target early for another reader. */
static bool
is_target(struct csn_bytes text)
{
    unsigned bad = 0;
    for (size_t i = 0; i < text.len; i++)
        bad |= (unsigned)(text.ptr[i] <= 0x20) | (text.ptr[i] == 0x7F);
    return bad == 0;
}

/* RFC 9110 §7.2: uri-host and port. Which bytes, not which order: nobody here looks it up. */
static bool
is_host(struct csn_bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.ptr[i];
        if (!is_alphanumeric(c) && (c == 0 || strchr("-._~%!$&'()*+,;=:[]", c) == NULL))
            return false;
    }
    return true;
}

static bool
is_digits(struct csn_bytes text)
{
    bool good = text.len > 0;
    for (size_t i = 0; i < text.len; i++)
        good = good && text.ptr[i] >= '0' && text.ptr[i] <= '9';
    return good;
}

/* --- lines: where texts lie, as numbers, since not all lie in one object --- */

static bool
lies_at(const void *text, const char *due)
{
    return (uintptr_t)text == (uintptr_t)due;
}

/* Returns: only white space lies between the colon, now NUL, and the value. */
static bool
follows_its_name(struct csn_bytes name, struct csn_bytes value)
{
    uintptr_t after = (uintptr_t)name.ptr + name.len + 1;
    if ((uintptr_t)value.ptr < after || (uintptr_t)value.ptr - after > CSN_HTTP_CONNECTION_MEMORY)
        return false;
    size_t gap = (uintptr_t)value.ptr - after;
    for (const uint8_t *at = name.ptr + name.len + 1; gap > 0; at++, gap--) {
        if (*at != ' ' && *at != '\t')
            return false;
    }
    return true;
}

static void
check_line(struct csn_framing *framing, struct csn_bytes name, struct csn_bytes value)
{
    if (framing->due == NULL)
        return;
    if (!lies_at(name.ptr, framing->due) || !follows_its_name(name, value))
        refuse(framing, "A field is folded, holds NUL, or a line does not end in CR LF.");
    framing->due = (const char *)value.ptr + value.len + LINE_END;
}

static void
check_request_line(struct csn_framing *framing, const struct csn_framing_line *line)
{
    bool good = lies_at(line->target_at, line->method + strlen(line->method) + 1) &&
                lies_at(line->version, line->target_at + line->target_len + 1);
    if (!good)
        refuse(framing, "The request line is not method, target and version with single spaces.");
    framing->due = line->version + VERSION_LENGTH + LINE_END;
}

/* --- the header --- */

void
csn_framing_begin(struct csn_framing *framing, const struct csn_framing_line *line, bool sees_lines)
{
    *framing = (struct csn_framing){.http_1_0 = strcmp(line->version, "HTTP/1.0") == 0};
    if (sees_lines)
        check_request_line(framing, line);
    if (!is_token(csn_bytes_text(line->method)))
        refuse(framing, "The method is no token.");
    if (!is_target(line->target))
        refuse(framing, "The target holds white space or a control character.");
}

static void
take_host(struct csn_framing *framing, struct csn_bytes value)
{
    if (framing->hosts++ > 0)
        refuse(framing, "There is more than one Host.");
    if (!is_host(value))
        refuse(framing, "Host is no host.");
}

static void
take_length(struct csn_framing *framing, struct csn_bytes value)
{
    if (framing->lengths++ > 0)
        refuse(framing, "There is more than one Content-Length.");
    if (!is_digits(value))
        refuse(framing, "Content-Length is no number.");
}

/* RFC 9112 §6.1: an unknown coding is answered 501. */
static void
take_coding(struct csn_framing *framing, struct csn_bytes value)
{
    if (framing->codings++ > 0)
        refuse(framing, "There is more than one Transfer-Encoding.");
    if (!csn_bytes_equal_nocase(value, csn_bytes_text("chunked")))
        blame(framing, CSN_FAULT_TRANSFER_CODING_UNSUPPORTED, NULL);
}

void
csn_framing_field(struct csn_framing *framing, struct csn_bytes name, struct csn_bytes value)
{
    check_line(framing, name, value);
    if (!is_token(name))
        refuse(framing, "A field's name is no token.");
    if (!is_value(value))
        refuse(framing, "A field's value holds a control character.");
    if (csn_bytes_equal_nocase(name, csn_bytes_text("host")))
        take_host(framing, value);
    if (csn_bytes_equal_nocase(name, csn_bytes_text("content-length")))
        take_length(framing, value);
    if (csn_bytes_equal_nocase(name, csn_bytes_text("transfer-encoding")))
        take_coding(framing, value);
}

enum csn_fault
csn_framing_end(struct csn_framing *framing, const char *method, size_t size)
{
    if (framing->due != NULL && !lies_at(method + size, framing->due + LINE_END))
        refuse(framing, "A field is folded, holds NUL, or a line does not end in CR LF.");
    if (framing->hosts == 0 && !framing->http_1_0)
        refuse(framing, "Host is missing.");
    if (framing->codings > 0 && framing->lengths > 0)
        refuse(framing, "There are both Content-Length and Transfer-Encoding.");
    if (framing->codings > 0 && framing->http_1_0)
        refuse(framing, "HTTP/1.0 has no Transfer-Encoding.");
    return framing->fault;
}
