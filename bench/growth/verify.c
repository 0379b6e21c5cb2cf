/* Growth by apps: a gateway call where there are few apps and where there are many.
 *
 * The same number of apps is asked in both worlds, ten and a thousand: so what differs is how many
 * others there are, and not how much of what is asked lies in the processor's caches.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "bench/growth/growth.h"
#include "bench/served/served.h"

#define FEW 10
#define ASKED_MAX 1000

struct world {
    struct csn_served served;
    struct csn_client client;
    size_t apps, asked, turn;
    char targets[ASKED_MAX][128];
    char token[CSN_TEXT_MAX];
};

struct worlds {
    struct world few, some, many; /* 10, 1,000 and 100,000 apps */
    struct world *small;          /* the one that `many` is compared with */
};

/* Keeps every n-th app, so that those asked are spread over all. */
static bool
open_world(struct world *world, const char *where, size_t apps)
{
    world->apps = apps;
    if (!csn_served_open(&world->served, where) || !csn_client_open(&world->client, &world->served))
        return false;
    size_t step = apps > ASKED_MAX ? apps / ASKED_MAX : 1;
    if (!csn_served_hurry(&world->served, true))
        return false;
    for (size_t i = 0; i < apps; i++) {
        char app[CSN_ID_LENGTH + 1];
        if (!csn_client_app(&world->client, app))
            return false;
        if (i % step == 0 && world->asked < ASKED_MAX)
            snprintf(world->targets[world->asked++], sizeof world->targets[0],
                     "/gateway/v1/apps/%s/verify", app);
    }
    return csn_served_hurry(&world->served, false) &&
           csn_served_token(&world->served, "customer-1", world->token);
}

/* Those asked are spread over all: as many in either world. */
static bool
verify(void *state, bool large)
{
    struct worlds *worlds = state;
    struct world *world = large ? &worlds->many : worlds->small;
    size_t asked = worlds->small->asked;
    size_t at = world->turn++ % asked * (world->asked / asked);
    int status = csn_client_ask(&world->client, CSN_GET, world->targets[at], world->token,
                                (struct csn_bytes){0});
    if (status != 200)
        fprintf(stderr, "bench_growth: %d %.200s\n", status, world->client.answer);
    return status == 200;
}

static bool
measure(struct worlds *worlds, struct world *small, const struct csn_growth_options *options)
{
    char what[CSN_COUNT_TEXT], few[CSN_COUNT_TEXT], many[CSN_COUNT_TEXT];
    struct csn_growth growth = {.what = what,
                                .small = csn_growth_words(small->apps, "apps", few),
                                .large = csn_growth_words(options->apps, "apps", many),
                                .act = verify,
                                .state = worlds,
                                .rounds = options->rounds,
                                .acts = options->acts};
    snprintf(what, sizeof what, "verify, %zu apps asked", small->asked);
    worlds->small = small;
    return csn_growth_measure(&growth);
}

static void
close_world(struct world *world)
{
    csn_client_close(&world->client);
    csn_served_close(&world->served);
}

bool
csn_growth_verify(const struct csn_growth_options *options)
{
    struct worlds *worlds = options->apps >= FEW ? calloc(1, sizeof *worlds) : NULL;
    if (worlds == NULL)
        return false;
    size_t some = options->apps < ASKED_MAX ? options->apps : ASKED_MAX;
    bool held = open_world(&worlds->few, options->where, FEW) &&
                open_world(&worlds->some, options->where, some) &&
                open_world(&worlds->many, options->where, options->apps) &&
                measure(worlds, &worlds->few, options) && measure(worlds, &worlds->some, options);
    close_world(&worlds->few);
    close_world(&worlds->some);
    close_world(&worlds->many);
    free(worlds);
    return held;
}
