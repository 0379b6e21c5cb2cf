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
#include "matrix.h"

#include "server/domain/rights.h"

#define ANSWER_MAX (sizeof(struct world))

static struct world *w;

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
        {"sync", "{}"},
        {"addItem", "{\"kind\":\"note\",\"body\":{}}"},
        {"createExperience", "{\"name\":\"n\",\"content\":{}}"},
        {"updateExperience", "{\"priority\":1}"},
        {"createBroadcast", "{\"kind\":\"push\",\"body\":{}}"},
        {"setPushAddress", "{\"fcm\":{\"package\":\"p\",\"registration_id\":\"r\"}}"},
        {"updateOwnProfile", "{\"properties\":{\"plan\":\"gold\"}}"},
        {"updateProfile", "{\"properties\":{\"plan\":\"gold\"}}"},
        {"createWebhook", "{\"url\":\"https://app.example/hook\",\"events\":[\"item.received\"]}"},
        {"updateWebhook", "{\"events\":[\"item.received\"]}"},
        {"setPushKey", "{}"},
        {"diagnoseToken", "{\"token\":\"x.y.z\"}"},
        {"dryRunPolicy", "{\"policy\":{\"preset\":\"generic\"}}"},
        {"dryRunEnforcement", "{\"enforcement\":{\"mode\":\"required\"}}"},
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
    if (strncmp(name, "{anonymous}", 11) == 0)
        return things->anonymous;
    if (strncmp(name, "{webhook}", 9) == 0)
        return things->webhook;
    if (strncmp(name, "{apiKey}", 8) == 0)
        return things->api_key;
    if (strncmp(name, "{broadcast}", 11) == 0)
        return things->broadcast;
    if (strncmp(name, "{experience}", 12) == 0)
        return things->experience;
    if (strncmp(name, "{failure}", 9) == 0)
        return things->failure;
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
    if (strcmp(route->operation, "findTimeline") == 0)
        query = "?identity=alice";
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

/* What a bearer needs besides being good, by the assurance table (rights.h). UNSET: nothing. */
static enum csn_right
right_of(const struct csn_route *route)
{
    static const struct {
        const char *operation;
        enum csn_right right;
    } rights[] = {
        {"getOwnProfile", CSN_RIGHT_PROFILE},
        {"getExperiences", CSN_RIGHT_RECEIVE},
        {"setPushAddress", CSN_RIGHT_PUSH},
        {"removePushAddress", CSN_RIGHT_PUSH},
        {"updateOwnProfile", CSN_RIGHT_PROFILE},
        {"getPush", CSN_RIGHT_PUSH},
        {"sync", CSN_RIGHT_APPEND},
        {"followLog", CSN_RIGHT_RECEIVE},
    };
    for (size_t i = 0; i < sizeof rights / sizeof rights[0]; i++)
        if (strcmp(route->operation, rights[i].operation) == 0)
            return rights[i].right;
    return CSN_RIGHT_UNSET;
}

static int
expected_of_bearer(const struct csn_route *route, const struct credential *who)
{
    enum csn_right right = right_of(route);
    if (who->kind != BEARER || !who->good)
        return 401;
    return right == CSN_RIGHT_UNSET || csn_may(who->assurance, right) ? 0 : 403;
}

/* Returns: what the status must be; 0: anything below 300 (allowed). */
static int
expected_status(const struct csn_route *route, const struct credential *who)
{
    switch (route->access) {
    case CSN_ACCESS_BEARER: return expected_of_bearer(route, who);
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
    if (strstr(route->path, "/device/push") != NULL)
        return who == &credentials[TOKEN]; /* it must say its device */
    if (strcmp(operation, "createApp") == 0)
        return who->where == OWN_APP_ONLY || who->where == OTHER_APP_ONLY;
    if (strcmp(operation, "getAccount") == 0)
        return who->where == OWN_APP_ONLY || who->where == OTHER_APP_ONLY;
    if (strcmp(operation, "getErasure") == 0)
        return true;
    return strcmp(operation, "kustomerGetSettings") == 0;
}

static void
check_wall(const struct csn_route *route, const struct credential *who)
{
    static char here[ANSWER_MAX], nowhere[ANSWER_MAX];
    static const struct things nothing = {NOBODY, NOBODY, NOBODY, NOBODY, NOBODY,
                                          NOBODY, NOBODY, NOBODY, NOBODY, NOBODY};
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
    const char *const secrets[] = {own.account, own.app,     own.key,       own.customer,
                                   own.api_key, other_app,   own.broadcast, own.experience,
                                   own.failure, own.webhook, "alice"};
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
    matrix_open(w);
    unsigned checked = 0;
    for (size_t i = 0; i < csn_route_count(); i++) {
        const struct csn_route *route = csn_route_at(i);
        for (int c = 0; c < CREDENTIALS && route->access != CSN_ACCESS_PUBLIC; c++) {
            check(route, &credentials[c]);
            checked++;
            if (changes_something(route, &credentials[c]))
                matrix_open_again(w);
        }
    }
    world_close(w);
    print_message("%u cases\n", checked);
    assert_true(checked > 800);
}

/* --- a claim without a credential, where tokens are the bearer of every call --- */

static void
make_every_request_app(const char *mode, struct things *things)
{
    *things = own;
    const char *policy = "{\"name\":\"n\",\"policy\":{\"algorithms\":[\"HS256\"],"
                         "\"use\":\"every_request\"}}";
    assert_int_equal(world_post(w, credentials[OWN_ADMIN].text, "/api/v1/apps", policy), 201);
    strcpy(things->app, world_text(w, "id"));
    struct ask put = {.method = CSN_PUT,
                      .target = world_format(w, "/api/v1/apps/%s/enforcement", things->app),
                      .bearer = credentials[OWN_ADMIN].text,
                      .body = world_format(w, "{\"mode\":\"%s\"}", mode)};
    assert_int_equal(world_ask(w, &put), 200);
}

/* Returns: what the status must be; 0: anything below 300. */
static int
expected_of_claim(const struct csn_route *route, bool admitted)
{
    enum csn_right right = right_of(route);
    if (route->access != CSN_ACCESS_BEARER || !admitted)
        return 401;
    if (strcmp(route->operation, "refreshSession") == 0)
        return 409; /* it has no session */
    return right == CSN_RIGHT_UNSET || csn_may(CSN_ASSURANCE_CLAIMED, right) ? 0 : 403;
}

static void
lets_a_claim_do_what_the_assurance_table_says_and_nothing_else(void **state)
{
    (void)state;
    static const char *const modes[] = {"off", "monitor", "optional", "required"};
    matrix_open(w);
    for (size_t m = 0; m < 4; m++) {
        struct things things;
        make_every_request_app(modes[m], &things);
        for (size_t i = 0; i < csn_route_count(); i++) {
            const struct csn_route *route = csn_route_at(i);
            struct ask claim = {
                .method = route->method == CSN_METHOD_OTHER ? CSN_GET : route->method,
                .target = target_of(route, &things),
                .body = body_of(route),
                .headers = {"Countersign-Identity: bob", "Countersign-Device: device-9"}};
            if (route->access == CSN_ACCESS_PUBLIC)
                continue;
            int status = world_ask(w, &claim), expected = expected_of_claim(route, m < 3);
            if (expected == 0 ? status >= 300 : status != expected)
                fail_msg("%s, %s: %d instead of %d\n%s", modes[m], route->operation, status,
                         expected, w->body);
        }
    }
    world_close(w);
}

/* Whoever calls a public endpoint, nothing changes by the credential: it answers what it answers,
 * and fails for no reason of ours. */
static void
answers_public_endpoints_whoever_calls(void **state)
{
    (void)state;
    matrix_open(w);
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
    matrix_open(w);
    struct things mixed = own;
    strcpy(mixed.key, foreign.key);
    strcpy(mixed.customer, foreign.customer);
    strcpy(mixed.broadcast, foreign.broadcast);
    strcpy(mixed.experience, foreign.experience);
    strcpy(mixed.anonymous, foreign.anonymous);
    strcpy(mixed.failure, foreign.failure);
    strcpy(mixed.webhook, foreign.webhook);
    for (size_t i = 0; i < csn_route_count(); i++) {
        const struct csn_route *route = csn_route_at(i);
        bool names = strstr(route->path, "{key}") != NULL || strstr(route->path, "{customer}") ||
                     strstr(route->path, "{broadcast}") != NULL ||
                     strstr(route->path, "{experience}") != NULL ||
                     strstr(route->path, "{failure}") != NULL ||
                     strstr(route->path, "{webhook}") != NULL;
        if (!names || !route->app_param)
            continue;
        static char here[ANSWER_MAX], nowhere[ANSWER_MAX];
        assert_int_equal(ask(route, &credentials[OWN_ADMIN], &mixed), 404);
        answer_text(here, sizeof here);
        struct things nothing = own;
        strcpy(nothing.key, NOBODY);
        strcpy(nothing.customer, NOBODY);
        strcpy(nothing.broadcast, NOBODY);
        strcpy(nothing.experience, NOBODY);
        strcpy(nothing.anonymous, NOBODY);
        strcpy(nothing.failure, NOBODY);
        strcpy(nothing.webhook, NOBODY);
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
        cmocka_unit_test(lets_a_claim_do_what_the_assurance_table_says_and_nothing_else),
        cmocka_unit_test(answers_public_endpoints_whoever_calls),
        cmocka_unit_test(hides_the_things_of_other_apps_under_ones_own_path),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    free(w);
    return failed;
}
