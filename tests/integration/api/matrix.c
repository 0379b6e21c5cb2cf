/* The world of the tenant matrix. See matrix.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "matrix.h"

#define OTHER_SECRET "the-secret-of-another-app-entirely-0123456789-abcdefghijkl-zyxwv"
#define ALL_ROLES (CSN_ROLE_ADMIN | CSN_ROLE_USER)

struct credential credentials[CREDENTIALS] = {
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

struct things own, foreign;
char other_app[32];

static struct world *w;

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
    assert_int_equal(world_post(w, bearer,
                                world_format(w, "/api/v1/apps/%s/broadcasts", things->app),
                                "{\"kind\":\"push\",\"body\":{}}"),
                     201);
    strcpy(things->broadcast, world_text(w, "id"));
    assert_int_equal(world_post(w, bearer,
                                world_format(w, "/api/v1/apps/%s/experiences", things->app),
                                "{\"name\":\"n\",\"content\":{}}"),
                     201);
    strcpy(things->experience, world_text(w, "id"));
    assert_int_equal(
        world_post(w, bearer, world_format(w, "/api/v1/apps/%s/webhooks", things->app),
                   "{\"url\":\"https://app.example/hook\",\"events\":[\"key.state_changed\"]}"),
        201);
    strcpy(things->webhook, world_text(w, "id"));
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

/* An anonymous customer whose link there is to undo. */
static void
link_somebody(void)
{
    static char session[1024];
    snprintf(session, sizeof session, "%s", world_login(w, own.app, "device-6", NULL));
    strcpy(own.anonymous, world_text(w, "customer.id"));
    assert_int_equal(world_post(w, NULL, world_format(w, "/sdk/v1/apps/%s/sessions", own.app),
                                world_format(w,
                                             "{\"device\":{\"id\":\"device-6\"},\"token\":\"%s\","
                                             "\"anonymous\":\"%s\"}",
                                             credentials[TOKEN].text, session)),
                     201);
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
    link_somebody();
    keep(OTHER_SESSION, world_login(w, other_app, "device-1", credentials[OTHER_TOKEN].text));
    keep(REVOKED_SESSION, world_login(w, own.app, "device-4", credentials[TOKEN].text));
    struct ask out = {.method = CSN_DELETE,
                      .target = world_format(w, "/sdk/v1/apps/%s/sessions/current", own.app),
                      .bearer = credentials[REVOKED_SESSION].text};
    assert_int_equal(world_ask(w, &out), 204);
    assert_non_null(world_login(w, foreign.app, "device-1", credentials[OTHER_TOKEN].text));
    strcpy(foreign.customer, world_text(w, "customer.id"));
    assert_non_null(world_login(w, foreign.app, "device-2", NULL));
    strcpy(foreign.anonymous, world_text(w, "customer.id"));
    int64_t now_ms = w->now_ms;
    w->now_ms -= 2000LL * 86400000;
    keep(EXPIRED_SESSION,
         world_login(w, own.app, "device-5", token_by(SECRET, w->now_ms + 600000)));
    w->now_ms = now_ms;
}

/* A failing token that is kept, for its owner to have it diagnosed. */
static void
make_failure(const char *admin, struct things *things)
{
    struct ask on = {.method = CSN_PATCH,
                     .target = world_format(w, "/api/v1/apps/%s", things->app),
                     .bearer = admin,
                     .body = "{\"evidence_until\":\"2026-11-23T00:00:00Z\"}"};
    assert_int_equal(world_ask(w, &on), 200);
    assert_int_equal(world_post(w, NULL, world_format(w, "/sdk/v1/apps/%s/sessions", things->app),
                                "{\"device\":{\"id\":\"d\"},\"token\":\"a.b.c\"}"),
                     401);
    world_flush(w);
    assert_int_equal(
        world_get(w, admin,
                  world_format(w, "/api/v1/apps/%s/failures?reason=malformed", things->app)),
        200);
    strcpy(things->failure, world_text(w, "items.0.evidence.0.id"));
}

void
matrix_open(struct world *world)
{
    w = world;
    world_open(w);
    csn_throttle_free(w->service.throttle);
    w->service.throttle = NULL; /* the matrix is one source of very many bad credentials */
    make_api_keys();
    make_strangers();
    make_bearers();
    make_failure(credentials[OWN_ADMIN].text, &own);
    make_failure(credentials[STRANGER_ADMIN].text, &foreign);
    w->now_ms += 3600000; /* now the short-lived ones have expired */
}

void
matrix_open_again(struct world *world)
{
    world_close(world);
    matrix_open(world);
}
