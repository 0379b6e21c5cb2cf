/* See decision_world.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/unit/server/decision_world.h"

struct world w;
struct csn_queue *queue;
struct csn_decisions *decisions;

int
decision_setup(void **state)
{
    (void)state;
    world_open(&w);
    assert_ok(csn_queue_start(w.store, &queue));
    decisions = csn_decisions_create();
    assert_non_null(decisions);
    return 0;
}

int
decision_teardown(void **state)
{
    (void)state;
    csn_decisions_free(decisions);
    csn_queue_stop(queue);
    world_close(&w);
    return 0;
}

struct csn_decision
decision(void)
{
    return (struct csn_decision){
        .at_ms = NOW + 5,
        .app = w.app.id,
        .algorithm = CSN_ES256,
        .reason = CSN_REASON_EXPIRED,
        .endpoint = CSN_ENDPOINT_GATEWAY,
        .assurance = CSN_ASSURANCE_VERIFIED,
        .mode = CSN_ENFORCE_OPTIONAL,
        .pseudonym = {1, 2, 3},
        .platform = "android",
        .app_version = "3.1.0",
        .sdk_version = "1.0",
        .has_skew = true,
        .skew_ms = -7,
        .lifetime_ms = 300000,
    };
}

void
record(const struct csn_decision *d, int times)
{
    for (int i = 0; i < times; i++)
        csn_decisions_record(decisions, d);
}

void
record_version(int number)
{
    struct csn_decision d = decision();
    snprintf(d.app_version, sizeof d.app_version, "%d", number);
    record(&d, 1);
}

void
flush(void)
{
    assert_ok(csn_decisions_flush(decisions, queue));
}

int64_t
counted(void)
{
    return world_number(&w, "SELECT coalesce(sum(count), 0) FROM decision_counts");
}

int64_t
kinds(void)
{
    return world_number(&w, "SELECT count(*) FROM decision_counts");
}

int64_t
rows(void)
{
    return world_number(&w, "SELECT count(*) FROM decision_rows");
}

int64_t
weight(void)
{
    return world_number(&w, "SELECT coalesce(sum(weight), 0) FROM decision_rows");
}
