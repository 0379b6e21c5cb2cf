/* Bad credentials are counted by source; good ones are not, and others' are not either.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "one_world.h"

#include "server/domain/throttle.h"

static int64_t
count(struct csn_throttle *throttle, const char *source, int64_t now_ms)
{
    return csn_throttle_count(throttle, CSN_BUDGET_TOKENS, csn_bytes_text(source), now_ms);
}

static void
exhaust(struct csn_throttle *throttle, const char *source, int64_t now_ms)
{
    for (int i = 0; i < CSN_THROTTLE_BURST; i++)
        assert_int_equal(count(throttle, source, now_ms), 0);
}

/* --- the table --- */

static void
allows_a_burst_and_not_one_more(void **state)
{
    (void)state;
    exhaust(w->service.throttle, "192.0.2.7", NOW_MS);
    assert_int_equal(count(w->service.throttle, "192.0.2.7", NOW_MS), CSN_THROTTLE_REFILL_MS);
}

static void
refills_one_at_a_time(void **state)
{
    (void)state;
    struct csn_throttle *throttle = w->service.throttle;
    exhaust(throttle, "192.0.2.7", NOW_MS);
    int64_t at = NOW_MS + CSN_THROTTLE_REFILL_MS;
    assert_int_equal(count(throttle, "192.0.2.7", at - 1), 1);
    assert_int_equal(count(throttle, "192.0.2.7", at), 0);
    assert_int_equal(count(throttle, "192.0.2.7", at), CSN_THROTTLE_REFILL_MS);
    exhaust(throttle, "192.0.2.7", at + CSN_THROTTLE_BURST * CSN_THROTTLE_REFILL_MS);
}

static void
counts_each_budget_by_itself(void **state)
{
    (void)state;
    struct csn_throttle *throttle = w->service.throttle;
    struct csn_bytes source = csn_bytes_text("192.0.2.7");
    exhaust(throttle, "192.0.2.7", NOW_MS);
    for (int i = 0; i < CSN_THROTTLE_BURST; i++)
        assert_int_equal(csn_throttle_count(throttle, CSN_BUDGET_API_KEYS, source, NOW_MS), 0);
    assert_int_equal(csn_throttle_count(throttle, CSN_BUDGET_API_KEYS, source, NOW_MS),
                     CSN_THROTTLE_REFILL_MS);
}

static void
counts_each_source_by_itself(void **state)
{
    (void)state;
    struct csn_throttle *throttle = w->service.throttle;
    exhaust(throttle, "192.0.2.7", NOW_MS);
    exhaust(throttle, "192.0.2.8", NOW_MS);
    exhaust(throttle, "", NOW_MS);
    exhaust(throttle, "unix", NOW_MS);
}

static void
knows_an_ipv4_address_in_ipv6_clothes(void **state)
{
    (void)state;
    exhaust(w->service.throttle, "192.0.2.7", NOW_MS);
    assert_int_not_equal(count(w->service.throttle, "::ffff:192.0.2.7", NOW_MS), 0);
    assert_int_equal(count(w->service.throttle, "::ffff:192.0.2.8", NOW_MS), 0);
}

static void
counts_an_ipv6_network_as_one_source(void **state)
{
    (void)state;
    struct csn_throttle *throttle = w->service.throttle;
    exhaust(throttle, "2001:db8:1:2::1", NOW_MS);
    assert_int_not_equal(count(throttle, "2001:db8:1:2:ffff::9", NOW_MS), 0);
    assert_int_equal(count(throttle, "2001:db8:1:3::1", NOW_MS), 0);
}

static void
keeps_its_size_under_a_flood_of_sources(void **state)
{
    (void)state;
    struct csn_throttle *small = csn_throttle_create(8, &w->service.random);
    char source[32];
    for (int i = 0; i < 10000; i++) {
        snprintf(source, sizeof source, "10.%d.%d.1", i / 256, i % 256);
        assert_int_equal(count(small, source, NOW_MS + i), 0);
    }
    csn_throttle_free(small);
}

static void
is_nothing_where_there_is_none(void **state)
{
    (void)state;
    for (int i = 0; i < 3 * CSN_THROTTLE_BURST; i++)
        assert_int_equal(count(NULL, "192.0.2.7", NOW_MS), 0);
    csn_throttle_free(NULL);
}

/* --- in the API --- */

static int
guess_api_key(void)
{
    return world_get(w, "csk_guess.guess", "/api/v1/whoami");
}

static void
makes_only_the_bad_api_keys_of_a_source_wait(void **state)
{
    (void)state;
    for (int i = 0; i < CSN_THROTTLE_BURST; i++)
        assert_int_equal(guess_api_key(), 401);
    assert_int_equal(guess_api_key(), 429);
    PROBLEM_IS(w, "rate_limited");
    assert_string_equal(world_text(w, "action"), "wait");
    assert_string_equal(world_header(w, "retry-after"), "1");
    assert_int_equal(world_get(w, w->admin, "/api/v1/whoami"), 200);
    assert_int_equal(guess_api_key(), 429);
    strcpy(w->source, "198.51.100.9");
    assert_int_equal(guess_api_key(), 401);
    strcpy(w->source, "192.0.2.1");
    w->now_ms += CSN_THROTTLE_REFILL_MS;
    assert_int_equal(guess_api_key(), 401);
    assert_int_equal(guess_api_key(), 429);
}

static void
bad_tokens_and_bad_api_keys_have_budgets_of_their_own(void **state)
{
    (void)state;
    const char *app = world_app(w, w->admin, "\"preset\":\"generic\"", "HS256");
    const char *current = strdup(world_format(w, "/sdk/v1/apps/%s/sessions/current", app));
    for (int i = 0; i < CSN_THROTTLE_BURST; i++)
        assert_int_equal(world_get(w, "x.y.z", current), 401);
    assert_int_equal(world_get(w, "x.y.z", current), 429);
    for (int i = 0; i < CSN_THROTTLE_BURST; i++)
        assert_int_equal(guess_api_key(), 401);
    assert_int_equal(guess_api_key(), 429);
    free((void *)current);
}

static void
never_counts_a_good_api_key(void **state)
{
    (void)state;
    for (int i = 0; i < 3 * CSN_THROTTLE_BURST; i++)
        assert_int_equal(world_get(w, w->admin, "/api/v1/whoami"), 200);
}

static void
makes_only_the_bad_tokens_of_a_source_wait(void **state)
{
    (void)state;
    const char *app = world_app(w, w->admin, "\"preset\":\"generic\"", "HS256");
    const char *current = strdup(world_format(w, "/sdk/v1/apps/%s/sessions/current", app));
    const char *session = strdup(world_login(w, app, "device-1", world_token_for(w, "alice")));
    for (int i = 0; i < CSN_THROTTLE_BURST; i++)
        assert_int_equal(world_get(w, "x.y.z", current), 401);
    assert_int_equal(world_get(w, "x.y.z", current), 429);
    assert_int_equal(world_get(w, session, current), 200);
    free((void *)current);
    free((void *)session);
}

static void
does_not_count_a_token_whose_signature_held(void **state)
{
    (void)state;
    const char *app = world_app(w, w->admin, "\"preset\":\"generic\"", "HS256");
    const char *current = strdup(world_format(w, "/sdk/v1/apps/%s/sessions/current", app));
    const char *expired =
        strdup(world_token(w, CSN_HS256, SECRET, "{\"sub\":\"alice\",\"exp\":1795250000}"));
    for (int i = 0; i < 3 * CSN_THROTTLE_BURST; i++) {
        assert_int_equal(world_get(w, expired, current), 401);
        assert_int_equal(world_get(w, NULL, current), 401);
    }
    free((void *)current);
    free((void *)expired);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
    const struct CMUnitTest tests[] = {
        TEST(allows_a_burst_and_not_one_more),
        TEST(refills_one_at_a_time),
        TEST(counts_each_budget_by_itself),
        TEST(counts_each_source_by_itself),
        TEST(knows_an_ipv4_address_in_ipv6_clothes),
        TEST(counts_an_ipv6_network_as_one_source),
        TEST(keeps_its_size_under_a_flood_of_sources),
        TEST(is_nothing_where_there_is_none),
        TEST(makes_only_the_bad_api_keys_of_a_source_wait),
        TEST(bad_tokens_and_bad_api_keys_have_budgets_of_their_own),
        TEST(never_counts_a_good_api_key),
        TEST(makes_only_the_bad_tokens_of_a_source_wait),
        TEST(does_not_count_a_token_whose_signature_held),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
