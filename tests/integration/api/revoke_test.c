/* Revoking what a customer has: one device's, or what is older than a time.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "one_world.h"

static char app[32], current[128], customer[32];

static int
setup(void **state)
{
    world_setup(state);
    strcpy(app, world_app(w, w->admin, "\"preset\":\"generic\"", "HS256"));
    snprintf(current, sizeof current, "/sdk/v1/apps/%s/sessions/current", app);
    return 0;
}

/* --- helpers --- */

static const char *
login_with(const char *device, const char *token)
{
    const char *session = world_login(w, app, device, token);
    assert_non_null(session);
    strcpy(customer, world_text(w, "customer.id"));
    return session;
}

static const char *
login(const char *device)
{
    return login_with(device, world_token_for(w, "ada"));
}

static int
revoke(const char *body)
{
    return world_post(w, w->admin,
                      world_format(w, "/api/v1/apps/%s/customers/%s/revoke", app, customer), body);
}

static int
status_of(const char *bearer)
{
    return world_get(w, bearer, current);
}

/* --- one device --- */

static void
ends_one_devices_session_and_unbinds_it_alone(void **state)
{
    (void)state;
    const char *phone = login("phone"), *tablet = login("tablet");
    assert_int_equal(revoke("{\"device\":\"phone\"}"), 204);
    assert_int_equal(status_of(phone), 401);
    PROBLEM_IS(w, "revoked");
    assert_int_equal(status_of(tablet), 200);
    assert_int_equal(
        world_get(w, w->admin, world_format(w, "/api/v1/apps/%s/customers/%s", app, customer)),
        200);
    assert_int_equal(world_node(w, "devices")->count, 1);
    assert_string_equal(world_text(w, "devices.0.id"), "tablet");
    assert_int_equal(status_of(login("phone")), 200);
}

static void
knows_no_device_of_another_customer(void **state)
{
    (void)state;
    const char *bob = world_login(w, app, "phone", world_token_for(w, "bob"));
    login("tablet");
    assert_int_equal(revoke("{\"device\":\"phone\"}"), 404);
    assert_int_equal(revoke("{\"device\":\"nobodys\"}"), 404);
    assert_int_equal(status_of(bob), 200);
}

/* --- before a time --- */

static void
ends_what_began_before_the_time_and_nothing_later(void **state)
{
    (void)state;
    const char *old_token = world_token_for(w, "ada");
    const char *old = login("phone");
    w->now_ms += 10000;
    const char *new_token = world_token_for(w, "ada");
    const char *new = login("tablet"); /* at 09:32:38.977 */
    w->now_ms += 10000;
    assert_int_equal(revoke("{\"before\":\"2026-11-21T09:32:38Z\"}"), 204);
    assert_int_equal(status_of(old), 401);
    PROBLEM_IS(w, "revoked");
    assert_int_equal(status_of(new), 200);
    assert_null(world_login(w, app, "laptop", old_token));
    PROBLEM_IS(w, "revoked");
    assert_non_null(world_login(w, app, "laptop", new_token));
}

static void
takes_the_time_to_the_millisecond_on_both_sides(void **state)
{
    (void)state;
    const char *session = login("phone"); /* its token was issued at 09:32:28 */
    w->now_ms += 10000;
    assert_int_equal(revoke("{\"before\":\"2026-11-21T09:32:28Z\"}"), 204);
    assert_int_equal(status_of(session), 200);
    assert_int_equal(revoke("{\"before\":\"2026-11-21T09:32:28.001Z\"}"), 204);
    assert_int_equal(status_of(session), 401);
}

static void
ends_a_session_that_an_older_token_made_later(void **state)
{
    (void)state;
    const char *leaked = world_token_for(w, "ada");
    w->now_ms += 600000;
    const char *session = login_with("phone", leaked);
    const char *own = login("tablet");
    assert_int_equal(revoke("{\"before\":\"2026-11-21T09:42:00Z\"}"), 204);
    assert_int_equal(status_of(session), 401);
    PROBLEM_IS(w, "revoked");
    assert_int_equal(status_of(own), 200);
}

/* It was issued an hour before its end at the latest: the same by which the token is refused. */
static void
ends_a_session_whose_token_does_not_say_when_it_was_issued(void **state)
{
    (void)state;
    const char *format = "{\"sub\":\"ada\",\"exp\":%lld}";
    long long end_s = NOW_MS / 1000 + 1800;
    const char *token = world_token(w, CSN_HS256, SECRET, world_format(w, format, end_s));
    const char *session = login_with("phone", token);
    assert_int_equal(revoke("{\"before\":\"2026-11-21T09:02:28Z\"}"), 204);
    assert_int_equal(status_of(session), 200);
    assert_int_equal(revoke("{\"before\":\"2026-11-21T09:02:28.001Z\"}"), 204);
    assert_int_equal(status_of(session), 401);
}

static void
takes_no_time_that_is_yet_to_come(void **state)
{
    (void)state;
    const char *session = login("phone");
    assert_int_equal(revoke("{\"before\":\"2026-11-21T09:32:28.978Z\"}"), 400);
    assert_string_equal(world_text(w, "field"), "before");
    assert_int_equal(status_of(session), 200);
    assert_int_equal(revoke("{\"before\":\"2026-11-21T09:32:28.977Z\"}"), 204);
}

static void
never_takes_an_earlier_revocation_back(void **state)
{
    (void)state;
    const char *token = world_token_for(w, "ada");
    login("phone");
    w->now_ms += 10000;
    assert_int_equal(revoke(NULL), 204);
    assert_int_equal(revoke("{\"before\":\"2026-11-01T00:00:00Z\"}"), 204);
    assert_null(world_login(w, app, "phone", token));
    PROBLEM_IS(w, "revoked");
}

static void
takes_one_of_the_three_alone(void **state)
{
    (void)state;
    const char *session = login("phone");
    assert_int_equal(revoke("{\"device\":\"phone\",\"before\":\"2026-11-21T00:00:00Z\"}"), 400);
    PROBLEM_IS(w, "request_invalid");
    assert_int_equal(revoke("{\"device\":\"phone\",\"session\":\"01ARZ3NDEKTSV4RRFFQ69G5FAV\"}"),
                     400);
    assert_int_equal(status_of(session), 200);
}

/* --- told to memory --- */

/* The client's connection ends between the commit and the answer: nobody calls csn_api_finish. */
static void
tells_memory_of_a_logout_whose_client_has_gone(void **state)
{
    (void)state;
    const char *session = login("phone");
    const char *bearer = world_format(w, "Bearer %s", session);
    struct csn_header field = {csn_bytes_text("Authorization"), csn_bytes_text(bearer)};
    struct csn_exchange *x = &w->x;
    csn_api_prepare(x, &w->service, w->memory, CSN_EXCHANGE_MEMORY);
    x->workspace = &w->workspace;
    x->request = (struct csn_request){.method = CSN_DELETE,
                                      .path = csn_bytes_text(current),
                                      .headers = &field,
                                      .header_count = 1};
    assert_int_equal(csn_api_begin(x), CSN_NEEDS_STORE);
    assert_int_equal(csn_store_begin(w->service.store), CSN_OK);
    x->job.status = x->job.run(&x->job, w->service.store);
    assert_int_equal(x->job.status, CSN_OK);
    assert_int_equal(csn_store_commit(w->service.store), CSN_OK);
    csn_api_end(x);
    assert_int_equal(status_of(session), 401);
    PROBLEM_IS(w, "revoked");
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, world_teardown)
    const struct CMUnitTest tests[] = {
        TEST(ends_one_devices_session_and_unbinds_it_alone),
        TEST(knows_no_device_of_another_customer),
        TEST(ends_what_began_before_the_time_and_nothing_later),
        TEST(takes_the_time_to_the_millisecond_on_both_sides),
        TEST(ends_a_session_that_an_older_token_made_later),
        TEST(ends_a_session_whose_token_does_not_say_when_it_was_issued),
        TEST(takes_no_time_that_is_yet_to_come),
        TEST(never_takes_an_earlier_revocation_back),
        TEST(takes_one_of_the_three_alone),
        TEST(tells_memory_of_a_logout_whose_client_has_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
