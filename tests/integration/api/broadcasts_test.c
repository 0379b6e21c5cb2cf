/* Broadcasts over the API: made, listed, shown, withdrawn; what is refused.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "sdk.h"

#include "server/domain/broadcasts.h"

static const char *path;

static int
setup(void **state)
{
    sdk_setup(state);
    path = strdup(world_format(w, "/api/v1/apps/%s/broadcasts", app));
    return 0;
}

static int
teardown(void **state)
{
    free((void *)path);
    return sdk_teardown(state);
}

static int
post(const char *body)
{
    return world_post(w, w->admin, path, body);
}

static int
ask_one(enum csn_method method, const char *id)
{
    return world_ask(w, &(struct ask){.method = method,
                                      .target = world_format(w, "%s/%s", path, id),
                                      .bearer = w->admin});
}

static void
is_made_shown_and_withdrawn(void **state)
{
    (void)state;
    assert_int_equal(post("{\"kind\":\"message\",\"body\":{\"text\":\"Hello, <all>\"}}"), 201);
    const char *id = strdup(world_text(w, "id"));
    assert_string_equal(world_text(w, "kind"), "message");
    assert_string_equal(world_text(w, "created_at"), "2026-11-21T09:32:28.977Z");
    assert_string_equal(world_text(w, "expires_at"), "2026-12-21T09:32:28.977Z");
    const char *body = strdup(w->body);
    assert_int_equal(ask_one(CSN_GET, id), 200);
    assert_string_equal(w->body, body);
    assert_string_equal(world_text(w, "body.text"), "Hello, <all>");
    assert_int_equal(ask_one(CSN_DELETE, id), 204);
    assert_int_equal(ask_one(CSN_DELETE, id), 404);
    assert_int_equal(ask_one(CSN_GET, id), 404);
    free((void *)id);
    free((void *)body);
}

static void
are_listed_page_by_page_without_their_bodies(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        w->now_ms++;
        assert_int_equal(post("{\"kind\":\"push\",\"body\":{\"text\":\"hush\"}}"), 201);
    }
    assert_int_equal(world_get(w, w->admin, world_format(w, "%s?limit=2", path)), 200);
    assert_int_equal(world_node(w, "items")->count, 2);
    assert_null(strstr(w->body, "hush"));
    const char *next = world_text(w, "next");
    assert_int_equal(world_get(w, w->admin, world_format(w, "%s?limit=2&cursor=%s", path, next)),
                     200);
    assert_int_equal(world_node(w, "items")->count, 1);
    assert_null(world_text(w, "next"));
}

static void
says_what_is_wrong_with_one(void **state)
{
    (void)state;
    static const struct {
        const char *body, *reason, *field;
    } rows[] = {
        {"{\"body\":{}}", "field_missing", "kind"},
        {"{\"kind\":\"push\"}", "field_missing", "body"},
        {"{\"kind\":\"event\",\"body\":{}}", "field_invalid", "kind"},
        {"{\"kind\":\"note\",\"body\":{}}", "field_invalid", "kind"},
        {"{\"kind\":\"push\",\"body\":\"text\"}", "field_invalid", "body"},
        {"{\"kind\":\"push\",\"body\":{},\"to\":1}", "field_unknown", "to"},
        {"{\"kind\":\"push\",\"body\":{},\"expires_at\":\"2026-11-21T09:32:28.977Z\"}",
         "field_invalid", "expires_at"},
        {"{\"kind\":\"push\",\"body\":{},\"expires_at\":\"2027-12-26T09:32:28.978Z\"}",
         "field_invalid", "expires_at"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(post(rows[i].body), 400);
        PROBLEM_IS(w, rows[i].reason);
        assert_non_null(strstr(w->body, rows[i].field));
    }
    assert_int_equal(
        post("{\"kind\":\"push\",\"body\":{},\"expires_at\":\"2027-12-26T09:32:28.977Z\"}"), 201);
}

static void
holds_a_body_of_its_limit(void **state)
{
    (void)state;
    static char text[CSN_ITEM_BODY_MAX + 200];
    size_t start = strlen("{\"kind\":\"push\",\"body\":"), frame = strlen("{\"t\":\"\"}");
    for (size_t more = 0; more < 2; more++) {
        size_t len = CSN_ITEM_BODY_MAX - frame + more;
        strcpy(text, "{\"kind\":\"push\",\"body\":{\"t\":\"");
        memset(text + start + 6, 'x', len);
        strcpy(text + start + 6 + len, "\"}}");
        assert_int_equal(post(text), more == 0 ? 201 : 400);
    }
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(is_made_shown_and_withdrawn),
        TEST(are_listed_page_by_page_without_their_bodies),
        TEST(says_what_is_wrong_with_one),
        TEST(holds_a_body_of_its_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
