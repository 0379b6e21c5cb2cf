/* Experiences over the API: written with an ETag, targeted, shown as the assurance allows, and not
 * again once the SDK said what became of them.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "sdk.h"

#include "server/domain/experiences.h"

static const char *path, *shown; /* of the app's people, and of the SDK */

/* Texts that live until the test is over. */
static char *kept[64];
static size_t kept_count;

static const char *
keep(const char *text)
{
    assert_true(kept_count < sizeof kept / sizeof kept[0]);
    return kept[kept_count++] = strdup(text);
}

static int
setup(void **state)
{
    sdk_setup(state);
    path = strdup(world_format(w, "/api/v1/apps/%s/experiences", app));
    shown = strdup(world_format(w, "/sdk/v1/apps/%s/experiences", app));
    return 0;
}

static int
teardown(void **state)
{
    free((void *)path);
    free((void *)shown);
    while (kept_count > 0)
        free(kept[--kept_count]);
    return sdk_teardown(state);
}

/* --- the app's people --- */

static int
post(const char *body)
{
    return world_post(w, w->admin, path, body);
}

/* Makes one called `name`. Returns: its id. */
static const char *
make(const char *name, const char *members)
{
    const char *body = world_format(w, "{\"name\":\"%s\",\"content\":{\"text\":\"of %s\"}%s}", name,
                                    name, members);
    if (post(body) != 201)
        fail_msg("%s: %s", body, w->body);
    w->now_ms++;
    return keep(world_text(w, "id"));
}

static int
ask(enum csn_method method, const char *id, const char *body, const char *match)
{
    struct ask one = {.method = method,
                      .target = world_format(w, "%s/%s", path, id),
                      .bearer = w->admin,
                      .body = body};
    if (match != NULL)
        one.headers[0] = match;
    return world_ask(w, &one);
}

static void
is_made_read_changed_and_removed(void **state)
{
    (void)state;
    assert_int_equal(post("{\"name\":\"Welcome\",\"content\":{\"text\":\"<b>Hi</b>\"},"
                          "\"rule\":{\"property\":\"plan\",\"is\":\"gold\"},\"priority\":-5,"
                          "\"frequency\":\"session\",\"starts_at\":\"2026-11-22T00:00:00Z\","
                          "\"ends_at\":\"2026-11-23T00:00:00Z\",\"enabled\":false}"),
                     201);
    const char *id = keep(world_text(w, "id"));
    assert_string_equal(world_header(w, "etag"), "\"1\"");
    assert_string_equal(world_text(w, "rule.is"), "gold");
    assert_string_equal(world_text(w, "content.text"), "<b>Hi</b>");
    const char *body = keep(w->body);
    assert_int_equal(ask(CSN_GET, id, NULL, NULL), 200);
    assert_string_equal(w->body, body);
    assert_int_equal(ask(CSN_GET, id, NULL, "If-None-Match: \"1\""), 304);
    w->now_ms += 1000;
    assert_int_equal(
        ask(CSN_PATCH, id, "{\"enabled\":true,\"rule\":null,\"ends_at\":null}", "If-Match: \"1\""),
        200);
    assert_string_equal(world_header(w, "etag"), "\"2\"");
    assert_true(world_bool(w, "enabled"));
    assert_null(world_text(w, "rule.is"));
    assert_null(world_text(w, "ends_at"));
    assert_string_equal(world_text(w, "starts_at"), "2026-11-22T00:00:00.000Z");
    assert_string_equal(world_text(w, "frequency"), "session");
    assert_int_equal(world_int(w, "priority"), -5);
    assert_int_equal(ask(CSN_PATCH, id, "{\"priority\":1}", "If-Match: \"1\""), 412);
    assert_int_equal(ask(CSN_PATCH, id, "{\"ends_at\":\"2026-11-22T00:00:00Z\"}", NULL), 400);
    assert_int_equal(ask(CSN_GET, id, NULL, "If-None-Match: \"2\""), 304);
    assert_int_equal(ask(CSN_DELETE, id, NULL, NULL), 204);
    assert_int_equal(ask(CSN_GET, id, NULL, NULL), 404);
    assert_int_equal(ask(CSN_PATCH, id, "{}", NULL), 404);
}

static void
says_what_is_wrong_with_one_and_where(void **state)
{
    (void)state;
    static const struct {
        const char *members, *reason, *field;
    } rows[] = {
        {",\"rule\":{\"all\":[{\"not\":{\"property\":\"\",\"is\":1}}]}", "field_invalid",
         "rule.all.0.not.property"},
        {",\"rule\":{}", "field_invalid", "rule"},
        {",\"rule\":[]", "field_invalid", "rule"},
        {",\"rule\":\"everybody\"", "field_invalid", "rule"},
        {",\"frequency\":\"unset\"", "field_invalid", "frequency"},
        {",\"frequency\":\"daily\"", "field_invalid", "frequency"},
        {",\"priority\":1000001", "field_invalid", "priority"},
        {",\"priority\":-1000001", "field_invalid", "priority"},
        {",\"starts_at\":\"2026-11-22T00:00:00Z\",\"ends_at\":\"2026-11-22T00:00:00Z\"",
         "field_invalid", "ends_at"},
        {",\"audience\":1", "field_unknown", "audience"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(
            post(world_format(w, "{\"name\":\"n\",\"content\":{}%s}", rows[i].members)), 400);
        PROBLEM_IS(w, rows[i].reason);
        if (strstr(w->body, world_format(w, "\"%s\"", rows[i].field)) == NULL &&
            strstr(w->body, rows[i].field) == NULL)
            fail_msg("%s: %s", rows[i].members, w->body);
    }
    assert_int_equal(post("{\"content\":{}}"), 400);
    assert_int_equal(post("{\"name\":\"n\"}"), 400);
    assert_int_equal(post("{\"name\":\"n\",\"content\":[]}"), 400);
}

static void
holds_its_limits(void **state)
{
    (void)state;
    static char body[CSN_EXPERIENCE_CONTENT_MAX + 100];
    for (size_t more = 0; more < 2; more++) {
        strcpy(body, "{\"name\":\"n\",\"content\":{\"t\":\"");
        size_t start = strlen(body), len = CSN_EXPERIENCE_CONTENT_MAX - 8 + more;
        memset(body + start, 'x', len);
        strcpy(body + start + len, "\"}}");
        assert_int_equal(post(body), more == 0 ? 201 : 400);
    }
    for (int i = 1; i < CSN_EXPERIENCES_MAX; i++)
        assert_int_equal(post("{\"name\":\"n\",\"content\":{}}"), 201);
    assert_int_equal(post("{\"name\":\"n\",\"content\":{}}"), 409);
    assert_int_equal(world_get(w, w->admin, world_format(w, "%s?limit=99", path)), 200);
    assert_int_equal(world_node(w, "items")->count, 99);
    const char *next = world_text(w, "next");
    assert_int_equal(world_get(w, w->admin, world_format(w, "%s?cursor=%s", path, next)), 200);
    assert_int_equal(world_node(w, "items")->count, 1);
    assert_null(world_text(w, "next"));
}

/* --- the SDK --- */

/* Returns: exactly these are shown, by name, in this order ("a b"). */
static bool
is_shown(const char *bearer, const char *names)
{
    char text[512] = "";
    assert_int_equal(world_get(w, bearer, shown), 200);
    for (const struct csn_json_node *i = world_node(w, "items")->first; i != NULL; i = i->next) {
        struct csn_bytes of;
        assert_true(csn_json_get_text(csn_json_get(i, "content"), "text", &of));
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%.*s", *text ? " " : "",
                 (int)of.len - 3, (const char *)of.ptr + 3);
    }
    if (strcmp(text, names) != 0)
        print_message("shown: %s\n", text);
    return strcmp(text, names) == 0;
}

static void
sync_item(const char *bearer, const char *kind, const char *id, const char *body)
{
    const char *items = world_format(w, "{\"items\":[{\"id\":\"%s\",\"kind\":\"%s\",\"body\":%s}]}",
                                     id, kind, body);
    assert_int_equal(world_post(w, bearer, world_format(w, "/sdk/v1/apps/%s/sync", app), items),
                     200);
    assert_string_equal(world_text(w, "results.0.status"), "accepted");
}

static void
set_property(const char *bearer, const char *members)
{
    struct ask patch = {.method = CSN_PATCH,
                        .target = world_format(w, "/sdk/v1/apps/%s/profile", app),
                        .bearer = bearer,
                        .body = world_format(w, "{\"properties\":{%s}}", members)};
    assert_int_equal(world_ask(w, &patch), 200);
}

static const char *
login(const char *device, const char *sub)
{
    return keep(world_login(w, app, device, sub != NULL ? world_token_for(w, sub) : NULL));
}

static const char *
claim(const char *device, const char *identity)
{
    assert_int_equal(world_post(w, NULL, sessions,
                                world_format(w, "{\"device\":{\"id\":\"%s\"},\"identity\":\"%s\"}",
                                             device, identity)),
                     201);
    return keep(world_text(w, "session.token"));
}

static void
come_by_priority_while_they_last(void **state)
{
    (void)state;
    make("low", ",\"priority\":-1");
    make("first", "");
    make("second", "");
    make("high", ",\"priority\":7");
    make("off", ",\"enabled\":false");
    make("later", ",\"starts_at\":\"2026-11-21T10:00:00Z\"");
    make("over", ",\"ends_at\":\"2026-11-21T09:45:00Z\"");
    const char *alice = login("device-1", "alice");
    assert_true(is_shown(alice, "high first second over low"));
    assert_null(strstr(w->body, "\"name\""));
    w->now_ms = NOW_MS - 28977 - 32 * 60000 - 9 * 3600000LL; /* midnight */
    w->now_ms += 9 * 3600000LL + 45 * 60000 - 1;
    assert_true(is_shown(alice, "high first second over low"));
    w->now_ms += 1;
    assert_true(is_shown(alice, "high first second low"));
    w->now_ms += 15 * 60000;
    assert_true(is_shown(alice, "high first second later low"));
}

static void
match_by_profile_device_and_events(void **state)
{
    (void)state;
    make("gold", ",\"rule\":{\"property\":\"plan\",\"is\":\"gold\"}");
    make("buyer", ",\"rule\":{\"event\":\"bought\",\"within_s\":60,\"at_least\":2}");
    make("ios", ",\"rule\":{\"device\":\"platform\",\"is\":\"ios\"}");
    make("old", ",\"rule\":{\"device\":\"app_version\",\"less\":\"3.10\"}");
    const char *alice = login("device-1", "alice");
    assert_true(is_shown(alice, ""));
    set_property(alice, "\"plan\":\"gold\"");
    assert_true(is_shown(alice, "gold"));
    sync_item(alice, "event", "e1", "{\"name\":\"bought\",\"what\":{\"name\":\"x\"}}");
    assert_true(is_shown(alice, "gold"));
    sync_item(alice, "event", "e2", "{\"what\":[\"name\"],\"name\":\"bo\\u0075ght\"}");
    assert_true(is_shown(alice, "gold buyer"));
    sync_item(alice, "message", "m1", "{\"name\":\"bought\"}");
    w->now_ms += 60000;
    assert_true(is_shown(alice, "gold buyer"));
    w->now_ms += 1;
    assert_true(is_shown(alice, "gold"));
    const char *body = world_format(w,
                                    "{\"device\":{\"id\":\"device-2\",\"platform\":\"iOS\","
                                    "\"app_version\":\"3.9.1\"},\"token\":\"%s\"}",
                                    world_token_for(w, "alice"));
    assert_int_equal(world_post(w, NULL, sessions, body), 201);
    const char *phone = keep(world_text(w, "session.token"));
    assert_true(is_shown(phone, "gold ios old"));
}

static void
tell_nothing_to_who_proved_nothing(void **state)
{
    (void)state;
    make("gold", ",\"rule\":{\"property\":\"plan\",\"is\":\"gold\"}");
    make("silver", ",\"rule\":{\"property\":\"plan\",\"is_not\":\"gold\"}");
    make("quiet", ",\"rule\":{\"not\":{\"event\":\"bought\",\"within_s\":60}}");
    make("either", ",\"rule\":{\"any\":[{\"property\":\"x\",\"exists\":false},"
                   "{\"assurance\":\"claimed\"}]}");
    make("strangers", ",\"rule\":{\"not\":{\"assurance\":\"verified\"}}");
    make("all", "");
    const char *alice = login("device-1", "alice");
    set_property(alice, "\"plan\":\"gold\"");
    assert_true(is_shown(alice, "gold quiet either all"));
    const char *claimed = claim("device-2", "alice");
    assert_true(is_shown(claimed, "strangers all"));
    const char *nobody = login("device-3", NULL);
    assert_true(is_shown(nobody, "strangers all"));
    assert_int_equal(world_get(w, NULL, shown), 401);
}

/* Whether the real customer saw one is the customer's own, and no claim can take it away. */
static void
neither_tell_a_claim_what_was_seen_nor_believe_it(void **state)
{
    (void)state;
    const char *id = make("once", "");
    const char *other = make("other", "");
    const char *alice = login("device-1", "alice");
    const char *claimed = claim("device-2", "alice");
    sync_item(claimed, "experience", world_format(w, "%s.shown", other), "{}");
    sync_item(claimed, "event", "e1", "{\"name\":\"bought\"}");
    assert_true(is_shown(alice, "once other"));
    sync_item(alice, "experience", world_format(w, "%s.shown", id), "{}");
    assert_true(is_shown(alice, "other"));
    assert_true(is_shown(claimed, "once other"));
    make("buyer", ",\"rule\":{\"event\":\"bought\",\"within_s\":60}");
    assert_true(is_shown(alice, "other"));
}

/* A visitor becomes the customer by a proof, or by a mere claim. */
static void
become(const char *visitor, int items, const char *members)
{
    struct ask ask = {
        .method = CSN_POST,
        .target = sessions,
        .body = world_format(w, "{\"device\":{\"id\":\"device-2\"},\"anonymous\":\"%s\",%s}",
                             visitor, members)};
    assert_int_equal(world_ask(w, &ask), 201);
    assert_int_equal(items, world_int(w, "linked.items"));
}

static void
count_what_a_visitor_did_where_a_proof_linked_it_alone(void **state)
{
    (void)state;
    const char *seen = make("seen", "");
    make("buyer", ",\"rule\":{\"event\":\"bought\",\"within_s\":60}");
    const char *alice = login("device-1", "alice");
    const char *visitor = login("device-2", NULL);
    sync_item(visitor, "event", "e1", "{\"name\":\"bought\"}");
    sync_item(visitor, "experience", world_format(w, "%s.shown", seen), "{}");
    become(visitor, 2, "\"identity\":\"alice\"");
    assert_true(is_shown(alice, "seen"));
    visitor = login("device-2", NULL);
    sync_item(visitor, "event", "e2", "{\"name\":\"bought\"}");
    become(visitor, 1, world_format(w, "\"token\":\"%s\"", world_token_for(w, "alice")));
    assert_true(is_shown(alice, "seen buyer"));
}

static void
keep_what_the_customer_did_in_view_however_much_is_claimed(void **state)
{
    (void)state;
    make("buyer", ",\"rule\":{\"event\":\"bought\",\"within_s\":60}");
    const char *alice = login("device-1", "alice");
    const char *claimed = claim("device-2", "alice");
    sync_item(alice, "event", "e1", "{\"name\":\"bought\"}");
    for (int i = 0; i < CSN_EXPERIENCES_ITEMS_MAX; i++) {
        char id[16];
        snprintf(id, sizeof id, "c%d", i);
        sync_item(claimed, "event", id, "{}");
    }
    assert_true(is_shown(alice, "buyer"));
}

static void
are_not_shown_again_as_their_frequency_says(void **state)
{
    (void)state;
    const char *once = make("once", "");
    const char *session = make("session", ",\"frequency\":\"session\"");
    const char *always = make("always", ",\"frequency\":\"always\"");
    const char *alice = login("device-1", "alice");
    const char *session_id = keep(world_text(w, "session.id"));
    const char *tablet = login("device-2", "alice");
    assert_true(is_shown(alice, "once session always"));
    sync_item(alice, "event", world_format(w, "%s.shown", once), "{}");
    assert_true(is_shown(alice, "once session always"));
    sync_item(alice, "experience", world_format(w, "%s.dismissed", once), "{}");
    sync_item(alice, "experience", world_format(w, "%s.%s.done", session, session_id), "{}");
    sync_item(alice, "experience", world_format(w, "%s.shown", always), "{}");
    assert_true(is_shown(alice, "always"));
    assert_true(is_shown(tablet, "session always"));
    const char *bob = login("device-3", "bob");
    assert_true(is_shown(bob, "once session always"));
}

static void
remember_what_was_shown_before_the_login(void **state)
{
    (void)state;
    const char *once = make("once", "");
    const char *nobody = login("device-1", NULL);
    sync_item(nobody, "experience", world_format(w, "%s.shown", once), "{}");
    assert_true(is_shown(nobody, ""));
    assert_int_equal(sdk_start(NULL, world_format(w, ",\"token\":\"%s\",\"anonymous\":\"%s\"",
                                                  world_token_for(w, "alice"), nobody)),
                     201);
    const char *alice = keep(world_text(w, "session.token"));
    assert_true(is_shown(alice, ""));
}

static void
are_answered_to_the_customers_own_token(void **state)
{
    (void)state;
    make("new", ",\"rule\":{\"property\":\"plan\",\"exists\":false}");
    make("session", ",\"frequency\":\"session\"");
    const char *token = keep(world_token_for(w, "newcomer"));
    assert_true(is_shown(token, "new session"));
}

static void
come_in_answers_that_fit(void **state)
{
    (void)state;
    static char members[CSN_EXPERIENCE_CONTENT_MAX + 64];
    for (int i = 0; i < CSN_EXPERIENCES_SHOWN_MAX + 1; i++)
        make(world_format(w, "e%02d", i), "");
    const char *alice = login("device-1", "alice");
    assert_int_equal(world_get(w, alice, shown), 200);
    assert_int_equal(world_node(w, "items")->count, CSN_EXPERIENCES_SHOWN_MAX);
    for (int i = 0; i < 5; i++) {
        strcpy(members, "{\"name\":\"n\",\"priority\":9,\"content\":{\"t\":\"");
        size_t start = strlen(members);
        memset(members + start, 'x', CSN_EXPERIENCE_CONTENT_MAX - 8);
        strcpy(members + start + CSN_EXPERIENCE_CONTENT_MAX - 8, "\"}}");
        assert_int_equal(post(members), 201);
    }
    assert_int_equal(world_get(w, alice, shown), 200);
    assert_int_equal(world_node(w, "items")->count,
                     CSN_EXPERIENCES_SHOWN_BYTES / CSN_EXPERIENCE_CONTENT_MAX);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(is_made_read_changed_and_removed),
        TEST(says_what_is_wrong_with_one_and_where),
        TEST(holds_its_limits),
        TEST(come_by_priority_while_they_last),
        TEST(match_by_profile_device_and_events),
        TEST(tell_nothing_to_who_proved_nothing),
        TEST(neither_tell_a_claim_what_was_seen_nor_believe_it),
        TEST(keep_what_the_customer_did_in_view_however_much_is_claimed),
        TEST(count_what_a_visitor_did_where_a_proof_linked_it_alone),
        TEST(are_not_shown_again_as_their_frequency_says),
        TEST(remember_what_was_shown_before_the_login),
        TEST(are_answered_to_the_customers_own_token),
        TEST(come_in_answers_that_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
