/* See registry_world.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/server/registry_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void
make_registry(struct registry_world *w)
{
    uint8_t key[32];
    memset(key, 'k', sizeof key);
    assert_int_equal(csn_registry_create(key, &w->registry), CSN_OK);
}

struct csn_bytes
rw_text(const char *text)
{
    return csn_bytes_text(text);
}

void
rw_begin(struct registry_world *w)
{
    w->arena.used = 0;
    struct csn_scope scope = w->m.scope;
    w->m = (struct csn_management){
        .registry = w->registry,
        .store = w->store,
        .random = &w->random,
        .arena = &w->arena,
        .scope = scope,
    };
    assert_int_equal(csn_store_begin(w->store), CSN_OK);
    assert_int_equal(csn_store_savepoint(w->store), CSN_OK);
}

enum csn_status
rw_end(struct registry_world *w, enum csn_status status)
{
    if (status == CSN_OK)
        assert_int_equal(csn_store_release(w->store), CSN_OK);
    else
        assert_int_equal(csn_store_undo(w->store), CSN_OK);
    assert_int_equal(csn_store_commit(w->store), CSN_OK);
    csn_change_settle(&w->m.change, status);
    return status;
}

enum csn_status
rw_fail(struct registry_world *w, enum csn_status status)
{
    csn_store_rollback(w->store);
    csn_change_settle(&w->m.change, CSN_UNAVAILABLE);
    return status;
}

void
rw_open(struct registry_world *w)
{
    *w = (struct registry_world){.now_ms = RW_NOW};
    w->random = csn_random_seeded(&w->seeded, 11);
    w->memory = malloc(RW_ARENA);
    assert_non_null(w->memory);
    w->arena = csn_arena_over(w->memory, RW_ARENA);
    assert_int_equal(csn_store_open(":memory:", &w->store), CSN_OK);
    make_registry(w);
    bool created = false;
    assert_int_equal(RW(w, csn_management_first_start(&w->m, &created, &w->root_key, w->now_ms)),
                     CSN_OK);
    assert_true(created);
    w->root = w->m.scope.account;
}

void
rw_close(struct registry_world *w)
{
    csn_registry_free(w->registry);
    csn_store_close(w->store);
    free(w->memory);
}

int
rw_setup(void **state)
{
    static struct registry_world world;
    rw_open(&world);
    *state = &world;
    return 0;
}

int
rw_teardown(void **state)
{
    rw_close(*state);
    return 0;
}

void
rw_restart(struct registry_world *w)
{
    csn_registry_free(w->registry);
    make_registry(w);
    struct csn_id app;
    const char *wrong = NULL;
    rw_begin(w);
    assert_int_equal(rw_end(w, csn_registry_load(w->registry, w->store, &app, &wrong)), CSN_OK);
}

struct csn_scope
rw_other_account(struct registry_world *w)
{
    struct csn_account_info info;
    struct csn_scope before = w->m.scope;
    w->m.scope = (struct csn_scope){.account = w->root, .root = true};
    assert_int_equal(
        RW(w, csn_management_account_create(&w->m, rw_text("other"), &info, w->now_ms)), CSN_OK);
    w->m.scope = before;
    return (struct csn_scope){.account = info.id};
}

struct csn_id
rw_app(struct registry_world *w, const char *preset)
{
    struct csn_app_request with = {
        .name = rw_text("shop"),
        .preset = preset != NULL ? rw_text(preset) : (struct csn_bytes){0},
        .policy = preset != NULL ? (struct csn_bytes){0}
                                 : rw_text("{\"algorithms\":[\"HS256\"],\"identity\":[\"sub\"]}"),
    };
    struct csn_app_info info;
    enum csn_status status = RW(w, csn_management_app_create(&w->m, &with, &info, w->now_ms));
    if (status != CSN_OK)
        fail_msg("%s: %s", w->m.refusal.field, w->m.refusal.detail);
    return info.id;
}

struct csn_id
rw_secret(struct registry_world *w, struct csn_id app, const char *text)
{
    struct csn_key_request with = {
        .source = CSN_SOURCE_SECRET, .algorithm = CSN_HS256, .text = rw_text(text)};
    struct csn_key_made made;
    enum csn_status status = RW(w, csn_management_key_create(&w->m, app, &with, &made, w->now_ms));
    if (status != CSN_OK)
        fail_msg("%s: %s", w->m.refusal.field, w->m.refusal.detail);
    return made.info.id;
}

enum csn_reason
rw_judge(struct registry_world *w, struct csn_id id, struct csn_bytes token)
{
    static struct csn_workspace workspace;
    const struct csn_app *app = csn_registry_app(w->registry, csn_id_view(&id));
    if (app == NULL)
        return CSN_REASON_APP_UNKNOWN;
    struct csn_presentation presented = {.token = token};
    struct csn_verdict verdict;
    csn_judge(&app->policy, &app->keys, &presented, &workspace, &verdict, w->now_ms);
    csn_app_release(app);
    return verdict.reason;
}

struct csn_bytes
rw_token(const char *secret, const char *kid, struct csn_buffer *out)
{
    char payload[128];
    snprintf(payload, sizeof payload, "{\"sub\":\"ada\",\"iat\":%lld,\"exp\":%lld}", RW_NOW / 1000,
             RW_NOW / 1000 + 300);
    struct csn_key_report report;
    struct csn_signer *signer = NULL;
    assert_int_equal(csn_signer_from_secret(CSN_HS256, rw_text(secret), &signer, &report), CSN_OK);
    struct csn_mint_request request = {
        .signer = signer,
        .kid = kid != NULL ? rw_text(kid) : (struct csn_bytes){0},
        .type = rw_text("JWT"),
        .payload = rw_text(payload),
    };
    out->len = 0;
    assert_int_equal(csn_mint(&request, out), CSN_OK);
    csn_signer_free(signer);
    return csn_buffer_view(out);
}

enum csn_status
rw_key_make(struct registry_world *w, struct csn_id app, const struct csn_key_request *with,
            struct csn_key_made *made)
{
    return RW(w, csn_management_key_create(&w->m, app, with, made, w->now_ms));
}

enum csn_status
rw_key_move(struct registry_world *w, struct csn_id app, struct csn_id key, enum csn_key_state to,
            bool force)
{
    struct csn_key_info info;
    return RW(w, csn_management_key_state(&w->m, app, key, to, force, &info, w->now_ms));
}

struct csn_key_info
rw_key_look(struct registry_world *w, struct csn_id app, struct csn_id key)
{
    struct csn_key_info info;
    assert_int_equal(RW(w, csn_management_key_get(&w->m, app, key, &info, w->now_ms)), CSN_OK);
    return info;
}
