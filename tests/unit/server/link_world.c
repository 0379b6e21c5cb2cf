/* What tests of links say often. See link_world.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/server/link_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

struct call {
    struct world *w;
    struct csn_id customer, anonymous;
    void *out;
    size_t limit, count;
};

struct csn_id
api_key_of_tests(void)
{
    return (struct csn_id){"01JAP1KEYAP1KEYAP1KEYAP1KE"};
}

static enum csn_status
run_link(void *state, struct csn_store *store)
{
    struct call *call = state;
    return csn_customer_link(store, call->w->app.id, call->customer, call->anonymous,
                             api_key_of_tests(), call->out, call->w->now_ms);
}

static enum csn_status
run_unlink(void *state, struct csn_store *store)
{
    struct call *call = state;
    return csn_customer_unlink(store, call->w->app.id, call->customer, call->anonymous,
                               api_key_of_tests(), call->out, call->w->now_ms);
}

static enum csn_status
run_links(void *state, struct csn_store *store)
{
    struct call *call = state;
    return csn_customer_links(store, call->w->app.id, call->customer, call->out, call->limit,
                              &call->count);
}

enum csn_status
world_link(struct world *w, struct csn_id customer, struct csn_id anonymous,
           struct csn_relink_outcome *out)
{
    struct call call = {.w = w, .customer = customer, .anonymous = anonymous, .out = out};
    return world_run(w->store, run_link, &call);
}

enum csn_status
world_unlink(struct world *w, struct csn_id customer, struct csn_id anonymous,
             struct csn_relink_outcome *out)
{
    struct call call = {.w = w, .customer = customer, .anonymous = anonymous, .out = out};
    return world_run(w->store, run_unlink, &call);
}

size_t
world_links(struct world *w, struct csn_id customer, struct csn_link_info *out, size_t limit)
{
    struct call call = {.w = w, .customer = customer, .out = out, .limit = limit};
    assert_ok(world_run(w->store, run_links, &call));
    return call.count;
}
