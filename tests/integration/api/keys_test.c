/* Keys of an app: made in four ways, moved through their states, removed.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "one_world.h"

static const char *app, *keys;

static int
setup(void **state)
{
    world_setup(state);
    assert_int_equal(
        world_post(w, w->admin, "/api/v1/apps", "{\"name\":\"a\",\"preset\":\"generic\"}"), 201);
    app = strdup(world_text(w, "id"));
    keys = strdup(world_format(w, "/api/v1/apps/%s/keys", app));
    return 0;
}

static int
teardown(void **state)
{
    free((void *)app);
    free((void *)keys);
    return world_teardown(state);
}

/* A policy never mixes shared secrets with key pairs. */
static void
use_key_pairs(void)
{
    struct ask put = {.method = CSN_PUT,
                      .target = world_format(w, "/api/v1/apps/%s/policy", app),
                      .bearer = w->admin,
                      .body = "{\"algorithms\":[\"ES256\",\"RS256\"],\"identity\":[\"sub\"]}"};
    assert_int_equal(world_ask(w, &put), 200);
}

static int
create(const char *body)
{
    return world_post(w, w->admin, keys, body);
}

static int
send(enum csn_method method, const char *key, const char *query, const char *body)
{
    return world_ask(w, &(struct ask){.method = method,
                                      .target = world_format(w, "%s/%s%s", keys, key, query),
                                      .bearer = w->admin,
                                      .body = body});
}

static void
never_shows_an_imported_secret(void **state)
{
    (void)state;
    assert_int_equal(create("{\"secret\":\"" SECRET "\",\"algorithm\":\"HS256\"}"), 201);
    assert_null(strstr(w->body, SECRET));
    assert_null(world_node(w, "secret"));
    assert_int_equal(strncmp(world_text(w, "fingerprint"), "hmac:", 5), 0);
    assert_string_equal(world_text(w, "state"), "active");
    assert_string_equal(world_text(w, "encoding"), "utf8");
    assert_int_equal(world_get(w, w->admin, keys), 200);
    assert_null(strstr(w->body, SECRET));
}

static void
shows_a_generated_secret_once_and_it_signs(void **state)
{
    (void)state;
    assert_int_equal(create("{\"generate\":true,\"algorithm\":\"HS256\",\"kid\":\"k-1\"}"), 201);
    const char *secret = world_text(w, "secret"), *id = world_text(w, "id");
    assert_int_equal(strlen(secret), 43);
    assert_string_equal(world_text(w, "kid"), "k-1");
    assert_int_equal(send(CSN_GET, id, "", NULL), 200);
    assert_null(strstr(w->body, secret));
    use_key_pairs();
    assert_int_equal(create("{\"generate\":true,\"algorithm\":\"ES256\"}"), 201);
    assert_non_null(strstr(world_text(w, "private_pem"), "PRIVATE KEY"));
    assert_non_null(strstr(world_text(w, "public_pem"), "PUBLIC KEY"));
    assert_string_equal(world_text(w, "public_jwk.kty"), "EC");
    assert_int_equal(send(CSN_GET, world_text(w, "id"), "", NULL), 200);
    assert_null(strstr(w->body, "PRIVATE KEY"));
    assert_non_null(world_text(w, "public"));
}

static void
imports_a_public_key_as_pem_and_a_key_as_jwk(void **state)
{
    (void)state;
    assert_int_equal(create("{\"jwk\":{\"kty\":\"oct\",\"k\":\"YW5vdGhlci1maW5lLXNlY3JldC1vZi"
                            "1mb3J0eS1ieXRlcy05ODc2NQ\",\"alg\":\"HS256\",\"kid\":\"from-jwk\"}}"),
                     201);
    assert_string_equal(world_text(w, "kid"), "from-jwk");
    use_key_pairs();
    assert_int_equal(create("{\"generate\":true,\"algorithm\":\"ES256\"}"), 201);
    const struct csn_json_node *pem = world_node(w, "public_pem");
    struct csn_buffer body = csn_buffer_over(malloc(4096), 4096);
    struct csn_json_writer writer = csn_json_writer_over(&body);
    csn_json_open_object(&writer);
    csn_json_member_string(&writer, "pem", pem->text);
    csn_json_close_object(&writer);
    const char *id = world_text(w, "id");
    assert_int_equal(create(csn_buffer_terminate(&body)), 409);
    assert_int_equal(send(CSN_DELETE, id, "?force=true", NULL), 204);
    assert_int_equal(create((const char *)body.ptr), 201);
    assert_string_equal(world_text(w, "source"), "pem");
    assert_string_equal(world_text(w, "algorithm"), "ES256");
    free(body.ptr);
}

static void
refuses_material_that_guards_nothing(void **state)
{
    (void)state;
    static const char *const bodies[] = {
        "{\"secret\":\"short\",\"algorithm\":\"HS256\"}",
        "{\"secret\":\"" SECRET "\",\"algorithm\":\"none\"}",
        "{\"secret\":\"" SECRET "\",\"algorithm\":\"RS256\"}",
        "{\"secret\":\"" SECRET "\",\"algorithm\":\"HS256\",\"encoding\":\"rot13\"}",
        "{\"secret\":\"" SECRET "\",\"algorithm\":\"HS256\",\"encoding\":\"hex\"}",
        "{\"secret\":\"" SECRET "\",\"algorithm\":\"HS256\",\"state\":\"retired\"}",
        "{\"secret\":\"" SECRET "\",\"algorithm\":\"HS256\",\"state\":\"on\"}",
        "{\"secret\":\"" SECRET "\",\"algorithm\":\"HS256\","
        "\"expires_at\":\"2020-01-01T00:00:00Z\"}",
        "{\"pem\":\"no pem\",\"algorithm\":\"RS256\"}",
        "{\"jwk\":{\"kty\":\"oct\"}}",
        "{\"generate\":false,\"algorithm\":\"HS256\"}",
        "{\"algorithm\":\"HS256\"}",
        "{\"secret\":\"" SECRET "\",\"generate\":true,\"algorithm\":\"HS256\"}",
    };
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        assert_int_equal(create(bodies[i]), 400);
        assert_non_null(world_text(w, "detail"));
        assert_null(strstr(w->body, SECRET));
    }
    assert_int_equal(world_get(w, w->admin, keys), 200);
    assert_int_equal(world_node(w, "items")->count, 0);
}

static void
moves_a_key_through_its_states_and_back(void **state)
{
    (void)state;
    assert_int_equal(create("{\"generate\":true,\"algorithm\":\"HS256\"}"), 201);
    assert_int_equal(create("{\"generate\":true,\"algorithm\":\"HS256\",\"state\":\"standby\"}"),
                     201);
    const char *id = strdup(world_text(w, "id"));
    static const char *const steps[] = {"active", "retiring", "active", "retiring"};
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        assert_int_equal(send(CSN_PATCH, id, "", world_format(w, "{\"state\":\"%s\"}", steps[i])),
                         200);
        assert_string_equal(world_text(w, "state"), steps[i]);
    }
    assert_int_equal(send(CSN_PATCH, id, "", "{\"state\":\"standby\"}"), 409);
    assert_string_equal(world_text(w, "detail"),
                        "A key cannot go from retiring to standby, only to retired or active.");
    assert_int_equal(send(CSN_PATCH, id, "", "{\"state\":\"gone\"}"), 400);
    free((void *)id);
}

static void
refuses_to_retire_the_last_active_key_unless_forced(void **state)
{
    (void)state;
    assert_int_equal(create("{\"generate\":true,\"algorithm\":\"HS256\"}"), 201);
    assert_false(world_bool(w, "safe_to_retire"));
    assert_non_null(world_text(w, "unsafe_because"));
    const char *id = strdup(world_text(w, "id"));
    assert_int_equal(send(CSN_PATCH, id, "", "{\"state\":\"retiring\"}"), 409);
    PROBLEM_IS(w, "conflict");
    assert_int_equal(send(CSN_PATCH, id, "", "{\"state\":\"retiring\",\"force\":true}"), 200);
    free((void *)id);
}

static void
names_the_member_at_fault_and_the_fault(void **state)
{
    (void)state;
    static const struct {
        const char *body, *field, *detail;
    } cases[] = {
        {"{\"secret\":\"zz" SECRET "\",\"algorithm\":\"HS256\",\"encoding\":\"hex\"}", "secret",
         "hexadecimal"},
        {"{\"secret\":\"***" SECRET "\",\"algorithm\":\"HS256\",\"encoding\":\"base64\"}", "secret",
         "not base64."},
        {"{\"secret\":\"short\",\"algorithm\":\"HS256\"}", "secret", "too short"},
        {"{\"pem\":\"no pem\",\"algorithm\":\"RS256\"}", "pem", "PEM"},
        {"{\"jwk\":{\"kty\":\"oct\",\"alg\":\"HS256\"}}", "jwk", "JWK"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(create(cases[i].body), 400);
        assert_string_equal(world_text(w, "field"), cases[i].field);
        assert_non_null(strstr(world_text(w, "detail"), cases[i].detail));
    }
    assert_int_equal(create("{\"secret\":\"" SECRET "\",\"algorithm\":\"HS256\"}"), 201);
    assert_int_equal(create("{\"secret\":\"" SECRET "\",\"algorithm\":\"HS256\"}"), 409);
    assert_string_equal(world_text(w, "field"), "secret");
}

/* Returns: the body of a request with the public key of that algorithm, without naming it. */
static const char *
public_key(enum csn_algorithm algorithm, bool jwk)
{
    static uint8_t memory[3][16384];
    static char body[16384];
    struct csn_buffer out[3];
    for (int i = 0; i < 3; i++)
        out[i] = csn_buffer_over(memory[i], sizeof memory[i]);
    assert_int_equal(
        csn_key_generate(algorithm, 0, (struct csn_bytes){0}, &out[0], &out[1], &out[2]), CSN_OK);
    struct csn_buffer text = csn_buffer_over(body, sizeof body);
    struct csn_json_writer writer = csn_json_writer_over(&text);
    if (jwk) {
        char *alg = strstr((const char *)csn_buffer_terminate(&out[2]), "\"alg\"");
        assert_non_null(alg);
        alg[1] = 'x'; /* as if it were not there */
        snprintf(body, sizeof body, "{\"jwk\":%s}", (const char *)out[2].ptr);
        return body;
    }
    csn_json_open_object(&writer);
    csn_json_member_string(&writer, "pem", csn_buffer_view(&out[1]));
    csn_json_close_object(&writer);
    return csn_buffer_terminate(&text);
}

static void
takes_the_one_algorithm_that_policy_and_material_leave(void **state)
{
    (void)state;
    const char *moengage = world_app(w, w->admin, "\"preset\":\"moengage\"", "HS256");
    const char *target = strdup(world_format(w, "/api/v1/apps/%s/keys", moengage));
    assert_int_equal(world_post(w, w->admin, target, public_key(CSN_RS256, false)), 201);
    assert_string_equal(world_text(w, "algorithm"), "RS256");
    assert_int_equal(world_post(w, w->admin, target, public_key(CSN_RS256, true)), 201);
    assert_string_equal(world_text(w, "algorithm"), "RS256");
    free((void *)target);
    assert_int_equal(create(public_key(CSN_RS256, false)), 400);
    assert_string_equal(world_text(w, "field"), "algorithm");
    assert_non_null(strstr(world_text(w, "detail"), "no algorithm"));
    struct ask put = {.method = CSN_PUT,
                      .target = world_format(w, "/api/v1/apps/%s/policy", app),
                      .bearer = w->admin,
                      .body = "{\"algorithms\":[\"RS256\",\"PS256\"],\"identity\":[\"sub\"]}"};
    assert_int_equal(world_ask(w, &put), 200);
    assert_int_equal(create(public_key(CSN_RS256, false)), 400);
    assert_non_null(strstr(world_text(w, "detail"), "several"));
}

static void
warns_of_a_key_that_the_policy_excludes(void **state)
{
    (void)state;
    assert_int_equal(create("{\"generate\":true,\"algorithm\":\"HS512\"}"), 201);
    assert_non_null(strstr(world_text(w, "warning"), "policy"));
    const char *id = strdup(world_text(w, "id"));
    assert_int_equal(create("{\"generate\":true,\"algorithm\":\"HS256\"}"), 201);
    assert_null(world_text(w, "warning"));
    assert_int_equal(create("{\"secret\":\"seventeen bytes!!\",\"algorithm\":\"HS384\"}"), 201);
    assert_non_null(strstr(world_text(w, "warning"), "policy"));
    assert_non_null(strstr(world_text(w, "warning"), "shorter than the hash"));
    struct ask put = {.method = CSN_PUT,
                      .target = world_format(w, "/api/v1/apps/%s/policy", app),
                      .bearer = w->admin,
                      .body = "{\"algorithms\":[\"HS512\"],\"identity\":[\"sub\"]}"};
    assert_int_equal(world_ask(w, &put), 200);
    assert_int_equal(send(CSN_GET, id, "", NULL), 200);
    assert_null(world_text(w, "warning"));
    free((void *)id);
}

static void
counts_a_use_of_this_very_moment(void **state)
{
    (void)state;
    assert_int_equal(create("{\"secret\":\"" SECRET "\",\"algorithm\":\"HS256\"}"), 201);
    const char *id = strdup(world_text(w, "id"));
    assert_int_equal(create("{\"generate\":true,\"algorithm\":\"HS256\"}"), 201);
    assert_int_equal(send(CSN_PATCH, id, "", "{\"state\":\"retiring\"}"), 200);
    assert_null(world_text(w, "last_used_at"));
    assert_non_null(world_login(w, app, "device-1", world_token_for(w, "alice")));
    assert_int_equal(world_get(w, w->admin, keys), 200);
    assert_string_equal(world_text(w, "items.0.last_used_at"), "2026-11-21T09:32:28.977Z");
    assert_int_equal(send(CSN_GET, id, "", NULL), 200);
    assert_string_equal(world_text(w, "last_used_at"), "2026-11-21T09:32:28.977Z");
    assert_int_equal(send(CSN_PATCH, id, "", "{\"state\":\"retired\"}"), 409);
    world_flush(w);
    assert_int_equal(send(CSN_PATCH, id, "", "{\"state\":\"retired\"}"), 409);
    assert_int_equal(send(CSN_GET, id, "", NULL), 200);
    assert_string_equal(world_text(w, "last_used_at"), "2026-11-21T09:32:28.977Z");
    free((void *)id);
}

static void
verifies_with_the_keys_in_use_alone(void **state)
{
    (void)state;
    assert_int_equal(
        create("{\"secret\":\"" SECRET "\",\"algorithm\":\"HS256\",\"state\":\"standby\"}"), 201);
    const char *id = strdup(world_text(w, "id"));
    const char *token = strdup(world_token_for(w, "alice"));
    assert_null(world_login(w, app, "device-1", token));
    assert_int_equal(send(CSN_PATCH, id, "", "{\"state\":\"active\"}"), 200);
    assert_non_null(world_login(w, app, "device-1", token));
    assert_int_equal(send(CSN_PATCH, id, "", "{\"state\":\"retiring\",\"force\":true}"), 200);
    assert_non_null(world_login(w, app, "device-1", token));
    assert_int_equal(send(CSN_PATCH, id, "", "{\"state\":\"retired\",\"force\":true}"), 200);
    assert_null(world_login(w, app, "device-1", token));
    free((void *)id);
    free((void *)token);
}

static void
removes_a_key_in_use_only_by_force(void **state)
{
    (void)state;
    assert_int_equal(create("{\"generate\":true,\"algorithm\":\"HS256\"}"), 201);
    const char *id = strdup(world_text(w, "id"));
    assert_int_equal(send(CSN_DELETE, id, "", NULL), 409);
    assert_int_equal(send(CSN_DELETE, id, "?force=false", NULL), 409);
    assert_int_equal(send(CSN_DELETE, id, "?force=yes", NULL), 400);
    assert_int_equal(send(CSN_DELETE, id, "?force=true", NULL), 204);
    assert_int_equal(send(CSN_GET, id, "", NULL), 404);
    assert_int_equal(send(CSN_DELETE, id, "?force=true", NULL), 404);
    free((void *)id);
}

static void
knows_a_key_inside_its_own_app_alone(void **state)
{
    (void)state;
    assert_int_equal(create("{\"generate\":true,\"algorithm\":\"HS256\"}"), 201);
    const char *id = strdup(world_text(w, "id"));
    const char *other = world_app(w, w->admin, "\"preset\":\"generic\"", "HS256");
    const char *foreign = world_format(w, "/api/v1/apps/%s/keys/%s", other, id);
    assert_int_equal(world_get(w, w->admin, foreign), 404);
    PROBLEM_IS(w, "not_found");
    assert_int_equal(send(CSN_GET, "nonsense", "", NULL), 404);
    free((void *)id);
}

static void
keeps_the_address_of_a_jwks(void **state)
{
    (void)state;
    const char *target = strdup(world_format(w, "/api/v1/apps/%s/jwks", app));
    struct ask put = {.method = CSN_PUT,
                      .target = target,
                      .bearer = w->admin,
                      .body = "{\"url\":\"https://login.example/jwks.json\"}"};
    assert_int_equal(world_ask(w, &put), 204);
    assert_int_equal(world_get(w, w->admin, world_format(w, "/api/v1/apps/%s", app)), 200);
    assert_string_equal(world_text(w, "jwks.url"), "https://login.example/jwks.json");
    static const char *const wrong[] = {"{\"url\":\"http://login.example/jwks.json\"}",
                                        "{\"url\":\"file:///etc/passwd\"}", "{\"url\":\"\"}", "{}",
                                        "{\"url\":\"https://a.example/\",\"algorithm\":\"none\"}"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        put.body = wrong[i];
        assert_int_equal(world_ask(w, &put), 400);
    }
    assert_int_equal(
        world_ask(w, &(struct ask){.method = CSN_DELETE, .target = target, .bearer = w->admin}),
        204);
    assert_int_equal(world_get(w, w->admin, world_format(w, "/api/v1/apps/%s", app)), 200);
    assert_int_equal(world_node(w, "jwks")->kind, CSN_JSON_NULL);
    free((void *)target);
}

static void
says_which_field_of_an_address_of_keys_is_wrong(void **state)
{
    (void)state;
    struct ask put = {.method = CSN_PUT,
                      .target = world_format(w, "/api/v1/apps/%s/jwks", app),
                      .bearer = w->admin,
                      .body = "{\"url\":\"http://login.example/jwks\"}"};
    assert_int_equal(world_ask(w, &put), 400);
    PROBLEM_IS(w, "field_invalid");
    assert_string_equal(world_text(w, "field"), "url");
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(never_shows_an_imported_secret),
        TEST(shows_a_generated_secret_once_and_it_signs),
        TEST(imports_a_public_key_as_pem_and_a_key_as_jwk),
        TEST(refuses_material_that_guards_nothing),
        TEST(moves_a_key_through_its_states_and_back),
        TEST(refuses_to_retire_the_last_active_key_unless_forced),
        TEST(names_the_member_at_fault_and_the_fault),
        TEST(takes_the_one_algorithm_that_policy_and_material_leave),
        TEST(warns_of_a_key_that_the_policy_excludes),
        TEST(counts_a_use_of_this_very_moment),
        TEST(verifies_with_the_keys_in_use_alone),
        TEST(removes_a_key_in_use_only_by_force),
        TEST(knows_a_key_inside_its_own_app_alone),
        TEST(keeps_the_address_of_a_jwks),
        TEST(says_which_field_of_an_address_of_keys_is_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
