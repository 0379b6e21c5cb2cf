/* The outbox under test. See outbox_world.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "outbox_world.h"

#define P256DH                                                                                     \
    "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
#define AUTH "BTBZMqHH6r4Tts7J_aSIgg"
#define ARENA (256 * 1024)

struct csn_arena outbox_arena;
struct outbox_due outbox_due[32];
size_t outbox_due_count;
struct csn_parcel outbox_parcel;

int
outbox_setup(void **state)
{
    outbox_arena = csn_arena_over(malloc(ARENA), ARENA);
    return sdk_setup(state);
}

int
outbox_teardown(void **state)
{
    free(outbox_arena.ptr);
    return sdk_teardown(state);
}

/* --- the app --- */

/* Returns: the id of a new webhook. Free it. */
char *
outbox_webhook(const char *events, const char *more)
{
    assert_int_equal(
        world_post(w, w->admin, world_format(w, "/api/v1/apps/%s/webhooks", app),
                   world_format(w, "{\"url\":\"https://app.example/hook\",\"events\":[%s]%s}",
                                events, more)),
        201);
    return strdup(world_text(w, "id"));
}

int
outbox_show_webhook(const char *id)
{
    return world_get(w, w->admin, world_format(w, "/api/v1/apps/%s/webhooks/%s", app, id));
}

/* Returns: the id of `sub`, logged in on the device, whose push address is `address`. Free it. */
char *
outbox_login(const char *device, const char *sub, const char *address)
{
    const char *token = world_login(w, app, device, world_token_for(w, sub));
    char *customer = strdup(world_text(w, "customer.id"));
    struct ask put = {.method = CSN_PUT,
                      .target = world_format(w, "/sdk/v1/apps/%s/device/push", app),
                      .bearer = token,
                      .body = address};
    if (address != NULL)
        assert_int_equal(world_ask(w, &put), 204);
    return customer;
}

const char *
outbox_web_push(const char *name)
{
    return world_format(
        w,
        "{\"web_push\":{\"endpoint\":\"https://push.example/%s\",\"p256dh\":\"" P256DH
        "\",\"auth\":\"" AUTH "\"}}",
        name);
}

void
outbox_send(const char *customer, const char *members)
{
    assert_int_equal(
        world_post(w, w->admin,
                   world_format(w, "/api/v1/apps/%s/customers/%s/items", app, customer),
                   world_format(w, "{\"kind\":\"push\"%s}", members)),
        201);
}

void
outbox_make_push_key(void)
{
    struct ask put = {.method = CSN_PUT,
                      .target = world_format(w, "/api/v1/apps/%s/push-key", app),
                      .bearer = w->admin,
                      .body = "{\"subject\":\"mailto:ops@app.example\"}"};
    assert_int_equal(world_ask(w, &put), 200);
}

/* --- the sender --- */

static int
by_number(const void *a, const void *b)
{
    const struct outbox_due *left = a, *right = b;
    return (left->number > right->number) - (left->number < right->number);
}

/* Of all lanes, in the order in which they were written. */
size_t
outbox_look(void)
{
    struct csn_store *store = w->service.store;
    struct csn_delivery_lane at = {0}, lane;
    outbox_due_count = 0;
    assert_int_equal(csn_store_begin(store), CSN_OK);
    for (; csn_store_delivery_lane(store, &at, &lane) == CSN_OK; at = lane) {
        int64_t numbers[32];
        size_t count = 0;
        assert_int_equal(csn_store_delivery_due(store, &lane, numbers, 32, &count, w->now_ms),
                         CSN_OK);
        for (size_t i = 0; i < count && outbox_due_count < 32; i++)
            outbox_due[outbox_due_count++] = (struct outbox_due){lane.app, numbers[i]};
    }
    assert_int_equal(csn_store_commit(store), CSN_OK);
    qsort(outbox_due, outbox_due_count, sizeof *outbox_due, by_number);
    return outbox_due_count;
}

struct csn_outbox
outbox_box(void)
{
    return (struct csn_outbox){.sessions = w->service.sessions,
                               .registry = w->service.registry,
                               .store = w->service.store,
                               .arena = &outbox_arena};
}

/* Opens the `n`th that is due. */
void
outbox_take(size_t n)
{
    assert_true(n < outbox_look());
    struct csn_outbox box = outbox_box();
    outbox_arena.used = 0;
    assert_int_equal(csn_store_begin(w->service.store), CSN_OK);
    assert_int_equal(
        csn_parcel_make(&box, outbox_due[n].app, outbox_due[n].number, &outbox_parcel, w->now_ms),
        CSN_OK);
    assert_int_equal(csn_store_commit(w->service.store), CSN_OK);
}

struct csn_sent
outbox_settle_after(enum csn_outcome outcome, bool is_final, int64_t retry_after_ms)
{
    struct csn_sent sent = {
        .outcome = outcome, .is_final = is_final, .retry_after_ms = retry_after_ms};
    struct csn_outbox box = outbox_box();
    assert_int_equal(csn_store_begin(w->service.store), CSN_OK);
    assert_int_equal(csn_parcel_settle(&box, &outbox_parcel, &sent, &w->service.random, w->now_ms),
                     CSN_OK);
    assert_int_equal(csn_store_commit(w->service.store), CSN_OK);
    return sent;
}

struct csn_sent
outbox_settle(enum csn_outcome outcome)
{
    return outbox_settle_after(outcome, false, 0);
}

/* Returns: the member of the outbox_parcel's payload at a path of names, "" for what is no text;
 * NULL when it has none. */
const char *
outbox_said(const char *first, const char *second, const char *third)
{
    static char memory[65536];
    static struct csn_arena tree;
    tree = csn_arena_over(memory, sizeof memory);
    const struct csn_json_node *node = NULL;
    assert_int_equal(csn_json_parse(outbox_parcel.payload, &tree, &node), CSN_OK);
    const char *names[] = {first, second, third};
    for (size_t i = 0; i < 3 && names[i] != NULL && node != NULL; i++)
        node = csn_json_get(node, names[i]);
    if (node == NULL || node->kind == CSN_JSON_NULL)
        return NULL;
    return node->kind == CSN_JSON_STRING ? (const char *)node->text.ptr : "";
}
