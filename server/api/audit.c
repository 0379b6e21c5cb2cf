/* The audit of one's own account: its rows, and the head of its chain. An API key of one app sees
 * that app's rows.
 *
 * A page looks at SCANNED_MAX rows at most, so that a filter that fits nothing does not hold up the
 * store: such a page has few rows or none, and a `next` to go on from.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/time.h"
#include "server/api/handlers.h"
#include "server/api/manage.h"
#include "server/api/query.h"
#include "server/store/audit_rows.h"

#define SCANNED_MAX 5000  /* rows of one page */
#define OPERATION_MAX 64  /* bytes */
#define ROW_JSON_MAX 2048 /* bytes of one row, written */

struct audit {
    struct csn_bytes app, operation, key;
    int64_t since_ms, until_ms; /* 0: open */
    struct csn_audit_walk walk;
    size_t limit;
    struct csn_json_writer w;
    size_t scanned, written;
    int64_t last;
    int64_t head;
    uint8_t hash[CSN_AUDIT_HASH];
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
read_cursor(struct csn_exchange *x, struct csn_bytes text, int64_t *out)
{
    return text.len == 0 || (csn_json_integer(text, out) == CSN_OK && *out > 0) ||
           refuse(x, "cursor");
}

static bool
read_order(struct csn_exchange *x, struct csn_bytes text, bool *oldest_first)
{
    *oldest_first = csn_bytes_equal_text(text, "oldest");
    return text.len == 0 || *oldest_first || csn_bytes_equal_text(text, "newest") ||
           refuse(x, "order");
}

static bool
read_filter(struct csn_exchange *x, struct audit *state)
{
    struct csn_bytes since, until, order, cursor, limit;
    const struct csn_parameter known[] = {{"app", CSN_ID_LENGTH, &state->app},
                                          {"operation", OPERATION_MAX, &state->operation},
                                          {"key", CSN_ID_LENGTH, &state->key},
                                          {"since", CSN_TIME_TEXT_LENGTH, &since},
                                          {"until", CSN_TIME_TEXT_LENGTH, &until},
                                          {"order", 8, &order},
                                          {"cursor", 20, &cursor},
                                          {"limit", 8, &limit},
                                          {0}};
    return csn_query_read(x, known) && read_time(x, "since", since, &state->since_ms) &&
           read_time(x, "until", until, &state->until_ms) &&
           read_order(x, order, &state->walk.oldest_first) &&
           read_cursor(x, cursor, &state->walk.from) &&
           (csn_query_limit(limit, &state->limit) || refuse(x, "limit"));
}

/* --- rows --- */

static bool
is_asked_for(const struct audit *state, const struct csn_id *only_app,
             const struct csn_audit_record *row)
{
    return (csn_id_is_none(only_app) || csn_bytes_equal(row->app, csn_id_view(only_app))) &&
           (state->app.len == 0 || csn_bytes_equal(row->app, state->app)) &&
           (state->operation.len == 0 || csn_bytes_equal(row->operation, state->operation)) &&
           (state->key.len == 0 || csn_bytes_equal(row->api_key, state->key)) &&
           (state->since_ms == 0 || row->at_ms >= state->since_ms) &&
           (state->until_ms == 0 || row->at_ms < state->until_ms);
}

/* CSN_NO_SPACE ends the page: it is full. */
static enum csn_status
visit(void *argument, const struct csn_audit_record *row)
{
    struct csn_exchange *x = argument;
    struct audit *state = x->state;
    if (!is_asked_for(state, &x->api_key.app, row)) {
        state->scanned++;
        state->last = row->number;
        return CSN_OK;
    }
    if (state->written == state->limit || x->out.cap - x->out.len < ROW_JSON_MAX)
        return CSN_NO_SPACE;
    csn_audit_write(row, &state->w);
    state->scanned++;
    state->written++;
    state->last = row->number;
    return CSN_OK;
}

/* Written while it is read: a page of rows is not held twice. */
static enum csn_status
work_list(struct csn_exchange *x, struct csn_store *store)
{
    struct audit *state = x->state;
    state->w = csn_answer_open(x);
    csn_json_name(&state->w, "items");
    csn_json_open_array(&state->w);
    enum csn_status status = csn_store_audit_each(store, &state->walk);
    csn_json_close_array(&state->w);
    bool more = status == CSN_NO_SPACE || state->scanned == SCANNED_MAX;
    char memory[24];
    struct csn_buffer next = csn_buffer_over(memory, sizeof memory);
    if (more)
        csn_buffer_int(&next, state->last);
    csn_answer_text(&state->w, "next", csn_buffer_view(&next));
    return status == CSN_NO_SPACE ? CSN_OK : status;
}

static void
answer_list(struct csn_exchange *x)
{
    struct audit *state = x->state;
    csn_answer_close(x, &state->w, 200);
}

enum csn_step
csn_audit_trail(struct csn_exchange *x)
{
    struct audit *state = csn_manage_state(x, sizeof *state);
    if (state == NULL || !read_filter(x, state))
        return CSN_ANSWERED;
    state->walk.account = x->api_key.account;
    state->walk.limit = SCANNED_MAX;
    state->walk.visit = visit;
    state->walk.state = x;
    return csn_answer_later(x, work_list, answer_list);
}

/* --- the head --- */

static enum csn_status
work_head(struct csn_exchange *x, struct csn_store *store)
{
    struct audit *state = x->state;
    enum csn_status status =
        csn_store_audit_head(store, x->api_key.account, &state->head, state->hash);
    return status == CSN_NOT_FOUND ? CSN_OK : status;
}

static void
answer_head(struct csn_exchange *x)
{
    const struct audit *state = x->state;
    char memory[2 * CSN_AUDIT_HASH + 24];
    struct csn_buffer text = csn_buffer_over(memory, sizeof memory);
    struct csn_bytes hash = csn_bytes_of(state->hash, sizeof state->hash);
    struct csn_json_writer w = csn_answer_open(x);
    csn_answer_id(&w, "account", x->api_key.account);
    csn_json_member_int(&w, "number", state->head);
    if (state->head > 0)
        csn_buffer_hex(&text, hash);
    csn_answer_text(&w, "hash", csn_buffer_view(&text));
    text.len = 0;
    if (state->head > 0) {
        csn_buffer_int(&text, state->head);
        csn_buffer_byte(&text, ':');
        csn_buffer_hex(&text, hash);
    }
    csn_answer_text(&w, "head", csn_buffer_view(&text));
    csn_answer_close(x, &w, 200);
}

enum csn_step
csn_audit_last(struct csn_exchange *x)
{
    if (csn_manage_state(x, sizeof(struct audit)) == NULL)
        return CSN_ANSWERED;
    return csn_answer_later(x, work_head, answer_head);
}
