/* Erasing a customer: nothing of it can be read afterwards, and everything says so.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "sdk.h"

#include "server/domain/erase.h"
#include "server/domain/revocations.h"
#include "server/store/sqlite.h"

static const char *customer; /* of the last login */

static const char *
login_on(const char *device, const char *sub, const char *anonymous)
{
    const char *token = world_format(w, ",\"token\":\"%s\"", world_token_for(w, sub));
    const char *link = anonymous != NULL ? world_format(w, ",\"anonymous\":\"%s\"", anonymous) : "";
    assert_int_equal(
        world_post(w, NULL, sessions,
                   world_format(w, "{\"device\":{\"id\":\"%s\"}%s%s}", device, token, link)),
        201);
    customer = world_text(w, "customer.id");
    return world_text(w, "session.token");
}

static int
sync_as(const char *bearer, const char *body)
{
    return world_post(w, bearer, world_format(w, "/sdk/v1/apps/%s/sync", app), body);
}

static const char *
path_of(const char *id, const char *rest)
{
    return world_format(w, "/api/v1/apps/%s/customers/%s%s", app, id, rest);
}

static int
erase(const char *id)
{
    return world_ask(
        w, &(struct ask){.method = CSN_DELETE, .target = path_of(id, ""), .bearer = w->admin});
}

/* Runs the housekeeper's part to its end. */
static void
sweep(void)
{
    bool more = true;
    w->now_ms += CSN_ERASURE_SETTLES_MS + 1;
    while (more) {
        assert_int_equal(csn_store_begin(w->service.store), CSN_OK);
        assert_int_equal(csn_erasures_sweep(w->service.store, 2, &more, w->now_ms), CSN_OK);
        assert_int_equal(csn_store_commit(w->service.store), CSN_OK);
    }
}

static void
leaves_nothing_that_can_be_read(void **state)
{
    (void)state;
    const char *session = login_on("device-1", "alice", NULL);
    const char *alice = customer;
    assert_int_equal(sync_as(session, "{\"items\":[{\"id\":\"a\",\"kind\":\"event\",\"body\":1},"
                                      "{\"id\":\"b\",\"kind\":\"event\",\"body\":2},"
                                      "{\"id\":\"c\",\"kind\":\"event\",\"body\":3}]}"),
                     200);
    assert_int_equal(erase(alice), 200);
    assert_false(world_bool(w, "remains.key"));
    assert_false(world_bool(w, "remains.identity"));
    assert_int_equal(world_int(w, "remains.devices"), 0);
    assert_int_equal(world_int(w, "remains.items"), 3);
    assert_int_equal(world_get(w, w->admin, path_of(alice, "/items")), 200);
    assert_int_equal(world_node(w, "items")->count, 0);
    sweep();
    assert_int_equal(world_get(w, w->admin, path_of(alice, "/erasure")), 200);
    assert_int_equal(world_int(w, "remains.items"), 0);
    assert_int_equal(world_int(w, "remains.sessions"), 0);
    assert_int_equal(strlen(world_text(w, "sealed_key_sha256")), 64);
}

static void
ends_the_sessions_and_refuses_the_customer(void **state)
{
    (void)state;
    const char *session = login_on("device-1", "alice", NULL);
    const char *alice = customer;
    assert_int_equal(erase(alice), 200);
    assert_int_equal(sync_as(session, "{}"), 401);
    PROBLEM_IS(w, "revoked");
    assert_int_equal(
        world_post(w, w->admin, path_of(alice, "/items"), "{\"kind\":\"push\",\"body\":{}}"), 404);
    assert_int_equal(
        world_get(w, w->admin, world_format(w, "/api/v1/apps/%s/customers?identity=alice", app)),
        200);
    assert_int_equal(world_node(w, "items")->count, 0);
    assert_int_equal(world_get(w, w->admin, path_of(alice, "")), 200);
    assert_true(world_bool(w, "erased"));
    assert_null(world_text(w, "identity"));
}

static void
makes_whoever_comes_back_a_new_customer(void **state)
{
    (void)state;
    (void)login_on("device-1", "alice", NULL);
    const char *alice = customer;
    assert_int_equal(erase(alice), 200);
    const char *session = login_on("device-1", "alice", NULL);
    assert_string_not_equal(customer, alice);
    assert_int_equal(sync_as(session, "{}"), 200);
    assert_int_equal(world_node(w, "items")->count, 0);
}

static void
erases_who_was_linked_as_well(void **state)
{
    (void)state;
    const char *anonymous = world_login(w, app, "device-1", NULL);
    const char *visitor = world_text(w, "customer.id");
    assert_int_equal(
        sync_as(anonymous, "{\"items\":[{\"id\":\"a\",\"kind\":\"event\",\"body\":1}]}"), 200);
    (void)login_on("device-1", "alice", anonymous);
    const char *alice = customer;
    assert_int_equal(erase(visitor), 409);
    assert_int_equal(erase(alice), 200);
    assert_int_equal(world_node(w, "linked")->count, 1);
    assert_string_equal(world_text(w, "linked.0.customer"), visitor);
    assert_false(world_bool(w, "remains.key"));
    sweep();
    assert_int_equal(world_get(w, w->admin, path_of(alice, "/erasure")), 200);
    assert_int_equal(world_int(w, "remains.items"), 0);
}

/* Returns: how many rows of decisions are about that identity. */
static size_t
decisions_of(const char *identity)
{
    assert_int_equal(
        world_get(w, w->admin,
                  world_format(w, "/api/v1/apps/%s/decisions?identity=%s", app, identity)),
        200);
    return world_node(w, "items")->count;
}

static void
is_forgotten_by_the_decisions_too(void **state)
{
    (void)state;
    (void)login_on("device-1", "alice", NULL);
    const char *alice = customer;
    (void)login_on("device-2", "bob", NULL);
    world_flush(w);
    assert_int_equal(decisions_of("alice"), 1);
    assert_int_equal(erase(alice), 200);
    assert_int_equal(world_int(w, "remains.decisions"), 2); /* the row, and her as a visitor */
    sweep();
    assert_int_equal(world_get(w, w->admin, path_of(alice, "/erasure")), 200);
    assert_int_equal(world_int(w, "remains.decisions"), 0);
    assert_int_equal(decisions_of("alice"), 0);
    assert_int_equal(
        world_get(w, w->admin, world_format(w, "/api/v1/apps/%s/timeline?identity=alice", app)),
        200);
    assert_int_equal(world_node(w, "items")->count, 0);
    assert_int_equal(decisions_of("bob"), 1);
    assert_int_equal(world_get(w, w->admin, world_format(w, "/api/v1/apps/%s/decisions", app)),
                     200);
    assert_int_equal(world_node(w, "items")->count, 2);
}

static void
takes_the_kept_tokens_of_the_app_along(void **state)
{
    (void)state;
    struct ask keep = {.method = CSN_PATCH,
                       .target = world_format(w, "/api/v1/apps/%s", app),
                       .bearer = w->admin,
                       .body = "{\"evidence_until\":\"2026-11-22T00:00:00Z\"}"};
    const char *failures = world_format(w, "/api/v1/apps/%s/failures", app);
    assert_int_equal(world_ask(w, &keep), 200);
    (void)login_on("device-1", "alice", NULL);
    const char *alice = customer;
    const char *bad = world_token(w, CSN_HS256, "another-secret-of-many-characters",
                                  "{\"sub\":\"alice\",\"exp\":1795260000}");
    assert_int_equal(sdk_start_with(bad), 401);
    world_flush(w);
    assert_int_equal(world_get(w, w->admin, failures), 200);
    assert_non_null(world_text(w, "items.0.evidence.0.id"));
    assert_int_equal(erase(alice), 200);
    sweep();
    assert_int_equal(world_get(w, w->admin, failures), 200);
    assert_int_equal(world_node(w, "items.0.evidence")->count, 0);
}

static void
shows_the_same_when_it_is_asked_again(void **state)
{
    (void)state;
    (void)login_on("device-1", "alice", NULL);
    const char *alice = customer;
    assert_int_equal(world_get(w, w->admin, path_of(alice, "/erasure")), 404);
    assert_int_equal(erase(alice), 200);
    const char *when = world_text(w, "erased_at"), *hash = world_text(w, "sealed_key_sha256");
    w->now_ms += 5000;
    assert_int_equal(erase(alice), 200);
    assert_string_equal(world_text(w, "erased_at"), when);
    assert_string_equal(world_text(w, "sealed_key_sha256"), hash);
    assert_int_equal(erase("01ARZ3NDEKTSV4RRFFQ69G5FAV"), 404);
}

/* --- what was revoked stays revoked --- */

static int64_t
number(const char *sql)
{
    struct csn_query q = csn_query(w->service.store, sql);
    assert_int_equal(csn_query_first(&q), CSN_OK);
    int64_t value = csn_row_int(&q);
    assert_int_equal(csn_query_end(&q), CSN_OK);
    return value;
}

static void
put_policy(const char *members)
{
    struct ask put = {.method = CSN_PUT,
                      .target = world_format(w, "/api/v1/apps/%s/policy", app),
                      .bearer = w->admin,
                      .body = world_format(w, "{\"preset\":\"generic\"%s}", members)};
    assert_int_equal(world_ask(w, &put), 200);
}

/* Returns: her token, which was revoked a moment before she was erased. Free it. */
static char *
revoke_and_erase(void)
{
    char *token = strdup(world_token_for(w, "alice"));
    assert_non_null(world_login(w, app, "device-1", token));
    const char *alice = world_text(w, "customer.id");
    w->now_ms += 1000;
    assert_int_equal(world_post(w, w->admin, path_of(alice, "/revoke"), NULL), 204);
    assert_int_equal(erase(alice), 200);
    return token;
}

static void
refuses_a_token_that_was_revoked_before_the_erasure(void **state)
{
    (void)state;
    char *token = revoke_and_erase();
    for (int i = 0; i < 2; i++) {
        assert_null(world_login(w, app, "device-1", token));
        PROBLEM_IS(w, "revoked");
        w->now_ms += 1000;
        assert_non_null(world_login(w, app, "device-2", world_token_for(w, "alice")));
    }
    assert_non_null(world_login(w, app, "device-3", world_token_for(w, "bob")));
    free(token);
}

static void
refuses_it_after_a_restart_where_no_store_is_asked(void **state)
{
    (void)state;
    char *token = revoke_and_erase();
    csn_revocations_free(w->service.revocations);
    w->service.revocations = csn_revocations_create();
    assert_int_equal(csn_revocations_load(w->service.store, w->service.revocations, w->now_ms),
                     CSN_OK);
    const char *gateway = strdup(world_format(w, "/gateway/v1/apps/%s/verify", app));
    assert_int_equal(world_get(w, token, gateway), 401);
    assert_string_equal(world_header(w, "countersign-reason"), "revoked");
    w->now_ms += 1000;
    assert_int_equal(world_get(w, world_token_for(w, "alice"), gateway), 200);
    free((void *)gateway), free(token);
}

static void
refuses_it_as_the_bearer_of_every_request(void **state)
{
    (void)state;
    put_policy(",\"use\":\"every_request\"");
    char *token = strdup(world_token_for(w, "alice"));
    assert_int_equal(sync_as(token, "{}"), 200);
    assert_int_equal(world_get(w, w->admin, world_format(w, "/api/v1/apps/%s/customers", app)),
                     200);
    const char *alice = world_text(w, "items.0.id");
    w->now_ms += 1000;
    assert_int_equal(world_post(w, w->admin, path_of(alice, "/revoke"), NULL), 204);
    assert_int_equal(erase(alice), 200);
    csn_revocations_free(w->service.revocations);
    w->service.revocations = csn_revocations_create(); /* the store knows it by itself */
    assert_int_equal(sync_as(token, "{}"), 401);
    PROBLEM_IS(w, "revoked");
    w->now_ms += 1000;
    assert_int_equal(sync_as(world_token_for(w, "alice"), "{}"), 200);
    free(token);
}

static void
keeps_nothing_of_who_was_not_revoked(void **state)
{
    (void)state;
    (void)login_on("device-1", "alice", NULL);
    assert_int_equal(erase(customer), 200);
    assert_int_equal(number("SELECT count(*) FROM erased_revocations"), 0);
}

static void
housekeep(void)
{
    uint64_t purged = 0;
    assert_int_equal(csn_store_begin(w->service.store), CSN_OK);
    assert_int_equal(csn_sessions_housekeep(w->service.store, 10, &purged, w->now_ms), CSN_OK);
    assert_int_equal(csn_store_commit(w->service.store), CSN_OK);
}

static void
forgets_the_revocation_when_no_token_that_it_refuses_can_live(void **state)
{
    (void)state;
    put_policy(",\"lifetime_max_s\":7200,\"leeway_s\":60");
    free(revoke_and_erase());
    w->now_ms += 7260000;
    housekeep();
    assert_int_equal(number("SELECT count(*) FROM erased_revocations"), 1);
    w->now_ms += 1;
    housekeep();
    assert_int_equal(number("SELECT count(*) FROM erased_revocations"), 0);
}

static void
keeps_the_revocation_as_long_as_a_new_policy_lets_tokens_live(void **state)
{
    (void)state;
    put_policy(",\"lifetime_max_s\":7200,\"leeway_s\":60");
    free(revoke_and_erase());
    put_policy("");
    w->now_ms += 86400000;
    housekeep();
    assert_int_equal(number("SELECT count(*) FROM erased_revocations"), 1);
    put_policy(",\"lifetime_max_s\":86340,\"leeway_s\":60");
    housekeep();
    assert_int_equal(number("SELECT count(*) FROM erased_revocations"), 1);
    w->now_ms += 1;
    housekeep();
    assert_int_equal(number("SELECT count(*) FROM erased_revocations"), 0);
}

/* --- kept answers --- */

static int
add_item(const char *id, const char *key)
{
    struct ask ask = {.method = CSN_POST,
                      .target = path_of(id, "/items"),
                      .bearer = w->admin,
                      .body = "{\"kind\":\"message\",\"body\":{\"text\":\"for her alone\"}}",
                      .headers = {world_format(w, "Idempotency-Key: %s", key)}};
    return world_ask(w, &ask);
}

static int
change_profile(const char *id, const char *key)
{
    struct ask ask = {.method = CSN_PATCH,
                      .target = path_of(id, "/profile"),
                      .bearer = w->admin,
                      .body = "{\"properties\":{\"address\":\"her street\"}}",
                      .headers = {world_format(w, "Idempotency-Key: %s", key)}};
    return world_ask(w, &ask);
}

static void
takes_the_answers_that_were_kept_about_the_customer_along(void **state)
{
    (void)state;
    (void)login_on("device-2", "bob", NULL);
    const char *bob = customer;
    (void)login_on("device-1", "alice", NULL);
    const char *alice = customer;
    assert_int_equal(add_item(alice, "one"), 201);
    assert_int_equal(add_item(bob, "two"), 201);
    assert_int_equal(change_profile(alice, "three"), 200);
    assert_int_equal(erase(alice), 200);
    assert_int_equal(add_item(alice, "one"), 404);
    assert_null(strstr(w->body, "for her alone"));
    assert_int_equal(change_profile(alice, "three"), 404);
    assert_null(strstr(w->body, "her street"));
    assert_int_equal(add_item(bob, "two"), 201);
    assert_string_equal(world_header(w, "idempotency-replayed"), "true");
}

/* Named by who she was before, and kept beyond the end of that link. */
static void
takes_along_what_was_kept_under_another_name(void **state)
{
    (void)state;
    const char *anonymous = world_login(w, app, "device-1", NULL);
    const char *visitor = world_text(w, "customer.id");
    (void)login_on("device-1", "alice", anonymous);
    const char *alice = customer;
    assert_int_equal(add_item(visitor, "one"), 201);
    struct ask unlink = {.method = CSN_DELETE,
                         .target = path_of(alice, world_format(w, "/links/%s", visitor)),
                         .bearer = w->admin};
    assert_int_equal(world_ask(w, &unlink), 200);
    assert_int_equal(erase(alice), 200);
    (void)add_item(visitor, "one");
    assert_null(world_header(w, "idempotency-replayed"));
}

static void
takes_the_answers_of_an_older_server_along(void **state)
{
    (void)state;
    (void)login_on("device-1", "alice", NULL);
    assert_int_equal(add_item(customer, "one"), 201);
    assert_int_equal(sqlite3_exec(w->service.store->db, "UPDATE idempotency SET customer = '?'",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    assert_int_equal(erase(customer), 200);
    assert_int_equal(add_item(customer, "one"), 404);
}

static void
keeps_the_answer_of_the_erasure_itself(void **state)
{
    (void)state;
    (void)login_on("device-1", "alice", NULL);
    struct ask ask = {.method = CSN_DELETE,
                      .target = path_of(customer, ""),
                      .bearer = w->admin,
                      .headers = {"Idempotency-Key: one"}};
    for (int i = 0; i < 2; i++)
        assert_int_equal(world_ask(w, &ask), 200);
    assert_string_equal(world_header(w, "idempotency-replayed"), "true");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, sdk_setup, sdk_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(leaves_nothing_that_can_be_read),
        TEST(ends_the_sessions_and_refuses_the_customer),
        TEST(makes_whoever_comes_back_a_new_customer),
        TEST(erases_who_was_linked_as_well),
        TEST(is_forgotten_by_the_decisions_too),
        TEST(takes_the_kept_tokens_of_the_app_along),
        TEST(shows_the_same_when_it_is_asked_again),
        TEST(refuses_a_token_that_was_revoked_before_the_erasure),
        TEST(refuses_it_after_a_restart_where_no_store_is_asked),
        TEST(refuses_it_as_the_bearer_of_every_request),
        TEST(keeps_nothing_of_who_was_not_revoked),
        TEST(forgets_the_revocation_when_no_token_that_it_refuses_can_live),
        TEST(keeps_the_revocation_as_long_as_a_new_policy_lets_tokens_live),
        TEST(takes_the_answers_that_were_kept_about_the_customer_along),
        TEST(takes_along_what_was_kept_under_another_name),
        TEST(takes_the_answers_of_an_older_server_along),
        TEST(keeps_the_answer_of_the_erasure_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
