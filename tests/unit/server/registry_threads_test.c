/* Threads: requests look apps and API keys up while managers change them through the queue.
 * Run it under the thread sanitizer as well.
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

#include "server/domain/management_vendors.h"
#include "server/store/queue.h"
#include "tests/unit/server/registry_world.h"

#define SECRET "an honest secret of thirty-two b"
#define READERS 3
#define WRITERS 3
#define ROUNDS 60
#define ARENA (512 * 1024)

struct town {
    struct registry_world w;
    struct csn_queue *queue;
    struct csn_id app;
    atomic_bool stop;
    atomic_int failures; /* cmocka's asserts belong to the main thread */
    atomic_ulong looks;
};

static struct town town;

/* --- one operation through the queue --- */

struct change {
    struct csn_job job;
    struct csn_management m;
    struct csn_arena arena;
    char name[32];
    char secret[64];
    enum csn_status (*step)(struct change *change);
};

static enum csn_status
run_change(struct csn_job *job, struct csn_store *store)
{
    struct change *change = (struct change *)job;
    change->m.store = store;
    return change->step(change);
}

static enum csn_status
submit(struct change *change, enum csn_status (*step)(struct change *change),
       struct csn_random *random)
{
    change->job = (struct csn_job){.run = run_change};
    change->arena.used = 0;
    change->m = (struct csn_management){.registry = town.w.registry,
                                        .random = random,
                                        .arena = &change->arena,
                                        .scope = town.w.m.scope};
    change->step = step;
    enum csn_status status = csn_queue_run(town.queue, &change->job);
    csn_change_settle(&change->m.change, status);
    return status;
}

static enum csn_status
rename_app(struct change *change)
{
    struct csn_app_changes changes = {.set_name = true, .name = rw_text(change->name)};
    struct csn_app_info info;
    return csn_management_app_update(&change->m, town.app, &changes, &info, RW_NOW);
}

static enum csn_status
fetch_secret(struct change *change)
{
    struct csn_id app;
    struct csn_bytes secret;
    enum csn_status status = csn_management_kustomer_secret(&change->m, &app, &secret, RW_NOW);
    snprintf(change->secret, sizeof change->secret, "%.*s", (int)secret.len,
             secret.ptr != NULL ? (const char *)secret.ptr : "");
    return status;
}

/* --- the threads --- */

static void *
look_up(void *state)
{
    (void)state;
    static _Thread_local struct csn_workspace workspace;
    uint8_t memory[1024];
    struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
    struct csn_bytes token = rw_token(SECRET, NULL, &out);
    uint64_t last = 0;
    while (!atomic_load(&town.stop)) {
        const struct csn_app *app = csn_registry_app(town.w.registry, csn_id_view(&town.app));
        struct csn_presentation presented = {.token = token};
        struct csn_verdict verdict;
        csn_judge(&app->policy, &app->keys, &presented, &workspace, &verdict, RW_NOW);
        bool good = verdict.reason == CSN_REASON_ACCEPTED && app->generation >= last;
        last = app->generation;
        csn_app_release(app);
        struct csn_api_key key;
        good =
            good && csn_registry_api_key(town.w.registry, rw_text(town.w.root_key.info.key),
                                         rw_text(town.w.root_key.secret), &key, RW_NOW) == CSN_OK;
        if (!good)
            atomic_fetch_add(&town.failures, 1);
        atomic_fetch_add(&town.looks, 1);
    }
    return NULL;
}

static void *
write_names(void *state)
{
    struct csn_random_seeded seeded;
    struct csn_random random = csn_random_seeded(&seeded, (uint64_t)(uintptr_t)state);
    void *memory = malloc(ARENA);
    struct change change = {.arena = csn_arena_over(memory, ARENA)};
    for (int i = 0; i < ROUNDS; i++) {
        snprintf(change.name, sizeof change.name, "writer %d round %d", (int)(uintptr_t)state, i);
        if (submit(&change, rename_app, &random) != CSN_OK)
            atomic_fetch_add(&town.failures, 1);
    }
    free(memory);
    return NULL;
}

struct asking {
    char secret[64];
    uint64_t seed;
};

static void *
ask_secret(void *state)
{
    struct asking *asking = state;
    struct csn_random_seeded seeded;
    struct csn_random random = csn_random_seeded(&seeded, asking->seed);
    void *memory = malloc(ARENA);
    struct change change = {.arena = csn_arena_over(memory, ARENA)};
    if (submit(&change, fetch_secret, &random) != CSN_OK)
        atomic_fetch_add(&town.failures, 1);
    memcpy(asking->secret, change.secret, sizeof asking->secret);
    free(memory);
    return NULL;
}

static int
open_town(void **state)
{
    (void)state;
    memset(&town, 0, sizeof town);
    rw_open(&town.w);
    town.app = rw_app(&town.w, NULL);
    rw_secret(&town.w, town.app, SECRET);
    return 0;
}

static int
close_town(void **state)
{
    (void)state;
    rw_close(&town.w);
    return 0;
}

static void
lookups_go_on_while_apps_are_swapped_and_the_last_write_wins(void **state)
{
    (void)state;
    pthread_t readers[READERS], writers[WRITERS];
    assert_int_equal(csn_queue_start(town.w.store, &town.queue), CSN_OK);
    for (size_t i = 0; i < READERS; i++)
        assert_int_equal(pthread_create(&readers[i], NULL, look_up, NULL), 0);
    for (size_t i = 0; i < WRITERS; i++)
        assert_int_equal(pthread_create(&writers[i], NULL, write_names, (void *)(i + 1)), 0);
    for (size_t i = 0; i < WRITERS; i++)
        pthread_join(writers[i], NULL);
    atomic_store(&town.stop, true);
    for (size_t i = 0; i < READERS; i++)
        pthread_join(readers[i], NULL);
    csn_queue_stop(town.queue);
    assert_int_equal(atomic_load(&town.failures), 0);
    assert_true(atomic_load(&town.looks) > 0);
    /* Memory and store agree on the last one, whoever was settled last. */
    struct csn_app_info info;
    assert_int_equal(RW(&town.w, csn_management_app_get(&town.w.m, town.app, &info)), CSN_OK);
    const struct csn_app *app = csn_registry_app(town.w.registry, csn_id_view(&town.app));
    assert_true(csn_bytes_equal(app->name, info.name));
    assert_int_equal(app->generation, 2 + WRITERS * ROUNDS);
    csn_app_release(app);
}

static void
first_calls_that_come_at_once_get_one_secret(void **state)
{
    (void)state;
    pthread_t threads[8];
    static struct asking askings[8];
    rw_app(&town.w, "kustomer");
    assert_int_equal(csn_queue_start(town.w.store, &town.queue), CSN_OK);
    for (size_t i = 0; i < 8; i++) {
        askings[i].seed = i + 100;
        assert_int_equal(pthread_create(&threads[i], NULL, ask_secret, &askings[i]), 0);
    }
    for (size_t i = 0; i < 8; i++)
        pthread_join(threads[i], NULL);
    csn_queue_stop(town.queue);
    assert_int_equal(atomic_load(&town.failures), 0);
    assert_true(strlen(askings[0].secret) >= 43);
    for (size_t i = 1; i < 8; i++)
        assert_string_equal(askings[i].secret, askings[0].secret);
}

int
main(void)
{
#define SENTENCE(name) cmocka_unit_test_setup_teardown(name, open_town, close_town)
    const struct CMUnitTest tests[] = {
        SENTENCE(lookups_go_on_while_apps_are_swapped_and_the_last_write_wins),
        SENTENCE(first_calls_that_come_at_once_get_one_secret),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
