/* Links over the API: made by a login, shown with the customer, undone and made by hand.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "sdk.h"

static char alice[32], nobody[32]; /* customers */
static char phone[2048];           /* the session token that made the link */

static const char *
keep(char *out, size_t cap, const char *text)
{
    assert_non_null(text);
    snprintf(out, cap, "%s", text);
    return out;
}

static int
sync_as(const char *bearer, const char *id)
{
    return world_post(w, bearer, world_format(w, "/sdk/v1/apps/%s/sync", app),
                      world_format(w,
                                   "{\"items\":[{\"id\":\"%s\",\"kind\":\"message\",\"body\":"
                                   "{\"text\":\"hello\"}}]}",
                                   id));
}

static const char *
path_of(const char *customer, const char *rest)
{
    return world_format(w, "/api/v1/apps/%s/customers/%s%s", app, customer, rest);
}

static int
link_by(const char *api_key, enum csn_method method)
{
    struct ask ask = {.method = method,
                      .target = path_of(alice, world_format(w, "/links/%s", nobody)),
                      .bearer = api_key};
    return world_ask(w, &ask);
}

/* Two items of nobody in particular, who turns out to be Alice. */
static void
make_link(void)
{
    char anonymous[2048];
    keep(anonymous, sizeof anonymous, world_login(w, app, "device-1", NULL));
    keep(nobody, sizeof nobody, world_text(w, "customer.id"));
    assert_int_equal(sync_as(anonymous, "n1"), 200);
    assert_int_equal(sync_as(anonymous, "n2"), 200);
    assert_int_equal(sdk_start(NULL, world_format(w, ",\"token\":\"%s\",\"anonymous\":\"%s\"",
                                                  world_token_for(w, "alice"), anonymous)),
                     201);
    keep(alice, sizeof alice, world_text(w, "customer.id"));
    keep(phone, sizeof phone, world_text(w, "session.token"));
    assert_int_equal(sync_as(anonymous, "late"), 401);
    PROBLEM_IS(w, "revoked");
    assert_int_equal(sync_as(phone, "late"), 200);
}

static size_t
items_of(const char *customer)
{
    assert_int_equal(world_get(w, w->admin, path_of(customer, "/items")), 200);
    return world_node(w, "items")->count;
}

static void
shows_the_links_of_either_side(void **state)
{
    (void)state;
    make_link();
    for (int i = 0; i < 2; i++) {
        assert_int_equal(world_get(w, w->admin, path_of(i == 0 ? alice : nobody, "")), 200);
        assert_int_equal(world_node(w, "links")->count, 1);
        assert_string_equal(world_text(w, "links.0.anonymous"), nobody);
        assert_string_equal(world_text(w, "links.0.customer"), alice);
        assert_string_equal(world_text(w, "links.0.cause"), "verified");
        assert_int_equal(world_int(w, "links.0.items"), 2);
        assert_null(world_text(w, "links.0.undone_at"));
    }
}

static void
gives_back_what_came_with_a_link_and_ends_its_session(void **state)
{
    (void)state;
    make_link();
    assert_int_equal(items_of(alice), 3);
    assert_int_equal(link_by(w->admin, CSN_DELETE), 200);
    assert_int_equal(world_int(w, "items"), 2);
    assert_int_equal(items_of(alice), 1);
    assert_int_equal(world_get(w, w->admin, path_of(alice, "")), 200);
    assert_non_null(world_text(w, "links.0.undone_at"));
    assert_non_null(world_text(w, "links.0.undone_by"));
    assert_int_equal(world_int(w, "links.0.returned"), 2);
    assert_int_equal(sync_as(phone, "after"), 401);
    PROBLEM_IS(w, "revoked");
    assert_int_equal(link_by(w->admin, CSN_DELETE), 404);
}

static void
makes_a_link_by_hand_again_and_again(void **state)
{
    (void)state;
    make_link();
    assert_int_equal(link_by(w->admin, CSN_PUT), 200);
    assert_int_equal(world_int(w, "items"), 0);
    assert_int_equal(link_by(w->admin, CSN_DELETE), 200);
    assert_int_equal(link_by(w->admin, CSN_PUT), 200);
    assert_int_equal(world_int(w, "items"), 2);
    assert_int_equal(items_of(alice), 3);
    assert_int_equal(world_get(w, w->admin, path_of(alice, "")), 200);
    assert_int_equal(world_node(w, "links")->count, 2);
    assert_string_equal(world_text(w, "links.0.cause"), "by_hand");
}

static void
refuses_to_link_what_is_not_anonymous_or_is_anothers(void **state)
{
    (void)state;
    char bob[32];
    make_link();
    assert_non_null(world_login(w, app, "device-2", world_token_for(w, "bob")));
    keep(bob, sizeof bob, world_text(w, "customer.id"));
    struct ask ask = {.method = CSN_PUT, .bearer = w->admin};
    ask.target = path_of(bob, world_format(w, "/links/%s", nobody));
    assert_int_equal(world_ask(w, &ask), 409);
    ask.target = path_of(alice, world_format(w, "/links/%s", bob));
    assert_int_equal(world_ask(w, &ask), 409);
    ask.target = path_of(alice, "/links/nonsense");
    assert_int_equal(world_ask(w, &ask), 404);
}

/* --- an identity under two claims (docs/decisions/0012-links.md) --- */

/* Returns: the customer of a token with these claims; lives until the next. */
static const char *
customer_of(const char *kustomer, const char *claims)
{
    const char *token =
        world_token(w, CSN_HS256, SECRET,
                    world_format(w, "{%s,\"iat\":%lld}", claims, (long long)(w->now_ms / 1000)));
    assert_non_null(world_login(w, kustomer, "device-1", token));
    return world_text(w, "customer.id");
}

static void
names_the_customer_of_the_email_where_a_token_has_both(void **state)
{
    (void)state;
    char kustomer[32], by_id[32], by_email[32], both[32], same_text[32];
    keep(kustomer, sizeof kustomer, world_app(w, w->admin, "\"preset\":\"kustomer\"", "HS256"));
    keep(by_id, sizeof by_id, customer_of(kustomer, "\"externalId\":\"42\""));
    keep(by_email, sizeof by_email, customer_of(kustomer, "\"email\":\"a@x.example\""));
    keep(both, sizeof both,
         customer_of(kustomer, "\"externalId\":\"42\",\"email\":\"a@x.example\""));
    keep(same_text, sizeof same_text, customer_of(kustomer, "\"externalId\":\"a@x.example\""));
    assert_string_equal(both, by_email);
    assert_string_equal(same_text, by_email);
    assert_string_not_equal(by_id, by_email);
    assert_string_equal(customer_of(kustomer, "\"externalId\":\"42\""), by_id);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, sdk_setup, sdk_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(shows_the_links_of_either_side),
        TEST(gives_back_what_came_with_a_link_and_ends_its_session),
        TEST(makes_a_link_by_hand_again_and_again),
        TEST(refuses_to_link_what_is_not_anonymous_or_is_anothers),
        TEST(names_the_customer_of_the_email_where_a_token_has_both),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
