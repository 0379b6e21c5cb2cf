/* Alchemer: REVOKED after a logout until a newer token comes, over the API, where the token itself
 * is the bearer of every request.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

static struct world *w;
static char current[128];

static int
setup(void **state)
{
    (void)state;
    w = malloc(sizeof *w);
    world_open(w);
    const char *app = world_app(w, w->admin, "\"preset\":\"alchemer\"", "HS512");
    snprintf(current, sizeof current, "/sdk/v1/apps/%s/sessions/current", app);
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    world_close(w);
    free(w);
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

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(refuses_the_token_and_older_ones_until_a_newer_one_comes),
        TEST(leaves_a_newer_token_of_another_device_and_other_customers_alone),
        TEST(takes_nothing_back_by_a_late_logout_of_an_older_token),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
