/* What an app's owner sees of its customers: the people, the decisions, the diagnosis.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "one_world.h"

static const char *app, *base; /* of an app made from "generic", HS256 by SECRET */

static int
setup(void **state)
{
    world_setup(state);
    app = strdup(world_app(w, w->admin, "\"preset\":\"generic\"", "HS256"));
    base = strdup(world_format(w, "/api/v1/apps/%s/", app));
    return 0;
}

static int
teardown(void **state)
{
    free((void *)app);
    free((void *)base);
    return world_teardown(state);
}

static int
get(const char *path)
{
    return world_get(w, w->admin, world_format(w, "%s%s", base, path));
}

static int
post(const char *path, const char *body)
{
    return world_post(w, w->admin, world_format(w, "%s%s", base, path), body);
}

static const char *
login(const char *device, const char *sub)
{
    return world_login(w, app, device, sub != NULL ? world_token_for(w, sub) : NULL);
}

/* --- customers --- */

static void
finds_a_customer_by_identity_alone(void **state)
{
    (void)state;
    assert_non_null(login("device-1", "alice@shop.example"));
    const char *id = world_text(w, "customer.id");
    assert_int_equal(get("customers?identity=alice%40shop.example"), 200);
    assert_int_equal(world_node(w, "items")->count, 1);
    assert_string_equal(world_text(w, "items.0.id"), id);
    assert_string_equal(world_text(w, "items.0.identity"), "alice@shop.example");
    assert_true(world_bool(w, "items.0.verified"));
    assert_int_equal(get("customers?identity=alice"), 200);
    assert_int_equal(world_node(w, "items")->count, 0);
    assert_int_equal(get("customers?name=alice"), 400);
}

static void
lists_customers_page_by_page(void **state)
{
    (void)state;
    for (int i = 0; i < 5; i++) {
        w->now_ms++;
        assert_non_null(login(world_format(w, "device-%d", i), world_format(w, "user-%d", i)));
    }
    assert_int_equal(get("customers?limit=3"), 200);
    assert_int_equal(world_node(w, "items")->count, 3);
    assert_string_equal(world_text(w, "items.0.identity"), "user-0");
    const char *next = world_text(w, "next");
    assert_int_equal(get(world_format(w, "customers?limit=3&cursor=%s", next)), 200);
    assert_int_equal(world_node(w, "items")->count, 2);
    assert_string_equal(world_text(w, "items.1.identity"), "user-4");
    assert_null(world_text(w, "next"));
}

static void
shows_a_customer_with_devices_and_sessions(void **state)
{
    (void)state;
    assert_non_null(login("device-1", "alice"));
    const char *session = world_text(w, "session.id");
    assert_non_null(login("device-2", "alice"));
    const char *id = world_text(w, "customer.id");
    assert_int_equal(get(world_format(w, "customers/%s", id)), 200);
    assert_int_equal(world_node(w, "devices")->count, 2);
    assert_int_equal(world_node(w, "sessions")->count, 2);
    assert_string_equal(world_text(w, "devices.0.id"), "device-1");
    assert_string_equal(world_text(w, "devices.0.session"), session);
    assert_string_equal(world_text(w, "sessions.0.assurance"), "verified");
    assert_null(strstr(w->body, "vault"));
}

static void
revokes_everything_a_customer_has(void **state)
{
    (void)state;
    const char *current = strdup(world_format(w, "/sdk/v1/apps/%s/sessions/current", app));
    const char *one = strdup(login("device-1", "alice"));
    const char *two = strdup(login("device-2", "alice"));
    const char *id = world_text(w, "customer.id");
    const char *token = strdup(world_token_for(w, "alice"));
    w->now_ms += 2000;
    assert_int_equal(post(world_format(w, "customers/%s/revoke", id), NULL), 204);
    assert_int_equal(world_get(w, one, current), 401);
    PROBLEM_IS(w, "revoked");
    assert_int_equal(world_get(w, two, current), 401);
    assert_null(world_login(w, app, "device-1", token));
    PROBLEM_IS(w, "revoked");
    w->now_ms += 2000;
    assert_non_null(login("device-1", "alice"));
    free((void *)current);
    free((void *)one);
    free((void *)two);
    free((void *)token);
}

static void
revokes_one_session_and_no_other(void **state)
{
    (void)state;
    const char *current = strdup(world_format(w, "/sdk/v1/apps/%s/sessions/current", app));
    const char *one = strdup(login("device-1", "alice"));
    const char *session = world_text(w, "session.id");
    const char *two = strdup(login("device-2", "alice"));
    const char *id = world_text(w, "customer.id");
    const char *revoke = strdup(world_format(w, "customers/%s/revoke", id));
    assert_int_equal(post(revoke, world_format(w, "{\"session\":\"%s\"}", session)), 204);
    assert_int_equal(world_get(w, one, current), 401);
    assert_int_equal(world_get(w, two, current), 200);
    assert_int_equal(post(revoke, "{\"session\":\"01ARZ3NDEKTSV4RRFFQ69G5FAV\"}"), 404);
    assert_int_equal(post(revoke, "{\"session\":\"nonsense\"}"), 404);
    assert_int_equal(post(revoke, "{\"sesion\":\"x\"}"), 400);
    free((void *)current);
    free((void *)one);
    free((void *)two);
    free((void *)revoke);
}

static void
knows_a_customer_inside_its_own_app_alone(void **state)
{
    (void)state;
    assert_non_null(login("device-1", "alice"));
    const char *id = strdup(world_text(w, "customer.id"));
    const char *other = world_app(w, w->admin, "\"preset\":\"generic\"", "HS256");
    const char *foreign = strdup(world_format(w, "/api/v1/apps/%s/customers/%s", other, id));
    assert_int_equal(world_get(w, w->admin, foreign), 404);
    assert_int_equal(world_post(w, w->admin, world_format(w, "%s/revoke", foreign), NULL), 404);
    assert_int_equal(get(world_format(w, "customers/%s", id)), 200);
    free((void *)id);
    free((void *)foreign);
}

/* --- decisions --- */

static int64_t
counted(const char *reason, const char *endpoint)
{
    const struct csn_json_node *items = world_node(w, "items");
    int64_t sum = 0;
    for (const struct csn_json_node *n = items->first; n != NULL; n = n->next) {
        int64_t count = 0;
        assert_true(csn_json_get_int(n, "count", &count));
        if (csn_bytes_equal_text(csn_json_get(n, "reason")->text, reason) &&
            csn_bytes_equal_text(csn_json_get(n, "endpoint")->text, endpoint))
            sum += count;
    }
    return sum;
}

static void
record_versions(int from, int to)
{
    for (int n = from; n < to; n++) {
        struct csn_decision d = {.at_ms = w->now_ms,
                                 .reason = CSN_REASON_EXPIRED,
                                 .endpoint = CSN_ENDPOINT_SDK,
                                 .percentile = -1};
        memcpy(d.app.text, app, CSN_ID_LENGTH);
        snprintf(d.app_version, sizeof d.app_version, "%d", n);
        csn_decisions_record(w->service.decisions, &d);
    }
    world_flush(w);
}

static void
the_total_is_of_all_groups_also_of_those_that_are_not_listed(void **state)
{
    (void)state;
    record_versions(0, 500);
    assert_int_equal(get("decisions/summary"), 200);
    assert_int_equal(world_node(w, "items")->count, 500);
    assert_false(world_bool(w, "more"));
    assert_int_equal(world_int(w, "total"), 500);
    record_versions(499, 502);
    assert_int_equal(get("decisions/summary"), 200);
    assert_int_equal(world_node(w, "items")->count, 500);
    assert_true(world_bool(w, "more"));
    assert_int_equal(world_int(w, "items.0.count"), 2);
    assert_int_equal(world_int(w, "total"), 503);
}

static void
counts_every_decision_exactly(void **state)
{
    (void)state;
    const char *current = strdup(world_format(w, "/sdk/v1/apps/%s/sessions/current", app));
    const char *verify = strdup(world_format(w, "/gateway/v1/apps/%s/verify", app));
    for (int i = 0; i < 3; i++)
        assert_non_null(login("device-1", "alice"));
    const char *session = strdup(world_text(w, "session.token"));
    assert_non_null(login("device-2", NULL));
    assert_null(world_login(w, app, "device-3", "x.y.z"));
    for (int i = 0; i < 4; i++)
        assert_int_equal(world_get(w, session, current), 200);
    assert_int_equal(world_get(w, "x.y.z", current), 401);
    for (int i = 0; i < 5; i++)
        assert_int_equal(world_get(w, session, verify), 200);
    assert_int_equal(world_get(w, NULL, verify), 401);
    struct ask out = {.method = CSN_DELETE, .target = current, .bearer = session};
    assert_int_equal(world_ask(w, &out), 204);
    world_flush(w);
    assert_int_equal(get("decisions/summary"), 200);
    assert_int_equal(counted("accepted", "session_start"), 3);
    assert_int_equal(counted("missing", "session_start"), 1);
    assert_int_equal(counted("malformed", "session_start"), 1);
    assert_int_equal(counted("accepted", "sdk"), 4);
    assert_int_equal(counted("malformed", "sdk"), 1);
    assert_int_equal(counted("accepted", "gateway"), 5);
    assert_int_equal(counted("missing", "gateway"), 1);
    assert_int_equal(counted("accepted", "session_end"), 1);
    assert_int_equal(world_int(w, "total"), 17);
    free((void *)current);
    free((void *)verify);
    free((void *)session);
}

static void
records_what_may_be_known_and_nothing_else(void **state)
{
    (void)state;
    const char *token = strdup(world_token_for(w, "alice-the-secret"));
    const char *sessions = world_format(w, "/sdk/v1/apps/%s/sessions", app);
    const char *body =
        world_format(w,
                     "{\"device\":{\"id\":\"device-77\",\"platform\":\"android\",\"app_version\":"
                     "\"3.1.0\",\"sdk_version\":\"1.2\"},\"token\":\"%s\"}",
                     token);
    w->now_ms += 5000;
    assert_int_equal(world_post(w, NULL, sessions, body), 201);
    world_flush(w);
    assert_int_equal(get("decisions"), 200);
    assert_string_equal(world_text(w, "items.0.reason"), "accepted");
    assert_string_equal(world_text(w, "items.0.platform"), "android");
    assert_string_equal(world_text(w, "items.0.app_version"), "3.1.0");
    assert_string_equal(world_text(w, "items.0.sdk_version"), "1.2");
    assert_string_equal(world_text(w, "items.0.algorithm"), "HS256");
    assert_string_equal(world_text(w, "items.0.assurance"), "verified");
    assert_string_equal(world_text(w, "items.0.mode"), "optional");
    assert_int_equal(world_int(w, "items.0.skew_ms"), 5977);
    assert_int_equal(world_int(w, "items.0.lifetime_ms"), 3600000);
    assert_int_equal(strlen(world_text(w, "items.0.pseudonym")), 32);
    assert_null(strstr(w->body, "alice"));
    assert_null(strstr(w->body, "device-77"));
    assert_null(strstr(w->body, strrchr(token, '.') + 1));
    free((void *)token);
}

static void
finds_the_decisions_it_is_asked_for(void **state)
{
    (void)state;
    assert_non_null(login("device-1", "alice"));
    w->now_ms += 1000;
    assert_non_null(login("device-2", "bob"));
    w->now_ms += 1000;
    assert_null(world_login(w, app, "device-3", "x.y.z"));
    world_flush(w);
    assert_int_equal(get("decisions?reason=malformed"), 200);
    assert_int_equal(world_node(w, "items")->count, 1);
    assert_int_equal(get("decisions?identity=alice"), 200);
    assert_int_equal(world_node(w, "items")->count, 1);
    assert_int_equal(get("decisions?since=2026-11-21T09:32:29.977Z"), 200);
    assert_int_equal(world_node(w, "items")->count, 2);
    assert_int_equal(get("decisions?until=2026-11-21T09:32:29.977Z"), 200);
    assert_int_equal(world_node(w, "items")->count, 1);
    assert_int_equal(get("decisions?limit=2"), 200);
    assert_string_equal(world_text(w, "items.0.reason"), "malformed");
    assert_int_equal(get(world_format(w, "decisions?limit=2&cursor=%s", world_text(w, "next"))),
                     200);
    assert_int_equal(world_node(w, "items")->count, 1);
    assert_null(world_text(w, "next"));
    static const char *const wrong[] = {"decisions?reason=bad", "decisions?since=yesterday",
                                        "decisions?cursor=0",   "decisions?cursor=x",
                                        "decisions?cursor=1.x", "decisions?cursor=1.0",
                                        "decisions?cursor=0.1", "decisions?cursor=17",
                                        "decisions?resaon=x",   "decisions/summary?until=x"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_equal(get(wrong[i]), 400);
}

/* --- diagnosis --- */

static const char *
first_finding(const char *token)
{
    assert_int_equal(post("diagnose", world_format(w, "{\"token\":\"%s\"}", token)), 200);
    return world_text(w, "findings.0.code");
}

static void
names_the_mistake_behind_a_token(void **state)
{
    (void)state;
    long long now_s = w->now_ms / 1000;
    const char *payload =
        world_format(w, "{\"sub\":\"alice\",\"iat\":%lld,\"exp\":%lld}", now_s, now_s + 600);
    const char *newline = world_token(w, CSN_HS256, SECRET "\n", payload);
    assert_string_equal(first_finding(newline), "secret_whitespace");
    assert_string_equal(world_text(w, "verdict.reason"), "signature_invalid");
    const char *late = world_token(
        w, CSN_HS256, SECRET, world_format(w, "{\"sub\":\"alice\",\"exp\":%lld000}", now_s + 600));
    assert_int_equal(post("diagnose", world_format(w, "{\"token\":\"%s\"}", late)), 200);
    assert_string_equal(world_text(w, "verdict.reason"), "time_in_milliseconds");
    assert_null(strstr(w->body, SECRET));
}

static void
finds_a_token_signed_with_the_api_credential(void **state)
{
    (void)state;
    const char *secret = strchr(w->admin, '.') + 1;
    long long now_s = w->now_ms / 1000;
    const char *payload =
        world_format(w, "{\"sub\":\"alice\",\"iat\":%lld,\"exp\":%lld}", now_s, now_s + 600);
    const char *code = first_finding(world_token(w, CSN_HS256, secret, payload));
    assert_non_null(code);
    assert_non_null(strstr(code, "api"));
    assert_null(strstr(w->body, secret));
}

static void
says_so_when_nothing_is_wrong(void **state)
{
    (void)state;
    assert_int_equal(
        post("diagnose", world_format(w, "{\"token\":\"%s\"}", world_token_for(w, "alice"))), 200);
    assert_string_equal(world_text(w, "verdict.reason"), "accepted");
    assert_string_equal(world_text(w, "findings.0.code"), "accepted");
}

static void
compares_with_what_the_owner_expected(void **state)
{
    (void)state;
    const char *body =
        world_format(w, "{\"token\":\"%s\",\"identity\":\"Alice\"}", world_token_for(w, "alice"));
    assert_int_equal(post("diagnose", body), 200);
    assert_true(world_node(w, "findings")->count > 0);
    assert_int_equal(post("diagnose", "{}"), 400);
    assert_int_equal(post("diagnose", "{\"token\":\"x\",\"tokne\":\"y\"}"), 400);
}

static void
leaves_no_secret_in_the_memory_of_the_exchange(void **state)
{
    (void)state;
    assert_int_equal(post("diagnose", "{\"token\":\"x.y.z\"}"), 200);
    const uint8_t *memory = w->memory;
    for (size_t i = 0; i + sizeof SECRET < CSN_EXCHANGE_MEMORY; i++)
        assert_memory_not_equal(memory + i, SECRET, sizeof SECRET - 1);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(finds_a_customer_by_identity_alone),
        TEST(lists_customers_page_by_page),
        TEST(shows_a_customer_with_devices_and_sessions),
        TEST(revokes_everything_a_customer_has),
        TEST(revokes_one_session_and_no_other),
        TEST(knows_a_customer_inside_its_own_app_alone),
        TEST(counts_every_decision_exactly),
        TEST(the_total_is_of_all_groups_also_of_those_that_are_not_listed),
        TEST(records_what_may_be_known_and_nothing_else),
        TEST(finds_the_decisions_it_is_asked_for),
        TEST(names_the_mistake_behind_a_token),
        TEST(finds_a_token_signed_with_the_api_credential),
        TEST(says_so_when_nothing_is_wrong),
        TEST(compares_with_what_the_owner_expected),
        TEST(leaves_no_secret_in_the_memory_of_the_exchange),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
