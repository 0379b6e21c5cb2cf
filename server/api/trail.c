/* The trail. See trail.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/api/trail.h"

#include <string.h>

#include "server/api/route.h"
#include "server/domain/audit.h"
#include "server/store/registry_rows.h"

#define FIELD_NAME_MAX 40  /* bytes; the names we know are shorter */
#define FIELD_VALUE_MAX 32 /* bytes of a value that is kept */
#define ROOM_TO_CLOSE 16   /* bytes: ,"more":true} */

/* --- what the body says --- */

static bool
is_plain_name(struct csn_bytes name)
{
    bool plain = name.len > 0 && name.len <= FIELD_NAME_MAX;
    for (size_t i = 0; i < name.len && plain; i++) {
        uint8_t c = name.ptr[i];
        plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    }
    return plain;
}

/* Returns: a word of a short list that one of our fields knows, such as "customer.created". */
static bool
is_word(const struct csn_json_node *value)
{
    bool word =
        value->kind == CSN_JSON_STRING && value->text.len > 0 && value->text.len <= FIELD_VALUE_MAX;
    for (size_t i = 0; i < value->text.len && word; i++)
        word = value->text.ptr[i] == '.' || is_plain_name(csn_bytes_slice(value->text, i, i + 1));
    return word;
}

static bool
are_words(const struct csn_json_node *list)
{
    bool words = list->kind == CSN_JSON_ARRAY;
    for (const struct csn_json_node *n = list->first; n != NULL && words; n = n->next)
        words = is_word(n);
    return words;
}

/* Words out of a short list each, switches, and numbers: none of them can be a secret. */
static bool
is_kept(const struct csn_json_node *field)
{
    static const char *const of_words[] = {"mode",  "state",  "preset",    "algorithm", "source",
                                           "roles", "events", "otherwise", "frequency"};
    if (field->kind == CSN_JSON_TRUE || field->kind == CSN_JSON_FALSE ||
        (field->kind == CSN_JSON_NUMBER && field->text.len <= FIELD_VALUE_MAX))
        return true;
    bool kept = false;
    for (size_t i = 0; i < sizeof of_words / sizeof of_words[0]; i++)
        kept = kept || csn_bytes_equal_text(field->name, of_words[i]);
    return kept && (is_word(field) || are_words(field));
}

/* Bytes that a field takes, its name and its value at most. */
static size_t
room_of(const struct csn_json_node *field)
{
    size_t room = field->name.len + FIELD_VALUE_MAX;
    for (const struct csn_json_node *n = field->first; n != NULL; n = n->next)
        room += FIELD_VALUE_MAX + 3; /* its quotes and comma */
    return room;
}

/* A field is its kept value, else null. What does not fit is said to be more. */
void
csn_trail_body(struct csn_exchange *x, const struct csn_json_node *body)
{
    if (x->route->access < CSN_ACCESS_VIEWER || x->route->write_problem != NULL)
        return;
    struct csn_buffer out = csn_buffer_over(x->trail.changed, sizeof x->trail.changed - 1);
    struct csn_json_writer w = csn_json_writer_over(&out);
    bool more = false;
    csn_json_open_object(&w);
    for (const struct csn_json_node *f = body->first; f != NULL; f = f->next) {
        bool kept = is_kept(f);
        size_t room = kept ? room_of(f) : f->name.len + FIELD_VALUE_MAX;
        bool fits = out.cap - out.len > room + ROOM_TO_CLOSE;
        more = more || !fits || !is_plain_name(f->name);
        if (!fits || !is_plain_name(f->name))
            continue;
        csn_json_name_bytes(&w, f->name);
        if (kept)
            csn_json_node(&w, f);
        else
            csn_json_null(&w);
    }
    if (more)
        csn_json_member_bool(&w, "more", true);
    csn_json_close_object(&w);
    x->trail.changed[out.overflowed ? 0 : out.len] = '\0';
}

/* --- what it was done to --- */

static void
set_target(struct csn_exchange *x, struct csn_bytes text)
{
    size_t len = text.len < sizeof x->trail.target ? text.len : sizeof x->trail.target - 1;
    if (len > 0)
        memcpy(x->trail.target, text.ptr, len);
    x->trail.target[len] = '\0';
}

void
csn_trail_target(struct csn_exchange *x, struct csn_id id)
{
    set_target(x, csn_bytes_text(id.text));
}

void
csn_trail_app(struct csn_exchange *x, struct csn_id app)
{
    x->trail.app = app;
}

static void
target_of_path(struct csn_exchange *x)
{
    size_t last = 0;
    while (last < CSN_PATH_PARAMS_MAX && x->params[last].len > 0)
        last++;
    bool is_app = last == 1 && x->route->app_param;
    if (last > 0 && !is_app)
        set_target(x, x->params[last - 1]);
}

/* --- the row --- */

static bool
is_write(const struct csn_route *route)
{
    return route->access >= CSN_ACCESS_VIEWER && route->method != CSN_GET;
}

struct actor {
    uint8_t memory[CSN_NAME_MAX + 64]; /* of the name */
    struct csn_bytes name;
};

/* Before the work, which may remove the API key itself. One that is gone already has no name. */
static enum csn_status
read_actor(struct csn_exchange *x, struct csn_store *store, struct actor *out)
{
    struct csn_arena arena = csn_arena_over(out->memory, sizeof out->memory);
    struct csn_api_key_row row = {0};
    enum csn_status status =
        csn_store_api_key_get(store, x->api_key.account, csn_id_view(&x->api_key.id), &arena, &row);
    out->name = row.name;
    return status == CSN_NOT_FOUND ? CSN_OK : status;
}

static enum csn_status
append(struct csn_exchange *x, struct csn_store *store, const struct actor *actor, bool denied)
{
    if (x->trail.target[0] == '\0')
        target_of_path(x);
    struct csn_audit_entry entry = {
        .account = x->api_key.account,
        .request = x->request_id,
        .api_key = x->api_key.id,
        .api_key_name = actor->name,
        .operation = x->route->operation,
        .target = x->trail.target,
        .changed = x->trail.changed[0] != '\0' ? x->trail.changed : NULL,
        .denied = denied,
    };
    entry.app = x->trail.app;
    if (x->app != NULL)
        entry.app = x->app->id;
    return csn_audit_append(store, &entry, x->now_ms);
}

enum csn_status
csn_trail_work(struct csn_exchange *x, struct csn_store *store)
{
    bool leaves_a_row = is_write(x->route) || x->route->audited;
    if (!leaves_a_row || x->trail.denied)
        return x->work(x, store);
    struct actor actor;
    enum csn_status status = read_actor(x, store, &actor);
    if (status != CSN_OK)
        return status;
    int64_t before = csn_store_total_changes(store);
    status = x->work(x, store);
    bool changed = csn_store_total_changes(store) != before;
    if (status != CSN_OK || (!changed && !x->route->audited))
        return status;
    return append(x, store, &actor, false);
}

/* --- denials --- */

static enum csn_status
work_refused(struct csn_exchange *x, struct csn_store *store)
{
    struct actor actor;
    enum csn_status status = read_actor(x, store, &actor);
    return status == CSN_OK ? append(x, store, &actor, true) : status;
}

static void
keep_answer(struct csn_exchange *x)
{
    (void)x;
}

static void
keep_answer_too(struct csn_exchange *x, enum csn_status status)
{
    (void)x, (void)status;
}

enum csn_step
csn_trail_refused(struct csn_exchange *x)
{
    if (!is_write(x->route) || x->api_key.roles == 0 || x->response.status != 403)
        return CSN_ANSWERED;
    x->work = work_refused;
    x->finish = keep_answer;
    x->failed = keep_answer_too;
    x->trail.denied = true;
    return CSN_NEEDS_STORE;
}
