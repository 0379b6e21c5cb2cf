/* Answers: bodies, times and ids, each written one way.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/api/answer.h"

#include "base/time.h"
#include "server/api/problem.h"

struct csn_json_writer
csn_answer_begin(struct csn_exchange *x)
{
    x->is_open = true;
    x->out = csn_buffer_over(x->arena.ptr + x->arena.used, x->arena.cap - x->arena.used);
    return csn_json_writer_over(&x->out);
}

enum csn_step
csn_answer_end(struct csn_exchange *x, int status, const char *content_type)
{
    if (x->out.overflowed)
        return csn_problem_fault(x, CSN_FAULT_INTERNAL, "The answer is too large for one page.");
    x->arena.used += x->out.len;
    x->is_open = false;
    return csn_answer_body(x, status, content_type, csn_buffer_view(&x->out));
}

struct csn_json_writer
csn_answer_open(struct csn_exchange *x)
{
    struct csn_json_writer w = csn_answer_begin(x);
    csn_json_open_object(&w);
    return w;
}

enum csn_step
csn_answer_close(struct csn_exchange *x, struct csn_json_writer *w, int status)
{
    csn_json_close_object(w);
    return csn_answer_end(x, status, "application/json");
}

enum csn_step
csn_answer_empty(struct csn_exchange *x, int status)
{
    return csn_answer_body(x, status, NULL, (struct csn_bytes){0});
}

enum csn_step
csn_answer_body(struct csn_exchange *x, int status, const char *content_type, struct csn_bytes body)
{
    x->response.status = status;
    x->response.content_type = content_type;
    x->response.body = body;
    return CSN_ANSWERED;
}

void
csn_answer_time(struct csn_json_writer *w, const char *name, int64_t time_ms)
{
    csn_json_name(w, name);
    if (time_ms == 0 || time_ms > CSN_TIME_MAX_MS || time_ms < CSN_TIME_MIN_MS) {
        csn_json_null(w);
        return;
    }
    char memory[CSN_TIME_TEXT_LENGTH + 1];
    struct csn_buffer text = csn_buffer_over(memory, sizeof memory);
    csn_time_write_rfc3339(time_ms, &text);
    csn_json_string(w, csn_buffer_view(&text));
}

void
csn_answer_id(struct csn_json_writer *w, const char *name, struct csn_id id)
{
    csn_answer_text(w, name, csn_bytes_text(id.text));
}

void
csn_answer_text(struct csn_json_writer *w, const char *name, struct csn_bytes text)
{
    csn_json_name(w, name);
    if (text.len == 0) {
        csn_json_null(w);
        return;
    }
    csn_json_string(w, text);
}

void
csn_answer_int(struct csn_json_writer *w, const char *name, bool given, int64_t value)
{
    csn_json_name(w, name);
    if (given)
        csn_json_int(w, value);
    else
        csn_json_null(w);
}

void
csn_answer_pseudonym(struct csn_json_writer *w, const char *name, const uint8_t pseudonym[16])
{
    char memory[2 * 16 + 1];
    struct csn_buffer hex = csn_buffer_over(memory, sizeof memory);
    uint8_t any = 0;
    for (size_t i = 0; i < 16; i++)
        any |= pseudonym[i];
    if (any != 0)
        csn_buffer_hex(&hex, csn_bytes_of(pseudonym, 16));
    csn_answer_text(w, name, csn_buffer_view(&hex));
}

void
csn_answer_items(struct csn_json_writer *w, const void *rows, size_t count, size_t size,
                 void (*write)(struct csn_json_writer *w, const void *row))
{
    csn_json_name(w, "items");
    csn_json_open_array(w);
    for (size_t i = 0; i < count; i++) {
        csn_json_open_object(w);
        write(w, (const char *)rows + i * size);
        csn_json_close_object(w);
    }
    csn_json_close_array(w);
}

enum csn_step
csn_answer_later(struct csn_exchange *x,
                 enum csn_status (*work)(struct csn_exchange *, struct csn_store *),
                 void (*finish)(struct csn_exchange *))
{
    x->work = work;
    x->finish = finish;
    return CSN_NEEDS_STORE;
}
