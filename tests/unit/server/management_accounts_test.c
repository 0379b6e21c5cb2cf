/* Accounts and API keys: who may see and make what.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/server/registry_world.h"

static enum csn_status
make_key(struct registry_world *w, const struct csn_api_key_request *with,
         struct csn_api_key_made *made)
{
    return RW(w, csn_management_api_key_create(&w->m, w->m.scope.account, with, made, w->now_ms));
}

static enum csn_status
ask(struct registry_world *w, const struct csn_api_key_made *made, struct csn_api_key *out)
{
    return csn_registry_api_key(w->registry, rw_text(made->info.key), rw_text(made->secret), out,
                                w->now_ms);
}

static void
the_first_start_makes_one_root_admin_and_the_second_none(void **state)
{
    struct registry_world *w = *state;
    assert_int_equal(strlen(w->root_key.info.key), CSN_API_KEY_NAME_LENGTH);
    assert_int_equal(strncmp(w->root_key.info.key, "csk_", 4), 0);
    assert_int_equal(strlen(w->root_key.secret), CSN_API_KEY_SECRET_LENGTH);
    assert_true(w->root_key.info.roles & CSN_ROLE_ADMIN);
    bool created = true;
    struct csn_api_key_made made;
    assert_int_equal(RW(w, csn_management_first_start(&w->m, &created, &made, w->now_ms)), CSN_OK);
    assert_false(created);
    assert_int_equal(made.secret[0], '\0');
}

static void
only_root_makes_accounts_and_lists_them_all(void **state)
{
    struct registry_world *w = *state;
    struct csn_scope other = rw_other_account(w);
    struct csn_account_info info;
    const struct csn_account_info *list;
    size_t count = 0;
    bool more = false;
    assert_int_equal(
        RW(w, csn_management_account_list(&w->m, (struct csn_page){0}, &list, &count, &more)),
        CSN_OK);
    assert_int_equal(count, 2);
    w->m.scope = other;
    assert_int_equal(
        RW(w, csn_management_account_create(&w->m, rw_text("third"), &info, w->now_ms)),
        CSN_NOT_FOUND);
    assert_int_equal(
        RW(w, csn_management_account_list(&w->m, (struct csn_page){0}, &list, &count, &more)),
        CSN_OK);
    assert_int_equal(count, 1);
    assert_true(csn_id_equal(&list[0].id, &other.account));
    assert_int_equal(RW(w, csn_management_account_get(&w->m, other.account, &info)), CSN_OK);
    assert_int_equal(RW(w, csn_management_account_get(&w->m, w->root, &info)), CSN_NOT_FOUND);
    w->m.scope = (struct csn_scope){0};
    assert_int_equal(RW(w, csn_management_account_get(&w->m, w->root, &info)), CSN_NOT_FOUND);
}

static void
pages_of_accounts_join_without_gap_or_repeat(void **state)
{
    struct registry_world *w = *state;
    for (int i = 0; i < 6; i++) {
        w->now_ms++;
        rw_other_account(w);
    }
    struct csn_page page = {.limit = 3};
    struct csn_id seen[16];
    size_t total = 0;
    bool more = true;
    while (more) {
        const struct csn_account_info *list;
        size_t count = 0;
        assert_int_equal(RW(w, csn_management_account_list(&w->m, page, &list, &count, &more)),
                         CSN_OK);
        assert_true(count <= 3);
        for (size_t i = 0; i < count; i++) {
            if (total > 0)
                assert_true(strcmp(seen[total - 1].text, list[i].id.text) < 0);
            seen[total++] = list[i].id;
        }
        page.after = seen[total - 1];
    }
    assert_int_equal(total, 7);
}

static void
an_api_key_carries_its_account_roles_and_app(void **state)
{
    struct registry_world *w = *state;
    struct csn_id app = rw_app(w, NULL);
    struct csn_api_key_request with = {
        .name = rw_text("ci"), .roles = CSN_ROLE_USER | CSN_ROLE_VIEWER, .app = app};
    struct csn_api_key_made made;
    struct csn_api_key out;
    assert_int_equal(make_key(w, &with, &made), CSN_OK);
    assert_int_equal(ask(w, &made, &out), CSN_OK);
    assert_true(csn_id_equal(&out.app, &app));
    assert_int_equal(out.roles, CSN_ROLE_USER | CSN_ROLE_VIEWER);
    struct csn_scope scope = csn_scope_of(&out);
    assert_false(scope.root); /* a key of one app is no root key */
    rw_restart(w);
    assert_int_equal(ask(w, &made, &out), CSN_OK);
    assert_true(csn_id_equal(&out.app, &app));
}

static void
refuses_an_api_key_that_is_nonsense(void **state)
{
    struct registry_world *w = *state;
    struct csn_api_key_made made;
    struct csn_api_key_request good = {.name = rw_text("n"), .roles = CSN_ROLE_VIEWER};
    struct csn_api_key_request with = good;
    with.name = rw_text("");
    assert_int_equal(make_key(w, &with, &made), CSN_INVALID);
    assert_string_equal(w->m.refusal.field, "name");
    with.name = rw_text("two\nlines");
    assert_int_equal(make_key(w, &with, &made), CSN_INVALID);
    with.name = rw_text("\xff");
    assert_int_equal(make_key(w, &with, &made), CSN_INVALID);
    with = good;
    with.roles = 0;
    assert_int_equal(make_key(w, &with, &made), CSN_INVALID);
    assert_string_equal(w->m.refusal.field, "roles");
    with = good;
    with.expires_ms = w->now_ms;
    assert_int_equal(make_key(w, &with, &made), CSN_INVALID);
    assert_string_equal(w->m.refusal.field, "expires_at");
    with.expires_ms = w->now_ms + 1;
    assert_int_equal(make_key(w, &with, &made), CSN_OK);
    char name[CSN_NAME_MAX + 2];
    memset(name, 'n', sizeof name);
    with.name = csn_bytes_of(name, CSN_NAME_MAX);
    assert_int_equal(make_key(w, &with, &made), CSN_OK);
    with.name = csn_bytes_of(name, CSN_NAME_MAX + 1);
    assert_int_equal(make_key(w, &with, &made), CSN_INVALID);
}

static void
refuses_an_api_key_for_an_app_of_another_account(void **state)
{
    struct registry_world *w = *state;
    struct csn_id app = rw_app(w, NULL);
    w->m.scope = rw_other_account(w);
    struct csn_api_key_request with = {.name = rw_text("n"), .roles = CSN_ROLE_ADMIN, .app = app};
    struct csn_api_key_made made;
    assert_int_equal(make_key(w, &with, &made), CSN_INVALID);
    char theirs[CSN_REFUSAL_TEXT_MAX];
    memcpy(theirs, w->m.refusal.detail, sizeof theirs);
    with.app = (struct csn_id){.text = "01JAAAAAAAAAAAAAAAAAAAAAAA"};
    assert_int_equal(make_key(w, &with, &made), CSN_INVALID);
    assert_string_equal(theirs, w->m.refusal.detail); /* the same words as for none at all */
}

static void
a_key_of_one_app_makes_sees_and_revokes_only_keys_of_it(void **state)
{
    struct registry_world *w = *state;
    struct csn_id app = rw_app(w, NULL);
    struct csn_id other = rw_app(w, NULL);
    w->m.scope.app = app;
    w->m.scope.root = false;
    struct csn_api_key_made made;
    struct csn_api_key_request with = {.name = rw_text("n"), .roles = CSN_ROLE_ADMIN};
    assert_int_equal(make_key(w, &with, &made), CSN_INVALID);
    with.app = other;
    assert_int_equal(make_key(w, &with, &made), CSN_INVALID);
    with.app = app;
    assert_int_equal(make_key(w, &with, &made), CSN_OK);
    const struct csn_api_key_info *list;
    size_t count = 0;
    bool more = false;
    assert_int_equal(RW(w, csn_management_api_key_list(&w->m, w->root, (struct csn_page){0}, &list,
                                                       &count, &more)),
                     CSN_OK);
    assert_int_equal(count, 1);
    assert_int_equal(RW(w, csn_management_api_key_revoke(&w->m, w->root,
                                                         rw_text(w->root_key.info.key), w->now_ms)),
                     CSN_NOT_FOUND);
}

static void
a_revoked_key_is_refused_at_once_and_after_a_restart(void **state)
{
    struct registry_world *w = *state;
    struct csn_api_key_request with = {.name = rw_text("n"), .roles = CSN_ROLE_ADMIN};
    struct csn_api_key_made made[2];
    struct csn_api_key out;
    assert_int_equal(make_key(w, &with, &made[0]), CSN_OK);
    assert_int_equal(make_key(w, &with, &made[1]), CSN_OK);
    /* by public name, and by id */
    assert_int_equal(
        RW(w, csn_management_api_key_revoke(&w->m, w->root, rw_text(made[0].info.key), w->now_ms)),
        CSN_OK);
    assert_int_equal(RW(w, csn_management_api_key_revoke(&w->m, w->root,
                                                         csn_id_view(&made[1].info.id), w->now_ms)),
                     CSN_OK);
    assert_int_equal(ask(w, &made[0], &out), CSN_NOT_FOUND);
    assert_int_equal(ask(w, &made[1], &out), CSN_NOT_FOUND);
    assert_int_equal(
        RW(w, csn_management_api_key_revoke(&w->m, w->root, rw_text(made[0].info.key), w->now_ms)),
        CSN_NOT_FOUND);
    rw_restart(w);
    assert_int_equal(ask(w, &made[0], &out), CSN_NOT_FOUND);
    assert_int_equal(ask(w, &w->root_key, &out), CSN_OK);
}

static void
a_revocation_whose_commit_failed_leaves_the_key_good(void **state)
{
    struct registry_world *w = *state;
    struct csn_api_key_request with = {.name = rw_text("n"), .roles = CSN_ROLE_ADMIN};
    struct csn_api_key_made made;
    struct csn_api_key out;
    assert_int_equal(make_key(w, &with, &made), CSN_OK);
    assert_int_equal(RW_LOST(w, csn_management_api_key_revoke(&w->m, w->root,
                                                              rw_text(made.info.key), w->now_ms)),
                     CSN_OK);
    assert_int_equal(ask(w, &made, &out), CSN_OK);
}

static void
keeps_the_last_admin_key_of_root(void **state)
{
    struct registry_world *w = *state;
    struct csn_bytes first = rw_text(w->root_key.info.key);
    assert_int_equal(RW(w, csn_management_api_key_revoke(&w->m, w->root, first, w->now_ms)),
                     CSN_CONFLICT);
    /* A viewer, and an admin of one app, do not count. */
    struct csn_api_key_request with = {.name = rw_text("n"), .roles = CSN_ROLE_VIEWER};
    struct csn_api_key_made made;
    assert_int_equal(make_key(w, &with, &made), CSN_OK);
    with.roles = CSN_ROLE_ADMIN;
    with.app = rw_app(w, NULL);
    assert_int_equal(make_key(w, &with, &made), CSN_OK);
    assert_int_equal(RW(w, csn_management_api_key_revoke(&w->m, w->root, first, w->now_ms)),
                     CSN_CONFLICT);
    with.app = (struct csn_id){0};
    assert_int_equal(make_key(w, &with, &made), CSN_OK);
    assert_int_equal(RW(w, csn_management_api_key_revoke(&w->m, w->root, first, w->now_ms)),
                     CSN_OK);
    assert_int_equal(
        RW(w, csn_management_api_key_revoke(&w->m, w->root, rw_text(made.info.key), w->now_ms)),
        CSN_CONFLICT);
}

static void
the_keys_of_an_app_go_with_it(void **state)
{
    struct registry_world *w = *state;
    struct csn_id app = rw_app(w, NULL);
    struct csn_api_key_request with = {.name = rw_text("n"), .roles = CSN_ROLE_ADMIN, .app = app};
    struct csn_api_key_made made;
    struct csn_api_key out;
    assert_int_equal(make_key(w, &with, &made), CSN_OK);
    assert_int_equal(RW(w, csn_management_app_delete(&w->m, app, w->now_ms)), CSN_OK);
    assert_int_equal(ask(w, &made, &out), CSN_NOT_FOUND);
    rw_restart(w);
    assert_int_equal(ask(w, &made, &out), CSN_NOT_FOUND);
}

static void
reads_the_roles_of_both_vocabularies_and_writes_ours(void **state)
{
    (void)state;
    assert_int_equal(csn_role_from_name(rw_text("admin")), CSN_ROLE_ADMIN);
    assert_int_equal(csn_role_from_name(rw_text("org.admin")), CSN_ROLE_ADMIN);
    assert_int_equal(csn_role_from_name(rw_text("org.user")), CSN_ROLE_USER);
    assert_int_equal(csn_role_from_name(rw_text("user")), CSN_ROLE_USER);
    assert_int_equal(csn_role_from_name(rw_text("viewer")), CSN_ROLE_VIEWER);
    assert_int_equal(csn_role_from_name(rw_text("Admin")), 0);
    assert_int_equal(csn_role_from_name(rw_text("root")), 0);
    assert_int_equal(csn_role_from_name((struct csn_bytes){0}), 0);
    char memory[64];
    struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
    struct csn_json_writer w = csn_json_writer_over(&out);
    csn_roles_write(CSN_ROLE_ADMIN | CSN_ROLE_VIEWER, &w);
    assert_string_equal(csn_buffer_terminate(&out), "[\"admin\",\"viewer\"]");
}

int
main(void)
{
#define SENTENCE(name) cmocka_unit_test_setup_teardown(name, rw_setup, rw_teardown)
    const struct CMUnitTest tests[] = {
        SENTENCE(the_first_start_makes_one_root_admin_and_the_second_none),
        SENTENCE(only_root_makes_accounts_and_lists_them_all),
        SENTENCE(pages_of_accounts_join_without_gap_or_repeat),
        SENTENCE(an_api_key_carries_its_account_roles_and_app),
        SENTENCE(refuses_an_api_key_that_is_nonsense),
        SENTENCE(refuses_an_api_key_for_an_app_of_another_account),
        SENTENCE(a_key_of_one_app_makes_sees_and_revokes_only_keys_of_it),
        SENTENCE(a_revoked_key_is_refused_at_once_and_after_a_restart),
        SENTENCE(a_revocation_whose_commit_failed_leaves_the_key_good),
        SENTENCE(keeps_the_last_admin_key_of_root),
        SENTENCE(the_keys_of_an_app_go_with_it),
        SENTENCE(reads_the_roles_of_both_vocabularies_and_writes_ours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
