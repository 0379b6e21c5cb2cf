/* The life of an app in which every changing call meets a failing store first: whichever step
 * fails, nothing has changed; then the same call, undisturbed, is done.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "sdk.h"

#include "server/api/route.h"
#include "server/store/sqlite.h"

#define STEPS_MIN 4 /* of one call: a savepoint, a write, release, commit */
#define STEPS_MAX 400
#define P256DH                                                                                     \
    "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
#define AUTH "BTBZMqHH6r4Tts7J_aSIgg"

/* --- the state of the database, as one number --- */

static uint64_t
mix(uint64_t hash, const void *bytes, size_t len)
{
    const uint8_t *at = bytes;
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ at[i]) * 0x100000001B3u;
    return hash;
}

static uint64_t
rows_of(const char *sql, uint64_t hash, void (*each)(const char *name, uint64_t *hash))
{
    sqlite3_stmt *rows = NULL;
    assert_int_equal(SQLITE_OK, sqlite3_prepare_v2(w->service.store->db, sql, -1, &rows, NULL));
    while (sqlite3_step(rows) == SQLITE_ROW) {
        if (each != NULL)
            each((const char *)sqlite3_column_text(rows, 0), &hash);
        for (int i = 0; i < sqlite3_column_count(rows); i++) {
            const void *value = sqlite3_column_blob(rows, i);
            hash = mix(hash, value, (size_t)sqlite3_column_bytes(rows, i));
            hash = mix(hash, "|", 1);
        }
    }
    sqlite3_finalize(rows);
    return hash;
}

static void
add_table(const char *name, uint64_t *hash)
{
    char sql[96];
    snprintf(sql, sizeof sql, "SELECT * FROM %s", name);
    *hash = rows_of(sql, *hash, NULL);
}

static uint64_t
fingerprint(void)
{
    return rows_of("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE "
                   "'sqlite_%' ORDER BY name",
                   0xCBF29CE484222325u, add_table);
}

/* --- a call that meets the fault --- */

struct fault {
    int step, at; /* fails at this step, */
    bool stays;   /* and at every one after it */
};

static bool
strikes(void *state)
{
    struct fault *fault = state;
    fault->step++;
    return fault->step == fault->at || (fault->stays && fault->step > fault->at);
}

static const char *tested[128]; /* operations */
static size_t tested_count;

/* Returns: the fault was not reached, so every step has had its turn, and the call is done. */
static bool
try_at(const struct ask *ask, struct fault fault, int expected)
{
    uint64_t before = fingerprint();
    w->service.store->fault_state = &fault;
    w->service.store->fault = strikes;
    int status = world_ask(w, ask);
    w->service.store->fault = NULL;
    if (fault.step < fault.at) {
        if (status != expected)
            print_error("%s: %d %s\n", ask->target, status, w->body);
        assert_int_equal(status, expected);
        return true;
    }
    if (status != 503 || fingerprint() != before)
        print_error("%s: step %d%s: %d\n", ask->target, fault.at, fault.stays ? " and on" : "",
                    status);
    assert_int_equal(status, 503);
    assert_true(fingerprint() == before);
    return false;
}

/* The call, `operation`, whatever fails: it is done once in the end, with `expected`. */
static void
steadily(const char *operation, const struct ask *ask, int expected)
{
    int at = 0;
    bool done = false;
    assert_true(tested_count < sizeof tested / sizeof tested[0]);
    tested[tested_count++] = operation;
    while (!done) {
        at++;
        done = try_at(ask, (struct fault){.at = at, .stays = true}, expected) ||
               try_at(ask, (struct fault){.at = at}, expected);
        assert_true(at < STEPS_MAX);
    }
    assert_true(at > STEPS_MIN);
}

/* --- who calls --- */

static char base[64]; /* of the app's management */

static void
manage(const char *operation, enum csn_method method, const char *path, const char *body,
       int expected)
{
    char target[512];
    snprintf(target, sizeof target, "%s%s", path[0] == '!' ? "/api/v1" : base,
             path[0] == '!' ? path + 1 : path);
    steadily(operation,
             &(struct ask){.method = method, .target = target, .bearer = w->admin, .body = body},
             expected);
}

static void
call(const char *operation, enum csn_method method, const char *path, const char *bearer,
     const char *body, int expected)
{
    char target[256];
    snprintf(target, sizeof target, "/sdk/v1/apps/%s/%s", app, path);
    steadily(operation,
             &(struct ask){.method = method, .target = target, .bearer = bearer, .body = body},
             expected);
}

static const char *
kept(const char *path)
{
    assert_non_null(world_text(w, path));
    return strdup(world_text(w, path));
}

static const char *
under(const char *folder, const char *id, const char *rest)
{
    return world_format(w, "/%s/%s%s", folder, id, rest);
}

/* --- chapters --- */

static void
an_owner_sets_up(void)
{
    manage("createAccount", CSN_POST, "!/accounts", "{\"name\":\"shop\"}", 201);
    manage("createApiKey", CSN_POST, "!/api-keys", "{\"name\":\"k\",\"roles\":[\"viewer\"]}", 201);
    const char *key = kept("key");
    manage("revokeApiKey", CSN_DELETE, world_format(w, "!/api-keys/%s", key), NULL, 204);
    manage("createApp", CSN_POST, "!/apps", "{\"name\":\"other\",\"preset\":\"generic\"}", 201);
    const char *other = kept("id");
    manage("deleteApp", CSN_DELETE, world_format(w, "!/apps/%s", other), NULL, 204);
    manage("updateApp", CSN_PATCH, "", "{\"retention_days\":30}", 200);
    manage("replacePolicy", CSN_PUT, "/policy", "{\"preset\":\"generic\"}", 200);
    manage("replaceEnforcement", CSN_PUT, "/enforcement", "{\"mode\":\"optional\"}", 200);
    manage("createKey", CSN_POST, "/keys", "{\"generate\":true,\"algorithm\":\"HS256\"}", 201);
    const char *second = kept("id");
    manage("changeKeyState", CSN_PATCH, under("keys", second, ""),
           "{\"state\":\"retiring\",\"force\":true}", 200);
    manage("revokeKeySessions", CSN_POST, under("keys", second, "/revoke-sessions"), NULL, 200);
    manage("deleteKey", CSN_DELETE, under("keys", second, "?force=true"), NULL, 204);
    manage("setJwksUrl", CSN_PUT, "/jwks", "{\"url\":\"https://keys.example/jwks\"}", 204);
    manage("removeJwksUrl", CSN_DELETE, "/jwks", NULL, 204);
    manage("setPushKey", CSN_PUT, "/push-key", "{}", 200);
    free((void *)key), free((void *)other), free((void *)second);
}

static void
webhooks_come_and_change(void)
{
    manage(
        "createWebhook", CSN_POST, "/webhooks",
        "{\"url\":\"https://hook.example/\",\"events\":[\"customer.created\",\"customer.linked\","
        "\"customer.unlinked\",\"customer.erased\",\"session.started\",\"session.ended\","
        "\"item.received\",\"push.send\"]}",
        201);
    const char *webhook = kept("id");
    manage("updateWebhook", CSN_PATCH, under("webhooks", webhook, ""), "{\"bodies\":true}", 200);
    manage("rotateWebhookSecret", CSN_POST, under("webhooks", webhook, "/rotate"), NULL, 200);
    manage("testWebhook", CSN_POST, under("webhooks", webhook, "/test"), NULL, 202);
    free((void *)webhook);
}

static const char *
a_visitor_becomes_a_customer(void)
{
    call("createChallenge", CSN_POST, "challenge", NULL, "{\"device\":" DEVICE "}", 201);
    call("startSession", CSN_POST, "sessions", NULL, "{\"device\":" DEVICE "}", 201);
    const char *visitor = kept("session.token");
    call("sync", CSN_POST, "sync", visitor,
         "{\"items\":[{\"id\":\"a\",\"kind\":\"event\",\"body\":{}},"
         "{\"id\":\"b\",\"kind\":\"message\",\"body\":{}}]}",
         200);
    const char *login =
        strdup(world_format(w, "{\"device\":" DEVICE ",\"anonymous\":\"%s\",\"token\":\"%s\"}",
                            visitor, world_token_for(w, "alice")));
    call("startSession", CSN_POST, "sessions", NULL, login, 201);
    assert_int_equal(world_int(w, "linked.items"), 2);
    const char *alice = kept("session.token");
    w->now_ms += 1000;
    call("refreshSession", CSN_PATCH, "sessions/current", alice,
         world_format(w, "{\"token\":\"%s\"}", world_token_for(w, "alice")), 200);
    free((void *)visitor), free((void *)login), free((void *)alice);
    return kept("session.token");
}

static void
she_is_reached(const char *alice, const char *id)
{
    call("setPushAddress", CSN_PUT, "device/push", alice,
         "{\"web_push\":{\"endpoint\":\"https://push.example/1\",\"p256dh\":\"" P256DH
         "\",\"auth\":\"" AUTH "\"}}",
         204);
    call("updateOwnProfile", CSN_PATCH, "profile", alice, "{\"properties\":{\"plan\":\"gold\"}}",
         200);
    manage("updateProfile", CSN_PATCH, under("customers", id, "/profile"),
           "{\"email\":\"alice@example.com\"}", 200);
    manage("addItem", CSN_POST, under("customers", id, "/items"),
           "{\"kind\":\"push\",\"id\":\"p\",\"body\":{}}", 201);
    call("sync", CSN_POST, "sync", alice,
         "{\"items\":[{\"id\":\"c\",\"kind\":\"event\",\"body\":1}]}", 200);
    manage("createExperience", CSN_POST, "/experiences", "{\"name\":\"x\",\"content\":{}}", 201);
    const char *experience = kept("id");
    manage("updateExperience", CSN_PATCH, under("experiences", experience, ""), "{\"priority\":3}",
           200);
    manage("deleteExperience", CSN_DELETE, under("experiences", experience, ""), NULL, 204);
    manage("createBroadcast", CSN_POST, "/broadcasts", "{\"kind\":\"push\",\"body\":{}}", 201);
    const char *broadcast = kept("id");
    manage("withdrawBroadcast", CSN_DELETE, under("broadcasts", broadcast, ""), NULL, 204);
    call("removePushAddress", CSN_DELETE, "device/push", alice, NULL, 204);
    free((void *)experience), free((void *)broadcast);
}

static void
the_owner_mends_links(const char *id)
{
    const char *visitor = sdk_login_on("device-2", NULL);
    const char *anonymous = kept("customer.id");
    assert_int_equal(sdk_append(visitor, "d"), 200);
    const char *link = strdup(world_format(w, "/customers/%s/links/%s", id, anonymous));
    manage("linkCustomer", CSN_PUT, link, NULL, 200);
    manage("unlinkCustomer", CSN_DELETE, link, NULL, 200);
    free((void *)visitor), free((void *)anonymous), free((void *)link);
}

static void
and_all_ends(const char *alice, const char *id)
{
    call("endSession", CSN_DELETE, "sessions/current", alice, NULL, 204);
    manage("revokeCustomer", CSN_POST, under("customers", id, "/revoke"), NULL, 204);
    manage("eraseCustomer", CSN_DELETE, under("customers", id, ""), NULL, 200);
    manage("removePushKey", CSN_DELETE, "/push-key", NULL, 204);
    assert_int_equal(world_get(w, w->admin, world_format(w, "%s/webhooks", base)), 200);
    const char *webhook = kept("items.0.id");
    manage("deleteWebhook", CSN_DELETE, under("webhooks", webhook, ""), NULL, 204);
    manage("deleteApp", CSN_DELETE, "", NULL, 204);
    free((void *)webhook);
}

/* --- */

static bool
was_tested(const char *operation)
{
    bool found = false;
    for (size_t i = 0; i < tested_count && !found; i++)
        found = strcmp(tested[i], operation) == 0;
    return found;
}

/* Those that change nothing, and those whose own tests do what is done here. */
static bool
is_left_out(const struct csn_route *route)
{
    bool reads = route->method == CSN_GET || strstr(route->path, "/dry-run") != NULL ||
                 strcmp(route->operation, "diagnoseToken") == 0 ||
                 strcmp(route->operation, "verifyForGateway") == 0;
    bool dialect = strncmp(route->path, "/v1/", 4) == 0 || strncmp(route->path, "/v2/", 4) == 0;
    return reads || dialect;
}

static void
is_lived_whole_whichever_step_of_the_store_fails(void **state)
{
    (void)state;
    snprintf(base, sizeof base, "/api/v1/apps/%s", app);
    an_owner_sets_up();
    webhooks_come_and_change();
    const char *alice = a_visitor_becomes_a_customer();
    const char *id = kept("customer.id");
    she_is_reached(alice, id);
    the_owner_mends_links(id);
    and_all_ends(alice, id);
    for (size_t i = 0; i < csn_route_count(); i++) {
        const struct csn_route *route = csn_route_at(i);
        if (!is_left_out(route) && !was_tested(route->operation))
            fail_msg("%s was not tested", route->operation);
    }
    free((void *)alice), free((void *)id);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(
        is_lived_whole_whichever_step_of_the_store_fails, sdk_setup, sdk_teardown)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
