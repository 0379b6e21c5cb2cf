/* Broadcasts being spread under test. See spread_world.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/server/spread_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void
add_apps(struct spread_world *s)
{
    world_execute(&s->w, "INSERT INTO accounts VALUES ('01JACC0NTACC0NTACC0NTACC0N', 'a', 1, 0)");
    for (int i = 0; i < 2; i++) {
        char sql[512];
        snprintf(
            sql, sizeof sql,
            "INSERT INTO apps (id, account, name, policy, policy_version, enforcement, "
            "enforcement_version, origins, suspended, test_mode_until, retention_days, created, "
            "generation) VALUES ('%s', '01JACC0NTACC0NTACC0NTACC0N', 'n', '', 1, '', 1, '', 0, 0, "
            "0, 0, 1)",
            i == 0 ? s->w.app.id.text : s->w.other_app.id.text);
        world_execute(&s->w, sql);
    }
}

void
spread_open(struct spread_world *s)
{
    *s = (struct spread_world){0};
    world_open(&s->w);
    add_apps(s);
}

void
spread_open_directory(struct spread_world *s)
{
    *s = (struct spread_world){0};
    world_open_directory(&s->w);
    add_apps(s);
}

/* --- devices --- */

struct giving {
    struct spread_world *s;
    struct csn_id customer;
    const char *device;
};

static enum csn_status
run_give(void *state, struct csn_store *store)
{
    const struct giving *giving = state;
    const struct world *w = &giving->s->w;
    char endpoint[64];
    snprintf(endpoint, sizeof endpoint, "https://push.example/%s", giving->device);
    struct csn_push_address address = address_of(endpoint);
    return csn_device_set_push(w->sessions, store, w->app.id, giving->customer,
                               text(giving->device), &address);
}

void
spread_give(struct spread_world *s, const struct csn_session_outcome *session, const char *device)
{
    struct giving giving = {s, session->claims.customer, device};
    assert_ok(world_run(s->w.store, run_give, &giving));
}

void
spread_add(struct spread_world *s, const char *device)
{
    struct csn_session_outcome session = world_login_as(&s->w, device, device);
    spread_give(s, &session, device);
}

void
spread_add_many(struct spread_world *s, int count)
{
    for (int i = 0; i < count; i++) {
        char device[16];
        snprintf(device, sizeof device, "d-%06d", i);
        spread_add(s, device);
    }
}

/* --- one job each --- */

struct making {
    struct spread_world *s;
    struct csn_broadcast_info info;
};

static enum csn_status
run_make(void *state, struct csn_store *store)
{
    struct making *making = state;
    const struct world *w = &making->s->w;
    struct csn_broadcast_new in = {.app = w->app.id,
                                   .kind = making->info.kind,
                                   .body = text("1"),
                                   .expires_ms = w->now_ms + 3600000};
    return csn_broadcast_create(w->sessions, store, &in, &making->info, w->now_ms);
}

struct csn_broadcast_info
spread_make(struct spread_world *s, enum csn_item_kind kind)
{
    struct making making = {s, {.kind = kind}};
    assert_ok(world_run(s->w.store, run_make, &making));
    return making.info;
}

static enum csn_status
run_step(void *state, struct csn_store *store)
{
    struct spread_world *s = state;
    return csn_spread_step(store, &s->turn, s->w.now_ms);
}

bool
spread_step(struct spread_world *s)
{
    assert_ok(world_run(s->w.store, run_step, s));
    return s->turn.walked;
}

static enum csn_status
run_step_and_fail(void *state, struct csn_store *store)
{
    assert_ok(run_step(state, store));
    return CSN_UNAVAILABLE;
}

void
spread_step_undone(struct spread_world *s)
{
    assert_int_equal(world_run(s->w.store, run_step_and_fail, s), CSN_UNAVAILABLE);
}

void
spread_all(struct spread_world *s)
{
    while (spread_step(s))
        ;
}

/* --- what came of it --- */

int64_t
spread_told(struct spread_world *s)
{
    return world_number(&s->w, "SELECT spread_told FROM broadcasts");
}

int64_t
spread_state(struct spread_world *s)
{
    return world_number(&s->w, "SELECT spread FROM broadcasts");
}

int64_t
spread_written(struct spread_world *s)
{
    return world_number(&s->w, "SELECT count(*) FROM deliveries");
}

int64_t
spread_devices(struct spread_world *s)
{
    return world_number(&s->w, "SELECT count(DISTINCT device) FROM deliveries");
}
