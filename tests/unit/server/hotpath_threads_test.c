/* The hot path from many threads: the cache, the revocations, the decisions and authenticate.
 * Worth most under the thread sanitizer.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/crypto.h"
#include "server/domain/decisions.h"
#include "tests/unit/server/bearer_world.h"
#include "tests/unit/server/session_world.h"

#define THREADS 4
#define ROUNDS 4000

static atomic_int failures; /* cmocka's asserts belong to the main thread */
static pthread_barrier_t start;

struct worker {
    pthread_t thread;
    unsigned number;
    void (*work)(unsigned number);
};

static void *
run(void *state)
{
    struct worker *worker = state;
    pthread_barrier_wait(&start);
    worker->work(worker->number);
    return NULL;
}

static void
expect(bool held)
{
    if (!held)
        atomic_fetch_add(&failures, 1);
}

/* Runs `work` on each thread at once, number 0 to THREADS - 1. */
static void
together(void (*work)(unsigned number))
{
    struct worker workers[THREADS];
    atomic_store(&failures, 0);
    pthread_barrier_init(&start, NULL, THREADS);
    for (unsigned i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){.number = i, .work = work};
        assert_int_equal(pthread_create(&workers[i].thread, NULL, run, &workers[i]), 0);
    }
    for (unsigned i = 0; i < THREADS; i++)
        pthread_join(workers[i].thread, NULL);
    pthread_barrier_destroy(&start);
    assert_int_equal(atomic_load(&failures), 0);
}

/* --- the cache: whoever hits finds one whole caller, the right one --- */

static struct csn_cache *cache;
static struct csn_app app = {.id = {BEARER_APP}, .generation = 1};

static void
put_and_get(unsigned number)
{
    for (unsigned i = 0; i < ROUNDS; i++) {
        unsigned token = (i * 7 + number) % 11; /* more than a set's four ways, all in one set */
        struct csn_cache_key key = {.app = &app};
        key.token_sha256[31] = (uint8_t)token;
        struct csn_caller caller;
        if (csn_cache_get(cache, &key, &caller)) {
            bool whole = caller.identity_len == CSN_IDENTITY_MAX && caller.key_number == token;
            for (size_t at = 0; at < CSN_IDENTITY_MAX; at++)
                whole = whole && caller.identity[at] == (char)('a' + token);
            expect(whole && caller.verdict.reason == CSN_REASON_ACCEPTED);
            continue;
        }
        caller = (struct csn_caller){.kind = CSN_BEARER_TOKEN,
                                     .verdict = {.reason = CSN_REASON_ACCEPTED},
                                     .identity_len = CSN_IDENTITY_MAX,
                                     .key_number = token};
        memset(caller.identity, 'a' + (int)token, CSN_IDENTITY_MAX);
        csn_cache_put(cache, &key, &caller);
    }
}

static void
a_hit_is_whole_and_its_own_whoever_else_writes(void **state)
{
    (void)state;
    cache = csn_cache_create(1);
    assert_non_null(cache);
    together(put_and_get);
    csn_cache_free(cache);
}

/* --- the revocations: what was revoked once is never let in, whatever grows or is forgotten --- */

static struct csn_revocations *revocations;

static struct csn_id
session_of(unsigned thread, unsigned n)
{
    struct csn_id id;
    snprintf(id.text, sizeof id.text, "01J%03u%020u", thread, n);
    return id;
}

static void
revoke_and_ask(unsigned number)
{
    const struct csn_id id = {BEARER_APP};
    for (unsigned i = 0; i < ROUNDS; i++) {
        struct csn_id session = session_of(number, i);
        int64_t expires_ms = i % 2 == 0 ? INT64_MAX : 1000;
        expect(csn_revoke_session(revocations, id, session, expires_ms) == CSN_OK);
        if (i % 500 == number)
            csn_revocations_expire(revocations, NULL, 1000);
        struct csn_id before = session_of(number, i / 2 & ~1u);
        expect(csn_is_session_revoked(revocations, &id, &before));
        struct csn_id never = session_of(THREADS, i);
        expect(!csn_is_session_revoked(revocations, &id, &never));
        expect(csn_revocations_any(revocations));
    }
}

static void
what_is_revoked_stays_so_while_others_revoke_and_forget(void **state)
{
    (void)state;
    const struct csn_id id = {BEARER_APP};
    revocations = csn_revocations_create();
    assert_non_null(revocations);
    together(revoke_and_ask);
    csn_revocations_expire(revocations, NULL, 1000);
    for (unsigned thread = 0; thread < THREADS; thread++) {
        for (unsigned i = 0; i < ROUNDS; i++) {
            struct csn_id session = session_of(thread, i);
            assert_int_equal(csn_is_session_revoked(revocations, &id, &session), i % 2 == 0);
        }
    }
    csn_revocations_free(revocations);
}

/* --- the decisions: exact while they are flushed --- */

static struct csn_decisions *decisions;
static struct csn_queue *queue;

static void
record_and_flush(unsigned number)
{
    struct csn_decision d = {
        .at_ms = BEARER_NOW_S * 1000, .app = {BEARER_APP}, .reason = CSN_REASON_EXPIRED};
    for (unsigned i = 0; i < ROUNDS; i++) {
        d.key_number = i % 3;
        csn_decisions_record(decisions, &d);
        if (number == 0 && i % 400 == 0)
            expect(csn_decisions_flush(decisions, queue) == CSN_OK);
    }
}

static void
every_decision_is_counted_while_others_are_written(void **state)
{
    (void)state;
    struct world world;
    world_open(&world);
    assert_ok(csn_queue_start(world.store, &queue));
    decisions = csn_decisions_create();
    assert_non_null(decisions);
    together(record_and_flush);
    assert_ok(csn_decisions_flush(decisions, queue));
    assert_int_equal(world_number(&world, "SELECT sum(count) FROM decision_counts"),
                     THREADS * ROUNDS);
    assert_int_equal(world_number(&world, "SELECT sum(weight) FROM decision_rows"),
                     THREADS * ROUNDS);
    assert_int_equal(world_number(&world, "SELECT count(*) FROM decision_counts"), 3);
    csn_decisions_free(decisions);
    csn_queue_stop(queue);
    world_close(&world);
}

/* --- authenticate: once revoked or changed, never again let in --- */

static struct bearer_world shared;
static struct csn_bytes tokens[8];
static struct csn_app later; /* the same app after a change of its policy */
static atomic_bool revoked[8], changed;

static void
ask(unsigned number)
{
    static _Thread_local struct csn_workspace workspace;
    struct csn_authenticator with = {
        .cache = shared.cache, .revocations = shared.revocations, .workspace = &workspace};
    for (unsigned i = 0; i < 400; i++) {
        size_t at = (i + number) % 8;
        bool was_revoked = atomic_load(&revoked[at]);
        bool was_changed = atomic_load(&changed);
        struct csn_caller caller;
        csn_authenticate(&with, was_changed ? &later : &shared.app, tokens[at], true, &caller,
                         shared.now_ms);
        enum csn_reason reason = caller.verdict.reason;
        expect(reason == CSN_REASON_ACCEPTED || reason == CSN_REASON_REVOKED ||
               (was_changed && reason == CSN_REASON_CLAIM_MISSING));
        expect(!(was_revoked || was_changed) || reason != CSN_REASON_ACCEPTED);
        expect(reason != CSN_REASON_ACCEPTED || strncmp(caller.identity, "ada", 3) == 0);
        if (number == 0 && i == 100) {
            uint8_t hash[32];
            csn_token_hash(tokens[3], hash);
            expect(csn_revoke_token(shared.revocations, shared.app.id, hash, INT64_MAX) == CSN_OK);
            atomic_store(&revoked[3], true);
        }
        if (number == 1 && i == 200)
            atomic_store(&changed, true);
    }
}

static void
nobody_is_let_in_once_it_is_known_that_he_may_not(void **state)
{
    (void)state;
    bearer_open(&shared, BEARER_APP, "{\"algorithms\":[\"EdDSA\"],\"use\":\"every_request\"}");
    (void)bearer_add_key(&shared, CSN_EDDSA, NULL);
    for (size_t i = 0; i < 8; i++) {
        char who[8];
        snprintf(who, sizeof who, "ada%zu", i);
        tokens[i] = bearer_token_of(&shared, 0, who);
    }
    later = shared.app;
    later.generation = 2;
    later.policy.issuer = csn_bytes_text("shop");
    together(ask);
    bearer_close(&shared);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hit_is_whole_and_its_own_whoever_else_writes),
        cmocka_unit_test(what_is_revoked_stays_so_while_others_revoke_and_forget),
        cmocka_unit_test(every_decision_is_counted_while_others_are_written),
        cmocka_unit_test(nobody_is_let_in_once_it_is_known_that_he_may_not),
    };
    return cmocka_run_group_tests_name("hotpath_threads", tests, NULL, NULL);
}
