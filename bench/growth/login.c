/* Growth by customers: POST sessions in a server of a thousand customers and in one of many.
 *
 * A few hundred of each are real; the others are rows by SQL with random keys, each customer with
 * its session and device, so that tables and indexes are as large as they would be. Every second
 * login is of a customer who is new.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "bench/growth/fill.h"
#include "bench/growth/growth.h"
#include "bench/served/bare.h"
#include "bench/served/served.h"
#include "server/domain/id.h"

#define SMALL 1000
#define REAL 500 /* who come back */
#define HOUR_MS 3600000

struct world {
    struct csn_served served;
    struct csn_client client;
    struct csn_random random;
    char app[CSN_ID_LENGTH + 1];
    size_t customers, turn, newest;
};

struct worlds {
    struct world small, large;
};

/* --- filling --- */

struct made_up {
    struct csn_id customer, session;
    char device[64];
    uint8_t random[16 + 32 + 32]; /* identity, logout secret, token */
    int64_t at_ms;
};

static void
make_up(struct world *world, struct made_up *out)
{
    int64_t now_ms = csn_clock_now(&world->served.server.service.clock);
    struct csn_id device;
    csn_random_fill(&world->random, out->random, sizeof out->random);
    csn_id_from_bytes(out->random + 16, &device);
    snprintf(out->device, sizeof out->device, "%s-%.8s", device.text, device.text + 10);
    /* They came over the last hour, one after the other. */
    out->at_ms = now_ms - HOUR_MS + (int64_t)(world->turn++ * (HOUR_MS / 2) / world->customers);
    csn_id_make(&world->random, &out->customer, out->at_ms);
    csn_id_make(&world->random, &out->session, out->at_ms);
}

static bool
fill_session(struct csn_fill *fill, const struct world *world, const struct made_up *of)
{
    sqlite3_stmt *q = csn_fill_statement(
        fill, "INSERT INTO sessions (app, customer, id, device, assurance, generation, created, "
              "expires, secret_hash, token_hash, token_expires) VALUES (?1, ?2, ?3, ?4, 3, 1, ?5, "
              "?6, ?7, ?8, ?6)");
    csn_fill_text(q, 1, world->app);
    csn_fill_text(q, 2, of->customer.text);
    csn_fill_text(q, 3, of->session.text);
    csn_fill_text(q, 4, of->device);
    sqlite3_bind_int64(q, 5, of->at_ms);
    sqlite3_bind_int64(q, 6, of->at_ms + 24 * HOUR_MS);
    sqlite3_bind_blob(q, 7, of->random + 16, 32, SQLITE_STATIC);
    sqlite3_bind_blob(q, 8, of->random + 48, 32, SQLITE_STATIC);
    return csn_fill_done(q);
}

static bool
fill_device(struct csn_fill *fill, const struct world *world, const struct made_up *of)
{
    sqlite3_stmt *q = csn_fill_statement(
        fill, "INSERT INTO devices (app, id, customer, session, assurance, platform, app_version, "
              "sdk_version, bound, seen) VALUES (?1, ?2, ?3, ?4, 3, 'ios', '1.2.3', '0.1.0', ?5, "
              "?5)");
    csn_fill_text(q, 1, world->app);
    csn_fill_text(q, 2, of->device);
    csn_fill_text(q, 3, of->customer.text);
    csn_fill_text(q, 4, of->session.text);
    sqlite3_bind_int64(q, 5, of->at_ms);
    return csn_fill_done(q);
}

static bool
fill(struct csn_fill *filling, void *state)
{
    struct world *world = state;
    sqlite3_stmt *customer = csn_fill_statement(filling, CSN_BARE_CUSTOMER);
    bool held = true;
    for (size_t i = REAL; i < world->customers && held; i++) {
        struct made_up of;
        make_up(world, &of);
        held = csn_bare_customer(customer, world->app, of.customer.text, of.random, of.at_ms) &&
               fill_session(filling, world, &of) && fill_device(filling, world, &of);
    }
    world->turn = 0;
    return held;
}

/* --- the worlds --- */

static bool
log_in(struct world *world, size_t number)
{
    char sub[64], device[64], token[CSN_TEXT_MAX];
    snprintf(sub, sizeof sub, "customer-%zu", number);
    snprintf(device, sizeof device, "device-of-customer-%zu", number);
    bool held = csn_served_token(&world->served, sub, token) &&
                csn_client_login(&world->client, world->app, device, token, NULL);
    if (!held)
        fprintf(stderr, "bench_growth: %.200s\n", world->client.answer);
    return held;
}

static bool
open_world(struct world *world, const char *where, size_t customers)
{
    world->random = csn_random_system();
    world->customers = customers;
    world->newest = customers;
    bool held =
        csn_served_open(&world->served, where) && csn_client_open(&world->client, &world->served) &&
        csn_client_app(&world->client, world->app) && csn_served_hurry(&world->served, true);
    for (size_t i = 0; i < REAL && held; i++)
        held = log_in(world, i);
    return held && csn_fill_run(&world->served, fill, world) &&
           csn_served_hurry(&world->served, false);
}

static bool
act(void *state, bool large)
{
    struct worlds *worlds = state;
    struct world *world = large ? &worlds->large : &worlds->small;
    size_t turn = world->turn++;
    return log_in(world, turn % 2 == 0 ? world->newest++ : turn / 2 % REAL);
}

bool
csn_growth_login(const struct csn_growth_options *options)
{
    struct worlds *worlds = calloc(1, sizeof *worlds);
    if (worlds == NULL)
        return false;
    char words[CSN_COUNT_TEXT];
    struct csn_growth growth = {.what = "login",
                                .small = "1000 customers",
                                .large = csn_growth_words(options->customers, "customers", words),
                                .act = act,
                                .state = worlds,
                                .rounds = options->rounds,
                                .acts = options->acts};
    bool held = open_world(&worlds->small, options->where, SMALL) &&
                open_world(&worlds->large, options->where, options->customers) &&
                csn_growth_measure(&growth);
    csn_client_close(&worlds->small.client);
    csn_client_close(&worlds->large.client);
    csn_served_close(&worlds->small.served);
    csn_served_close(&worlds->large.served);
    free(worlds);
    return held;
}
