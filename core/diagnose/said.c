/* How a finding is written: bounded, printable, without anything secret. And what a diagnosis may
 * spend: signature checks and scratch.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/claim_name.h"
#include "core/diagnose/work.h"

#define VALUE_SHOWN_MAX 80

void
csn_said_start(struct csn_said *said)
{
    said->text = csn_buffer_over(said->memory, sizeof said->memory);
}

void
csn_said_text(struct csn_said *said, const char *text)
{
    csn_buffer_text(&said->text, text);
}

/* Returns: `len` or a little less, so that no character is cut in two. */
static size_t
end_of_character(struct csn_bytes text, size_t len)
{
    while (len > 0 && len < text.len && (text.ptr[len] & 0xC0) == 0x80)
        len--;
    return len;
}

void
csn_said_value(struct csn_said *said, struct csn_bytes value)
{
    size_t shown = value.len;
    if (shown > VALUE_SHOWN_MAX)
        shown = end_of_character(value, VALUE_SHOWN_MAX);
    csn_buffer_byte(&said->text, '"');
    for (size_t i = 0; i < shown; i++) {
        bool c1 = value.ptr[i] == 0xC2 && i + 1 < shown && value.ptr[i + 1] < 0xA0;
        bool control = value.ptr[i] < ' ' || value.ptr[i] == 0x7F || c1;
        csn_buffer_byte(&said->text, control ? '?' : value.ptr[i]);
        i += c1;
    }
    csn_buffer_text(&said->text, shown < value.len ? "…\"" : "\"");
}

const char *
csn_said_member(struct csn_said *said, struct csn_bytes name)
{
    bool pointer = csn_claim_name_is_pointer(name);
    csn_said_text(said, pointer ? "" : "{");
    csn_said_value(said, name);
    csn_said_text(said, pointer ? " = " : ": ");
    return pointer ? "" : "}";
}

const char *
csn_user_expression(struct csn_bytes name)
{
    struct csn_bytes mail = csn_bytes_text("mail");
    bool named = name.len >= mail.len &&
                 csn_bytes_equal_nocase(csn_bytes_slice(name, name.len - mail.len, name.len), mail);
    return named ? "user.email" : "user.id";
}

void
csn_said_int(struct csn_said *said, int64_t value)
{
    csn_buffer_int(&said->text, value);
}

void
csn_said_duration(struct csn_said *said, int64_t seconds)
{
    static const struct {
        int64_t seconds;
        const char *unit;
    } UNITS[] = {{86400, " d"}, {3600, " h"}, {60, " min"}, {1, " s"}};
    unsigned written = 0;
    for (size_t i = 0; i < 4 && written < 2; i++) {
        int64_t count = seconds / UNITS[i].seconds;
        bool last = i == 3 && written == 0;
        if (count == 0 && !last)
            continue;
        if (written > 0)
            csn_buffer_byte(&said->text, ' ');
        csn_buffer_int(&said->text, count);
        csn_buffer_text(&said->text, UNITS[i].unit);
        seconds %= UNITS[i].seconds;
        written++;
    }
}

struct csn_bytes
csn_said_view(const struct csn_said *said)
{
    return csn_buffer_view(&said->text);
}

/* Copies what fits, terminated; control characters and broken UTF-8 become '?'. */
static void
copy_printable(char to[CSN_FINDING_TEXT_MAX], struct csn_bytes text)
{
    size_t len = text.len < CSN_FINDING_TEXT_MAX - 1
                     ? text.len
                     : end_of_character(text, CSN_FINDING_TEXT_MAX - 1);
    bool sound = csn_utf8_valid(csn_bytes_slice(text, 0, len));
    uint8_t *copied = (uint8_t *)to;
    for (size_t i = 0; i < len; i++) {
        uint8_t c = text.ptr[i];
        bool shown = (c >= ' ' && c != 0x7F && (sound || c < 0x80)) || c == '\n';
        copied[i] = shown ? c : '?';
    }
    copied[len] = '\0';
}

bool
csn_found(const struct csn_work *w, enum csn_finding_code code)
{
    for (size_t i = 0; i < w->out->count; i++) {
        if (w->out->findings[i].code == code)
            return true;
    }
    return false;
}

void
csn_find(struct csn_work *w, enum csn_finding_code code, enum csn_confidence confidence,
         struct csn_bytes seen, struct csn_bytes why, struct csn_bytes fix)
{
    if (w->out->count == CSN_FINDINGS_MAX || csn_found(w, code))
        return;
    struct csn_finding *finding = &w->out->findings[w->out->count++];
    finding->code = code;
    finding->confidence = confidence;
    copy_printable(finding->seen, seen);
    copy_printable(finding->why, why);
    copy_printable(finding->fix, fix);
}

void
csn_find_text(struct csn_work *w, enum csn_finding_code code, enum csn_confidence confidence,
              const char *seen, const char *why, const char *fix)
{
    csn_find(w, code, confidence, csn_bytes_text(seen), csn_bytes_text(why), csn_bytes_text(fix));
}

bool
csn_work_spend(struct csn_work *w)
{
    if (w->out->checks == CSN_DIAGNOSIS_CHECKS_MAX)
        return false;
    w->out->checks++;
    return true;
}

uint8_t *
csn_work_room(struct csn_work *w, size_t size)
{
    uint8_t *memory = csn_arena_alloc(w->arena, size);
    w->starved = w->starved || memory == NULL;
    return memory;
}
