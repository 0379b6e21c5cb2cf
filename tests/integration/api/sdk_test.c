/* The SDK's calls: challenge, login, who am I, refresh, logout.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include "base/time.h"

static struct world *w;
static const char *app, *sessions, *current; /* of an app made from "generic", HS256 by SECRET */

static int
setup(void **state)
{
    (void)state;
    w = malloc(sizeof *w);
    world_open(w);
    app = strdup(world_app(w, w->admin, "\"preset\":\"generic\"", "HS256"));
    sessions = strdup(world_format(w, "/sdk/v1/apps/%s/sessions", app));
    current = strdup(world_format(w, "/sdk/v1/apps/%s/sessions/current", app));
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    free((void *)app);
    free((void *)sessions);
    free((void *)current);
    world_close(w);
    free(w);
    return 0;
}

static int
start(const char *bearer, const char *members)
{
    return world_post(w, bearer, sessions, world_format(w, "{\"device\":" DEVICE "%s}", members));
}

static int
start_with(const char *token)
{
    return start(NULL, world_format(w, ",\"token\":\"%s\"", token));
}

static const char *
login(const char *sub)
{
    return world_login(w, app, "device-1", world_token_for(w, sub));
}

static void
enforce(const char *mode)
{
    struct ask ask = {.method = CSN_PUT,
                      .target = world_format(w, "/api/v1/apps/%s/enforcement", app),
                      .bearer = w->admin,
                      .body = world_format(w, "{\"mode\":\"%s\"}", mode)};
    assert_int_equal(world_ask(w, &ask), 200);
}

static int
delete_current(const char *bearer, const char *body)
{
    return world_ask(
        w, &(struct ask){.method = CSN_DELETE, .target = current, .bearer = bearer, .body = body});
}

static int
refresh(const char *bearer, const char *token)
{
    return world_ask(w, &(struct ask){.method = CSN_PATCH,
                                      .target = current,
                                      .bearer = bearer,
                                      .body = world_format(w, "{\"token\":\"%s\"}", token)});
}

/* --- login --- */

static void
gives_a_good_token_a_verified_session(void **state)
{
    (void)state;
    assert_int_equal(start_with(world_token_for(w, "alice")), 201);
    assert_string_equal(world_text(w, "customer.identity"), "alice");
    assert_string_equal(world_text(w, "customer.assurance"), "verified");
    assert_int_equal(strlen(world_text(w, "customer.id")), CSN_ID_LENGTH);
    assert_int_equal(strlen(world_text(w, "session.logout_secret")), 43);
    assert_int_equal(world_int(w, "session.generation"), 1);
    assert_int_equal(strlen(world_text(w, "vault_key")), 43);
    assert_int_equal(world_int(w, "cursor"), 0);
    assert_int_equal(world_node(w, "linked")->kind, CSN_JSON_NULL);
    assert_string_equal(world_text(w, "server_time"), "2026-11-21T09:32:28.977Z");
    assert_null(world_node(w, "refused"));
    assert_null(world_node(w, "test_mode"));
}

static void
knows_the_same_customer_again(void **state)
{
    (void)state;
    assert_int_equal(start_with(world_token_for(w, "alice")), 201);
    const char *id = world_text(w, "customer.id"), *vault = world_text(w, "vault_key");
    assert_non_null(world_login(w, app, "device-2", world_token_for(w, "alice")));
    assert_string_equal(world_text(w, "customer.id"), id);
    assert_string_equal(world_text(w, "vault_key"), vault);
    assert_non_null(world_login(w, app, "device-3", world_token_for(w, "bob")));
    assert_string_not_equal(world_text(w, "customer.id"), id);
    assert_string_not_equal(world_text(w, "vault_key"), vault);
}

static void
starts_anonymously_without_token_and_identity(void **state)
{
    (void)state;
    assert_int_equal(start(NULL, ""), 201);
    assert_string_equal(world_text(w, "customer.assurance"), "anonymous");
    assert_null(world_text(w, "customer.identity"));
    assert_int_equal(start(NULL, ",\"token\":null,\"identity\":null,\"anonymous\":null"), 201);
    assert_string_equal(world_text(w, "customer.assurance"), "anonymous");
    assert_int_equal(start(NULL, ",\"token\":\"\""), 201);
    assert_string_equal(world_text(w, "customer.assurance"), "anonymous");
}

static void
believes_a_claim_as_far_as_enforcement_does(void **state)
{
    (void)state;
    static const char *const lenient[] = {"off", "monitor", "optional"};
    for (size_t i = 0; i < 3; i++) {
        enforce(lenient[i]);
        assert_int_equal(start(NULL, ",\"identity\":\"alice\""), 201);
        assert_string_equal(world_text(w, "customer.assurance"), "claimed");
    }
    enforce("required");
    assert_int_equal(start(NULL, ",\"identity\":\"alice\""), 401);
    PROBLEM_IS(w, "enforcement_missing");
    assert_string_equal(world_text(w, "action"), "refresh");
    assert_int_equal(start_with(world_token_for(w, "alice")), 201);
}

static void
gives_a_claim_neither_the_customers_vault_nor_its_proof(void **state)
{
    (void)state;
    assert_int_equal(start_with(world_token_for(w, "alice")), 201);
    const char *vault = world_text(w, "vault_key");
    assert_int_equal(start(NULL, ",\"identity\":\"alice\""), 201);
    assert_string_not_equal(world_text(w, "vault_key"), vault);
}

static void
refuses_a_bad_token_by_mode(void **state)
{
    (void)state;
    const char *bad = world_token(w, CSN_HS256, "another-secret-of-many-bytes-0123456789",
                                  "{\"sub\":\"alice\",\"iat\":1795253548}");
    const char *members = world_format(w, ",\"token\":\"%s\",\"identity\":\"alice\"", bad);
    static const struct {
        const char *mode;
        int status;
    } cases[] = {{"off", 201}, {"monitor", 201}, {"optional", 401}, {"required", 401}};
    for (size_t i = 0; i < 4; i++) {
        enforce(cases[i].mode);
        assert_int_equal(start(NULL, members), cases[i].status);
        if (cases[i].status == 201)
            assert_string_equal(world_text(w, "customer.assurance"), "claimed");
        else
            PROBLEM_IS(w, "signature_invalid");
        bool told = world_node(w, "refused") != NULL;
        assert_int_equal(told, strcmp(cases[i].mode, "monitor") == 0);
        if (told)
            assert_string_equal(world_text(w, "refused.reason"), "signature_invalid");
        if (told)
            assert_string_equal(world_text(w, "refused.action"), "fix_setup");
    }
}

static void
tells_each_refusal_by_its_reason_and_action(void **state)
{
    (void)state;
    static const struct {
        const char *payload, *reason, *action, *claim;
    } cases[] = {
        {"{\"sub\":\"a\",\"iat\":1795253000,\"exp\":1795253100}", "expired", "refresh", NULL},
        {"{\"sub\":\"a\",\"nbf\":1795259000,\"exp\":1795259900}", "not_yet_valid", "refresh", NULL},
        {"{\"sub\":\"a\",\"iat\":1795253548977,\"exp\":1795259900}", "time_in_milliseconds",
         "fix_setup", "iat"},
        {"{\"user\":\"a\",\"exp\":1795259900}", "claim_missing", "fix_setup", "sub"},
        {"{\"sub\":\"\",\"exp\":1795259900}", "claim_invalid", "fix_setup", "sub"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(start_with(world_token(w, CSN_HS256, SECRET, cases[i].payload)), 401);
        PROBLEM_IS(w, cases[i].reason);
        assert_string_equal(world_text(w, "action"), cases[i].action);
        if (cases[i].claim != NULL)
            assert_string_equal(world_text(w, "claim"), cases[i].claim);
        assert_string_equal(world_header(w, "www-authenticate"), "Bearer error=\"invalid_token\"");
    }
    assert_int_equal(start_with("abc"), 401);
    PROBLEM_IS(w, "malformed");
    assert_string_equal(world_text(w, "part"), "token");
}

static void
refuses_a_token_for_another_than_the_one_claimed(void **state)
{
    (void)state;
    const char *members =
        world_format(w, ",\"token\":\"%s\",\"identity\":\"bob\"", world_token_for(w, "alice"));
    assert_int_equal(start(NULL, members), 401);
    PROBLEM_IS(w, "identity_mismatch");
    assert_string_equal(world_text(w, "action"), "login");
}

static void
judges_a_token_that_is_too_long(void **state)
{
    (void)state;
    char *body = malloc(70000);
    int head = sprintf(body, "{\"device\":" DEVICE ",\"token\":\"");
    memset(body + head, 'a', CSN_TOKEN_MAX + 1);
    strcpy(body + head + CSN_TOKEN_MAX + 1, "\"}");
    assert_int_equal(world_post(w, NULL, sessions, body), 401);
    PROBLEM_IS(w, "too_large");
    free(body);
}

static void
never_repeats_the_token_in_an_answer(void **state)
{
    (void)state;
    const char *token = world_token_for(w, "alice");
    assert_int_equal(start_with(token), 201);
    assert_null(strstr(w->body, token));
    const char *wrong = world_format(w, "%sx", token);
    assert_int_equal(start_with(wrong), 401);
    assert_null(strstr(w->body, strchr(token, '.') + 1));
}

static void
asks_for_a_device_that_can_be_one(void **state)
{
    (void)state;
    static const struct {
        const char *body, *reason, *field;
    } cases[] = {
        {"{}", "field_missing", "device"},
        {"{\"device\":\"d\"}", "field_invalid", "device"},
        {"{\"device\":{}}", "field_missing", "device.id"},
        {"{\"device\":{\"id\":\"\"}}", "field_invalid", "device.id"},
        {"{\"device\":{\"id\":\"a b\"}}", "field_invalid", "device.id"},
        {"{\"device\":{\"id\":\"caf\\u00e9\"}}", "field_invalid", "device.id"},
        {"{\"device\":{\"id\":\"d\",\"model\":\"x\"}}", "field_unknown", "device.model"},
        {"{\"device\":{\"id\":\"d\",\"platform\":7}}", "field_invalid", "device.platform"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(world_post(w, NULL, sessions, cases[i].body), 400);
        PROBLEM_IS(w, cases[i].reason);
        assert_string_equal(world_text(w, "field"), cases[i].field);
    }
}

static void
tells_an_unknown_app_and_a_suspended_one(void **state)
{
    (void)state;
    const char *body = "{\"device\":" DEVICE "}";
    assert_int_equal(world_post(w, NULL, "/sdk/v1/apps/01ARZ3NDEKTSV4RRFFQ69G5FAV/sessions", body),
                     404);
    PROBLEM_IS(w, "app_unknown");
    assert_int_equal(world_post(w, NULL, "/sdk/v1/apps/nonsense/sessions", body), 404);
    PROBLEM_IS(w, "app_unknown");
    struct ask suspend = {.method = CSN_PATCH,
                          .target = world_format(w, "/api/v1/apps/%s", app),
                          .bearer = w->admin,
                          .body = "{\"suspended\":true}"};
    assert_int_equal(world_ask(w, &suspend), 200);
    assert_int_equal(world_post(w, NULL, sessions, body), 403);
    PROBLEM_IS(w, "app_suspended");
}

/* --- two credentials --- */

static void
takes_the_token_from_body_or_bearer_and_refuses_two_that_differ(void **state)
{
    (void)state;
    const char *alice = world_token_for(w, "alice"), *bob = world_token_for(w, "bob");
    assert_int_equal(start(alice, ""), 201);
    assert_string_equal(world_text(w, "customer.assurance"), "verified");
    assert_int_equal(start(alice, world_format(w, ",\"token\":\"%s\"", alice)), 201);
    assert_int_equal(start(alice, world_format(w, ",\"token\":\"%s\"", bob)), 400);
    PROBLEM_IS(w, "two_credentials");
}

static void
refuses_two_anonymous_sessions_that_differ(void **state)
{
    (void)state;
    const char *one = world_login(w, app, "device-1", NULL);
    const char *two = world_login(w, app, "device-2", NULL);
    assert_int_equal(start(one, world_format(w, ",\"anonymous\":\"%s\"", two)), 400);
    PROBLEM_IS(w, "two_credentials");
}

/* --- linking --- */

static void
links_an_anonymous_session_by_its_own_bearer(void **state)
{
    (void)state;
    static const bool by_header[] = {true, false};
    for (size_t i = 0; i < 2; i++) {
        const char *device = i == 0 ? "device-1" : "device-2";
        const char *anonymous = world_login(w, app, device, NULL);
        const char *customer = world_text(w, "customer.id");
        const char *token = world_token_for(w, "alice");
        const char *extra = by_header[i] ? "" : world_format(w, ",\"anonymous\":\"%s\"", anonymous);
        const char *body = world_format(w, "{\"device\":{\"id\":\"%s\"},\"token\":\"%s\"%s}",
                                        device, token, extra);
        assert_int_equal(world_post(w, by_header[i] ? anonymous : NULL, sessions, body), 201);
        assert_string_equal(world_text(w, "linked.customer"), customer);
        assert_string_not_equal(world_text(w, "customer.id"), customer);
        assert_int_equal(world_get(w, anonymous, current), 401);
        PROBLEM_IS(w, "revoked");
    }
}

static void
continues_an_anonymous_session(void **state)
{
    (void)state;
    const char *anonymous = world_login(w, app, "device-1", NULL);
    const char *customer = world_text(w, "customer.id");
    assert_int_equal(start(anonymous, ""), 201);
    assert_string_equal(world_text(w, "customer.id"), customer);
    assert_int_equal(world_int(w, "session.generation"), 2);
    assert_null(world_text(w, "session.logout_secret"));
}

static void
never_gives_one_customers_session_to_another(void **state)
{
    (void)state;
    const char *alice = login("alice");
    const char *members =
        world_format(w, ",\"token\":\"%s\",\"anonymous\":\"%s\"", world_token_for(w, "bob"), alice);
    assert_int_equal(start(NULL, members), 400);
    assert_string_equal(world_text(w, "field"), "anonymous");
    assert_int_equal(start(alice, world_format(w, ",\"token\":\"%s\"", world_token_for(w, "bob"))),
                     201);
    assert_int_equal(world_node(w, "linked")->kind, CSN_JSON_NULL);
    assert_string_equal(world_text(w, "customer.identity"), "bob");
}

static void
logs_in_without_a_link_when_the_anonymous_session_expired(void **state)
{
    (void)state;
    const char *anonymous = strdup(world_login(w, app, "device-1", NULL));
    w->now_ms += 400LL * 86400000;
    const char *members = world_format(w, ",\"token\":\"%s\",\"anonymous\":\"%s\"",
                                       world_token_for(w, "alice"), anonymous);
    assert_int_equal(start(NULL, members), 201);
    assert_int_equal(world_node(w, "linked")->kind, CSN_JSON_NULL);
    free((void *)anonymous);
}

static void
refuses_what_is_no_session_of_this_app_as_anonymous(void **state)
{
    (void)state;
    assert_int_equal(start(NULL, ",\"anonymous\":\"x.y.z\""), 400);
    assert_string_equal(world_text(w, "field"), "anonymous");
    const char *other = world_app(w, w->admin, "\"preset\":\"generic\"", "HS256");
    const char *foreign = world_login(w, other, "device-1", NULL);
    assert_int_equal(start(NULL, world_format(w, ",\"anonymous\":\"%s\"", foreign)), 401);
    PROBLEM_IS(w, "signature_invalid");
}

static void
leaves_the_session_before_alone_when_a_login_fails(void **state)
{
    (void)state;
    const char *alice = login("alice");
    assert_int_equal(start(alice, ",\"token\":\"x.y.z\""), 401);
    assert_int_equal(world_get(w, alice, current), 200);
    assert_string_equal(world_text(w, "customer.identity"), "alice");
}

/* --- challenge --- */

static void
binds_a_login_to_a_challenge_used_once(void **state)
{
    (void)state;
    const char *nonce_app = world_app(
        w, w->admin, "\"preset\":\"generic\",\"policy\":{\"nonce\":\"required\"}", "HS256");
    const char *base = strdup(world_format(w, "/sdk/v1/apps/%s/", nonce_app));
    assert_int_equal(
        world_post(w, NULL, world_format(w, "%schallenge", base), "{\"device\":" DEVICE "}"), 201);
    assert_non_null(world_text(w, "expires_at"));
    const char *payload = world_format(
        w, "{\"sub\":\"a\",\"iat\":%lld,\"exp\":%lld,\"nonce\":\"%s\"}",
        (long long)(w->now_ms / 1000), (long long)(w->now_ms / 1000 + 600), world_text(w, "nonce"));
    const char *body = world_format(w, "{\"device\":" DEVICE ",\"token\":\"%s\"}",
                                    world_token(w, CSN_HS256, SECRET, payload));
    assert_int_equal(world_post(w, NULL, world_format(w, "%ssessions", base), body), 201);
    assert_int_equal(world_post(w, NULL, world_format(w, "%ssessions", base), body), 401);
    PROBLEM_IS(w, "nonce_used");
    const char *without =
        world_format(w, "{\"device\":" DEVICE ",\"token\":\"%s\"}", world_token_for(w, "a"));
    assert_int_equal(world_post(w, NULL, world_format(w, "%ssessions", base), without), 401);
    PROBLEM_IS(w, "nonce_missing");
    free((void *)base);
}

static void
lets_a_spent_nonce_in_as_a_claim_where_the_mode_does(void **state)
{
    (void)state;
    free((void *)app);
    app = strdup(world_app(w, w->admin,
                           "\"preset\":\"generic\",\"policy\":{\"nonce\":\"required\"}", "HS256"));
    enforce("monitor");
    const char *payload = world_format(w, "{\"sub\":\"a\",\"exp\":%lld,\"nonce\":\"never-issued\"}",
                                       (long long)(w->now_ms / 1000 + 600));
    const char *body =
        world_format(w, "{\"device\":" DEVICE ",\"token\":\"%s\",\"identity\":\"a\"}",
                     world_token(w, CSN_HS256, SECRET, payload));
    assert_int_equal(world_post(w, NULL, world_format(w, "/sdk/v1/apps/%s/sessions", app), body),
                     201);
    assert_string_equal(world_text(w, "customer.assurance"), "claimed");
    assert_string_equal(world_text(w, "refused.reason"), "nonce_unknown");
}

/* --- who am I --- */

static void
says_whose_session_it_is(void **state)
{
    (void)state;
    const char *session = login("alice");
    const char *customer = world_text(w, "customer.id"), *id = world_text(w, "session.id");
    assert_int_equal(world_get(w, session, current), 200);
    assert_string_equal(world_text(w, "customer.id"), customer);
    assert_string_equal(world_text(w, "session.id"), id);
    assert_string_equal(world_text(w, "session.device"), "device-1");
    assert_null(world_text(w, "session.token"));
}

static void
ends_a_session_at_its_expiry_on_both_sides(void **state)
{
    (void)state;
    const char *session = strdup(login("alice"));
    assert_int_equal(world_get(w, session, current), 200);
    struct csn_bytes text = csn_bytes_text(world_text(w, "session.expires_at"));
    int64_t expires_ms = 0;
    assert_int_equal(csn_time_read_rfc3339(text, &expires_ms), CSN_OK);
    w->now_ms = expires_ms - 1;
    assert_int_equal(world_get(w, session, current), 200);
    w->now_ms = expires_ms;
    assert_int_equal(world_get(w, session, current), 401);
    PROBLEM_IS(w, "expired");
    free((void *)session);
}

static void
takes_the_token_itself_where_it_is_the_bearer_of_every_request(void **state)
{
    (void)state;
    const char *every = world_app(
        w, w->admin, "\"preset\":\"generic\",\"policy\":{\"use\":\"every_request\"}", "HS256");
    const char *target = world_format(w, "/sdk/v1/apps/%s/sessions/current", every);
    assert_int_equal(world_get(w, world_token_for(w, "alice"), target), 200);
    assert_string_equal(world_text(w, "customer.identity"), "alice");
    assert_int_equal(world_node(w, "session")->kind, CSN_JSON_NULL);
    const char *customer = world_text(w, "customer.id");
    assert_int_equal(world_get(w, world_token_for(w, "alice"), target), 200);
    assert_string_equal(world_text(w, "customer.id"), customer);
    assert_int_equal(world_get(w, NULL, target), 200);
    assert_string_equal(world_text(w, "customer.assurance"), "anonymous");
    assert_null(world_text(w, "customer.id"));
    assert_int_equal(world_get(w, "x.y.z", target), 401);
}

static void
refuses_a_second_bearer_in_the_query(void **state)
{
    (void)state;
    const char *session = login("alice");
    assert_int_equal(world_get(w, session, world_format(w, "%s?access_token=other", current)), 400);
    PROBLEM_IS(w, "two_credentials");
    assert_int_equal(world_get(w, NULL, world_format(w, "%s?access_token=%s", current, session)),
                     400);
}

/* --- refresh --- */

static void
refreshes_for_the_same_identity(void **state)
{
    (void)state;
    const char *session = login("alice");
    const char *customer = world_text(w, "customer.id");
    w->now_ms += 60000;
    assert_int_equal(refresh(session, world_token_for(w, "alice")), 200);
    assert_int_equal(world_int(w, "session.generation"), 2);
    assert_string_equal(world_text(w, "customer.id"), customer);
    assert_null(world_text(w, "session.logout_secret"));
    assert_int_equal(world_get(w, world_text(w, "session.token"), current), 200);
}

static void
refuses_to_refresh_for_another(void **state)
{
    (void)state;
    const char *session = login("alice");
    assert_int_equal(refresh(session, world_token_for(w, "bob")), 401);
    PROBLEM_IS(w, "identity_mismatch");
    assert_int_equal(refresh(session, "x.y.z"), 401);
    PROBLEM_IS(w, "malformed");
    const char *anonymous = world_login(w, app, "device-2", NULL);
    assert_int_equal(refresh(anonymous, world_token_for(w, "bob")), 401);
    PROBLEM_IS(w, "identity_mismatch");
    assert_int_equal(world_get(w, session, current), 200);
}

static void
has_no_session_to_refresh_for_a_bare_token(void **state)
{
    (void)state;
    assert_int_equal(refresh(world_token_for(w, "alice"), world_token_for(w, "alice")), 409);
    PROBLEM_IS(w, "conflict");
}

/* --- logout --- */

static void
logs_out_and_may_repeat_it(void **state)
{
    (void)state;
    const char *session = login("alice");
    assert_int_equal(delete_current(session, NULL), 204);
    assert_int_equal(w->x.response.body.len, 0);
    assert_int_equal(world_get(w, session, current), 401);
    PROBLEM_IS(w, "revoked");
    assert_string_equal(world_text(w, "action"), "login");
    assert_int_equal(delete_current(session, NULL), 204);
}

static void
logs_out_with_an_expired_bearer_by_the_logout_secret(void **state)
{
    (void)state;
    const char *session = strdup(login("alice"));
    const char *good =
        strdup(world_format(w, "{\"session\":\"%s\",\"logout_secret\":\"%s\"}",
                            world_text(w, "session.id"), world_text(w, "session.logout_secret")));
    const char *bad = strdup(world_format(w, "{\"session\":\"%s\",\"logout_secret\":\"%s\"}",
                                          world_text(w, "session.id"), "A-wrong-one"));
    assert_int_equal(delete_current(NULL, bad), 401);
    assert_int_equal(delete_current(NULL, good), 204);
    assert_int_equal(delete_current(NULL, good), 204);
    assert_int_equal(world_get(w, session, current), 401);
    PROBLEM_IS(w, "revoked");
    free((void *)session);
    free((void *)good);
    free((void *)bad);
}

static void
asks_for_proof_of_a_logout(void **state)
{
    (void)state;
    assert_int_equal(delete_current(NULL, NULL), 401);
    PROBLEM_IS(w, "missing");
    assert_int_equal(delete_current("x.y.z", NULL), 401);
    PROBLEM_IS(w, "malformed");
    assert_int_equal(delete_current(NULL, "{\"logout\":true}"), 400);
}

static void
ends_the_session_that_the_device_had(void **state)
{
    (void)state;
    const char *alice = login("alice");
    const char *bob = login("bob");
    assert_int_equal(world_get(w, alice, current), 401);
    PROBLEM_IS(w, "revoked");
    assert_int_equal(world_get(w, bob, current), 200);
    assert_int_equal(delete_current(alice, NULL), 204);
    assert_int_equal(world_get(w, bob, current), 200);
}

/* --- test mode --- */

#define SAYS "Countersign Identity Verification Testing: "
#define FAILED SAYS "Failed to send update to API - verification failure: "

static void
prints_the_three_messages_in_test_mode_until_it_ends(void **state)
{
    (void)state;
    struct ask on = {.method = CSN_PATCH,
                     .target = world_format(w, "/api/v1/apps/%s", app),
                     .bearer = w->admin,
                     .body = "{\"test_mode_until\":\"2026-11-21T10:32:28Z\"}"};
    assert_int_equal(world_ask(w, &on), 200);
    assert_int_equal(start_with(world_token_for(w, "alice")), 201);
    assert_string_equal(world_text(w, "test_mode"),
                        SAYS "Successfully sent update to API using User ID Signature");
    assert_int_equal(start(NULL, ",\"identity\":\"alice\""), 201);
    assert_string_equal(world_text(w, "test_mode"), FAILED "No User ID Signature present");
    assert_int_equal(start_with("x.y.z"), 401);
    assert_string_equal(world_text(w, "test_mode"), FAILED "Invalid User ID Signature 0003");
    enforce("required");
    assert_int_equal(start(NULL, ""), 401);
    assert_string_equal(world_text(w, "test_mode"), FAILED "No User ID Signature present");
    w->now_ms = 1795257148000;
    assert_int_equal(start_with("x.y.z"), 401);
    assert_null(world_text(w, "test_mode"));
    w->now_ms--;
    assert_int_equal(start_with("x.y.z"), 401);
    assert_non_null(world_text(w, "test_mode"));
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(gives_a_good_token_a_verified_session),
        TEST(knows_the_same_customer_again),
        TEST(starts_anonymously_without_token_and_identity),
        TEST(believes_a_claim_as_far_as_enforcement_does),
        TEST(gives_a_claim_neither_the_customers_vault_nor_its_proof),
        TEST(refuses_a_bad_token_by_mode),
        TEST(tells_each_refusal_by_its_reason_and_action),
        TEST(refuses_a_token_for_another_than_the_one_claimed),
        TEST(judges_a_token_that_is_too_long),
        TEST(never_repeats_the_token_in_an_answer),
        TEST(asks_for_a_device_that_can_be_one),
        TEST(tells_an_unknown_app_and_a_suspended_one),
        TEST(takes_the_token_from_body_or_bearer_and_refuses_two_that_differ),
        TEST(refuses_two_anonymous_sessions_that_differ),
        TEST(links_an_anonymous_session_by_its_own_bearer),
        TEST(continues_an_anonymous_session),
        TEST(never_gives_one_customers_session_to_another),
        TEST(logs_in_without_a_link_when_the_anonymous_session_expired),
        TEST(refuses_what_is_no_session_of_this_app_as_anonymous),
        TEST(leaves_the_session_before_alone_when_a_login_fails),
        TEST(binds_a_login_to_a_challenge_used_once),
        TEST(lets_a_spent_nonce_in_as_a_claim_where_the_mode_does),
        TEST(says_whose_session_it_is),
        TEST(ends_a_session_at_its_expiry_on_both_sides),
        TEST(takes_the_token_itself_where_it_is_the_bearer_of_every_request),
        TEST(refuses_a_second_bearer_in_the_query),
        TEST(refreshes_for_the_same_identity),
        TEST(refuses_to_refresh_for_another),
        TEST(has_no_session_to_refresh_for_a_bare_token),
        TEST(logs_out_and_may_repeat_it),
        TEST(logs_out_with_an_expired_bearer_by_the_logout_secret),
        TEST(asks_for_proof_of_a_logout),
        TEST(ends_the_session_that_the_device_had),
        TEST(prints_the_three_messages_in_test_mode_until_it_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
