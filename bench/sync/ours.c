/* Our side: clients that POST sync. See sides.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "bench/sync/sides.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/served/served.h"
#include "crypto/random.h"
#include "server/api/item_form.h"
#include "server/domain/id.h"

#define BODY_CAP (CSN_SYNC_ITEMS_MAX * (CSN_SYNC_BODY + 128) + 256)

struct customer {
    char session[2048];
    char cursor[CSN_CURSOR_TEXT_MAX + 1];
};

struct member {
    struct csn_client client;
    char *body; /* of the request */
    size_t turn;
};

struct csn_sync_ours {
    struct csn_served served;
    struct csn_random random;
    char app[CSN_ID_LENGTH + 1], target[128];
    size_t clients, customer_count;
    struct member *members;
    struct customer *customers;
    struct csn_queue_counts counts;
};

static bool
log_in(struct csn_sync_ours *o, struct csn_client *client, size_t number)
{
    char sub[64], device[64], token[CSN_TEXT_MAX], session[CSN_TEXT_MAX];
    snprintf(sub, sizeof sub, "customer-%zu", number);
    snprintf(device, sizeof device, CSN_SYNC_DEVICE, number);
    struct customer *customer = &o->customers[number];
    if (!csn_served_token(&o->served, sub, token) ||
        !csn_client_login(client, o->app, device, token, session))
        return false;
    return snprintf(customer->session, sizeof customer->session, "%s", session) <
           (int)sizeof customer->session;
}

static bool
log_all_in(struct csn_sync_ours *o)
{
    for (size_t i = 0; i < o->customer_count; i++) {
        if (!log_in(o, &o->members[0].client, i))
            return false;
    }
    return true;
}

static bool
start(struct csn_sync_ours *o)
{
    for (size_t i = 0; i < o->clients; i++) {
        struct member *m = &o->members[i];
        m->body = malloc(BODY_CAP);
        if (m->body == NULL || !csn_client_open(&m->client, &o->served))
            return false;
    }
    if (!csn_client_app(&o->members[0].client, o->app))
        return false;
    snprintf(o->target, sizeof o->target, "/sdk/v1/apps/%s/sync", o->app);
    return csn_served_hurry(&o->served, true) && log_all_in(o) &&
           csn_served_hurry(&o->served, false);
}

struct csn_sync_ours *
csn_sync_ours_open(const char *where, size_t clients, size_t customers)
{
    struct csn_sync_ours *o = calloc(1, sizeof *o);
    if (o == NULL)
        return NULL;
    o->random = csn_random_system();
    o->clients = clients;
    o->customer_count = customers;
    o->members = calloc(clients, sizeof *o->members);
    o->customers = calloc(customers, sizeof *o->customers);
    if (o->members != NULL && o->customers != NULL && csn_served_open(&o->served, where) &&
        start(o))
        return o;
    csn_sync_ours_close(o);
    return NULL;
}

void
csn_sync_ours_close(struct csn_sync_ours *o)
{
    if (o == NULL)
        return;
    csn_served_close(&o->served);
    for (size_t i = 0; o->members != NULL && i < o->clients; i++) {
        csn_client_close(&o->members[i].client);
        free(o->members[i].body);
    }
    free(o->members);
    free(o->customers);
    free(o);
}

/* Bodies are JSON objects of CSN_SYNC_BODY bytes. */
static struct csn_bytes
write_request(struct csn_sync_ours *o, struct member *m, const char *cursor, size_t items)
{
    int64_t now_ms = csn_clock_now(&o->served.server.service.clock);
    struct csn_buffer out = csn_buffer_over(m->body, BODY_CAP);
    csn_buffer_text(&out, "{\"cursor\":\"");
    csn_buffer_text(&out, cursor);
    csn_buffer_text(&out, "\",\"items\":[");
    for (size_t i = 0; i < items; i++) {
        struct csn_id id;
        csn_id_make(&o->random, &id, now_ms);
        csn_buffer_text(&out, i > 0 ? ",{\"id\":\"" : "{\"id\":\"");
        csn_buffer_text(&out, id.text);
        csn_buffer_text(&out, "\",\"kind\":\"event\",\"body\":{\"name\":\"");
        for (size_t n = 0; n < CSN_SYNC_BODY - 11; n++)
            csn_buffer_byte(&out, (uint8_t)('a' + n % 26));
        csn_buffer_text(&out, "\"}}");
    }
    csn_buffer_text(&out, "]}");
    return csn_buffer_view(&out);
}

bool
csn_sync_ours_append(struct csn_sync_ours *o, size_t client, size_t items)
{
    struct member *m = &o->members[client];
    size_t number = (client + o->clients * m->turn++) % o->customer_count;
    struct customer *customer = &o->customers[number];
    struct csn_bytes body = write_request(o, m, customer->cursor, items);
    int status = csn_client_ask(&m->client, CSN_POST, o->target, customer->session, body);
    bool held =
        status == 200 &&
        csn_client_text(&m->client, "\"cursor\":\"", customer->cursor, sizeof customer->cursor) &&
        strstr(m->client.answer, "\"accepted\"") != NULL;
    if (!held)
        fprintf(stderr, "bench_sync: %d %.200s\n", status, m->client.answer);
    return held;
}

double
csn_sync_ours_batch(struct csn_sync_ours *o)
{
    struct csn_queue_counts now = csn_queue_counts(o->served.server.service.queue);
    double jobs = (double)(now.jobs - o->counts.jobs);
    double batches = (double)(now.batches - o->counts.batches);
    o->counts = now;
    return batches > 0 ? jobs / batches : 0;
}
