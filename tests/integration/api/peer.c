/* See peer.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "peer.h"

const char *
path_of(const char *what)
{
    return world_format(w, "/sdk/v1/apps/%s/%s", app, what);
}

static void
on_pause(void *state)
{
    ((struct peer *)state)->paused = true;
}

static void
on_resume(void *state)
{
    ((struct peer *)state)->paused = false;
}

struct peer peers[3];

int
ask_stream(struct peer *peer, const char *bearer, const char *query, const char *header)
{
    *peer = (struct peer){0};
    struct ask ask = {.method = CSN_GET,
                      .target = path_of(world_format(w, "stream%s", query)),
                      .bearer = bearer,
                      .headers = {header},
                      .stream = &peer->stream};
    int status = world_ask(w, &ask);
    if (peer->stream != NULL)
        csn_live_carry(peer->stream, &(struct csn_live_carrier){on_pause, on_resume, peer});
    return status;
}

const char *
listen_to(struct peer *peer)
{
    enum csn_live_step step = CSN_LIVE_TAKEN;
    size_t have = 0;
    while (!peer->paused && step != CSN_LIVE_OVER) {
        size_t len = 0;
        bool page = false;
        step =
            csn_live_take(peer->stream, peer->got + have, sizeof peer->got - have - 1, &len, &page);
        have += len;
    }
    peer->got[have] = '\0';
    return peer->got;
}

const char *
hang_up(struct peer *peer)
{
    const char *last = listen_to(peer);
    if (peer->paused) {
        csn_live_drain(w->service.live);
        last = listen_to(peer);
    }
    csn_live_close(peer->stream);
    peer->stream = NULL;
    return last;
}

void
open_at(struct peer *peer, const char *bearer, const char *query)
{
    assert_int_equal(ask_stream(peer, bearer, query, NULL), 200);
    assert_non_null(peer->stream);
}

int
append(const char *bearer, const char *id)
{
    return world_post(
        w, bearer, path_of("sync"),
        world_format(w, "{\"items\":[{\"id\":\"%s\",\"kind\":\"event\",\"body\":{\"n\":\n1}}]}",
                     id));
}

const char *
login_on(const char *device, const char *sub)
{
    return strdup(world_login(w, app, device, sub != NULL ? world_token_for(w, sub) : NULL));
}

unsigned
count(const char *text, const char *part)
{
    unsigned found = 0;
    for (text = strstr(text, part); text != NULL; text = strstr(text + 1, part))
        found++;
    return found;
}
