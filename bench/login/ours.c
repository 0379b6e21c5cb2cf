/* Our side: clients that POST sessions. See sides.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "bench/login/sides.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench/served/served.h"

struct member {
    struct csn_client client;
    size_t turn;
};

struct csn_login_ours {
    struct csn_served served;
    char app[CSN_ID_LENGTH + 1];
    size_t clients, customers;
    atomic_size_t newest; /* customer's number */
    struct member *members;
    struct csn_queue_counts counts;
};

static bool
log_in(struct csn_login_ours *o, struct csn_client *client, size_t number)
{
    char sub[64], device[64], token[CSN_TEXT_MAX];
    snprintf(sub, sizeof sub, "customer-%zu", number);
    snprintf(device, sizeof device, CSN_LOGIN_DEVICE, number);
    bool held = csn_served_token(&o->served, sub, token) &&
                csn_client_login(client, o->app, device, token, NULL);
    if (!held)
        fprintf(stderr, "bench_login: %.200s\n", client->answer);
    return held;
}

static bool
start(struct csn_login_ours *o)
{
    for (size_t i = 0; i < o->clients; i++) {
        if (!csn_client_open(&o->members[i].client, &o->served))
            return false;
    }
    struct csn_client *client = &o->members[0].client;
    if (!csn_client_app(client, o->app) || !csn_served_hurry(&o->served, true))
        return false;
    for (size_t i = 0; i < o->customers; i++) {
        if (!log_in(o, client, i))
            return false;
    }
    return csn_served_hurry(&o->served, false);
}

struct csn_login_ours *
csn_login_ours_open(const char *where, size_t clients, size_t customers)
{
    struct csn_login_ours *o = calloc(1, sizeof *o);
    if (o == NULL)
        return NULL;
    o->clients = clients;
    o->customers = customers;
    o->newest = customers;
    o->members = calloc(clients, sizeof *o->members);
    if (o->members != NULL && csn_served_open(&o->served, where) && start(o))
        return o;
    csn_login_ours_close(o);
    return NULL;
}

void
csn_login_ours_close(struct csn_login_ours *o)
{
    if (o == NULL)
        return;
    csn_served_close(&o->served);
    for (size_t i = 0; o->members != NULL && i < o->clients; i++)
        csn_client_close(&o->members[i].client);
    free(o->members);
    free(o);
}

bool
csn_login_ours_once(struct csn_login_ours *o, size_t client)
{
    struct member *m = &o->members[client];
    size_t turn = m->turn++;
    bool is_new = turn % 2 == 0;
    size_t number = is_new ? atomic_fetch_add(&o->newest, 1)
                           : (client + o->clients * (turn / 2)) % o->customers;
    return log_in(o, &m->client, number);
}

double
csn_login_ours_batch(struct csn_login_ours *o)
{
    struct csn_queue_counts now = csn_queue_counts(o->served.server.service.queue);
    double jobs = (double)(now.jobs - o->counts.jobs);
    double batches = (double)(now.batches - o->counts.batches);
    o->counts = now;
    return batches > 0 ? jobs / batches : 0;
}
