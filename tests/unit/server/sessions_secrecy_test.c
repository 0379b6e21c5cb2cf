/* A copied database gives nothing away: no identity, nonce, logout secret, push address or key is
 * in its files, nothing known of a customer or said by the app, and a row moved to another app or
 * customer does not open.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "server/domain/broadcasts.h"
#include "server/domain/experiences.h"
#include "server/domain/profile.h"
#include "tests/unit/server/session_world.h"

#define IDENTITY "alice.liddell@wonderland.example"
#define ADDRESS "https://push.example/secret-endpoint"

static bool
file_holds(const struct world *w, const char *name, const void *needle, size_t len)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", w->directory, name);
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return false;
    }
    static uint8_t content[8 << 20];
    size_t size = fread(content, 1, sizeof content, file);
    fclose(file);
    assert_true(size < sizeof content);
    for (size_t i = 0; i + len <= size; i++) {
        if (memcmp(content + i, needle, len) == 0) {
            return true;
        }
    }
    return false;
}

static bool
files_hold(const struct world *w, const void *needle, size_t len)
{
    return file_holds(w, "countersign.db", needle, len) ||
           file_holds(w, "countersign.db-wal", needle, len);
}

static enum csn_status
set_push(void *state, struct csn_store *store)
{
    struct world *w = ((void **)state)[0];
    struct csn_session_outcome *session = ((void **)state)[1];
    struct csn_push_address address = address_of(ADDRESS);
    return csn_device_set_push(w->sessions, store, w->app.id, session->claims.customer,
                               text("phone"), &address);
}

static void
no_secret_stands_in_the_files(void **state)
{
    (void)state;
    struct world w;
    world_open_directory(&w);
    struct csn_challenge_outcome challenge = world_challenge(&w, "phone");
    struct csn_login in = login_of(&w, "phone", IDENTITY);
    in.token = token_named(&w, "a token", challenge.nonce);
    struct csn_session_outcome out = world_login(&w, &in);
    void *pair[] = {&w, &out};
    assert_ok(world_run(w.store, set_push, pair));
    for (int checkpointed = 0; checkpointed < 2; checkpointed++) {
        assert_true(files_hold(&w, out.claims.session.text, CSN_ID_LENGTH)); /* it does look */
        assert_false(files_hold(&w, IDENTITY, strlen(IDENTITY)));
        assert_false(files_hold(&w, "wonderland", 10));
        assert_false(files_hold(&w, ADDRESS, strlen(ADDRESS)));
        assert_false(files_hold(&w, "secret-endpoint", 15));
        assert_false(files_hold(&w, challenge.nonce, CSN_NONCE_LENGTH));
        assert_false(files_hold(&w, out.logout_secret, CSN_LOGOUT_SECRET_LENGTH));
        assert_false(files_hold(&w, out.vault_key, sizeof out.vault_key));
        assert_false(files_hold(&w, "mmmmmmmmmmmmmmmm", 16)); /* the master key of the test */
        world_reopen(&w);
    }
    world_close(&w);
}

#define PLACE "wallaby-street-42"
#define EMAIL "alice.l@wonderland.example"
#define WORDS "what-the-app-says"

/* A profile, an experience and a broadcast, each with something of its own to hide. */
static enum csn_status
write_about(void *state, struct csn_store *store)
{
    static uint8_t memory[1 << 17];
    struct world *w = ((void **)state)[0];
    struct csn_session_outcome *session = ((void **)state)[1];
    struct csn_arena arena = csn_arena_over(memory, sizeof memory);
    const struct csn_json_node *patch = NULL, *rule = NULL;
    struct csn_profile profile;
    struct csn_broadcast_info info;
    assert_ok(
        csn_json_parse(text("{\"email\":\"" EMAIL "\",\"properties\":{\"street\":\"" PLACE "\"}}"),
                       &arena, &patch));
    assert_ok(
        csn_json_parse(text("{\"property\":\"street\",\"is\":\"" PLACE "\"}"), &arena, &rule));
    struct csn_experience experience = {.name = text(WORDS),
                                        .content = text("{\"t\":\"" WORDS "\"}"),
                                        .rule = rule,
                                        .frequency = CSN_FREQUENCY_ONCE};
    struct csn_broadcast_new broadcast = {
        .app = w->app.id, .kind = CSN_ITEM_PUSH, .body = text("{\"t\":\"" WORDS "\"}")};
    struct csn_id customer = session->claims.customer;
    enum csn_status status =
        csn_profile_get(w->sessions, store, w->app.id, customer, &arena, &profile);
    if (status == CSN_OK)
        status = csn_profile_patch(w->sessions, store, w->app.id, customer, patch, &arena, &profile,
                                   w->now_ms);
    if (status == CSN_OK)
        status = csn_experience_create(w->sessions, store, w->app.id, &experience, w->now_ms);
    if (status == CSN_OK)
        status = csn_broadcast_create(w->sessions, store, &broadcast, &info, w->now_ms);
    return status;
}

static void
nothing_of_a_customer_or_of_the_app_stands_in_the_files(void **state)
{
    (void)state;
    struct world w;
    world_open_directory(&w);
    world_execute(&w, "INSERT INTO accounts VALUES ('01JACC0NTACC0NTACC0NTACC0N', 'a', 1, 0); "
                      "INSERT INTO apps (id, account, name, policy, policy_version, enforcement, "
                      "enforcement_version, origins, suspended, test_mode_until, retention_days, "
                      "created, generation) VALUES ('01JAPPAPPAPPAPPAPPAPPAPPAP', "
                      "'01JACC0NTACC0NTACC0NTACC0N', 'n', '', 1, '', 1, '', 0, 0, 0, 0, 1)");
    struct csn_session_outcome out = world_login_as(&w, "phone", IDENTITY);
    void *pair[] = {&w, &out};
    assert_ok(world_run(w.store, write_about, pair));
    for (int checkpointed = 0; checkpointed < 2; checkpointed++) {
        assert_true(files_hold(&w, out.claims.customer.text, CSN_ID_LENGTH)); /* it does look */
        assert_false(files_hold(&w, PLACE, strlen(PLACE)));
        assert_false(files_hold(&w, "street", 6));
        assert_false(files_hold(&w, EMAIL, strlen(EMAIL)));
        assert_false(files_hold(&w, WORDS, strlen(WORDS)));
        world_reopen(&w);
    }
    world_close(&w);
}

static enum csn_status
list(void *state, struct csn_store *store)
{
    struct world *w = state;
    struct csn_customer_info found[4];
    size_t count = 0;
    return csn_customer_list(w->sessions, store, w->app.id, (struct csn_id){0}, found, 4, &count);
}

static void
an_identity_moved_to_another_customer_does_not_open(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    world_login_as(&w, "phone", "alice");
    world_login_as(&w, "tablet", "bob");
    assert_ok(world_run(w.store, list, &w));
    world_execute(&w, "UPDATE customers SET identity_sealed = (SELECT max(identity_sealed) FROM "
                      "customers)");
    assert_int_equal(CSN_CRYPTO, world_run(w.store, list, &w));
    world_close(&w);
}

static void
a_data_key_moved_to_another_customer_does_not_open(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    world_login_as(&w, "phone", "alice");
    world_login_as(&w, "tablet", "bob");
    world_execute(
        &w, "UPDATE customers SET key_sealed = (SELECT max(key_sealed) FROM customers), "
            "identity_sealed = (SELECT identity_sealed FROM customers ORDER BY key_sealed DESC "
            "LIMIT 1)");
    assert_int_equal(CSN_CRYPTO, world_run(w.store, list, &w));
    world_close(&w);
}

static void
a_customer_moved_to_another_app_does_not_open(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    world_login_as(&w, "phone", "alice");
    world_execute(&w, "PRAGMA foreign_keys = OFF; UPDATE customers SET app = "
                      "'01JANTHERANTHERANTHERANTHE'");
    w.app = w.other_app;
    assert_int_equal(CSN_CRYPTO, world_run(w.store, list, &w));
    world_close(&w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_secret_stands_in_the_files),
        cmocka_unit_test(nothing_of_a_customer_or_of_the_app_stands_in_the_files),
        cmocka_unit_test(an_identity_moved_to_another_customer_does_not_open),
        cmocka_unit_test(a_data_key_moved_to_another_customer_does_not_open),
        cmocka_unit_test(a_customer_moved_to_another_app_does_not_open),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
