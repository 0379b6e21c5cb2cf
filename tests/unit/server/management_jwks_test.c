/* Fetched keys: what naming an address and what a document changes.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/server/registry_world.h"

#define URL "https://user:hunter2hunter2@keys.example/jwks"

/* One public key with a kid, as JWK and with the PEM to sign by. */
struct pair {
    uint8_t memory[3][4096];
    struct csn_buffer private_pem, pem, jwk;
};

static void
make_pair(struct pair *p, enum csn_algorithm algorithm, const char *kid)
{
    p->private_pem = csn_buffer_over(p->memory[0], sizeof p->memory[0]);
    p->pem = csn_buffer_over(p->memory[1], sizeof p->memory[1]);
    p->jwk = csn_buffer_over(p->memory[2], sizeof p->memory[2]);
    assert_int_equal(
        csn_key_generate(algorithm, 0, rw_text(kid), &p->private_pem, &p->pem, &p->jwk), CSN_OK);
}

static struct csn_bytes
set_of(struct csn_buffer *out, const struct pair *const *pairs, size_t count)
{
    out->len = 0;
    csn_buffer_text(out, "{\"keys\":[");
    for (size_t i = 0; i < count; i++) {
        csn_buffer_text(out, i > 0 ? "," : "");
        csn_buffer_append(out, csn_buffer_view(&pairs[i]->jwk));
    }
    csn_buffer_text(out, "]}");
    assert_false(out->overflowed);
    return csn_buffer_view(out);
}

static struct csn_id
app_with_url(struct registry_world *w)
{
    struct csn_id app = rw_app(w, "moengage");
    assert_int_equal(
        RW(w, csn_management_jwks_set(&w->m, app, rw_text(URL), CSN_ALGORITHM_UNSET, w->now_ms)),
        CSN_OK);
    return app;
}

static struct csn_jwks_outcome
apply(struct registry_world *w, struct csn_id app, struct csn_bytes document)
{
    struct csn_jwks_fetched fetched = {
        .app = app, .url = rw_text(URL), .document = document, .error = "It rained."};
    struct csn_jwks_outcome outcome;
    assert_int_equal(RW(w, csn_management_jwks_apply(&w->m, &fetched, &outcome, w->now_ms)),
                     CSN_OK);
    return outcome;
}

static size_t
keys_in_memory(struct registry_world *w, struct csn_id id)
{
    const struct csn_app *app = csn_registry_app(w->registry, csn_id_view(&id));
    size_t count = app->keys.count;
    csn_app_release(app);
    return count;
}

static void
an_address_is_due_at_once_and_shown_to_its_owner(void **state)
{
    struct registry_world *w = *state;
    struct csn_id app = app_with_url(w);
    struct csn_app_info info;
    assert_int_equal(RW(w, csn_management_app_get(&w->m, app, &info)), CSN_OK);
    assert_true(csn_bytes_equal_text(info.jwks_url, "https://user:***@keys.example/jwks"));
    assert_int_equal(info.jwks_fetched_ms, 0);
    struct csn_id due[4];
    size_t count = 0;
    int64_t next = 0;
    assert_int_equal(RW(w, csn_management_jwks_due(w->store, due, 4, &count, &next, w->now_ms)),
                     CSN_OK);
    assert_int_equal(count, 1);
    assert_true(csn_id_equal(&due[0], &app));
    const struct csn_app *compiled = csn_registry_app(w->registry, csn_id_view(&app));
    assert_true(compiled->has_jwks);
    csn_app_release(compiled);
    assert_int_equal(RW(w, csn_management_jwks_set(&w->m, app, rw_text("http://keys.example/"),
                                                   CSN_ALGORITHM_UNSET, w->now_ms)),
                     CSN_INVALID);
    assert_string_equal(w->m.refusal.field, "url");
}

static void
keys_come_stay_and_go_with_the_document(void **state)
{
    struct registry_world *w = *state;
    struct csn_id app = app_with_url(w);
    static struct pair a, b, c;
    make_pair(&a, CSN_ES256, "a");
    make_pair(&b, CSN_EDDSA, "b");
    make_pair(&c, CSN_ES384, "c");
    static uint8_t memory[16384];
    struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
    struct csn_jwks_outcome outcome =
        apply(w, app, set_of(&out, (const struct pair *[]){&a, &b}, 2));
    assert_true(outcome.good);
    assert_int_equal(outcome.added, 2);
    assert_int_equal(keys_in_memory(w, app), 2);
    const struct csn_key_info *list;
    size_t count = 0;
    assert_int_equal(RW(w, csn_management_key_list(&w->m, app, &list, &count, w->now_ms)), CSN_OK);
    assert_int_equal(list[0].source, CSN_SOURCE_JWKS_URL);
    assert_int_equal(list[0].state, CSN_KEY_ACTIVE);
    int64_t number_of_b = list[1].number;
    struct csn_id id_of_b = list[1].id;
    struct csn_key_info info;
    assert_int_equal(RW(w, csn_management_key_state(&w->m, app, id_of_b, CSN_KEY_RETIRING, true,
                                                    &info, w->now_ms)),
                     CSN_OK);
    outcome = apply(w, app, set_of(&out, (const struct pair *[]){&c, &b}, 2));
    assert_int_equal(outcome.added, 1);
    assert_int_equal(outcome.removed, 1);
    assert_int_equal(outcome.kept, 1);
    assert_int_equal(RW(w, csn_management_key_list(&w->m, app, &list, &count, w->now_ms)), CSN_OK);
    assert_int_equal(count, 2);
    assert_int_equal(list[0].number, number_of_b); /* the same key, in the state it was put into */
    assert_int_equal(list[0].state, CSN_KEY_RETIRING);
    assert_true(csn_bytes_equal_text(list[1].kid, "c"));
    assert_int_equal(RW(w, csn_management_key_delete(&w->m, app, id_of_b, true)), CSN_CONFLICT);
    rw_restart(w);
    assert_int_equal(keys_in_memory(w, app), 2);
}

static void
the_same_document_again_changes_nothing(void **state)
{
    struct registry_world *w = *state;
    struct csn_id id = app_with_url(w);
    static struct pair a;
    make_pair(&a, CSN_ES256, "a");
    static uint8_t memory[8192];
    struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
    struct csn_bytes document = set_of(&out, (const struct pair *[]){&a}, 1);
    apply(w, id, document);
    const struct csn_app *before = csn_registry_app(w->registry, csn_id_view(&id));
    struct csn_jwks_outcome outcome = apply(w, id, document);
    assert_int_equal(outcome.kept, 1);
    assert_int_equal(outcome.added + outcome.removed, 0);
    const struct csn_app *after = csn_registry_app(w->registry, csn_id_view(&id));
    assert_ptr_equal(before, after); /* cached tokens stay cached */
    csn_app_release(before);
    csn_app_release(after);
}

static void
a_kid_passes_from_a_vanished_key_to_a_new_one(void **state)
{
    struct registry_world *w = *state;
    struct csn_id app = app_with_url(w);
    static struct pair old, new;
    make_pair(&old, CSN_ES256, "current");
    make_pair(&new, CSN_ES256, "current");
    static uint8_t memory[8192];
    struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
    apply(w, app, set_of(&out, (const struct pair *[]){&old}, 1));
    struct csn_jwks_outcome outcome = apply(w, app, set_of(&out, (const struct pair *[]){&new}, 1));
    assert_int_equal(outcome.added, 1);
    assert_int_equal(outcome.removed, 1);
    assert_int_equal(keys_in_memory(w, app), 1);
}

static void
a_bad_document_leaves_the_last_good_keys(void **state)
{
    struct registry_world *w = *state;
    struct csn_id app = app_with_url(w);
    static struct pair a;
    make_pair(&a, CSN_ES256, "a");
    static uint8_t memory[8192];
    struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
    apply(w, app, set_of(&out, (const struct pair *[]){&a}, 1));
    const char *bad[] = {"",
                         "{",
                         "[]",
                         "{}",
                         "{\"keys\":[]}",
                         "{\"keys\":{}}",
                         "<html>",
                         ("{\"keys\":[{\"kty\":\"oct\",\"alg\":\"HS256\","
                          "\"k\":\"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\"}]}"),
                         "{\"keys\":[{\"kty\":\"unheard-of\"}]}"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct csn_jwks_outcome outcome = apply(w, app, rw_text(bad[i]));
        if (outcome.good)
            fail_msg("took %s", bad[i]);
        assert_true(outcome.error[0] != '\0');
        assert_int_equal(keys_in_memory(w, app), 1);
    }
    /* and one whose two keys have one kid */
    static struct pair b;
    make_pair(&b, CSN_ES256, "a");
    assert_false(apply(w, app, set_of(&out, (const struct pair *[]){&a, &b}, 2)).good);
    struct csn_app_info info;
    assert_int_equal(RW(w, csn_management_app_get(&w->m, app, &info)), CSN_OK);
    assert_int_equal(info.jwks_fetched_ms, w->now_ms);
    assert_true(info.jwks_error.len > 0);
    apply(w, app, set_of(&out, (const struct pair *[]){&a}, 1));
    assert_int_equal(RW(w, csn_management_app_get(&w->m, app, &info)), CSN_OK);
    assert_int_equal(info.jwks_error.len, 0);
}

static void
a_key_made_by_hand_is_never_replaced(void **state)
{
    struct registry_world *w = *state;
    struct csn_id app = app_with_url(w);
    static struct pair by_hand, same_kid, fresh;
    make_pair(&by_hand, CSN_ES256, "mine");
    make_pair(&same_kid, CSN_ES256, "mine");
    make_pair(&fresh, CSN_ES256, "fresh");
    struct csn_key_made made;
    struct csn_key_request with = {.source = CSN_SOURCE_JWK, .text = csn_buffer_view(&by_hand.jwk)};
    assert_int_equal(RW(w, csn_management_key_create(&w->m, app, &with, &made, w->now_ms)), CSN_OK);
    static uint8_t memory[8192];
    struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
    struct csn_jwks_outcome outcome =
        apply(w, app, set_of(&out, (const struct pair *[]){&same_kid, &fresh}, 2));
    assert_int_equal(outcome.added, 1);
    assert_int_equal(outcome.passed_over, 1);
    outcome = apply(w, app, set_of(&out, (const struct pair *[]){&by_hand}, 1));
    assert_int_equal(outcome.passed_over, 1);
    assert_int_equal(outcome.removed, 1);
    struct csn_key_info info;
    assert_int_equal(RW(w, csn_management_key_get(&w->m, app, made.info.id, &info, w->now_ms)),
                     CSN_OK);
    assert_int_equal(info.source, CSN_SOURCE_JWK);
}

/* Returns: a set of one RSA key that names no algorithm. */
static struct csn_bytes
rsa_set_without_alg(struct csn_buffer *out)
{
    static struct pair rsa;
    make_pair(&rsa, CSN_RS256, "r");
    set_of(out, (const struct pair *[]){&rsa}, 1);
    char *alg = strstr(csn_buffer_terminate(out), "\"alg\":\"RS256\"");
    assert_non_null(alg);
    alg[1] = alg[2] = alg[3] = 'x';
    return csn_buffer_view(out);
}

/* Returns: an app with that policy and the usual address. */
static struct csn_id
app_that_allows(struct registry_world *w, const char *algorithms, enum csn_algorithm at_address)
{
    char policy[256];
    snprintf(policy, sizeof policy, "{\"algorithms\":[%s],\"identity\":[\"sub\"]}", algorithms);
    struct csn_app_request with = {.name = rw_text("shop"), .policy = rw_text(policy)};
    struct csn_app_info info;
    assert_int_equal(RW(w, csn_management_app_create(&w->m, &with, &info, w->now_ms)), CSN_OK);
    assert_int_equal(
        RW(w, csn_management_jwks_set(&w->m, info.id, rw_text(URL), at_address, w->now_ms)),
        CSN_OK);
    return info.id;
}

static void
an_rsa_key_without_alg_takes_the_one_algorithm_that_is_left(void **state)
{
    struct registry_world *w = *state;
    static uint8_t memory[8192];
    struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
    struct csn_bytes document = rsa_set_without_alg(&out);
    const struct {
        const char *policy;
        enum csn_algorithm at_address, expected;
    } cases[] = {
        {"\"RS256\"", CSN_ALGORITHM_UNSET, CSN_RS256},
        {"\"PS512\",\"ES256\"", CSN_ALGORITHM_UNSET, CSN_PS512},
        {"\"RS256\",\"PS256\"", CSN_PS256, CSN_PS256},
        {"\"RS256\"", CSN_PS256, CSN_PS256}, /* what was said counts */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct csn_id app = app_that_allows(w, cases[i].policy, cases[i].at_address);
        assert_int_equal(apply(w, app, document).added, 1);
        const struct csn_key_info *list;
        size_t count = 0;
        assert_int_equal(RW(w, csn_management_key_list(&w->m, app, &list, &count, w->now_ms)),
                         CSN_OK);
        assert_int_equal(list[0].algorithm, cases[i].expected);
    }
}

static void
an_rsa_key_without_alg_is_refused_where_several_or_none_are_left(void **state)
{
    struct registry_world *w = *state;
    static uint8_t memory[8192];
    struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
    struct csn_bytes document = rsa_set_without_alg(&out);
    const char *policies[] = {"\"RS256\",\"PS256\"", "\"ES256\",\"EdDSA\""};
    for (size_t i = 0; i < sizeof policies / sizeof policies[0]; i++) {
        struct csn_id app = app_that_allows(w, policies[i], CSN_ALGORITHM_UNSET);
        struct csn_jwks_outcome outcome = apply(w, app, document);
        assert_false(outcome.good);
        assert_non_null(strstr(outcome.error, "give `alg` in the set"));
        outcome = apply(w, app, rw_text("{\"keys\":[]}"));
        assert_null(strstr(outcome.error, "`alg`"));
        assert_int_equal(keys_in_memory(w, app), 0);
    }
}

/* Fetched from another address than the usual one. */
static struct csn_jwks_outcome
apply_from(struct registry_world *w, struct csn_id app, const char *url, struct csn_bytes document)
{
    struct csn_jwks_fetched fetched = {
        .app = app, .url = rw_text(url), .document = document, .error = "It rained."};
    struct csn_jwks_outcome outcome;
    assert_int_equal(RW(w, csn_management_jwks_apply(&w->m, &fetched, &outcome, w->now_ms)),
                     CSN_OK);
    return outcome;
}

static void
point_to(struct registry_world *w, struct csn_id app, const char *url)
{
    assert_int_equal(
        RW(w, csn_management_jwks_set(&w->m, app, rw_text(url), CSN_ALGORITHM_UNSET, w->now_ms)),
        CSN_OK);
}

static void
another_address_replaces_the_keys_once_it_has_delivered(void **state)
{
    struct registry_world *w = *state;
    struct csn_id app = app_with_url(w);
    static struct pair a, b;
    make_pair(&a, CSN_ES256, "a");
    make_pair(&b, CSN_ES256, "b");
    static uint8_t memory[8192];
    struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
    apply(w, app, set_of(&out, (const struct pair *[]){&a}, 1));
    point_to(w, app, URL);
    assert_int_equal(keys_in_memory(w, app), 1);
    point_to(w, app, "https://b.example/");
    assert_int_equal(keys_in_memory(w, app), 1);
    /* What was fetched from the first meanwhile comes too late. */
    struct csn_jwks_fetched late = {
        .app = app, .url = rw_text(URL), .document = csn_buffer_view(&out)};
    struct csn_jwks_outcome outcome;
    assert_int_equal(RW(w, csn_management_jwks_apply(&w->m, &late, &outcome, w->now_ms)),
                     CSN_NOT_FOUND);
    assert_false(apply_from(w, app, "https://b.example/", (struct csn_bytes){0}).good);
    assert_false(apply_from(w, app, "https://b.example/", rw_text("{\"keys\":[]}")).good);
    assert_int_equal(keys_in_memory(w, app), 1);
    rw_restart(w);
    assert_int_equal(keys_in_memory(w, app), 1);
    outcome =
        apply_from(w, app, "https://b.example/", set_of(&out, (const struct pair *[]){&b}, 1));
    assert_true(outcome.good);
    assert_int_equal(outcome.added, 1);
    assert_int_equal(outcome.removed, 1);
    assert_int_equal(keys_in_memory(w, app), 1);
}

static void
a_forgotten_address_takes_its_keys_along_at_once(void **state)
{
    struct registry_world *w = *state;
    struct csn_id app = app_with_url(w);
    static struct pair a;
    make_pair(&a, CSN_ES256, "a");
    static uint8_t memory[8192];
    struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
    apply(w, app, set_of(&out, (const struct pair *[]){&a}, 1));
    point_to(w, app, "https://b.example/");
    assert_int_equal(RW(w, csn_management_jwks_set(&w->m, app, (struct csn_bytes){0},
                                                   CSN_ALGORITHM_UNSET, w->now_ms)),
                     CSN_OK);
    assert_int_equal(keys_in_memory(w, app), 0);
    const struct csn_app *compiled = csn_registry_app(w->registry, csn_id_view(&app));
    assert_false(compiled->has_jwks);
    csn_app_release(compiled);
}

/* --- when --- */

static int64_t
next_due(struct registry_world *w)
{
    struct csn_id due[4];
    size_t count = 0;
    int64_t next = 0;
    assert_int_equal(RW(w, csn_management_jwks_due(w->store, due, 4, &count, &next, w->now_ms)),
                     CSN_OK);
    return count > 0 ? w->now_ms : next;
}

static void
hint(struct registry_world *w, struct csn_id app)
{
    assert_int_equal(RW(w, csn_management_jwks_hint(&w->m, app, w->now_ms)), CSN_OK);
}

static void
a_good_document_is_due_again_after_an_hour_or_at_the_cool_down_when_missed(void **state)
{
    struct registry_world *w = *state;
    struct csn_id app = app_with_url(w);
    static struct pair a;
    make_pair(&a, CSN_ES256, "a");
    static uint8_t memory[8192];
    struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
    int64_t then = w->now_ms;
    apply(w, app, set_of(&out, (const struct pair *[]){&a}, 1));
    assert_int_equal(next_due(w), then + CSN_JWKS_REFRESH_MS);
    w->now_ms += 1000;
    hint(w, app);
    assert_int_equal(next_due(w), then + CSN_JWKS_COOL_DOWN_MS);
    w->now_ms = then + CSN_JWKS_COOL_DOWN_MS - 1;
    hint(w, app); /* again, and late: it comes no sooner and no later */
    assert_int_equal(next_due(w), then + CSN_JWKS_COOL_DOWN_MS);
    w->now_ms++;
    assert_int_equal(next_due(w), w->now_ms);
    apply(w, app, csn_buffer_view(&out));
    w->now_ms += CSN_JWKS_COOL_DOWN_MS + 5;
    hint(w, app);
    assert_int_equal(next_due(w), w->now_ms);
    hint(w, rw_app(w, NULL)); /* an app without an address: nothing */
}

static void
failures_are_counted_and_wait_longer_each_time_up_to_an_hour(void **state)
{
    struct registry_world *w = *state;
    struct csn_id app = app_with_url(w);
    const int64_t minutes[] = {1, 2, 4, 8, 16, 32, 60, 60, 60};
    for (size_t i = 0; i < sizeof minutes / sizeof minutes[0]; i++) {
        struct csn_jwks_outcome outcome = apply(w, app, (struct csn_bytes){0});
        assert_string_equal(outcome.error, "It rained.");
        assert_int_equal(next_due(w), w->now_ms + minutes[i] * 60000);
        w->now_ms += minutes[i] * 60000;
    }
}

int
main(void)
{
#define SENTENCE(name) cmocka_unit_test_setup_teardown(name, rw_setup, rw_teardown)
    const struct CMUnitTest tests[] = {
        SENTENCE(an_address_is_due_at_once_and_shown_to_its_owner),
        SENTENCE(keys_come_stay_and_go_with_the_document),
        SENTENCE(the_same_document_again_changes_nothing),
        SENTENCE(a_kid_passes_from_a_vanished_key_to_a_new_one),
        SENTENCE(a_bad_document_leaves_the_last_good_keys),
        SENTENCE(a_key_made_by_hand_is_never_replaced),
        SENTENCE(an_rsa_key_without_alg_takes_the_one_algorithm_that_is_left),
        SENTENCE(an_rsa_key_without_alg_is_refused_where_several_or_none_are_left),
        SENTENCE(another_address_replaces_the_keys_once_it_has_delivered),
        SENTENCE(a_forgotten_address_takes_its_keys_along_at_once),
        SENTENCE(a_good_document_is_due_again_after_an_hour_or_at_the_cool_down_when_missed),
        SENTENCE(failures_are_counted_and_wait_longer_each_time_up_to_an_hour),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
