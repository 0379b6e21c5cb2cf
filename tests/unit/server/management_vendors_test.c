/* Kustomer's secret and Appcues' SDK keys, and what a diagnosis is given to try.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "server/domain/management_vendors.h"
#include "tests/unit/server/registry_world.h"

#define SECRET "an honest secret of thirty-two b"

/* --- Kustomer --- */

static enum csn_status
secret_of(struct registry_world *w, struct csn_id *app, char out[128])
{
    struct csn_bytes secret;
    enum csn_status status = RW(w, csn_management_kustomer_secret(&w->m, app, &secret, w->now_ms));
    snprintf(out, 128, "%.*s", (int)secret.len, secret.ptr != NULL ? (const char *)secret.ptr : "");
    return status;
}

static void
makes_the_secret_at_the_first_call_and_returns_it_ever_after(void **state)
{
    struct registry_world *w = *state;
    char first[128], again[128];
    struct csn_id app, at;
    uint8_t memory[1024];
    struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
    rw_app(w, NULL);
    app = rw_app(w, "kustomer");
    assert_int_equal(secret_of(w, &at, first), CSN_OK);
    assert_true(csn_id_equal(&at, &app));
    assert_true(strlen(first) >= 43);
    assert_int_equal(secret_of(w, &at, again), CSN_OK);
    assert_string_equal(first, again);
    rw_restart(w);
    assert_int_equal(secret_of(w, &at, again), CSN_OK);
    assert_string_equal(first, again);
    const struct csn_key_info *list;
    size_t count = 0;
    assert_int_equal(RW(w, csn_management_key_list(&w->m, app, &list, &count, w->now_ms)), CSN_OK);
    assert_int_equal(count, 1);
    /* It is what a backend signs with, used as the text it is. */
    assert_int_not_equal(rw_judge(w, app, rw_token(first, NULL, &out)),
                         CSN_REASON_SIGNATURE_INVALID);
}

static void
a_lost_first_call_leaves_no_secret_behind(void **state)
{
    struct registry_world *w = *state;
    struct csn_id app = rw_app(w, "kustomer");
    struct csn_id at;
    struct csn_bytes secret;
    assert_int_equal(RW_LOST(w, csn_management_kustomer_secret(&w->m, &at, &secret, w->now_ms)),
                     CSN_OK);
    const struct csn_key_info *list;
    size_t count = 7;
    assert_int_equal(RW(w, csn_management_key_list(&w->m, app, &list, &count, w->now_ms)), CSN_OK);
    assert_int_equal(count, 0);
}

static void
the_secret_is_an_active_key_and_never_a_retired_or_decoded_one(void **state)
{
    struct registry_world *w = *state;
    struct csn_id app = rw_app(w, "kustomer");
    struct csn_key_made made;
    struct csn_key_request hex = {.source = CSN_SOURCE_SECRET,
                                  .algorithm = CSN_HS256,
                                  .encoding = CSN_ENCODING_HEX,
                                  .text = rw_text("000102030405060708090a0b0c0d0e0f10111213")};
    assert_int_equal(RW(w, csn_management_key_create(&w->m, app, &hex, &made, w->now_ms)), CSN_OK);
    struct csn_id old = rw_secret(w, app, SECRET);
    char secret[128];
    struct csn_id at;
    assert_int_equal(secret_of(w, &at, secret), CSN_OK);
    assert_string_equal(secret, SECRET);
    struct csn_key_info info;
    assert_int_equal(
        RW(w, csn_management_key_state(&w->m, app, old, CSN_KEY_RETIRING, true, &info, w->now_ms)),
        CSN_OK);
    assert_int_equal(secret_of(w, &at, secret), CSN_OK);
    assert_string_not_equal(secret, SECRET);
}

static void
the_app_is_the_keys_own_else_the_oldest_kustomer_one(void **state)
{
    struct registry_world *w = *state;
    char secret[128];
    struct csn_id at;
    assert_int_equal(secret_of(w, &at, secret), CSN_NOT_FOUND);
    struct csn_id first = rw_app(w, "kustomer");
    assert_int_equal(secret_of(w, &at, secret), CSN_OK);
    assert_true(csn_id_equal(&at, &first));
    w->now_ms++;
    struct csn_id second = rw_app(w, "kustomer");
    assert_int_equal(secret_of(w, &at, secret), CSN_OK);
    assert_true(csn_id_equal(&at, &first));
    w->m.scope.app = second;
    assert_int_equal(secret_of(w, &at, secret), CSN_OK);
    assert_true(csn_id_equal(&at, &second));
    w->m.scope = rw_other_account(w);
    assert_int_equal(secret_of(w, &at, secret), CSN_NOT_FOUND);
    w->m.scope.app = first; /* of another account, whatever the scope says */
    assert_int_equal(secret_of(w, &at, secret), CSN_NOT_FOUND);
}

static void
no_other_presets_secret_is_given_out_and_no_key_is_made(void **state)
{
    struct registry_world *w = *state;
    char secret[128];
    struct csn_id at;
    static const char *const others[] = {NULL, "appcues", "dotdigital", "alchemer", "generic"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        w->m.scope.app = (struct csn_id){0};
        struct csn_id app = rw_app(w, others[i]);
        rw_secret(w, app, SECRET);
        assert_int_equal(secret_of(w, &at, secret),
                         CSN_NOT_FOUND); /* the account's only one, or not */
        w->m.scope.app = app;
        assert_int_equal(secret_of(w, &at, secret), CSN_NOT_FOUND);
        assert_string_equal(secret, "");
        const struct csn_key_info *list;
        size_t count = 0;
        assert_int_equal(RW(w, csn_management_key_list(&w->m, app, &list, &count, w->now_ms)),
                         CSN_OK);
        assert_int_equal(count, 1);
    }
}

/* --- Appcues --- */

static struct csn_id
appcues_app(struct registry_world *w, const char *issuer)
{
    char policy[64];
    snprintf(policy, sizeof policy, "{\"issuer\":\"%s\"}", issuer);
    struct csn_app_request with = {
        .name = rw_text("a"), .preset = rw_text("appcues"), .policy = rw_text(policy)};
    struct csn_app_info info;
    assert_int_equal(RW(w, csn_management_app_create(&w->m, &with, &info, w->now_ms)), CSN_OK);
    return info.id;
}

static void
an_account_id_of_appcues_is_an_app_an_issuer_or_the_account(void **state)
{
    struct registry_world *w = *state;
    struct csn_id at;
    struct csn_id app = appcues_app(w, "12345");
    w->now_ms++;
    struct csn_id plain = rw_app(w, NULL);
    const struct {
        struct csn_bytes id;
        const struct csn_id *due;
    } cases[] = {
        {csn_id_view(&plain), &plain}, {rw_text("12345"), &app}, {csn_id_view(&w->root), &app},
        {rw_text("1234"), NULL},       {rw_text(""), NULL},      {{0}, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(RW(w, csn_management_appcues_app(&w->m, cases[i].id, &at)),
                         cases[i].due != NULL ? CSN_OK : CSN_NOT_FOUND);
        if (cases[i].due != NULL)
            assert_true(csn_id_equal(&at, cases[i].due));
    }
    struct csn_id root = w->root;
    w->m.scope = rw_other_account(w);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(RW(w, csn_management_appcues_app(&w->m, cases[i].id, &at)), CSN_NOT_FOUND);
    assert_int_equal(RW(w, csn_management_appcues_app(&w->m, csn_id_view(&root), &at)),
                     CSN_NOT_FOUND);
}

static void
an_api_key_of_one_app_means_that_app_whoever_else_has_its_issuer(void **state)
{
    struct registry_world *w = *state;
    struct csn_id at, apps[3];
    static const char *const issuers[] = {"12345", "12345", "6"};
    for (size_t i = 0; i < 3; i++, w->now_ms++)
        apps[i] = appcues_app(w, issuers[i]);
    for (size_t i = 0; i < 2; i++) {
        w->m.scope.app = apps[i];
        assert_int_equal(RW(w, csn_management_appcues_app(&w->m, rw_text("12345"), &at)), CSN_OK);
        assert_true(csn_id_equal(&at, &apps[i]));
        assert_int_equal(RW(w, csn_management_appcues_app(&w->m, csn_id_view(&apps[2]), &at)),
                         CSN_NOT_FOUND);
    }
    w->m.scope.app = apps[2];
    assert_int_equal(RW(w, csn_management_appcues_app(&w->m, rw_text("12345"), &at)),
                     CSN_NOT_FOUND);
    assert_true(csn_id_is_none(&at));
    assert_int_equal(RW(w, csn_management_appcues_app(&w->m, csn_id_view(&w->root), &at)), CSN_OK);
    assert_true(csn_id_equal(&at, &apps[2]));
}

static void
an_issuer_of_two_apps_means_neither_to_a_key_of_the_account(void **state)
{
    struct registry_world *w = *state;
    struct csn_id at;
    struct csn_id first = appcues_app(w, "12345");
    w->now_ms++;
    appcues_app(w, "12345");
    assert_int_equal(RW(w, csn_management_appcues_app(&w->m, rw_text("12345"), &at)), CSN_CONFLICT);
    assert_true(csn_id_is_none(&at));
    assert_true(w->m.refusal.detail[0] != '\0');
    assert_int_equal(RW(w, csn_management_appcues_app(&w->m, csn_id_view(&first), &at)), CSN_OK);
    assert_true(csn_id_equal(&at, &first));
}

static void
an_sdk_key_is_deleted_by_id_or_kid_whatever_its_state(void **state)
{
    struct registry_world *w = *state;
    struct csn_id app = appcues_app(w, "12345");
    uint8_t memory[1024];
    struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
    struct csn_id key = rw_secret(w, app, SECRET);
    struct csn_key_made made;
    struct csn_key_request with = {.source = CSN_SOURCE_GENERATED,
                                   .algorithm = CSN_HS256,
                                   .has_kid = true,
                                   .kid = rw_text("web")};
    assert_int_equal(RW(w, csn_management_key_create(&w->m, app, &with, &made, w->now_ms)), CSN_OK);
    assert_int_equal(RW(w, csn_management_sdk_key_delete(&w->m, app, rw_text("app"))),
                     CSN_NOT_FOUND);
    assert_int_equal(RW(w, csn_management_sdk_key_delete(&w->m, app, rw_text("web"))), CSN_OK);
    assert_int_equal(RW(w, csn_management_sdk_key_delete(&w->m, app, csn_id_view(&key))), CSN_OK);
    assert_int_equal(rw_judge(w, app, rw_token(SECRET, NULL, &out)), CSN_REASON_NO_KEY);
    w->m.scope = rw_other_account(w);
    assert_int_equal(RW(w, csn_management_sdk_key_delete(&w->m, app, csn_id_view(&key))),
                     CSN_NOT_FOUND);
}

/* --- diagnosis --- */

static void
a_diagnosis_gets_own_keys_then_those_of_other_apps_then_api_names(void **state)
{
    struct registry_world *w = *state;
    struct csn_id app = rw_app(w, NULL);
    struct csn_key_made made;
    struct csn_key_request hex = {.source = CSN_SOURCE_SECRET,
                                  .algorithm = CSN_HS256,
                                  .encoding = CSN_ENCODING_HEX,
                                  .text = rw_text("000102030405060708090a0b0c0d0e0f10111213")};
    rw_secret(w, app, SECRET);
    assert_int_equal(RW(w, csn_management_key_create(&w->m, app, &hex, &made, w->now_ms)), CSN_OK);
    struct csn_key_request pair = {.source = CSN_SOURCE_GENERATED, .algorithm = CSN_ES256};
    assert_int_equal(RW(w, csn_management_key_create(&w->m, app, &pair, &made, w->now_ms)), CSN_OK);
    struct csn_id other = appcues_app(w, "12345");
    rw_secret(w, other, "the other app's secret, long enough");
    struct csn_scope theirs = rw_other_account(w);
    struct csn_scope ours = w->m.scope;
    w->m.scope = theirs;
    rw_secret(w, rw_app(w, NULL), "a stranger's secret, long enough too");
    w->m.scope = ours;

    struct csn_diagnosis_material material;
    assert_int_equal(RW(w, csn_management_diagnosis_load(&w->m, app, &material)), CSN_OK);
    assert_int_equal(material.key_count, 5);
    const struct csn_diagnosis_key *k = material.keys;
    assert_true(csn_bytes_equal_text(k[0].secret, SECRET));
    assert_null(k[0].secret_text.ptr); /* it is the secret itself */
    assert_non_null(k[0].key.verifier);
    assert_int_equal(k[1].secret.len, 20);
    assert_true(csn_bytes_equal(k[1].secret_text, hex.text));
    assert_null(k[2].secret.ptr);
    assert_true(csn_bytes_starts_with(k[2].public_pem, rw_text("-----BEGIN")));
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(k[i].origin, CSN_ORIGIN_OWN);
    assert_int_equal(k[3].origin, CSN_ORIGIN_OTHER_APP);
    assert_true(csn_bytes_equal_text(k[3].label, "a"));
    assert_int_equal(k[4].origin, CSN_ORIGIN_API_CREDENTIAL);
    assert_true(csn_bytes_equal_text(k[4].secret, w->root_key.info.key));
    assert_int_equal(material.other_count, 1);
    assert_true(csn_bytes_equal_text(material.others[0].issuer, "12345"));
    csn_management_diagnosis_release(&material);

    w->m.scope.app = app; /* a key of one app learns nothing of the others */
    assert_int_equal(RW(w, csn_management_diagnosis_load(&w->m, app, &material)), CSN_OK);
    assert_int_equal(material.key_count, 3);
    assert_int_equal(material.other_count, 0);
    csn_management_diagnosis_release(&material);
}

int
main(void)
{
#define SENTENCE(name) cmocka_unit_test_setup_teardown(name, rw_setup, rw_teardown)
    const struct CMUnitTest tests[] = {
        SENTENCE(makes_the_secret_at_the_first_call_and_returns_it_ever_after),
        SENTENCE(a_lost_first_call_leaves_no_secret_behind),
        SENTENCE(the_secret_is_an_active_key_and_never_a_retired_or_decoded_one),
        SENTENCE(the_app_is_the_keys_own_else_the_oldest_kustomer_one),
        SENTENCE(no_other_presets_secret_is_given_out_and_no_key_is_made),
        SENTENCE(an_account_id_of_appcues_is_an_app_an_issuer_or_the_account),
        SENTENCE(an_api_key_of_one_app_means_that_app_whoever_else_has_its_issuer),
        SENTENCE(an_issuer_of_two_apps_means_neither_to_a_key_of_the_account),
        SENTENCE(an_sdk_key_is_deleted_by_id_or_kid_whatever_its_state),
        SENTENCE(a_diagnosis_gets_own_keys_then_those_of_other_apps_then_api_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
