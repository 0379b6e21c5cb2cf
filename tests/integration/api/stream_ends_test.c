/* How a stream ends, and when none begins.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "peer.h"

/* --- ends --- */

static void
ends_when_its_session_logs_out(void **state)
{
    (void)state;
    const char *alice = login_on("device-1", "alice"), *other = login_on("device-2", "alice");
    open_at(&peers[0], alice, "");
    open_at(&peers[1], other, "");
    listen_to(&peers[0]), listen_to(&peers[1]);
    assert_int_equal(sdk_logout(alice, NULL), 204);
    csn_live_round(w->service.live, w->now_ms);
    assert_string_equal(hang_up(&peers[0]),
                        "event: end\ndata: {\"reason\":\"revoked\",\"action\":\"login\"}\n\n");
    assert_true(peers[1].paused);
    hang_up(&peers[1]);
    free((void *)alice), free((void *)other);
}

static void
ends_when_another_login_replaces_it_on_its_device(void **state)
{
    (void)state;
    const char *alice = login_on("device-1", "alice");
    open_at(&peers[0], alice, "");
    listen_to(&peers[0]);
    const char *bob = login_on("device-1", "bob");
    csn_live_round(w->service.live, w->now_ms);
    assert_non_null(strstr(hang_up(&peers[0]), "\"reason\":\"revoked\""));
    free((void *)alice), free((void *)bob);
}

/* As between the commit of a logout and its announcement: memory does not know of it yet. */
static void
nothing_is_delivered_after_a_logout_even_before_it_is_announced(void **state)
{
    (void)state;
    const char *alice = login_on("device-1", "alice"), *other = login_on("device-2", "alice");
    open_at(&peers[0], alice, "");
    listen_to(&peers[0]);
    assert_int_equal(sdk_logout(alice, NULL), 204);
    struct csn_revocations *announced = w->service.revocations;
    w->service.revocations = NULL;
    assert_int_equal(append(other, "later"), 200);
    w->service.revocations = announced;
    const char *last = listen_to(&peers[0]);
    assert_null(strstr(last, "later"));
    assert_non_null(strstr(last, "event: end\n"));
    csn_live_close(peers[0].stream);
    free((void *)alice), free((void *)other);
}

static void
ends_when_the_session_expires(void **state)
{
    (void)state;
    const char *alice = login_on("device-1", "alice");
    open_at(&peers[0], alice, "");
    listen_to(&peers[0]);
    w->now_ms += CSN_SESSION_TTL_MAX_S * 1000;
    csn_live_round(w->service.live, w->now_ms);
    assert_non_null(strstr(hang_up(&peers[0]), "\"reason\":\"expired\",\"action\":\"refresh\""));
    free((void *)alice);
}

static void
ends_when_the_app_is_suspended_and_not_when_enforcement_changes(void **state)
{
    (void)state;
    const char *alice = login_on("device-1", "alice");
    open_at(&peers[0], alice, "");
    listen_to(&peers[0]);
    sdk_enforce("required");
    csn_live_round(w->service.live, w->now_ms);
    assert_true(peers[0].paused);
    struct ask suspend = {.method = CSN_PATCH,
                          .target = world_format(w, "/api/v1/apps/%s", app),
                          .bearer = w->admin,
                          .body = "{\"suspended\":true}"};
    assert_int_equal(world_ask(w, &suspend), 200);
    csn_live_round(w->service.live, w->now_ms);
    assert_non_null(strstr(hang_up(&peers[0]), "\"reason\":\"app_suspended\""));
    free((void *)alice);
}

/* From here on the app's customers bear their own tokens. */
static void
bear_tokens(void)
{
    free((void *)app);
    free((void *)current);
    app = strdup(world_app(w, w->admin,
                           "\"policy\":{\"preset\":\"generic\",\"use\":\"every_request\",\"logout_"
                           "revokes_token\":true}",
                           "HS256"));
    current = strdup(path_of("sessions/current"));
}

static void
change_key(const char *key, const char *to)
{
    struct ask change = {.method = CSN_PATCH,
                         .target = world_format(w, "/api/v1/apps/%s/keys/%s", app, key),
                         .bearer = w->admin,
                         .body = world_format(w, "{\"state\":\"%s\",\"force\":true}", to)};
    assert_int_equal(world_ask(w, &change), 200);
    csn_live_round(w->service.live, w->now_ms);
}

static void
ends_when_the_key_of_its_token_is_retired_and_no_other(void **state)
{
    (void)state;
    bear_tokens();
    const char *keys = strdup(world_format(w, "/api/v1/apps/%s/keys", app));
    assert_int_equal(world_get(w, w->admin, keys), 200);
    const char *key = strdup(world_text(w, "items.0.id")), *others[2];
    for (size_t i = 0; i < 2; i++) {
        const char *more = world_format(w,
                                        "{\"secret\":\"another-secret-of-32-bytes-and-more-%zu\","
                                        "\"algorithm\":\"HS256\"}",
                                        i);
        assert_int_equal(world_post(w, w->admin, keys, more), 201);
        others[i] = strdup(world_text(w, "id"));
    }
    open_at(&peers[0], world_token_for(w, "alice"), "");
    listen_to(&peers[0]);
    change_key(key, "retiring");
    change_key(others[0], "retiring");
    change_key(others[0], "retired");
    assert_true(peers[0].paused);
    change_key(key, "retired");
    assert_non_null(strstr(hang_up(&peers[0]), "\"reason\":\"key_retired\""));
    free((void *)keys), free((void *)key), free((void *)others[0]), free((void *)others[1]);
}

static void
ends_when_its_token_logs_out_and_not_when_anothers_does(void **state)
{
    (void)state;
    bear_tokens();
    const char *alice = strdup(world_token_for(w, "alice"));
    const char *bob = strdup(world_token_for(w, "bob"));
    open_at(&peers[0], alice, "");
    listen_to(&peers[0]);
    assert_int_equal(sdk_logout(bob, NULL), 204);
    csn_live_round(w->service.live, w->now_ms);
    assert_true(peers[0].paused);
    assert_int_equal(sdk_logout(alice, NULL), 204);
    csn_live_round(w->service.live, w->now_ms);
    assert_non_null(strstr(hang_up(&peers[0]), "\"reason\":\"revoked\""));
    free((void *)alice), free((void *)bob);
}

static void
ends_when_its_tokens_customer_is_revoked(void **state)
{
    (void)state;
    bear_tokens();
    open_at(&peers[0], world_token_for(w, "alice"), "");
    open_at(&peers[1], world_token_for(w, "bob"), "");
    listen_to(&peers[0]), listen_to(&peers[1]);
    w->now_ms += 2000;
    assert_int_equal(
        world_get(w, w->admin, world_format(w, "/api/v1/apps/%s/customers?identity=alice", app)),
        200);
    const char *customer = world_text(w, "items.0.id");
    assert_int_equal(
        world_post(w, w->admin,
                   world_format(w, "/api/v1/apps/%s/customers/%s/revoke", app, customer), "{}"),
        204);
    csn_live_round(w->service.live, w->now_ms);
    assert_true(peers[1].paused);
    assert_non_null(strstr(hang_up(&peers[0]), "\"reason\":\"revoked\""));
    hang_up(&peers[1]);
}

static void
ends_when_its_customer_is_erased(void **state)
{
    (void)state;
    const char *alice = login_on("device-1", "alice");
    assert_int_equal(world_get(w, w->admin, world_format(w, "/api/v1/apps/%s/customers", app)),
                     200);
    const char *customer = world_text(w, "items.0.id");
    open_at(&peers[0], alice, "");
    listen_to(&peers[0]);
    struct ask erase = {.method = CSN_DELETE,
                        .target = world_format(w, "/api/v1/apps/%s/customers/%s", app, customer),
                        .bearer = w->admin};
    assert_int_equal(world_ask(w, &erase), 200);
    csn_live_round(w->service.live, w->now_ms);
    assert_non_null(strstr(hang_up(&peers[0]), "\"reason\":\"revoked\""));
    free((void *)alice);
}

/* --- a claim --- */

static void
claim(struct peer *peer, const char *bearer)
{
    assert_int_equal(ask_stream(peer, bearer, "", "Countersign-Identity: alice"), 200);
    listen_to(peer);
    csn_live_round(w->service.live, w->now_ms);
    assert_true(peer->paused);
}

static void
a_claims_stream_ends_when_the_app_changes_and_comes_again_as_it_may(void **state)
{
    (void)state;
    bear_tokens();
    claim(&peers[0], NULL);
    sdk_enforce("required");
    csn_live_round(w->service.live, w->now_ms);
    assert_non_null(
        strstr(hang_up(&peers[0]), "\"reason\":\"enforcement_missing\",\"action\":\"refresh\""));
    assert_int_equal(ask_stream(&peers[0], NULL, "", "Countersign-Identity: alice"), 401);
    sdk_enforce("off");
    claim(&peers[0], NULL);
    hang_up(&peers[0]);
}

/* An exemption and a narrowing end by themselves: no claim outlives them for long. */
static void
a_claims_stream_ends_after_an_hour(void **state)
{
    (void)state;
    bear_tokens();
    claim(&peers[0], NULL);
    w->now_ms += CSN_STREAM_CLAIM_MS - 1;
    csn_live_round(w->service.live, w->now_ms);
    assert_null(strstr(listen_to(&peers[0]), "event: end"));
    w->now_ms += 1;
    csn_live_round(w->service.live, w->now_ms);
    assert_non_null(strstr(hang_up(&peers[0]), "\"reason\":\"expired\",\"action\":\"refresh\""));
}

static void
a_claims_stream_is_not_held_against_the_expiry_of_a_token_it_does_not_go_by(void **state)
{
    (void)state;
    bear_tokens();
    sdk_enforce("monitor");
    const char *token = strdup(world_token_for(w, "alice"));
    w->now_ms += 2 * 3600000;
    claim(&peers[0], token);
    hang_up(&peers[0]);
    free((void *)token);
}

static void
a_claims_stream_ends_when_the_customer_is_revoked_and_a_new_one_does_not(void **state)
{
    (void)state;
    bear_tokens();
    claim(&peers[0], NULL);
    w->now_ms += 2000;
    assert_int_equal(world_get(w, w->admin, world_format(w, "/api/v1/apps/%s/customers", app)),
                     200);
    const char *customer = world_text(w, "items.0.id");
    assert_int_equal(
        world_post(w, w->admin,
                   world_format(w, "/api/v1/apps/%s/customers/%s/revoke", app, customer), "{}"),
        204);
    csn_live_round(w->service.live, w->now_ms);
    assert_non_null(strstr(hang_up(&peers[0]), "\"reason\":\"revoked\""));
    w->now_ms += 2000;
    claim(&peers[0], NULL);
    hang_up(&peers[0]);
}

/* Her token is good still, for the customer that it makes when it comes again. */
static void
ends_when_its_tokens_customer_is_erased(void **state)
{
    (void)state;
    bear_tokens();
    open_at(&peers[0], world_token_for(w, "alice"), "");
    open_at(&peers[1], world_token_for(w, "bob"), "");
    listen_to(&peers[0]), listen_to(&peers[1]);
    assert_int_equal(
        world_get(w, w->admin, world_format(w, "/api/v1/apps/%s/customers?identity=alice", app)),
        200);
    const char *customer = world_text(w, "items.0.id");
    struct ask erase = {.method = CSN_DELETE,
                        .target = world_format(w, "/api/v1/apps/%s/customers/%s", app, customer),
                        .bearer = w->admin};
    assert_int_equal(world_ask(w, &erase), 200);
    assert_non_null(strstr(hang_up(&peers[0]), "\"reason\":\"revoked\""));
    assert_true(peers[1].paused);
    hang_up(&peers[1]);
}

/* --- limits --- */

static void
waits_where_the_session_has_as_many_as_it_may(void **state)
{
    (void)state;
    static struct csn_live_stream *streams[CSN_LIVE_SESSION_STREAMS_MAX];
    const char *alice = login_on("device-1", "alice");
    struct ask ask = {.method = CSN_GET, .target = strdup(path_of("stream")), .bearer = alice};
    for (size_t i = 0; i < CSN_LIVE_SESSION_STREAMS_MAX; i++) {
        ask.stream = &streams[i];
        assert_int_equal(world_ask(w, &ask), 200);
    }
    assert_int_equal(ask_stream(&peers[0], alice, "", NULL), 503);
    assert_null(peers[0].stream);
    PROBLEM_IS(w, "unavailable");
    assert_string_equal(world_header(w, "retry-after"), "5");
    assert_int_equal(world_get(w, NULL, "/metrics"), 200);
    assert_non_null(strstr(w->body, "\ncountersign_streams_refused_total 1\n"));
    assert_non_null(strstr(w->body, "\ncountersign_streams_open 16\n"));
    for (size_t i = 0; i < CSN_LIVE_SESSION_STREAMS_MAX; i++)
        csn_live_close(streams[i]);
    free((void *)ask.target), free((void *)alice);
}

static void
a_head_opens_nothing(void **state)
{
    (void)state;
    const char *alice = login_on("device-1", "alice");
    struct ask ask = {.method = CSN_HEAD,
                      .target = path_of("stream"),
                      .bearer = alice,
                      .stream = &peers[0].stream};
    assert_int_equal(world_ask(w, &ask), 200);
    assert_null(peers[0].stream);
    assert_int_equal(csn_live_counts(w->service.live).opened, 0);
    free((void *)alice);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(ends_when_its_session_logs_out),
        TEST(ends_when_another_login_replaces_it_on_its_device),
        TEST(nothing_is_delivered_after_a_logout_even_before_it_is_announced),
        TEST(ends_when_the_session_expires),
        TEST(ends_when_the_app_is_suspended_and_not_when_enforcement_changes),
        TEST(ends_when_the_key_of_its_token_is_retired_and_no_other),
        TEST(ends_when_its_token_logs_out_and_not_when_anothers_does),
        TEST(ends_when_its_tokens_customer_is_revoked),
        TEST(ends_when_its_customer_is_erased),
        TEST(a_claims_stream_ends_when_the_app_changes_and_comes_again_as_it_may),
        TEST(a_claims_stream_ends_after_an_hour),
        TEST(a_claims_stream_is_not_held_against_the_expiry_of_a_token_it_does_not_go_by),
        TEST(a_claims_stream_ends_when_the_customer_is_revoked_and_a_new_one_does_not),
        TEST(ends_when_its_tokens_customer_is_erased),
        TEST(waits_where_the_session_has_as_many_as_it_may),
        TEST(a_head_opens_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
