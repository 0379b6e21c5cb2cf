/* Readiness: what `required` would refuse, told before it is switched on.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "sdk.h"

#define DAY_MS 86400000LL

/* A login from a device; `members` follow it. Returns: the status. */
static int
start(const char *device, const char *platform, const char *version, const char *members)
{
    return world_post(w, NULL, sessions,
                      world_format(w,
                                   "{\"device\":{\"id\":\"%s\",\"platform\":\"%s\","
                                   "\"app_version\":\"%s\",\"sdk_version\":\"1.0\"}%s}",
                                   device, platform, version, members));
}

static const char *
with_token(const char *sub)
{
    return world_format(w, ",\"token\":\"%s\"", world_token_for(w, sub));
}

static const char *
with_bad_token(const char *claimed)
{
    const char *token =
        world_token(w, CSN_HS256, "another secret of at least thirty-two bytes", "{\"sub\":\"x\"}");
    return world_format(w, ",\"token\":\"%s\",\"identity\":\"%s\"", token, claimed);
}

static int
ask(const char *query)
{
    world_flush(w);
    return world_get(w, w->admin, world_format(w, "/api/v1/apps/%s/readiness%s", app, query));
}

/* 4 good logins on 3.2.0; on 3.1.0 two claimed and one good; on 3.0.0 three without an identity. */
static void
make_traffic(void)
{
    sdk_enforce("off");
    for (int i = 0; i < 4; i++)
        assert_int_equal(start("d1", "android", "3.2.0", with_token("alice")), 201);
    assert_int_equal(start("d2", "android", "3.1.0", ",\"identity\":\"bob\""), 201);
    assert_int_equal(start("d3", "android", "3.1.0", with_bad_token("bob")), 201);
    assert_int_equal(start("d4", "android", "3.1.0", with_token("carol")), 201);
    assert_int_equal(start("d5", "android", "3.0.0", ""), 201);
    assert_int_equal(start("d5", "android", "3.0.0", ""), 201);
    assert_int_equal(start("d6", "android", "3.0.0", ""), 201);
    assert_int_equal(start("d7", "ios", "9", with_token("dora")), 201);
}

static void
tells_whom_required_would_refuse(void **state)
{
    (void)state;
    make_traffic();
    assert_int_equal(ask(""), 200);
    assert_int_equal(world_int(w, "now.requests"), 11);
    assert_int_equal(world_int(w, "now.would_refuse"), 5);
    assert_int_equal(world_int(w, "now.refused_already"), 0);
    assert_int_equal(world_int(w, "now.customers"), 1); /* bob, twice */
    assert_int_equal(world_int(w, "now.devices"), 2);   /* d5 and d6 */
    assert_int_equal(world_int(w, "before.requests"), 0);
    assert_true(world_bool(w, "exact"));
    assert_int_equal(world_int(w, "error_permille"), 0);
    assert_string_equal(world_text(w, "now.since"), "2026-11-15T00:00:00.000Z");
    assert_string_equal(world_text(w, "now.until"), "2026-11-22T00:00:00.000Z");
    assert_string_equal(world_text(w, "days.6.day"), "2026-11-21T00:00:00.000Z");
    assert_int_equal(world_int(w, "days.6.would_refuse"), 5);
    assert_int_equal(world_int(w, "days.6.customers"), 1);
    assert_int_equal(world_int(w, "days.5.requests"), 0);
}

static void
groups_by_reason_platform_and_versions(void **state)
{
    (void)state;
    make_traffic();
    assert_int_equal(ask(""), 200);
    assert_string_equal(world_text(w, "items.0.reason"), "missing");
    assert_string_equal(world_text(w, "items.0.platform"), "android");
    assert_string_equal(world_text(w, "items.0.app_version"), "3.0.0");
    assert_string_equal(world_text(w, "items.0.sdk_version"), "1.0");
    assert_int_equal(world_int(w, "items.0.would_refuse"), 3);
    assert_int_equal(world_int(w, "items.0.devices"), 2);
    assert_string_equal(world_text(w, "items.1.reason"), "missing");
    assert_int_equal(world_int(w, "items.1.customers"), 1);
    assert_string_equal(world_text(w, "items.2.reason"), "signature_invalid");
    assert_int_equal(world_int(w, "items.2.customers"), 1);
    assert_null(world_node(w, "items.3"));
}

/* "96 % of them on <= 3.1.0": and what a minimum version would save. */
static void
says_on_which_versions_they_are_and_which_minimum_would_save_them(void **state)
{
    (void)state;
    make_traffic();
    assert_int_equal(ask(""), 200);
    assert_string_equal(world_text(w, "platforms.0.platform"), "android");
    assert_string_equal(world_text(w, "platforms.0.versions.0.app_version"), "3.0.0");
    assert_int_equal(world_int(w, "platforms.0.versions.0.requests_up_to_permille"), 600);
    assert_int_equal(world_int(w, "platforms.0.versions.0.customers_up_to_permille"), 666);
    assert_int_equal(world_int(w, "platforms.0.versions.1.customers_up_to_permille"), 1000);
    assert_string_equal(world_text(w, "platforms.0.minimum.app_version"), "3.2.0");
    assert_int_equal(world_int(w, "platforms.0.minimum.saved"), 5);
    assert_int_equal(world_int(w, "platforms.0.minimum.saved_permille"), 1000);
    assert_string_equal(world_text(w, "platforms.1.platform"), "ios");
    assert_int_equal(world_int(w, "platforms.1.would_refuse"), 0);
    assert_string_equal(world_text(w, "platforms.1.minimum.app_version"), "9");
    assert_int_equal(ask("?threshold=29"), 200); /* 2 of 7 from 3.1.0 on: 28.6 percent */
    assert_string_equal(world_text(w, "platforms.0.minimum.app_version"), "3.1.0");
    assert_int_equal(ask("?threshold=28"), 200);
    assert_string_equal(world_text(w, "platforms.0.minimum.app_version"), "3.2.0");
}

static void
compares_with_the_period_of_equal_length_before(void **state)
{
    (void)state;
    make_traffic();
    w->now_ms += 7 * DAY_MS;
    assert_int_equal(start("d5", "android", "3.0.0", ""), 201);
    assert_int_equal(ask(""), 200);
    assert_int_equal(world_int(w, "now.would_refuse"), 1);
    assert_int_equal(world_int(w, "before.would_refuse"), 5);
    assert_int_equal(world_int(w, "before.customers"), 1);
    assert_int_equal(world_int(w, "items.0.would_refuse"), 1);
    assert_int_equal(world_int(w, "items.0.would_refuse_before"), 3);
    assert_int_equal(ask("?since=2026-11-21T12:00:00Z&until=2026-11-21T12:00:01Z"), 200);
    assert_int_equal(world_int(w, "now.would_refuse"), 5); /* days are counted whole */
    w->now_ms -= 7 * DAY_MS;
}

static void
no_token_is_one_reason_whatever_the_mode_made_of_it(void **state)
{
    (void)state;
    sdk_enforce("off");
    assert_int_equal(start("d1", "android", "3.1.0", ""), 201);
    sdk_enforce("required");
    assert_int_equal(start("d1", "android", "3.1.0", ""), 401);
    assert_int_equal(ask(""), 200);
    assert_string_equal(world_text(w, "items.0.reason"), "missing");
    assert_int_equal(world_int(w, "items.0.would_refuse"), 2);
    assert_int_equal(world_int(w, "items.0.devices"), 1);
    assert_int_equal(world_int(w, "now.refused_already"), 1);
}

static void
sessions_of_ours_and_the_gateway_are_not_enforcements_to_judge(void **state)
{
    (void)state;
    const char *session = sdk_login("alice");
    assert_int_equal(world_get(w, session, current), 200);
    assert_int_equal(sdk_refresh(session, "not.a.token"), 401);
    w->now_ms += 400 * DAY_MS;
    assert_int_equal(world_get(w, session, current), 401); /* the session has expired */
    w->now_ms -= 400 * DAY_MS;
    const char *gateway = world_format(w, "/gateway/v1/apps/%s/verify", app);
    assert_int_equal(world_get(w, "a.b.c", gateway), 401);
    assert_int_equal(ask(""), 200);
    assert_int_equal(world_int(w, "now.requests"), 1);
    assert_int_equal(world_int(w, "now.would_refuse"), 0);
}

static void
an_anonymous_start_that_the_policy_allows_is_never_refused(void **state)
{
    (void)state;
    const char *other = world_app(w, w->admin,
                                  "\"preset\":\"generic\",\"policy\":{\"preset\":\"generic\","
                                  "\"use\":\"every_request\",\"missing_is_anonymous\":true}",
                                  "HS256");
    other = strdup(other);
    assert_int_equal(world_post(w, NULL, world_format(w, "/sdk/v1/apps/%s/sessions", other),
                                "{\"device\":{\"id\":\"d\"}}"),
                     201);
    assert_int_equal(world_post(w, NULL, world_format(w, "/sdk/v1/apps/%s/sessions", other),
                                "{\"device\":{\"id\":\"d\"},\"identity\":\"bob\"}"),
                     201);
    world_flush(w);
    assert_int_equal(world_get(w, w->admin, world_format(w, "/api/v1/apps/%s/readiness", other)),
                     200);
    assert_int_equal(world_int(w, "now.requests"), 2);
    assert_int_equal(world_int(w, "now.would_refuse"), 1); /* the one who claims to be bob */
    free((void *)other);
}

static void
an_app_sees_its_own_traffic_alone(void **state)
{
    (void)state;
    make_traffic();
    const char *other = strdup(world_app(w, w->admin, "\"preset\":\"generic\"", "HS256"));
    world_flush(w);
    assert_int_equal(world_get(w, w->admin, world_format(w, "/api/v1/apps/%s/readiness", other)),
                     200);
    assert_int_equal(world_int(w, "now.requests"), 0);
    assert_null(world_node(w, "items.0"));
    free((void *)other);
}

static void
refuses_a_period_that_is_none_or_too_long(void **state)
{
    (void)state;
    static const char *const queries[] = {
        "?since=yesterday",
        "?until=2026-11-21",
        "?since=2026-11-21T09:32:28.978Z", /* a millisecond after now */
        "?since=2026-11-21T00:00:00Z&until=2026-11-21T00:00:00Z",
        "?since=2026-10-21T23:59:59Z&until=2026-11-22T00:00:00Z", /* 32 days */
        "?threshold=101",
        "?threshold=-1",
        "?threshold=1.5",
        "?days=7",
    };
    for (size_t i = 0; i < sizeof queries / sizeof queries[0]; i++)
        assert_int_equal(ask(queries[i]), 400);
    assert_int_equal(ask("?since=2026-10-22T00:00:00Z&until=2026-11-22T00:00:00Z"), 200);
    assert_int_equal(ask("?since=2026-11-21T09:32:28.976Z&threshold=100"), 200);
    assert_int_equal(ask("?since=2026-11-21T09:32:28.976Z&threshold=0"), 200);
}

int
main(void)
{
#define SENTENCE(name) cmocka_unit_test_setup_teardown(name, sdk_setup, sdk_teardown)
    const struct CMUnitTest tests[] = {
        SENTENCE(tells_whom_required_would_refuse),
        SENTENCE(groups_by_reason_platform_and_versions),
        SENTENCE(says_on_which_versions_they_are_and_which_minimum_would_save_them),
        SENTENCE(compares_with_the_period_of_equal_length_before),
        SENTENCE(no_token_is_one_reason_whatever_the_mode_made_of_it),
        SENTENCE(sessions_of_ours_and_the_gateway_are_not_enforcements_to_judge),
        SENTENCE(an_anonymous_start_that_the_policy_allows_is_never_refused),
        SENTENCE(an_app_sees_its_own_traffic_alone),
        SENTENCE(refuses_a_period_that_is_none_or_too_long),
    };
    return cmocka_run_group_tests_name("readiness", tests, NULL, NULL);
}
