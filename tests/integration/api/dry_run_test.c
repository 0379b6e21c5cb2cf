/* Dry runs: what would change, and what cannot be known.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "sdk.h"

static int
start(const char *device, const char *version, const char *members)
{
    return world_post(w, NULL, sessions,
                      world_format(w,
                                   "{\"device\":{\"id\":\"%s\",\"platform\":\"ios\","
                                   "\"app_version\":\"%s\"}%s}",
                                   device, version, members));
}

static int
ask(const char *which, const char *document)
{
    world_flush(w);
    return world_post(w, w->admin, world_format(w, "/api/v1/apps/%s/%s/dry-run", app, which),
                      world_format(w, "{\"%s\":%s}", which, document));
}

static const char *
token(const char *claims)
{
    return world_format(w, ",\"token\":\"%s\"", world_token(w, CSN_HS256, SECRET, claims));
}

/* A token for alice with iat and exp, in seconds from now. */
static const char *
aged(int64_t issued_s, int64_t expires_s)
{
    int64_t now_s = w->now_ms / 1000;
    return token(world_format(w, "{\"sub\":\"alice\",\"iat\":%lld,\"exp\":%lld}",
                              (long long)(now_s + issued_s), (long long)(now_s + expires_s)));
}

static bool
says(const char *sentence)
{
    return strstr(w->body, sentence) != NULL;
}

/* --- enforcement --- */

static void
make_traffic(void)
{
    sdk_enforce("off");
    assert_int_equal(
        start("d1", "3.2.0", world_format(w, ",\"token\":\"%s\"", world_token_for(w, "alice"))),
        201);
    assert_int_equal(start("d2", "3.2.0", ",\"identity\":\"bob\""), 201);
    assert_int_equal(start("d2", "3.1.0", ",\"identity\":\"bob\""), 201);
    assert_int_equal(start("d3", "3.1.0", ",\"token\":\"a.b.c\",\"identity\":\"carol\""), 201);
}

static void
a_stricter_mode_refuses_what_it_says(void **state)
{
    (void)state;
    make_traffic();
    assert_int_equal(ask("enforcement", "{\"mode\":\"required\"}"), 200);
    assert_int_equal(world_int(w, "requests.looked_at"), 4);
    assert_int_equal(world_int(w, "requests.refused"), 3);
    assert_int_equal(world_int(w, "requests.admitted"), 0);
    assert_int_equal(world_int(w, "requests.unchanged"), 1);
    assert_int_equal(world_int(w, "customers.refused"), 2);
    assert_true(world_bool(w, "exact"));
    assert_null(world_node(w, "not_known.0"));
    assert_int_equal(ask("enforcement", "{\"mode\":\"optional\"}"), 200);
    assert_int_equal(world_int(w, "requests.refused"), 1); /* carol's */
    assert_string_equal(world_text(w, "items.0.change"), "refused");
    assert_string_equal(world_text(w, "items.0.was"), "malformed");
    assert_string_equal(world_text(w, "items.0.becomes"), "malformed");
    assert_string_equal(world_text(w, "items.0.app_version"), "3.1.0");
    assert_int_equal(ask("enforcement", "{\"mode\":\"off\"}"), 200);
    assert_int_equal(world_int(w, "requests.unchanged"), 4);
}

static void
a_narrowing_refuses_where_it_applies(void **state)
{
    (void)state;
    make_traffic();
    assert_int_equal(ask("enforcement", "{\"mode\":\"required\",\"otherwise\":\"off\","
                                        "\"from_versions\":{\"ios\":\"3.2.0\"}}"),
                     200);
    assert_int_equal(world_int(w, "requests.refused"), 1);
    assert_string_equal(world_text(w, "items.0.becomes"), "enforcement_missing");
    assert_int_equal(ask("enforcement", "{\"mode\":\"required\",\"otherwise\":\"off\","
                                        "\"exemptions\":[{\"identity\":\"bob\","
                                        "\"until\":\"2026-12-01T00:00:00Z\"}]}"),
                     200);
    assert_int_equal(world_int(w, "requests.refused"), 1); /* carol's */
    assert_true(says("taken as in force"));
}

/* The same hash decides in the dry run and in earnest. */
static void
a_percentage_refuses_the_very_same_customers(void **state)
{
    (void)state;
    sdk_enforce("off");
    for (int i = 0; i < 40; i++)
        assert_int_equal(start("d", "1", world_format(w, ",\"identity\":\"user%d\"", i)), 201);
    const char *half = "{\"mode\":\"required\",\"otherwise\":\"off\",\"percentage\":50}";
    assert_int_equal(ask("enforcement", half), 200);
    int64_t predicted = world_int(w, "requests.refused");
    assert_in_range(predicted, 5, 35);
    assert_int_equal(world_int(w, "customers.refused"), predicted);
    struct ask put = {.method = CSN_PUT,
                      .target = world_format(w, "/api/v1/apps/%s/enforcement", app),
                      .bearer = w->admin,
                      .body = half};
    assert_int_equal(world_ask(w, &put), 200);
    int64_t refused = 0;
    for (int i = 0; i < 40; i++)
        refused += start("d", "1", world_format(w, ",\"identity\":\"user%d\"", i)) == 401;
    assert_int_equal(refused, predicted);
}

static void
a_milder_mode_admits_what_was_refused(void **state)
{
    (void)state;
    sdk_enforce("required");
    assert_int_equal(start("d1", "1", ",\"identity\":\"bob\""), 401);
    assert_int_equal(start("d1", "1", ",\"token\":\"a.b.c\""), 401);
    assert_int_equal(ask("enforcement", "{\"mode\":\"optional\"}"), 200);
    assert_int_equal(world_int(w, "requests.admitted"), 1);
    assert_int_equal(world_int(w, "customers.admitted"), 1);
    assert_string_equal(world_text(w, "items.0.becomes"), "accepted");
    assert_int_equal(ask("enforcement", "{\"mode\":\"monitor\"}"), 200);
    assert_int_equal(world_int(w, "requests.admitted"), 2);
}

/* --- policy --- */

#define GENERIC "\"preset\":\"generic\""

static void
a_policy_refuses_by_what_was_recorded(void **state)
{
    (void)state;
    assert_int_equal(start("d", "1", aged(-100, 500)), 201); /* 600 s long, 100 s old */
    assert_int_equal(start("d", "1", aged(-10, 3590)), 201); /* an hour long */
    assert_int_equal(ask("policy", "{" GENERIC "}"), 200);
    assert_int_equal(world_int(w, "requests.unchanged"), 2);
    assert_int_equal(ask("policy", "{" GENERIC ",\"lifetime_max_s\":600}"), 200);
    assert_int_equal(world_int(w, "requests.refused"), 1);
    assert_string_equal(world_text(w, "items.0.becomes"), "lifetime_too_long");
    assert_int_equal(ask("policy", "{" GENERIC ",\"lifetime_max_s\":599}"), 200);
    assert_int_equal(world_int(w, "requests.refused"), 2);
    assert_int_equal(ask("policy", "{" GENERIC ",\"issued_within_s\":50,\"leeway_s\":0}"), 200);
    assert_int_equal(world_int(w, "requests.refused"), 1);
    assert_string_equal(world_text(w, "items.0.becomes"), "issued_too_long_ago");
    assert_int_equal(ask("policy", "{" GENERIC ",\"algorithms\":[\"RS256\"]}"), 200);
    assert_int_equal(world_int(w, "requests.refused"), 2);
    assert_int_equal(world_int(w, "customers.refused"), 1);
    assert_string_equal(world_text(w, "items.0.becomes"), "algorithm_not_allowed");
    assert_int_equal(ask("policy", "{" GENERIC ",\"nonce\":\"required\"}"), 200);
    assert_int_equal(world_int(w, "requests.refused"), 2);
    assert_string_equal(world_text(w, "items.0.becomes"), "nonce_missing");
}

static void
what_was_not_recorded_is_unknown_and_said(void **state)
{
    (void)state;
    assert_int_equal(start("d", "1", aged(0, 600)), 201);
    assert_int_equal(ask("policy", "{" GENERIC ",\"issuer\":\"me\"}"), 200);
    assert_int_equal(world_int(w, "requests.unknown"), 1);
    assert_int_equal(world_int(w, "requests.refused"), 0);
    assert_null(world_text(w, "items.0.becomes"));
    assert_true(says("The issuer of a token is not recorded."));
    assert_int_equal(ask("policy", "{" GENERIC ",\"required\":[\"email\"]}"), 200);
    assert_int_equal(world_int(w, "requests.unknown"), 1);
    /* certain comes before unknown */
    assert_int_equal(ask("policy", "{" GENERIC ",\"issuer\":\"me\",\"algorithms\":[\"RS256\"]}"),
                     200);
    assert_int_equal(world_int(w, "requests.refused"), 1);
    assert_int_equal(world_int(w, "requests.unknown"), 0);
}

static void
a_loosened_policy_might_accept_but_never_for_certain(void **state)
{
    (void)state;
    assert_int_equal(start("d", "1", aged(-900, -300)), 401); /* five minutes late */
    assert_int_equal(ask("policy", "{" GENERIC ",\"leeway_s\":300}"), 200);
    assert_int_equal(world_int(w, "requests.possible"), 0);
    assert_int_equal(ask("policy", "{" GENERIC ",\"leeway_s\":301}"), 200);
    assert_int_equal(world_int(w, "requests.possible"), 1);
    assert_int_equal(world_int(w, "requests.admitted"), 0);
    assert_true(says("no further than the step that refused it"));
}

static void
no_token_is_no_business_of_a_policy(void **state)
{
    (void)state;
    assert_int_equal(start("d", "1", ""), 201);
    assert_int_equal(ask("policy", "{" GENERIC ",\"algorithms\":[\"RS256\"]}"), 200);
    assert_int_equal(world_int(w, "rows"), 1);
    assert_int_equal(world_int(w, "requests.looked_at"), 0);
}

static void
refuses_a_document_that_could_not_be_set(void **state)
{
    (void)state;
    assert_int_equal(ask("enforcement", "{\"mode\":\"none\"}"), 400);
    assert_string_equal(world_text(w, "field"), "enforcement.mode");
    assert_int_equal(ask("policy", "{" GENERIC ",\"leeway\":5}"), 400);
    assert_string_equal(world_text(w, "field"), "policy.leeway");
    assert_int_equal(ask("policy", "[]"), 400);
    const char *target = world_format(w, "/api/v1/apps/%s/enforcement/dry-run", app);
    assert_int_equal(
        world_post(w, w->admin, target, "{\"enforcement\":{\"mode\":\"off\"},\"since\":\"soon\"}"),
        400);
    assert_string_equal(world_text(w, "field"), "since");
    assert_int_equal(
        world_post(w, w->admin, target, "{\"enforcement\":{\"mode\":\"off\"},\"until\":\"soon\"}"),
        400);
    assert_string_equal(world_text(w, "field"), "until");
    assert_int_equal(
        world_get(w, w->admin, world_format(w, "/api/v1/apps/%s/failures?since=soon", app)), 400);
    assert_string_equal(world_text(w, "field"), "?since");
    assert_int_equal(world_post(w, w->admin, target,
                                "{\"enforcement\":{\"mode\":\"off\"},"
                                "\"since\":\"2026-11-20T00:00:00Z\"}"),
                     200);
}

int
main(void)
{
#define SENTENCE(name) cmocka_unit_test_setup_teardown(name, sdk_setup, sdk_teardown)
    const struct CMUnitTest tests[] = {
        SENTENCE(a_stricter_mode_refuses_what_it_says),
        SENTENCE(a_narrowing_refuses_where_it_applies),
        SENTENCE(a_percentage_refuses_the_very_same_customers),
        SENTENCE(a_milder_mode_admits_what_was_refused),
        SENTENCE(a_policy_refuses_by_what_was_recorded),
        SENTENCE(what_was_not_recorded_is_unknown_and_said),
        SENTENCE(a_loosened_policy_might_accept_but_never_for_certain),
        SENTENCE(no_token_is_no_business_of_a_policy),
        SENTENCE(refuses_a_document_that_could_not_be_set),
    };
    return cmocka_run_group_tests_name("dry_run", tests, NULL, NULL);
}
