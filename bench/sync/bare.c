/* The bare side: rows of the same sizes. See sides.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "bench/sync/sides.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/served/bare.h"
#include "crypto/random.h"
#include "crypto/seal.h"
#include "server/domain/id.h"

#define SEALED (CSN_SYNC_BODY + CSN_SEAL_OVERHEAD)

enum { ADD_CUSTOMER, ADD_ITEM, PUT_LOG };
static const char *const SQL[] = {
    [ADD_CUSTOMER] = CSN_BARE_CUSTOMER,
    [ADD_ITEM] = "INSERT INTO items (app, customer, seq, id, origin, kind, direction, unverified, "
                 "device, created, received, body) VALUES (?1, ?2, ?3, ?4, ?2, 2, 1, 0, ?5, ?6, "
                 "?6, ?7)",
    [PUT_LOG] =
        "INSERT INTO logs (app, customer, last, items, bytes) VALUES (?1, ?2, ?3, ?3, ?4) ON "
        "CONFLICT (app, customer) DO UPDATE SET last = excluded.last, items = "
        "excluded.items, bytes = excluded.bytes",
    NULL,
};

struct customer {
    struct csn_id id;
    char device[64];
    int64_t last;
};

/* What one client hands over. */
struct rows {
    struct csn_bare_rows rows; /* first */
    struct csn_sync_bare *side;
    struct customer *customer;
    int64_t now_ms;
    size_t count, turn;
    struct csn_id ids[CSN_SYNC_ITEMS_MAX];
    uint8_t bodies[CSN_SYNC_ITEMS_MAX][SEALED];
};

struct csn_sync_bare {
    struct csn_bare *bare;
    struct csn_random random;
    struct csn_id app;
    size_t clients, customer_count;
    struct customer *customers;
    struct rows *rows;
};

static bool
write_item(sqlite3_stmt *q, const struct rows *r, size_t index)
{
    const struct csn_sync_bare *side = r->side;
    sqlite3_bind_text(q, 1, side->app.text, CSN_ID_LENGTH, SQLITE_STATIC);
    sqlite3_bind_text(q, 2, r->customer->id.text, CSN_ID_LENGTH, SQLITE_STATIC);
    sqlite3_bind_int64(q, 3, ++r->customer->last);
    sqlite3_bind_text(q, 4, r->ids[index].text, CSN_ID_LENGTH, SQLITE_STATIC);
    sqlite3_bind_text(q, 5, r->customer->device, -1, SQLITE_STATIC);
    sqlite3_bind_int64(q, 6, r->now_ms);
    sqlite3_bind_blob(q, 7, r->bodies[index], SEALED, SQLITE_STATIC);
    return csn_bare_done(q);
}

static bool
write_rows(struct csn_bare *bare, struct csn_bare_rows *rows)
{
    struct rows *r = (struct rows *)rows;
    for (size_t i = 0; i < r->count; i++) {
        if (!write_item(csn_bare_statement(bare, ADD_ITEM), r, i))
            return false;
    }
    sqlite3_stmt *q = csn_bare_statement(bare, PUT_LOG);
    sqlite3_bind_text(q, 1, r->side->app.text, CSN_ID_LENGTH, SQLITE_STATIC);
    sqlite3_bind_text(q, 2, r->customer->id.text, CSN_ID_LENGTH, SQLITE_STATIC);
    sqlite3_bind_int64(q, 3, r->customer->last);
    sqlite3_bind_int64(q, 4, r->customer->last * SEALED);
    return csn_bare_done(q);
}

/* --- up and down --- */

static bool
write_customers(struct csn_bare *bare, struct csn_bare_rows *rows)
{
    struct csn_sync_bare *side = ((struct rows *)rows)->side;
    bool held = true;
    for (size_t i = 0; i < side->customer_count && held; i++) {
        struct customer *customer = &side->customers[i];
        unsigned char hash[16];
        csn_random_fill(&side->random, hash, sizeof hash);
        csn_id_make(&side->random, &customer->id, csn_bare_now_ms());
        snprintf(customer->device, sizeof customer->device, CSN_SYNC_DEVICE, i);
        held = csn_bare_customer(csn_bare_statement(bare, ADD_CUSTOMER), side->app.text,
                                 customer->id.text, hash, csn_bare_now_ms());
    }
    return held;
}

struct csn_sync_bare *
csn_sync_bare_open(const char *where, size_t clients, size_t customers)
{
    struct csn_sync_bare *side = calloc(1, sizeof *side);
    if (side == NULL)
        return NULL;
    *side = (struct csn_sync_bare){.random = csn_random_system(),
                                   .clients = clients,
                                   .customer_count = customers,
                                   .customers = calloc(customers, sizeof *side->customers),
                                   .rows = calloc(clients, sizeof *side->rows)};
    side->bare = csn_bare_open(where, SQL);
    bool held = side->bare != NULL && side->customers != NULL && side->rows != NULL;
    csn_id_make(&side->random, &side->app, csn_bare_now_ms());
    for (size_t i = 0; i < clients && held; i++)
        side->rows[i].side = side;
    if (held) {
        side->rows[0].rows.write = write_customers;
        held = csn_bare_write(side->bare, &side->rows[0].rows);
    }
    if (held)
        return side;
    csn_sync_bare_close(side);
    return NULL;
}

void
csn_sync_bare_close(struct csn_sync_bare *side)
{
    if (side == NULL)
        return;
    csn_bare_close(side->bare);
    free(side->customers);
    free(side->rows);
    free(side);
}

bool
csn_sync_bare_append(struct csn_sync_bare *side, size_t client, size_t items)
{
    struct rows *r = &side->rows[client];
    size_t number = (client + side->clients * r->turn++) % side->customer_count;
    r->rows.write = write_rows;
    r->customer = &side->customers[number];
    r->now_ms = csn_bare_now_ms();
    r->count = items;
    for (size_t i = 0; i < items; i++) {
        csn_id_make(&side->random, &r->ids[i], r->now_ms);
        csn_random_fill(&side->random, r->bodies[i], SEALED);
    }
    return csn_bare_write(side->bare, &r->rows);
}

double
csn_sync_bare_batch(struct csn_sync_bare *side)
{
    return csn_bare_batch(side->bare);
}

const char *
csn_sync_bare_folder(const struct csn_sync_bare *side)
{
    return csn_bare_folder(side->bare);
}
