/* Decisions of an app: the rows, newest first, and the exact counts.
 *
 * A cursor is the place of the last row: "time.number".
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/time.h"
#include "server/api/handlers.h"
#include "server/api/manage.h"
#include "server/api/query.h"
#include "server/domain/pseudonym.h"
#include "server/store/decision_rows.h"

#define SUMMARY_ROWS_MAX 500 /* groups of one summary, the largest */
#define REASON_MAX 64        /* bytes of a reason's name */
#define CURSOR_MAX 40        /* bytes */

struct decisions {
    struct csn_decision_filter filter;
    struct csn_decision_page *page;
    struct csn_decision_sums sums;
};

static bool
refuse(struct csn_exchange *x, const char *name)
{
    csn_problem_field(x, CSN_FAULT_FIELD_INVALID, "?", csn_bytes_text(name), NULL);
    return false;
}

static bool
read_time(struct csn_exchange *x, const char *name, struct csn_bytes text, int64_t *out)
{
    return text.len == 0 || csn_time_read_rfc3339(text, out) == CSN_OK || refuse(x, name);
}

static bool
read_reason(struct csn_exchange *x, struct csn_bytes text, enum csn_reason *out)
{
    *out = csn_reason_from_name(text);
    return text.len == 0 || *out != CSN_UNDECIDED || refuse(x, "reason");
}

static bool
read_cursor(struct csn_exchange *x, struct csn_bytes text, struct csn_decision_place *out)
{
    size_t dot = csn_bytes_find(text, '.');
    if (text.len == 0)
        return true;
    bool good = dot < text.len &&
                csn_json_integer(csn_bytes_slice(text, 0, dot), &out->at_ms) == CSN_OK &&
                csn_json_integer(csn_bytes_slice(text, dot + 1, text.len), &out->number) == CSN_OK;
    return (good && out->at_ms > 0 && out->number > 0) || refuse(x, "cursor");
}

/* --- rows --- */

static bool
read_filter(struct csn_exchange *x, struct csn_decision_filter *filter)
{
    struct csn_bytes reason = {0}, since = {0}, until = {0}, identity = {0}, cursor = {0},
                     limit = {0};
    const struct csn_parameter known[] = {{"reason", REASON_MAX, &reason},
                                          {"since", CSN_TIME_TEXT_LENGTH, &since},
                                          {"until", CSN_TIME_TEXT_LENGTH, &until},
                                          {"identity", CSN_IDENTITY_MAX, &identity},
                                          {"cursor", CURSOR_MAX, &cursor},
                                          {"limit", 8, &limit},
                                          {0}};
    filter->app = x->app->id;
    if (!csn_query_read(x, known) || !read_reason(x, reason, &filter->reason) ||
        !read_time(x, "since", since, &filter->since_ms) ||
        !read_time(x, "until", until, &filter->until_ms) ||
        !read_cursor(x, cursor, &filter->before))
        return false;
    if (!csn_query_limit(limit, &filter->limit))
        return refuse(x, "limit");
    filter->has_pseudonym = identity.len > 0;
    csn_pseudonym_of(x->app, identity, filter->pseudonym);
    return true;
}

/* What rows and counts have in common. */
static void
write_kind(struct csn_json_writer *w, const struct csn_decision *d)
{
    csn_json_member_text(w, "reason", csn_reason_name(d->reason));
    csn_json_member_text(w, "action", csn_action_name(csn_reason_action(d->reason)));
    csn_json_member_bool(w, "admitted", d->admitted);
    csn_json_member_text(w, "endpoint", csn_endpoint_name(d->endpoint));
    csn_answer_text(w, "platform", csn_bytes_text(d->platform));
    csn_answer_text(w, "app_version", csn_bytes_text(d->app_version));
    csn_answer_text(w, "sdk_version", csn_bytes_text(d->sdk_version));
}

static void
write_row(struct csn_json_writer *w, const void *of)
{
    const struct csn_decision_row *row = of;
    const struct csn_decision *d = &row->decision;
    csn_answer_time(w, "at", d->at_ms);
    write_kind(w, d);
    csn_json_member_text(w, "assurance", csn_assurance_name(d->assurance));
    if (d->mode != CSN_ENFORCE_UNSET)
        csn_json_member_text(w, "mode", csn_enforcement_name(d->mode));
    else
        csn_answer_text(w, "mode", (struct csn_bytes){0});
    csn_answer_text(w, "algorithm", csn_bytes_text(csn_algorithm_name(d->algorithm)));
    csn_answer_int(w, "key_number", d->key_number != 0, d->key_number);
    csn_answer_pseudonym(w, "pseudonym", d->pseudonym);
    csn_answer_int(w, "skew_ms", d->has_skew, d->skew_ms);
    csn_answer_int(w, "lifetime_ms", d->lifetime_ms != 0, d->lifetime_ms);
    csn_json_member_int(w, "weight", row->weight);
}

static enum csn_status
work_list(struct csn_exchange *x, struct csn_store *store)
{
    struct decisions *state = x->state;
    return csn_store_decisions_list(store, &state->filter, state->page);
}

static void
answer_list(struct csn_exchange *x)
{
    const struct csn_decision_page *page = ((const struct decisions *)x->state)->page;
    char cursor[CURSOR_MAX];
    struct csn_buffer next = csn_buffer_over(cursor, sizeof cursor);
    if (page->more) {
        csn_buffer_int(&next, page->last.at_ms);
        csn_buffer_byte(&next, '.');
        csn_buffer_int(&next, page->last.number);
    }
    struct csn_json_writer w = csn_answer_open(x);
    csn_answer_items(&w, page->rows, page->count, sizeof *page->rows, write_row);
    csn_answer_text(&w, "next", csn_buffer_view(&next));
    csn_answer_close(x, &w, 200);
}

enum csn_step
csn_decisions_list(struct csn_exchange *x)
{
    struct decisions *state = csn_manage_state(x, sizeof *state);
    if (state == NULL || !read_filter(x, &state->filter))
        return CSN_ANSWERED;
    state->page = csn_arena_alloc(&x->arena, sizeof *state->page);
    if (state->page == NULL)
        return csn_problem_fault(x, CSN_FAULT_INTERNAL, NULL);
    return csn_answer_later(x, work_list, answer_list);
}

/* --- counts --- */

static enum csn_status
work_summary(struct csn_exchange *x, struct csn_store *store)
{
    struct decisions *state = x->state;
    return csn_store_decisions_sum(store, x->app->id, state->filter.since_ms, SUMMARY_ROWS_MAX,
                                   &x->arena, &state->sums);
}

static void
answer_summary(struct csn_exchange *x)
{
    const struct decisions *state = x->state;
    const struct csn_decision_sums *sums = &state->sums;
    struct csn_json_writer w = csn_answer_open(x);
    csn_answer_time(&w, "since", state->filter.since_ms);
    csn_json_name(&w, "items");
    csn_json_open_array(&w);
    for (size_t i = 0; i < sums->count; i++) {
        csn_json_open_object(&w);
        write_kind(&w, &sums->counts[i].of);
        csn_json_member_int(&w, "count", (int64_t)sums->counts[i].count);
        csn_json_close_object(&w);
    }
    csn_json_close_array(&w);
    csn_json_member_bool(&w, "more", sums->more);
    csn_json_member_int(&w, "total", (int64_t)sums->total);
    csn_answer_close(x, &w, 200);
}

enum csn_step
csn_decisions_summary(struct csn_exchange *x)
{
    struct decisions *state = csn_manage_state(x, sizeof *state);
    struct csn_bytes since;
    const struct csn_parameter known[] = {{"since", CSN_TIME_TEXT_LENGTH, &since}, {0}};
    if (state == NULL || !csn_query_read(x, known) ||
        !read_time(x, "since", since, &state->filter.since_ms))
        return CSN_ANSWERED;
    return csn_answer_later(x, work_summary, answer_summary);
}
