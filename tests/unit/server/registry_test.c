/* The registry: what is found, what is refused, and that a change is seen exactly when it lasts.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "server/domain/registry_parts.h"
#include "tests/unit/server/registry_world.h"

#define SECRET "an honest secret of thirty-two b"

/* --- apps --- */

static void
finds_an_app_that_was_made_and_judges_by_its_key(void **state)
{
    struct registry_world *w = *state;
    uint8_t memory[1024];
    struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
    struct csn_id app = rw_app(w, NULL);
    assert_int_equal(rw_judge(w, app, rw_token(SECRET, NULL, &out)), CSN_REASON_NO_KEY);
    rw_secret(w, app, SECRET);
    assert_int_equal(rw_judge(w, app, rw_token(SECRET, NULL, &out)), CSN_REASON_ACCEPTED);
    assert_int_equal(rw_judge(w, app, rw_token("another secret of thirty-two byt", NULL, &out)),
                     CSN_REASON_SIGNATURE_INVALID);
}

static void
finds_nothing_for_a_text_that_is_no_app(void **state)
{
    struct registry_world *w = *state;
    struct csn_id app = rw_app(w, NULL);
    struct csn_bytes id = csn_id_view(&app);
    assert_null(csn_registry_app(w->registry, (struct csn_bytes){0}));
    assert_null(csn_registry_app(w->registry, csn_bytes_slice(id, 0, 25)));
    assert_null(csn_registry_app(w->registry, rw_text("01JAAAAAAAAAAAAAAAAAAAAAAA")));
    app.text[25] = app.text[25] == '0' ? '1' : '0';
    assert_null(csn_registry_app(w->registry, csn_id_view(&app)));
}

static void
an_app_in_hand_outlives_its_change_and_its_removal(void **state)
{
    struct registry_world *w = *state;
    struct csn_id id = rw_app(w, NULL);
    const struct csn_app *before = csn_registry_app(w->registry, csn_id_view(&id));
    assert_int_equal(before->keys.count, 0);
    rw_secret(w, id, SECRET);
    const struct csn_app *after = csn_registry_app(w->registry, csn_id_view(&id));
    assert_ptr_not_equal(before, after);
    assert_int_equal(before->keys.count, 0);
    assert_int_equal(after->keys.count, 1);
    assert_true(after->generation > before->generation);
    assert_int_equal(RW(w, csn_management_app_delete(&w->m, id, w->now_ms)), CSN_OK);
    assert_null(csn_registry_app(w->registry, csn_id_view(&id)));
    assert_true(csn_bytes_equal_text(after->name, "shop"));
    csn_app_release(before);
    csn_app_release(after);
    csn_app_release(NULL);
}

static void
a_change_whose_commit_failed_is_never_seen(void **state)
{
    struct registry_world *w = *state;
    uint8_t memory[1024];
    struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
    struct csn_id app = rw_app(w, NULL);
    struct csn_key_request with = {
        .source = CSN_SOURCE_SECRET, .algorithm = CSN_HS256, .text = rw_text(SECRET)};
    struct csn_key_made made;
    assert_int_equal(RW_LOST(w, csn_management_key_create(&w->m, app, &with, &made, w->now_ms)),
                     CSN_OK);
    assert_int_equal(rw_judge(w, app, rw_token(SECRET, NULL, &out)), CSN_REASON_NO_KEY);
    rw_restart(w);
    assert_int_equal(rw_judge(w, app, rw_token(SECRET, NULL, &out)), CSN_REASON_NO_KEY);
}

static void
changes_settled_in_the_wrong_order_leave_the_newest(void **state)
{
    struct registry_world *w = *state;
    struct csn_id id = rw_app(w, NULL);
    struct csn_app_info info;
    struct csn_app_changes first = {.set_name = true, .name = rw_text("first")};
    struct csn_app_changes second = {.set_name = true, .name = rw_text("second")};
    rw_begin(w);
    assert_int_equal(csn_management_app_update(&w->m, id, &first, &info, w->now_ms), CSN_OK);
    struct csn_change older = w->m.change;
    w->m.change = (struct csn_change){0};
    assert_int_equal(rw_end(w, csn_management_app_update(&w->m, id, &second, &info, w->now_ms)),
                     CSN_OK);
    csn_change_settle(&older, CSN_OK);
    const struct csn_app *app = csn_registry_app(w->registry, csn_id_view(&id));
    assert_true(csn_bytes_equal_text(app->name, "second"));
    csn_app_release(app);
}

static void
a_late_change_cannot_bring_a_removed_app_back(void **state)
{
    struct registry_world *w = *state;
    struct csn_id id = rw_app(w, NULL);
    struct csn_app_info info;
    struct csn_app_changes rename = {.set_name = true, .name = rw_text("late")};
    rw_begin(w);
    assert_int_equal(csn_management_app_update(&w->m, id, &rename, &info, w->now_ms), CSN_OK);
    struct csn_change late = w->m.change;
    w->m.change = (struct csn_change){0};
    assert_int_equal(rw_end(w, csn_management_app_delete(&w->m, id, w->now_ms)), CSN_OK);
    csn_change_settle(&late, CSN_OK);
    csn_change_settle(&late, CSN_OK); /* again: does nothing */
    assert_null(csn_registry_app(w->registry, csn_id_view(&id)));
}

static void
a_restart_finds_everything_again(void **state)
{
    struct registry_world *w = *state;
    uint8_t memory[1024];
    struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
    struct csn_id ids[5];
    for (size_t i = 0; i < 5; i++) {
        char secret[64];
        snprintf(secret, sizeof secret, "the secret of app number %zu, long enough", i);
        ids[i] = rw_app(w, NULL);
        rw_secret(w, ids[i], secret);
    }
    rw_restart(w);
    for (size_t i = 0; i < 5; i++) {
        char secret[64];
        snprintf(secret, sizeof secret, "the secret of app number %zu, long enough", i);
        assert_int_equal(rw_judge(w, ids[i], rw_token(secret, NULL, &out)), CSN_REASON_ACCEPTED);
        assert_int_equal(rw_judge(w, ids[(i + 1) % 5], rw_token(secret, NULL, &out)),
                         CSN_REASON_SIGNATURE_INVALID);
    }
    assert_int_equal(csn_registry_counts(w->registry).apps, 5);
    assert_int_equal(csn_registry_counts(w->registry).api_keys, 1);
}

static void
does_not_start_with_another_instance_key(void **state)
{
    struct registry_world *w = *state;
    struct csn_id app = rw_app(w, NULL);
    rw_secret(w, app, SECRET);
    uint8_t other[32] = {'x'};
    struct csn_registry *registry = NULL;
    struct csn_id at;
    const char *wrong = NULL;
    assert_int_equal(csn_registry_create(other, &registry), CSN_OK);
    rw_begin(w);
    assert_int_equal(rw_end(w, csn_registry_load(registry, w->store, &at, &wrong)), CSN_CRYPTO);
    assert_true(csn_id_equal(&at, &app));
    assert_non_null(strstr(wrong, "master key"));
    csn_registry_free(registry);
}

static void
sessions_of_two_apps_and_of_two_instances_have_different_keys(void **state)
{
    struct registry_world *w = *state;
    struct csn_id a = rw_app(w, NULL);
    struct csn_id b = rw_app(w, NULL);
    const struct csn_app *first = csn_registry_app(w->registry, csn_id_view(&a));
    const struct csn_app *second = csn_registry_app(w->registry, csn_id_view(&b));
    uint8_t memory[512];
    struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
    struct csn_mint_request request = {.signer = first->session_signer,
                                       .payload = rw_text("{\"sub\":\"x\"}")};
    assert_int_equal(csn_mint(&request, &out), CSN_OK);
    static struct csn_workspace workspace;
    struct csn_policy policy = {.algorithms = 1u << CSN_HS256,
                                .identity = {rw_text("sub")},
                                .identity_count = 1,
                                .issued_within_s = -1,
                                .lifetime_max_s = -1};
    struct csn_presentation presented = {.token = csn_buffer_view(&out)};
    struct csn_verdict verdict;
    csn_judge(&policy, &first->session_keys, &presented, &workspace, &verdict, w->now_ms);
    assert_int_equal(verdict.reason, CSN_REASON_ACCEPTED);
    csn_judge(&policy, &second->session_keys, &presented, &workspace, &verdict, w->now_ms);
    assert_int_equal(verdict.reason, CSN_REASON_SIGNATURE_INVALID);
    assert_memory_not_equal(first->pseudonym_key, second->pseudonym_key, 32);
    csn_app_release(first);
    csn_app_release(second);
}

/* --- API keys --- */

static enum csn_status
ask(struct registry_world *w, const char *key, const char *secret, int64_t now_ms)
{
    struct csn_api_key out;
    return csn_registry_api_key(w->registry, rw_text(key), rw_text(secret), &out, now_ms);
}

static void
accepts_an_api_key_with_its_secret_and_nothing_else(void **state)
{
    struct registry_world *w = *state;
    const char *key = w->root_key.info.key;
    const char *secret = w->root_key.secret;
    struct csn_api_key out;
    assert_int_equal(csn_registry_api_key(w->registry, rw_text(key), rw_text(secret), &out, 0),
                     CSN_OK);
    assert_true(csn_id_equal(&out.account, &w->root));
    assert_true(out.root);
    assert_int_equal(ask(w, key, "", 0), CSN_NOT_FOUND);
    assert_int_equal(ask(w, "", secret, 0), CSN_NOT_FOUND);
    assert_int_equal(ask(w, "csk_unknownunknownunknown1", secret, 0), CSN_NOT_FOUND);
    char wrong[CSN_API_KEY_SECRET_LENGTH + 2];
    for (size_t i = 0; i < CSN_API_KEY_SECRET_LENGTH; i++) {
        memcpy(wrong, secret, CSN_API_KEY_SECRET_LENGTH + 1);
        wrong[i] = wrong[i] == 'A' ? 'B' : 'A';
        assert_int_equal(ask(w, key, wrong, 0), CSN_NOT_FOUND);
    }
    snprintf(wrong, sizeof wrong, "%sA", secret);
    assert_int_equal(ask(w, key, wrong, 0), CSN_NOT_FOUND);
}

static void
an_api_key_ends_at_its_very_millisecond(void **state)
{
    struct registry_world *w = *state;
    struct csn_api_key_request with = {
        .name = rw_text("short"), .roles = CSN_ROLE_VIEWER, .expires_ms = w->now_ms + 1000};
    struct csn_api_key_made made;
    assert_int_equal(RW(w, csn_management_api_key_create(&w->m, w->root, &with, &made, w->now_ms)),
                     CSN_OK);
    assert_int_equal(ask(w, made.info.key, made.secret, w->now_ms + 999), CSN_OK);
    assert_int_equal(ask(w, made.info.key, made.secret, w->now_ms + 1000), CSN_NOT_FOUND);
}

static void
writes_down_when_an_api_key_was_last_used(void **state)
{
    struct registry_world *w = *state;
    assert_int_equal(ask(w, w->root_key.info.key, w->root_key.secret, w->now_ms + 5), CSN_OK);
    rw_begin(w);
    assert_int_equal(rw_end(w, csn_registry_flush_api_keys(w->registry, w->store)), CSN_OK);
    const struct csn_api_key_info *list = NULL;
    size_t count = 0;
    bool more = true;
    assert_int_equal(RW(w, csn_management_api_key_list(&w->m, w->root, (struct csn_page){0}, &list,
                                                       &count, &more)),
                     CSN_OK);
    assert_int_equal(count, 1);
    assert_int_equal(list[0].last_used_ms, w->now_ms + 5);
}

int
main(void)
{
#define SENTENCE(name) cmocka_unit_test_setup_teardown(name, rw_setup, rw_teardown)
    const struct CMUnitTest tests[] = {
        SENTENCE(finds_an_app_that_was_made_and_judges_by_its_key),
        SENTENCE(finds_nothing_for_a_text_that_is_no_app),
        SENTENCE(an_app_in_hand_outlives_its_change_and_its_removal),
        SENTENCE(a_change_whose_commit_failed_is_never_seen),
        SENTENCE(changes_settled_in_the_wrong_order_leave_the_newest),
        SENTENCE(a_late_change_cannot_bring_a_removed_app_back),
        SENTENCE(a_restart_finds_everything_again),
        SENTENCE(does_not_start_with_another_instance_key),
        SENTENCE(sessions_of_two_apps_and_of_two_instances_have_different_keys),
        SENTENCE(accepts_an_api_key_with_its_secret_and_nothing_else),
        SENTENCE(an_api_key_ends_at_its_very_millisecond),
        SENTENCE(writes_down_when_an_api_key_was_last_used),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
