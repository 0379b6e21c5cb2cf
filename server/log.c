/* The log's lines. Each is written with one call, so lines of several threads never mix.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/log.h"

#include <unistd.h>

#include "base/time.h"
#include "countersign/json.h"

#define LINE_MAX_BYTES 2048

static void
open_line(const struct csn_log *log, struct csn_json_writer *w, const char *level,
          const char *event)
{
    uint8_t text[CSN_TIME_TEXT_LENGTH];
    struct csn_buffer time = csn_buffer_over(text, sizeof text);
    csn_time_write_rfc3339(csn_clock_now(&log->clock), &time);
    csn_json_open_object(w);
    csn_json_member_string(w, "time", csn_buffer_view(&time));
    csn_json_member_text(w, "level", level);
    csn_json_member_text(w, "event", event);
}

static void
close_line(const struct csn_log *log, struct csn_json_writer *w)
{
    csn_json_close_object(w);
    csn_buffer_byte(w->out, '\n');
    if (w->out->overflowed)
        return;
    /* A log that cannot be written must not stop the server. */
    ssize_t ignored = write(log->fd, w->out->ptr, w->out->len);
    (void)ignored;
}

static void
member_unless_empty(struct csn_json_writer *w, const char *name, const char *text)
{
    if (text != NULL && text[0] != '\0')
        csn_json_member_text(w, name, text);
}

void
csn_log_request(const struct csn_log *log, const struct csn_log_request *r)
{
    if (log->level == CSN_LOG_ERRORS && r->status < 500)
        return;
    uint8_t memory[LINE_MAX_BYTES];
    struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
    struct csn_json_writer w = csn_json_writer_over(&out);
    open_line(log, &w, r->status >= 500 ? "error" : "info", "request");
    csn_json_member_text(&w, "request_id", r->request_id);
    csn_json_member_text(&w, "operation", r->operation);
    csn_json_member_text(&w, "method", r->method);
    csn_json_member_int(&w, "status", r->status);
    csn_json_member_int(&w, "duration_us", r->duration_us);
    member_unless_empty(&w, "app", r->app);
    member_unless_empty(&w, "reason", r->reason);
    close_line(log, &w);
}

static void
write_event(const struct csn_log *log, const char *level, const char *event, const char *detail)
{
    uint8_t memory[LINE_MAX_BYTES];
    struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
    struct csn_json_writer w = csn_json_writer_over(&out);
    open_line(log, &w, level, event);
    member_unless_empty(&w, "detail", detail);
    close_line(log, &w);
}

void
csn_log_event(const struct csn_log *log, const char *event, const char *detail)
{
    write_event(log, "info", event, detail);
}

void
csn_log_warning(const struct csn_log *log, const char *event, const char *detail)
{
    write_event(log, "warning", event, detail);
}

void
csn_log_error(const struct csn_log *log, const char *event, const char *detail)
{
    write_event(log, "error", event, detail);
}
