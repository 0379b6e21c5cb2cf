/* Keys by URL, as an app meets them: the address is named and a login passes, a key is rotated and
 * a login passes. A real fetcher over loopback, with a clock that the test turns.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "sdk.h"

#include <pthread.h>
#include <stdatomic.h>

#include "server/jwks/jwks.h"
#include "tests/unit/server/jwks_host.h"

/* --- the town: the API's world, a host that publishes keys, the fetcher between them --- */

static struct town {
    struct host host;
    struct csn_jwks *jwks;
    struct csn_signer *signer;
    atomic_int_least64_t now_ms;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int fetched; /* documents applied */
} town;

static int64_t
town_now(void *state)
{
    (void)state;
    return atomic_load(&town.now_ms);
}

static void
pass(int64_t ms)
{
    w->now_ms += ms;
    atomic_store(&town.now_ms, w->now_ms);
}

static void
note_event(void *state, const struct csn_jwks_event *event)
{
    (void)state;
    pthread_mutex_lock(&town.lock);
    town.fetched += event->outcome->good;
    pthread_cond_broadcast(&town.changed);
    pthread_mutex_unlock(&town.lock);
}

/* The host publishes a new key of that kid, and of none else; tokens are signed with it. */
static void
publish(const char *kid)
{
    static uint8_t memory[3][4096];
    struct csn_buffer private_pem = csn_buffer_over(memory[0], sizeof memory[0]);
    struct csn_buffer pem = csn_buffer_over(memory[1], sizeof memory[1]);
    struct csn_buffer jwk = csn_buffer_over(memory[2], sizeof memory[2]);
    struct csn_key_report report;
    char document[4200];
    assert_int_equal(csn_key_generate(CSN_ES256, 0, csn_bytes_text(kid), &private_pem, &pem, &jwk),
                     CSN_OK);
    int len = snprintf(document, sizeof document, "{\"keys\":[%.*s]}", (int)jwk.len,
                       (const char *)jwk.ptr);
    host_answers(&town.host, "200 OK", document, (size_t)len);
    csn_signer_free(town.signer);
    assert_int_equal(
        csn_signer_from_pem(CSN_ES256, csn_buffer_view(&private_pem), &town.signer, &report),
        CSN_OK);
}

static const char *
signed_by(const char *kid)
{
    char token[1024];
    long long now_s = w->now_ms / 1000;
    struct csn_buffer out = csn_buffer_over(token, sizeof token);
    struct csn_mint_request request = {
        .signer = town.signer,
        .kid = csn_bytes_text(kid),
        .type = csn_bytes_text("JWT"),
        .payload = csn_bytes_text(
            world_format(w, "{\"sub\":\"alice\",\"iat\":%lld,\"exp\":%lld}", now_s, now_s + 600)),
    };
    assert_int_equal(csn_mint(&request, &out), CSN_OK);
    return world_format(w, "%s", csn_buffer_terminate(&out));
}

static int
setup(void **state)
{
    memset(&town, 0, sizeof town);
    sdk_setup(state);
    pthread_mutex_init(&town.lock, NULL);
    pthread_cond_init(&town.changed, NULL);
    pass(0);
    host_open(&town.host);
    publish("first");
    assert_int_equal(csn_queue_start(w->service.store, &w->service.queue), CSN_OK);
    struct csn_jwks_options options = {.registry = w->service.registry,
                                       .queue = w->service.queue,
                                       .random = csn_random_system(),
                                       .clock = {.now_ms = town_now},
                                       .log = note_event};
    assert_int_equal(csn_jwks_start(&options, &town.jwks), CSN_OK);
    w->service.jwks_hints = csn_jwks_hints_of(town.jwks);
    return 0;
}

static int
teardown(void **state)
{
    w->service.jwks_hints = (struct csn_jwks_hints){0};
    csn_jwks_stop(town.jwks);
    csn_queue_stop(w->service.queue);
    w->service.queue = NULL;
    host_close(&town.host);
    csn_signer_free(town.signer);
    pthread_mutex_destroy(&town.lock);
    pthread_cond_destroy(&town.changed);
    return sdk_teardown(state);
}

/* Makes an app of that use which takes its keys from the host, and waits for the first fetch. */
static void
make_app(const char *use)
{
    assert_int_equal(
        world_post(w, w->admin, "/api/v1/apps",
                   world_format(w,
                                "{\"name\":\"a\",\"policy\":{\"algorithms\":[\"ES256\"],"
                                "\"identity\":[\"sub\"],\"required\":[\"exp\"],\"use\":\"%s\"}}",
                                use)),
        201);
    free((void *)app);
    free((void *)sessions);
    free((void *)current);
    app = strdup(world_text(w, "id"));
    sessions = strdup(world_format(w, "/sdk/v1/apps/%s/sessions", app));
    current = strdup(world_format(w, "/sdk/v1/apps/%s/sessions/current", app));
    struct ask put = {
        .method = CSN_PUT,
        .target = world_format(w, "/api/v1/apps/%s/jwks", app),
        .bearer = w->admin,
        .body = world_format(w, "{\"url\":\"http://127.0.0.1:%d/jwks\"}", town.host.port)};
    assert_int_equal(world_ask(w, &put), 204);
    host_wait(&town.changed, &town.lock, &town.fetched, 1);
}

/* --- sentences --- */

static void
fetches_at_once_what_was_named_just_now(void **state)
{
    (void)state;
    make_app("session");
    assert_int_equal(sdk_start_with(signed_by("first")), 201);
}

static void
a_login_by_a_rotated_key_fetches_it(void **state)
{
    (void)state;
    make_app("session");
    publish("second");
    pass(CSN_JWKS_COOL_DOWN_MS + 1);
    assert_int_equal(sdk_start_with(signed_by("second")), 401);
    PROBLEM_IS(w, "key_unknown");
    host_wait(&town.changed, &town.lock, &town.fetched, 2);
    assert_int_equal(sdk_start_with(signed_by("second")), 201);
}

static void
a_refresh_by_a_rotated_key_fetches_it(void **state)
{
    (void)state;
    make_app("session");
    assert_int_equal(sdk_start_with(signed_by("first")), 201);
    const char *session = strdup(world_text(w, "session.token"));
    publish("second");
    pass(CSN_JWKS_COOL_DOWN_MS + 1);
    assert_int_equal(sdk_refresh(session, signed_by("second")), 401);
    host_wait(&town.changed, &town.lock, &town.fetched, 2);
    assert_int_equal(sdk_refresh(session, signed_by("second")), 200);
    free((void *)session);
}

static void
a_bearer_by_a_rotated_key_fetches_it(void **state)
{
    (void)state;
    make_app("every_request");
    assert_int_equal(world_get(w, signed_by("first"), current), 200);
    publish("second");
    pass(CSN_JWKS_COOL_DOWN_MS + 1);
    assert_int_equal(world_get(w, signed_by("second"), current), 401);
    host_wait(&town.changed, &town.lock, &town.fetched, 2);
    assert_int_equal(world_get(w, signed_by("second"), current), 200);
}

static void
a_gateway_that_meets_a_rotated_key_fetches_it(void **state)
{
    (void)state;
    make_app("every_request");
    const char *verify = strdup(world_format(w, "/gateway/v1/apps/%s/verify", app));
    publish("second");
    pass(CSN_JWKS_COOL_DOWN_MS + 1);
    assert_int_equal(world_get(w, signed_by("second"), verify), 401);
    host_wait(&town.changed, &town.lock, &town.fetched, 2);
    assert_int_equal(world_get(w, signed_by("second"), verify), 200);
    free((void *)verify);
}

static void
a_logout_by_a_rotated_key_fetches_it(void **state)
{
    (void)state;
    make_app("every_request");
    publish("second");
    pass(CSN_JWKS_COOL_DOWN_MS + 1);
    assert_int_equal(sdk_logout(signed_by("second"), NULL), 401);
    host_wait(&town.changed, &town.lock, &town.fetched, 2);
    assert_int_equal(sdk_logout(signed_by("second"), NULL), 204);
}

static void
what_a_fetch_changes_is_in_the_audit(void **state)
{
    (void)state;
    make_app("session");
    publish("second");
    for (int fetch = 2; fetch <= 3; fetch++) { /* the third changes nothing */
        pass(CSN_JWKS_COOL_DOWN_MS + 1);
        assert_int_equal(sdk_start_with(signed_by("never heard of")), 401);
        host_wait(&town.changed, &town.lock, &town.fetched, fetch);
    }
    assert_int_equal(world_get(w, w->admin, "/api/v1/audit?operation=jwksFetched"), 200);
    assert_int_equal(world_node(w, "items")->count, 2);
    assert_string_equal(world_text(w, "items.0.app"), app);
    assert_null(world_text(w, "items.0.api_key"));
    assert_int_equal(world_int(w, "items.0.changed.added"), 1);
    assert_int_equal(world_int(w, "items.0.changed.removed"), 1);
    assert_int_equal(world_int(w, "items.1.changed.added"), 1);
    assert_int_equal(world_int(w, "items.1.changed.removed"), 0);
}

/* --- what tells the fetcher nothing --- */

static int hints;

static void
count_hint(void *state, struct csn_id id)
{
    (void)state;
    (void)id;
    hints++;
}

static void
only_a_missed_key_of_an_app_with_an_address_is_a_hint(void **state)
{
    (void)state;
    make_app("session");
    w->service.jwks_hints = (struct csn_jwks_hints){.hint = count_hint};
    hints = 0;
    assert_int_equal(sdk_start_with(signed_by("first")), 201);
    assert_int_equal(sdk_start_with("x.y.z"), 401);
    assert_int_equal(sdk_start(NULL, ""), 201);
    assert_int_equal(hints, 0);
    assert_int_equal(sdk_start_with(signed_by("never heard of")), 401);
    assert_int_equal(hints, 1);
    const char *plain = world_app(
        w, w->admin, "\"preset\":\"generic\",\"policy\":{\"algorithms\":[\"HS256\"]}", "HS256");
    assert_null(world_login(w, plain, "device-1", signed_by("never heard of")));
    assert_int_equal(hints, 1);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(fetches_at_once_what_was_named_just_now),
        TEST(a_login_by_a_rotated_key_fetches_it),
        TEST(a_refresh_by_a_rotated_key_fetches_it),
        TEST(a_bearer_by_a_rotated_key_fetches_it),
        TEST(a_gateway_that_meets_a_rotated_key_fetches_it),
        TEST(a_logout_by_a_rotated_key_fetches_it),
        TEST(what_a_fetch_changes_is_in_the_audit),
        TEST(only_a_missed_key_of_an_app_with_an_address_is_a_hint),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
