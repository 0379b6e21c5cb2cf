/* Writes problems. One writer, `write_problem`; the rest chooses its arguments.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/api/problem.h"

#include "server/api/answer.h"
#include "server/api/route.h"
#include "server/api/test_mode.h"

#define FIELD_SHOWN_MAX 96 /* bytes of a client's field name that are repeated to it */

struct fault_row {
    const char *name;
    int http;
    enum csn_action action;
    const char *sentence;
};

static const struct fault_row faults[CSN_FAULT_COUNT] = {
#define CSN_FAULT(id, name, http, action, sentence)                                                \
    [CSN_FAULT_##id] = {name, http, CSN_ACTION_##action, sentence},
#include "server/api/fault.def"
#undef CSN_FAULT
};

/* The client's own word, cut at a character's border: it is UTF-8, the JSON reader saw to that. */
static struct csn_bytes
shown(struct csn_bytes name)
{
    size_t len = name.len;
    if (len > FIELD_SHOWN_MAX) {
        len = FIELD_SHOWN_MAX;
        while (len > 0 && (name.ptr[len] & 0xC0) == 0x80)
            len--;
    }
    return csn_bytes_of(name.ptr, len);
}

static void
write_field(struct csn_json_writer *w, const struct csn_problem *p)
{
    char memory[FIELD_SHOWN_MAX + 32];
    struct csn_buffer path = csn_buffer_over(memory, sizeof memory);
    csn_buffer_text(&path, p->field_prefix);
    csn_buffer_append(&path, shown(p->field));
    csn_json_member_string(w, "field", csn_buffer_view(&path));
}

static void
write_members(struct csn_exchange *x, struct csn_json_writer *w, const struct csn_problem *p)
{
    char type[96];
    struct csn_buffer uri = csn_buffer_over(type, sizeof type);
    csn_buffer_text(&uri, "urn:countersign:problem:");
    csn_buffer_text(&uri, p->name);
    csn_json_member_string(w, "type", csn_buffer_view(&uri));
    csn_json_member_text(w, "title", p->title);
    csn_json_member_int(w, "status", p->status);
    csn_json_member_text(w, "reason", p->name);
    csn_json_member_text(w, "action", csn_action_name(p->action));
    if (p->retry_after_s > 0)
        csn_json_member_int(w, "retry_after", p->retry_after_s);
    csn_json_member_text(w, "detail", p->detail);
    if (p->field.ptr != NULL)
        write_field(w, p);
    if (p->part[0] != '\0')
        csn_json_member_text(w, "part", p->part);
    if (p->claim.len > 0)
        csn_json_member_string(w, "claim", p->claim);
    if (x->route != NULL && x->route->browser && p->reason != CSN_UNDECIDED)
        csn_test_mode_write(x, p->reason, w);
    csn_json_member_text(w, "request_id", x->request_id);
    csn_answer_time(w, "server_time", x->now_ms);
}

/* The path alone tells whose form it is: a wrong method there is answered in it too. */
static void
write_body(struct csn_exchange *x, struct csn_buffer *out, const struct csn_problem *p)
{
    struct csn_json_writer w = csn_json_writer_over(out);
    csn_json_open_object(&w);
    if (x->nearest != NULL && x->nearest->write_problem != NULL)
        x->nearest->write_problem(p, &w);
    else
        write_members(x, &w, p);
    csn_json_close_object(&w);
    bool dialect = x->nearest != NULL && x->nearest->write_problem != NULL;
    x->response.content_type = dialect ? "application/json" : "application/problem+json";
}

/* An API key is taken either way, and each is offered in a field of its own (RFC 9110 §11.6.1). */
static void
challenge(struct csn_exchange *x, bool given)
{
    const struct csn_route *route = x->route;
    const char *bearer = given ? "Bearer error=\"invalid_token\"" : "Bearer";
    csn_response_header(x, "WWW-Authenticate", csn_bytes_text(bearer));
    if (route != NULL && route->access >= CSN_ACCESS_VIEWER)
        csn_response_header(x, "WWW-Authenticate",
                            csn_bytes_text("Basic realm=\"Countersign\", charset=\"UTF-8\""));
}

static enum csn_step
write_problem(struct csn_exchange *x, const struct csn_problem *p, bool credential_given)
{
    struct csn_buffer out = csn_buffer_over(x->reserve, CSN_PROBLEM_MAX - 32);
    write_body(x, &out, p);
    x->response.status = p->status;
    x->response.body = csn_buffer_view(&out);
    if (p->status == 401)
        challenge(x, credential_given);
    if (p->retry_after_s > 0) {
        struct csn_buffer text = csn_buffer_over(x->reserve + CSN_PROBLEM_MAX - 32, 32);
        csn_buffer_int(&text, p->retry_after_s);
        csn_response_header(x, "Retry-After", csn_buffer_view(&text));
    }
    return CSN_ANSWERED;
}

static struct csn_problem
of_fault(enum csn_fault fault, const char *detail)
{
    const struct fault_row *row = &faults[fault];
    return (struct csn_problem){.name = row->name,
                                .status = row->http,
                                .action = row->action,
                                .title = row->sentence,
                                .detail = detail != NULL ? detail : row->sentence,
                                .part = ""};
}

static struct csn_problem
of_reason(enum csn_reason reason)
{
    return (struct csn_problem){.name = csn_reason_name(reason),
                                .status = csn_reason_http(reason),
                                .action = csn_reason_action(reason),
                                .title = csn_reason_sentence(reason),
                                .detail = csn_reason_sentence(reason),
                                .reason = reason,
                                .part = ""};
}

/* Returns: a credential came. */
static bool
is_given(enum csn_reason reason)
{
    return reason != CSN_REASON_MISSING && reason != CSN_REASON_ENFORCEMENT_MISSING;
}

enum csn_step
csn_problem_fault(struct csn_exchange *x, enum csn_fault fault, const char *detail)
{
    struct csn_problem p = of_fault(fault, detail);
    if (p.action == CSN_ACTION_WAIT)
        p.retry_after_s = 1;
    return write_problem(x, &p, fault != CSN_FAULT_CREDENTIAL_MISSING);
}

enum csn_step
csn_problem_field(struct csn_exchange *x, enum csn_fault fault, const char *prefix,
                  struct csn_bytes name, const char *detail)
{
    struct csn_problem p = of_fault(fault, detail);
    p.field_prefix = prefix;
    p.field = name.ptr != NULL ? name : csn_bytes_text("");
    return write_problem(x, &p, true);
}

enum csn_step
csn_problem_reason(struct csn_exchange *x, enum csn_reason reason,
                   const struct csn_verdict *verdict)
{
    if (csn_reason_action(reason) == CSN_ACTION_WAIT)
        return csn_problem_wait(x, reason, 1000);
    struct csn_problem p = of_reason(reason);
    if (verdict != NULL && verdict->reason == reason) {
        p.part = csn_part_name(verdict->part);
        p.claim = verdict->claim;
    }
    return write_problem(x, &p, is_given(reason));
}

enum csn_step
csn_problem_reason_detail(struct csn_exchange *x, enum csn_reason reason, const char *detail)
{
    struct csn_problem p = of_reason(reason);
    p.detail = detail;
    return write_problem(x, &p, is_given(reason));
}

enum csn_step
csn_problem_wait(struct csn_exchange *x, enum csn_reason reason, int64_t wait_ms)
{
    struct csn_problem p = of_reason(reason);
    p.retry_after_s = wait_ms <= 1000 ? 1 : (wait_ms + 999) / 1000;
    return write_problem(x, &p, true);
}

enum csn_step
csn_problem_status(struct csn_exchange *x, enum csn_status status)
{
    switch (status) {
    case CSN_NOT_FOUND: return csn_problem_fault(x, CSN_FAULT_NOT_FOUND, NULL);
    case CSN_CONFLICT: return csn_problem_fault(x, CSN_FAULT_CONFLICT, NULL);
    case CSN_INVALID:
    case CSN_UNSUPPORTED: return csn_problem_fault(x, CSN_FAULT_REQUEST_INVALID, NULL);
    case CSN_TOO_LARGE: return csn_problem_fault(x, CSN_FAULT_BODY_TOO_LARGE, NULL);
    case CSN_UNAVAILABLE:
    case CSN_IO:
    case CSN_NO_MEMORY: return csn_problem_wait(x, CSN_REASON_UNAVAILABLE, 1000);
    default: return csn_problem_fault(x, CSN_FAULT_INTERNAL, NULL);
    }
}
