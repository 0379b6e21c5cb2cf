/* Statements: prepared once, bound and read in order, the first failure sticking (sqlite.h).
 *
 * A statement whose transaction SQLite has given up is refused before it runs: alone it would
 * commit by itself, and half an operation would be durable.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/store/sqlite.h"

#include <string.h>

#include "base/panic.h"

enum csn_status
csn_store_status(int result)
{
    switch (result & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE: return CSN_OK;
    case SQLITE_CONSTRAINT: return CSN_CONFLICT;
    default: return CSN_UNAVAILABLE;
    }
}

/* Returns: the slot of `sql`, used or free; NULL when there are more than CSN_STATEMENTS_MAX. */
static struct csn_statement *
slot_of(struct csn_store *store, const char *sql)
{
    size_t at = ((uintptr_t)sql >> 3) * 0x9E3779B1U;
    for (size_t i = 0; i < CSN_STATEMENTS_MAX; i++) {
        struct csn_statement *slot = &store->statements[(at + i) & (CSN_STATEMENTS_MAX - 1)];
        if (slot->sql == sql || slot->sql == NULL)
            return slot;
    }
    return NULL;
}

struct csn_query
csn_query(struct csn_store *store, const char *sql)
{
    struct csn_query q = {.store = store, .status = CSN_UNAVAILABLE};
    struct csn_statement *slot = slot_of(store, sql);
    CSN_ASSERT(slot != NULL);
    if (slot->sql == NULL) {
        int result =
            sqlite3_prepare_v3(store->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &slot->handle, NULL);
        CSN_ASSERT(result != SQLITE_ERROR); /* the SQL is wrong */
        if (result != SQLITE_OK)
            return q;
        slot->sql = sql;
    }
    CSN_ASSERT(!sqlite3_stmt_busy(slot->handle)); /* its last query was not ended */
    q.handle = slot->handle;
    q.status = CSN_OK;
    return q;
}

void
csn_store_forget_statements(struct csn_store *store)
{
    for (size_t i = 0; i < CSN_STATEMENTS_MAX; i++) {
        sqlite3_finalize(store->statements[i].handle);
        store->statements[i] = (struct csn_statement){0};
    }
}

static void
bound(struct csn_query *q, int result)
{
    CSN_ASSERT(result != SQLITE_RANGE); /* more parameters than the SQL has */
    if (result != SQLITE_OK)
        q->status = CSN_UNAVAILABLE;
}

void
csn_query_bytes(struct csn_query *q, struct csn_bytes text)
{
    if (q->status == CSN_OK) {
        bound(q, sqlite3_bind_text64(q->handle, ++q->parameter, (const char *)text.ptr, text.len,
                                     SQLITE_STATIC, SQLITE_UTF8));
    }
}

void
csn_query_id(struct csn_query *q, struct csn_id id)
{
    if (q->status != CSN_OK)
        return;
    if (id.text[0] == '\0') {
        bound(q, sqlite3_bind_null(q->handle, ++q->parameter));
        return;
    }
    bound(q,
          sqlite3_bind_text(q->handle, ++q->parameter, id.text, CSN_ID_LENGTH, SQLITE_TRANSIENT));
}

void
csn_query_blob(struct csn_query *q, struct csn_bytes blob)
{
    if (q->status == CSN_OK)
        bound(q, sqlite3_bind_blob64(q->handle, ++q->parameter, blob.ptr, blob.len, SQLITE_STATIC));
}

void
csn_query_int(struct csn_query *q, int64_t value)
{
    if (q->status == CSN_OK)
        bound(q, sqlite3_bind_int64(q->handle, ++q->parameter, value));
}

bool
csn_query_row(struct csn_query *q)
{
    if (q->status != CSN_OK)
        return false;
    CSN_ASSERT(q->parameter == sqlite3_bind_parameter_count(q->handle)); /* one is missing */
    struct csn_store *store = q->store;
    if (store->open_transaction && sqlite3_get_autocommit(store->db))
        store->lost = true;
    if (store->lost || (store->fault != NULL && store->fault(store->fault_state))) {
        q->status = CSN_UNAVAILABLE;
        return false;
    }
    int result = sqlite3_step(q->handle);
    q->status = csn_store_status(result);
    q->column = 0;
    return result == SQLITE_ROW;
}

struct csn_bytes
csn_row_view(struct csn_query *q)
{
    if (q->status != CSN_OK)
        return (struct csn_bytes){0};
    int column = q->column++;
    const void *at = sqlite3_column_blob(q->handle, column);
    return csn_bytes_of(at, (size_t)sqlite3_column_bytes(q->handle, column));
}

void
csn_row_text(struct csn_query *q, char *out, size_t cap)
{
    struct csn_bytes text = csn_row_view(q);
    out[0] = '\0';
    if (text.len >= cap) {
        q->status = CSN_UNAVAILABLE;
        return;
    }
    if (text.len > 0)
        memcpy(out, text.ptr, text.len);
    out[text.len] = '\0';
}

void
csn_row_id(struct csn_query *q, struct csn_id *out)
{
    csn_row_text(q, out->text, sizeof out->text);
}

size_t
csn_row_blob_upto(struct csn_query *q, uint8_t *out, size_t cap)
{
    struct csn_bytes blob = csn_row_view(q);
    if (blob.len > cap) {
        q->status = CSN_UNAVAILABLE;
        return 0;
    }
    if (blob.len > 0)
        memcpy(out, blob.ptr, blob.len);
    return blob.len;
}

void
csn_row_blob(struct csn_query *q, uint8_t *out, size_t len)
{
    memset(out, 0, len);
    bool null = q->status == CSN_OK && csn_row_null(q);
    size_t got = csn_row_blob_upto(q, out, len);
    if (!null && got != len)
        q->status = CSN_UNAVAILABLE;
}

struct csn_bytes
csn_row_copy(struct csn_query *q, struct csn_arena *arena)
{
    struct csn_bytes view = csn_row_view(q);
    if (view.ptr == NULL)
        return view;
    struct csn_bytes copy = csn_arena_copy(arena, view);
    if (copy.ptr == NULL)
        q->status = CSN_NO_SPACE;
    return copy;
}

int64_t
csn_row_int(struct csn_query *q)
{
    return q->status == CSN_OK ? sqlite3_column_int64(q->handle, q->column++) : 0;
}

bool
csn_row_null(const struct csn_query *q)
{
    return sqlite3_column_type(q->handle, q->column) == SQLITE_NULL;
}

enum csn_status
csn_query_end(struct csn_query *q)
{
    if (q->handle != NULL) {
        sqlite3_reset(q->handle);
        sqlite3_clear_bindings(q->handle);
    }
    q->handle = NULL;
    enum csn_status status = q->status;
    q->status = CSN_UNAVAILABLE;
    return status;
}

enum csn_status
csn_query_done(struct csn_query *q)
{
    while (csn_query_row(q)) {
    }
    return csn_query_end(q);
}

enum csn_status
csn_query_first(struct csn_query *q)
{
    if (csn_query_row(q))
        return CSN_OK;
    enum csn_status status = csn_query_end(q);
    return status == CSN_OK ? CSN_NOT_FOUND : status;
}

int64_t
csn_store_changes(const struct csn_store *store)
{
    return sqlite3_changes64(store->db);
}

enum csn_status
csn_query_touched(struct csn_query *q)
{
    struct csn_store *store = q->store;
    enum csn_status status = csn_query_done(q);
    if (status == CSN_OK && csn_store_changes(store) == 0)
        return CSN_NOT_FOUND;
    return status;
}

enum csn_status
csn_query_counted(struct csn_query *q, uint64_t *count)
{
    struct csn_store *store = q->store;
    enum csn_status status = csn_query_done(q);
    if (status == CSN_OK)
        *count += (uint64_t)csn_store_changes(store);
    return status;
}
