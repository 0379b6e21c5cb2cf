/* The tenant matrix: every endpoint × every credential. What is expected follows from the route
 * table's `access` and from what the credential is, and from nothing else, so a new endpoint is
 * covered the moment it has a row.
 *
 *   - what is not allowed is refused, and with the right status
 *   - what is allowed works
 *   - "not yours" and "does not exist" are the same bytes
 *   - an answer given to one account names nothing of another
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#define NOBODY "01ARZ3NDEKTSV4RRFFQ69G5FAV" /* an id that nothing has */
#define ANSWER_MAX (sizeof(struct world))
#define OTHER_SECRET "the-secret-of-another-app-entirely-0123456789-abcdefghijkl-zyxwv"

enum kind { NOTHING, API_KEY, BEARER };
enum where { NOWHERE, OWN, OWN_APP_ONLY, OTHER_APP_ONLY, OTHER_ACCOUNT, ROOT_ACCOUNT };

/* One credential, and what it truly is. */
struct credential {
    const char *name;
    enum kind kind;
    bool good; /* neither expired nor revoked nor made up */
    /* API keys */
    enum where where;
    unsigned roles;
    /* bearers of the app under test */
    enum csn_assurance assurance;
    char text[2048];
};

enum {
    NONE,
    MADE_UP,
    MADE_UP_KEY,
    OWN_ADMIN,
    OWN_USER,
    OWN_VIEWER,
    OWN_APP_ADMIN,
    OTHER_APP_ADMIN,
    STRANGER_ADMIN,
    ROOT_ADMIN,
    EXPIRED_KEY,
    REVOKED_KEY,
    VERIFIED,
    CLAIMED,
    ANONYMOUS,
    TOKEN,
    EXPIRED_SESSION,
    REVOKED_SESSION,
    OTHER_SESSION,
    OTHER_TOKEN,
    EXPIRED_TOKEN,
    CREDENTIALS
};

#define ALL_ROLES (CSN_ROLE_ADMIN | CSN_ROLE_USER)
static struct credential credentials[CREDENTIALS] = {
    [NONE] = {.name = "no credential", .kind = NOTHING},
    [MADE_UP] = {.name = "a made-up bearer", .kind = BEARER},
    [MADE_UP_KEY] = {.name = "a made-up API key", .kind = API_KEY},
    [OWN_ADMIN] = {"own admin", API_KEY, true, OWN, ALL_ROLES, 0, ""},
    [OWN_USER] = {"own user", API_KEY, true, OWN, CSN_ROLE_USER, 0, ""},
    [OWN_VIEWER] = {"own viewer", API_KEY, true, OWN, CSN_ROLE_VIEWER, 0, ""},
    [OWN_APP_ADMIN] = {"admin of this app alone", API_KEY, true, OWN_APP_ONLY, ALL_ROLES, 0, ""},
    [OTHER_APP_ADMIN] = {"admin of another app of the account", API_KEY, true, OTHER_APP_ONLY,
                         ALL_ROLES, 0, ""},
    [STRANGER_ADMIN] = {"another account's admin", API_KEY, true, OTHER_ACCOUNT, ALL_ROLES, 0, ""},
    [ROOT_ADMIN] = {"the root account's admin", API_KEY, true, ROOT_ACCOUNT, ALL_ROLES, 0, ""},
    [EXPIRED_KEY] = {"an expired API key", API_KEY, false, OWN, ALL_ROLES, 0, ""},
    [REVOKED_KEY] = {"a revoked API key", API_KEY, false, OWN, ALL_ROLES, 0, ""},
    [VERIFIED] = {"a verified session", BEARER, true, 0, 0, CSN_ASSURANCE_VERIFIED, ""},
    [CLAIMED] = {"a claimed session", BEARER, true, 0, 0, CSN_ASSURANCE_CLAIMED, ""},
    [ANONYMOUS] = {"an anonymous session", BEARER, true, 0, 0, CSN_ASSURANCE_ANONYMOUS, ""},
    [TOKEN] = {"a customer's token", BEARER, true, 0, 0, CSN_ASSURANCE_VERIFIED, ""},
    [EXPIRED_SESSION] = {.name = "an expired session", .kind = BEARER},
    [REVOKED_SESSION] = {.name = "a revoked session", .kind = BEARER},
    [OTHER_SESSION] = {.name = "a session of another app", .kind = BEARER},
    [OTHER_TOKEN] = {.name = "a customer's token of another app", .kind = BEARER},
    [EXPIRED_TOKEN] = {.name = "an expired token", .kind = BEARER},
};

/* The things that the paths name: those of the app under test, and their foreign counterparts. */
struct things {
    char account[32], app[32], key[32], customer[32], api_key[32];
};

static struct world *w;
static struct things own, foreign;
static char other_app[32];

/* --- making the world --- */

static void
keep(int which, const char *text)
{
    assert_non_null(text);
    snprintf(credentials[which].text, sizeof credentials[which].text, "%s", text);
}

static const char *
make_key(const char *bearer, const char *members)
{
    assert_int_equal(
        world_post(w, bearer, "/api/v1/api-keys", world_format(w, "{\"name\":\"k\",%s}", members)),
        201);
    return world_format(w, "%s.%s", world_text(w, "key"), world_text(w, "secret"));
}

static void
make_app(const char *bearer, const char *secret, struct things *things)
{
    assert_int_equal(
        world_post(w, bearer, "/api/v1/apps", "{\"name\":\"app\",\"preset\":\"generic\"}"), 201);
    strcpy(things->app, world_text(w, "id"));
    assert_int_equal(
        world_post(w, bearer, world_format(w, "/api/v1/apps/%s/keys", things->app),
                   world_format(w, "{\"secret\":\"%s\",\"algorithm\":\"HS256\"}", secret)),
        201);
    strcpy(things->key, world_text(w, "id"));
}

static const char *
token_by(const char *secret, int64_t expires_ms)
{
    return world_token(w, CSN_HS256, secret,
                       world_format(w, "{\"sub\":\"alice\",\"iat\":%lld,\"exp\":%lld}",
                                    (long long)(w->now_ms / 1000), (long long)(expires_ms / 1000)));
}

static void
make_api_keys(void)
{
    keep(OWN_ADMIN, world_account(w, "own", "\"admin\",\"user\""));
    const char *admin = credentials[OWN_ADMIN].text;
    keep(OWN_USER, make_key(admin, "\"roles\":[\"user\"]"));
    keep(OWN_VIEWER, make_key(admin, "\"roles\":[\"viewer\"]"));
    strcpy(own.api_key, world_text(w, "id"));
    make_app(admin, SECRET, &own);
    struct things second;
    make_app(admin, OTHER_SECRET, &second);
    strcpy(other_app, second.app);
    const char *both = "\"roles\":[\"admin\",\"user\"]";
    keep(OWN_APP_ADMIN, make_key(admin, world_format(w, "%s,\"app\":\"%s\"", both, own.app)));
    keep(OTHER_APP_ADMIN, make_key(admin, world_format(w, "%s,\"app\":\"%s\"", both, other_app)));
    keep(EXPIRED_KEY, make_key(admin, "\"roles\":[\"admin\",\"user\"],"
                                      "\"expires_at\":\"2026-11-21T09:40:00Z\""));
    keep(REVOKED_KEY, make_key(admin, both));
    struct ask revoke = {.method = CSN_DELETE,
                         .target = world_format(w, "/api/v1/api-keys/%s", world_text(w, "id")),
                         .bearer = admin};
    assert_int_equal(world_ask(w, &revoke), 204);
    assert_int_equal(world_get(w, admin, "/api/v1/whoami"), 200);
    strcpy(own.account, world_text(w, "account"));
}

static void
make_strangers(void)
{
    keep(STRANGER_ADMIN, world_account(w, "stranger", "\"admin\",\"user\""));
    const char *admin = credentials[STRANGER_ADMIN].text;
    make_app(admin, OTHER_SECRET, &foreign);
    make_key(admin, "\"roles\":[\"viewer\"]");
    strcpy(foreign.api_key, world_text(w, "id"));
    assert_int_equal(world_get(w, admin, "/api/v1/whoami"), 200);
    strcpy(foreign.account, world_text(w, "account"));
    keep(ROOT_ADMIN, w->admin);
    keep(MADE_UP, "made.up.bearer");
    keep(MADE_UP_KEY, "csk_0123456789012345678901.0123456789012345678901234567890123456789012");
}

static void
make_bearers(void)
{
    int64_t hour_ms = 3600000;
    keep(TOKEN, token_by(SECRET, w->now_ms + 10 * hour_ms));
    keep(EXPIRED_TOKEN, token_by(SECRET, w->now_ms + 600000));
    keep(OTHER_TOKEN, token_by(OTHER_SECRET, w->now_ms + 10 * hour_ms));
    keep(VERIFIED, world_login(w, own.app, "device-1", credentials[TOKEN].text));
    strcpy(own.customer, world_text(w, "customer.id"));
    keep(ANONYMOUS, world_login(w, own.app, "device-2", NULL));
    assert_int_equal(world_post(w, NULL, world_format(w, "/sdk/v1/apps/%s/sessions", own.app),
                                "{\"device\":{\"id\":\"device-3\"},\"identity\":\"bob\"}"),
                     201);
    keep(CLAIMED, world_text(w, "session.token"));
    keep(OTHER_SESSION, world_login(w, other_app, "device-1", credentials[OTHER_TOKEN].text));
    keep(REVOKED_SESSION, world_login(w, own.app, "device-4", credentials[TOKEN].text));
    struct ask out = {.method = CSN_DELETE,
                      .target = world_format(w, "/sdk/v1/apps/%s/sessions/current", own.app),
                      .bearer = credentials[REVOKED_SESSION].text};
    assert_int_equal(world_ask(w, &out), 204);
    assert_non_null(world_login(w, foreign.app, "device-1", credentials[OTHER_TOKEN].text));
    strcpy(foreign.customer, world_text(w, "customer.id"));
    int64_t now_ms = w->now_ms;
    w->now_ms -= 2000LL * 86400000;
    keep(EXPIRED_SESSION,
         world_login(w, own.app, "device-5", token_by(SECRET, w->now_ms + 600000)));
    w->now_ms = now_ms;
}

static void
make_world(void)
{
    world_open(w);
    csn_throttle_free(w->service.throttle);
    w->service.throttle = NULL; /* the matrix is one source of very many bad credentials */
    make_api_keys();
    make_strangers();
    make_bearers();
    w->now_ms += 3600000; /* now the short-lived ones have expired */
}

static void
make_world_again(void)
{
    world_close(w);
    make_world();
}

/* --- asking --- */

static const char *
body_of(const struct csn_route *route)
{
    static const struct {
        const char *operation, *body;
    } bodies[] = {
        {"createChallenge", "{\"device\":{\"id\":\"d\"}}"},
        {"startSession", "{\"device\":{\"id\":\"d\"}}"},
        {"createAccount", "{\"name\":\"n\"}"},
        {"createApiKey", "{\"name\":\"n\",\"roles\":[\"viewer\"]}"},
        {"createApp", "{\"name\":\"n\",\"preset\":\"generic\"}"},
        {"updateApp", "{\"name\":\"n\"}"},
        {"replacePolicy", "{\"preset\":\"generic\"}"},
        {"replaceEnforcement", "{\"mode\":\"monitor\"}"},
        {"createKey", "{\"generate\":true,\"algorithm\":\"HS256\"}"},
        {"changeKeyState", "{\"state\":\"retiring\",\"force\":true}"},
        {"setJwksUrl", "{\"url\":\"https://login.example/jwks\"}"},
        {"diagnoseToken", "{\"token\":\"x.y.z\"}"},
    };
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++)
        if (strcmp(route->operation, bodies[i].operation) == 0)
            return bodies[i].body;
    if (strcmp(route->operation, "refreshSession") == 0)
        return world_format(w, "{\"token\":\"%s\"}", credentials[TOKEN].text);
    return NULL;
}

static const char *
value_of(const struct csn_route *route, const char *name, const struct things *things)
{
    if (strncmp(name, "{app}", 5) == 0)
        return things->app;
    /* Appcues' account is an app by another name. */
    if (strncmp(name, "{account}", 9) == 0)
        return strncmp(route->path, "/v2/", 4) == 0 ? things->app : things->account;
    if (strncmp(name, "{key}", 5) == 0)
        return things->key;
    if (strncmp(name, "{customer}", 10) == 0)
        return things->customer;
    if (strncmp(name, "{apiKey}", 8) == 0)
        return things->api_key;
    if (strncmp(name, "{preset}", 8) == 0)
        return "generic";
    fail_msg("the matrix does not know the parameter %s", name);
    return NULL;
}

static const char *
target_of(const struct csn_route *route, const struct things *things)
{
    char text[512];
    size_t used = 0;
    for (const char *at = route->path; *at != '\0';) {
        if (*at != '{') {
            text[used++] = *at++;
            continue;
        }
        const char *value = value_of(route, at, things);
        used += (size_t)snprintf(text + used, sizeof text - used, "%s", value);
        at = strchr(at, '}') + 1;
    }
    const char *query = strcmp(route->operation, "deleteKey") == 0 ? "?force=true" : "";
    return world_format(w, "%.*s%s", (int)used, text, query);
}

static int
ask(const struct csn_route *route, const struct credential *who, const struct things *things)
{
    struct ask ask = {
        .method = route->method == CSN_METHOD_OTHER ? CSN_GET : route->method,
        .target = target_of(route, things),
        .bearer = who->kind == NOTHING ? NULL : who->text,
        .body = body_of(route),
    };
    return world_ask(w, &ask);
}

/* The answer, but for what is never twice the same. */
static void
answer_text(char *out, size_t cap)
{
    snprintf(out, cap, "%d\n%s\n%s", w->x.response.status, w->headers, w->body);
    for (char *at = out; (at = strstr(at, w->x.request_id)) != NULL;)
        memset(at, '#', CSN_ID_LENGTH);
}

/* --- what must hold --- */

static bool
has_role(enum csn_access access, const struct credential *who)
{
    switch (access) {
    case CSN_ACCESS_VIEWER: return who->roles != 0;
    case CSN_ACCESS_USER: return (who->roles & (CSN_ROLE_USER | CSN_ROLE_ADMIN)) != 0;
    case CSN_ACCESS_ADMIN: return (who->roles & CSN_ROLE_ADMIN) != 0;
    default: return (who->roles & CSN_ROLE_ADMIN) != 0 && who->where == ROOT_ACCOUNT;
    }
}

/* Returns: the path names something that lies behind a wall. */
static bool
names_something(const struct csn_route *route)
{
    return strchr(route->path, '{') != NULL && strstr(route->path, "{preset}") == NULL;
}

static bool
is_behind_wall(const struct csn_route *route, const struct credential *who)
{
    if (!names_something(route) || who->where == OWN)
        return false;
    bool of_app = route->app_param || strncmp(route->path, "/v2/", 4) == 0;
    if (who->where == OWN_APP_ONLY)
        return strstr(route->path, "{apiKey}") != NULL; /* that key is for the whole account */
    if (who->where == OTHER_APP_ONLY)
        return of_app || strstr(route->path, "{apiKey}") != NULL;
    /* Root sees every account, and inside none of them. */
    return who->where == OTHER_ACCOUNT || strstr(route->path, "/accounts/{account}") == NULL ||
           of_app;
}

/* Returns: what the status must be; 0: anything below 300 (allowed). */
static int
expected_status(const struct csn_route *route, const struct credential *who)
{
    switch (route->access) {
    case CSN_ACCESS_BEARER: return who->kind == BEARER && who->good ? 0 : 401;
    case CSN_ACCESS_GATEWAY:
        if (who->kind != BEARER || !who->good)
            return 401;
        return who->assurance == CSN_ASSURANCE_VERIFIED ? 0 : 403;
    case CSN_ACCESS_VIEWER:
    case CSN_ACCESS_USER:
    case CSN_ACCESS_ADMIN:
    case CSN_ACCESS_ROOT: break;
    default: fail_msg("%s has no access", route->operation);
    }
    if (who->kind != API_KEY || !who->good)
        return 401;
    if (route->app_param && is_behind_wall(route, who))
        return 404;
    if (!has_role(route->access, who))
        return 403;
    return is_behind_wall(route, who) ? 404 : 0;
}

/* Allowed by access, and yet the handler has a rule of its own, which the other tests hold. */
static bool
has_own_rule(const struct csn_route *route, const struct credential *who)
{
    const char *operation = route->operation;
    if (strcmp(operation, "refreshSession") == 0)
        return who->assurance != CSN_ASSURANCE_VERIFIED || who == &credentials[TOKEN];
    if (strcmp(operation, "createApp") == 0)
        return who->where == OWN_APP_ONLY || who->where == OTHER_APP_ONLY;
    if (strcmp(operation, "getAccount") == 0)
        return who->where == OWN_APP_ONLY || who->where == OTHER_APP_ONLY;
    return strcmp(operation, "kustomerGetSettings") == 0;
}

static void
check_wall(const struct csn_route *route, const struct credential *who)
{
    static char here[ANSWER_MAX], nowhere[ANSWER_MAX];
    static const struct things nothing = {NOBODY, NOBODY, NOBODY, NOBODY, NOBODY};
    answer_text(here, sizeof here);
    ask(route, who, &nothing);
    answer_text(nowhere, sizeof nowhere);
    if (strcmp(here, nowhere) != 0)
        fail_msg("%s, %s: not yours differs from not there:\n%s\n%s", route->operation, who->name,
                 here, nowhere);
}

/* An answer to a stranger must not name what is not theirs. */
static void
check_silence(const struct csn_route *route, const struct credential *who)
{
    if (who->where != OTHER_ACCOUNT || strncmp(route->path, "/api/v1/presets", 15) == 0)
        return;
    const char *const secrets[] = {own.account, own.app,   own.key, own.customer,
                                   own.api_key, other_app, "alice"};
    for (size_t i = 0; i < sizeof secrets / sizeof secrets[0]; i++)
        if (strstr(w->body, secrets[i]) != NULL)
            fail_msg("%s tells %s of %s", route->operation, who->name, secrets[i]);
}

static void
check(const struct csn_route *route, const struct credential *who)
{
    int status = ask(route, who, &own);
    int expected = expected_status(route, who);
    if (status == 500 || status == 503)
        fail_msg("%s, %s: %d", route->operation, who->name, status);
    if (expected == 0 && has_own_rule(route, who))
        return;
    bool as_expected = expected == 0 ? status < 300 : status == expected;
    if (!as_expected)
        fail_msg("%s, %s: %d instead of %d\n%s", route->operation, who->name, status, expected,
                 w->body);
    check_silence(route, who);
    if (status == 404)
        check_wall(route, who);
}

static bool
changes_something(const struct csn_route *route, const struct credential *who)
{
    return route->method != CSN_GET && route->method != CSN_METHOD_OTHER &&
           expected_status(route, who) == 0;
}

static void
allows_exactly_what_the_route_table_says(void **state)
{
    (void)state;
    make_world();
    unsigned checked = 0;
    for (size_t i = 0; i < csn_route_count(); i++) {
        const struct csn_route *route = csn_route_at(i);
        for (int c = 0; c < CREDENTIALS && route->access != CSN_ACCESS_PUBLIC; c++) {
            check(route, &credentials[c]);
            checked++;
            if (changes_something(route, &credentials[c]))
                make_world_again();
        }
    }
    world_close(w);
    print_message("%u cases\n", checked);
    assert_true(checked > 800);
}

/* Whoever calls a public endpoint, nothing changes by the credential: it answers what it answers,
 * and fails for no reason of ours. */
static void
answers_public_endpoints_whoever_calls(void **state)
{
    (void)state;
    make_world();
    for (size_t i = 0; i < csn_route_count(); i++) {
        const struct csn_route *route = csn_route_at(i);
        for (int c = 0; c < CREDENTIALS && route->access == CSN_ACCESS_PUBLIC; c++) {
            int status = ask(route, &credentials[c], &own);
            if (status >= 500 || status == 403 || status == 404)
                fail_msg("%s, %s: %d", route->operation, credentials[c].name, status);
            if (credentials[c].kind == API_KEY && strcmp(route->operation, "endSession") == 0)
                assert_int_equal(status, 401);
        }
    }
    world_close(w);
}

/* The admin of an app asks for things of another app under their own app's path. */
static void
hides_the_things_of_other_apps_under_ones_own_path(void **state)
{
    (void)state;
    make_world();
    struct things mixed = own;
    strcpy(mixed.key, foreign.key);
    strcpy(mixed.customer, foreign.customer);
    for (size_t i = 0; i < csn_route_count(); i++) {
        const struct csn_route *route = csn_route_at(i);
        bool names = strstr(route->path, "{key}") != NULL || strstr(route->path, "{customer}");
        if (!names || !route->app_param)
            continue;
        static char here[ANSWER_MAX], nowhere[ANSWER_MAX];
        assert_int_equal(ask(route, &credentials[OWN_ADMIN], &mixed), 404);
        answer_text(here, sizeof here);
        struct things nothing = own;
        strcpy(nothing.key, NOBODY);
        strcpy(nothing.customer, NOBODY);
        assert_int_equal(ask(route, &credentials[OWN_ADMIN], &nothing), 404);
        answer_text(nowhere, sizeof nowhere);
        assert_string_equal(here, nowhere);
    }
    world_close(w);
}

static void
gives_every_route_an_access(void **state)
{
    (void)state;
    for (size_t i = 0; i < csn_route_count(); i++) {
        const struct csn_route *route = csn_route_at(i);
        assert_int_not_equal(route->access, CSN_ACCESS_UNSET);
        assert_int_equal(route->app_param, strstr(route->path, "/apps/{app}") != NULL);
        assert_true(!route->browser || strncmp(route->path, "/sdk/", 5) == 0);
        bool management = strncmp(route->path, "/api/", 5) == 0;
        assert_true(!management || route->access >= CSN_ACCESS_VIEWER);
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(csn_route_at(j)->operation, route->operation);
    }
}

int
main(void)
{
    w = malloc(sizeof *w);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_every_route_an_access),
        cmocka_unit_test(allows_exactly_what_the_route_table_says),
        cmocka_unit_test(answers_public_endpoints_whoever_calls),
        cmocka_unit_test(hides_the_things_of_other_apps_under_ones_own_path),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    free(w);
    return failed;
}
