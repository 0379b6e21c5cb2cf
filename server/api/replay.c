/* Answers kept and given again. See replay.h.
 *
 * A kept answer is: status (2 bytes), the content type, how many header fields (1 byte), each name
 * and value, the body; every text as its length in 4 bytes, its bytes and a NUL.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/api/replay.h"

#include <string.h>

#include "server/api/answer.h"
#include "server/api/problem.h"
#include "server/api/route.h"
#include "server/api/trail.h"
#include "server/store/session_rows.h"

#define JSON "application/json" /* every answer with a body is that: content types are static */

/* --- the header --- */

/* The draft writes a structured-field string; a bare one means the same. */
static struct csn_bytes
unquoted(struct csn_bytes key)
{
    bool quoted =
        key.ptr != NULL && key.len >= 2 && key.ptr[0] == '"' && key.ptr[key.len - 1] == '"';
    return quoted ? csn_bytes_slice(key, 1, key.len - 1) : key;
}

static bool
is_key(struct csn_bytes key)
{
    bool good = key.len > 0 && key.len <= CSN_IDEMPOTENCY_KEY_MAX;
    for (size_t i = 0; i < key.len && good; i++)
        good = key.ptr[i] >= 0x20 && key.ptr[i] <= 0x7E;
    return good;
}

bool
csn_replay_read(struct csn_exchange *x)
{
    if (x->route->access < CSN_ACCESS_VIEWER || x->route->method == CSN_GET)
        return true;
    bool twice = false;
    struct csn_bytes field = csn_request_header(&x->request, "idempotency-key", &twice);
    if (field.ptr == NULL && !twice)
        return true;
    struct csn_bytes key = unquoted(field);
    if (twice || !is_key(key)) {
        csn_problem_fault(
            x, CSN_FAULT_REQUEST_INVALID,
            "An Idempotency-Key is one field of 1 to 255 printable ASCII characters.");
        return false;
    }
    x->replay.of.account = x->api_key.account;
    x->replay.of.api_key = x->api_key.id;
    csn_idempotency_of(&x->replay.of, key, x->request.method, x->request.path, x->request.query,
                       x->request.body);
    x->replay.given = true;
    return true;
}

/* --- an answer as bytes --- */

static void
put_text(struct csn_buffer *out, struct csn_bytes text)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        csn_buffer_byte(out, (uint8_t)(text.len >> shift));
    csn_buffer_append(out, text);
    csn_buffer_byte(out, 0);
}

/* Borrows what is left of the arena. The fields that every answer has for itself are left out. */
static struct csn_bytes
encode(const struct csn_exchange *x)
{
    const struct csn_response *r = &x->response;
    struct csn_buffer out =
        csn_buffer_over(x->arena.ptr + x->arena.used, x->arena.cap - x->arena.used);
    csn_buffer_byte(&out, (uint8_t)(r->status >> 8));
    csn_buffer_byte(&out, (uint8_t)r->status);
    put_text(&out, csn_bytes_text(r->content_type != NULL ? r->content_type : ""));
    csn_buffer_byte(&out, (uint8_t)(r->header_count - x->replay.own_headers));
    for (size_t i = x->replay.own_headers; i < r->header_count; i++) {
        put_text(&out, r->headers[i].name);
        put_text(&out, r->headers[i].value);
    }
    put_text(&out, r->body);
    if (out.overflowed)
        return (struct csn_bytes){0};
    return csn_buffer_view(&out);
}

struct reader {
    struct csn_bytes rest;
    bool failed;
};

static unsigned
take_byte(struct reader *r)
{
    if (r->failed || r->rest.len == 0) {
        r->failed = true;
        return 0;
    }
    unsigned byte = r->rest.ptr[0];
    r->rest = csn_bytes_slice(r->rest, 1, r->rest.len);
    return byte;
}

static struct csn_bytes
take_text(struct reader *r)
{
    size_t len = 0;
    for (int i = 0; i < 4; i++)
        len = len << 8 | take_byte(r);
    if (r->failed || len >= r->rest.len) {
        r->failed = true;
        return (struct csn_bytes){0};
    }
    struct csn_bytes text = csn_bytes_slice(r->rest, 0, len);
    r->rest = csn_bytes_slice(r->rest, len + 1, r->rest.len);
    return text;
}

/* Returns: the whole of it was an answer. */
static bool
decode(struct csn_exchange *x, struct csn_bytes kept)
{
    struct reader r = {.rest = kept};
    unsigned high = take_byte(&r);
    int status = (int)(high << 8 | take_byte(&r));
    struct csn_bytes type = take_text(&r);
    unsigned count = take_byte(&r);
    if (r.failed || count + x->response.header_count >= CSN_RESPONSE_HEADERS_MAX)
        return false;
    for (unsigned i = 0; i < count; i++) {
        struct csn_bytes name = take_text(&r), value = take_text(&r);
        if (r.failed)
            return false;
        csn_response_header(x, (const char *)name.ptr, value);
    }
    struct csn_bytes body = take_text(&r);
    if (r.failed)
        return false;
    if (type.len > 0 && !csn_bytes_equal_text(type, JSON))
        return false;
    csn_answer_body(x, status, type.len > 0 ? JSON : NULL, body);
    csn_response_header(x, "Idempotency-Replayed", csn_bytes_text("true"));
    return true;
}

/* --- inside the transaction --- */

/* Notes about whom the answer is: the customer of the path, or whose it is by now. */
static enum csn_status
note_customer(struct csn_exchange *x, struct csn_store *store)
{
    struct csn_id named;
    struct csn_customer_row row;
    if (x->app == NULL || strstr(x->route->path, "/customers/{customer}") == NULL ||
        !csn_id_read(x->params[1], &named))
        return CSN_OK;
    enum csn_status status = csn_store_customer_get(store, x->app->id, named, &row);
    if (status == CSN_OK)
        x->replay.of.customer = csn_id_is_none(&row.owner) ? named : row.owner;
    return status == CSN_NOT_FOUND ? CSN_OK : status;
}

static enum csn_status
keep(struct csn_exchange *x, struct csn_store *store)
{
    x->finish(x);
    x->replay.answered = true;
    x->is_open = true;
    struct csn_bytes answer = encode(x);
    if (x->response.status >= 500 || answer.ptr == NULL)
        return CSN_NO_SPACE;
    enum csn_status status = note_customer(x, store);
    if (status != CSN_OK)
        return status;
    x->arena.used += answer.len;
    x->is_open = false;
    return csn_idempotency_keep(x->service->registry, store, &x->service->random, &x->replay.of,
                                answer, &x->arena, x->now_ms);
}

enum csn_status
csn_replay_work(struct csn_exchange *x, struct csn_store *store)
{
    struct csn_bytes kept;
    x->replay.own_headers = x->response.header_count;
    enum csn_status status = csn_idempotency_find(x->service->registry, store, &x->replay.of,
                                                  &x->arena, &kept, x->now_ms);
    x->replay.reused = status == CSN_CONFLICT;
    if (status == CSN_OK) {
        x->sensitive = true; /* nobody knows here whether a secret is in it */
        x->replay.answered = x->replay.replayed = true;
        return decode(x, kept) ? CSN_OK : CSN_CRYPTO;
    }
    if (status != CSN_NOT_FOUND)
        return status;
    int64_t before = csn_store_total_changes(store);
    status = csn_trail_work(x, store);
    if (status != CSN_OK || csn_store_total_changes(store) == before)
        return status;
    return keep(x, store);
}

/* --- after it --- */

bool
csn_replay_settle(struct csn_exchange *x, enum csn_status outcome)
{
    if (!x->replay.answered || outcome == CSN_OK)
        return x->replay.answered;
    x->replay.answered = false;
    x->response.header_count = x->replay.own_headers;
    return false;
}
