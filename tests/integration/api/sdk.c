/* What the tests of login and sessions share. See sdk.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "sdk.h"

const char *app, *sessions, *current;

int
sdk_setup(void **state)
{
    world_setup(state);
    app = strdup(world_app(w, w->admin, "\"preset\":\"generic\"", "HS256"));
    sessions = strdup(world_format(w, "/sdk/v1/apps/%s/sessions", app));
    current = strdup(world_format(w, "/sdk/v1/apps/%s/sessions/current", app));
    return 0;
}

int
sdk_teardown(void **state)
{
    free((void *)app);
    free((void *)sessions);
    free((void *)current);
    return world_teardown(state);
}

int
sdk_start(const char *bearer, const char *members)
{
    return world_post(w, bearer, sessions, world_format(w, "{\"device\":" DEVICE "%s}", members));
}

int
sdk_start_with(const char *token)
{
    return sdk_start(NULL, world_format(w, ",\"token\":\"%s\"", token));
}

const char *
sdk_login(const char *sub)
{
    return world_login(w, app, "device-1", world_token_for(w, sub));
}

void
sdk_enforce(const char *mode)
{
    struct ask ask = {.method = CSN_PUT,
                      .target = world_format(w, "/api/v1/apps/%s/enforcement", app),
                      .bearer = w->admin,
                      .body = world_format(w, "{\"mode\":\"%s\"}", mode)};
    assert_int_equal(world_ask(w, &ask), 200);
}

int
sdk_logout(const char *bearer, const char *body)
{
    return world_ask(
        w, &(struct ask){.method = CSN_DELETE, .target = current, .bearer = bearer, .body = body});
}

int
sdk_refresh(const char *bearer, const char *token)
{
    return world_ask(w, &(struct ask){.method = CSN_PATCH,
                                      .target = current,
                                      .bearer = bearer,
                                      .body = world_format(w, "{\"token\":\"%s\"}", token)});
}

const char *
sdk_login_on(const char *device, const char *sub)
{
    return strdup(world_login(w, app, device, sub != NULL ? world_token_for(w, sub) : NULL));
}

/* --- the log --- */

int
sdk_sync(const char *bearer, const char *body)
{
    return world_post(w, bearer, world_format(w, "/sdk/v1/apps/%s/sync", app), body);
}

const char *
sdk_event(const char *id)
{
    return world_format(w, "{\"id\":\"%s\",\"kind\":\"event\",\"body\":{\"name\":\"%s\"}}", id, id);
}

int
sdk_append(const char *bearer, const char *id)
{
    return sdk_sync(bearer, world_format(w, "{\"items\":[%s]}", sdk_event(id)));
}

bool
sdk_got(const char *ids)
{
    char text[1024] = "";
    const struct csn_json_node *items = world_node(w, "items");
    for (const struct csn_json_node *i = items->first; i != NULL; i = i->next) {
        struct csn_bytes id;
        assert_true(csn_json_get_text(i, "id", &id));
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%.*s", *text ? " " : "",
                 (int)id.len, (const char *)id.ptr);
    }
    return strcmp(text, ids) == 0;
}
