/* The documents of an app that have versions: policy and enforcement, read and replaced under
 * conditions, and what is said of a wrong one.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "one_world.h"

static const char *owner; /* an admin's key of an account that is not root */

static int
setup(void **state)
{
    world_setup(state);
    owner = strdup(world_account(w, "Acme", "\"admin\""));
    return 0;
}

static int
teardown(void **state)
{
    free((void *)owner);
    return world_teardown(state);
}

static int
send(enum csn_method method, const char *bearer, const char *target, const char *body)
{
    return world_ask(
        w, &(struct ask){.method = method, .target = target, .bearer = bearer, .body = body});
}

static int
put_if(const char *target, const char *match, const char *body)
{
    return world_ask(w, &(struct ask){.method = CSN_PUT,
                                      .target = target,
                                      .bearer = owner,
                                      .body = body,
                                      .headers = {world_format(w, "If-Match: %s", match)}});
}

static void
replaces_a_document_only_under_the_version_it_was_read_with(void **state)
{
    (void)state;
    static const struct {
        const char *name, *one, *two;
    } documents[] = {
        {"policy", "{\"preset\":\"generic\",\"leeway_s\":10}",
         "{\"preset\":\"generic\",\"leeway_s\":20}"},
        {"enforcement", "{\"mode\":\"monitor\"}", "{\"mode\":\"required\"}"},
    };
    const char *app = strdup(world_app(w, owner, "\"preset\":\"generic\"", "HS256"));
    for (size_t i = 0; i < 2; i++) {
        const char *target = strdup(world_format(w, "/api/v1/apps/%s/%s", app, documents[i].name));
        assert_int_equal(world_get(w, owner, target), 200);
        const char *first = strdup(world_header(w, "etag"));
        assert_int_equal(put_if(target, first, documents[i].one), 200);
        const char *second = strdup(world_header(w, "etag"));
        assert_string_not_equal(first, second);
        assert_int_equal(put_if(target, first, documents[i].two), 412);
        PROBLEM_IS(w, "precondition_failed");
        assert_int_equal(put_if(target, second, documents[i].two), 200);
        assert_int_equal(put_if(target, "*", documents[i].one), 200);
        assert_int_equal(send(CSN_PUT, owner, target, documents[i].two), 200);
        const char *body = strdup(w->body);
        assert_int_equal(world_get(w, owner, target), 200);
        assert_string_equal(w->body, body);
        free((void *)target);
        free((void *)first);
        free((void *)second);
        free((void *)body);
    }
    free((void *)app);
}

static void
matches_no_tag_that_it_never_gave(void **state)
{
    (void)state;
    const char *app = world_app(w, owner, "\"preset\":\"generic\"", "HS256");
    const char *target = strdup(world_format(w, "/api/v1/apps/%s/enforcement", app));
    assert_int_equal(world_get(w, owner, target), 200);
    const char *tag = world_header(w, "etag");
    const char *const tags[] = {"\"0\"",       "\"-1\"", "0",     "\"\"",
                                "\"x\"",       "1",      "\"9\"", world_format(w, "W/%s", tag),
                                "\"2\", \"3\""};
    for (size_t i = 0; i < sizeof tags / sizeof tags[0]; i++)
        assert_int_equal(put_if(target, tags[i], "{\"mode\":\"off\"}"), 412);
    assert_int_equal(put_if(target, tag, "{\"mode\":\"off\"}"), 200);
    free((void *)target);
}

static int
get_unless(const char *target, const char *known)
{
    return world_ask(w, &(struct ask){.method = CSN_GET,
                                      .target = target,
                                      .bearer = owner,
                                      .headers = {world_format(w, "If-None-Match: %s", known)}});
}

static void
reads_lists_of_tags(void **state)
{
    (void)state;
    const char *app = world_app(w, owner, "\"preset\":\"generic\"", "HS256");
    const char *target = strdup(world_format(w, "/api/v1/apps/%s/enforcement", app));
    assert_int_equal(put_if(target, "\"a\", \"1\"", "{\"mode\":\"off\"}"), 200);
    assert_int_equal(put_if(target, "\"a,b\",\t\"2\" ,W/\"3\"", "{\"mode\":\"off\"}"), 200);
    assert_int_equal(put_if(target, "W/\"3\", \"2\"", "{\"mode\":\"off\"}"), 412);
    assert_int_equal(put_if(target, "\"3", "{\"mode\":\"off\"}"), 412);
    struct ask two = {.method = CSN_PUT,
                      .target = target,
                      .bearer = owner,
                      .body = "{\"mode\":\"off\"}",
                      .headers = {"If-Match: \"2\"", "If-Match: \"3\""}};
    assert_int_equal(world_ask(w, &two), 200);
    two.headers[0] = "If-None-Match: *";
    two.headers[1] = NULL;
    assert_int_equal(world_ask(w, &two), 412);
    free((void *)target);
}

static void
sends_no_document_that_is_known(void **state)
{
    (void)state;
    const char *app = world_app(w, owner, "\"preset\":\"generic\"", "HS256");
    static const char *const documents[] = {"policy", "enforcement"};
    for (int i = 0; i < 2; i++) {
        const char *target = strdup(world_format(w, "/api/v1/apps/%s/%s", app, documents[i]));
        assert_int_equal(world_get(w, owner, target), 200);
        assert_string_equal(world_header(w, "etag"), "\"1\"");
        static const char *const known[] = {"\"1\"", "W/\"1\"", "\"7\", W/\"1\"", "*"};
        for (size_t k = 0; k < sizeof known / sizeof known[0]; k++) {
            assert_int_equal(get_unless(target, known[k]), 304);
            assert_string_equal(world_header(w, "etag"), "\"1\"");
            assert_int_equal(w->x.response.body.len, 0);
        }
        static const char *const others[] = {"\"2\"", "1", "\"1", "W/1", "\"\"", "\"11\""};
        for (size_t k = 0; k < sizeof others / sizeof others[0]; k++)
            assert_int_equal(get_unless(target, others[k]), 200);
        free((void *)target);
    }
}

static void
judges_by_the_new_policy_at_once(void **state)
{
    (void)state;
    const char *app = world_app(w, owner, "\"preset\":\"generic\"", "HS256");
    const char *target = strdup(world_format(w, "/api/v1/apps/%s/policy", app));
    const char *token = world_token_for(w, "alice");
    assert_non_null(world_login(w, app, "device-1", token));
    assert_int_equal(send(CSN_PUT, owner, target, "{\"preset\":\"generic\",\"issuer\":\"me\"}"),
                     200);
    assert_null(world_login(w, app, "device-1", token));
    PROBLEM_IS(w, "claim_missing");
    free((void *)target);
}

static void
says_how_a_member_of_enforcement_is_wrong(void **state)
{
    (void)state;
    const char *app = strdup(world_app(w, owner, "\"preset\":\"generic\"", "HS256"));
    static const struct {
        const char *document, *body, *reason, *field, *detail;
    } cases[] = {
        {"enforcement", "{\"mode\":\"maybe\"}", "field_invalid", "mode", "monitor"},
        {"enforcement", "{}", "field_missing", "mode", "monitor"},
        {"enforcement", "{\"mode\":\"off\",\"otherwise\":7}", "field_invalid", "otherwise",
         "monitor"},
        {"enforcement", "{\"mode\":\"off\",\"percent\":5}", "field_unknown", "percent",
         "no such member"},
        {"enforcement", "{\"mode\":\"off\",\"percentage\":0}", "field_invalid", "percentage",
         "1 to 100"},
        {"enforcement", "{\"mode\":\"off\",\"until\":\"2020-01-01T00:00:00Z\"}", "field_invalid",
         "until", "ahead"},
        {"enforcement", "{\"mode\":\"off\",\"from_versions\":{\"ios\":\"v3\"}}", "field_invalid",
         "from_versions", "digit"},
        {"enforcement", "{\"mode\":\"off\",\"exemptions\":[{\"identity\":\"a\"}]}", "field_invalid",
         "exemptions", "until"},
        {"policy", "{\"preset\":\"generic\",\"identty\":[\"sub\"]}", "field_unknown", "identty",
         "not a field"},
        {"policy", "{\"preset\":\"generic\",\"leeway_s\":-1}", "field_invalid", "leeway_s", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *target = world_format(w, "/api/v1/apps/%s/%s", app, cases[i].document);
        assert_int_equal(send(CSN_PUT, owner, target, cases[i].body), 400);
        PROBLEM_IS(w, cases[i].reason);
        assert_string_equal(world_text(w, "field"), cases[i].field);
        assert_non_null(strstr(world_text(w, "detail"), cases[i].detail));
    }
    free((void *)app);
}

static void
names_what_is_wrong_with_a_document(void **state)
{
    (void)state;
    const char *app = strdup(world_app(w, owner, "\"preset\":\"generic\"", "HS256"));
    static const struct {
        const char *document, *body, *field;
    } cases[] = {
        {"policy", "{\"algorithms\":[\"HS1\"],\"identity\":[\"sub\"]}", "algorithms"},
        {"policy", "{\"preset\":\"generic\",\"leeway\":5}", "leeway"},
        {"policy", "{\"preset\":\"generic\",\"leeway_s\":\"5\"}", "leeway_s"},
        {"enforcement", "{\"mode\":\"maybe\"}", "mode"},
        {"enforcement", "{}", "mode"},
        {"enforcement", "{\"mode\":\"required\",\"percentage\":101}", "percentage"},
        {"enforcement", "{\"mode\":\"required\",\"until\":\"2020-01-01T00:00:00Z\"}", "until"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *target = world_format(w, "/api/v1/apps/%s/%s", app, cases[i].document);
        assert_int_equal(send(CSN_PUT, owner, target, cases[i].body), 400);
        assert_string_equal(world_text(w, "field"), cases[i].field);
        assert_int_equal(send(CSN_PUT, owner, target, "[]"), 400);
        assert_int_equal(send(CSN_PUT, owner, target, "{\"mode\":"), 400);
    }
    free((void *)app);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(replaces_a_document_only_under_the_version_it_was_read_with),
        TEST(matches_no_tag_that_it_never_gave),
        TEST(reads_lists_of_tags),
        TEST(sends_no_document_that_is_known),
        TEST(judges_by_the_new_policy_at_once),
        TEST(says_how_a_member_of_enforcement_is_wrong),
        TEST(names_what_is_wrong_with_a_document),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
