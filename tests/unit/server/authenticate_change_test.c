/* What management changes is what the very next request meets: nothing remembered outlives it.
 * And what requests decide is what management shows of a key.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/crypto.h"
#include "server/domain/cache.h"
#include "server/domain/decisions.h"
#include "server/store/queue.h"
#include "tests/unit/server/registry_world.h"

#define POLICY "{\"algorithms\":[\"EdDSA\"],\"identity\":[\"sub\"],\"use\":\"every_request\"}"

struct office {
    struct registry_world w;
    struct csn_cache *cache;
    struct csn_id app, key;
    uint8_t token_memory[1024];
    struct csn_bytes token; /* of ada, by the app's key */
    uint64_t generation;    /* of the app when last asked */
};

static struct office o;

static void
mint(struct csn_bytes private_pem)
{
    struct csn_key_report report;
    struct csn_signer *signer = NULL;
    struct csn_buffer out = csn_buffer_over(o.token_memory, sizeof o.token_memory);
    assert_int_equal(csn_signer_from_pem(CSN_EDDSA, private_pem, &signer, &report), CSN_OK);
    struct csn_mint_request request = {.signer = signer, .payload = rw_text("{\"sub\":\"ada\"}")};
    assert_int_equal(csn_mint(&request, &out), CSN_OK);
    csn_signer_free(signer);
    o.token = csn_buffer_view(&out);
}

static int
setup(void **state)
{
    (void)state;
    struct csn_app_request app = {.name = rw_text("shop"), .policy = rw_text(POLICY)};
    struct csn_key_request key = {.source = CSN_SOURCE_GENERATED, .algorithm = CSN_EDDSA};
    struct csn_app_info info;
    struct csn_key_made made;
    rw_open(&o.w);
    o.cache = csn_cache_create(1);
    assert_non_null(o.cache);
    assert_int_equal(RW(&o.w, csn_management_app_create(&o.w.m, &app, &info, RW_NOW)), CSN_OK);
    o.app = info.id;
    assert_int_equal(RW(&o.w, csn_management_key_create(&o.w.m, o.app, &key, &made, RW_NOW)),
                     CSN_OK);
    o.key = made.info.id;
    mint(made.private_pem);
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    csn_cache_free(o.cache);
    rw_close(&o.w);
    return 0;
}

static enum csn_reason
reason_now(void)
{
    static struct csn_workspace workspace;
    struct csn_authenticator with = {.cache = o.cache, .workspace = &workspace};
    struct csn_caller caller;
    const struct csn_app *app = csn_registry_app(o.w.registry, csn_id_view(&o.app));
    if (app == NULL)
        return CSN_REASON_APP_UNKNOWN;
    csn_authenticate(&with, app, o.token, true, &caller, RW_NOW);
    o.generation = app->generation;
    csn_app_release(app);
    return caller.verdict.reason;
}

static bool
is_kept(void)
{
    const struct csn_app *app = csn_registry_app(o.w.registry, csn_id_view(&o.app));
    struct csn_cache_key key = {.app = app};
    struct csn_caller caller;
    csn_sha256(o.token, key.token_sha256);
    bool kept = csn_cache_get(o.cache, &key, &caller);
    csn_app_release(app);
    return kept;
}

/* The token is accepted and remembered; `change`; then nothing of it is. */
static enum csn_reason
reason_after(void (*change)(void))
{
    assert_int_equal(reason_now(), CSN_REASON_ACCEPTED);
    assert_true(is_kept());
    uint64_t before = o.generation;
    change();
    assert_false(is_kept());
    enum csn_reason reason = reason_now();
    assert_true(o.generation > before);
    return reason;
}

static void
move_key(enum csn_key_state to)
{
    struct csn_key_info info;
    assert_int_equal(
        RW(&o.w, csn_management_key_state(&o.w.m, o.app, o.key, to, true, &info, RW_NOW)), CSN_OK);
}

static void
retire(void)
{
    move_key(CSN_KEY_RETIRING);
}

static void
end_key(void)
{
    move_key(CSN_KEY_RETIRING);
    move_key(CSN_KEY_RETIRED);
}

static void
delete_key(void)
{
    assert_int_equal(RW(&o.w, csn_management_key_delete(&o.w.m, o.app, o.key, true)), CSN_OK);
}

static void
ask_for_an_issuer(void)
{
    struct csn_app_info info;
    struct csn_bytes policy = rw_text("{\"algorithms\":[\"EdDSA\"],\"identity\":[\"sub\"],"
                                      "\"use\":\"every_request\",\"issuer\":\"shop\"}");
    assert_int_equal(RW(&o.w, csn_management_policy_set(&o.w.m, o.app, policy, 0, &info)), CSN_OK);
}

static void
suspend(bool suspended)
{
    struct csn_app_info info;
    struct csn_app_changes changes = {.set_suspended = true, .suspended = suspended};
    assert_int_equal(RW(&o.w, csn_management_app_update(&o.w.m, o.app, &changes, &info, RW_NOW)),
                     CSN_OK);
}

static void
a_changed_key_is_felt_by_the_next_request(void **state)
{
    assert_int_equal(reason_after(retire), CSN_REASON_ACCEPTED);
    (void)teardown(state);
    (void)setup(state);
    assert_int_equal(reason_after(end_key), CSN_REASON_NO_KEY);
    (void)teardown(state);
    (void)setup(state);
    assert_int_equal(reason_after(delete_key), CSN_REASON_NO_KEY);
}

static void
a_changed_policy_is_felt_by_the_next_request(void **state)
{
    (void)state;
    assert_int_equal(reason_after(ask_for_an_issuer), CSN_REASON_CLAIM_MISSING);
}

static void
a_suspension_is_felt_by_the_next_request_and_so_is_its_end(void **state)
{
    (void)state;
    assert_int_equal(reason_now(), CSN_REASON_ACCEPTED);
    suspend(true);
    assert_int_equal(reason_now(), CSN_REASON_APP_SUSPENDED);
    suspend(false);
    assert_int_equal(reason_now(), CSN_REASON_ACCEPTED);
}

static void
an_app_that_is_gone_knows_no_token(void **state)
{
    (void)state;
    assert_int_equal(reason_now(), CSN_REASON_ACCEPTED);
    assert_int_equal(RW(&o.w, csn_management_app_delete(&o.w.m, o.app, o.w.now_ms)), CSN_OK);
    assert_int_equal(reason_now(), CSN_REASON_APP_UNKNOWN);
}

static void
a_change_that_was_not_committed_changes_nothing(void **state)
{
    (void)state;
    struct csn_app_info info;
    struct csn_app_changes changes = {.set_suspended = true, .suspended = true};
    assert_int_equal(reason_now(), CSN_REASON_ACCEPTED);
    assert_int_equal(
        RW_LOST(&o.w, csn_management_app_update(&o.w.m, o.app, &changes, &info, RW_NOW)), CSN_OK);
    assert_int_equal(reason_now(), CSN_REASON_ACCEPTED);
    assert_true(is_kept());
}

/* --- last used --- */

static struct csn_key_info
key_info(void)
{
    struct csn_key_info info;
    assert_int_equal(RW(&o.w, csn_management_key_get(&o.w.m, o.app, o.key, &info, RW_NOW)), CSN_OK);
    return info;
}

static void
a_key_was_last_used_by_the_latest_decision_it_let_in(void **state)
{
    (void)state;
    struct csn_queue *queue = NULL;
    struct csn_decisions *decisions = csn_decisions_create();
    assert_non_null(decisions);
    struct csn_decision d = {
        .app = o.app, .key_number = key_info().number, .reason = CSN_REASON_ACCEPTED};
    static const int64_t at_ms[] = {RW_NOW - 50, RW_NOW - 10, RW_NOW - 30};
    for (size_t i = 0; i < 3; i++) {
        d.at_ms = at_ms[i];
        csn_decisions_record(decisions, &d);
    }
    d.reason = CSN_REASON_EXPIRED; /* signed by it, but not let in */
    d.at_ms = RW_NOW - 5;
    csn_decisions_record(decisions, &d);
    assert_int_equal(key_info().last_used_ms, 0);
    assert_int_equal(csn_queue_start(o.w.store, &queue), CSN_OK);
    assert_int_equal(csn_decisions_flush(decisions, queue), CSN_OK);
    csn_queue_stop(queue);
    assert_true(key_info().last_used_ms == RW_NOW - 10);
    csn_decisions_free(decisions);
}

int
main(void)
{
#define SENTENCE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        SENTENCE(a_changed_key_is_felt_by_the_next_request),
        SENTENCE(a_changed_policy_is_felt_by_the_next_request),
        SENTENCE(a_suspension_is_felt_by_the_next_request_and_so_is_its_end),
        SENTENCE(an_app_that_is_gone_knows_no_token),
        SENTENCE(a_change_that_was_not_committed_changes_nothing),
        SENTENCE(a_key_was_last_used_by_the_latest_decision_it_let_in),
    };
    return cmocka_run_group_tests_name("authenticate_change", tests, NULL, NULL);
}
