/* What tests of the log say often. See log_world.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/server/log_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static char bodies[CSN_ITEMS_MAX][CSN_ITEM_ID_MAX + 16];
static char ids_text[LINE_MAX_BYTES];

struct csn_append_in
append_of(struct world *w, struct csn_id customer)
{
    return (struct csn_append_in){.app = w->app.id,
                                  .customer = customer,
                                  .direction = CSN_UP,
                                  .assurance = CSN_ASSURANCE_VERIFIED,
                                  .device = text("phone")};
}

/* Bodies take turns, so one stands as long as CSN_ITEMS_MAX others are made. */
struct csn_item
item_of(const char *id)
{
    static size_t turn;
    char *body = bodies[turn++ % CSN_ITEMS_MAX];
    snprintf(body, sizeof bodies[0], "\"body of %s\"", id);
    return (struct csn_item){.id = text(id), .kind = CSN_ITEM_MESSAGE, .body = text(body)};
}

struct append_call {
    struct world *w;
    const struct csn_append_in *in;
    struct csn_appended *out;
    int64_t *last;
};

static enum csn_status
run_append(void *state, struct csn_store *store)
{
    struct append_call *call = state;
    return csn_log_append(call->w->sessions, store, call->in, call->out, call->last,
                          call->w->now_ms);
}

enum csn_status
world_try_append(struct world *w, const struct csn_append_in *in, struct csn_appended *out,
                 int64_t *last)
{
    static struct csn_appended unasked[CSN_ITEMS_MAX];
    int64_t unasked_last;
    struct append_call call = {w, in, out != NULL ? out : unasked,
                               last != NULL ? last : &unasked_last};
    return world_run(w->store, run_append, &call);
}

void
world_append(struct world *w, struct csn_id customer, const char *ids)
{
    static struct csn_item items[CSN_ITEMS_MAX];
    static struct csn_appended out[CSN_ITEMS_MAX];
    struct csn_append_in in = append_of(w, customer);
    snprintf(ids_text, sizeof ids_text, "%s", ids);
    char *rest = ids_text;
    in.items = items;
    for (char *id; (id = strtok_r(rest, " ", &rest)) != NULL;) {
        items[in.count++] = item_of(id);
    }
    assert_ok(world_try_append(w, &in, out, NULL));
    for (size_t i = 0; i < in.count; i++) {
        assert_int_equal(CSN_APPENDED, out[i].outcome);
    }
}

/* --- reading --- */

struct read_call {
    struct world *w;
    const struct csn_read_in *in;
    struct csn_arena arena;
    struct csn_read_out *out;
};

static enum csn_status
run_read(void *state, struct csn_store *store)
{
    struct read_call *call = state;
    return csn_log_read(call->w->sessions, store, call->in, &call->arena, call->out);
}

struct csn_read_in
read_of(struct world *w, struct csn_id customer)
{
    return (struct csn_read_in){.app = w->app.id,
                                .customer = customer,
                                .view = CSN_VIEW_LOG,
                                .device = text("phone"),
                                .limit = CSN_ITEMS_READ_MAX};
}

enum csn_status
world_try_read(struct world *w, const struct csn_read_in *in, struct csn_read_out *out)
{
    static uint8_t memory[1 << 20];
    struct read_call call = {w, in, csn_arena_over(memory, sizeof memory), out};
    return world_run(w->store, run_read, &call);
}

static void
write_ids(char *line, size_t *used, const struct csn_read_out *out)
{
    for (size_t i = 0; i < out->count; i++) {
        struct csn_bytes id = out->items[i].id;
        char body[CSN_ITEM_ID_MAX + 16];
        *used += (size_t)snprintf(line + *used, LINE_MAX_BYTES - *used, "%s%.*s",
                                  *used > 0 ? " " : "", (int)id.len, (const char *)id.ptr);
        snprintf(body, sizeof body, "\"body of %.*s\"", (int)id.len, (const char *)id.ptr);
        assert_true(csn_bytes_equal_text(out->items[i].body, body));
        assert_true(*used < LINE_MAX_BYTES);
    }
}

const char *
world_shown(struct world *w, const struct csn_read_in *in)
{
    static char line[LINE_MAX_BYTES];
    struct csn_read_out out;
    size_t used = 0;
    line[0] = '\0';
    assert_ok(world_try_read(w, in, &out));
    assert_int_equal(0, out.damaged);
    write_ids(line, &used, &out);
    return line;
}

const char *
world_log(struct world *w, struct csn_id customer)
{
    static char line[LINE_MAX_BYTES];
    struct csn_read_in in = read_of(w, customer);
    struct csn_read_out out = {.more = true};
    size_t used = 0;
    line[0] = '\0';
    in.view = CSN_VIEW_OWNER;
    while (out.more) {
        assert_ok(world_try_read(w, &in, &out));
        assert_int_equal(0, out.damaged);
        write_ids(line, &used, &out);
        assert_true(out.cursor >= in.after);
        in.after = out.cursor;
    }
    return line;
}

void
assert_logs_whole(struct world *w)
{
    assert_int_equal(0, world_number(w, "SELECT count(*) FROM logs l WHERE (items, bytes) <> "
                                        "(SELECT count(*), coalesce(sum(length(body)), 0) FROM "
                                        "items i WHERE i.app = l.app AND i.customer = "
                                        "l.customer)"));
    assert_int_equal(0, world_number(w, "SELECT count(*) FROM items i LEFT JOIN logs l ON "
                                        "l.app = i.app AND l.customer = i.customer WHERE "
                                        "l.last IS NULL OR i.seq > l.last OR i.seq < 1"));
}
