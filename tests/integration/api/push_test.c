/* Push addresses over the API: given, moved, taken back; shown to nobody.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "sdk.h"

#define ONE "{\"fcm\":{\"package\":\"a.b\",\"registration_id\":\"a-secret-registration\"}}"
#define TWO                                                                                        \
    "{\"apns\":{\"bundle_id\":\"a.b\",\"environment\":\"sandbox\",\"token\":"                      \
    "\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\"}}"

static const char *push;

static int
setup(void **state)
{
    sdk_setup(state);
    push = strdup(world_format(w, "/sdk/v1/apps/%s/device/push", app));
    return 0;
}

static int
teardown(void **state)
{
    free((void *)push);
    return sdk_teardown(state);
}

static int
give(const char *bearer, const char *device, const char *body)
{
    struct ask ask = {.method = CSN_PUT, .target = push, .bearer = bearer, .body = body};
    if (device != NULL)
        ask.headers[0] = world_format(w, "Countersign-Device: %s", device);
    return world_ask(w, &ask);
}

static int
take(const char *bearer)
{
    return world_ask(w, &(struct ask){.method = CSN_DELETE, .target = push, .bearer = bearer});
}

/* Returns: the status; the answer stays in w. */
static int
ask(const char *bearer, const char *device)
{
    struct ask ask = {.method = CSN_GET, .target = push, .bearer = bearer};
    if (device != NULL)
        ask.headers[0] = world_format(w, "Countersign-Device: %s", device);
    return world_ask(w, &ask);
}

struct somebody {
    char session[2048], id[CSN_ID_LENGTH + 1];
};

static struct somebody
login(const char *device, const char *sub)
{
    struct somebody who;
    const char *token = sub != NULL ? world_token_for(w, sub) : NULL;
    strcpy(who.session, world_login(w, app, device, token));
    strcpy(who.id, world_text(w, "customer.id"));
    return who;
}

/* Returns: the kind that the owner sees of the customer's first device; NULL: none. */
static const char *
shown(const char *customer)
{
    assert_int_equal(
        world_get(w, w->admin, world_format(w, "/api/v1/apps/%s/customers/%s", app, customer)),
        200);
    assert_null(strstr(w->body, "a-secret-registration"));
    assert_null(strstr(w->body, "0123456789abcdef"));
    return world_text(w, "devices.0.push");
}

static void
shows_the_owner_its_kind_and_never_the_address(void **state)
{
    (void)state;
    struct somebody alice = login("device-1", "alice");
    assert_null(shown(alice.id));
    assert_int_equal(give(alice.session, NULL, ONE), 204);
    assert_string_equal(shown(alice.id), "fcm");
    assert_int_equal(give(alice.session, NULL, TWO), 204);
    assert_string_equal(shown(alice.id), "apns");
    assert_int_equal(take(alice.session), 204);
    assert_null(shown(alice.id));
    assert_int_equal(take(alice.session), 204);
}

static void
belongs_to_the_last_who_gave_it(void **state)
{
    (void)state;
    struct somebody alice = login("device-1", "alice"), bob = login("device-2", "bob");
    assert_int_equal(give(alice.session, NULL, ONE), 204);
    assert_int_equal(give(bob.session, NULL, ONE), 204);
    assert_null(shown(alice.id));
    assert_string_equal(shown(bob.id), "fcm");
    assert_int_equal(give(alice.session, NULL, TWO), 204);
    assert_string_equal(shown(bob.id), "fcm");
}

static void
goes_with_the_logout_and_with_another_customer(void **state)
{
    (void)state;
    struct somebody alice = login("device-1", "alice");
    assert_int_equal(give(alice.session, NULL, ONE), 204);
    assert_int_equal(sdk_logout(alice.session, NULL), 204);
    assert_int_equal(give(alice.session, NULL, ONE), 401);
    alice = login("device-1", "alice");
    assert_null(shown(alice.id));
    assert_int_equal(give(alice.session, NULL, ONE), 204);
    struct somebody bob = login("device-1", "bob");
    assert_null(shown(bob.id));
}

static void
moves_with_the_link_of_an_anonymous_customer(void **state)
{
    (void)state;
    struct somebody nobody = login("device-1", NULL);
    assert_int_equal(give(nobody.session, NULL, ONE), 204);
    const char *members = world_format(w, ",\"token\":\"%s\",\"anonymous\":\"%s\"",
                                       world_token_for(w, "alice"), nobody.session);
    assert_int_equal(sdk_start(NULL, members), 201);
    const char *alice = strdup(world_text(w, "customer.id"));
    assert_string_equal(shown(alice), "fcm");
    free((void *)alice);
}

static void
is_given_by_the_customers_own_token_that_says_its_device(void **state)
{
    (void)state;
    const char *token = strdup(world_token_for(w, "newcomer"));
    assert_int_equal(give(token, NULL, ONE), 400);
    PROBLEM_IS(w, "field_missing");
    assert_int_equal(give(token, "device-9", ONE), 204);
    const char *current_of = world_format(w, "/sdk/v1/apps/%s/sessions/current", app);
    assert_int_equal(world_get(w, token, current_of), 200);
    assert_string_equal(shown(world_text(w, "customer.id")), "fcm");
    free((void *)token);
}

static void
refuses_what_is_no_address_and_says_which_member(void **state)
{
    (void)state;
    struct somebody alice = login("device-1", "alice");
    assert_int_equal(give(alice.session, NULL, "{\"fcm\":{\"package\":\"a\"}}"), 400);
    PROBLEM_IS(w, "field_invalid");
    assert_non_null(strstr(w->body, "fcm.registration_id"));
    assert_int_equal(give(alice.session, NULL, "{}"), 400);
    assert_int_equal(give(alice.session, NULL, "{\"fcm\":null}"), 400);
    assert_int_equal(give(alice.session, NULL, "{\"sms\":{}}"), 400);
    assert_null(shown(alice.id));
}

/* rights.h: every assurance may be reached on its own device. */
static void
may_be_given_under_every_assurance(void **state)
{
    (void)state;
    struct somebody nobody = login("device-1", NULL);
    assert_int_equal(give(nobody.session, NULL, ONE), 204);
    assert_int_equal(
        world_post(w, NULL, sessions, "{\"device\":{\"id\":\"device-2\"},\"identity\":\"alice\"}"),
        201);
    const char *claimed = strdup(world_text(w, "session.token"));
    assert_int_equal(give(claimed, NULL, TWO), 204);
    assert_int_equal(give(NULL, NULL, TWO), 401);
    free((void *)claimed);
}

static void
says_the_key_that_a_browser_subscribes_with_and_null_without_one(void **state)
{
    (void)state;
    struct somebody alice = login("device-1", "alice");
    assert_int_equal(ask(alice.session, NULL), 200);
    assert_string_equal(w->body, "{\"public_key\":null,\"kind\":\"none\"}");
    struct ask put = {.method = CSN_PUT,
                      .target = world_format(w, "/api/v1/apps/%s/push-key", app),
                      .bearer = w->admin,
                      .body = "{}"};
    assert_int_equal(world_ask(w, &put), 200);
    const char *key = strdup(world_text(w, "public_key"));
    assert_int_equal(ask(alice.session, NULL), 200);
    assert_string_equal(world_text(w, "public_key"), key);
    assert_int_equal(strlen(key), 87);
    free((void *)key);
}

static void
says_the_kind_of_the_callers_own_device_and_never_its_address(void **state)
{
    (void)state;
    struct somebody alice = login("device-1", "alice"), bob = login("device-2", "bob");
    assert_int_equal(give(alice.session, NULL, ONE), 204);
    assert_int_equal(ask(alice.session, NULL), 200);
    assert_string_equal(w->body, "{\"public_key\":null,\"kind\":\"fcm\"}");
    assert_int_equal(ask(bob.session, NULL), 200);
    assert_string_equal(world_text(w, "kind"), "none");
    assert_int_equal(take(alice.session), 204);
    assert_int_equal(ask(alice.session, NULL), 200);
    assert_string_equal(world_text(w, "kind"), "none");
}

static void
tells_the_customers_own_token_that_says_its_device(void **state)
{
    (void)state;
    const char *token = strdup(world_token_for(w, "newcomer"));
    assert_int_equal(ask(token, NULL), 400);
    PROBLEM_IS(w, "field_missing");
    assert_int_equal(give(token, "device-9", TWO), 204);
    assert_int_equal(ask(token, "device-9"), 200);
    assert_string_equal(world_text(w, "kind"), "apns");
    assert_int_equal(ask(token, "device-8"), 200);
    assert_string_equal(world_text(w, "kind"), "none");
    assert_int_equal(ask(NULL, "device-9"), 401);
    free((void *)token);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(shows_the_owner_its_kind_and_never_the_address),
        TEST(belongs_to_the_last_who_gave_it),
        TEST(goes_with_the_logout_and_with_another_customer),
        TEST(moves_with_the_link_of_an_anonymous_customer),
        TEST(is_given_by_the_customers_own_token_that_says_its_device),
        TEST(refuses_what_is_no_address_and_says_which_member),
        TEST(may_be_given_under_every_assurance),
        TEST(says_the_key_that_a_browser_subscribes_with_and_null_without_one),
        TEST(says_the_kind_of_the_callers_own_device_and_never_its_address),
        TEST(tells_the_customers_own_token_that_says_its_device),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
