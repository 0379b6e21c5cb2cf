/* What the tests of login and sessions share. See sdk.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "sdk.h"

struct world *w;
const char *app, *sessions, *current;

int
sdk_setup(void **state)
{
    (void)state;
    w = malloc(sizeof *w);
    world_open(w);
    app = strdup(world_app(w, w->admin, "\"preset\":\"generic\"", "HS256"));
    sessions = strdup(world_format(w, "/sdk/v1/apps/%s/sessions", app));
    current = strdup(world_format(w, "/sdk/v1/apps/%s/sessions/current", app));
    return 0;
}

int
sdk_teardown(void **state)
{
    (void)state;
    free((void *)app);
    free((void *)sessions);
    free((void *)current);
    world_close(w);
    free(w);
    return 0;
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
