/* The first contact of an every-request token, and the ones after it.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/server/session_world.h"

static void
a_first_contact_makes_the_customer_that_a_login_finds(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    struct csn_contact_outcome first = world_contact(&w, "alice", NULL);
    struct csn_contact_outcome second = world_contact(&w, "alice", NULL);
    assert_reason(CSN_REASON_ACCEPTED, first.reason);
    assert_true(first.created);
    assert_false(second.created);
    assert_id_equal(first.customer, second.customer);
    struct csn_session_outcome alice = world_login_as(&w, "phone", "alice");
    assert_id_equal(first.customer, alice.claims.customer);
    assert_memory_equal(first.vault_key, alice.vault_key, 32);
    world_close(&w);
}

static void
a_contact_keeps_the_session_its_own_device_has(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    struct csn_session_outcome alice = world_login_as(&w, "phone", "alice");
    w.now_ms += CSN_SEEN_STEP_MS;
    world_contact(&w, "alice", "phone");
    assert_reason(CSN_REASON_ACCEPTED, world_refresh(&w, &alice, "alice").reason);
    assert_int_equal(1, world_contact(&w, "bob", "phone").revoked.count);
    assert_reason(CSN_REASON_REVOKED, world_refresh(&w, &alice, "alice").reason);
    world_close(&w);
}

static int64_t
proved_on(struct world *w, const char *device)
{
    char sql[128];
    snprintf(sql, sizeof sql, "SELECT assurance FROM devices WHERE id = '%s'", device);
    return world_number(w, sql);
}

static void
a_contact_that_proves_more_is_written_at_once(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    world_contact_of(&w, CSN_ASSURANCE_CLAIMED, "alice", "phone");
    assert_int_equal(CSN_ASSURANCE_CLAIMED, proved_on(&w, "phone"));
    world_contact(&w, "alice", "phone");
    assert_int_equal(CSN_ASSURANCE_VERIFIED, proved_on(&w, "phone"));
    world_close(&w);
}

static void
a_claim_takes_nothing_from_what_a_device_proved(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    world_contact(&w, "alice", "phone");
    for (int i = 0; i < 2; i++, w.now_ms += CSN_SEEN_STEP_MS) {
        world_contact_of(&w, CSN_ASSURANCE_CLAIMED, "alice", "phone");
        assert_int_equal(CSN_ASSURANCE_VERIFIED, proved_on(&w, "phone"));
    }
    world_contact_of(&w, CSN_ASSURANCE_CLAIMED, "bob", "phone");
    assert_int_equal(CSN_ASSURANCE_CLAIMED, proved_on(&w, "phone"));
    world_close(&w);
}

static void
a_contact_with_nothing_new_writes_nothing(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    world_contact(&w, "alice", "phone");
    int64_t before = world_number(&w, "SELECT total_changes()");
    w.now_ms += CSN_SEEN_STEP_MS - 1;
    world_contact(&w, "alice", "phone");
    assert_int_equal(before, world_number(&w, "SELECT total_changes()"));
    w.now_ms++;
    world_contact(&w, "alice", "phone");
    assert_true(world_number(&w, "SELECT total_changes()") > before);
    world_close(&w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_first_contact_makes_the_customer_that_a_login_finds),
        cmocka_unit_test(a_contact_keeps_the_session_its_own_device_has),
        cmocka_unit_test(a_contact_that_proves_more_is_written_at_once),
        cmocka_unit_test(a_claim_takes_nothing_from_what_a_device_proved),
        cmocka_unit_test(a_contact_with_nothing_new_writes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
