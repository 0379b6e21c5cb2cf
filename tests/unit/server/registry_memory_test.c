/* Memory that runs out: each allocation of the registry fails in turn, and nothing is half done.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "server/domain/heap.h"
#include "server/domain/registry_parts.h"
#include "tests/unit/server/registry_world.h"

#define SECRET "an honest secret of thirty-two b"
#define TRIES_MAX 1000

/* Runs `step` with the 1st, 2nd, ... allocation failing until it succeeds; after each failure the
 * world must be as before. Returns: how many failed. */
static int
fail_each(struct registry_world *w, enum csn_status (*step)(struct registry_world *w),
          void (*check)(struct registry_world *w))
{
    for (uint64_t nth = 1; nth < TRIES_MAX; nth++) {
        uint64_t held = csn_heap_in_use();
        rw_begin(w);
        csn_heap_fail_from(nth);
        enum csn_status status = step(w);
        csn_heap_fail_from(0);
        if (rw_end(w, status) == CSN_OK)
            return (int)nth - 1;
        assert_int_equal(status, CSN_NO_MEMORY);
        assert_int_equal(csn_heap_in_use(), held);
        check(w);
    }
    fail_msg("it never succeeded");
    return 0;
}

static struct csn_id app;
static struct csn_api_key_made made_api_key;

static void
nothing_to_check(struct registry_world *w)
{
    (void)w;
}

static void
app_has_no_key(struct registry_world *w)
{
    uint8_t memory[1024];
    struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
    assert_int_equal(rw_judge(w, app, rw_token(SECRET, NULL, &out)), CSN_REASON_NO_KEY);
    const struct csn_key_info *list;
    size_t count = 1;
    assert_int_equal(RW(w, csn_management_key_list(&w->m, app, &list, &count, w->now_ms)), CSN_OK);
    assert_int_equal(count, 0);
}

static enum csn_status
create_key(struct registry_world *w)
{
    struct csn_key_request with = {
        .source = CSN_SOURCE_SECRET, .algorithm = CSN_HS256, .text = rw_text(SECRET)};
    struct csn_key_made made;
    return csn_management_key_create(&w->m, app, &with, &made, w->now_ms);
}

static enum csn_status
create_api_key(struct registry_world *w)
{
    struct csn_api_key_request with = {.name = rw_text("n"), .roles = CSN_ROLE_USER, .app = app};
    return csn_management_api_key_create(&w->m, w->root, &with, &made_api_key, w->now_ms);
}

static void
app_is_there_with_its_api_key(struct registry_world *w)
{
    struct csn_api_key out;
    assert_int_equal(csn_registry_api_key(w->registry, rw_text(made_api_key.info.key),
                                          rw_text(made_api_key.secret), &out, w->now_ms),
                     CSN_OK);
    uint8_t memory[1024];
    struct csn_buffer out_token = csn_buffer_over(memory, sizeof memory);
    assert_int_equal(rw_judge(w, app, rw_token(SECRET, NULL, &out_token)), CSN_REASON_ACCEPTED);
}

static enum csn_status
delete_app(struct registry_world *w)
{
    return csn_management_app_delete(&w->m, app, w->now_ms);
}

static void
a_change_succeeds_wholly_or_leaves_everything_as_it_was(void **state)
{
    (void)state;
    static struct registry_world w;
    rw_open(&w);
    app = rw_app(&w, NULL);
    assert_true(fail_each(&w, create_key, app_has_no_key) >= 3);
    assert_true(fail_each(&w, create_api_key, nothing_to_check) >= 2);
    app_is_there_with_its_api_key(&w);
    assert_true(fail_each(&w, delete_app, app_is_there_with_its_api_key) >= 4);
    assert_null(csn_registry_app(w.registry, csn_id_view(&app)));
    rw_close(&w);
    assert_int_equal(csn_heap_in_use(), 0);
}

static void
loading_succeeds_wholly_or_says_why(void **state)
{
    (void)state;
    static struct registry_world w;
    rw_open(&w);
    for (int i = 0; i < 20; i++)
        rw_secret(&w, rw_app(&w, NULL), SECRET);
    uint8_t key[32];
    memset(key, 'k', sizeof key);
    enum csn_status status = CSN_NO_MEMORY;
    uint64_t held = csn_heap_in_use();
    for (uint64_t nth = 1; status == CSN_NO_MEMORY && nth < TRIES_MAX; nth++) {
        struct csn_registry *registry = NULL;
        struct csn_id at;
        const char *wrong = "";
        csn_heap_fail_from(nth);
        status = csn_registry_create(key, &registry);
        if (status == CSN_OK) {
            rw_begin(&w);
            status = rw_end(&w, csn_registry_load(registry, w.store, &at, &wrong));
            assert_int_equal(status == CSN_OK, wrong[0] == '\0');
        }
        csn_heap_fail_from(0);
        if (status == CSN_OK)
            assert_int_equal(csn_registry_counts(registry).apps, 20);
        csn_registry_free(registry);
        assert_int_equal(csn_heap_in_use(), held);
    }
    assert_int_equal(status, CSN_OK);
    rw_close(&w);
}

/* Publishing needs no memory: a table that cannot grow is only slower. */
static void
settling_works_without_any_memory(void **state)
{
    (void)state;
    static struct registry_world w;
    static struct csn_id ids[3000];
    static struct csn_change changes[3000];
    rw_open(&w);
    for (size_t i = 0; i < 3000; i++) {
        struct csn_app_request with = {.name = rw_text("n"), .preset = rw_text("generic")};
        struct csn_app_info info;
        rw_begin(&w);
        assert_int_equal(csn_management_app_create(&w.m, &with, &info, w.now_ms), CSN_OK);
        ids[i] = info.id;
        changes[i] = w.m.change;
        w.m.change = (struct csn_change){0};
        assert_int_equal(rw_end(&w, CSN_OK), CSN_OK);
    }
    csn_heap_fail_from(1);
    for (size_t i = 0; i < 3000; i++)
        csn_change_settle(&changes[i], CSN_OK);
    csn_heap_fail_from(0);
    for (size_t i = 0; i < 3000; i++) {
        const struct csn_app *found = csn_registry_app(w.registry, csn_id_view(&ids[i]));
        assert_non_null(found);
        csn_app_release(found);
    }
    rw_close(&w);
    assert_int_equal(csn_heap_in_use(), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_change_succeeds_wholly_or_leaves_everything_as_it_was),
        cmocka_unit_test(loading_succeeds_wholly_or_says_why),
        cmocka_unit_test(settling_works_without_any_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
