/* The bare side: the rows a login leaves, of the same sizes. See sides.h.
 *
 *   a new customer    customers, sessions, devices: one row each
 *   one who is back   the session before ended and revoked, a new one, the device bound anew
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "bench/login/sides.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench/served/bare.h"
#include "crypto/random.h"
#include "server/domain/id.h"

#define HOUR_MS 3600000

enum { ADD_CUSTOMER, ADD_SESSION, PUT_DEVICE, END_SESSION, REVOKE };
static const char *const SQL[] = {
    [ADD_CUSTOMER] = CSN_BARE_CUSTOMER,
    [ADD_SESSION] = "INSERT INTO sessions (app, customer, id, device, assurance, generation, "
                    "created, expires, secret_hash, token_hash, token_expires) VALUES (?1, ?2, ?3, "
                    "?4, 3, 1, ?5, ?6, ?7, ?8, ?6)",
    [PUT_DEVICE] = "INSERT INTO devices (app, id, customer, session, assurance, platform, "
                   "app_version, sdk_version, bound, seen) VALUES (?1, ?2, ?3, ?4, 3, 'ios', "
                   "'1.2.3', '0.1.0', ?5, ?5) ON CONFLICT (app, id) DO UPDATE SET customer = ?3, "
                   "session = ?4, assurance = 3, platform = 'ios', app_version = '1.2.3', "
                   "sdk_version = '0.1.0', bound = ?5, seen = ?5",
    [END_SESSION] = "UPDATE sessions SET ended = ?1 WHERE app = ?2 AND customer = ?3 AND id = ?4",
    [REVOKE] = "INSERT INTO revocations (app, subject, expires) VALUES (?1, ?2, ?3)",
    NULL,
};

struct customer {
    struct csn_id id, session;
};

/* What one client hands over. */
struct rows {
    struct csn_bare_rows rows; /* first */
    struct csn_login_bare *side;
    size_t turn, number;
    bool is_new;
    struct csn_id customer, session, before;
    char device[64];
    uint8_t hashes[16 + 32 + 32]; /* identity, logout secret, token */
    int64_t now_ms;
};

struct csn_login_bare {
    struct csn_bare *bare;
    struct csn_random random;
    struct csn_id app;
    size_t clients, customer_count;
    atomic_size_t newest;
    struct customer *customers; /* who come back */
    struct rows *rows;
};

static void
bind_id(sqlite3_stmt *q, int at, const struct csn_id *id)
{
    sqlite3_bind_text(q, at, id->text, CSN_ID_LENGTH, SQLITE_STATIC);
}

static bool
end_session(struct csn_bare *bare, const struct rows *r)
{
    sqlite3_stmt *q = csn_bare_statement(bare, END_SESSION);
    sqlite3_bind_int64(q, 1, r->now_ms);
    bind_id(q, 2, &r->side->app);
    bind_id(q, 3, &r->customer);
    bind_id(q, 4, &r->before);
    if (!csn_bare_done(q))
        return false;
    q = csn_bare_statement(bare, REVOKE);
    bind_id(q, 1, &r->side->app);
    sqlite3_bind_blob(q, 2, r->before.text, CSN_ID_LENGTH, SQLITE_STATIC);
    sqlite3_bind_int64(q, 3, r->now_ms + HOUR_MS);
    return csn_bare_done(q);
}

static bool
add_session(struct csn_bare *bare, const struct rows *r)
{
    sqlite3_stmt *q = csn_bare_statement(bare, ADD_SESSION);
    bind_id(q, 1, &r->side->app);
    bind_id(q, 2, &r->customer);
    bind_id(q, 3, &r->session);
    sqlite3_bind_text(q, 4, r->device, -1, SQLITE_STATIC);
    sqlite3_bind_int64(q, 5, r->now_ms);
    sqlite3_bind_int64(q, 6, r->now_ms + HOUR_MS);
    sqlite3_bind_blob(q, 7, r->hashes + 16, 32, SQLITE_STATIC);
    sqlite3_bind_blob(q, 8, r->hashes + 48, 32, SQLITE_STATIC);
    return csn_bare_done(q);
}

static bool
put_device(struct csn_bare *bare, const struct rows *r)
{
    sqlite3_stmt *q = csn_bare_statement(bare, PUT_DEVICE);
    bind_id(q, 1, &r->side->app);
    sqlite3_bind_text(q, 2, r->device, -1, SQLITE_STATIC);
    bind_id(q, 3, &r->customer);
    bind_id(q, 4, &r->session);
    sqlite3_bind_int64(q, 5, r->now_ms);
    return csn_bare_done(q);
}

static bool
write_login(struct csn_bare *bare, struct csn_bare_rows *rows)
{
    struct rows *r = (struct rows *)rows;
    bool held = r->is_new
                    ? csn_bare_customer(csn_bare_statement(bare, ADD_CUSTOMER), r->side->app.text,
                                        r->customer.text, r->hashes, r->now_ms)
                    : end_session(bare, r);
    return held && add_session(bare, r) && put_device(bare, r);
}

/* In: r->is_new, r->number. */
static void
prepare(struct rows *r)
{
    struct csn_login_bare *side = r->side;
    r->rows.write = write_login;
    r->now_ms = csn_bare_now_ms();
    snprintf(r->device, sizeof r->device, CSN_LOGIN_DEVICE, r->number);
    csn_random_fill(&side->random, r->hashes, sizeof r->hashes);
    csn_id_make(&side->random, &r->session, r->now_ms);
    if (r->is_new) {
        csn_id_make(&side->random, &r->customer, r->now_ms);
    } else {
        r->customer = side->customers[r->number].id;
        r->before = side->customers[r->number].session;
        side->customers[r->number].session = r->session;
    }
}

bool
csn_login_bare_once(struct csn_login_bare *side, size_t client)
{
    struct rows *r = &side->rows[client];
    size_t turn = r->turn++;
    r->is_new = turn % 2 == 0;
    r->number = r->is_new ? atomic_fetch_add(&side->newest, 1)
                          : (client + side->clients * (turn / 2)) % side->customer_count;
    prepare(r);
    return csn_bare_write(side->bare, &r->rows);
}

/* --- up and down --- */

static bool
write_customers(struct csn_bare *bare, struct csn_bare_rows *rows)
{
    struct rows *r = (struct rows *)rows;
    struct csn_login_bare *side = r->side;
    bool held = true;
    for (size_t i = 0; i < side->customer_count && held; i++) {
        r->is_new = true;
        r->number = i;
        prepare(r);
        side->customers[i] = (struct customer){.id = r->customer, .session = r->session};
        held = write_login(bare, rows);
    }
    return held;
}

struct csn_login_bare *
csn_login_bare_open(const char *where, size_t clients, size_t customers)
{
    struct csn_login_bare *side = calloc(1, sizeof *side);
    if (side == NULL)
        return NULL;
    side->random = csn_random_system();
    side->clients = clients;
    side->customer_count = customers;
    side->newest = customers;
    side->customers = calloc(customers, sizeof *side->customers);
    side->rows = calloc(clients, sizeof *side->rows);
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
    csn_login_bare_close(side);
    return NULL;
}

void
csn_login_bare_close(struct csn_login_bare *side)
{
    if (side == NULL)
        return;
    csn_bare_close(side->bare);
    free(side->customers);
    free(side->rows);
    free(side);
}

double
csn_login_bare_batch(struct csn_login_bare *side)
{
    return csn_bare_batch(side->bare);
}

const char *
csn_login_bare_folder(const struct csn_login_bare *side)
{
    return csn_bare_folder(side->bare);
}
