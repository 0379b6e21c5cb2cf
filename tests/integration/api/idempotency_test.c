/* Idempotency-Key: a change asked for twice is made once and answered twice, with the very same
 * answer; whatever fails in between, there is never one without the other.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "one_world.h"

#include "server/domain/idempotency.h"
#include "server/store/sqlite.h"

#define APP "{\"name\":\"shop\",\"preset\":\"generic\"}"

/* --- helpers --- */

static int
send(const char *bearer, enum csn_method method, const char *target, const char *key,
     const char *body)
{
    struct ask ask = {.method = method, .target = target, .bearer = bearer, .body = body};
    char field[400];
    if (key != NULL) {
        snprintf(field, sizeof field, "Idempotency-Key: %s", key);
        ask.headers[0] = field;
    }
    return world_ask(w, &ask);
}

static int
make_app(const char *key)
{
    return send(w->admin, CSN_POST, "/api/v1/apps", key, APP);
}

static int64_t
count_of(const char *sql)
{
    sqlite3_stmt *statement = NULL;
    assert_int_equal(sqlite3_prepare_v2(w->service.store->db, sql, -1, &statement, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    int64_t count = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return count;
}

static int64_t
apps(void)
{
    return count_of("SELECT count(*) FROM apps");
}

static bool
is_replayed(void)
{
    const char *said = world_header(w, "idempotency-replayed");
    return said != NULL && strcmp(said, "true") == 0;
}

/* --- the same again --- */

static void
does_it_once_and_answers_the_same_bytes_twice(void **state)
{
    (void)state;
    assert_int_equal(make_app("one"), 201);
    assert_false(is_replayed());
    static char first[sizeof w->body];
    strcpy(first, w->body);
    w->now_ms += 60000;
    assert_int_equal(make_app("one"), 201);
    assert_true(is_replayed());
    assert_string_equal(w->body, first);
    assert_string_equal(w->x.response.content_type, "application/json");
    assert_int_equal(apps(), 1);
}

static void
does_it_twice_without_a_key_and_under_two_keys(void **state)
{
    (void)state;
    assert_int_equal(make_app(NULL), 201);
    assert_int_equal(make_app(NULL), 201);
    assert_int_equal(make_app("a"), 201);
    assert_int_equal(make_app("b"), 201);
    assert_false(is_replayed());
    assert_int_equal(apps(), 4);
}

static void
gives_a_new_secret_again_and_keeps_it_sealed(void **state)
{
    (void)state;
    const char *body = "{\"name\":\"robot\",\"roles\":[\"viewer\"]}";
    assert_int_equal(send(w->admin, CSN_POST, "/api/v1/api-keys", "k", body), 201);
    char secret[64];
    strcpy(secret, world_text(w, "secret"));
    assert_int_equal(send(w->admin, CSN_POST, "/api/v1/api-keys", "k", body), 201);
    assert_string_equal(world_text(w, "secret"), secret);
    assert_int_equal(count_of("SELECT count(*) FROM api_keys"), 2);
    assert_int_equal(count_of(world_format(w,
                                           "SELECT count(*) FROM idempotency WHERE "
                                           "instr(answer_sealed, CAST('%s' AS BLOB)) > 0",
                                           secret)),
                     0);
}

static void
gives_the_fields_again_that_matter_and_a_request_id_of_its_own(void **state)
{
    (void)state;
    assert_int_equal(make_app(NULL), 201);
    const char *policy = world_format(w, "/api/v1/apps/%s/policy", world_text(w, "id"));
    const char *body = "{\"preset\":\"generic\",\"leeway_s\":7}";
    assert_int_equal(send(w->admin, CSN_PUT, policy, "p", body), 200);
    const char *tag = world_format(w, "%s", world_header(w, "etag"));
    const char *id = world_format(w, "%s", world_header(w, "request-id"));
    assert_int_equal(send(w->admin, CSN_PUT, policy, "p", body), 200);
    assert_string_equal(world_header(w, "etag"), tag);
    assert_string_not_equal(world_header(w, "request-id"), id);
    assert_string_equal(world_header(w, "cache-control"), "no-store");
}

static void
gives_an_answer_without_a_body_again(void **state)
{
    (void)state;
    assert_int_equal(make_app(NULL), 201);
    const char *target = world_format(w, "/api/v1/apps/%s", world_text(w, "id"));
    assert_int_equal(send(w->admin, CSN_PATCH, target, "s", "{\"suspended\":true}"), 200);
    assert_int_equal(send(w->admin, CSN_DELETE, world_format(w, "%s/jwks", target), "j", NULL),
                     204);
    assert_int_equal(send(w->admin, CSN_PUT, world_format(w, "%s/jwks", target), "u",
                          "{\"url\":\"https://login.example/jwks\"}"),
                     204);
    assert_int_equal(send(w->admin, CSN_PUT, world_format(w, "%s/jwks", target), "u",
                          "{\"url\":\"https://login.example/jwks\"}"),
                     204);
    assert_true(is_replayed());
    assert_int_equal(w->x.response.body.len, 0);
    assert_null(w->x.response.content_type);
}

static void
leaves_one_row_in_the_audit(void **state)
{
    (void)state;
    int64_t before = count_of("SELECT count(*) FROM audit");
    assert_int_equal(make_app("one"), 201);
    assert_int_equal(make_app("one"), 201);
    assert_int_equal(count_of("SELECT count(*) FROM audit"), before + 1);
}

static void
covers_the_endpoints_of_the_dialects(void **state)
{
    (void)state;
    assert_int_equal(
        world_post(w, w->admin, "/api/v1/apps", "{\"name\":\"a\",\"preset\":\"appcues\"}"), 201);
    const char *keys = world_format(w, "/v2/accounts/%s/sdk_keys", world_text(w, "id"));
    assert_int_equal(send(w->admin, CSN_POST, keys, "k", NULL), 201);
    const char *secret = world_text(w, "secret");
    assert_int_equal(send(w->admin, CSN_POST, keys, "k", NULL), 201);
    assert_string_equal(world_text(w, "secret"), secret);
    assert_int_equal(count_of("SELECT count(*) FROM keys"), 1);
    assert_int_equal(send(w->admin, CSN_POST, keys, "k", "{}"), 422);
    assert_string_equal(world_text(w, "message.type"), "idempotency_key_reused");
}

static void
revokes_once_and_tells_memory_of_it(void **state)
{
    (void)state;
    const char *app = world_app(w, w->admin, "\"preset\":\"generic\"", "HS256");
    const char *session = world_login(w, app, "device-1", world_token_for(w, "ada"));
    const char *revoke =
        world_format(w, "/api/v1/apps/%s/customers/%s/revoke", app, world_text(w, "customer.id"));
    const char *current = world_format(w, "/sdk/v1/apps/%s/sessions/current", app);
    assert_int_equal(world_get(w, session, current), 200);
    assert_int_equal(send(w->admin, CSN_POST, revoke, "r", NULL), 204);
    assert_int_equal(world_get(w, session, current), 401);
    PROBLEM_IS(w, "revoked");
}

/* --- another request, another caller, another time --- */

static void
refuses_a_key_that_came_with_another_request(void **state)
{
    (void)state;
    assert_int_equal(make_app("one"), 201);
    const char *app = world_format(w, "/api/v1/apps/%s", world_text(w, "id"));
    assert_int_equal(send(w->admin, CSN_POST, "/api/v1/apps", "one", APP " "), 422);
    PROBLEM_IS(w, "idempotency_key_reused");
    assert_int_equal(send(w->admin, CSN_POST, "/api/v1/accounts", "one", "{\"name\":\"shop\"}"),
                     422);
    assert_int_equal(send(w->admin, CSN_DELETE, app, "one", NULL), 422);
    assert_int_equal(send(w->admin, CSN_PATCH, app, "one", "{\"suspended\":true}"), 422);
    assert_int_equal(make_app("one"), 201);
    assert_true(is_replayed());
    assert_int_equal(apps(), 1);
}

static void
tells_the_query_from_the_path_and_the_body(void **state)
{
    (void)state;
    struct csn_idempotent a, b;
    struct csn_bytes k = csn_bytes_text("k"), none = {0};
    csn_idempotency_of(&a, k, CSN_POST, csn_bytes_text("/a"), csn_bytes_text("b"), none);
    csn_idempotency_of(&b, k, CSN_POST, csn_bytes_text("/a"), none, csn_bytes_text("b"));
    assert_memory_not_equal(a.request, b.request, sizeof a.request);
    csn_idempotency_of(&b, k, CSN_POST, csn_bytes_text("/ab"), none, none);
    assert_memory_not_equal(a.request, b.request, sizeof a.request);
    csn_idempotency_of(&b, k, CSN_PUT, csn_bytes_text("/a"), csn_bytes_text("b"), none);
    assert_memory_not_equal(a.request, b.request, sizeof a.request);
}

static void
keeps_the_keys_of_two_api_keys_apart(void **state)
{
    (void)state;
    const char *other = world_account(w, "other", "\"admin\"");
    assert_int_equal(
        world_post(w, w->admin, "/api/v1/api-keys", "{\"name\":\"r\",\"roles\":[\"admin\"]}"), 201);
    const char *robot = world_format(w, "%s.%s", world_text(w, "key"), world_text(w, "secret"));
    assert_int_equal(make_app("one"), 201);
    assert_int_equal(send(robot, CSN_POST, "/api/v1/apps", "one", APP), 201);
    assert_false(is_replayed());
    assert_int_equal(send(other, CSN_POST, "/api/v1/apps", "one", APP), 201);
    assert_false(is_replayed());
    assert_int_equal(apps(), 3);
}

static void
gives_nothing_to_an_api_key_that_was_revoked(void **state)
{
    (void)state;
    assert_int_equal(
        world_post(w, w->admin, "/api/v1/api-keys", "{\"name\":\"r\",\"roles\":[\"admin\"]}"), 201);
    const char *robot = world_format(w, "%s.%s", world_text(w, "key"), world_text(w, "secret"));
    const char *target = world_format(w, "/api/v1/api-keys/%s", world_text(w, "id"));
    assert_int_equal(send(robot, CSN_POST, "/api/v1/apps", "one", APP), 201);
    assert_int_equal(send(w->admin, CSN_DELETE, target, NULL, NULL), 204);
    assert_int_equal(send(robot, CSN_POST, "/api/v1/apps", "one", APP), 401);
}

static void
forgets_after_a_day(void **state)
{
    (void)state;
    assert_int_equal(make_app("one"), 201);
    w->now_ms += CSN_IDEMPOTENCY_KEPT_MS - 1;
    assert_int_equal(make_app("one"), 201);
    assert_true(is_replayed());
    w->now_ms += 1;
    assert_int_equal(make_app("one"), 201);
    assert_false(is_replayed());
    assert_int_equal(apps(), 2);
    assert_int_equal(count_of("SELECT count(*) FROM idempotency"), 1);
}

static void
is_purged_when_it_has_expired(void **state)
{
    (void)state;
    assert_int_equal(make_app("one"), 201);
    struct csn_store *store = w->service.store;
    for (int64_t late = 0; late < 2; late++) {
        uint64_t dropped = 0;
        assert_int_equal(csn_store_begin(store), CSN_OK);
        assert_int_equal(
            csn_idempotency_purge(store, 10, &dropped, w->now_ms + CSN_IDEMPOTENCY_KEPT_MS + late),
            CSN_OK);
        assert_int_equal(csn_store_commit(store), CSN_OK);
        assert_int_equal(dropped, late);
    }
}

/* --- what is no key --- */

static void
holds_a_key_to_its_limit_on_both_sides(void **state)
{
    (void)state;
    char key[CSN_IDEMPOTENCY_KEY_MAX + 2];
    memset(key, 'k', sizeof key);
    key[CSN_IDEMPOTENCY_KEY_MAX] = '\0';
    assert_int_equal(make_app(key), 201);
    key[CSN_IDEMPOTENCY_KEY_MAX] = 'k';
    key[CSN_IDEMPOTENCY_KEY_MAX + 1] = '\0';
    assert_int_equal(make_app(key), 400);
    PROBLEM_IS(w, "request_invalid");
    assert_int_equal(make_app("\"\""), 400);
    assert_int_equal(make_app(""), 400);
    assert_int_equal(make_app("caf\xc3\xa9"), 400);
    assert_int_equal(make_app("a\tb"), 400);
    struct ask twice = {.method = CSN_POST,
                        .target = "/api/v1/apps",
                        .bearer = w->admin,
                        .body = APP,
                        .headers = {"Idempotency-Key: a", "Idempotency-Key: a"}};
    assert_int_equal(world_ask(w, &twice), 400);
    assert_int_equal(apps(), 1);
}

static void
reads_a_quoted_key_as_the_bare_one(void **state)
{
    (void)state;
    assert_int_equal(make_app("\"one\""), 201);
    assert_int_equal(make_app("one"), 201);
    assert_true(is_replayed());
}

static void
passes_the_key_over_where_nothing_is_changed(void **state)
{
    (void)state;
    assert_int_equal(send(w->admin, CSN_GET, "/api/v1/apps", "g", NULL), 200);
    assert_int_equal(send(w->admin, CSN_POST, "/api/v1/apps", "bad", "{\"nmae\":\"x\"}"), 400);
    assert_int_equal(send(w->admin, CSN_POST, "/api/v1/apps", "bad", APP), 201);
    assert_int_equal(count_of("SELECT count(*) FROM idempotency"), 1);
}

/* --- one with the other --- */

static bool
fails_when_due(void *state)
{
    int *left = state;
    return --*left == 0;
}

/* Whichever step of the store fails, the commit among them: asked again, it is done exactly once.
 */
static void
is_exactly_once_whichever_step_of_the_store_fails(void **state)
{
    (void)state;
    bool reached_the_end = false;
    for (int at = 1; !reached_the_end; at++) {
        int64_t before = apps();
        const char *key = world_format(w, "try-%d", at);
        int left = at;
        w->service.store->fault = fails_when_due;
        w->service.store->fault_state = &left;
        int status = make_app(key);
        w->service.store->fault = NULL;
        reached_the_end = left > 0;
        assert_int_equal(status, reached_the_end ? 201 : 503);
        assert_int_equal(apps(), before + reached_the_end);
        assert_null(world_header(w, "etag"));
        assert_int_equal(make_app(key), 201);
        assert_int_equal(is_replayed(), reached_the_end);
        assert_int_equal(apps(), before + 1);
        assert_true(at < 60);
    }
}

static void
refuses_an_answer_that_was_moved_to_another_key(void **state)
{
    (void)state;
    assert_int_equal(make_app("one"), 201);
    assert_int_equal(make_app("two"), 201);
    assert_int_equal(
        sqlite3_exec(w->service.store->db,
                     "UPDATE idempotency SET answer_sealed = (SELECT answer_sealed FROM "
                     "idempotency ORDER BY number LIMIT 1)",
                     NULL, NULL, NULL),
        SQLITE_OK);
    assert_int_equal(make_app("two"), 500);
    assert_int_equal(make_app("one"), 201);
    assert_int_equal(apps(), 2);
}

static void
shift(int64_t by)
{
    const char *sql =
        world_format(w, "UPDATE idempotency SET number = number - %lld", (long long)by);
    assert_int_equal(sqlite3_exec(w->service.store->db, sql, NULL, NULL, NULL), SQLITE_OK);
}

/* The rows between are as good as there: an account's answers are counted by their numbers. */
static void
keeps_an_accounts_newest_answers_alone(void **state)
{
    (void)state;
    assert_int_equal(make_app("first"), 201);
    assert_int_equal(make_app("second"), 201);
    shift(2);
    assert_int_equal(make_app("third"), 201);
    assert_int_equal(count_of("SELECT max(number) FROM idempotency"), 1);
    assert_int_equal(sqlite3_exec(w->service.store->db,
                                  "UPDATE idempotency SET number = number - 9997 WHERE number < 1",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    assert_int_equal(make_app("fourth"), 201);
    assert_int_equal(count_of("SELECT count(*) FROM idempotency"), 3);
    assert_int_equal(make_app("second"), 201);
    assert_true(is_replayed());
    assert_int_equal(make_app("first"), 201);
    assert_false(is_replayed());
}

/* --- the largest bodies --- */

/* Returns: {"kind":"message","body":{"t":"xx…"}} and `spaces` between them, `body` bytes of
 * body.
 */
static char *
message_of(size_t body, size_t spaces)
{
    static const char head[] = "{\"kind\":\"message\",\"body\":", open[] = "{\"t\":\"",
                      end[] = "\"}";
    char *text = malloc(sizeof head + body + spaces + 2);
    char *at = stpcpy(text, head);
    at = stpcpy(at, open);
    size_t filling = body - strlen(open) - strlen(end);
    memset(at, 'x', filling);
    at = stpcpy(at + filling, end);
    memset(at, ' ', spaces);
    strcpy(at + spaces, "}");
    return text;
}

/* A body of many small values, which is a large tree. */
static char *
message_of_values(size_t values)
{
    char *text = malloc(64 + values * 2);
    char *at = stpcpy(text, "{\"kind\":\"message\",\"body\":{\"all\":[0");
    for (size_t i = 1; i < values; i++)
        at = stpcpy(at, ",0");
    strcpy(at, "]}}");
    return text;
}

static void
takes_under_a_key_the_largest_body_that_goes_without_one(void **state)
{
    (void)state;
    char *app = strdup(world_app(w, w->admin, "\"preset\":\"generic\"", "HS256"));
    world_login(w, app, "device-1", world_token_for(w, "alice"));
    char *items = strdup(
        world_format(w, "/api/v1/apps/%s/customers/%s/items", app, world_text(w, "customer.id")));
    char *broadcasts = strdup(world_format(w, "/api/v1/apps/%s/broadcasts", app));
    const char *const targets[] = {items, broadcasts};
    char *bodies[] = {message_of(32768, 0), message_of(32700, 8000), message_of_values(2000)};
    for (size_t i = 0; i < 6; i++) {
        char key[8];
        snprintf(key, sizeof key, "big-%zu", i);
        assert_int_equal(send(w->admin, CSN_POST, targets[i % 2], NULL, bodies[i / 2]), 201);
        assert_int_equal(send(w->admin, CSN_POST, targets[i % 2], key, bodies[i / 2]), 201);
        char *first = strdup(w->body);
        assert_int_equal(send(w->admin, CSN_POST, targets[i % 2], key, bodies[i / 2]), 201);
        assert_string_equal(w->body, first);
        free(first);
    }
    for (size_t i = 0; i < 3; i++)
        free(bodies[i]);
    char *too_large = message_of(32769, 0);
    assert_int_equal(send(w->admin, CSN_POST, items, NULL, too_large), 400);
    assert_int_equal(send(w->admin, CSN_POST, items, "too-large", too_large), 400);
    free(too_large);
    free(broadcasts);
    free(items);
    free(app);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
    const struct CMUnitTest tests[] = {
        TEST(does_it_once_and_answers_the_same_bytes_twice),
        TEST(does_it_twice_without_a_key_and_under_two_keys),
        TEST(gives_a_new_secret_again_and_keeps_it_sealed),
        TEST(gives_the_fields_again_that_matter_and_a_request_id_of_its_own),
        TEST(gives_an_answer_without_a_body_again),
        TEST(leaves_one_row_in_the_audit),
        TEST(covers_the_endpoints_of_the_dialects),
        TEST(revokes_once_and_tells_memory_of_it),
        TEST(refuses_a_key_that_came_with_another_request),
        TEST(tells_the_query_from_the_path_and_the_body),
        TEST(keeps_the_keys_of_two_api_keys_apart),
        TEST(gives_nothing_to_an_api_key_that_was_revoked),
        TEST(forgets_after_a_day),
        TEST(is_purged_when_it_has_expired),
        TEST(holds_a_key_to_its_limit_on_both_sides),
        TEST(reads_a_quoted_key_as_the_bare_one),
        TEST(passes_the_key_over_where_nothing_is_changed),
        TEST(is_exactly_once_whichever_step_of_the_store_fails),
        TEST(refuses_an_answer_that_was_moved_to_another_key),
        TEST(takes_under_a_key_the_largest_body_that_goes_without_one),
        TEST(keeps_an_accounts_newest_answers_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
