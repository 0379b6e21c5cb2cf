/* Growth by items: POST sync of one item for customers with 10, and for one with a million.
 *
 * The items there before are written by SQL in one transaction, their ids random: time-ordered ones
 * would all lie at the end of the index, which is kinder than the worst client.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/growth/fill.h"
#include "bench/growth/growth.h"
#include "bench/served/served.h"
#include "crypto/seal.h"
#include "server/api/item_form.h"
#include "server/domain/id.h"

#define SMALL_ITEMS 10
#define SMALL_CUSTOMERS 128 /* each turn adds to them: they stay small */
#define BODY 160

struct customer {
    struct csn_id id;
    size_t items;
    char session[CSN_TEXT_MAX];
    char cursor[CSN_CURSOR_TEXT_MAX + 1];
};

struct world {
    struct csn_served served;
    struct csn_client client;
    struct csn_random random;
    char app[CSN_ID_LENGTH + 1], target[128];
    struct customer small[SMALL_CUSTOMERS], large;
    size_t turn;
};

/* --- filling --- */

static bool
fill_items(struct csn_fill *fill, struct world *world, const struct customer *customer)
{
    sqlite3_stmt *item = csn_fill_statement(
        fill, "INSERT INTO items (app, customer, seq, id, origin, kind, direction, unverified, "
              "device, created, received, body) VALUES (?1, ?2, ?3, ?4, ?2, 2, 1, 0, 'device-1', "
              "?5, ?5, ?6)");
    uint8_t body[BODY + CSN_SEAL_OVERHEAD];
    int64_t now_ms = csn_clock_now(&world->served.server.service.clock);
    bool held = true;
    for (size_t i = 0; i < customer->items && held; i++) {
        struct csn_id id;
        csn_random_fill(&world->random, body, sizeof body);
        csn_id_from_bytes(body, &id);
        csn_fill_text(item, 1, world->app);
        csn_fill_text(item, 2, customer->id.text);
        sqlite3_bind_int64(item, 3, (int64_t)i + 1);
        csn_fill_text(item, 4, id.text);
        sqlite3_bind_int64(item, 5, now_ms);
        sqlite3_bind_blob(item, 6, body, sizeof body, SQLITE_STATIC);
        held = csn_fill_done(item);
    }
    sqlite3_stmt *log = csn_fill_statement(
        fill, "INSERT INTO logs (app, customer, last, items, bytes) VALUES (?1, ?2, ?3, ?3, ?4)");
    csn_fill_text(log, 1, world->app);
    csn_fill_text(log, 2, customer->id.text);
    sqlite3_bind_int64(log, 3, (int64_t)customer->items);
    sqlite3_bind_int64(log, 4, (int64_t)(customer->items * sizeof body));
    return held && csn_fill_done(log);
}

static bool
fill(struct csn_fill *filling, void *state)
{
    struct world *world = state;
    for (size_t i = 0; i < SMALL_CUSTOMERS; i++) {
        if (!fill_items(filling, world, &world->small[i]))
            return false;
    }
    return fill_items(filling, world, &world->large);
}

/* --- the world --- */

static bool
log_in(struct world *world, struct customer *customer, const char *sub, size_t items)
{
    char token[CSN_TEXT_MAX];
    customer->items = items;
    snprintf(customer->cursor, sizeof customer->cursor, "%zu", items);
    return csn_served_token(&world->served, sub, token) &&
           csn_client_login(&world->client, world->app, sub, token, customer->session) &&
           csn_client_text(&world->client, "\"customer\":{\"id\":\"", customer->id.text,
                           sizeof customer->id.text);
}

static bool
open_world(struct world *world, const struct csn_growth_options *options)
{
    world->random = csn_random_system();
    if (!csn_served_open(&world->served, options->where) ||
        !csn_client_open(&world->client, &world->served) ||
        !csn_client_app(&world->client, world->app))
        return false;
    snprintf(world->target, sizeof world->target, "/sdk/v1/apps/%s/sync", world->app);
    bool held = csn_served_hurry(&world->served, true);
    for (size_t i = 0; i < SMALL_CUSTOMERS && held; i++) {
        char sub[32];
        snprintf(sub, sizeof sub, "small-%zu", i);
        held = log_in(world, &world->small[i], sub, SMALL_ITEMS);
    }
    return held && log_in(world, &world->large, "large", options->items) &&
           csn_fill_run(&world->served, fill, world) && csn_served_hurry(&world->served, false);
}

static bool
append(void *state, bool large)
{
    struct world *world = state;
    struct customer *customer =
        large ? &world->large : &world->small[world->turn++ % SMALL_CUSTOMERS];
    char body[512];
    uint8_t random[16];
    struct csn_id id;
    csn_random_fill(&world->random, random, sizeof random);
    csn_id_from_bytes(random, &id);
    snprintf(body, sizeof body,
             "{\"cursor\":\"%s\",\"items\":[{\"id\":\"%s\",\"kind\":\"event\",\"body\":{\"name\":"
             "\"%0*d\"}}]}",
             customer->cursor, id.text, BODY - 11, 0);
    int status = csn_client_ask(&world->client, CSN_POST, world->target, customer->session,
                                csn_bytes_text(body));
    bool held = status == 200 &&
                csn_client_text(&world->client, "\"cursor\":\"", customer->cursor,
                                sizeof customer->cursor) &&
                strstr(world->client.answer, "\"accepted\"") != NULL;
    if (!held)
        fprintf(stderr, "bench_growth: %d %.200s\n", status, world->client.answer);
    return held;
}

bool
csn_growth_append(const struct csn_growth_options *options)
{
    struct world *world = calloc(1, sizeof *world);
    if (world == NULL)
        return false;
    char words[CSN_COUNT_TEXT];
    struct csn_growth growth = {.what = "append",
                                .small = "10 items",
                                .large = csn_growth_words(options->items, "items", words),
                                .act = append,
                                .state = world,
                                .rounds = options->rounds,
                                .acts = options->acts};
    bool held = open_world(world, options) && csn_growth_measure(&growth);
    csn_client_close(&world->client);
    csn_served_close(&world->served);
    free(world);
    return held;
}
