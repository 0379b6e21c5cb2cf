/* Alchemer: REVOKED after a logout until a newer token comes, over the API, where the token itself
 * is the bearer of every request.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "one_world.h"
#include "server/domain/revocations.h"

static char current[128], policy[128], gateway[128];

static int
setup(void **state)
{
    world_setup(state);
    const char *app = world_app(w, w->admin, "\"preset\":\"alchemer\"", "HS512");
    snprintf(current, sizeof current, "/sdk/v1/apps/%s/sessions/current", app);
    snprintf(policy, sizeof policy, "/api/v1/apps/%s/policy", app);
    snprintf(gateway, sizeof gateway, "/gateway/v1/apps/%s/verify", app);
    return 0;
}

/* A token issued so many seconds from now. */
static const char *
issued(const char *sub, int seconds)
{
    long long iat = (long long)(w->now_ms / 1000) + seconds;
    return world_token(
        w, CSN_HS512, SECRET,
        world_format(w, "{\"sub\":\"%s\",\"iat\":%lld,\"exp\":%lld}", sub, iat, iat + 3600));
}

static void
is_accepted(const char *token)
{
    assert_int_equal(world_get(w, token, current), 200);
}

static void
is_revoked(const char *token)
{
    assert_int_equal(world_get(w, token, current), 401);
    PROBLEM_IS(w, "revoked");
}

static void
log_out(const char *token)
{
    struct ask ask = {.method = CSN_DELETE, .target = current, .bearer = token};
    assert_int_equal(world_ask(w, &ask), 204);
}

static void
refuses_the_token_and_older_ones_until_a_newer_one_comes(void **state)
{
    (void)state;
    const char *older = issued("ada", -60), *token = issued("ada", -30),
               *newer = issued("ada", -29);
    is_accepted(older);
    is_accepted(token);
    log_out(token);
    is_revoked(token);
    is_revoked(older);
    is_revoked(issued("ada", -31));
    is_accepted(newer);
    is_revoked(token);
}

static void
leaves_a_newer_token_of_another_device_and_other_customers_alone(void **state)
{
    (void)state;
    const char *phone = issued("ada", -30), *tablet = issued("ada", -20);
    const char *bob = issued("bob", -40);
    is_accepted(phone);
    is_accepted(tablet);
    is_accepted(bob);
    log_out(phone);
    is_accepted(tablet);
    is_accepted(bob);
    log_out(phone);
    is_accepted(tablet);
}

static void
takes_nothing_back_by_a_late_logout_of_an_older_token(void **state)
{
    (void)state;
    const char *older = issued("ada", -60), *token = issued("ada", -30);
    is_accepted(token);
    log_out(token);
    log_out(older);
    is_revoked(token);
    is_accepted(issued("ada", -10));
}

static void
forget_what_ended(void)
{
    csn_revocations_expire(w->service.revocations, w->service.registry, w->now_ms);
}

/* Under the preset a token lives thirty days, and a minute by a clock that is late. */
static void
forgets_a_logout_when_no_token_that_it_refuses_can_live(void **state)
{
    (void)state;
    const int64_t life_ms = (30LL * 86400 + 60) * 1000;
    const char *token = issued("ada", -30);
    is_accepted(token);
    log_out(token);
    w->now_ms += life_ms - 30000 - w->now_ms % 1000;
    forget_what_ended();
    assert_true(csn_revocations_any(w->service.revocations));
    w->now_ms++;
    forget_what_ended();
    assert_false(csn_revocations_any(w->service.revocations));
}

static void
remembers_a_logout_where_a_new_policy_lets_its_tokens_live_again(void **state)
{
    (void)state;
    long long iat = (long long)(w->now_ms / 1000) - 60;
    const char *ages = strdup(world_token(
        w, CSN_HS512, SECRET,
        world_format(w, "{\"sub\":\"ada\",\"iat\":%lld,\"exp\":%lld}", iat, iat + 90 * 86400)));
    const char *token = issued("ada", -30);
    assert_int_equal(world_get(w, ages, current), 401);
    PROBLEM_IS(w, "lifetime_too_long");
    is_accepted(token);
    log_out(token);
    w->now_ms += (31LL * 86400) * 1000;
    forget_what_ended();
    assert_false(csn_revocations_any(w->service.revocations));
    struct ask put = {.method = CSN_PUT,
                      .target = policy,
                      .bearer = w->admin,
                      .body = "{\"preset\":\"alchemer\",\"lifetime_max_s\":8640000}"};
    assert_int_equal(world_ask(w, &put), 200);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(world_get(w, ages, gateway), 401); /* it asks memory alone */
        assert_string_equal(world_header(w, "countersign-reason"), "revoked");
        forget_what_ended();
    }
    is_accepted(issued("ada", -10));
    free((void *)ages);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, world_teardown)
    const struct CMUnitTest tests[] = {
        TEST(refuses_the_token_and_older_ones_until_a_newer_one_comes),
        TEST(leaves_a_newer_token_of_another_device_and_other_customers_alone),
        TEST(takes_nothing_back_by_a_late_logout_of_an_older_token),
        TEST(forgets_a_logout_when_no_token_that_it_refuses_can_live),
        TEST(remembers_a_logout_where_a_new_policy_lets_its_tokens_live_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
